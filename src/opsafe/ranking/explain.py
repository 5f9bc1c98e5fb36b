"""Why an initiative stands where it stands, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.ranking._columns_of import words
from opsafe.ranking._rank_fields import Told
from opsafe.ranking._rank_record import place
from opsafe.ranking._rank_rivals import RatingChange, Rival, rival_of

__all__ = ["Explanation", "RatingChange", "Rival", "explain"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation:
    """The place of one initiative."""

    initiative: str
    rank: str
    """``"3"``; of a tie ``"3-4"``, ``"3"`` or ``"3.5"``, as its rule numbers it; ``"none"`` where
    it is not ranked."""
    score: float
    """0 to 1; NaN where it is not ranked."""
    score_low: float
    score_high: float
    """With every value that nobody gave at its worst and at its best."""
    tied_with: tuple[str, ...]
    status: str
    quadrant: str | None
    contributions: Columns
    """By criterion: value in its unit, its share of the scale, weight, points (100 x weight x
    share: they add up to 100 x score), raters and standard deviation."""
    above: Rival | None
    """The next rival above; None for the best."""
    below: Rival | None
    """The next rival below; None for the last."""

    @property
    def rivals(self) -> Columns:
        """The rivals with the smallest changes, a row each."""
        found = [each for each in (self.above, self.below) if each is not None]
        changes = [each.rating_change for each in found]
        sizes = [each.weight_change.size for each in found]
        return Columns(
            {
                "rival": Text.of(each.initiative for each in found),
                "side": Text.of("above" if each.above else "below" for each in found),
                "gap": np.array([each.gap for each in found], np.float64),
                "weight_change": np.array([np.nan if s is None else s for s in sizes], np.float64),
                "weight_status": Text.of(each.weight_change.status for each in found),
                "rating_criterion": words([None if c is None else c.criterion for c in changes]),
                "rating": np.array([np.nan if c is None else c.rating for c in changes]),
                "rating_to": np.array([np.nan if c is None else c.to for c in changes]),
                "wins_raters": np.array([each.wins_raters for each in found], np.float64),
                "wins_weights": np.array([each.wins_weights for each in found], np.float64),
            }
        )

    def lines(self) -> list[str]:
        """Return the explanation as lines of text."""
        found = [self._first(), *self._points()]
        if self.tied_with:
            found.append(f"Tied with: {', '.join(self.tied_with)}")
        for rival in (self.above, self.below):
            if rival is not None:
                found += _rival_lines(self.initiative, rival)
        return found

    def _first(self) -> str:
        if np.isnan(self.score):
            return (
                f"{self.initiative}: no rank ({self.status}); the score would lie between"
                f" {self.score_low:.3f} and {self.score_high:.3f}"
            )
        shown = "" if self.quadrant is None else f", {self.quadrant.replace('_', ' ')}"
        return f"{self.initiative}: rank {self.rank}, score {self.score:.3f}{shown}"

    def _points(self) -> list[str]:
        table = self.contributions
        found = []
        for at, name in enumerate(table["criterion"].tolist()):
            value, raters = float(table["value"][at]), int(table["raters"][at])
            if np.isnan(value):
                found.append(f"  {name}: nobody rated it")
                continue
            found.append(
                f"  {name}: {value:.2f} {table['unit'][at]} of {raters}"
                f" {'rater' if raters == 1 else 'raters'}, weight {table['weight'][at]:.2f},"
                f" {table['points'][at]:.1f} points of 100"
            )
        return found

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        first, *rest = (escape(line.strip()) for line in self.lines())
        listed = "".join(f"<li>{line}</li>" for line in rest)
        return (
            f"<p><b>{first}</b></p>{self.contributions._repr_html_()}<ul>{listed}</ul>"
            f"{self.rivals._repr_html_()}"
        )


def explain(ranking: Told, name: str) -> Explanation:
    """Explain the place of an initiative that the ranking knows."""
    at = ranking.initiatives.index(name)
    table = ranking.table
    ranked = bool(ranking.score_counts[at] >= 0)
    same = np.flatnonzero(ranking.score_counts == ranking.score_counts[at]).tolist()
    return Explanation(
        initiative=name,
        rank=place(ranking, at),
        score=float(table["score"][at]),
        score_low=float(table["score_low"][at]),
        score_high=float(table["score_high"][at]),
        tied_with=tuple(ranking.initiatives[each] for each in same if each != at and ranked),
        status=str(table["status"][at]),
        quadrant=table["quadrant"][at],
        contributions=_contributions(ranking, at),
        above=rival_of(ranking, at, above=True) if ranked else None,
        below=rival_of(ranking, at, above=False) if ranked else None,
    )


def _contributions(ranking: Told, at: int) -> Columns:
    criteria = ranking.criteria.criteria
    shares, weights = ranking.values[at], ranking.weights.values
    own = [float(each.in_unit(share)) for each, share in zip(criteria, shares, strict=True)]
    units = [each.unit for each in criteria]
    if ranking.aggregate == "borda":  # a count of places, which has no unit of the criterion
        own, units = shares.tolist(), ["Borda points"] * len(criteria)
    spread = ranking.agreement.by_initiative
    mine = spread["initiative"] == ranking.initiatives[at]
    return Columns(
        {
            "criterion": Text.of(ranking.criteria.names),
            "value": np.array(own, np.float64),
            "unit": Text.of(units),
            "share": shares,
            "weight": weights,
            # an unknown value of a criterion without weight still brings no point
            "points": np.where(weights > 0, 100 * weights * shares, 0.0),
            "raters": ranking.panel.counts[at],
            "sd": spread["sd"][mine],
        }
    )


def _rival_lines(name: str, rival: Rival) -> list[str]:
    side = "above" if rival.above else "below"
    others = f" (with {', '.join(rival.also)})" if rival.also else ""
    found = [f"Next {side}: {rival.initiative}{others}, {rival.gap * 100:.2f} points away"]
    change = rival.weight_change
    moved = "" if change.size is None else f", when {change.size:.3f} of the weight moves"
    found.append(f"  weights: {change.reason}{moved}")
    table = rival.value_changes
    for at, criterion in enumerate(table["criterion"].tolist()):
        level, value = float(table["level_at"][at]), float(table["value"][at])
        told = (
            "no value within the anchors does it"
            if np.isnan(level)
            else (f"level at {level:.2f} in place of {value:.2f}")
        )
        found.append(f"  {criterion} of {name} alone: {told}")
    rating = rival.rating_change
    if rating is None:
        found.append("  one rating: no single rating tried does it")
    else:
        end = "they swap" if rating.passes else "they are level"
        found.append(
            f"  one rating: {rating.criterion} from {rating.rating:g} to {rating.to:g}, and {end}"
        )
    if not np.isnan(rival.wins_raters):
        found.append(f"  {name} ahead in {rival.wins_raters:.0%} of the draws of raters")
    if not np.isnan(rival.wins_weights):
        found.append(f"  {name} ahead under {rival.wins_weights:.0%} of all weights")
    return found
