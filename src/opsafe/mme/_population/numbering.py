"""Numbering what occurs: distinct values and combinations of columns as small codes.

Claims have millions of rows and few distinct values, so a look-up beats the sort that
``numpy.unique`` would make of every row.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from opsafe.columns import SignedArray
from opsafe.mme._kernel import count_so_far
from opsafe.quantity import BoolArray, IntArray

__all__ = ["alike", "number", "number_values"]

_TABLE: Final = 4_000_000
"""Largest look-up table: 32 MB."""
_SAMPLE: Final = 4096
_FEW: Final = 256
_PLACE_BITS: Final = 14
# Any odd numbers do; the next is tried when two values meet in one place.
_FACTORS: Final = tuple(
    np.uint64(factor)
    for factor in (
        0x9E3779B97F4A7C15,
        0xBF58476D1CE4E5B9,
        0x94D049BB133111EB,
        0xD6E8FEB86659FD93,
        0xFF51AFD7ED558CCD,
        0xC4CEB9FE1A85EC53,
    )
)


def number_values(values: SignedArray) -> tuple[IntArray, IntArray]:
    """Number distinct integers in order; return them and a code for each row.

    Examples
    --------
    >>> number_values(np.array([30, 5, 30]))
    (array([ 5, 30]), array([1, 0, 1]))
    """
    if not len(values):
        return values, values
    low, high = int(values.min()), int(values.max())
    if high - low < min(_TABLE, 8 * len(values) + _SAMPLE):
        place = values.astype(np.int64, copy=False) - low
        seen = np.zeros(high - low + 1, bool)
        seen[place] = True
        distinct = np.flatnonzero(seen)
        code = count_so_far(seen) - 1
        return distinct + low, code.take(place)
    values = values.astype(np.int64, copy=False)
    distinct = np.unique(values[:: len(values) // _SAMPLE + 1])
    for _ in range(4):
        code = _found(distinct, values)
        fresh = values[distinct.take(code) != values]
        if not len(fresh):
            return distinct, code
        distinct = np.union1d(distinct, fresh[:_SAMPLE])
    distinct, code = np.unique(values, return_inverse=True)
    return distinct, code


def _found(distinct: IntArray, values: IntArray) -> IntArray:
    """Position of each value among some distinct ones; any position where it is not there."""
    for factor in _FACTORS if len(distinct) <= _FEW else ():
        place = _mixed(distinct, factor)
        table = np.zeros(1 << _PLACE_BITS, np.int64)
        table[place] = np.arange(len(distinct))
        if bool((table[place] == np.arange(len(distinct))).all()):  # no two in one place
            return table.take(_mixed(values, factor))
    return np.minimum(np.searchsorted(distinct, values), len(distinct) - 1)


def _mixed(values: IntArray, factor: np.uint64) -> IntArray:
    mixed = values.view(np.uint64) * factor
    mixed >>= np.uint64(64 - _PLACE_BITS)
    return mixed.view(np.int64)


def number(*parts: IntArray) -> IntArray:
    """Number the combinations of some columns that occur, in order of the columns.

    Examples
    --------
    >>> number(np.array([1, 1, 2]), np.array([9, 7, 7]))
    array([1, 0, 2])
    """
    code = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        distinct, inner = number_values(part)
        if len(distinct) > 1:
            _, code = number_values(code * len(distinct) + inner)
    return code


def alike(*columns: IntArray) -> BoolArray:
    """Find rows that may equal another one: a mixed key finds them, the caller compares them."""
    key = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        key = (key ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(32)
    ordered = np.sort(key)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(twice):
        return np.zeros(len(key), bool)
    nearest = twice[np.minimum(np.searchsorted(twice, key), len(twice) - 1)]
    found: BoolArray = nearest == key
    return found
