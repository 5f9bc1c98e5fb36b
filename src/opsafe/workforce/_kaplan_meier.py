"""The share still in treatment by day, from times that may be cut off: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray

__all__ = ["Curve", "kaplan_meier"]

_Z: Final = 1.959963984540054  # of the normal distribution 97.5 % lie below


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One value for each day on which somebody stopped or was lost from view, in order."""

    days: IntArray
    at_risk: IntArray
    """Followed up to this day: those who stop or are censored on it are among them."""
    stopped: IntArray
    censored: IntArray
    share: FloatArray
    standard_error: FloatArray
    lower: FloatArray
    upper: FloatArray


def kaplan_meier(days: IntArray, is_stop: BoolArray) -> Curve:
    """Estimate the share still in treatment, with Greenwood's error and a log-log interval.

    Parameters
    ----------
    days : array of int, shape (n,)
        Days from the start to the stop, or to where the view ends; at least 1.
    is_stop : array of bool, shape (n,)
        Whether it ended with a stop; who is censored on a day was at risk on it.

    Notes
    -----
    S(t) is the product over days up to t of 1 - d/n; Greenwood's variance is S^2 times the sum of
    d/(n(n - d)); the interval of 95 % is S^exp(+-1.96 e) with e the root of that sum over
    |log S|. While nobody has stopped there is no error to print: the interval is 1 to 1. Where
    nobody is left it runs from 0 to its last upper end.
    """
    distinct, place = np.unique(days, return_inverse=True)
    ended = np.bincount(place, minlength=len(distinct))
    stopped = np.bincount(place[is_stop], minlength=len(distinct))
    at_risk = len(days) - np.cumsum(ended) + ended
    share = np.cumprod((at_risk - stopped) / at_risk, dtype=np.float64)
    left = at_risk - stopped
    terms = np.divide(stopped, at_risk * left, out=np.zeros(len(distinct)), where=left > 0)
    root = np.sqrt(np.cumsum(terms))
    inside = (share > 0) & (share < 1)
    log_share = np.log(share, out=np.full(len(share), -1.0), where=inside)
    spread = np.where(inside, _Z * root / -log_share, 0.0)
    upper = share ** np.exp(-spread)
    if len(share) and share[-1] == 0:
        upper[-1] = upper[-2] if len(share) > 1 else 1.0
    return Curve(
        days=distinct,
        at_risk=at_risk,
        stopped=stopped,
        censored=ended - stopped,
        share=share,
        standard_error=share * root,
        # A spread can be so wide that its exponential overflows: the lower end is then 0.
        lower=share ** np.exp(np.minimum(spread, 700.0)),
        upper=upper,
    )
