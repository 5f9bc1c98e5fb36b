"""Whether criteria say the same thing twice."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe._display import as_html
from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._values import value_counts, values_of
from opsafe.ranking.concordance import doubled_places
from opsafe.ranking.editions import defaults as planning_values
from opsafe.ranking.figures import Defaults
from opsafe.ranking.ratings import Panel

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["CriterionCorrelation", "criterion_correlation"]

_DUST: Final = 1e-12
_FEWEST: Final = 3  # of two points every correlation is 1 or -1


@dataclass(frozen=True, slots=True, eq=False)
class CriterionCorrelation:
    """How criteria go together over the initiatives, and within the raters."""

    criteria: tuple[str, ...]
    pearson: FloatArray
    """Correlation of the panel's values, by criterion and criterion; NaN where not defined."""
    spearman: FloatArray
    """The same of their ranks."""
    effective_number: float | None
    """As many criteria without correlation would spread as much; None where one is not defined."""
    table: Columns
    """A row for each pair: both correlations, on how many initiatives, whether they may count one
    thing twice, and ``same_rater``: the correlation of what raters gave beyond the mean of the
    initiative, which shows whether one who favours an initiative rates it higher on both."""
    cautions: tuple[str, ...]
    inputs: Columns

    def __repr__(self) -> str:
        number = self.effective_number
        told = "not defined" if number is None else f"{number:.2f}"
        return f"CriterionCorrelation({len(self.criteria)} criteria, effective number {told})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def criterion_correlation(
    ratings: Panel | Ranking, *, defaults: str | Defaults = "2026-01"
) -> CriterionCorrelation:
    """Tell how far the criteria say the same of the initiatives.

    Parameters
    ----------
    ratings : Panel or Ranking
        Ratings; the mean of a panel's ratings, or the values of the ranking.
    defaults : str or Defaults, optional
        The edition of planning values: from which correlation on a caution is given.

    Returns
    -------
    CriterionCorrelation
        Correlations from -1 to 1, of values where more is better; fewer than three initiatives
        with both criteria, or a criterion on which all are alike, have none.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If it is neither, or there is no such edition.

    Notes
    -----
    With r the correlation matrix of n criteria and e its eigenvalues, the effective number is
    (sum e)^2 / sum e^2 = n^2 / sum r^2: n where nothing is correlated, 1 where all criteria are
    one. A correlation is a reason to look: impact and ease may go together in truth.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> panel = rk.read_ratings(
    ...     [
    ...         {"initiative": "a", "impact": 5, "ease": 4},
    ...         {"initiative": "b", "impact": 3, "ease": 3},
    ...         {"initiative": "c", "impact": 1, "ease": 2},
    ...     ],
    ...     criteria=rk.IMPACT_EASE_1_5,
    ... )
    >>> found = rk.criterion_correlation(panel)
    >>> round(found.effective_number, 2), found.table["may_count_twice"].tolist()
    (1.0, [True])
    """
    panel = ratings if isinstance(ratings, Panel) else getattr(ratings, "panel", None)
    if not isinstance(panel, Panel):
        raise ArgumentTypeError(
            "is neither a Panel nor a Ranking", where="ratings", value=type(ratings).__name__
        )
    used = UsedInputs()
    edition = planning_values(defaults)
    bound = edition.double_count_correlation
    used.note("defaults", edition.id, "given", edition)
    used.note("double_count_correlation", bound.value, "planning value", bound.reason)
    values = _means(panel) if isinstance(ratings, Panel) else ratings.values
    pearson, spearman, both = _matrices(values)
    table = _pairs(panel, pearson, spearman, both, float(bound))
    for row in np.flatnonzero(table["may_count_twice"]).tolist():
        used.warn(
            f"{table['criterion'][row]} and {table['other'][row]} go together"
            f" (r = {table['pearson'][row]:.2f} over {table['initiatives'][row]} initiatives): if"
            " they are one thing, it counts twice. Put them into one group, which keeps its weight."
        )
    for array in (pearson, spearman):
        array.flags.writeable = False
    squares = float((pearson**2).sum())
    return CriterionCorrelation(
        criteria=panel.criteria.names,
        pearson=pearson,
        spearman=spearman,
        effective_number=None if np.isnan(squares) else len(pearson) ** 2 / squares,
        table=table,
        cautions=tuple(used.cautions),
        inputs=used.table(),
    )


def _pair(panel: Panel) -> list[tuple[int, int]]:
    return list(combinations(range(len(panel.criteria.names)), 2))


def _means(panel: Panel) -> FloatArray:
    return values_of(*value_counts(panel, "mean"))


def _matrices(values: FloatArray) -> tuple[FloatArray, FloatArray, dict[tuple[int, int], int]]:
    """Pearson's and Spearman's correlations, and on how many initiatives each pair rests."""
    count = values.shape[1]
    pearson, spearman = np.eye(count), np.eye(count)
    both: dict[tuple[int, int], int] = {}
    for one, other in combinations(range(count), 2):
        known = values[~np.isnan(values[:, [one, other]]).any(axis=1)][:, [one, other]].T
        both[one, other] = known.shape[1]
        pearson[one, other] = pearson[other, one] = _correlation(known)
        ranks = doubled_places(known).astype(np.float64)
        spearman[one, other] = spearman[other, one] = _correlation(ranks)
    return pearson, spearman, both


def _correlation(rows: FloatArray) -> float:
    """Correlation of two rows; NaN where one is constant, or they are too short."""
    if rows.shape[1] < _FEWEST or bool((np.ptp(rows, axis=1) == 0).any()):
        return float("nan")
    apart = rows - rows.mean(axis=1, keepdims=True)
    size = np.sqrt((apart**2).sum(axis=1))
    return float(np.clip((apart[0] / size[0]) @ (apart[1] / size[1]), -1, 1))


def _pairs(
    panel: Panel,
    pearson: FloatArray,
    spearman: FloatArray,
    both: dict[tuple[int, int], int],
    bound: float,
) -> Columns:
    names, pairs = panel.criteria.names, _pair(panel)
    found = np.array([pearson[pair] for pair in pairs], np.float64)
    return Columns(
        {
            "criterion": Text.of(names[one] for one, _ in pairs),
            "other": Text.of(names[other] for _, other in pairs),
            "initiatives": np.array([both[pair] for pair in pairs], np.int64),
            "pearson": found,
            "spearman": np.array([spearman[pair] for pair in pairs], np.float64),
            "same_rater": np.array([_same_rater(panel, *pair) for pair in pairs], np.float64),
            "may_count_twice": np.asarray(found >= bound - 1e-9, bool),
        }
    )


def _same_rater(panel: Panel, one: int, other: int) -> float:
    """Correlation over raters and initiatives of what goes beyond the initiative's mean."""
    chosen = panel.criteria.criteria[one], panel.criteria.criteria[other]
    rows: list[FloatArray] = []
    for scores in panel.scores[:, :, [one, other]]:
        known = scores[~np.isnan(scores).any(axis=1)]
        if len(known) > 1:
            own = np.stack([each.anchored(known[:, at]) for at, each in enumerate(chosen)])
            rows.append(own - own.mean(axis=1, keepdims=True))
    if not rows:
        return float("nan")
    apart = np.concatenate(rows, axis=1)
    apart[np.abs(apart) < _DUST] = 0  # what all gave alike spreads by 0
    return _correlation(apart)
