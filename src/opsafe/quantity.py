"""Names and ranges of numbers, and how a number meets its integer grid.

Ranges are closed at both ends; pydantic enforces them where a document enters and Hypothesis
draws from them. Inside the engines amounts are integers: counts of 1e-6, 1e-9 or 1e-12 of a
unit. :func:`to_grid` is the only way from a float to a count.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Le

__all__ = [
    "BoolArray",
    "DateArray",
    "Days",
    "FloatArray",
    "GridState",
    "IntArray",
    "Milligrams",
    "MmePerDay",
    "Share",
    "Usd",
    "decimal_to_grid",
    "to_grid",
]

Milligrams = Annotated[float, Ge(0), Le(1e9)]
"""Mass in mg."""
Days = Annotated[int, Ge(1), Le(1_000_000)]
"""Whole days."""
MmePerDay = Annotated[float, Ge(0), Le(9e6)]
"""Morphine milligram equivalents a day."""
Share = Annotated[float, Ge(0), Le(1)]
"""Share of a whole, from 0 to 1."""
Usd = Annotated[float, Ge(-1e15), Le(1e15)]
"""US dollars; the price year stands in the name of the variable."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
DateArray = npt.NDArray[np.datetime64]

# A count this large leaves room for the multiplications that follow; beyond it a number is
# refused as too large rather than wrapped.
GRID_LIMIT: Final = 2**62
_LONGEST: Final = 100  # characters: no amount is written longer, and none may cost more to read


class GridState(IntEnum):
    """How a number met its grid."""

    ON_GRID = 0
    MISSING = 1
    INFINITE = 2
    OFF_GRID = 3
    TOO_LARGE = 4
    UNREADABLE = 5


def to_grid(values: FloatArray, decimals: int) -> tuple[IntArray, npt.NDArray[np.int8]]:
    """Turn floats into integer counts of ``10**-decimals``, naming what does not fit.

    Parameters
    ----------
    values : array of float, shape (n,)
        Numbers as they came; NaN means missing.
    decimals : int
        Decimal places of the grid.

    Returns
    -------
    counts : array of int64, shape (n,)
        ``rint(values * 10**decimals)``; 0 where the state is not ``ON_GRID``.
    states : array of int8, shape (n,)
        A :class:`GridState` for each number.

    Notes
    -----
    A float is the nearest one to what was written, so its product with a power of ten lies
    within rounding of a whole number when the decimal does; a residue above 1e-6 of a grid step
    means that more decimals were written than the grid holds.

    Examples
    --------
    >>> to_grid(np.array([0.1, 7.5]), 3)[0]
    array([ 100, 7500])
    """
    states = np.zeros(values.shape, np.int8)
    # Infinities and what overflows to one get their state below.
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = values * 10.0**decimals
        rounded = np.rint(scaled)
        residue = np.abs(scaled - rounded)
        # Far from zero a float is coarser than that: there it must be the one nearest to a count.
        nearest = (rounded / 10.0**decimals == values) & (np.abs(rounded) < 2**53)
        states[(residue > 1e-6) & ~nearest] = GridState.OFF_GRID
        states[np.abs(scaled) >= GRID_LIMIT] = GridState.TOO_LARGE
    states[np.isinf(values)] = GridState.INFINITE
    states[np.isnan(values)] = GridState.MISSING
    counts = np.where(states == GridState.ON_GRID, rounded, 0.0).astype(np.int64)
    return counts, states


def decimal_to_grid(text: str, decimals: int) -> tuple[int, GridState]:
    """Turn one decimal text into an integer count of ``10**-decimals``, exactly.

    Parameters
    ----------
    text : str
        A decimal number; thousands separators in groups of three are accepted.
    decimals : int
        Decimal places of the grid.

    Returns
    -------
    count : int
        0 unless the state is ``ON_GRID``.
    state : GridState
        Whether and how the number met the grid.

    Examples
    --------
    >>> decimal_to_grid("1,200.5", 3)
    (1200500, <GridState.ON_GRID: 0>)
    """
    number = read_decimal(text)
    if number is None:
        state = GridState.UNREADABLE if text.strip() else GridState.MISSING
        return 0, state
    if number.is_nan():
        return 0, GridState.MISSING
    if number.is_infinite():
        return 0, GridState.INFINITE
    if number and number.adjusted() + decimals > 18:
        return 0, GridState.TOO_LARGE
    sign, digits, exponent = number.as_tuple()
    shift = int(exponent) + decimals
    whole = int("".join(map(str, digits)))
    if whole == 0:
        return 0, GridState.ON_GRID
    if shift < 0:
        # Decimal's own scaling would round to the context's 28 digits and call them whole.
        if -shift > len(digits) or whole % 10**-shift:
            return 0, GridState.OFF_GRID
        whole //= 10**-shift
    else:
        whole *= 10**shift
    return (-whole if sign else whole), GridState.ON_GRID


def read_decimal(text: str) -> Decimal | None:
    """Read a decimal text; None when it is not one (underscores and odd commas are refused)."""
    folded = text.strip()
    if len(folded) > _LONGEST:
        return None
    if "," in folded:
        head, *groups = folded.lstrip("+-").split(".")[0].split(",")
        well_grouped = 1 <= len(head) <= 3 and all(len(group) == 3 for group in groups)
        if not well_grouped or "," in folded.partition(".")[2]:
            return None
        folded = folded.replace(",", "")
    if "_" in folded or not folded.isascii():
        return None
    try:
        return Decimal(folded)
    except InvalidOperation:
        return None
