"""Early refills of one product moved to the day on which the supply before them ends."""

from __future__ import annotations

import numpy as np

from opsafe.mme._kernel import DAY_BITS
from opsafe.quantity import BoolArray, IntArray

__all__ = ["shift"]


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
