"""Siting as an integer programme: its relaxation with cuts, which bounds, and HiGHS' search.

Variables are the members served for each pair in reach, then the new heads by site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.workforce._flow import EPSILON, Instance

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Searched", "relax", "search"]

# With more pairs, rows that link them to heads cost more time than they are worth.
_LINKED_SEARCH: Final = 2_000
_LINKED_BOUND: Final = 10_000
_ROUNDS: Final = 40
_PATIENCE: Final = 4  # rounds of cuts that may gain as little as this share of the bound
_SLOW: Final = 2e-4
_LARGEST: Final = 12  # sites in one cut
_VIOLATED: Final = 1e-4  # heads: smaller violations move the bound by less than they cost
_TIGHT: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Searched:
    """What HiGHS found."""

    heads: IntArray | None
    bound: float
    ended: Literal["optimal", "time limit", "failed"]


@dataclass(frozen=True, slots=True)
class _Programme:
    """Rows of A x <= b for the pairs in reach and the sites."""

    areas: IntArray
    """Area of each pair."""
    sites: IntArray
    rows: csr_array
    limits: FloatArray
    most: FloatArray
    """Upper ends of the variables."""
    cost: FloatArray


def relax(instance: Instance, served: float) -> tuple[float, FloatArray]:
    """Bound the members that any whole number of heads at each site can serve, from above.

    Parameters
    ----------
    instance : Instance
        The places.
    served : float
        What is served already: at this bound there is nothing more to prove.

    Returns
    -------
    bound : float
        Value of the relaxation with cuts, in heads' worth of members.
    heads : array of float
        Its heads by site, in fractions.

    Notes
    -----
    For sites J and areas I, heads n(J) = m + f with 0 <= f < 1, held capacity E(J) and gaps G(I):
    whole heads serve at most min(E(J) + n(J), G(I)), which lies under the line through the values
    at m and m + 1. Where the relaxation is above it by more than a little, that line is added as
    a row (a mixed integer rounding cut); the best I for a given J is {i : served(i, J) > f G(i)},
    and J grows from each site by the neighbour that makes the violation largest. Being above the
    line implies that G(I) lies between the two values, so that every such row is valid.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    bounds = [min(float(instance.gaps.sum()), float(instance.held.sum()) + instance.heads)]
    heads = np.zeros(len(instance.held))
    if bounds[0] <= served * (1 + _TIGHT):
        return bounds[0], heads
    programme = _build(instance, linked=int(instance.reach.sum()) <= _LINKED_BOUND)
    # The stubs of SciPy leave out that rows may be sparse, and bounds an array.
    rows: Any = programme.rows
    limits = programme.limits
    ends: Any = np.column_stack([np.zeros_like(programme.most), programme.most])
    for _ in range(_ROUNDS):
        found = linprog(
            programme.cost,
            A_ub=rows,
            b_ub=limits,
            bounds=ends,
            method="highs-ipm",
        )
        if found.status != 0 or found.x is None or found.fun is None:  # what was proved stands
            break
        bounds.append(min(bounds[-1], -float(found.fun)))
        heads = found.x[len(programme.areas) :]
        is_slow = len(bounds) > _PATIENCE and bounds[-_PATIENCE] - bounds[-1] < _SLOW * bounds[-1]
        if is_slow or bounds[-1] <= served * (1 + _TIGHT):
            break
        cuts = _cuts(instance, programme, found.x)
        if not cuts:
            break
        rows = vstack([rows, csr_array(np.array([row for row, _ in cuts]))], format="csr")
        limits = np.concatenate([limits, [limit for _, limit in cuts]])
    return bounds[-1], heads


