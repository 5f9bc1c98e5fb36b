"""From numbers of answers to bounds: how many criteria, which band, and what would settle it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from opsafe.oud.states import Severity

__all__ = ["Outcome", "Thresholds", "band", "outcome"]

Thresholds: TypeAlias = tuple[int, int, int]
"""The least number of criteria of mild, moderate and severe."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What numbers of yes and of unknown answers come to."""

    criteria: tuple[int, int]
    """Fewest and most criteria that may be met."""
    severity: tuple[Severity, Severity]
    plain_settles: bool
    """Whether an unanswered criterion that always counts can change the band."""
    exempt_settles: bool
    """The same of a criterion that sole supervision exempts."""
    supervision_settles: bool
    impairment_settles: bool


def band(criteria: int, thresholds: Thresholds) -> Severity:
    """The band of a number of criteria."""
    return Severity(sum(criteria >= least for least in thresholds))


@lru_cache(maxsize=8192)
def outcome(
    thresholds: Thresholds,
    yes: int,
    unknown: int,
    exempt_yes: int,
    exempt_unknown: int,
    solely_supervised: bool | None,
    impairment_or_distress: bool | None,
) -> Outcome:
    """Bound the criteria and the band by every way of answering what is unknown.

    Criteria that are true come in whole ranges for each answer to supervision, so that the ends
    say everything: an unanswered criterion moves the band exactly where the two ends of a range
    lie in different bands.
    """
    supervised = (yes, yes + unknown)
    unsupervised = (yes + exempt_yes, yes + unknown + exempt_yes + exempt_unknown)
    ranges = []
    if solely_supervised is not True:
        ranges.append(unsupervised)
    if solely_supervised is not False:
        ranges.append(supervised)
    lower, upper = min(low for low, _ in ranges), max(high for _, high in ranges)
    highest = Severity.NONE if impairment_or_distress is False else band(upper, thresholds)
    lowest = band(lower, thresholds) if impairment_or_distress else Severity.NONE

    def moves(low: int, high: int) -> bool:
        return highest > 0 and band(low, thresholds) is not band(high, thresholds)

    most_exempt = exempt_yes + exempt_unknown
    return Outcome(
        criteria=(lower, upper),
        severity=(lowest, highest),
        plain_settles=unknown > 0 and any(moves(*each) for each in ranges),
        exempt_settles=(
            exempt_unknown > 0 and solely_supervised is not True and moves(*unsupervised)
        ),
        supervision_settles=solely_supervised is None
        and any(moves(count, count + most_exempt) for count in range(yes, yes + unknown + 1)),
        impairment_settles=impairment_or_distress is None and highest > 0,
    )
