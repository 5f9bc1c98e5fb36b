"""Division and rounding of integer counts: each sum is divided once, and last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opsafe.quantity import IntArray

__all__ = ["day_counts", "half_even", "mean_counts", "tiered"]


def tiered(milligrams: IntArray, up_to: Sequence[int], thousandths: Sequence[int]) -> IntArray:
    """Turn a day's summed mg (1e-9) into MME (1e-9): the tier's factor times the whole dose.

    Tiers are chosen on the count of 1e-6 mg, so that a residue of 1e-9 never lifts 20 mg into
    the tier above 20 mg.
    """
    tier = np.searchsorted(np.array(up_to, np.int64), day_counts(milligrams), side="left")
    factor = np.array(thousandths, np.int64)[tier]
    # Split, so that the product of a large dose and its factor cannot pass int64.
    value: IntArray = milligrams // 1000 * factor
    return value + half_even(milligrams % 1000 * factor, np.int64(1000))


def half_even(numerator: IntArray, denominator: IntArray | np.int64) -> IntArray:
    """Divide non-negative integers below 9e18, with quotients below 2**53, half to even."""
    quotient, remainder = _divided(numerator, denominator)
    twice = 2 * remainder
    ties = np.flatnonzero(twice == denominator)
    quotient[ties] += quotient[ties] & 1
    quotient += twice > denominator
    return quotient


def _divided(numerator: IntArray, denominator: IntArray | np.int64) -> tuple[IntArray, IntArray]:
    """Quotient and remainder of non-negative integers.

    A float quotient is at most a few units off and costs a fifth of an integer division; the
    remainder, which is exact, tells by how much.
    """
    quotient: IntArray = (numerator / denominator).astype(np.int64)
    remainder = numerator - quotient * denominator
    off = np.flatnonzero((remainder < 0) | (remainder >= denominator))
    if len(off):
        below = np.broadcast_to(denominator, numerator.shape)[off]
        quotient[off], remainder[off] = np.divmod(numerator[off], below)
    return quotient, remainder


def day_counts(sums: IntArray) -> IntArray:
    """Round sums of 1e-9 to published counts of 1e-6, half up."""
    counts: IntArray = (sums + 500) // 1000
    return counts


def mean_counts(total: IntArray, days: IntArray) -> IntArray:
    """Round totals of 1e-9 over days to published counts of 1e-6, half up; 0 where no days."""
    divisor = 1000 * np.maximum(days, 1)
    counts, remainder = _divided(total, divisor)
    counts += 2 * remainder >= divisor
    return counts