def search(instance: Instance, time_limit_seconds: float) -> Searched:
    """Let HiGHS place the heads, and say what it proved."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    programme = _build(instance, linked=int(instance.reach.sum()) <= _LINKED_SEARCH)
    pairs = len(programme.areas)
    found = milp(
        programme.cost,
        integrality=np.repeat([0, 1], [pairs, len(instance.held)]),
        bounds=Bounds(np.zeros_like(programme.most), programme.most),
        constraints=LinearConstraint(programme.rows, ub=programme.limits),
        options={"time_limit": time_limit_seconds, "mip_rel_gap": _TIGHT / 10},
    )
    dual = found.mip_dual_bound
    bound = -float(dual) if dual is not None and np.isfinite(dual) else np.inf
    heads = None if found.x is None else np.rint(found.x[pairs:]).astype(np.int64)
    ended: Literal["optimal", "time limit", "failed"] = "failed"
    if found.status in (0, 1):
        ended = "optimal" if found.status == 0 else "time limit"
    return Searched(heads, bound, ended)


def _build(instance: Instance, *, linked: bool) -> _Programme:
    """Rows: members of each area, of each site, heads in all, and if linked those of each pair."""
    from scipy.sparse import csr_array

    areas, sites = np.nonzero(instance.reach & (instance.gaps > EPSILON)[:, None])
    pairs, (n_areas, n_sites) = len(areas), instance.reach.shape
    pair, site = np.arange(pairs), np.arange(n_sites)
    entries = [  # row, column, value
        (areas, pair, np.ones(pairs)),
        (n_areas + sites, pair, np.ones(pairs)),
        (n_areas + site, pairs + site, -np.ones(n_sites)),
        (np.full(n_sites, n_areas + n_sites), pairs + site, np.ones(n_sites)),
    ]
    limits = np.concatenate([instance.gaps, instance.held, [float(instance.heads)]])
    # Where nobody is yet, heads serve no more of an area than its gap for each of them.
    links = np.flatnonzero(instance.held[sites] <= 0) if linked else pair[:0]
    row = len(limits) + np.arange(len(links))
    entries += [
        (row, links, np.ones(len(links))),
        (row, pairs + sites[links], -np.minimum(instance.gaps[areas[links]], 1.0)),
    ]
    rows, columns, values = (np.concatenate(each) for each in zip(*entries, strict=True))
    # SciPy before 1.14 hands the indices to HiGHS as they are, which takes 32 bits.
    rows, columns = rows.astype(np.int32), columns.astype(np.int32)
    return _Programme(
        areas=areas,
        sites=sites,
        rows=csr_array((values, (rows, columns)), shape=(len(limits) + len(row), pairs + n_sites)),
        limits=np.concatenate([limits, np.zeros(len(row))]),
        most=np.concatenate([instance.gaps[areas], instance.most.astype(np.float64)]),
        cost=-np.repeat([1.0, 0.0], [pairs, n_sites]),
    )


def _cuts(
    instance: Instance, programme: _Programme, found: FloatArray
) -> list[tuple[FloatArray, float]]:
    """Find rows that whole heads keep and these fractions break, one for each site at most."""
    pairs = len(programme.areas)
    served = np.zeros(instance.reach.shape)
    served[programme.areas, programme.sites] = found[:pairs]
    heads = found[pairs:]
    cuts: dict[bytes, tuple[FloatArray, float]] = {}
    for site in np.flatnonzero((heads > _VIOLATED) & (served.sum(axis=0) > _VIOLATED)).tolist():
        members, areas = _grow(instance, served, heads, site)
        if members is None:
            continue
        whole = np.floor(heads[members].sum() + EPSILON)
        base = float(instance.held[members].sum() + whole)
        step = float(instance.gaps[areas].sum()) - base
        row = np.zeros(len(found))
        row[:pairs] = areas[programme.areas] & members[programme.sites]
        row[pairs:][members] = -step
        cuts[row.tobytes()] = (row, base - step * float(whole))
    return list(cuts.values())


def _grow(
    instance: Instance, served: FloatArray, heads: FloatArray, site: int
) -> tuple[BoolArray | None, BoolArray]:
    """Grow a set of sites from one; return the set and its areas with the largest violation."""
    members = np.zeros(len(heads), bool)
    members[site] = True
    taken = served[:, site].copy()
    best = _VIOLATED
    chosen: tuple[BoolArray | None, BoolArray] = (None, np.zeros(len(served), bool))
    for _ in range(_LARGEST):
        total = float(heads[members].sum())
        part = total + EPSILON - np.floor(total + EPSILON)
        over = taken - part * instance.gaps
        base = float(instance.held[members].sum()) + np.floor(total + EPSILON)
        violation = float(over.clip(0).sum()) - (1 - part) * base
        if violation > best:
            best, chosen = violation, (members.copy(), over > 0)
        outside = np.flatnonzero(~members & (heads > _VIOLATED))
        if not len(outside):
            break
        sums = total + heads[outside] + EPSILON
        parts = sums - np.floor(sums)
        bases = instance.held[members].sum() + instance.held[outside] + np.floor(sums)
        overs = (taken[:, None] + served[:, outside] - parts * instance.gaps[:, None]).clip(0)
        violations = overs.sum(axis=0) - (1 - parts) * bases
        nearest = outside[int(violations.argmax())]
        members[nearest] = True
        taken += served[:, nearest]
    return chosen
