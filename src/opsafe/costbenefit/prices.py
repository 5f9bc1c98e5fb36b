"""Dollars of one year as dollars of another, by the ratio of a price index."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from opsafe._arguments import plain, read_whole
from opsafe.columns import Columns, Text
from opsafe.costbenefit._reading import read_array, scalar_or_array
from opsafe.costbenefit._rows import NOT_STATED, is_dollar_year, last_year
from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.figures import PriceIndex
from opsafe.errors import ArgumentError
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray

__all__ = ["Inflated", "inflate", "price_index", "price_ratio"]

INDEX: Final = "cpi-u-medical-care"
_OTHER: Final = {INDEX: "cpi-u-all-items"}  # what each is held against; any other: medical care
_LARGEST: Final = 1e15


@dataclass(frozen=True, slots=True, eq=False)
class Inflated:
    """An amount in dollars of another year.

    Attributes
    ----------
    amount : float or array of float
        USD of ``to_year``, of the shape that was given.
    ratio : float
        What the amount was multiplied by.
    from_year, to_year : int
        Years of the prices.
    index : EditionUsed
        The index with its source.
    cautions : tuple of str
        What a reader must know.
    """

    amount: float | FloatArray
    ratio: float
    from_year: int
    to_year: int
    index: EditionUsed
    cautions: tuple[str, ...]

    def __repr__(self) -> str:
        told = f"{self.from_year} to {self.to_year} by {self.index.id}, times {self.ratio:.6g}"
        return f"Inflated({self.amount!r}, {told})"


def inflate(
    amount: object, from_year: object, to_year: object, *, index: str | PriceIndex = INDEX
) -> Inflated:
    """Turn dollars of one year into dollars of another.

    Parameters
    ----------
    amount : float or array of float
        USD of ``from_year``; each finite and at most 1e15 either way.
    from_year, to_year : int or str
        Years; text is a dollar year as sources state it: ``"2012"``, or a range such as
        ``"2007-2008"``, which means its last year. "not stated" is refused: give the year yourself.
    index : str or PriceIndex, optional
        An edition of a price index, or its id; medical care where nothing is said.

    Returns
    -------
    Inflated
        The amount, the ratio, the edition of the index and cautions.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If an amount is no finite number, or a year is none, unstated or not in the index.
    EditionNotFoundError
        If no price index has this id.

    Notes
    -----
    amount x index(to_year) / index(from_year), both annual averages of one edition, and the ratio
    exact before it is rounded once. No year is extrapolated. The choice of index matters more than
    its digits, so the result says what another index would have made.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> now = cb.inflate(13_578, "2007-2008", 2025)
    >>> round(now.amount, 2), now.from_year
    (21635.22, 2008)
    >>> print(cb.inflate(100, 2017, 2024).cautions[0])
    The choice of index matters: from 2017 to 2024 cpi-u-medical-care rises by 18.6 %, \
