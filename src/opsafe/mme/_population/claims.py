"""Fills as fixed-width columns: what is computed with, spilled to disk and shipped.

A row costs 8 bytes for the member, 22 for date, days, quantity, drug line and state, 8 each for
prescriber, pharmacy and fill id where there are such columns; text ids add their own bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from opsafe import _identifiers
from opsafe._identifiers import Identifiers
from opsafe.quantity import IntArray

__all__ = [
    "COLUMNS",
    "FILL_ID",
    "ODD_DAYS",
    "ODD_QUANTITY",
    "PHARMACY",
    "PRESCRIBER",
    "SOURCE",
    "UNDATED",
    "UNSTATED",
    "Claims",
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

        return Claims(*map(taken, COLUMNS))

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

        return cls(*(joined([getattr(part, name) for part in parts]) for name in COLUMNS))


COLUMNS: Final = tuple(one.name for one in fields(Claims))
