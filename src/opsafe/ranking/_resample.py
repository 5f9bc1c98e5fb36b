"""Raters resampled: what the values would be with other raters of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray
from opsafe.ranking._values import Aggregate, rater_values
from opsafe.ranking.ratings import Panel
from opsafe.uncertainty import Dirichlet, uniforms

__all__ = ["LEAST_RATERS", "drawn_values", "rater_weights"]

LEAST_RATERS: Final = 3  # alpha = (k - 2)/k must be above 0


def rater_weights(raters: Sequence[str], draws: int, seed: int) -> FloatArray:
    """Draw weights of raters, each from the stream of his name.

    Parameters
    ----------
    raters : sequence of str
        Three or more.
    draws : int
        How many.
    seed : int
        Seed of the run.

    Returns
    -------
    array of float, shape (draws, raters)
        In sum 1.

    Raises
    ------
    ArgumentError
        If there are fewer than three raters.

    Notes
    -----
    Dirichlet with every alpha (k - 2)/k for k raters: the variance of a mean is then
    s^2 (k - 1)/k / (k alpha + 1) = s^2/k with s^2 the sample variance, where the plain bootstrap
    and alpha = 1 give less.
    """
    number = len(raters)
    if number < LEAST_RATERS:
        raise ArgumentError(
            f"{number} {'rater is' if number == 1 else 'raters are'} too few to resample",
            where="ratings",
            value=number,
            allowed=(f"{LEAST_RATERS} or more",),
            advice='Ask more people, or use uncertainty="weights"',
        )
    return _weights(tuple(f"rater {name}" for name in raters), draws, seed)


@lru_cache(maxsize=4)
def _weights(names: tuple[str, ...], draws: int, seed: int) -> FloatArray:
    """Half a second for 15 raters, and asked for again by every check of the same panel."""
    alpha = (len(names) - 2) / len(names)
    own = np.array([uniforms(seed, name, draws) for name in names])
    drawn = Dirichlet(names=names, alpha=(alpha,) * len(names)).quantile(own)
    found = np.ascontiguousarray(drawn.T)
    found.flags.writeable = False
    return found


def drawn_values(panel: Panel, weights: FloatArray, how: Aggregate) -> FloatArray:
    """Return anchored values under drawn weights of raters.

    Parameters
    ----------
    panel : Panel
        Ratings.
    weights : array of float, shape (draws, raters)
        From :func:`rater_weights`.
    how : {"mean", "median", "borda"}
        How the ratings of several people become one value.

    Returns
    -------
    array of float, shape (draws, initiatives, criteria)
        0 to 1, over the raters who answered; NaN where nobody did.

    Notes
    -----
    Under ``median`` the value at which half of the weight lies below; ``mean`` and ``borda`` are
    weighted means.
    """
    told = rater_values(panel, how)
    if how == "median":
        return _weighted_medians(told, weights)
    initiatives, raters, criteria = told.shape
    flat = told.transpose(1, 0, 2).reshape(raters, initiatives * criteria)
    answered = (~np.isnan(flat)).astype(np.float64)
    weight = weights @ answered
    # Where those who answered have no weight that a float holds, they count alike.
    alone = weights @ np.nan_to_num(flat)
    with np.errstate(invalid="ignore", divide="ignore"):
        plain = np.nan_to_num(flat).sum(axis=0) / answered.sum(axis=0)
        values = np.where(weight > 0, alone / weight, plain)
    return np.clip(values, 0, 1).reshape(len(weights), initiatives, criteria)


def _weighted_medians(told: FloatArray, weights: FloatArray) -> FloatArray:
    found = np.full((len(weights), told.shape[0], told.shape[2]), np.nan)
    for initiative in range(told.shape[0]):
        for criterion in range(told.shape[2]):
            values = told[initiative, :, criterion]
            order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]
            if len(order):
                below = np.cumsum(weights[:, order], axis=1)
                place = (below < below[:, -1:] / 2).sum(axis=1)
                found[:, initiative, criterion] = values[order][place]
    return found
