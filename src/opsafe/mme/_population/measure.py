"""What the fills of each member add up to on the days that are looked at.

One sweep sums all fills by day, on the whole history; its runs are cut to the days looked at,
tiers are taken on each day's sum, and runs are summed to members.
"""

# More than 300 lines: every number of one sweep, which cutting would compute twice.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np

from opsafe.mme._kernel import DAY_BITS, ByGroup, Runs, Sweep, Unbroken, overlap_marks, sweep
from opsafe.mme._population.spans import Spans, clip
from opsafe.mme._resolve import Tiers
from opsafe.mme._rounding import day_counts, tiered
from opsafe.quantity import BoolArray, IntArray

# Counters of the sweep.
_COUNTED, _OVERLAPPING, _BENZODIAZEPINE, _OPIOID = range(4)

__all__ = [
    "Daily",
    "Doses",
    "Fills",
    "Measured",
    "Scale",
    "least",
    "measure",
    "sum_daily",
    "supply",
]


@dataclass(frozen=True, slots=True)
class Scale:
    """What daily sums are read with."""

    tiers: Tiers | None
    printed: Sequence[tuple[int, int]]
    """Bounds that the source prints for its tiers, as counts of 1e-6 mg; empty if gap-free."""
    at_least: tuple[int, ...]
    more_than: tuple[int, ...]
    """Thresholds as counts of 1e-6 MME a day."""


class Doses(NamedTuple):
    """Fills or runs with the tiered drug, which are few: their positions, and mg a day (1e-9)."""

    at: IntArray
    milligrams: IntArray


@dataclass(frozen=True, slots=True)
class Fills:
    """Rows as intervals of days, in order of member, product and start.

    Rows that add nothing may be among them: their amounts are 0 and they are not counted.
    """

    member: IntArray
    start: IntArray
    stop: IntArray
    rate: IntArray
    doses: Doses | None
    product: IntArray
    """Ingredient, route, form and strength as one code."""
    counted: BoolArray
    opioid: BoolArray | None = None
    """Fills of opioids that benzodiazepine days meet; None where there is no benzodiazepine."""
    benzodiazepine: BoolArray | None = None
    dispensing: IntArray | None = None
    """Code of a product with two opioids, which is two rows; -1 for a row that is a fill."""

    def __len__(self) -> int:
        return len(self.member)

    def within(self, first: int, stop: int) -> Fills:
        """Cut to one window; a fill outside it keeps its place with no day."""
        return replace(
            self, start=_clip(self.start, first, stop), stop=_clip(self.stop, first, stop)
        )


def _clip(days: IntArray, first: int, stop: int) -> IntArray:
    """Clip days, on the sides where any lies outside."""
    if len(days) and days.max() > stop:
        days = np.minimum(days, stop)
    return np.maximum(days, first) if len(days) and days.min() < first else days


@dataclass(frozen=True, slots=True)
class Daily:
    """Runs of days with at least one counted fill, and what each day of a run is worth."""

    runs: Runs
    value: IntArray
    """Counts of 1e-9 MME a day."""
    active: IntArray
    doses: Doses | None
    overlapping: IntArray
    """Above 0 where some product has two or more fills on these days."""
    benzodiazepine_days: IntArray
    twins: IntArray


@dataclass(frozen=True, slots=True)
class Measured:
    """One value a member; MME as counts of 1e-9 (totals) or 1e-6 (days)."""

    daily: Daily | None
    """What was summed to members; None where nobody asked for it."""
    twins: IntArray
    """Fills of which another of the same product begins on the same day: all that are equal to
    another one are among them."""
    fills: IntArray
    fill_days: IntArray
    total: IntArray
    covered_days: IntArray
    maximum: IntArray
    maximum_elsewhere: IntArray
    """Maximum over days without overlap of one product."""
    peak_day: IntArray
    first_day: IntArray
    last_day: IntArray
    overlap_days: IntArray
    tier_reading_days: IntArray
    benzodiazepine_days: IntArray
    """Days with a benzodiazepine and an opioid."""
    at_least: tuple[tuple[IntArray, IntArray], ...]
    """For each threshold, days at or above it and the longest run of them."""
    more_than: tuple[tuple[IntArray, IntArray], ...]


