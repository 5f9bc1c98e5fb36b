"""Who is dominated, and by whom: costs and effects in, statuses and the frontier out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe.quantity import FloatArray, IntArray

__all__ = ["NOTHING", "TIE", "Dominance", "Status", "icer", "means"]

Status: TypeAlias = Literal["ND", "D", "ED", "EQ"]
"""Not dominated, strongly dominated, extendedly dominated, equal to an earlier strategy."""

TIE: Final = 1e-9
"""Numbers within this share of each other are one number."""

NOTHING: Final = 1e-90
"""An effect below it is none: cost divided by it would leave the floats."""


@dataclass(slots=True)
class Dominance:
    """What the comparison found: a status and a reason for each, and the frontier by cost."""

    status: list[Status]
    because: list[tuple[int, ...]]
    """The strategies that a dominated or equal one gives way to."""
    chain: list[int]

    @classmethod
    def of(cls, cost: FloatArray, effect: FloatArray) -> Dominance:
        found = cls(["ND"] * len(cost), [()] * len(cost), [])
        cost_rank, effect_rank = _ranks(cost), _ranks(effect)
        kept: dict[tuple[int, int], int] = {}
        for place, ranks in enumerate(zip(cost_rank.tolist(), effect_rank.tolist(), strict=True)):
            if ranks in kept:
                found._drop(place, "EQ", kept[ranks])
            else:
                kept[ranks] = place
        found._find_dominated(kept)
        found._find_extendedly_dominated(cost, effect)
        return found

    def _drop(self, place: int, status: Status, *because: int) -> None:
        self.status[place], self.because[place] = status, because

    def _find_dominated(self, kept: Mapping[tuple[int, int], int]) -> None:
        best, holder = -1, -1
        for (_, rank), place in sorted(kept.items(), key=lambda item: (item[0][0], -item[0][1])):
            if rank > best:
                best, holder = rank, place
                self.chain.append(place)
            else:
                self._drop(place, "D", holder)

    def _find_extendedly_dominated(self, cost: FloatArray, effect: FloatArray) -> None:
        undominated, hull = self.chain, [*self.chain[:1]]
        for place in undominated[1:]:
            while len(hull) > 1 and icer(cost, effect, hull[-2], hull[-1]) >= (1 - TIE) * icer(
                cost, effect, hull[-1], place
            ):
                hull.pop()
            hull.append(place)
        before, after = hull[0], dict(pairwise(hull))
        for place in undominated:
            if place in hull:
                before = place
            else:
                self._drop(place, "ED", before, after[before])
        self.chain = hull


def means(costs: FloatArray, effects: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean cost and mean effect of each strategy over its draws, as they are compared."""
    effect = effects.mean(axis=1)
    effect[np.abs(effect) < NOTHING] = 0.0
    return costs.mean(axis=1), effect


def _ranks(values: FloatArray) -> IntArray:
    """Ranks of numbers, those within the tolerance of the least of them being one number."""
    ranks, least, rank = np.zeros(len(values), np.int64), -np.inf, -1
    for place in np.argsort(values, kind="stable").tolist():
        value = float(values[place])
        if not value - least <= TIE * max(abs(value), abs(least)) or rank < 0:
            least, rank = value, rank + 1
        ranks[place] = rank
    return ranks


def icer(cost: FloatArray, effect: FloatArray, before: int, after: int) -> float:
    return float((cost[after] - cost[before]) / (effect[after] - effect[before]))
