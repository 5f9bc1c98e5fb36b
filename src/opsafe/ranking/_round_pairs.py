"""Ratings of two rounds paired by rater, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from opsafe.quantity import FloatArray
from opsafe.ranking._exact import as_written
from opsafe.ranking._moments import variance_of
from opsafe.ranking.ratings import Panel

__all__ = ["Pairs", "has_converged", "in_common", "paired"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ratings of one initiative on one criterion by those who rated in both rounds."""

    one: tuple[Fraction, ...]
    two: tuple[Fraction, ...]
    only_one: int
    only_two: int

    @property
    def moves(self) -> list[Fraction]:
        """Round two less round one, by rater."""
        return [after - before for before, after in zip(self.one, self.two, strict=True)]

    @property
    def moved(self) -> int:
        """How many ratings changed."""
        return sum(move != 0 for move in self.moves)


def paired(one: Panel, two: Panel, initiative: str, raters: Sequence[str], at: int) -> Pairs:
    """Pair the ratings of one initiative on one criterion; those of one round alone are counted."""
    before, after = _by_rater(one, initiative, at), _by_rater(two, initiative, at)
    both = [rater for rater in raters if rater in before and rater in after]
    return Pairs(
        one=tuple(before[rater] for rater in both),
        two=tuple(after[rater] for rater in both),
        only_one=len(before) - len(both),
        only_two=len(after) - len(both),
    )


def _by_rater(panel: Panel, initiative: str, at: int) -> dict[str, Fraction]:
    if initiative not in panel.initiatives:
        return {}
    scores = panel.scores[panel.initiatives.index(initiative), :, at].tolist()
    return {
        rater: as_written(score)
        for rater, score in zip(panel.raters, scores, strict=True)
        if score == score  # NaN is missing
    }


def has_converged(row: Sequence[Pairs]) -> bool | None:
    """Whether the spread fell on some criterion and rose on none; None where none can be told."""
    spreads = [(variance_of(cell.one), variance_of(cell.two)) for cell in row]
    known = [(a, b) for a, b in spreads if a is not None and b is not None]
    if not known:
        return None
    return any(b < a for a, b in known) and all(b <= a for a, b in known)


def in_common(panel: Panel, other: Panel, raters: Sequence[str], at: int) -> FloatArray:
    """Ratings on a criterion by raters and initiatives of both rounds, in the order of names."""
    rows = [panel.raters.index(rater) for rater in raters]
    shared = sorted(name for name in panel.initiatives if name in other.initiatives)
    columns = [panel.initiatives.index(name) for name in shared]
    return np.array(panel.scores[np.ix_(columns, rows, [at])][:, :, 0].T, np.float64)
