"""What a study would be worth: choosing after its results are known, which nobody has yet seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.costbenefit._bootstrap import RESAMPLES
from opsafe.costbenefit._information import InformationValue, levels_of, valued
from opsafe.costbenefit._reading import read_array
from opsafe.costbenefit._regression import MOST_REGRESSORS
from opsafe.costbenefit.outcomes import Simulated, read_outcomes
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.uncertainty import read_seed

__all__ = ["Study", "evsi"]

Study: TypeAlias = Callable[[Mapping[str, FloatArray], np.random.Generator], npt.ArrayLike]
"""From parameters by draw to what a study would report in each: one to five summaries."""


def evsi(
    run: Simulated,
    study: Study,
    thresholds: npt.ArrayLike | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> InformationValue:
    """Return the expected value of a study: of choosing after its results are known.

    Parameters
    ----------
    run : Run or Outcomes
        Costs, effects and parameters by draw.
    study : callable
        ``study(params, rng)`` makes one dataset a draw and returns what it reports: an array of
        shape (draws,), or (summaries, draws) for two to five. ``params`` maps each parameter to its
        draws; ``rng`` is a NumPy generator made from the seed.
    thresholds : array_like of float, optional
        USD that one unit of effect is worth, 0 or more; without them as for :func:`evpi`.
    resamples : int, optional
        Resamples of the draws for the standard error, 20 or more.
    seed : int, optional
        Seed of the study and of the resamples.

    Returns
    -------
    InformationValue
        USD for one decision, by threshold, with standard errors.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the study does not report one to five finite numbers a draw.

    Notes
    -----
    As :func:`evppi`, with the study's summaries in place of the parameters. The standard error is
    that of the draws; another seed makes another set of studies.

    Examples
    --------
    A survey of 100 members, each 20,000 USD around the truth, about what is known within 3,000.

    >>> import numpy as np
    >>> from opsafe import costbenefit as cb
    >>> from opsafe.uncertainty import Normal, draw_all
    >>> drawn = draw_all({"saving": Normal(mean=1000, sd=3000)}, seed=1, draws=20_000)
    >>> run = cb.Outcomes(
    ...     ("as it is", "treat more"),
    ...     [np.zeros(20_000), -drawn["saving"]],
    ...     np.zeros((2, 20_000)),
    ...     drawn,
    ... )
    >>> found = cb.evsi(
    ...     run, lambda p, rng: rng.normal(p["saving"], 20_000 / 10), 0, resamples=50
    ... )
    >>> exact = cb.normal_information_value(1000, cb.preposterior_sd(3000, 20_000, 100))
    >>> round(exact, 1), bool(abs(found.value_usd[0] - exact) < 3 * found.standard_error_usd[0])
    (574.7, True)
    """
    asked = read_outcomes(run, parameters=True)
    if not callable(study):
        raise ArgumentTypeError("is not callable", where="study", value=type(study).__name__)
    stream = np.random.SeedSequence([read_seed(seed), *b"study"])
    reported: Any = study(asked.parameters, np.random.Generator(np.random.PCG64(stream)))
    if isinstance(reported, Mapping):
        reported = list(reported.values())
    rows = np.atleast_2d(read_array(reported, "study", -1e100, 1e100))
    if rows.ndim != 2 or rows.shape[1] != asked.draws or not 1 <= len(rows) <= MOST_REGRESSORS:
        raise ArgumentError(
            f"reports the shape {rows.shape}, not one to five summaries of {asked.draws} draws",
            where="study",
        )
    return valued(asked, (), rows, levels_of(asked, thresholds), "study", resamples, seed)
