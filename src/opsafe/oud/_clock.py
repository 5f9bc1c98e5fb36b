"""How long no criterion has been true: the clock of remission, with what is not known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._asked import Asked
from opsafe.oud._calendar import full_months, months_before
from opsafe.oud._window import Window
from opsafe.oud.answers import Answer, Given
from opsafe.oud.bounds import Bounds
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.states import Remission

__all__ = ["Clock", "read_clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The earliest and the latest day on which a criterion may last have been true."""

    earliest: date | None
    """None where it may lie further back than any day that is known."""
    latest: date | None
    """None where nothing but craving was ever true, as far as is known."""
    months: Bounds[int]
    """Whole months without criteria, up to those of sustained remission."""
    may_be_present: bool
    """Whether a criterion may have been true on the day of the assessment."""
    may_be_paused: bool
    """Whether all may have ended before that day, and too recently for remission."""

    def remission(self, criteria: CriteriaEdition, met_before: bool | None) -> Bounds[Remission]:
        """Bound the remission; without full criteria before there is none."""
        if met_before is False:
            return Bounds(Remission.NONE, Remission.NONE)
        least = _remission(self.months.lower, criteria) if met_before else Remission.NONE
        return Bounds(least, _remission(self.months.upper, criteria))


def _remission(months: int, criteria: CriteriaEdition) -> Remission:
    if months >= criteria.sustained_remission_months:
        return Remission.SUSTAINED
    return Remission.EARLY if months >= criteria.early_remission_months else Remission.NONE


def read_clock(
    given: Sequence[Given],
    window: Window,
    asked: Asked,
    *,
    due_to_agonist: bool | None,
    last_criterion: date | None,
) -> Clock:
    """Find when a criterion that remission waits for was last true.

    Craving never counts. Tolerance and withdrawal do not while opioids are taken solely under
    supervision or they are due to the prescribed agonist; dated outside supervision, they do.

    Raises
    ------
    ArgumentError
        If a criterion is dated after the stated last one.
    """
    as_of, criteria = asked.as_of, asked.criteria
    assert as_of is not None
    sure, possible = _days(given, window, asked, due_to_agonist)
    if last_criterion is not None:
        if sure and max(sure) > last_criterion:
            raise ArgumentError(
                f"is {last_criterion}, but a criterion was true on {max(sure)}",
                where="last_criterion",
            )
        sure = possible = [last_criterion]
    earliest, latest = max(sure, default=None), max([*sure, *possible], default=None)
    longest = criteria.sustained_remission_months
    least, most = (
        longest if day is None else full_months(day, as_of, longest) for day in (latest, earliest)
    )
    return Clock(
        earliest,
        latest,
        Bounds(least, most),
        may_be_present=latest == as_of,
        may_be_paused=least < criteria.early_remission_months and earliest != as_of,
    )


def _days(
    given: Sequence[Given], window: Window, asked: Asked, due_to_agonist: bool | None
) -> tuple[list[date], list[date]]:
    """The days on which a criterion was true for certain, and those on which one may have been."""
    as_of, supervised = asked.as_of, asked.solely_supervised
    assert as_of is not None
    start = months_before(as_of, asked.criteria.window_months)
    sure: list[date] = []
    possible: list[date] = []
    for one, answer, met in zip(asked.criteria.criteria, given, window.met, strict=True):
        if not one.counts_for_remission:
            continue
        is_exempt = not one.counts_under_supervision
        ignored = is_exempt and (supervised is True or due_to_agonist is True)
        unsure = is_exempt and (supervised is None or due_to_agonist is None)
        dated = answer if isinstance(answer, Answer) else Answer()
        last, outside = dated.last_true, dated.last_true_outside_supervision
        if outside is not None:
            sure.append(outside)
        if ignored:
            continue
        if last is not None:
            (possible if unsure else sure).append(last)
        elif outside is None:
            possible.append(start if met is False else as_of)
    return sure, possible
