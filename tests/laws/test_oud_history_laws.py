"""Laws of remission: its clock against a slow one, and what never changes the answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opsafe import oud
from opsafe.oud import Remission
from opsafe.oud._calendar import full_months, months_before
from tests import oud_twin, strategies

DAYS = st.dates(date(2016, 1, 1), date(2032, 12, 31))
AS_OF = date(2026, 5, 31)


@given(DAYS, st.integers(0, 14))
def test_months_are_counted_back_as_by_walking(day: date, months: int) -> None:
    assert months_before(day, months) == oud_twin.months_back(day, months)


@given(DAYS, st.integers(0, 800))
def test_full_months_are_the_most_that_fit(day: date, ago: int) -> None:
    last = day - timedelta(days=ago)
    months = full_months(last, day, 12)
    assert months == 0 or last <= oud_twin.months_back(day, months)
    assert months == 12 or last > oud_twin.months_back(day, months + 1)


@given(st.data())
def test_craving_changes_no_remission(data: st.DataObject) -> None:
    asked = data.draw(histories())
    craving = data.draw(st.sampled_from([True, False, None, AS_OF, AS_OF - timedelta(days=80)]))
    moved = {**asked, "answers": {**asked["answers"], "A4": craving}}
    one, other = oud.score_history(**asked), oud.score_history(**moved)
    assert one.months_without_criteria == other.months_without_criteria
    if one.full_criteria_before == other.full_criteria_before:
        assert one.remission == other.remission


@given(st.data())
def test_a_code_is_of_remission_or_current_never_both_when_settled(data: st.DataObject) -> None:
    found = oud.score_history(**data.draw(histories()))
    codes = found.candidate_icd10cm
    assert len(codes) == len(set(codes))
    if found.code_reason is None:
        assert len(codes) == 1
    if found.remission.lower > Remission.NONE:
        assert set(codes) <= {"F11.11", "F11.21"} and found.severity is None
    if found.remission.upper is Remission.NONE:
        assert set(codes) <= {"F11.10", "F11.20"} and found.specifiers == ()


@given(st.data())
def test_answering_never_widens_what_is_open(data: st.DataObject) -> None:
    asked = data.draw(histories())
    before = oud.score_history(**asked)
    unknown = [name for name in strategies.CRITERIA if asked["answers"].get(name) is None]
    if not unknown:
        return
    name = data.draw(st.sampled_from(unknown))
    ago = data.draw(st.integers(0, 400))
    answer = data.draw(st.sampled_from([False, AS_OF - timedelta(days=ago)]))
    after = oud.score_history(**{**asked, "answers": {**asked["answers"], name: answer}})
    least, most = before.months_without_criteria.lower, before.months_without_criteria.upper
    assert least <= after.months_without_criteria.lower
    assert after.months_without_criteria.upper <= most
    assert before.lookback.criteria_met.lower <= after.lookback.criteria_met.lower
    assert after.lookback.criteria_met.upper <= before.lookback.criteria_met.upper
    assert before.remission.lower <= after.remission.lower
    assert after.remission.upper <= before.remission.upper


@given(st.data())
def test_time_alone_never_shortens_a_remission(data: st.DataObject) -> None:
    asked = data.draw(histories())
    dated = {name: each for name, each in asked["answers"].items() if isinstance(each, date)}
    asked["answers"] = {**dict.fromkeys(strategies.CRITERIA, False), **dated}
    asked["full_criteria_before"] = True
    later = asked["as_of"] + timedelta(days=data.draw(st.integers(0, 400)))
    one, other = oud.score_history(**asked), oud.score_history(**{**asked, "as_of": later})
    assert one.remission.lower <= other.remission.lower
    assert one.remission.upper <= other.remission.upper


@given(st.data())
def test_undated_answers_score_alike_by_both_doors_when_all_are_no_or_unknown(
    data: st.DataObject,
) -> None:
    asked = data.draw(strategies.assessments())
    asked["answers"] = {name: each or None for name, each in asked["answers"].items()}
    asked["answers"] = {name: None if each else each for name, each in asked["answers"].items()}
    one = oud.score(**asked)
    other = oud.score_history(**asked, as_of=AS_OF).lookback
    assert (one.criteria_met, one.severity) == (other.criteria_met, other.severity)


@st.composite
def histories(draw: Any) -> dict[str, Any]:
    """Draw the arguments of one `oud.score_history`."""
    return {
        "answers": draw(strategies.dated_answers(AS_OF)),
        "as_of": AS_OF,
        "edition": "dsm-5-tr",
        "solely_supervised": draw(strategies.tristates()),
        "impairment_or_distress": draw(strategies.tristates()),
        "full_criteria_before": draw(strategies.tristates()),
        "due_to_prescribed_agonist": draw(strategies.tristates()),
    }
