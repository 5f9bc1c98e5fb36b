"""Numbers as they were written, exactly, and their counts of 1e-6."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from opsafe._arguments import plain

__all__ = ["ONE", "as_written", "half_up"]

ONE: Final = 1_000_000
"""Counts in a whole: values, weights and scores meet on counts of 1e-6."""


def as_written(value: Any) -> Fraction:
    """Return a number exactly; a float as its shortest text says, so that 0.1 is a tenth."""
    found = plain(value)
    return Fraction(repr(found) if isinstance(found, float) else found)


def half_up(value: Fraction | Decimal) -> int:
    """Round to a whole number, halves up."""
    exact = Fraction(value)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
