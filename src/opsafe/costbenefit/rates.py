"""Rates, probabilities and times, turned into each other; and ratios applied to probabilities."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args, overload

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_number, read_word
from opsafe.costbenefit._periods import WEEKS_PER_YEAR, years_of
from opsafe.costbenefit._reading import read_array, scalar_or_array
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["RatioMeasure", "apply_ratio", "convert"]

RatioMeasure: TypeAlias = Literal["rate_ratio", "hazard_ratio", "risk_ratio", "odds_ratio"]
"""What a published ratio is a ratio of."""

_FORMS: Final = ("rate per", "probability per", "share left after", "mean in", "median in")
_MEASURES: Final[tuple[RatioMeasure, ...]] = get_args(RatioMeasure)
_LN2: Final = float(np.log(2))
_MOST: Final = 1e12


@overload
def convert(
    value: float, given: str, wanted: str, *, weeks_per_year: float = WEEKS_PER_YEAR
) -> float: ...
@overload
def convert(
    value: npt.ArrayLike, given: str, wanted: str, *, weeks_per_year: float = WEEKS_PER_YEAR
) -> float | FloatArray: ...
def convert(
    value: npt.ArrayLike, given: str, wanted: str, *, weeks_per_year: float = WEEKS_PER_YEAR
) -> float | FloatArray:
    """Turn a rate, a probability, a share left or a mean or median time into another of these.

    Parameters
    ----------
    value : array_like of float
        What was published; a rate from 0, a probability or share from 0 to 1, a time above 0.
    given, wanted : str
        What it is, and what it shall become: ``"rate per year"``, ``"probability per month"``,
        ``"share left after 6 months"``, ``"mean in days"`` or ``"median in days"``. Every length
        of time is days, weeks, months or years with a number or without one; ``"rate per 1,000
        person-years"`` is one too.
    weeks_per_year : float, optional
        Weeks in a year: 365.25 / 7 unless said; some models count 52.

    Returns
    -------
    float or array of float
        A float for one value, else in the shape of the values.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If words are not known, values are out of range, or the answer would be infinite: the rate
        of a probability of 1, or the mean of a rate of 0.

    Notes
    -----
    The hazard is taken as constant: with r a rate and t a time, the probability is 1 - exp(-r t),
    the share left exp(-r t), the mean 1 / r and the median ln 2 / r. A month is 365.25/12 days and
    a year 12 months. Retention in treatment does not have a constant hazard, so curves of it
    belong into :class:`opsafe.survival.Retention`.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.convert(0.103, "rate per year", "probability per month"), 6)
    0.008547
    >>> round(cb.convert(0.6, "probability per 3 years", "probability per year"), 4)
    0.2632
    >>> round(cb.convert(0.47, "share left after 6 months", "rate per year"), 4)
    1.51
    >>> round(cb.convert(11.3, "rate per 1,000 person-years", "rate per month"), 6)
    0.000942
    """
    weeks = read_number(weeks_per_year, "weeks_per_year", 50, 53)
    form, years = _read_form(given, "given", weeks)
    answer, wanted_years = _read_form(wanted, "wanted", weeks)
    if form == "rate per":
        values = read_array(value, "value", 0, _MOST)
    elif form in ("mean in", "median in"):
        values = read_array(value, "value", 1 / _MOST, _MOST)
    else:
        values = read_array(value, "value", 0, 1, advice="A share is 0.2 for 20 %")
    if form == answer and years == wanted_years:
        return scalar_or_array(values)
    return scalar_or_array(_from_hazard(_hazard(values, form), answer, wanted_years / years, form))


def _read_form(words: object, where: str, weeks_per_year: float) -> tuple[str, Fraction]:
    """What is told, and over how many years."""
    if not isinstance(words, str):
        raise ArgumentTypeError("is not text", where=where, value=type(words).__name__)
    for form in _FORMS:
        if words.startswith(f"{form} "):
            return form, years_of(words.removeprefix(f"{form} "), where, weeks_per_year)
    raise ArgumentError(
        f"{words[:40]!r} does not say what the number is",
        where=where,
        value=words,
        allowed=[f"{form} ..." for form in _FORMS],
        advice='For example "rate per year" or "probability per 6 months"',
    )


def _hazard(values: FloatArray, form: str) -> FloatArray:
    """The hazard over the period that the value is told for."""
    if form == "rate per":
        return values
    if form == "mean in":
        return 1 / values
    if form == "median in":
        return _LN2 / values
    with np.errstate(divide="ignore"):
        hazard: FloatArray = -np.log1p(-values) if form == "probability per" else -np.log(values)
    return hazard + 0.0  # no minus zero


def _from_hazard(hazard: FloatArray, form: str, ratio: Fraction, given: str) -> FloatArray:
    """Tell a hazard over ``ratio`` times its period in another form."""
    if form in ("probability per", "share left after"):
        # A certain event stays certain over any time: infinity is a hazard like others here.
        left: FloatArray = -hazard * float(ratio)
        told: FloatArray = -np.expm1(left) if form == "probability per" else np.exp(left)
        return told + 0.0
    if bool(np.isinf(hazard).any()):
        raise ArgumentError(
            f"is certain, and what is certain has no {form.split(maxsplit=1)[0]}",
            where="value",
            value=1.0 if given == "probability per" else 0.0,
        )
    if form == "rate per":
        rate: FloatArray = hazard * float(ratio)
        return rate
    if bool((hazard < 1 / _MOST).any()):
        raise ArgumentError(
            f"never comes, or hardly ever, and then has no {form.split(maxsplit=1)[0]}",
            where="value",
            value=float(hazard.min()),
        )
    time: FloatArray = (1.0 if form == "mean in" else _LN2) / (hazard * float(ratio))
    return time


@overload
def apply_ratio(probability: float, ratio: float, measure: RatioMeasure) -> float: ...
@overload
def apply_ratio(
    probability: npt.ArrayLike, ratio: npt.ArrayLike, measure: RatioMeasure
) -> float | FloatArray: ...
def apply_ratio(
    probability: npt.ArrayLike, ratio: npt.ArrayLike, measure: RatioMeasure
) -> float | FloatArray:
    """Apply a published ratio to a probability of one's own.

    Parameters
    ----------
    probability : array_like of float
        The baseline, 0 to 1, over any period.
    ratio : array_like of float
        The ratio, 0 or more; arrays are broadcast.
    measure : {"rate_ratio", "hazard_ratio", "risk_ratio", "odds_ratio"}
        What it is a ratio of.

    Returns
    -------
    float or array of float
        The probability over the same period; a float where both are single numbers.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range, shapes do not go together, the measure is not known, or a
        risk ratio gives more than 1.

    Notes
    -----
    With p the probability and x the ratio: rate and hazard ratio 1 - (1 - p)^x; risk ratio x p;
    odds ratio x p / (1 - p + x p). A risk ratio depends on the length of its period, so it is
    used over the period it was published for, and converted afterwards.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.apply_ratio(0.17, 2.37, "risk_ratio"), 4)
    0.4029
    >>> round(cb.apply_ratio(0.2, 36, "odds_ratio"), 4)
    0.9
    """
    word = read_word(measure, "measure", _MEASURES)
    baseline = read_array(probability, "probability", 0, 1, advice="A share is 0.2 for 20 %")
    ratios = read_array(ratio, "ratio", 0, 1e6)
    try:
        shape = np.broadcast_shapes(baseline.shape, ratios.shape)
    except ValueError:
        raise ArgumentError(
            f"does not go with probabilities of shape {baseline.shape}",
            where="ratio",
            value=ratios.shape,
        ) from None
    if word == "risk_ratio":
        return scalar_or_array(_scaled(baseline, ratios))
    if word == "odds_ratio":
        scaled = ratios * baseline
        # With p = 1 and x = 0 the odds are infinite and nothing at once: the event is certain.
        below = np.where(baseline < 1, 1 - baseline + scaled, 1.0)
        found: FloatArray = np.where(baseline < 1, scaled / below, 1.0)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = -np.expm1(ratios * np.log1p(-baseline))
        found = np.where(np.isnan(found), 0.0, found) + 0.0  # a hazard times nothing is nothing
    return scalar_or_array(np.asarray(np.broadcast_to(found, shape)))


def _scaled(baseline: FloatArray, ratios: FloatArray) -> FloatArray:
    risk: FloatArray = np.asarray(baseline * ratios)
    if bool((risk > 1).any()):
        place = np.unravel_index(int(np.argmax(risk)), risk.shape)
        p, x = (float(np.broadcast_to(each, risk.shape)[place]) for each in (baseline, ratios))
        raise ArgumentError(
            f"of {x:g} makes a probability of {p:g} more than 1",
            where="ratio",
            value=x,
            advice="A risk ratio holds for rare events: use an odds or a hazard ratio",
        )
    return risk
