"""Published answers on criteria, remission and codes: every row passes as far as it may assert.

`oud_oracle.csv` has a row for each answer with its source. Rows marked derived follow a published
rule; `assert_only` limits what a row may assert, and `prior_severity` belongs to the input. In rows
on remission a1 to a11 are what was present during the remission, not in the 12 months before.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from opsafe import oud
from opsafe.oud.states import Remission, Severity
from tests import oud_twin

Row: TypeAlias = dict[str, str]

ROWS: Final[list[Row]] = list(
    csv.DictReader(
        Path(__file__).with_name("oud_oracle.csv").read_text(encoding="utf-8").splitlines()
    )
)
ANSWERS: Final = {"y": True, "n": False, "u": None, "": None}
AS_OF: Final = date(2026, 6, 15)
PRIOR: Final = {
    "mild": "mild",
    "moderate_or_severe": oud.Bounds(Severity.MODERATE, Severity.SEVERE),
    "": None,
}
ON_REMISSION: Final = [row for row in ROWS if row["full_criteria_ever"]]
FOR_SHOW: Final = [row for row in ROWS if row["assert_only"].startswith("nothing")]
COUNTED: Final = [
    row
    for row in ROWS
    if row["kind"] != "aggregate" and row not in ON_REMISSION and row not in FOR_SHOW
]


def answers_of(row: Row) -> dict[str, bool | None]:
    return {f"A{number}": ANSWERS[row[f"a{number}"]] for number in range(1, 12)}


def expect_code(codes: tuple[str, ...], expected: str) -> None:
    """One code, none, or not settled: then never exactly one."""
    if expected == "undetermined":
        assert len(codes) != 1
    else:
        assert codes == ((expected,) if expected else ())


def test_every_row_is_asked_or_shown() -> None:
    aggregates = [row for row in ROWS if row["kind"] == "aggregate"]
    assert len(aggregates) + len(ON_REMISSION) + len(FOR_SHOW) + len(COUNTED) == len(ROWS)
    assert len(COUNTED) == 45 and len(ON_REMISSION) == 6


@pytest.mark.parametrize("row", COUNTED, ids=[row["case_id"] for row in COUNTED])
def test_counts_bands_and_codes(row: Row) -> None:
    found = oud.score(
        answers_of(row),
        edition="dsm-5-tr" if row["scheme"] == "DSM-5-TR" else "dsm-5",
        solely_supervised=ANSWERS[row["sole_supervised"]],
        impairment_or_distress=ANSWERS[row["impairment_or_distress"]],
        comorbid=None if row["comorbid_state"] == "none" else row["comorbid_state"],
    )
    assert found.criteria_met == oud.Bounds(
        int(row["expect_count_min"]), int(row["expect_count_max"])
    )
    assert found.severity.lower.word == row["expect_band_min"]
    assert found.severity.upper.word == row["expect_band_max"]
    expect_code(found.candidate_icd10cm, row["expect_icd10cm"])


def stated(row: Row) -> date:
    """The day on which the last criterion was true, so many months before the assessment."""
    months = Fraction(row["months_since_last_non_craving_criterion"])
    whole = oud_twin.months_back(AS_OF, int(months))
    return whole - timedelta(days=int((months - int(months)) * 30))


@pytest.mark.parametrize("row", ON_REMISSION, ids=[row["case_id"] for row in ON_REMISSION])
def test_remission_and_its_code(row: Row) -> None:
    # What was present during the remission is not an answer on the 12 months before: the clock
    # is stated, the lookback unknown.
    asked: dict[str, Any] = {
        "last_criterion": stated(row),
        "full_criteria_before": ANSWERS[row["full_criteria_ever"]],
        "prior_severity": PRIOR[row["prior_severity"]],
        "solely_supervised": ANSWERS[row["sole_supervised"]],
        "impairment_or_distress": ANSWERS[row["impairment_or_distress"]],
        "maintenance_therapy": "agonist" if row["agonist_maintenance"] == "y" else None,
        "controlled_environment": ANSWERS[row["controlled_environment"]],
    }
    is_sustained = Fraction(row["months_since_last_non_craving_criterion"]) >= 12
    known = answers_of(row) if is_sustained else {}
    found = oud.score_history(known, as_of=AS_OF, edition="dsm-5-tr", **asked)
    assert found.remission.is_certain
    assert found.remission.lower is Remission[row["expect_remission"].upper()]
    expect_code(found.candidate_icd10cm, row["expect_icd10cm"])
    on_therapy = row["agonist_maintenance"] == "y"
    assert found.specifiers == (("on maintenance therapy",) if on_therapy else ())


@pytest.mark.parametrize("row", FOR_SHOW, ids=[row["case_id"] for row in FOR_SHOW])
def test_a_reader_s_coding_is_shown_and_not_asserted(row: Row) -> None:
    assert row["answer_is"] == "published_label_only"
    found = oud.score(answers_of(row), edition="dsm-5-tr")
    assert found.severity.upper > Severity.NONE
