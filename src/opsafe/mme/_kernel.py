"""Intervals of integer days to runs of constant exposure, and runs to one row a member.

Arrays in, arrays out; everything was checked at the door. Amounts are int64 counts of 1e-9 MME
(or mg) and only ever added, so no order of rows, members or slabs changes a bit. A group is a
member, or a member and something (a product, an ingredient). ``stop`` is the day after the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.quantity import BoolArray, IntArray

__all__ = [
    "DAY_BITS",
    "Runs",
    "day_counts",
    "half_even",
    "longest_run",
    "mean_counts",
    "overlaps",
    "runs",
    "shift",
    "sum_by",
    "tiered",
]

# Days since 1900-01-01 up to the year 9999 need 22 bits; the rest of a sort key is the group.
DAY_BITS: Final = 22


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of days between two changes in one group, in order of group and day."""

    group: IntArray
    start: IntArray
    stop: IntArray
    sums: tuple[IntArray, ...]
    """For each weight, the sum over the intervals that cover the run."""

    @property
    def days(self) -> IntArray:
        """Length of each run."""
        return self.stop - self.start


def runs(group: IntArray, start: IntArray, stop: IntArray, weights: Sequence[IntArray]) -> Runs:
    """Sum weighted intervals over days, group by group.

    Parameters
    ----------
    group : array of int64, shape (n,)
        Group of each interval, below ``2**41``.
    start, stop : array of int64, shape (n,)
        First day and the day after the last, below ``2**22``; ``start < stop``.
    weights : sequence of array of int64, shape (n,)
        What each interval adds on each of its days.

    Returns
    -------
    Runs
        Every run between two changes of a group that some interval covers.
    """
    opens = (group << DAY_BITS) | start
    closes = (group << DAY_BITS) | stop
    keys = np.concatenate([opens, closes])
    order = np.argsort(keys)
    keys = keys[order]
    # The last event of each day of a group carries the sums that hold until its next event.
    last = np.flatnonzero(np.append(keys[1:] != keys[:-1], True)[: len(keys)])
    covering = np.concatenate([np.ones(len(group), np.int64), np.full(len(group), -1)])
    open_count = np.cumsum(covering[order])[last]
    kept = np.flatnonzero(open_count > 0)
    at = keys[last]
    day = (1 << DAY_BITS) - 1
    return Runs(
        at[kept] >> DAY_BITS,
        at[kept] & day,
        at[kept + 1] & day,
        tuple(
            np.cumsum(np.concatenate([weight, -weight])[order])[last][kept] for weight in weights
        ),
    )


def overlaps(group: IntArray, start: IntArray, stop: IntArray) -> Runs:
    """Find the runs of days on which a group has two or more intervals."""
    opens = (group << DAY_BITS) | start
    order = np.argsort(opens)
    latest = np.maximum.accumulate(((group << DAY_BITS) | stop)[order])
    owner = group[order]
    # A start before the latest end of the same group; an earlier group's end is smaller.
    early = np.flatnonzero(opens[order][1:] < latest[:-1]) + 1
    first = np.searchsorted(owner, owner[early], side="left")
    last = np.searchsorted(owner, owner[early], side="right")
    marks = np.zeros(len(order) + 1, np.int64)
    np.add.at(marks, first, 1)
    np.add.at(marks, last, -1)
    busy = np.cumsum(marks)[:-1] > 0
    rows = order[busy]
    found = runs(group[rows], start[rows], stop[rows], [np.ones(len(rows), np.int64)])
    two = found.sums[0] > 1
    return Runs(found.group[two], found.start[two], found.stop[two], ())


def tiered(milligrams: IntArray, up_to: Sequence[int], thousandths: Sequence[int]) -> IntArray:
    """Turn a day's summed mg (1e-9) into MME (1e-9): the tier's factor times the whole dose.

    Tiers are chosen on the count of 1e-6 mg, so that a residue of 1e-9 never lifts 20 mg into
    the tier above 20 mg.
    """
    tier = np.searchsorted(np.array(up_to, np.int64), day_counts(milligrams), side="left")
    factor = np.array(thousandths, np.int64)[tier]
    # Split, so that the product of a large dose and its factor cannot pass int64.
    value: IntArray = milligrams // 1000 * factor
    return value + half_even(milligrams % 1000 * factor, np.int64(1000))


def half_even(numerator: IntArray, denominator: IntArray | np.int64) -> IntArray:
    """Divide integers (positive denominator), rounding half to even."""
    quotient, remainder = np.divmod(numerator, denominator)
    twice = 2 * remainder
    up = (twice > denominator) | ((twice == denominator) & (quotient % 2 == 1))
    rounded: IntArray = quotient + up
    return rounded


