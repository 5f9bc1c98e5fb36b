"""Flows of patients and heads over months: arrays in, arrays out.

Months run down the first axis and draws along the last. Everything was checked at the door.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from opsafe.quantity import BoolArray, FloatArray

__all__ = [
    "Flow",
    "Streams",
    "erlang_ramp",
    "flow",
    "months_until_exit",
    "pool_capacity",
    "staying",
]


@dataclass(frozen=True, slots=True)
class Streams:
    """Streams of demand that share a capacity; the first axis is the stream.

    Months are the second axis, and draws, or one for all, the last.
    """

    requests: FloatArray
    """Members who ask to start, by month; one for all draws."""
    scale: FloatArray
    """What the requests are multiplied by; no axis of months."""
    weights: FloatArray
    """For one start, patients at the end of its own month and of each one after."""
    on_treatment: FloatArray
    """Patients at the beginning; no axis of months."""
    retained: FloatArray
    """Of these, who still are at each month's end."""
    waiting: FloatArray
    """Waiting at the beginning; no axis of months."""
    reneging: FloatArray
    """Share of those waiting who give up in a month; no axis of months."""
    returning: FloatArray
    """Share of those who stop who will ask again; no axis of months."""
    return_rate: FloatArray
    """Share of these who ask in a month; no axis of months."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of the streams; axes are stream, month and draw."""

    starts: FloatArray
    """Treatment begun in the month."""
    treated: FloatArray
    """On treatment at the month's end."""
    waiting: FloatArray
    """Still waiting at the month's end."""
    limited: BoolArray
    """Whether capacity, and not demand, decided; axes are month and draw."""


def flow(streams: Streams, capacity: FloatArray) -> Flow:
    """Let members start as far as capacity allows, and stay as retention says.

    Parameters
    ----------
    streams : Streams
        Who asks, waits, stays and returns.
    capacity : array of float, shape (months, draws)
        Patients of all streams that can be on treatment at once; infinite for no bound.

    Returns
    -------
    Flow
        By stream, month and draw.

    Notes
    -----
    starts = min(W + requests, max(0, capacity - retained)), and
    W(t + 1) = (W + requests - starts) (1 - reneging). Free places are shared among the streams in
    proportion to those who want them.
    """
    months, draws = capacity.shape
    shape = (len(streams.requests), months, draws)
    starts, treated, waiting = (np.empty(shape) for _ in range(3))
    limited = np.empty(capacity.shape, bool)
    line = np.broadcast_to(streams.waiting, (shape[0], draws))
    before = np.broadcast_to(streams.on_treatment, line.shape)
    away = np.zeros(line.shape)  # stopped, and will ask again
    for month in range(months):
        back = away * streams.return_rate
        wanted = line + streams.requests[:, month] * streams.scale + back
        kept = streams.retained[:, month] + _left_of(starts, streams.weights, month)
        free = np.maximum(capacity[month] - kept.sum(axis=0), 0)
        total = wanted.sum(axis=0)
        limited[month] = total > free
        share = np.divide(free, total, out=np.ones(draws), where=limited[month])
        now = np.multiply(wanted, share, out=starts[:, month])
        treated[:, month] = kept + now * streams.weights[:, 0]
        stopped = np.maximum(before + now - treated[:, month], 0)
        away = away - back + stopped * streams.returning
        before = treated[:, month]
        line = np.maximum(wanted - now, 0) * (1 - streams.reneging)
        waiting[:, month] = line
    return Flow(starts, treated, waiting, limited)


def _left_of(starts: FloatArray, weights: FloatArray, month: int) -> FloatArray:
    """Patients at a month's end who began in the months before it."""
    if weights.shape[2] > 1:
        left: FloatArray = (weights[:, month:0:-1] * starts[:, :month]).sum(axis=1)
        return left
    left = np.zeros((len(starts), starts.shape[2]))
    for stream in range(len(starts)) if month else ():
        left[stream] = weights[stream, month:0:-1, 0] @ starts[stream, :month]
    return left


def months_until_exit(
    share: FloatArray, first_year: float, later: float, *, age: int = 0
) -> FloatArray:
    """Months until a head leaves, by the inverse of :func:`staying`.

    Parameters
    ----------
    share : array of float
        Uniform numbers between 0 and 1.
    first_year, later : float
        Share that leaves in the first year, and in each year after it.
    age : int
        Months that the head has been there: 0, or 12 for those beyond their first year.

    Returns
    -------
    array of float
        Whole months from 1 on; infinite for those who never leave.
    """
    gone = -np.log(share)
    early = 12 * _rate(first_year) if age == 0 else 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        soon = gone / _rate(first_year)
        late = (12 if age == 0 else 0) + (gone - early) / _rate(later)
    months: FloatArray = np.where(gone < early, soon, late)
    return np.floor(months) + 1


def _rate(share: float) -> float:
    """Monthly rate of exit that makes a share of a year."""
    return -math.log1p(-share) / 12 if share < 1 else math.inf


@lru_cache(maxsize=64)
def staying(months: int, first_year: float, later: float, *, age: int = 0) -> FloatArray:
    """Share of heads who are still there after each number of months, from 0 on."""
    at = np.arange(months + 1) + age
    early, late = (1 - share for share in (first_year, later))
    left = early ** (np.minimum(at, 12) / 12) * late ** (np.maximum(at - 12, 0) / 12)
    shares = left / left[0] if left[0] else np.append(1.0, np.zeros(months))
    shares.flags.writeable = False  # what a cache holds is everybody's
    return shares


def erlang_ramp(months: int, mean_months: float, stages: int) -> FloatArray:
    """Share of a full panel that a recruit has reached after each number of months, from 0 on.

    1 - exp(-x) (1 + x + ... + x**(stages - 1) / (stages - 1)!), with x = stages t / mean.
    """
    if mean_months == 0:
        return np.ones(months + 1)
    # Beyond 700 nothing is left of the exponential; the shortest delay is a millionth of a month.
    x = np.minimum(stages * np.arange(months + 1) / max(mean_months, 1e-6), 700.0)
    term, total = np.ones_like(x), np.ones_like(x)
    for n in range(1, stages):
        term = term * x / n
        total = total + term
    return 1 - np.exp(-x) * total


def pool_capacity(heads: FloatArray, base: float, decay: float, share: float) -> FloatArray:
    """Patients that a number of heads can treat, each one adding less than the one before.

    b (1 - exp(-k' N)) / k' with k' = k / share: the ceiling is share x b / k.
    """
    local = decay / share
    return base * -np.expm1(-local * heads) / local if local else base * heads
