"""What a cohort model came to: totals by strategy and draw, and more where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.costbenefit.conventions import Conventions
from opsafe.quantity import FloatArray

__all__ = ["Run"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Results of a simulation; arrays cannot be written to.

    Its costs, effects, strategies and parameters are what the functions on decisions and on the
    value of information take.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> model = cb.CohortModel(
    ...     states=["alive", "dead"],
    ...     cycle="year",
    ...     cycles=2,
    ...     transitions={"alive": {"dead": 0.5, "alive": "rest"}},
    ...     costs={"care": {"alive": 100}},
    ...     utilities={"alive": 1},
    ... )
    >>> run = cb.simulate(model)
    >>> float(run.costs[0, 0]), float(run.effects[0, 0])  # 1/2 + 1/2 + 1/8 of a year
    (112.5, 1.125)
    """

    strategies: tuple[str, ...]
    """Names in the order given."""
    states: tuple[str, ...]
    """Names of the states."""
    categories: tuple[str, ...]
    """Categories of cost."""
    event_names: tuple[str, ...]
    """What is counted."""
    costs: FloatArray
    """USD of the whole cohort, discounted as the conventions say; shape (strategies, draws)."""
    effects: FloatArray
    """Quality-adjusted years of the whole cohort, discounted likewise; (strategies, draws)."""
    events: FloatArray
    """Events counted, not discounted; shape (strategies, events, draws)."""
    at_end: FloatArray
    """People by state at the end; shape (strategies, states, draws)."""
    parameters: Mapping[str, FloatArray]
    """Draws of every parameter that is uncertain; (draws,) each."""
    conventions: Conventions
    """Cycle, discounting and within-cycle rule."""
    used: UsedInputs
    """Inputs with where they come from, and cautions."""
    cycles: int
    """Cycles that were run."""
    draws: int
    """Draws; 0 where every parameter stood at its mean."""
    seed: int | None
    """Seed of the draws; None without any."""
    by_category: FloatArray | None = None
    """Costs by category, discounted; shape (strategies, categories, draws)."""
    by_month: FloatArray | None = None
    """Costs of each cycle, discounted: (strategies, categories, cycles, draws)."""
    by_month_undiscounted: FloatArray | None = None
    """The same, not discounted."""
    trace: FloatArray | None = None
    """People by state at each point of the trace: (strategies, cycles + 1, states, draws)."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know."""
        return tuple(self.used.cautions)

    @property
    def inputs(self) -> Columns:
        """Every input with its value, origin and source."""
        return self.used.table()

    @property
    def table(self) -> Columns:
        """Means by strategy, each with the standard error that comes from the number of draws.

        Without draws there is no standard error; one draw has none either.
        """
        columns: dict[str, FloatArray | Text] = {"strategy": Text.of(self.strategies)}
        amounts = [("cost_usd", self.costs), ("effect_qaly", self.effects)]
        amounts += [(name, self.events[:, n]) for n, name in enumerate(self.event_names)]
        for name, values in amounts:
            columns[name] = values.mean(axis=1)
            columns[f"{name}_standard_error"] = _standard_error(values)
        return Columns(columns)

    @property
    def months(self) -> Columns | None:
        """Mean costs by strategy, category and cycle; None unless months were kept."""
        if self.by_month is None or self.by_month_undiscounted is None:
            return None
        shape = self.by_month.shape[:3]
        strategy, category, cycle = (each.ravel() for each in np.indices(shape))
        return Columns(
            {
                "strategy": Text(strategy, self.strategies),
                "category": Text(category, self.categories),
                "cycle": cycle,
                "cost_usd": self.by_month_undiscounted.mean(axis=-1).ravel(),
                "discounted_cost_usd": self.by_month.mean(axis=-1).ravel(),
            }
        )


def _standard_error(values: FloatArray) -> FloatArray:
    draws = values.shape[1]
    if draws < 2:
        return np.full(len(values), np.nan)
    return np.asarray(values.std(axis=1, ddof=1) / np.sqrt(draws), np.float64)