cpi-u-all-items rises by 28.0 %: 7.9 % apart.

    References
    ----------
    .. [1] US Bureau of Labor Statistics, Consumer Price Index for All Urban Consumers, annual
       averages of series CUUR0000SAM, CUUR0000SAM2, CUUR0000SEMD01, CUUR0000SEMF01, CUUR0000SA0.
    """
    usd = read_array(amount, "amount", -_LARGEST, _LARGEST)
    edition = resolve(index, PriceIndex, "index")
    first, last = (
        _year(given, where, edition)
        for given, where in ((from_year, "from_year"), (to_year, "to_year"))
    )
    ratio = _ratio(edition, first, last)
    return Inflated(
        amount=scalar_or_array(usd * float(ratio)),
        ratio=float(ratio),
        from_year=first,
        to_year=last,
        index=EditionUsed.of(edition),
        cautions=_cautions(edition, first, last, ratio),
    )


def price_ratio(from_year: object, to_year: object, *, index: str | PriceIndex = INDEX) -> Fraction:
    """Return what dollars of one year are worth in another, exactly.

    Parameters
    ----------
    from_year, to_year : int or str
        As for :func:`inflate`.
    index : str or PriceIndex, optional
        An edition of a price index, or its id.

    Returns
    -------
    fractions.Fraction
        index(to_year) / index(from_year).

    Raises
    ------
    ArgumentTypeError, ArgumentError, EditionNotFoundError
        As for :func:`inflate`.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> cb.price_ratio(2024, 2025)
    Fraction(580102, 563841)
    """
    edition = resolve(index, PriceIndex, "index")
    first = _year(from_year, "from_year", edition)
    return _ratio(edition, first, _year(to_year, "to_year", edition))


def price_index(index: str | PriceIndex = INDEX) -> Columns:
    """Return the annual averages of a price index.

    Parameters
    ----------
    index : str or PriceIndex, optional
        An edition of a price index, or its id.

    Returns
    -------
    Columns
        One row a year: ``year``, ``value`` (100 at the base of the series), ``months_missing``
        (those for which nothing was published, joined by spaces).

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If the index is not known.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> table = cb.price_index("cpi-u-hospital-services")
    >>> int(table["year"][-1]), float(table["value"][-1]), table["months_missing"][-1]
    (2025, 433.655, '2025-10')
    """
    edition = resolve(index, PriceIndex, "index")
    return Columns(
        {
            "year": np.array([year for year, _ in edition.values], np.int64),
            "value": np.array([float(value) for _, value in edition.values]),
            "months_missing": Text.of(
                " ".join(_missing(edition, year)) for year, _ in edition.values
            ),
        }
    )


def _ratio(edition: PriceIndex, first: int, last: int) -> Fraction:
    values = dict(edition.values)
    return Fraction(values[last]) / Fraction(values[first])


def _year(given: object, where: str, edition: PriceIndex) -> int:
    low, high = edition.years
    found = plain(given)
    if isinstance(found, str):
        if not is_dollar_year(found):
            raise ArgumentError(
                "is not a dollar year", where=where, value=found, allowed=("2012", "2007-2008")
            )
        if found == NOT_STATED:
            raise ArgumentError(
                "the source does not state the year of its prices",
                where=where,
                value=found,
                advice="Give the year that you take it to be of",
            )
        found = last_year(found)
    year = read_whole(found, where, 1, 9999)
    if not low <= year <= high:
        raise ArgumentError(
            f"{edition.id} has no value for {year}",
            where=where,
            value=year,
            allowed=(f"{low} to {high}",),
            advice="No year is extrapolated: give an amount of a year that it has",
        )
    return year


def _missing(edition: PriceIndex, year: int) -> list[str]:
    return [month for month in edition.months_missing if month.startswith(f"{year}-")]


def _cautions(edition: PriceIndex, first: int, last: int, ratio: Fraction) -> tuple[str, ...]:
    choice = _choice(edition, first, last, ratio) if first != last else ()
    gaps = ((year, _missing(edition, year)) for year in sorted({first, last}))
    return *choice, *(
        f"{edition.id} of {year} is an average without {', '.join(months)}, for which nothing was"
        " published."
        for year, months in gaps
        if months
    )


def _choice(edition: PriceIndex, first: int, last: int, ratio: Fraction) -> tuple[str, ...]:
    """What the other index would have made of it."""
    other = resolve(_OTHER.get(edition.id, INDEX), PriceIndex, "index")
    if not other.years[0] <= min(first, last) <= max(first, last) <= other.years[1]:
        return ()
    beside = _ratio(other, first, last)
    apart = float(100 * (max(ratio, beside) / min(ratio, beside) - 1))
    text = f"from {first} to {last} {edition.id} {_moves(ratio)}, {other.id} {_moves(beside)}"
    return (f"The choice of index matters: {text}: {apart:.1f} % apart.",)


def _moves(ratio: Fraction) -> str:
    change = float(100 * (ratio - 1))
    return f"{'rises' if change >= 0 else 'falls'} by {abs(change):.1f} %"
