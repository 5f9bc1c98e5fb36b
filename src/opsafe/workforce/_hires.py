"""The inverse question: how many hires a month, and where, so that a target is likely met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_whole
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.uncertainty import Probability, probability
from opsafe.workforce._run import Totals
from opsafe.workforce.scenario import Scenario, Supply

__all__ = ["HiresNeeded", "least_hires"]


_EVERYBODY: Final = 1e9
_Tried: TypeAlias = "tuple[Probability, float, Scenario]"


@dataclass(frozen=True, slots=True)
class HiresNeeded:
    """The least level number of hires a month for a target, or the best that can be done."""

    status: Literal["found", "unreachable"]
    hires_per_month: int
    """All areas together; where the target is unreachable, the most that was tried, or 0 where
    places for everybody would not reach it either."""
    by_area: tuple[tuple[str, int], ...]
    """Hires a month of each area that gets any."""
    probability: Probability
    """Share of the draws in which the target is met, on the draws of the plan."""
    share_met: float
    """Median share of the seekers treated at the end of the month; the best one if unreachable."""
    scenario: Scenario
    """The scenario with these hires, to be run forward; or that with places for everybody."""


def least_hires(
    scenario: Scenario,
    rerun: Callable[[Scenario], Totals],
    expected: Callable[[Scenario], Totals],
    share: float,
    month: int,
    confidence: float,
    medication: str,
    most: object,
) -> HiresNeeded:
    """Search by halves on the same draws; see :meth:`Plan.hires_for`."""
    most = read_whole(most, "most_hires_per_month", 0, 100_000)
    areas = _areas(scenario, medication)
    order = _Order(scenario, expected, areas, medication, month)

    def tried(hires: int) -> _Tried:
        changed = _hiring(scenario, medication, _counts(order.first(hires), areas))
        return _met(rerun, changed, share, month)

    best = _met(rerun, _unbounded(scenario, areas, medication), share, month)
    if best[0].value < confidence:
        return _answer("unreachable", (), areas, best)
    low, high, found = -1, 0, tried(0)
    while found[0].value < confidence:
        if high == most:
            return _answer("unreachable", order.first(high), areas, found)
        low, high = high, min(max(2 * high, 1), most)
        found = tried(high)
    while high - low > 1:
        middle = (low + high) // 2
        here = tried(middle)
        if here[0].value >= confidence:
            high, found = middle, here
        else:
            low = middle
    return _answer("found", order.first(high), areas, found)


def _met(
    rerun: Callable[[Scenario], Totals], scenario: Scenario, share: float, month: int
) -> _Tried:
    met = rerun(scenario).share_met()[month - 1]
    return probability(met >= share), float(np.median(met)), scenario


def _unbounded(scenario: Scenario, areas: Sequence[str], medication: str) -> Scenario:
    """The scenario with places for everybody where hires could go; pharmacies stay as they are."""
    there = {(each.area, each.medication): each for each in scenario.supply}
    for area in areas:
        old = there.get((area, medication))
        there[area, medication] = Supply(
            area=area,
            medication=medication,
            places=_EVERYBODY,
            pharmacy_patients=None if old is None else old.pharmacy_patients,
        )
    return scenario.model_copy(update={"supply": tuple(there.values())})


def _answer(
    status: Literal["found", "unreachable"],
    order: Sequence[int],
    areas: Sequence[str],
    found: _Tried,
) -> HiresNeeded:
    counts = _counts(order, areas)
    by_area = tuple((area, count) for area, count in counts.items() if count)
    return HiresNeeded(status, len(order), by_area, *found)


def _areas(scenario: Scenario, medication: str) -> tuple[str, ...]:
    """Areas where prescribers of a medication can be hired."""
    if not isinstance(medication, str):
        raise ArgumentTypeError("is not text", where="medication")
    programmes = {
        each.area
        for each in scenario.supply
        if each.places is not None and each.medication == medication
    }
    wanted = dict.fromkeys(each.area for each in scenario.demand if each.medication == medication)
    areas = tuple(area for area in wanted if area not in programmes)
    if not areas:
        raise ArgumentError(
            "nobody can be hired for it: no demand, or programmes with places alone",
            where="medication",
            value=medication,
        )
    return areas


class _Order:
    """Areas in the order in which hires go to them, as far as it is asked for.

    Each goes where the expected patients met gain most; where nobody gains, to the area with the
    least capacity for its seekers, since chance may still leave it short.
    """

    def __init__(
        self,
        scenario: Scenario,
        expected: Callable[[Scenario], Totals],
        areas: Sequence[str],
        medication: str,
        month: int,
    ) -> None:
        self._scenario, self._expected = scenario, expected
        self._areas, self._medication, self._month = areas, medication, month
        self._levels: list[tuple[FloatArray, FloatArray]] = []
        self._counts = np.zeros(len(areas), np.int64)
        self._order: list[int] = []

    def first(self, hires: int) -> list[int]:
        """Areas of the first so many hires, by their position."""
        every = np.arange(len(self._areas))
        while len(self._order) < hires:
            while len(self._levels) < int(self._counts.max()) + 2:
                self._levels.append(self._level(len(self._levels)))
            met = np.array([level for level, _ in self._levels])
            gain = met[self._counts + 1, every] - met[self._counts, every]
            slack = np.array([slack for _, slack in self._levels])[self._counts, every]
            best = int(np.lexsort((slack, -np.round(gain, 6)))[0])
            self._counts[best] += 1
            self._order.append(best)
        return self._order[:hires]

    def _level(self, hires: int) -> tuple[FloatArray, FloatArray]:
        """Patients met, and capacity for each seeker, with so many hires in each area."""
        each = dict.fromkeys(self._areas, hires)
        found = self._expected(_hiring(self._scenario, self._medication, each))
        mine = [found.means[found.keys.index((area, self._medication))] for area in self._areas]
        at = self._month - 1
        capacity = np.array([one["capacity"][at] for one in mine])
        seekers = np.array([one["seekers"][at] for one in mine])
        return np.array([one["met"][at] for one in mine]), capacity / np.maximum(seekers, 1e-9)


def _counts(order: Sequence[int], areas: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(np.array(order, np.int64), minlength=len(areas)).tolist()
    return dict(zip(areas, counts, strict=True))


def _hiring(scenario: Scenario, medication: str, hires: dict[str, int]) -> Scenario:
    """The scenario with other hires for one medication."""
    there = {each.area: each for each in scenario.supply if each.medication == medication}
    others = [each for each in scenario.supply if each.medication != medication]
    changed = [
        (there.get(area) or Supply(area=area, medication=medication)).model_copy(
            update={"hires_per_month": count}
        )
        for area, count in hires.items()
    ]
    kept = [each for area, each in there.items() if area not in hires]
    return scenario.model_copy(update={"supply": (*changed, *kept, *others)})
