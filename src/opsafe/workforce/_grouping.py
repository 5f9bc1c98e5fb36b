"""A scenario as groups in numbers: each area and medication, ready to run."""

# More than 300 lines: demand and supply of a group are read side by side, one input after another.

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from opsafe._used import UsedInputs
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray, IntArray
from opsafe.survival import Retention
from opsafe.workforce import figures
from opsafe.workforce._inputs import (
    Draws,
    check_split,
    edition_of,
    panel_of,
    planning_of,
    retention_of,
    seekers_of,
    warn_of_share,
)
from opsafe.workforce._kernel import Streams, erlang_ramp
from opsafe.workforce._network import Panels, Rules
from opsafe.workforce._run import Group, Pool
from opsafe.workforce.demand import Demand
from opsafe.workforce.editions import resolve
from opsafe.workforce.figures import STAGES, Stage
from opsafe.workforce.scenario import OwnConversion, PanelCapacity, PoolCapacity, Scenario, Supply

__all__ = ["Grouped", "grouped"]

_FULL: Final = STAGES[-1]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups with what they share."""

    groups: tuple[Group, ...]
    panels: Panels
    stages: tuple[Stage, ...]
    """Stages of the chain; the first is where hires enter."""


def grouped(
    scenario: Scenario,
    months: int,
    draws: Draws,
    defaults: figures.Defaults,
    used: UsedInputs,
) -> Grouped:
    """Read a scenario into numbers."""
    rules, panels, stages = _rules(scenario, months, draws, defaults, used)
    supply = {(each.area, each.medication): each for each in scenario.supply}
    demand: dict[tuple[str, str], list[Demand]] = {}
    for each in scenario.demand:
        demand.setdefault((each.area, each.medication), []).append(each)
    check_split(scenario.demand, draws)
    hours = _hours(scenario, defaults, used)
    if scenario.patient_limit is not None:
        used.note("patient_limit", scenario.patient_limit, "given")
    found = []
    for (area, medication), streams in demand.items():
        given = supply.get((area, medication))
        if given is None:
            used.warn(f"No supply of {medication} is given for {area}: nobody can start there")
            given = Supply(area=area, medication=medication)
        numbers, seekers = _streams(streams, months, draws, defaults, used)
        found.append(
            Group(
                area=area,
                medication=medication,
                streams=numbers,
                seekers=seekers,
                existing=_at_stages(given, stages, used),
                hires=np.array(given.hires(months), np.int64),
                rules=rules,
                pool=_pool(scenario.capacity, given, used),
                places=given.places,
                legal_per_head=_legal(scenario, rules),
                time_per_head=_per_head(given, hours),
                pharmacy=given.pharmacy_patients,
            )
        )
    return Grouped(tuple(found), panels, stages)


# ---------------------------------------------------------------------------------- supply


def _rules(
    scenario: Scenario, months: int, draws: Draws, defaults: figures.Defaults, used: UsedInputs
) -> tuple[Rules, Panels, tuple[Stage, ...]]:
    mean = planning_of("ramp_months", scenario.ramp_months, defaults.ramp_up_mean_months, used)
    order = planning_of("ramp_stages", scenario.ramp_stages, defaults.ramp_up_order, used)
    used.note("leaving_first_year", scenario.leaving_first_year, "given")
    used.note("leaving_later", scenario.leaving_later, "given")
    rules = Rules(
        months=months,
        conversions=np.zeros((0, 1)),
        first_year=scenario.leaving_first_year,
        later=scenario.leaving_later,
        ramp=erlang_ramp(months, mean, int(order)),
        mean_panel=np.ones(1),
        plan_share=1.0,
    )
    capacity = scenario.capacity
    if isinstance(capacity, PoolCapacity):
        return rules, Panels(0), ("registered",)
    panel = panel_of(capacity.panel, used)
    shares, stages = _chain(capacity, draws, defaults, used)
    by_chance = draws.seed is not None and scenario.chance
    used.note("plan_share", capacity.plan_share, "given")
    warn_of_share(capacity.plan_share, used)
    rules = replace(
        rules,
        conversions=shares,
        mean_panel=draws.of("mean panel", (panel.of_mean if by_chance else None) or panel.mean),
        plan_share=capacity.plan_share,
    )
    return rules, Panels((panel.sd or 0) / panel.mean if by_chance else 0), stages


def _chain(
    capacity: PanelCapacity, draws: Draws, defaults: figures.Defaults, used: UsedInputs
) -> tuple[FloatArray, tuple[Stage, ...]]:
    """The share of each step, and the stages from the first to those open to the plan."""
    steps: list[tuple[Stage, Stage, FloatArray]] = []
    by_default = capacity.conversions is None
    for each in capacity.conversions or defaults.conversions:
        if isinstance(each, OwnConversion):
            name = f"conversion from {each.from_stage} to {each.to_stage}"
            used.note(name, each.share, "given")
            steps.append((each.from_stage, each.to_stage, draws.of(name, each.share)))
            continue
        found = resolve(each, figures.Conversion, "capacity.conversions")
        name = f"conversion from {found.from_stage} to {found.to_stage}"
        used.note(name, found.id, "default edition" if by_default else "edition", found)
        share = np.array([float(found.converted_share)])
        steps.append((found.from_stage, found.to_stage, share))
    for (_, ended, _), (begins, _, _) in pairwise(steps):
        if ended != begins:
            raise ArgumentError(
                f"a step ends at {ended}, and the next begins at {begins}",
                where="capacity.conversions",
                advice="Only adjacent stages chain",
            )
    if steps[-1][1] != _FULL:
        raise ArgumentError(
            f"the chain ends at {steps[-1][1]}",
            where="capacity.conversions",
            advice=f"The last step must end at {_FULL}: those who accept this plan's members",
        )
    wide = max(share.size for _, _, share in steps)
    shares = np.array([np.broadcast_to(share, wide) for _, _, share in steps])
    return shares, (steps[0][0], *(to_stage for _, to_stage, _ in steps))


def _at_stages(supply: Supply, stages: tuple[Stage, ...], used: UsedInputs) -> IntArray:
    """Heads at the beginning by the furthest stage of the chain that they have reached."""
    ranks = [STAGES.index(stage) for stage in stages]
    found = [0] * len(stages)
    for rank, number in enumerate(supply.heads()):
        reached = bisect_right(ranks, rank)
        if reached:
            found[reached - 1] += number
        elif number:
            used.warn(
                f"Heads of {supply.area} at {STAGES[rank]} are not counted: hires enter at"
                f" {stages[0]}"
            )
    return np.array(found, np.int64)


def _pool(capacity: PanelCapacity | PoolCapacity, supply: Supply, used: UsedInputs) -> Pool | None:
    if isinstance(capacity, PanelCapacity) or supply.places is not None:
        return None
    share = dict(capacity.pool_shares).get(supply.area)
    if share is None:
        raise ArgumentError(
            f"names no share for {supply.area!r}",
            where="capacity.pool_shares",
            advice="Each area needs its share of the pool, at the reference date of the curve",
        )
    if capacity.edition is None:
        assert capacity.base_patients is not None and capacity.decay_per_head is not None
        used.note("pool", f"{capacity.base_patients}, {capacity.decay_per_head}", "given")
        return Pool(capacity.base_patients, capacity.decay_per_head, share)
    found = edition_of("pool", capacity.edition, "", figures.PoolCurve, used)
    return Pool(float(found.base_patients), float(found.decay_per_provider), share)


def _legal(scenario: Scenario, rules: Rules) -> float | None:
    limit = scenario.patient_limit
    return None if limit is None else limit * rules.plan_share


def _hours(scenario: Scenario, defaults: figures.Defaults, used: UsedInputs) -> float | None:
    """Hours of a prescriber for one patient and year; None where no head's hours are given."""
    if all(each.hours_per_head_month is None for each in scenario.supply):
        return None
    model = edition_of(
        "care_model", scenario.care_model, defaults.care_model, figures.CareModel, used
    )
    if model.basis == "model_input":
        used.warn(f"Hours of {model.id} are the input of a model, not measured")
    return float(model.physician_hours)


