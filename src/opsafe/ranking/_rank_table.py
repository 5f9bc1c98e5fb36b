"""The tables of a ranking: one row an initiative, the same columns whatever was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from opsafe.columns import Column, Columns, Nullable, Text
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._columns_of import words
from opsafe.ranking._exact import ONE
from opsafe.ranking._rank_asked import KINDS, Asked, Kind
from opsafe.ranking._rank_sure import Sure
from opsafe.ranking._values import score_counts
from opsafe.ranking.agreement import Agreement
from opsafe.ranking.quadrants import QUADRANTS, Quadrants
from opsafe.ranking.ratings import Panel
from opsafe.ranking.ties import Ranks
from opsafe.ranking.weights import Weights

__all__ = ["Scores", "by_uncertainty_table", "main_table", "scores_of"]

RANKED = "ranked"


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of all initiatives in counts of 1e-6, with bounds where a value is not known."""

    counts: IntArray
    """-1 where an initiative is not ranked."""
    low: IntArray
    high: IntArray
    """With every unknown value at 0 and at 1; the score itself where nothing is unknown."""
    missing: tuple[tuple[str, ...], ...]
    """By initiative, the criteria that count and on which nobody rated it."""

    @property
    def ranked(self) -> IntArray:
        """Places of the initiatives that are ranked."""
        return np.flatnonzero(self.counts >= 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Certainty:
    """What one kind says of each initiative; NaN and invalid where it says nothing."""

    low: IntArray
    high: IntArray
    top: FloatArray
    top_error: FloatArray
    expected: FloatArray
    told: BoolArray


def scores_of(values: IntArray, known: BoolArray, weights: Weights) -> Scores:
    """Score initiatives; a value that nobody gave is unknown, not zero."""
    counting = weights.counts > 0
    unknown = ~known & counting
    low = score_counts(np.where(known, values, 0), weights)
    high = score_counts(np.where(known, values, np.where(counting, ONE, 0)), weights)
    missing = tuple(
        tuple(name for name, lacks in zip(weights.names, row, strict=True) if lacks)
        for row in unknown.tolist()
    )
    return Scores(np.where(unknown.any(axis=1), -1, low), low, high, missing)


def main_table(
    panel: Panel,
    scores: Scores,
    ranks: Ranks,
    sure: Sure,
    asked: Asked,
    placed: Quadrants | None,
    agreement: Agreement,
    weights: Weights,
) -> Columns:
    """One row an initiative, in the order in which they were first named."""
    ranked = scores.counts >= 0
    raters = panel.counts[:, weights.counts > 0].min(axis=1)
    return Columns(
        {
            "initiative": Text.of(panel.initiatives),
            "score": _shares(scores.counts, ranked),
            "score_low": scores.low / ONE,
            "score_high": scores.high / ONE,
            "rank": np.where(ranked, ranks.shown, np.nan),
            "rank_last": Nullable(ranks.last, ranked),
            "rank_group": Nullable(ranks.group, ranked),
            **_quadrant_columns(placed, len(ranked)),
            **_headline(sure, asked, scores),
            "disagreement": agreement.disagreement,
            "two_camps": agreement.two_camps,
            "raters": raters,
            "status": Text.of(_status(scores, sure, asked)),
        }
    )


def by_uncertainty_table(
    initiatives: Sequence[str], scores: Scores, sure: Sure, asked: Asked
) -> Columns:
    """The three kinds side by side."""
    columns: dict[str, Column] = {"initiative": Text.of(initiatives)}
    for kind in KINDS:
        found = _certainty(sure, kind, asked, scores)
        columns |= {
            f"rank_low_{kind}": Nullable(found.low, found.told),
            f"rank_high_{kind}": Nullable(found.high, found.told),
            f"top_k_probability_{kind}": found.top,
            f"top_k_standard_error_{kind}": found.top_error,
            f"expected_rank_{kind}": found.expected,
        }
    return Columns(columns)


def _shares(counts: IntArray, known: BoolArray) -> FloatArray:
    return np.where(known, counts / ONE, np.nan)


def _quadrant_columns(placed: Quadrants | None, rows: int) -> dict[str, Column]:
    if placed is None:
        nothing = np.zeros(rows, bool)
        return {
            "quadrant": words([None] * rows),
            "quadrant_probability": np.full(rows, np.nan),
            "on_the_line": Nullable(nothing, nothing),
        }
    known = np.array([code is not None for code in placed.quadrant], bool)
    place = [-1 if code is None else list(QUADRANTS).index(code) for code in placed.quadrant]
    return {
        "quadrant": Text(np.array(place, np.int64), tuple(QUADRANTS)),
        "quadrant_probability": placed.own_probability,
        "on_the_line": Nullable(placed.on_the_line, known),
    }


def _headline(sure: Sure, asked: Asked, scores: Scores) -> dict[str, Column]:
    kind: Kind = "raters" if asked.uncertainty == "none" else asked.uncertainty
    found = _certainty(sure, kind, asked, scores)
    return {
        "rank_low": Nullable(found.low, found.told),
        "rank_high": Nullable(found.high, found.told),
        "top_k_probability": found.top,
        "expected_rank": found.expected,
    }


def _certainty(sure: Sure, kind: Kind, asked: Asked, scores: Scores) -> _Certainty:
    """Interval of ranks, P(first k) and expected rank, scattered over all initiatives."""
    rows = len(scores.counts)
    ranked = scores.ranked
    found = sure.by_kind[kind]
    told = np.zeros(rows, bool)
    told[ranked] = sure.told(kind)[ranked]
    low, high = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    top, error, expected = (np.full(rows, np.nan) for _ in range(3))
    if found is not None:
        ends = asked.defaults.rank_interval_low.value, asked.defaults.rank_interval_high.value
        low[ranked], high[ranked] = found.interval(*map(float, ends))
        # sums of counts over draws: what lies beyond twelve digits is rounding
        top[ranked] = np.round(found.top(min(asked.top, len(ranked))), 12)
        draws = found.draws
        error = np.zeros(rows) if draws is None else np.sqrt(top * (1 - top) / draws)
        expected[ranked] = np.round(found.expected_rank, 12)
    nothing = np.where(told, 0.0, np.nan)
    return _Certainty(low, high, top + nothing, error + nothing, expected + nothing, told)


def _status(scores: Scores, sure: Sure, asked: Asked) -> list[str]:
    """Why an initiative has no rank, or a rank and no interval."""
    shown: Any = asked.uncertainty
    resampled = shown in ("raters", "both") and sure.by_kind["raters"] is not None
    short = shown in ("raters", "both") and "raters" in sure.why_not
    found = []
    for missing, few in zip(scores.missing, sure.few.tolist(), strict=True):
        if missing:
            found.append(f"not rated: {', '.join(missing)}")
        elif short:
            found.append("too few raters")
        else:
            found.append("too few ratings" if few and resampled else RANKED)
    return found
