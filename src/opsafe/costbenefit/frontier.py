"""Which strategies are worth their money: dominance, ties, and cost for each unit gained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_number
from opsafe.columns import Columns, Text
from opsafe.costbenefit._bootstrap import RESAMPLES, read_resamples, resampled
from opsafe.costbenefit._dominance import NOTHING, Dominance, Status, icer, means
from opsafe.costbenefit._reading import read_array
from opsafe.costbenefit.outcomes import (
    MOST_THRESHOLD,
    Outcomes,
    Simulated,
    read_names,
    read_outcomes,
)
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.uncertainty import read_seed

__all__ = ["Frontier", "Status", "frontier"]

Amounts: TypeAlias = "Simulated | Mapping[str, npt.ArrayLike] | npt.ArrayLike"

_RULE: Final = (
    "Costs, effects and ICERs within a relative 1e-9 count as one number. Of strategies with equal"
    " cost and effect the first in input order stays, and the others are EQ. A strategy is ED where"
    " its ICER is at or above that of the next."
)


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """The strategies by mean cost, with what each step along the frontier costs."""

    strategies: tuple[str, ...]
    """In input order."""
    status: Mapping[str, Status]
    """ND not dominated, D strongly dominated, ED extendedly dominated, EQ equal to an earlier."""
    on_frontier: tuple[str, ...]
    """Those not dominated, by rising cost and effect."""
    icers: Mapping[str, float]
    """USD for one unit of effect more than with the one before; not for the first."""
    table: Columns
    """A row for each strategy by rising cost: its status and why, and its step if it has one."""
    tie_rule: str
    """What counted as equal."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    _costs: FloatArray
    _effects: FloatArray

    def best_at(self, threshold: float) -> str:
        """Return the strategy with the highest mean net benefit at a threshold.

        Parameters
        ----------
        threshold : float
            USD that one unit of effect is worth, 0 or more.

        Returns
        -------
        str
            Its name; of equals the first along the frontier.
        """
        value = read_number(threshold, "threshold", 0, MOST_THRESHOLD)
        place = [self.strategies.index(name) for name in self.on_frontier]
        gains = value * self._effects[place] - self._costs[place]
        return self.on_frontier[int(np.argmax(gains))]


