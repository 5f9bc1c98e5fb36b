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
    "ByGroup",
    "Runs",
    "Sweep",
    "Unbroken",
    "day_counts",
    "half_even",
    "mean_counts",
    "overlap_marks",
    "runs",
    "shift",
    "sum_by",
    "sweep",
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
    one = np.ones(len(group), np.int64)
    found = sweep(group, start, stop, weights, [(one, one)], len(group))
    return Runs(found.group, found.start, found.stop, found.sums[:-1])


def sweep(
    group: IntArray,
    start: IntArray,
    stop: IntArray,
    weights: Sequence[IntArray],
    counters: Sequence[tuple[IntArray, IntArray]],
    largest_count: int,
) -> Runs:
    """Sum weights and counters over days, group by group, for intervals nearly in order.

    Parameters
    ----------
    group : array of int64, shape (n,)
        Group of each interval; the nearer to order of group and start, the faster.
    start, stop : array of int64, shape (n,)
        First day and the day after the last; ``start < stop``.
    weights : sequence of array of int64, shape (n,)
        What each interval adds on each of its days.
    counters : sequence of pairs of array of int64, shape (n,)
        Small numbers that each interval adds at its start, and takes away at its stop.
    largest_count : int
        No counter's sum in a group is larger.

    Returns
    -------
    Runs
        Every run between two changes of a group on which some counter is above 0, with the sums
        of weights and of counters.

    Notes
    -----
    An event's number rides in the low bits of its key, so that sorting keys orders the events.
    Sorted stably, since events come nearly in order and that sort uses it. Counters share a word
    as far as they fit; amounts never do.
    """
    found = Sweep(group, start, stop, counters, largest_count)
    return found.runs(found.anything(), weights, range(len(counters)))


class Sweep:
    """Intervals as ordered events, with counters summed; see :func:`sweep`."""

    def __init__(
        self,
        group: IntArray,
        start: IntArray,
        stop: IntArray,
        counters: Sequence[tuple[IntArray, IntArray]],
        largest_count: int,
    ) -> None:
        size = len(group)
        self.low = int(start.min()) if size else 0
        self.day_bits = (int(stop.max()) - self.low).bit_length() if size else 0
        event_bits = (2 * size).bit_length()
        opens = (group << self.day_bits) | (start - self.low)
        closes = (group << self.day_bits) | (stop - self.low)
        keys = _paired(opens, closes)
        if int(group.max(initial=0)).bit_length() + self.day_bits + event_bits < 64:
            keys <<= event_bits
            keys |= np.arange(2 * size)
            keys.sort(kind="stable")
            self.order = keys & ((1 << event_bits) - 1)
            keys >>= event_bits
        else:
            self.order = np.argsort(keys, kind="stable")
            keys = keys[self.order]
        self.keys = keys
        # The last event of each day of a group carries the sums that hold until its next event;
        # the very last closes everything.
        self.ends = keys[1:] != keys[:-1]
        self.bits = max(largest_count.bit_length(), 1)
        self.together = 63 // self.bits
        self.words = [
            _running(_shared(counters[at : at + self.together], self.bits), self.order)
            for at in range(0, len(counters), self.together)
        ]

    def _counter(self, number: int, at: IntArray | slice) -> IntArray:
        word, field = divmod(number, self.together)
        counts: IntArray = self.words[word][at] >> (field * self.bits)
        return counts & ((1 << self.bits) - 1)

    def anything(self) -> IntArray:
        """Events after which some counter is above 0."""
        some = np.zeros(len(self.ends), bool)
        for word in self.words:
            some |= word[:-1] != 0
        return np.flatnonzero(self.ends & some)

    def where(self, *counters: int) -> IntArray:
        """Events after which all of some counters are above 0."""
        found = self.ends
        for number in counters:
            word, field = divmod(number, self.together)
            mask = ((1 << self.bits) - 1) << (field * self.bits)
            found = found & ((self.words[word][:-1] & mask) > 0)
        return np.flatnonzero(found)

    def runs(self, at: IntArray, weights: Sequence[IntArray], counters: Sequence[int]) -> Runs:
        """Runs that begin with some events, with sums of weights and of counters."""
        sums = [_running(_paired(weight, -weight), self.order).take(at) for weight in weights]
        sums += [self._counter(number, at) for number in counters]
        days = (1 << self.day_bits) - 1
        first, after = self.keys.take(at), self.keys[1:].take(at)
        group = first >> self.day_bits
        first &= days
        after &= days
        first += self.low
        after += self.low
        return Runs(group, first, after, tuple(sums))


def _shared(fields: Sequence[tuple[IntArray, IntArray]], bits: int) -> IntArray:
    """Put counters side by side into one word an event."""
    opens, closes = (side.copy() for side in fields[0])
    for i, (one, other) in enumerate(fields[1:], start=1):
        shifted = one << (i * bits)
        opens |= shifted
        closes |= shifted if other is one else other << (i * bits)
    return _paired(opens, -closes)


