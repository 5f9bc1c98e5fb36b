"""What is uncertain: named distributions, draws that a seed repeats, and what they say together.

Each parameter has a stream of its own, named by itself, so that adding one leaves the draws of the
others as they were, and two scenarios that share a seed differ by their inputs alone. Draws are
uniform numbers put through inverse distribution functions, which no release of NumPy moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
from opsafe._draws import draw_all, means_of, read_draws, read_seed, uniforms
from opsafe._from_interval import from_interval
from opsafe._joint import Correlated, Dirichlet, Joint
from opsafe.quantity import BoolArray, FloatArray

__all__ = [
    "Beta",
    "Correlated",
    "Dirichlet",
    "Distribution",
    "Fixed",
    "Gamma",
    "Interval",
    "Joint",
    "LogNormal",
    "Normal",
    "Probability",
    "Proportion",
    "Swing",
    "Triangular",
    "Uniform",
    "draw_all",
    "from_interval",
    "interval",
    "means_of",
    "probability",
    "read_draws",
    "read_seed",
    "tornado",
    "uniforms",
]


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
