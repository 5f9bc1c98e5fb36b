"""Resamples of draws that a seed repeats, for standard errors that no formula gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from opsafe._arguments import read_whole
from opsafe.quantity import FloatArray
from opsafe.uncertainty import uniforms

__all__ = ["RESAMPLES", "read_resamples", "resampled"]

RESAMPLES: Final = 200
"""A standard error from so many is itself known to about 5 % (1 / sqrt(2 x 200))."""


def resampled(seed: int, draws: int, resamples: int) -> Iterator[FloatArray]:
    """Yield weights of the draws that sum to one: how often each is drawn again, with return."""
    for number in range(resamples):
        picked = (uniforms(seed, f"resample {number}", draws) * draws).astype(np.int64)
        yield np.bincount(picked, minlength=draws) / draws


def read_resamples(resamples: object) -> int:
    """Read how many resamples: 20 at least, for a spread of fewer says little."""
    return read_whole(resamples, "resamples", 20, 100_000)
