"""Kendall's W: how far several raters put the same items in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._reading import WithHoles, read_matrix

__all__ = ["KendallW", "doubled_places", "kendall_w"]


@dataclass(frozen=True, slots=True)
class KendallW:
    """Kendall's coefficient of concordance, corrected for ties."""

    w: float | None
    """From 0, no agreement, to 1, the same order; None where it is not defined."""
    chi2: float | None
    """raters x (items - 1) x W."""
    degrees_of_freedom: int
    """items - 1."""
    p: float | None
    """How likely such a chi2 or a larger one is if the orders have nothing to do with each other,
    by the chi-square distribution: an approximation, and a rough one below eight items."""
    raters: int
    items: int
    """Items that every rater has rated: W rests on them alone."""
    items_given: int
    """Items in all."""
    not_defined: str | None
    """Why there is no W, or None."""


def kendall_w(ratings: WithHoles) -> KendallW:
    """Return Kendall's W of several raters on the same items, corrected for ties.

    Parameters
    ----------
    ratings : array_like, shape (raters, items)
        Scores or ranks; only their order within a rater counts, and its direction does not. None
        and NaN are missing: an item that not every rater has rated is left out.

    Returns
    -------
    KendallW
        W from 0 to 1, its chi-square and what it rests on. Under two raters or two complete
        items, or where every rater ties everything, W is not defined, and it is said why.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no table of numbers, or holds an infinite one.

    Notes
    -----
    With k raters, n items and the sum R of each item's ranks (ties get their average rank),
    S = sum (R - mean R)^2 and W = 12 S / (k^2 (n^3 - n) - k sum (t^3 - t)), t the size of each
    group of ties of each rater. All sums are of whole numbers, so that W never leaves 0 to 1.

    References
    ----------
    .. [1] Siegel S, Castellan NJ. Nonparametric Statistics for the Behavioral Sciences, 2nd ed.
       1988; its data as printed in R's DescTools,
       https://andrisignorell.github.io/DescTools/reference/KendallW.html

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> three = [[5, 6, 7, 1, 2, 4, 3, 8], [1, 7, 6, 2, 3, 5, 4, 8], [4, 5, 1, 3, 2, 7, 6, 8]]
    >>> found = rk.kendall_w(three)
    >>> round(found.w, 7), round(found.chi2, 5), round(found.p, 4)
    (0.6560847, 13.77778, 0.0553)
    """
    given = read_matrix(ratings, "ratings", axes="raters by items", missing=True)
    complete = given[:, ~np.isnan(given).any(axis=0) & (len(given) > 0)]
    raters, items = complete.shape
    reason = _too_small(raters, items)
    if reason is None:
        agreed = _exact(doubled_places(complete))
        if agreed is not None:
            return _tested(agreed, raters, items, given.shape[1])
        reason = "every rater rates all items alike"
    return KendallW(None, None, max(items - 1, 0), None, raters, items, given.shape[1], reason)


def doubled_places(ratings: FloatArray) -> IntArray:
    """Twice the average rank of each rating within its row, lowest rating first; whole numbers."""
    found = np.empty(ratings.shape, np.int64)
    for row, values in enumerate(ratings):
        ordered = np.sort(values)
        below = np.searchsorted(ordered, values, "left")
        found[row] = below + np.searchsorted(ordered, values, "right") + 1
    return found


def _too_small(raters: int, items: int) -> str | None:
    if raters < 2:
        return "there are fewer than two raters"
    if items < 2:
        return "fewer than two items are rated by every rater"
    return None


def _exact(places: IntArray) -> Fraction | None:
    """W of doubled places, by rater and item; None where every rater ties everything."""
    raters, items = places.shape
    apart = [int(each) - raters * (items + 1) for each in places.sum(axis=0)]
    ties = 0
    for row in places:
        sizes = np.unique(row, return_counts=True)[1]
        ties += sum(int(size) ** 3 - int(size) for size in sizes)
    most = raters**2 * (items**3 - items) - raters * ties
    return Fraction(3 * sum(each**2 for each in apart), most) if most else None


def _tested(w: Fraction, raters: int, items: int, given: int) -> KendallW:
    from scipy.special import chdtrc

    chi2 = float(raters * (items - 1) * w)
    p = float(chdtrc(items - 1, chi2))
    return KendallW(float(w), chi2, items - 1, p, raters, items, given, None)
