"""Values and weights on their integer grid, from a ranking or from the caller's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import numpy as np

from opsafe._arguments import read_number
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, IntArray
from opsafe.ranking._exact import as_written
from opsafe.ranking._impact import Ranked, on_grid
from opsafe.ranking._names import listed, read_by_name, read_name
from opsafe.ranking._reading import read_labels
from opsafe.ranking._values import exact_values, score_counts
from opsafe.ranking.weights import share_counts

__all__ = ["Scored", "read_pair", "read_scored"]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Initiatives with their anchored values and the weights of the criteria, in counts of 1e-6."""

    initiatives: tuple[str, ...]
    criteria: tuple[str, ...]
    values: IntArray
    """Initiatives by criteria; -1 where nobody rated."""
    weights: IntArray
    """By criterion, whole numbers of any sum, by which a score is divided."""

    @property
    def scores(self) -> IntArray:
        """Scores in counts of 1e-6, rounded as those of a ranking; -1 where one is not known."""
        return np.where(self.known, score_counts(self.values.clip(0), self.weights), -1)

    def are_tied(self, first: str, second: str) -> bool:
        """Whether two initiatives have one score."""
        both = [self.initiatives.index(first), self.initiatives.index(second)]
        one, other = replace(self, initiatives=(first, second), values=self.values[both]).scores
        return bool(one == other)

    @property
    def known(self) -> BoolArray:
        """Whether every criterion that has a weight is rated."""
        found: BoolArray = ((self.values >= 0) | (self.weights == 0)).all(axis=1)
        return found

    def row(self, name: str) -> IntArray:
        """Values of an initiative, all of which must be known."""
        at = self.initiatives.index(name)
        unknown = [
            criterion
            for criterion, value in zip(self.criteria, self.values[at].tolist(), strict=True)
            if value < 0
        ]
        if unknown:
            raise ArgumentError(
                f"{name} was not rated on {listed(unknown)}",
                where="ranking",
                value=name,
                advice="What would change its place is known once it is rated",
            )
        found: IntArray = self.values[at]
        return found

    def exact_pair(self, first: str, second: str) -> tuple[list[list[int]], int]:
        """Values of two initiatives as whole multiples of 1/unit, and the unit."""
        whole, unit = exact_values(np.stack([self.row(first), self.row(second)]))
        return whole.tolist(), unit

    def margin(self, first: str, second: str) -> Fraction:
        """The weighted sum of the first less that of the second; 0 where they are tied."""
        if self.are_tied(first, second):
            return Fraction(0)
        (one, other), unit = self.exact_pair(first, second)
        weighed = zip(one, other, self.weights.tolist(), strict=True)
        return Fraction(sum((a - b) * weight for a, b, weight in weighed), unit)


def read_scored(given: object, weights: object = None) -> Scored:
    """Read a ranking; or values by initiative and criterion, with weights by criterion.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is neither, or a value or a weight cannot be used.
    """
    if isinstance(given, Mapping):
        return _of_mapping(given, weights)
    if not hasattr(given, "initiatives") or not hasattr(given, "weights"):
        raise ArgumentTypeError(
            "is neither a ranking nor a mapping of initiative to values by criterion",
            where="ranking",
            value=type(given).__name__,
        )
    ranking = cast("Ranked", given)
    if weights is not None:
        raise ArgumentError(
            "a ranking has weights of its own", where="weights", advice="Rank again with these"
        )
    return Scored(
        initiatives=ranking.initiatives,
        criteria=tuple(ranking.criteria.names),
        values=np.where(np.isnan(ranking.values), -1, on_grid(np.nan_to_num(ranking.values))),
        weights=ranking.weights.counts,
    )


def _of_mapping(given: Mapping[str, object], weights: object) -> Scored:
    if not isinstance(weights, Mapping) or not weights:
        raise ArgumentTypeError(
            "is no mapping of criterion to weight", where="weights", value=type(weights).__name__
        )
    if not given:
        raise ArgumentError("holds no initiative", where="values")
    criteria = read_labels(tuple(weights), len(weights), "weights", "criterion")
    raw = np.array([read_number(weights[each], f"weights[{each!r}]", 0, 1e9) for each in criteria])
    if not raw.sum() > 0:
        raise ArgumentError("are all 0", where="weights")
    exact = [as_written(each) for each in raw.tolist()]
    read_labels(tuple(given), len(given), "values", "initiative")
    rows = []
    for name, row in given.items():
        where = f"values[{name!r}]"
        read = read_by_name(row, criteria, where, kind="criterion", missing=-1.0)
        rows.append([v if v == -1.0 else read_number(v, where, 0, 1) for v in read.values()])
    values = np.array(rows, np.float64)
    return Scored(
        initiatives=tuple(given),
        criteria=criteria,
        values=np.where(values < 0, -1, on_grid(values)),
        weights=np.array(share_counts([each / sum(exact) for each in exact]), np.int64),
    )


def read_pair(scored: Scored, better: object, worse: object) -> tuple[str, str]:
    """Read two initiatives, of which the first must not score below the second.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If one is unknown, they are the same, or stand the other way round.
    """
    upper = read_name(better, scored.initiatives, "better")
    lower = read_name(worse, scored.initiatives, "worse")
    if upper == lower:
        raise ArgumentError("is the same as better", where="worse", value=lower)
    if scored.margin(upper, lower) < 0:
        raise ArgumentError(
            f"{upper} scores below {lower}", where="better", value=upper, advice="Swap the two"
        )
    return upper, lower
