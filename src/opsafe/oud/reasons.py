"""Why a row of a batch was set aside, and why a code is not settled."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["CodeReason", "Reason"]


class Reason(StrEnum):
    """Why a row of a batch has no count; ``advice`` says what to do."""

    advice: str

    def __new__(cls, code: str, advice: str) -> Reason:
        """Make a member from its code and what to do about it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.advice = advice
        return member

    ANSWER_UNREADABLE = (
        "ANSWER_UNREADABLE",
        "Answer yes, no or unknown (true, false or missing; 1, 0 or missing)",
    )
    SUPERVISION_UNREADABLE = (
        "SUPERVISION_UNREADABLE",
        "Say of sole medical supervision yes, no or unknown",
    )
    IMPAIRMENT_UNREADABLE = (
        "IMPAIRMENT_UNREADABLE",
        "Say of impairment or distress yes, no or unknown",
    )
    COMORBID_UNKNOWN = "COMORBID_UNKNOWN", "Name one state of oud.ComorbidState, or none"


class CodeReason(StrEnum):
    """Why no code is given, or more than one; ``sentence`` says it for a person."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> CodeReason:
        """Make a member from its code and its sentence."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    NO_DISORDER = "NO_DISORDER", "the criteria threshold is not reached, so there is no code"
    IMPAIRMENT_UNANSWERED = (
        "IMPAIRMENT_UNANSWERED",
        "whether there is impairment or distress is not answered",
    )
    SUPERVISION_UNANSWERED = (
        "SUPERVISION_UNANSWERED",
        "whether opioids are used solely under medical supervision is not answered",
    )
    ANSWERS_MISSING = "ANSWERS_MISSING", "missing answers leave more than one code, or none, open"
    ONE_CRITERION_LEFT = (
        "ONE_CRITERION_LEFT",
        "a criterion is left after full criteria were met: neither remission nor a band",
    )
    REMISSION_NOT_SETTLED = (
        "REMISSION_NOT_SETTLED",
        "when criteria were last true, or whether full criteria were met, is not known",
    )
    PRIOR_SEVERITY_UNKNOWN = (
        "PRIOR_SEVERITY_UNKNOWN",
        "the severity before is not known, and the code depends on it",
    )
