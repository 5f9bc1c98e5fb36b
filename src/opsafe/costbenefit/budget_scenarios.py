"""Budget impacts side by side, such as low, base and high."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.costbenefit.budget_impact import BudgetImpact, budget_impact
from opsafe.costbenefit.budget_inputs import BudgetInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["BudgetScenarios", "budget_scenarios"]


@dataclass(frozen=True, slots=True)
class BudgetScenarios:
    """Budget impacts side by side."""

    by_year: Columns
    """scenario, year, impact_usd, and the impact per member-month."""
    totals: Columns
    """scenario, total_usd, pmpm, and by how much the total differs from the base's."""
    base: str
    """The first scenario."""
    results: Mapping[str, BudgetImpact]
    """What each scenario says."""
    cautions: tuple[str, ...]
    """What a reader must know, of any of them."""


def budget_scenarios(scenarios: Mapping[str, BudgetInputs]) -> BudgetScenarios:
    """Set budget impacts side by side, such as low, base and high.

    Parameters
    ----------
    scenarios : mapping of str to BudgetInputs
        Names and inputs, two at least, of the same years and the same money; the first is the base.

    Returns
    -------
    BudgetScenarios
        USD by scenario and year; positive where the plan spends more.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there are fewer than two, one is no document, or they count other years or other money.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> def budget(share):
    ...     return cb.BudgetInputs(
    ...         years=1,
    ...         lines={
    ...             "Medicaid": cb.BudgetLine(
    ...                 population=100,
    ...                 share_current={"none": 1},
    ...                 share_new={"none": 1 - share, "buprenorphine": share},
    ...                 cost_usd_per_patient_year={"none": 0, "buprenorphine": 6_000},
    ...             )
    ...         },
    ...     )
    >>> found = cb.budget_scenarios({"base": budget(0.25), "high": budget(0.5)})
    >>> found.totals["total_usd"].tolist(), found.totals["difference_usd"].tolist()
    ([150000.0, 300000.0], [0.0, 150000.0])
    """
    _check(scenarios)
    _same(scenarios, "years", lambda each: each.horizon_years)
    _same(scenarios, "price_year", lambda each: next(iter(each.lines.values())).price_year)
    _same(scenarios, "basis", lambda each: next(iter(each.lines.values())).basis)
    results = {str(name): budget_impact(each) for name, each in scenarios.items()}
    return _side_by_side(results)


def _check(scenarios: object) -> None:
    if not isinstance(scenarios, Mapping) or not all(
        isinstance(name, str) and isinstance(each, BudgetInputs) for name, each in scenarios.items()
    ):
        raise ArgumentTypeError(
            "is not a mapping of names to BudgetInputs",
            where="scenarios",
            value=type(scenarios).__name__,
        )
    if len(scenarios) < 2:
        raise ArgumentError("holds fewer than two scenarios", where="scenarios")


def _same(
    scenarios: Mapping[str, BudgetInputs], what: str, value: Callable[[BudgetInputs], object]
) -> None:
    told = {str(name): value(each) for name, each in scenarios.items()}
    if len(set(told.values())) > 1:
        listed = ", ".join(f"{name} {found}" for name, found in told.items())
        raise ArgumentError(f"differ in {what}: {listed}", where="scenarios")


def _side_by_side(results: Mapping[str, BudgetImpact]) -> BudgetScenarios:
    every = list(results.values())
    count = len(every[0].impact_usd)

    def joined(name: str) -> FloatArray:
        return np.concatenate([each.by_year[name] for each in every])

    totals = np.array([each.total_usd for each in every])
    return BudgetScenarios(
        by_year=Columns(
            {
                "scenario": Text.of(name for name in results for _ in range(count)),
                "year": np.tile(np.arange(count) + 1, len(every)),
                "impact_usd": joined("impact_usd"),
                "impact_usd_per_member_month": joined("impact_usd_per_member_month"),
            }
        ),
        totals=Columns(
            {
                "scenario": Text.of(results),
                "total_usd": totals,
                "pmpm": np.array([np.nan if each.pmpm is None else each.pmpm for each in every]),
                "difference_usd": totals - totals[0],
            }
        ),
        base=next(iter(results)),
        results=dict(results),
        cautions=tuple(dict.fromkeys(told for each in every for told in each.cautions)),
    )
