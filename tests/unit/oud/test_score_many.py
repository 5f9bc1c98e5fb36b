"""Batches: the same answers as one by one, from any table, and every row accounted for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from opsafe import oud
from opsafe.columns import Columns, Nullable
from opsafe.errors import ArgumentError, ColumnError, OpsafeError

IDS = tuple(f"A{number}" for number in range(1, 12))
ASKED = (*IDS, "solely_supervised", "impairment_or_distress")
MOTIVES = tuple(f"A{number}_pain_is_sole_motive" for number in range(1, 10))
STATES = (None, "none", *(state.value for state in oud.ComorbidState))


def sample(rows: int, seed: int) -> list[dict[str, Any]]:
    """Assessments with unknown answers, states beside them and motives."""
    draw = np.random.default_rng(seed)
    tri = (True, False, None)
    known = draw.integers(0, 3, (rows, len(ASKED)))
    # Most answers are given: unknown everywhere would look alike.
    known[draw.random(known.shape) < 0.5] //= 2
    motives = draw.integers(0, 3, (rows, len(MOTIVES)))
    motives[: rows // 2] = 2
    states = draw.integers(0, len(STATES), rows)
    states[draw.random(rows) < 0.7] = 0
    return [
        {
            "assessment_id": f"p{row}",
            **{name: tri[each] for name, each in zip(ASKED, known[row].tolist(), strict=True)},
            **{name: tri[each] for name, each in zip(MOTIVES, motives[row].tolist(), strict=True)},
            "comorbid": STATES[states[row]],
        }
        for row in range(rows)
    ]


def one_by_one(record: dict[str, Any]) -> dict[str, Any]:
    """What `score` says, under the names of the batch's columns."""
    answers = {
        name: oud.Answer(
            record[name], pain_is_sole_motive=record.get(f"{name}_pain_is_sole_motive")
        )
        for name in IDS
    }
    found = oud.score(
        answers,
        edition="dsm-5-tr",
        solely_supervised=record["solely_supervised"],
        impairment_or_distress=record["impairment_or_distress"],
        comorbid=record["comorbid"],
    )
    adjusted, bands = found.pain_adjusted, found.pain_adjusted_severity
    return {
        "criteria_met_lower": found.criteria_met.lower,
        "criteria_met_upper": found.criteria_met.upper,
        "severity_lower": found.severity.lower.word,
        "severity_upper": found.severity.upper.word,
        "severity_is_certain": found.severity_is_certain,
        "candidate_icd10cm": " | ".join(found.candidate_icd10cm) or None,
        "code_reason": found.code_reason.value if found.code_reason else None,
        "answers_missing": len(found.missing),
        "would_settle": " ".join(found.would_settle) or None,
        "pain_adjusted_lower": adjusted.lower if adjusted else None,
        "pain_adjusted_upper": adjusted.upper if adjusted else None,
        "pain_adjusted_severity_lower": bands.lower.word if bands else None,
        "pain_adjusted_severity_upper": bands.upper.word if bands else None,
    }


def test_a_sample_of_ten_thousand_scores_as_one_by_one() -> None:
    records = sample(10_000, 7)
    found = oud.score_many(records, edition="dsm-5-tr")
    rows = found.assessments.to_polars().drop("row", "assessment_id").rows(named=True)
    assert len(rows) == 10_000
    assert rows == [one_by_one(record) for record in records]
    assert sum(found.provenance.severity.values()) == 10_000


@pytest.mark.parametrize("kind", ["pandas", "pandas objects", "polars", "arrow", "columns", "text"])
def test_every_kind_of_table_gives_the_same(kind: str) -> None:
    records = sample(200, 3)
    whole = {name: [record[name] for record in records] for name in records[0]}
    plain = oud.score_many(records, edition="dsm-5-tr").assessments
    table: Any
    if kind == "pandas":
        table = pd.DataFrame(records).astype(dict.fromkeys((*ASKED, *MOTIVES), "boolean"))
    elif kind == "pandas objects":
        table = pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in whole.items()})
    elif kind == "polars":
        table = pl.DataFrame(whole)
    elif kind == "arrow":
        table = pa.table(whole)
    elif kind == "columns":
        known = {
            name: Nullable(
                np.array([each or False for each in whole[name]]),
                np.array([each is not None for each in whole[name]]),
            )
            for name in (*ASKED, *MOTIVES)
        }
        rest = {name: np.array(whole[name], object) for name in ("assessment_id", "comorbid")}
        table = Columns({**known, **rest})
    else:
        words = {True: "Yes", False: "no", None: "unknown"}
        table = {
            name: [words[value] for value in each] if name in (*ASKED, *MOTIVES) else each
            for name, each in whole.items()
        }
    found = oud.score_many(table, edition="dsm-5-tr").assessments
    kinds = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table}
    assert isinstance(found, kinds.get(kind.split(maxsplit=1)[0], Columns))
    told = pl.DataFrame(pa.table(found)) if kind == "arrow" else found
    if isinstance(told, pd.DataFrame):
        told = pl.from_pandas(told)
    elif isinstance(told, Columns):
        told = told.to_polars()
    assert told.drop("row").rows() == plain.to_polars().drop("row").rows()


