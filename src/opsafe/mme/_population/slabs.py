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
from opsafe.columns import AnyArray
from opsafe.mme._population.claims import UNDATED, Claims, Encoded
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.threads import Mapped, in_threads
from opsafe.quantity import BoolArray, IntArray

__all__ = ["SLAB_ROWS", "Slab", "Slabs"]

SLAB_ROWS: Final = 1 << 16
"""Rows of a slab, about: columns of a slab fit into the cache of a processor."""
_BIN_BITS: Final = 15
_BINS: Final = 1 << _BIN_BITS


@dataclass(frozen=True, slots=True)
class Slab:
    """Rows of whole members, in order of member, product and day; rows only counted left out."""

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
    claims : Encoded
        The fills; rows without a member are in no slab.
    drugs : Drugs
        What the drug lines say: their products, and which are only counted.
    rows : int
        Rows of a slab, about; a member is never cut.
    """

    def __init__(
        self, claims: Encoded, drugs: Drugs, rows: int = SLAB_ROWS, threads: int = 1
    ) -> None:
        self.claims = claims
        self.skipped = drugs.skipped
        self.product = drugs.product
        self._product_bits = int(self.product.max(initial=0)).bit_length()
        self.without_member = _without_member(claims)
        self._records: AnyArray | None = None
        self._order: IntArray | None = None
        if _in_order(claims):
            self.cuts = _cuts_in_order(claims, rows)
            return
        with in_threads(threads) as mapped:
            digit, counts = _digits(claims, mapped)
            # Both at once: the one sort is of one thread, the packing of many pieces.
            dealt = mapped(lambda bins: bins.argsort(kind="stable"), [digit])
            self._records = claims.records(mapped)
            self._order = next(iter(dealt))
        self.cuts = _cuts_by_bin(counts[:_BINS], rows)

    def __len__(self) -> int:
        return len(self.cuts) - 1

    def __getitem__(self, position: int) -> Slab:
        start, stop = self.cuts[position], self.cuts[position + 1]
        if self._records is None:
            return self._standing(start, stop)
        assert self._order is not None
        rows = self._order[start:stop]
        records = self._records.take(rows)
        number = _numbers(self.claims.like.of_member(records))
        order = self._ordered(number, records["line"], records["day"], records["marks"])
        if order is not None:
            rows, number, records = rows.take(order), number.take(order), records.take(order)
        return self._slab(self.claims.like.of(records), rows, number)

    def _standing(self, start: int, stop: int) -> Slab:
        """Rows that stand in order of member; in order of day too, a slab is a view of them."""
        rows, claims = np.arange(start, stop), self.claims.between(start, stop)
        if claims.member.missing is not None:
            there = np.flatnonzero(~claims.member.missing)
            rows, claims = rows.take(there), claims.take(there)
        number = np.cumsum(~_identifiers.equal_neighbours(claims.member), dtype=np.int64)
        order = self._ordered(number, claims.line, claims.day, claims.marks)
        if order is not None:
            rows, number, claims = rows.take(order), number.take(order), claims.take(order)
        return self._slab(claims, rows, number)

    def _ordered(
        self,
        number: IntArray,
        line: npt.NDArray[np.int32],
        day: npt.NDArray[np.int32],
        marks: npt.NDArray[np.uint8],
    ) -> IntArray | None:
        """Order rows by member, product and day; None where they are in order."""
        undated = (marks & UNDATED) > 0
        if undated.any():  # it holds the code of a word instead
            day = np.where(undated, np.int32(0), day)
        size = len(number)
        if not size:
            return None
        low = int(day.min())
        day_bits = (int(day.max()) - low).bit_length()
        member_bits = int(number.max()).bit_length()
        if member_bits + self._product_bits + day_bits >= 64:
            return np.lexsort((day, self.product[line], number))
        key = (number << self._product_bits) | self.product[line]
        key <<= day_bits
        key |= day - low
        if bool((key[1:] >= key[:-1]).all()):
            return None
        bits = size.bit_length()
        if member_bits + self._product_bits + day_bits + bits >= 64:
            return np.argsort(key, kind="stable")
        key <<= bits
        key |= np.arange(size)
        key.sort(kind="stable")
        order: IntArray = key & ((1 << bits) - 1)
        return order

    def _slab(self, claims: Claims, rows: IntArray, number: IntArray) -> Slab:
        changes = np.append(True, number[1:] != number[:-1])[: len(number)]
        first = np.flatnonzero(changes)
        number = np.cumsum(changes) - 1
        rows = rows if claims.row is None else claims.row
        members, first_row = _identifiers.take(claims.member, first), rows.take(first)
        skipped = self.skipped[claims.line]
        skipped_by_line = np.zeros(len(self.skipped), np.int64)
        if skipped.any():
            skipped_by_line = np.bincount(claims.line[skipped], minlength=len(self.skipped))
            kept = np.flatnonzero(~skipped)
            rows, number, claims = rows.take(kept), number.take(kept), claims.take(kept)
        return Slab(claims, rows, number, members, first_row, len(changes), skipped_by_line)


def _without_member(claims: Encoded) -> IntArray:
    return np.concatenate(
        [
            np.flatnonzero(block.member.missing) + start
            for block, start in zip(claims.blocks, claims.starts, strict=False)
            if block.member.missing is not None
        ]
        or [np.zeros(0, np.int64)]
    )


def _in_order(claims: Encoded) -> bool:
    """Whether rows are in order of their member's id; those without one stand anywhere."""
    last: Identifiers | None = None
    for block in claims.blocks:
        member = block.member
        if not _is_sorted(_known(_identifiers.take(member, slice(0, 1 << 12)))):
            return False  # as nearly always where they are not
        member = _known(member)
        if not len(member):
            continue
        ends = _identifiers.take(member, np.array([0, -1]))
        first, end = (_identifiers.take(ends, slice(i, i + 1)) for i in (0, 1))
        if last is not None and not _is_sorted(_identifiers.concatenate([last, first], "fills")):
            return False
        if not _is_sorted(member):
            return False
        last = end
    return True


