"""The rules that decide bands, remission and codes, one small test for each.

The name of a test is the rule. A person is assessed on 15 April 2026 by DSM-5-TR, takes opioids not
solely under medical supervision and has impairment, unless the test says otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud import Answer, Bounds, CodeReason, Remission, Severity

IDS = [f"A{number}" for number in range(1, 12)]
TODAY = date(2026, 4, 15)
LONG_AGO = date(2020, 1, 1)


def answers(yes: str = "", unknown: str = "", value: Any = True) -> dict[str, Any]:
    """Give no to every criterion but those named."""
    return {
        name: value if name in yes.split() else None if name in unknown.split() else False
        for name in IDS
    }


def count(yes: str = "", unknown: str = "", **more: Any) -> oud.CriteriaCount:
    asked: dict[str, Any] = {
        "edition": "dsm-5-tr",
        "solely_supervised": False,
        "impairment_or_distress": True,
    }
    return oud.score(answers(yes, unknown), **(asked | more))


def history(given: dict[str, Any], **more: Any) -> oud.CriteriaHistory:
    asked: dict[str, Any] = {
        "as_of": TODAY,
        "edition": "dsm-5-tr",
        "solely_supervised": False,
        "impairment_or_distress": True,
        "due_to_prescribed_agonist": False,
    }
    return oud.score_history(given, **(asked | more))


def last_true(yes: str, day: date) -> dict[str, Any]:
    """Give the day on which each named criterion was last true, and no to the others."""
    return answers(yes, value=day)


# ---------------------------------------------------------------------------- bands


@pytest.mark.parametrize(
    "met, band",
    [(0, "none"), (1, "none"), (2, "mild"), (3, "mild"), (4, "moderate"), (5, "moderate"),
     (6, "severe"), (11, "severe")],
)  # fmt: skip
def test_two_criteria_are_mild_four_moderate_and_six_severe(met: int, band: str) -> None:
    assert count(" ".join(IDS[:met])).severity.lower.word == band


def test_without_impairment_or_distress_there_is_no_band() -> None:
    found = count("A1 A2 A3 A5 A6 A7", impairment_or_distress=False)
    assert found.severity == Bounds(Severity.NONE, Severity.NONE)
    assert found.criteria_met == Bounds(6, 6)


def test_the_sentence_says_threshold_reached_and_never_diagnosed() -> None:
    found = count("A1 A2")
    assert "the criteria threshold is reached" in found.sentence
    assert "diagnosed" not in found.sentence


# ---------------------------------------------------------------------------- supervision


def test_tolerance_and_withdrawal_do_not_count_under_sole_supervision() -> None:
    assert count("A1 A2 A10 A11", solely_supervised=True).criteria_met == Bounds(2, 2)


def test_exempt_criteria_are_not_asked_for() -> None:
    found = count("A1", unknown="A10 A11", solely_supervised=True)
    assert found.missing == () and found.would_settle == ()


def test_unknown_supervision_gives_the_bounds_of_both() -> None:
    assert count("A1 A2 A10 A11", solely_supervised=None).criteria_met == Bounds(2, 4)


def test_dated_tolerance_counts_by_its_last_day_outside_supervision() -> None:
    dated = {**answers("A1"), "A10": Answer(True, TODAY, date(2025, 12, 1))}
    found = oud.score(dated, edition="dsm-5-tr", solely_supervised=True, as_of=TODAY)
    assert found.criteria_met == Bounds(2, 2)


# ---------------------------------------------------------------------------- missing answers


def test_an_absent_answer_is_unknown_and_never_no() -> None:
    assert oud.score({"A1": True}, edition="dsm-5-tr").criteria_met == Bounds(0 + 1, 11)


def test_an_unknown_answer_counts_from_zero_to_one() -> None:
    assert count("A1", unknown="A2 A3").criteria_met == Bounds(1, 3)


def test_only_what_can_still_change_the_band_is_asked_for() -> None:
    assert count("A1 A2", unknown="A3").would_settle == ()
    assert count("A1 A2 A3", unknown="A5").would_settle == ("A5",)


def test_a_yes_without_a_date_counts_in_an_assessment_and_is_open_in_a_history() -> None:
    assert count("A1").criteria_met == Bounds(1, 1)
    assert history(answers("A1")).lookback.criteria_met == Bounds(0, 1)


# ---------------------------------------------------------------------------- window


def test_exactly_twelve_months_before_is_outside_the_window() -> None:
    assert history(last_true("A1", date(2025, 4, 15))).lookback.criteria_met == Bounds(0, 0)
    assert history(last_true("A1", date(2025, 4, 16))).lookback.criteria_met == Bounds(1, 1)


def test_the_day_of_the_assessment_is_inside_the_window() -> None:
    assert history(last_true("A1", TODAY)).lookback.criteria_met == Bounds(1, 1)


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    found = history(last_true("A1", date(2026, 2, 28)), as_of=date(2026, 5, 31))
    assert found.months_without_criteria == Bounds(3, 3)


# ---------------------------------------------------------------------------- remission


def test_three_months_without_criteria_are_early_remission() -> None:
    assert history(last_true("A1 A2", date(2026, 1, 15))).remission.lower is Remission.EARLY
    assert history(last_true("A1 A2", date(2026, 1, 16))).remission.upper is Remission.NONE


def test_twelve_months_without_criteria_are_sustained_remission() -> None:
    found = history(last_true("A1 A2", date(2025, 4, 15)), full_criteria_before=True)
    assert found.remission.lower is Remission.SUSTAINED


def test_remission_outranks_what_the_window_still_holds() -> None:
    found = history(last_true("A1 A2 A3 A5 A6 A7", date(2026, 1, 15)))
    assert found.lookback.criteria_met == Bounds(6, 6)
    assert found.candidate_icd10cm == ("F11.21",)


def test_craving_never_stands_against_remission() -> None:
    given = {**last_true("A1 A2", date(2026, 1, 15)), "A4": TODAY}
    assert history(given).remission.lower is Remission.EARLY


def test_tolerance_does_not_stand_against_remission_while_supervised() -> None:
    given = {**last_true("A1 A2", date(2026, 1, 15)), "A10": TODAY}
    assert history(given).remission.upper is Remission.NONE
    # Two criteria before, and the exempt ones apart: the clock runs.
    assert history(given, solely_supervised=True).remission.lower is Remission.EARLY


def test_withdrawal_from_the_prescribed_agonist_does_not_stand_against_remission() -> None:
    given = {**last_true("A1 A2", date(2026, 1, 15)), "A11": TODAY}
    assert history(given, due_to_prescribed_agonist=True).remission.lower is Remission.EARLY


def test_without_full_criteria_before_there_is_no_remission() -> None:
    found = history(last_true("A1", LONG_AGO), full_criteria_before=False)
    assert found.remission.upper is Remission.NONE and found.candidate_icd10cm == ()


def test_before_three_months_a_stated_end_is_the_current_disorder_at_its_prior_band() -> None:
    found = history({}, last_criterion=date(2026, 3, 1), prior_severity="mild")
    assert found.candidate_icd10cm == ("F11.10",)


def test_one_criterion_after_full_criteria_is_neither_remission_nor_a_band() -> None:
    found = history(last_true("A1", TODAY), full_criteria_before=True)
    assert found.severity is None and found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.ONE_CRITERION_LEFT


def test_specifiers_stand_only_beside_a_remission() -> None:
    more: dict[str, Any] = {"maintenance_therapy": "antagonist", "controlled_environment": True}
    assert history(last_true("A1 A2", TODAY), **more).specifiers == ()
    assert history(last_true("A1 A2", date(2026, 1, 15)), **more).specifiers == (
        "on maintenance therapy",
        "in a controlled environment",
    )


# ---------------------------------------------------------------------------- codes


def test_one_candidate_code_is_settled() -> None:
    found = count("A1 A2 A3 A5 A6", unknown="A7")
    assert not found.severity_is_certain
    assert found.candidate_icd10cm == ("F11.20",) and found.code_is_settled


def test_several_candidate_codes_are_told_with_the_reason() -> None:
    found = count("A1 A2 A3", unknown="A5")
    assert found.candidate_icd10cm == ("F11.10", "F11.20")
    assert found.code_reason is CodeReason.ANSWERS_MISSING


def test_no_code_is_told_while_impairment_is_unanswered() -> None:
    found = count("A1 A2", impairment_or_distress=None)
    assert found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.IMPAIRMENT_UNANSWERED


def test_no_code_is_told_while_supervision_is_unanswered_and_matters() -> None:
    found = count("A10 A11", solely_supervised=None)
    assert found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.SUPERVISION_UNANSWERED


def test_a_comorbid_code_stands_alone() -> None:
    assert count("A1 A2", comorbid="withdrawal").candidate_icd10cm == ("F11.13",)


def test_several_induced_disorders_have_one_code_each() -> None:
    found = count("A1 A2", comorbid=["induced_sleep", "induced_anxiety"])
    assert found.candidate_icd10cm == ("F11.188", "F11.182")


def test_remission_is_coded_by_the_band_before() -> None:
    given = last_true("A1 A2", date(2026, 1, 15))
    assert history(given, prior_severity="mild").candidate_icd10cm == ("F11.11",)
    assert history(given, prior_severity="severe").candidate_icd10cm == ("F11.21",)


# ---------------------------------------------------------------------------- claims


def test_a_claim_code_means_a_set_of_states() -> None:
    found = oud.from_icd10cm("F11.20", on=TODAY)
    assert found.severities == {Severity.NONE, Severity.MODERATE, Severity.SEVERE}


def test_a_code_that_never_existed_is_refused_by_name() -> None:
    with pytest.raises(ArgumentError, match=r"F11\.0 does not exist"):
        oud.from_icd10cm("F11.0", on=TODAY)


def test_a_count_a_code_and_a_treatment_do_not_compare() -> None:
    with pytest.raises(ArgumentTypeError):
        _ = count("A1") == oud.from_icd10cm("F11.20", on=TODAY)


# ---------------------------------------------------------------------------- pain


def test_criteria_whose_only_motive_is_pain_are_left_out_of_a_count_beside() -> None:
    given = {**answers("A2 A10"), "A1": Answer(True, pain_is_sole_motive=True)}
    found = oud.score({**given, "A2": Answer(True, pain_is_sole_motive=False)}, edition="dsm-5-tr")
    assert found.criteria_met.upper == 3
    assert found.pain_adjusted is not None and found.pain_adjusted.upper == 2


# ---------------------------------------------------------------------------- instruments


def test_an_item_refuses_a_value_that_its_form_does_not_offer() -> None:
    with pytest.raises(ArgumentError, match="Allowed: 0, 1, 2, 4"):
        oud.cows({"pulse": 3})


def test_peg_improves_by_thirty_percent_in_pain_and_in_function() -> None:
    before = oud.peg({"pain": 10, "enjoyment": 10, "activity": 10})
    after = oud.peg({"pain": 7, "enjoyment": 7, "activity": 7})
    assert oud.peg_improvement(before, after).is_meaningful is True
    pain_only = oud.peg({"pain": 0, "enjoyment": 8, "activity": 7})
    assert oud.peg_improvement(before, pain_only).is_meaningful is False


def test_a_class_is_of_the_score_and_never_a_low_risk() -> None:
    found = oud.ort_oud({item.id: False for item in oud.edition("ort-oud-2019").items})
    assert found.score_class == Bounds("score in the lower class", "score in the lower class")
