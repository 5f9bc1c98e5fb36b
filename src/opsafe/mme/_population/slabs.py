"""Whole members in slabs that stay in cache: where each begins, and its rows in order.

Rows in order of member are used as they stand. Others are dealt into bins by the leading bits of
their member's key, which costs one pass, and put in order slab by slab, where it is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from opsafe import _identifiers
from opsafe._identifiers import Identifiers
from opsafe.mme._population.claims import UNDATED, Claims
from opsafe.quantity import BoolArray, IntArray

__all__ = ["SLAB_ROWS", "Slab", "Slabs"]

SLAB_ROWS: Final = 1 << 17
"""Rows of a slab, about: columns of a slab fit into the cache of a processor."""
_BINS: Final = 16  # bits


@dataclass(frozen=True, slots=True)
class Slab:
    """Rows of whole members in order of member and day; rows that are only counted left out."""

    claims: Claims
    row: IntArray
    """Position of each row in the input."""
    member: IntArray
    """Number of each row's member in the slab."""
    members: Identifiers
    first_row: IntArray
    """Position in the input of a row of each member."""
    rows_in: int
    skipped_by_line: IntArray
    """Rows left out, by drug line."""


class Slabs:
    """Encoded fills cut into slabs of whole members.

    Parameters
    ----------
    claims : Claims
        The fills; rows without a member are in no slab.
    skipped : array of bool
        Drug lines, by code, that are only counted.
    rows : int
        Rows of a slab, about; a member is never cut.
    """

    def __init__(self, claims: Claims, skipped: BoolArray, rows: int = SLAB_ROWS) -> None:
        self.claims = claims
        self.skipped = skipped
        member = claims.member
        self.in_order = False
        present = None if member.missing is None else np.flatnonzero(~member.missing)
        known = member if present is None else _identifiers.take(member, present)
        if _is_sorted(known):
            self.in_order = True
            self.order = present
            self.cuts = _cuts_in_order(known, rows)
        else:
            digit = _digits(known.key)
            order = digit.argsort(kind="stable")
            self.cuts = _cuts_by_bin(np.bincount(digit, minlength=1), rows)
            self.order = order if present is None else present[order]

    def __len__(self) -> int:
        return len(self.cuts) - 1

    @property
    def without_member(self) -> IntArray:
        """Rows without a member id."""
        missing = self.claims.member.missing
        return np.zeros(0, np.int64) if missing is None else np.flatnonzero(missing)

    def __getitem__(self, position: int) -> Slab:
        start, stop = self.cuts[position], self.cuts[position + 1]
        rows = np.arange(start, stop) if self.order is None else self.order[start:stop]
        # A slice where rows stand in order: a slab is then a view of the input.
        where: slice | IntArray = slice(start, stop) if self.order is None else rows
        member = _identifiers.take(self.claims.member, where)
        day, marks = self.claims.day[where], self.claims.marks[where]
        undated = (marks & UNDATED) > 0
        dated = np.where(undated, 0, day) if undated.any() else day
        number = _contiguous(member) if self.in_order else _numbers(member)
        order = _by_day(number, dated)
        if order is not None:
            where = rows = rows.take(order)
            number, member = number.take(order), _identifiers.take(member, order)
        changes = np.append(True, number[1:] != number[:-1])[: len(number)]
        first = np.flatnonzero(changes)
        number = np.cumsum(changes) - 1
        first_row, position_in = rows.take(first), self.claims.row
        line = self.claims.line[where]
        skipped_by_line = np.zeros(len(self.skipped), np.int64)
        skipped = self.skipped[line]
        if skipped.any():
            skipped_by_line = np.bincount(line[skipped], minlength=len(self.skipped))
            kept = np.flatnonzero(~skipped)
            where = rows = rows.take(kept)
            number, line = number.take(kept), line.take(kept)
        claims = self.claims.take(where, line=line)
        return Slab(
            claims,
            rows if claims.row is None else claims.row,
            number,
            _identifiers.take(member, first),
            first_row if position_in is None else position_in[first_row],
            len(changes),
            skipped_by_line,
        )


