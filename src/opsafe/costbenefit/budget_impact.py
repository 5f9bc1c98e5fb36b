"""Budget impact over one to five years, as ISPOR's good practice asks: population x mix x cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe._used import UsedInputs
from opsafe.columns import Column, Columns
from opsafe.costbenefit._budget import LineYears, entries_of, read_lines, total_impact
from opsafe.costbenefit._budget_tables import grouped, mixes, per_head, totals
from opsafe.costbenefit._by_year import ByYear
from opsafe.costbenefit.budget_inputs import BudgetInputs, BudgetLine
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.uncertainty import Distribution, Swing, tornado

__all__ = ["BudgetImpact", "budget_impact"]

_MONTHS: Final = 12
# What a field that is left out stands for, told as an input of its own.
_ASSUMED: Final = {
    "uptake": "not given: each year reaches the whole of its new mix",
    "eligible_share": "not given: all who have the disorder are eligible",
}
_INPUT_FIELDS: Final = ("years", "start", "title")


@dataclass(frozen=True, slots=True)
class BudgetImpact:
    """What a change of the mix of treatments does to a budget; positive is spending more."""

    impact_usd: FloatArray
    """Impact of each year, undiscounted."""
    total_usd: float
    """Impact of all years."""
    pmpm: float | None
    """Impact per member per month over all years; None where a line's members are not given."""
    usd_per_treated_year: float | None
    """Impact per year that a patient is treated with the change; None where nobody is."""
    by_year: Columns
    """year, patients, treated, members, current_usd, new_usd, impact_usd, and the impact per
    patient-year, per treated patient-year and per member-month."""
    by_line: Columns
    """The same by line of business and year."""
    by_category: Columns
    """part, category and year with current_usd, new_usd and impact_usd. The part says whether it
    is money of the treatment, of the condition, an offset or the programme's."""
    by_treatment: Columns
    """treatment and year with current_usd, new_usd and impact_usd."""
    detail: Columns
    """The same by line, treatment, part, category and year: what all others are summed from."""
    mix: Columns
    """Shares and patients of each line, treatment and year, without and with the change, and
    whether its places held the treatment back."""
    inputs: Columns
    """Every input with its origin."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    budget: BudgetInputs
    """What was asked."""

    def by_fiscal_year(self, first_month: int) -> Columns:
        """Tell the impact by fiscal years, each year's spread evenly over its months.

        Parameters
        ----------
        first_month : int
            First month of the fiscal year, 1 to 12. The fiscal year has the name of the calendar
            year in which it ends.

        Returns
        -------
        Columns
            fiscal_year, months of the budget that fall in it, current_usd, new_usd, impact_usd.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If the budget has no start, or there is no such month.
        """
        first = read_whole(first_month, "first_month", 1, 12)
        if self.budget.start is None:
            raise ArgumentError(
                "is not known", where="start", advice='Give BudgetInputs a start="2026-01"'
            )
        year, month = (int(part) for part in self.budget.start.split("-"))
        months = year * 12 + month - 1 + np.arange(_MONTHS * len(self.impact_usd))
        fiscal = (months - (first - 1)) // 12 + (first > 1)
        names, place, counts = np.unique(fiscal, return_inverse=True, return_counts=True)
        told: dict[str, Column] = {"fiscal_year": names, "months": counts.astype(np.int64)}
        for name in ("current_usd", "new_usd", "impact_usd"):
            told[name] = np.bincount(place, np.repeat(self.by_year[name] / _MONTHS, _MONTHS))
        return Columns(told)

    def tornado(self, *, level: float = 0.8) -> tuple[Swing, ...]:
        """Move one uncertain input at a time, the others at their means.

        Parameters
        ----------
        level : float, optional
            Share of an input's distribution between its low and its high value, above 0 and below
            1.

        Returns
        -------
        tuple of Swing
            The impact of all years in USD at the low and the high value, the widest first; none
            where no input is a distribution.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If the level is no share, or a value makes more patients than members.

        Examples
        --------
        >>> from opsafe import costbenefit as cb
        >>> found = cb.budget_impact(
        ...     years=1,
        ...     population={"kind": "uniform", "low": 80.0, "high": 120.0},
        ...     share_current={"none": 1},
        ...     share_new={"none": 0.5, "buprenorphine": 0.5},
        ...     cost_usd_per_patient_year={"none": 0, "buprenorphine": 6_000},
        ... )
        >>> [(each.name, round(each.at_low), round(each.at_high)) for each in found.tornado()]
        [('all.population', 252000, 348000)]
        """
        share = read_number(level, "level", 0, 1, above=True, below=True)
        return tornado(
            lambda moved: total_impact(self.budget, moved), _spread(self.budget), level=share
        )

    def __repr__(self) -> str:
        money = "more" if self.total_usd >= 0 else "less"
        each = ", ".join(f"year {n} {usd:+,.0f}" for n, usd in enumerate(self.impact_usd, 1))
        per = "" if self.pmpm is None else f", {self.pmpm:+,.2f} USD per member per month"
        return f"BudgetImpact: {abs(self.total_usd):,.0f} USD {money} in all ({each}){per}"


def budget_impact(inputs: BudgetInputs | None = None, /, **fields: Any) -> BudgetImpact:
    """Work out what a change of the mix of treatments does to a plan's budget.

    Parameters
    ----------
    inputs : BudgetInputs, optional
        Lines of business and years.
    **fields
        Instead: the fields of :class:`BudgetLine`, for one line named "all", with ``years``,
        ``start`` and ``title`` of :class:`BudgetInputs`; or ``lines`` with these three.

    Returns
    -------
    BudgetImpact
        USD by year, line, category and treatment, per patient and per member per month; positive
        where the plan spends more.

    Raises
    ------
    DocumentError
        If a field is missing, out of range or unknown, a mix does not sum to 1, or years differ.
    ArgumentError, ArgumentTypeError
        If inputs are no document, are given twice, or hold more patients than members.

    Notes
    -----
    Impact = population x (share with - share without) x cost, summed over treatments, cost
    categories and lines, plus what the programme costs; year by year and never discounted, for
    payers budget what they will pay [1]_. With ``uptake`` u a share moves by u times its change;
    a treatment with limited places gains no more than these, and what all gain is taken from those
    that lose, in proportion. Distributions stand at their means; :meth:`BudgetImpact.tornado`
    moves them one by one.

    References
    ----------
    .. [1] Sullivan SD et al. Budget impact analysis: principles of good practice. Value in Health
       2014;17:5-14. https://pubmed.ncbi.nlm.nih.gov/24438712/

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.budget_impact(
    ...     population=[10_000, 10_500, 11_025],
    ...     cost_usd_per_patient_year={"A": 5_000, "B": 12_000},
    ...     share_current={"A": 0.7, "B": 0.3},
    ...     share_new={"A": [0.65, 0.6, 0.5], "B": [0.35, 0.4, 0.5]},
    ... )
    >>> round(found.total_usd), [round(float(usd)) for usd in found.impact_usd]
    (26285000, [3500000, 7350000, 15435000])
    """
    budget = _read(inputs, fields)
    used = UsedInputs()
    _note(budget, used)
    years = read_lines(budget)
    entries = [entry for each in years for entry in entries_of(each)]
    _caution(budget, years, used)
    by_line = totals([(each.name, [each]) for each in years], entries)
    by_year = totals([("", years)], entries)
    impact = by_year["impact_usd"]
    total = impact.sum()
    heads = np.array([by_year["members"].sum() * _MONTHS, by_year["treated"].sum()])
    pmpm, per_treated = (
        None if np.isnan(x) else float(x) for x in per_head(np.full(2, total), heads)
    )
    return BudgetImpact(
        impact_usd=impact,
        total_usd=float(total),
        pmpm=pmpm,
        usd_per_treated_year=per_treated,
        by_year=by_year,
        by_line=by_line,
        by_category=grouped(entries, ("part", "category")),
        by_treatment=grouped(entries, ("treatment",)),
        detail=grouped(entries, ("line", "treatment", "part", "category")),
        mix=mixes(years),
        inputs=used.table(),
        cautions=tuple(used.cautions),
        budget=budget,
    )


def _read(inputs: object, fields: dict[str, Any]) -> BudgetInputs:
    if inputs is None:
        if "lines" in fields:
            return BudgetInputs(**fields)
        of_all = {name: fields.pop(name) for name in _INPUT_FIELDS if name in fields}
        return BudgetInputs(lines={"all": BudgetLine(**fields)}, **of_all)
    if not isinstance(inputs, BudgetInputs):
        raise ArgumentTypeError("are no BudgetInputs", where="inputs", value=type(inputs).__name__)
    if fields:
        raise ArgumentError(
            "are given, and fields besides", where="inputs", value=", ".join(fields)
        )
    return inputs


def _note(budget: BudgetInputs, used: UsedInputs) -> None:
    """Every input that was given, and the rules that nobody is asked about."""
    used.note("years", budget.horizon_years, "given")
    if budget.start is not None:
        used.note("start", budget.start, "given")
    for name, line in budget.lines.items():
        for path, value in line.rows():
            if path in line.model_fields_set or path not in _ASSUMED:
                used.note(f"{name}.{path}", _told(value), "given")
            elif path == "uptake" or line.prevalence is not None:
                used.note(f"{name}.{path}", _told(value), "planning value", _ASSUMED[path])
        for field in ("growth_per_year", "price_year", "basis"):
            if field in line.model_fields_set and getattr(line, field) is not None:
                used.note(f"{name}.{field}", getattr(line, field), "given")


def _told(value: ByYear) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{each:.10g}" for each in value)
    return f"{value:.10g}" if isinstance(value, float | int) else value.to_json()


def _caution(budget: BudgetInputs, years: list[LineYears], used: UsedInputs) -> None:
    for each in years:
        for treatment, limited in zip(each.treatments, each.limited, strict=True):
            if bool(limited.any()):
                told = ", ".join(str(year + 1) for year in np.flatnonzero(limited))
                used.warn(f"{each.name}: places of {treatment} hold it back in year {told}")
        if each.members is None:
            used.warn(
                f"{each.name}: members are not given, so nothing is told per member per month"
            )
    if all(line.price_year is None for line in budget.lines.values()):
        used.warn("The price year is not stated: do not add these amounts to others")
    if budget.horizon_years > 1 and not _costs_change(budget):
        used.warn("Costs are the same in every year: no price change is counted")
    if _spread(budget):
        used.warn("Uncertain inputs stand at their means; tornado() moves them one by one")


def _costs_change(budget: BudgetInputs) -> bool:
    return any(
        isinstance(value, tuple) and "_usd_per_patient_year" in path
        for line in budget.lines.values()
        for path, value in line.rows()
    )


def _spread(budget: BudgetInputs) -> dict[str, Distribution]:
    return {
        f"{name}.{path}": value
        for name, line in budget.lines.items()
        for path, value in line.rows()
        if not isinstance(value, float | int | tuple)
    }
