"""Arguments that are one number or one word, read the same way at every door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = ["plain", "read_number", "read_whole", "read_word"]

Word = TypeVar("Word", bound=str)


def plain(value: Any) -> Any:
    """Fold every spelling of missing to None, and NumPy and pandas scalars to Python's own."""
    if isinstance(value, np.generic):
        return _plain_scalar(value)
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, Decimal) and value.is_nan():
        return None  # also the signalling one, which raises when compared
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value


def _plain_scalar(value: np.generic) -> Any:
    """A NumPy scalar as Python's own; a time that would become a bare number stays what it is."""
    if isinstance(value, np.timedelta64):
        return value
    if isinstance(value, np.datetime64):
        moment = value.astype("datetime64[us]").item()
        return moment if moment is None or isinstance(moment, date) else str(value)
    plainer = value.item()
    return None if isinstance(plainer, float) and plainer != plainer else plainer


def read_number(
    value: object,
    where: str,
    low: float,
    high: float,
    *,
    above: bool = False,
    below: bool = False,
    or_zero: bool = False,
    advice: str | None = None,
) -> float:
    """Read a number between two bounds.

    Parameters
    ----------
    value : object
        What the caller gave; scalars of other libraries count as Python's own.
    where : str
        The argument's name.
    low, high : float
        The bounds, both included unless said.
    above, below : bool, optional
        Whether the number must lie above ``low``, or below ``high``.
    or_zero : bool, optional
        Whether 0 is allowed besides.
    advice : str, optional
        What to do where it lies outside.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If it is no number, or lies outside.
    """
    found = plain(value)
    if found is None and isinstance(value, float | Decimal | np.floating):
        raise ArgumentError("is not a number (NaN)", where=where, value=value, advice=advice)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal | Fraction):
        raise ArgumentTypeError("is not a number", where=where, value=type(value).__name__)
    inside = (found > low if above else found >= low) and (found < high if below else found <= high)
    if not (inside or (or_zero and found == 0)):
        what = _outside(low, high, above=above, below=below, or_zero=or_zero)
        raise ArgumentError(what, where=where, value=value, advice=advice)
    return float(found)


def read_whole(value: object, where: str, low: int, high: int, *, advice: str | None = None) -> int:
    """Read a whole number between two bounds, both included.

    Parameters
    ----------
    value : object
        What the caller gave; whole numbers of other libraries count as Python's own.
    where : str
        The argument's name.
    low, high : int
        The bounds, both included.
    advice : str, optional
        What to do where it lies outside.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If it is no whole number, or lies outside.
    """
    found = plain(value)
    if isinstance(found, bool) or not isinstance(found, int):
        raise ArgumentTypeError("is not a whole number", where=where, value=type(value).__name__)
    if not low <= found <= high:
        what = f"lies outside {_written(low)} to {_written(high)}"
        raise ArgumentError(what, where=where, value=value, advice=advice)
    return found


def read_word(value: object, where: str, allowed: Sequence[Word]) -> Word:
    """Read one of a few words.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is another, or no text; the nearest is named.
    """
    if not isinstance(value, str):
        raise ArgumentTypeError(
            "is not one of its words", where=where, value=type(value).__name__, allowed=allowed
        )
    for word in allowed:
        if value == word:
            return word
    near = get_close_matches(value.lower(), allowed, n=1)
    raise ArgumentError(
        f"{value[:40]!r} is not known",
        where=where,
        value=value,
        allowed=allowed,
        advice=f"Did you mean {near[0]!r}?" if near else None,
    )


def _outside(low: float, high: float, *, above: bool, below: bool, or_zero: bool) -> str:
    """Say what is wrong with a number beyond its bounds."""
    least, most = _written(low), _written(high)
    if not above and not below:
        return f"lies outside {'0, or ' * or_zero}{least} to {most}"
    if above and below:
        bounds = f"between {least} and {most}"
    else:
        bounds = f"above {least}, at most {most}" if above else f"from {least} to below {most}"
    return f"must {'be 0, or ' * or_zero}lie {bounds}"


def _written(number: float) -> str:
    if isinstance(number, int):
        return f"{number:,}" if abs(number) >= 10_000 else str(number)
    return f"{number:,.15g}" if abs(number) >= 10_000 else f"{number:.15g}"
