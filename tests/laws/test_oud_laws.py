"""The count of criteria against a twin that knows no formula, on every pattern of answers."""

from __future__ import annotations

import itertools
from collections import Counter
from itertools import product
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import oud
from opsafe.columns import Columns
from opsafe.oud.states import Severity
from tests import oud_twin, strategies

ANSWERS: Final = (False, True, None)
IDS: Final = tuple(f"A{number}" for number in range(1, 12))
QUESTIONS: Final = tuple(product((0, 1, 2), repeat=2))


def patterns(every: int) -> np.ndarray[Any, Any]:
    """Every pattern of no, yes and unknown, or a fixed part of them, one row a pattern."""
    places = np.arange(0, 3**11, every)
    return np.stack(np.unravel_index(places, (3,) * 11), 1).astype(np.uint8)


def columns_of(rows: Any, supervised: int, impaired: int) -> Columns:
    """The patterns as a table; unknown is missing."""
    told = np.where(rows == 2, np.nan, rows.astype(float))
    table = {name: told[:, position] for position, name in enumerate(IDS)}
    scalar = {0: 0.0, 1: 1.0, 2: np.nan}
    table["solely_supervised"] = np.full(len(rows), scalar[supervised])
    table["impairment_or_distress"] = np.full(len(rows), scalar[impaired])
    return Columns(table)


def test_totals_of_the_complete_patterns() -> None:
    plain, exempt = Counter[str](), Counter[str]()
    changed = Counter[tuple[str, str]]()
    for answers in product((False, True), repeat=11):
        known = dict(zip(IDS, answers, strict=True))
        free, supervised = (
            oud.score(
                known, edition="dsm-5-tr", solely_supervised=each, impairment_or_distress=True
            ).severity
            for each in (False, True)
        )
        assert free.is_certain and supervised.is_certain
        plain[free.lower.word] += 1
        exempt[supervised.lower.word] += 1
        assert 0 <= free.lower - supervised.lower <= 1
        if free != supervised:
            changed[free.lower.word, supervised.lower.word] += 1
    assert plain == {"none": 12, "mild": 220, "moderate": 792, "severe": 1024}
    assert exempt == {"none": 40, "mild": 480, "moderate": 1008, "severe": 520}
    assert changed == {("mild", "none"): 28, ("moderate", "mild"): 288, ("severe", "moderate"): 504}


def check_batch(every: int, supervised: int, impaired: int) -> Counter[tuple[str, str]]:
    """Compare the batch with the twin, everything it says, for one pair of questions."""
    rows = patterns(every)
    at = tuple(rows.T)
    table = oud.score_many(columns_of(rows, supervised, impaired), edition="dsm-5-tr").assessments
    assert table["row"].tolist() == list(range(len(rows)))
    lower, upper = oud_twin.count_bounds(supervised)
    assert np.array_equal(table["criteria_met_lower"], lower[at])
    assert np.array_equal(table["criteria_met_upper"], upper[at])
    words = np.array(["none", "mild", "moderate", "severe"], object)
    low = words[oud_twin.over_all(supervised, impaired, np.minimum)[at]]
    high = words[oud_twin.over_all(supervised, impaired, np.maximum)[at]]
    assert np.array_equal(table["severity_lower"], low)
    assert np.array_equal(table["severity_upper"], high)
    assert np.array_equal(table["severity_is_certain"], low == high)
    settling = oud_twin.settles(supervised, impaired)
    told = np.array([""] * len(rows), object)
    for name, matters in settling.items():
        told = told + np.where(matters[at], f"{name} ", "").astype(object)
    assert [each or "" for each in table["would_settle"]] == [each.strip() for each in told]
    reached = oud_twin.possible_bands(supervised, impaired)[at]
    codes = [
        " | ".join(oud_twin.candidates(bits, tuple(row), supervised, impaired))
        for bits, row in zip(reached.tolist(), rows.tolist(), strict=True)
    ]
    assert [each or "" for each in table["candidate_icd10cm"]] == codes
    return Counter(zip(low.tolist(), high.tolist(), strict=True))


@pytest.mark.parametrize("supervised, impaired", QUESTIONS)
def test_a_tenth_of_the_patterns_with_unknown_answers(supervised: int, impaired: int) -> None:
    check_batch(10, supervised, impaired)


@pytest.mark.nightly
@pytest.mark.parametrize("supervised, impaired", QUESTIONS)
def test_every_pattern_with_unknown_answers(supervised: int, impaired: int) -> None:
    pairs = check_batch(1, supervised, impaired)
    if (supervised, impaired) == (0, 1):
        assert pairs == {
            ("none", "none"): 23,
            ("none", "mild"): 825,
            ("none", "moderate"): 4422,
            ("none", "severe"): 8042,
            ("mild", "mild"): 715,
            ("mild", "moderate"): 12540,
            ("mild", "severe"): 57145,
            ("moderate", "moderate"): 3102,
            ("moderate", "severe"): 68706,
            ("severe", "severe"): 21627,
        }
        assert sum(rows for (low, high), rows in pairs.items() if low == high) == 25467


