"""Columns of results from exact numbers and words of which some are missing."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from opsafe.columns import Text
from opsafe.quantity import FloatArray

__all__ = ["floats", "words"]


def floats(values: Iterable[Fraction | float | None]) -> FloatArray:
    """Return numbers as floats, each rounded once; NaN where missing."""
    return np.array([np.nan if each is None else float(each) for each in values], np.float64)


def words(values: Iterable[str | None]) -> Text:
    """Return words of which some are missing."""
    place: dict[str, int] = {}
    codes = [-1 if each is None else place.setdefault(each, len(place)) for each in values]
    return Text(np.array(codes, np.int64), tuple(place))
