"""What the fills of each member add up to on the days that are looked at.

The order of work is the rules': fills (already shifted) are cut to the spans, one sweep sums
them by day, tiers are taken on each day's sum, and runs are summed to members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsafe.mme._kernel import (
    Runs,
    day_counts,
    longest_run,
    overlaps,
    runs,
    sum_by,
    tiered,
)
from opsafe.mme._population.spans import Spans, clip
from opsafe.mme._resolve import Tiers
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Fills", "Measured", "daily_runs", "measure"]


@dataclass(frozen=True, slots=True)
class Fills:
    """Fills that count, as intervals of days."""

    member: IntArray
    start: IntArray
    days: IntArray
    rate: IntArray
    milligrams: IntArray
    product: IntArray
    """Ingredient, route, form and strength as one code."""
    dispensing: IntArray
    """Code of a product with two opioids, which is two rows; -1 for a row that is a fill."""

    def __len__(self) -> int:
        return len(self.member)

    def of(self, chosen: BoolArray) -> Fills:
        """Take some of the fills."""
        return Fills(
            self.member[chosen],
            self.start[chosen],
            self.days[chosen],
            self.rate[chosen],
            self.milligrams[chosen],
            self.product[chosen],
            self.dispensing[chosen],
        )


@dataclass(frozen=True, slots=True)
class Daily:
    """Runs of days with at least one counted fill, and what each day of a run is worth."""

    runs: Runs
    value: IntArray
    """Counts of 1e-9 MME a day."""
    count: IntArray
    """Published counts of 1e-6 MME a day."""
    active: IntArray
    milligrams: IntArray
    overlapping: BoolArray
    """Whether some product has two or more fills on these days."""


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
    at_least: dict[int, tuple[IntArray, IntArray]]
    """Threshold in counts of 1e-6 to days at or above it and the longest run of them."""
    more_than: dict[int, tuple[IntArray, IntArray]]


def daily_runs(
    group: IntArray, start: IntArray, stop: IntArray, fills: Fills, which: IntArray,
    tiers: Tiers | None,
) -> Daily:  # fmt: skip
    """Sum pieces of fills by day within groups; each piece comes from fill ``which``."""
    products = int(fills.product.max()) + 1 if len(fills) else 1
    twice = overlaps(group * products + fills.product[which], start, stop)
    one, none = np.ones(len(group), np.int64), np.zeros(len(group), np.int64)
    more = np.zeros(len(twice.group), np.int64)
    has_tiers = tiers is not None and bool(fills.milligrams.any())
    weights = [
        np.concatenate([fills.rate[which], more]),
        np.concatenate([one, more]),
        *([np.concatenate([none, more + 1])] if len(more) else []),
        *([np.concatenate([fills.milligrams[which], more])] if has_tiers else []),
    ]
    found = runs(
        np.concatenate([group, twice.group // products]),
        np.concatenate([start, twice.start]),
        np.concatenate([stop, twice.stop]),
        weights,
    )
    value, active = found.sums[:2]
    blank = np.zeros(len(value), np.int64)
    milligrams = found.sums[-1] if has_tiers else blank
    if tiers is not None and has_tiers:
        value = value + tiered(milligrams, tiers.up_to, tiers.thousandths)
    overlapping = (found.sums[2] if len(more) else blank) > 0
    return Daily(found, value, day_counts(value), active, milligrams, overlapping)


def measure(
    fills: Fills,
    spans: Spans,
    tiers: Tiers | None,
    printed: Sequence[tuple[int, int]],
    at_least: Sequence[int],
    more_than: Sequence[int],
) -> Measured:
    """Sum fills to one row a member.

    Parameters
    ----------
    fills : Fills
        The fills that count, shifted where asked.
    spans : Spans
        The days that are looked at.
    tiers : Tiers or None
        Tiers of the tiered drug.
    printed : sequence of (int, int)
        Bounds that the source prints for its tiers, as counts of 1e-6 mg; empty if gap-free.
    at_least, more_than : sequence of int
        Thresholds as counts of 1e-6 MME a day.
    """
    members = len(spans.days)
    which, start, stop = clip(fills.member, fills.start, fills.start + fills.days, spans)
    member = fills.member[which]
    daily = daily_runs(member, start, stop, fills, which, tiers)
    found, days = daily.runs, daily.runs.days
    maximum = _maximum(found.group, daily.count, members)
    number_of_fills, fill_days = _supply(fills, which, start, stop, members)
    first_day, last_day, peak_day = _edges(daily, maximum, members)
    plain = ~daily.overlapping
    reading = (daily.milligrams > 0) & bool(printed)
    milligram_count = day_counts(daily.milligrams)
    for low, high in printed:
        reading &= (milligram_count < low) | (milligram_count > high)
    return Measured(
        daily=daily,
        fills=number_of_fills,
        fill_days=fill_days,
        total=sum_by(found.group, daily.value * days, members),
        covered_days=sum_by(found.group, days, members),
        maximum=maximum,
        maximum_elsewhere=_maximum(found.group[plain], daily.count[plain], members),
        peak_day=peak_day,
        first_day=first_day,
        last_day=last_day,
        overlap_days=sum_by(found.group[~plain], days[~plain], members),
        tier_reading_days=sum_by(found.group[reading], days[reading], members),
        at_least={t: longest_run(found, daily.count >= t, members) for t in at_least},
        more_than={t: longest_run(found, daily.count > t, members) for t in more_than},
    )


def _supply(
    fills: Fills, which: IntArray, start: IntArray, stop: IntArray, members: int
) -> tuple[IntArray, IntArray]:
    """Fills and fill-days inside the spans; a product with two opioids is one fill."""
    alone = fills.dispensing[which] < 0
    first = np.append(True, which[1:] != which[:-1])[: len(which)]
    number = np.bincount(fills.member[which[first & alone]], minlength=members)
    days = sum_by(fills.member[which[alone]], (stop - start)[alone], members)
    shared = np.flatnonzero(~alone)
    if len(shared):
        code = fills.dispensing[which[shared]]
        owner = np.zeros(int(code.max()) + 1, np.int64)
        owner[code] = fills.member[which[shared]]
        found = runs(code, start[shared], stop[shared], [])
        days += sum_by(owner[found.group], found.days, members)
        number += np.bincount(owner[np.unique(code)], minlength=members)
    return number, days


def _maximum(member: IntArray, counts: IntArray, members: int) -> IntArray:
    largest = np.zeros(members, np.int64)
    np.maximum.at(largest, member, counts)
    return largest


def _edges(daily: Daily, maximum: IntArray, members: int) -> tuple[IntArray, IntArray, IntArray]:
    """First and last covered day, and the first day at the maximum; -1 where none."""
    first, last, peak = (np.full(members, -1, np.int64) for _ in range(3))
    group = daily.runs.group
    if len(group):
        opens = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
        first[group[opens]] = daily.runs.start[opens]
        closes = np.append(opens[1:], len(group)) - 1
        last[group[closes]] = daily.runs.stop[closes] - 1
        at_peak = np.flatnonzero(daily.count == maximum[group])[::-1]
        # Backwards, so that the first day at the maximum is the one that stays.
        peak[group[at_peak]] = daily.runs.start[at_peak]
    return first, last, peak
