"""Calibration: retention, cost per month and overdoses as the plan's own claims show them."""

# More than 300 lines: one call with its result, and the three fits that share their report.

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np

from opsafe._arguments import read_number, read_whole, read_word
from opsafe.columns import Columns
from opsafe.costbenefit._calibration_doors import (
    Costs,
    Events,
    read_costs,
    read_events,
    read_stays,
)
from opsafe.costbenefit._calibration_fits import (
    Stays,
    binomial_deviance,
    fit_weibull,
    poisson_deviance,
    rate_interval,
    ratio_interval,
    upper_tail,
)
from opsafe.costbenefit._calibration_report import Report
from opsafe.costbenefit.figures import Basis
from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.survival import Retention
from opsafe.uncertainty import Distribution, Gamma, LogNormal

__all__ = ["Calibration", "calibrate"]

Curve = Literal["weibull", "points"]

_TREATED: Final = "treated"
_UNTREATED: Final = "untreated"
_PER_1000_YEARS: Final = 12_000


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Calibration:
    """What the plan's claims say, how well each fit meets them, and the inputs that follow."""

    retention: Retention | None
    """The fitted curve, with its gap rule."""
    parameters: Columns
    """A row for each fitted number: value, standard error, interval, unit."""
    targets: Columns
    """A row for each count or mean that was to be met: observed, fitted, residual, deviance."""
    fits: Columns
    """A row for each fit: deviance, degrees of freedom, p value, bounds that were hit, verdict."""
    distributions: Mapping[str, Distribution]
    """By parameter, ready to stand in inputs; none where a number has no standard error."""
    retention_correlation: float | None
    """Between the logarithms of scale and shape; None without a Weibull curve or at a bound."""
    price_year: int | None
    basis: Basis | None
    cautions: tuple[str, ...] = field(repr=False)
    """What a reader must know."""

    def __repr__(self) -> str:
        told = zip(self.fits["fit"], self.fits["verdict"], strict=True)
        return "Calibration(" + "; ".join(f"{fit}: {verdict}" for fit, verdict in told) + ")"


