"""Conversion factors: a small closed union, each with the unit it is printed for.

A factor is never a bare number. ``7.2`` belongs to a patch by the piece, ``2.4`` to the same
patch by the day, ``0.13`` to micrograms of a tablet; methadone's tiers apply to the whole dose
of a day. Factors are exact: decimals as printed, fractions once computed.
"""

# More than 300 lines: a closed union, whose kinds are read side by side.

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, field_validator, model_validator

from opsafe.errors import ArgumentError
from opsafe.mme._fields import (
    Amount,
    Forms,
    Ingredient,
    OptionalRoutes,
    PrintedBounds,
    Routes,
    Value,
    at_least_one,
)
from opsafe.provenance import Document, Words

__all__ = ["Factor", "LinearFactor", "NoFactor", "PatchFactor", "Tier", "TieredFactor"]


class LinearFactor(Document):
    """MME is the dose times a number.

    Parameters
    ----------
    kind : {"linear"}
        What tells this row from the others.
    ingredient : str
        An opioid by its canonical name.
    routes : tuple of str
        The routes it holds for.
    forms : tuple of str, optional
        The dose forms it holds for; empty means any.
    unit : {"mg", "mcg"}
        The unit of strength that the number multiplies.
    value : decimal.Decimal
        MME per unit.
    locator, note : str, optional
        Where in the source, and what else to know.

    Notes
    -----
    MME a day = strength × units a day × value.
    """

    kind: Literal["linear"] = "linear"
    ingredient: Ingredient
    routes: Routes
    forms: Forms = ()
    unit: Literal["mg", "mcg"]
    value: Value
    locator: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The factor in words, with its unit."""
        return f"{_plain(self.value)} per {self.unit}"


class PatchFactor(Document):
    """MME is the rate of a patch times a number.

    Parameters
    ----------
    kind : {"patch"}
        What tells this row from the others.
    ingredient : str
        An opioid by its canonical name.
    routes, forms : tuple of str, optional
        The routes and forms it holds for.
    unit : {"mcg/h"}
        The unit of strength.
    value : decimal.Decimal
        The number as printed.
    basis : {"per_day", "per_patch"}
        Printed for one day of wear (2.4), or for one patch over its whole wear time (7.2).
    wear_days : int
        Days that one patch is worn.
    locator, note : str, optional
        Where in the source, and what else to know.

    Notes
    -----
    MME a day of one patch = rate × :attr:`per_day`, with ``per_day`` the printed number, or
    that number divided by ``wear_days`` where it was printed for a patch.
    """

    kind: Literal["patch"] = "patch"
    ingredient: Ingredient
    routes: Routes = ("transdermal",)
    forms: Forms = ()
    unit: Literal["mcg/h"] = "mcg/h"
    value: Value
    basis: Literal["per_day", "per_patch"]
    wear_days: Annotated[int, Field(ge=1, le=31)]
    locator: str = ""
    note: str = ""

    @property
    def per_day(self) -> Fraction:
        """MME a day for each mcg/h worn."""
        value = Fraction(self.value)
        return value if self.basis == "per_day" else value / self.wear_days

    @property
    def per_patch(self) -> Fraction:
        """MME of one patch over its wear time for each mcg/h."""
        return self.per_day * self.wear_days

    @property
    def text(self) -> str:
        """The factor in words, with its unit."""
        days = f"{self.wear_days} days"
        basis = f"a day, worn {days}" if self.basis == "per_day" else f"a patch of {days}"
        return f"{_plain(self.value)} per mcg/h {basis}"


class Tier(Document):
    """One step of a tiered factor: it holds above one dose and up to another.

    Parameters
    ----------
    above, up_to : decimal.Decimal
        Bounds in mg of the summed daily dose: above the first, up to and with the second;
        no ``up_to`` means without end.
    value : decimal.Decimal
        MME per mg of the whole dose.
    printed : str
        The bounds as the source prints them, such as ``"21-40"`` or ``">20-40"``.
    """

    above: Amount
    up_to: Amount | None = None
    value: Value
    printed: PrintedBounds

    @property
    def printed_integers(self) -> tuple[int, int] | None:
        """First and last whole mg of bounds printed as ``"21-40"``, else None."""
        first, separator, last = self.printed.partition("-")
        return (int(first), int(last)) if separator and first.isdigit() else None


class TieredFactor(Document):
    """MME is the whole daily dose times a number that depends on that dose.

    Parameters
    ----------
    kind : {"tiered"}
        What tells this row from the others.
    ingredient : str
        An opioid by its canonical name.
    routes, forms : tuple of str
        The routes and forms it holds for; no forms means any.
    unit : {"mg"}
        The unit of the dose.
    tiers : tuple of Tier
        From 0 upwards without a gap; the last one has no end.
    printed_bounds : {"integers", "gap-free"}
        Whether the source prints whole numbers, which leave gaps, or bounds without gaps.
    locator, note : str, optional
        Where in the source, and what else to know.

    Notes
    -----
    MME a day = D × value of the tier with above < D ≤ up_to, where D is the patient's dose of
    the day summed over all fills.
    """

    kind: Literal["tiered"] = "tiered"
    ingredient: Ingredient
    routes: Routes
    forms: Forms = ()
    unit: Literal["mg"]
    tiers: Annotated[tuple[Tier, ...], AfterValidator(at_least_one)]
    printed_bounds: Literal["integers", "gap-free"]
    locator: str = ""
    note: str = ""

    @field_validator("tiers")
    @classmethod
    def _cover_every_dose_once(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        if tiers[0].above != 0:
            raise ValueError("must start above 0")
        for lower, upper in pairwise(tiers):
            if lower.up_to != upper.above:
                raise ValueError(
                    f"must follow one another without gap or overlap: one ends at {lower.up_to},"
                    f" the next starts above {upper.above}"
                )
            if lower.up_to <= lower.above:
                raise ValueError(f"must each have room: above {lower.above} up to {lower.up_to}")
        if tiers[-1].up_to is not None:
            raise ValueError(f"must not end: the last one stops at {tiers[-1].up_to}")
        return tiers

    @model_validator(mode="after")
    def _printed_as_it_says(self) -> Self:
        if self.printed_bounds == "integers" and any(
            tier.printed_integers is None for tier in self.tiers
        ):
            raise ValueError('printed_bounds is "integers", so every tier prints as "1-20"')
        return self

    def tier_of(self, total_mg: Fraction) -> Tier:
        """Return the tier that a summed daily dose falls in.

        Parameters
        ----------
        total_mg : fractions.Fraction
            The patient's dose of the day in mg, above 0.

        Returns
        -------
        Tier
            The tier with above < total_mg ≤ up_to.

        Raises
        ------
        ArgumentError
            The dose is not above 0.
        """
        if total_mg <= 0:
            raise ArgumentError("a dose must be above 0", where="total_mg", value=total_mg)
        return next(
            tier for tier in self.tiers if tier.up_to is None or total_mg <= Fraction(tier.up_to)
        )

    def is_our_reading(self, total_mg: Fraction) -> bool:
        """Say whether the source prints no tier for this dose, so that the tier is our reading.

        Parameters
        ----------
        total_mg : fractions.Fraction
            The patient's dose of the day in mg.

        Returns
        -------
        bool
            True for bounds printed as whole numbers when the dose lies below the first, above
            the last, or between the end of one tier and the start of the next.
        """
        if self.printed_bounds == "gap-free":
            return False
        bounds = (tier.printed_integers for tier in self.tiers)
        return not any(pair and pair[0] <= total_mg <= pair[1] for pair in bounds)

    @property
    def text(self) -> str:
        """The factor in words, with its unit."""
        steps = ", ".join(f"{_plain(tier.value)} ({tier.printed} mg)" for tier in self.tiers)
        return f"{steps}, per mg of the whole daily dose"


class NoFactor(Document):
    """The table lists the drug and gives it no factor. No factor is not zero.

    Parameters
    ----------
    kind : {"none"}
        What tells this row from the others.
    ingredient : str
        An opioid by its canonical name.
    routes, forms : tuple of str, optional
        What it holds for; empty means any.
    reason : str
        Why there is none, in the words of the library.
    locator, note : str, optional
        Where in the source, and what else to know.
    """

    kind: Literal["none"] = "none"
    ingredient: Ingredient
    routes: OptionalRoutes = ()
    forms: Forms = ()
    reason: Words
    locator: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The row in words."""
        return "listed, no factor"


Factor: TypeAlias = LinearFactor | PatchFactor | TieredFactor | NoFactor
"""Every kind of row that an edition can hold."""


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
