"""What a history of criteria holds, before it is told in words.

The words need the history and the history its words: so the fields stand here, below both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from opsafe.oud._calendar import months_before
from opsafe.oud._conclusion import Conclusion
from opsafe.oud._evidence import Evidence
from opsafe.oud._past import Past, Seen
from opsafe.oud._settling import settling
from opsafe.oud.bounds import Bounds
from opsafe.oud.count import CriteriaCount
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import MaintenanceTherapy, Remission, Severity

__all__ = ["Concluded"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Concluded(Evidence):
    """What a history holds; :class:`~opsafe.oud.CriteriaHistory` says it in words."""

    past: Past
    """What is known, as it was read."""
    seen: Seen
    conclusion: Conclusion
    maintenance_therapy: MaintenanceTherapy | None
    """As given; said as a specifier only beside a remission."""
    controlled_environment: bool | None
    """As given; said as a specifier only beside a remission."""

    @property
    def as_of(self) -> date:
        """The day of the assessment."""
        day = self.past.asked.as_of
        assert day is not None
        return day

    @property
    def first_day(self) -> date:
        """The first day of the window that criteria are counted in."""
        return months_before(self.as_of, self.past.asked.criteria.window_months) + timedelta(1)

    @property
    def lookback(self) -> CriteriaCount:
        """The count within the window; its code is left to the history."""
        return replace(
            self.seen.lookback, candidate_icd10cm=(), code_reason=CodeReason.HISTORY_DECIDES
        )

    @property
    def months_without_criteria(self) -> Bounds[int]:
        """Whole months since a criterion was last true, craving apart; 12 means 12 or more."""
        return self.seen.clock.months

    @property
    def full_criteria_before(self) -> bool | None:
        """Whether full criteria were met before: as said, or as the dates show."""
        return self.seen.met_before

    @property
    def remission(self) -> Bounds[Remission]:
        """None, early or sustained: the least and the most that what is known allows."""
        return self.conclusion.remission

    @property
    def remission_is_certain(self) -> bool:
        """Whether what is known leaves one answer to whether there is remission, and which."""
        return self.remission.is_certain

    @property
    def prior_severity(self) -> Bounds[Severity]:
        """The band before remission."""
        return self.conclusion.prior_severity

    @property
    def severity(self) -> Bounds[Severity] | None:
        """The band of a current disorder; None in remission, and where there is neither."""
        return self.conclusion.severity

    @property
    def candidate_icd10cm(self) -> tuple[str, ...]:
        """The codes still possible; one is settled, unless several states have one each."""
        return self.conclusion.candidates.codes

    @property
    def code_reason(self) -> CodeReason | None:
        """Why there is no code or more than one; None where it is settled."""
        return self.conclusion.candidates.reason

    @property
    def would_settle(self) -> tuple[str, ...]:
        """The unanswered questions that can still change the state or the code."""
        return settling(self.past, self.seen, self.conclusion)

    @property
    def specifiers(self) -> tuple[str, ...]:
        """What is said beside a remission; nothing unless remission is certain."""
        if self.remission.lower is Remission.NONE:
            return ()
        on_therapy = self.maintenance_therapy is not None
        words = ["on maintenance therapy"] * on_therapy
        return tuple(words + ["in a controlled environment"] * bool(self.controlled_environment))
