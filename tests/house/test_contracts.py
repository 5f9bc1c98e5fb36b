"""Imports flow one way: import-linter says so, and notices when they do not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LINT_IMPORTS: Final = Path(sys.executable).with_name("lint-imports")


def lint_imports(source: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of pyproject.toml over the package in the folder `source`."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept() -> None:
    answer = lint_imports(ROOT / "src")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "module, forbidden, contract",
    [
        ("errors.py", "import opsafe.columns", "Rings"),
        ("units.py", "import opsafe.mme", "Rings"),
        ("mme/_kernel.py", "import pydantic", "Kernels"),
        ("mme/_kernel.py", "import datetime", "Kernels"),
        ("mme/__init__.py", "def late():\n    import pandas", "Engines"),
    ],
)
def test_a_broken_contract_is_named(
    tmp_path: Path, module: str, forbidden: str, contract: str
) -> None:
    package = tmp_path / "opsafe"
    shutil.copytree(ROOT / "src" / "opsafe", package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{forbidden}\n")
    answer = lint_imports(tmp_path)
    broken = [line for line in answer.stdout.splitlines() if line.endswith("BROKEN")]
    assert answer.returncode == 1
    assert any(line.startswith(contract) for line in broken), answer.stdout + answer.stderr


def test_a_module_without_a_ring_is_named(tmp_path: Path) -> None:
    package = tmp_path / "opsafe"
    shutil.copytree(ROOT / "src" / "opsafe", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "stray.py").touch()
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1
    assert "opsafe.stray" in answer.stdout


def test_no_contract_makes_an_exception() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
