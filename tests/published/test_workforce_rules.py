"""Published rules on the patient limit: each row gives its limit on its day.

A row of `workforce_rules.csv` is one practitioner on one day, with the address of the rule. Empty
years are not stated, an empty limit is none; `not_asserted_because` says why a row is only shown.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe.workforce.patient_limit import patient_limit

ROWS: Final = list(
    csv.DictReader(
        Path(__file__).with_name("workforce_rules.csv").read_text(encoding="utf-8").splitlines()
    )
)
ASKED: Final = [row for row in ROWS if not row["not_asserted_because"]]


def test_every_row_is_asked_or_shown() -> None:
    assert [row["id"] for row in ASKED] == ["RULE-2016", "RULE-2017np", "RULE-2018", "RULE-2023"]
    assert [row["id"] for row in ROWS if row not in ASKED] == ["RULE-P8"]


@pytest.mark.parametrize("row", ASKED, ids=[row["id"] for row in ASKED])
def test_published_limit_of_the_day(row: dict[str, str]) -> None:
    who: Any = row["practitioner"]
    found = patient_limit(
        row["on"],
        who,
        years_since_notice=float(row["years_since_notice"]) if row["years_since_notice"] else None,
        years_at_100=float(row["years_at_100"]),
        certified=row["certified"] == "yes",
    )
    assert found.limit == (int(row["limit"]) if row["limit"] else None)
    assert found.waiver_required == (row["waiver_required"] == "yes")
