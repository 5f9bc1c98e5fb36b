"""Models of opioid use disorder that are ready to run, with where each of their numbers is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.costbenefit.cohort_model import CohortModel, Strategy
from opsafe.costbenefit.conventions import Conventions
from opsafe.provenance import EditionUsed
from opsafe.uncertainty import Beta, Distribution, Gamma, LogNormal

__all__ = ["ReadyModel", "six_state_model"]

_NO_SOURCE: Final = "An example of ours: invented, of no study"


@dataclass(frozen=True, slots=True, eq=False)
class ReadyModel:
    """A model with its strategies, for :func:`opsafe.costbenefit.simulate`."""

    model: CohortModel
    strategies: Mapping[str, Strategy]
    """By name; the first is what the others are compared with."""
    inputs: Columns
    """A row for each number: value, unit, population, design, edition and source."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...] = field(repr=False, default=())

    def __repr__(self) -> str:
        return f"ReadyModel({len(self.model.states)} states; {', '.join(self.strategies)})"


# Parameter: distribution, unit, what it is. Means are printed in full, since results are known to
# all digits for them.
_SIX: Final[Mapping[str, tuple[Distribution, str, str]]] = MappingProxyType(
    {
        "p_start": (Beta(mean=0.05, sd=0.005), "a month", "untreated who start"),
        "p_stay_first": (Beta(mean=0.8, sd=0.04), "share", "starts who pass the first month"),
        "p_stop": (Beta(mean=0.11, sd=0.011), "a month", "on treatment who stop"),
        "p_remit": (Beta(mean=0.01, sd=0.001), "a month", "untreated who reach remission"),
        "p_relapse": (Beta(mean=0.03, sd=0.003), "a month", "in remission who relapse"),
        "p_leave": (Beta(mean=0.021, sd=0.002), "a month", "members who leave the plan"),
        "p_die": (Beta(mean=0.003, sd=0.0003), "a month", "untreated who die"),
        "ratio_die_on": (
            LogNormal(mean=0.4522556343867305, sd=0.045339104),
            "risk ratio",
            "deaths on treatment, against untreated",
        ),
        "ratio_die_first": (
            LogNormal(mean=0.8040100166875209, sd=0.080602852),
            "risk ratio",
            "deaths in the first month, against untreated",
        ),
        "p_die_remission": (Beta(mean=0.0005, sd=0.00005), "a month", "in remission who die"),
        "ratio_start_expand": (
            LogNormal(mean=1.6080200333750418, sd=0.161205703),
            "ratio",
            "starts with Expand, against Usual",
        ),
        "ratio_start_plus": (
            LogNormal(mean=2.2110275458906825, sd=0.221657842),
            "ratio",
            "starts with Expand plus, against Usual",
        ),
        "ratio_stop_plus": (
            LogNormal(mean=0.8010006252604981, sd=0.040075084),
            "ratio",
            "stops with Expand plus, against Usual",
        ),
        "cost_untreated": (Gamma(mean=2400, sd=240), "USD a month", "health care, untreated"),
        "cost_first": (Gamma(mean=1600, sd=160), "USD a month", "health care, first month"),
        "cost_on": (Gamma(mean=1100, sd=110), "USD a month", "health care, on treatment"),
        "cost_remission": (Gamma(mean=600, sd=60), "USD a month", "health care, in remission"),
        "cost_expand": (Gamma(mean=60, sd=6), "USD a month", "programme, Expand"),
        "cost_plus": (Gamma(mean=120, sd=12), "USD a month", "programme, Expand plus"),
        "utility_untreated": (Beta(mean=0.574, sd=0.019), "utility", "untreated, first month"),
        "utility_on": (Beta(mean=0.766, sd=0.0145), "utility", "on treatment"),
        "utility_remission": (Beta(mean=0.85, sd=0.02), "utility", "in remission"),
    }
)
# Of those who stop, so many are in remission; a part of the model's structure, not uncertain.
_STOP_WELL: Final = 0.3
_IN_PLAN: Final = ("untreated", "first month on treatment", "on treatment", "in remission")


