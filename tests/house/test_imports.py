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
        "numba",
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


@pytest.mark.parametrize(
    "module",
    [
        "opsafe",
        "opsafe.mme",
        "opsafe.oud",
        "opsafe.workforce",
        "opsafe.costbenefit",
        "opsafe.ranking",
    ],
)
def test_importing_an_engine_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") & HEAVY == frozenset()


def test_importing_the_package_loads_no_engine_and_no_numpy() -> None:
    loaded = loaded_by("import opsafe, sys; assert 'opsafe.mme' not in sys.modules")
    assert "numpy" not in loaded
    assert "pydantic" not in loaded


FILL: Final = {
    "member_id": "A",
    "fill_date": "2025-01-01",
    "ingredient": "oxycodone",
    "route": "oral",
    "strength": "10 mg",
    "quantity": 120,
    "days_supply": 30,
}
# An import of these fails as if the library were not installed.
ABSENCE: Final = """
import sys

class Absent:
    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

"""


@pytest.mark.parametrize("library", ["polars", "pyarrow", "pandas", "records"])
def test_a_table_of_one_library_needs_no_other(library: str) -> None:
    absent = HEAVY - {library, "narwhals"}
    table = {
        "polars": "import polars; fills = polars.DataFrame(fills)",
        "pyarrow": "import pyarrow; fills = pyarrow.Table.from_pylist(fills)",
        "pandas": "import pandas; fills = pandas.DataFrame(fills)",
        "records": "",
    }
    program = (
        f"{ABSENCE}sys.meta_path.insert(0, Absent({sorted(absent)!r}))\n"
        f"fills = [{FILL!r}]\n{table[library]}\n"
        "from opsafe import mme\n"
        "found = mme.exposure(fills, edition='cdc-2022', segments=True, contributions=True)\n"
        "print(len(found.members), len(found.segments), len(found.set_aside))"
    )
    answer = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert answer.stdout.split() == ["1", "1", "0"], answer.stderr
