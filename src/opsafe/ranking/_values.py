"""From ratings to values and scores, on integer counts of 1e-6 throughout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np

from opsafe._arguments import read_word
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._exact import ONE, half_up

if TYPE_CHECKING:
    from opsafe.ranking.ratings import Panel
    from opsafe.ranking.weights import Weights

__all__ = [
    "BORDA_CAUTION",
    "Aggregate",
    "additive_scores",
    "exact_values",
    "rater_values",
    "read_aggregate",
    "score_counts",
    "value_counts",
    "values_of",
]

Aggregate: TypeAlias = Literal["mean", "median", "borda"]
"""How the ratings of several people become one value.

``mean`` and ``median`` are of the ratings between the criterion's anchors. ``borda`` takes each
rater's order of the initiatives that he rated on a criterion: the best of n has 1, the next
(n - 2)/(n - 1), the last 0, equals the mean of theirs; then the mean over raters. A rater who rated
one initiative only says nothing of its order.
"""
BORDA_CAUTION: Final = (
    "Borda points count places among the initiatives that were rated, not values between the"
    " anchors: an initiative that is dropped can reorder the rest"
)
_MOST: Final = 2**62
_DENOMINATOR: Final = math.isqrt(ONE)  # fractions up to here lie more than a count apart


def read_aggregate(how: object) -> Aggregate:
    """Read how ratings are brought together.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is none of the three.
    """
    word: Aggregate = read_word(how, "aggregate", get_args(Aggregate))
    return word


def value_counts(panel: Panel, how: Aggregate) -> tuple[IntArray, BoolArray]:
    """Return anchored values of a panel as counts of 1e-6, rounded half up once.

    Parameters
    ----------
    panel : Panel
        Ratings.
    how : {"mean", "median", "borda"}
        How the ratings of several people become one value.

    Returns
    -------
    counts : array of int, shape (initiatives, criteria)
        0 to 1,000,000; 0 where nobody rated, so look at ``known`` first.
    known : array of bool, shape (initiatives, criteria)
        Whether there is a value.
    """
    shape = len(panel.initiatives), len(panel.criteria.names)
    counts, known = np.zeros(shape, np.int64), np.zeros(shape, bool)
    for at in range(shape[1]):
        whole, unit = _by_rater(panel, at, how)
        if how == "median":
            top, bottom = _middle(whole)
        else:
            top = np.array([sum(row[row >= 0].tolist()) for row in whole], object)
            bottom = (whole >= 0).sum(axis=1).astype(object)
        is_known = bottom > 0
        divisor = np.where(is_known, bottom, 1) * unit
        counts[:, at] = (2 * ONE * top + divisor) // (2 * divisor)
        known[:, at] = is_known
    return counts, known


def score_counts(values: IntArray, weights: Weights | IntArray) -> IntArray:
    """Return additive scores as counts of 1e-6, rounded half up once.

    Parameters
    ----------
    values : array of int, shape (initiatives, criteria)
        Anchored values as counts of 1e-6.
    weights : Weights, or array of int, shape (criteria,)
        Weights of the criteria, or their counts.

    Returns
    -------
    array of int, shape (initiatives,)
        0 to 1,000,000.

    Notes
    -----
    With weight counts W and values v: sum(W v) / sum(W). A count stands for the fraction with a
    denominator up to 1,000 that rounds to it, where there is one (there is never a second), else
    for itself. Three ratings that make 2/3 and 1/3 so add up to 1 and not to a count beside it:
    with rounded values up to a quarter of the ties of a panel of 3 to 11 raters would break.
    """
    counts = weights if isinstance(weights, np.ndarray) else weights.counts
    whole, unit = exact_values(np.asarray(values, np.int64))
    total = int(counts.sum()) * unit
    product = whole.astype(object) @ counts.astype(object)
    return np.asarray((2 * ONE * product + total) // (2 * total), np.int64)


def values_of(counts: IntArray, known: BoolArray) -> FloatArray:
    """Return values from 0 to 1 as the floats next to what their counts stand for; NaN if unknown.

    So that two thirds of the way are shown as 3.666667 points and not as 3.666668.
    """
    found, places = _fractions(counts)
    return np.where(known, np.array([float(each) for each in found])[places], np.nan)


def exact_values(counts: IntArray) -> tuple[Any, int]:
    """Return what counts stand for as whole multiples of 1/unit, and the unit."""
    return _over_one_unit(*_fractions(counts))


def _fractions(counts: IntArray) -> tuple[list[Fraction], IntArray]:
    """What distinct counts stand for, and the place of each count among them."""
    distinct, inverse = np.unique(counts, return_inverse=True)
    return [_stands_for(count) for count in distinct.tolist()], inverse.reshape(counts.shape)


@lru_cache(maxsize=1 << 16)
def _stands_for(count: int) -> Fraction:
    near = Fraction(count, ONE).limit_denominator(_DENOMINATOR)
    return near if half_up(near * ONE) == count else Fraction(count, ONE)


def additive_scores(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return sum of weight times value by initiative, with weights as they are."""
    return np.asarray(np.asarray(values, np.float64) @ np.asarray(weights, np.float64))


