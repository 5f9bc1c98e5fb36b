"""How long no criterion has been true: the clock of remission, with what is not known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._calendar import full_months, months_before
from opsafe.oud._window import Window
from opsafe.oud.bounds import Bounds
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.states import Remission

__all__ = ["Clock", "read_clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The earliest and the latest day on which a criterion may last have been true.

    A day before the window is None: it lies as far back as sustained remission asks, or further.
    """

    earliest: date | None
    latest: date | None
    months: Bounds[int]
    """Whole months without criteria, up to those of sustained remission."""

    def remission(self, criteria: CriteriaEdition, met_before: bool | None) -> Bounds[Remission]:
        """Bound the remission; without full criteria before there is none."""
        if met_before is False:
            return Bounds(Remission.NONE, Remission.NONE)
        least, most = (
            _remission(each, criteria) for each in (self.months.lower, self.months.upper)
        )
        return Bounds(least if met_before else Remission.NONE, most)


def _remission(months: int, criteria: CriteriaEdition) -> Remission:
    if months >= criteria.sustained_remission_months:
        return Remission.SUSTAINED
    return Remission.EARLY if months >= criteria.early_remission_months else Remission.NONE


def read_clock(
    window: Window,
    criteria: CriteriaEdition,
    as_of: date,
    *,
    supervised: bool | None,
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
    start = months_before(as_of, criteria.window_months)
    sure: list[date] = []
    possible: list[date] = []
    ignored = supervised is True or due_to_agonist is True
    unsure = not ignored and (supervised is None or due_to_agonist is None)
    for position, one in enumerate(criteria.criteria):
        is_exempt = window.exempt >> position & 1
        if not one.counts_for_remission or (is_exempt and ignored):
            continue
        met, last = window.met[position], window.dates[position]
        if last is not None:
            (possible if is_exempt and unsure else sure).append(last)
        else:
            possible.append(start if met is False else as_of)
    if last_criterion is not None:
        if sure and max(sure) > last_criterion:
            raise ArgumentError(
                f"is {last_criterion}, but a criterion was true on {max(sure)}",
                where="last_criterion",
            )
        sure = possible = [last_criterion]
    earliest = max(sure, default=None)
    latest = max([*sure, *possible], default=None)
    longest = criteria.sustained_remission_months
    least, most = (
        longest if day is None else full_months(day, as_of, longest) for day in (latest, earliest)
    )
    return Clock(
        earliest if earliest is not None and earliest > start else None,
        latest if latest is not None and latest > start else None,
        Bounds(least, most),
    )
