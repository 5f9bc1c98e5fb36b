"""What the fills of each member add up to on the days that are looked at.

One sweep sums all fills by day, on the whole history; its runs are cut to the days looked at,
tiers are taken on each day's sum, and runs are summed to members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsafe.mme._kernel import (
    ByGroup,
    Runs,
    day_counts,
    longest_run,
    overlap_marks,
    sweep,
    tiered,
)
from opsafe.mme._population.spans import Spans, clip
from opsafe.mme._resolve import Tiers
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Daily", "Fills", "Measured", "Scale", "measure", "sum_daily"]


@dataclass(frozen=True, slots=True)
class Scale:
    """What daily sums are read with."""

    tiers: Tiers | None
    printed: Sequence[tuple[int, int]]
    """Bounds that the source prints for its tiers, as counts of 1e-6 mg; empty if gap-free."""
    at_least: tuple[int, ...]
    more_than: tuple[int, ...]
    """Thresholds as counts of 1e-6 MME a day."""


@dataclass(frozen=True, slots=True)
class Fills:
    """Fills as intervals of days, nearly in order of member and start."""

    member: IntArray
    start: IntArray
    days: IntArray
    rate: IntArray
    milligrams: IntArray | None
    product: IntArray
    """Ingredient, route, form and strength as one code."""
    dispensing: IntArray | None
    """Code of a product with two opioids, which is two rows; -1 for a row that is a fill."""
    counted: BoolArray | None = None
    """Fills that are in the sums; None: all. The others only meet benzodiazepines."""
    opioid: BoolArray | None = None
    """Fills of opioids that benzodiazepine days meet; None: all that are counted."""
    benzodiazepine: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.member)


@dataclass(frozen=True, slots=True)
class Daily:
    """Runs of days with at least one counted fill, and what each day of a run is worth."""

    runs: Runs
    value: IntArray
    """Counts of 1e-9 MME a day."""
    count: IntArray
    """Published counts of 1e-6 MME a day."""
    active: IntArray
    milligrams: IntArray | None
    overlapping: IntArray
    """Above 0 where some product has two or more fills on these days."""
    benzodiazepine_days: IntArray
    """By member: days with a benzodiazepine and an opioid."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One value a member; MME as counts of 1e-9 (totals) or 1e-6 (days)."""

    daily: Daily
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
    at_least: tuple[tuple[IntArray, IntArray], ...]
    """For each threshold, days at or above it and the longest run of them."""
    more_than: tuple[tuple[IntArray, IntArray], ...]


def sum_daily(fills: Fills, spans: Spans, tiers: Tiers | None, most: int) -> Daily:
    """Sum fills by day within members; no member has more than ``most`` of them."""
    one = np.ones(len(fills), np.int64)
    counted = one if fills.counted is None else fills.counted.astype(np.int64)
    meets = fills.benzodiazepine is not None and bool(fills.benzodiazepine.any())
    weights = [fills.rate, *([] if fills.milligrams is None else [fills.milligrams])]
    counters = [(counted, counted), _overlaps(fills)]
    if meets:
        assert fills.benzodiazepine is not None
        benzodiazepine = fills.benzodiazepine.astype(np.int64)
        opioid = counted if fills.opioid is None else fills.opioid.astype(np.int64)
        counters += [(benzodiazepine, benzodiazepine), (opioid, opioid)]
    found = sweep(fills.member, fills.start, fills.start + fills.days, weights, counters, most)
    active = found.sums[len(weights)]
    met = np.zeros(len(spans.days), np.int64)
    if meets:
        both = np.flatnonzero((found.sums[-1] > 0) & (found.sums[-2] > 0))
        group = found.group[both]
        which, start, stop = clip(group, found.start[both], found.stop[both], spans)
        met = ByGroup(group[which], len(met)).sum(stop - start)
    kept = np.flatnonzero(active > 0)
    group = found.group[kept]
    which, start, stop = clip(group, found.start[kept], found.stop[kept], spans)
    chosen = kept[which]
    value = found.sums[0][chosen]
    milligrams = None if fills.milligrams is None else found.sums[1][chosen]
    if milligrams is not None and tiers is not None:
        dosed = np.flatnonzero(milligrams)
        value[dosed] += tiered(milligrams[dosed], tiers.up_to, tiers.thousandths)
    return Daily(
        Runs(group[which], start, stop, ()),
        value,
        day_counts(value),
        active[chosen],
        milligrams,
        found.sums[len(weights) + 1][chosen],
        met,
    )


