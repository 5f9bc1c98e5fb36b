"""Fits to counts and means of claims: a Weibull curve, rates, levels. Arrays in, numbers out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.quantity import FloatArray

__all__ = [
    "Stays",
    "WeibullFit",
    "binomial_deviance",
    "fit_weibull",
    "poisson_deviance",
    "rate_interval",
    "ratio_interval",
    "upper_tail",
]

# The ranges of a Retention document; a tenth of an hour is the shortest stay that claims can show.
SCALE_MONTHS: Final = (1e-4, 1200.0)
SHAPE: Final = (0.05, 20.0)
_NEAR_BOUND: Final = 1e-6  # of a logarithm
_STEPS: Final = 500
_HALVINGS: Final = 60
_LONGEST_STEP: Final = 1.0
_SHORTEST_STEP: Final = 1e-13
_ROUNDING: Final = 1e-13  # of a log-likelihood
_LARGEST_EXPONENT: Final = 600.0


@dataclass(frozen=True, slots=True)
class Stays:
    """Intervals since the start: who was on treatment at its beginning, and at its end."""

    months: FloatArray
    """End of each interval; the first begins at 0, the others where the one before ends."""
    at_risk: FloatArray
    on_treatment: FloatArray

    @property
    def stopped(self) -> FloatArray:
        """Who was at risk and is no longer on treatment."""
        return self.at_risk - self.on_treatment


@dataclass(frozen=True, slots=True)
class WeibullFit:
    """The curve of largest likelihood; errors are of the logarithms, None at a bound."""

    scale_months: float
    shape: float
    log_scale_error: float | None
    log_shape_error: float | None
    correlation: float | None
    at_bound: tuple[str, ...]
    passing: FloatArray
    """Fitted share of those at risk who are still on treatment at the end of each interval."""


def fit_weibull(stays: Stays, *, shape: float | None = None) -> WeibullFit:
    """Fit S(t) = exp(-(t / scale) ** shape) to intervals, by maximum binomial likelihood.

    With d the cumulative hazard of an interval, log L is the sum of -y d + f log(1 - exp(-d)) over
    y who stay and f who stop. Newton's steps climb it in the logarithms of both parameters, or
    Fisher's where it does not bend down; the errors are from the second derivatives at the top.
    """
    fixed = SHAPE if shape is None else (shape, shape)
    low, high = np.log([SCALE_MONTHS, fixed]).T
    at = np.clip(_first_guess(stays), low, high)
    for _ in range(_STEPS):
        gradient, information, bent = _derivatives(stays, at)
        held = ((at <= low) & (gradient <= 0)) | ((at >= high) & (gradient >= 0))
        step = np.zeros(2)
        if not held.all():
            moving = np.flatnonzero(~held)
            part = -bent[np.ix_(moving, moving)]
            # Near the top the second derivatives lead there; far from it only what is expected.
            if not (np.linalg.eigvalsh(part) > 0).all():
                part = information[np.ix_(moving, moving)]
            step[moving] = np.linalg.lstsq(part, gradient[moving], rcond=None)[0]
        reached = _climb(stays, at, step, low, high)
        moved, at = float(np.abs(reached - at).max()), reached
        if moved < _SHORTEST_STEP:
            break
    at_bound = tuple(
        name
        for place, name in enumerate(("scale_months", "shape"))
        if low[place] < high[place]
        and min(at[place] - low[place], high[place] - at[place]) < _NEAR_BOUND
    )
    errors, correlation = _errors(stays, at, shape is None, bool(at_bound))
    scale, fitted_shape = np.clip(np.exp(at), *np.transpose([SCALE_MONTHS, fixed]))
    return WeibullFit(
        float(scale),
        float(fitted_shape),
        *errors,
        correlation,
        at_bound,
        np.exp(-_hazards(stays.months, at)[0]),
    )


def _climb(
    stays: Stays, at: FloatArray, step: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Go along a step, halved until it does not lead down; or stay.

    Near the top a step changes less than the sum can tell, so rounding is no way down.
    """
    best = _log_likelihood(stays, at)
    best -= _ROUNDING * abs(best)
    step = step * min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), _LONGEST_STEP))
    for _ in range(_HALVINGS):
        tried: FloatArray = np.clip(at + step, low, high)
        if _log_likelihood(stays, tried) >= best:
            return tried
        step = step / 2
    return at


