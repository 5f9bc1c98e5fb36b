"""Net benefit, threshold by threshold: which strategy is best in a draw, and what is lost if not.

Net benefit is threshold x effect - cost. It is linear in the threshold, so that each strategy is
best in a draw on one stretch of thresholds, found without going through them. Arrays are by
strategy and draw.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from opsafe.costbenefit._dominance import TIE
from opsafe.quantity import FloatArray, IntArray

__all__ = ["best_on_average", "losses", "mean_net_benefit", "shares_best"]

_NEVER: Final = -1.0


def mean_net_benefit(
    costs: FloatArray,
    effects: FloatArray,
    thresholds: FloatArray,
    weights: FloatArray | None = None,
) -> FloatArray:
    """Mean net benefit by threshold and strategy; weights of the draws add up to one."""
    if weights is None:
        effect, cost = effects.mean(axis=1), costs.mean(axis=1)
    else:
        effect, cost = effects @ weights, costs @ weights
    mean: FloatArray = thresholds[:, None] * effect - cost
    return mean


def best_on_average(costs: FloatArray, effects: FloatArray, thresholds: FloatArray) -> IntArray:
    """Place of the strategy with the highest mean net benefit; of equals the first."""
    mean = mean_net_benefit(costs, effects, thresholds)
    size = thresholds[:, None] * np.abs(effects.mean(axis=1)) + np.abs(costs.mean(axis=1))
    close = mean >= (mean.max(axis=1) - TIE * size.max(axis=1))[:, None]
    return np.asarray(np.argmax(close, axis=1), np.int64)


def losses(
    costs: FloatArray,
    effects: FloatArray,
    thresholds: FloatArray,
    weights: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Mean over draws of what the best strategy on average loses to the best of each draw.

    Weights of the draws add up to one.

    Returns
    -------
    mean, squares : array of float, shape (thresholds,)
        Mean loss, and mean of its square.
    """
    stars = np.argmax(mean_net_benefit(costs, effects, thresholds, weights), axis=1)
    draws = costs.shape[1]
    mean, squares = np.zeros(len(thresholds)), np.zeros(len(thresholds))
    gain, lost = np.empty(draws), np.empty(draws)  # two rows that stay in the cache
    for star in np.unique(stars).tolist():
        others = [place for place in range(len(costs)) if place != star]
        more = [(effects[each] - effects[star], costs[each] - costs[star]) for each in others]
        for place in np.flatnonzero(stars == star).tolist():
            lost.fill(0)
            for more_effect, more_cost in more:
                np.multiply(more_effect, thresholds[place], out=gain)
                np.subtract(gain, more_cost, out=gain)
                np.maximum(lost, gain, out=lost)
            if weights is None:
                mean[place], squares[place] = lost.sum() / draws, lost @ lost / draws
            else:
                mean[place], squares[place] = weights @ lost, weights @ (lost * lost)
    return mean, squares


def shares_best(costs: FloatArray, effects: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Share of draws in which each strategy is best, by threshold and strategy; ties are split.

    Wins by more than the tolerance are counted from stretches of thresholds. Only at thresholds
    where they are not one a draw are net benefits compared, to split the ties.
    """
    order = np.argsort(thresholds, kind="stable")
    rising = thresholds[order]
    # A tie is a difference below TIE x (threshold x largest effect + largest cost) in the draw.
    slack = TIE * np.abs(effects).max(axis=0), TIE * np.abs(costs).max(axis=0)
    wins = np.empty((len(thresholds), len(costs)))
    for place in range(len(costs)):
        wins[order, place] = _wins(costs, effects, place, slack, rising)
    for place in np.flatnonzero(wins.sum(axis=1) != costs.shape[1]).tolist():
        wins[place] = _split(costs, effects, float(thresholds[place]), slack)
    wins /= costs.shape[1]
    return wins


def _wins(
    costs: FloatArray,
    effects: FloatArray,
    place: int,
    slack: tuple[FloatArray, FloatArray],
    rising: FloatArray,
) -> FloatArray:
    """Draws in which a strategy beats every other, for each of the rising thresholds."""
    low, high = np.zeros(costs.shape[1]), np.full(costs.shape[1], np.inf)
    for other in range(len(costs)):
        if other != place:
            more_effect = effects[place] - effects[other] - slack[0]
            more_cost = costs[place] - costs[other] + slack[1]
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                at = more_cost / more_effect
            np.maximum(low, at, out=low, where=more_effect > 0)
            np.minimum(high, at, out=high, where=more_effect < 0)
            high[(more_effect == 0) & (more_cost >= 0)] = _NEVER
    first = np.searchsorted(rising, low, side="left")
    last = np.maximum(np.searchsorted(rising, high, side="right"), first)
    size = len(rising) + 1
    begun, ended = (np.bincount(ends, minlength=size) for ends in (first, last))
    return np.cumsum(begun - ended)[:-1].astype(np.float64)


def _split(
    costs: FloatArray,
    effects: FloatArray,
    threshold: float,
    slack: tuple[FloatArray, FloatArray],
) -> FloatArray:
    benefit = threshold * effects - costs
    best = benefit >= benefit.max(axis=0) - (threshold * slack[0] + slack[1])
    split: FloatArray = (best / best.sum(axis=0)).sum(axis=1)
    return split
