"""Fills of each member to one row a member, in plain loops: what Numba compiles (extra ``fast``).

The same sums as those of the kernel of arrays, without an array for each step and without a
sort. What changes on a day is noted beside that day; days on which anything changes are marked by
bits, so that the walk from each to the next takes no longer over years than over weeks.
"""

# More than 300 lines: one pass over the fills, whose steps share what they note beside a day.

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from opsafe.quantity import BoolArray, IntArray

__all__ = [
    "BENZODIAZEPINE",
    "COUNTED",
    "OPIOID",
    "Added",
    "Days",
    "Reading",
    "Sums",
    "sum_members",
]

# What a fill adds to its days, as bits.
COUNTED: Final = 1
BENZODIAZEPINE: Final = 2
OPIOID: Final = 4

# What changes on a day: two amounts, and two words of two counts each. No count reaches 2**31.
_RATE: Final = 0
_MILLIGRAMS: Final = 1
_FILLS: Final = 2
_MEETING: Final = 3
_HALF: Final = 32
_LOW_HALF: Final = (1 << _HALF) - 1

_WORD_BITS: Final = 5
_WORD: Final = (1 << _WORD_BITS) - 1
# A number whose upper five bits tell, however far it is shifted to the left, how far.
_DE_BRUIJN: Final = 0x077CB531
_SHIFTS: Final = np.argsort([((_DE_BRUIJN << i) & _LOW_HALF) >> 27 for i in range(32)])

Loop = TypeVar("Loop", bound=Callable[..., Any])


def _compiled(loop: Loop) -> Loop:
    """Compile at the first call, to run without Python's lock; keep the code where one may."""
    import numba

    try:
        return cast(Loop, numba.njit(loop, nogil=True, cache=True))
    except RuntimeError:  # there is no folder to keep it in
        return cast(Loop, numba.njit(loop, nogil=True))


def _inlined(loop: Loop) -> Loop:
    import numba

    return cast(Loop, numba.njit(loop, inline="always"))


class Added(NamedTuple):
    """Fills in order of member, those of a product in order of start; what a day of each adds."""

    member: IntArray
    start: IntArray
    stop: IntArray
    product: IntArray
    adds: npt.NDArray[np.uint8]
    rate: IntArray
    milligrams: IntArray
    """Of the tiered drug, a day (1e-9)."""


class Reading(NamedTuple):
    """How days are looked at: the window, least sums (1e-9) of each threshold, tiers."""

    first: int
    stop: int
    least: IntArray
    up_to: IntArray
    thousandths: IntArray
    printed: IntArray
    """Lower and upper bounds that the source prints for its tiers, in turn (1e-6 mg)."""


class Sums(NamedTuple):
    """One value a member, as in ``measure.Measured``; thresholds have a row each."""

    fills: IntArray
    fill_days: IntArray
    total: IntArray
    covered_days: IntArray
    maximum: IntArray
    maximum_elsewhere: IntArray
    peak_day: IntArray
    first_day: IntArray
    last_day: IntArray
    overlap_days: IntArray
    tier_reading_days: IntArray
    benzodiazepine_days: IntArray
    days: IntArray
    longest: IntArray

    @classmethod
    def of(cls, members: int, thresholds: int) -> Sums:
        """Sums of nothing: zeros, and -1 for a day that there is not."""
        counts = [np.zeros(members, np.int64) for _ in cls._fields[:-2]]
        found = cls(*counts, *(np.zeros((thresholds, members), np.int64) for _ in range(2)))
        for day in (found.peak_day, found.first_day, found.last_day):
            day.fill(-1)
        return found


class Days(NamedTuple):
    """What changes on each day of one member; nothing, between two members."""

    low: int
    """The first of the days."""
    changes: IntArray
    marked: IntArray

    @classmethod
    def of(cls, first: int, stop: int) -> Days:
        """Days on which nothing changes; they take no memory until something does."""
        size = max(stop - first, 0) + 1
        return cls(
            first, np.zeros((size, 4), np.int64), np.zeros((size >> _WORD_BITS) + 1, np.int64)
        )


