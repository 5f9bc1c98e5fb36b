"""What the pictures of a ranking share: the order of initiatives, their names, and sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from opsafe._arguments import read_number
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking import Ranking

__all__ = ["by_place", "read_sizes", "share_words"]


def by_place(ranking: Ranking) -> IntArray:
    """Initiatives from the first place to the last; those that are not ranked come last."""
    return np.argsort(-ranking.score_counts, kind="stable")


def read_sizes(sizes: object, initiatives: Sequence[str]) -> FloatArray | None:
    """A number of 0 or more for every initiative."""
    if sizes is None:
        return None
    if not isinstance(sizes, Mapping):
        raise ArgumentTypeError(
            "is no mapping of initiatives to numbers", where="size", value=type(sizes).__name__
        )
    missing = [name for name in initiatives if name not in sizes]
    if missing:
        raise ArgumentError(f"says nothing of {missing[0]!r}", where="size")
    return np.array([read_number(sizes[name], "size", 0, 1e100) for name in initiatives])


def share_words(share: float) -> str:
    """A share as a percentage that never rounds to certainty."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"
