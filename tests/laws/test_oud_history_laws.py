"""Laws of remission: its clock against a slow one, and what never changes the answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe import oud
from opsafe.errors import ArgumentError
from opsafe.oud import CodeReason, Remission, Severity
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


@st.composite
def histories(draw: Any) -> dict[str, Any]:
    """Draw the arguments of one `oud.score_history` that do not contradict each other."""
    asked = {
        "answers": draw(strategies.dated_answers(AS_OF)),
        "as_of": AS_OF,
        "edition": "dsm-5-tr",
        "solely_supervised": draw(strategies.tristates()),
        "impairment_or_distress": draw(st.sampled_from([True, True, False, None])),
        "full_criteria_before": draw(strategies.tristates()),
        "prior_severity": draw(st.sampled_from([None, None, "mild", "moderate", "severe"])),
        "due_to_prescribed_agonist": draw(strategies.tristates()),
    }
    assume(told(asked) is not None)
    return asked


def told(asked: dict[str, Any]) -> oud.CriteriaHistory | None:
    """Ask, and give None where the arguments contradict each other."""
    try:
        return oud.score_history(**asked)
    except ArgumentError:
        return None


def known(asked: dict[str, Any]) -> oud.CriteriaHistory:
    """Ask what is known not to contradict itself."""
    return oud.score_history(**asked)


@st.composite
def completions(draw: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Answer everything that is open, but for the band before."""
    days = st.integers(0, 420).map(lambda ago: AS_OF - timedelta(days=ago))
    answers: dict[str, Any] = {}
    for name in strategies.CRITERIA:
        answer = asked["answers"].get(name)
        if answer is None:
            answer = draw(st.one_of(st.just(False), days))
        answers[name] = draw(days) if answer is True else answer
    whole = {**asked, "answers": answers}
    for name in ("solely_supervised", "impairment_or_distress", "due_to_prescribed_agonist"):
        if whole[name] is None:
            whole[name] = draw(st.booleans())
    if whole["full_criteria_before"] is None:
        whole["full_criteria_before"] = whole["prior_severity"] is not None or draw(st.booleans())
    return whole


def in_twin(whole: dict[str, Any]) -> set[oud_twin.Outcome]:
    """What the twin says of a history of which everything is known."""
    days: dict[str, tuple[date | None, date | None]] = {}
    for name, answer in whole["answers"].items():
        if isinstance(answer, oud.Answer):
            days[name] = (answer.last_true, answer.last_true_outside_supervision)
        elif answer is not False:
            days[name] = (answer, None)
    prior = whole["prior_severity"]
    return oud_twin.outcomes(
        days,
        AS_OF,
        supervised=whole["solely_supervised"],
        impaired=whole["impairment_or_distress"],
        met_before=whole["full_criteria_before"] or prior is not None,
        prior=None if prior is None else Severity[prior.upper()],
        due=whole["due_to_prescribed_agonist"],
    )


def holds(found: oud.CriteriaHistory, outcome: oud_twin.Outcome) -> bool:
    """Whether an outcome lies within what a history leaves open."""
    remission, band, code = outcome
    if Remission(remission) not in found.remission:
        return False
    if found.code_reason is None and found.candidate_icd10cm != (code,):
        return False
    if found.code_reason is CodeReason.NO_DISORDER and code is not None:
        return False
    if band is not None:
        return found.severity is not None and Severity(band) in found.severity
    return remission > 0 or found.conclusion.may_be_left


@given(st.data())
def test_what_is_known_whole_comes_out_as_in_the_twin(data: st.DataObject) -> None:
    whole = data.draw(completions(data.draw(histories())))
    found = told(whole)
    assume(found is not None)
    assert found is not None
    expected = in_twin(whole)
    assert all(holds(found, outcome) for outcome in expected)
    if len(expected) == 1:
        ((remission, band, code),) = expected
        assert found.remission == oud.Bounds(Remission(remission), Remission(remission))
        assert found.candidate_icd10cm == (() if code is None else (code,))
        if band is not None:
            assert found.severity == oud.Bounds(Severity(band), Severity(band))


@given(st.data())
def test_every_completion_lies_within_what_is_left_open(data: st.DataObject) -> None:
    asked = data.draw(histories())
    found = known(asked)
    whole = data.draw(completions(asked))
    assume(told(whole) is not None)
    if asked["prior_severity"] is None and found.severity == found.lookback.severity:
        # Where the 12 months hold a disorder its band stands for the band before: a reading.
        assume(not found.seen.clock.may_be_paused or found.seen.clock.may_be_present)
    for outcome in in_twin(whole):
        assert holds(found, outcome), (found, outcome)


@given(st.data())
def test_what_is_not_asked_for_cannot_change_the_conclusion(data: st.DataObject) -> None:
    asked = data.draw(histories())
    found = known(asked)
    for name in ("solely_supervised", "impairment_or_distress", "due_to_prescribed_agonist"):
        if asked[name] is None and name not in found.would_settle:
            for answer in (False, True):
                after = told({**asked, name: answer})
                if after is not None:
                    assert after.remission == found.remission
                    assert after.candidate_icd10cm == found.candidate_icd10cm


@given(st.data())
def test_craving_changes_no_remission(data: st.DataObject) -> None:
    asked = data.draw(histories())
    craving = data.draw(st.sampled_from([True, False, None, AS_OF, AS_OF - timedelta(days=80)]))
    moved = {**asked, "answers": {**asked["answers"], "A4": craving}}
    one, other = known(asked), told(moved)
    assume(other is not None)
    assert other is not None
    assert one.months_without_criteria == other.months_without_criteria
    if one.full_criteria_before == other.full_criteria_before:
        assert one.remission == other.remission


@given(st.data())
def test_a_code_is_of_remission_or_current_never_both_when_settled(data: st.DataObject) -> None:
    found = known(data.draw(histories()))
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
    before = known(asked)
    unknown = [name for name in strategies.CRITERIA if asked["answers"].get(name) is None]
    if not unknown:
        return
    name = data.draw(st.sampled_from(unknown))
    ago = data.draw(st.integers(0, 400))
    answer = data.draw(st.sampled_from([False, AS_OF - timedelta(days=ago)]))
    after = told({**asked, "answers": {**asked["answers"], name: answer}})
    assume(after is not None)
    assert after is not None
    least, most = before.months_without_criteria.lower, before.months_without_criteria.upper
    assert least <= after.months_without_criteria.lower
    assert after.months_without_criteria.upper <= most
    assert before.lookback.criteria_met.lower <= after.lookback.criteria_met.lower
    assert after.lookback.criteria_met.upper <= before.lookback.criteria_met.upper
    assert before.remission.lower <= after.remission.lower
    assert after.remission.upper <= before.remission.upper
    assert before.prior_severity.lower <= after.prior_severity.lower
    assert after.prior_severity.upper <= before.prior_severity.upper
    if before.code_reason is None:
        assert after.candidate_icd10cm == before.candidate_icd10cm


@given(st.data())
def test_time_alone_never_shortens_a_remission(data: st.DataObject) -> None:
    asked = data.draw(histories())
    dated = {name: each for name, each in asked["answers"].items() if isinstance(each, date)}
    asked["answers"] = {**dict.fromkeys(strategies.CRITERIA, False), **dated}
    asked |= {"full_criteria_before": True, "prior_severity": None}
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
