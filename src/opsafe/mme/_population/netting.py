"""Reversals and duplicates: what was taken back or sent twice is netted before anything counts.

Whatever must be chosen (which of two equal fills a reversal cancels, which of two duplicates
stays) is chosen by what the rows say, never by where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opsafe._identifiers import equal_neighbours, take
from opsafe.mme._kernel import DAY_BITS, count_so_far, sum_by
from opsafe.mme._population.claims import (
    FILL_ID,
    PHARMACY,
    PRESCRIBER,
    SOURCE,
    UNDATED,
    UNSTATED,
)
from opsafe.mme._population.drugs import Bit
from opsafe.mme._population.numbering import alike, number
from opsafe.mme._population.rows import Rows
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
    taken_back = rows.drugs.reversed.any()
    back = (rows.quantity < 0) | (rows.days < 0)
    if taken_back:
        back |= rows.are(Bit.REVERSED)
    has_id = rows.claims.fill_id is not None
    if not has_id and not back.any():
        return
    if has_id and taken_back:
        _reverse_whole_groups(rows)
    readable = rows.stands & ~rows.unstated
    back &= readable
    by_row_alone = np.zeros(len(rows), bool)
    if has_id:
        by_row_alone = _by_id(rows, readable & rows.identified(FILL_ID), back)
    _one_for_one(rows, back & rows.stands & ~by_row_alone & ~rows.undated)
    rows.set_aside(by_row_alone, Reason.REVERSED)
    rows.set_aside(back, Reason.REVERSAL_UNMATCHED)


def _fill_codes(rows: Rows, at: IntArray) -> IntArray:
    """Number the fill ids of some rows, by the ids themselves and not by their hashes."""
    assert rows.claims.fill_id is not None
    fills = take(rows.claims.fill_id, at)
    columns = () if fills.words is None else tuple(fills.words.T)
    order = np.lexsort((*columns, fills.key))
    same = equal_neighbours(take(fills, order))
    codes = np.empty(len(at), np.int64)
    codes[order] = count_so_far(~same)
    return codes


def _reverse_whole_groups(rows: Rows) -> None:
    """A row that says reversed and states no amount takes back all that has its fill id."""
    unstated = rows.unstated | (rows.quantity == 0) | (rows.days == 0)
    identified = rows.identified(FILL_ID)
    whole = rows.stands & unstated & rows.are(Bit.REVERSED) & identified
    if not whole.any():
        return
    touched = np.zeros(rows.members, bool)
    touched[rows.member[whole]] = True
    readable = rows.stands & (~rows.unstated | whole)
    at = np.flatnonzero(readable & identified & touched[rows.member])
    group = number(rows.member[at], _fill_codes(rows, at))
    taken = np.zeros(int(group.max()) + 1, bool)
    taken[group[whole[at]]] = True
    rows.set_aside(at[taken[group]], Reason.REVERSED)


def _by_id(rows: Rows, identified: BoolArray, back: BoolArray) -> BoolArray:
    """Net the rows of each fill id; return reversals that no fill of their id explains."""
    assert rows.claims.fill_id is not None
    at = np.flatnonzero(identified)
    # Nearly every id stands alone: only those whose hash is there twice are looked at.
    at = at[alike(rows.member[at], rows.claims.fill_id.key[at]) | back[at]]
    by_row_alone = np.zeros(len(rows), bool)
    if not len(at):
        return by_row_alone
    # With the ingredient: a product of two opioids is two rows of one fill.
    group = number(rows.member[at], _fill_codes(rows, at), rows.drugs.drug[rows.line[at]])
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
    by_row_alone[at[alone]] = True
    return by_row_alone


def _net_groups(
    rows: Rows, at: IntArray, group: IntArray, taken_back: BoolArray, mixed: BoolArray
) -> None:
    """Sum the signed rows of each mixed group; leave one fill with what remains, or none."""
    if not mixed.any():
        return
    sign = np.where(taken_back, -1, 1)
    quantity = sum_by(group, sign * np.abs(rows.quantity[at]), len(mixed))
    days = sum_by(group, sign * np.abs(rows.days[at]), len(mixed))
    gone = mixed & ((quantity <= 0) | (days <= 0))
    rows.set_aside(at[gone[group]], Reason.REVERSED)
    inside = np.flatnonzero((mixed & ~gone)[group])
    at, group, taken_back = at[inside], group[inside], taken_back[inside]
    exact = (rows.quantity[at] == quantity[group]) & (rows.days[at] == days[group])
    order = _in_order(rows, at, (group, taken_back, ~exact, ~_sound(rows, at)))
    first = np.append(True, group[order][1:] != group[order][:-1])[: len(order)]
    survivor, owner = at[order][first], group[order][first]
    rows.quantity = rows.quantity.copy()
    rows.quantity[survivor] = quantity[owner]
    rows.days[survivor] = days[owner]
    rows.absorbed = np.zeros(len(rows), bool)
    rows.absorbed[at[order][~first]] = True


def _set_duplicates_aside(rows: Rows, at: IntArray, group: IntArray, twice: BoolArray) -> None:
    inside = np.flatnonzero(twice[group])
    at, group = at[inside], group[inside]
    order = _in_order(rows, at, (group, ~_sound(rows, at)))
    first = np.append(True, group[order][1:] != group[order][:-1])[: len(order)]
    rows.set_aside(at[order][~first], Reason.DUPLICATE_FILL_ID)


def _one_for_one(rows: Rows, back: BoolArray) -> None:
    """Cancel each reversal against one equal fill of the same member, date and pharmacy."""
    if not back.any():
        return
    at = _same_day(rows, back)
    taken_back = back[at]
    fills = (
        rows.stands[at]
        & ((rows.claims.marks[at] & (UNDATED | UNSTATED)) == 0)
        & (rows.quantity[at] > 0)
        & (rows.days[at] > 0)
        & ~rows.drugs.reversed[rows.line[at]]
    )
    at, taken_back = _met(rows, at[taken_back | fills], taken_back[taken_back | fills])
    if not len(at):
        return
    pharmacy = rows.claims.pharmacy
    columns = [] if pharmacy is None else [_person(rows, at, "pharmacy", PHARMACY)]
    key = number(
        rows.member[at],
        rows.day[at],
        rows.drugs.undone[rows.line[at]],
        np.abs(rows.quantity[at]),
        np.abs(rows.days[at]),
        *columns,
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
    rows.set_aside(at[rank < opposite], Reason.REVERSED)


def _same_day(rows: Rows, back: BoolArray) -> IntArray:
    """Rows of the same member and date as a reversal: the only ones that it can cancel."""
    owners = np.zeros(rows.members, bool)
    owners[rows.member[back]] = True
    at = np.flatnonzero(owners[rows.member])
    member_day = (rows.member[at] << DAY_BITS) | rows.day[at]
    wanted = np.sort(member_day[back[at]])
    nearest = np.minimum(np.searchsorted(wanted, member_day), len(wanted) - 1)
    same: IntArray = at[wanted[nearest] == member_day]
    return same


def _met(rows: Rows, at: IntArray, taken_back: BoolArray) -> tuple[IntArray, BoolArray]:
    """Leave out reversals without a fill of their member and date: most rows that are odd."""
    member_day = (rows.member[at] << DAY_BITS) | rows.day[at]
    met = np.isin(member_day, member_day[~taken_back])
    return at[met], taken_back[met]


def _person(rows: Rows, at: IntArray, name: str, mark: int) -> IntArray:
    """Number a column of people in order of their ids; those missing come last."""
    distinct, code = np.unique(getattr(rows.claims, name)[at], return_inverse=True)
    words = rows.drugs.people.get(name)
    if words is not None:  # codes of words follow the rows; words do not
        listed = [words[one] if one >= 0 else "" for one in distinct.tolist()]
        rank = np.empty(len(listed), np.int64)
        rank[np.array(sorted(range(len(listed)), key=listed.__getitem__), np.int64)] = np.arange(
            len(listed)
        )
        code = rank[code]
    return np.where(rows.identified(mark)[at], code, len(distinct))


def _sound(rows: Rows, at: IntArray) -> BoolArray:
    """Rows that could count: of two with one id, the one that can is the one to keep."""
    return ~rows.undated[at] & (rows.quantity[at] > 0) & (rows.days[at] > 0)


def _in_order(rows: Rows, at: IntArray, leading: Sequence[IntArray | BoolArray]) -> IntArray:
    """Order rows by what they say; only rows that say the same keep the order they came in."""
    claims = rows.claims
    people = (("prescriber", PRESCRIBER), ("pharmacy", PHARMACY), ("source", SOURCE))
    identifiers = [
        _person(rows, at, name, mark) for name, mark in people if getattr(claims, name) is not None
    ]
    if claims.fill_id is not None:
        identifiers.append(_fill_codes(rows, at))
    keys = [
        *leading,
        rows.day[at],
        rows.quantity[at],
        rows.days[at],
        rows.drugs.rank[rows.line[at]],
        *identifiers,
    ]
    return np.lexsort(tuple(reversed(keys)))
