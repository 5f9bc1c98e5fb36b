"""The contract of exactness for one fill: integers from the door to the published number.

Strength counts 1e-6 of its unit, factors 1e-3, quantity 1e-3, so a product of the three counts
1e-12 MME; one integer division, half to even, gives the rate as a count of 1e-9 MME a day.
Everything published is a count of 1e-6, rounded half up, and meets its thresholds there.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

__all__ = [
    "IMPLAUSIBLE_RATE",
    "LARGEST_PRODUCT",
    "LARGEST_SUM",
    "day_count",
    "factor_parts",
    "mean_count",
    "published",
    "rate_of",
    "written",
]

LARGEST_PRODUCT: Final = 9 * 10**18
"""Largest strength x factor x quantity, in 1e-12 MME: 9,000,000 MME in one fill."""
LARGEST_SUM: Final = 4 * 10**18
"""Largest sum of rates, or of rates x days, of one member: leaves room to double it."""
IMPLAUSIBLE_RATE: Final = 10**5 * 10**9
"""Rate above which a fill is flagged: 100,000 MME a day."""


def factor_parts(factor: Fraction) -> tuple[int, int]:
    """Split a factor into its count of 1e-3 and the denominator that joins the division."""
    scaled = factor * 1000
    return scaled.numerator, scaled.denominator


def rate_of(product: int, divisor: int) -> int:
    """Divide 1e-12 MME by 1000 x days x denominators to 1e-9 MME a day, half to even."""
    quotient, remainder = divmod(product, divisor)
    twice = 2 * remainder
    return quotient + (twice > divisor or (twice == divisor and quotient % 2 == 1))


def day_count(rate_sum: int) -> int:
    """Round a day's sum, or a total, of 1e-9 MME to its published count of 1e-6, half up."""
    return (rate_sum + 500) // 1000


def mean_count(total: int, days: int) -> int:
    """Round a total of 1e-9 MME over some days to a published count of 1e-6, half up."""
    return (2 * total + 1000 * days) // (2000 * days)


def written(count: int) -> str:
    """Write a count of 1e-6 as the decimal it is, without rounding it over a threshold."""
    text = f"{Decimal(count).scaleb(-6):f}"
    return text.rstrip("0").rstrip(".")


def published(count: int) -> float:
    """Return the float nearest to a published count, so that a reader's comparison is ours."""
    return count / 1e6
