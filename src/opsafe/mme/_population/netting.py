"""Reversals and duplicates: what was taken back or sent twice is netted before anything counts.

Whatever must be chosen (which of two equal fills a reversal cancels, which of two duplicates
stays) is chosen by what the rows say, never by where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opsafe.mme._kernel import sum_by
from opsafe.mme._population.numbering import number
from opsafe.mme._population.rows import REVERSED, Rows
from opsafe.mme.reasons import Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["net"]


def net(rows: Rows) -> None:
    """Net reversals and set duplicates aside.

    Notes
    -----
    With a fill id, the signed quantities and days of its rows are summed: nothing left, and the
    whole group is reversed; something left, and one fill carries it. Without one, a reversal
    cancels one fill equal in member, date, drug, strength, quantity, days and pharmacy.
    """
    if rows.fill_id is not None:
        _reverse_whole_groups(rows)
    readable = rows.stands & ~rows.unstated
    back = readable & ((rows.quantity < 0) | (rows.days < 0) | (rows.status == REVERSED))
    by_row_alone = np.zeros(len(rows), bool)
    if rows.fill_id is not None:
        identified = np.flatnonzero(readable & (rows.fill_id.codes >= 0))
        if len(identified):
            by_row_alone = _by_id(rows, identified, back)
    _one_for_one(rows, back & rows.stands & ~by_row_alone & ~rows.undated)
    rows.set_aside(by_row_alone, Reason.REVERSED)
    rows.set_aside(back, Reason.REVERSAL_UNMATCHED)


def _reverse_whole_groups(rows: Rows) -> None:
    """A row that says reversed and states no amount takes back all that has its fill id."""
    assert rows.fill_id is not None
    unstated = rows.unstated | (rows.quantity == 0) | (rows.days == 0)
    whole = rows.stands & unstated & (rows.status == REVERSED) & (rows.fill_id.codes >= 0)
    if not whole.any():
        return
    readable = rows.stands & (~rows.unstated | whole)
    at = np.flatnonzero(readable & (rows.fill_id.codes >= 0))
    group = number(rows.member.codes[at], rows.fill_id.codes[at])
    taken = np.zeros(int(group.max()) + 1, bool)
    taken[group[whole[at]]] = True
    gone = np.zeros(len(rows), bool)
    gone[at[taken[group]]] = True
    rows.set_aside(gone, Reason.REVERSED)


def _by_id(rows: Rows, at: IntArray, back: BoolArray) -> BoolArray:
    """Net the rows of each fill id; return reversals that no fill of their id explains."""
    assert rows.fill_id is not None
    # With the ingredient: a product of two opioids is two rows of one fill.
    group = number(rows.member.codes[at], rows.fill_id.codes[at], rows.drug[at])
    size = np.bincount(group)
    busy = (size[group] > 1) | back[at]
    at, group = at[busy], group[busy]
    groups = len(size)
    taken_back = back[at]
    reversals = sum_by(group, taken_back.astype(np.int64), groups)
    fills = sum_by(group, (~taken_back).astype(np.int64), groups)
    mixed = (reversals > 0) & (fills > 0)
    _net_groups(rows, at, group, taken_back, mixed)
    _set_duplicates_aside(rows, at, group, (reversals == 0) & (fills > 1))
    # A row that says of itself that it was reversed needs no partner.
    alone = (fills == 0)[group] & (rows.quantity[at] > 0) & (rows.days[at] > 0)
    by_row_alone = np.zeros(len(rows), bool)
    by_row_alone[at[alone]] = True
    return by_row_alone


def _net_groups(
    rows: Rows, at: IntArray, group: IntArray, taken_back: BoolArray, mixed: BoolArray
) -> None:
    """Sum the signed rows of each mixed group; leave one fill with what remains, or none."""
    sign = np.where(taken_back, -1, 1)
    quantity = sum_by(group, sign * np.abs(rows.quantity[at]), len(mixed))
    days = sum_by(group, sign * np.abs(rows.days[at]), len(mixed))
    gone = mixed & ((quantity <= 0) | (days <= 0))
    reversed_rows = np.zeros(len(rows), bool)
    reversed_rows[at[gone[group]]] = True
    rows.set_aside(reversed_rows, Reason.REVERSED)
    inside = np.flatnonzero((mixed & ~gone)[group])
    at, group, taken_back = at[inside], group[inside], taken_back[inside]
    exact = (rows.quantity[at] == quantity[group]) & (rows.days[at] == days[group])
    order = _in_order(rows, at, (group, taken_back, ~exact, ~_sound(rows, at)))
    first = np.append(True, group[order][1:] != group[order][:-1])[: len(order)]
    survivor, owner = at[order][first], group[order][first]
    rows.quantity[survivor] = quantity[owner]
    rows.days[survivor] = days[owner]
    rows.absorbed[at[order][~first]] = True


def _set_duplicates_aside(rows: Rows, at: IntArray, group: IntArray, twice: BoolArray) -> None:
    inside = np.flatnonzero(twice[group])
    at, group = at[inside], group[inside]
    order = _in_order(rows, at, (group, ~_sound(rows, at)))
    first = np.append(True, group[order][1:] != group[order][:-1])[: len(order)]
    later = np.zeros(len(rows), bool)
    later[at[order][~first]] = True
    rows.set_aside(later, Reason.DUPLICATE_FILL_ID)


def _one_for_one(rows: Rows, back: BoolArray) -> None:
    """Cancel each reversal against one equal fill of the same member, date and pharmacy."""
    if not back.any():
        return
    touched = np.isin(rows.member.codes, rows.member.codes[back])
    fills = (
        rows.stands
        & ~rows.undated
        & ~rows.unstated
        & (rows.quantity > 0)
        & (rows.days > 0)
        & ~back
        & (rows.status != REVERSED)
    )
    at = np.flatnonzero(touched & (back | fills))
    taken_back = back[at]
    key = number(
        rows.member.codes[at],
        rows.day[at],
        *_product(rows, at)[:-1],  # a reversal may leave the form out
        np.abs(rows.quantity[at]),
        np.abs(rows.days[at]),
        *([rows.pharmacy.codes[at]] if rows.pharmacy else []),
    )
    order = _in_order(rows, at, (key, taken_back))
    at, key, taken_back = at[order], key[order], taken_back[order]
    groups = int(key[-1]) + 1
    opposite = np.where(
        taken_back,
        sum_by(key, (~taken_back).astype(np.int64), groups)[key],
        sum_by(key, taken_back.astype(np.int64), groups)[key],
    )
    side = 2 * key + taken_back
    first = np.flatnonzero(np.append(True, side[1:] != side[:-1]))
    rank = np.arange(len(at)) - np.repeat(first, np.diff(np.append(first, len(at))))
    cancelled = np.zeros(len(rows), bool)
    cancelled[at[rank < opposite]] = True
    rows.set_aside(cancelled, Reason.REVERSED)


def _product(rows: Rows, at: IntArray) -> list[IntArray]:
    words = (rows.route, rows.unit, rows.form)
    return [rows.drug[at], rows.strength[at], *(word.codes[at] for word in words)]


def _sound(rows: Rows, at: IntArray) -> BoolArray:
    """Rows that could count: of two with one id, the one that can is the one to keep."""
    return ~rows.undated[at] & (rows.quantity[at] > 0) & (rows.days[at] > 0)


def _in_order(rows: Rows, at: IntArray, leading: Sequence[IntArray | BoolArray]) -> IntArray:
    """Order rows by what they say; only rows that say the same keep the order they came in."""
    identified = (rows.prescriber, rows.pharmacy, rows.fill_id, rows.source)
    identifiers = [codes.codes[at] for codes in identified if codes]
    keys = [
        *leading,
        rows.day[at],
        rows.quantity[at],
        rows.days[at],
        *_product(rows, at),
        rows.quantity_unit.codes[at],
        rows.cough_cold[at],
        rows.moud[at],
        rows.wear_hours[at],
        *identifiers,
    ]
    return np.lexsort(tuple(reversed(keys)))