def _overlaps(fills: Fills) -> tuple[IntArray, IntArray]:
    """Where fills of one product run together, as a counter for the sweep."""
    at = np.arange(len(fills)) if fills.counted is None else np.flatnonzero(fills.counted)
    opens, closes = np.zeros(len(fills), np.int64), np.zeros(len(fills), np.int64)
    if len(at) < 2:
        return opens, closes
    products = int(fills.product.max()) + 1
    group = fills.member[at] * products + fills.product[at]
    start = fills.start[at]
    low = int(start.min())
    day_bits, row_bits = (int(start.max()) - low).bit_length(), len(at).bit_length()
    if int(group.max()).bit_length() + day_bits + row_bits < 64:
        key = (((group << day_bits) | (start - low)) << row_bits) | np.arange(len(at))
        key.sort(kind="stable")
        order = key & ((1 << row_bits) - 1)
    else:
        order = np.lexsort((start, group))
    at = at[order]
    start = start[order]
    opens[at], closes[at] = overlap_marks(group[order], start, start + fills.days[at])
    return opens, closes


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
    daily = sum_daily(fills, spans, scale.tiers, most)
    found, days = daily.runs, daily.runs.days
    by_member = ByGroup(found.group, members)
    maximum = by_member.max(daily.count)
    plain = daily.overlapping == 0
    some = by_member.some
    first_day, last_day, peak_day = (np.full(members, -1, np.int64) for _ in range(3))
    first_day[some] = found.start[by_member.start[some]]
    last_day[some] = found.stop[by_member.stop[some] - 1] - 1
    at_peak = np.flatnonzero(daily.count == maximum[found.group])[::-1]
    # Backwards, so that the first day at the maximum is the one that stays.
    peak_day[found.group[at_peak]] = found.start[at_peak]
    number, fewer_days = _supply(fills, spans)
    return Measured(
        daily=daily,
        fills=number,
        fill_days=by_member.sum(daily.active * days) - fewer_days,
        total=by_member.sum(daily.value * days),
        covered_days=by_member.sum(days),
        maximum=maximum,
        maximum_elsewhere=by_member.max(daily.count * plain),
        peak_day=peak_day,
        first_day=first_day,
        last_day=last_day,
        overlap_days=by_member.sum(days * ~plain),
        tier_reading_days=_tier_reading_days(daily, scale.printed, members),
        at_least=tuple(longest_run(found, daily.count >= t, members) for t in scale.at_least),
        more_than=tuple(longest_run(found, daily.count > t, members) for t in scale.more_than),
    )


def _tier_reading_days(daily: Daily, printed: Sequence[tuple[int, int]], members: int) -> IntArray:
    """Days whose dose of the tiered drug lies between the bounds that the source prints."""
    if daily.milligrams is None or not printed:
        return np.zeros(members, np.int64)
    at = np.flatnonzero(daily.milligrams)
    count = day_counts(daily.milligrams[at])
    reading = np.ones(len(at), bool)
    for low, high in printed:
        reading &= (count < low) | (count > high)
    at = at[reading]
    return ByGroup(daily.runs.group[at], members).sum(daily.runs.days[at])


def _supply(fills: Fills, spans: Spans) -> tuple[IntArray, IntArray]:
    """Fills inside the spans, and fill-days counted twice: a product of two opioids is one."""
    members = len(spans.days)
    at = np.arange(len(fills)) if fills.counted is None else np.flatnonzero(fills.counted)
    stop = fills.start[at] + fills.days[at]
    which, start, stop = clip(fills.member[at], fills.start[at], stop, spans)
    at = at[which]
    first = np.append(True, at[1:] != at[:-1])[: len(at)]
    number = np.bincount(fills.member[at[first]], minlength=members)
    fewer = np.zeros(members, np.int64)
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
    several = np.maximum(found.sums[0] - 1, 0) * found.days
    np.add.at(fewer, owner[found.group], several)
    np.subtract.at(number, member[first[shared]], 1)
    np.add.at(number, owner[np.unique(code)], 1)
    return number, fewer
