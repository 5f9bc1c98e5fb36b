"""How little a value or a rating must change before two initiatives swap; the order without one.

Beside the weights, what decides an order is what somebody rated. These tables say which single
value, and which single rating of one person, two initiatives hang on, and whose ratings the order
would miss.
"""

# More than 300 lines: three questions of one kind, with what each says, and the scoring they share.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe._arguments import read_whole
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._scored import Scored, read_pair, read_scored
from opsafe.ranking._values import Aggregate, value_counts

if TYPE_CHECKING:
    from opsafe.ranking._rank_fields import Told
    from opsafe.ranking.criteria import Criterion
    from opsafe.ranking.ratings import Panel

__all__ = ["rating_changes", "value_changes", "without_each_rater"]

_NONE: Final = "not possible"


def value_changes(ranking: Told, better: str, worse: str) -> Columns:
    """Find for each single value how far it must go until two initiatives have one score.

    Parameters
    ----------
    ranking : Ranking
        A ranking.
    better, worse : str
        Two of its initiatives; the first must not score below the second.

    Returns
    -------
    Columns
        By initiative of the two and criterion: ``value``, ``needed_value`` and ``change`` in the
        criterion's own unit, ``share_of_range`` (how far it goes, of the way between the anchors)
        and ``is_possible`` (whether the needed value lies between the anchors). A criterion
        without weight has no needed value (NaN).

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is unknown, the two stand the other way round, or a value is missing.

    Notes
    -----
    With the margin D of the scores, a value must go by D / w(j): down for the better of the two,
    up for the other.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> ratings = [
    ...     {"initiative": "naloxone", "impact": 5, "ease": 4},
    ...     {"initiative": "dashboard", "impact": 3, "ease": 5},
    ... ]
    >>> weights = {"impact": 60, "ease": 40}
    >>> found = rk.rank(
    ...     ratings, criteria=rk.IMPACT_EASE_1_5, weights=weights, uncertainty="none"
    ... )
    >>> rk.value_changes(found, "naloxone", "dashboard")["needed_value"].round(4).tolist()
    [3.6667, 2.0, 4.3333, 7.0]
    """
    _check(ranking)
    if ranking.aggregate == "borda":
        raise ArgumentError(
            "values are Borda points, which nobody rates one by one",
            where="ranking",
            advice="rating_changes tells which rating would do",
        )
    scored = read_scored(ranking)
    upper, lower = read_pair(scored, better, worse)
    margin = scored.margin(upper, lower)
    whole, unit = scored.exact_pair(upper, lower)
    values, needed = np.zeros((2, len(scored.criteria))), np.zeros((2, len(scored.criteria)))
    for row, sign in enumerate((-1, 1)):
        values[row] = [each / unit for each in whole[row]]
        for column, weight in enumerate(scored.weights.tolist()):
            change = float(margin / weight) if weight else np.nan
            needed[row, column] = values[row, column] + sign * change
    own = ranking.criteria.criteria
    now, then = _in_unit(own, values), _in_unit(own, needed)
    with np.errstate(invalid="ignore"):  # NaN where a criterion has no weight
        is_possible = (needed >= 0) & (needed <= 1)
    return Columns(
        {
            "initiative": Text.of((upper, lower)).repeat(len(own)),
            "criterion": Text.of(scored.criteria * 2),
            "value": now,
            "needed_value": then,
            "change": then - now,
            "share_of_range": np.abs(needed - values).ravel(),
            "is_possible": is_possible.ravel(),
        }
    )


