"""A count as a draft FHIR resource (R4) for the clinician to complete, never as a diagnosis."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from opsafe._readings import read_date
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud.bounds import Bounds
from opsafe.oud.count import CriteriaCount
from opsafe.oud.criteria import Criterion

__all__ = ["to_fhir"]

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
_DRAFT = "A draft for the clinician to complete; unsigned."


def to_fhir(
    count: CriteriaCount,
    *,
    subject: str,
    effective: date | str,
    resource: Literal["Observation", "Condition"] = "Observation",
) -> dict[str, Any]:
    """Return a count as a draft FHIR resource.

    Parameters
    ----------
    count : CriteriaCount
        What :func:`score` answered.
    subject : str
        The host's reference to the person, such as ``"Patient/123"``.
    effective : date or str
        The day of the assessment.
    resource : {"Observation", "Condition"}, optional
        An Observation of the count; or a Condition, always unconfirmed, and only where one code
        is settled.

    Returns
    -------
    dict
        A resource of FHIR R4, ready for ``json.dumps``; it holds the answers of a person.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the argument is no count, or a Condition is asked for without a settled code.

    Notes
    -----
    No standard code names a count of these criteria: the code is text. An unknown answer is a
    component with a reason for its absence, never false.

    Examples
    --------
    >>> from opsafe import oud
    >>> count = oud.score({"A1": True}, edition="dsm-5-tr")
    >>> draft = oud.to_fhir(count, subject="Patient/1", effective="2026-03-01")
    >>> draft["status"], draft["valueRange"]["high"]["value"]
    ('preliminary', 11)
    """
    if not isinstance(count, CriteriaCount):
        raise ArgumentTypeError(
            f"a {type(count).__name__} is no count of criteria",
            where="count",
            advice="Score first; a history has its count in .lookback",
        )
    if not isinstance(subject, str):
        raise ArgumentTypeError("a reference is text", where="subject", advice="Like Patient/123")
    common = {
        "subject": {"reference": subject},
        "note": [{"text": f"{_DRAFT} {count.sentence}. Edition {count.edition}."}],
    }
    day = read_date(effective, "effective").isoformat()
    if resource == "Condition":
        return {**_condition(count), **common, "recordedDate": day}
    if resource != "Observation":
        raise ArgumentError(
            "is no resource that a count becomes",
            where="resource",
            value=resource,
            allowed=("Observation", "Condition"),
        )
    return {**_observation(count), **common, "effectiveDateTime": day}


def _observation(count: CriteriaCount) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {"text": "Criteria of opioid use disorder met, count"},
        **_value(count.criteria_met),
        "component": [
            {"code": {"text": _name(one, counts)}, **_answer(answer)}
            for one, answer, counts in zip(
                count.criteria_edition.criteria, count.answers, count.counts, strict=True
            )
        ],
    }


def _name(one: Criterion, counts: bool | None) -> str:
    exempt = "; does not count under sole supervision" if counts is False else ""
    return f"{one.id} ({one.label}){exempt}"


def _value(criteria_met: Bounds[int]) -> dict[str, Any]:
    if criteria_met.is_certain:
        return {"valueInteger": criteria_met.lower}
    return {
        "valueRange": {"low": {"value": criteria_met.lower}, "high": {"value": criteria_met.upper}}
    }


def _answer(answer: bool | None) -> dict[str, Any]:
    if answer is not None:
        return {"valueBoolean": answer}
    absent = {"system": f"{_TERMINOLOGY}/data-absent-reason", "code": "unknown"}
    return {"dataAbsentReason": {"coding": [absent]}}


def _condition(count: CriteriaCount) -> dict[str, Any]:
    if count.code_reason is not None or len(count.candidate_icd10cm) != 1:
        why = count.code_reason.advice if count.code_reason else "several codes apply"
        raise ArgumentError(
            f"no single code is settled: {why}",
            where="resource",
            value="Condition",
            advice="Send an Observation, which needs no code",
        )
    unconfirmed = {"system": f"{_TERMINOLOGY}/condition-ver-status", "code": "unconfirmed"}
    return {
        "resourceType": "Condition",
        "verificationStatus": {"coding": [unconfirmed]},
        "code": {"coding": [{"system": _ICD10CM, "code": count.candidate_icd10cm[0]}]},
    }
