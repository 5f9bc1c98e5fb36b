"""The order of keys of few bits, stably: their positions ride in the keys, which are sorted."""

from __future__ import annotations

import numpy as np

from opsafe.quantity import IntArray

__all__ = ["order_of"]


def order_of(key: IntArray, bits: int, *, in_runs: bool) -> IntArray:
    """Order non-negative keys, stably.

    Parameters
    ----------
    key : array of int64, shape (n,)
        Keys below ``2**bits``.
    bits : int
        Their bits; where they leave room for a position, it rides in the key. NumPy sorts values
        by the widest instructions that there are, and positions of values by none.
    in_runs : bool
        Whether many stand in order already, which a merge sort makes use of.

    Examples
    --------
    >>> order_of(np.array([70000, 3, 70000, 4]), 17, in_runs=False)
    array([1, 3, 0, 2])
    """
    position = len(key).bit_length()
    if bits + position >= 64:
        return np.argsort(key, kind="stable")
    key = (key << position) | np.arange(len(key))
    key.sort(kind="stable" if in_runs else "quicksort")
    order: IntArray = key & ((1 << position) - 1)
    return order
