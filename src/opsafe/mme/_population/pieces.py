"""Fills kept until they are solved: pieces of rows, each column in as few bytes as it needs.

New memory is dear, and a row in few bytes is soon read: a value is kept as what it lies above the
least one near it. A member's rows are put together from stretches of pieces, in full width again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, Final, NamedTuple

import numpy as np

from opsafe._identifiers import Identifiers
from opsafe.columns import AnyArray
from opsafe.mme._population.claims import COLUMNS, FILL_ID, Claims
from opsafe.quantity import IntArray

__all__ = ["PIECE_ROWS", "Piece", "Pieces", "Stretch", "joined"]

PIECE_ROWS: Final = 1 << 17
"""Rows of a piece, at most: few enough to stay in cache while they are encoded and dealt."""
_NARROW: Final = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.uint32))
_ALIGNED: Final = 8
_POSITION: Final = np.dtype(np.int64)


class Piece:
    """Some rows that follow each other.

    Parameters
    ----------
    claims : Claims
        The rows.
    """

    def __init__(self, claims: Claims) -> None:
        self.size = len(claims)
        self.start = 0
        """Position of the first one in the input, for claims that do not tell theirs."""
        self.missing = claims.member.missing
        self.like = claims.take(np.zeros(0, np.int64))  # a slice would keep all the rows
        self.columns = dict(_columns(claims))
        self.low = dict.fromkeys(self.columns, 0)
        """What the values of a column lie above."""
        self._wide_kinds = {name: column.dtype for name, column in self.columns.items()}
        self._is_narrow = False

    def narrow(self) -> Piece:
        """Copy the columns into one block of memory, each as narrow as its values allow."""
        if self._is_narrow:
            return self
        self._is_narrow = True
        if self.missing is not None and not self.missing.all():
            key = self.columns["member"].copy()
            key[self.missing] = key[self.missing.argmin()]  # that of some row which has one
            self.columns["member"] = key
        kinds = {name: self._narrowest(name) for name in self.columns}
        sizes = [kinds[name].itemsize * column.size for name, column in self.columns.items()]
        ends = np.cumsum([0, *(size + -size % _ALIGNED for size in sizes)]).tolist()
        room = np.empty(ends[-1], np.uint8)
        for name, size, first in zip(tuple(self.columns), sizes, ends, strict=False):
            column = self.columns[name]
            kept = room[first : first + size].view(kinds[name]).reshape(column.shape)
            kept[:] = column  # what is cut off above comes back right: below, it counts modulo
            if self.low[name]:
                kept -= kinds[name].type(self.low[name] % (1 << 8 * kept.itemsize))
            self.columns[name] = kept
        return self

    def _narrowest(self, name: str) -> np.dtype[Any]:
        """The kind of integer that holds a column; what its values lie above is noted."""
        column = self.columns[name]
        if column.ndim == 1 and column.itemsize > _NARROW[0].itemsize and len(column):
            low, high = int(column.min()), int(column.max())
            bits = (high - low).bit_length()
            even = low >> bits << bits  # the same in most pieces
            for kind in _NARROW:
                if kind.itemsize < column.itemsize and high - low < 1 << (8 * kind.itemsize):
                    self.low[name] = even if high - even < 1 << (8 * kind.itemsize) else low
                    return kind
        return column.dtype

    def wide(self, name: str) -> AnyArray:
        """A column as it was, or its positions in the input."""
        kept, kind = self.columns[name], self._wide_kinds.get(name, _POSITION)
        if kept.dtype == kind and not self.low[name]:
            return kept
        found: AnyArray = kept.astype(kind)
        found += self.low[name]
        return found

    def member(self) -> Identifiers:
        """The member of each row."""
        key = self.wide("member")
        if self.missing is not None:
            key = np.where(self.missing, 0, key)
        words = self.columns.get("member_words")
        return Identifiers(self.like.member.kind, key, words, self.missing)

    def known(self) -> Identifiers:
        """Members of the rows that have one, with keys as they are kept."""
        key, words = self.columns["member"], self.columns.get("member_words")
        if self.missing is not None:
            there = np.flatnonzero(~self.missing)
            key, words = key.take(there), None if words is None else words[there]
        return Identifiers(self.like.member.kind, key, words, None)

    def claims(self) -> Claims:
        """The rows as they were, with their positions in the input."""
        piece = self if "row" in self.columns else self.take(np.arange(self.size))
        missing = (piece.columns["marks"] & FILL_ID) > 0

        def column(name: str) -> Any:
            like = getattr(self.like, name)
            if name == "member":
                return piece.member()
            if name == "fill_id" and like is not None:
                words = piece.columns.get("fill_id_words")
                absent = missing if missing.any() else None
                return Identifiers(like.kind, piece.wide(name), words, absent)
            return piece.wide(name) if name in piece.columns else None

        return Claims(*map(column, COLUMNS))

    def with_member(self) -> Piece:
        """The rows that have a member, of some that are told where they stood."""
        if self.missing is None:
            return self
        there = ~self.missing  # nearly all, in long runs: faster than to take them
        some = copy(self)
        some.columns = {name: column[there] for name, column in self.columns.items()}
        some.size, some.missing = int(there.sum()), None
        return some

    def take(self, rows: IntArray) -> Piece:
        """Some of the rows; they are told where they stood."""
        some = copy(self)
        some.size = len(rows)
        some.columns = {name: column.take(rows, axis=0) for name, column in self.columns.items()}
        if self.missing is not None:
            some.missing = self.missing.take(rows)
            some.missing = some.missing if some.missing.any() else None
        if "row" not in self.columns:
            some.columns["row"] = rows.astype(np.uint32)
            some.low = self.low | {"row": self.start}
        return some

    def put_in_order(self, order: IntArray) -> None:
        """Keep some rows, in another order; they are told where they stood."""
        self.narrow()
        for column in self.columns.values():
            column[: len(order)] = column.take(order, axis=0)
        if "row" not in self.columns:
            self.columns["row"] = order.astype(np.uint32)
            self.low["row"] = self.start
        self.missing = None


class Stretch(NamedTuple):
    """Rows of a piece from one to another."""

    piece: Piece
    first: int
    stop: int


def joined(stretches: Sequence[Stretch], like: Claims) -> Piece:
    """Put stretches of pieces together, with each row's position in the input."""
    found = Piece(like)
    found.size = sum(stop - first for _, first, stop in stretches)
    for name, kept in _columns(like):
        if name != "row":
            found.columns[name], found.low[name] = _joined(stretches, name, kept)
    found.columns["row"], found.low["row"] = _positions(stretches), 0
    if any(piece.missing is not None for piece, _, _ in stretches):
        missing = np.concatenate(
            [
                np.zeros(stop - first, bool) if piece.missing is None else piece.missing[first:stop]
                for piece, first, stop in stretches
            ]
        )
        found.missing = missing if missing.any() else None
    return found


