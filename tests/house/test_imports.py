"""Importing is cheap: an engine loads NumPy and pydantic, and nothing heavier."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

HEAVY: Final = frozenset(
    {
        "duckdb",
        "matplotlib",
        "narwhals",
        "pandas",
        "pint",
        "polars",
        "pyarrow",
        "pyspark",
        "rich",
        "scipy",
        "typer",
    }
)


def loaded_by(statement: str) -> frozenset[str]:
    """Return the top level modules that a fresh interpreter has after `statement`."""
    program = f"{statement}\nimport sys\nprint(*sorted(m for m in sys.modules if '.' not in m))"
    # -I keeps the caller's environment and folder from loading anything of their own.
    answer = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return frozenset(answer.stdout.split())


@pytest.mark.parametrize("module", ["opsafe", "opsafe.mme"])
def test_importing_an_engine_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") & HEAVY == frozenset()


def test_importing_the_package_loads_no_engine_and_no_numpy() -> None:
    loaded = loaded_by("import opsafe, sys; assert 'opsafe.mme' not in sys.modules")
    assert "numpy" not in loaded
    assert "pydantic" not in loaded
