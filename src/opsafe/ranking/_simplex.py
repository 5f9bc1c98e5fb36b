"""Weights drawn evenly from the simplex of all weights, or from a part of it.

A part that is a simplex again is drawn through its corners. Any other part is drawn by rejection
from a simplex around it, which is even exactly; where too few are kept, by a walk inside it, which
is even in the long run only and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from opsafe.quantity import BoolArray, FloatArray
from opsafe.ranking._sobol import sobol
from opsafe.uncertainty import uniforms

__all__ = ["REJECTION", "SIMPLEX", "WALK", "Region", "draw"]

SIMPLEX: Final = "even on a simplex"
REJECTION: Final = "even by rejection"
WALK: Final = "walk inside the bounds, even in the long run"
_STREAM: Final = "weights"
_TRIED: Final = 8_192  # a power of two: blocks of Sobol points
_LEAST_KEPT: Final = 0.01  # below this share the walk is faster
_CHAINS: Final = 1_000
_THIN: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Weights of n criteria between bounds, those in ``order`` never rising, in sum 1."""

    low: FloatArray
    """(n,), already as tight as bounds, order and sum allow."""
    high: FloatArray
    """(n,), likewise."""
    order: tuple[int, ...]
    """Places of criteria, the one with the most weight first."""

    @property
    def corners(self) -> FloatArray | None:
        """Corners as rows, shape (n, n), where the region is a simplex; else None."""
        count = len(self.low)
        if count == 2:
            first = np.array([self.high[0], self.low[0]])
            return np.column_stack([first, 1 - first])
        around = self.around
        if bool((self.low <= around.min(axis=0) + _THIN).all()) and bool(
            (self.high >= around.max(axis=0) - _THIN).all()
        ):
            return around
        return None

    @property
    def around(self) -> FloatArray:
        """Corners of a simplex with this order around the region."""
        base = self.low.copy()
        chain = list(self.order)
        if chain:
            base[chain] = base[chain].min()
        corners = np.eye(len(base))
        for place, at in enumerate(chain, start=1):
            corners[at] = 0.0
            corners[at, chain[:place]] = 1 / place
        return np.asarray(base + (1 - base.sum()) * corners, np.float64)

    @property
    def free(self) -> BoolArray:
        """Criteria whose weight is not settled by the others."""
        return self.high - self.low > _THIN

    def holds(self, weights: FloatArray) -> BoolArray:
        """Whether each row lies in the region, but for rounding."""
        inside = (weights >= self.low - _THIN) & (weights <= self.high + _THIN)
        return np.asarray(inside.all(axis=1), np.bool_)

    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Return rows a and bounds b of all that must hold: a @ weights <= b."""
        eye = np.eye(len(self.low))
        falling = [eye[after] - eye[before] for before, after in pairwise(self.order)]
        rows = np.vstack([-eye, eye, *falling])
        return rows, np.concatenate([-self.low, self.high, np.zeros(len(falling))])


def draw(region: Region, draws: int, seed: int) -> tuple[FloatArray, str]:
    """Draw weights from a region, shape (draws, n), and say how."""
    corners = region.corners
    if corners is not None:
        return _combined(sobol(seed, _STREAM, draws, len(corners) - 1), corners), SIMPLEX
    kept = _rejected(region, draws, seed)
    if kept is not None:
        return kept, REJECTION
    return _walked(region, draws, seed), WALK


def _combined(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Combine corners by the spacings of sorted points, which are even on the simplex."""
    ordered = np.sort(points, axis=1)
    shares = np.empty((len(points), len(corners)))
    shares[:, 0] = 1.0
    if ordered.shape[1]:
        shares[:, 0] = ordered[:, 0]
        np.subtract(ordered[:, 1:], ordered[:, :-1], out=shares[:, 1:-1])
        np.subtract(1.0, ordered[:, -1], out=shares[:, -1])
    if np.array_equal(corners, np.eye(len(corners))):
        return shares
    return shares @ corners


def _rejected(region: Region, draws: int, seed: int) -> FloatArray | None:
    """Draw from the simplex around, and keep what lies inside; None where that is too little."""
    around = region.around
    around = region.around
    parts: list[FloatArray] = []
    kept = 0
    while kept < draws:
        points = sobol(seed, _STREAM, _TRIED, len(around) - 1, block=len(parts))
        candidates = _combined(points, around)
        parts.append(candidates[region.holds(candidates)])
        kept += len(parts[-1])
        if kept < _LEAST_KEPT * _TRIED * len(parts):
            return None
    return np.concatenate(parts)[:draws]


def _walked(region: Region, draws: int, seed: int) -> FloatArray:
    """Walk in random directions from the point with the most room, in many chains at once."""
    free = np.flatnonzero(region.free)
    rows, bounds = region.limits()
    chains = min(draws, _CHAINS)
    taken = -(-draws // chains)
    between = 2 * len(free) ** 2
    now = np.tile(_roomiest(region), (chains, 1))
    found = np.empty((taken, chains, len(region.low)))
    for step in range(5 * between + taken * between):
        number = uniforms(seed, f"{_STREAM} step {step}", chains * (2 * len(free) + 1))
        direction = np.zeros_like(now)
        direction[:, free] = _directions(number[chains:].reshape(2, chains, -1))
        speed, room = direction @ rows.T, np.maximum(bounds - now @ rows.T, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = np.where(np.abs(speed) > _THIN, room / speed, np.inf)
        ahead = np.where(speed > _THIN, far, np.inf).min(axis=1)
        behind = np.where(speed < -_THIN, far, -np.inf).max(axis=1)
        now += (behind + number[:chains] * (ahead - behind))[:, None] * direction
        done, rest = divmod(step + 1 - 5 * between, between)
        if done > 0 and rest == 0:
            found[done - 1] = now
    return found.reshape(-1, found.shape[2])[:draws]


def _directions(numbers: FloatArray) -> FloatArray:
    """Return even directions along which a sum stays as it is, from two uniform numbers each."""
    normal = np.sqrt(-2 * np.log(numbers[0])) * np.cos(2 * np.pi * numbers[1])
    normal -= normal.mean(axis=1, keepdims=True)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return np.asarray(normal, np.float64)


def _roomiest(region: Region) -> FloatArray:
    """Return the point whose least distance to what bounds it is largest."""
    from scipy.optimize import linprog

    rows, bounds = region.limits()
    settled = np.abs(rows) @ region.free == 0  # what settles a weight leaves it no room
    room = np.where(settled, 0.0, 1.0)
    answer = linprog(
        np.append(np.zeros(len(region.low)), -1.0),
        A_ub=np.column_stack([rows, room]),
        b_ub=bounds + _THIN,
        A_eq=np.append(np.ones(len(region.low)), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, 1)] * (len(region.low) + 1),
        method="highs",
    )
    return np.asarray(answer.x, np.float64)[:-1]
