"""Every published row of the ranking engine is tested somewhere, or it is said why not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
TABLE: Final = tomllib.loads((HERE / "ranking_not_asserted.toml").read_text(encoding="utf-8"))
CARRIED: Final[dict[str, list[str]]] = TABLE["carried"]
NOT_ASSERTED: Final[dict[str, str]] = TABLE["not_asserted"]


def test_each_row_stands_in_one_place() -> None:
    rows = [row for each in CARRIED.values() for row in each] + list(NOT_ASSERTED)
    assert sorted({row for row in rows if rows.count(row) > 1}) == []
    assert len(rows) == 50


@pytest.mark.parametrize("name", sorted(CARRIED))
def test_each_test_names_the_rows_that_it_carries(name: str) -> None:
    test = (HERE / name).read_text(encoding="utf-8")
    data = (HERE / file for file in re.findall(r"\w+\.(?:csv|toml)", test))
    text = test + "".join(file.read_text(encoding="utf-8") for file in data if file.is_file())
    missing = [row for row in CARRIED[name] if not re.search(rf"\b{row}\b", text)]
    assert missing == []


def test_each_reason_says_something() -> None:
    assert [row for row, reason in NOT_ASSERTED.items() if len(reason) < 20] == []
