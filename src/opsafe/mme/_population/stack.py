"""Tables put one under the other as they come, without holding all the pieces.

A slab's table is small, and a year of claims has hundreds of them. Each is copied where it will
stay: the first tells how much room all of them need, nearly always once.
"""

from __future__ import annotations

from collections.abc import Iterator
from mmap import ACCESS_COPY, mmap
from typing import Any, Final

import numpy as np

from opsafe.columns import AnyArray, Column, Columns, Nullable, Text

__all__ = ["Stack"]

_SLACK: Final = 1.5
"""Room for tables that are longer than the first; what is not written to takes no memory."""
_HUGE: Final = 1 << 22
"""Bytes from which on NumPy asks for huge pages."""


class Stack:
    """Tables of the same columns, to be joined into one.

    Parameters
    ----------
    tables : int
        How many tables there will be.
    """

    def __init__(self, tables: int) -> None:
        self._tables = tables
        self._like: Columns | None = None
        self._rows = 0
        self._room = 0
        self._columns: list[AnyArray] = []
        """A column that has been one value so far is that value, with a stride of 0."""

    def add(self, table: Columns) -> None:
        """Copy a table under those before it."""
        arrays = [array for name in table.keys() for array in _arrays(table.column(name))]  # noqa: SIM118
        if not self._rows:
            self._like, self._columns = table, [array[: int(_is_one(array))] for array in arrays]
            self._room = int(len(table) * self._tables * _SLACK)
        start, stop = self._rows, self._rows + len(table)
        if not len(table):
            return
        if stop > self._room:
            self._room = stop + stop // 2
        for place, array in enumerate(arrays):
            column = self._columns[place]
            if _is_one(column) and _is_one(array) and column.tobytes() == array[:1].tobytes():
                continue
            if _is_one(column) or len(column) < stop:
                grown = _room(self._room, array.dtype)
                grown[:start] = column[:start]
                self._columns[place] = column = grown
            column[start:stop] = array
        self._rows = stop

    def table(self) -> Columns:
        """All tables as one."""
        assert self._like is not None
        arrays = iter([self._whole(column) for column in self._columns])
        names = self._like.keys()
        return Columns({name: _rebuilt(self._like.column(name), arrays) for name in names})

    def _whole(self, column: AnyArray) -> AnyArray:
        return np.broadcast_to(column, self._rows) if _is_one(column) else column[: self._rows]


def _room(size: int, kind: np.dtype[Any]) -> AnyArray:
    """New memory, in small pages as it is written to.

    For large arrays NumPy asks for huge pages, and a virtual machine takes up to nine times as
    long to find those.
    """
    if size * kind.itemsize < _HUGE:
        return np.empty(size, kind)
    return np.frombuffer(mmap(-1, size * kind.itemsize, access=ACCESS_COPY), kind)


def _is_one(array: AnyArray) -> bool:
    """Whether an array repeats one value and takes no memory for it."""
    return array.strides == (0,)


def _arrays(column: Column) -> tuple[AnyArray, ...]:
    if isinstance(column, Text):
        return (column.codes,)
    return (column.values, column.valid) if isinstance(column, Nullable) else (column,)


def _rebuilt(like: Column, arrays: Iterator[AnyArray]) -> Column:
    if isinstance(like, Text):
        return Text(next(arrays), like.words, like.kind)
    return Nullable(next(arrays), next(arrays)) if isinstance(like, Nullable) else next(arrays)
