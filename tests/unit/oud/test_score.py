"""One assessment: the calls as documented, every way to answer, every way to be refused."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError
from opsafe.oud import CodeReason, Severity

FOUR = {"A1": True, "A4": True, "A10": True, "A11": True}
ALL_NO: dict[str, Any] = dict.fromkeys([f"A{number}" for number in range(1, 12)], False)


def ask(answers: Any, **more: Any) -> oud.CriteriaCount:
    asked: dict[str, Any] = {
        "edition": "dsm-5-tr",
        "solely_supervised": False,
        "impairment_or_distress": True,
    }
    return oud.score(answers, **(asked | more))


def test_the_documented_call() -> None:
    found = ask(FOUR)
    assert found.criteria_met == oud.Bounds(4, 11)
    assert found.severity == oud.Bounds(Severity.MODERATE, Severity.SEVERE)
    assert not found.severity_is_certain
    assert found.candidate_icd10cm == ("F11.20",) and found.code_is_settled
    assert found.would_settle == ("A2", "A3", "A5", "A6", "A7", "A8", "A9")
    assert found.edition == "dsm-5-tr"


def test_the_sentence_names_supervision_and_what_is_missing() -> None:
    assert ask(FOUR).sentence == (
        "4 to 11 of 11 criteria; moderate or severe; opioids not taken solely under medical"
        " supervision; impairment or distress present; 7 answers missing (A2, A3, A5 to A9);"
        " the criteria threshold is reached, a diagnosis is the clinician's"
    )
    supervised = ask({**ALL_NO, "A10": True, "A11": None}, solely_supervised=True)
    assert supervised.sentence == (
        "0 of 9 criteria; below mild; opioids taken solely under medical supervision, so A10 and"
        " A11 do not count; impairment or distress present; no answer missing; the criteria"
        " threshold is not reached"
    )
    nothing = oud.score({}, edition="dsm-5")
    assert "sole medical supervision not answered" in nothing.sentence
    assert "impairment or distress not answered" in nothing.sentence
    assert "11 answers missing (A1 to A11)" in nothing.sentence
    assert "below mild, mild, moderate or severe" in nothing.sentence
    assert "the criteria threshold may be reached" in nothing.sentence
    assert "1 answer missing (A3)" in ask({**ALL_NO, "A3": None}).sentence
    for found in (supervised, nothing, ask(FOUR)):
        assert "diagnosed" not in found.sentence and "low risk" not in found.sentence


WRITTEN: Any = [
    ("yes", True),
    (" Y ", True),
    ("TRUE", True),
    (1, True),
    (1.0, True),
    (np.True_, True),
    (np.int64(1), True),
    ("no", False),
    ("0", False),
    (0.0, False),
    (np.False_, False),
    ("unknown", None),
    ("", None),
    (None, None),
    (float("nan"), None),
    ("1.0", True),
    (Decimal(0), False),
    (Decimal("NaN"), None),
    (Decimal("sNaN"), None),
    (pd.NA, None),
    (pd.NaT, None),
]


@pytest.mark.parametrize("word, answer", WRITTEN, ids=range(len(WRITTEN)))
def test_ways_to_write_an_answer(word: Any, answer: bool | None) -> None:
    found = ask({"A3": word}, solely_supervised=word, impairment_or_distress=word)
    assert found.answers[2] is answer
    assert found.solely_supervised is answer and found.impairment_or_distress is answer


@pytest.mark.parametrize(
    "word",
    ["maybe", 2, -1, 0.5, [], float("inf"), date(2026, 1, 1), "nan", np.array([1, 0]), b"yes"],
)
def test_what_is_no_answer_is_refused(word: Any) -> None:
    with pytest.raises(ArgumentError, match="is no answer") as caught:
        ask({"A1": True}, solely_supervised=word)
    assert caught.value.where == "solely_supervised"
    if not isinstance(word, date):
        with pytest.raises(ArgumentError, match="is no answer") as caught:
            ask({"A1": word})
        assert caught.value.where == "answers['A1']"


def test_answers_by_label() -> None:
    assert ask({"Craving": True, "role failure": "yes"}) == ask({"a4": True, "A5": True})


def test_an_unknown_criterion_is_refused_with_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"'cravings' is no criterion.*A4 \(craving\)"):
        ask({"cravings": True})
    with pytest.raises(ArgumentError, match="A12"):
        ask({"A12": True})
    with pytest.raises(ArgumentError):
        ask({4: True})


def test_a_question_beside_the_criteria_is_pointed_to_its_argument() -> None:
    with pytest.raises(ArgumentError, match="Give it as solely_supervised= beside them"):
        ask({"A1": True, "solely_supervised": True})


def test_an_open_stem_names_only_bands_that_are_possible() -> None:
    six = {**ALL_NO, **dict.fromkeys(["A1", "A2", "A3", "A5", "A6", "A7"], True)}
    found = ask(six, impairment_or_distress=None)
    assert "; below mild or severe; " in found.sentence


def test_the_record_can_repeat_the_count() -> None:
    found = ask({"A2": "2018-12-01"}, as_of="2019-01-01", comorbid="withdrawal", on="2020-12-01")
    assert found.provenance.arguments == {
        "solely_supervised": "false",
        "impairment_or_distress": "true",
        "comorbid": "withdrawal",
        "as_of": "2019-01-01",
        "on": "2020-12-01",
    }
    # Without a day of its own the code is that of the assessment.
    two = {**ALL_NO, "A1": "2018-12-01", "A2": "2018-12-01"}
    assert ask(two, as_of="2019-01-01", comorbid="withdrawal").candidate_icd10cm == ("F11.23",)


def test_two_states_of_one_code_have_it_once() -> None:
    found = ask(FOUR, comorbid=["induced_anxiety", "withdrawal_delirium"])
    assert found.candidate_icd10cm == ("F11.288",)
    assert ask(FOUR, comorbid=np.array(["withdrawal"])).candidate_icd10cm == ("F11.23",)
    assert ask(FOUR, comorbid="none") == ask(FOUR)


def test_an_edition_of_codes_is_an_argument() -> None:
    codes = oud.edition("icd-10-cm-f11-fy2023")
    assert ask(FOUR, codes=codes) == ask(FOUR, codes="icd-10-cm-f11-fy2023")
    with pytest.raises(EditionNotFoundError, match="icd-10-cm-f11-fy2023"):
        ask(FOUR, codes="dsm-5")
    with pytest.raises(ArgumentTypeError, match="codes"):
        ask(FOUR, codes=2026)


def test_a_criterion_answered_twice_is_refused() -> None:
    with pytest.raises(ArgumentError, match="A4 is answered twice"):
        ask({"A4": True, "craving": False})


@pytest.mark.parametrize("answers", [None, "A1", ["A1"], 3])
def test_answers_are_a_mapping(answers: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a mapping"):
        ask(answers)


def test_editions_are_named() -> None:
    with pytest.raises(EditionNotFoundError, match="dsm-5-tr"):
        ask(FOUR, edition="dsm-5tr")
    with pytest.raises(EditionNotFoundError):
        ask(FOUR, edition="cows-2003")
    with pytest.raises(ArgumentTypeError):
        ask(FOUR, edition=5)
    edition = oud.edition("dsm-5")
    assert ask(FOUR, edition=edition).edition == "dsm-5"


def test_exempt_criteria_are_neither_counted_nor_asked_for() -> None:
    found = ask({**FOUR, "A11": None}, solely_supervised=True)
    assert found.criteria_met == oud.Bounds(2, 9)
    assert found.counts[9:] == (False, False)
    assert "A11" not in found.missing and "A11" not in found.would_settle


def test_unknown_supervision_spans_both() -> None:
    found = ask({**ALL_NO, "A10": True, "A11": True}, solely_supervised=None)
    assert found.criteria_met == oud.Bounds(0, 2)
    assert found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.SUPERVISION_UNANSWERED
    assert found.would_settle == ("solely_supervised",)


def test_supervision_that_decides_nothing_blocks_no_code() -> None:
    five = {**ALL_NO, **dict.fromkeys(["A1", "A2", "A3", "A5", "A8"], True)}
    found = ask(five, solely_supervised=None)
    assert found.candidate_icd10cm == ("F11.20",) and found.would_settle == ()
    open_code = ask(
        {**ALL_NO, "A1": True, "A2": True, "A3": True, "A5": None}, solely_supervised=None
    )
    assert open_code.candidate_icd10cm == ("F11.10", "F11.20")
    assert open_code.code_reason is CodeReason.ANSWERS_MISSING


def test_an_unanswered_stem_leaves_no_code_and_a_lower_bound_of_none() -> None:
    found = ask(FOUR, impairment_or_distress=None)
    assert found.severity.lower is Severity.NONE
    assert found.candidate_icd10cm == ()
    assert found.code_reason is CodeReason.IMPAIRMENT_UNANSWERED
    assert "impairment_or_distress" in found.would_settle


def test_no_impairment_means_no_band_and_nothing_to_ask() -> None:
    found = ask(FOUR, impairment_or_distress=False)
    assert found.criteria_met == oud.Bounds(4, 11)
    assert found.severity == oud.Bounds(Severity.NONE, Severity.NONE)
    assert "; no band; " in found.sentence
    assert found.sentence.endswith("without impairment or distress there is no band")
    assert found.would_settle == () and found.code_reason is CodeReason.NO_IMPAIRMENT


def test_a_single_code_beside_none_is_not_told_as_settled() -> None:
    found = ask({**ALL_NO, "A1": True, "A2": None})
    assert found.candidate_icd10cm == () and not found.code_is_settled
    assert found.code_reason is CodeReason.ANSWERS_MISSING


def test_a_comorbid_state_has_its_code_alone() -> None:
    assert ask({**ALL_NO, "A1": True, "A2": True}, comorbid="withdrawal").candidate_icd10cm == (
        "F11.13",
    )
    several = ask(FOUR, comorbid=["induced_anxiety", "induced_depressive", "induced_anxiety"])
    assert several.candidate_icd10cm == ("F11.24", "F11.288") and several.code_is_settled
    assert ask(ALL_NO, comorbid=oud.ComorbidState.WITHDRAWAL).candidate_icd10cm == ("F11.93",)
    with pytest.raises(ArgumentError, match="induced_anxiety"):
        ask(FOUR, comorbid="induced anxiety")
    with pytest.raises(ArgumentTypeError):
        ask(FOUR, comorbid=5)


def test_the_day_of_the_code() -> None:
    two = {**ALL_NO, "A1": True, "A2": True}
    assert ask(two, comorbid="withdrawal", on="2020-09-30").candidate_icd10cm == ("F11.23",)
    assert ask(two, comorbid="withdrawal", on="2020-10-01").candidate_icd10cm == ("F11.13",)
    with pytest.raises(ArgumentError, match="before ICD-10-CM"):
        ask(two, on="2015-09-30")


def test_dates_need_the_day_of_the_assessment() -> None:
    dated = {"A1": "yes", "A2": date(2026, 5, 1)}
    with pytest.raises(ArgumentError, match="A2 came with dates"):
        ask(dated)
    assert ask(dated, as_of="2026-06-01").criteria_met.lower == 2
    # In score a yes without a date counts; a date before the window is no longer a yes.
    assert ask(dated, as_of="2027-05-01").criteria_met.lower == 1
    assert ask(dated, as_of="2027-04-30").criteria_met.lower == 2
    with pytest.raises(ArgumentError, match="after the assessment"):
        ask(dated, as_of="2026-04-30")


def test_dates_of_one_answer_agree_with_it_and_with_the_assessment() -> None:
    late = oud.Answer(True, "2026-07-01", "2026-01-01")
    with pytest.raises(ArgumentError, match="after the assessment"):
        ask({"A10": late}, as_of="2026-06-01")
    with pytest.raises(ArgumentError, match="A10 came with dates"):
        ask({"A10": oud.Answer(True, last_true_outside_supervision="2026-01-01")})
    old = oud.Answer("no", "2020-01-01")
    assert ask({"A2": old}, as_of="2026-06-01").answers[1] is False


def test_a_run_of_three_identifiers_is_drawn_together() -> None:
    assert "(A1 to A3)" in ask({**ALL_NO, "A1": None, "A2": None, "A3": None}).sentence
    assert "(A1, A2)" in ask({**ALL_NO, "A1": None, "A2": None}).sentence


def test_answers_as_records() -> None:
    record = {"met": "yes", "last_true": "2026-05-01"}
    assert ask({"A2": record}, as_of="2026-06-01") == ask(
        {"A2": oud.Answer(True, last_true=date(2026, 5, 1))}, as_of="2026-06-01"
    )
    with pytest.raises(ArgumentError, match="field that no answer has"):
        ask({"A2": {"date": "2026-05-01"}})
    with pytest.raises(ArgumentError, match=r"answers\['A2'\].last_true"):
        ask({"A2": {"last_true": "May"}})
    # A naive timestamp is its date; a zoned one has none of its own.
    moment = datetime(2026, 5, 1, 13, 30)  # noqa: DTZ001
    assert ask({"A2": moment}, as_of="2026-06-01") == ask({"A2": record}, as_of="2026-06-01")
    assert ask({"A2": pd.Timestamp(moment)}, as_of="2026-06-01").criteria_met.lower == 1
    with pytest.raises(ArgumentTypeError):
        ask({"A2": {"last_true": datetime(2026, 5, 1, tzinfo=UTC)}})


def test_the_pain_adjusted_count_stands_beside() -> None:
    answers = {
        **ALL_NO,
        "A1": oud.Answer(True, pain_is_sole_motive=True),
        "A2": {"met": True, "pain_is_sole_motive": False},
        "A3": True,
        "A10": True,
    }
    found = ask(answers)
    assert found.criteria_met == oud.Bounds(4, 4)
    assert found.pain_adjusted == oud.Bounds(2, 3)
    assert found.pain_adjusted_severity == oud.Bounds(Severity.MILD, Severity.MILD)
    assert "without criteria whose only motive is pain: 2 to 3, mild" in found.sentence
    assert ask(FOUR).pain_adjusted is None


def test_a_motive_of_tolerance_is_refused() -> None:
    with pytest.raises(ArgumentError, match="motive"):
        ask({"A10": oud.Answer(True, pain_is_sole_motive=True)})
    with pytest.raises(ArgumentError, match="under supervision too"):
        ask({"A1": oud.Answer(True, last_true_outside_supervision=date(2026, 1, 1))})
    with pytest.raises(ArgumentError, match="later"):
        oud.Answer(True, date(2026, 1, 1), date(2026, 1, 2))


def test_the_count_explains_itself() -> None:
    found = ask(FOUR)
    shown = found._repr_html_()
    assert found.sentence.replace("'", "&#x27;") in shown
    assert shown.count("<tr>") == 12 and "Used as opsafe edition dsm-5-tr" in shown
    told = json.loads(found.to_json())
    assert told["criteria_met"] == [4, 11] and told["severity"] == ["moderate", "severe"]
    assert told["answers"]["A2"] is None
    assert [each["id"] for each in told["provenance"]["editions"]] == [
        "dsm-5-tr",
        "icd-10-cm-f11-fy2023",
    ]
    assert told["provenance"]["arguments"]["solely_supervised"] == "false"
    assert "exempt" in ask(FOUR, solely_supervised=True)._repr_html_()


def test_a_count_never_mixes_with_other_evidence() -> None:
    count = ask(FOUR)
    coded = oud.from_icd10cm("F11.20", on="2026-01-01")
    treated = oud.TreatedOud("methadone", "2026-01-01", "2026-02-01")
    history = oud.score_history(FOUR, as_of="2026-01-01", edition="dsm-5-tr")
    kinds: list[Any] = [count, coded, treated, history]
    for one in kinds:
        for other in kinds:
            if one is not other:
                with pytest.raises(ArgumentTypeError, match="different kinds of evidence"):
                    _ = one == other
                with pytest.raises(TypeError):
                    _ = one < other
                with pytest.raises(TypeError):
                    _ = one + other
        with pytest.raises(ArgumentTypeError, match="neither true nor false"):
            bool(one)
        assert one == one and one != "F11.20" and hash(one) == hash(one)
    with pytest.raises(FrozenInstanceError):
        count.answers = ()  # type: ignore[misc]


def test_bounds() -> None:
    bounds = oud.Bounds(2, 4)
    assert 2 in bounds and 4 in bounds and 5 not in bounds and not bounds.is_certain
    assert oud.Bounds(3, 3).is_certain
    assert repr(bounds) == "Bounds(lower=2, upper=4)"
