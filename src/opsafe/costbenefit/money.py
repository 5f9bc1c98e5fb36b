"""Amounts of money with their unit: a year's is never taken for a month's.

A bare number is in the unit that the field's name says. Text ("12,000 USD/year") and quantities of
pint name their own, and are converted to it, or refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator

from opsafe.costbenefit._periods import years_of
from opsafe.errors import ArgumentError, DimensionError
from opsafe.quantity import Usd, read_decimal

__all__ = ["UsdOnce", "UsdPerMonth", "UsdPerYear", "amount", "per_month", "per_year"]

Per: TypeAlias = Literal["month", "year", "once"]

_USD: Final = r"(?:usd|us\$|\$|dollars?|us_dollars?)"
_WRITTEN: Final = re.compile(
    rf"(?P<sign>[-+]?)(?:{_USD} ?)?(?P<number>\d[\d.,]*(?:e[-+]?\d+)?) ?(?:{_USD})?"
    r"(?P<unit>(?: ?(?:/|per) ?[a-z][a-z ._-]*)*| ?pmpm| ?pmpy)",
    re.IGNORECASE,
)
_CURRENCY: Final = re.compile(_USD, re.IGNORECASE)
_PERIODS: Final = ("day", "month", "year")
_SHORT: Final = {"pmpm": "month", "pmpy": "year"}
# Whom an amount is for stands in the field's name; here it says nothing about time.
_WHOM: Final = ("member", "patient", "person", "enrollee", "head")


def per_month(value: object) -> object:
    """Read an amount for a month: a number as it is, an amount with a unit converted.

    Parameters
    ----------
    value : object
        A number; text such as ``"12,000 USD/year"`` or ``"$450 per member per month"``; a pint
        quantity of any registry that knows a dollar. Anything else (a distribution) is given back
        as it is.

    Returns
    -------
    object
        USD per month as a float, or what was given.

    Raises
    ------
    DimensionError
        If the unit names no period, or weeks, whose number in a year must be said.
    ArgumentError
        If it is another currency or no amount.

    Notes
    -----
    A month is 365.25/12 days and a year 12 months.

    Examples
    --------
    >>> from opsafe.costbenefit import money
    >>> money.per_month("12,000 USD/year"), money.per_month(450.0)
    (1000.0, 450.0)
    """
    return _read(value, "month")


def per_year(value: object) -> object:
    """Read an amount for a year, as :func:`per_month` does for a month.

    Parameters
    ----------
    value : object
        A number, text or a quantity.

    Returns
    -------
    object
        USD per year as a float, or what was given.

    Raises
    ------
    DimensionError, ArgumentError
        As of :func:`per_month`.

    Examples
    --------
    >>> from opsafe.costbenefit import money
    >>> money.per_year("$450 per member per month")
    5400.0
    """
    return _read(value, "year")


def amount(value: object) -> object:
    """Read an amount that falls once; one with a period is refused.

    Parameters
    ----------
    value : object
        A number, text or a quantity.

    Returns
    -------
    object
        USD as a float, or what was given.

    Raises
    ------
    DimensionError
        If the unit names a period.
    ArgumentError
        If it is another currency or no amount.

    Examples
    --------
    >>> from opsafe.costbenefit import money
    >>> money.amount("$9,212")
    9212.0
    """
    return _read(value, "once")


UsdPerMonth: TypeAlias = Annotated[Usd, BeforeValidator(per_month)]
"""A field in USD per month that also takes text and quantities with a unit."""
UsdPerYear: TypeAlias = Annotated[Usd, BeforeValidator(per_year)]
"""A field in USD per year that also takes text and quantities with a unit."""
UsdOnce: TypeAlias = Annotated[Usd, BeforeValidator(amount)]
"""A field in USD that also takes text and quantities with a unit."""


def _read(value: object, per: Per) -> object:
    text = value
    if hasattr(value, "magnitude") and hasattr(value, "units"):
        # Any registry's quantity will do: its number and the names of its units are enough.
        try:
            text = f"{value.magnitude} {value.units:D}"
        except (TypeError, ValueError):
            raise _no_amount(f"a {type(value).__name__}") from None
    if not isinstance(text, str):
        return value
    found = _WRITTEN.fullmatch(text.strip()) if len(text) < 100 else None
    number = read_decimal(found["number"]) if found else None
    if found is None or number is None or not _CURRENCY.search(text) or abs(number) > 10**15:
        raise _no_amount(text)
    signed = -number if found["sign"] == "-" else number
    return float(_converted(signed, _period(found["unit"], text), per, text))


def _period(unit: str, text: str) -> str | None:
    """The one period that the unit names, None if it names none."""
    if unit.strip().lower() in _SHORT:
        return _SHORT[unit.strip().lower()]
    words = [word.strip() for word in re.split(r"/|\bper\b", unit.lower()) if word.strip()]
    singular = [word.removesuffix("s") for word in words]
    periods = [word for word in singular if word not in _WHOM]
    if len(periods) > 1 or any(word not in (*_PERIODS, "week") for word in periods):
        raise _no_amount(text)
    return periods[0] if periods else None


def _converted(number: Decimal, period: str | None, per: Per, text: str) -> Fraction:
    if period == "week":
        raise DimensionError(
            f"{text!r} is per week, and a year is counted as 52 weeks by some",
            value=text,
            advice="Multiply by your weeks in a year and write it per year",
        )
    if (period is None) != (per == "once"):
        wanted = "an amount that falls once" if per == "once" else f"USD per {per}"
        raise DimensionError(
            f"{text!r} is not {wanted}",
            value=text,
            allowed=("USD",) if per == "once" else tuple(f"USD/{each}" for each in _PERIODS),
        )
    if period is None:
        return Fraction(number)
    return Fraction(number) * years_of(per, "") / years_of(period, "")


def _no_amount(text: str) -> ArgumentError:
    return ArgumentError(
        f"{text[:40]!r} is not an amount of US dollars",
        value=text,
        allowed=('"1,200 USD"', '"1,200 USD/year"', '"$100 per member per month"'),
        advice="Convert other currencies first; opsafe knows no exchange rate",
    )
