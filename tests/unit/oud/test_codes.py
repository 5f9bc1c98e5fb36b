"""Codes of every state, the states of every code, and what is refused by name."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud import CodedState, ComorbidState, Remission, Severity

TODAY = date(2026, 1, 1)
CODES = oud.edition("icd-10-cm-f11-fy2023")
ENDINGS = "0 1 20 21 22 29 3 4 50 51 59 81 82 88 9".split()
BILLABLE = sorted(f"F11.{family}{ending}" for family in "129" for ending in ENDINGS)
HEADERS = sorted(
    ["F11", *(f"F11.{family}{end}" for family in "129" for end in ("", "2", "5", "8"))]
)
STATES = list(product(Severity, Remission, (None, *ComorbidState)))


def test_every_billable_code_and_header_is_listed_and_no_other() -> None:
    assert sorted(each.code for each in CODES.codes if each.billable) == BILLABLE
    assert sorted(each.code for each in CODES.codes if not each.billable) == HEADERS


@pytest.mark.parametrize("code", [*BILLABLE, *HEADERS])
def test_every_code_is_read_in_every_writing(code: str) -> None:
    found = oud.from_icd10cm(code, on=TODAY)
    assert found.code == code and found.is_billable == (code in BILLABLE) and found.states
    for written in (code.lower(), code.replace(".", ""), f" {code} "):
        assert oud.from_icd10cm(written, on="2026-01-01") == found


@pytest.mark.parametrize("severity, remission, comorbid", STATES)
def test_the_map_is_total_and_its_inverse_holds_the_state(
    severity: Severity, remission: Remission, comorbid: ComorbidState | None
) -> None:
    code = oud.code_for(severity, remission=remission, comorbid=comorbid)
    if code is None:
        assert severity is Severity.NONE and comorbid is None
        return
    found = oud.from_icd10cm(code, on=TODAY)
    assert found.is_billable
    # A code of a comorbid state says nothing of remission.
    shown = Remission.NONE if comorbid else remission
    assert CodedState(severity, shown, comorbid) in found.states


@pytest.mark.parametrize("code", BILLABLE)
def test_every_state_of_a_code_leads_back_to_it_or_was_not_met(code: str) -> None:
    for state in oud.from_icd10cm(code, on=TODAY).states:
        again = oud.code_for(state.severity, remission=state.remission, comorbid=state.comorbid)
        twin = code.replace("20", "29") if code.endswith("20") and len(code) == 7 else code
        assert again in (code, twin) or state.severity is Severity.NONE


@pytest.mark.parametrize(
    "severity, remission, comorbid, code",
    [
        ("NONE", "NONE", None, None),
        ("MILD", "NONE", None, "F11.10"),
        ("MODERATE", "NONE", None, "F11.20"),
        ("SEVERE", "NONE", None, "F11.20"),
        ("MILD", "EARLY", None, "F11.11"),
        ("SEVERE", "SUSTAINED", None, "F11.21"),
        ("NONE", "NONE", "withdrawal", "F11.93"),
        ("MILD", "NONE", "withdrawal", "F11.13"),
        ("SEVERE", "NONE", "withdrawal", "F11.23"),
        ("NONE", "NONE", "intoxication_without_perceptual", "F11.929"),
        ("MILD", "NONE", "intoxication_with_perceptual", "F11.122"),
        ("SEVERE", "NONE", "intoxication_delirium", "F11.221"),
        ("MILD", "NONE", "withdrawal_delirium", "F11.188"),
        ("MODERATE", "NONE", "induced_depressive", "F11.24"),
        ("MODERATE", "NONE", "induced_psychotic_delusions", "F11.250"),
        ("NONE", "NONE", "induced_anxiety", "F11.988"),
        ("MILD", "NONE", "induced_sleep", "F11.182"),
        ("SEVERE", "NONE", "induced_sexual_dysfunction", "F11.281"),
        ("SEVERE", "NONE", "induced_unspecified", "F11.29"),
        ("SEVERE", "EARLY", "withdrawal", "F11.23"),
    ],
)
def test_codes_as_their_sources_print_them(
    severity: str, remission: str, comorbid: str | None, code: str | None
) -> None:
    assert (
        oud.code_for(Severity[severity], remission=Remission[remission], comorbid=comorbid) == code
    )


def test_what_the_code_of_a_moderate_disorder_can_mean() -> None:
    found = oud.from_icd10cm("F11.20", on=TODAY)
    assert found.severities == {Severity.NONE, Severity.MODERATE, Severity.SEVERE}
    assert found.remissions == {Remission.NONE}
    assert found.sentence.startswith(
        "F11.20 on 2026-01-01: severe or moderate or coded, criteria not met; criteria may"
    )
    assert "57.7%" in found.sentence and "57.7%" in str(oud.CodedOud.__doc__)
    assert "57.7%" in found._repr_html_()


def test_severity_and_kind_of_remission_are_not_recovered() -> None:
    found = oud.from_icd10cm("F11.21", on=TODAY)
    assert {(each.severity, each.remission) for each in found.states} == {
        (Severity.MODERATE, Remission.EARLY),
        (Severity.MODERATE, Remission.SUSTAINED),
        (Severity.SEVERE, Remission.EARLY),
        (Severity.SEVERE, Remission.SUSTAINED),
        (Severity.NONE, Remission.NONE),
    }
    assert "severe, in early remission" in found.sentence


def test_a_header_means_what_the_codes_below_it_mean() -> None:
    header = oud.from_icd10cm("F11.12", on=TODAY)
    below = [oud.from_icd10cm(f"F11.12{end}", on=TODAY) for end in "0129"]
    assert header.states == frozenset().union(*(each.states for each in below))
    assert not header.is_billable


def test_before_a_code_existed_another_was_claimed() -> None:
    assert (
        CodedState(Severity.MILD, Remission.EARLY)
        in oud.from_icd10cm("F11.10", on="2017-09-30").states
    )
    assert oud.from_icd10cm("F11.10", on="2017-10-01").remissions == {Remission.NONE}
    assert Severity.MILD in oud.from_icd10cm("F11.23", on="2020-09-30").severities
    assert Severity.MILD not in oud.from_icd10cm("F11.23", on="2020-10-01").severities
    assert oud.code_for(Severity.MILD, remission=Remission.EARLY, on="2017-09-30") == "F11.10"
    assert oud.code_for(Severity.SEVERE, remission=Remission.EARLY, on="2016-01-01") == "F11.21"


@pytest.mark.parametrize(
    "code, message",
    [
        ("F11.0", r"F11\.0 does not exist"),
        ("F11.01", "does not exist"),
        ("F11.204", "does not exist"),
        ("F11.2A", "does not exist"),
        ("F10.20", "no code of opioid related disorders"),
        ("T40.2X1A", "no code of opioid related disorders"),
        ("", "not written like"),
        ("opioid", "not written like"),
        ("F11..20", "not written like"),
        ("F11.20.1", "not written like"),
        ("11.20", "not written like"),
        ("F11.2000000", "not written like"),
        ("F11.", "not written like"),
        ("F.1120", "not written like"),
        ("F1.120", "not written like"),
    ],
)
def test_what_is_no_code_is_refused_by_name(code: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        oud.from_icd10cm(code, on=TODAY)
    assert caught.value.where == "code"


@pytest.mark.parametrize(
    "code, day, instead",
    [("F11.11", "2017-09-30", "F11.10"), ("F11.13", "2020-09-30", "F11.23"),
     ("F11.91", "2022-09-30", "F11.90")],
)  # fmt: skip
def test_a_code_before_its_first_day_is_refused(code: str, day: str, instead: str) -> None:
    with pytest.raises(ArgumentError, match=f"{code} was not in use.*{instead}"):
        oud.from_icd10cm(code, on=day)


def test_days_and_types_are_checked() -> None:
    with pytest.raises(ArgumentError, match="before ICD-10-CM"):
        oud.from_icd10cm("F11.20", on="2015-09-30")
    wrong: Any = 1120
    with pytest.raises(ArgumentTypeError):
        oud.from_icd10cm(wrong, on=TODAY)
    with pytest.raises(ArgumentTypeError):
        oud.from_icd10cm("F11.20", on=wrong)
    with pytest.raises(ArgumentTypeError, match="Allowed: none, mild, moderate, severe"):
        oud.code_for(wrong)
    with pytest.raises(ArgumentTypeError, match="Allowed: none, early, sustained"):
        oud.code_for("mild", remission=wrong)
    with pytest.raises(ArgumentError, match="is none"):
        oud.code_for("terrible")
    both: Any = ["withdrawal", "induced_sleep"]
    with pytest.raises(ArgumentError, match="one state"):
        oud.code_for(Severity.MILD, comorbid=both)


def test_a_coded_disorder_is_a_set_of_states() -> None:
    found = oud.from_icd10cm("F11.10", on=TODAY)
    assert len(found) == len(found.states) == 2
    assert CodedState(Severity.MILD) in found and set(found) == found.states
    remission = oud.from_icd10cm("F11.91", on=TODAY)
    assert "in early remission" in remission.sentence
    assert remission.sentence.count("sustained") == 1
    assert len(oud.from_icd10cm("F11.1", on="2016-01-01")) < len(
        oud.from_icd10cm("F11.1", on=TODAY)
    )


def test_an_edition_of_one_s_own_can_end_a_code_and_follow_two_back() -> None:
    later = date(2027, 10, 1)
    rows = {
        each.code: each.model_copy(update={"valid_to": date(2027, 9, 30)})
        if each.code == "F11.13"
        else each
        for each in CODES.codes
    }
    rows["F11.14"] = rows["F11.14"].model_copy(update={"valid_from": later, "before": "F11.13"})
    edition = CODES.model_copy(update={"codes": tuple(rows.values())})
    with pytest.raises(ArgumentError, match=r"F11\.13 was not in use"):
        oud.from_icd10cm("F11.13", on=later, codes=edition)
    assert oud.from_icd10cm("F11.13", on="2027-09-30", codes=edition).edition == edition.id
    old: dict[str, Any] = {"comorbid": "induced_depressive", "codes": edition}
    assert oud.code_for("mild", on="2026-01-01", **old) == "F11.13"
    assert oud.code_for("mild", on="2019-01-01", **old) == "F11.23"


def test_a_treatment_has_a_medication_and_days() -> None:
    treated = oud.TreatedOud("naltrexone", "2026-01-01", date(2026, 1, 31))
    assert oud.TreatedOud("methadone", "2026-01-01", "2026-01-01").days == 1
    assert treated.days == 31 and treated == oud.TreatedOud(
        "naltrexone", date(2026, 1, 1), "2026-01-31"
    )
    unknown: Any = "morphine"
    with pytest.raises(ArgumentError, match="no medication for opioid use disorder"):
        oud.TreatedOud(unknown, "2026-01-01", "2026-01-31")
    with pytest.raises(ArgumentError, match="before first_day"):
        oud.TreatedOud("methadone", "2026-01-02", "2026-01-01")