def check_scores(every: int, supervised: int, impaired: int) -> None:
    """Compare score with the twin, one assessment at a time."""
    rows = patterns(every)
    at = tuple(rows.T)
    tables = (
        *oud_twin.count_bounds(supervised),
        oud_twin.over_all(supervised, impaired, np.minimum),
        oud_twin.over_all(supervised, impaired, np.maximum),
        oud_twin.possible_bands(supervised, impaired),
    )
    settling = oud_twin.settles(supervised, impaired)
    settles = np.stack([table[at] for table in settling.values()], 1)
    edition = oud.edition("dsm-5-tr")
    for row, (least, most, low, high, reached), matters in zip(
        rows.tolist(),
        np.stack([table[at] for table in tables], 1).tolist(),
        settles.tolist(),
        strict=True,
    ):
        found = oud.score(
            {name: ANSWERS[each] for name, each in zip(IDS, row, strict=True)},
            edition=edition,
            solely_supervised=ANSWERS[supervised],
            impairment_or_distress=ANSWERS[impaired],
        )
        assert (found.criteria_met.lower, found.criteria_met.upper) == (least, most)
        assert (found.severity.lower, found.severity.upper) == (low, high)
        assert found.would_settle == tuple(itertools.compress(settling, matters))
        assert found.candidate_icd10cm == oud_twin.candidates(
            reached, tuple(row), supervised, impaired
        )


@pytest.mark.parametrize("supervised, impaired", QUESTIONS)
def test_score_on_a_part_of_the_patterns(supervised: int, impaired: int) -> None:
    check_scores(997, supervised, impaired)


@pytest.mark.nightly
@pytest.mark.parametrize("supervised", [0, 1, 2])
def test_score_on_every_pattern(supervised: int) -> None:
    check_scores(1, supervised, 1)


@given(strategies.assessments(), st.sampled_from(IDS), st.booleans())
def test_answering_never_widens_the_bounds(asked: dict[str, Any], name: str, answer: bool) -> None:
    before = oud.score(**asked)
    if asked["answers"].get(name) is not None:
        return
    after = oud.score(**{**asked, "answers": {**asked["answers"], name: answer}})
    assert before.criteria_met.lower <= after.criteria_met.lower
    assert after.criteria_met.upper <= before.criteria_met.upper
    assert before.severity.lower <= after.severity.lower
    assert after.severity.upper <= before.severity.upper
    if name not in before.would_settle and not (set(before.would_settle) & set(IDS)):
        assert after.severity == before.severity


@given(strategies.assessments(), st.sampled_from(IDS))
def test_a_yes_never_lowers_a_bound(asked: dict[str, Any], name: str) -> None:
    before = oud.score(**asked)
    after = oud.score(**{**asked, "answers": {**asked["answers"], name: True}})
    assert after.criteria_met.upper >= before.criteria_met.upper
    if asked["answers"].get(name) is not True:
        assert after.criteria_met.lower >= before.criteria_met.lower


@given(strategies.assessments(), st.permutations(IDS[:9]), st.booleans())
def test_answers_change_places_within_their_kind(
    asked: dict[str, Any], order: list[str], swap: bool
) -> None:
    known = asked["answers"]
    moved = {new: known[old] for old, new in zip(IDS[:9], order, strict=True) if old in known}
    pair = ("A11", "A10") if swap else ("A10", "A11")
    moved |= {new: known[old] for old, new in zip(IDS[9:], pair, strict=True) if old in known}
    one, other = oud.score(**asked), oud.score(**{**asked, "answers": moved})
    assert one.criteria_met == other.criteria_met
    assert one.severity == other.severity
    assert one.candidate_icd10cm == other.candidate_icd10cm
    assert len(one.would_settle) == len(other.would_settle)


@given(strategies.assessments())
def test_under_supervision_two_criteria_are_as_if_not_there(asked: dict[str, Any]) -> None:
    without = {name: each for name, each in asked["answers"].items() if name in IDS[:9]}
    nothing = {"A10": False, "A11": False}
    one = oud.score(**{**asked, "solely_supervised": True})
    other = oud.score(**{**asked, "answers": {**without, **nothing}, "solely_supervised": True})
    assert (one.criteria_met, one.severity) == (other.criteria_met, other.severity)
    assert one.candidate_icd10cm == other.candidate_icd10cm
    assert one.would_settle == other.would_settle
    assert not {"A10", "A11"} & {*one.missing, *one.would_settle}


@given(strategies.assessments())
def test_the_same_question_has_the_same_answer(asked: dict[str, Any]) -> None:
    one, other = oud.score(**asked), oud.score(**asked)
    assert one == other
    assert hash(one) == hash(other)
    assert one.to_json() == other.to_json()


@given(strategies.assessments())
def test_without_impairment_there_is_no_band(asked: dict[str, Any]) -> None:
    found = oud.score(**{**asked, "impairment_or_distress": False})
    assert found.severity == oud.Bounds(Severity.NONE, Severity.NONE)
    assert found.candidate_icd10cm == () and found.would_settle == ()
