"""From one decision to all whom it concerns: what information is worth in all, and after its cost.

Also the values that need no simulation, because the net benefit gained is a normal number.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_number
from opsafe.costbenefit._reading import read_array, scalar_or_array
from opsafe.costbenefit.discounting import Discounting, discount_factors
from opsafe.costbenefit.information import InformationValue
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = [
    "net_gain_of_sampling",
    "normal_information_value",
    "population_value",
    "preposterior_sd",
]

_MOST_USD: Final = 1e15
_MOST_PEOPLE: Final = 1e10
_MOST_YEARS: Final = 200


def population_value(
    value: InformationValue | npt.ArrayLike,
    *,
    people_per_year: npt.ArrayLike,
    years: float,
    annual_discount_rate: float,
    discounting: Discounting = "effective",
    delay_years: float = 0.0,
) -> float | FloatArray:
    """Return what information is worth for all people whom the decision will concern.

    Parameters
    ----------
    value : InformationValue or array_like of float
        Value for one person, in USD.
    people_per_year : float or array_like of float, shape (years,)
        People about whom the decision is made in each year.
    years : float
        How long the decision stands, in years; 200 at most.
    annual_discount_rate : float
        A share a year; give 0 for none.
    discounting : {"effective", "nominal", "continuous"}, optional
        How the rate is applied; nominal by twelve periods a year.
    delay_years : float, optional
        Years until the information is there: people of those years gain nothing.

    Returns
    -------
    float or array of float
        USD, in the shape of the values.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range, or people are not given for each year.

    Notes
    -----
    value x sum over years of people x discount factor at the middle of the year, or of what is left
    of it after the delay.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(
    ...     cb.population_value(12.5, people_per_year=400, years=5, annual_discount_rate=0.03)
    ... )
    23239
    """
    each = value.value_usd if isinstance(value, InformationValue) else value
    worth = read_array(each, "value", 0, _MOST_USD)
    horizon = read_number(years, "years", 0, _MOST_YEARS, above=True)
    delay = read_number(delay_years, "delay_years", 0, _MOST_YEARS)
    edges = np.append(np.arange(math.ceil(horizon)), horizon).astype(np.float64)
    people = read_array(people_per_year, "people_per_year", 0, _MOST_PEOPLE)
    if people.ndim and people.shape != (len(edges) - 1,):
        raise ArgumentError(
            f"has the shape {people.shape}, not ({len(edges) - 1},)",
            where="people_per_year",
            advice="Give one number, or one for each year",
        )
    begin, end = np.maximum(edges[:-1], delay), np.maximum(edges[1:], delay)
    factors = discount_factors(annual_discount_rate, (begin + end) / 2, discounting)
    return scalar_or_array(np.asarray(worth * float(np.sum(people * (end - begin) * factors))))


def net_gain_of_sampling(
    value: InformationValue | npt.ArrayLike,
    *,
    study_cost_usd: float,
    people_per_year: npt.ArrayLike,
    years: float,
    annual_discount_rate: float,
    discounting: Discounting = "effective",
    delay_years: float = 0.0,
) -> float | FloatArray:
    """Return the expected net gain of a study: what it is worth for all, less what it costs.

    Parameters
    ----------
    value : InformationValue or array_like of float
        Value of the study for one person, in USD, as from ``evsi``.
    study_cost_usd : float
        What the study costs, in USD of today.
    people_per_year, years, annual_discount_rate, discounting, delay_years
        As of :func:`population_value`.

    Returns
    -------
    float or array of float
        USD; above 0 the study is worth its cost.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As :func:`population_value`.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(
    ...     cb.net_gain_of_sampling(
    ...         12.5,
    ...         study_cost_usd=20_000,
    ...         people_per_year=400,
    ...         years=5,
    ...         annual_discount_rate=0.03,
    ...         delay_years=1,
    ...     )
    ... )
    -1687
    """
    cost = read_number(study_cost_usd, "study_cost_usd", 0, _MOST_USD)
    worth = population_value(
        value,
        people_per_year=people_per_year,
        years=years,
        annual_discount_rate=annual_discount_rate,
        discounting=discounting,
        delay_years=delay_years,
    )
    return worth - cost


def normal_information_value(mean_usd: float, sd_usd: float) -> float:
    """Return the value of information about a gain in net benefit that is normal.

    Parameters
    ----------
    mean_usd : float
        Mean gain of one strategy over another, in USD; of either sign.
    sd_usd : float
        Standard deviation of the mean gain once the information is there, in USD: of the gain
        itself for perfect information, of its mean given a parameter for that one, and
        :func:`preposterior_sd` for a study.

    Returns
    -------
    float
        USD for one decision: EVPI, EVPPI or EVSI.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range or no number.

    Notes
    -----
    sd phi(x) - abs(mean) Phi(-x) with x = abs(mean) / sd: the unit normal linear loss.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.normal_information_value(1000, 4000), 6)
    1145.378793
    """
    mean = abs(read_number(mean_usd, "mean_usd", -_MOST_USD, _MOST_USD))
    sd = read_number(sd_usd, "sd_usd", 0, _MOST_USD)
    if sd == 0:
        return 0.0
    x = mean / sd
    below = math.erfc(x / math.sqrt(2)) / 2
    return max(sd * NormalDist().pdf(x) - mean * below, 0.0)


def preposterior_sd(prior_sd: float, observation_sd: float, observations: float) -> float:
    """Return how far a study is expected to move the mean of a normal parameter.

    Parameters
    ----------
    prior_sd : float
        Standard deviation of the parameter before the study.
    observation_sd : float
        Standard deviation of one observation around it, in the same unit.
    observations : float
        How many, 0 or more.

    Returns
    -------
    float
        Standard deviation of the mean after the study, in the same unit; the prior's at most.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range or no number.

    Notes
    -----
    prior**2 / sqrt(prior**2 + observation**2 / n).

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.preposterior_sd(3000, 20_000, 100), 6)
    2496.150883
    """
    prior = read_number(prior_sd, "prior_sd", 0, _MOST_USD)
    noise = read_number(observation_sd, "observation_sd", 0, _MOST_USD)
    number = read_number(observations, "observations", 0, 1e12)
    if prior == 0 or number == 0:
        return 0.0
    return prior / math.hypot(1, noise / prior / math.sqrt(number))
