"""Means and variances of few numbers, exactly: whether one is the larger is never a rounding."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

__all__ = ["mean_of", "variance_of"]


def mean_of(values: Sequence[Fraction]) -> Fraction | None:
    """Mean; None without any."""
    total: Fraction = sum(values, Fraction())
    return total / len(values) if values else None


def variance_of(values: Sequence[Fraction]) -> Fraction | None:
    """Squares from the mean, divided by the number less one; None under two."""
    if len(values) < 2:
        return None
    mean = sum(values, Fraction()) / len(values)
    squares: Fraction = sum(((value - mean) ** 2 for value in values), Fraction())
    return squares / (len(values) - 1)