def rating_changes(ranking: Told, better: str, worse: str) -> Columns:
    """Find for each single rating of one person the nearest at which two initiatives swap.

    Parameters
    ----------
    ranking : Ranking
        A ranking.
    better, worse : str
        Two of its initiatives; the first must not score below the second.

    Returns
    -------
    Columns
        By rater, initiative of the two and criterion: ``rating``, ``needed_rating`` and
        ``change`` in the criterion's own unit, and the ``outcome``: ``"swap"``, ``"tie"``, or
        ``"not possible"`` with one rating alone (the needed rating is then NaN). Those that need
        the least come first.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is unknown, the two stand the other way round, or a value is missing.

    Notes
    -----
    The ratings tried are the steps of the criterion, or, where it has none, its anchors. Each is
    put in the place of what was rated, and the two are scored anew as the ranking scores: under
    ``borda`` a rating moves other initiatives too.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> ratings = [
    ...     {"initiative": "naloxone", "rater": "Ann", "impact": 5, "ease": 3},
    ...     {"initiative": "naloxone", "rater": "Ben", "impact": 4, "ease": 3},
    ...     {"initiative": "dashboard", "rater": "Ann", "impact": 3, "ease": 4},
    ...     {"initiative": "dashboard", "rater": "Ben", "impact": 4, "ease": 4},
    ... ]
    >>> weights = {"impact": 60, "ease": 40}
    >>> found = rk.rank(
    ...     ratings, criteria=rk.IMPACT_EASE_1_5, weights=weights, uncertainty="none"
    ... )
    >>> changes = rk.rating_changes(found, "naloxone", "dashboard")
    >>> changes["rater"][0], changes["criterion"][0], float(changes["needed_rating"][0])
    ('Ann', 'impact', 4.0)
    """
    _check(ranking)
    scored = read_scored(ranking)
    upper, lower = read_pair(scored, better, worse)
    found = sorted(_tried(ranking, scored, upper, lower), key=lambda each: each.sort_key)
    now = np.array([each.rating for each in found], np.float64)
    then = np.array([each.needed for each in found], np.float64)
    return Columns(
        {
            "rater": Text.of(each.rater for each in found),
            "initiative": Text.of(each.initiative for each in found),
            "criterion": Text.of(each.criterion.name for each in found),
            "rating": now,
            "needed_rating": then,
            "change": then - now,
            "outcome": Text.of(each.outcome for each in found),
        }
    )


