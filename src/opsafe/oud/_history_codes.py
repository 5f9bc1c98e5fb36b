"""From the clock and the lookback to one conclusion: remission, current, neither, or open.

The order of the rules: remission of 3 months and more outranks the lookback; a stated last
criterion less than 3 months ago leaves the disorder current at its prior severity; otherwise the
lookback decides, and where it holds less than a disorder after full criteria, there is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._clock import Clock
from opsafe.oud._codes_open import settled_or_open
from opsafe.oud.bounds import Bounds
from opsafe.oud.codes import possible_codes
from opsafe.oud.count import CriteriaCount
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import Remission, Severity

__all__ = ["Conclusion", "Known", "conclude"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person's history."""

    lookback: CriteriaCount
    clock: Clock
    is_stated: bool
    """Whether the last criterion was stated as such."""
    met_before: bool | None
    prior: Bounds[Severity] | None
    at_onset: Severity
    due_to_agonist: bool | None
    on: date | None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The state, or what is left open of it."""

    met_before: bool | None
    remission: Bounds[Remission]
    prior: Bounds[Severity]
    severity: Bounds[Severity] | None
    codes: tuple[str, ...]
    reason: CodeReason | None
    would_settle: tuple[str, ...]


def conclude(known: Known) -> Conclusion:
    """Apply the rules in their order.

    Raises
    ------
    ArgumentError
        If a prior severity is given where full criteria were never met.
    """
    met_before = _met_before(known)
    prior = known.prior or Bounds(max(Severity.MILD, known.at_onset), Severity.SEVERE)
    remission = known.clock.remission(known.lookback.criteria_edition, met_before)
    severity = _current(known, met_before, prior) if remission.lower == 0 else None
    may_be_left = severity is not None and severity.lower == 0 and met_before is not False
    may_be_left = may_be_left and not known.is_stated
    codes, reason = _codes(known, remission, prior, severity)
    if may_be_left and severity is not None:
        certain = remission.upper == 0 and severity.upper == 0 and met_before is True
        if certain:
            severity = None
        if certain or reason is CodeReason.NO_DISORDER:
            codes = ()
            reason = CodeReason.ONE_CRITERION_LEFT if certain else CodeReason.REMISSION_NOT_SETTLED
    return Conclusion(
        met_before=met_before,
        remission=remission,
        prior=prior,
        severity=severity,
        codes=codes,
        reason=reason,
        would_settle=_would_settle(known, met_before, remission, prior, severity),
    )


def _met_before(known: Known) -> bool | None:
    """Whether full criteria were met: as said, or as the dates themselves show."""
    if known.prior is not None:
        if known.met_before is False:
            raise ArgumentError(
                "is given although full criteria were never met", where="prior_severity"
            )
        return True
    shown = max(known.lookback.severity.lower, known.at_onset) > Severity.NONE
    return True if shown else known.met_before


def _current(known: Known, met_before: bool | None, prior: Bounds[Severity]) -> Bounds[Severity]:
    """The bands that a current disorder can have."""
    lookback = known.lookback.severity
    if not known.is_stated or met_before is False:
        return lookback
    if met_before:
        return prior
    return Bounds(min(lookback.lower, prior.lower), max(lookback.upper, prior.upper))


def _codes(
    known: Known,
    remission: Bounds[Remission],
    prior: Bounds[Severity],
    severity: Bounds[Severity] | None,
) -> tuple[tuple[str, ...], CodeReason | None]:
    comorbid = known.lookback.comorbid
    answers: dict[tuple[str, ...], None] = {}
    if severity is not None:
        answers |= dict.fromkeys(possible_codes(_range(severity), (False,), comorbid, known.on))
    if remission.upper > 0:
        answers |= dict.fromkeys(possible_codes(_range(prior), (True,), comorbid, known.on))
    unanswered = None
    if remission.lower == 0 and not (known.is_stated and known.met_before):
        count = known.lookback
        if count.code_reason in (
            CodeReason.IMPAIRMENT_UNANSWERED,
            CodeReason.SUPERVISION_UNANSWERED,
        ):
            unanswered = count.code_reason
    missing = CodeReason.ANSWERS_MISSING
    if not remission.is_certain and remission.lower == 0:
        missing = CodeReason.REMISSION_NOT_SETTLED
    elif severity is None or known.is_stated:
        missing = CodeReason.PRIOR_SEVERITY_UNKNOWN
    found = settled_or_open(tuple(answers), unanswered, missing)
    return found.codes, found.reason


def _range(bounds: Bounds[Severity]) -> tuple[Severity, ...]:
    return tuple(each for each in Severity if bounds.lower <= each <= bounds.upper)


def _would_settle(
    known: Known,
    met_before: bool | None,
    remission: Bounds[Remission],
    prior: Bounds[Severity],
    severity: Bounds[Severity] | None,
) -> tuple[str, ...]:
    asked: list[str] = []
    if severity is not None and severity == known.lookback.severity:
        asked += known.lookback.would_settle
    if met_before is None and (remission.upper > 0 or not (severity and severity.lower > 0)):
        asked.append("full_criteria_before")
    if not known.clock.months.is_certain and met_before is not False:
        asked.append("last_criterion")
        if known.due_to_agonist is None and known.lookback.solely_supervised is False:
            asked.append("due_to_prescribed_agonist")
    at_prior = remission.upper > 0 or (known.is_stated and met_before is not False)
    if at_prior and not prior.is_certain:
        asked.append("prior_severity")
    return tuple(asked)
