"""The better of list schedules and an integer programme, with what is proved of it."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe.quantity import IntArray
from opsafe.ranking._schedule import Instance, broken, value_of
from opsafe.ranking._schedule_list import by_list, in_order_of, searched
from opsafe.ranking._schedule_programme import PROVEN, Ended, Searched, search

__all__ = ["Found", "FoundBy", "solve"]

FoundBy: TypeAlias = Literal["list schedule", "integer programme", "none"]

_HARDLY: Final = 1e-9  # a value that is larger by this share is no better schedule
# Moves are a count and no clock, so that the answer repeats.
_FIRST_MOVES: Final = 50  # of each initiative
_MOST_FIRST_MOVES: Final = 1_000
_RUNS: Final = 4  # where the programme proves nothing, half of them from its schedule
_MOVES: Final = 1_500


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule with its proof; without one, why."""

    starts: IntArray | None
    value: float
    floor: float | None
    """Value of the best list schedule; None where none was found that keeps all rules."""
    bound: float
    found_by: FoundBy
    ended: Ended
    is_infeasible: bool = False


@dataclass(slots=True)
class _Best:
    """The best schedule so far that breaks no rule, and the best that lists alone gave."""

    instance: Instance
    starts: IntArray | None = None
    value: float = -np.inf
    floor: float | None = None
    found_by: FoundBy = "none"

    def offer(self, starts: IntArray, found_by: FoundBy) -> None:
        """Take a schedule if it keeps every rule and is better."""
        if broken(self.instance, starts) is not None:
            return
        value = value_of(self.instance, starts)
        if found_by == "list schedule":
            self.floor = value if self.floor is None else max(self.floor, value)
        if value > self.value * (1 + _HARDLY if self.value > 0 else 1):
            self.starts, self.value, self.found_by = starts, value, found_by


def solve(instance: Instance, seconds: float, nodes: int, seed: int) -> Found:
    """Schedule by list, then by integer programme, and keep the better one that breaks no rule.

    The schedule of the programme is pulled to the left by its own list: that costs nothing and
    never lowers its worth. Where the programme does not prove it best, more lists are tried, for
    which time is kept. What is returned has passed the checker in whole numbers.
    """
    best, began = _Best(instance), monotonic()
    moves = min(_FIRST_MOVES * len(instance.demand), _MOST_FIRST_MOVES)
    best.offer(searched(instance, [], moves, seed), "list schedule")
    if best.value >= instance.ceiling * (1 - PROVEN):
        return _found(best, instance.ceiling, "proved")
    taken = monotonic() - began
    later = taken * _RUNS * _MOVES / moves
    programme = search(instance, max(seconds - taken - later, seconds / 2), nodes)
    _take(best, programme, seed)
    if best.starts is None:
        is_impossible = programme.bound == -np.inf
        bound = 0.0 if is_impossible else min(instance.ceiling, programme.bound)
        return Found(None, 0.0, None, bound, "none", programme.ended, is_impossible)
    if programme.bound == -np.inf:  # it found none, and there is one: it proves nothing
        return _found(best, instance.ceiling, "failed")
    return _found(best, min(instance.ceiling, programme.bound), programme.ended)


def _found(best: _Best, bound: float, ended: Ended) -> Found:
    bound = max(bound, best.value)  # the programme's tolerance may take it a little below
    return Found(best.starts, best.value, best.floor, bound, best.found_by, ended)


def _take(best: _Best, programme: Searched, seed: int) -> None:
    """Offer what the programme found, and what more lists give where it is not proved best."""
    orders = []
    if programme.starts is not None:
        orders.append(in_order_of(programme.starts))
        best.offer(by_list(best.instance, orders[0]), "integer programme")
        best.offer(programme.starts, "integer programme")
    if best.value >= programme.bound * (1 - PROVEN) or programme.bound == -np.inf:
        return
    for run in range(1, _RUNS + 1):
        of_programme = orders if run % 2 else []
        listed = searched(best.instance, of_programme, _MOVES, seed, run)
        best.offer(listed, "integer programme" if of_programme else "list schedule")
