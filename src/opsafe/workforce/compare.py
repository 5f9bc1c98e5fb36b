"""Scenarios side by side on the same draws: what each comes to, and its difference from a base."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_whole, read_word
from opsafe.columns import Column, Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.provenance import EditionUsed
from opsafe.quantity import BoolArray, FloatArray
from opsafe.uncertainty import Probability, probability
from opsafe.workforce import figures
from opsafe.workforce.plan import Plan
from opsafe.workforce.project import project
from opsafe.workforce.scenario import Scenario

__all__ = ["Compared", "Comparison", "compare"]

Compared: TypeAlias = Literal["treated", "gap", "share_met"]
"""What scenarios are compared by: more treated, a smaller gap or a larger share is better."""

_COMPARED: Final[tuple[Compared, ...]] = ("treated", "gap", "share_met")
_DUST: Final = 1e-9  # relative; sums of the same areas in another order differ by less


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scenarios by month, and how each differs from the base."""

    by_month: Columns
    """scenario, month, and the measures of :attr:`Plan.by_month` as median, low and high."""
    differences: Columns
    """scenario, month, and for treated, gap and share_met the scenario less the base, draw by
    draw: median, low and high, and the share of the draws in which the scenario is better. The
    base has no rows."""
    base: str
    plans: Mapping[str, Plan]
    """The plan of each scenario, for what binds, areas, inputs and hires."""
    start: date
    months: int
    draws: int | None
    seed: int | None
    level: float
    cautions: tuple[str, ...]
    """What a reader must know, of any of the scenarios."""
    editions: tuple[EditionUsed, ...]
    """The editions that answered in any of them."""
    _better: Mapping[str, Mapping[str, BoolArray]] = field(repr=False)

    def probability_better(
        self, scenario: str, by_month: int, measure: Compared = "share_met"
    ) -> Probability:
        """Return how likely a scenario is strictly better than the base at the end of a month.

        Parameters
        ----------
        scenario : str
            A scenario other than the base.
        by_month : int
            Month of the run, the first is 1.
        measure : {"treated", "gap", "share_met"}, optional
            What it is compared by.

        Returns
        -------
        Probability
            Share of the draws, with its standard error.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If there is no such scenario, month or measure.
        """
        better = self._better[read_word(scenario, "scenario", tuple(self._better))]
        month = read_whole(by_month, "by_month", 1, self.months)
        return probability(better[read_word(measure, "measure", tuple(_COMPARED))][month - 1])


