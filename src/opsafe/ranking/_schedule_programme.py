"""A schedule as an integer programme over starts by quarter, and HiGHS' search with its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._schedule import LEFT_OUT, Instance

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["PROVEN", "Ended", "Searched", "search"]

Ended: TypeAlias = Literal["proved", "node limit", "time limit", "failed"]

PROVEN: Final = 1e-6
"""A gap of this much is none: it is what the solver's own tolerances leave."""
_GAP: Final = PROVEN / 10
_OPTIMAL, _STOPPED, _INFEASIBLE = 0, 1, 2  # SciPy's numbers


@dataclass(frozen=True, slots=True)
class Searched:
    """What HiGHS found."""

    starts: IntArray | None
    bound: float
    """Infinite where nothing is proved, and minus infinity where there is no schedule."""
    ended: Ended


class _Rows:
    """Rows of low <= A x <= high, as they are written."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: dict[int, float], low: float, high: float) -> None:
        row = len(self.low)
        self.entries += [(row, column, value) for column, value in terms.items()]
        self.low.append(low)
        self.high.append(high)

    def matrix(self, columns: int) -> csr_array:
        from scipy.sparse import csr_array

        # SciPy before 1.14 hands the indices to HiGHS as they are, which takes 32 bits.
        places = np.array([(row, column) for row, column, _ in self.entries], np.int32)
        values = np.array([value for *_, value in self.entries], np.float64)
        where = (places[:, 0], places[:, 1]) if len(places) else (places, places)
        return csr_array((values, where), shape=(len(self.low), columns))


def search(instance: Instance, seconds: float, nodes: int) -> Searched:
    """Let HiGHS choose one start, or none, for each initiative, and say what it proved.

    Notes
    -----
    With x(i, t) = 1 if initiative i starts in quarter t::

        maximise    sum of worth(i, t) x(i, t)
        subject to  sum over t of x(i, t) <= 1, and = 1 where it must be done
                    sum over s <= t of x(j, s) <= sum over s <= t - lasts(i) of x(i, s)
                        for each j that waits for i, and each quarter t
                    sum of the work at hand <= capacity, for each team and quarter
                    sum of x(i, 0) over the quick wins of one quarter >= the number asked for
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    starts = np.argwhere(instance.fits & instance.useful[:, None])
    if not len(starts):
        empty = instance.must.any() or instance.least_quick > 0
        none = None if empty else np.full(len(instance.demand), LEFT_OUT, np.int64)
        return Searched(none, -np.inf if empty else 0.0, "proved")
    column = {(at, start): place for place, (at, start) in enumerate(starts.tolist())}
    rows = _rows(instance, column)
    cost = -instance.worth[starts[:, 0], starts[:, 1]]
    found = milp(
        cost,
        integrality=np.ones(len(starts), np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            rows.matrix(len(starts)), np.array(rows.low), np.array(rows.high)
        ),
        options={"time_limit": seconds, "node_limit": nodes, "mip_rel_gap": _GAP},
    )
    if found.status == _INFEASIBLE:
        return Searched(None, -np.inf, "proved")
    dual = found.mip_dual_bound
    bound = -float(dual) if dual is not None and np.isfinite(dual) else np.inf
    return Searched(
        starts=None if found.x is None else _starts(instance, starts, found.x),
        bound=bound,
        ended=_ended(found.status, found.mip_node_count, nodes),
    )


def _ended(status: int, visited: int | None, nodes: int) -> Ended:
    """SciPy has no status of its own for HiGHS' node limit."""
    if status == _OPTIMAL:
        return "proved"
    if visited is not None and visited >= nodes:
        return "node limit"
    return "time limit" if status == _STOPPED else "failed"


def _starts(instance: Instance, places: IntArray, found: FloatArray) -> IntArray:
    starts = np.full(len(instance.demand), LEFT_OUT, np.int64)
    chosen = places[found > 0.5]
    starts[chosen[:, 0]] = chosen[:, 1]
    return starts


def _rows(instance: Instance, column: dict[tuple[int, int], int]) -> _Rows:
    rows = _Rows()
    quarters = instance.capacity.shape[1]
    own: list[list[int]] = [
        [start for start in range(quarters) if (at, start) in column]
        for at in range(len(instance.demand))
    ]
    for at, mine in enumerate(own):
        if mine or instance.must[at]:
            rows.add({column[at, start]: 1.0 for start in mine}, float(instance.must[at]), 1.0)
    for left, right in instance.after:
        for start in own[right]:  # between its starts the row says no more
            terms = {column[right, each]: 1.0 for each in own[right] if each <= start}
            done = start - instance.lasts[left]
            terms |= {column[left, each]: -1.0 for each in own[left] if each <= done}
            rows.add(terms, -np.inf, 0.0)
    _capacity_rows(instance, own, column, rows)
    if instance.least_quick:
        quick = [column[at, 0] for at in np.flatnonzero(instance.first_wins).tolist()]
        rows.add(dict.fromkeys(quick, 1.0), float(instance.least_quick), np.inf)
    return rows


def _capacity_rows(
    instance: Instance, own: list[list[int]], column: dict[tuple[int, int], int], rows: _Rows
) -> None:
    work: dict[tuple[int, int], dict[int, int]] = {}
    for at, mine in enumerate(own):
        for start in mine:
            for team, since, count in instance.uses[at]:
                here = work.setdefault((team, start + since), {})
                here[column[at, start]] = count
    for (team, quarter), terms in sorted(work.items()):
        capacity = int(instance.capacity[team, quarter])
        most: dict[int, int] = {}
        for at, mine in enumerate(own):
            most[at] = max((terms.get(column[at, start], 0) for start in mine), default=0)
        if sum(most.values()) <= capacity:
            continue  # all together have room
        unit = int(np.gcd.reduce(list(terms.values())))  # whole numbers, as small as can be
        whole = {place: float(count // unit) for place, count in terms.items()}
        rows.add(whole, -np.inf, float(capacity // unit))
