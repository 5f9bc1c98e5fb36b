"""Amounts by place, as a caller brings them, checked once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias, get_args

import numpy as np

from opsafe._arguments import plain
from opsafe.columns import Column, Columns, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.frames import Table, open_table
from opsafe.quantity import BoolArray, FloatArray, read_decimal

__all__ = [
    "Name",
    "as_floats",
    "check",
    "floats_in",
    "is_table",
    "names_in",
    "names_of",
    "read_amounts",
    "read_choice",
    "shown",
    "spread",
    "where_first",
]

Name: TypeAlias = int | str
"""What a place is called: its position where nobody named it."""

# Amounts between these two and their ratios stay far from where floats end; less is nobody.
_LEAST: Final = 1e-6
_MOST: Final = 1e12


def read_choice(value: object, kind: Any, where: str) -> Any:
    """Read one of the words of a Literal."""
    allowed = get_args(kind)
    if not isinstance(value, str) or value not in allowed:
        raise ArgumentError(f"is {shown(value)}", where=where, value=value, allowed=allowed)
    return value


def read_amounts(
    data: object, where: str, *, place: str, amount: str
) -> tuple[tuple[Name, ...] | None, FloatArray]:
    """Read numbers by place: an array (places without names), a mapping by name, or a table."""
    names: tuple[Name, ...] | None = None
    if isinstance(data, Mapping) and place not in data:
        names = _distinct(list(data), where)
        values = as_floats(list(data.values()), where)
    elif is_table(data):
        table = open_table(data, where=where, required=(place, amount))
        names = _distinct(names_in(table, place), f"{where}[{place!r}]")
        values = floats_in(table, amount)
        where = f"{where}[{amount!r}]"
    else:
        values = as_floats(data, where)
    if values.ndim != 1:
        raise ArgumentError(
            f"has {values.ndim} dimensions, not one number for each {place}",
            where=where,
            advice=f"A table has columns {place} and {amount}",
        )
    if not len(values):
        raise ArgumentError(f"holds no {place}", where=where)
    check(values, where, most=_MOST)
    return names, np.where(values < _LEAST, 0.0, values)


def spread(
    names: tuple[Name, ...] | None, values: FloatArray, order: Sequence[Name], where: str
) -> FloatArray:
    """Put amounts in the order of the places; those without one have none."""
    if names is None:
        if len(values) != len(order):
            raise ArgumentError(f"has {len(values)} values for {len(order)} sites", where=where)
        return values
    position = {name: at for at, name in enumerate(order)}
    unknown = [name for name in names if name not in position]
    if unknown:
        raise ArgumentError(
            f"{shown(unknown[0])} is no place of the travel matrix",
            where=where,
            allowed=order[:5],
            advice="Name the columns of a matrix with sites=; without it they are counted from 0",
        )
    found = np.zeros(len(order))
    found[[position[name] for name in names]] = values
    return found


def names_of(data: object, where: str) -> tuple[Name, ...]:
    """Read a sequence of names of places."""
    if isinstance(data, np.ndarray):
        data = data.tolist()
    if isinstance(data, str) or not isinstance(data, Sequence):
        raise ArgumentTypeError("is no sequence of names", where=where, value=type(data).__name__)
    return _distinct(list(data), where)


def is_table(data: object) -> bool:
    """Whether it is a table rather than an array."""
    if isinstance(data, Columns | Mapping) or hasattr(data, "columns"):
        return True
    return isinstance(data, list | tuple) and bool(data) and isinstance(data[0], Mapping)


def check(values: FloatArray, where: str, *, most: float) -> None:
    """Refuse what is missing, infinite, negative, or beyond what can be calculated with."""
    for wrong, what in (
        (np.isnan(values), "is missing"),
        (np.isinf(values), "is infinite"),
        (values < 0, "is negative"),
        (values > most, f"is above {most:,.0f}"),
    ):
        if wrong.any():
            raise ArgumentError(f"{what} at {where_first(wrong)}", where=where)


def where_first(wrong: BoolArray) -> str:
    at = np.argwhere(wrong)[0].tolist()
    return f"position {at[0]}" if len(at) == 1 else f"row {at[0]}, column {at[1]}"


def as_floats(value: object, where: str) -> FloatArray:
    """Read an array-like of numbers of any shape; None and NaN are missing."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        raise ArgumentTypeError(
            "is no array of numbers", where=where, value=type(value).__name__,
            advice="Its rows must be of one length, and hold numbers only",
        ) from None  # fmt: skip
    if isinstance(value, np.ma.MaskedArray):
        array = np.array(value.tolist(), object)  # None where masked
    if array.dtype.kind == "O":
        flat = [_as_float(each, where) for each in array.ravel().tolist()]
        return np.array(flat, np.float64).reshape(array.shape)
    if array.dtype.kind not in "iuf":
        raise ArgumentTypeError(
            "holds no numbers", where=where, value=str(array.dtype), advice="Turn text into numbers"
        )
    with np.errstate(over="ignore"):  # what is too long for a float is infinite, and refused
        return array.astype(np.float64)


def _as_float(value: object, where: str) -> float:
    found = plain(value)
    if found is None:
        return math.nan
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal | Fraction):
        raise ArgumentTypeError(
            f"holds {shown(found)}, which is no number", where=where, value=type(value).__name__
        )
    try:
        return float(found)
    except OverflowError:
        return math.inf if found > 0 else -math.inf


def floats_in(table: Table, name: str) -> FloatArray:
    where = f"{table.where}[{table.names[name]!r}]"
    column: Column = table.column(name)
    if isinstance(column, Text):
        read = [_word_as_float(word, column.kind, where) for word in column.words]
        return np.array([*read, math.nan])[column.codes]
    values = column.values if isinstance(column, Nullable) else column
    if values.dtype.kind not in "iuf":
        raise ColumnError("holds no numbers", where=where)
    return np.asarray(column.array() if isinstance(column, Nullable) else column, np.float64)


def _word_as_float(word: str, kind: str, where: str) -> float:
    number = None if kind == "text" else read_decimal(word)
    if number is None:
        raise ColumnError(f"holds {shown(word)}, which is no number", where=where)
    return float(number)


def names_in(table: Table, name: str) -> list[Name]:
    column = table.column(name)
    values: list[Any] = (column if isinstance(column, np.ndarray) else column.array()).tolist()
    return [_name(value, f"{table.where}[{name!r}]", row) for row, value in enumerate(values)]


def _name(value: object, where: str, row: int) -> Name:
    found = plain(value)
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise ArgumentTypeError(
            f"{shown(found)} at position {row} is no name of a place",
            where=where,
            value=type(value).__name__,
            allowed=("text", "a whole number"),
        )
    return found


def _distinct(values: Sequence[object], where: str) -> tuple[Name, ...]:
    names = tuple(_name(value, where, row) for row, value in enumerate(values))
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ArgumentError(f"names {shown(twice)} twice", where=where)
    return names


def shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of many digits"  # Python refuses to write the longest of them
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
