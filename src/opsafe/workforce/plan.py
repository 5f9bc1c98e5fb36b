"""What a projection says: by month, by area, which bound held, and how many hires would do."""

# More than 300 lines: the questions that a plan answers, and the tables that it is told in.

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe._display import as_html
from opsafe._used import UsedInputs
from opsafe.columns import Column, Columns, Text
from opsafe.provenance import EditionUsed
from opsafe.quantity import DateArray, FloatArray
from opsafe.uncertainty import Probability, Swing, probability
from opsafe.workforce import figures
from opsafe.workforce._hires import HiresNeeded, least_hires
from opsafe.workforce._run import BOUNDS, OF_A_STREAM, Totals
from opsafe.workforce._swings import swings_of
from opsafe.workforce.scenario import Scenario

__all__ = ["Plan", "Question", "plan_of"]

Keys: TypeAlias = tuple[tuple[str, str], ...]

_MORE_THAN_ALL: Final = 1.05
_MEASURES: Final = ("seekers", "treated", "waiting", "gap", "capacity", "share_met")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of a scenario."""

    start: date
    months: int
    draws: int | None
    seed: int | None
    defaults: str | figures.Defaults
    level: float

    def day(self, month: int) -> date:
        """The first day of a month of the run."""
        at = self.start.year * 12 + self.start.month - 1 + month
        return date(at // 12, at % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A projection with its uncertainty."""

    by_month: Columns
    """Members who seek treatment, treated, waiting, the gap, capacity and the share met, each
    as median, low and high of the draws."""
    prescribers: Columns
    """Heads who have reached each stage and not left, by month; median, low and high."""
    by_area: Columns
    """Means of the draws by month, area and medication."""
    by_line: Columns
    """Means of the draws by month and line of business: seekers, treated, waiting and the gap,
    over all areas and medications. Capacity has no line: lines of an area share it."""
    binding: Columns
    """Share of the draws in which each bound held, or none, by month, area and medication."""
    not_evaluated: tuple[tuple[str, str, str], ...]
    """Area, medication and bound, for the bounds whose figures were not given."""
    inputs: Columns
    """Figures and defaults that the run rests on, with origin and source; counts of members and
    heads stand in ``scenario``."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...]
    """The editions that answered."""
    scenario: Scenario
    start: date
    months: int
    draws: int | None
    seed: int | None
    _question: Question = field(repr=False)
    _share_met: FloatArray = field(repr=False)
    _treated: FloatArray = field(repr=False)
    _gap: FloatArray = field(repr=False)
    _rerun: Callable[[Scenario], Totals] = field(repr=False)
    _expected: Callable[[Scenario], Totals] = field(repr=False)

    def probability_met(self, share_met: float, by_month: int) -> Probability:
        """Return how likely a share of the seekers is treated at the end of a month.

        Parameters
        ----------
        share_met : float
            Share of the seekers, 0 to 1.
        by_month : int
            Month of the run, the first is 1.

        Returns
        -------
        Probability
            Share of the draws, with its standard error. Without draws it is 0 or 1, and only says
            whether the run of expected values meets it.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If the month is not one of the run, or the share is none.
        """
        share, month = _target(share_met, by_month, self.months)
        return probability(self._share_met[month - 1] >= share)

    def hires_for(
        self,
        *,
        share_met: float,
        by_month: int,
        confidence: float,
        medication: str = "buprenorphine",
        most_hires_per_month: int = 1_000,
    ) -> HiresNeeded:
        """Find the least level number of hires a month that meets a target with some probability.

        Parameters
        ----------
        share_met : float
            Share of the seekers that is to be treated, 0 to 1.
        by_month : int
            Month of the run at whose end it counts, the first is 1.
        confidence : float
            Least probability of that, above 0 and below 1.
        medication : str, optional
            The medication whose prescribers are hired.
        most_hires_per_month : int, optional
            Where the search ends.

        Returns
        -------
        HiresNeeded
            Whole hires a month by area, in place of the scenario's own; the probability on the
            same draws with its standard error; or that the target cannot be reached, and the
            best share.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If an argument is out of range, or nobody can be hired for the medication.

        Notes
        -----
        Areas are filled one hire after the other where the expected share met gains most. Draws
        are the same for every number of hires. A search by halves ends where one hire less misses
        the target; a larger number may miss it too, since starts that come earlier end earlier.
        Without draws there is one run, of expected values: the hires meet the target as expected,
        and the probability of 0 or 1 says nothing of how sure that is.
        """
        share, month = _target(share_met, by_month, self.months)
        return least_hires(
            self.scenario,
            self._rerun,
            self._expected,
            share,
            month,
            _open_share(confidence, "confidence"),
            medication,
            most_hires_per_month,
        )

    def tornado(self, *, by_month: int, level: float = 0.8) -> tuple[Swing, ...]:
        """Move one uncertain input at a time, the others and all chance as expected.

        Parameters
        ----------
        by_month : int
            Month of the run at whose end the share met is looked at, the first is 1.
        level : float, optional
            Share of an input's distribution between its low and its high value.

        Returns
        -------
        tuple of Swing
            Share of the seekers met at the low and the high value, the widest first. An input
            that several streams have moves in all of them; the value of the first is told.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If the month is not one of the run, or the level is none.
        """
        month = read_whole(by_month, "by_month", 1, self.months)
        return swings_of(self.scenario, self._expected, month, _open_share(level, "level"))

    @property
    def treated_by_month(self) -> tuple[float, ...]:
        """Expected patients treated at the end of each month, over all areas and medications.

        Returns
        -------
        tuple of float
            Patients by month, from the first on: the mean of the draws; without draws those of the
            run of expected values.

        Examples
        --------
        >>> from opsafe import workforce as wf
        >>> plan = wf.project(wf.example_scenario(), start="2026-01", months=3)
        >>> [round(patients, 1) for patients in plan.treated_by_month]
        [509.2, 500.4, 495.6]
        """
        return tuple(self._treated.mean(axis=-1).tolist())

    def __repr__(self) -> str:
        last = {name: float(self.by_month[f"{name}_median"][-1]) for name in _MEASURES}
        return (
            f"Plan: {self.months} months from {self.start:%Y-%m}, {self.draws or 'no'} draws; in"
            f" the last month {last['treated']:,.0f} of {last['seekers']:,.0f} seekers are"
            f" treated ({last['share_met']:.0%}), {last['waiting']:,.0f} wait"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.by_month, self.cautions)


def _target(share_met: object, by_month: object, months: int) -> tuple[float, int]:
    share = read_number(share_met, "share_met", 0, 1)
    return share, read_whole(by_month, "by_month", 1, months)


def _open_share(value: object, where: str) -> float:
    return read_number(value, where, 0, 1, above=True, below=True)


def plan_of(
    scenario: Scenario,
    question: Question,
    found: Totals,
    stages: tuple[str, ...],
    used: UsedInputs,
    *,
    rerun: Callable[[Scenario], Totals],
    expected: Callable[[Scenario], Totals],
) -> Plan:
    """Lay a run out in tables."""
    share_met, keys = found.share_met(), found.keys
    dates = np.array([question.day(month) for month in range(question.months)], "datetime64[D]")
    every = np.broadcast_to(found.seekers, found.treated.shape)
    draws = (every, found.treated, found.waiting, found.gap, found.capacity, share_met)
    by_month: dict[str, Column] = {"month": dates}
    evaluated = _evaluated(scenario, keys)
    if bool((found.waiting + found.treated > every * _MORE_THAN_ALL).any()):
        used.warn(
            "More wait and are treated than seek treatment: those who wait are asked for again each"
            " month. Give reneging_per_month, or a path of starts"
        )
    for name, values in zip(_MEASURES, draws, strict=True):
        by_month |= _spread(name, values, question.level)
    return Plan(
        by_month=Columns(by_month),
        prescribers=_prescribers(found.heads, stages, dates, question.level),
        by_area=_by_area(found, keys, dates),
        by_line=_by_line(scenario, found, dates),
        binding=_binding(found, evaluated, keys, dates),
        not_evaluated=tuple(
            (*key, bound)
            for key, bounds in zip(keys, evaluated, strict=True)
            for bound in BOUNDS
            if bound not in bounds
        ),
        inputs=used.table(),
        cautions=tuple(used.cautions),
        editions=tuple(used.editions.values()),
        scenario=scenario,
        start=question.start,
        months=question.months,
        draws=question.draws,
        seed=question.seed,
        _question=question,
        _share_met=share_met,
        _treated=found.treated,
        _gap=found.gap,
        _rerun=rerun,
        _expected=expected,
    )


def _spread(name: str, values: FloatArray, level: float) -> dict[str, FloatArray]:
    if values.shape[-1] == 1:  # without draws
        low = median = high = values[:, 0]
    else:
        low, median, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=-1)
    return {f"{name}_median": median, f"{name}_low": low, f"{name}_high": high}


def _prescribers(
    heads: FloatArray, stages: tuple[str, ...], dates: DateArray, level: float
) -> Columns:
    spread = _spread("heads", heads.reshape(-1, heads.shape[-1]), level)
    stage = Text.of(stages).repeat(len(dates))
    return Columns({"month": np.tile(dates, len(stages)), "stage": stage, **spread})


def _by_area(found: Totals, keys: Keys, dates: DateArray) -> Columns:
    columns = {
        f"{name}_mean": np.concatenate([each[name] for each in found.means])
        for name in ("seekers", "treated", "waiting", "gap", "capacity", "heads")
    }
    return Columns({**_keys(keys, dates), **columns})


def _by_line(scenario: Scenario, found: Totals, dates: DateArray) -> Columns:
    """Add streams up by their line of business."""
    total: dict[str, FloatArray] = {}
    lines: dict[tuple[str, str], list[str]] = {}
    for each in scenario.demand:
        lines.setdefault((each.area, each.medication), []).append(each.line_of_business)
    for key, means in zip(found.keys, found.means, strict=True):
        for at, line in enumerate(lines[key]):
            total[line] = total.get(line, 0.0) + means["by_stream"][:, at]
    measures = np.concatenate(list(total.values()), axis=-1)
    return Columns(
        {
            "month": np.tile(dates, len(total)),
            "line_of_business": Text.of(total).repeat(len(dates)),
            **{f"{name}_mean": row for name, row in zip(OF_A_STREAM, measures, strict=True)},
        }
    )


def _binding(
    found: Totals, evaluated: Sequence[Sequence[str]], keys: Keys, dates: DateArray
) -> Columns:
    """One block of months for each bound that was evaluated, and for none."""
    rows = [
        (key, bound, each["binding"][(*BOUNDS, "none").index(bound)])
        for key, each, bounds in zip(keys, found.means, evaluated, strict=True)
        for bound in (*bounds, "none")
    ]
    return Columns(
        {
            **_keys(tuple(key for key, _, _ in rows), dates),
            "bound": Text.of(bound for _, bound, _ in rows).repeat(len(dates)),
            "share_of_draws": np.concatenate([share for _, _, share in rows]),
        }
    )


def _evaluated(scenario: Scenario, keys: Keys) -> list[tuple[str, ...]]:
    """The bounds that are evaluated for each area and medication."""
    supply = {(each.area, each.medication): each for each in scenario.supply}
    found = []
    for key in keys:
        given = supply.get(key)
        known = {
            "legal": scenario.patient_limit is not None,
            "time": given is not None and given.hours_per_head_month is not None,
            "pharmacy": given is not None and given.pharmacy_patients is not None,
            "behaviour": True,
        }
        found.append(tuple(bound for bound in BOUNDS if known[bound]))
    return found


def _keys(keys: Keys, dates: DateArray) -> dict[str, Column]:
    return {
        "month": np.tile(dates, len(keys)),
        "area": Text.of(area for area, _ in keys).repeat(len(dates)),
        "medication": Text.of(medication for _, medication in keys).repeat(len(dates)),
    }
