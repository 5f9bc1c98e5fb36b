"""What a stream of money comes to: present value, return, payback, ratios.

Net is positive where the plan gains, spending is positive where it spends.
"""

# More than 300 lines: eight short formulas, each with all that a reader must know of it.

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_number
from opsafe.costbenefit._reading import read_array, same_length
from opsafe.costbenefit.discounting import Discounting, discount_factors
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = [
    "benefit_cost_ratio",
    "break_even_members",
    "linear_payback",
    "medical_loss_ratio",
    "net_present_value",
    "payback",
    "per_member_month",
    "return_on_investment",
]

_LARGEST: Final = 1e15  # USD, as in quantity.Usd
_LONGEST: Final = 10_000  # years
# A sum of rounded amounts that is 0 by the formula may miss it by this much of what was summed.
_DUST: Final = 1e-13


def net_present_value(
    flows: npt.ArrayLike,
    rate: float,
    years: npt.ArrayLike,
    *,
    discounting: Discounting = "effective",
    periods_per_year: float = 12,
) -> float:
    """Return what a stream of money is worth at the beginning.

    Parameters
    ----------
    flows : array_like of float, shape (n,)
        Net amounts in USD; positive where the plan gains.
    rate : float
        Discount rate a year, a share from 0 to 1.
    years : array_like of float, shape (n,)
        When each amount falls, in years from the beginning. Amounts of month k, the first being
        1, fall at (k - 1/2) / 12.
    discounting : {"effective", "nominal", "continuous"}, optional
        The convention.
    periods_per_year : float, optional
        Periods in which a nominal rate is compounded.

    Returns
    -------
    float
        USD; the plain sum at a rate of 0.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If lengths differ, or a number is out of range or none.

    Notes
    -----
    Sum of flow x discount factor; see :func:`discount_factors` for the factors.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> flows, years = [-238_888, 150_000, 150_000, 150_000], [0, 1, 2, 3]
    >>> round(cb.net_present_value(flows, 0.03, years), 2)
    185403.7
    """
    amounts = read_array(flows, "flows", -_LARGEST, _LARGEST)
    return float(_discounted(amounts, "flows", rate, years, discounting, periods_per_year))


def benefit_cost_ratio(
    benefits: npt.ArrayLike,
    costs: npt.ArrayLike,
    rate: float,
    years: npt.ArrayLike,
    *,
    discounting: Discounting = "effective",
    periods_per_year: float = 12,
) -> float | None:
    """Return discounted benefits over discounted costs.

    Parameters
    ----------
    benefits, costs : array_like of float, shape (n,)
        What is saved and what is spent, in USD, both 0 or more.
    rate : float
        Discount rate a year, a share from 0 to 1.
    years : array_like of float, shape (n,)
        When each falls, in years from the beginning.
    discounting, periods_per_year : optional
        As of :func:`net_present_value`.

    Returns
    -------
    float or None
        The ratio; None where nothing is spent.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If lengths differ, or a number is out of range or none.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.benefit_cost_ratio([0, 150_000, 150_000], [200_000, 0, 0], 0.03, [0, 1, 2]), 4)
    1.4351
    """
    gained = read_array(benefits, "benefits", 0, _LARGEST)
    spent = read_array(costs, "costs", 0, _LARGEST)
    below = _discounted(spent, "costs", rate, years, discounting, periods_per_year)
    above = _discounted(gained, "benefits", rate, years, discounting, periods_per_year)
    return float(above / below) if below > 1 / _LARGEST else None


def return_on_investment(net: float, spending: float) -> float | None:
    """Return the net gain over all spending that rises, both undiscounted.

    Parameters
    ----------
    net : float
        USD; positive where the plan gains.
    spending : float
        All spending that rises, in USD, 0 or more.

    Returns
    -------
    float or None
        A share: 0.88 is a gain of 88 cents on the dollar. None where nothing is spent.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range or none.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.return_on_investment(211_112, 238_888), 4)
    0.8837
    """
    gain = read_number(net, "net", -_LARGEST, _LARGEST)
    spent = read_number(spending, "spending", 0, _LARGEST)
    return gain / spent if spent > 1 / _LARGEST else None


