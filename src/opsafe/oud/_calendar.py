"""Calendar months, counted back from the day of the assessment."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

__all__ = ["full_months", "months_before"]


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter.

    Examples
    --------
    >>> months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    whole = day.year * 12 + day.month - 1 - months
    if whole < 12:
        return date.min
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_months(last: date, day: date, most: int) -> int:
    """Months from a day to a later one: the most that :func:`months_before` does not pass.

    Examples
    --------
    >>> full_months(date(2025, 11, 30), date(2026, 2, 28), 12)
    2
    """
    passed = (months for months in range(most, 0, -1) if last <= months_before(day, months))
    return next(passed, 0)
