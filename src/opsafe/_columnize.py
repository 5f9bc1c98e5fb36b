"""One column of a caller, of whatever library or type, to a NumPy column.

Nothing is dropped and nothing is guessed: what is no number, date or text keeps its place as a
word that no reader will understand, so that the row can be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from opsafe._arguments import plain
from opsafe._arrow import find_arrow, identifiers_of, numbers_of, text_of
from opsafe._identifiers import Identifiers, from_unsigned
from opsafe.columns import AnyArray, Column, Nullable, Text
from opsafe.errors import ColumnError
from opsafe.quantity import BoolArray

if TYPE_CHECKING:
    import narwhals as nw

__all__ = [
    "code_words",
    "from_sequence",
    "from_series",
    "identifiers_from_series",
    "plain_array",
]

_BEYOND_INT64: Final = 2**63
# Types whose values `plain` leaves alone: asking once for all of a column saves most of its time.
_PLAIN: Final = frozenset({type(None), bool, int, str, date, datetime})
_FLAGS: Final = {None: -1, False: 0, True: 1}


def from_series(series: nw.Series[Any], where: str) -> Column:
    import narwhals as nw

    dtype = series.dtype
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum | nw.Decimal):
        array = find_arrow(series)
        if array is not None:
            return text_of(array, where)
        coded = _pandas_categories(series) if isinstance(dtype, nw.Categorical | nw.Enum) else None
        if coded is not None:
            return coded
        # Not cast: categories that are numbers would pass through a float where one is missing,
        # and a None of an old pandas would be the word "None".
        values = series.to_list()
        # An object column of pandas is called text for its first hundred values alone.
        if isinstance(dtype, nw.String) and set(map(type, values)) <= {str, type(None)}:
            return code_words(values)
        return from_sequence(values, where)
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        raise _zoned(where)
    if isinstance(dtype, nw.Date | nw.Datetime):
        in_arrow = numbers_of(series)
        days = series.to_numpy() if in_arrow is None else in_arrow[0]
        if days.dtype.kind == "M":
            return days.astype("datetime64[D]", copy=False)
        return from_sequence(series.to_list(), where)  # objects, where pandas holds Arrow's nulls
    if isinstance(dtype, nw.Boolean):
        valid = ~series.is_null().to_numpy().astype(bool)
        return Nullable(series.fill_null(False).to_numpy().astype(bool), valid)
    if dtype.is_integer() and not isinstance(dtype, nw.Int128 | nw.UInt128):
        numbers, missing = _integers_of(series)
        if not isinstance(dtype, nw.UInt64) or numbers.max(initial=0) < _BEYOND_INT64:
            numbers = numbers.astype(np.int64, copy=False)
            return numbers if missing is None else Nullable(numbers, ~missing)
    if dtype.is_float():
        in_arrow = numbers_of(series)
        floats = series.to_numpy() if in_arrow is None else in_arrow[0]
        return np.asarray(floats, np.float32 if isinstance(dtype, nw.Float32) else np.float64)
    return from_sequence(series.to_list(), where)


def identifiers_from_series(series: nw.Series[Any], where: str) -> Identifiers | None:
    """Read identifiers where their bytes or digits are at hand; None where their words must do."""
    import narwhals as nw

    if isinstance(series.dtype, nw.UInt64):
        numbers, missing = _integers_of(series)
        return from_unsigned(numbers.astype(np.uint64, copy=False), missing)
    array = find_arrow(series)
    return None if array is None else identifiers_of(array, where)


def _integers_of(series: nw.Series[Any]) -> tuple[AnyArray, BoolArray | None]:
    """Integers and which are missing (those are 0), None when none is."""
    in_arrow = numbers_of(series)
    if in_arrow is not None:
        return in_arrow
    missing = series.is_null().to_numpy().astype(bool)
    if not missing.any():
        return series.to_numpy(), None
    return series.fill_null(0).to_numpy(), missing


def _pandas_categories(series: nw.Series[Any]) -> Text | None:
    """Codes and categories of pandas, where every category is text."""
    native: Any = series.to_native()
    if not series.implementation.is_pandas() or not hasattr(native, "cat"):
        return None
    words = native.cat.categories.tolist()
    if not all(isinstance(word, str) for word in words):
        return None
    codes = native.cat.codes.to_numpy()
    return Text(codes, tuple(words) if bool((codes >= 0).any()) else ())


def from_sequence(values: Any, where: str) -> Column:
    if isinstance(values, Text | Nullable):
        return values
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()  # None where masked
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ColumnError(f"has {values.ndim} dimensions, not one", where=where)
        if values.dtype.kind in "iu" and (
            values.dtype.str[1:] != "u8" or values.max(initial=0) < _BEYOND_INT64
        ):
            return values.astype(np.int64, copy=False)
        if values.dtype in (np.float32, np.float64):
            return values
        if values.dtype.kind == "M":
            return values.astype("datetime64[D]", copy=False)
        # A list of durations would be one of integers, of whatever unit.
        values = list(values) if values.dtype.kind == "m" else values.tolist()
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        values = [plain(value) for value in values]
        kinds = set(map(type, values))
    return _from_objects(values, kinds - {type(None)}, where)


def _from_objects(values: list[Any], kinds: set[type], where: str) -> Column:
    if kinds <= {str}:
        return code_words(values)
    if kinds == {bool}:
        told = np.fromiter(map(_FLAGS.__getitem__, values), np.int8, len(values))
        return Nullable(told > 0, told >= 0)
    if kinds == {int}:
        return _integers(values)
    if kinds == {float}:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    if any(issubclass(kind, datetime) for kind in kinds) and any(
        isinstance(value, datetime) and value.tzinfo is not None for value in values
    ):
        raise _zoned(where)
    if all(issubclass(kind, date) for kind in kinds):
        days = [value.date() if isinstance(value, datetime) else value for value in values]
        return np.array(days, "datetime64[D]")
    kind: Literal["decimal", "mixed"] = "decimal" if kinds <= {Decimal, int} else "mixed"
    return code_words([None if value is None else _as_text(value) for value in values], kind)


def _integers(values: list[Any]) -> Column:
    if any(value is not None and not -_BEYOND_INT64 <= value < _BEYOND_INT64 for value in values):
        return code_words(
            [None if value is None else _as_text(value) for value in values], "decimal"
        )
    valid = np.array([value is not None for value in values], bool)
    numbers = np.array([value or 0 for value in values], np.int64)
    return numbers if bool(valid.all()) else Nullable(numbers, valid)


def _as_text(value: Any) -> str:
    """Write a value of a mixed column so that numbers and dates can be read again exactly."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return f"<{value}>"
    if isinstance(value, Decimal) or (isinstance(value, int) and abs(value) < 10**100):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"<{type(value).__name__}>"


class _Coder(dict[Any, int]):
    """Gives each distinct word the next code, and anything that is not text -1."""

    def __init__(self) -> None:
        super().__init__({None: -1})
        self.words: list[str] = []

    def __missing__(self, word: Any) -> int:
        if not isinstance(word, str):
            return -1
        self[word] = len(self.words)
        self.words.append(word)
        return self[word]


def code_words(values: Sequence[Any], kind: Literal["text", "decimal", "mixed"] = "text") -> Text:
    """Give each distinct word its code, in the order of appearance."""
    coder = _Coder()
    codes = np.fromiter(map(coder.__getitem__, values), np.int64, len(values))
    return Text(codes, tuple(coder.words), kind)


def plain_array(values: list[Any]) -> AnyArray:
    kinds = set(map(type, values))
    if kinds == {int} and all(-_BEYOND_INT64 <= value < _BEYOND_INT64 for value in values):
        return np.array(values, np.int64)
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _zoned(where: str) -> ColumnError:
    return ColumnError(
        "timestamps with a time zone have no one date",
        where=where,
        advice="Choose the zone and drop it first, for example "
        'frame["fill_date"].dt.tz_convert("America/New_York").dt.tz_localize(None)',
    )