def _per_head(supply: Supply, hours: float | None) -> float | None:
    if supply.hours_per_head_month is None or not hours:
        return None
    return 12 * supply.hours_per_head_month / hours


# ---------------------------------------------------------------------------------- demand


def _streams(
    demands: Sequence[Demand],
    months: int,
    draws: Draws,
    defaults: figures.Defaults,
    used: UsedInputs,
) -> tuple[Streams, FloatArray]:
    """The streams of a group, and their seekers by stream and draw."""
    curves = [retention_of(each, defaults, used) for each in demands]
    seekers = _wide([seekers_of(each, draws, used).seekers for each in demands])
    weights = np.array([_weights(curve, months) for curve in curves])
    retained = np.array(
        [
            each.on_treatment * _residual(curve, months, each.tenure_months)
            if each.on_treatment
            else np.zeros(months)
            for each, curve in zip(demands, curves, strict=True)
        ]
    )
    paths, scale = [], []
    for each, curve, seeking in zip(demands, curves, seekers, strict=True):
        own = each.starts
        _note_starts(each, used)
        paths.append(np.ones(months) if own is None else own.monthly(months))
        scale.append(seeking / curve.mean_months if own is None else np.ones(1))
        _warn_of_end(each, curve, months, used)
    numbers = np.array([_numbers(each) for each in demands], float).T[:, :, None]
    on_treatment, waiting, reneging, returning, return_rate = numbers
    streams = Streams(
        requests=np.array(paths)[:, :, None],
        scale=_wide(scale),
        weights=weights[:, :, None],
        on_treatment=on_treatment,
        retained=retained[:, :, None],
        waiting=waiting,
        reneging=reneging,
        returning=returning,
        return_rate=return_rate,
    )
    return streams, seekers


