"""What each point of a trace counts for each cycle: the within-cycle rule, cycle by cycle.

The weights of a whole run (:mod:`opsafe.costbenefit.within_cycle`) are their sums. Cycle by cycle
they tell what a month cost, and let a price change between two cycles and not in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.costbenefit.conventions import Conventions
from opsafe.costbenefit.discounting import discount_factors
from opsafe.costbenefit.within_cycle import WithinCycle
from opsafe.quantity import FloatArray

__all__ = ["Weights", "cycle_weights", "weights_of"]

# Integrals over each cycle of the straight line, parabola or cubic through the points around it.
_LINE: Final = ((0.5, 0.5),)
_START: Final = ((1.0, 0.0),)
_END: Final = ((0.0, 1.0),)
_PARABOLA: Final = ((5 / 12, 8 / 12, -1 / 12), (-1 / 12, 8 / 12, 5 / 12))
_CUBIC: Final = (
    (9 / 24, 19 / 24, -5 / 24, 1 / 24),
    (-1 / 24, 13 / 24, 13 / 24, -1 / 24),
    (1 / 24, -5 / 24, 19 / 24, 9 / 24),
)
_SINGLE: Final = {"half_cycle": _LINE, "life_table": _LINE, "start": _START, "end": _END}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of one stream of rewards, discounted at one rate."""

    points: FloatArray
    """Of each point of the trace, in cycles."""
    cycles: tuple[tuple[tuple[int, float], ...], ...]
    """Of each point, the cycles it counts for, with its weight in each."""
    moves: FloatArray
    """Of an amount on a move in each cycle."""
    moments: FloatArray
    """Of an amount at each point."""


def cycle_weights(cycles: int, rule: WithinCycle) -> list[list[tuple[int, float]]]:
    """Return, for each point of the trace, the cycles it counts for and its weight in each."""
    found: list[list[tuple[int, float]]] = [[] for _ in range(cycles + 1)]
    first = 0
    while first < cycles:
        panel = _panel(rule, cycles - first)
        for cycle, row in enumerate(panel, start=first):
            for point, weight in enumerate(row, start=first):
                if weight:
                    found[point].append((cycle, weight))
        first += len(panel)
    return found


def _panel(rule: WithinCycle, left: int) -> tuple[tuple[float, ...], ...]:
    """Cycles that are taken together: Simpson's rule takes two, and three at an odd end."""
    if rule != "simpson":
        return _SINGLE[rule]
    if left == 1:
        return _LINE
    return _CUBIC if left == 3 else _PARABOLA


def weights_of(conventions: Conventions, cycles: int, rate: float | None) -> Weights:
    """Return the weights of a run at a discount rate; none leaves amounts as they are."""
    middle = conventions.within_cycle == "life_table"
    at_points = _factors(conventions, np.arange(cycles + 1.0), rate)
    at_moves = _factors(conventions, np.arange(float(cycles)) + (0.5 if middle else 1.0), rate)
    split = cycle_weights(cycles, conventions.within_cycle)
    by_cycle = tuple(
        tuple((k, w * float(at_moves[k] if middle else at_points[j])) for k, w in pairs)
        for j, pairs in enumerate(split)
    )
    points = np.array([sum(weight for _, weight in pairs) for pairs in by_cycle])
    return Weights(points, by_cycle, at_moves, at_points)


def _factors(conventions: Conventions, cycles: FloatArray, rate: float | None) -> FloatArray:
    if rate is None:
        return np.ones(len(cycles))
    years = cycles / conventions.periods_per_year
    return discount_factors(rate, years, conventions.discounting, conventions.periods_per_year)
