"""Krippendorff's alpha: agreement of any number of raters, with ratings missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from opsafe._arguments import read_word
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray
from opsafe.ranking._reading import WithHoles, read_matrix

__all__ = ["KrippendorffAlpha", "MeasurementLevel", "krippendorff_alpha"]

MeasurementLevel: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]
"""What the numbers mean: names, an order, distances, or shares of a whole."""

_LEVELS: Final[tuple[MeasurementLevel, ...]] = get_args(MeasurementLevel)


@dataclass(frozen=True, slots=True)
class KrippendorffAlpha:
    """Krippendorff's alpha of one table of ratings."""

    alpha: float | None
    """1 is full agreement, 0 is what chance gives, below it is less; None where not defined."""
    level: MeasurementLevel
    coders: int
    """Coders with a value in a unit that counts."""
    units: int
    """Units with two values or more: no other can be compared."""
    values: int
    """Values in them."""
    not_defined: str | None
    """Why there is no alpha, or None."""


def krippendorff_alpha(
    ratings: WithHoles, level: MeasurementLevel = "ordinal"
) -> KrippendorffAlpha:
    """Return Krippendorff's alpha; ratings may be missing.

    Parameters
    ----------
    ratings : array_like, shape (coders, units)
        What each coder gave each unit; None and NaN are missing.
    level : {"ordinal", "interval", "nominal", "ratio"}, optional
        What the numbers mean. Steps of a rating scale are an order.

    Returns
    -------
    KrippendorffAlpha
        At most 1. Where nothing can be compared, or all values are equal, it is not defined, and
        it is said why.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no table of numbers, or holds an infinite one, or one below 0 at level "ratio".

    Notes
    -----
    alpha = 1 - observed / expected disagreement. Observed: the mean of d^2(a, b) over the pairs of
    values within units, a unit of m values counting m times. Expected: over all pairs of values.
    d^2 is 0 or 1 (nominal); (a - b)^2 (interval); ((a - b) / (a + b))^2 (ratio); or the squared
    number of values from a to b, those equal to a or b by half (ordinal).

    References
    ----------
    .. [1] Krippendorff K. Computing Krippendorff's alpha-reliability. 2011. Checked with the
       example at https://github.com/pln-fing-udelar/fast-krippendorff

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> three = [[1, 2, 4, None], [1, 3, 4, 2], [2, 2, None, None]]
    >>> found = rk.krippendorff_alpha(three)
    >>> round(found.alpha, 3), found.units, found.values
    (0.77, 3, 8)
    """
    given = read_matrix(ratings, "ratings", axes="coders by units", missing=True)
    meaning = read_word(level, "level", _LEVELS)
    if meaning == "ratio" and bool((given < 0).any()):
        raise ArgumentError(
            "holds a number below 0, which has no ratio",
            where="ratings",
            value=float(np.nanmin(given)),
        )
    present = ~np.isnan(given)
    paired = present.sum(axis=0) >= 2
    present &= paired
    steps, codes = np.unique(given[present], return_inverse=True)
    reason = None
    if not paired.any():
        reason = "no unit has values of two coders"
    elif len(steps) == 1:
        reason = "all values are equal"
    alpha = None
    if reason is None:
        unit_of = np.nonzero(present)[1]
        counts = np.zeros((given.shape[1], len(steps)))
        np.add.at(counts, (unit_of, codes), 1)
        alpha = _alpha(counts[paired], steps, meaning)
    coders = int(present.any(axis=1).sum())
    return KrippendorffAlpha(alpha, meaning, coders, int(paired.sum()), int(present.sum()), reason)


def _alpha(counts: FloatArray, steps: FloatArray, level: MeasurementLevel) -> float:
    """Alpha from how often each unit has each value."""
    in_unit = counts.sum(axis=1)
    weighted = counts / (in_unit - 1)[:, None]
    together = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    totals = counts.sum(axis=0)
    apart = _differences(totals, steps, level)
    observed = float((together * apart).sum())
    expected = float(totals @ apart @ totals) / float(totals.sum() - 1)
    return 1 - observed / expected


def _differences(totals: FloatArray, steps: FloatArray, level: MeasurementLevel) -> FloatArray:
    """Squared difference of each two values."""
    if level == "nominal":
        apart = 1 - np.eye(len(steps))
    elif level == "ordinal":
        middle = np.cumsum(totals) - totals / 2  # half of a value's own, and all below it
        apart = middle[:, None] - middle
    else:
        apart = steps[:, None] - steps
        if level == "ratio":
            whole = steps[:, None] + steps
            apart = apart / np.where(whole > 0, whole, 1)
    squared: FloatArray = apart**2
    return squared
