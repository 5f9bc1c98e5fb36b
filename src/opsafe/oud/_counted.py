"""What a count of criteria holds, before it is told in words.

The words need the count and the count its words: so the fields stand here, below both.
"""

from __future__ import annotations

from dataclasses import dataclass

from opsafe.oud._asked import Asked
from opsafe.oud._evidence import Evidence
from opsafe.oud.bounds import Bounds
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import ComorbidState, Severity

__all__ = ["Counted"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Counted(Evidence):
    """What a count of criteria holds; :class:`~opsafe.oud.CriteriaCount` says it in words."""

    asked: Asked
    """Editions, days, supervision and impairment, as they were read."""
    answers: tuple[bool | None, ...]
    """A1 to A11: yes, no, or None where unknown; of dated answers, within the window."""
    counts: tuple[bool | None, ...]
    """A1 to A11: whether a yes counts; None where that depends on an unanswered supervision."""
    criteria_met: Bounds[int]
    """Fewest and most criteria met, of those that count."""
    severity: Bounds[Severity]
    """The lowest and the highest band that the missing answers leave possible."""
    candidate_icd10cm: tuple[str, ...]
    """The codes still possible; one is settled, unless several states beside it have one each."""
    code_reason: CodeReason | None
    """Why there is no code or more than one; None where it is settled."""
    would_settle: tuple[str, ...]
    """The unanswered questions that can still change the band, and none that cannot."""
    pain_adjusted: Bounds[int] | None = None
    """Criteria met without those whose only motive is relief of pain, where motives were given."""
    pain_adjusted_severity: Bounds[Severity] | None = None
    """The bands of that count."""

    @property
    def criteria_edition(self) -> CriteriaEdition:
        """The edition of criteria itself."""
        return self.asked.criteria

    @property
    def edition(self) -> str:
        """The id of the edition of criteria."""
        return self.asked.criteria.id

    @property
    def solely_supervised(self) -> bool | None:
        """Whether opioids are taken solely under medical supervision; None where unanswered."""
        return self.asked.solely_supervised

    @property
    def impairment_or_distress(self) -> bool | None:
        """Whether there is impairment or distress; None where unanswered."""
        return self.asked.impairment_or_distress

    @property
    def comorbid(self) -> tuple[ComorbidState, ...]:
        """States beside the disorder that have a code of their own."""
        return self.asked.comorbid

    @property
    def severity_is_certain(self) -> bool:
        """Whether the missing answers leave one band."""
        return self.severity.is_certain

    @property
    def code_is_settled(self) -> bool:
        """Whether the missing answers leave one answer to which code, if any, applies."""
        return self.code_reason is None or self.code_reason.is_settled

    @property
    def missing(self) -> tuple[str, ...]:
        """The unanswered criteria that are asked for."""
        return tuple(
            name
            for name, answer, counts in zip(
                self.criteria_edition.ids, self.answers, self.counts, strict=True
            )
            if answer is None and counts is not False
        )