def _is_sorted(member: Identifiers) -> bool:
    """Whether rows are in order of their member's id."""
    if member.words is None:
        return bool((member.key[1:] >= member.key[:-1]).all())
    before, after = member.words[:-1], member.words[1:]
    rises = np.zeros(len(before), bool)
    equal = np.ones(len(before), bool)
    for one in range(member.words.shape[1]):
        if (equal & (after[:, one] < before[:, one])).any():
            return False
        rises |= equal & (after[:, one] > before[:, one])
        equal = ~rises
    return True


def _changes(member: Identifiers) -> BoolArray:
    return ~_identifiers.equal_neighbours(member)


def _cuts_in_order(member: Identifiers, rows: int) -> list[int]:
    """Cut at the first change of member after each slab's rows; nothing is one empty slab."""
    cuts, size = [0], len(member)
    if not size:
        return [0, 0]
    while cuts[-1] < size:
        at = cuts[-1] + rows
        step = 64
        while at < size:
            near = _identifiers.take(member, slice(at - 1, min(at + step, size)))
            change = np.flatnonzero(_changes(near)[1:])
            if len(change):
                at += int(change[0])
                break
            at, step = at + step, 2 * step
        cuts.append(min(at, size))
    return cuts


def _digits(key: IntArray) -> IntArray:
    """The leading bits of each key, as many as fall into bins without a comparison."""
    low, high = int(key.min()), int(key.max())
    shift = max((high - low).bit_length() - _BINS, 0)
    # Modulo 2**64, where the difference of two keys is always right.
    offset = key.view(np.uint64) - np.uint64(low % 2**64)
    return (offset >> np.uint64(shift)).astype(np.uint16)


def _cuts_by_bin(counts: IntArray, rows: int) -> list[int]:
    """Cut between bins, so that no slab is much larger than asked unless one bin is."""
    ends = np.cumsum(counts)
    cuts = [0]
    while cuts[-1] < ends[-1]:
        position = int(np.searchsorted(ends, cuts[-1] + rows, side="right")) - 1
        end = int(ends[position]) if position >= 0 else 0
        if end <= cuts[-1]:
            end = int(ends[np.searchsorted(ends, cuts[-1], side="right")])
        cuts.append(end)
    return cuts


def _contiguous(member: Identifiers) -> IntArray:
    """Number members that come one after the other."""
    return np.cumsum(_changes(member))


def _numbers(member: Identifiers) -> IntArray:
    """Number members in order of key, and of words where keys are equal; not without gaps."""
    key, size = member.key, len(member)
    low = int(key.min())
    if member.words is None and (int(key.max()) - low).bit_length() <= 24:
        return key - low
    order = np.argsort(key, kind="stable")
    ordered = _identifiers.take(member, order)
    changes = _changes(ordered)
    if member.words is not None and (changes[1:] & (ordered.key[1:] == ordered.key[:-1])).any():
        # Two ids share a hash: they are told apart by their words.
        order = np.lexsort((*member.words.T[::-1], key))
        changes = _changes(_identifiers.take(member, order))
    ranks = np.empty(size, np.int64)
    ranks[order] = np.cumsum(changes)
    return ranks


def _by_day(number: IntArray, day: npt.NDArray[np.integer]) -> IntArray | None:
    """Order rows by member and day; None where they are in order."""
    size = len(number)
    if not size:
        return None
    low, bits = int(day.min()), size.bit_length()
    day_bits = (int(day.max()) - low).bit_length()
    key = (number << day_bits) | (day - low)
    if bool((key[1:] >= key[:-1]).all()):
        return None
    if int(number.max()).bit_length() + day_bits + bits >= 64:
        return np.argsort(key, kind="stable")
    key <<= bits
    key |= np.arange(size)
    key.sort(kind="stable")
    order: IntArray = key & ((1 << bits) - 1)
    return order
