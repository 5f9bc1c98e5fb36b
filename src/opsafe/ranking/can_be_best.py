"""Who can be best at all: for a range of weights, on a knife edge only, or never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from opsafe._display import as_html
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._compared_values import values_of
from opsafe.ranking._reading import read_labels
from opsafe.ranking._simplex import Region
from opsafe.ranking.weight_set import WeightSet, read_region

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["BestFor", "CanBeBest", "can_be_best"]

BestFor: TypeAlias = Literal["some weights", "a knife edge", "no weights"]
"""For which weights an initiative is best: a range of them, single points or lines without any
breadth, or none."""

_BEST_FOR: Final[tuple[BestFor, ...]] = get_args(BestFor)
_DUST: Final = 1e-9  # of the way from worst to best; values lie on a grid of 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CanBeBest:
    """For which weights each initiative is best."""

    initiatives: tuple[str, ...]
    best_for: tuple[BestFor | None, ...]
    """None where a value is missing."""
    margin: FloatArray
    """By initiative, the most by which its score can lead all others that differ: below 0 it is
    never best, and at 0 on a knife edge only; 1 where no other differs, NaN where a value is
    missing."""
    weights: FloatArray
    """By initiative, the weights of that margin, in sum 1; NaN where a value is missing."""
    cautions: tuple[str, ...]

    @property
    def table(self) -> Columns:
        """A row for each initiative."""
        codes = [-1 if each is None else _BEST_FOR.index(each) for each in self.best_for]
        return Columns(
            {
                "initiative": Text.of(self.initiatives),
                "best_for": Text(np.array(codes, np.int64), _BEST_FOR),
                "margin": self.margin,
            }
        )

    def __repr__(self) -> str:
        able = sum(each == "some weights" for each in self.best_for)
        return f"CanBeBest({able} of {len(self.initiatives)} for some weights)"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def can_be_best(
    values: npt.ArrayLike | Ranking,
    *,
    names: Sequence[str] | None = None,
    directions: Sequence[int] | None = None,
    criteria: Sequence[str] | None = None,
    weights: WeightSet | None = None,
) -> CanBeBest:
    """Tell which initiatives are best for some weights, whatever the weights in use.

    Parameters
    ----------
    values : array_like of shape (initiatives, criteria), or Ranking
        As of :func:`pareto_layers`; the values of an array must be comparable between criteria,
        as anchored ones from 0 to 1 are.
    names, directions
        As of :func:`pareto_layers`.
    criteria : sequence of str, optional
        Names of the criteria, for an array; "criterion 1" and so on without.
    weights : WeightSet, optional
        What is known of the weights; without it all weights are allowed.

    Returns
    -------
    CanBeBest
        For each initiative whether it is best for a range of weights, on a knife edge only (it
        then ties with others at single weights, and no sample of weights will ever show it), or
        never; with the weights that suit it most. Initiatives with equal values count as one.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As of :func:`pareto_layers`; or if no weights agree with the set.

    Notes
    -----
    A linear programme for each initiative a: the largest t with (v_a - v_b) . w >= t for all b
    whose values differ, w >= 0 in sum 1 and of the set. Within 1e-9 of 0 it is a knife edge.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.can_be_best([[1, 0, 0], [0, 1, 0], [0.5, 0.5, 0]]).best_for
    ('some weights', 'some weights', 'a knife edge')
    """
    matrix, labels, known, cautions = values_of(values, names, directions)
    region = read_region(weights, _criteria_of(values, criteria, matrix.shape[1]))
    distinct, which = np.unique(matrix, axis=0, return_inverse=True)
    found = [_lead(distinct, place, region) for place in range(len(distinct))]
    best_for: list[BestFor | None] = [None] * len(labels)
    margin = np.full(len(labels), np.nan)
    suits = np.full((len(labels), matrix.shape[1]), np.nan)
    for place, row in zip(np.flatnonzero(known).tolist(), which.ravel().tolist(), strict=True):
        margin[place], suits[place] = found[row]
        best_for[place] = _judged(float(margin[place]))
    margin.flags.writeable = suits.flags.writeable = False
    return CanBeBest(labels, tuple(best_for), margin, suits, cautions)


def _judged(margin: float) -> BestFor:
    if abs(margin) <= _DUST:
        return "a knife edge"
    return "some weights" if margin > 0 else "no weights"


def _criteria_of(values: object, criteria: Sequence[str] | None, count: int) -> tuple[str, ...]:
    if not hasattr(values, "criteria"):
        return read_labels(criteria, count, "criteria", "criterion")
    if criteria is not None:
        raise ArgumentTypeError("is of an array only: a ranking has its own", where="criteria")
    return tuple(values.criteria.names)


def _lead(distinct: FloatArray, place: int, region: Region) -> tuple[float, FloatArray]:
    """The largest lead of one row over all others, and its weights."""
    from scipy.optimize import linprog

    rows, count = distinct.shape
    behind = np.delete(distinct, place, axis=0) - distinct[place]
    size = float(np.abs(behind).max(initial=0)) or 1.0
    falling = np.zeros((max(len(region.order) - 1, 0), count))
    for step, (first, then) in enumerate(pairwise(region.order)):
        falling[step, first], falling[step, then] = -1, 1
    limits = np.vstack([behind / size, falling])
    found = linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.column_stack([limits, np.arange(len(limits)) < rows - 1]) if len(limits) else None,
        b_ub=np.zeros(len(limits)) if len(limits) else None,
        A_eq=np.append(np.ones(count), 0.0)[None],
        b_eq=np.ones(1),
        bounds=[*zip(region.low, region.high, strict=True), (-1, 1)],
        method="highs-ds",
    )
    if found.status != 0 or found.x is None:  # cannot be: any weights of the region are a solution
        raise ArgumentError(f"cannot be compared: {found.message}", where="values")
    weights = np.clip(found.x[:-1], region.low, region.high)
    weights = weights / weights.sum()
    # where no other differs it leads all the way
    return (-float((behind @ weights).max()) if rows > 1 else 1.0), weights