def frontier(
    costs: Amounts,
    effects: Mapping[str, npt.ArrayLike] | npt.ArrayLike | None = None,
    strategies: Sequence[str] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Frontier:
    """Compare strategies by mean cost and mean effect.

    Parameters
    ----------
    costs : Run, Outcomes, mapping or array_like
        The run of a model, alone; or the cost of each strategy in USD, by name or as an array of
        shape (strategies,), or (strategies, draws) if draws were made.
    effects : mapping or array_like, optional
        Effect of each strategy, in the form of the costs; more is better.
    strategies : sequence of str, optional
        Names, where costs are an array; "strategy 1" and so on without.
    resamples : int, optional
        Resamples of the draws for the standard errors, 20 or more.
    seed : int, optional
        Seed of the resamples.

    Returns
    -------
    Frontier
        Status of each strategy and, along the frontier, USD for one more unit of effect.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If costs and effects do not go together, or hold anything but finite numbers.

    Notes
    -----
    A strategy is strongly dominated (D) where another costs no more and does no less, and
    extendedly dominated (ED) where its ICER, (C - C') / (E - E') against the one before it, is at
    or above the next one's: a mix of its neighbours does as much for no more. What counts as equal
    is printed in ``tie_rule``. The standard error of an ICER is its spread over resamples of the
    draws; it is missing where in some of them the step gains nothing.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.frontier(
    ...     {"UC": 5000, "A": 12000, "B": 10000, "C": 25000, "D": 35000},
    ...     {"UC": 1, "A": 1.5, "B": 2, "C": 3, "D": 4},
    ... )
    >>> dict(found.status)
    {'UC': 'ND', 'A': 'D', 'B': 'ND', 'C': 'ED', 'D': 'ND'}
    >>> dict(found.icers)
    {'B': 5000.0, 'D': 12500.0}
    """
    names, cost_draws, effect_draws = _read(costs, effects, strategies)
    number, root = read_resamples(resamples), read_seed(seed)
    cost, effect = means(cost_draws, effect_draws)
    order = Dominance.of(cost, effect)
    steps = list(pairwise(order.chain))
    icers = np.array([icer(cost, effect, *step) for step in steps])
    errors = np.full(len(steps), np.nan)
    cautions: tuple[str, ...] = ()
    if cost_draws.shape[1] > 1 and steps:
        errors = _standard_errors(cost_draws, effect_draws, steps, number, root)
        cautions = _cautions(names, steps, errors)
    return Frontier(
        strategies=names,
        status=MappingProxyType(dict(zip(names, order.status, strict=True))),
        on_frontier=tuple(names[place] for place in order.chain),
        icers=MappingProxyType(
            {names[later]: float(each) for (_, later), each in zip(steps, icers, strict=True)}
        ),
        table=_tabulated(names, cost, effect, order, icers, errors),
        tie_rule=_RULE,
        cautions=cautions,
        _costs=cost,
        _effects=effect,
    )


def _standard_errors(
    costs: FloatArray,
    effects: FloatArray,
    steps: list[tuple[int, int]],
    resamples: int,
    seed: int,
) -> FloatArray:
    before, after = (list(side) for side in zip(*steps, strict=True))
    more_cost, more_effect = costs[after] - costs[before], effects[after] - effects[before]
    again = np.array(
        [
            (more_cost @ weights, more_effect @ weights)
            for weights in resampled(seed, costs.shape[1], resamples)
        ]
    )
    gains = (again[:, 1] > NOTHING).all(axis=0)
    errors = np.full(len(steps), np.nan)
    errors[gains] = (again[:, 0, gains] / again[:, 1, gains]).std(axis=0, ddof=1)
    return errors


def _cautions(
    names: tuple[str, ...], steps: list[tuple[int, int]], errors: FloatArray
) -> tuple[str, ...]:
    return tuple(
        f"The gain of {names[after]} over {names[before]} vanishes in some resamples of the draws:"
        " its ICER has no standard error. Use more draws, or read the acceptability curve."
        for (before, after), error in zip(steps, errors, strict=True)
        if np.isnan(error)
    )


def _tabulated(
    names: tuple[str, ...],
    cost: FloatArray,
    effect: FloatArray,
    order: Dominance,
    icers: FloatArray,
    errors: FloatArray,
) -> Columns:
    before = dict(zip(order.chain[1:], order.chain[:-1], strict=True))
    step = {place: number for number, place in enumerate(order.chain[1:])}
    rows = np.argsort(cost, kind="stable").tolist()
    against = [before.get(place, -1) for place in rows]

    def along(values: FloatArray) -> FloatArray:
        return np.array([values[step[place]] if place in step else np.nan for place in rows])

    def increment(values: FloatArray) -> FloatArray:
        return np.where(np.array(against) < 0, np.nan, values[rows] - values[against])

    return Columns(
        {
            "strategy": Text.of(names[place] for place in rows),
            "status": Text.of(order.status[place] for place in rows),
            "cost_usd": cost[rows],
            "effect": effect[rows],
            "compared_with": Text(np.array(against, np.int64), names),
            "incremental_cost_usd": increment(cost),
            "incremental_effect": increment(effect),
            "icer_usd_per_effect": along(icers),
            "icer_standard_error": along(errors),
            "reason": Text.of(_reason(names, order, place) for place in rows),
        }
    )


def _reason(names: tuple[str, ...], order: Dominance, place: int) -> str:
    told = [names[each] for each in order.because[place]]
    if order.status[place] == "EQ":
        return f"same cost and effect as {told[0]}"
    if order.status[place] == "D":
        return f"{told[0]} costs no more and does no less"
    if order.status[place] == "ED":
        return f"a mix of {told[0]} and {told[1]} does as much for no more"
    return "cheapest of the frontier" if place == order.chain[0] else "next step of the frontier"


def _read(
    costs: Any, effects: Any, strategies: Any
) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Names, and costs and effects by strategy and draw; one draw where there were none."""
    if effects is None:
        if strategies is not None or not hasattr(costs, "strategies"):
            raise ArgumentTypeError("is missing", where="effects", advice="Give it, or a run alone")
        run = read_outcomes(costs)
        return run.strategies, run.costs, run.effects
    names: tuple[str, ...] | None = None
    if isinstance(costs, Mapping) or isinstance(effects, Mapping):
        names = _shared_names(costs, effects, strategies)
        costs, effects = ([side[name] for name in names] for side in (costs, effects))
    elif strategies is not None:
        names = read_names(strategies)
    cost, effect = (
        read_array(side, where, -np.inf, np.inf)
        for side, where in ((costs, "costs"), (effects, "effects"))
    )
    if cost.shape != effect.shape or cost.ndim not in (1, 2):
        raise ArgumentError(
            f"has the shape {effect.shape}, and costs have {cost.shape}",
            where="effects",
            advice="Give both as (strategies,) or (strategies, draws)",
        )
    if names is None:
        names = tuple(f"strategy {number}" for number in range(1, len(cost) + 1))
    rows = (cost[:, None], effect[:, None]) if cost.ndim == 1 else (cost, effect)
    checked = Outcomes(names, *rows)
    return checked.strategies, checked.costs, checked.effects


def _shared_names(costs: Any, effects: Any, strategies: Any) -> tuple[str, ...]:
    for side, where in ((costs, "costs"), (effects, "effects")):
        if not isinstance(side, Mapping):
            raise ArgumentTypeError(
                "is not a mapping, as the other is", where=where, value=type(side).__name__
            )
    if strategies is not None:
        raise ArgumentError("is given by the names of costs", where="strategies")
    apart = [name for name in [*costs, *effects] if name not in costs or name not in effects]
    if apart:
        raise ArgumentError(
            f"has not the strategies of costs: {apart[0]!r} is in one of them only", where="effects"
        )
    return read_names(list(costs))
