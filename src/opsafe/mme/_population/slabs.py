"""Whole members in slabs that stay in cache: where each begins, and its rows in order.

Rows in order of member are used as they stand; others are dealt to slabs first. Within a slab they
are put in order, where it is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe import _identifiers
from opsafe._identifiers import Identifiers
from opsafe.mme._kernel import count_so_far
from opsafe.mme._population.claims import UNDATED, Claims
from opsafe.mme._population.codes import LAST_FILL
from opsafe.mme._population.cuts import cuts_in_order, in_order
from opsafe.mme._population.deal import Dealt, Mapped
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.pieces import Piece, Pieces
from opsafe.mme._sorting import order_of
from opsafe.quantity import IntArray

__all__ = ["SLAB_ROWS", "Slab", "Slabs"]

SLAB_ROWS: Final = 1 << 18
"""Rows of a slab, about: few enough for a processor's cache, enough to forget the calls."""


@dataclass(frozen=True, slots=True)
class Slab:
    """Rows of whole members in order; rows only counted left out."""

    claims: Claims
    """The rows, each with its position in the input."""
    member: IntArray
    """Number of each row's member in the slab."""
    members: Identifiers
    first_row: IntArray
    """Position in the input of a row of each member."""
    rows_in: int
    most: int
    """No member has more rows."""
    skipped_by_line: IntArray
    """Rows left out, by drug line."""


class Slabs:
    """Encoded fills cut into slabs of whole members.

    Parameters
    ----------
    pieces : Pieces
        The fills; rows without a member are in no slab.
    drugs : Drugs
        What the drug lines say: their products, and which are only counted.
    rows : int
        Rows of a slab, about; a member is never cut.
    mapped : callable, optional
        A map, perhaps over threads.
    by_product : bool, optional
        Whether rows are in order of member, product and day, or else of member and day.
    """

    def __init__(
        self,
        pieces: Pieces,
        drugs: Drugs,
        rows: int = SLAB_ROWS,
        mapped: Mapped = map,
        *,
        by_product: bool = True,
    ) -> None:
        self.skipped = drugs.skipped
        self.product = drugs.product if by_product else None
        self._product_bits = int(drugs.product.max(initial=0)).bit_length() if by_product else 0
        self.without_member = pieces.without_member()
        self._standing, self._dealt = None, None
        if in_order(pieces, mapped):
            self._standing = pieces
            self._cuts = cuts_in_order(pieces, rows)
            return
        self._dealt = Dealt(pieces, rows, mapped)

    def __len__(self) -> int:
        return len(self._cuts) - 1 if self._dealt is None else self._dealt.slabs

    def __getitem__(self, position: int) -> Slab:
        if self._dealt is None:
            assert self._standing is not None
            piece = self._standing.between(self._cuts[position], self._cuts[position + 1])
            piece = piece.with_member()
            first_of_member = ~_identifiers.equal_neighbours(piece.member())
            number = count_so_far(first_of_member) - 1
            order = self._ordered(number, piece)  # which leaves the members where they are
        else:
            piece = self._dealt.slab(position)
            number = _numbers(piece.member())
            order = self._ordered(number, piece)
            number = number if order is None else number.take(order)
            first_of_member = np.append(True, number[1:] != number[:-1])[: len(number)]
            number = count_so_far(first_of_member) - 1
        piece = piece if order is None else piece.take(order)
        return self._slab(piece.claims(), number, np.flatnonzero(first_of_member))

    def _ordered(self, number: IntArray, piece: Piece) -> IntArray | None:
        """Order rows by member, product and day; None where they are in order."""
        if not len(number):
            return None
        day = piece.wide("day")
        undated = np.flatnonzero(piece.columns["marks"] & UNDATED)
        if len(undated):  # it holds the code of a word instead
            day = day.copy()
            day[undated] = LAST_FILL
            day[undated] = day.min() - 1
        low = int(day.min())
        day_bits = (int(day.max()) - low).bit_length()
        if not _fits(number, self._product_bits + day_bits):
            number = _without_gaps(number)
        key, bits = number, int(number.max()).bit_length() + self._product_bits + day_bits
        if self.product is not None:
            product = self.product.take(piece.columns["line"].astype(np.int64) + piece.low["line"])
            if bits >= 64:
                return np.lexsort((day, product, number))
            key = (number << self._product_bits) | product
        key = (key << day_bits) | (day - low)
        stand_by_member = self._dealt is None
        if stand_by_member and self.product is None:
            _keep_place(undated, key)
        if bool((key[1:] >= key[:-1]).all()):
            return None
        # Rows that stand in order of member come in long runs.
        return order_of(key, bits, in_runs=stand_by_member)

    def _slab(self, claims: Claims, number: IntArray, first: IntArray) -> Slab:
        assert claims.row is not None
        members, first_row = _identifiers.take(claims.member, first), claims.row.take(first)
        rows_in = len(claims)
        skipped_by_line = np.zeros(len(self.skipped), np.int64)
        if self.skipped.any():
            skipped = self.skipped.take(claims.line)
            skipped_by_line = np.bincount(claims.line[skipped], minlength=len(self.skipped))
            kept = np.flatnonzero(~skipped)
            number, claims = number.take(kept), claims.take(kept)
        most = int(np.diff(first, append=rows_in).max(initial=0))
        return Slab(claims, number, members, first_row, rows_in, most, skipped_by_line)


def _keep_place(rows: IntArray, key: IntArray) -> None:
    """Let rows, which have the least key of their member, follow the row before them."""
    is_first = np.diff(rows, prepend=-2) > 1  # of some that follow each other
    before = np.maximum(rows[is_first][np.cumsum(is_first) - 1] - 1, 0)
    key[rows] = np.maximum(key[before], key[rows])


def _fits(number: IntArray, bits: int) -> bool:
    """Whether a key of a number, some bits and a row's position has less than 64 bits."""
    return int(number.max()).bit_length() + bits + len(number).bit_length() < 64


def _without_gaps(number: IntArray) -> IntArray:
    """Number the same members, one after the other: a shorter key to order by."""
    there = np.zeros(int(number.max()) + 1, bool)
    there[number] = True
    return count_so_far(there).take(number)


def _numbers(member: Identifiers) -> IntArray:
    """Number members in order of key, and of words where keys are equal; perhaps with gaps."""
    key, size = member.key, len(member)
    low = int(key.min())
    spread = int(key.max()) - low
    if member.words is None and spread.bit_length() <= 24:
        number: IntArray = key - low
        return number
    order = np.argsort(key, kind="stable")
    ordered = _identifiers.take(member, order)
    changes = ~_identifiers.equal_neighbours(ordered)
    if member.words is not None and (changes[1:] & (ordered.key[1:] == ordered.key[:-1])).any():
        # Two ids share a hash: they are told apart by their words.
        order = np.lexsort((*member.words.T[::-1], key))
        changes = ~_identifiers.equal_neighbours(_identifiers.take(member, order))
    ranks = np.empty(size, np.int64)
    ranks[order] = count_so_far(changes)
    return ranks
