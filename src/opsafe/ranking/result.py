"""A ranking: scores, ties, quadrants, how sure the order is, who disagrees, and the grounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from opsafe.columns import Columns
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._names import read_name
from opsafe.ranking._rank_record import as_html, as_json, as_lines, by_rank
from opsafe.ranking._values import Aggregate
from opsafe.ranking.acceptability import Acceptability
from opsafe.ranking.agreement import Agreement
from opsafe.ranking.audit import AuditRecord
from opsafe.ranking.criteria import Criteria
from opsafe.ranking.explain import Explanation, explain
from opsafe.ranking.memo import memo
from opsafe.ranking.quadrants import Cut, Quadrants, quadrants
from opsafe.ranking.ratings import Panel
from opsafe.ranking.ties import Ranks, TieRule
from opsafe.ranking.weights import Weights

__all__ = ["Ranking"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ranking:
    """Initiatives with their scores and ranks, and what the order rests on."""

    initiatives: tuple[str, ...]
    """In the order in which they were first named."""
    criteria: Criteria
    weights: Weights
    panel: Panel
    values: FloatArray
    """Shares of the way from worst to best, by initiative and criterion; NaN where nobody rated."""
    score_counts: IntArray
    """Scores as counts of 1e-6; -1 where an initiative is not ranked."""
    scores: FloatArray
    """0 to 1; NaN where an initiative is not ranked."""
    ranks: Ranks
    """Places among the ranked; 0 (NaN where shown) for the others."""
    ties: TieRule
    aggregate: Aggregate
    uncertainty: str
    """Which kind the table shows: ``raters``, ``weights``, ``both`` or ``none``."""
    top: int
    """How many the first places are, in ``top_k_probability``."""
    seed: int
    draws: int
    drawn_values: FloatArray | None
    """Values by draw, initiative and criterion, raters resampled; None with too few raters."""
    acceptability: Acceptability | None
    """Of the kind that the table shows, for the ranked initiatives; None where not evaluated."""
    acceptability_by_kind: Mapping[str, Acceptability | None]
    """Of ``raters``, ``weights`` and ``both``."""
    table: Columns
    """A row an initiative: ``score`` with its bounds where a criterion is not rated, ``rank`` as
    the tie rule shows it, ``rank_last`` (the last place of its tie), ``rank_group``, ``quadrant``
    with its probability and whether it is ``on_the_line``, ``rank_low`` and ``rank_high``,
    ``top_k_probability``, ``expected_rank``, ``disagreement`` (largest standard deviation of its
    ratings, as a share of the scale), ``two_camps``, ``raters`` (the fewest on a criterion that
    counts) and ``status``."""
    by_uncertainty: Columns
    """Interval of ranks, P(first k) with its standard error and expected rank, under each kind."""
    agreement: Agreement
    inputs: Columns
    """Every input with where it came from."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...]
    """The editions that answered."""
    audit: AuditRecord
    _enough: FloatArray = field(repr=False)  # 0 where an initiative can be resampled, else NaN

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the ranked initiatives, the best first; those that are tied as first named."""
        return tuple(self.initiatives[at] for at in by_rank(self) if self.score_counts[at] >= 0)

    def quadrants(
        self,
        cut: Cut = "midpoint",
        labels: Mapping[str, str] | None = None,
        *,
        impact: str = "impact",
        ease: str = "ease",
    ) -> Quadrants:
        """Place the initiatives in the quadrants of two criteria.

        Parameters
        ----------
        cut : {"midpoint", "median"} or mapping of str to float, optional
            Half way between the anchors; the median of the initiatives, a relative view; or a
            number for each of the two criteria, in its own unit.
        labels : mapping of str to str, optional
            Words of your own for some of the quadrants.
        impact, ease : str, optional
            The criteria that stand for the two.

        Returns
        -------
        Quadrants
            Quadrants with their probabilities over resampled raters, whatever kind the table shows,
            for weights do not move a quadrant. An initiative with too few ratings has none, and
            takes no part in the median of a draw.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If a criterion, the cut or a label cannot be used.
        """
        drawn = self.drawn_values
        return quadrants(
            self.initiatives,
            self.values,
            self.criteria,
            cut=cut,
            labels=labels,
            axes=(impact, ease),
            drawn=None if drawn is None else drawn + self._enough[:, None],
        )

    def explain(self, name: str) -> Explanation:
        """Explain the place of one initiative.

        Parameters
        ----------
        name : str
            The initiative.

        Returns
        -------
        Explanation
            Points by criterion, the next rivals, and the smallest changes that would swap them.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If there is no such initiative; the nearest names are told.
        """
        return explain(self, read_name(name, self.initiatives, "name"))

    def memo(self, title: str | None = None) -> str:
        """Return a one-page memo of the result for the people who decide.

        Parameters
        ----------
        title : str, optional
            Heading of the memo.

        Returns
        -------
        str
            Markdown that reads as plain text too. It holds no date and no name of a rater.
        """
        return memo(self, title)

    def to_json(self) -> str:
        """Return the whole result as JSON text.

        Returns
        -------
        str
            JSON; missing is null. It holds no date, and neither ratings nor names of single raters.
        """
        return as_json(self)

    def __repr__(self) -> str:
        return "\n".join(as_lines(self))

    def _repr_html_(self) -> str:
        return as_html(self)


def scattered(ranks: Ranks, ranked: IntArray, rows: int) -> Ranks:
    """Places of the ranked among all initiatives; 0 and NaN for the others."""
    places = np.zeros((3, rows), np.int64)
    places[:, ranked] = ranks.first, ranks.last, ranks.group
    shown = np.full(rows, np.nan)
    shown[ranked] = ranks.shown
    places.flags.writeable = shown.flags.writeable = False
    return Ranks(places[0], places[1], places[2], shown, ranks.rule)
