"""Why a row of a batch was set aside, and why a code is not settled."""

from __future__ import annotations

from opsafe._codes import AdvisedCode

__all__ = ["CodeReason", "Reason"]


class Reason(AdvisedCode):
    """Why a row of a batch has no count; ``advice`` says what to do."""

    ANSWER_UNREADABLE = (
        "ANSWER_UNREADABLE",
        "Answer yes, no or unknown, true, false or missing; dates go to oud.score_history",
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


class CodeReason(AdvisedCode):
    """Why no code is given, or more than one; ``advice`` says it for a person."""

    NO_DISORDER = "NO_DISORDER", "the criteria threshold is not reached, so there is no code"
    NO_IMPAIRMENT = "NO_IMPAIRMENT", "without impairment or distress there is no code"
    BEFORE_ICD10CM = "BEFORE_ICD10CM", "the day lies before ICD-10-CM"
    IMPAIRMENT_UNANSWERED = (
        "IMPAIRMENT_UNANSWERED",
        "whether there is impairment or distress is not answered",
    )
    SUPERVISION_UNANSWERED = (
        "SUPERVISION_UNANSWERED",
        "whether opioids are used solely under medical supervision is not answered",
    )
    ANSWERS_MISSING = "ANSWERS_MISSING", "missing answers leave more than one code, or none, open"
    HISTORY_DECIDES = "HISTORY_DECIDES", "the history decides the code, not its 12 months alone"
    ONE_CRITERION_LEFT = (
        "ONE_CRITERION_LEFT",
        "too few criteria are left after full criteria were met: neither remission nor a band",
    )
    REMISSION_NOT_SETTLED = (
        "REMISSION_NOT_SETTLED",
        "when criteria were last true, or whether full criteria were met, is not known",
    )
    PRIOR_SEVERITY_UNKNOWN = (
        "PRIOR_SEVERITY_UNKNOWN",
        "the severity before is not known, and the code depends on it",
    )

    @property
    def is_settled(self) -> bool:
        """Whether it says for certain that no code applies."""
        return self in (CodeReason.NO_DISORDER, CodeReason.NO_IMPAIRMENT)