def payback(net_flows: npt.ArrayLike) -> int | None:
    """Return the first period whose cumulative net is at least 0, and stays so to the end.

    Parameters
    ----------
    net_flows : array_like of float, shape (n,)
        Net amount of each period in USD, undiscounted; positive where the plan gains.

    Returns
    -------
    int or None
        Its place, counted from 0; None where the spending is not won back by the end.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the flows are no row of numbers, or there is none.

    Notes
    -----
    A cumulative net that misses 0 by less than 1e-13 of the amounts summed so far is 0: sums of
    decimal amounts miss it by that much.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> cb.payback([-100, 120, -50, 40]), cb.payback([-100, 60]), cb.payback([-100, 60, 40])
    (3, None, 2)
    """
    flows = _row(net_flows, "net_flows")
    below = np.flatnonzero(_cumulative(flows) < 0)
    first = int(below[-1]) + 1 if len(below) else 0
    return first if first < len(flows) else None


def linear_payback(net_flows: npt.ArrayLike, years: npt.ArrayLike) -> float | None:
    """Return when spending is won back, if each amount comes in evenly since the one before it.

    Parameters
    ----------
    net_flows : array_like of float, shape (n,)
        Net amounts in USD, undiscounted; positive where the plan gains.
    years : array_like of float, shape (n,)
        When each is complete, in years from the beginning, rising.

    Returns
    -------
    float or None
        Years from the beginning; None where the spending is not won back by the end.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If lengths differ, years do not rise, or a number is out of range or none.

    Notes
    -----
    The cumulative net is drawn as straight lines between the years; the answer is where it last
    rises to 0. Published paybacks with a fraction of a year are often of this kind;
    :func:`payback` names whole periods.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.linear_payback([-238_888, 150_000, 150_000, 150_000], [0, 1, 2, 3]), 4)
    1.5926
    """
    flows, moments = _row(net_flows, "net_flows"), read_array(years, "years", 0, _LONGEST)
    same_length(net_flows=flows, years=moments)
    if bool((np.diff(moments) <= 0).any()):
        raise ArgumentError("must rise", where="years")
    first = payback(flows)
    if first is None or first == 0:
        return None if first is None else float(moments[0])
    before, after = (float(value) for value in _cumulative(flows)[first - 1 : first + 1])
    start, end = (float(value) for value in moments[first - 1 : first + 1])
    return start + (end - start) * -before / (after - before)


def break_even_members(
    fixed_usd: float, net_saving_usd_per_member_month: float, months: float
) -> float | None:
    """Return how many treated members pay for a fixed cost.

    Parameters
    ----------
    fixed_usd : float
        What the programme costs over the months, however many are treated; USD, 0 or more.
    net_saving_usd_per_member_month : float
        What a treated member saves in a month, after the cost of treatment, in USD.
    months : float
        Months over which both are counted, above 0 and to 1,200.

    Returns
    -------
    float or None
        Treated members on average over the months; None where a member saves nothing and the
        fixed cost is above 0.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range or none.

    Notes
    -----
    Fixed cost / (saving x months).

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> round(cb.break_even_members(100_000, 250, 12), 2)
    33.33
    """
    fixed = read_number(fixed_usd, "fixed_usd", 0, _LARGEST)
    saving = read_number(
        net_saving_usd_per_member_month, "net_saving_usd_per_member_month", -1e9, 1e9
    )
    number = read_number(months, "months", 0, 1200, above=True)
    if fixed == 0:
        return 0.0
    return fixed / (saving * number) if saving * number > 1 / _LARGEST else None


