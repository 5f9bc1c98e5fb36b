"""Stochastic acceptability with uncertain values: which weights favour whom, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsafe._display import as_html
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray
from opsafe.ranking._kernel import on_steps, rank_shares
from opsafe.ranking._reading import read_array
from opsafe.ranking._simplex import draw
from opsafe.ranking._valued import Valued, Values, read_values
from opsafe.ranking.acceptability import Acceptability, read_drawn_weights
from opsafe.ranking.ties import TieRule, read_ties
from opsafe.ranking.weight_set import WeightSet, read_region
from opsafe.uncertainty import read_draws, read_seed, uniforms

__all__ = ["Smaa", "smaa"]


@dataclass(frozen=True, slots=True, eq=False)
class Smaa:
    """Acceptability with what stands behind the first place."""

    acceptability: Acceptability
    criteria: tuple[str, ...]
    central_weights: FloatArray
    """Mean of the weights for which an initiative is first, shape (m, n); NaN where it never is."""
    confidence: FloatArray
    """How likely each is first under its own central weights, shape (m,); NaN where it never is."""

    @property
    def table(self) -> Columns:
        """A row for each initiative."""
        found = self.acceptability
        weights = {
            f"central_weight_{name}": self.central_weights[:, at]
            for at, name in enumerate(self.criteria)
        }
        return Columns(
            {
                "initiative": Text.of(found.initiatives),
                "first_probability": found.probabilities[:, 0],
                "holistic": found.holistic,
                "confidence": self.confidence,
                **weights,
            }
        )

    def __repr__(self) -> str:
        return f"Smaa({self.acceptability!r})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table)


def smaa(
    values: Values,
    names: Sequence[str] | None = None,
    *,
    criteria: Sequence[str] | None = None,
    box: npt.ArrayLike | None = None,
    weights: WeightSet | npt.ArrayLike | None = None,
    draws: int = 10_000,
    seed: int = 1,
    ties: TieRule = "group",
) -> Smaa:
    """Return acceptability, central weights and confidence, with values uncertain within a box.

    Parameters
    ----------
    values : Ranking, or array_like of float, shape (m, n)
        Values on one common scale by initiative and criterion, more is better.
    names, criteria : sequence of str, optional
        Names of the initiatives and of the criteria; numbered without them.
    box : array_like of float, shape (), (n,) or (m, n), optional
        Half width by which each value may be off either way, on the scale of the values: any value
        within is as likely. A relative one is the share times the value. Without it values are
        certain.
    weights : WeightSet, or array_like of float, shape (draws, n), optional
        What is known about weights, or drawn ones. Without it all weights are allowed.
    draws : int, optional
        Number of draws, 1 to a million, where weights are drawn here.
    seed : int, optional
        Seed, 0 or more. Each value has a stream of its own, named by initiative and criterion.
    ties : {"group", "competition", "average"}, optional
        As in :func:`acceptability`.

    Returns
    -------
    Smaa
        Shares from 0 to 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a value is missing or infinite, a half width negative, or no weights are allowed.

    Notes
    -----
    Central weights are the mean of w over the draws in which an initiative is first, ties shared;
    the confidence factor is the share of draws of all values in which it is first, alone or tied,
    under its central weights. Without a box that is 1 wherever it is defined and says nothing
    [1]_ [2]_.

    References
    ----------
    .. [1] Lahdelma R, Hokkanen J, Salminen P. SMAA: stochastic multiobjective acceptability
       analysis. European Journal of Operational Research 1998;106(1):137-143.
    .. [2] Lahdelma R, Salminen P. SMAA-2: stochastic multicriteria acceptability analysis for group
       decision making. Operations Research 2001;49(3):444-454.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> found = rk.smaa([[1, 0], [0, 1]], ["naloxone", "mentoring"], box=0.1)
    >>> found.central_weights.round(2).tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    asked = read_values(values, names, criteria)
    rule = read_ties(ties)
    number, root = read_draws(draws), read_seed(seed)
    half = _read_box(box, asked)
    if weights is None or isinstance(weights, WeightSet):
        drawn, how = draw(read_region(weights, asked.criteria), number, root)
    else:
        drawn, how = read_drawn_weights(weights, asked), "given draws"
    value_of = _drawn_values(asked, half, len(drawn), root)
    count = len(asked.initiatives)
    scores = np.stack([(value_of(at) * drawn).sum(axis=1) for at in range(count)], axis=1)
    shares = rank_shares(scores, competition=rule == "competition") / len(drawn)
    shares.flags.writeable = False
    central = _central_weights(scores, drawn)
    found = Acceptability(asked.initiatives, shares, "sampled", len(drawn), rule, how)
    return Smaa(found, asked.criteria, central, _confidence(value_of, central))


def _read_box(box: npt.ArrayLike | None, asked: Valued) -> FloatArray:
    half = np.zeros_like(asked.values)
    if box is None:
        return half
    axes = "one number, a row of the criteria, or a table of initiatives by criteria"
    given = read_array(box, "box", shape=None, axes=axes, missing=False)
    try:
        half += given
    except ValueError:
        raise ArgumentError(f"is no {axes}", where="box", value=given.shape) from None
    if (given < 0).any():
        raise ArgumentError("holds a half width that is negative", where="box")
    return half


def _drawn_values(
    asked: Valued, half: FloatArray, draws: int, seed: int
) -> Callable[[int], FloatArray]:
    """Return what draws the values of one initiative, (draws, n), the same at each call."""

    def of(at: int) -> FloatArray:
        drawn = np.tile(asked.values[at], (draws, 1))
        for place, width in enumerate(half[at]):
            if width:
                name = f"value of {asked.initiatives[at]}: {asked.criteria[place]}"
                drawn[:, place] += width * (2 * uniforms(seed, name, draws) - 1)
        return drawn

    return of


def _central_weights(scores: FloatArray, drawn: FloatArray) -> FloatArray:
    steps = on_steps(scores)
    first = (steps == steps.max(axis=1, keepdims=True)).astype(np.float64)
    first /= first.sum(axis=1, keepdims=True)
    often = first.sum(axis=0)
    central = np.full((scores.shape[1], drawn.shape[1]), np.nan)
    ever = often > 0
    central[ever] = (first.T @ drawn)[ever] / often[ever, None]
    return central


def _confidence(value_of: Callable[[int], FloatArray], central: FloatArray) -> FloatArray:
    """Return how often each is first under its own central weights; values are drawn again."""
    asked = np.flatnonzero(~np.isnan(central[:, 0]))
    own = np.stack([value_of(int(at)) @ central[at] for at in asked], axis=1)
    ahead = np.ones(own.shape, bool)
    span = np.abs(own).max() or 1.0
    for other in range(len(central)):
        rival = value_of(other) @ central[asked].T
        ahead &= (own >= rival - span * 2.0**-40) | (asked == other)
    found = np.full(len(central), np.nan)
    found[asked] = ahead.mean(axis=0)
    return found
