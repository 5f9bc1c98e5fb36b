"""A slow exact twin of portfolios and of smallest changes: every set, and linear programmes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np


def keeps(asked: dict[str, Any], chosen: set[str]) -> bool:
    """Whether a set keeps every rule, in fractions."""
    cost = sum(Fraction(asked["cost_usd"][name]) for name in chosen)
    if cost > Fraction(asked["budget_usd"]):
        return False
    for team, room in asked.get("available_fte", {}).items():
        used = sum(Fraction(asked["headcount_fte"][name].get(team, 0)) for name in chosen)
        if used > Fraction(room):
            return False
    return (
        chosen >= set(asked["must_do"])
        and all(len(chosen & set(group)) <= 1 for group in asked["exclusive"])
        and all(len(chosen & set(group)) == 1 for group in asked["either_or"])
        and all(b in chosen for a, b in asked["requires"] if a in chosen)
    )


def best_set(asked: dict[str, Any], impacts: dict[str, float]) -> tuple[str, ...] | None:
    """The best of all sets by the stated rule: impact, cost, size, rank, name.

    Costs are whole dollars and posts quarters, so that all sums are whole numbers.
    """
    names = list(impacts)
    bits = np.arange(2 ** len(names))[:, None] >> np.arange(len(names)) & 1
    place = {name: bits[:, at] for at, name in enumerate(names)}
    cost = bits @ np.array([asked["cost_usd"][name] for name in names])
    kept = cost <= asked["budget_usd"]
    for team, room in asked.get("available_fte", {}).items():
        posts = [round(4 * asked["headcount_fte"][name].get(team, 0)) for name in names]
        kept &= bits @ np.array(posts) <= 4 * room
    for name in asked["must_do"]:
        kept &= place[name] == 1
    for group in asked["exclusive"]:
        kept &= sum(place[name] for name in group) <= 1
    for group in asked["either_or"]:
        kept &= sum(place[name] for name in group) == 1
    for first, second in asked["requires"]:
        kept &= place[first] <= place[second]
    if not kept.any():
        return None
    counts = {name: round(impacts[name] * 1_000_000) for name in names}
    order = sorted(names, key=lambda name: (-counts[name], name))
    value = bits @ np.array([counts[name] for name in names])
    preferred = [place[name][kept] for name in reversed(order)]
    keys = (*preferred, -bits.sum(axis=1)[kept], -cost[kept], value[kept])
    best = bits[kept][np.lexsort(keys)[-1]]
    return tuple(name for name, bit in zip(names, best.tolist(), strict=True) if bit)


def smallest_change(differences: list[float], weights: list[float]) -> float | None:
    """Half the least L1 change of weights at which a margin is gone, by linear programme."""
    from scipy.optimize import linprog

    n = len(weights)
    # Variables: new weights, then how far each went.
    found = linprog(
        np.concatenate([np.zeros(n), np.full(n, 0.5)]),
        A_ub=np.block([[np.eye(n), -np.eye(n)], [-np.eye(n), -np.eye(n)]]),
        b_ub=np.concatenate([weights, np.negative(weights)]),
        A_eq=np.array([np.concatenate([np.ones(n), np.zeros(n)]), [*differences, *[0.0] * n]]),
        b_eq=[1.0, 0.0],
        bounds=(0, None),
    )
    return None if found.status != 0 or found.fun is None else float(found.fun)
