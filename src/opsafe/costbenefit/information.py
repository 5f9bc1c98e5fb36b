"""What it would be worth to know better: everything, or some of the parameters.

Values are for one decision about one person, in USD of net benefit; ``population_value`` carries
them to all whom the decision concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_number
from opsafe.columns import Columns, Text
from opsafe.costbenefit._bootstrap import RESAMPLES
from opsafe.costbenefit._information import InformationValue, levels_of, valued
from opsafe.costbenefit._net_benefit import losses
from opsafe.costbenefit._regression import MOST_REGRESSORS
from opsafe.costbenefit.outcomes import MOST_THRESHOLD, Outcomes, Simulated, read_outcomes
from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = ["InformationValue", "evpi", "evppi", "evppi_by_parameter"]

_FULL: Final = "mean loss of the best strategy on average"


def evpi(run: Simulated, thresholds: npt.ArrayLike | None = None) -> InformationValue:
    """Return the expected value of perfect information: of knowing everything before choosing.

    Parameters
    ----------
    run : Run or Outcomes
        Costs and effects by strategy and draw.
    thresholds : array_like of float, optional
        USD that one unit of effect is worth, 0 or more. Without them 0 and the ICERs of the
        frontier, where the choice changes and so is hardest.

    Returns
    -------
    InformationValue
        USD for one decision, by threshold, with standard errors.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a threshold is negative or no number, or the run is none.

    Notes
    -----
    Mean of the highest net benefit of each draw, less the highest mean net benefit. It is no more
    than any study can be worth. The standard error is that of the mean loss.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.Outcomes(
    ...     ("as it is", "treat more"), [[900, 1100], [1500, 1300]], [[0.5, 0.7], [0.8, 0.6]]
    ... )
    >>> cb.evpi(found, 10_000).value_usd.round(6).tolist()
    [600.0]
    """
    asked = read_outcomes(run)
    levels = levels_of(asked, thresholds)
    mean, squares = losses(asked.costs, asked.effects, levels)
    error = np.sqrt(np.maximum(squares - mean**2, 0) / asked.draws)
    return InformationValue((), levels, mean, error, _FULL, asked.draws)


def evppi(
    run: Simulated,
    parameters: Sequence[str] | str,
    thresholds: npt.ArrayLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> InformationValue:
    """Return the expected value of knowing some parameters, the others staying uncertain.

    Parameters
    ----------
    run : Run or Outcomes
        Costs, effects and parameters by draw.
    parameters : sequence of str
        One to five names of parameters that would be known together.
    thresholds : array_like of float, optional
        USD that one unit of effect is worth, 0 or more; without them as for :func:`evpi`.
    resamples : int, optional
        Resamples of the draws for the standard error, 20 or more.
    seed : int, optional
        Seed of the resamples.

    Returns
    -------
    InformationValue
        USD for one decision, by threshold, with standard errors.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a parameter is unknown, there are more than five, or too few draws for the regression.

    Notes
    -----
    Mean over draws of the highest net benefit expected given the parameters, less the highest mean
    [1]_. What is expected comes from a regression: on one parameter a natural cubic spline with 10
    knots at even shares of the draws (10 df); on two to five a polynomial of degree 3 with all
    products. It lies between 0 and the EVPI; an estimate does so within its standard error. With
    few draws the estimate is too high, for noise looks like a reason to choose.

    References
    ----------
    .. [1] Strong M, Oakley JE, Brennan A. Estimating multiparameter partial expected value of
       perfect information from a probabilistic sensitivity analysis sample: a nonparametric
       regression approach. Medical Decision Making 2014;34(3):311-326.

    Examples
    --------
    Treating more saves what ``visits`` says, within what else is uncertain.

    >>> import numpy as np
    >>> from opsafe import costbenefit as cb
    >>> from opsafe.uncertainty import Normal, draw_all
    >>> drawn = draw_all(
    ...     {"visits": Normal(mean=1000, sd=3000), "rest": Normal(mean=0, sd=2646)},
    ...     seed=1,
    ...     draws=20_000,
    ... )
    >>> costs = [np.zeros(20_000), -drawn["visits"] - drawn["rest"]]
    >>> run = cb.Outcomes(("as it is", "treat more"), costs, np.zeros((2, 20_000)), drawn)
    >>> found = cb.evppi(run, ["visits"], 0, resamples=50)
    >>> exact = cb.normal_information_value(1000, 3000)
    >>> round(exact, 1), bool(abs(found.value_usd[0] - exact) < 3 * found.standard_error_usd[0])
    (762.7, True)
    """
    asked = read_outcomes(run, parameters=True)
    names = _names(asked, parameters)
    rows = np.array([asked.parameters[name] for name in names])
    levels = levels_of(asked, thresholds)
    return valued(asked, names, rows, levels, "parameters", resamples, seed)


def evppi_by_parameter(
    run: Simulated,
    threshold: float,
    parameters: Sequence[str] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Columns:
    """Return what knowing each parameter alone would be worth, the most worthwhile first.

    Parameters
    ----------
    run : Run or Outcomes
        Costs, effects and parameters by draw.
    threshold : float
        USD that one unit of effect is worth, 0 or more.
    parameters : sequence of str, optional
        The parameters; all of them without.
    resamples, seed : int, optional
        As of :func:`evppi`.

    Returns
    -------
    Columns
        Parameter, value and standard error in USD for one decision, and the value's share of the
        EVPI. Shares need not add up to 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As :func:`evppi`.

    Examples
    --------
    >>> import numpy as np
    >>> from opsafe import costbenefit as cb
    >>> from opsafe.uncertainty import Normal, draw_all
    >>> drawn = draw_all(
    ...     {"a": Normal(mean=0, sd=9), "b": Normal(mean=0, sd=3)}, seed=1, draws=999
    ... )
    >>> run = cb.Outcomes(
    ...     ("x", "y"), [np.zeros(999), drawn["a"] + drawn["b"]], np.zeros((2, 999)), drawn
    ... )
    >>> cb.evppi_by_parameter(run, 0, resamples=20)["parameter"].tolist()
    ['a', 'b']
    """
    asked = read_outcomes(run, parameters=True)
    level = np.array([read_number(threshold, "threshold", 0, MOST_THRESHOLD)])
    names = tuple(asked.parameters) if parameters is None else _strings(parameters)
    each = [evppi(asked, name, level, resamples=resamples, seed=seed) for name in names]
    value = np.array([float(found.value_usd[0]) for found in each])
    error = np.array([float(found.standard_error_usd[0]) for found in each])
    full = float(evpi(asked, level).value_usd[0])
    order = np.argsort(-value, kind="stable")
    return Columns(
        {
            "parameter": Text.of(names[place] for place in order.tolist()),
            "value_usd": value[order],
            "standard_error_usd": error[order],
            "share_of_evpi": value[order] / full if full > 0 else np.zeros(len(value)),
        }
    )


def _strings(parameters: object) -> tuple[str, ...]:
    given = (parameters,) if isinstance(parameters, str) else parameters
    if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise ArgumentTypeError(
            "is no sequence of names", where="parameters", value=type(parameters).__name__
        )
    return tuple(given)


def _names(run: Outcomes, parameters: object) -> tuple[str, ...]:
    names = _strings(parameters)
    if not 1 <= len(names) <= MOST_REGRESSORS:
        raise ArgumentError(
            f"holds {len(names)}",
            where="parameters",
            allowed=("1 to 5 names",),
            advice="A regression on more would need more draws than can be made",
        )
    for place, name in enumerate(names):
        if name not in run.parameters:
            near = get_close_matches(name, run.parameters, n=1)
            raise ArgumentError(
                f"{name!r} is not an uncertain parameter of the run",
                where=f"parameters[{place}]",
                value=name,
                allowed=run.parameters,
                advice=f"Did you mean {near[0]!r}?" if near else None,
            )
        if name in names[:place]:
            raise ArgumentError(f"has {name!r} twice", where="parameters")
    return names
