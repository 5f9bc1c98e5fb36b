"""What a person writes for one drug: a strength and how much of it a day."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Document
from opsafe.quantity import GridState, decimal_to_grid, read_decimal
from opsafe.units import parse_strength

__all__ = ["Dose"]


def _exact(value: Any) -> Fraction:
    """Read a number that is exact as written; a float is not."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction | str):
        raise ArgumentTypeError(
            f"{type(value).__name__} is not exact",
            advice='Write an int, Decimal("0.5") or Fraction(1, 3); or every_hours=72',
        )
    number = value if isinstance(value, int | Fraction) else _from_text(str(value))
    if number is None:
        raise ArgumentError(f"{str(value)[:40]} is not a finite number of a sensible size")
    if number <= 0:
        raise ArgumentError(f"{value} is not above 0", advice="Leave out what is not taken")
    return Fraction(number)


def _from_text(text: str) -> Fraction | None:
    """Read "4", "0.5" or "1/3"; a number too long to be an amount must not cost time either."""
    numerator, slash, denominator = text.partition("/")
    if slash:
        plain = numerator.strip().isdecimal() and denominator.strip().isdecimal()
        if not plain or len(text) > 40 or int(denominator) == 0:
            return None
        return Fraction(int(numerator), int(denominator))
    number = read_decimal(text)
    if number is None or not number.is_finite() or abs(number.adjusted()) > 20:
        return None
    return Fraction(number)


def _claimed(value: Any) -> Fraction:
    """Read a dispensed quantity, which claims state as a float with at most 3 decimals."""
    if isinstance(value, float):
        count, state = decimal_to_grid(repr(value), 3)
        if state is not GridState.ON_GRID:
            raise ArgumentError(f"{value!r} is not a number with at most 3 decimals")
        value = Fraction(count, 1000)
    return _exact(value)


_ToText = PlainSerializer(str, return_type=str)
Exact = Annotated[Fraction, BeforeValidator(_exact), _ToText]
Claimed = Annotated[Fraction, BeforeValidator(_claimed), _ToText]


class Dose(Document):
    """One drug of a regimen: its strength and how much is taken a day.

    Parameters
    ----------
    ingredient : str
        The opioid, for example "oxycodone"; salts are understood.
    strength : str or pint.Quantity
        Strength of one unit with its unit of measure, for example "10 mg", "10 mg/5 mL".
    per_day : int, Decimal or Fraction, optional
        Units (tablets, mL, actuations) a day.
    every_hours : int, Decimal or Fraction, optional
        Hours from one unit to the next, instead of ``per_day``.
    quantity : int, Decimal, Fraction or float, optional
        Units dispensed (mL where the strength is per mL), with ``days_supply``.
    days_supply : int, optional
        Days that the quantity lasts.
    route, form : str, optional
        Route and dose form; oral is assumed where the edition has an oral row.

    Examples
    --------
    >>> Dose("methadone", "10 mg", per_day=3).strength
    '10 mg'
    """

    ingredient: str
    strength: str
    per_day: Exact | None = None
    every_hours: Exact | None = None
    quantity: Claimed | None = None
    days_supply: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    route: str | None = None
    form: str | None = None

    def __init__(self, ingredient: str, strength: object, **rest: Any) -> None:
        written = strength if isinstance(strength, str) else str(parse_strength(strength))
        super().__init__(ingredient=ingredient, strength=written, **rest)

    # As in Document: keeps validation of JSON inside pydantic, with its paths.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]
