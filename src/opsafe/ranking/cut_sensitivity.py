"""What becomes of the quadrants when the cut is another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opsafe._display import as_html
from opsafe.columns import Columns, Text
from opsafe.quantity import BoolArray, IntArray
from opsafe.ranking._compared_values import panel_of
from opsafe.ranking.quadrants import QUADRANTS, Quadrants

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["CutSensitivity", "cut_sensitivity"]


@dataclass(frozen=True, slots=True, eq=False)
class CutSensitivity:
    """Which initiatives change their quadrant between a midpoint and a median cut."""

    table: Columns
    """A row for each initiative: its quadrant at the midpoint and at the median."""
    moved: BoolArray
    """By initiative, whether the two differ."""
    share_moved: float
    """Share of the initiatives with a quadrant."""
    midpoint: Quadrants
    median: Quadrants
    """A relative view: about half of the initiatives are high on each axis whatever they are."""

    def __repr__(self) -> str:
        return f"CutSensitivity({self.share_moved:.0%} of {len(self.moved)} moved)"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table)


def cut_sensitivity(
    ranking: Ranking, *, impact: str = "impact", ease: str = "ease"
) -> CutSensitivity:
    """Tell which initiatives change their quadrant between a midpoint and a median cut.

    Parameters
    ----------
    ranking : Ranking
        A ranking.
    impact, ease : str, optional
        Names of the two criteria.

    Returns
    -------
    CutSensitivity
        Quadrants under both cuts, and the share that moved.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no ranking, or has no such criteria.

    Notes
    -----
    The share of those that moved is of the initiatives that have a quadrant.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> case = rk.example()
    >>> ranking = rk.rank(case.ratings, criteria=case.criteria, weights=case.weights, draws=100)
    >>> round(rk.cut_sensitivity(ranking).share_moved, 2)
    0.3
    """
    panel_of(ranking)
    midpoint = ranking.quadrants("midpoint", impact=impact, ease=ease)
    median = ranking.quadrants("median", impact=impact, ease=ease)
    codes = tuple(QUADRANTS)

    def coded(found: Quadrants) -> IntArray:
        places = [-1 if each is None else codes.index(each) for each in found.quadrant]
        return np.array(places, np.int64)

    before, after = coded(midpoint), coded(median)
    moved = np.asarray(before != after, bool)
    moved.flags.writeable = False
    placed = int((before >= 0).sum())
    return CutSensitivity(
        table=Columns(
            {
                "initiative": Text.of(midpoint.initiatives),
                "at_midpoint": Text(before, codes),
                "at_median": Text(after, codes),
                "moved": moved,
            }
        ),
        moved=moved,
        share_moved=int(moved.sum()) / placed if placed else 0.0,
        midpoint=midpoint,
        median=median,
    )
