"""What the changes of a scenario share: areas and their supply, chains of stages, panels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from opsafe._arguments import plain, read_whole
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError
from opsafe.uncertainty import Distribution
from opsafe.workforce import figures
from opsafe.workforce.editions import resolve
from opsafe.workforce.figures import STAGES
from opsafe.workforce.scenario import (
    OwnConversion,
    OwnPanel,
    PanelCapacity,
    PoolCapacity,
    Scenario,
    Supply,
)

__all__ = [
    "check_area",
    "check_scenario",
    "check_stages",
    "hireable",
    "hires_told",
    "own_conversion",
    "own_panel",
    "panels_of",
    "read_heads",
    "read_hires",
    "spread_share",
    "supply_of",
    "titled",
    "with_mean",
    "with_supply",
]

_MOST_HEADS: Final = 100_000
_MOST_MONTHS: Final = 240


def check_scenario(scenario: object) -> Scenario:
    """Check that it is a scenario."""
    if not isinstance(scenario, Scenario):
        raise ArgumentTypeError(
            "is not a Scenario", where="scenario", value=type(scenario).__name__
        )
    return scenario


def hireable(scenario: Scenario, medication: object) -> tuple[str, ...]:
    """Areas where prescribers of a medication can be hired: all but programmes with places."""
    if not isinstance(medication, str):
        raise ArgumentTypeError("is not text", where="medication", value=type(medication).__name__)
    wanted = dict.fromkeys(each.area for each in scenario.demand if each.medication == medication)
    areas = tuple(a for a in wanted if supply_of(scenario, a, medication).places is None)
    if not areas:
        raise ArgumentError(
            "nobody can be hired for it: no demand, or programmes with places alone",
            where="medication",
            value=medication,
            allowed=dict.fromkeys(each.medication for each in scenario.demand),
        )
    return areas


def supply_of(scenario: Scenario, area: str, medication: str) -> Supply:
    """The supply of an area and medication; nobody where none is given."""
    for each in scenario.supply:
        if (each.area, each.medication) == (area, medication):
            return each
    return Supply(area=area, medication=medication)


def with_supply(scenario: Scenario, changed: Iterable[Supply]) -> Scenario:
    """The scenario with other supplies in the place of those they change, or added."""
    there = {(each.area, each.medication): each for each in scenario.supply}
    there |= {(each.area, each.medication): each for each in changed}
    return scenario.model_copy(update={"supply": tuple(there.values())})


def check_area(scenario: Scenario, area: object, medication: object, where: str) -> None:
    areas = hireable(scenario, medication)
    if not isinstance(area, str):
        raise ArgumentTypeError("is not text", where=where, value=type(area).__name__)
    if area not in areas:
        raise ArgumentError(
            "is no area with demand where heads can be hired",
            where=where,
            value=area,
            allowed=areas[:20],
        )


def titled(scenario: Scenario, title: object, told: str) -> Scenario:
    if title is not None and not isinstance(title, str):
        raise ArgumentTypeError("is not text", where="title", value=type(title).__name__)
    named = "; ".join(filter(None, (scenario.title, told))) if title is None else title
    return scenario.model_copy(update={"title": named})


def read_hires(per_month: object) -> int | tuple[int, ...]:
    if isinstance(plain(per_month), int):
        return read_heads(per_month, "per_month")
    if isinstance(per_month, str) or not isinstance(per_month, Sequence):
        raise ArgumentTypeError(
            "is neither a whole number nor a list of them",
            where="per_month",
            value=type(per_month).__name__,
        )
    return tuple(read_heads(each, "per_month") for each in per_month)


def hires_told(per_month: int | Sequence[int]) -> str:
    if isinstance(per_month, int):
        return f"{per_month} a month"
    return f"{sum(per_month)} in all"


def read_heads(value: object, where: str) -> int:
    return read_whole(value, where, 0, _MOST_HEADS)


def check_stages(from_stage: object, to_stage: object) -> None:
    first, second = _place(from_stage, "from_stage"), _place(to_stage, "to_stage")
    if second <= first:
        raise ArgumentError(f"is no later stage than {from_stage}", where="to_stage")


def _place(stage: object, where: str) -> int:
    stages: tuple[str, ...] = STAGES
    if isinstance(stage, str) and stage in stages:
        return stages.index(stage)
    raise ArgumentError("is no stage", where=where, value=stage, allowed=STAGES)


def panels_of(scenario: Scenario) -> PanelCapacity:
    if isinstance(scenario.capacity, PoolCapacity):
        raise ArgumentError(
            "is a pool, which counts all who may prescribe and has no stages",
            where="scenario.capacity",
        )
    return scenario.capacity


def own_conversion(edition: str) -> OwnConversion:
    found = resolve(edition, figures.Conversion, "scenario.capacity.conversions")
    return OwnConversion(
        from_stage=found.from_stage,
        to_stage=found.to_stage,
        share=float(found.converted_share),
    )


def spread_share(
    steps: Sequence[OwnConversion], share: float | Distribution
) -> list[OwnConversion]:
    """The steps with shares whose product is another one."""
    try:
        alone = steps[0].model_copy(update={"share": share})
    except DocumentError:
        raise ArgumentError(
            "is neither a share from 0 to 1 nor a distribution within them", where="share"
        ) from None
    if len(steps) == 1:
        return [alone]
    before = [each.share for each in steps if isinstance(each.share, float | int)]
    if not isinstance(share, float | int) or len(before) < len(steps):
        raise ArgumentError(
            "spans several steps, and a distribution cannot be spread over them",
            where="share",
            advice="Change one step after the other",
        )
    product = math.prod(before)
    if share in (0, 1):
        return [each.model_copy(update={"share": share}) for each in steps]
    if product in (0, 1):
        raise ArgumentError(
            f"spans several steps that {'nobody passes' if product == 0 else 'all pass'} now",
            where="share",
            advice="Change one step after the other",
        )
    power = math.log(share) / math.log(product)
    pairs = zip(steps, before, strict=True)
    return [each.model_copy(update={"share": one**power}) for each, one in pairs]


def own_panel(panel: str | OwnPanel) -> OwnPanel:
    if isinstance(panel, OwnPanel):
        return panel
    found = resolve(panel, figures.Panel, "scenario.capacity.panel")
    return OwnPanel(
        mean_patients=float(found.mean_patients),
        sd_patients=None if found.sd_patients is None else float(found.sd_patients),
        respondents=found.respondents,
    )


def with_mean(panel: OwnPanel, mean: float) -> OwnPanel:
    """The panel with another mean, and a spread that grows as it does."""
    spread = None if panel.sd_patients is None else panel.sd_patients * (mean / panel.mean_patients)
    return panel.model_copy(update={"mean_patients": mean, "sd_patients": spread})
