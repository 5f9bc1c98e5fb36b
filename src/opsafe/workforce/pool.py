"""Capacity with diminishing returns: the curve of a pool, and its fit to a plan's own data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsafe._arguments import read_number
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.workforce import figures
from opsafe.workforce._kernel import pool_capacity
from opsafe.workforce.editions import resolve
from opsafe.workforce.scenario import PoolCapacity

__all__ = ["CapacityCurve", "capacity_curve", "fit_capacity"]

_LEAST_HEADS, _MOST_HEADS = 1e-6, 1e12
_MOST_PATIENTS = 1e15  # of the first head: far above anybody's panel
_LEAST, _STEEPEST = 1e-9, 1.0  # decay a head: a straight line, and a pool of one
_STEPS = 400
_STRAIGHT = 1e-4  # of a bend over all the heads: rounding bends as much


@dataclass(frozen=True, slots=True)
class CapacityCurve:
    """Patients that all who may prescribe can treat together; each adds less than the one before.

    Notes
    -----
    capacity(N) = b (1 - exp(-k N)) / k, with b what the first one adds and k the decay. A network
    that is a copy of the pool at a share s of its size has k / s in place of k.
    """

    base_patients: float
    decay_per_head: float
    residual_sd: float | None = None
    """Standard deviation of the patients about the fit; None for a curve that was not fitted."""
    points: int = 0
    """Points behind the fit."""

    def __post_init__(self) -> None:
        """Refuse what is no curve of diminishing returns."""
        read_number(self.base_patients, "base_patients", 0, _MOST_PATIENTS)
        read_number(self.decay_per_head, "decay_per_head", 0, _STEEPEST, above=True)

    @property
    def ceiling_patients(self) -> float:
        """Patients that no number of heads passes: b / k."""
        return self.base_patients / self.decay_per_head

    def capacity(self, heads: object) -> FloatArray:
        """Return the patients that numbers of heads can treat.

        Parameters
        ----------
        heads : array_like of float
            All who may prescribe, whether they do or not; 0 or more.
        """
        return pool_capacity(_numbers(heads, "heads"), self.base_patients, self.decay_per_head, 1.0)

    def added_by(self, heads: float, more: Sequence[int] = (1, 5, 10)) -> FloatArray:
        """Return the patients that the next heads add to those that are there.

        Parameters
        ----------
        heads : float
            Heads that are there.
        more : sequence of int, optional
            How many more.
        """
        there = read_number(heads, "heads", _LEAST_HEADS, _MOST_HEADS, or_zero=True)
        return self.capacity(_numbers(more, "more") + there) - self.capacity(there)

    def for_areas(self, shares: Sequence[tuple[str, float]]) -> PoolCapacity:
        """Return the curve as the capacity of a scenario, with each area's share of the pool."""
        given: object = shares
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise ArgumentTypeError(
                "is no list of areas and shares", where="shares", value=type(given).__name__
            )
        return PoolCapacity(
            base_patients=self.base_patients,
            decay_per_head=self.decay_per_head,
            pool_shares=tuple(shares),
        )


def capacity_curve(edition: str | figures.PoolCurve) -> CapacityCurve:
    """Return the published curve of a national pool.

    Parameters
    ----------
    edition : str or PoolCurve
        The id of an edition, or one of your own.

    Returns
    -------
    CapacityCurve
        Patients by heads.

    Raises
    ------
    EditionNotFoundError
        If there is no such edition.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> curve = wf.capacity_curve("source-2022")
    >>> round(float(curve.capacity(94_223)[0]) / 94_223, 4), round(curve.ceiling_patients)
    (9.8656, 943820)
    """
    found = resolve(edition, figures.PoolCurve, "edition")
    return CapacityCurve(float(found.base_patients), float(found.decay_per_provider))


def fit_capacity(heads: object, patients: object) -> CapacityCurve:
    """Fit the curve to a plan's own counts, for dates after the end of waivers.

    Parameters
    ----------
    heads : array_like of float, shape (n,)
        All who may prescribe, at several dates or in several areas; two different at least.
    patients : array_like of float, shape (n,)
        Patients on treatment then, where demand was above capacity.

    Returns
    -------
    CapacityCurve
        The curve of least squares, with the spread about it.

    Raises
    ------
    ArgumentError
        If there are fewer than three points, numbers are negative, or patients rise faster than
        heads, so that there is no diminishing return to fit.

    Notes
    -----
    For a decay k the best b is sum(g y) / sum(g g) with g = (1 - exp(-k N)) / k; k is found on a
    logarithmic grid, and then between its neighbours.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> published = wf.capacity_curve("source-2022")
    >>> heads = [2_000, 20_000, 50_000, 100_000]
    >>> fitted = wf.fit_capacity(heads, published.capacity(heads))
    >>> round(fitted.base_patients, 3), round(fitted.decay_per_head * 1e5, 3)
    (42.0, 4.45)
    """
    from scipy.optimize import minimize_scalar

    x, y = _numbers(heads, "heads"), _numbers(patients, "patients")
    if len(x) != len(y):
        raise ArgumentError(f"has {len(y)} values for {len(x)} of heads", where="patients")
    if len(x) < 3 or len(np.unique(x[x > 0])) < 2 or not y.any():
        raise ArgumentError(
            "has fewer than three points, or fewer than two different ones", where="heads"
        )

    def misfit(log_decay: float) -> float:
        return _residuals(np.exp(log_decay), x, y)[1]

    grid = np.linspace(np.log(_LEAST / x.max()), np.log(_STEEPEST), _STEPS)
    best = int(np.argmin([misfit(at) for at in grid]))
    if np.exp(grid[best]) * x.max() < _STRAIGHT:
        raise ArgumentError(
            "rise at least as fast as heads, so there is no diminishing return to fit",
            where="patients",
            advice="Use the panel model, or more points",
        )
    ends = grid[best - 1], grid[min(best + 1, _STEPS - 1)]
    log_decay = float(minimize_scalar(misfit, bounds=ends, options={"xatol": 1e-12}).x)
    decay = float(np.exp(log_decay))
    base, squares = _residuals(decay, x, y)
    spread = float(np.sqrt(squares / max(len(x) - 2, 1)))
    return CapacityCurve(float(base), decay, spread, len(x))


def _residuals(decay: float, heads: FloatArray, patients: FloatArray) -> tuple[float, float]:
    """The best base for a decay, and the squares that it leaves."""
    shape = pool_capacity(heads, 1.0, decay, 1.0)
    base = float(shape @ patients / (shape @ shape))
    return base, float(((patients - base * shape) ** 2).sum())


def _numbers(values: object, where: str) -> FloatArray:
    try:
        found = np.atleast_1d(np.asarray(values, np.float64))
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError("is not a number, or a list of them", where=where) from None
    inside = (found == 0) | ((found >= _LEAST_HEADS) & (found <= _MOST_HEADS))
    if found.ndim != 1 or not bool(inside.all()):
        raise ArgumentError("must be 0, or from 1e-6 to 1e12, in one row", where=where)
    return found