def test_columns_by_the_caller_s_names() -> None:
    table = pl.DataFrame({"q1": ["Y", "N"], "q4": ["Y", None], "sup": [0, 0], "imp": [1, 1]})
    names = {"A1": "q1", "A4": "q4", "solely_supervised": "sup", "impairment_or_distress": "imp"}
    found = oud.score_many(table, edition="dsm-5-tr", columns=names)
    assert found.assessments["criteria_met_lower"].to_list() == [2, 0]
    assert found.assessments["criteria_met_upper"].to_list() == [11, 10]
    assert found.provenance.cautions[1].startswith("No column A2, A3, A5")


def test_a_bad_row_comes_back_with_its_reason_and_never_stops_the_batch() -> None:
    records = [
        {"assessment_id": "a", "A1": "yes", "solely_supervised": "no"},
        {"assessment_id": "b", "A1": "sometimes", "solely_supervised": "perhaps"},
        {"assessment_id": "c", "A1": "no", "impairment_or_distress": "2"},
        {"assessment_id": "d", "A1": "no", "comorbid": "headache"},
        {"assessment_id": "e", "A2": "n", "A2_pain_is_sole_motive": "so-so"},
        {"assessment_id": "f", "A1": "u", "solely_supervised": "perhaps"},
    ]
    found = oud.score_many(records, edition="dsm-5-tr")
    assert found.assessments["row"].tolist() == [0]
    assert found.assessments["assessment_id"].tolist() == ["a"]
    told = found.set_aside
    assert told["row"].tolist() == [1, 2, 3, 4, 5]
    assert told["assessment_id"].tolist() == ["b", "c", "d", "e", "f"]
    assert told["code"].tolist() == [
        "ANSWER_UNREADABLE",
        "IMPAIRMENT_UNREADABLE",
        "COMORBID_UNKNOWN",
        "ANSWER_UNREADABLE",
        "SUPERVISION_UNREADABLE",
    ]
    assert told["field"].tolist() == [
        "A1",
        "impairment_or_distress",
        "comorbid",
        "A2_pain_is_sole_motive",
        "solely_supervised",
    ]
    assert told["seen"].tolist() == ["sometimes", "2", "headache", "so-so", "perhaps"]
    assert all(told["advice"])
    rows = found.provenance.rows
    assert (rows.rows_in, rows.used, rows.set_aside) == (6, 1, 5)
    assert sum(found.provenance.set_aside_by_reason.values()) == 5
    json.loads(found.provenance.to_json())


def test_the_shape_of_a_result_does_not_hang_on_its_input() -> None:
    full = oud.score_many(sample(5, 1), edition="dsm-5-tr")
    bare = oud.score_many({"A1": [True]}, edition="dsm-5-tr")
    empty = oud.score_many({"A1": []}, edition="dsm-5-tr")
    names = [name for name in full.assessments.keys() if name != "assessment_id"]  # noqa: SIM118
    assert list(bare.assessments.keys()) == names
    assert list(empty.assessments.keys()) == names and len(empty.assessments) == 0
    assert empty.set_aside.keys() == bare.set_aside.keys()
    assert "0 of 0" in repr(empty) and "1 of 1" in bare._repr_html_()


def test_numbers_and_dates_that_are_no_answers() -> None:
    table = {
        "A1": np.array([0, 1, 2, -1]),
        "A2": np.array([0.0, np.nan, 1.0, 0.5]),
        "A3": np.array(["2026-01-01", "NaT", "NaT", "NaT"], "datetime64[D]"),
    }
    found = oud.score_many(table, edition="dsm-5-tr")
    assert found.assessments["row"].tolist() == [1]
    assert found.set_aside["field"].tolist() == ["A3", "A1", "A1"]


