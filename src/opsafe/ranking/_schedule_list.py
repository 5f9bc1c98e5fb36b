"""Schedules by list: each initiative in turn at its earliest free quarter, and moves in the list.

Worth never rises with time, so that the best schedule is among those that lists give: the list of
its own starts gives it, or a better one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np

from opsafe._draws import uniforms
from opsafe.quantity import IntArray
from opsafe.ranking._schedule import LEFT_OUT, Instance, quick_wins_of, value_of

__all__ = ["by_list", "in_order_of", "searched"]

Standing: TypeAlias = tuple[int, int, float]
"""Must-do initiatives done, quick wins done in time (as many as asked), and value."""

_TIE: Final = 1e-12
_SWAPS: Final = 0.5  # share of the moves that change two initiatives for each other
_HEAT: Final = 0.05  # loss that a move may bring at first, in mean values of an initiative


def by_list(instance: Instance, order: list[int]) -> IntArray:
    """Place each initiative of a list, after what it waits for, where it first fits."""
    free = instance.capacity.tolist()
    lasts, uses, before = instance.lasts, instance.uses, instance.before
    openings = instance.openings
    starts = [LEFT_OUT] * len(lasts)
    is_tried = [False] * len(lasts)

    def place(at: int) -> None:
        if is_tried[at]:
            return
        is_tried[at] = True
        soonest = 0
        for each in before[at]:
            place(each)
            if starts[each] == LEFT_OUT:
                return
            soonest = max(soonest, starts[each] + lasts[each])
        for start in openings[at]:
            if start >= soonest and all(
                free[team][start + since] >= count for team, since, count in uses[at]
            ):
                for team, since, count in uses[at]:
                    free[team][start + since] -= count
                starts[at] = start
                return

    for at in order:
        if instance.useful[at]:
            place(at)
    return _without_idle(instance, np.array(starts, np.int64))


def _without_idle(instance: Instance, starts: IntArray) -> IntArray:
    """Leave out what adds nothing by itself, where nothing that is done waits for it.

    A quick win in the first quarter stays: it may be one of those that are asked for.
    """
    while True:
        awaited = {left for left, right in instance.after if starts[right] != LEFT_OUT}
        idle = [
            at
            for at in np.flatnonzero(starts != LEFT_OUT).tolist()
            if instance.worth[at, starts[at]] <= 0
            and not instance.must[at]
            and not (instance.first_wins[at] and starts[at] == 0)
            and at not in awaited
        ]
        if not idle:
            return starts
        starts[idle] = LEFT_OUT


def standing(instance: Instance, starts: IntArray) -> Standing:
    """How good a schedule is: what must be first, then what it is worth."""
    return (
        int((instance.must & (starts != LEFT_OUT)).sum()),
        min(quick_wins_of(instance, starts), instance.least_quick),
        value_of(instance, starts),
    )


def in_order_of(starts: IntArray) -> list[int]:
    """Order initiatives by their start, those left out last."""
    late = np.where(starts == LEFT_OUT, np.iinfo(np.int64).max, starts)
    return [int(at) for at in np.argsort(late, kind="stable")]


def searched(
    instance: Instance, orders: list[list[int]], moves: int, seed: int, run: int = 0
) -> IntArray:
    """Return the best schedule of some lists, of the rules of priority, and of random moves.

    A move takes one initiative of the list elsewhere, or changes two for each other. It stays
    unless the schedule is worse; a little worse is allowed at first, and less and less later
    (simulated annealing).

    Parameters
    ----------
    instance : Instance
        What is to be scheduled; at least one initiative.
    orders : list of lists
        Lists to begin with, besides the rules.
    moves : int
        Moves to try: a count and no clock, so that the answer repeats.
    seed, run : int
        Seed of the moves, and which search of those with the same seed it is.
    """
    tried = [
        (standing(instance, found), found, order)
        for order in (*orders, *_rules(instance))
        for found in [by_list(instance, order)]
    ]
    best, found, order = max(tried, key=lambda each: each[0])
    here, count = best, len(order)
    top = (int(instance.must.sum()), instance.least_quick, instance.ceiling * (1 - _TIE))
    drawn = uniforms(seed, f"moves of the roadmap {run}", 4 * moves).reshape(moves, 4)
    heat = _HEAT * best[2] / count
    for at, (source, target, kind, luck) in enumerate(drawn.tolist()):
        if best >= top:
            break
        moved = _moved(order, int(source * count), int(target * count), is_swap=kind < _SWAPS)
        other = by_list(instance, moved)
        now = standing(instance, other)
        cooled = heat * (1 - at / moves)
        if now >= here or luck < _chance(here, now, cooled):
            order, here = moved, now
        if now > best:
            best, found = now, other
    return found


def _chance(here: Standing, now: Standing, heat: float) -> float:
    """How likely a worse schedule is kept; never one that does less of what must be."""
    if heat <= 0 or now[:2] != here[:2]:
        return 0.0
    return math.exp((now[2] - here[2]) / heat)


def _moved(order: list[int], source: int, target: int, *, is_swap: bool) -> list[int]:
    moved = order.copy()
    if is_swap:
        moved[source], moved[target] = moved[target], moved[source]
    else:
        moved.insert(target, moved.pop(source))
    return moved


def _rules(instance: Instance) -> Iterator[list[int]]:
    """Orders by usual rules of priority; what must be, and quick wins, first in half of them."""
    worth = np.where(instance.fits, instance.worth, 0.0).max(axis=1, initial=0)
    supply = np.maximum(instance.capacity.sum(axis=1), 1)
    effort = np.array([float((each.sum(axis=0) / supply).sum()) for each in instance.demand])
    led = worth.copy()  # with what waits for it, directly or not
    efforts = effort + 1e-9
    for at in range(len(worth)):
        later = _later(instance, at)
        led[at] += worth[list(later)].sum()
    lasts = np.array(instance.lasts, np.float64)
    keys = (-worth / efforts, -worth, -led / efforts, -led, lasts, -worth / np.maximum(lasts, 1))
    urgent = np.where(instance.must, 0, np.where(instance.quick, 1, 2))
    for key in keys:
        if instance.least_quick or instance.must.any():
            yield np.lexsort((key, urgent)).tolist()
            yield np.lexsort((key, np.where(instance.quick, 0, urgent))).tolist()
        yield np.argsort(key, kind="stable").tolist()


def _later(instance: Instance, at: int) -> set[int]:
    found: set[int] = set()
    ahead = [at]
    while ahead:
        here = ahead.pop()
        for left, right in instance.after:
            if left == here and right not in found:
                found.add(right)
                ahead.append(right)
    return found
