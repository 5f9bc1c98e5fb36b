"""Lengths of time as words: "month", "6 months", "1,000 person-years"."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from opsafe.errors import ArgumentError

__all__ = ["WEEKS_PER_YEAR", "years_of"]

# A year of 365.25 days has 12 months and, unless somebody says 52, as many weeks as it has.
_DAYS_PER_YEAR: Final = Fraction("365.25")
WEEKS_PER_YEAR: Final = float(_DAYS_PER_YEAR / 7)

_PERIOD: Final = re.compile(
    r"(?:(?P<number>\d[\d,]*(?:\.\d+)?) )?(?:person-|member-|patient-)?"
    r"(?P<unit>day|week|month|year)s?"
)


def years_of(text: str, where: str, weeks_per_year: float = WEEKS_PER_YEAR) -> Fraction:
    """Read a length of time in years, exactly.

    Raises
    ------
    ArgumentError
        If it is none, or no time at all.
    """
    found = _PERIOD.fullmatch(text) if len(text) < 60 else None
    number = Fraction((found["number"] or "1").replace(",", "")) if found else Fraction(0)
    if found is None or not 0 < number <= 10**9:
        raise ArgumentError(
            f"{text[:40]!r} is not a length of time",
            where=where,
            value=text,
            allowed=("day", "week", "month", "year", "6 months", "1,000 person-years"),
        )
    in_a_year = {
        "day": _DAYS_PER_YEAR,
        "week": _DAYS_PER_YEAR / 7
        if weeks_per_year == WEEKS_PER_YEAR
        else Fraction(weeks_per_year),
        "month": Fraction(12),
        "year": Fraction(1),
    }
    return number / in_a_year[found["unit"]]
