"""Arguments that are many numbers, or one of a few words, read the same way at every door."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["read_array", "same_length", "scalar_or_array"]

Word = TypeVar("Word", bound=str)


def read_array(
    values: object,
    where: str,
    low: float,
    high: float,
    *,
    above: bool = False,
    below: bool = False,
    advice: str | None = None,
) -> FloatArray:
    """Read numbers between two bounds, a single one as an array without dimensions.

    Parameters
    ----------
    values : array_like of float
        What the caller gave.
    where : str
        The argument's name.
    low, high : float
        The bounds, both included unless said.
    above, below : bool, optional
        Whether each number must lie above ``low``, or below ``high``.
    advice : str, optional
        What to do where one lies outside.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If one is no number, or lies outside; its place is named.
    """
    found = _numbers(values, where)
    inside = (found > low if above else found >= low) & (found < high if below else found <= high)
    if not bool(inside.all()):
        place = int(np.argmin(inside.ravel()))
        wrong = float(found.ravel()[place])
        raise ArgumentError(
            f"{wrong:g} is out of range{f', at place {place}' if found.ndim else ''}",
            where=where,
            value=wrong,
            allowed=(f"{'above ' * above}{low:g} {'and below' if below else 'to'} {high:g}",),
            advice=advice,
        )
    return found


def _numbers(values: object, where: str) -> FloatArray:
    try:
        raw = np.asarray(values)
        if raw.dtype.kind not in "iufO" or _holds_other(raw):
            raise TypeError
        # A whole number too large for a float raises OverflowError.
        found: FloatArray = raw.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentTypeError(
            "is not a number, or an even array of numbers", where=where, value=type(values).__name__
        ) from None
    return found


def _holds_other(raw: np.ndarray) -> bool:
    """Whether objects are there that a float would make of text, truth or nothing."""
    return raw.dtype.kind == "O" and any(
        isinstance(value, str | bytes | bool | None) for value in raw.ravel().tolist()
    )


def scalar_or_array(found: FloatArray) -> float | FloatArray:
    """A float where one number was given."""
    return float(found) if found.ndim == 0 else found


def same_length(**arrays: FloatArray) -> None:
    """Check that arrays are rows of numbers of one length.

    Raises
    ------
    ArgumentError
        If not; the lengths are named.
    """
    for name, array in arrays.items():
        if array.ndim != 1:
            raise ArgumentError("is not a row of numbers", where=name, value=array.shape)
    if len({len(array) for array in arrays.values()}) > 1:
        told = ", ".join(f"{name} has {len(array)}" for name, array in arrays.items())
        raise ArgumentError(f"lengths differ: {told}", where=next(iter(arrays)))
