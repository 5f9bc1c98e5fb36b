"""How a column is read: numbers onto an integer grid, dates to days, identifiers to codes.

Every value is judged once, here. What cannot be read keeps its place with a state, so that the
engine can name the row; nothing is dropped and nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from opsafe.columns import AnyArray, Column, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.quantity import (
    BoolArray,
    GridState,
    IntArray,
    decimal_to_grid,
    read_decimal,
    to_grid,
)

__all__ = [
    "Codes",
    "decimal_key",
    "read_codes",
    "read_date",
    "read_dates",
    "read_flags",
    "read_numbers",
    "read_text",
    "read_whole",
]

States = npt.NDArray[np.int8]
# The largest whole number up to which every integer is a float: beyond it two ids may be one.
_EXACT_FLOAT: Final = {8: 2**53, 4: 2**24, 2: 2**11}


def read_numbers(column: Column, decimals: int, where: str) -> tuple[IntArray, States]:
    """Read numbers as counts of ``10**-decimals`` with a GridState each."""
    if isinstance(column, Text):
        read = [decimal_to_grid(word, decimals) for word in column.words]
        counts = np.array([*(count for count, _ in read), 0], object)
        states = np.array([*(state for _, state in read), GridState.MISSING], np.int8)
        too_large = np.array([abs(int(count)) >= 2**62 for count in counts])
        states[too_large] = GridState.TOO_LARGE
        counts[too_large] = 0
        return counts.astype(np.int64)[column.codes], states[column.codes]
    values, missing = (
        (column.values, ~column.valid) if isinstance(column, Nullable) else (column, None)
    )
    if isinstance(column, Nullable) and _says_nothing(column):
        return np.zeros(len(column), np.int64), np.full(len(column), GridState.MISSING, np.int8)
    if values.dtype.kind == "b" or values.dtype.kind == "M":
        kind = "true or false" if values.dtype.kind == "b" else "dates"
        raise ColumnError(f"holds {kind}, not numbers", where=where)
    if values.dtype.kind == "f":
        return to_grid(_as_written(values), decimals)
    states = np.zeros(len(values), np.int8)
    states[np.abs(values.astype(np.float64)) * 10**decimals >= float(2**62)] = GridState.TOO_LARGE
    if missing is not None:
        states[missing] = GridState.MISSING
    counts = np.where(states == GridState.ON_GRID, values, 0) * 10**decimals
    return counts.astype(np.int64), states


def _as_written(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Read a float32 through its shortest text: 0.1 is meant, not 0.10000000149."""
    if values.dtype == np.float64:
        return values.astype(np.float64, copy=False)
    distinct, inverse = np.unique(values, return_inverse=True)
    written = np.array([float(str(value)) for value in distinct], np.float64)
    return written[inverse]


def read_dates(column: Column, where: str) -> tuple[IntArray, States]:
    """Read dates as days since 1970-01-01 with a GridState each.

    Dates, naive timestamps (their date) and text as YYYY-MM-DD or YYYYMMDD are dates; a bare
    number is not, since nobody can tell what it counts from.
    """
    if isinstance(column, Text):
        read = [_day(word) for word in column.words]
        days = np.array([*(0 if day is None else day for day in read), 0], np.int64)
        unreadable = [
            GridState.MISSING
            if not word.strip()
            else GridState.UNREADABLE
            if day is None
            else GridState.ON_GRID
            for word, day in zip(column.words, read, strict=True)
        ]
        states = np.array([*unreadable, GridState.MISSING], np.int8)
        return days[column.codes], states[column.codes]
    if _says_nothing(column):
        none = np.full(len(column), GridState.MISSING, np.int8)
        return np.zeros(len(column), np.int64), none
    if isinstance(column, Nullable) or column.dtype.kind != "M":
        raise ColumnError(
            "holds bare numbers, not dates",
            where=where,
            allowed=("dates", "naive timestamps", "text as YYYY-MM-DD or YYYYMMDD"),
            advice="Cast to a date first; only you know what the numbers count from",
        )
    missing = np.isnat(column)
    days = column.astype("datetime64[D]").view(np.int64)
    days[missing] = 0
    return days, missing.astype(np.int8) * np.int8(GridState.MISSING)


def read_date(day: object, where: str) -> date:
    """Read one date of an argument: a date, or text as YYYY-MM-DD or YYYYMMDD.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is none; a time of day is refused, since only the caller knows its zone.
    """
    if isinstance(day, str):
        try:
            return date.fromisoformat(day)
        except ValueError:
            raise ArgumentError(
                f"{day[:40]!r} is not a date", where=where, advice="Write YYYY-MM-DD"
            ) from None
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ArgumentTypeError(
            f"{type(day).__name__} is not a date", where=where, advice="Use datetime.date"
        )
    return day


def _says_nothing(column: AnyArray | Nullable) -> bool:
    """Whether a column holds no value at all: libraries then choose any type for it."""
    if isinstance(column, Nullable):
        return not column.valid.any()
    return column.dtype.kind == "f" and bool(np.isnan(column).all())


