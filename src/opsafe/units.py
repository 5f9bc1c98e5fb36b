"""Strengths and doses from text and from pint quantities, exactly; knows no engine.

A closed list of units is read by a small parser of our own, because a general one reads
"10 MG" as megagauss and "10 mg/5 mL" as milligram millilitres. Bare numbers are refused: the
same 25 is a tablet in mg and a patch in mcg/h.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from opsafe.errors import ArgumentTypeError, StrengthError
from opsafe.quantity import read_decimal

__all__ = ["UNITS", "Strength", "parse_strength", "parse_unit"]

_MASS: Final = {
    "mg": "mg", "mgs": "mg", "milligram": "mg", "milligrams": "mg",
    "mcg": "mcg", "mcgs": "mcg", "ug": "mcg", "\u00b5g": "mcg", "\u03bcg": "mcg",
    "microgram": "mcg", "micrograms": "mcg",
    "g": "g", "gm": "g", "gram": "g", "grams": "g",
}  # fmt: skip
_PER: Final = {
    "ml": "mL", "mls": "mL", "milliliter": "mL", "milliliters": "mL", "millilitre": "mL",
    "millilitres": "mL", "cc": "mL",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "actuat": "actuation", "actuation": "actuation", "actuations": "actuation",
    "spray": "actuation", "sprays": "actuation", "act": "actuation",
    # A tablet, capsule or film is the dispensed unit itself: mg per tablet is mg.
    "tablet": "", "tab": "", "capsule": "", "cap": "", "film": "", "lozenge": "",
    "suppository": "", "unit": "", "each": "", "ea": "",
}  # fmt: skip
UNITS: Final = (
    *("mg", "mcg", "g"),
    *("mg/mL", "mcg/mL", "g/mL"),
    *("mg/h", "mcg/h"),
    *("mg/actuation", "mcg/actuation"),
)
_NUMBER: Final = re.compile(r"\s*([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Strength:
    """The strength of one dispensed unit: a tablet, a mL, a patch, an actuation.

    ``amount`` of the mass in ``unit`` is contained in ``volume`` mL where the unit is per mL
    ("10 mg/15 mL" is amount 10, unit mg/mL, volume 15), else ``volume`` is 1.
    """

    amount: Decimal
    unit: str
    volume: int = 1

    def __str__(self) -> str:
        if self.volume == 1:
            return f"{self.amount:f} {self.unit}"
        mass = self.unit.partition("/")[0]
        return f"{self.amount:f} {mass}/{self.volume} mL"


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> tuple[str, Decimal] | None:
    """Read a unit text as a canonical unit and the volume it is per (1 unless "/5 mL").

    Examples
    --------
    >>> parse_unit("MG/ACTUAT"), parse_unit("mg/5 mL")
    (('mg/actuation', Decimal('1')), ('mg/mL', Decimal('5')))
    """
    mass_text, slash, per_text = text.strip().lower().replace(" per ", "/").partition("/")
    mass = _MASS.get(mass_text.strip())
    if mass is None:
        return None
    if not slash:
        return mass, Decimal(1)
    volume, per = Decimal(1), per_text.strip()
    numbered = _NUMBER.fullmatch(per)
    if numbered:
        number = read_decimal(numbered[1])
        if number is None or not _sensible(number):
            return None
        volume, per = number, numbered[2].strip()
    denominator = _PER.get(per)
    if denominator is None or (volume != 1 and denominator != "mL"):
        return None
    unit = f"{mass}/{denominator}" if denominator else mass
    if unit not in UNITS:
        return None
    return unit, volume if denominator == "mL" else Decimal(1)


def parse_strength(strength: object) -> Strength:
    """Read a strength from text with a unit or from a pint quantity.

    Parameters
    ----------
    strength : str or pint.Quantity
        For example "10 mg", "10 mg/5 mL", "25 mcg/h", "0.1 MG/ACTUAT".

    Returns
    -------
    Strength
        The exact amount, its canonical unit and volume.

    Raises
    ------
    ArgumentTypeError
        If it is a bare number or something else without a unit.
    StrengthError
        If the text is not a positive number with a known unit.

    Examples
    --------
    >>> parse_strength("10 mg/15 mL")
    Strength(amount=Decimal('10'), unit='mg/mL', volume=15)
    """
    if isinstance(strength, str):
        return _parse_text(strength)
    if hasattr(strength, "magnitude") and hasattr(strength, "units"):
        # Any registry's quantity will do: its number and the full name of its unit are enough.
        return _parse_text(f"{strength.magnitude} {strength.units:D}")
    raise ArgumentTypeError(
        f"a strength needs its unit, {type(strength).__name__} has none",
        where="strength",
        advice='Write it as text, for example "10 mg", "10 mg/5 mL" or "25 mcg/h"',
    )


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> Strength:
    matched = _NUMBER.fullmatch(text)
    number = read_decimal(matched[1]) if matched else None
    unit = parse_unit(matched[2]) if matched else None
    if number is None or unit is None or not _sensible(number):
        raise StrengthError(
            f"{text!r} is not a positive number with a known unit",
            where="strength",
            value=text,
            allowed=UNITS,
            advice='For example "10 mg", "10 mg/5 mL", "25 mcg/h"',
        )
    return _per_whole_volume(number, *unit)


def _sensible(number: Decimal) -> bool:
    """Positive, finite, and of a size that can be written out."""
    return number.is_finite() and number > 0 and -20 < number.adjusted() < 20


def _per_whole_volume(amount: Decimal, unit: str, volume: Decimal) -> Strength:
    """Scale "5 mg/0.5 mL" to whole mL: the denominator must be an integer to divide by once."""
    digits = max(0, -int(volume.as_tuple().exponent))
    sign, written, exponent = amount.as_tuple()
    # By its digits: Decimal's own scaling would round to the context's precision.
    scaled = Decimal((sign, written, int(exponent) + digits))
    return Strength(scaled if digits else amount, unit, int(volume * 10**digits))
