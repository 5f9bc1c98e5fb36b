"""Siting by steps: the next head where it serves most, then heads that move while that helps.

Members served are a submodular function of the heads, so that a gain found earlier bounds the
gain now, and adding by steps reaches at least 1 - 1/e of the best that can be added.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from opsafe.quantity import FloatArray, IntArray
from opsafe.workforce._flow import EPSILON, Instance, State, add, remove, start

__all__ = ["ascend", "extend", "greedy", "shake"]

# A run ends by itself long before; the limit keeps a large instance from going on for hours.
_MOVES: Final = 200
_SHAKES: Final = 10
_SHAKEN_PAIRS: Final = 200_000  # pairs of area and site over all shakes: large instances get few
_SHAKEN: Final = 3  # heads that a shake moves


def greedy(instance: Instance) -> State:
    """Place the heads by steps, then improve by moves."""
    return ascend(instance, extend(instance, start(instance))[0])


def extend(
    instance: Instance, state: State, most: IntArray | None = None
) -> tuple[State, list[tuple[int, float]]]:
    """Add heads, each where it serves most, while one serves anybody.

    Returns
    -------
    state : State
        With the heads added.
    steps : list of (int, float)
        Site of each head in order, and what it adds.
    """
    most = instance.most if most is None else most
    steps: list[tuple[int, float]] = []
    ahead = np.where(state.heads < most, 1.0, 0.0)  # no head serves more than one head's members
    while state.heads.sum() < instance.heads:
        tried: dict[int, State] = {}
        while (site := int(ahead.argmax())) not in tried and ahead[site] > instance.epsilon:
            tried[site] = add(instance, state, site)
            ahead[site] = tried[site].total - state.total
            if ahead[site] >= ahead.max() - instance.epsilon:
                break
        if ahead[site] <= instance.epsilon:
            break
        steps.append((site, float(ahead[site])))
        state = tried[site]
        if state.heads[site] >= most[site]:
            ahead[site] = 0.0
    return state, steps


def ascend(instance: Instance, state: State) -> State:
    """Move one head at a time from a site to another while that serves more."""
    for _ in range(_MOVES):
        better = _move(instance, state)
        if better is None:
            break
        state = better
    return state


def _move(instance: Instance, state: State) -> State | None:
    """Return the move that serves most; None where none serves more."""
    gains = {
        site: add(instance, state, site).total - state.total
        for site in np.flatnonzero(state.heads < instance.most).tolist()
    }
    gains = {site: gain for site, gain in gains.items() if gain > instance.epsilon}
    if not gains:
        return None
    without = {site: remove(instance, state, site) for site in np.flatnonzero(state.heads).tolist()}
    # A move gains at most what its head adds on top of all others, and at most what one head
    # serves less what taking it away loses.
    moves = sorted(
        (
            (min(gain, 1.0 - (state.total - rest.total)), origin, target)
            for origin, rest in without.items()
            for target, gain in gains.items()
            if origin != target
        ),
        reverse=True,
    )
    best = None
    for limit, origin, target in moves:
        least = (best or state).total + instance.epsilon
        if state.total + limit <= least:
            break
        moved = add(instance, without[origin], target)
        if moved.total > least:
            best = moved
    return best


def shake(
    instance: Instance, state: State, fractions: FloatArray, bound: float, seed: int
) -> State:
    """Start again from the relaxation's whole heads, then from random moves; keep the best."""
    whole = np.minimum(np.floor(fractions + EPSILON).astype(np.int64), instance.most)
    best = _better(instance, state, whole)
    source = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *b"siting"])))
    for _ in range(min(_SHAKES, _SHAKEN_PAIRS // instance.reach.size)):
        if best.total >= bound - instance.epsilon or not len(best.heads):
            break
        heads = best.heads.copy()
        taken = source.permutation(np.repeat(np.arange(len(heads)), heads))[:_SHAKEN]
        np.subtract.at(heads, taken, 1)
        for _ in range(len(taken)):
            free = np.flatnonzero(heads < instance.most)
            heads[free[source.integers(len(free))]] += 1
        best = _better(instance, best, heads)
    return best


def _better(instance: Instance, state: State, heads: IntArray) -> State:
    """Climb from these heads; return what it ends in if that serves more."""
    other = ascend(instance, extend(instance, start(instance, heads))[0])
    return other if other.total > state.total + instance.epsilon else state
