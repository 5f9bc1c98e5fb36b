"""From a scenario to months: demand, patients treated, waiting, prescribers, and how sure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from opsafe._arguments import plain, read_number, read_whole
from opsafe._used import UsedInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.uncertainty import read_draws, read_seed, uniforms
from opsafe.workforce import figures
from opsafe.workforce._grouping import grouped
from opsafe.workforce._inputs import Draws, defaults_of
from opsafe.workforce._run import Totals, run_all
from opsafe.workforce.editions import resolve
from opsafe.workforce.plan import Plan, Question, plan_of
from opsafe.workforce.scenario import PoolCapacity, Scenario

__all__ = ["project"]

MOST_MONTHS: Final = 240
THREADS: Final = 2
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2199

Progress = Callable[[int, int], None]


def project(
    scenario: Scenario,
    *,
    start: str | date,
    months: int,
    draws: int | None = None,
    seed: int | None = None,
    defaults: str | figures.Defaults = "2026-01",
    level: float = 0.8,
    progress: Progress | None = None,
) -> Plan:
    """Project demand, treatment, waiting and prescribers month by month.

    Parameters
    ----------
    scenario : Scenario
        Who seeks treatment, who gives it, what is hired.
    start : str or datetime.date
        First month, as ``"2026-01"`` or any day of it; from 2000 to 2199.
    months : int
        How many, 1 to 240.
    draws : int, optional
        Draws of what is uncertain and of chance; without it one run of expected values.
    seed : int, optional
        Seed of the draws; required with them. Two scenarios with one seed share their chance.
    defaults : str or Defaults, optional
        The edition of defaults and planning values.
    level : float, optional
        Share of the draws between the low and the high of a result.
    progress : callable, optional
        Called with (areas done, areas in all), an area once for each medication.

    Returns
    -------
    Plan
        Tables by month, area and bound; shares from 0 to 1, patients and heads as counts.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range, or figures of the scenario do not go together.
    EditionNotFoundError
        If the scenario names an edition that does not exist.

    Notes
    -----
    Seekers = members x prevalence x undercount x seeking x share of the medication. In each month
    starts = min(W + requests, max(0, capacity - retained)), patients at its end are the starts
    convolved with the retention curve, and W' = (W + requests - starts) (1 - reneging). Capacity
    is the least of the bounds that are given; behaviour is heads open to the plan x panel x ramp
    x plan share, or the curve of the pool. Share met = sum over areas of min(treated, seekers),
    over all seekers.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> scenario = wf.example_scenario()
    >>> plan = wf.project(scenario, start="2026-01", months=24)
    >>> [round(float(share), 2) for share in plan.by_month["share_met_median"][[0, 11, 23]]]
    [0.42, 0.38, 0.34]
    """
    question = _question(start, months, draws, seed, defaults, level)
    if not isinstance(scenario, Scenario):
        raise ArgumentTypeError(
            "is not a Scenario", where="scenario", value=type(scenario).__name__
        )
    used = UsedInputs()
    found, stages = _run(scenario, question, used, progress)
    without_chance = replace(question, draws=None, seed=None)
    return plan_of(
        scenario,
        question,
        found,
        stages,
        used,
        rerun=partial(_again, question),
        expected=partial(_again, without_chance),
    )


def _question(
    start: object,
    months: object,
    draws: object,
    seed: object,
    defaults: str | figures.Defaults,
    level: object,
) -> Question:
    number = read_whole(months, "months", 1, MOST_MONTHS)
    share = read_number(level, "level", 0, 1, above=True, below=True)
    if draws is None:
        if seed is not None:
            raise ArgumentError("there are no draws to seed", where="seed")
        return Question(_month(start), number, None, None, defaults, share)
    if seed is None:
        raise ArgumentError("draws need a seed", where="seed", advice="Any whole number repeats")
    return Question(_month(start), number, read_draws(draws), read_seed(seed), defaults, share)


def _month(start: object) -> date:
    """The first day of the first month."""
    day = plain(start)
    if isinstance(day, str):
        try:
            day = date.fromisoformat(f"{day}-01" if len(day) == 7 else day)
        except ValueError:
            day = None
    if not isinstance(day, date):
        raise ArgumentError(
            "is not a month", where="start", value=start,
            allowed=("YYYY-MM", "YYYY-MM-DD", "a date"),
        )  # fmt: skip
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ArgumentError(
            f"lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}", where="start", value=start,
            advice="Office-based treatment with buprenorphine began in October 2000",
        )  # fmt: skip
    return date(day.year, day.month, 1)


def _run(
    scenario: Scenario, question: Question, used: UsedInputs, progress: Progress | None
) -> tuple[Totals, tuple[str, ...]]:
    defaults = defaults_of(question.defaults, used)
    number = question.draws or 1
    draws = Draws(number, question.seed)
    _check_pool(scenario, question)
    ready = grouped(scenario, question.months, draws, defaults, used)

    def done(number: int) -> None:
        if progress is not None:
            progress(number, len(ready.groups))

    seed = question.seed
    uniform = partial(uniforms, seed) if seed is not None and scenario.chance else None
    found = run_all(ready.groups, ready.panels, uniform, number, threads=THREADS, done=done)
    return found, ready.stages


def _again(question: Question, scenario: Scenario) -> Totals:
    """Run a changed scenario on the same draws."""
    return _run(scenario, question, UsedInputs(), None)[0]


def _check_pool(scenario: Scenario, question: Question) -> None:
    """Refuse a curve of the time of waivers for months after it."""
    capacity = scenario.capacity
    if not isinstance(capacity, PoolCapacity) or capacity.edition is None:
        return
    curve = resolve(capacity.edition, figures.PoolCurve, "capacity.edition")
    if question.day(question.months - 1) > curve.last_day:
        raise ArgumentError(
            f"{curve.id} holds until {curve.last_day}: waivers and their limits have ended",
            where="capacity.edition",
            advice="Fit base_patients and decay_per_head to your own claims with fit_capacity",
        )
