"""Tables of numbers and single words, read the same way at every door of this engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from opsafe._arguments import plain
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["RowWithHoles", "WithHoles", "read_labels", "read_matrix"]

RowWithHoles: TypeAlias = npt.ArrayLike | Sequence[float | None]
WithHoles: TypeAlias = npt.ArrayLike | Sequence[Sequence[float | None]]
"""A table of numbers in which None and NaN are missing."""

Word = TypeVar("Word", bound=str)


def read_matrix(
    values: object, where: str, *, axes: str, missing: bool, advice: str | None = None
) -> FloatArray:
    """Read a table of finite numbers, as rows of equal length.

    Parameters
    ----------
    values : array_like
        What the caller gave.
    where : str
        The argument's name.
    axes : str
        What its rows and columns are, for messages.
    missing : bool
        Whether None and NaN may stand for a number that is not there.
    advice : str, optional
        What to do where a number is missing and may not be.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If it is no such table; the place is named.
    """
    try:
        raw = np.asarray(values, dtype=None if isinstance(values, np.ndarray) else object)
    except ValueError:  # rows of unequal length
        raw = np.empty(0)
    if raw.ndim != 2:
        raise ArgumentTypeError(f"is no table of {axes}", where=where, value=type(values).__name__)
    if raw.dtype.kind in "iuf":
        found = raw.astype(np.float64)
    else:
        found = np.array([[_number(each, where) for each in row] for row in raw], np.float64)
        found = found.reshape(raw.shape)
    wrong = np.isinf(found) if missing else ~np.isfinite(found)
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        said = "infinite" if np.isinf(found[row, column]) else "missing"
        raise ArgumentError(
            f"the number in row {row}, column {column} is {said}",
            where=where,
            value=float(found[row, column]),
            advice=advice,
        )
    return found


def _number(value: object, where: str) -> float:
    found = plain(value)
    if found is None:
        return np.nan
    if isinstance(found, str | bytes | bool):
        raise ArgumentTypeError(
            "holds something that is no number", where=where, value=type(value).__name__
        )
    try:
        return float(found)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentTypeError(
            "holds something that is no number", where=where, value=type(value).__name__
        ) from None


def read_labels(names: object, count: int, where: str, stem: str) -> tuple[str, ...]:
    """Read a name for each of so many, or number them.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If they are no different texts, or another number of them.
    """
    if names is None:
        return tuple(f"{stem} {number}" for number in range(1, count + 1))
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ArgumentTypeError("is no sequence of names", where=where, value=type(names).__name__)
    found = tuple(names)
    if not all(isinstance(name, str) and name.strip() for name in found):
        raise ArgumentTypeError("has a name that is no text", where=where)
    if len(found) != count or len(set(found)) < count:
        raise ArgumentError(
            f"holds {len(found)} names, {len(set(found))} of them different: {count} are needed",
            where=where,
        )
    return found
