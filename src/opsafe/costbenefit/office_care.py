"""What the services of office-based treatment cost a payer, by way of giving care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import numpy as np

from opsafe._arguments import read_word
from opsafe.columns import Columns, Text
from opsafe.costbenefit._rows import NOT_STATED
from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.figures import PriceRow, Prices, Study
from opsafe.errors import ArgumentError
from opsafe.provenance import EditionUsed

__all__ = ["OfficeCare", "office_care"]

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class OfficeCare:
    """What the services of one patient cost a payer in a year; drugs are not among them."""

    approach: str
    """The way of giving care."""
    payer: str
    """Who pays."""
    usd_per_patient_year: float
    """All services together."""
    by_category: Mapping[str, float]
    """USD per patient-year of ``visits``, ``counselling`` and ``labs``."""
    services: Columns
    """``code``, ``service``, ``category``, ``per_year`` booked, ``usd`` each, ``usd_per_year``."""
    no_show_share: float
    """Share of what is booked that does not take place and is not paid."""
    dollar_year: str
    """Year of the prices, as the source states it."""
    editions: tuple[EditionUsed, ...]
    """What the figures are from."""
    cautions: tuple[str, ...]
    """What a reader must know."""

    def usd_per_treated_member_month(self, category: str) -> float:
        """Return the cost of a category for a month, a twelfth of the year's.

        Raises
        ------
        ArgumentTypeError, ArgumentError
            If there is no such category.
        """
        read_word(category, "category", tuple(self.by_category))
        return self.by_category[category] / _MONTHS


def office_care(
    approach: str,
    payer: str,
    *,
    visits: str | Study = "obot-2019-visits",
    practice: str | Study = "obot-2019-practice",
    payments: str | Prices = "obot-2019-payments",
) -> OfficeCare:
    """Price a year of office-based treatment for one patient, without the drug.

    Parameters
    ----------
    approach : {"physician_led", "nurse_led", "shared", "solo"}
        The way of giving care, as the edition of visits names it.
    payer : {"medicare", "medicaid", "private"}
        Whose payments, as the edition of payments names it.
    visits, practice, payments : str or edition, optional
        Services per patient-year, shares of no-shows, and payments per service.

    Returns
    -------
    OfficeCare
        USD per patient-year, by category and service, in the dollar year of the payments.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If an edition is not known.
    ArgumentError
        If an approach or a payer is not known, or a service that is booked has no payment.

    Notes
    -----
    (1 - no-shows) x sum over services of services per year x payment [1]_.

    Examples
    --------
    >>> from opsafe.costbenefit.office_care import office_care
    >>> care = office_care("nurse_led", "medicaid")
    >>> round(care.usd_per_patient_year, 2), care.dollar_year
    (911.76, 'not stated')
    >>> round(care.usd_per_treated_member_month("labs"), 3)
    15.073

    References
    ----------
    .. [1] Basu S. Office-based buprenorphine practice model, inputs of the code, 2019.
    """
    editions = (
        resolve(visits, Study, "visits"),
        resolve(practice, Study, "practice"),
        resolve(payments, Prices, "payments"),
    )
    booked, shares, paid = editions
    number = _booked(booked, approach)
    price = _prices(paid, payer, number)
    no_show = Fraction(shares.row(f"no_show.{approach}").value)
    year = {
        code: (1 - no_show) * Fraction(number[code]) * Fraction(row.value)
        for code, row in price.items()
    }
    years = sorted({row.dollar_year or NOT_STATED for row in price.values()})
    return OfficeCare(
        approach=approach,
        payer=payer,
        usd_per_patient_year=float(sum(year.values())),
        by_category=_by_category(price, year),
        services=_services(number, price, year),
        no_show_share=float(no_show),
        dollar_year=", ".join(years),
        editions=tuple(EditionUsed.of(each) for each in editions),
        cautions=(
            "Drug cost is not included.",
            f"The year of the prices of {paid.id}: {', '.join(years)}.",
        ),
    )


def _booked(edition: Study, approach: str) -> dict[str, Decimal]:
    """Services per patient-year by code: rows are named approach.code."""
    parts = [(row.name.partition("."), row.value) for row in edition.rows]
    ways = {way for (way, dot, _), _ in parts if dot}
    read_word(approach, "approach", sorted(ways))
    return {code: value for (way, _, code), value in parts if way == approach}


def _prices(edition: Prices, payer: str, number: Mapping[str, Decimal]) -> dict[str, PriceRow]:
    """The payment for each service that is booked."""
    payers = sorted({row.payer for row in edition.rows})
    read_word(payer, "payer", payers)
    by_code = {row.code: row for row in edition.rows if row.payer == payer and row.per == "service"}
    missing = [code for code in number if code not in by_code]
    if missing:
        raise ArgumentError(
            f"{edition.id} has no payment by {payer} for {', '.join(missing)}",
            where="payments",
            advice="Give payments for every service that is booked",
        )
    return {code: by_code[code] for code in number}


def _by_category(
    price: Mapping[str, PriceRow], year: Mapping[str, Fraction]
) -> Mapping[str, float]:
    total: dict[str, Fraction] = {}
    for code, row in price.items():
        total[row.category] = total.get(row.category, Fraction(0)) + year[code]
    return MappingProxyType({category: float(usd) for category, usd in total.items()})


def _services(
    number: Mapping[str, Decimal], price: Mapping[str, PriceRow], year: Mapping[str, Fraction]
) -> Columns:
    return Columns(
        {
            "code": Text.of(price),
            "service": Text.of(row.service for row in price.values()),
            "category": Text.of(row.category for row in price.values()),
            "per_year": np.array([float(number[code]) for code in price]),
            "usd": np.array([float(row.value) for row in price.values()]),
            "usd_per_year": np.array([float(year[code]) for code in price]),
        }
    )
