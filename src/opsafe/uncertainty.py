"""What is uncertain: named distributions, draws that a seed repeats, and what they say together.

Each parameter has a stream of its own, named by itself, so that adding one leaves the draws of the
others as they were, and two scenarios that share a seed differ by their inputs alone. Draws are
uniform numbers put through inverse distribution functions, which no release of NumPy moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe._distributions import (
    Beta,
    Distribution,
    Fixed,
    Gamma,
    LogNormal,
    Normal,
    Proportion,
    Triangular,
    Uniform,
)
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray

__all__ = [
    "Beta",
    "Distribution",
    "Fixed",
    "Gamma",
    "Interval",
    "LogNormal",
    "Normal",
    "Probability",
    "Proportion",
    "Swing",
    "Triangular",
    "Uniform",
    "interval",
    "probability",
    "read_draws",
    "read_seed",
    "tornado",
    "uniforms",
]

MOST_DRAWS: Final = 1_000_000
_BITS: Final = 52  # with half a step more they still fit a float, and never reach 1


@dataclass(frozen=True, slots=True)
class Interval:
    """A median and the range that holds a share of the draws around it."""

    median: float
    low: float
    high: float
    level: float
    """Share of the draws between low and high."""


@dataclass(frozen=True, slots=True)
class Probability:
    """A share of draws, and the standard error that comes from their number."""

    value: float
    standard_error: float
    draws: int


@dataclass(frozen=True, slots=True)
class Swing:
    """What one input alone does to a result, at its low and at its high value."""

    name: str
    low_input: float
    high_input: float
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """How far apart the two results lie."""
        return abs(self.at_high - self.at_low)


def uniforms(seed: int, name: str, draws: int) -> FloatArray:
    """Return uniform numbers strictly between 0 and 1, of a stream that a name has to itself.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    name : str
        Name of the parameter.
    draws : int
        How many.

    Returns
    -------
    array of float, shape (draws,)
        The same for the same seed and name; more draws go on where fewer end.

    Notes
    -----
    (k + 1/2) / 2**52 with k the high 52 bits of PCG64, seeded with the seed and the name's bytes.

    Examples
    --------
    >>> [round(float(u), 4) for u in uniforms(7, "panel", 2)]
    [0.8555, 0.2377]
    """
    stream = np.random.PCG64(np.random.SeedSequence([seed, *name.encode()]))
    drawn: FloatArray = (
        (stream.random_raw(draws) >> np.uint64(64 - _BITS)).astype(np.float64) + 0.5
    ) * 2.0**-_BITS
    return drawn


def interval(values: FloatArray, level: float = 0.8) -> Interval:
    """Summarise draws by their median and the range that holds a share of them.

    Parameters
    ----------
    values : array of float, shape (draws,)
        One value a draw.
    level : float, optional
        Share of the draws between the ends, 0 to 1.

    Returns
    -------
    Interval
        In the unit of the values.

    Examples
    --------
    >>> interval(np.arange(101.0), level=0.5)
    Interval(median=50.0, low=25.0, high=75.0, level=0.5)
    """
    low, median, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Interval(float(median), float(low), float(high), level)


def probability(hits: BoolArray) -> Probability:
    """Return the share of draws in which something holds, with its standard error.

    Parameters
    ----------
    hits : array of bool, shape (draws,)
        Whether it holds in each draw.

    Returns
    -------
    Probability
        sqrt(p (1 - p) / draws) is the standard error.

    Examples
    --------
    >>> probability(np.array([True, True, True, False]))
    Probability(value=0.75, standard_error=0.21650635094610965, draws=4)
    """
    value = float(np.mean(hits))
    return Probability(value, math.sqrt(value * (1 - value) / len(hits)), len(hits))


def tornado(
    result: Callable[[Mapping[str, float]], float],
    inputs: Mapping[str, Distribution],
    *,
    level: float = 0.8,
) -> tuple[Swing, ...]:
    """Move one input at a time from its low to its high value, the others at their means.

    Parameters
    ----------
    result : callable
        From a value for each input to one number.
    inputs : mapping of str to Distribution
        The inputs; fixed ones are left out of the answer.
    level : float, optional
        Share of an input's distribution between its low and its high value.

    Returns
    -------
    tuple of Swing
        The widest first.

    Examples
    --------
    >>> inputs = {"a": Uniform(low=0, high=8), "b": Fixed(value=2)}
    >>> tornado(lambda x: x["a"] * x["b"], inputs, level=0.5)
    (Swing(name='a', low_input=2.0, high_input=6.0, at_low=4.0, at_high=12.0),)
    """
    means = {name: each.mean for name, each in inputs.items()}
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    swings = []
    for name, each in inputs.items():
        if isinstance(each, Fixed):
            continue
        low, high = (float(value) for value in each.quantile(ends))
        at_low, at_high = (result({**means, name: value}) for value in (low, high))
        swings.append(Swing(name, low, high, at_low, at_high))
    return tuple(sorted(swings, key=lambda swing: -swing.width))


def read_seed(seed: object) -> int:
    """Read a seed: a whole number from 0 up to 2**63 - 1."""
    return _whole(seed, "seed", 0, 2**63 - 1)


def read_draws(draws: object) -> int:
    """Read a number of draws: a whole number from 1 up to a million."""
    return _whole(draws, "draws", 1, MOST_DRAWS)


def _whole(value: object, where: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentTypeError("is not a whole number", where=where, value=type(value).__name__)
    if not low <= value <= high:
        raise ArgumentError(f"lies outside {low} to {high}", where=where, value=value)
    return value