def calibrate(
    *,
    retention: object = None,
    cost_per_month: object = None,
    overdoses: object = None,
    gap_days: int | None = None,
    curve: Curve = "weibull",
    cost_periods: Iterable[int] = (),
    price_year: int | None = None,
    basis: Basis | None = None,
    level: float = 0.95,
) -> Calibration:
    """Fit retention, cost per month and overdose rates to a plan's own claims.

    Parameters
    ----------
    retention : frame, mapping of columns or list of records, optional
        ``months`` (or ``days``) since the start, rising, and members: ``on_treatment`` (or
        ``stopped``) of ``at_risk``, those on treatment at the row before (in the first row, those
        who started) who were followed up to this one. Or, of all who started: ``on_treatment`` or
        ``share`` with ``starts``. Tuples are (months, on_treatment, at_risk).
    cost_per_month : frame, mapping of columns or list of records, optional
        ``month`` since the start (1 is the first), ``mean_usd`` and ``sd_usd`` a member, and
        ``members``; perhaps ``group``. Tuples are (month, mean_usd, sd_usd, members).
    overdoses : frame, mapping of columns or list of records, optional
        ``group`` (such as treated and untreated), ``overdoses`` counted and ``person_months``.
        Tuples are in this order. Several rows of a group are held against one rate.
    gap_days : int, optional
        Days without supply that end a stay, 0 to 366; required with ``retention``.
    curve : {"weibull", "points"}, optional
        Whether retention is a Weibull curve of largest likelihood, or the shares as they are.
    cost_periods : iterable of int, optional
        Last month of each period that has a cost level of its own; months after the last are a
        period too. Without it there is one.
    price_year : int, optional
        Year of the dollars; required with ``cost_per_month``.
    basis : {"charge", "allowed", "paid"}, optional
        What the dollars are; required with ``cost_per_month``.
    level : float, optional
        Share that intervals hold; a fit is called as near as chance allows from 1 - level on.

    Returns
    -------
    Calibration
        Months, US dollars a member-month, overdoses a person-month; the fit report beside them.

    Raises
    ------
    ArgumentError, ArgumentTypeError, ColumnError
        If nothing is given, a column is missing, a number is out of range, or counts leave
        nothing to fit.

    Notes
    -----
    Retention: S(t) = exp(-(t / scale) ** shape) maximises the sum over intervals of
    y log q + (n - y) log(1 - q), with y of n still on treatment and q = S(end) / S(begin);
    standard errors are from the second derivatives in the logarithms. ``points`` takes products
    of y / n, with Greenwood's errors. Fits are judged by the deviance, which is about chi-square.
    Where ``starts`` fall from row to row, the intervals assume that those who could be followed
    longer stay as long as the others.

    Cost: the level of a period is the mean over its member-months, so that it gives back the
    dollars of the claims. The standard error is sum(sqrt(n) sd) / sum(n), the largest that is
    possible, since the same members come back month after month; were all months independent, it
    would be sqrt(sum(n sd^2)) / sum(n). The fit is judged by sum(n (mean - level)^2 / sd^2).

    Overdoses: rate = events / person-months, with exact intervals [1]_; the ratio of two rates
    has the exact interval that is binomial given the events in all.

    References
    ----------
    .. [1] Garwood F. Fiducial limits for the Poisson distribution. Biometrika 28 (1936), 437-442.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.calibrate(
    ...     retention=[(1, 716, 1000), (6, 354, 716), (12, 212, 354)],
    ...     gap_days=30,
    ...     overdoses=[("treated", 12, 8_000), ("untreated", 90, 20_000)],
    ... )
    >>> round(found.retention.scale_months, 2), round(found.retention.shape, 3)
    (5.82, 0.616)
    >>> [str(verdict) for verdict in found.fits["verdict"][:1]]
    ['as near to its targets as chance allows']
    >>> round(found.distributions["overdose_rate_per_person_month_treated"].mean, 4)
    0.0015
    """
    if retention is None and cost_per_month is None and overdoses is None:
        raise ArgumentError(
            "there is nothing to fit",
            where="calibrate",
            allowed=("retention", "cost_per_month", "overdoses"),
        )
    report = Report(read_number(level, "level", 0.5, 0.9999))
    fitted, correlation = None, None
    if retention is not None:
        gap = _required(gap_days, "gap_days", "retention", 0, 366)
        stays = read_stays(retention)
        if read_word(curve, "curve", get_args(Curve)) == "weibull":
            fitted, correlation = _weibull(stays, gap, report)
        else:
            fitted = _points(stays, gap, report)
    if cost_per_month is not None:
        price_year = _required(price_year, "price_year", "cost_per_month", 1980, 2100)
        if basis is None:
            raise ArgumentError(
                "is required with cost_per_month", where="basis", allowed=get_args(Basis)
            )
        read_word(basis, "basis", get_args(Basis))
        _costs(read_costs(cost_per_month), _ends(cost_periods), price_year, report)
    if overdoses is not None:
        _overdoses(read_events(overdoses), report)
    return Calibration(
        retention=fitted,
        parameters=report.parameter_table(),
        targets=report.target_table(),
        fits=report.fit_table(),
        distributions=MappingProxyType(report.distributions),
        retention_correlation=correlation,
        price_year=price_year if cost_per_month is not None else None,
        basis=basis if cost_per_month is not None else None,
        cautions=tuple(report.cautions),
    )


def _weibull(stays: Stays, gap_days: int, report: Report) -> tuple[Retention, float | None]:
    """Fit the curve, and hold it against one of constant hazard."""
    found = fit_weibull(stays)
    deviance = binomial_deviance(stays.on_treatment, stays.at_risk, found.passing)
    _add_stays(stays, found.passing, deviance, report)
    report.judge(
        "retention",
        "Weibull",
        deviance,
        2,
        at_bound=found.at_bound,
        largest=_largest(stays, found.passing),
    )
    plain = fit_weibull(stays, shape=1.0)
    at_constant = binomial_deviance(stays.on_treatment, stays.at_risk, plain.passing)
    report.judge(
        "retention, were its hazard constant",
        "exponential",
        at_constant,
        1,
        at_bound=plain.at_bound,
        largest=_largest(stays, plain.passing),
    )
    gained = float(at_constant.sum() - deviance.sum())
    if not found.at_bound and upper_tail(max(gained, 0.0), 1) < 1 - report.level:
        report.warn(
            "The hazard of stopping is not constant: a fixed monthly probability would misplace"
            " stops in time"
        )
    for name, value, error, unit in (
        ("retention_scale_months", found.scale_months, found.log_scale_error, "months"),
        ("retention_shape", found.shape, found.log_shape_error, "none"),
    ):
        _add_lognormal(name, value, error, unit, report)
    if found.at_bound:
        report.warn(
            f"The fit of retention stopped at a bound of {', '.join(found.at_bound)}, so it has no"
            " standard errors"
        )
    elif found.correlation is not None:
        report.warn(
            "Scale and shape of retention are correlated"
            f" ({found.correlation:.2f} between their logarithms): draw them together"
        )
    report.warn(
        f"Retention was seen up to month {stays.months[-1]:g}; beyond it the curve is extrapolated"
    )
    curve = Retention(gap_days=gap_days, scale_months=found.scale_months, shape=found.shape)
    return curve, found.correlation


