"""Every published row of an engine is tested somewhere, or it is said why not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

HERE: Final = Path(__file__).parent
ROWS: Final = {"costbenefit": 74, "ranking": 50}


def told(engine: str) -> dict[str, Any]:
    """Which file carries which rows, and why the others are carried by none."""
    return tomllib.loads((HERE / f"{engine}_not_asserted.toml").read_text(encoding="utf-8"))


CARRIED: Final[list[tuple[str, list[str]]]] = [
    (name, rows) for engine in ROWS for name, rows in sorted(told(engine)["carried"].items())
]


@pytest.mark.parametrize("engine", sorted(ROWS))
def test_each_row_stands_in_one_place(engine: str) -> None:
    table = told(engine)
    rows = [row for each in table["carried"].values() for row in each] + list(table["not_asserted"])
    assert sorted({row for row in rows if rows.count(row) > 1}) == []
    assert len(rows) == ROWS[engine]


@pytest.mark.parametrize("name, rows", CARRIED, ids=[name for name, _ in CARRIED])
def test_each_test_names_the_rows_that_it_carries(name: str, rows: list[str]) -> None:
    test = (HERE / name).read_text(encoding="utf-8")
    data = (HERE / file for file in re.findall(r"\w+\.(?:csv|toml)", test))
    text = test + "".join(file.read_text(encoding="utf-8") for file in data if file.is_file())
    assert [row for row in rows if not re.search(rf"\b{row}\b", text)] == []


@pytest.mark.parametrize("engine", sorted(ROWS))
def test_each_reason_says_something(engine: str) -> None:
    reasons = told(engine)["not_asserted"]
    assert [row for row, reason in reasons.items() if len(reason) < 20] == []