def _day(word: str) -> int | None:
    text = word.strip()
    dashed = len(text) == 10 and text[4] == text[7] == "-"
    digits = text.replace("-", "") if dashed else text
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return day.toordinal() - date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Codes:
    """Identifiers as codes in the order of their values; -1 is missing."""

    codes: IntArray
    first_row: IntArray
    """Row of the first occurrence of each code."""
    values: tuple[int, ...] | tuple[str, ...]
    """The identifier of each code, to find it again in another table."""

    @property
    def count(self) -> int:
        """Number of distinct identifiers."""
        return len(self.first_row)


def read_codes(column: Column, where: str) -> Codes:
    """Read identifiers: any integer, text or whole decimal, never through a float.

    Raises
    ------
    ColumnError
        If they are mixed, true or false, dates, or floats that may have lost digits.
    """
    if isinstance(column, Text):
        return _text_codes(column, where)
    values, valid = read_whole(column, where)
    codes = np.full(len(values), -1, np.int64)
    rows = np.arange(len(values)) if valid is None else np.flatnonzero(valid)
    distinct, inverse = _number(values[rows].astype(np.int64))
    codes[rows] = inverse
    first_row = np.zeros(len(distinct), np.int64)
    first_row[inverse[::-1]] = rows[::-1]
    return Codes(codes, first_row, tuple(distinct.tolist()))


def read_whole(column: AnyArray | Nullable, where: str) -> tuple[AnyArray, BoolArray | None]:
    """Check that numbers can be identifiers; also which are there, None for all.

    Raises
    ------
    ColumnError
        If they are true or false, dates, or floats that may have lost digits.
    """
    values, valid = (
        (column.values, column.valid) if isinstance(column, Nullable) else (column, None)
    )
    if values.dtype.kind not in "iuf":
        raise ColumnError("identifiers are integers or text", where=where)
    if values.dtype.kind == "f":
        valid = ~np.isnan(values)
        whole = values[valid]
        if np.any(np.abs(whole) >= _EXACT_FLOAT.get(values.dtype.itemsize, 2**53)) or np.any(
            whole != np.rint(whole)
        ):
            raise ColumnError(
                "identifiers came as floats that may have lost digits: two members could be one",
                where=where,
                advice="Read the column as text or as a nullable integer",
            )
        values = np.where(valid, values, 0).astype(np.int64)
    return values, valid


def _number(values: IntArray) -> tuple[IntArray, IntArray]:
    """Number distinct identifiers in order; by a table where they lie close together."""
    if len(values) and (span := int(values.max()) - int(values.min()) + 1) <= 8 * len(values):
        low = values.min()
        seen = np.zeros(span, bool)
        seen[values - low] = True
        return np.flatnonzero(seen) + low, (np.cumsum(seen) - 1)[values - low]
    distinct, inverse = np.unique(values, return_inverse=True)
    return distinct, inverse


def _text_codes(column: Text, where: str) -> Codes:
    if column.kind == "mixed":
        raise ColumnError(
            "identifiers are of mixed types",
            where=where,
            advice="Make them all text or all integers",
        )
    keys = [decimal_key(word, where) if column.kind == "decimal" else word for word in column.words]
    # Words that no row uses, and blanks, would leave gaps: number what is there.
    used = set(np.unique(column.codes).tolist()) - {-1}
    present = {keys[code] for code in used if str(keys[code]).strip()}
    ordered = tuple(sorted(present))
    rank = {key: position for position, key in enumerate(ordered)}
    lookup = np.array([*(rank.get(key, -1) for key in keys), -1], np.int64)
    codes = lookup[column.codes]
    distinct, first = np.unique(codes, return_index=True)
    return Codes(codes, first[distinct >= 0].astype(np.int64), ordered)


def decimal_key(word: str, where: str) -> int:
    """Read a decimal identifier as the integer it is: 12.0 and 12 are one member."""
    number = read_decimal(word)
    if number is None or not number.is_finite() or number.adjusted() > 100:
        raise ColumnError("identifiers are integers, text or whole decimals", where=where)
    if number != number.to_integral_value():
        raise ColumnError("identifiers are integers, text or whole decimals", where=where)
    return int(number)


def read_text(column: Column) -> Text:
    """Read words; numbers and dates become words too (that no vocabulary will know)."""
    if isinstance(column, Text):
        return column
    values = column.array() if isinstance(column, Nullable) else column
    missing = values != values
    distinct, inverse = np.unique(np.where(missing, values[:1], values), return_inverse=True)
    codes = np.where(missing, -1, inverse).astype(np.int64)
    return Text(codes, tuple(str(value) for value in distinct.tolist()))


def read_flags(column: Column, where: str) -> tuple[BoolArray, BoolArray]:
    """Read true or false, and which are missing (those are false)."""
    if isinstance(column, Nullable) and column.values.dtype == bool:
        return column.values & column.valid, ~column.valid
    if (not isinstance(column, Text) and _says_nothing(column)) or (
        isinstance(column, Text) and not column.words
    ):
        return np.zeros(len(column), bool), np.ones(len(column), bool)
    raise ColumnError("holds something other than true and false", where=where)
