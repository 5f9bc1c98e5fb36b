"""Which way fills are summed: by the kernel of arrays, or by loops that Numba has compiled.

Both give the same bits. Loops are worth their start where there are millions of rows; they need
less order than arrays, which rows that stand in order of member and day then have already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from opsafe.columns import AnyArray
from opsafe.mme._population.book import MemberTables
from opsafe.mme._population.measure import Fills, Measured, Scale, least, measure, supply
from opsafe.mme._population.options import Options
from opsafe.mme._population.spans import Spans
from opsafe.quantity import IntArray

__all__ = ["BY_ARRAYS", "Way", "can_compile", "is_worth_compiling", "measure_in_loops", "way_of"]

Measure: TypeAlias = Callable[[Fills, Spans, Scale, int], Measured]


class Way(NamedTuple):
    """How slabs are summed."""

    measure: Measure
    by_product: bool
    """Whether the rows of a product stand together; else those of a member are in order of day."""


BY_ARRAYS: Final = Way(measure, by_product=True)

_WORTH: Final = 4_000_000
"""Rows from which on loops gain more than Numba takes to start, about a second."""


def can_compile() -> bool:
    """Whether Numba is installed."""
    return find_spec("numba") is not None


def is_worth_compiling(compiled: bool | None, rows: int) -> bool:
    """Whether loops are compiled for so many rows; None is whatever is faster."""
    return rows >= _WORTH and can_compile() if compiled is None else compiled


def way_of(compiled: bool, options: Options, tables: MemberTables) -> Way:
    """Choose how slabs are summed.

    Loops forget the sums of days, which may be wanted, and look at one window for all members.
    """
    by_day = options.segments or options.contributions
    cut = tables.exclusions if options.exclude == "days" else None
    own_days = any(table is not None for table in (tables.windows, tables.enrolment, cut))
    if not compiled or by_day or own_days:
        return BY_ARRAYS
    return Way(measure_in_loops, by_product=options.overlap == "shift_same_product")


def measure_in_loops(fills: Fills, spans: Spans, scale: Scale, most: int) -> Measured:
    """Sum fills to one row a member; all members have the same window."""
    from opsafe.mme import _loops

    assert spans.window is not None
    if not len(fills):
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
    sums = _loops.Sums.of(len(spans.days), len(reading.least))
    first, stop = spans.window
    days = _loops.Days.of(max(int(fills.start.min()), first), min(int(fills.stop.max()), stop))
    rows = fills.member, fills.start, fills.stop, fills.product, adds, fills.rate, milligrams
    is_twin = _loops.sum_members(_loops.Added(*map(_plain, rows)), reading, days, sums)
    found = dict(zip(sums._fields, sums, strict=True))
    pairs = tuple(zip(found.pop("days"), found.pop("longest"), strict=True))
    if fills.dispensing is not None:
        number, fewer = supply(fills.within(*spans.window), spans)
        found |= {"fills": number, "fill_days": sums.fill_days - fewer}
    return Measured(
        daily=None,
        twins=_together(fills, np.flatnonzero(is_twin)),
        at_least=pairs[: len(scale.at_least)],
        more_than=pairs[len(scale.at_least) :],
        **found,
    )


def _together(fills: Fills, at: IntArray) -> IntArray:
    """Put fills in order of member, product and start, which are in order of start already."""
    product = fills.product.take(at)
    group = fills.member.take(at) * (int(product.max(initial=0)) + 1) + product
    return at.take(np.argsort(group, kind="stable"))


def _plain(column: AnyArray) -> AnyArray:
    """One kind of array, as far as Numba tells kinds apart: for each, it compiles again."""
    return np.require(column, requirements=["C", "W"])


def _integers(numbers: Sequence[int]) -> IntArray:
    return np.array(numbers, np.int64)