def without_each_rater(ranking: Told, k: int | None = None) -> Columns:
    """Leave out one rater at a time, and tell what becomes of the order and of the first k.

    Parameters
    ----------
    ranking : Ranking
        A ranking.
    k : int, optional
        How many places are the top; those of the ranking without it.

    Returns
    -------
    Columns
        By rater: ``first`` (who is first without the ratings of this one), ``pairs_swapped``
        (pairs whose order turns round), ``order_changes``, ``top_changes``, ``enters`` and
        ``leaves`` (names), and ``no_longer_rated`` (names).

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no ranking, or k is no number of places.

    Notes
    -----
    The top holds each initiative that fewer than k others outscore: a tie over its edge is in it.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> ratings = [
    ...     {"initiative": "naloxone", "rater": "Ann", "impact": 5, "ease": 3},
    ...     {"initiative": "naloxone", "rater": "Ben", "impact": 3, "ease": 3},
    ...     {"initiative": "dashboard", "rater": "Ann", "impact": 3, "ease": 3},
    ...     {"initiative": "dashboard", "rater": "Ben", "impact": 4, "ease": 3},
    ... ]
    >>> weights = {"impact": 60, "ease": 40}
    >>> found = rk.rank(
    ...     ratings, criteria=rk.IMPACT_EASE_1_5, weights=weights, uncertainty="none"
    ... )
    >>> changes = rk.without_each_rater(found, 1)
    >>> changes["rater"].tolist(), changes["first"].tolist()
    (['Ann', 'Ben'], ['dashboard', 'naloxone'])
    """
    _check(ranking)
    places = read_whole(ranking.top if k is None else k, "k", 1, 10**6)
    scored, panel = read_scored(ranking), ranking.panel
    before = scored.scores
    rows = []
    for rater in range(len(panel.raters)):
        scores = panel.scores.copy()
        scores[:, rater] = np.nan
        rows.append(_scores(scored, replace(panel, scores=scores), ranking.aggregate))
    names = scored.initiatives
    top = [_top(row, places) for row in rows]
    at_first, swapped = _top(before, places), [_swapped(before, row) for row in rows]
    return Columns(
        {
            "rater": Text.of(panel.raters),
            "first": Text.of(_said(names, _top(row, 1)) for row in rows),
            "pairs_swapped": np.array(swapped, np.int64),
            "order_changes": np.array([_turns(before, row) for row in rows], bool),
            "top_changes": np.array([bool((each != at_first).any()) for each in top], bool),
            "enters": Text.of(_said(names, each & ~at_first) for each in top),
            "leaves": Text.of(_said(names, at_first & ~each) for each in top),
            "no_longer_rated": Text.of(_said(names, (row < 0) & (before >= 0)) for row in rows),
        }
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """One rating, and the nearest other that does it."""

    rater: str
    initiative: str
    criterion: Criterion
    rating: float
    needed: float = np.nan
    outcome: str = _NONE

    @property
    def sort_key(self) -> tuple[bool, float]:
        way = abs(self.needed - self.rating) / (self.criterion.high - self.criterion.low)
        return self.outcome == _NONE, 0.0 if self.outcome == _NONE else way


def _tried(ranking: Told, scored: Scored, upper: str, lower: str) -> list[_Tried]:
    """Every rating of the two on a criterion that counts, with the nearest other that does it."""
    panel = ranking.panel
    ways = [
        (at, rater, column, step)
        for at, name in enumerate((upper, lower))
        for column, criterion in enumerate(panel.criteria.criteria)
        if scored.weights[column]
        for rater, rating in enumerate(_own(panel, name)[:, column].tolist())
        for step in _steps(criterion, rating, criterion.best if at else criterion.worst)
    ]
    margins = _margins(ranking, scored, (upper, lower), ways)
    found: dict[tuple[int, int, int], _Tried] = {}
    for (at, rater, column, step), margin in zip(ways, margins, strict=True):
        name = (upper, lower)[at]
        rating = float(_own(panel, name)[rater, column])
        tried = _Tried(panel.raters[rater], name, panel.criteria.criteria[column], rating)
        known = found.setdefault((at, rater, column), tried)
        if margin <= 0 and known.outcome == _NONE:  # steps come the nearest first
            outcome = "swap" if margin < 0 else "tie"
            found[at, rater, column] = replace(tried, needed=step, outcome=outcome)
    return list(found.values())


def _own(panel: Panel, name: str) -> FloatArray:
    """Ratings of one initiative, raters by criteria."""
    found: FloatArray = panel.scores[panel.initiatives.index(name)]
    return found


def _steps(criterion: Criterion, rating: float, towards: float) -> list[float]:
    """Ratings from one on the way to an anchor, the nearest first; it itself where it is there."""
    if rating != rating:
        return []
    steps = [step.value for step in criterion.steps] or [criterion.worst, criterion.best]
    sign = 1 if towards > rating else -1
    way = sorted((each for each in steps if (each - rating) * sign > 0), key=lambda x: x * sign)
    return way if towards != rating and way else [rating]


def _margins(
    ranking: Told,
    scored: Scored,
    pair: tuple[str, str],
    ways: Sequence[tuple[int, int, int, float]],
) -> list[int]:
    """The margin of the scores of two after each change, in counts of 1e-6."""
    panel, how = ranking.panel, ranking.aggregate
    at = [panel.initiatives.index(name) for name in pair]
    if how == "borda":  # a rating moves the others too
        found = []
        for row, rater, column, step in ways:
            scores = panel.scores.copy()
            scores[at[row], rater, column] = step
            upper, lower = _scores(scored, replace(panel, scores=scores), how)[at].tolist()
            found.append(int(upper - lower))
        return found
    places = np.array([way[:3] for way in ways], np.int64).reshape(-1, 3)
    which = places[:, 0]
    scores = panel.scores[np.array(at)[which]]
    scores[np.arange(len(ways)), places[:, 1], places[:, 2]] = [way[3] for way in ways]
    each = replace(panel, initiatives=tuple(map(str, range(len(ways)))), scores=scores)
    after, before = _scores(scored, each, how), scored.scores[at]
    margins = np.where(which == 0, after - before[1], before[0] - after)
    return [int(each) for each in margins]


def _scores(scored: Scored, panel: Panel, how: Aggregate) -> IntArray:
    """Scores of another panel with the weights of a ranking; -1 where not known."""
    counts, known = value_counts(panel, how)
    values = np.where(known, counts, -1)
    return replace(scored, initiatives=panel.initiatives, values=values).scores


def _in_unit(criteria: Sequence[Criterion], values: FloatArray) -> FloatArray:
    return np.stack(
        [criterion.in_unit(values[:, at]) for at, criterion in enumerate(criteria)], axis=1
    ).ravel()


def _top(scores: IntArray, k: int) -> BoolArray:
    """Whether fewer than k outscore each; those without a score are never in."""
    above: IntArray = (scores[None, :] > scores[:, None]).sum(axis=1)
    return (above < k) & (scores >= 0)


def _swapped(before: IntArray, after: IntArray) -> int:
    """Pairs of which the one was above the other, and is below it now."""
    return int(((_signs(before) * _signs(after)) < 0).sum()) // 2


def _turns(before: IntArray, after: IntArray) -> bool:
    """Whether any pair that has scores in both stands otherwise than before, ties included."""
    both = (before >= 0) & (after >= 0)
    return bool((_signs(before[both]) != _signs(after[both])).any())


def _signs(scores: IntArray) -> IntArray:
    known = scores >= 0
    signs = np.sign(scores[:, None] - scores[None, :])
    return np.where(known[:, None] & known[None, :], signs, 0)


def _said(names: Sequence[str], which: BoolArray) -> str:
    return ", ".join(name for name, is_one in zip(names, which.tolist(), strict=True) if is_one)


def _check(ranking: object) -> None:
    if not hasattr(ranking, "panel"):
        raise ArgumentTypeError("is no Ranking", where="ranking", value=type(ranking).__name__)
