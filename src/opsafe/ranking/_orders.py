"""Orders that raters gave, initiative by initiative and pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._reading import read_labels, read_matrix
from opsafe.ranking.concordance import doubled_places
from opsafe.ranking.ratings import Panel

__all__ = ["borda", "compared", "copeland", "doubled_orders", "places_of"]


def places_of(
    rankings: Any, names: Sequence[str] | None, criterion: str | None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Places by rater and initiative (any numbers in their order), and names."""
    panel = rankings if isinstance(rankings, Panel) else getattr(rankings, "panel", None)
    if not isinstance(panel, Panel):
        if criterion is not None:
            raise ArgumentTypeError("is of a panel or a ranking only", where="criterion")
        places = read_matrix(rankings, "rankings", axes="raters by initiatives", missing=True)
        if not places.size:
            raise ArgumentError("is empty", where="rankings")
        return places, read_labels(names, places.shape[1], "names", "initiative")
    if names is not None:
        raise ArgumentTypeError("is of an array only: a panel has names", where="names")
    if criterion is not None:
        chosen = panel.criteria.named(criterion)
        place = panel.criteria.names.index(chosen.name)
        return -chosen.anchored(panel.scores[:, :, place]).T, panel.initiatives
    if panel is rankings:
        raise ArgumentError(
            "is needed for a panel", where="criterion", allowed=panel.criteria.names
        )
    return -_own_scores(panel, rankings.weights.counts), panel.initiatives


def _own_scores(panel: Panel, weights: IntArray) -> FloatArray:
    """Each rater's own weighted score of each initiative; NaN where a rating is missing."""
    anchored = np.stack(
        [
            each.anchored(panel.scores[:, :, place])
            for place, each in enumerate(panel.criteria.criteria)
        ]
    )
    counted = np.rint(anchored * 1e6)
    # A weight of 0 asks for no rating.
    asked = weights > 0
    total: FloatArray = np.tensordot(weights[asked].astype(np.float64), counted[asked], axes=1)
    return total.T


def doubled_orders(places: FloatArray) -> list[list[int | None]]:
    """Twice the place of each initiative among those that a rater ordered."""
    found: list[list[int | None]] = []
    for row in places:
        known = np.flatnonzero(~np.isnan(row))
        doubled = doubled_places(row[None, known])[0]
        listed: list[int | None] = [None] * len(row)
        for item, place in zip(known.tolist(), doubled.tolist(), strict=True):
            listed[item] = place
        found.append(listed)
    return found


def compared(places: FloatArray) -> tuple[IntArray, IntArray]:
    """How many raters prefer row to column, and what placing row before column costs."""
    before = (places[:, :, None] < places[:, None, :]).sum(axis=0, dtype=np.int64)
    tied = (places[:, :, None] == places[:, None, :]).sum(axis=0, dtype=np.int64)
    costs = 2 * before.T + tied
    np.fill_diagonal(costs, 0)
    before.flags.writeable = False
    return before, costs


def borda(doubled: list[list[int | None]]) -> list[Fraction | None]:
    """Mean share of the others that stand behind; None where nobody compared an initiative."""
    points: list[Fraction | None] = []
    sizes = [sum(each is not None for each in row) for row in doubled]
    for item in range(len(doubled[0])):
        shares = [
            Fraction(2 * size - place, 2 * (size - 1))
            for row, size in zip(doubled, sizes, strict=True)
            if (place := row[item]) is not None and size > 1
        ]
        points.append(sum(shares, Fraction(0)) / len(shares) if shares else None)
    return points


def copeland(preferred: IntArray) -> list[Fraction | None]:
    """Pairs won, and half of those drawn."""
    won = (preferred > preferred.T).sum(axis=1)
    drawn = (preferred == preferred.T).sum(axis=1) - 1
    return [Fraction(2 * int(w) + int(d), 2) for w, d in zip(won, drawn, strict=True)]