def per_member_month(total_usd: float, member_months: float) -> float | None:
    """Return an amount per member per month.

    Parameters
    ----------
    total_usd : float
        The amount over all members and months, in USD.
    member_months : float
        Months that members were enrolled, summed over members; 0 or more.

    Returns
    -------
    float or None
        USD per member per month; None where nobody was a member.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range or none.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> cb.per_member_month(1_200_000, 100_000 * 12)
    1.0
    """
    total = read_number(total_usd, "total_usd", -_LARGEST, _LARGEST)
    months = read_number(member_months, "member_months", 0, _LARGEST)
    return total / months if months > 1 / _LARGEST else None


def medical_loss_ratio(
    *,
    incurred_claims_usd: float,
    premium_usd: float,
    quality_improvement_usd: float = 0.0,
    fraud_prevention_usd: float = 0.0,
    taxes_and_fees_usd: float = 0.0,
    credibility_adjustment: float = 0.0,
) -> float:
    """Return the share of premium that goes to care and quality, as Medicaid plans report it.

    Parameters
    ----------
    incurred_claims_usd : float
        Claims incurred in the reporting year.
    premium_usd : float
        Premium revenue of the year.
    quality_improvement_usd, fraud_prevention_usd : float, optional
        Spending that counts with the claims.
    taxes_and_fees_usd : float, optional
        What is taken off the premium.
    credibility_adjustment : float, optional
        What the rule adds to the ratio of a plan with few members; look it up for your year.

    Returns
    -------
    float
        The ratio, not rounded; 0.853 is 85.3 %.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an amount is out of range or none, or taxes leave no premium.

    Notes
    -----
    (claims + quality + fraud) / (premium - taxes and fees) + adjustment. The federal target for
    Medicaid rates is 0.85 [1]_; the form of the denominator was read in a secondary source. A
    programme that spends more on care raises the ratio, one that saves lowers it.

    References
    ----------
    .. [1] 42 CFR 438.8, Medical loss ratio (MLR) standards.
       https://lawserver.com/law/country/us/cfr/42_cfr_438-8

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> cb.medical_loss_ratio(
    ...     incurred_claims_usd=840e6,
    ...     quality_improvement_usd=12e6,
    ...     fraud_prevention_usd=1e6,
    ...     premium_usd=1_010e6,
    ...     taxes_and_fees_usd=10e6,
    ... )
    0.853
    """
    claims = read_number(incurred_claims_usd, "incurred_claims_usd", 0, _LARGEST)
    quality = read_number(quality_improvement_usd, "quality_improvement_usd", 0, _LARGEST)
    fraud = read_number(fraud_prevention_usd, "fraud_prevention_usd", 0, _LARGEST)
    premium = read_number(premium_usd, "premium_usd", 0.01, _LARGEST)
    taxes = read_number(taxes_and_fees_usd, "taxes_and_fees_usd", 0, _LARGEST)
    adjustment = read_number(credibility_adjustment, "credibility_adjustment", 0, 1)
    if premium - taxes < 0.01:
        raise ArgumentError(
            "leave no premium to take a share of", where="taxes_and_fees_usd", value=taxes
        )
    return (claims + quality + fraud) / (premium - taxes) + adjustment


def _discounted(
    amounts: FloatArray,
    where: str,
    rate: float,
    years: npt.ArrayLike,
    discounting: Discounting,
    periods_per_year: float,
) -> float:
    moments = read_array(years, "years", 0, _LONGEST)
    same_length(**{where: amounts, "years": moments})
    return float(amounts @ discount_factors(rate, moments, discounting, periods_per_year))


def _row(values: npt.ArrayLike, where: str) -> FloatArray:
    flows = read_array(values, where, -_LARGEST, _LARGEST)
    same_length(**{where: flows})
    if not len(flows):
        raise ArgumentError("holds no amount", where=where)
    return flows


def _cumulative(flows: FloatArray) -> FloatArray:
    """Cumulative net, with what is rounding alone at 0."""
    sums = np.cumsum(flows)
    sums[np.abs(sums) <= _DUST * np.cumsum(np.abs(flows))] = 0.0
    return sums
