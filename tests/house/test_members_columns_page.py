"""The page of columns describes every column that `mme.exposure` returns, and no other."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opsafe import mme
from opsafe.columns import Columns

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "members-columns.md"
TABLES = (
    "members",
    "set_aside",
    "flags",
    "not_opioid",
    "excluded",
    "segments",
    "contributions",
)


def described(table: str) -> dict[str, tuple[str, str, str]]:
    """Return unit, null rule and description of each column of a table on the page."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"(?ms)^## {table}\n(.*?)(?=^## |\Z)", text)
    assert section is not None, f"no section {table}"
    found = {}
    for name, body in re.findall(r"(?m)^`(\w+)`\n: (.+\n(?:  .+\n)*)", section[1]):
        parts = re.fullmatch(r"\*(.+?); null: (.+?)\.\* (.+\.)", " ".join(body.split()))
        assert parts is not None, name
        found[name] = (parts[1], parts[2], parts[3])
    return found


def result() -> mme.Exposure:
    fill: dict[str, Any] = {
        "member_id": "A",
        "fill_date": date(2025, 1, 1),
        "ingredient": "oxycodone",
        "route": "oral",
        "strength": "10 mg",
        "quantity": 180,
        "days_supply": 30,
    }
    return mme.exposure(
        [fill],
        edition="cdc-2022",
        more_than=(90,),
        segments=True,
        contributions=True,
    )


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_its_unit_null_rule_and_sentence_in_order(table: str) -> None:
    columns = getattr(result(), table)
    assert isinstance(columns, Columns)
    assert list(described(table)) == list(columns.keys())


def test_every_table_of_the_result_has_its_section() -> None:
    shown = re.findall(r"(?m)^## (\w+)$", PAGE.read_text(encoding="utf-8"))
    held = [name for name, value in vars_of(result()).items() if isinstance(value, Columns)]
    assert sorted(shown) == sorted(held)


def vars_of(exposure: mme.Exposure) -> dict[str, Any]:
    """Return the public attributes of a result."""
    names = (name for name in exposure.__dataclass_fields__ if not name.startswith("_"))
    return {name: getattr(exposure, name) for name in names}
