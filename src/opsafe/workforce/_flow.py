"""The most members that heads at given sites can serve: a maximum flow from sites to areas.

Everything is counted in units of what one head serves, so that one head is a capacity of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray

__all__ = ["EPSILON", "Instance", "State", "add", "fill", "remove", "start"]

EPSILON: Final = 1e-9
"""A share of a head that is nobody."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Where new heads may go, in units of what one head serves."""

    reach: BoolArray
    """Areas by sites."""
    gaps: FloatArray
    """By area."""
    held: FloatArray
    """Capacity by site of the heads that are there."""
    most: IntArray
    """New heads by site, at most."""
    heads: int
    """New heads in all, at most."""
    epsilon: float = EPSILON
    """Less is nobody: it is what adding floats leaves behind."""


@dataclass(frozen=True, slots=True)
class State:
    """New heads by site, and an assignment that serves as many as can be served with them."""

    heads: IntArray
    served: FloatArray
    """Areas by sites."""
    total: float


def start(instance: Instance, heads: IntArray | None = None) -> State:
    """Serve with the heads that are there, and with these new ones."""
    new = np.zeros(len(instance.held), np.int64) if heads is None else heads
    served = np.zeros(instance.reach.shape)
    fill(instance, instance.held + new, served)
    return State(new, served, float(served.sum()))


def add(instance: Instance, state: State, site: int) -> State:
    """Add a head at a site."""
    heads, served = state.heads.copy(), state.served.copy()
    heads[site] += 1
    # What stopped before stays stopped: only the new capacity can find a way.
    fill(instance, instance.held + heads, served, only=site)
    return State(heads, served, float(served.sum()))


def remove(instance: Instance, state: State, site: int) -> State:
    """Take a head from a site; others with room take over whom they can."""
    heads, served = state.heads.copy(), state.served.copy()
    heads[site] -= 1
    capacity = instance.held + heads
    kept = np.minimum(np.cumsum(served[:, site]), capacity[site])
    served[:, site] = np.diff(kept, prepend=0.0)
    fill(instance, capacity, served)
    return State(heads, served, float(served.sum()))


def fill(
    instance: Instance, capacity: FloatArray, served: FloatArray, *, only: int | None = None
) -> None:
    """Raise an assignment to a maximum flow, in place.

    Notes
    -----
    Breadth first from the sites with room (or from one of them): to areas in their reach, and
    from an area to the sites that serve it now, whose members then move on. Each search is used
    for every area with a gap that it ends in [1]_.

    References
    ----------
    .. [1] Edmonds J, Karp RM. Theoretical improvements in algorithmic efficiency for network flow
       problems. Journal of the ACM 1972;19(2). https://doi.org/10.1145/321694.321699
    """
    while True:
        room = capacity - served.sum(axis=0)
        gap = instance.gaps - served.sum(axis=1)
        sources = room > instance.epsilon
        if only is not None:
            sources &= np.arange(len(room)) == only
        found = _search(instance, served, sources, gap > instance.epsilon)
        if found is None:
            return
        ends, area_from, site_from = found
        for end in ends.tolist():
            _push(instance, served, end, area_from, site_from, room, gap)


def _search(
    instance: Instance, served: FloatArray, sources: BoolArray, has_gap: BoolArray
) -> tuple[IntArray, IntArray, IntArray] | None:
    """Find the nearest areas with a gap; the site before each area, the area before each site."""
    area_from = np.full(len(has_gap), -1, np.int64)
    site_from = np.full(len(sources), -1, np.int64)
    frontier = np.flatnonzero(sources)
    is_new_site = ~sources
    while len(frontier):
        ways = instance.reach[:, frontier]
        areas = np.flatnonzero(ways.any(axis=1) & (area_from < 0))
        if not len(areas):
            return None
        area_from[areas] = frontier[ways[areas].argmax(axis=1)]
        ends = areas[has_gap[areas]]
        if len(ends):
            return ends, area_from, site_from
        ways = served[areas] > instance.epsilon
        frontier = np.flatnonzero(ways.any(axis=0) & is_new_site)
        site_from[frontier] = areas[ways[:, frontier].argmax(axis=0)]
        is_new_site[frontier] = False
    return None


def _push(
    instance: Instance,
    served: FloatArray,
    end: int,
    area_from: IntArray,
    site_from: IntArray,
    room: FloatArray,
    gap: FloatArray,
) -> None:
    """Send as much as fits along the way that ends in an area."""
    way = []
    area, site = end, int(area_from[end])
    amount = float(gap[end])
    while (before := int(site_from[site])) >= 0:
        way.append((area, site, before))
        amount = min(amount, float(served[before, site]))
        area, site = before, int(area_from[before])
    amount = min(amount, float(room[site]))
    if amount <= instance.epsilon:
        return  # an earlier way of this search has used it up
    room[site] -= amount
    gap[end] -= amount
    served[area, site] += amount
    for onto, through, off in way:
        served[onto, through] += amount
        served[off, through] -= amount