def sum_daily(fills: Fills, spans: Spans, tiers: Tiers | None, most: int) -> Daily:
    """Sum fills by day within members; no member has more than ``most`` of them.

    A window that all share has cut the fills; other spans cut what is found.
    """
    counted = fills.counted.astype(np.int64)
    overlaps, twins = _overlaps(fills)
    counters = [(counted, counted), overlaps]
    if fills.benzodiazepine is not None and fills.opioid is not None:
        benzodiazepine, opioid = (x.astype(np.int64) for x in (fills.benzodiazepine, fills.opioid))
        counters += [(benzodiazepine, benzodiazepine), (opioid, opioid)]
    swept = Sweep(fills.member, fills.start, fills.stop, counters, most)
    met = np.zeros(len(spans.days), np.int64)
    if len(counters) > _BENZODIAZEPINE:
        both = _looked_at(swept.runs(swept.where(_BENZODIAZEPINE, _OPIOID), [], []), spans)
        met = ByGroup(both.group, len(met)).sum(both.days)
    runs = swept.runs(swept.where(_COUNTED), [fills.rate], [_COUNTED, _OVERLAPPING])
    found = _looked_at(runs, spans)
    value, active, overlapping = found.sums
    doses = None
    if fills.doses is not None and tiers is not None:
        doses = _daily_doses(fills, fills.doses, found)
        value[doses.at] += tiered(doses.milligrams, tiers.up_to, tiers.thousandths)
    return Daily(found, value, active, doses, overlapping, met, twins)


def _looked_at(found: Runs, spans: Spans) -> Runs:
    """Cut runs to the spans, where fills were not cut to a window before they were summed."""
    if spans.window is not None:
        return found
    which, start, stop = clip(found.group, found.start, found.stop, spans)
    return Runs(found.group[which], start, stop, tuple(total[which] for total in found.sums))


def _daily_doses(fills: Fills, doses: Doses, found: Runs) -> Doses:
    """Summed mg of the tiered drug on the days of each run, which is never cut by one of them."""
    at = doses.at
    one = np.ones(len(at), np.int64)
    few = fills.member[at], fills.start[at], fills.stop[at]
    own = sweep(*few, [doses.milligrams], [(one, one)], len(at))
    some = np.zeros(int(fills.member.max()) + 1, bool)
    some[few[0]] = True
    which = np.flatnonzero(some[found.group])
    starts = (found.group[which] << DAY_BITS) | found.start[which]
    stops = (own.group << DAY_BITS) | own.stop
    # The first run of doses that ends later; it is the one, unless it begins later too.
    place = np.searchsorted(stops, starts, side="right")
    inside = place < len(stops)
    inside[inside] = ((own.group << DAY_BITS) | own.start)[place[inside]] <= starts[inside]
    milligrams = own.sums[0][place[inside]]
    some_mg = milligrams > 0
    return Doses(which[inside][some_mg], milligrams[some_mg])


def _overlaps(fills: Fills) -> tuple[tuple[IntArray, IntArray], IntArray]:
    """Where fills of one product run together, as a counter for the sweep; and twins."""
    if len(fills) < 2:
        none = np.zeros(len(fills), np.int64)
        return (none, none), none[:0]
    group = fills.member * (int(fills.product.max()) + 1) + fills.product
    start, stop = fills.start, fills.stop
    idle = np.flatnonzero(~fills.counted)
    if len(idle):  # what does not count begins after and ends before all others
        start, stop = start.copy(), stop.copy()
        start[idle], stop[idle] = fills.stop.max(), fills.start.min()
    return overlap_marks(group, start, stop), _twins(fills, group)


def _twins(fills: Fills, group: IntArray) -> IntArray:
    """Positions of fills that may equal another one; all that do are among them."""
    at = _neighbours((fills.start[1:] == fills.start[:-1]) & (group[1:] == group[:-1]))
    at = at[fills.counted[at]]
    group, start, stop = group[at], fills.start[at], fills.stop[at]
    pair = np.flatnonzero((start[1:] == start[:-1]) & (group[1:] == group[:-1]))
    # Of two, the stops must be the same; of three or more, any two may be.
    crowd = np.zeros(len(at) + 1, np.int8)
    crowd[pair] += 1
    crowd[pair + 1] += 1
    alike = np.zeros(max(len(at) - 1, 0), bool)
    alike[pair] = (stop[pair] == stop[pair + 1]) | (crowd[pair] > 1) | (crowd[pair + 1] > 1)
    return at[_neighbours(alike)]


def _neighbours(alike: BoolArray) -> IntArray:
    """Rows that are like the row before or after them."""
    either = np.zeros(len(alike) + 1, bool)
    either[1:] = alike
    either[:-1] |= alike
    return np.flatnonzero(either)