@_inlined
def _tiered(milligrams: int, reading: Reading) -> int:
    """Turn a day's mg (1e-9) into MME (1e-9); see ``_rounding.tiered``."""
    tier = 0
    while tier < len(reading.up_to) and reading.up_to[tier] < (milligrams + 500) // 1000:
        tier += 1
    factor = reading.thousandths[tier]
    product = milligrams % 1000 * factor
    quotient, rest = product // 1000, product % 1000
    if 2 * rest > 1000 or (2 * rest == 1000 and quotient & 1):
        quotient += 1
    return int(milligrams // 1000 * factor + quotient)


@_inlined
def _is_between(milligrams: int, printed: IntArray) -> bool:
    """Whether a day's mg lie between the bounds that the source prints for its tiers."""
    count = (milligrams + 500) // 1000
    between = len(printed) > 0
    for i in range(0, len(printed), 2):
        if printed[i] <= count <= printed[i + 1]:
            between = False
    return between


@_inlined
def _change(
    changes: IntArray,
    marked: IntArray,
    day: int,
    rate: int,
    milligrams: int,
    counted: int,
    meeting: int,
) -> None:
    changes[day, _RATE] += rate
    changes[day, _MILLIGRAMS] += milligrams
    changes[day, _FILLS] += counted
    changes[day, _MEETING] += meeting
    marked[day >> _WORD_BITS] |= 1 << (day & _WORD)


@_inlined
def _spread(
    fills: Added,
    first: int,
    reading: Reading,
    days: Days,
    latest_fill: IntArray,
    reached: IntArray,
    is_twin: BoolArray,
) -> tuple[int, int, int, int]:
    """Note what a member's fills change, and on which days; and which are twins.

    Returns the row of the next member, fills in the window, first and last day.
    """
    members, starts, stops, products, does_add, rates, doses = fills
    low, changes, marked = days
    window_first, window_stop = reading.first, reading.stop
    size, member = len(members), members[first]
    inside, earliest, latest = 0, len(changes), -1
    i = first
    while i < size and members[i] == member:
        start = min(max(starts[i], window_first), window_stop) - low
        stop = min(max(stops[i], window_first), window_stop) - low
        adds = does_add[i]
        some = start < stop and adds > 0
        if some:
            counted, rate, milligrams = adds & COUNTED, rates[i], doses[i]
            meeting = (adds & BENZODIAZEPINE > 0) | ((adds & OPIOID > 0) << _HALF)
            _change(changes, marked, start, rate, milligrams, counted, meeting)
            _change(changes, marked, stop, -rate, -milligrams, -counted, -meeting)
            earliest, latest = min(earliest, start), max(latest, stop)
        if adds & COUNTED:
            product = products[i]
            before = latest_fill[product]
            if before < first:  # of another member, or none
                reached[product] = 0
            elif start == min(max(starts[before], window_first), window_stop) - low:
                is_twin[before] = is_twin[i] = True
            latest_fill[product] = i
            if some:
                inside += 1
                until = min(stop, reached[product])
                if start < until:  # the product's fills before reach into this one
                    changes[start, _FILLS] += 1 << _HALF
                    changes[until, _FILLS] -= 1 << _HALF
                reached[product] = max(reached[product], stop)
        i += 1
    return i, inside, earliest, latest


@_inlined
def _walk(
    member: int,
    earliest: int,
    latest: int,
    days: Days,
    reading: Reading,
    sums: Sums,
    runs: IntArray,
) -> None:
    """Walk from each day on which something changes to the next; leave nothing noted."""
    low, changes, marked = days
    least, printed = reading.least, reading.printed
    thresholds = len(least)
    rate = milligrams = fills = meeting = 0
    total = covered = supplied = overlapping = between = met = 0
    first = last = peak = beyond = -1
    maximum = elsewhere = 0
    runs[:] = 0
    day = earliest
    for word in range(earliest >> _WORD_BITS, (latest >> _WORD_BITS) + 1):
        bits = marked[word]
        marked[word] = 0
        while bits:
            bit = bits & -bits
            bits ^= bit
            until = (word << _WORD_BITS) | _SHIFTS[((bit * _DE_BRUIJN) & _LOW_HALF) >> 27]
            length = until - day
            if meeting & _LOW_HALF and meeting >> _HALF:
                met += length
            counted = fills & _LOW_HALF
            if counted:
                value = rate
                if milligrams:
                    value += _tiered(milligrams, reading)
                    if _is_between(milligrams, printed):
                        between += length
                if first < 0:
                    first = day
                last = until - 1
                covered += length
                supplied += counted * length
                total += value * length
                if value > beyond:
                    maximum = (value + 500) // 1000
                    beyond = 1000 * maximum + 499  # the largest that is rounded to it
                    peak = day
                if fills >> _HALF:
                    overlapping += length
                else:
                    elsewhere = max(elsewhere, value)
            for i in range(thresholds):
                if counted and value >= least[i]:
                    runs[i, 0] += length
                    runs[i, 1] += length
                    runs[i, 2] = max(runs[i, 1], runs[i, 2])
                else:
                    runs[i, 1] = 0
            day = until
            rate += changes[day, _RATE]
            milligrams += changes[day, _MILLIGRAMS]
            fills += changes[day, _FILLS]
            meeting += changes[day, _MEETING]
            changes[day, :] = 0
    sums.total[member] = total
    sums.covered_days[member] = covered
    sums.fill_days[member] = supplied
    sums.overlap_days[member] = overlapping
    sums.maximum[member] = maximum
    sums.maximum_elsewhere[member] = (elsewhere + 500) // 1000
    sums.tier_reading_days[member] = between
    sums.benzodiazepine_days[member] = met
    if first >= 0:
        sums.peak_day[member] = peak + low
        sums.first_day[member] = first + low
        sums.last_day[member] = last + low
    for i in range(thresholds):
        sums.days[i, member] = runs[i, 0]
        sums.longest[i, member] = runs[i, 2]


@_compiled
def sum_members(fills: Added, reading: Reading, days: Days, sums: Sums) -> BoolArray:
    """Add up the fills of each member.

    Parameters
    ----------
    fills : Added
        The fills.
    reading : Reading
        How days are looked at.
    days : Days
        The days of the window from the first start to the last stop; nothing changes on them.
    sums : Sums
        Where the sums go, which are those of nothing.

    Returns
    -------
    array of bool
        Fills that begin on the day of another one of their product: they may be equal.
    """
    size = len(fills.member)
    is_twin = np.zeros(size, np.bool_)
    runs = np.zeros((len(reading.least), 3), np.int64)
    products = fills.product.max() + 1 if size else 0
    latest_fill, reached = np.full(products, -1), np.zeros(products, np.int64)
    first = 0
    while first < size:
        member = fills.member[first]
        first, inside, earliest, latest = _spread(
            fills, first, reading, days, latest_fill, reached, is_twin
        )
        if inside or latest >= 0:
            sums.fills[member] = inside
            _walk(member, earliest, latest, days, reading, sums, runs)
    return is_twin