def _points(stays: Stays, gap_days: int, report: Report) -> Retention:
    """Take the shares as they are, with Greenwood's errors and log-log intervals."""
    passing = stays.on_treatment / stays.at_risk
    share = np.cumprod(passing)
    if share[-1] <= 0 or share[0] >= 1:
        raise ArgumentError(
            "has a share of 0 or 1, which no curve of points passes through",
            where="retention",
            advice="Leave those rows out, or take curve='weibull'",
        )
    root = np.sqrt(np.cumsum(stays.stopped / (stays.at_risk * stays.on_treatment)))
    deviance = np.zeros(len(share))
    _add_stays(stays, passing, deviance, report)
    report.judge("retention", "points", deviance, len(share))
    spread = _z(report.level) * root / -np.log(share)
    for month, value, error, width in zip(stays.months, share, root, spread, strict=True):
        ends = float(value ** math.exp(min(width, 700.0))), float(value ** math.exp(-width))
        name = f"retention_share_month_{month:g}"
        report.add_parameter(name, float(value), float(value * error), ends, "share")
    points = tuple(zip(stays.months.tolist(), share.tolist(), strict=True))
    return Retention(gap_days=gap_days, points=points)


def _add_stays(stays: Stays, passing: FloatArray, deviance: FloatArray, report: Report) -> None:
    report.add_targets(
        "retention",
        "share still on treatment, of those on it at the row before",
        months=stays.months,
        count=stays.at_risk,
        observed=stays.on_treatment / stays.at_risk,
        fitted=passing,
        deviance=deviance,
    )


def _largest(stays: Stays, passing: FloatArray) -> str:
    gap = stays.on_treatment / stays.at_risk - passing
    at = int(np.abs(gap).argmax())
    return f"{100 * gap[at]:+.1f} points at month {stays.months[at]:g}"


def _costs(costs: Costs, ends: tuple[int, ...], price_year: int, report: Report) -> None:
    """A level of cost for each group and period."""
    period = np.searchsorted(np.array(ends), costs.month)
    group = np.array(costs.group)
    for name in dict.fromkeys(costs.group):
        for place in np.unique(period[group == name]):
            rows = np.flatnonzero((group == name) & (period == place))
            _level(costs, rows, name, _period(ends, int(place)), price_year, report)
    report.warn(
        "Costs of members on treatment and off it differ by more than treatment: who starts and"
        " stays differs from who does not"
    )


def _level(
    costs: Costs, rows: IntArray, group: str, period: str, price_year: int, report: Report
) -> None:
    """The mean over the member-months of a period."""
    mean, sd, n = costs.mean_usd[rows], costs.sd_usd[rows], costs.members[rows]
    level = float(n @ mean / n.sum())
    error = float(np.sqrt(n) @ sd / n.sum())
    deviance = n * ((mean - level) / sd) ** 2
    fit = f"cost a month, {group}, {period}"
    unit = f"USD of {price_year} a member-month"
    report.add_targets(
        fit,
        unit,
        months=costs.month[rows],
        count=n,
        observed=mean,
        fitted=np.full(len(rows), level),
        deviance=deviance,
    )
    at = int(np.abs(mean - level).argmax())
    report.judge(
        fit,
        "level",
        deviance,
        1,
        largest=f"{mean[at] - level:+,.0f} USD in month {costs.month[rows][at]:g}",
    )
    name = _slug(f"cost_usd_per_member_month_{group}_{period}")
    _add_gamma(name, level, error, None, unit, report)


def _overdoses(events: Events, report: Report) -> None:
    """A rate for each group, and its ratio to that of the untreated."""
    group = np.array(events.group)
    found: dict[str, tuple[int, float]] = {}
    for name in dict.fromkeys(events.group):
        rows = group == name
        found[name] = int(events.overdoses[rows].sum()), float(events.person_months[rows].sum())
        _rate(events, rows, name, report)
    if _UNTREATED not in found:
        return
    untreated = found.pop(_UNTREATED)
    for name, counted in found.items():
        _ratio(name, counted, untreated, report)
    report.warn(
        "A ratio of overdose rates in claims compares different people: selection makes treatment"
        " look better than it is. Review it beside an evidence edition"
    )