def measure(fills: Fills, spans: Spans, scale: Scale, most: int) -> Measured:
    """Sum fills to one row a member.

    Parameters
    ----------
    fills : Fills
        The fills, shifted where asked.
    spans : Spans
        The days that are looked at.
    scale : Scale
        Tiers and thresholds.
    most : int
        No member has more fills.
    """
    members = len(spans.days)
    if spans.window is not None:
        fills = fills.within(*spans.window)
    daily = sum_daily(fills, spans, scale.tiers, most)
    found, days = daily.runs, daily.runs.days
    by_member = ByGroup(found.group, members)
    # Rounding to published counts keeps order, so the largest count is that of the largest value.
    maximum = day_counts(by_member.max(daily.value))
    plain = daily.overlapping == 0
    some = by_member.some
    first_day, last_day, peak_day = (np.full(members, -1, np.int64) for _ in range(3))
    first_day[some] = found.start[by_member.start[some]]
    last_day[some] = found.stop[by_member.stop[some] - 1] - 1
    at_peak = np.flatnonzero(daily.value >= least(maximum).take(found.group))[::-1]
    # Backwards, so that the first day at the maximum is the one that stays.
    peak_day[found.group.take(at_peak)] = found.start.take(at_peak)
    number, fewer_days = supply(fills, spans)
    unbroken = Unbroken(found, members)
    return Measured(
        daily=daily,
        twins=daily.twins,
        fills=number,
        fill_days=by_member.sum(daily.active * days) - fewer_days,
        total=by_member.sum(daily.value * days),
        covered_days=by_member.sum(days),
        maximum=maximum,
        maximum_elsewhere=day_counts(by_member.max(daily.value * plain)),
        peak_day=peak_day,
        first_day=first_day,
        last_day=last_day,
        overlap_days=by_member.sum(days * ~plain),
        tier_reading_days=_tier_reading_days(daily, scale.printed, members),
        benzodiazepine_days=daily.benzodiazepine_days,
        at_least=tuple(unbroken.longest(daily.value >= least(t)) for t in scale.at_least),
        more_than=tuple(unbroken.longest(daily.value >= least(t + 1)) for t in scale.more_than),
    )


Count = TypeVar("Count", int, IntArray)


def least(count: Count) -> Count:
    """The least sum of 1e-9 that is rounded, half up, to a published count or more."""
    return 1000 * count - 500


def _tier_reading_days(daily: Daily, printed: Sequence[tuple[int, int]], members: int) -> IntArray:
    """Days whose dose of the tiered drug lies between the bounds that the source prints."""
    if daily.doses is None or not printed:
        return np.zeros(members, np.int64)
    at, count = daily.doses.at, day_counts(daily.doses.milligrams)
    reading = np.ones(len(at), bool)
    for low, high in printed:
        reading &= (count < low) | (count > high)
    at = at[reading]
    return ByGroup(daily.runs.group[at], members).sum(daily.runs.days[at])


def supply(fills: Fills, spans: Spans) -> tuple[IntArray, IntArray]:
    """Fills inside the spans, and fill-days counted twice: a product of two opioids is one."""
    members = len(spans.days)
    fewer = np.zeros(members, np.int64)
    if spans.window is not None:
        inside = fills.counted & (fills.start < fills.stop)
        if fills.dispensing is None:
            return ByGroup(fills.member, members).sum(inside), fewer
        at = np.flatnonzero(inside)
        start, stop, first = fills.start[at], fills.stop[at], np.ones(len(at), bool)
    else:
        at = np.flatnonzero(fills.counted)
        which, start, stop = clip(fills.member[at], fills.start[at], fills.stop[at], spans)
        at = at[which]
        first = np.append(True, at[1:] != at[:-1])[: len(at)]
    number = np.bincount(fills.member[at[first]], minlength=members)
    if fills.dispensing is None:
        return number, fewer
    shared = np.flatnonzero(fills.dispensing[at] >= 0)
    if not len(shared):
        return number, fewer
    code, member = fills.dispensing[at[shared]], fills.member[at[shared]]
    owner = np.zeros(int(code.max()) + 1, np.int64)
    owner[code] = member
    one = np.ones(len(shared), np.int64)
    found = sweep(code, start[shared], stop[shared], [], [(one, one)], len(shared))
    np.add.at(fewer, owner[found.group], (found.sums[0] - 1) * found.days)
    np.subtract.at(number, member[first[shared]], 1)
    np.add.at(number, owner[np.unique(code)], 1)
    return number, fewer
