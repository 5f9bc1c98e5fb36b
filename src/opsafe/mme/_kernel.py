"""Intervals of integer days to runs of constant exposure, and runs to one row a member.

Arrays in, arrays out; everything was checked at the door. Amounts are int64 counts of 1e-9 MME
(or mg) and only ever added, so no order of rows, members or slabs changes a bit. A group is a
member, or a member and something (a product, an ingredient). ``stop`` is the day after the last.
"""

# More than 300 lines: the sweep and the sums share how days and groups are packed.

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
    "count_so_far",
    "overlap_marks",
    "runs",
    "sum_by",
    "sweep",
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

    def _counter(self, number: int, at: IntArray) -> IntArray:
        word, field = divmod(number, self.together)
        counts: IntArray = self.words[word].take(at)
        counts >>= field * self.bits
        counts &= (1 << self.bits) - 1
        return counts

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
    # Into new memory: NumPy keeps the lock while it sums in place.
    return np.cumsum(values.take(order))


def count_so_far(flags: BoolArray) -> IntArray:
    """How many flags are set up to each row; summed as integers, which lets go of the lock."""
    return np.cumsum(flags.astype(np.int64))


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
    opens, closes = np.full(len(group), 0), np.full(len(group), 0)  # zeros() keeps the lock
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
    latest = np.maximum.accumulate(latest)
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
        first = np.append(0, np.flatnonzero(group[1:] != group[:-1]) + 1)[: len(group)]
        self.some = group.take(first)
        """Groups that have a value."""
        self.counts = np.zeros(groups, np.int64)
        self.counts[self.some] = np.diff(first, append=len(group))
        self.stop = np.cumsum(self.counts)
        self.start = self.stop - self.counts

    def sum(self, values: IntArray | BoolArray) -> IntArray:
        """Sum by group; a running sum may wrap, its differences are exact all the same."""
        running = np.empty(len(values) + 1, np.int64)
        running[0] = 0
        np.cumsum(values.astype(np.int64, copy=False), out=running[1:])
        total: IntArray = running.take(self.stop)
        total -= running.take(self.start)
        return total

    def max(self, values: IntArray) -> IntArray:
        """Find the largest non-negative value of each group; 0 where there is none."""
        largest = np.zeros(len(self.stop), np.int64)
        if len(self.some):
            largest[self.some] = np.maximum.reduceat(values, self.start[self.some])
        return largest


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
        at = np.flatnonzero(holds)
        goes_on = self.goes_on.take(at[1:] - 1) & (at[1:] == at[:-1] + 1)
        breaks = np.flatnonzero(~goes_on)
        first = at.take(np.append(0, breaks + 1)[: len(at)])
        last = at.take(np.append(breaks, len(at) - 1)[: len(at)])
        days = self.found.stop.take(last) - self.found.start.take(first)
        by_group = ByGroup(self.found.group.take(first), self.groups)
        return by_group.sum(days), by_group.max(days)