def _first_guess(stays: Stays) -> FloatArray:
    """The line through log(-log S) against log t; half a count keeps shares off 0 and 1."""
    passing = (stays.on_treatment + 0.5) / (stays.at_risk + 1)
    y, x = np.log(-np.cumsum(np.log(passing))), np.log(stays.months)
    slope = max(float(np.polyfit(x, y, 1)[0]), 0.1)
    scale = float(np.mean(x) - np.mean(y) / slope)
    return np.array([scale, math.log(slope)])


def _hazards(months: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hazard of each interval, with its first and second derivatives in the two logarithms."""
    k = math.exp(at[1])
    log_hazard = np.clip(k * (np.log(months) - at[0]), -_LARGEST_EXPONENT, math.log(1e12))
    hazard = np.exp(log_hazard)
    first = np.stack([-k * hazard, hazard * log_hazard])
    cross = -k * hazard * (1 + log_hazard)
    second = np.stack([[k * k * hazard, cross], [cross, hazard * log_hazard * (1 + log_hazard)]])
    return (
        np.maximum(np.diff(hazard, prepend=0.0), 1e-140),
        np.diff(first, axis=-1, prepend=0.0),
        np.diff(second, axis=-1, prepend=0.0),
    )


def _log_likelihood(stays: Stays, at: FloatArray) -> float:
    hazard = _hazards(stays.months, at)[0]
    return float(stays.stopped @ np.log(-np.expm1(-hazard)) - stays.on_treatment @ hazard)


def _derivatives(stays: Stays, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gradient of the log-likelihood, expected information, and second derivatives."""
    hazard, first, second = _hazards(stays.months, at)
    grown = np.expm1(np.minimum(hazard, _LARGEST_EXPONENT / 2))
    pull = stays.stopped / grown - stays.on_treatment
    bend = -stays.stopped * (1 / grown + 1 / grown / grown)
    return (
        first @ pull,
        (first * stays.at_risk / grown) @ first.T,
        second @ pull + (first * bend) @ first.T,
    )


def _errors(
    stays: Stays, at: FloatArray, shape_is_free: bool, at_bound: bool
) -> tuple[tuple[float | None, float | None], float | None]:
    curved = -_derivatives(stays, at)[2]
    if at_bound or not (np.linalg.eigvalsh(curved) > 0).all():
        return (None, None), None
    if not shape_is_free:
        return (float(curved[0, 0] ** -0.5), None), None
    spread = np.linalg.inv(curved)
    scale, shape = np.sqrt(np.diag(spread))
    return (float(scale), float(shape)), float(spread[0, 1] / scale / shape)


def binomial_deviance(stayed: FloatArray, at_risk: FloatArray, fitted: FloatArray) -> FloatArray:
    """Twice the log-likelihood that each count loses against a fit of its own."""
    from scipy.special import xlogy

    stopped = at_risk - stayed
    own = xlogy(stayed, stayed / at_risk) + xlogy(stopped, stopped / at_risk)
    lost = 2 * (own - xlogy(stayed, fitted) - xlogy(stopped, 1 - fitted))
    return np.maximum(np.asarray(lost, np.float64), 0.0)


def poisson_deviance(events: FloatArray, expected: FloatArray) -> FloatArray:
    """As above, for events against what is expected."""
    from scipy.special import xlogy

    lost = 2 * (xlogy(events, events) - xlogy(events, expected) - (events - expected))
    return np.maximum(np.asarray(lost, np.float64), 0.0)


def rate_interval(events: int, exposure: float, level: float) -> tuple[float, float]:
    """Exact interval of a Poisson rate (Garwood): no events give 0 as its lower end."""
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    return low / exposure, float(gammaincinv(events + 1, 1 - tail)) / exposure


def ratio_interval(
    events: tuple[int, int], exposure: tuple[float, float], level: float
) -> tuple[float, float]:
    """Exact interval of the ratio of two Poisson rates: binomial, given the events in all.

    No events of the first give 0 as its lower end; none of the second leave the upper one
    infinite.
    """
    from scipy.special import betaincinv

    (first, second), tail = events, (1 - level) / 2
    low = float(betaincinv(first, second + 1, tail)) if first else 0.0
    high = float(betaincinv(first + 1, second, 1 - tail)) if second else 1.0
    per = exposure[1] / exposure[0]
    return low / (1 - low) * per, high / (1 - high) * per if high < 1 else math.inf


def upper_tail(deviance: float, freedom: int) -> float:
    """Chance of a deviance as large as this, or larger, where the fit is right."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, deviance))
