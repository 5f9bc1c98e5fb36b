"""Retention: which share of those who start treatment is still on it, month after month.

A curve always carries its gap rule: how many days without supply end a stay. Between points the
logarithm of the cumulative hazard is linear in the logarithm of time, so each stretch is a Weibull
curve; beyond the last point the last stretch goes on, and is marked as extrapolated.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from itertools import pairwise
from typing import Annotated, Final, Self

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import model_validator

from opsafe._arguments import read_whole
from opsafe._document import Document
from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray

__all__ = ["Retention"]

Months = Annotated[float, Gt(0), Le(1200)]
InsideShare = Annotated[float, Gt(0), Lt(1)]
Shape = Annotated[float, Ge(0.05), Le(20)]

_NODES: Final = 16  # of Gauss and Legendre, for each piece of an integral
_HALVINGS: Final = 60  # towards the start, where the hazard of a falling curve has no bound
_PANELS: Final = 4
_LONGEST_MEAN: Final = 1200.0
_MOST_MONTHS: Final = 12_000


class Retention(Document):
    """A retention curve, given as points or as a Weibull curve, with its gap rule.

    Parameters
    ----------
    gap_days : int
        Days without supply after which a stay has ended; 0 to 366.
    points : tuple of (float, float), optional
        Months since the start, and the share still on treatment; two or more, months rising,
        shares between 0 and 1 and never rising, the last two falling.
    scale_months, shape : float, optional
        Instead of points: S(t) = exp(-(t / scale) ** shape).

    Raises
    ------
    DocumentError
        If a share rises, a point is doubled, or not exactly one form is given.

    Notes
    -----
    With H = -ln S the cumulative hazard, ln H is linear in ln t between two points, which is how a
    Weibull curve runs; before the first point and beyond the last its nearest stretch goes on.
    Starts are spread evenly over their month, so those who started ``k`` months before the month's
    end number ``integral of S from k to k + 1`` for each start.

    Examples
    --------
    >>> curve = Retention(gap_days=30, points=((1, 0.716), (6, 0.354)))
    >>> [round(float(share), 3) for share in curve.share([1, 3, 6, 12])]
    [0.716, 0.512, 0.354, 0.2]
    >>> bool(curve.extrapolated([12])[0])
    True
    """

    gap_days: Annotated[int, Ge(0), Le(366)]
    points: Annotated[tuple[tuple[Months, InsideShare], ...], MinLen(2)] | None = None
    scale_months: Months | None = None
    shape: Shape | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        weibull = self.scale_months is not None, self.shape is not None
        if (self.points is not None) == any(weibull) or any(weibull) != all(weibull):
            raise ValueError("give points, or scale_months with shape")
        if self.points is not None:
            _check(self.points)
        return self

    @cached_property
    def _stretches(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """First month, cumulative hazard there, and Weibull shape of each stretch."""
        if self.points is None:
            assert self.scale_months is not None and self.shape is not None
            return np.array([self.scale_months]), np.array([1.0]), np.array([self.shape])
        months = np.array([month for month, _ in self.points])
        hazard = -np.log([share for _, share in self.points])
        shape = np.diff(np.log(hazard)) / np.diff(np.log(months))
        return months[:-1], hazard[:-1], shape

    @property
    def last_month(self) -> float:
        """Month of the last point, beyond which the curve is extrapolated; infinite for Weibull."""
        return math.inf if self.points is None else self.points[-1][0]

    def share(self, months: object) -> FloatArray:
        """Return the share still on treatment.

        Parameters
        ----------
        months : array_like of float
            Months since the start, at least 0.

        Returns
        -------
        array of float
            Shares; 1 at the start.

        Raises
        ------
        ArgumentError
            If a month is negative or no number.
        """
        return self._share(_checked(months))

    def extrapolated(self, months: object) -> BoolArray:
        """Tell which months lie beyond the last point."""
        return _checked(months) > self.last_month

    def month_shares(self, months: int) -> FloatArray:
        """Return what one start a month leaves at the end of each month after it.

        Parameters
        ----------
        months : int
            How many, 1 to 12,000.

        Returns
        -------
        array of float, shape (months,)
            Element ``k`` is the integral of the curve from ``k`` to ``k + 1``.
        """
        number = read_whole(months, "months", 1, _MOST_MONTHS)
        return self._integrals(np.arange(number + 1.0))

    @cached_property
    def mean_months(self) -> float:
        """Mean stay in months: the integral of the whole curve.

        Raises
        ------
        ArgumentError
            If it is longer than a hundred years: the last stretch hardly falls.
        """
        knot = self._stretches[0][-1]
        return float(self._integrals(np.array([0.0, knot]))[0]) + self._tail(knot)

    def residual_shares(self, months: int) -> FloatArray:
        """Return the share of patients already on treatment who still are, month after month.

        Parameters
        ----------
        months : int
            How many months are looked ahead, 1 to 12,000.

        Returns
        -------
        array of float, shape (months + 1,)
            Element ``k`` is the integral of the curve from ``k`` on over that of all of it, which
            is right for patients who have started evenly for long.
        """
        done = np.concatenate([[0.0], np.cumsum(self.month_shares(months))])
        left: FloatArray = np.maximum(1 - done / self.mean_months, 0.0)
        return left

    def _share(self, months: FloatArray) -> FloatArray:
        first, hazard, shape = self._stretches
        at = np.maximum(np.searchsorted(first, months, side="right") - 1, 0)
        with np.errstate(over="ignore"):  # a hazard beyond all floats leaves nobody
            share: FloatArray = np.exp(-hazard[at] * (months / first[at]) ** shape[at])
        share[months == 0] = 1.0
        return share

    def _integrals(self, edges: FloatArray) -> FloatArray:
        """Integrate the curve from each edge to the next, in pieces over which it is smooth."""
        knots = self._stretches[0][1:]
        cuts = np.union1d(edges, knots[(knots > edges[0]) & (knots < edges[-1])])
        if edges[0] == 0:
            cuts = np.concatenate([[0.0], cuts[1] * 2.0 ** np.arange(-_HALVINGS, 0), cuts[1:]])
        width = np.repeat(np.diff(cuts) / _PANELS, _PANELS)
        low = np.repeat(cuts[:-1], _PANELS) + width * np.tile(np.arange(_PANELS), len(cuts) - 1)
        node, weight = _nodes()
        at = low[:, None] + width[:, None] * (node + 1) / 2
        pieces = self._share(at.ravel()).reshape(at.shape) @ weight * width / 2
        return np.add.reduceat(pieces, np.searchsorted(low, edges[:-1]))

    def _tail(self, month: float) -> float:
        """Integrate the last stretch from a month on to the end, by the upper incomplete gamma."""
        from scipy.special import gammaincc, gammaln

        first, hazard, shape = (values[-1] for values in self._stretches)
        scale = math.log(first) - math.log(hazard) / shape
        reach = hazard * (month / first) ** shape
        log = scale - math.log(shape) + gammaln(1 / shape)
        if log > math.log(_LONGEST_MEAN) + 700:
            raise _endless()
        mean = math.exp(log) * float(gammaincc(1 / shape, reach))
        if not mean < _LONGEST_MEAN:
            raise _endless()
        return mean


@cache
def _nodes() -> tuple[FloatArray, FloatArray]:
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    return node, weight


def _check(points: tuple[tuple[float, float], ...]) -> None:
    for (month, share), (later, left) in pairwise(points):
        if later <= month:
            raise ValueError(f"points: months must rise, and {later:g} follows {month:g}")
        if left > share:
            raise ValueError(f"points: retention cannot rise, and {left:g} follows {share:g}")
    if points[-1][1] >= points[-2][1]:
        raise ValueError("points: the last two shares must fall, or nobody would ever leave")


def _checked(months: object) -> FloatArray:
    try:
        found = np.atleast_1d(np.asarray(months, np.float64))
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError("is not a number", where="months") from None
    if not bool((found >= 0).all()):
        raise ArgumentError("must be 0 or more", where="months")
    return found


def _endless() -> ArgumentError:
    return ArgumentError(
        "gives a mean stay of over a hundred years",
        where="retention",
        advice="Give a later point: beyond the last the curve goes on as between the last two",
    )
