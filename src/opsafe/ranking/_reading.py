"""Tables of numbers and single words, read the same way at every door of this engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe._arguments import plain
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._names import items_of

__all__ = ["RowWithHoles", "WithHoles", "read_array", "read_labels", "read_matrix"]

RowWithHoles: TypeAlias = npt.ArrayLike | Sequence[float | None]
WithHoles: TypeAlias = npt.ArrayLike | Sequence[Sequence[float | None]]
"""A table of numbers in which None and NaN are missing."""

_LARGEST: Final = 1e12  # squares and sums of such numbers are still far from overflow


def read_matrix(
    values: object, where: str, *, axes: str, missing: bool, advice: str | None = None
) -> FloatArray:
    """Read a table of finite numbers with :func:`read_array`; ``axes`` are its rows and columns."""
    return read_array(
        values, where, shape=(None, None), axes=f"table of {axes}", missing=missing, advice=advice
    )


def read_array(
    values: object,
    where: str,
    *,
    shape: Sequence[int | None] | None,
    axes: str,
    missing: bool,
    advice: str | None = None,
) -> FloatArray:
    """Read numbers of any shape, or of one.

    Parameters
    ----------
    values : array_like
        What the caller gave.
    where : str
        The argument's name.
    shape : sequence of int or None, optional
        How long each axis is, None for any length; None for any shape.
    axes : str
        What is wanted, for messages.
    missing : bool
        Whether None and NaN may stand for a number that is not there.
    advice : str, optional
        What to do where a number is missing and may not be.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If they are no such numbers; the place is named.
    """
    try:
        raw = np.asarray(values, dtype=None if isinstance(values, np.ndarray) else object)
    except ValueError:  # rows of unequal length
        raise _no_such(values, where, axes) from None
    if shape is not None and not (
        raw.ndim == len(shape)
        and all(want in (None, long) for want, long in zip(shape, raw.shape, strict=True))
    ):
        raise _no_such(values, where, axes)
    if raw.dtype.kind in "iuf":
        found = raw.astype(np.float64)
    else:
        found = np.array([_number(each, where) for each in raw.reshape(-1)], np.float64)
        found = found.reshape(raw.shape)
    wrong = ~(np.abs(found) <= _LARGEST) & ~(np.isnan(found) & missing)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0].tolist())
        number = float(found[place])
        said = "is missing" if np.isnan(number) else f"lies beyond {_LARGEST:g}"
        raise ArgumentError(
            f"the number{_at(place)} {'is infinite' if np.isinf(number) else said}",
            where=where,
            value=number,
            advice=advice,
        )
    return found


def _no_such(values: object, where: str, axes: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"is no {axes}", where=where, value=type(values).__name__)


def _at(place: Sequence[int]) -> str:
    if len(place) < 2:
        return f" at {place[0]}" if place else ""
    return f" in row {place[-2]}, column {place[-1]}"


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


def read_labels(names: object, count: int | None, where: str, stem: str) -> tuple[str, ...]:
    """Read a name for each of so many, or number them; without a count, one name or more.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If they are no different texts, or another number of them.
    """
    if names is None and count is not None:
        return tuple(f"{stem} {number}" for number in range(1, count + 1))
    found = tuple(items_of(names, where, "names"))
    if not all(isinstance(name, str) and name.strip() for name in found):
        raise ArgumentTypeError("has a name that is no text", where=where)
    wanted = max(len(found), 1) if count is None else count
    if len(found) != wanted or len(set(found)) < wanted:
        raise ArgumentError(
            f"holds {len(found)} names, {len(set(found))} of them different: {wanted} are needed",
            where=where,
        )
    return found
