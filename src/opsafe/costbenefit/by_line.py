"""Several lines of business side by side: each with its own prices, churn and members, and all."""

# More than 300 lines: what is added over lines, table by table.

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.columns import Column, Columns, Text
from opsafe.costbenefit import figures
from opsafe.costbenefit._case_memo import as_record, rows_of
from opsafe.costbenefit._case_sums import Sums
from opsafe.costbenefit._case_tables import (
    HEADLINES,
    PLURALS,
    categories_table,
    headline_draws,
    intervals_table,
    outcomes_table,
)
from opsafe.costbenefit.business_case import BusinessCase, business_case
from opsafe.costbenefit.plan_inputs import CATEGORIES, EVENTS, Category, PlanInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.uncertainty import Probability, probability

__all__ = ["BusinessCaseByLine", "business_case_by_line"]

_SAME: Final = {
    "basis": "money of different bases cannot be added",
    "price_year": "dollars of different years cannot be added",
    "start": "months that begin apart cannot be added",
    "horizon_months": "horizons of different lengths cannot be added",
    "discount_rate": "present values at different rates cannot be added",
    "discounting": "present values of different conventions cannot be added",
}
_TOTAL: Final = "all lines"
_SUMMED: Final = ("members", "members_with_oud", "treated_without_programme", "treated",
                  "added_treated", "starts", "waiting", "spending_usd", "saving_usd",
                  "net_saving_usd", "cumulative_net_saving_usd")  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class BusinessCaseByLine:
    """Cases of several lines of business, and what they come to together."""

    cases: Mapping[str, BusinessCase]
    """The case of each line, by its name."""
    by_line: Columns
    """Figures of each line, and of all lines; ratios of all are of the sums, not means."""
    outcomes: Columns
    """Events averted in all lines; an event counts where every line counts it."""
    categories: Columns
    """Spending that rises, or saving, by category, in all lines; a category is one of the two in
    each line, so that both can stand in a row."""
    by_month: Columns
    """Sums of the lines by month."""
    intervals: Columns
    """Base case and draws of each figure of all lines; NaN without draws."""
    probability_of_gain: Probability | None
    """Share of the draws in which all lines together gain; None without draws."""
    cautions: tuple[str, ...]
    """What a reader must know, with the line that it is about."""
    net_saving: float
    spending: float
    roi: float | None
    npv: float | None
    benefit_cost_ratio: float | None
    pmpm: float | None
    pmpm_oud: float | None
    payback_month: int | None

    def to_json(self) -> str:
        """Return all lines as JSON text.

        Returns
        -------
        str
            JSON; what is missing is null.
        """
        record = {
            "schema_version": 1,
            "by_line": list(rows_of(self.by_line)),
            "outcomes": list(rows_of(self.outcomes)),
            "categories": list(rows_of(self.categories)),
            "by_month": list(rows_of(self.by_month)),
            "intervals": list(rows_of(self.intervals)),
            "cautions": list(self.cautions),
            "cases": {name: as_record(case) for name, case in self.cases.items()},
        }
        return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        lines = [f"Business case of {len(self.cases)} lines of business"]
        table = self.by_line
        for at, name in enumerate(table["line_of_business"].tolist()):
            net, pmpm = float(table["net_saving"][at]), float(table["pmpm"][at])
            lines.append(f"  {name}: net saving {net:,.0f} USD, {pmpm:,.3f} per member per month")
        return "\n".join(lines)


