"""Tables put one under the other as they come, without holding all the pieces.

A slab's table is small, and a year of claims has hundreds of them. Each is copied where it will
stay: the first tells how much room all of them need, nearly always once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from opsafe.columns import AnyArray, Column, Columns, Nullable, Text
from opsafe.mme._population.threads import Mapped

__all__ = ["Stack"]

_SLACK: Final = 1.5
"""Room for tables that are longer than the first; what is not written to takes no memory."""


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
        self._columns: list[_Growing] = []

    def add(self, table: Columns) -> None:
        """Copy a table under those before it."""
        arrays = [array for name in table.keys() for array in _arrays(table.column(name))]  # noqa: SIM118
        if self._like is None:
            self._like = table
            room = int(len(table) * self._tables * _SLACK) + 1
            self._columns = [_Growing(array.dtype, room) for array in arrays]
        for column, array in zip(self._columns, arrays, strict=True):
            column.add(array)

    def table(self, mapped: Mapped) -> Columns:
        """All tables as one."""
        assert self._like is not None
        arrays = iter(list(mapped(lambda column: column.joined(), self._columns)))
        names = self._like.keys()
        return Columns({name: _rebuilt(self._like.column(name), arrays) for name in names})


class _Growing:
    """A column that grows; one that repeats a single value takes no memory until another comes."""

    def __init__(self, kind: np.dtype[Any], room: int) -> None:
        self._kind = kind
        self._room = room
        self._blocks: list[AnyArray] = []
        self._free = 0
        self._repeated = np.broadcast_to(np.zeros((), kind), 0)

    def add(self, values: AnyArray) -> None:
        if not len(values):
            return
        if not self._blocks and values.strides == (0,) and self._is_more(values):
            size = len(self._repeated) + len(values)
            self._repeated = np.broadcast_to(values[:1], size)
            return
        repeated, self._repeated = self._repeated, self._repeated[:0]
        for some in (repeated, values):
            self._copy(some)

    def _is_more(self, values: AnyArray) -> bool:
        """Whether values repeat what is here already, bit for bit."""
        here = self._repeated[:1].tobytes()
        return here in (b"", values[:1].tobytes())

    def _copy(self, values: AnyArray) -> None:
        while len(values):
            if not self._free:
                room = self._room if not self._blocks else self._room // 8 + 1
                self._blocks.append(np.empty(room, self._kind))
                self._free = room
            block, taken = self._blocks[-1], values[: self._free]
            start = len(block) - self._free
            block[start : start + len(taken)] = taken
            self._free -= len(taken)
            values = values[len(taken) :]

    def joined(self) -> AnyArray:
        blocks, self._blocks = self._blocks, []
        if blocks and self._free:
            blocks[-1] = blocks[-1][: len(blocks[-1]) - self._free]
        self._free = 0
        if not blocks:
            return self._repeated
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _arrays(column: Column) -> tuple[AnyArray, ...]:
    if isinstance(column, Text):
        return (column.codes,)
    return (column.values, column.valid) if isinstance(column, Nullable) else (column,)


def _rebuilt(like: Column, arrays: Iterator[AnyArray]) -> Column:
    if isinstance(like, Text):
        return Text(next(arrays), like.words, like.kind)
    return Nullable(next(arrays), next(arrays)) if isinstance(like, Nullable) else next(arrays)
