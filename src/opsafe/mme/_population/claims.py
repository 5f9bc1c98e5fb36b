"""Fills as fixed-width columns: what is sorted, spilled to disk and shipped.

A row costs 8 bytes for the member, 22 for date, days, quantity, drug line and state, 8 each for
prescriber, pharmacy and fill id where there are such columns; text ids add their own bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from opsafe import _identifiers
from opsafe._identifiers import Identifiers
from opsafe.columns import AnyArray
from opsafe.mme._population.threads import Mapped
from opsafe.quantity import IntArray

__all__ = [
    "FILL_ID",
    "ODD_DAYS",
    "ODD_QUANTITY",
    "PHARMACY",
    "PRESCRIBER",
    "SOURCE",
    "UNDATED",
    "UNSTATED",
    "Claims",
    "Encoded",
]

UNDATED: Final = 1
"""The date cannot be used; a fill id still nets the row."""
ODD_DAYS: Final = 2
ODD_QUANTITY: Final = 64
UNSTATED: Final = ODD_DAYS | ODD_QUANTITY
"""Quantity or days cannot be read: there is nothing to net."""
PRESCRIBER: Final = 4
PHARMACY: Final = 8
FILL_ID: Final = 16
SOURCE: Final = 32
"""The last four: this identifier is missing."""
# Rows that are packed together: few enough to stay in cache.
_CHUNK: Final = 1 << 13
_IDENTIFIERS: Final = ("member", "fill_id")


@dataclass(slots=True)
class Claims:
    """Encoded fills; columns that the input does not have are None."""

    member: Identifiers
    row: IntArray | None
    """Position in the input; None where it is the position here."""
    day: npt.NDArray[np.int32]
    """Days since 1900-01-01; of an undated row, the code of the word that stands there."""
    days: npt.NDArray[np.int32]
    quantity: IntArray
    """Counts of 1e-3; a value that could not be read is the code of its word, as in ``days``."""
    line: npt.NDArray[np.int32]
    own: npt.NDArray[np.uint8]
    """Reason of date, days or quantity why the row cannot count: its index and 1, 0 for none."""
    marks: npt.NDArray[np.uint8]
    prescriber: IntArray | None = None
    pharmacy: IntArray | None = None
    fill_id: Identifiers | None = None
    source: IntArray | None = None

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: IntArray | slice, **known: Any) -> Claims:
        """Take some rows; columns that are at hand already are given."""

        def taken(name: str) -> Any:
            column = getattr(self, name)
            if column is None or name in known:
                return known.get(name)
            return _identifiers.take(column, rows) if name in _IDENTIFIERS else column[rows]

        return Claims(*(taken(one.name) for one in fields(self)))

    @classmethod
    def concatenate(cls, parts: Sequence[Claims]) -> Claims:
        """Join parts that have the same columns."""
        if len(parts) == 1:
            return parts[0]

        def joined(columns: Sequence[Any]) -> Any:
            if columns[0] is None:
                return None
            if isinstance(columns[0], Identifiers):
                return _identifiers.concatenate(columns, "fills")
            return np.concatenate(columns)

        return cls(*(joined([getattr(p, one.name) for p in parts]) for one in fields(cls)))

    def of_member(self, records: AnyArray) -> Identifiers:
        """The members of some records."""
        words = None if self.member.words is None else records["member_words"]
        return Identifiers(self.member.kind, np.ascontiguousarray(records["member"]), words, None)

    def of(self, records: AnyArray) -> Claims:
        """Columns of some records, contiguous again; none of them lacks its member."""

        def column(name: str) -> Any:
            like = getattr(self, name)
            if like is None:
                return None
            found = np.ascontiguousarray(records[name])
            if not isinstance(like, Identifiers):
                return found
            words = None if like.words is None else np.ascontiguousarray(records[f"{name}_words"])
            missing = (records["marks"] & FILL_ID) > 0 if name == "fill_id" else None
            missing = missing if missing is not None and missing.any() else None
            return Identifiers(like.kind, found, words, missing)

        return Claims(*(column(one.name) for one in fields(self)))


class Encoded:
    """Blocks of claims as if they were one, without copying them together.

    Parameters
    ----------
    blocks : sequence of Claims
        At least one; all with the same columns.
    """

    def __init__(self, blocks: Sequence[Claims]) -> None:
        if len({_kinds(block) for block in blocks}) > 1:
            blocks = [Claims.concatenate(blocks)]
        self.blocks = tuple(blocks)
        self.starts = np.cumsum([0, *map(len, blocks)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def like(self) -> Claims:
        """A block, to see which columns there are."""
        return self.blocks[0]

    def pieces(self, size: int) -> list[tuple[int, int, int]]:
        """Cut into pieces of one block each: its number, and first and last row in the whole."""
        return [
            (number, at, min(at + size, int(stop)))
            for number, (start, stop) in enumerate(pairwise(self.starts.tolist()))
            for at in range(start, stop, size)
        ]

    def between(self, start: int, stop: int) -> Claims:
        """Rows from one position to another; a view where they lie in one block."""
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        found: list[Claims] = []
        for number in range(min(first, len(self.blocks) - 1), len(self.blocks)):
            offset = int(self.starts[number])
            if found and offset >= stop:
                break
            block = self.blocks[number]
            found.append(block.take(slice(max(start - offset, 0), max(stop - offset, 0))))
        return Claims.concatenate(found)

    def take(self, rows: IntArray) -> Claims:
        """Some rows, given in order."""
        cuts = np.searchsorted(rows, self.starts)
        return Claims.concatenate(
            [
                block.take(rows[cuts[i] : cuts[i + 1]] - self.starts[i])
                for i, block in enumerate(self.blocks)
                if cuts[i] < cuts[i + 1] or i == 0
            ]
        )

    def records(self, mapped: Mapped) -> AnyArray:
        """All columns of a row side by side, so that a row anywhere costs one look at memory."""
        columns = [_columns(block) for block in self.blocks]
        widths = {
            name: max(one[name].shape[1] for one in columns)
            for name, column in columns[0].items()
            if column.ndim == 2
        }
        kind = np.dtype(
            [
                (name, column.dtype, (widths[name],) if name in widths else ())
                for name, column in sorted(columns[0].items(), key=lambda one: -one[1].itemsize)
            ]
        )
        packed = (np.zeros if widths else np.empty)(len(self), kind)

        def fill(piece: tuple[int, int, int]) -> None:
            number, start, stop = piece
            offset = int(self.starts[number])
            for name, column in columns[number].items():
                values = column[start - offset : stop - offset]
                if name in widths:
                    packed[name][start:stop, : values.shape[1]] = values
                else:
                    packed[name][start:stop] = values

        for _ in mapped(fill, self.pieces(_CHUNK)):
            pass
        return packed


def _kinds(claims: Claims) -> tuple[str | None, ...]:
    return (claims.member.kind, claims.fill_id.kind if claims.fill_id is not None else None)


def _columns(claims: Claims) -> dict[str, AnyArray]:
    """The arrays of some claims; the words of identifiers are two-dimensional."""
    found: dict[str, AnyArray] = {}
    for one in fields(claims):
        column = getattr(claims, one.name)
        if isinstance(column, Identifiers):
            found[one.name] = column.key
            if column.words is not None:
                found[f"{one.name}_words"] = column.words
        elif column is not None:
            found[one.name] = column
    return found
