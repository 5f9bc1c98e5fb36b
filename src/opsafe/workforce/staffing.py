"""How many prescribers a standard of waiting needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from opsafe._arguments import read_number
from opsafe.errors import ArgumentError
from opsafe.workforce.wait_standard import OwnWaitStandard, WaitStandard
from opsafe.workforce.waiting import Clinic, Waiting

__all__ = ["StaffNeeded", "staff_for"]

_GRID: Final = 1_000_000  # steps of one prescriber


@dataclass(frozen=True, slots=True)
class StaffNeeded:
    """The least number of prescribers that meets a standard of waiting."""

    prescribers: float
    """Accepting prescribers at work, to a millionth above."""
    prescribers_whole: int
    """The same, rounded up."""
    positions: float
    """Positions to fill, since a share of their time is not available."""
    positions_whole: int
    """Positions for the whole number of prescribers, rounded up again."""
    binding: Literal["standard", "utilisation", "none"]
    """What asks for so many; "none" where there are no requests."""
    waiting: Waiting
    """The wait with that number of prescribers: same-day and 72-hour shares, utilisation."""
    waiting_whole: Waiting
    """The wait with the whole number."""
    shrinkage: float
    max_utilisation: float


def staff_for(
    *,
    first_visits_requested_per_business_day: float,
    first_visits_per_prescriber_per_business_day: float,
    reneging_per_business_day: float = 0.0,
    standard: str | WaitStandard | OwnWaitStandard,
    shrinkage: float = 0.0,
    max_utilisation: float = 1.0,
) -> StaffNeeded:
    """Find the least number of prescribers that meets a standard of waiting.

    Parameters
    ----------
    first_visits_requested_per_business_day : float
        Requests for a first visit, per business day; 0, or 1e-6 to 100,000.
    first_visits_per_prescriber_per_business_day : float
        First visits that one prescriber can give, per business day; 0.01 to 10,000.
    reneging_per_business_day : float, optional
        Rate at which a person who waits gives up, per business day; 0 if nobody does.
    standard : str, WaitStandard or OwnWaitStandard
        The standard to meet: the id of an edition (``"wait-medicaid-2024"``), an edition, or your
        own. It must name a share.
    shrinkage : float, optional
        Share of a position's time that is not available for first visits (leave, training,
        illness), from 0 to 0.99.
    max_utilisation : float, optional
        The most that prescribers may be busy, as a share from 0.01 to 1.

    Returns
    -------
    StaffNeeded
        Prescribers and positions, fractional and whole, with the wait of each.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range or no number, or the standard names no share.
    EditionNotFoundError
        If no edition has this id.

    Notes
    -----
    The share seen within the standard (see :func:`waiting`) rises with every prescriber; without
    reneging it is above 0 only above lambda / mu, where the search begins. It ends at the least
    multiple of 1e-6 that meets both bounds. Positions = prescribers / (1 - shrinkage).

    Examples
    --------
    The example of another library, with a minute in place of a day: 14 servers, 20 positions
    (https://github.com/rodrigo-arenas/pyworkforce).

    >>> from opsafe.workforce.staffing import staff_for
    >>> from opsafe.workforce.wait_standard import OwnWaitStandard
    >>> found = staff_for(
    ...     first_visits_requested_per_business_day=100 / 30,
    ...     first_visits_per_prescriber_per_business_day=1 / 3,
    ...     standard=OwnWaitStandard(number=0.33, unit="business_days", share=0.8),
    ...     shrinkage=0.3,
    ...     max_utilisation=0.85,
    ... )
    >>> found.prescribers_whole, found.positions_whole
    (14, 20)
    """
    clinic = Clinic.read(
        first_visits_requested_per_business_day,
        first_visits_per_prescriber_per_business_day,
        reneging_per_business_day,
        standard,
    )
    if clinic.standard.share is None:
        raise ArgumentError(
            "names no share of requests that must be within it",
            where="standard",
            advice="Give your own, with its share: OwnWaitStandard(number, unit, share)",
        )
    away = read_number(shrinkage, "shrinkage", 0, 0.99)
    busiest = read_number(max_utilisation, "max_utilisation", 0.01, 1)
    target = float(clinic.standard.share)

    def missed(steps: int) -> Literal["standard", "utilisation", "none"]:
        solved = clinic.queue(steps / _GRID)
        if solved.seen(clinic.limit_business_days) < target:
            return "standard"
        return "utilisation" if solved.utilisation > busiest else "none"

    steps = _least(lambda steps: missed(steps) == "none", clinic) if clinic.requests else 0
    whole = -(-steps // _GRID)
    # As written, so that 14 / (1 - 0.3) is 20 and not a little more.
    present = 1 - Fraction(repr(away))
    return StaffNeeded(
        prescribers=steps / _GRID,
        prescribers_whole=whole,
        positions=float(Fraction(steps, _GRID) / present),
        positions_whole=math.ceil(whole / present),
        binding=missed(steps - 1) if steps else "none",
        waiting=clinic.waiting(steps / _GRID),
        waiting_whole=clinic.waiting(float(whole)),
        shrinkage=away,
        max_utilisation=busiest,
    )


def _least(is_met: Callable[[int], bool], clinic: Clinic) -> int:
    """Find the least number of steps that is enough: double, then halve."""
    load = clinic.requests / clinic.visits
    # Without reneging nobody is seen at or below the load; one step less is safe from rounding.
    low = 0 if clinic.reneging else max(0, int(load * _GRID) - 1)
    high = max(low + 1, math.ceil((load + math.sqrt(load)) * _GRID))
    while not is_met(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_met(middle) else (middle, high)
    return high
