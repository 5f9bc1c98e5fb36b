"""Values and scores of a panel worked out slowly: fractions, lists and the definitions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from opsafe import ranking as rk

GRID = 1_000_000


def written(value: float) -> Fraction:
    """A float as the decimal that it prints."""
    return Fraction(str(value))


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def anchored(criterion: rk.Criterion, value: float) -> Fraction:
    worst, best = written(criterion.worst), written(criterion.best)
    return (written(value) - worst) / (best - worst)


def said(
    table: Sequence[Mapping[str, Any]], criterion: rk.Criterion
) -> dict[str, dict[str, Fraction]]:
    """Anchored ratings by rater and initiative."""
    found: dict[str, dict[str, Fraction]] = {}
    for row in table:
        if row["criterion"] == criterion.name and row["score"] is not None:
            value = anchored(criterion, row["score"])
            found.setdefault(row["rater"], {})[row["initiative"]] = value
    return found


def points(rated: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Points of one rater by the place of each initiative, ties at the mean of their places."""
    if len(rated) < 2:
        return {}
    order = sorted(rated.values(), reverse=True)
    places = {
        value: Fraction(sum(at for at, each in enumerate(order, 1) if each == value))
        / order.count(value)
        for value in order
    }
    return {name: (len(order) - places[value]) / (len(order) - 1) for name, value in rated.items()}


def value(
    table: Sequence[Mapping[str, Any]], criterion: rk.Criterion, initiative: str, how: str
) -> int | None:
    """Count of 1e-6, or None where nobody says anything."""
    by_rater = said(table, criterion)
    if how == "borda":
        by_rater = {rater: points(rated) for rater, rated in by_rater.items()}
    told = sorted(rated[initiative] for rated in by_rater.values() if initiative in rated)
    if not told:
        return None
    if how == "median":
        middle = len(told) // 2
        exact = told[middle] if len(told) % 2 else (told[middle - 1] + told[middle]) / 2
    else:
        exact = sum(told, Fraction(0)) / len(told)
    return half_up(exact * GRID)


@cache
def meant(count: int) -> Fraction:
    """The one fraction with a denominator up to 1,000 that rounds to a count, else the count."""
    near = set()
    for below in range(1, 1001):
        # whole / below rounds to the count where count - 1/2 <= GRID whole / below < count + 1/2
        first = -((1 - 2 * count) * below // (2 * GRID))
        if 2 * GRID * first < (2 * count + 1) * below:
            near.add(Fraction(first, below))
    assert len(near) <= 1
    return near.pop() if near else Fraction(count, GRID)


def score(values: Sequence[int], weights: Sequence[int]) -> int:
    total = sum(weights)
    parts = [Fraction(w, total) * meant(v) for w, v in zip(weights, values, strict=True)]
    return half_up(sum(parts, Fraction(0)) * GRID)
