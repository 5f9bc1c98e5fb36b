"""How likely one initiative beats another over all allowed weights, and its expected rank, exactly.

Both need only the sign of a weighted sum over a simplex of weights. The share of a simplex on one
side of a plane follows from convex combinations alone, so nothing is lost to rounding, where the
usual formula divides by differences that may be next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._kernel import on_steps
from opsafe.ranking._valued import Values, read_values
from opsafe.ranking.weight_set import WeightSet, read_region

__all__ = ["expected_ranks", "share_above", "win_probability"]

_AT_ONCE: Final = 30_000  # pairs
_FINER: Final = 256.0


def win_probability(
    values: Values,
    weights: WeightSet | None = None,
    *,
    names: Sequence[str] | None = None,
    criteria: Sequence[str] | None = None,
) -> FloatArray:
    """Return how likely each initiative beats each other, over all allowed weights, exactly.

    Parameters
    ----------
    values : Ranking, or array_like of float, shape (m, n)
        Values on one common scale by initiative and criterion, more is better.
    weights : WeightSet, optional
        An order of weights, lower bounds, or with two criteria any bounds. Without it all weights
        are allowed.
    names, criteria : sequence of str, optional
        Names of the initiatives, and of the criteria, which a weight set needs.

    Returns
    -------
    array of float, shape (m, m)
        Share of weights, 0 to 1, for which the row beats the column; ties count one half, and so
        does the diagonal.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a value is missing or infinite, no weights are allowed, or those allowed are no simplex.

    Notes
    -----
    With y the positive and -x the negative differences of two initiatives at the corners of the
    simplex of allowed weights, H(a, b) is the share of the simplex of the first a + b of these on
    which the weighted difference is positive: H(a, 0) = 1, H(0, b) = 0 and
    H(a, b) = (y_a H(a, b - 1) + x_b H(a - 1, b)) / (y_a + x_b) [1]_.

    References
    ----------
    .. [1] Varsi G. The multidimensional content of the frustum of the simplex. Pacific Journal of
       Mathematics 1973;46(1):303-314.

    Examples
    --------
    Better on one of three criteria by as much as it is worse on the second:

    >>> from opsafe import ranking as rk
    >>> rk.win_probability([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 0]]).round(6).tolist()
    [[0.5, 0.5, 1.0], [0.5, 0.5, 1.0], [0.0, 0.0, 0.5]]
    """
    steps, corners = _read(values, weights, names, criteria)
    count = len(steps)
    found = np.full((count, count), 0.5)
    for one, other, share in _pairs(steps, corners):
        found[one, other] = share
        found[other, one] = 1 - share
    return found


def expected_ranks(
    values: Values,
    weights: WeightSet | None = None,
    *,
    names: Sequence[str] | None = None,
    criteria: Sequence[str] | None = None,
) -> FloatArray:
    """Return the mean place of each initiative over all allowed weights, exactly.

    Parameters
    ----------
    values : Ranking, or array_like of float, shape (m, n)
        Values on one common scale by initiative and criterion, more is better.
    weights : WeightSet, optional
        As in :func:`win_probability`.
    names, criteria : sequence of str, optional
        Names of the initiatives, and of the criteria, which a weight set needs.

    Returns
    -------
    array of float, shape (m,)
        Mean places, 1 to m; tied initiatives share theirs.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As :func:`win_probability`.

    Notes
    -----
    1 + the sum, over all others, of the probability that the other wins.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.expected_ranks([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 0]]).round(6).tolist()
    [1.5, 1.5, 3.0]
    """
    steps, corners = _read(values, weights, names, criteria)
    count = len(steps)
    behind = np.zeros(count)
    for one, other, share in _pairs(steps, corners):
        behind += np.bincount(one, 1 - share, count)
        behind += np.bincount(other, share, count)
    return 1 + behind


def share_above(differences: FloatArray) -> FloatArray:
    """Return the share of a simplex on which weighted sums are positive.

    Parameters
    ----------
    differences : array of float, shape (pairs, n)
        Values at the corners of the simplex.

    Returns
    -------
    array of float, shape (pairs,)
        Shares from 0 to 1; one half where all values are zero.
    """
    ordered = np.sort(differences, axis=1)[:, ::-1]
    positive = (ordered > 0).sum(axis=1)
    negative = (ordered < 0).sum(axis=1)
    found = np.where(positive > 0, 1.0, np.where(negative > 0, 0.0, 0.5))
    for above in np.unique(positive[(positive > 0) & (negative > 0)]).tolist():
        rows = np.flatnonzero((positive == above) & (negative > 0))
        across = np.ascontiguousarray(ordered[rows].T)
        found[rows] = _convex(across[:above], -across[above:])
    return found


def _convex(up: FloatArray, down: FloatArray) -> FloatArray:
    """Combine step by step; a value of zero among ``down`` changes nothing."""
    share = np.zeros_like(down)
    for rise in up:
        before: FloatArray | float = 1.0
        for place, fall in enumerate(down):
            share[place] = (rise * before + fall * share[place]) / (rise + fall)
            before = share[place]
    return np.asarray(share[-1], np.float64)


def _pairs(
    steps: FloatArray, corners: FloatArray | None
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Yield each pair once, with the share of weights for which the first wins, block by block."""
    count = len(steps)
    before = np.concatenate([[0], np.cumsum(np.arange(count - 1, 0, -1))])
    rows = np.arange(count)
    first = 0
    while first < count - 1:
        last = int(np.searchsorted(before, before[first] + _AT_ONCE, side="right")) - 1
        last = min(max(last, first + 1), count - 1)
        part = rows[first:last]
        one = np.repeat(part, count - 1 - part)
        other = np.concatenate([rows[row + 1 :] for row in part])
        apart = steps[one] - steps[other]
        if corners is not None:  # on a finer grid, so that equals stay equal
            apart = np.rint(apart @ corners.T * _FINER)
        yield one, other, share_above(apart)
        first = last


def _read(
    values: Values,
    weights: WeightSet | None,
    names: Sequence[str] | None,
    criteria: Sequence[str] | None,
) -> tuple[FloatArray, FloatArray | None]:
    """Return values as whole steps, shape (m, n), and corners unless all weights are allowed."""
    asked = read_values(values, names, criteria)
    corners = read_region(weights, asked.criteria).corners
    if corners is None:
        raise ArgumentError(
            "leaves no simplex of weights, so that nothing exact is at hand",
            where="weights",
            advice="Ask acceptability, which draws weights, or keep to an order or lower bounds",
        )
    everything = np.array_equal(corners, np.eye(len(corners)))
    return on_steps(asked.values).astype(np.float64), None if everything else corners
