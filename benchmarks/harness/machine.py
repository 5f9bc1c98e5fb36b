"""What a figure was measured on: without it, seconds mean nothing."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import opsafe

__all__ = ["machine", "sentence"]

LIBRARIES: Final = ("numpy", "pyarrow", "polars", "duckdb", "pandas", "pyspark", "numba")


def machine() -> dict[str, Any]:
    """Describe the machine, without its name, and the versions of what runs on it."""
    versions = {"opsafe": opsafe.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _field("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(_field("/proc/meminfo", "MemTotal").split()[0] or 0) / 2**20),
        "system": platform.system(),
        "versions": versions,
        "load_before": round(os.getloadavg()[0], 2),
    }


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return "0"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0")


def sentence(found: dict[str, Any]) -> str:
    """Return the description in words."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return (
        f"{found['cores']} cores of {found['processor']}, {found['memory_gb']} GB, "
        f"{found['system']}; {versions}; load {found['load_before']} before the start"
    )
