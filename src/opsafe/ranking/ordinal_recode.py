"""Whether the order of the initiatives rests on the distances between steps of a scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe._arguments import read_whole
from opsafe._display import as_html
from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._compared_values import panel_of
from opsafe.ranking._values import Aggregate
from opsafe.ranking.acceptability import Acceptability, of_scores
from opsafe.ranking.criteria import Criterion
from opsafe.ranking.editions import defaults as planning_values
from opsafe.ranking.figures import Defaults
from opsafe.ranking.ratings import Panel
from opsafe.uncertainty import Probability, probability, read_draws, read_seed, uniforms

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["OrdinalRecode", "ordinal_recode_check"]

# Scores meet on these steps: a sum of floats cannot move one, nor does a decimal lie between two.
_GRID: Final = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalRecode:
    """How the order fares when the steps keep their order and lose their distances."""

    winner_survives: Probability
    """Share of the recodings in which one that is first here is first again, alone or tied."""
    top_survives: Probability
    """Share in which exactly those of the first ``top`` places are there again."""
    top: int
    acceptability: Acceptability
    """Share of the recodings by initiative and place, for those with a score."""
    recodes: int
    seed: int
    recoded: tuple[str, ...]
    """Criteria whose steps were recoded."""
    table: Columns
    """A row for each initiative with a score: how often it is first, how often among the first
    ``top``, and from which to which place most recodings put it."""
    cautions: tuple[str, ...]
    inputs: Columns
    """Planning values in use, with their reasons."""

    def __repr__(self) -> str:
        return (
            f"OrdinalRecode(winner survives {self.winner_survives.value:.0%},"
            f" first {self.top} survive {self.top_survives.value:.0%} of {self.recodes:,})"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def ordinal_recode_check(
    ranking: Ranking,
    *,
    recodes: int = 1_000,
    top: int | None = None,
    seed: int = 1,
    defaults: str | Defaults = "2026-01",
) -> OrdinalRecode:
    """Recode the steps of each criterion at random, in their order, and rank again.

    Parameters
    ----------
    ranking : Ranking
        A ranking by mean or median.
    recodes : int, optional
        How many recodings.
    top : int, optional
        How many places are the first ones; those of the ranking without.
    seed : int, optional
        Seed of the recodings; each criterion has a stream of its own.
    defaults : str or Defaults, optional
        The edition of planning values: at which shares the interval of places begins and ends.

    Returns
    -------
    OrdinalRecode
        How often the winner and the first places survive, with standard errors.

    Raises
    ------
    ArgumentError, ArgumentTypeError, EditionNotFoundError
        If it is no ranking, or one by Borda points, which use no distances; if no criterion has
        steps between its anchors; or a number is out of range.

    Notes
    -----
    The worst anchor stays at 0 and the best at 1. The steps between them get the values of as many
    uniform numbers in their order, which makes all increasing scales equally likely [1]_. Ratings
    between steps are interpolated. A criterion without steps is a measurement, and stays as it is.

    References
    ----------
    .. [1] Lahdelma R, Miettinen K, Salminen P. Ordinal criteria in stochastic multicriteria
       acceptability analysis (SMAA). Eur J Oper Res 2003;147:117-127.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> case = rk.example()
    >>> ranking = rk.rank(case.ratings, criteria=case.criteria, weights=case.weights, draws=100)
    >>> found = rk.ordinal_recode_check(ranking, recodes=200)
    >>> found.winner_survives.value
    1.0
    """
    panel = panel_of(ranking)
    if ranking.aggregate == "borda":
        raise ArgumentError(
            "is by Borda points, which no recoding moves",
            where="ranking",
            advice="The check is for means and medians",
        )
    number, root, planned = read_draws(recodes), read_seed(seed), planning_values(defaults)
    places = read_whole(ranking.top if top is None else top, "top", 1, 10_000)
    steps = [_inner_steps(each) for each in panel.criteria.criteria]
    recoded = _recoded(panel, steps)
    ranked = ranking.score_counts >= 0
    if not ranked.any():
        raise ArgumentError("has no initiative with a score", where="ranking")
    scores = _scores(panel, ranked, steps, ranking, number, root)
    first, leading = _first_places(scores), ranking.ranks.first[ranked]
    shares = of_scores(
        tuple(np.array(ranking.initiatives, object)[ranked]),
        scores / _GRID,
        ties=ranking.ties,
        drawn="random increasing recodings of the steps",
    )
    return OrdinalRecode(
        winner_survives=probability((first[:, leading == 1] == 1).any(axis=1)),
        top_survives=probability(((first <= places) == (leading <= places)).all(axis=1)),
        top=places,
        acceptability=shares,
        recodes=number,
        seed=root,
        recoded=recoded,
        table=_tabulated(shares, places, planned),
        cautions=tuple(
            f"{name} has no steps between its anchors: it was taken as a measurement."
            for name in panel.criteria.names
            if name not in recoded
        ),
        inputs=_inputs(planned),
    )


def _inputs(planned: Defaults) -> Columns:
    """The planning values that say where the interval of places begins and ends."""
    used = UsedInputs()
    used.note("defaults", planned.id, "given", planned)
    for name in ("rank_interval_low", "rank_interval_high"):
        each = getattr(planned, name)
        used.note(name, each.value, "planning value", each.reason)
    return used.table()


def _recoded(panel: Panel, steps: list[FloatArray]) -> tuple[str, ...]:
    names = zip(panel.criteria.names, steps, strict=True)
    found = tuple(name for name, each in names if len(each))
    if not found:
        raise ArgumentError("has no criterion with steps between its anchors", where="ranking")
    return found


def _tabulated(shares: Acceptability, top: int, planned: Defaults) -> Columns:
    ends = float(planned.rank_interval_low), float(planned.rank_interval_high)
    low, high = shares.interval(*ends)
    return Columns(
        {
            "initiative": Text.of(shares.initiatives),
            "first_share": shares.top(1),
            "top_share": shares.top(min(top, len(shares.initiatives))),
            "rank_low": low,
            "rank_high": high,
        }
    )


def _inner_steps(criterion: Criterion) -> FloatArray:
    """Steps strictly between the anchors, as shares of the way from worst to best."""
    places = [criterion.anchored_exactly(step.value) for step in criterion.steps]
    return np.array(sorted(float(each) for each in places if 0 < each < 1))


def _scores(
    panel: Panel,
    ranked: BoolArray,
    steps: list[FloatArray],
    ranking: Ranking,
    recodes: int,
    seed: int,
) -> IntArray:
    """Scores by recoding and initiative, as whole steps, each rounded once: ties stay ties."""
    total = np.zeros((recodes, int(ranked.sum())))
    for at, criterion in enumerate(panel.criteria.criteria):
        weight = int(ranking.weights.counts[at])
        if not weight:
            continue
        distinct, shares = _shares(
            criterion.anchored(panel.scores[ranked, :, at]), ranking.aggregate
        )
        coded = np.tile(distinct, (recodes, 1))
        if len(steps[at]):
            drawn = uniforms(seed, f"recode {criterion.name}", recodes * len(steps[at]))
            inner = np.sort(drawn.reshape(recodes, -1), axis=1)
            coded = _interpolated(distinct, steps[at], inner)
        total += weight * (coded @ shares.T)
    return np.rint(total * _GRID / int(ranking.weights.counts.sum())).astype(np.int64)


def _shares(anchored: FloatArray, how: Aggregate) -> tuple[FloatArray, FloatArray]:
    """Distinct ratings, and what each weighs in the value of each initiative."""
    distinct = np.unique(anchored[~np.isnan(anchored)])
    shares = np.zeros((len(anchored), len(distinct)))
    for row, ratings in enumerate(anchored):
        known = np.sort(ratings[~np.isnan(ratings)])
        if how == "median":  # a rising scale keeps the middle ratings in the middle
            known = known[[(len(known) - 1) // 2, len(known) // 2]]
        np.add.at(shares[row], np.searchsorted(distinct, known), 1 / len(known))
    return distinct, shares


def _interpolated(distinct: FloatArray, steps: FloatArray, inner: FloatArray) -> FloatArray:
    """Ratings on the recoded scale, by recoding and distinct rating."""
    ends = np.concatenate([[0.0], steps, [1.0]])
    low = np.clip(np.searchsorted(ends, distinct, "right") - 1, 0, len(ends) - 2)
    part = (distinct - ends[low]) / (ends[low + 1] - ends[low])
    column = np.zeros((len(inner), 1))
    coded = np.concatenate([column, inner, column + 1], axis=1)
    found: FloatArray = coded[:, low] * (1 - part) + coded[:, low + 1] * part
    return found


def _first_places(scores: IntArray) -> IntArray:
    """First place of each initiative's tie, by recoding."""
    ordered = np.sort(-scores, axis=1)
    rows: Any = zip(ordered, -scores, strict=True)
    return np.array([np.searchsorted(row, own, "left") + 1 for row, own in rows], np.int64)
