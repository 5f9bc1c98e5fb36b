"""Values of initiatives by criterion, from a ranking or as a table of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray
from opsafe.ranking._names import listed
from opsafe.ranking._reading import read_labels, read_matrix

if TYPE_CHECKING:
    from opsafe.ranking.criteria import Criteria

__all__ = ["Valued", "ValuedRanking", "Values", "read_values"]

_MISSING: Final = "Have it rated, or leave the initiative out: a missing value is never a zero"


class ValuedRanking(Protocol):
    """What is used of a ranking."""

    @property
    def initiatives(self) -> tuple[str, ...]:
        """Names in order."""

    @property
    def criteria(self) -> Criteria:
        """What was rated."""

    @property
    def values(self) -> FloatArray:
        """Anchored values, initiatives by criteria; NaN where nobody rated."""


Values: TypeAlias = ValuedRanking | npt.ArrayLike
"""A ranking, or a table of values with a row for each initiative; more is better."""


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """Finite values with the names of their rows and columns."""

    initiatives: tuple[str, ...]
    criteria: tuple[str, ...]
    values: FloatArray


def read_values(
    values: object, names: Sequence[str] | None, criteria: Sequence[str] | None
) -> Valued:
    """Read values of initiatives, all of them known.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a value is missing or infinite, names do not fit, or there is nothing to rank.
    """
    if hasattr(values, "initiatives") and hasattr(values, "criteria") and hasattr(values, "values"):
        if names is not None or criteria is not None:
            raise ArgumentError(
                "a ranking has names of its own", where="names" if names else "criteria"
            )
        return _of_ranking(cast("ValuedRanking", values))
    table = read_matrix(
        values, "values", axes="initiatives by criteria", missing=False, advice=_MISSING
    )
    if not table.size:
        raise ArgumentError("holds no initiative or no criterion", where="values")
    rows, columns = table.shape
    return Valued(
        read_labels(names, rows, "names", "initiative"),
        read_labels(criteria, columns, "criteria", "criterion"),
        table,
    )


def _of_ranking(ranking: ValuedRanking) -> Valued:
    values = np.asarray(ranking.values, np.float64)
    unknown = [
        name
        for name, row in zip(ranking.initiatives, values, strict=True)
        if not np.isfinite(row).all()
    ]
    if unknown:
        raise ArgumentError(
            f"a criterion of {listed(unknown)} is not rated", where="values", advice=_MISSING
        )
    if not values.size:
        raise ArgumentError("holds no initiative", where="values")
    return Valued(tuple(ranking.initiatives), tuple(ranking.criteria.names), values)