def _rate(events: Events, rows: BoolArray, group: str, report: Report) -> None:
    counted, exposure = events.overdoses[rows], events.person_months[rows]
    number, months = int(counted.sum()), float(exposure.sum())
    rate = number / months
    deviance = poisson_deviance(counted, rate * exposure)
    fit = f"overdoses, {group}"
    report.add_targets(
        fit,
        "overdoses",
        months=np.full(len(counted), np.nan),
        count=exposure,
        observed=counted,
        fitted=rate * exposure,
        deviance=deviance,
    )
    at = int(np.abs(counted - rate * exposure).argmax())
    report.judge(
        fit,
        "rate",
        deviance,
        1,
        largest=f"{counted[at]:g} seen where {rate * exposure[at]:.1f} were expected",
    )
    low, high = rate_interval(number, months, report.level)
    name = _slug(f"overdose_rate_per_person_month_{group}")
    _add_gamma(
        name, rate, math.sqrt(number) / months, (low, high), "overdoses a person-month", report
    )
    if not number:
        report.warn(
            f"No overdose was seen in group {group!r}; its rate may be up to"
            f" {_PER_1000_YEARS * high:.3g} in 1,000 person-years"
        )


def _ratio(group: str, first: tuple[int, float], second: tuple[int, float], report: Report) -> None:
    (number, months), (others, their_months) = first, second
    name = _slug(f"overdose_rate_ratio_{group}_to_{_UNTREATED}")
    if not others:
        report.warn(f"No overdose was seen in group {_UNTREATED!r}, so there is no ratio")
        return
    ratio = (number / months) / (others / their_months)
    ends = ratio_interval((number, others), (months, their_months), report.level)
    if not number:
        report.add_parameter(name, ratio, None, ends, "ratio")
        return
    log_error = math.sqrt(1 / number + 1 / others)
    report.add_parameter(name, ratio, ratio * log_error, ends, "ratio")
    report.distributions[name] = lognormal(ratio, log_error)


def _add_gamma(
    name: str,
    mean: float,
    error: float,
    ends: tuple[float, float] | None,
    unit: str,
    report: Report,
) -> None:
    """Add a number that is not negative; its interval is the gamma's, unless there is an exact."""
    if error == 0:
        assert ends is not None
        report.add_parameter(name, mean, None, ends, unit)
        return
    drawn = Gamma(mean=mean, sd=error)
    if ends is None:
        tail = (1 - report.level) / 2
        low, high = drawn.quantile(np.array([tail, 1 - tail]))
        ends = float(low), float(high)
    report.add_parameter(name, mean, error, ends, unit)
    report.distributions[name] = drawn


def _add_lognormal(
    name: str, value: float, log_error: float | None, unit: str, report: Report
) -> None:
    if log_error is None:
        report.add_parameter(name, value, None, (math.nan, math.nan), unit)
        return
    width = min(_z(report.level) * log_error, 300.0)
    ends = value * math.exp(-width), value * math.exp(width)
    report.add_parameter(name, value, value * log_error, ends, unit)
    if log_error < 2:  # else a draw may be anything, and its mean is not that of the fit
        report.distributions[name] = lognormal(value, log_error)


def lognormal(median: float, log_error: float) -> LogNormal:
    """Return the log-normal distribution around an estimate, by the error of its logarithm."""
    mean = median * math.exp(log_error**2 / 2)
    return LogNormal(mean=mean, sd=mean * math.sqrt(math.expm1(log_error**2)))


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def _ends(periods: object) -> tuple[int, ...]:
    if isinstance(periods, str | bytes) or not isinstance(periods, Iterable):
        raise ArgumentError("is no list of months", where="cost_periods")
    ends = tuple(
        read_whole(each, f"cost_periods[{place}]", 1, 1200) for place, each in enumerate(periods)
    )
    if any(later <= sooner for sooner, later in pairwise(ends)):
        raise ArgumentError("must rise", where="cost_periods", value=ends)
    return ends


def _period(ends: tuple[int, ...], place: int) -> str:
    first = ends[place - 1] + 1 if place else 1
    if place == len(ends):
        return f"month {first} on"
    return f"month {first} to {ends[place]}" if ends[place] > first else f"month {first}"


def _required(value: object, name: str, because: str, low: int, high: int) -> int:
    if value is None:
        raise ArgumentError(f"is required with {because}", where=name)
    return read_whole(value, name, low, high)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
