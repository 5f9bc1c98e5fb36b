"""From ratings to a ranking: the one call of the engine that all others start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from opsafe.errors import ArgumentError
from opsafe.frames import Frame
from opsafe.quantity import FloatArray
from opsafe.ranking._exact import ONE
from opsafe.ranking._rank_asked import Asked, Uncertainty, read_asked
from opsafe.ranking._rank_notes import take_notes
from opsafe.ranking._rank_sure import Sure, how_sure
from opsafe.ranking._rank_table import by_uncertainty_table, main_table, scores_of
from opsafe.ranking._values import Aggregate, value_counts, values_of
from opsafe.ranking.agreement import agreement
from opsafe.ranking.audit import AuditRecord, audit_record
from opsafe.ranking.criteria import Criteria
from opsafe.ranking.figures import Defaults
from opsafe.ranking.quadrants import Cut, Quadrants, quadrants
from opsafe.ranking.ratings import Panel, read_ratings
from opsafe.ranking.result import Ranking, scattered
from opsafe.ranking.ties import TieRule, rank_counts
from opsafe.ranking.weight_set import WeightSet
from opsafe.ranking.weights import Weights, read_weights

__all__ = ["rank"]

Array = TypeVar("Array", bound="np.ndarray[Any, Any]")


def rank(
    ratings: Frame | Panel,
    *,
    criteria: Criteria,
    weights: Mapping[str, float] | Weights,
    within: Mapping[str, Mapping[str, float]] | None = None,
    columns: Mapping[str, str] | None = None,
    owners: Mapping[str, str | Sequence[str]] | None = None,
    aggregate: Aggregate = "mean",
    ties: TieRule = "group",
    uncertainty: Uncertainty = "raters",
    cut: Cut = "midpoint",
    top: int = 5,
    draws: int = 10_000,
    seed: int = 1,
    weight_half_width: float | None = None,
    weight_set: WeightSet | None = None,
    defaults: str | Defaults = "2026-01",
) -> Ranking:
    """Rank initiatives by what several people rated, and tell how sure the order is.

    Parameters
    ----------
    ratings : frame, mapping of columns, list of records, or Panel
        As of :func:`read_ratings`.
    criteria : Criteria
        What was rated, with anchors.
    weights : mapping of str to float, or Weights
        Weight by criterion or group, of any positive sum.
    within : mapping of str to mapping of str to float, optional
        By group, how its weight is split among its criteria; evenly where not given.
    columns : mapping of str to str, optional
        Our column name to yours.
    owners : mapping of str to str or sequence of str, optional
        Who owns an initiative: their own ratings of it are set aside.
    aggregate : {"mean", "median", "borda"}, optional
        How the ratings of several people become one value.
    ties : {"group", "competition", "average"}, optional
        How tied initiatives are numbered, here and in every probability.
    uncertainty : {"raters", "weights", "both", "none"}, optional
        Which kind the table shows: other raters of the same kind, weights within bounds, or both
        at once. All three stand side by side in ``by_uncertainty``; with ``"none"`` there is none.
    cut : {"midpoint", "median"} or mapping of str to float, optional
        Where high begins in the quadrants of the table.
    top : int, optional
        How many the first places are, in ``top_k_probability``.
    draws : int, optional
        Draws, 1 to 1,000,000.
    seed : int, optional
        Seed of the draws.
    weight_half_width : float, optional
        How far each weight may lie from the given one, 0 to 1; a planning value where not given.
    weight_set : WeightSet, optional
        Bounds or an order of the weights instead.
    defaults : str or Defaults, optional
        The edition of planning values.

    Returns
    -------
    Ranking
        Scores from 0 to 1, ranks, quadrants, intervals of ranks, agreement and the audit record.

    Raises
    ------
    ArgumentError, ArgumentTypeError, ColumnError
        If the ratings, the weights or a choice cannot be used.
    EditionNotFoundError
        If there is no such edition of planning values.

    Notes
    -----
    A rating x is (x - worst) / (best - worst); ratings are joined over raters; the score is the
    sum of weight times value. Values, weights and scores are integer counts of 1e-6, so that ties
    are ties. An initiative that nobody rated on a criterion that counts has no score but bounds,
    and takes no place from the others.

    Under ``raters`` each draw weighs the raters by a Dirichlet distribution with every alpha
    (n - 2)/n, for n raters, 3 at least. Under ``weights`` the weights are uniform over the set;
    for two criteria that is calculated without drawing. A weight of 0 stays 0 unless
    ``weight_set`` moves it. An interval of ranks holds nine draws of ten. Each rater and each kind
    has a stream of random numbers of its own.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> scores = {"naloxone": (5, 4), "tapering": (4, 2), "dashboard": (3, 5)}
    >>> ratings = [
    ...     {
    ...         "initiative": name,
    ...         "rater": rater,
    ...         "impact": impact - (rater == "c"),
    ...         "ease": ease,
    ...     }
    ...     for name, (impact, ease) in scores.items()
    ...     for rater in "abcd"
    ... ]
    >>> r = rk.rank(ratings, criteria=rk.IMPACT_EASE_1_5, weights={"impact": 60, "ease": 40})
    >>> r.order
    ('naloxone', 'dashboard', 'tapering')
    >>> r.table["score"].tolist(), r.table["quadrant"].tolist()
    ([0.8625, 0.5125, 0.6625], ['quick_win', 'major_project', 'fill_in'])
    """
    asked = read_asked(
        aggregate=aggregate,
        ties=ties,
        uncertainty=uncertainty,
        cut=cut,
        top=top,
        draws=draws,
        seed=seed,
        weight_half_width=weight_half_width,
        weight_set=weight_set,
        defaults=defaults,
    )
    panel = _panel(ratings, criteria, columns, owners)
    return _ranking(panel, read_weights(weights, criteria, within), asked)


def _panel(
    ratings: Frame | Panel,
    criteria: Criteria,
    columns: Mapping[str, str] | None,
    owners: Mapping[str, str | Sequence[str]] | None,
) -> Panel:
    if not isinstance(ratings, Panel):
        return read_ratings(ratings, criteria=criteria, columns=columns, owners=owners)
    if ratings.criteria != criteria:
        raise ArgumentError(
            "are not those of the panel", where="criteria", advice="Give panel.criteria"
        )
    for name, value in (("columns", columns), ("owners", owners)):
        if value is not None:
            raise ArgumentError(
                "is for tables; a panel is read already", where=name, advice="Give read_ratings it"
            )
    return ratings


def _ranking(panel: Panel, weights: Weights, asked: Asked) -> Ranking:
    counts, known = value_counts(panel, asked.aggregate)
    values = values_of(counts, known)
    scores = scores_of(counts, known, weights)
    ranked = scores.ranked
    sure = how_sure(panel, values, weights, ranked, asked)
    ranks = scattered(rank_counts(scores.counts[ranked], asked.ties), ranked, len(values))
    agreed = agreement(panel, defaults=asked.defaults)
    enough = np.where(sure.few, np.nan, 0.0)
    placed = _placed(panel, values, sure, enough, asked)
    take_notes(panel, weights, scores, sure, agreed, asked)
    shown = asked.uncertainty
    return Ranking(
        initiatives=panel.initiatives,
        criteria=panel.criteria,
        weights=weights,
        panel=panel,
        values=_read_only(values),
        score_counts=_read_only(scores.counts),
        scores=_read_only(np.where(scores.counts < 0, np.nan, scores.counts / ONE)),
        ranks=ranks,
        ties=asked.ties,
        aggregate=asked.aggregate,
        uncertainty=shown,
        top=asked.top,
        seed=asked.seed,
        draws=asked.draws,
        drawn_values=sure.drawn,
        acceptability=None if shown == "none" else sure.by_kind[shown],
        acceptability_by_kind=MappingProxyType({str(k): v for k, v in sure.by_kind.items()}),
        table=main_table(panel, scores, ranks, sure, asked, placed, agreed, weights),
        by_uncertainty=by_uncertainty_table(panel.initiatives, scores, sure, asked),
        agreement=agreed,
        inputs=asked.used.table(),
        cautions=tuple(asked.used.cautions),
        editions=tuple(asked.used.editions.values()),
        audit=_record(panel, weights, asked, len(values) - len(ranked)),
        _enough=_read_only(enough),
    )


def _placed(
    panel: Panel, values: FloatArray, sure: Sure, enough: FloatArray, asked: Asked
) -> Quadrants | None:
    """Quadrants of the default pair; None where these are not the criteria."""
    if not {"impact", "ease"} <= set(panel.criteria.names):
        asked.used.warn(
            "There is no quadrant in the table: no criteria are called impact and ease;"
            " quadrants(impact=..., ease=...) takes others"
        )
        return None
    drawn = None if sure.drawn is None else sure.drawn + enough[:, None]
    return quadrants(panel.initiatives, values, panel.criteria, cut=asked.cut, drawn=drawn)


def _record(panel: Panel, weights: Weights, asked: Asked, not_ranked: int) -> AuditRecord:
    return audit_record(
        panel,
        weights,
        asked.settings(panel.criteria.id, weights),
        seed=asked.seed,
        draws=asked.draws,
        not_ranked=not_ranked,
        editions=tuple(asked.used.editions.values()),
        cautions=tuple(asked.used.cautions),
    )


def _read_only(values: Array) -> Array:
    values.flags.writeable = False
    return values