def _joined(stretches: Sequence[Stretch], name: str, like: AnyArray) -> tuple[AnyArray, int]:
    parts = [piece.columns[name][first:stop] for piece, first, stop in stretches]
    if not parts:
        return like, 0
    if like.ndim == 2:
        words = np.zeros((sum(map(len, parts)), like.shape[1]), like.dtype)
        at = 0
        for part in parts:
            words[at : at + len(part), : part.shape[1]] = part
            at += len(part)
        return words, 0
    lows = [piece.low[name] for piece, _, _ in stretches]
    if len(set(lows)) == 1:
        return _concatenated(parts), lows[0]
    wide = _concatenated(parts).astype(like.dtype)
    wide += np.repeat(np.array(lows, like.dtype), [len(part) for part in parts])
    return wide, 0


def _concatenated(parts: Sequence[AnyArray]) -> AnyArray:
    """Concatenate many short parts; NumPy would let go of the lock for each of them."""
    kinds = {part.dtype for part in parts}
    if len(kinds) > 1 or not all(part.flags.c_contiguous for part in parts):
        return np.concatenate(parts)
    return np.frombuffer(b"".join([part.data for part in parts]), kinds.pop())


def _positions(stretches: Sequence[Stretch]) -> IntArray:
    if not all("row" in piece.columns for piece, _, _ in stretches):
        starts = [np.arange(piece.start + a, piece.start + b) for piece, a, b in stretches]
        return np.concatenate([np.zeros(0, np.int64), *starts])
    lows = np.array([piece.low["row"] for piece, _, _ in stretches], np.int64)
    found = np.repeat(lows, [stop - first for _, first, stop in stretches])
    if len(found):
        found += _concatenated([piece.columns["row"][a:b] for piece, a, b in stretches])
    return found


def _columns(claims: Claims) -> Iterator[tuple[str, AnyArray]]:
    """The arrays of some claims; the words of identifiers are two-dimensional."""
    for name in COLUMNS:
        column = getattr(claims, name)
        if isinstance(column, Identifiers):
            yield name, column.key
            if column.words is not None:
                yield f"{name}_words", column.words
        elif column is not None:
            yield name, column


class Pieces:
    """Pieces of rows as if they were one table.

    Parameters
    ----------
    pieces : sequence of Piece
        At least one, in order of position; all with the same columns.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.starts = np.cumsum([0, *(piece.size for piece in pieces)])
        for piece, start in zip(pieces, self.starts.tolist(), strict=False):
            piece.start = start
        if len({_kinds(piece.like) for piece in pieces}) > 1:
            pieces = [Piece(Claims.concatenate([piece.claims() for piece in pieces]))]
            self.starts = self.starts[[0, -1]]
        self.pieces = tuple(pieces)
        self.like = Claims.concatenate([piece.like for piece in pieces])
        """No rows, to see which columns there are, and how wide their words."""

    @classmethod
    def of(cls, claims: Claims) -> Pieces:
        """Cut claims into pieces, which are views of them."""
        firsts = range(0, max(len(claims), 1), PIECE_ROWS)
        return cls([Piece(claims.take(slice(first, first + PIECE_ROWS))) for first in firsts])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def between(self, start: int, stop: int) -> Piece:
        """Rows from one position to another."""
        at = max(int(np.searchsorted(self.starts, start, side="right")) - 1, 0)
        found = []
        for piece, offset in zip(self.pieces[at:], self.starts[at:].tolist(), strict=False):
            if offset >= stop:
                break
            found.append(Stretch(piece, max(start - offset, 0), min(stop - offset, piece.size)))
        return joined(found, self.like)

    def without_member(self) -> Claims:
        """The rows that have no member."""
        found = [
            piece.take(np.flatnonzero(piece.missing))
            for piece in self.pieces
            if piece.missing is not None
        ]
        return joined([Stretch(piece, 0, piece.size) for piece in found], self.like).claims()


def _kinds(claims: Claims) -> tuple[str | None, ...]:
    return (claims.member.kind, claims.fill_id.kind if claims.fill_id is not None else None)
