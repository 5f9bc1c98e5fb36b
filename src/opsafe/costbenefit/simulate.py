"""A cohort model run under strategies, on draws that a seed repeats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, get_args

import numpy.typing as npt

from opsafe._arguments import read_whole, read_word
from opsafe._used import UsedInputs
from opsafe.costbenefit._cohort_blocks import Keep, run_all
from opsafe.costbenefit._cohort_draws import draw_parameters, note_inputs
from opsafe.costbenefit._cohort_program import Columns, program
from opsafe.costbenefit._cohort_strategies import put_on, read_strategies
from opsafe.costbenefit.cohort_model import HORIZON_YEARS, CohortModel, Strategy
from opsafe.costbenefit.run import Run
from opsafe.errors import ArgumentTypeError
from opsafe.survival import Retention

__all__ = ["simulate"]


def simulate(
    model: CohortModel,
    strategies: Iterable[Strategy] | Mapping[str, Any] | None = None,
    *,
    draws: int = 0,
    seed: int = 1,
    keep: Keep = "totals",
    cycles: int | None = None,
    parameters: Mapping[str, npt.ArrayLike] | None = None,
) -> Run:
    """Run a cohort model under each strategy, on the same draws.

    Parameters
    ----------
    model : CohortModel
        States, moves, and what they cost and are worth.
    strategies : iterable of Strategy or mapping, optional
        What each does otherwise: a list of named strategies, or a mapping of names to strategies,
        to their fields, or to values of parameters. Without it the model alone.
    draws : int, optional
        Draws of what is uncertain; 0 for one run with every parameter at its mean.
    seed : int, optional
        Seed of the draws. Each parameter has a stream of its own, which all strategies share.
    keep : {"totals", "categories", "months", "trace"}, optional
        What is kept beside totals: costs by category; these by cycle too; these by category, and
        people by state at each point of the trace.
    cycles : int, optional
        Cycles to run in place of the model's.
    parameters : mapping of str to array_like, optional
        Draws of your own for some parameters, of one length, in place of those of their
        distributions; a distribution that a strategy brings is called ``"strategy: name"``.

    Returns
    -------
    Run
        Costs in USD and effects in quality-adjusted years, by strategy and draw.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is wrong, a row does not sum to one, a probability lies outside 0 to 1, or a
        value is no number: the message names the place, strategy, cycle, draw and value.

    Notes
    -----
    People at point k + 1 are x(k + 1) = x(k) P(k), and those who enter in cycle k. A stream of
    rewards r comes to the sum over points of w(k) d(k) x(k) r, with the within-cycle weights w and
    discount factors d. Probabilities are never scaled to sum to one: a row may be off by 1e-9, by
    rounding, and no more. Effects at the means of parameters are not the means of effects.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> from opsafe.uncertainty import Beta
    >>> model = cb.CohortModel(
    ...     states=["off", "on", "dead"],
    ...     cycle="month",
    ...     cycles=24,
    ...     parameters={"p_start": Beta(mean=0.05, sd=0.01), "reach": 1},
    ...     transitions={
    ...         "off": {"on": "p_start * reach", "dead": 0.003, "off": "rest"},
    ...         "on": {"off": 0.08, "dead": 0.001, "on": "rest"},
    ...     },
    ...     costs={"drug": {"on": 240}, "acute care": {"off": 900, "on": 500}},
    ...     utilities={"off": 0.574, "on": 0.766},
    ...     conventions=cb.Conventions(discount_rate_costs=0.03, discount_rate_effects=0.03),
    ... )
    >>> run = cb.simulate(model, {"usual": {}, "outreach": {"reach": 2}}, draws=1000, seed=1)
    >>> run.costs.shape, [round(float(usd)) for usd in run.costs.mean(axis=1)]
    ((2, 1000), [19366, 18838])
    """
    if not isinstance(model, CohortModel):
        raise ArgumentTypeError("is not a CohortModel", where="model", value=type(model).__name__)
    kept = read_word(keep, "keep", get_args(Keep))
    used = UsedInputs()
    horizon = _horizon(model, cycles, used)
    named = read_strategies(strategies)
    drawn = draw_parameters(model, named, draws, seed, parameters)
    models = [put_on(model, name, each) for name, each in named]
    columns = Columns.of(models)
    programs = [
        program(name, each, horizon, columns) for (name, _), each in zip(named, models, strict=True)
    ]
    note_inputs(model, named, used)
    _note_conventions(model, horizon, used)
    found = run_all(programs, drawn, columns, kept)
    return Run(
        strategies=tuple(name for name, _ in named),
        states=model.states,
        categories=columns.categories,
        event_names=columns.events,
        parameters=MappingProxyType(dict(drawn.uncertain)),
        conventions=model.conventions,
        used=used,
        cycles=horizon,
        draws=drawn.draws,
        seed=drawn.seed,
        **found,
    )


def _horizon(model: CohortModel, cycles: object, used: UsedInputs) -> int:
    found = model.horizon if cycles is None else read_whole(cycles, "cycles", 1, 20_000)
    if cycles is None and model.cycles is None:
        reason = f"{HORIZON_YEARS} years, as far as budget impact looks ahead at most"
        used.note("cycles", found, "planning value", reason)
        used.warn(f"The model names no number of cycles: it was run for {reason}")
    else:
        used.note("cycles", found, "given")
    return found


def _note_conventions(model: CohortModel, cycles: int, used: UsedInputs) -> None:
    ours = model.conventions
    used.note("conventions", ours.describe(), "given")
    years = cycles / ours.periods_per_year
    for name, rate in (
        ("Costs", ours.discount_rate_costs),
        ("Effects", ours.discount_rate_effects),
    ):
        if rate is None and years > 1:
            used.warn(f"{name} are not discounted: no rate was given")
    for state, dwell in model.dwell.items():
        if isinstance(dwell, Retention) and years * 12 > dwell.last_month:
            used.warn(
                f"The curve of dwell.{state} ends after {dwell.last_month:g} months and is"
                " extrapolated beyond"
            )
