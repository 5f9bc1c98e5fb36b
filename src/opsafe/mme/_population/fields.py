"""Columns of numbers and dates, read some rows at a time.

A reader gives counts of some rows, and which of them are odd with the state of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe._readings import read_dates, read_numbers
from opsafe.columns import AnyArray, Column, Nullable
from opsafe.mme._population.codes import EPOCH
from opsafe.quantity import GRID_LIMIT, BoolArray, GridState, IntArray, to_grid

__all__ = ["Numbers", "States", "dates", "numbers", "within"]

States: TypeAlias = npt.NDArray[np.int8]
Numbers: TypeAlias = Callable[[slice], tuple[IntArray, IntArray, States]]

_UNSURE: Final = 2.0**53
"""From here on, a float does not tell a whole number from the next."""
_NAT: Final = np.datetime64("NaT", "D").astype(np.int64)


def dates(column: Column, where: str) -> Numbers:
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        dates = column

        def read(rows: slice) -> tuple[IntArray, IntArray, States]:
            days = dates[rows].astype("datetime64[D]").astype(np.int64)
            odd = np.flatnonzero(days == _NAT)
            return days - EPOCH, odd, np.full(len(odd), GridState.MISSING, np.int8)

        return read
    days, states = read_dates(column, where)
    return _sliced(days - EPOCH, states)


def numbers(column: Column, decimals: int, where: str) -> Numbers:
    if isinstance(column, np.ndarray) and column.dtype == np.float64:
        floats = column
        return lambda rows: _float_counts(floats[rows], decimals)
    integers, valid = column, None
    if isinstance(column, Nullable):
        integers, valid = column.values, column.valid
    if isinstance(integers, np.ndarray) and _can_be_counted(integers, decimals):
        return lambda rows: _integer_counts(integers, valid, rows, decimals)
    return _sliced(*read_numbers(column, decimals, where))


def _can_be_counted(values: AnyArray, decimals: int) -> bool:
    """Whether all are integers whose counts have room."""
    if values.dtype.kind not in "iu":
        return False
    largest = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    fits: bool = largest * 10**decimals < GRID_LIMIT
    return fits


def _integer_counts(
    integers: AnyArray, valid: BoolArray | None, rows: slice, decimals: int
) -> tuple[IntArray, IntArray, States]:
    counts: IntArray = integers[rows].astype(np.int64)
    if decimals:
        counts *= 10**decimals
    odd = np.zeros(0, np.int64) if valid is None else np.flatnonzero(~valid[rows])
    return counts, odd, np.full(len(odd), GridState.MISSING, np.int8)


def _sliced(counts: IntArray, states: States) -> Numbers:
    def read(rows: slice) -> tuple[IntArray, IntArray, States]:
        odd = np.flatnonzero(states[rows])
        return counts[rows].copy(), odd, states[rows][odd]

    return read


def _float_counts(values: AnyArray, decimals: int) -> tuple[IntArray, IntArray, States]:
    """Counts of floats: at once where they are plainly on the grid, else as ``to_grid`` says."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = values * 10.0**decimals
        rounded = np.rint(scaled)
        odd = np.flatnonzero(scaled != rounded)
    rounded[odd] = 0.0
    if len(rounded) and max(rounded.max(), -rounded.min()) >= _UNSURE:
        far = np.flatnonzero(np.abs(rounded) >= _UNSURE)
        rounded[far] = 0.0
        odd = np.union1d(odd, far)
    counts: IntArray = rounded.astype(np.int64)
    judged, states = to_grid(values[odd], decimals)
    counts[odd] = judged
    wrong = states != GridState.ON_GRID
    return counts, odd[wrong], states[wrong]


def within(read: Numbers, lowest: int, highest: int) -> Numbers:
    """Add what lies outside some limits to what is odd."""

    def limited(rows: slice) -> tuple[IntArray, IntArray, States]:
        counts, odd, states = read(rows)
        counts[odd] = lowest
        if len(counts) and (counts.max() > highest or counts.min() < lowest):
            far = np.flatnonzero((counts > highest) | (counts < lowest))
            odd = np.concatenate([odd, far])
            states = np.concatenate([states, np.full(len(far), GridState.TOO_LARGE, np.int8)])
        return counts, odd, states

    return limited
