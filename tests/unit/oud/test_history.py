"""Remission by its own clock: boundaries day by day, what it ignores, and what stays open."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud import Bounds, CodeReason, Remission, Severity

IDS = tuple(f"A{number}" for number in range(1, 12))
NO: dict[str, Any] = dict.fromkeys(IDS, False)
NONE, EARLY, SUSTAINED = (Bounds(each, each) for each in Remission)


def ask(answers: Any, as_of: Any, **more: Any) -> oud.CriteriaHistory:
    asked: dict[str, Any] = {
        "edition": "dsm-5-tr",
        "solely_supervised": False,
        "impairment_or_distress": True,
        "due_to_prescribed_agonist": False,
    }
    return oud.score_history(answers, as_of=as_of, **(asked | more))


def six(day: Any) -> dict[str, Any]:
    return {**NO, **dict.fromkeys(["A1", "A2", "A3", "A5", "A8", "A9"], day)}


@pytest.mark.parametrize(
    "last, as_of, remission",
    [
        ("2026-01-15", "2026-04-14", NONE),
        ("2026-01-15", "2026-04-15", EARLY),
        ("2026-01-15", "2027-01-14", EARLY),
        ("2026-01-15", "2027-01-15", SUSTAINED),
        # The 31st: three months before 30 April is 30 January, so 31 January is not yet passed.
        ("2026-01-31", "2026-04-30", NONE),
        ("2026-01-31", "2026-05-01", EARLY),
        # Three months before 31 May is the last day of February.
        ("2026-02-28", "2026-05-28", EARLY),
        ("2026-02-28", "2026-05-31", EARLY),
        ("2024-02-29", "2024-05-28", NONE),
        ("2024-02-29", "2024-05-29", EARLY),
        # Leap years: twelve months before 28 February 2025 is 28 February 2024.
        ("2024-02-29", "2025-02-28", EARLY),
        ("2024-02-29", "2025-03-01", SUSTAINED),
        ("2023-02-28", "2024-02-28", SUSTAINED),
        ("2023-11-30", "2024-02-29", NONE),
        ("2023-11-30", "2024-03-01", EARLY),
    ],
)
def test_the_boundaries_of_remission(last: str, as_of: str, remission: Bounds[Remission]) -> None:
    found = ask(six(last), as_of, full_criteria_before=True)
    assert found.remission == remission
    # Sustained remission begins on the day on which the window no longer holds the criterion.
    assert (found.lookback.criteria_met.upper == 0) == (remission == SUSTAINED)


def test_every_day_of_two_years_around_a_leap_day() -> None:
    last = date(2023, 12, 31)
    states = [
        ask(six(last), last + timedelta(days=days), prior_severity="severe") for days in range(731)
    ]
    remissions = [each.remission for each in states]
    assert remissions.index(EARLY) == (date(2024, 3, 31) - last).days
    assert remissions.index(SUSTAINED) == (date(2024, 12, 31) - last).days
    assert remissions == sorted(remissions, key=lambda each: each.lower)
    months = [each.months_without_criteria for each in states]
    assert all(each.is_certain for each in months)
    assert [each.lower for each in months] == sorted(each.lower for each in months)


def test_remission_outranks_a_lookback_full_of_criteria() -> None:
    found = ask(six("2026-01-15"), "2026-04-15")
    assert found.lookback.criteria_met == Bounds(6, 6)
    assert found.remission == EARLY and found.severity is None
    assert found.candidate_icd10cm == ("F11.21",) and found.code_reason is None
    assert found.full_criteria_before is True
    assert found.sentence.startswith(
        "As of 2026-04-15: early remission, severe before; 3 whole months without criteria other"
        " than craving; candidate F11.21. In the 12 months before: 6 of 11 criteria; severe;"
    )


def test_before_three_months_the_lookback_decides() -> None:
    found = ask(six("2026-01-15"), "2026-04-14")
    assert found.remission == NONE
    assert found.severity == Bounds(Severity.SEVERE, Severity.SEVERE)
    assert found.candidate_icd10cm == ("F11.20",)


def test_craving_never_counts_for_remission() -> None:
    for craving in (False, True, None, "2026-04-15"):
        found = ask({**six("2026-01-15"), "A4": craving}, "2026-04-15")
        assert found.remission == EARLY and found.candidate_icd10cm == ("F11.21",)


@pytest.mark.parametrize("more", [{"solely_supervised": True}, {"due_to_prescribed_agonist": True}])
def test_a_person_stable_on_methadone_reaches_remission(more: dict[str, bool]) -> None:
    today = {**NO, "A10": "2026-04-15", "A11": "2026-04-15"}
    found = ask(
        today,
        "2026-04-15",
        full_criteria_before=True,
        prior_severity="severe",
        maintenance_therapy="agonist",
        **more,
    )
    assert found.remission == SUSTAINED and found.candidate_icd10cm == ("F11.21",)
    assert found.specifiers == ("on maintenance therapy",)
    assert "sustained remission, on maintenance therapy, severe before" in found.sentence


def test_tolerance_outside_supervision_counts_by_its_date() -> None:
    dated = oud.Answer(
        True, last_true=date(2026, 4, 15), last_true_outside_supervision=date(2026, 2, 1)
    )
    found = ask({**NO, "A10": dated, "A11": dated}, "2026-04-15", solely_supervised=True)
    assert found.lookback.criteria_met == Bounds(2, 2)
    assert found.remission == NONE
    assert found.candidate_icd10cm == ("F11.10",)
    before = oud.Answer(
        True, last_true=date(2026, 4, 15), last_true_outside_supervision=date(2025, 4, 15)
    )
    later = ask(
        {**NO, "A10": before}, "2026-04-15", full_criteria_before=True, solely_supervised=True
    )
    assert later.lookback.criteria_met == Bounds(0, 0) and later.remission == SUSTAINED


def test_unknown_reason_of_tolerance_leaves_remission_open() -> None:
    found = ask(
        {**six("2026-01-15"), "A10": "2026-04-01"}, "2026-04-15", due_to_prescribed_agonist=None
    )
    assert found.remission == Bounds(Remission.NONE, Remission.EARLY)
    assert found.candidate_icd10cm == ("F11.20", "F11.21")
    assert found.code_reason is CodeReason.REMISSION_NOT_SETTLED
    assert found.would_settle == ("last_criterion", "due_to_prescribed_agonist")


def test_a_yes_without_a_date_counts_from_zero_to_one() -> None:
    found = ask({**NO, "A1": True, "A2": "2026-04-01"}, "2026-04-15")
    assert found.lookback.criteria_met == Bounds(1, 2)


def test_the_window_is_open_at_its_start() -> None:
    inside = ask({**NO, "A1": "2025-04-16"}, "2026-04-15")
    outside = ask({**NO, "A1": "2025-04-15"}, "2026-04-15")
    assert inside.lookback.criteria_met == Bounds(1, 1)
    assert outside.lookback.criteria_met == Bounds(0, 0)
    assert inside.first_day == date(2025, 4, 16)


def test_without_full_criteria_before_there_is_no_remission() -> None:
    found = ask(NO, "2026-04-15", full_criteria_before=False)
    assert found.remission == NONE and found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.NO_DISORDER
    open_case = ask(NO, "2026-04-15")
    assert open_case.remission == Bounds(Remission.NONE, Remission.SUSTAINED)
    assert "full_criteria_before" in open_case.would_settle
    assert "remission is possible and not settled" in open_case.sentence


def test_one_criterion_after_full_criteria_is_neither() -> None:
    found = ask({**NO, "A9": "2026-04-15"}, "2026-04-15", prior_severity="severe")
    assert found.remission == NONE and found.severity is None
    assert found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.ONE_CRITERION_LEFT
    assert CodeReason.ONE_CRITERION_LEFT.advice in found.sentence
    stated = ask(
        {**NO, "A9": "2026-04-15"},
        "2026-04-15",
        prior_severity="severe",
        last_criterion="2026-04-15",
    )
    assert stated.conclusion == found.conclusion
    perhaps = ask({**NO, "A9": "2026-04-15"}, "2026-04-15")
    assert perhaps.candidate_icd10cm == ()
    assert perhaps.code_reason is CodeReason.REMISSION_NOT_SETTLED
    assert perhaps.would_settle == ("full_criteria_before", "prior_severity")
    for more in ({}, {"full_criteria_before": True}):
        beside = ask({**NO, "A9": "2026-04-15"}, "2026-04-15", comorbid="withdrawal", **more)
        assert beside.candidate_icd10cm == ()


def test_a_criterion_that_ended_before_today_leaves_the_band_before() -> None:
    dated = ask({**NO, "A9": "2026-04-01"}, "2026-04-15", prior_severity="severe")
    assert dated.candidate_icd10cm == ("F11.20",)
    stated = ask(
        {**NO, "A9": "2026-04-01"},
        "2026-04-15",
        prior_severity="severe",
        last_criterion="2026-04-01",
    )
    assert stated.conclusion == dated.conclusion
    five = {**NO, **dict.fromkeys(["A1", "A2", "A3", "A5", "A6"], "2026-03-15")}
    with pytest.raises(ArgumentError, match="mild at most, but the dates show moderate"):
        ask(five, "2026-04-15", prior_severity="mild")
    assert ask(five, "2026-04-15").candidate_icd10cm == ("F11.20",)
    two = {**NO, "A1": "2026-03-15", "A2": "2026-03-15"}
    assert ask(two, "2026-04-15").candidate_icd10cm == ("F11.10",)
    assert ask(two, "2026-04-15", prior_severity="severe").candidate_icd10cm == ("F11.20",)


def test_a_stated_no_that_the_dates_deny_is_refused() -> None:
    two = {**NO, "A1": "2025-12-01", "A2": "2025-12-01"}
    with pytest.raises(ArgumentError, match="is no, but the dates show full criteria"):
        ask(two, "2026-04-15", full_criteria_before=False)
    # A first episode that still goes on is no contradiction.
    first = {**NO, "A1": "2026-04-15", "A2": "2026-04-15"}
    found = ask(first, "2026-04-15", full_criteria_before=False)
    assert found.candidate_icd10cm == ("F11.10",)


def test_the_band_before_rests_on_no_uncertain_day() -> None:
    dates = {**NO, "A6": "2025-08-04", "A9": "2026-01-31", "A10": "2026-02-27", "A11": "2025-11-12"}
    open_case = ask(dates, "2026-05-31", full_criteria_before=True, due_to_prescribed_agonist=None)
    due = ask(dates, "2026-05-31", full_criteria_before=True, due_to_prescribed_agonist=True)
    assert set(due.candidate_icd10cm) <= set(open_case.candidate_icd10cm)
    assert open_case.code_reason is not None


def test_a_day_before_icd10cm_has_no_code() -> None:
    found = ask(six("2014-06-01"), "2014-06-01")
    assert found.severity == Bounds(Severity.SEVERE, Severity.SEVERE)
    assert found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.BEFORE_ICD10CM
    count = oud.score(NO, edition="dsm-5", solely_supervised=False, as_of="2014-06-01")
    assert count.code_reason is CodeReason.BEFORE_ICD10CM


def test_tolerance_that_is_true_today_counts_without_supervision() -> None:
    dated = oud.Answer(True, date(2026, 4, 15), date(2025, 2, 1))
    found = ask({**NO, "A10": dated}, "2026-04-15", prior_severity="severe")
    assert found.remission == NONE and found.code_reason is CodeReason.ONE_CRITERION_LEFT
    unsure = ask({**NO, "A10": dated}, "2026-04-15", solely_supervised=None, prior_severity="mild")
    assert unsure.lookback.criteria_met == Bounds(0, 1)
    assert unsure.remission == Bounds(Remission.NONE, Remission.SUSTAINED)
    assert "solely_supervised" in unsure.would_settle


def test_only_what_can_change_the_conclusion_is_asked_for() -> None:
    asked: dict[str, Any] = {"due_to_prescribed_agonist": None}
    supervision = ask(
        {**NO, "A11": "2026-03-01"}, "2026-04-15", solely_supervised=None, prior_severity="severe"
    )
    assert "solely_supervised" in supervision.would_settle
    no_tolerance = ask({**NO, "A6": None}, "2026-04-15", prior_severity="mild", **asked)
    assert "due_to_prescribed_agonist" not in no_tolerance.would_settle
    assert "A6" in no_tolerance.would_settle
    four = {**NO, **dict.fromkeys(["A1", "A2", "A3", "A5"], "2025-12-01")}
    settled = ask(four, "2026-04-15")
    assert settled.candidate_icd10cm == ("F11.21",) and settled.would_settle == ()
    moderate = Bounds(Severity.MODERATE, Severity.SEVERE)
    assert ask(four, "2026-04-15", prior_severity=moderate).would_settle == ()


def test_specifiers_wait_for_a_certain_remission() -> None:
    found = ask(NO, "2026-04-15", maintenance_therapy="agonist")
    assert found.remission == Bounds(Remission.NONE, Remission.SUSTAINED)
    assert found.specifiers == ()


def test_no_code_of_the_lookback_stands_beside_that_of_remission() -> None:
    two = {**NO, "A1": "2025-12-01", "A2": "2025-12-01"}
    found = ask(two, "2026-04-15", prior_severity="mild")
    assert found.candidate_icd10cm == ("F11.11",)
    assert found.lookback.candidate_icd10cm == ()
    assert found.lookback.code_reason is CodeReason.HISTORY_DECIDES
    assert "F11.10" not in found._repr_html_() and "F11.10" not in found.to_json()


def test_impairment_that_is_denied_is_said_as_such() -> None:
    three = {**NO, **dict.fromkeys(["A1", "A2", "A3"], "2026-04-15")}
    found = ask(three, "2026-04-15", impairment_or_distress=False, full_criteria_before=False)
    assert found.code_reason is CodeReason.NO_IMPAIRMENT
    assert "without impairment or distress there is no band" in found.sentence


def test_a_stated_end_under_three_months_is_current_at_the_band_before() -> None:
    found = ask({}, "2026-04-15", last_criterion="2026-02-01", prior_severity="mild")
    assert found.remission == NONE
    assert found.severity == Bounds(Severity.MILD, Severity.MILD)
    assert found.candidate_icd10cm == ("F11.10",)
    assert "no remission before 3 months; current at the band before: mild" in found.sentence
    unknown = ask({}, "2026-04-15", last_criterion="2026-02-01", full_criteria_before=True)
    assert unknown.candidate_icd10cm == ("F11.10", "F11.20")
    assert unknown.code_reason is CodeReason.PRIOR_SEVERITY_UNKNOWN
    assert "prior_severity" in unknown.would_settle


def test_a_stated_end_answers_what_is_older_than_the_window() -> None:
    found = ask({}, "2026-04-15", last_criterion="2025-04-15", full_criteria_before=True)
    assert found.remission == SUSTAINED
    # Craving, and tolerance and withdrawal, may be there all the same.
    assert found.lookback.criteria_met == Bounds(0, 3)
    assert found.candidate_icd10cm == ("F11.11", "F11.21")
    assert found.code_reason is CodeReason.PRIOR_SEVERITY_UNKNOWN


def test_the_band_before_is_at_least_what_the_dates_show_at_its_end() -> None:
    # Six criteria within 12 months of the last one, of which this window holds two.
    dates = {**six("2025-03-01"), "A1": "2025-12-01", "A2": "2025-12-01"}
    found = ask(dates, "2026-04-15")
    assert found.lookback.criteria_met == Bounds(2, 2)
    assert found.prior_severity == Bounds(Severity.SEVERE, Severity.SEVERE)
    assert found.candidate_icd10cm == ("F11.21",)
    mild = ask({**NO, "A1": "2025-12-01", "A2": "2025-12-01"}, "2026-04-15")
    assert mild.prior_severity == Bounds(Severity.MILD, Severity.SEVERE)
    assert mild.candidate_icd10cm == ("F11.11", "F11.21")
    assert mild.code_reason is CodeReason.PRIOR_SEVERITY_UNKNOWN


def test_specifiers_attach_only_to_remission() -> None:
    more: dict[str, Any] = {"maintenance_therapy": "antagonist", "controlled_environment": True}
    assert ask(six("2026-04-01"), "2026-04-15", **more).specifiers == ()
    assert ask(six("2025-10-01"), "2026-04-15", **more).specifiers == (
        "on maintenance therapy",
        "in a controlled environment",
    )


def test_unanswered_impairment_blocks_a_current_code_but_not_that_of_remission() -> None:
    current = ask(six("2026-04-01"), "2026-04-15", impairment_or_distress=None)
    assert current.candidate_icd10cm == ()
    assert current.code_reason is CodeReason.IMPAIRMENT_UNANSWERED
    past = ask(
        six("2025-12-01"), "2026-04-15", impairment_or_distress=None, prior_severity="moderate"
    )
    assert past.remission == EARLY and past.candidate_icd10cm == ("F11.21",)


def test_the_code_is_of_the_day_of_the_assessment() -> None:
    two = {**NO, "A1": "2017-03-01", "A2": "2017-03-01"}
    asked: dict[str, Any] = {"prior_severity": "mild"}
    assert ask(two, "2017-09-30", **asked).candidate_icd10cm == ("F11.10",)
    assert ask(two, "2017-10-01", **asked).candidate_icd10cm == ("F11.11",)
    later = ask(two, "2017-09-30", **asked, on="2018-01-01")
    assert later.candidate_icd10cm == ("F11.11",)


@pytest.mark.parametrize(
    "answers, more, message",
    [
        ({"A1": "2026-05-01"}, {}, "after the assessment"),
        ({"A1": {"met": "no", "last_true": "2026-04-01"}}, {}, "within the window"),
        ({"A1": "2026-04-01"}, {"last_criterion": "2026-03-01"}, "a criterion was true on"),
        ({}, {"last_criterion": "2026-05-01"}, "lies after the assessment"),
        ({}, {"prior_severity": "none"}, "no band of a disorder"),
        ({}, {"prior_severity": Severity.NONE}, "no band of a disorder"),
        ({}, {"prior_severity": "terrible"}, "Allowed: none, mild, moderate, severe"),
        ({}, {"prior_severity": "mild", "full_criteria_before": False}, "never met"),
        ({}, {"prior_severity": Bounds("severe", "mild")}, "lower bound above"),
        ({}, {"maintenance_therapy": "surgery"}, "no kind of maintenance"),
        ({}, {"full_criteria_before": "perhaps"}, "is no answer"),
        ({}, {"as_of": "tomorrow"}, "is not a date"),
        ({"A1": "2026-01-01"}, {"on": "2014-06-01"}, "before ICD-10-CM"),
    ],
)
def test_contradictions_and_unreadable_arguments_are_named(
    answers: Any, more: dict[str, Any], message: str
) -> None:
    as_of = more.pop("as_of", "2026-04-15")
    with pytest.raises(ArgumentError, match=message):
        ask(answers, as_of, **more)


def test_a_local_edition_names_its_own_months(tmp_path: Path) -> None:
    text = (Path(oud.__file__).parent / "data" / "editions" / "dsm-5-tr.toml").read_text("utf-8")
    path = tmp_path / "house.toml"
    path.write_text(
        text.replace('id = "dsm-5-tr"', 'id = "house"')
        .replace('kind = "published"', 'kind = "local"')
        .replace("window_months = 12", "window_months = 6"),
        encoding="utf-8",
    )
    house = oud.CriteriaEdition.from_toml(path)
    found = ask(six("2026-03-15"), "2026-04-15", edition=house, prior_severity="severe")
    assert "In the 6 months before" in found.sentence
    assert found.first_day == date(2025, 10, 16)
    # No within 6 months says nothing of 12: sustained remission stays open.
    quiet = ask(NO, "2026-04-15", edition=house, prior_severity="severe")
    assert quiet.months_without_criteria == Bounds(6, 12)
    assert quiet.remission == Bounds(Remission.EARLY, Remission.SUSTAINED)


def test_wrong_types_are_named() -> None:
    with pytest.raises(ArgumentTypeError):
        ask({}, 20260415)
    with pytest.raises(ArgumentTypeError):
        ask({}, "2026-04-15", prior_severity=3)


def test_the_history_explains_itself() -> None:
    found = ask(six("2026-01-15"), "2026-04-15", maintenance_therapy="partial agonist")
    told = json.loads(found.to_json())
    assert told["remission"] == ["early", "early"] and told["as_of"] == "2026-04-15"
    assert told["lookback"]["criteria_met"] == [6, 6]
    assert told["specifiers"] == ["on maintenance therapy"]
    assert told["provenance"]["arguments"]["as_of"] == "2026-04-15"
    assert "Can still change the state" in found._repr_html_()
    assert repr(found).startswith("CriteriaHistory(As of 2026-04-15: early remission")
    assert found.remission_is_certain