def _known(member: Identifiers) -> Identifiers:
    if member.missing is None:
        return member
    return _identifiers.take(member, np.flatnonzero(~member.missing))


def _is_sorted(member: Identifiers) -> bool:
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


def _cuts_in_order(claims: Encoded, rows: int) -> list[int]:
    """Cut at the first change of member after each slab's rows; nothing is one empty slab."""
    cuts, size = [0], len(claims)
    if not size:
        return [0, 0]
    while cuts[-1] < size:
        at = cuts[-1] + rows
        step = 64
        while at < size:
            near = claims.between(at - 1, min(at + step, size)).member
            # A row without a member is nobody's change: the cut goes before a row that has one.
            there = np.arange(len(near))
            if near.missing is not None:
                there = np.flatnonzero(~near.missing)
            change = np.flatnonzero(_changes(_identifiers.take(near, there))[1:])
            if len(change):
                at += int(there[change[0] + 1]) - 1
                break
            at, step = at + step, 2 * step
        cuts.append(min(at, size))
    return cuts


def _range(claims: Encoded, mapped: Mapped) -> tuple[int, int]:
    """Least and largest key of rows that have a member: those without one hold a 0."""

    def ends(piece: tuple[int, int, int]) -> tuple[int, int] | None:
        number, start, stop = piece
        member = claims.blocks[number].member
        rows = slice(start - int(claims.starts[number]), stop - int(claims.starts[number]))
        key = member.key[rows]
        if member.missing is not None:
            key = key[~member.missing[rows]]
        return (int(key.min()), int(key.max())) if len(key) else None

    found = [one for one in mapped(ends, claims.pieces(1 << 16)) if one is not None]
    return min(low for low, _ in found), max(high for _, high in found)


def _digits(claims: Encoded, mapped: Mapped) -> tuple[npt.NDArray[np.uint16], IntArray]:
    """Bin of each row by the leading bits of its member's key, and rows of each bin.

    Rows without a member are in the last one.
    """
    keys = [block.member.key for block in claims.blocks]
    low, high = _range(claims, mapped)
    shift = np.uint64(max((high - low).bit_length() - _BIN_BITS, 0))
    digit = np.empty(len(claims), np.uint16)

    def fill(piece: tuple[int, int, int]) -> IntArray:
        number, start, stop = piece
        rows = slice(start - int(claims.starts[number]), stop - int(claims.starts[number]))
        # Modulo 2**64, where the difference of two keys is always right.
        bins = (keys[number][rows].view(np.uint64) - np.uint64(low % 2**64)) >> shift
        missing = claims.blocks[number].member.missing
        if missing is not None:
            bins[missing[rows]] = _BINS
        digit[start:stop] = bins
        return np.bincount(bins.astype(np.int64), minlength=_BINS + 1)

    counts = np.zeros(_BINS + 1, np.int64)
    for more in mapped(fill, claims.pieces(1 << 16)):
        counts += more
    return digit, counts


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
