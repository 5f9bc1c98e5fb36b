"""A model with a strategy put on it, made ready to run: places for names, needs of values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, Self, TypeAlias

from opsafe.costbenefit._cohort_fields import REST, WeibullDwell
from opsafe.costbenefit._cohort_items import Item, Kind
from opsafe.costbenefit._cohort_names import BY_CYCLE, BY_STAY, needs_of
from opsafe.costbenefit._periods import years_of
from opsafe.costbenefit.cohort_model import CohortModel
from opsafe.errors import ArgumentError
from opsafe.survival import Retention

__all__ = ["Amount", "Channel", "Columns", "Program", "Row", "program"]

Channel: TypeAlias = Literal["cost", "effect", "event"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of what is added up apart, the same for all strategies."""

    categories: tuple[str, ...]
    events: tuple[str, ...]

    @classmethod
    def of(cls, models: Iterable[CohortModel]) -> Self:
        """Collect the names, in order of their first appearance."""
        pairs = [(each.categories, each.events) for each in models]
        categories, events = (dict.fromkeys(chain(*names)) for names in zip(*pairs, strict=True))
        return cls(tuple(categories), tuple(events))

    def index(self, item: Item) -> int:
        """The column of an item."""
        names = self.events if item.kind in ("event", "move event") else self.categories
        return names.index(item.category) if item.category else 0


@dataclass(frozen=True, slots=True)
class Amount:
    """A value with where it stands, what it may be, and whether it moves with time."""

    value: float | str
    where: str
    by_cycle: bool
    by_stay: bool
    low: float = -math.inf
    high: float = math.inf
    factor: float = 1.0
    """Turns the value into one per cycle."""
    channel: Channel = "cost"
    column: int = 0
    """Category of cost, or event."""
    state: int = 0
    target: int = -1
    """Where a move goes; -1 if it is none."""
    cycle: int = 0
    """Of a one-time cost."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where people of a state go, but for the rest."""

    state: int
    name: str
    moves: tuple[Amount, ...]
    rest: int | None


@dataclass(frozen=True, slots=True)
class Program:
    """What one strategy runs on."""

    name: str
    model: CohortModel
    cycles: int
    start: Row
    rows: tuple[Row, ...]
    rewards: tuple[Amount, ...]
    once: tuple[Amount, ...]
    cases: tuple[Amount, ...]
    told: tuple[int, ...]
    """For each state how many cycles of a stay are told apart; 0 where time is not told."""


_CHANNELS: Final[Mapping[Kind, Channel]] = {
    "utility": "effect",
    "move effect": "effect",
    "event": "event",
    "move event": "event",
}
_REWARDS: Final[tuple[Kind, ...]] = (
    "cost",
    "move cost",
    "utility",
    "move effect",
    "event",
    "move event",
)


def program(name: str, model: CohortModel, cycles: int, columns: Columns) -> Program:
    """Make a model ready.

    Raises
    ------
    ArgumentError
        If a one-time cost lies beyond the last cycle, or an amount is on a move that there is not.
    """
    found: dict[Kind, list[Amount]] = {}
    rests: dict[str, int] = {}
    at = {state: place for place, state in enumerate(model.states)}
    factors = _factors(model)
    for item in model.items():
        _check(item, model, cycles)
        if item.value == REST and item.kind in ("start", "transition"):
            rests[item.state if item.target else ""] = at[item.target or item.state]
        else:
            found.setdefault(item.kind, []).append(
                _amount(item, model, columns, at, factors.get(item.kind, 1.0))
            )
    begin = found.get("start", [])
    if model.start is None:
        begin = [Amount(1.0, "start", by_cycle=False, by_stay=False, target=0)]
    moves: dict[int, list[Amount]] = {}
    for move in found.get("transition", []):
        moves.setdefault(move.state, []).append(move)
    return Program(
        name,
        model,
        cycles,
        Row(-1, "start", tuple(begin), rests.get("")),
        tuple(
            Row(at[each], f"transitions.{each}", tuple(moves.get(at[each], ())), rests.get(each))
            for each in model.transitions
        ),
        tuple(each for kind in _REWARDS for each in found.get(kind, [])),
        tuple(found.get("one-time cost", [])),
        tuple(found.get("new cases", [])),
        tuple(_told(model.dwell.get(state), cycles) for state in model.states),
    )


def _amount(
    item: Item, model: CohortModel, columns: Columns, at: Mapping[str, int], factor: float
) -> Amount:
    needs = needs_of(item.value, model.needs, model.tables)
    low, high = _limits(item, model)
    goal = item.state if item.kind == "start" else item.target
    return Amount(
        item.value,
        item.where,
        by_cycle=bool(needs & BY_CYCLE),
        by_stay=bool(needs & BY_STAY),
        low=low,
        high=high,
        factor=factor,
        channel=_CHANNELS.get(item.kind, "cost"),
        column=columns.index(item),
        state=at[item.state] if item.state else 0,
        target=at[goal] if goal else -1,
        cycle=item.cycle,
    )


def _limits(item: Item, model: CohortModel) -> tuple[float, float]:
    """What a value may be; a number of any sign where nothing is said."""
    if item.kind in ("start", "transition"):
        return 0.0, 1.0
    if item.kind == "utility":
        return -math.inf, 1.0
    is_cost = item.kind in ("cost", "move cost", "one-time cost")
    if item.kind == "move effect" or (is_cost and item.category in model.may_be_negative):
        return -math.inf, math.inf
    return 0.0, math.inf


def _factors(model: CohortModel) -> dict[Kind, float]:
    """What turns amounts of the document into those per cycle, where they are not."""
    ours = model.conventions
    found: dict[Kind, float] = {"utility": 1 / ours.periods_per_year}
    if model.costs_per != "cycle":
        years = float(years_of(model.costs_per, "", ours.weeks_per_year))
        found["cost"] = 1 / (ours.periods_per_year * years)
    return found


def _check(item: Item, model: CohortModel, cycles: int) -> None:
    if item.kind == "one-time cost" and item.cycle >= cycles:
        raise ArgumentError(
            f"lies beyond the last of {cycles} cycles, which is {cycles - 1}", where=item.where
        )
    is_reward = item.kind in ("move cost", "move effect", "move event")
    if is_reward and item.target not in model.transitions.get(item.state, ()):
        raise ArgumentError(
            f"there is no transition from {item.state} to {item.target}", where=item.where
        )


def _told(dwell: object, cycles: int) -> int:
    """Cycles of a stay that are told apart: no stay is longer than the run."""
    if dwell is None:
        return 0
    if isinstance(dwell, Retention):
        return cycles + 1
    told = dwell.cycles if isinstance(dwell, WeibullDwell) else dwell
    assert told is None or isinstance(told, int)
    return cycles + 1 if told is None else min(told, cycles + 1)