def business_case_by_line(
    lines: Mapping[str, PlanInputs],
    *,
    defaults: str | figures.Defaults,
    draws: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> BusinessCaseByLine:
    """Work the business case out for each line of business, and for all of them together.

    Parameters
    ----------
    lines : mapping of str to PlanInputs
        Inputs by the name of the line; two or more, or one.
    defaults : str or Defaults
        The edition of defaults.
    draws, seed, level : optional
        As of :func:`business_case`. An input of one name is drawn alike in all lines: what is not
        known of a price is not known of all lines alike.

    Returns
    -------
    BusinessCaseByLine
        Money and events are sums of the lines; ratios are those of the sums.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If lines differ in basis, price year, months or discounting, or one cannot be worked out;
        the line is named.
    EditionNotFoundError
        If an edition that is named does not exist.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> shared = dict(
    ...     start="2026-01",
    ...     prevalence=0.01,
    ...     treated_share_now=0.1,
    ...     treated_share_target=0.3,
    ...     ramp_months=0,
    ...     savings="total_cost",
    ...     basis="paid",
    ...     total_cost_treated_usd_per_member_month=1500.0,
    ...     total_cost_untreated_usd_per_member_month=1900.0,
    ...     programme=cb.ProgrammeCosts(running_usd_per_year=100_000.0),
    ...     horizon_months=12,
    ...     churn=0,
    ...     price_year=2025,
    ... )
    >>> lines = {
    ...     "commercial": cb.PlanInputs(members=50_000, **shared),
    ...     "medicaid": cb.PlanInputs(members=20_000, **shared),
    ... }
    >>> found = cb.business_case_by_line(lines, defaults="2026-01")
    >>> round(found.net_saving), [round(float(net)) for net in found.by_line["net_saving"]]
    (472000, [380000, 92000, 472000])
    """
    _check(lines)
    cases = {}
    for name, inputs in lines.items():
        try:
            cases[name] = business_case(
                inputs, defaults=defaults, draws=draws, seed=seed, level=level
            )
        except (ArgumentError, ArgumentTypeError) as error:
            error.where = f"{name}: {error.where}"
            error.args = (str(error),)
            raise
    return _together(cases, level)


def _check(lines: object) -> None:
    if not isinstance(lines, Mapping) or not all(
        isinstance(name, str) and isinstance(each, PlanInputs) for name, each in lines.items()
    ):
        raise ArgumentTypeError(
            "is not a mapping of names to PlanInputs", where="lines", value=type(lines).__name__
        )
    if not lines or _TOTAL in lines or not all(name.strip() for name in lines):
        raise ArgumentError(
            f"must name one line at least, and none {_TOTAL!r} or nothing", where="lines"
        )
    first, *others = lines.items()
    for name, inputs in others:
        for key, why in _SAME.items():
            mine, theirs = getattr(inputs, key), getattr(first[1], key)
            if mine != theirs:
                raise ArgumentError(
                    f"is {mine} in {name} and {theirs} in {first[0]}: {why}",
                    where=key,
                    value=mine,
                )


def _together(cases: Mapping[str, BusinessCase], level: float) -> BusinessCaseByLine:
    base = _added([case._base for case in cases.values()])
    drawn = [case._drawn for case in cases.values() if case._drawn is not None]
    total = _added(drawn) if drawn else None
    heads = {name: float(values[0]) for name, values in headline_draws(base).items()}
    known = {name: None if np.isnan(value) else value for name, value in heads.items()}
    first = next(iter(cases.values()))
    averted = {event: float(each[0]) for event, each in base.averted.items()}
    why_not = dict.fromkeys(EVENTS, "a line does not count it")
    payback = known["payback_month"]
    return BusinessCaseByLine(
        cases=dict(cases),
        by_line=_by_line(cases, heads, base),
        outcomes=outcomes_table(
            averted, float(base.added_months[0]), first.plan.horizon_months, why_not
        ),
        categories=_categories(cases),
        by_month=_by_month(cases),
        intervals=intervals_table(known, None if total is None else headline_draws(total), level),
        probability_of_gain=None if total is None else probability(total.net > 0),
        cautions=tuple(
            f"{name}: {caution}" for name, case in cases.items() for caution in case.cautions
        ),
        net_saving=heads["net_saving"],
        spending=float(base.spending[0]),
        roi=known["roi"],
        npv=known["npv"],
        benefit_cost_ratio=known["benefit_cost_ratio"],
        pmpm=known["pmpm"],
        pmpm_oud=known["pmpm_oud"],
        payback_month=None if payback is None else int(payback),
    )


def _added(parts: list[Sums]) -> Sums:
    """Sums over lines, draw by draw. What rises in a line rises, whatever falls in another."""

    def summed(name: str) -> FloatArray:
        found: FloatArray = sum(getattr(part, name) for part in parts)
        return found

    # A category that rises in one line and falls in another stands on both sides of a ratio.
    keyed = {
        f"{line}.{name}": values
        for line, part in enumerate(parts)
        for name, values in part.by_category.items()
    }
    present = None
    if all(part.discounted is not None for part in parts):
        present = {
            f"{line}.{name}": values
            for line, part in enumerate(parts)
            for name, values in (part.discounted or {}).items()
        }
    counted = [event for event in EVENTS if all(event in part.averted for part in parts)]
    names = ("net_by_month", "added_months", "oud_months", "member_months", "claims_saved",
             "care_saved", "programme_spent")  # fmt: skip
    return Sums(
        by_category=keyed,  # type: ignore[arg-type]
        discounted=present,  # type: ignore[arg-type]
        averted={event: sum(part.averted[event] for part in parts) for event in counted},  # type: ignore[misc]
        **{name: summed(name) for name in names},
    )


def _by_line(cases: Mapping[str, BusinessCase], heads: Mapping[str, float], base: Sums) -> Columns:
    rows = [
        {name: float(values[0]) for name, values in headline_draws(case._base).items()}
        for case in cases.values()
    ]
    columns: dict[str, Column] = {"line_of_business": Text.of((*cases, _TOTAL))}
    columns["member_months"] = np.array(
        [*(float(case._base.member_months[0]) for case in cases.values()),
         float(base.member_months[0])]
    )  # fmt: skip
    columns["spending"] = np.array(
        [*(case.spending for case in cases.values()), float(base.spending[0])]
    )
    for name in HEADLINES:
        columns[name] = np.array([*(row[name] for row in rows), heads[name]])
    return Columns(columns)


def _categories(cases: Mapping[str, BusinessCase]) -> Columns:
    tables = [case.categories for case in cases.values()]
    total: dict[Category, list[float]] = {}
    for table in tables:
        columns = (table[name].tolist() for name in ("category", "spending_usd", "saving_usd"))
        for name, spending, saving in zip(*columns, strict=True):
            found = total.setdefault(name, [0.0, 0.0])
            found[0] += spending
            found[1] += saving
    ordered = [(name, *total[name]) for name in CATEGORIES if name in total]
    if not ordered:
        return categories_table({})
    names, spending, saving = zip(*ordered, strict=True)
    return Columns(
        {
            "category": Text.of(names),
            "spending_usd": np.array(spending),
            "saving_usd": np.array(saving),
            "net_saving_usd": np.array(saving) - np.array(spending),
        }
    )


def _by_month(cases: Mapping[str, BusinessCase]) -> Columns:
    tables = [case.by_month for case in cases.values()]
    columns: dict[str, Column] = {"month": tables[0]["month"]}
    for name in (*_SUMMED, *(f"{each}_averted" for each in PLURALS.values())):
        columns[name] = np.sum([table[name] for table in tables], axis=0)
    return Columns(columns)