def compare(
    scenarios: Mapping[str, Scenario],
    *,
    start: str | date,
    months: int,
    draws: int | None = None,
    seed: int | None = None,
    defaults: str | figures.Defaults = "2026-01",
    level: float = 0.8,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Run scenarios on the same draws and tell each one's difference from the first.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        Names and scenarios, two at least; the first is the base.
    start, months, draws, seed, defaults, level
        As of :func:`project`, for all of them.
    progress : callable, optional
        Called with (scenarios done, scenarios in all).

    Returns
    -------
    Comparison
        Tables by scenario and month; patients as counts, shares from 0 to 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range. Where figures of a scenario do not go together, ``where``
        names it.
    EditionNotFoundError
        If a scenario names an edition that does not exist.

    Notes
    -----
    Streams of random numbers have names: an input, an area's head, an area's hire. What two
    scenarios have in common goes by the same chance in both, so that the difference in a draw is
    of what was changed. An area of another name has chance of its own. Better is strictly better,
    by more than rounding: a scenario is never better than itself. Without draws the probability
    is 0 or 1.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> from opsafe.workforce.changes import with_hires
    >>> from opsafe.workforce.compare import compare
    >>> base = wf.example_scenario()
    >>> both = {"as it is": base, "hiring": with_hires(base, "north", 3)}
    >>> found = compare(both, start="2026-01", months=24)
    >>> round(float(found.differences["treated_median"][-1]))
    244
    >>> found.probability_better("hiring", 24).value
    1.0
    """
    _check(scenarios)
    question: dict[str, Any] = {
        "start": start,
        "months": months,
        "draws": draws,
        "seed": seed,
        "defaults": defaults,
        "level": level,
    }
    plans: dict[str, Plan] = {}
    for name, scenario in scenarios.items():
        plans[name] = _projected(name, scenario, question)
        if progress is not None:
            progress(len(plans), len(scenarios))
    base, *others = plans
    better = {name: _better(plans[name], plans[base]) for name in others}
    first = plans[base]
    return Comparison(
        by_month=_side_by_side(plans),
        differences=_differences(plans, base, better, first._question.level),
        base=base,
        plans=MappingProxyType(plans),
        start=first.start,
        months=first.months,
        draws=first.draws,
        seed=first.seed,
        level=first._question.level,
        cautions=tuple(dict.fromkeys(each for plan in plans.values() for each in plan.cautions)),
        editions=tuple({e.id: e for plan in plans.values() for e in plan.editions}.values()),
        _better=MappingProxyType(better),
    )


def _check(scenarios: object) -> None:
    if not isinstance(scenarios, Mapping):
        raise ArgumentTypeError(
            "is not a mapping of names to scenarios",
            where="scenarios",
            value=type(scenarios).__name__,
        )
    for name, scenario in scenarios.items():
        if not isinstance(name, str) or not name.strip():
            raise ArgumentTypeError("has a name that is no text", where="scenarios")
        if not isinstance(scenario, Scenario):
            raise ArgumentTypeError(
                "is not a Scenario", where=f"scenarios[{name!r}]", value=type(scenario).__name__
            )
    if len(scenarios) < 2:
        raise ArgumentError(
            f"holds {len(scenarios)}: a comparison needs two at least",
            where="scenarios",
            advice="The first is the base of the others",
        )


def _projected(name: str, scenario: Scenario, question: Mapping[str, Any]) -> Plan:
    """Project a scenario; what is wrong in it alone is told with its name."""
    try:
        return project(scenario, **question)
    except OpsafeError as error:
        if error.where not in question:
            error.where = f"scenarios[{name!r}].{error.where}"
        raise


def _draws_of(plan: Plan) -> dict[Compared, FloatArray]:
    return {"treated": plan._treated, "gap": plan._gap, "share_met": plan._share_met}


def _better(plan: Plan, base: Plan) -> dict[str, BoolArray]:
    """Whether a plan is strictly better, by measure; axes are month and draw."""
    found: dict[str, BoolArray] = {}
    for name, there in _draws_of(base).items():
        gained = _draws_of(plan)[name] - there
        found[name] = (-gained if name == "gap" else gained) > _DUST * np.maximum(there, 1)
    return found


def _side_by_side(plans: Mapping[str, Plan]) -> Columns:
    tables = [plan.by_month for plan in plans.values()]
    columns: dict[str, Column] = {"scenario": Text.of(plans).repeat(len(tables[0]))}
    for name in tables[0].keys():  # noqa: SIM118
        columns[name] = np.concatenate([table[name] for table in tables])
    return Columns(columns)


def _differences(
    plans: Mapping[str, Plan],
    base: str,
    better: Mapping[str, Mapping[str, BoolArray]],
    level: float,
) -> Columns:
    months = np.concatenate([plans[name].by_month["month"] for name in better])
    columns: dict[str, Column] = {
        "scenario": Text.of(better).repeat(plans[base].months),
        "month": months,
    }
    ends = [0.5, (1 - level) / 2, (1 + level) / 2]
    for measure, there in _draws_of(plans[base]).items():
        less = np.concatenate([_draws_of(plans[name])[measure] - there for name in better])
        spread = np.quantile(less, ends, axis=-1)
        columns |= {
            f"{measure}_{end}": row
            for end, row in zip(("median", "low", "high"), spread, strict=True)
        }
        columns[f"{measure}_probability_better"] = np.concatenate(
            [each[measure].mean(axis=-1) for each in better.values()]
        )
    return Columns(columns)
