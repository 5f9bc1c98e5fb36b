"""What becomes of the order when one initiative is not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from opsafe._display import as_html
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._compared_values import panel_of
from opsafe.ranking._reading import read_matrix
from opsafe.ranking._values import score_counts, value_counts
from opsafe.ranking.ratings import Panel

if TYPE_CHECKING:
    from opsafe.ranking._values import Aggregate
    from opsafe.ranking.result import Ranking
    from opsafe.ranking.weights import Weights

__all__ = ["RankReversal", "rank_reversal_check", "rank_reversals"]

_DUST: Final = 1e-12  # of the largest score: closer ones are equal but for rounding


@dataclass(frozen=True, slots=True, eq=False)
class RankReversal:
    """What dropping each initiative does to the order of the others."""

    table: Columns
    """A row for each initiative that was dropped: how many of the pairs of the others changed
    their order (a tie made or broken counts), and whether the first place did."""
    pairs: int
    """Pairs of the others, for each one that was dropped."""
    share_changed: float
    """Share of the drops that changed an order."""
    free_by_construction: bool
    """Whether values rest on fixed anchors alone, so that no drop can change anything."""

    def __repr__(self) -> str:
        return f"RankReversal({self.share_changed:.0%} of {len(self.table)} drops)"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table)


def rank_reversals(values: npt.ArrayLike, score: Callable[[FloatArray], npt.ArrayLike]) -> IntArray:
    """Count, for each initiative, the pairs of the others that its removal reorders.

    Parameters
    ----------
    values : array_like of float, shape (initiatives, criteria)
        Values in any units.
    score : callable
        From values, of all initiatives or of all but one, to their scores, more being better.

    Returns
    -------
    array of int, shape (initiatives,)
        Pairs whose order changed, ties made or broken among them.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If values are no table of finite numbers, or scores are none of as many.

    Notes
    -----
    Any way to score can be held against it: scores by fixed anchors reorder nothing, scores that
    rest on the largest and smallest value at hand do.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> values = [[9, 1], [5, 5], [1, 7], [0, 20]]
    >>> by_anchors = rk.rank_reversals(values, lambda found: found @ [0.5, 0.5])
    >>> by_range = rk.rank_reversals(
    ...     values,
    ...     lambda found: ((found - found.min(0)) / (found.max(0) - found.min(0))).sum(1),
    ... )
    >>> by_anchors.tolist(), by_range.tolist()
    ([0, 0, 0, 0], [1, 0, 0, 2])
    """
    matrix = read_matrix(values, "values", axes="initiatives by criteria", missing=False)
    if not matrix.size:
        raise ArgumentError("is empty", where="values")
    if not callable(score):
        raise ArgumentTypeError("cannot be called", where="score", value=type(score).__name__)
    whole = _signs(_scored(matrix, score))
    found = np.zeros(len(matrix), np.int64)
    for place in range(len(matrix)):
        rest = np.arange(len(matrix)) != place
        if rest.any():
            without = _signs(_scored(matrix[rest], score))
            found[place] = (without != whole[np.ix_(rest, rest)]).sum() // 2
    return found


def _scored(values: FloatArray, score: Callable[[FloatArray], npt.ArrayLike]) -> FloatArray:
    found = np.asarray(score(values), np.float64)
    if found.shape != (len(values),) or not bool(np.isfinite(found).all()):
        raise ArgumentError(
            f"gives no finite score for each of {len(values)} initiatives", where="score"
        )
    return found


def _signs(scores: FloatArray) -> IntArray:
    """Which of each two is ahead: -1, 0 or 1."""
    apart = scores[:, None] - scores
    apart[np.abs(apart) <= _DUST * np.abs(scores).max(initial=0)] = 0
    return np.sign(apart).astype(np.int64)


def rank_reversal_check(ranking: Ranking) -> RankReversal:
    """Drop each initiative in turn, rank the others again, and say what changed.

    Parameters
    ----------
    ranking : Ranking
        A ranking.

    Returns
    -------
    RankReversal
        Nothing changes where ratings are brought together by mean or median, for values then rest
        on fixed anchors: the check proves it on the ratings at hand. Borda points can change.

    Raises
    ------
    ArgumentTypeError
        If it is no ranking.

    Notes
    -----
    Scores are compared as whole counts of 1e-6, so that ties are ties. An initiative without a
    score is in no pair.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> case = rk.example()
    >>> ranking = rk.rank(case.ratings, criteria=case.criteria, weights=case.weights, draws=100)
    >>> rk.rank_reversal_check(ranking).share_changed
    0.0
    """
    panel = panel_of(ranking)
    whole = _ranked(panel, ranking.aggregate, ranking.weights)
    first = _firsts(whole)
    changed, moved = np.zeros(len(whole), np.int64), np.zeros(len(whole), bool)
    for place in range(len(whole)):
        rest = np.flatnonzero(np.arange(len(whole)) != place)
        if not len(rest):
            continue
        fewer = replace(
            panel,
            initiatives=tuple(panel.initiatives[at] for at in rest),
            scores=panel.scores[rest],
        )
        without = _ranked(fewer, ranking.aggregate, ranking.weights)
        both = (without >= 0) & (whole[rest] >= 0)
        before, after = whole[rest][both], without[both]
        same = np.sign(before[:, None] - before) == np.sign(after[:, None] - after)
        changed[place] = (~same).sum() // 2
        # Others follow where the first was dropped itself.
        stays = first if not first[place] or first.sum() > 1 else _firsts(_dropped(whole, place))
        moved[place] = bool((_firsts(without) != stays[rest]).any())
    others = max(int((whole >= 0).sum()) - 1, 0)
    return RankReversal(
        table=Columns(
            {
                "dropped": Text.of(panel.initiatives),
                "pairs_changed": changed,
                "first_changed": moved,
            }
        ),
        pairs=others * (others - 1) // 2,
        share_changed=float((changed > 0).mean()) if len(changed) else 0.0,
        free_by_construction=ranking.aggregate != "borda",
    )


def _ranked(panel: Panel, how: Aggregate, weights: Weights) -> IntArray:
    """Scores as counts; -1 where a criterion that counts is not rated."""
    counts, known = value_counts(panel, how)
    is_ranked = (known | (weights.counts == 0)).all(axis=1)
    return np.where(is_ranked, score_counts(counts, weights), -1)


def _firsts(scores: IntArray) -> BoolArray:
    best = scores.max(initial=-1)
    return np.asarray((scores == best) & (scores >= 0), bool)


def _dropped(scores: IntArray, place: int) -> IntArray:
    without = scores.copy()
    without[place] = -1
    return without
