"""A question of siting to an instance in heads, its answer, and what that answer rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.workforce._flow import EPSILON, Instance, State, start
from opsafe.workforce._greedy import extend, greedy, shake
from opsafe.workforce._integer_programme import relax, search

__all__ = ["PROVEN", "BoundFrom", "Found", "Method", "Question", "solve"]

Method: TypeAlias = Literal["greedy", "milp"]
BoundFrom: TypeAlias = Literal["linear relaxation with cuts", "branch and bound"]

PROVEN: Final = 1e-6
"""A gap of this much is none: it is what the solver's own tolerances leave."""
_LEAST: Final = 1e-6  # members: less is nobody
_EXACT: Final = 1e4  # heads' worth of members up to which sums are exact to a billionth of a head


@dataclass(frozen=True, slots=True)
class Question:
    """Where heads may go, in members and in the caller's order of areas and sites."""

    reach: BoolArray
    """Areas by sites."""
    gaps: FloatArray
    existing: FloatArray
    most: IntArray
    new_heads: int
    members_per_head: float


@dataclass(frozen=True, slots=True)
class Found:
    """A placement with its proof, in members and in the caller's order."""

    heads: IntArray
    """New heads by site."""
    served: FloatArray
    """Areas by sites."""
    order: IntArray
    """Site of each head, each where it adds most."""
    gained: FloatArray
    """Members that each head adds in that order."""
    before: float
    total: float
    bound: float
    method: Method
    bound_from: BoundFrom
    is_stopped: bool
    """Whether the clock ended the search."""
    has_failed: bool
    """Whether the solver did."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A placement while it is looked for, in heads' worth of members."""

    state: State
    bound: float
    method: Method = "greedy"
    bound_from: BoundFrom = "linear relaxation with cuts"
    is_stopped: bool = False
    has_failed: bool = False


def solve(question: Question, method: Method, seconds: float, seed: int) -> Found:
    """Place the heads, bound what any placement serves, and tell what each head adds."""
    of_areas, of_sites = _own_order(question)
    instance, unit = _instance(question, of_areas, of_sites)
    before = start(instance)
    state = greedy(instance)
    placed = _Placed(state, state.total)  # without heads to place, the flow is the most
    if instance.heads:
        bound, fractions = relax(instance, state.total)
        placed = _Placed(shake(instance, state, fractions, bound, seed), bound)
    if method == "milp" and placed.bound > placed.state.total * (1 + PROVEN):
        placed = _searched(instance, placed, seconds)
    final, steps = extend(
        replace(instance, heads=int(placed.state.heads.sum())), before, placed.state.heads
    )
    heads = np.zeros_like(final.heads)
    heads[of_sites] = final.heads
    served = np.zeros(question.reach.shape)
    served[np.ix_(of_areas, of_sites)] = final.served * unit
    return Found(
        heads=heads,
        served=np.where(served > instance.epsilon * unit, served, 0.0),
        order=of_sites[[site for site, _ in steps]] if steps else heads[:0],
        gained=np.array([gain for _, gain in steps], np.float64) * unit,
        before=before.total * unit,
        total=final.total * unit,
        bound=max(placed.bound, final.total) * unit,
        method=placed.method,
        bound_from=placed.bound_from,
        is_stopped=placed.is_stopped,
        has_failed=placed.has_failed,
    )


def _searched(instance: Instance, placed: _Placed, seconds: float) -> _Placed:
    """Let branch and bound try to serve more, and to prove more."""
    ran = search(instance, seconds)
    if ran.ended == "failed":
        return replace(placed, has_failed=True)
    placed = replace(placed, is_stopped=ran.ended == "time limit")
    if ran.bound < placed.bound:
        placed = replace(placed, bound=ran.bound, bound_from="branch and bound")
    if ran.heads is not None:
        state = start(instance, ran.heads)
        if state.total > placed.state.total + instance.epsilon:
            placed = replace(placed, state=state, method="milp")
    return placed


def _own_order(question: Question) -> tuple[IntArray, IntArray]:
    """Order areas and sites by what they are, so that the order they came in changes nothing.

    Each round ranks the sites by the ranks of the areas in their reach, and the other way round.
    """
    areas = _ranks(question.gaps[:, None])
    sites = _ranks(np.column_stack([question.existing, question.most]))
    for _ in range(3):
        sites = _ranks(np.column_stack([sites, _neighbours(question.reach.T, areas)]))
        areas = _ranks(np.column_stack([areas, _neighbours(question.reach, sites)]))
    return np.argsort(areas, kind="stable"), np.argsort(sites, kind="stable")


def _neighbours(reach: BoolArray, ranks: IntArray) -> IntArray:
    return np.sort(np.where(reach, ranks + 1, 0), axis=1)


def _ranks(rows: FloatArray | IntArray) -> IntArray:
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _instance(question: Question, of_areas: IntArray, of_sites: IntArray) -> tuple[Instance, float]:
    """Put the question into units of what one head serves; return it and that unit in members."""
    reach = question.reach[np.ix_(of_areas, of_sites)]
    gaps = np.where(reach.any(axis=1), question.gaps[of_areas], 0.0)
    everybody = float(gaps.sum())
    each = question.members_per_head if question.members_per_head >= _LEAST else 0.0
    # A head for more than everybody serves no more than a head for everybody.
    unit = min(each, everybody) or 1.0
    held = np.minimum(question.existing[of_sites] * each, everybody) / unit
    useful = np.ceil(np.maximum(gaps / unit @ reach - held, 0.0) - EPSILON) * (each > 0)
    most = np.minimum(question.most[of_sites], useful).astype(np.int64)
    gaps = np.minimum(gaps / unit, reach @ (held + most))
    instance = Instance(
        reach,
        gaps,
        held,
        most,
        heads=min(question.new_heads, int(most.sum())),
        epsilon=EPSILON * max(1.0, float(gaps.sum() + held.sum()) / _EXACT),
    )
    return instance, unit
