"""What is checked: the panel of a ranking, or values of a ranking or an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray
from opsafe.ranking._reading import read_array, read_labels, read_matrix
from opsafe.ranking.ratings import Panel

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["panel_of", "values_of"]

_LARGEST: Final = 1e9


def panel_of(ranking: object) -> Panel:
    """Take the panel of a ranking.

    Raises
    ------
    ArgumentTypeError
        If it is none.
    """
    panel = getattr(ranking, "panel", None)
    if not isinstance(panel, Panel):
        raise ArgumentTypeError(
            "is no Ranking", where="ranking", value=type(ranking).__name__, advice="Use rank()"
        )
    return panel


def values_of(
    values: Any, names: Sequence[str] | None, directions: object
) -> tuple[FloatArray, tuple[str, ...], BoolArray, tuple[str, ...]]:
    """Read values where more is better, of those who have all; names, and who has all."""
    if hasattr(values, "panel"):
        return _of_ranking(values, names, directions)
    matrix = read_matrix(
        values,
        "values",
        axes="initiatives by criteria",
        missing=False,
        advice="Leave the initiative out, or give it a value",
    )
    if not matrix.size:
        raise ArgumentError("is empty", where="values")
    if np.abs(matrix).max() > _LARGEST:
        raise ArgumentError(f"holds a number beyond {_LARGEST:g}", where="values")
    labels = read_labels(names, len(matrix), "names", "initiative")
    if directions is not None:
        count = matrix.shape[1]
        axes = f"1 or -1 for each of {count} criteria"
        signs = read_array(directions, "directions", shape=(count,), axes=axes, missing=False)
        if not np.isin(signs, (1, -1)).all():
            raise ArgumentError(f"is no {axes}", where="directions")
        matrix = matrix * signs
    return matrix, labels, np.ones(len(labels), bool), ()


def _of_ranking(
    ranking: Ranking, names: object, directions: object
) -> tuple[FloatArray, tuple[str, ...], BoolArray, tuple[str, ...]]:
    for given, where in ((names, "names"), (directions, "directions")):
        if given is not None:
            raise ArgumentTypeError("is of an array only: a ranking has its own", where=where)
    known = np.asarray(~np.isnan(ranking.values).any(axis=1), bool)
    cautions: tuple[str, ...] = ()
    if not known.all():
        left = [name for name, each in zip(ranking.initiatives, known, strict=True) if not each]
        cautions = (f"Not compared, for a criterion is not rated: {', '.join(left)}.",)
    return ranking.values[known], ranking.initiatives, known, cautions
