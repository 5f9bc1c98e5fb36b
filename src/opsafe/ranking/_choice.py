"""The best set of things under whole-number limits: exact, or with a bound on what is missed.

Sets are built one thing at a time. A linear relaxation prices the limits; what a partial set loses
against these prices tells how good it can still become, and those that cannot become the best are
dropped, as are those that another beats in everything. All sums are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._choice_prices import Prices, Problem, priced

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Best", "Effort", "Problem", "StoppedBy", "best_choice"]

StoppedBy: TypeAlias = Literal["node limit", "time limit"]
Words: TypeAlias = npt.NDArray[np.uint64]

_BEAM: Final = 64  # partial sets that a first, quick pass keeps, for something to beat
_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a search may go on."""

    nodes: int = 20_000
    """Most partial sets kept at once; beyond it the answer has a bound and may not be the best."""
    seconds: float = 10.0
    """Time after which it goes on as quickly as it can."""


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The best set found, and what bounds any."""

    taken: BoolArray | None
    """None where no set was found."""
    value: int
    bound: int
    """No set has more; -1 where there is none at all."""
    stopped_by: StoppedBy | None


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """Partial sets, one a row."""

    used: IntArray
    value: IntArray
    size: IntArray
    lost: FloatArray
    mask: Words

    def pick(self, at: npt.NDArray[Any]) -> _Sets:
        return _Sets(self.used[at], self.value[at], self.size[at], self.lost[at], self.mask[at])


def best_choice(
    problem: Problem,
    effort: Effort,
    known: Sequence[BoolArray] = (),
    memory: list[FloatArray] | None = None,
) -> Best:
    """Find the set of the largest value; among equals the cheaper, the smaller, the preferred.

    Parameters
    ----------
    problem : Problem
        Values, uses and limits.
    effort : Effort
        How long it may go on.
    known : sequence of array of bool, optional
        Sets within the limits, which shorten the search.
    memory : list of array of float, optional
        Prices of the limits met before, for problems of the same limits; new ones are added.

    Notes
    -----
    With prices u >= 0 of the limits b, a set x has the value
    v x <= u b + sum of max(0, v(i) - u a(i)) - what x loses against these maxima, for any u.
    """
    end = monotonic() + effort.seconds
    sets = list(known)
    least = max((int(problem.values[each].sum()) for each in sets), default=-1)
    prices = priced(problem, least, memory)
    if not sets:
        quick = _search(problem, prices, -1, _BEAM, np.inf).taken
        sets = [] if quick is None else [quick]
        least = max((int(problem.values[each].sum()) for each in sets), default=-1)
    found = _search(problem, prices, least, effort.nodes, end)
    if found.value >= least:
        return found
    best = max(sets, key=lambda each: int(problem.values[each].sum()))  # the search was cut short
    is_proven = found.bound <= least
    return Best(best, least, max(found.bound, least), None if is_proven else found.stopped_by)


def _search(problem: Problem, prices: Prices, least: int, most: int, end: float) -> Best:
    """Build sets thing by thing, none of them worth less than ``least``."""
    beyond, fixed = prices.beyond, problem.fixed
    if least >= 0:  # things whose other way loses too much
        sure = (fixed < 0) & (np.abs(beyond) > prices.top - least)
        fixed = np.where(sure, beyond > 0, fixed)
    place = np.empty(len(beyond), np.int64)
    place[problem.order] = np.arange(len(beyond))
    # The clearest first: most of them have one way that can still lead to the best.
    free = np.flatnonzero(fixed < 0)
    things = free[np.argsort(-np.abs(beyond[free]), kind="stable")]
    low, high = (
        _to_come(np.minimum(problem.rows[things], 0)),
        _to_come(problem.rows[things].clip(0)),
    )
    sets = _within(_start(problem, fixed == 1, place), problem.limits, low[0])
    missed = -1
    stopped_by: StoppedBy | None = None
    for step, thing in enumerate(things.tolist(), 1):
        sets = _grown(sets, problem, float(beyond[thing]), thing, int(place[thing]))
        sets = _within(sets, problem.limits, low[step])
        sets = sets.pick(prices.top - sets.lost >= least)
        sets = _undominated(sets, problem.limits, high[step])
        is_late = monotonic() > end
        width = min(most, _BEAM) if is_late else most
        if len(sets.value) > width:
            order = np.lexsort((*_worth(sets), -sets.lost))
            missed = max(missed, int(prices.top - sets.lost[order[-width - 1]]))
            stopped_by = stopped_by or ("time limit" if is_late else "node limit")
            sets = sets.pick(np.sort(order[-width:]))
    if not len(sets.value):
        return Best(None, -1, missed, stopped_by)
    best = int(np.lexsort(_worth(sets))[-1])
    bits = sets.mask[best][place // _BITS] >> _shift(place)
    value = int(sets.value[best])
    return Best(
        taken=(bits & np.uint64(1)).astype(bool),
        value=value,
        bound=max(value, missed),
        stopped_by=stopped_by if missed > value else None,
    )


def _shift(place: IntArray) -> Words:
    return (_BITS - 1 - place % _BITS).astype(np.uint64)


def _to_come(rows: IntArray) -> IntArray:
    """Sums of the rows from each on, and of none."""
    sums = np.zeros((len(rows) + 1, rows.shape[1]), np.int64)
    sums[:-1] = rows[::-1].cumsum(axis=0)[::-1]
    return sums


def _start(problem: Problem, taken: BoolArray, place: IntArray) -> _Sets:
    mask = np.zeros((1, -(-len(place) // _BITS)), np.uint64)
    np.bitwise_or.at(
        mask[0], place[taken] // _BITS, np.left_shift(np.uint64(1), _shift(place[taken]))
    )
    return _Sets(
        used=problem.rows[taken].sum(axis=0, keepdims=True),
        value=np.array([problem.values[taken].sum()], np.int64),
        size=np.array([taken.sum()], np.int64),
        lost=np.zeros(1),
        mask=mask,
    )


def _grown(sets: _Sets, problem: Problem, beyond: float, thing: int, place: int) -> _Sets:
    """Each set without the thing, then each with it."""
    mask = sets.mask.copy()
    mask[:, place // _BITS] |= np.uint64(1 << (_BITS - 1 - place % _BITS))
    return _Sets(
        used=np.concatenate([sets.used, sets.used + problem.rows[thing]]),
        value=np.concatenate([sets.value, sets.value + problem.values[thing]]),
        size=np.concatenate([sets.size, sets.size + 1]),
        lost=np.concatenate([sets.lost + max(beyond, 0.0), sets.lost + max(-beyond, 0.0)]),
        mask=np.concatenate([sets.mask, mask]),
    )


def _within(sets: _Sets, limits: IntArray, low: IntArray) -> _Sets:
    """Those that things to come can still bring within the limits."""
    return sets.pick(np.all(sets.used + low <= limits, axis=1))


def _worth(sets: _Sets) -> tuple[npt.NDArray[Any], ...]:
    """Keys to sort by, the last first: more value, less cost, fewer things, preferred things."""
    return (*sets.mask.T[::-1], -sets.size, -sets.used[:, 0], sets.value)


def _undominated(sets: _Sets, limits: IntArray, high: IntArray) -> _Sets:
    """Those that no other beats in worth with as much room, where room still matters."""
    if len(sets.value) < 2:
        return sets
    room = np.minimum(limits - sets.used, high)
    order = np.lexsort(_worth(sets))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    active = np.flatnonzero((room != room[0]).any(axis=0))
    if not len(active):
        return sets.pick(order[-1:])
    along, others = room[:, active[0]], room[:, active[1:]]
    group = np.zeros(len(rank), np.int64)
    if others.shape[1]:
        group = np.unique(others, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    at = np.lexsort((-rank, -along, group))
    seen = rank[at] + group[at] * len(rank)
    return sets.pick(np.sort(at[seen == np.maximum.accumulate(seen)]))