def _paired(opens: IntArray, closes: IntArray) -> IntArray:
    both = np.empty(2 * len(opens), np.int64)
    both[0::2] = opens
    both[1::2] = closes
    return both


def _running(values: IntArray, order: IntArray) -> IntArray:
    ordered = values.take(order)
    np.cumsum(ordered, out=ordered)
    return ordered


def overlap_marks(group: IntArray, start: IntArray, stop: IntArray) -> tuple[IntArray, IntArray]:
    """Mark where two or more intervals of one group run together.

    Parameters
    ----------
    group, start, stop : array of int64, shape (n,)
        Intervals in order of group and start.

    Returns
    -------
    opens, closes : array of int64, shape (n,)
        A counter for :func:`sweep`: above zero just on those days. With ``e`` the latest stop of
        the intervals before, an interval overlaps them from its start to ``min(stop, e)``, which
        is its own stop or that of the interval that stops at ``e``.
    """
    opens, closes = np.zeros(len(group), np.int64), np.zeros(len(group), np.int64)
    if len(group) < 2:
        return opens, closes
    bits = len(group).bit_length()
    low = min(int(start.min()), int(stop.min()))
    day_bits = (max(int(start.max()), int(stop.max())) - low).bit_length()
    number = group
    if int(group[-1]).bit_length() + day_bits + bits >= 64:
        number = np.concatenate([[0], np.cumsum(group[1:] != group[:-1])])
    number = number << day_bits
    latest = ((number | (stop - low)) << bits) | np.arange(len(group))
    np.maximum.accumulate(latest, out=latest)
    # Of a group before, the latest stop lies below every start of this one.
    at = np.flatnonzero((latest[:-1] >> bits) > (number | (start - low))[1:])
    before, at = latest[at] & ((1 << bits) - 1), at + 1
    opens[at] = 1
    inside = stop[at] <= stop[before]
    closes[at[inside]] = 1
    # An interval that reaches past all before it becomes the latest, so none is marked twice.
    closes[before[~inside]] += 1
    return opens, closes


class ByGroup:
    """Sums and maxima of values that lie in order of their group.

    Parameters
    ----------
    group : array of int64, shape (n,)
        Group of each value, never decreasing.
    groups : int
        Number of groups; some may have no value.
    """

    def __init__(self, group: IntArray, groups: int) -> None:
        counts = np.bincount(group, minlength=groups)
        self.stop = np.cumsum(counts)
        self.start = self.stop - counts
        self.some = np.flatnonzero(counts)
        self.counts = counts

    def sum(self, values: IntArray | BoolArray) -> IntArray:
        """Sum by group; a running sum may wrap, its differences are exact all the same."""
        running = np.empty(len(values) + 1, np.int64)
        running[0] = 0
        np.cumsum(values, out=running[1:])
        total: IntArray = running[self.stop] - running[self.start]
        return total

    def max(self, values: IntArray) -> IntArray:
        """Find the largest non-negative value of each group; 0 where there is none."""
        largest = np.zeros(len(self.stop), np.int64)
        if len(self.some):
            largest[self.some] = np.maximum.reduceat(values, self.start[self.some])
        return largest


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
    """Divide non-negative integers below 9e18, with quotients below 2**53, half to even.

    A float quotient is at most a few units off and costs a fifth of an integer division; the
    remainder, which is exact, tells by how much.
    """
    quotient: IntArray = (numerator / denominator).astype(np.int64)
    remainder = numerator - quotient * denominator
    off = np.flatnonzero((remainder < 0) | (remainder >= denominator))
    if len(off):
        below = np.broadcast_to(denominator, numerator.shape)[off]
        quotient[off], remainder[off] = np.divmod(numerator[off], below)
    twice = 2 * remainder
    quotient += (twice > denominator) | ((twice == denominator) & (quotient & 1 == 1))
    return quotient


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


class Unbroken:
    """Runs by whether each goes on from the run before it.

    Parameters
    ----------
    found : Runs
        Runs in order of group and day.
    groups : int
        Number of groups.
    """

    def __init__(self, found: Runs, groups: int) -> None:
        self.found = found
        self.groups = groups
        self.goes_on = found.group[1:] == found.group[:-1]
        self.goes_on &= found.start[1:] == found.stop[:-1]

    def longest(self, holds: BoolArray) -> tuple[IntArray, IntArray]:
        """Count, by group, the days on which a condition holds and the longest unbroken run."""
        before = np.zeros(len(holds) + 1, bool)
        np.logical_and(holds[:-1] & self.goes_on, holds[1:], out=before[1:-1])
        first = np.flatnonzero(holds & ~before[:-1])
        last = np.flatnonzero(holds & ~before[1:])
        days = self.found.stop.take(last) - self.found.start.take(first)
        by_group = ByGroup(self.found.group.take(first), self.groups)
        return by_group.sum(days), by_group.max(days)


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
