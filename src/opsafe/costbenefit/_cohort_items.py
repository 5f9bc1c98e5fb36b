"""Every number of a cohort model with the place where it stands, and whether it may stand there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self, TypeAlias

from opsafe.costbenefit._cohort_fields import REST, WeibullDwell
from opsafe.costbenefit._cohort_names import BY_STAY, needs_of, split_move, unknown
from opsafe.survival import Retention

__all__ = ["Item", "Kind", "check_items", "check_no_age", "check_states"]

Kind: TypeAlias = Literal[
    "start",
    "transition",
    "cost",
    "move cost",
    "one-time cost",
    "utility",
    "move effect",
    "event",
    "move event",
    "new cases",
]
_FIELDS: Final[Mapping[str, tuple[Kind | None, Kind | None]]] = {
    "costs": ("cost", None),
    "transition_costs": (None, "move cost"),
    "events": ("event", "move event"),
    "utilities": ("utility", None),
    "transition_effects": (None, "move effect"),
    "new_cases": ("new cases", None),
}
_TOLERANCE: Final = 1e-9

Needs: TypeAlias = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Item:
    """A number or expression, and what it is for."""

    kind: Kind
    where: str
    value: float | str
    state: str = ""
    target: str = ""
    """Where a move or transition goes."""
    category: str = ""
    """Category of cost, or event."""
    cycle: int = 0
    """Of a one-time cost."""

    @classmethod
    def of(cls, field: str, where: str, value: float | str, key: str, category: str = "") -> Self:
        """Tell by its key whether it belongs to a state or to a move.

        Raises
        ------
        ValueError
            If it is the one where only the other may stand.
        """
        move = split_move(key)
        of_state, of_move = _FIELDS[field]
        kind = of_state if move is None else of_move
        if kind is None:
            wanted = "a move, such as 'off>on'" if of_state is None else "a state"
            raise ValueError(f"{where}: {key!r} must be {wanted}")
        state, target = (key, "") if move is None else move
        return cls(kind, where, value, state, target, category)


def check_states(
    states: Sequence[str],
    transitions: Mapping[str, Mapping[str, float | str]],
    dwell: Mapping[str, object],
) -> None:
    """Check that states are named once, and rows of numbers sum to one.

    Raises
    ------
    ValueError
        If not; the state and the sum are named.
    """
    doubled = sorted({state for state in states if states.count(state) > 1})
    if doubled:
        raise ValueError(f"states: {', '.join(doubled)} stands twice")
    for state in dwell:
        if state not in states:
            raise ValueError(f"dwell.{state}: {unknown('state', state, states)}")
        if state not in transitions:
            raise ValueError(f"dwell.{state}: nobody ever leaves {state}: it has no transitions")
    for state, row in transitions.items():
        if not row:
            raise ValueError(f"transitions.{state}: is empty; leave out a state without moves")
        rests = sum(value == REST for value in row.values())
        if rests > 1:
            raise ValueError(f"transitions.{state}: only one state can have the rest")
        numbers = [value for value in row.values() if not isinstance(value, str)]
        if len(numbers) == len(row) and abs(sum(numbers) - 1) > _TOLERANCE:
            raise ValueError(
                f"transitions.{state}: sums to {sum(numbers):.12g}, not to 1; one state of the row"
                f" may have {REST!r}"
            )


def check_items(
    items: Iterable[Item],
    states: Sequence[str],
    dwell: Mapping[str, object],
    known: Needs,
    tables: frozenset[str],
) -> None:
    """Check that states exist, and that expressions use what exists where they stand.

    Raises
    ------
    ValueError
        If not; the place is named.
    """
    for item in items:
        for state in (item.state, item.target):
            if state and state not in states:
                raise ValueError(f"{item.where}: {unknown('state', state, states)}")
        needs = _needs(item, known, tables)
        if item.kind == "start" and needs:
            raise ValueError(f"{item.where}: the start knows no {min(needs)}")
        if needs & BY_STAY:
            _check_stay(item, needs, dwell)
        is_share = item.kind in ("transition", "start") and not isinstance(item.value, str)
        if is_share and not 0 <= float(item.value) <= 1:
            raise ValueError(f"{item.where}: is {item.value:g}, not a probability from 0 to 1")
    for state, each in dwell.items():
        if isinstance(each, WeibullDwell):
            for name in ("scale_months", "shape"):
                where = f"dwell.{state}.{name}"
                if _needs(Item("start", where, getattr(each, name)), known, tables):
                    raise ValueError(f"{where}: is drawn once, so it can use parameters only")


def check_no_age(items: Iterable[Item], known: Needs, tables: frozenset[str]) -> None:
    """Check that no expression uses the age, where none is given.

    Raises
    ------
    ValueError
        If one does.
    """
    for item in items:
        if "age" in _needs(item, known, tables):
            raise ValueError(f"{item.where}: uses age, so start_age must be given")


def _needs(item: Item, known: Needs, tables: frozenset[str]) -> frozenset[str]:
    if item.value == REST and item.kind in ("start", "transition"):
        return frozenset()
    try:
        return needs_of(item.value, known, tables)
    except ValueError as error:
        raise ValueError(f"{item.where}: {error}") from None


def _check_stay(item: Item, needs: frozenset[str], dwell: Mapping[str, object]) -> None:
    name = max(needs & BY_STAY)
    if item.state not in dwell or item.kind == "new cases":
        told = f"dwell has no {item.state}" if item.state else "it is of no state"
        raise ValueError(f"{item.where}: uses {name}, but {told}")
    if "dwell_ends" in needs and not isinstance(dwell[item.state], WeibullDwell | Retention):
        raise ValueError(
            f"{item.where}: uses dwell_ends, but dwell.{item.state} is a number of cycles, not a"
            " curve"
        )