def _numbers(demand: Demand) -> tuple[float, float, float, float, float]:
    """What a stream says in one number each, in the order in which they are taken apart."""
    return (
        demand.on_treatment,
        demand.waiting,
        demand.reneging_per_month,
        demand.returning_share,
        1 / demand.returns_after_months,
    )


def _warn_of_end(demand: Demand, curve: Retention, months: int, used: UsedInputs) -> None:
    if curve.last_month < months:
        used.warn(
            f"Retention on {demand.medication} is extrapolated beyond month"
            f" {curve.last_month:g}, its last point"
        )


def _note_starts(demand: Demand, used: UsedInputs) -> None:
    if demand.starts is not None:
        used.note("starts", demand.starts.to_json(), "given")
        return
    reason = "No path is given: as many ask each month as hold all seekers on treatment"
    used.note("starts", "seekers / mean stay", "planning value", reason)


@lru_cache(maxsize=64)
def _weights(curve: Retention, months: int) -> FloatArray:
    return _read_only(curve.month_shares(months))


@lru_cache(maxsize=64)
def _residual(
    curve: Retention, months: int, tenure: tuple[tuple[float, float], ...] | None
) -> FloatArray:
    """Share of those on treatment now who still are, by months ahead."""
    if tenure is None:
        return _read_only(curve.residual_shares(months)[1:])
    since = np.array([month for month, _ in tenure])
    reached = curve.share(since)
    if not reached.min() > 0:
        raise ArgumentError(
            "is longer than anybody stays by the retention curve",
            where="tenure_months",
            value=float(since.max()),
        )
    later = curve.share((since[:, None] + np.arange(1.0, months + 1)).ravel())
    weight = np.array([share for _, share in tenure]) / reached
    return _read_only(weight @ later.reshape(len(since), months))


def _read_only(shares: FloatArray) -> FloatArray:
    """What a cache holds is everybody's."""
    shares.flags.writeable = False
    return shares


def _wide(arrays: Sequence[FloatArray]) -> FloatArray:
    """Stack arrays whose last axis is one or all draws."""
    wide = max(array.shape[-1] for array in arrays)
    if all(array.shape[-1] == wide for array in arrays):
        return np.array(arrays)
    return np.array([np.broadcast_to(array, (*array.shape[:-1], wide)) for array in arrays])
