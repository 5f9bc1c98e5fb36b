"""From the clock and the lookback to one conclusion: remission, current, neither, or open.

Before 3 months without criteria there is no remission. A criterion that is true on the day of the
assessment leaves the lookback to decide, and where that holds too little for a disorder after full
criteria there is neither. Where all ended before that day, the disorder is current at its band
before. From 3 months on there is remission, whatever the lookback holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from opsafe.oud._codes_open import Candidates, settled_or_open
from opsafe.oud._past import Past, Seen
from opsafe.oud.bounds import Bounds
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import Remission, Severity

__all__ = ["Conclusion", "conclude"]

_ANY: Final = Bounds(Severity.MILD, Severity.SEVERE)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The state, or what is left open of it."""

    remission: Bounds[Remission]
    prior_severity: Bounds[Severity]
    severity: Bounds[Severity] | None
    """Of a current disorder, where there may be one."""
    may_be_left: bool
    """Whether criteria may be left that make neither."""
    candidates: Candidates


def conclude(past: Past, seen: Seen) -> Conclusion:
    """Apply the rules to everything that is possible."""
    remission = seen.clock.remission(past.asked.criteria, seen.met_before)
    prior = past.prior_severity or _not_below(_ANY, seen.at_onset)
    current, may_be_left = _current(past, seen, remission)
    return Conclusion(
        remission=remission,
        prior_severity=prior,
        severity=Bounds(min(current), max(current)) if current else None,
        may_be_left=may_be_left,
        candidates=_candidates(past, seen, remission, prior, current, may_be_left),
    )


def _current(past: Past, seen: Seen, remission: Bounds[Remission]) -> tuple[set[Severity], bool]:
    """Every band of a current disorder that is possible, and whether there may be neither."""
    if remission.lower is not Remission.NONE:
        return set(), False
    lookback = seen.lookback.severity
    bands: set[Severity] = set()
    may_be_left = False
    if seen.clock.may_be_present or seen.met_before is not True:
        bands |= set(Severity.between(lookback.lower, lookback.upper))
    if seen.met_before is not False and seen.clock.may_be_present:
        may_be_left = lookback.lower is Severity.NONE
    if seen.met_before is True:
        bands.discard(Severity.NONE)  # too little after full criteria is neither
    if seen.met_before is not False and seen.clock.may_be_paused:
        paused = _paused(past, seen)
        bands |= set(Severity.between(paused.lower, paused.upper))
    return bands, may_be_left


def _paused(past: Past, seen: Seen) -> Bounds[Severity]:
    """The band before, and never below what the lookback itself holds."""
    lookback = seen.lookback.severity
    if past.prior_severity is None and lookback.lower is not Severity.NONE:
        return lookback
    return _not_below(past.prior_severity or _ANY, max(lookback.lower, seen.at_onset))


def _not_below(bounds: Bounds[Severity], least: Severity) -> Bounds[Severity]:
    return Bounds(max(bounds.lower, least), max(bounds.upper, least))


def _candidates(
    past: Past,
    seen: Seen,
    remission: Bounds[Remission],
    prior: Bounds[Severity],
    current: set[Severity],
    may_be_left: bool,
) -> Candidates:
    asked = past.asked
    if asked.on is not None and asked.on < asked.codes.first_day:
        return Candidates((), CodeReason.BEFORE_ICD10CM)
    answers = [*asked.codes.possible(tuple(sorted(current)), False, asked.comorbid, asked.on)]
    if remission.upper is not Remission.NONE:
        before = _not_below(prior, seen.at_onset)
        bands = Severity.between(before.lower, before.upper)
        answers += asked.codes.possible(bands, True, asked.comorbid, asked.on)
    unanswered = _unanswered(seen, current, may_be_left)
    missing = _missing(seen, remission)
    if may_be_left and not answers:
        return Candidates((), unanswered or CodeReason.ONE_CRITERION_LEFT)
    if may_be_left:
        several = len(dict.fromkeys(answers)) > 1 and unanswered is None
        found = settled_or_open(answers, unanswered=None, missing=missing)
        reason = unanswered or CodeReason.REMISSION_NOT_SETTLED
        return Candidates(found.codes if several else (), reason)
    none = seen.lookback.code_reason
    return settled_or_open(
        answers,
        unanswered=unanswered,
        missing=missing,
        none=none if none is CodeReason.NO_IMPAIRMENT else CodeReason.NO_DISORDER,
    )


def _unanswered(seen: Seen, current: set[Severity], may_be_left: bool) -> CodeReason | None:
    """The question without whose answer no code of a current disorder is told."""
    if not current and not may_be_left:
        return None
    found = seen.lookback.code_reason
    blocking = (CodeReason.IMPAIRMENT_UNANSWERED, CodeReason.SUPERVISION_UNANSWERED)
    # A disorder that is paused has its band from before, whatever the lookback leaves open.
    only_paused = seen.met_before is True and not seen.clock.may_be_present
    return found if found in blocking and not only_paused else None


def _missing(seen: Seen, remission: Bounds[Remission]) -> CodeReason:
    if not remission.is_certain and remission.lower is Remission.NONE:
        return CodeReason.REMISSION_NOT_SETTLED
    if remission.lower is not Remission.NONE or not seen.clock.may_be_present:
        return CodeReason.PRIOR_SEVERITY_UNKNOWN
    return CodeReason.ANSWERS_MISSING
