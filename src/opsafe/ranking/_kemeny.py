"""The order with the fewest disagreements: exact for knots of up to twelve items, else bounded.

``costs[i, j]`` is what placing i before j costs, in half pairs: 2 for each rater with j before i,
1 for each with a tie. Where all of one set beat all of another by majority, every best order keeps
them apart (the extended Condorcet criterion), so that only knots of items that beat each other in
circles, or tie, are searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from opsafe.quantity import FloatArray, IntArray

__all__ = ["MOST_EXACT", "Searched", "search"]

MOST_EXACT: Final = 12
"""Items of the largest knot that is solved exactly."""
_ROUNDS: Final = 60
_CUTS: Final = 5_000  # rows that one round may add
_VIOLATED: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Searched:
    """A best order of items, or the best one found."""

    order: tuple[int, ...]
    cost: int
    bound: int
    """No order costs less."""
    orders: int | None
    """How many orders cost as little; None where they were not counted."""
    first: IntArray
    last: IntArray
    """Places of each item over all orders of that cost, or in this one."""


def search(costs: IntArray) -> Searched:
    """Find the cheapest order: knot by knot, and within a knot the first item first."""
    count = len(costs)
    order: list[int] = []
    first, last = np.zeros(count, np.int64), np.zeros(count, np.int64)
    cost = bound = 0
    orders: int | None = 1
    for knot in _knots(costs):
        part = costs[np.ix_(knot, knot)]
        found = _exact(part) if len(knot) <= MOST_EXACT else _bounded(part)
        outside = int(costs[np.ix_(order, knot)].sum())
        first[knot], last[knot] = found.first + len(order), found.last + len(order)
        order += [knot[place] for place in found.order]
        cost, bound = cost + found.cost + outside, bound + found.bound + outside
        orders = None if orders is None or found.orders is None else orders * found.orders
    return Searched(tuple(order), cost, bound, orders, first, last)


def _knots(costs: IntArray) -> list[list[int]]:
    """Items that beat or tie each other in circles, the strongest knot first."""
    reaches = costs <= costs.T  # i before j costs no more than j before i; true of i itself
    for middle in range(len(costs)):
        reaches |= reaches[:, middle : middle + 1] & reaches[middle]
    strength = reaches.sum(axis=1)
    return [
        np.flatnonzero(strength == each).tolist() for each in np.unique(strength)[::-1].tolist()
    ]


def _exact(costs: IntArray) -> Searched:
    """Go through all sets of items that may come first (Held and Karp's recursion)."""
    count = len(costs)
    whole = (1 << count) - 1
    # by set of those behind: what placing an item before all of them costs
    ahead = np.zeros((count, whole + 1), np.int64)
    sets = np.arange(whole + 1)
    for other in range(count):
        ahead += np.where(sets >> other & 1, costs[:, other : other + 1], 0)
    cheapest = np.full(whole + 1, np.iinfo(np.int64).max)
    ways: list[int] = [0] * (whole + 1)  # whole numbers without end: 12 ties have 12! orders
    cheapest[0], ways[0] = 0, 1
    for members in range(1, whole + 1):  # cheapest order of the items in a set
        options = [
            (int(cheapest[rest] + ahead[item, rest]), rest)
            for item in range(count)
            if members >> item & 1
            for rest in (members ^ 1 << item,)
        ]
        least = min(options)[0]
        cheapest[members] = least
        ways[members] = sum(ways[rest] for option, rest in options if option == least)
    first, last = _places(cheapest, ahead)
    order: list[int] = []
    left = whole
    while left:
        item = next(
            each
            for each in range(count)
            if left >> each & 1
            and cheapest[left ^ 1 << each] + ahead[each, left ^ 1 << each] == cheapest[left]
        )
        order.append(item)
        left ^= 1 << item
    cost = int(cheapest[whole])
    return Searched(tuple(order), cost, cost, ways[whole], first, last)


def _places(cheapest: IntArray, ahead: IntArray) -> tuple[IntArray, IntArray]:
    """First and last place of each item over all cheapest orders."""
    count = len(ahead)
    first, last = np.full(count, count, np.int64), np.zeros(count, np.int64)
    level = {len(cheapest) - 1}
    for place in range(1, count + 1):
        following: set[int] = set()
        for left in level:
            for item in range(count):
                rest = left ^ 1 << item
                if left >> item & 1 and cheapest[rest] + ahead[item, rest] == cheapest[left]:
                    first[item], last[item] = min(first[item], place), max(last[item], place)
                    following.add(rest)
        level = following
    return first, last


def _bounded(costs: IntArray) -> Searched:
    """Relax the order to a linear programme, and improve what it suggests by moving items."""
    least, before = _relaxed(costs)
    starts = [np.argsort(-before.sum(axis=1), kind="stable"), np.argsort(costs.sum(axis=1))]
    tried = [_improved(costs, start.tolist()) for start in starts]
    order = min(tried, key=lambda each: _cost(costs, each))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(1, len(order) + 1)
    cost = _cost(costs, order)
    return Searched(tuple(order), cost, min(least, cost), None, place, place)


def _cost(costs: IntArray, order: list[int]) -> int:
    return int(np.triu(costs[np.ix_(order, order)], 1).sum())


def _relaxed(costs: IntArray) -> tuple[int, FloatArray]:
    """Bound from below, and how far each item is before each other in the relaxation.

    Of any three items, not all may precede each other in a circle; such rows are added as they
    are violated.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    count = len(costs)
    upper = np.triu_indices(count, 1)
    place = np.zeros((count, count), np.int64)
    place[upper] = np.arange(len(upper[0]))
    gain = (costs - costs.T)[upper].astype(np.float64)
    constant = int(costs.T[upper].sum())
    triples = np.array(list(combinations(range(count), 3)))
    sides = np.array([place[triples[:, a], triples[:, b]] for a, b in ((0, 1), (1, 2), (0, 2))])
    rows: Any = csr_array((0, len(gain)))
    limits = np.zeros(0)
    bound, share = -np.inf, np.where(gain < 0, 1.0, 0.0)
    for _ in range(_ROUNDS):
        found = linprog(
            gain,
            A_ub=rows if rows.shape[0] else None,
            b_ub=limits if rows.shape[0] else None,
            bounds=(0, 1),
            method="highs-ds",
        )
        if found.status != 0 or found.x is None or found.fun is None:  # what was proved stands
            break
        bound, share = float(found.fun), found.x
        added, levels = _circles(share, sides)
        if not len(levels):
            break
        rows = vstack([rows, added], format="csr")
        limits = np.concatenate([limits, levels])
    before = np.zeros((count, count))
    before[upper] = share
    before.T[upper] = 1 - share
    least = int(np.minimum(costs, costs.T)[upper].sum())
    if np.isfinite(bound):  # costs are whole numbers
        least = max(least, constant + int(np.ceil(bound - _VIOLATED)))
    return least, before


def _circles(share: FloatArray, sides: IntArray) -> tuple[Any, FloatArray]:
    """Rows and limits that three items in a circle violate, the worst ones first."""
    from scipy.sparse import csr_array, vstack

    turn = share[sides[0]] + share[sides[1]] - share[sides[2]]
    rows, limits = [], []
    for sign, limit, excess in ((1.0, 1.0, turn - 1), (-1.0, 0.0, -turn)):
        worst = np.flatnonzero(excess > _VIOLATED)
        worst = worst[np.argsort(-excess[worst], kind="stable")][:_CUTS]
        at = np.repeat(np.arange(len(worst)), 3)
        values = np.tile([sign, sign, -sign], len(worst))
        rows.append(csr_array((values, (at, sides[:, worst].T.ravel())), (len(worst), len(share))))
        limits.append(np.full(len(worst), limit))
    return vstack(rows, format="csr"), np.concatenate(limits)


def _improved(costs: IntArray, order: list[int]) -> list[int]:
    """Move one item at a time to its best place, as long as that helps."""
    moved = True
    while moved:
        moved = False
        for item in order:
            at = order.index(item)
            rest = order[:at] + order[at + 1 :]
            # cost of the item at each place among the rest, less that at the front
            steps = np.cumsum(costs[rest, item] - costs[item, rest])
            totals = np.concatenate([[0], steps])
            best = int(np.argmin(totals))
            if totals[best] < totals[at]:
                order = [*rest[:best], item, *rest[best:]]
                moved = True
    return order
