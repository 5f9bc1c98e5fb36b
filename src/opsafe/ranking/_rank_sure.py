"""How sure a ranking is: raters resampled, weights moved within bounds, and both at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._rank_asked import KINDS, Asked, Kind
from opsafe.ranking._resample import drawn_values, rater_weights
from opsafe.ranking.acceptability import Acceptability, acceptability, of_scores
from opsafe.ranking.ratings import Panel
from opsafe.ranking.weight_set import WeightSet
from opsafe.ranking.weights import Weights

__all__ = ["Sure", "how_sure", "raters_who_rated"]

_RATERS = "raters resampled by Dirichlet weights, alpha (n - 2)/n"
_MOST_DRAWN = 100_000_000  # numbers held at once, 0.8 GB


@dataclass(frozen=True, slots=True, eq=False)
class Sure:
    """What is known of how sure the order is."""

    by_kind: dict[Kind, Acceptability | None]
    """Of the initiatives that are ranked; None where it was not evaluated."""
    why_not: dict[Kind, str]
    """Why it was not."""
    few: BoolArray
    """Initiatives with too few ratings to resample on a criterion that counts."""
    drawn: FloatArray | None
    """Anchored values by draw, initiative and criterion, raters resampled."""

    def told(self, kind: Kind) -> BoolArray:
        """Which initiatives have an interval of this kind, of those that are ranked."""
        if self.by_kind[kind] is None:
            return np.zeros(len(self.few), bool)
        return np.ones(len(self.few), bool) if kind == "weights" else ~self.few


def raters_who_rated(panel: Panel) -> Panel:
    """The panel without raters who rated nothing: they cannot be resampled."""
    active: BoolArray = np.asarray(panel.rated.any(axis=(0, 2)))
    if active.all():
        return panel
    raters = tuple(name for name, here in zip(panel.raters, active, strict=True) if here)
    return replace(panel, raters=raters, scores=panel.scores[:, active])


def how_sure(
    panel: Panel, values: FloatArray, weights: Weights, ranked: IntArray, asked: Asked
) -> Sure:
    """Evaluate the three kinds, each on the same draws of its own streams.

    Parameters
    ----------
    panel : Panel
        Ratings.
    values : array of float, shape (initiatives, criteria)
        Anchored values, NaN where nobody rated.
    weights : Weights
        As given.
    ranked : array of int
        Places of the initiatives that are ranked.
    asked : Asked
        Choices.
    """
    counting = weights.counts > 0
    least = int(asked.defaults.least_raters_to_resample.value)
    active = raters_who_rated(panel)
    few: BoolArray = np.asarray((panel.counts[:, counting] < least).any(axis=1))
    empty = Sure(dict.fromkeys(KINDS), {}, few, None)
    if asked.uncertainty == "none":
        return replace(empty, why_not=dict.fromkeys(KINDS, "not asked for"))
    if not len(ranked):
        return replace(empty, why_not=dict.fromkeys(KINDS, "no initiative is ranked"))
    names = tuple(panel.initiatives[at] for at in ranked)
    found = dict(empty.by_kind)
    why: dict[Kind, str] = {}
    moving = _moving(values[ranked], weights, asked)
    if moving is None:
        why["weights"] = why["both"] = (
            "weight_set gives weight to a criterion on which an initiative is not rated"
        )
    else:
        found["weights"] = _of_weights(values[ranked], names, weights, moving, asked)
    drawn = None
    if len(active.raters) < least:
        why["raters"] = why["both"] = f"too few raters: {len(active.raters)}, {least} are needed"
    else:
        drawn = _drawn(active, asked)
        known = np.nan_to_num(drawn[:, ranked])  # what counts is known; the rest has no weight
        found["raters"] = _scored(names, known @ weights.values, asked, _RATERS)
        if moving is not None:
            each = _sampled(moving, weights, asked)
            scores = np.einsum("dmn,dn->dm", known, each)
            found["both"] = _scored(names, scores, asked, f"{_RATERS}; weights from their set")
    return Sure(found, why, few, drawn)


def _scored(names: tuple[str, ...], scores: FloatArray, asked: Asked, drawn: str) -> Acceptability:
    return of_scores(names, scores, ties=asked.ties, drawn=drawn)


def _drawn(active: Panel, asked: Asked) -> FloatArray:
    size = asked.draws * len(active.initiatives) * len(active.criteria.names)
    if size > _MOST_DRAWN:
        raise ArgumentError(
            f"so many draws of this panel are {size:,} numbers, more than {_MOST_DRAWN:,}",
            where="draws",
            value=asked.draws,
            advice="Ask for fewer",
        )
    shares = rater_weights(active.raters, asked.draws, asked.seed)
    drawn = drawn_values(active, shares, asked.aggregate)
    drawn.flags.writeable = False
    return drawn


def _moving(values: FloatArray, weights: Weights, asked: Asked) -> BoolArray | None:
    """Criteria whose weight moves: all under a set of one's own, else those that count now.

    A weight of 0 says that a criterion is not to count: it stays so unless the caller's own set
    moves it. None where it would have to count for an initiative that was not rated on it.
    """
    if asked.weight_set is None:
        return weights.counts > 0
    return None if np.isnan(values).any() else np.ones(len(weights.names), bool)


def _fixed(moving: BoolArray, asked: Asked) -> bool:
    """Whether there is no other weight than the given."""
    return bool(moving.sum() == 1) or (asked.weight_set is None and asked.half_width == 0)


def _set_of(moving: BoolArray, weights: Weights, asked: Asked) -> WeightSet:
    if asked.weight_set is not None:
        return asked.weight_set
    around = tuple(
        (name, value)
        for name, value, moves in zip(weights.names, weights.values.tolist(), moving, strict=True)
        if moves
    )
    return WeightSet(around=around, half_width=asked.half_width)


def _names_of(moving: BoolArray, weights: Weights) -> tuple[str, ...]:
    return tuple(name for name, moves in zip(weights.names, moving, strict=True) if moves)


def _of_weights(
    values: FloatArray,
    names: tuple[str, ...],
    weights: Weights,
    moving: BoolArray,
    asked: Asked,
) -> Acceptability:
    """Exact for two criteria that move; one alone has nothing to move."""
    if _fixed(moving, asked):
        point = np.nan_to_num(values) @ weights.values
        return _scored(names, point[None, :], asked, "no weight moves")
    return acceptability(
        values[:, moving],
        names,
        criteria=_names_of(moving, weights),
        weights=_set_of(moving, weights, asked),
        draws=asked.draws,
        seed=asked.seed,
        ties=asked.ties,
    )


def _sampled(moving: BoolArray, weights: Weights, asked: Asked) -> FloatArray:
    """Weights by draw and criterion, 0 where a criterion does not move."""
    found = np.tile(weights.values, (asked.draws, 1))
    if not _fixed(moving, asked):
        names = _names_of(moving, weights)
        found[:, moving] = _set_of(moving, weights, asked).sample(names, asked.draws, asked.seed)
    return found
