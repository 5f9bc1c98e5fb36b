"""A schedule as tables: what is done when, what is left out and why, and how full the teams are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.quantity import BoolArray, DateArray, FloatArray, IntArray
from opsafe.ranking._amounts import FTE_COUNTS
from opsafe.ranking._schedule import LEFT_OUT, Instance, load_of
from opsafe.ranking._schedule_inputs import Asked
from opsafe.ranking._schedule_why import why_never

__all__ = ["Tables", "days_of", "in_order", "slack_of", "tables_of"]

_CALLER: Final = ("left out by the caller", "named in leave_out")
_WITHOUT: Final = ("no work given", "it has no row in work")
_IDLE: Final = ("adds nothing", "its impact is 0, and nothing that is done waits for it")
_NO_ROOM: Final = ("no room", "no quarters with enough capacity beside what is scheduled")
_MONTHS: Final = 3  # in a quarter


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The tables of a roadmap."""

    table: Columns
    left_out: Columns
    load: Columns
    binding: Columns


def in_order(instance: Instance, starts: IntArray) -> IntArray:
    """Places of what is scheduled: by start, then finish, then the order of the ranking."""
    done = np.flatnonzero(starts != LEFT_OUT)
    ends = starts + np.array(instance.lasts, np.int64)
    found: IntArray = done[np.lexsort((done, ends[done], starts[done]))]
    return found


def tables_of(asked: Asked, starts: IntArray | None) -> Tables:
    """Tell a schedule, or that there is none, in tables with the same columns."""
    nothing = np.full(len(asked.names), LEFT_OUT, np.int64)
    placed = nothing if starts is None else starts
    load = load_of(asked.instance, placed)
    return Tables(
        table=_table(asked, placed),
        left_out=_left_out(asked, placed, is_told=starts is not None),
        load=_load(asked, load),
        binding=_binding(asked, load),
    )


def _table(asked: Asked, starts: IntArray) -> Columns:
    instance, rows = asked.instance, in_order(asked.instance, starts)
    begin = starts[rows]
    end = begin + np.array(instance.lasts, np.int64)[rows]  # the quarter after
    worth = instance.worth[rows, begin]
    return Columns(
        {
            "initiative": Text.of(asked.names[at] for at in rows),
            "start_quarter": begin + 1,
            "finish_quarter": end,
            "start_date": days_of(asked.start, begin),
            "finish_date": days_of(asked.start, end) - np.timedelta64(1, "D"),
            "impact": asked.impact[rows],
            "value": worth,
            "value_lost_by_delay": _soonest_worth(instance)[rows] - worth,
            "must_do": instance.must[rows],
            "quick_win": asked.quick[rows],
            "slack_quarters": slack_of(instance, starts)[rows],
        }
    )


def _soonest_worth(instance: Instance) -> FloatArray:
    """Worth of each if it began as soon as it could alone, after what it waits for."""
    found: FloatArray = np.where(instance.fits, instance.worth, 0.0).max(axis=1, initial=0.0)
    return found


def slack_of(instance: Instance, starts: IntArray) -> IntArray:
    """Quarters that each can slip before it moves a successor, its deadline or the last finish.

    What it waits for counts, capacity does not.
    """
    ends = starts + np.array(instance.lasts, np.int64)
    is_done = starts != LEFT_OUT
    last = int(ends[is_done].max(initial=0))
    limit = np.minimum(last, instance.finish + 1)
    for sooner, later in instance.after:
        if is_done[later]:
            limit[sooner] = min(limit[sooner], starts[later])
    return np.where(is_done, limit - ends, 0)


def _left_out(asked: Asked, starts: IntArray, *, is_told: bool) -> Columns:
    """Each initiative that is not done, with a reason; without a schedule only the caller's."""
    rows: list[tuple[str, float, tuple[str, str]]] = [
        (name, np.nan, _WITHOUT if name in asked.without_work else _CALLER)
        for name in asked.left_out
    ]
    if is_told:
        rows += [
            (asked.names[at], float(asked.impact[at]), _reason(asked, starts, at))
            for at in np.flatnonzero(starts == LEFT_OUT).tolist()
        ]
    return Columns(
        {
            "initiative": Text.of(name for name, *_ in rows),
            "impact": np.array([impact for _, impact, _ in rows], np.float64),
            "reason": Text.of(code for *_, (code, _) in rows),
            "detail": Text.of(detail for *_, (_, detail) in rows),
        }
    )


def _reason(asked: Asked, starts: IntArray, at: int) -> tuple[str, str]:
    instance = asked.instance
    never = why_never(instance, at, asked.names, asked.teams)
    if never is not None:
        return "cannot be done", never
    if not instance.useful[at]:
        return _IDLE
    gone = [asked.names[each] for each in instance.before[at] if starts[each] == LEFT_OUT]
    if gone:
        return "predecessor left out", f"waits for {', '.join(gone)}"
    return _NO_ROOM if instance.worth[at].max() > 0 else _IDLE


def _load(asked: Asked, load: IntArray) -> Columns:
    teams, quarters = load.shape
    left = asked.instance.capacity - load
    return Columns(
        {
            "team": Text.of(_repeated(asked.teams, quarters)),
            "quarter": np.tile(np.arange(1, quarters + 1), teams),
            "used_fte": (load / FTE_COUNTS).ravel(),
            "capacity_fte": (asked.instance.capacity / FTE_COUNTS).ravel(),
            "left_fte": (left / FTE_COUNTS).ravel(),
            "is_full": (left <= 0).ravel(),
        }
    )


def _binding(asked: Asked, load: IntArray) -> Columns:
    """Teams by the quarters in which nothing of them is left."""
    capacity = asked.instance.capacity
    is_full: BoolArray = (load >= capacity) & (capacity > 0)
    total = capacity.sum(axis=1)
    full = is_full.sum(axis=1)
    order = np.lexsort((np.arange(len(full)), -load.sum(axis=1) / np.maximum(total, 1), -full))
    return Columns(
        {
            "team": Text.of(asked.teams[at] for at in order),
            "full_quarters": full[order],
            "share_used": (load.sum(axis=1) / np.maximum(total, 1))[order],
        }
    )


def _repeated(words: Sequence[str], times: int) -> Iterable[str]:
    return (word for word in words for _ in range(times))


def days_of(start: date | None, quarters: IntArray) -> DateArray:
    """First days of quarters counted from 0; not a date where the caller named no first month."""
    if start is None:
        return np.full(len(quarters), np.datetime64("NaT", "D"))
    first = np.datetime64(f"{start:%Y-%m}", "M")
    return (first + _MONTHS * quarters).astype("datetime64[D]")
