"""Which way fills are summed: by the kernel of arrays, or by loops that Numba has compiled.

Both give the same bits. Loops are worth their start where there are millions of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Final, NamedTuple

import numpy as np

from opsafe.columns import AnyArray
from opsafe.mme._population.measure import Fills, Measured, Scale, least, measure, supply
from opsafe.mme._population.numbering import count_distinct
from opsafe.mme._population.slabs import SLAB_ROWS
from opsafe.mme._population.spans import Spans
from opsafe.quantity import IntArray

__all__ = ["ARRAYS", "Ways", "can_compile", "is_worth_compiling", "ways_of"]


class Ways(NamedTuple):
    """How a slab is summed."""

    measure: Callable[[Fills, Spans, Scale, int], Measured]
    count_distinct: Callable[[IntArray, IntArray, int], IntArray]
    slab_rows: int
    """Rows of a slab, about."""


ARRAYS: Final = Ways(measure, count_distinct, SLAB_ROWS)

_COUNTS: Final = (
    *("fills", "fill_days", "total", "covered_days", "maximum", "maximum_elsewhere"),
    *("overlap_days", "tier_reading_days", "benzodiazepine_days"),
)
_DAYS: Final = ("peak_day", "first_day", "last_day")
_SLAB_ROWS: Final = 15 << 14
"""More than arrays fit into a cache: loops go through it member by member."""
_WORTH: Final = 4_000_000
"""Rows from which on loops gain more than Numba takes to start, about a second."""


def can_compile() -> bool:
    """Whether Numba is installed."""
    return find_spec("numba") is not None


def is_worth_compiling(compiled: bool | None, rows: int) -> bool:
    """Whether loops are compiled for so many rows; None is whatever is faster."""
    return rows >= _WORTH and can_compile() if compiled is None else compiled


def ways_of(compiled: bool, by_day: bool) -> Ways:
    """Choose how slabs are summed; sums of days are forgotten in loops, unless they are wanted."""
    if not compiled:
        return ARRAYS

    in_loops = measure if by_day else _measure_in_loops
    return Ways(in_loops, _count_distinct_in_loops, _SLAB_ROWS)


def _measure_in_loops(fills: Fills, spans: Spans, scale: Scale, most: int) -> Measured:
    """Sum fills to one row a member; by :func:`measure` where members have spans of their own."""
    from opsafe.mme import _loops

    if spans.window is None or not len(fills):
        return measure(fills, spans, scale, most)
    adds = fills.counted.astype(np.uint8) * np.uint8(_loops.COUNTED)
    if fills.benzodiazepine is not None and fills.opioid is not None:
        adds |= fills.benzodiazepine.astype(np.uint8) * np.uint8(_loops.BENZODIAZEPINE)
        adds |= fills.opioid.astype(np.uint8) * np.uint8(_loops.OPIOID)
    tiers, milligrams = scale.tiers, np.zeros(len(fills), np.int64)
    if fills.doses is not None and tiers is not None:
        milligrams[fills.doses.at] = fills.doses.milligrams
    reading = _loops.Reading(
        *spans.window,
        least=_integers([*map(least, scale.at_least), *(least(t + 1) for t in scale.more_than)]),
        up_to=_integers(tiers.up_to if tiers is not None else ()),
        thousandths=_integers(tiers.thousandths if tiers is not None else ()),
        printed=_integers([bound for pair in scale.printed for bound in pair]),
    )
    members, thresholds = len(spans.days), len(reading.least)
    sums = _loops.Sums(
        **{name: np.zeros(members, np.int64) for name in _COUNTS},
        **{name: np.full(members, -1, np.int64) for name in _DAYS},
        days=np.zeros((thresholds, members), np.int64),
        longest=np.zeros((thresholds, members), np.int64),
    )
    first, stop = spans.window
    days = _loops.Days.of(max(int(fills.start.min()), first), min(int(fills.stop.max()), stop))
    rows = fills.member, fills.start, fills.stop, fills.product, adds, fills.rate, milligrams
    twins = _loops.sum_members(_loops.Added(*map(_plain, rows)), reading, days, sums)
    found = dict(zip(sums._fields, sums, strict=True))
    pairs = tuple(zip(found.pop("days"), found.pop("longest"), strict=True))
    if fills.dispensing is not None:
        number, fewer = supply(fills.within(*spans.window), spans)
        found |= {"fills": number, "fill_days": sums.fill_days - fewer}
    return Measured(
        daily=None,
        twins=twins,
        at_least=pairs[: len(scale.at_least)],
        more_than=pairs[len(scale.at_least) :],
        **found,
    )


def _count_distinct_in_loops(group: IntArray, value: IntArray, groups: int) -> IntArray:
    from opsafe.mme import _loops

    return _loops.count_distinct(_plain(group), _plain(value), groups)


def _plain(column: AnyArray) -> AnyArray:
    """One kind of array, as far as Numba tells kinds apart: for each, it compiles again."""
    return np.require(column, requirements=["C", "W"])


def _integers(numbers: Sequence[int]) -> IntArray:
    return np.array(numbers, np.int64)