def six_state_model(*, cycles: int = 60, conventions: Conventions | None = None) -> ReadyModel:
    """Return the example model: six states by month, three strategies, 22 uncertain numbers.

    Parameters
    ----------
    cycles : int, optional
        Months of the run.
    conventions : Conventions, optional
        Discounting and within-cycle rule; 3 % a year on costs and effects, and half-cycle weights,
        where nothing is said.

    Returns
    -------
    ReadyModel
        The model, and the strategies Usual, Expand and Expand plus.

    Raises
    ------
    DocumentError
        If the cycles are out of range, or the conventions have another cycle than a month.

    Notes
    -----
    States: untreated, first month on treatment, on treatment, in remission; left plan and dead are
    never left. Who dies does not leave the plan, and who does either makes no other move: with d
    the probability to die and l to leave, other moves are multiplied by (1 - d)(1 - l), and
    leaving has (1 - d) l. Of those who stop treatment 30 % are in remission. Costs and quality of
    life count while in the plan.

    It is an example to learn and to test with: its numbers are of no study.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> ready = cb.six_state_model()
    >>> list(ready.strategies)
    ['Usual', 'Expand', 'Expand plus']
    >>> run = cb.simulate(ready.model, ready.strategies)
    >>> [round(float(cost)) for cost in run.costs.mean(axis=1)]
    [55570, 53774, 52397]
    """
    model = CohortModel(
        states=(*_IN_PLAN, "left plan", "dead"),
        cycle="month",
        cycles=cycles,
        parameters={
            **{name: drawn for name, (drawn, _, _) in _SIX.items()},
            "ratio_start": 1.0,
            "ratio_stop": 1.0,
            "cost_programme": 0.0,
            "stay_untreated": "(1 - p_die) * (1 - p_leave)",
            "die_first": "p_die * ratio_die_first",
            "stay_first": "(1 - die_first) * (1 - p_leave)",
            "die_on": "p_die * ratio_die_on",
            "stay_on": "(1 - die_on) * (1 - p_leave)",
            "stop": "p_stop * ratio_stop",
            "stay_remission": "(1 - p_die_remission) * (1 - p_leave)",
        },
        transitions={
            "untreated": {
                "first month on treatment": "stay_untreated * p_start * ratio_start",
                "in remission": "stay_untreated * p_remit",
                "left plan": "(1 - p_die) * p_leave",
                "dead": "p_die",
                "untreated": "rest",
            },
            "first month on treatment": {
                "untreated": "stay_first * (1 - p_stay_first)",
                "on treatment": "rest",
                "left plan": "(1 - die_first) * p_leave",
                "dead": "die_first",
            },
            "on treatment": {
                "untreated": f"stay_on * stop * (1 - {_STOP_WELL})",
                "in remission": f"stay_on * stop * {_STOP_WELL}",
                "on treatment": "rest",
                "left plan": "(1 - die_on) * p_leave",
                "dead": "die_on",
            },
            "in remission": {
                "untreated": "stay_remission * p_relapse",
                "in remission": "rest",
                "left plan": "(1 - p_die_remission) * p_leave",
                "dead": "p_die_remission",
            },
        },
        costs={
            "health care": dict(
                zip(
                    _IN_PLAN,
                    ("cost_untreated", "cost_first", "cost_on", "cost_remission"),
                    strict=True,
                )
            ),
            "programme": dict.fromkeys(_IN_PLAN, "cost_programme"),
        },
        utilities={
            "untreated": "utility_untreated",
            "first month on treatment": "utility_untreated",
            "on treatment": "utility_on",
            "in remission": "utility_remission",
        },
        conventions=conventions
        or Conventions(discount_rate_costs=0.03, discount_rate_effects=0.03),
    )
    strategies = {
        "Usual": Strategy(),
        "Expand": Strategy(
            parameters={"ratio_start": "ratio_start_expand", "cost_programme": "cost_expand"}
        ),
        "Expand plus": Strategy(
            parameters={
                "ratio_start": "ratio_start_plus",
                "ratio_stop": "ratio_stop_plus",
                "cost_programme": "cost_plus",
            }
        ),
    }
    return ReadyModel(model, MappingProxyType(strategies), _six_inputs(), (f"{_NO_SOURCE}.",))


def _six_inputs() -> Columns:
    return Columns(
        {
            "parameter": Text.of(_SIX),
            "meaning": Text.of(meaning for _, _, meaning in _SIX.values()),
            "value": np.array([drawn.mean for drawn, _, _ in _SIX.values()]),
            "unit": Text.of(unit for _, unit, _ in _SIX.values()),
            "source": Text.of(_NO_SOURCE for _ in _SIX),
        }
    )
