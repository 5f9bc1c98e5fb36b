"""Two criteria: places of every initiative over all weights, exactly, by crossing score lines.

With the weight w of the first criterion a score is a line in w. The place of an initiative changes
only where its line crosses another, so its crossings, sorted, give the length of weights for which
it holds each place. Crossings come from whole numbers; nothing is drawn.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._kernel import on_steps, weighted_shares

__all__ = ["Switches", "exact_shares", "switches"]

_AT_ONCE: Final = 200_000  # pairs of initiatives


class Switches(NamedTuple):
    """Weights of the first criterion at which one initiative passes another."""

    weight: FloatArray
    better: IntArray
    worse: IntArray


def exact_shares(
    values: FloatArray, low: float, high: float, *, competition: bool = False
) -> FloatArray:
    """Return the share of weights for which each initiative holds each place.

    Parameters
    ----------
    values : array of float, shape (m, 2)
        Values by initiative and criterion.
    low, high : float
        Bounds of the weight of the first criterion.
    competition : bool, optional
        Whether equal initiatives all stand on the first place of their group; else they share its
        places.

    Returns
    -------
    array of float, shape (m, m)
        By initiative and place; rows add up to 1.
    """
    if high <= low:
        return weighted_shares(values, np.array([[low, 1 - low]]), competition=competition)
    steps = on_steps(values)
    rows, own, copies = np.unique(steps, axis=0, return_inverse=True, return_counts=True)
    start, slope = rows[:, 1], rows[:, 0] - rows[:, 1]
    places = len(values)
    shares = np.empty((len(rows), places))
    at_once = max(1, _AT_ONCE // len(rows))
    for first in range(0, len(rows), at_once):
        part = slice(first, first + at_once)
        rise = slope[part, None] - slope
        ahead = start[part, None] - start
        shares[part] = _lengths(_crossings(ahead, rise, low, high), ahead, rise, copies, low, high)
    shares /= high - low
    if not competition:
        for row in np.flatnonzero(copies > 1):
            spread = np.full(copies[row], 1 / copies[row])
            shares[row] = np.convolve(shares[row], spread)[:places]
    return shares[own.reshape(-1)]


def switches(values: FloatArray, low: float, high: float) -> Switches:
    """Return all weights strictly between two bounds at which one initiative passes another."""
    steps = on_steps(values)
    start, slope = steps[:, 1], steps[:, 0] - steps[:, 1]
    one, other = np.triu_indices(len(steps), 1)
    rise, ahead = slope[one] - slope[other], start[one] - start[other]
    crossing = _crossings(ahead, rise, low, high)
    inside = (rise != 0) & (low < crossing) & (crossing < high)
    one, other, rise, crossing = one[inside], other[inside], rise[inside], crossing[inside]
    order = np.argsort(crossing, kind="stable")
    gains = rise > 0
    return Switches(
        crossing[order],
        np.where(gains, one, other)[order],
        np.where(gains, other, one)[order],
    )


def _crossings(ahead: IntArray, rise: IntArray, low: float, high: float) -> FloatArray:
    """Return where ahead + w rise is zero, held between the bounds; at the upper one if nowhere."""
    at = np.full(rise.shape, high)
    np.divide(-ahead, rise, out=at, where=rise != 0)
    return np.clip(at, low, high, out=at)


def _lengths(
    crossing: FloatArray, ahead: IntArray, rise: IntArray, copies: IntArray, low: float, high: float
) -> FloatArray:
    """Sum the lengths of weights by initiative and place, 0 the best."""
    count, places = len(rise), int(copies.sum())
    before = ((rise > 0) | ((rise == 0) & (ahead < 0))) @ copies
    order = np.argsort(crossing, axis=1)
    change = np.take_along_axis(-np.sign(rise) * copies, order, axis=1)
    ends = np.empty((count, rise.shape[1] + 2))
    ends[:, 0], ends[:, -1] = low, high
    ends[:, 1:-1] = np.take_along_axis(crossing, order, axis=1)
    place = np.empty((count, rise.shape[1] + 1), np.int64)
    place[:, 0] = before
    np.cumsum(change, axis=1, out=place[:, 1:])
    place[:, 1:] += before[:, None]
    place += np.arange(count)[:, None] * places
    found = np.bincount(place.ravel(), np.diff(ends, axis=1).ravel(), count * places)
    return np.asarray(found.reshape(count, places), np.float64)
