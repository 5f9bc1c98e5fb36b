"""What a history of criteria holds, before it is told in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from opsafe.oud._evidence import Evidence
from opsafe.oud.bounds import Bounds
from opsafe.oud.count import CriteriaCount
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import MaintenanceTherapy, Remission, Severity

__all__ = ["Concluded"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Concluded(Evidence):
    """What a history holds; :class:`~opsafe.oud.CriteriaHistory` says it in words."""

    as_of: date
    """The day of the assessment."""
    first_day: date
    """The first day of the window that criteria are counted in."""
    lookback: CriteriaCount
    """The count within the window."""
    months_without_criteria: Bounds[int]
    """Whole months since a criterion was last true, craving apart; 12 means 12 or more."""
    full_criteria_before: bool | None
    """Whether full criteria were met before: as said, or as the dates show; None where unknown."""
    remission: Bounds[Remission]
    """None, early or sustained: the least and the most that what is known allows."""
    prior_severity: Bounds[Severity]
    """The band before remission."""
    severity: Bounds[Severity] | None
    """The band of a current disorder; None in remission, and where there is neither."""
    maintenance_therapy: MaintenanceTherapy | None
    """As given; said as a specifier only beside a remission."""
    controlled_environment: bool | None
    """As given; said as a specifier only beside a remission."""
    candidate_icd10cm: tuple[str, ...]
    """The codes still possible; one is settled, unless several states beside it have one each."""
    code_reason: CodeReason | None
    """Why there is no code or more than one; None where it is settled."""
    would_settle: tuple[str, ...]
    """The unanswered questions that can still change the state or the code."""
    arguments: tuple[tuple[str, object], ...]
    """What was asked, for the record."""

    @property
    def remission_is_certain(self) -> bool:
        """Whether what is known leaves one answer to whether there is remission, and which."""
        return self.remission.is_certain

    @property
    def specifiers(self) -> tuple[str, ...]:
        """What is said beside a remission; nothing unless remission is certain."""
        if self.remission.lower is Remission.NONE:
            return ()
        on_therapy = self.maintenance_therapy is not None
        words = ["on maintenance therapy"] * on_therapy
        return tuple(words + ["in a controlled environment"] * bool(self.controlled_environment))
