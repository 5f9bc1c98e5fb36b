"""Drafts in FHIR: an Observation of the count, a Condition only unconfirmed and settled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError

FOUR = {"A1": True, "A4": True, "A10": True, "A11": True, "A2": False}


def count(**more: Any) -> oud.CriteriaCount:
    asked: dict[str, Any] = {
        "edition": "dsm-5-tr",
        "solely_supervised": False,
        "impairment_or_distress": True,
    }
    return oud.score(FOUR, **(asked | more))


def test_an_observation_holds_the_bounds_and_says_which_answers_are_absent() -> None:
    draft = oud.to_fhir(count(), subject="Patient/1", effective="2026-03-01")
    json.dumps(draft)
    assert draft["resourceType"] == "Observation" and draft["status"] == "preliminary"
    assert draft["valueRange"] == {"low": {"value": 4}, "high": {"value": 10}}
    parts = {each["code"]["text"].split()[0]: each for each in draft["component"]}
    assert parts["A1"]["valueBoolean"] is True and parts["A2"]["valueBoolean"] is False
    assert "valueBoolean" not in parts["A3"]
    assert parts["A3"]["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    note = draft["note"][0]["text"]
    assert note.startswith("A draft for the clinician to complete; unsigned.")
    assert draft["effectiveDateTime"] == "2026-03-01"


def test_a_certain_count_is_a_number() -> None:
    known = {f"A{number}": number < 3 for number in range(1, 12)}
    whole = oud.score(known, edition="dsm-5", solely_supervised=False)
    assert oud.to_fhir(whole, subject="Patient/1", effective="2026-03-01")["valueInteger"] == 2


def test_a_condition_is_unconfirmed_and_needs_a_settled_code() -> None:
    draft = oud.to_fhir(count(), subject="Patient/1", effective="2026-03-01", resource="Condition")
    assert draft["verificationStatus"]["coding"][0]["code"] == "unconfirmed"
    assert draft["code"]["coding"][0]["code"] == "F11.20"
    with pytest.raises(ArgumentError, match="impairment or distress is not answered"):
        oud.to_fhir(
            count(impairment_or_distress=None),
            subject="Patient/1",
            effective="2026-03-01",
            resource="Condition",
        )
    several = count(comorbid=["induced_sleep", "induced_anxiety"])
    with pytest.raises(ArgumentError, match="several codes apply"):
        oud.to_fhir(several, subject="Patient/1", effective="2026-03-01", resource="Condition")


def test_an_exempt_criterion_is_marked() -> None:
    draft = oud.to_fhir(count(solely_supervised=True), subject="Patient/1", effective="2026-03-01")
    texts = [each["code"]["text"] for each in draft["component"]]
    assert texts[9] == "A10 (tolerance); does not count under sole supervision"
    assert texts[0] == "A1 (more or longer than intended)"


def test_a_state_beside_no_disorder_can_be_a_condition() -> None:
    none = oud.score(
        {f"A{number}": False for number in range(1, 12)},
        edition="dsm-5-tr",
        solely_supervised=False,
        impairment_or_distress=False,
        comorbid="withdrawal",
    )
    draft = oud.to_fhir(none, subject="Patient/1", effective="2026-03-01", resource="Condition")
    assert draft["code"]["coding"][0]["code"] == "F11.93"


def test_other_evidence_and_other_resources_are_refused() -> None:
    coded: Any = oud.from_icd10cm("F11.20", on="2026-01-01")
    with pytest.raises(ArgumentTypeError, match="CodedOud is no count"):
        oud.to_fhir(coded, subject="Patient/1", effective="2026-03-01")
    history: Any = oud.score_history({}, as_of="2026-01-01", edition="dsm-5-tr")
    with pytest.raises(ArgumentTypeError, match=r"its count in \.lookback"):
        oud.to_fhir(history, subject="Patient/1", effective="2026-03-01")
    number: Any = 12
    with pytest.raises(ArgumentTypeError, match="a reference is text"):
        oud.to_fhir(count(), subject=number, effective="2026-03-01")
    claim: Any = "Claim"
    with pytest.raises(ArgumentError, match="no resource"):
        oud.to_fhir(count(), subject="Patient/1", effective="2026-03-01", resource=claim)
