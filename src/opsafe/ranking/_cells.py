"""Cells of a caller's table as plain values, and numbers read exactly, so that ties are ties."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from opsafe._arguments import plain, read_number
from opsafe.columns import Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.frames import Table
from opsafe.quantity import read_decimal
from opsafe.ranking._exact import as_written

__all__ = ["cells", "exact", "exact_cells", "rows_named", "words_in"]


def exact(value: object, where: str, low: float, high: float, *, advice: str = "") -> Fraction:
    """Read a number between two bounds exactly: a float as the decimal that it prints.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If it is no number, or lies outside.
    """
    read_number(value, where, low, high, advice=advice or None)
    return as_written(value)


def cells(table: Table, name: str) -> list[Any]:
    """Read a column as plain Python values; None where missing, and where text is blank."""
    if name not in table:
        return [None] * len(table)
    column = table.column(name)
    if isinstance(column, np.ndarray) and column.dtype == np.float32:
        # Through its shortest text: 0.1 is meant, not 0.10000000149.
        return [plain(float(str(value))) for value in column]
    values = table.gather(name, np.arange(len(table)))
    if isinstance(values, Nullable):
        flags = zip(values.values.tolist(), values.valid.tolist(), strict=True)
        listed: list[Any] = [value if valid else None for value, valid in flags]
    elif isinstance(values, Text):
        words = values.array().tolist()
        listed = words if values.kind == "text" else [_number_or_text(word) for word in words]
    else:
        listed = values.tolist() if isinstance(values, np.ndarray) else values.to_list()
    found = [plain(value) for value in listed]
    return [None if isinstance(each, str) and not each.strip() else each for each in found]


def _number_or_text(word: str | None) -> Decimal | str | None:
    number = None if word is None else read_decimal(word)
    return word if number is None else number


def exact_cells(
    table: Table, name: str, low: float, high: float, *, advice: str = ""
) -> list[Fraction | None]:
    """Read a column of numbers between two bounds exactly; None where missing.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If a cell is no number, or lies outside; its row is named, counted from 0.
    """
    where = f"{table.where}[{table.names.get(name, name)!r}]"
    found: list[Fraction | None] = []
    known: dict[tuple[type, float], Fraction] = {}  # a column has few different numbers
    for row, value in enumerate(cells(table, name)):
        if value is None:
            found.append(None)
        elif isinstance(value, int | float):
            key = type(value), value
            if key not in known:
                known[key] = exact(value, f"{where}, row {row}", low, high, advice=advice)
            found.append(known[key])
        else:
            found.append(exact(value, f"{where}, row {row}", low, high, advice=advice))
    return found


def words_in(table: Table, name: str) -> list[str]:
    """Read a column of names, trimmed; whole numbers are names too.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If a cell is missing or no name; its row is named, counted from 0.
    """
    where = f"{table.where}[{table.names.get(name, name)!r}]"
    found = cells(table, name)
    absent = [row for row, value in enumerate(found) if value is None]
    if absent:
        raise ArgumentError(f"is missing in {rows_named(absent)}", where=where)
    for row, value in enumerate(found):
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ArgumentTypeError(
                f"is no name in row {row}", where=where, value=type(value).__name__
            )
    return [str(value).strip() for value in found]


def rows_named(rows: Iterable[int]) -> str:
    """Write positions of rows, the first five."""
    listed = list(rows)
    shown = ", ".join(map(str, listed[:5]))
    more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return f"row{'s' * (len(listed) > 1)} {shown}{more}"
