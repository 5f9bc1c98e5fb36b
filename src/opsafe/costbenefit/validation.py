"""Published results beside ours: same direction, similar size; never the same digits."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np

from opsafe._arguments import read_number
from opsafe.columns import Columns, Nullable, Text
from opsafe.costbenefit import figures
from opsafe.costbenefit._oud_numbers import OFF
from opsafe.costbenefit.cohort_model import Strategy
from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.oud_models import ReadyModel
from opsafe.costbenefit.plan_model import plan_model
from opsafe.costbenefit.run import Run
from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = ["validation", "validation_model"]

_YEARS: Final = 5
_PEOPLE: Final = 100_000
_TARGETS: Final = "fairley-2021-results"
_NONE: Final = "no treatment"
_METHADONE: Final = "methadone"
_BUPRENORPHINE: Final = "buprenorphine or naltrexone"
# Which event a target counts; any other measure needs a lifetime, or inputs that were not visible.
_COUNTED: Final = MappingProxyType({"overdoses": "overdoses", "deaths": "deaths"})
_CHANGED: Final = MappingProxyType({"overdose": "overdoses", "death": "deaths"})


def validation_model(defaults: str | figures.Defaults) -> ReadyModel:
    """Return the plan model as the published results of 2021 ask for it.

    Parameters
    ----------
    defaults : str or Defaults
        The set of defaults.

    Returns
    -------
    ReadyModel
        100,000 people for five years, none of whom leaves the plan. Either nobody is ever treated,
        or all begin on one medication and nobody starts again.

    Raises
    ------
    EditionNotFoundError
        If there is no such set.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> list(cb.validation_model("2026-01").strategies)
    ['no treatment', 'methadone', 'buprenorphine or naltrexone']
    """
    ready = plan_model(
        members_off_treatment=_PEOPLE,
        start="2021-01",
        years=_YEARS,
        price_year=2021,
        savings="events",
        defaults=defaults,
        medications=("buprenorphine", "methadone"),
        churn=0,
        closed=True,
    )
    once: dict[str, Strategy] = {
        _NONE: Strategy(parameters={"start_ratio": 0}),
        _METHADONE: Strategy(parameters={"start_ratio": 0}, start=_all_on("methadone")),
        _BUPRENORPHINE: Strategy(parameters={"start_ratio": 0}, start=_all_on("buprenorphine")),
    }
    return ReadyModel(
        ready.model, MappingProxyType(once), ready.inputs, ready.cautions, ready.editions
    )


def validation(
    run: Run, *, targets: str | figures.Targets = _TARGETS, within_factor: float = 2.0
) -> Columns:
    """Set a run beside published results that cannot be computed again.

    Parameters
    ----------
    run : Run
        A run of :func:`validation_model`, or one whose strategies are called as in the targets and
        that counts deaths and overdoses.
    targets : str or Targets, optional
        The published results, or the id of their edition.
    within_factor : float, optional
        How many times as large, or as small, counts as a similar size; 1 or more.

    Returns
    -------
    Columns
        ``target``, ``unit``, ``strategy``, ``published``, ``ours`` (NaN where it was not
        computed), ``same_direction``, ``within_factor`` (null there), and ``why_not``.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no run, has other strategies, or the factor is below 1.
    EditionNotFoundError
        If no edition of published results has this id.

    Notes
    -----
    A relative change is (with - without) / without over all draws. Inputs of the published models
    were only seen in part, so a difference is a reason to look, and agreement is no proof.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> ready = cb.validation_model("2026-01")
    >>> table = cb.validation(cb.simulate(ready.model, ready.strategies))
    >>> first = table["target"] == "overdoses_no_treatment"
    >>> bool(table["within_factor"][first][0])
    True
    """
    if not isinstance(run, Run):
        raise ArgumentTypeError("is not a Run", where="run", value=type(run).__name__)
    found = resolve(targets, figures.Targets, "targets")
    factor = read_number(within_factor, "within_factor", 1, 1000)
    for name in _COUNTED.values():
        if name not in run.event_names:
            raise ArgumentError(
                f"counts no {name}", where="run", allowed=run.event_names or ("nothing",)
            )
    ours = np.array([_ours(run, row) for row in found.rows])
    published = np.array([float(row.value) for row in found.rows])
    known = np.isfinite(ours)
    if not known.any():
        raise ArgumentError(
            "has none of the strategies that the targets have",
            where="run",
            allowed=sorted({row.strategy for row in found.rows}),
        )
    alike = np.sign(ours) == np.sign(published)
    ratio = np.divide(ours, published, out=np.ones_like(ours), where=known & (published != 0))
    near = alike & (np.abs(ratio) <= factor) & (np.abs(ratio) >= 1 / factor)
    return Columns(
        {
            "target": Text.of(row.name for row in found.rows),
            "unit": Text.of(row.unit for row in found.rows),
            "strategy": Text.of(row.strategy for row in found.rows),
            "published": published,
            "ours": ours,
            "same_direction": Nullable(alike & known, known),
            "within_factor": Nullable(near & known, known),
            "why_not": Text.of(
                "" if each else "the run does not compute this measure" for each in known
            ),
        }
    )


def _all_on(medication: str) -> dict[str, float | str]:
    return {f"on {medication}": 1.0, OFF: 0.0}


def _ours(run: Run, row: figures.TargetRow) -> float:
    """The run's own figure for a target; NaN where it has none."""
    measure = row.name.partition("_")[0]
    if row.strategy not in run.strategies:
        return np.nan
    if row.against is None and measure in _COUNTED and "per 100,000 over 5 years" in row.unit:
        return _events(run, _COUNTED[measure], row.strategy) * _PEOPLE / _people(run)
    if row.against in run.strategies and measure in _CHANGED and row.unit == "relative change":
        without = _events(run, _CHANGED[measure], str(row.against))
        return _events(run, _CHANGED[measure], row.strategy) / without - 1
    return np.nan


def _events(run: Run, event: str, strategy: str) -> float:
    place = run.strategies.index(strategy), run.event_names.index(event)
    return float(run.events[place].mean())


def _people(run: Run) -> float:
    """People at the end: in a closed model as many as at the start, the dead among them."""
    return float(run.at_end[0].sum(axis=0).mean())
