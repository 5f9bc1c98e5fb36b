"""The next rivals of an initiative, and the smallest changes that would bring them level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.quantity import BoolArray
from opsafe.ranking._exact import ONE
from opsafe.ranking._rank_fields import Told
from opsafe.ranking.flips import WeightChange, smallest_weight_change
from opsafe.ranking.pairwise import win_probability
from opsafe.ranking.score_flips import rating_changes, value_changes

__all__ = ["RatingChange", "Rival", "rival_of"]

_DUST: Final = 2.0**-40  # scores of draws that are closer than this are tied


@dataclass(frozen=True, slots=True)
class RatingChange:
    """The smallest change of one person's rating that brings two initiatives level, or beyond."""

    criterion: str
    rating: float
    """As it is, in the criterion's unit; whose it is stays out."""
    to: float
    passes: bool
    """Whether they swap; else they draw level."""


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """The initiative next to another in the order, and what would bring the two level."""

    initiative: str
    above: bool
    """Whether it stands above the one that is explained."""
    gap: float
    """Difference of the scores, 0 to 1."""
    also: tuple[str, ...]
    """Others with the rival's score."""
    weight_change: WeightChange
    """The smallest change of weights."""
    value_changes: Columns
    """By criterion that counts: the value of the explained one for the team as a whole, the value
    at which the two are level (NaN where none within the anchors is), and the change. There is no
    row where values are Borda points."""
    rating_change: RatingChange | None
    """The smallest change of one rating of the explained one, of those that
    :func:`rating_changes` tries; None where no single rating does it."""
    wins_raters: float
    """Share of the draws of raters in which the explained one is ahead, ties half; NaN without
    draws, or where one of the two has too few ratings."""
    wins_weights: float
    """Share of all possible weights under which the explained one is ahead, ties half; exact."""


def rival_of(ranking: Told, at: int, *, above: bool) -> Rival | None:
    """The next one above or below in the order; None at its end."""
    counts = ranking.score_counts
    mine = counts[at]
    others = np.flatnonzero((counts > mine) if above else (counts < mine) & (counts >= 0))
    if not len(others):
        return None
    nearest = counts[others].min() if above else counts[others].max()
    same = np.flatnonzero(counts == nearest).tolist()
    other = same[0]
    name, rival = ranking.initiatives[at], ranking.initiatives[other]
    pair = (rival, name) if above else (name, rival)
    return Rival(
        initiative=rival,
        above=above,
        gap=abs(int(nearest) - int(mine)) / ONE,
        also=tuple(ranking.initiatives[each] for each in same[1:]),
        weight_change=_weight_change(ranking, at, other, pair),
        value_changes=_value_changes(ranking, at, pair),
        rating_change=_rating_change(ranking, at, pair),
        wins_raters=_wins_raters(ranking, at, other),
        wins_weights=_wins_weights(ranking, at, other),
    )


def _weight_change(ranking: Told, at: int, other: int, pair: tuple[str, str]) -> WeightChange:
    """Over the criteria on which both are rated: the others have no weight, and none to win."""
    rated: BoolArray = np.asarray(~np.isnan(ranking.values[[at, other]]).any(axis=0))
    names = [name for name, here in zip(ranking.weights.names, rated, strict=True) if here]
    values = {
        ranking.initiatives[each]: dict(
            zip(names, ranking.values[each, rated].tolist(), strict=True)
        )
        for each in (at, other)
    }
    given = dict(zip(names, ranking.weights.counts[rated].tolist(), strict=True))
    return smallest_weight_change(values, *pair, weights=given)


def _is_known(ranking: Told, pair: tuple[str, str]) -> bool:
    places = [ranking.initiatives.index(name) for name in pair]
    return not np.isnan(ranking.values[places]).any()


def _value_changes(ranking: Told, at: int, pair: tuple[str, str]) -> Columns:
    """Of the explained one alone; without rows where values are Borda points, or not all known."""
    if ranking.aggregate == "borda" or not _is_known(ranking, pair):
        nothing = np.zeros(0)
        return Columns(
            {"criterion": Text.of(()), "value": nothing, "level_at": nothing, "change": nothing}
        )
    found = value_changes(ranking, *pair)
    mine = (found["initiative"] == ranking.initiatives[at]) & ~np.isnan(found["needed_value"])
    level = np.where(found["is_possible"], found["needed_value"], np.nan)[mine]
    return Columns(
        {
            "criterion": Text.of(found["criterion"][mine].tolist()),
            "value": found["value"][mine],
            "level_at": level,
            "change": level - found["value"][mine],
        }
    )


def _rating_change(ranking: Told, at: int, pair: tuple[str, str]) -> RatingChange | None:
    """The smallest of the explained one's own ratings; whose it is stays out."""
    if not _is_known(ranking, pair):
        return None
    found = rating_changes(ranking, *pair)
    able = (found["outcome"] != "not possible") & (found["initiative"] == ranking.initiatives[at])
    if not able.any():
        return None
    first = int(np.argmax(able))
    return RatingChange(
        criterion=str(found["criterion"][first]),
        rating=float(found["rating"][first]),
        to=float(found["needed_rating"][first]),
        passes=bool(found["outcome"][first] == "swap"),
    )


def _wins_raters(ranking: Told, at: int, other: int) -> float:
    drawn = ranking.drawn_values
    is_told = ~np.isnan(ranking.by_uncertainty["expected_rank_raters"])
    if drawn is None or not is_told[[at, other]].all():
        return np.nan
    ahead = np.nan_to_num(drawn[:, at] - drawn[:, other]) @ ranking.weights.values
    return float(np.mean((ahead > _DUST) + 0.5 * (np.abs(ahead) <= _DUST)))


def _wins_weights(ranking: Told, at: int, other: int) -> float:
    both = ranking.values[[at, other]]
    return np.nan if np.isnan(both).any() else float(win_probability(both)[0, 1])