def day_counts(sums: IntArray) -> IntArray:
    """Round sums of 1e-9 to published counts of 1e-6, half up."""
    counts: IntArray = (sums + 500) // 1000
    return counts


def mean_counts(total: IntArray, days: IntArray) -> IntArray:
    """Round totals of 1e-9 over days to published counts of 1e-6, half up; 0 where no days."""
    divisor = np.maximum(days, 1)
    # Quotient and rest apart: 2 x total alone may use the last bit that int64 has.
    whole, rest = np.divmod(total, divisor)
    thousands, left = np.divmod(whole, 1000)
    counts: IntArray = thousands + (2 * (left * divisor + rest) + 1000 * divisor) // (
        2000 * divisor
    )
    return counts


def sum_by(group: IntArray, values: IntArray, groups: int) -> IntArray:
    """Sum integers by group, exactly (a float bincount would not be)."""
    total = np.zeros(groups, np.int64)
    np.add.at(total, group, values)
    return total


def longest_run(found: Runs, holds: BoolArray, groups: int) -> tuple[IntArray, IntArray]:
    """Count, by group, the days on which a condition holds and the longest unbroken run.

    Parameters
    ----------
    found : Runs
        Runs in order of group and day.
    holds : array of bool
        Whether the condition holds on each run.
    groups : int
        Number of groups.

    Returns
    -------
    days, longest : array of int64, shape (groups,)
        All such days, and the most in a row.
    """
    group, start, stop = found.group[holds], found.start[holds], found.stop[holds]
    days = sum_by(group, stop - start, groups)
    longest = np.zeros(groups, np.int64)
    if len(group):
        breaks = np.append(True, (group[1:] != group[:-1]) | (start[1:] != stop[:-1]))
        first = np.flatnonzero(breaks)
        lengths = np.add.reduceat(stop - start, first)
        np.maximum.at(longest, group[first], lengths)
    return days, longest


def shift(
    group: IntArray, day: IntArray, days: IntArray, max_shift: int
) -> tuple[IntArray, BoolArray]:
    """Let early refills of one product start when the supply before them ends.

    Parameters
    ----------
    group : array of int64, shape (n,)
        Member and product.
    day, days : array of int64, shape (n,)
        Fill date and days supply.
    max_shift : int
        Most days that a start may move.

    Returns
    -------
    start : array of int64, shape (n,)
        First day of each fill after the shift.
    capped : array of bool, shape (n,)
        Whether the start would have had to move further.

    Notes
    -----
    Fills of one date start together; only later dates shift. Without the cap the end of supply
    is ``E[i] = max(day[i], E[i-1]) + days[i]``, which is a running maximum; groups in which the
    cap binds are walked one by one.
    """
    order = np.lexsort((days, day, group))
    key = (group[order] << DAY_BITS) | day[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else order
    owner, date = group[order][first], day[order][first]
    supply = np.maximum.reduceat(days[order], first) if len(first) else first
    wanted = _unbroken(owner, date, supply)
    moved = np.minimum(wanted, date + max_shift)
    capped = wanted > moved
    for one in np.unique(owner[capped]):
        rows = np.flatnonzero(owner == one)
        moved[rows], capped[rows] = _walk(date[rows], supply[rows], max_shift)
    start = np.empty(len(day), np.int64)
    late = np.zeros(len(day), bool)
    fills = np.diff(np.append(first, len(order)))
    start[order] = np.repeat(moved, fills)
    late[order] = np.repeat(capped, fills)
    return start, late


def _unbroken(owner: IntArray, date: IntArray, supply: IntArray) -> IntArray:
    """Start of each date's fills when none may overlap the supply before, without a cap."""
    if not len(owner):
        return date
    before = np.cumsum(supply) - supply
    opens = np.append(True, owner[1:] != owner[:-1])
    before -= np.maximum.accumulate(np.where(opens, before, 0))
    slack = date - before
    # Lift each owner above all earlier ones, so that one running maximum serves them all.
    lift = np.cumsum(opens) * (int(slack.max()) - int(slack.min()) + 1)
    start: IntArray = np.maximum.accumulate(slack + lift) - lift + before
    return start


def _walk(date: IntArray, supply: IntArray, max_shift: int) -> tuple[IntArray, BoolArray]:
    start, capped = np.empty_like(date), np.zeros(len(date), bool)
    end = int(date[0])
    for i, (day, days) in enumerate(zip(date.tolist(), supply.tolist(), strict=True)):
        start[i] = min(max(day, end), day + max_shift)
        capped[i] = end > day + max_shift
        end = max(end, int(start[i]) + days)
    return start, capped
