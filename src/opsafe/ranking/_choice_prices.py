"""A choice under limits, and what its limits are worth: the prices that bound every set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.quantity import FloatArray, IntArray

__all__ = ["Prices", "Problem", "priced"]

_SAFE: Final = 1e-3  # counts, and 1e-12 of the bound: what float arithmetic may take off it
_ROUNDING: Final = 1e-12
_FEW: Final = 12  # things left open: their search costs no more than a linear programme
_REMEMBERED: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Which of m things to take, at most ``limits`` of each row."""

    values: IntArray
    """Worth of each thing, at least 0; shape (m,)."""
    rows: IntArray
    """Use of each row by each thing, shape (m, r); row 0 is the cost."""
    limits: IntArray
    """Shape (r,)."""
    order: IntArray
    """Positions of the things, the preferred first: what decides between equal sets."""
    fixed: IntArray
    """1 where a thing must be taken, 0 where it must not, -1 where it is free."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What each thing is worth beyond the price of what it uses, and the bound that follows."""

    beyond: FloatArray
    top: float


def priced(problem: Problem, least: int, memory: list[FloatArray] | None) -> Prices:
    """Price the limits by the linear relaxation, or by prices met before where these do.

    Any prices give a bound. Those met before do where they leave few things open that a set of
    more than ``least`` may have or not.
    """
    if memory and least >= 0:
        found = _at(problem, np.array(memory))
        is_open = (problem.fixed < 0) & (np.abs(found.beyond) <= found.top - least)
        if is_open.sum() <= _FEW:
            return found
    duals = _duals(problem)
    if memory is not None:
        memory.append(duals)
        del memory[:-_REMEMBERED]
    return _at(problem, duals[None, :])


def _at(problem: Problem, duals: FloatArray) -> Prices:
    """The best bound of several prices of the limits, one a row."""
    free, values = problem.fixed < 0, problem.values.astype(np.float64)
    room = problem.limits - problem.rows[problem.fixed == 1].sum(axis=0)
    beyond = values - duals @ problem.rows.T
    tops = duals @ room + beyond[:, free].clip(0).sum(axis=1)
    best = int(tops.argmin())
    top = float(tops[best] + values[problem.fixed == 1].sum())
    return Prices(beyond[best], top + _SAFE + abs(top) * _ROUNDING)


def _duals(problem: Problem) -> FloatArray:
    """Prices of the limits at the best of the linear relaxation, for one unit of each."""
    free, values = problem.fixed < 0, problem.values.astype(np.float64)
    scale = np.abs(problem.rows).max(axis=0, initial=1).clip(1).astype(np.float64)
    rows = problem.rows / scale
    room = (problem.limits - problem.rows[problem.fixed == 1].sum(axis=0)) / scale
    binding = np.maximum(rows[free], 0).sum(axis=0) > room
    found = np.zeros(len(scale))
    if binding.any() and free.any():
        use, left = rows[free][:, binding], room[binding]
        if len(left) == 1 and (use >= 0).all():
            found[binding] = _density(values[free], use[:, 0], float(left[0]))
        else:
            found[binding] = _relaxed(values[free], use, left)
    of_units: FloatArray = found / scale
    return of_units


def _density(values: FloatArray, use: FloatArray, room: float) -> float:
    """Worth by unit of the thing that a single limit breaks: the price of that limit."""
    costly = use > 0
    ratio = values[costly] / use[costly]
    order = np.argsort(-ratio, kind="stable")
    full = np.flatnonzero(np.cumsum(use[costly][order]) > room)
    return float(ratio[order[full[0]]]) if len(full) else 0.0


def _relaxed(values: FloatArray, use: FloatArray, room: FloatArray) -> FloatArray:
    from scipy.optimize import linprog

    found = linprog(-values, A_ub=use.T, b_ub=room, bounds=(0, 1))
    if found.status != 0:  # without prices the search proves what there is to prove
        return np.zeros(len(room))
    prices: FloatArray = np.maximum(-np.asarray(found.ineqlin.marginals, np.float64), 0.0)
    return prices
