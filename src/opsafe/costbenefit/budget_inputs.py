"""What a budget impact is worked out from: populations, mixes and costs, line by line and year."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Final, Self

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import model_validator

from opsafe.costbenefit._by_year import (
    MOST_YEARS,
    ByYear,
    CostsField,
    HeadsByYear,
    MixShare,
    Name,
    Names,
    ShareByYear,
    UsdByYear,
)
from opsafe.costbenefit.churn import MonthText
from opsafe.costbenefit.figures import Basis
from opsafe.provenance import Document

__all__ = ["COST_FIELDS", "BudgetInputs", "BudgetLine"]

_SUM: Final = 1e-9  # how far the shares of a mix may sum from 1
_YEARLY: Final = ("population", "members", "prevalence", "eligible_share", "uptake")
_MIXES: Final = ("share_current", "share_new")
COST_FIELDS: Final = (
    "cost_usd_per_patient_year",
    "condition_usd_per_patient_year",
    "offset_usd_per_patient_year",
)


class BudgetLine(Document):
    """One line of business: how many patients, what they are treated with, what that costs.

    Where a field is by year it takes one number for all years, a row with one for each, or a
    distribution of the one number (its mean counts, and a tornado moves it). Amounts also take text
    such as ``"$450 per member per month"``.

    Parameters
    ----------
    population : by year, optional
        Eligible patients on average in the year. Give it, or ``members`` with ``prevalence``.
    members : by year, optional
        All members on average in the year, for amounts per member per month.
    prevalence : by year, optional
        Share of the members who have the disorder, 0 to 1.
    eligible_share : by year, optional
        Share of these who are eligible, 0 to 1.
    growth_per_year : float, optional
        By how much population and members grow each year, as a share, where one number is given for
        all years.
    share_current, share_new : dict of str to share by year
        The mix of treatments without and with the change; each year's shares sum to 1. A treatment
        that is not named has 0.
    uptake : by year, optional
        Share of the change from the one mix to the other that is reached in the year, 0 to 1.
    most_patients : dict of str to by year, optional
        Access limits: patients that a treatment has places for. Patients above them stay on what
        they would have had.
    cost_usd_per_patient_year : dict of str to by year, or by category
        What a year on each treatment costs, in all or by cost category; 0 or more.
    condition_usd_per_patient_year : dict, optional
        The same for what the condition costs on each treatment, such as admissions.
    offset_usd_per_patient_year : dict, optional
        The same for what comes back, such as rebates and cost sharing: given as 0 or more, counted
        as negative.
    programme_usd_per_year : dict of str to by year, optional
        What the change costs besides, however many are treated, by cost category.
    untreated : tuple of str, optional
        Names in the mix that are no treatment, for amounts per treated patient.
    price_year : int, optional
        Year of the dollars; the same in all lines.
    basis : {"charge", "allowed", "paid"}, optional
        What money is counted; the same in all lines.

    Raises
    ------
    DocumentError
        If a field is out of range, a mix does not sum to 1, or treatments differ.
    """

    population: HeadsByYear | None = None
    members: HeadsByYear | None = None
    prevalence: ShareByYear | None = None
    eligible_share: ShareByYear = 1.0
    growth_per_year: Annotated[float, Gt(-1), Le(10)] = 0.0
    share_current: Annotated[dict[Name, MixShare], MinLen(1)]
    share_new: Annotated[dict[Name, MixShare], MinLen(1)]
    uptake: ShareByYear = 1.0
    most_patients: dict[Name, HeadsByYear] | None = None
    cost_usd_per_patient_year: Annotated[dict[Name, CostsField], MinLen(1)]
    condition_usd_per_patient_year: dict[Name, CostsField] | None = None
    offset_usd_per_patient_year: dict[Name, CostsField] | None = None
    programme_usd_per_year: dict[Name, UsdByYear] | None = None
    untreated: Names = ()
    price_year: Annotated[int, Ge(1900), Le(2200)] | None = None
    basis: Basis | None = None

    @model_validator(mode="after")
    def _one_population(self) -> Self:
        if (self.population is None) == (self.prevalence is None):
            raise ValueError("population: give it, or members with prevalence")
        if self.prevalence is not None and self.members is None:
            raise ValueError("members: goes with prevalence")
        if self.prevalence is None and self.eligible_share != 1:
            raise ValueError("eligible_share: goes with prevalence; population is eligible already")
        grown = (self.population, self.members)
        if self.growth_per_year and all(each is None or isinstance(each, tuple) for each in grown):
            raise ValueError("growth_per_year: the years are given one by one, and cannot grow")
        return self

    @model_validator(mode="after")
    def _same_treatments(self) -> Self:
        known = list(self.cost_usd_per_patient_year)
        for field in (*_MIXES, "most_patients", *COST_FIELDS[1:]):
            for name in getattr(self, field) or ():
                if name not in known:
                    near = get_close_matches(name, known, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise ValueError(
                        f"{field}: {name!r} has no cost in cost_usd_per_patient_year{hint}"
                    )
        if self.condition_usd_per_patient_year is not None:
            for name in known:
                if name not in self.condition_usd_per_patient_year:
                    raise ValueError(f"condition_usd_per_patient_year: {name!r} is missing")
        if not set(self.untreated) <= set(known):
            raise ValueError(f"untreated: name some of {', '.join(known)}")
        return self

    def rows(self) -> Iterator[tuple[str, ByYear]]:
        """Every input by year, with its path."""
        for field in _YEARLY:
            if (value := getattr(self, field)) is not None:
                yield field, value
        for field in (*_MIXES, "most_patients", "programme_usd_per_year", *COST_FIELDS):
            for name, value in (getattr(self, field) or {}).items():
                if isinstance(value, dict):
                    yield from ((f"{field}.{name}.{key}", each) for key, each in value.items())
                else:
                    yield f"{field}.{name}", value

    def check_years(self, years: int) -> None:
        """Refuse rows of another length, and mixes that do not sum to 1."""
        for path, value in self.rows():
            if isinstance(value, tuple) and len(value) != years:
                plural = "s" if len(value) > 1 else ""
                raise ValueError(f"{path}: has {len(value)} year{plural}, the budget has {years}")
        for field in _MIXES:
            mix: dict[str, float | tuple[float, ...]] = getattr(self, field)
            for year in range(years):
                shares = [each[year] if isinstance(each, tuple) else each for each in mix.values()]
                if abs(sum(shares) - 1) > _SUM:
                    raise ValueError(
                        f"{field}: sums to {sum(shares):.10g} in year {year + 1}, not to 1"
                    )


class BudgetInputs(Document):
    """What :func:`budget_impact` works with: one to five years, one or more lines of business.

    Parameters
    ----------
    lines : dict of str to BudgetLine
        Lines of business by name.
    years : int, optional
        1 to 5; needed where no field is given year by year.
    start : str, optional
        First month of the first year, as ``"2026-01"``; needed for fiscal years.
    title : str, optional
        What the budget is called.

    Raises
    ------
    DocumentError
        If a field is out of range, numbers of years differ, a mix does not sum to 1, or lines count
        different money.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> line = cb.BudgetLine(
    ...     population=1_000,
    ...     share_current={"none": 0.8, "buprenorphine": 0.2},
    ...     share_new={"none": 0.7, "buprenorphine": 0.3},
    ...     cost_usd_per_patient_year={"none": 0, "buprenorphine": "$500 per month"},
    ... )
    >>> inputs = cb.BudgetInputs(lines={"Medicaid": line}, years=2)
    >>> cb.BudgetInputs.from_json(inputs.to_json()) == inputs
    True
    """

    lines: Annotated[dict[Name, BudgetLine], MinLen(1)]
    years: Annotated[int, Ge(1), Le(MOST_YEARS)] | None = None
    start: MonthText | None = None
    title: str = ""

    @model_validator(mode="after")
    def _years_agree(self) -> Self:
        lengths = self._lengths()
        if self.years is None and len(lengths) != 1:
            if not lengths:
                raise ValueError("years: is needed, since no field is given year by year")
            told = ", ".join(f"{path} has {length}" for length, path in lengths.items())
            raise ValueError(f"years: fields differ: {told}")
        for name, line in self.lines.items():
            try:
                line.check_years(self.horizon_years)
            except ValueError as error:
                raise ValueError(f"lines.{name}.{error}") from None
        return self

    @model_validator(mode="after")
    def _same_money(self) -> Self:
        for field in ("price_year", "basis"):
            told = {name: getattr(line, field) for name, line in self.lines.items()}
            if len(set(told.values())) > 1:
                listed = ", ".join(f"{name} {value}" for name, value in told.items())
                raise ValueError(f"{field}: lines differ, and cannot be added: {listed}")
        return self

    @property
    def horizon_years(self) -> int:
        """How many years are counted."""
        return self.years or max(self._lengths(), default=1)

    def _lengths(self) -> dict[int, str]:
        """How many years rows have, each with the path of the first that has so many."""
        found: dict[int, str] = {}
        for name, line in self.lines.items():
            for path, value in line.rows():
                if isinstance(value, tuple):
                    found.setdefault(len(value), f"lines.{name}.{path}")
        return found
