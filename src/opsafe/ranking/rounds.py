"""Round one against round two of a panel: who moved, where spreads fell, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from opsafe._display import as_html, counted
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._columns_of import floats
from opsafe.ranking._exact import as_written
from opsafe.ranking._moments import mean_of, variance_of
from opsafe.ranking._names import listed
from opsafe.ranking._round_pairs import Pairs, has_converged, in_common, paired
from opsafe.ranking.concordance import kendall_w
from opsafe.ranking.krippendorff import krippendorff_alpha
from opsafe.ranking.ratings import Panel
from opsafe.ranking.ties import rank_counts

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

    Round: TypeAlias = Panel | Ranking

__all__ = ["Rounds", "compare_rounds"]

_NOT_CORRECT: Final = (
    "a smaller spread is agreement and not correctness: people who move together may be wrong"
    " together, and some give in"
)


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Two rounds of one panel, compared over those who rated in both."""

    table: Columns
    """initiative, status ("both", "new", "dropped"), compared and moved (ratings), mean_move (its
    share of the way between the anchors, up or down), converged (null where nothing can be
    compared), and where rankings were given score_one, score_two, score_change, rank_one,
    rank_two, rank_change (below 0 is nearer the top), among initiatives of both rounds."""
    cells: Columns
    """initiative, criterion, compared, moved, mean_one, mean_two, mean_change, spread_one,
    spread_two, spread_change, largest_move, in the criterion's unit; only_one and only_two
    (ratings of one round alone)."""
    by_criterion: Columns
    """criterion, compared, moved, mean_move (in its unit), only_one, only_two, and Kendall's W and
    Krippendorff's ordinal alpha of the common raters and initiatives: w_one, w_two, alpha_one,
    alpha_two."""
    converged: tuple[str, ...]
    """Initiatives whose spread fell on some criterion and rose on none."""
    new_initiatives: tuple[str, ...]
    dropped_initiatives: tuple[str, ...]
    new_raters: tuple[str, ...]
    dropped_raters: tuple[str, ...]
    cautions: tuple[str, ...]
    """What a reader must know."""

    def __repr__(self) -> str:
        moved, compared = int(self.table["moved"].sum()), int(self.table["compared"].sum())
        return (
            f"Rounds({moved} of {counted(compared, 'rating')} moved,"
            f" {counted(len(self.converged), 'initiative')} converged)"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def compare_rounds(round_one: Round, round_two: Round) -> Rounds:
    """Compare two rounds of ratings by one panel.

    Parameters
    ----------
    round_one, round_two : Panel or Ranking
        Both of one kind and on the same criteria. Raters and initiatives are matched by name.

    Returns
    -------
    Rounds
        Means and spreads in the unit of each criterion; with rankings also scores and ranks.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If one is neither, they are of two kinds, or their criteria differ.

    Notes
    -----
    A mean or a spread is compared over the raters who rated the initiative in both rounds, so
    that a rater who left does not pass for agreement. The spread is the standard deviation,
    divided by the number of raters less one; whether it fell is decided in exact arithmetic. W and
    alpha are of the raters and initiatives of both rounds; W rests on the complete initiatives of
    each round. Ranks are taken among the initiatives of both rounds that both could rank, each by
    the tie rule of its ranking.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> def panel(ana, ben):
    ...     rows = [("ana", ana), ("ben", ben)]
    ...     return rk.read_ratings(
    ...         [
    ...             {"initiative": "naloxone", "rater": rater, "impact": impact, "ease": 3}
    ...             for rater, impact in rows
    ...         ],
    ...         criteria=rk.IMPACT_EASE_1_5,
    ...     )
    >>> found = rk.compare_rounds(panel(5, 1), panel(4, 2))
    >>> found.converged, found.cells["mean_change"].tolist()
    (('naloxone',), [0.0, 0.0])
    """
    one, two = _panel(round_one, "round_one"), _panel(round_two, "round_two")
    rankings = [each for each in (round_one, round_two) if not isinstance(each, Panel)]
    if len(rankings) == 1:
        raise ArgumentTypeError(
            "is of another kind than round_one", where="round_two", value=type(round_two).__name__
        )
    if one.criteria.criteria != two.criteria.criteria:
        raise ArgumentError(
            "has other criteria than round_one",
            where="round_two",
            advice="Rate both rounds between the same anchors",
        )
    raters = tuple(name for name in one.raters if name in two.raters)
    initiatives = (*one.initiatives, *_beyond(two.initiatives, one.initiatives))
    cells = [
        [paired(one, two, name, raters, at) for at in range(len(one.criteria.names))]
        for name in initiatives
    ]
    status = [_status(name, one, two) for name in initiatives]
    fell = [has_converged(row) for row in cells]
    ranked = _ranked(rankings, initiatives)
    return Rounds(
        table=_by_initiative(initiatives, status, cells, one, fell, ranked),
        cells=_by_cell(initiatives, cells, one),
        by_criterion=_by_criterion(cells, one, two, raters),
        converged=tuple(n for n, down in zip(initiatives, fell, strict=True) if down),
        new_initiatives=_beyond(two.initiatives, one.initiatives),
        dropped_initiatives=_beyond(one.initiatives, two.initiatives),
        new_raters=_beyond(two.raters, one.raters),
        dropped_raters=_beyond(one.raters, two.raters),
        cautions=_cautions(one, two, raters, rankings),
    )


def _panel(given: object, where: str) -> Panel:
    panel = given if isinstance(given, Panel) else getattr(given, "panel", None)
    if not isinstance(panel, Panel):
        raise ArgumentTypeError(
            "is neither a panel nor a ranking", where=where, value=type(given).__name__
        )
    return panel


def _beyond(names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in known)


def _status(name: str, one: Panel, two: Panel) -> str:
    if name not in one.initiatives:
        return "new"
    return "both" if name in two.initiatives else "dropped"


def _by_initiative(
    initiatives: Sequence[str],
    status: Sequence[str],
    cells: Sequence[Sequence[Pairs]],
    panel: Panel,
    fell: Sequence[bool | None],
    ranked: dict[str, FloatArray],
) -> Columns:
    criteria = panel.criteria.criteria
    spans = [as_written(each.high) - as_written(each.low) for each in criteria]
    moves = [
        [abs(m) / span for cell, span in zip(row, spans, strict=True) for m in cell.moves]
        for row in cells
    ]
    return Columns(
        {
            "initiative": Text.of(initiatives),
            "status": Text.of(status),
            "compared": np.array([len(each) for each in moves], np.int64),
            "moved": np.array([sum(cell.moved for cell in row) for row in cells], np.int64),
            "mean_move": floats([mean_of(each) for each in moves]),
            "converged": Nullable(
                np.array([bool(each) for each in fell], bool),
                np.array([each is not None for each in fell], bool),
            ),
            **ranked,
        }
    )


def _by_cell(initiatives: Sequence[str], cells: Sequence[Sequence[Pairs]], panel: Panel) -> Columns:
    names = panel.criteria.names
    flat = [cell for row in cells for cell in row]
    means = [floats([mean_of(each) for each in side]) for side in _sides(flat)]
    spreads = [np.sqrt(floats([variance_of(each) for each in side])) for side in _sides(flat)]
    largest = [max(map(abs, cell.moves), default=None) for cell in flat]
    return Columns(
        {
            "initiative": Text.of(initiatives).repeat(len(names)),
            "criterion": Text.of([*names] * len(initiatives)),
            "compared": np.array([len(cell.one) for cell in flat], np.int64),
            "moved": np.array([cell.moved for cell in flat], np.int64),
            "mean_one": means[0],
            "mean_two": means[1],
            "mean_change": floats([mean_of(cell.moves) for cell in flat]),
            "spread_one": spreads[0],
            "spread_two": spreads[1],
            "spread_change": spreads[1] - spreads[0],
            "largest_move": floats(largest),
            "only_one": np.array([cell.only_one for cell in flat], np.int64),
            "only_two": np.array([cell.only_two for cell in flat], np.int64),
        }
    )


def _sides(cells: Sequence[Pairs]) -> tuple[list[tuple[Fraction, ...]], list[tuple[Fraction, ...]]]:
    return [cell.one for cell in cells], [cell.two for cell in cells]


def _by_criterion(
    cells: Sequence[Sequence[Pairs]], one: Panel, two: Panel, raters: Sequence[str]
) -> Columns:
    names = one.criteria.names
    columns = [[row[at] for row in cells] for at in range(len(names))]
    moves = [[abs(move) for cell in column for move in cell.moves] for column in columns]
    first = [in_common(one, two, raters, at) for at in range(len(names))]
    second = [in_common(two, one, raters, at) for at in range(len(names))]
    return Columns(
        {
            "criterion": Text.of(names),
            "compared": np.array([len(each) for each in moves], np.int64),
            "moved": np.array([sum(move > 0 for move in each) for each in moves], np.int64),
            "mean_move": floats([mean_of(each) for each in moves]),
            "only_one": np.array([sum(c.only_one for c in each) for each in columns], np.int64),
            "only_two": np.array([sum(c.only_two for c in each) for each in columns], np.int64),
            "w_one": floats([kendall_w(each).w for each in first]),
            "w_two": floats([kendall_w(each).w for each in second]),
            "alpha_one": floats([krippendorff_alpha(each, "ordinal").alpha for each in first]),
            "alpha_two": floats([krippendorff_alpha(each, "ordinal").alpha for each in second]),
        }
    )


def _ranked(rankings: Sequence[Any], initiatives: Sequence[str]) -> dict[str, FloatArray]:
    """Scores and ranks in both rounds; NaN without rankings, so that columns never change."""
    scores, ranks = (np.full((2, len(initiatives)), np.nan) for _ in range(2))
    for at, ranking in enumerate(rankings):
        by_name = dict(zip(ranking.initiatives, ranking.scores.tolist(), strict=True))
        scores[at] = [by_name.get(name, np.nan) for name in initiatives]
    both = np.flatnonzero(~np.isnan(scores).any(axis=0))
    for at, ranking in enumerate(rankings):
        if len(both):
            order = [ranking.initiatives.index(initiatives[each]) for each in both.tolist()]
            ranks[at, both] = rank_counts(ranking.score_counts[order], ranking.ties).shown
    return {
        "score_one": scores[0],
        "score_two": scores[1],
        "score_change": scores[1] - scores[0],
        "rank_one": ranks[0],
        "rank_two": ranks[1],
        "rank_change": ranks[1] - ranks[0],
    }


def _cautions(
    one: Panel, two: Panel, raters: Sequence[str], rankings: Sequence[Any]
) -> tuple[str, ...]:
    found = [_NOT_CORRECT]
    if not raters:
        found.append("no rater is in both rounds: no mean and no spread can be compared")
    for names, what in (
        (_beyond(one.raters, two.raters), "rated in round one alone"),
        (_beyond(two.raters, one.raters), "rated in round two alone"),
    ):
        if names and raters:
            found.append(f"{listed(names)} {what}, and count in no comparison of means or spreads")
    if len(rankings) == 2:
        first, second = rankings
        if first.weights.counts.tolist() != second.weights.counts.tolist():
            found.append("weights differ between the rounds: scores and ranks moved for that too")
        if first.ties != second.ties:
            found.append("ties are numbered by two rules: ranks do not compare")
        if first.aggregate != second.aggregate:
            found.append("ratings were brought together in two ways: scores do not compare")
        if "borda" in (first.aggregate, second.aggregate):
            found.append("Borda scores depend on what else was rated: they compare within a round")
    return tuple(found)
