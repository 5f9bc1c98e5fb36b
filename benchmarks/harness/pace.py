"""How fast a machine is just now, told by the seconds that the same work takes.

Neighbours on a shared processor take its caches, its memory and its clock, which a load average
does not see.
"""

from __future__ import annotations

import statistics
import time
from typing import Final

import numpy as np

__all__ = ["pace"]

_NUMBERS: Final = 1 << 20
_TIMES: Final = 5


def pace() -> float:
    """Return the seconds that sorting, fetching and adding a million numbers take."""
    random = np.random.default_rng(1)
    numbers, order = random.integers(0, 1 << 40, _NUMBERS), random.permutation(_NUMBERS)
    found = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        np.sort(numbers)
        np.cumsum(numbers.take(order))
        found.append(time.perf_counter() - began)
    return statistics.median(found)
