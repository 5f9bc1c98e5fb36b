"""The order of keys of few bits, stably: by digits, or by merging the runs that they come in."""

from __future__ import annotations

from typing import Final

import numpy as np

from opsafe.quantity import IntArray

__all__ = ["order_by_digits", "order_of_runs"]

_DIGIT: Final = 16
_MOST_DIGITS: Final = 3


def order_by_digits(key: IntArray, bits: int) -> IntArray:
    """Order non-negative keys, stably.

    Parameters
    ----------
    key : array of int64, shape (n,)
        Keys below ``2**bits``.
    bits : int
        Their bits: up to 48 they are sorted digit by digit, since NumPy sorts 16 bits by radix.

    Examples
    --------
    >>> order_by_digits(np.array([70000, 3, 70000, 4]), 17)
    array([1, 3, 0, 2])
    """
    if bits > _DIGIT * _MOST_DIGITS:
        return np.argsort(key, kind="stable")
    order: IntArray = key.astype(np.uint16).argsort(kind="stable")
    for shift in range(_DIGIT, bits, _DIGIT):
        digit = (key >> shift).astype(np.uint16)
        order = order.take(digit.take(order).argsort(kind="stable"))
    return order


def order_of_runs(key: IntArray, bits: int) -> IntArray:
    """Order non-negative keys of which many stand in order already, stably.

    Parameters
    ----------
    key : array of int64, shape (n,)
        Keys below ``2**bits``.
    bits : int
        Their bits; where they leave room for a position, it rides in the key.

    Examples
    --------
    >>> order_of_runs(np.array([70000, 3, 70000, 4]), 17)
    array([1, 3, 0, 2])
    """
    position = len(key).bit_length()
    if bits + position >= 64:
        return np.argsort(key, kind="stable")
    key = (key << position) | np.arange(len(key))
    key.sort(kind="stable")
    order: IntArray = key & ((1 << position) - 1)
    return order