def test_tables_that_hold_no_answers_are_refused() -> None:
    with pytest.raises(ColumnError, match="no column of answers"):
        oud.score_many({"B1": [True]}, edition="dsm-5-tr")
    with pytest.raises(ColumnError, match="A4 has two columns"):
        oud.score_many({"A4": [True], "craving": [True]}, edition="dsm-5-tr")
    with pytest.raises(ColumnError, match="no column 'q1'"):
        oud.score_many({"A2": [True]}, edition="dsm-5-tr", columns={"A1": "q1"})
    with pytest.raises(OpsafeError):
        oud.score_many("A1", edition="dsm-5-tr")
    with pytest.raises(ArgumentError, match="before ICD-10-CM"):
        oud.score_many({"A1": [True]}, edition="dsm-5-tr", on="2000-01-01")


def test_the_day_of_the_codes_holds_for_the_batch() -> None:
    two = {"A1": [True], "A2": [True], **{name: [False] for name in IDS[2:]}}
    asked = {**two, "solely_supervised": [False], "impairment_or_distress": [True]}
    table = {**asked, "comorbid": ["withdrawal"]}
    old = oud.score_many(table, edition="dsm-5-tr", on="2019-01-01").assessments
    assert old["candidate_icd10cm"].tolist() == ["F11.23"]
    new = oud.score_many(table, edition="dsm-5-tr").assessments
    assert new["candidate_icd10cm"].tolist() == ["F11.13"]


def test_columns_by_label_and_in_lower_case() -> None:
    found = oud.score_many({"craving": ["yes"], "a1": [1], "A2": ["odd"]}, edition="dsm-5-tr")
    assert found.set_aside["field"].tolist() == ["A2"]
    again = oud.score_many({"craving": ["odd"], "a1": [1]}, edition="dsm-5-tr").set_aside
    assert again["field"].tolist() == ["A4"] and again["seen"].tolist() == ["odd"]
    good = oud.score_many({"craving": ["yes"], "a1": [1]}, edition="dsm-5-tr").assessments
    assert good["criteria_met_lower"].tolist() == [2]


@pytest.mark.parametrize(
    "values",
    [
        [True, "yes", 1, 1.0, Decimal(1), "1", Decimal("1.0"), np.True_, "Y"],
        [False, "no", 0, 0.0, Decimal(0), "0", "f", None],
        [True, "unknown", False, None, float("nan"), pd.NA, ""],
        [1.0, True],
        [0, False, "No"],
    ],
)
def test_mixed_columns_are_read_as_one_by_one(values: list[Any]) -> None:
    told: list[Any] = []
    for value in values:
        try:
            told.append(oud.score({"A1": value}, edition="dsm-5-tr").answers[0])
        except ArgumentError:
            told.append("set aside")
    for table in (
        [{"A1": value} for value in values],
        pd.DataFrame({"A1": pd.Series(values, dtype=object)}),
    ):
        found = oud.score_many(table, edition="dsm-5-tr")
        rows = dict(
            zip(
                found.assessments["row"].tolist(),
                zip(
                    found.assessments["criteria_met_lower"].tolist(),
                    found.assessments["criteria_met_upper"].tolist(),
                    strict=True,
                ),
                strict=True,
            )
        )
        bounds = {True: (1, 11), False: (0, 10), None: (0, 11)}
        expected = {row: bounds[answer] for row, answer in enumerate(told) if answer != "set aside"}
        # Supervision is unknown, so A10 and A11 may count or not: the upper bound is the same.
        assert rows == expected


def test_objects_of_pandas_are_answers() -> None:
    table = pd.DataFrame({"A1": pd.Series([True, None, False] * 1000, dtype=object)})
    found = oud.score_many(table, edition="dsm-5-tr").assessments
    assert found["criteria_met_lower"].tolist() == [1, 0, 0] * 1000


def test_comorbid_columns_are_read_by_word() -> None:
    words = {"A1": [True] * 4, "comorbid": ["Withdrawal ", "", None, "none"]}
    found = oud.score_many(words, edition="dsm-5-tr")
    assert len(found.assessments) == 4
    numbers = oud.score_many({"A1": [True] * 2, "comorbid": [1.0, np.nan]}, edition="dsm-5-tr")
    assert numbers.set_aside["field"].tolist() == ["comorbid"]
    assert numbers.assessments["row"].tolist() == [1]
