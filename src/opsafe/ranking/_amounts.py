"""Money and time as whole numbers, so that a limit is kept exactly."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from opsafe._arguments import plain, read_number

__all__ = ["CENTS", "FTE_COUNTS", "read_amount", "sets_of"]

CENTS: Final = 100
"""In a US dollar."""
FTE_COUNTS: Final = 1_000_000
"""In a full-time post."""
_MOST: Final = 1e12
_NOISE: Final = Fraction(1, 1_000_000)  # of a count: what float arithmetic leaves behind


def read_amount(value: object, where: str, scale: int, *, up: bool = False) -> int:
    """Read an amount of at least 0 as a whole number of parts; what is finer goes up or down.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no number, negative, or above 1e12.
    """
    read_number(value, where, 0, _MOST)
    found: Any = plain(value)
    exact = Fraction(Decimal(repr(found)) if isinstance(found, float) else found) * scale
    near = round(exact)
    if abs(exact - near) <= _NOISE:
        return near
    whole = exact.numerator // exact.denominator
    return whole + 1 if up else whole


def sets_of(groups: Iterable[object]) -> list[object]:
    """Several sets of names; a single flat one counts as one set."""
    found = list(groups)
    return [found] if found and all(isinstance(each, str) for each in found) else found
