"""From an interval as a study prints it to the distribution it stands for."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Final, Literal, TypeAlias, get_args

from opsafe._arguments import read_number, read_word
from opsafe._distributions import Beta, Gamma, LogNormal, Normal
from opsafe.errors import ArgumentError

__all__ = ["from_interval"]

Kind: TypeAlias = Literal["beta", "gamma", "lognormal", "normal"]
Fit: TypeAlias = Literal["point", "quantiles"]

_SHAPES: Final = (math.log(0.02), math.log(1e10))  # of a gamma, and weights of a beta, in logs
_EXACT: Final = 1e-14


def from_interval(
    kind: Kind, point: float, low: float, high: float, *, level: float = 0.95, fit: Fit = "point"
) -> Beta | Gamma | LogNormal | Normal:
    """Turn a point estimate with its interval into a distribution.

    Parameters
    ----------
    kind : {"beta", "gamma", "lognormal", "normal"}
        Log-normal for ratios, beta for shares, gamma for costs and counts.
    point : float
        The estimate: the mean; of a log-normal the median, as ratios are estimated on the log
        scale.
    low, high : float
        The ends of its interval, around the point.
    level : float, optional
        Level of the interval, between 0 and 1.
    fit : {"point", "quantiles"}, optional
        Whether the point is kept and the width gives the spread, or the distribution has the ends
        for its quantiles exactly; then the point only has to lie between them.

    Returns
    -------
    Beta, Gamma, LogNormal or Normal
        In the unit of the interval.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the numbers are not in order, or lie outside what the kind can take.
    DocumentError
        If no distribution of the kind has such a mean and spread.

    Notes
    -----
    With z the normal quantile at (1 + level) / 2 (1.959963985 for 0.95): sd = (high - low) / (2 z);
    for a log-normal meanlog = ln(point) and sdlog = (ln high - ln low) / (2 z).

    Examples
    --------
    A hazard ratio of 0.47 (0.32 to 0.71).

    >>> ratio = from_interval("lognormal", 0.47, 0.32, 0.71)
    >>> round(ratio.meanlog, 6), round(ratio.sdlog, 6)
    (-0.755023, 0.203306)
    """
    read_word(kind, "kind", get_args(Kind))
    read_word(fit, "fit", get_args(Fit))
    least, most = {"beta": (0.0, 1.0), "normal": (-1e12, 1e12)}.get(kind, (0.0, 1e12))
    inside = kind == "lognormal" or (fit == "quantiles" and kind != "normal")
    top = inside and kind == "beta"
    lower = read_number(low, "low", least, most, above=inside)
    upper = read_number(high, "high", lower, most, above=True, below=top)
    # A point at an end is a rounded one; of all but a normal it must still be above 0.
    middle = read_number(point, "point", lower, upper, above=kind != "normal" and lower == 0)
    tail = (1 - read_number(level, "level", 0, 1, above=True, below=True)) / 2
    z = -NormalDist().inv_cdf(tail)
    if fit == "point":
        return _by_point(kind, middle, lower, upper, z)
    return _by_quantiles(kind, lower, upper, z, tail)


def _by_point(
    kind: Kind, point: float, low: float, high: float, z: float
) -> Beta | Gamma | LogNormal | Normal:
    if kind == "lognormal":
        return LogNormal.from_parameters(math.log(point), math.log(high / low) / (2 * z))
    sd = (high - low) / (2 * z)
    if kind == "normal":
        return Normal(mean=point, sd=sd)
    return Beta(mean=point, sd=sd) if kind == "beta" else Gamma(mean=point, sd=sd)


def _by_quantiles(
    kind: Kind, low: float, high: float, z: float, tail: float
) -> Beta | Gamma | LogNormal | Normal:
    if kind == "normal":
        return Normal(mean=(low + high) / 2, sd=(high - low) / (2 * z))
    if kind == "lognormal":
        centre = math.log(low) / 2 + math.log(high) / 2
        return LogNormal.from_parameters(centre, math.log(high / low) / (2 * z))
    return (_gamma if kind == "gamma" else _beta)(low, high, tail)


def _gamma(low: float, high: float, tail: float) -> Gamma:
    """The shape decides how many times the upper quantile is the lower one."""
    from scipy.special import gammaincinv

    def too_wide(log_shape: float) -> float:
        ends = gammaincinv(math.exp(log_shape), (tail, 1 - tail))
        return float(math.log(ends[1]) - math.log(max(ends[0], 1e-300)) - math.log(high / low))

    shape = math.exp(_root(too_wide, *_SHAPES))
    return Gamma.from_parameters(shape, high / float(gammaincinv(shape, 1 - tail)))


def _beta(low: float, high: float, tail: float) -> Beta:
    """For each sum of the weights one mean puts the upper quantile right; the sum does the rest."""
    from scipy.special import betainc, betaincc

    def mean(total: float) -> float:
        def missing(logit: float) -> float:
            share, other = 1 / (1 + math.exp(-logit)), 1 / (1 + math.exp(logit))
            return float(betaincc(total * share, total * other, high)) - tail

        return 1 / (1 + math.exp(-_root(missing, -40.0, 40.0)))

    def missing(log_total: float) -> float:
        total = math.exp(log_total)
        share = mean(total)
        return float(betainc(total * share, total * (1 - share), low)) - tail

    total = math.exp(_root(missing, *_SHAPES))
    share = mean(total)
    return Beta.from_parameters(total * share, total * (1 - share))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    if function(low) * function(high) > 0:
        raise ArgumentError(
            "no distribution of this kind has these two quantiles",
            where="fit",
            advice='Use fit="point", or another kind',
        )
    return float(brentq(function, low, high, xtol=_EXACT, rtol=4 * _EXACT))