def rater_values(panel: Panel, how: Aggregate) -> FloatArray:
    """Return what each rater says, from 0 to 1: anchored ratings, or points under ``borda``.

    Parameters
    ----------
    panel : Panel
        Ratings.
    how : {"mean", "median", "borda"}
        How the ratings of several people become one value.

    Returns
    -------
    array of float, shape (initiatives, raters, criteria)
        NaN where he says nothing.
    """
    found = np.full(panel.scores.shape, np.nan)
    for at in range(panel.scores.shape[2]):
        whole, unit = _by_rater(panel, at, how)
        found[:, :, at] = np.where(whole >= 0, (whole / unit).astype(np.float64), np.nan)
    return found


def _by_rater(panel: Panel, at: int, how: Aggregate) -> tuple[Any, int]:
    """What each rater says on one criterion, as whole multiples of 1/unit; -1 for nothing."""
    scores, criterion = panel.scores[:, :, at], panel.criteria.criteria[at]
    distinct, inverse = np.unique(scores, return_inverse=True)
    exact = [None if np.isnan(each) else criterion.anchored_exactly(each) for each in distinct]
    whole, unit = _over_one_unit(exact, inverse.reshape(scores.shape))
    return _points(whole) if how == "borda" else (whole, unit)


def _points(whole: Any) -> tuple[Any, int]:
    """Borda points of each rater: twice those that he rates lower, and once the other equals."""
    rated = whole >= 0
    numbers = rated.sum(axis=0).tolist()
    unit = math.lcm(*(2 * (number - 1) for number in numbers if number > 1))
    points = np.full(whole.shape, -1, object)
    for rater, number in enumerate(numbers):
        if number < 2:
            continue
        mine = whole[rated[:, rater], rater]
        lower = (mine[:, None] > mine[None, :]).sum(axis=1)
        equal = (mine[:, None] == mine[None, :]).sum(axis=1) - 1
        scale = unit // (2 * (number - 1))
        points[rated[:, rater], rater] = [scale * each for each in (2 * lower + equal).tolist()]
    return points, unit


def _over_one_unit(exact: Sequence[Fraction | None], places: IntArray) -> tuple[Any, int]:
    unit = math.lcm(*(each.denominator for each in exact if each is not None))
    whole = [-1 if each is None else int(each * unit) for each in exact]
    # Sums of so many stay within 64 bits, or Python's own integers take over.
    small = unit * places.size * 2 * ONE < _MOST
    return np.array(whole, np.int64 if small else object)[places], unit


def _middle(whole: Any) -> tuple[Any, Any]:
    """Sum of the two middle values, and 2; both 0 where there are none."""
    top, bottom = np.zeros(len(whole), object), np.zeros(len(whole), object)
    for row, values in enumerate(whole):
        told = sorted(values[values >= 0].tolist())
        if told:
            top[row] = told[(len(told) - 1) // 2] + told[len(told) // 2]
            bottom[row] = 2
    return top, bottom
