"""What each uncertain input alone does to the share met, the others at their means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from opsafe._used import UsedInputs
from opsafe.uncertainty import Distribution, Fixed, Swing
from opsafe.workforce._inputs import panel_of
from opsafe.workforce._run import Totals
from opsafe.workforce.scenario import OwnConversion, OwnPanel, PanelCapacity, Scenario

__all__ = ["swings_of"]

_INPUTS: Final = ("prevalence", "undercount", "seeking", "medication_share")

Ends = tuple[tuple[float, Scenario], tuple[float, Scenario]]


def swings_of(
    scenario: Scenario, expected: Callable[[Scenario], Totals], month: int, level: float
) -> tuple[Swing, ...]:
    """Run the scenario at the low and the high end of each input; the widest swing first."""
    ends = np.array([(1 - level) / 2, (1 + level) / 2])

    def met(changed: Scenario) -> float:
        return float(expected(changed).share_met()[month - 1, 0])

    found = [
        Swing(name, low, high, met(at_low), met(at_high))
        for name, ((low, at_low), (high, at_high)) in _moved(scenario, ends)
    ]
    return tuple(sorted(found, key=lambda swing: -swing.width))


def _moved(scenario: Scenario, ends: np.ndarray) -> Iterator[tuple[str, Ends]]:
    """Each uncertain input with its low and its high value, and the scenario that has it."""
    for name in _INPUTS:
        if any(_is_uncertain(getattr(each, name)) for each in scenario.demand):
            yield name, (_demand(scenario, name, ends[0]), _demand(scenario, name, ends[1]))
    capacity = scenario.capacity
    if not isinstance(capacity, PanelCapacity):
        return
    spread = panel_of(capacity.panel, UsedInputs()).of_mean
    if spread is not None:
        low, high = (float(value) for value in spread.quantile(ends))
        yield "mean panel", (_panel(scenario, capacity, low), _panel(scenario, capacity, high))
    for place, step in enumerate(capacity.conversions or ()):
        if isinstance(step, OwnConversion) and _is_uncertain(step.share):
            name = f"conversion from {step.from_stage} to {step.to_stage}"
            yield (
                name,
                (
                    _step(scenario, capacity, place, step, ends[0]),
                    _step(scenario, capacity, place, step, ends[1]),
                ),
            )


def _is_uncertain(value: object) -> bool:
    return hasattr(value, "quantile") and not isinstance(value, Fixed)


def _at(value: Distribution, share: float) -> float:
    return float(value.quantile(np.array([share]))[0])


def _demand(scenario: Scenario, name: str, share: float) -> tuple[float, Scenario]:
    """All streams at the same quantile of an input; the value told is that of the first."""
    told: list[float] = []
    streams = []
    for each in scenario.demand:
        value = getattr(each, name)
        if _is_uncertain(value):
            told.append(_at(value, share))
            streams.append(each.model_copy(update={name: told[-1]}))
        else:
            streams.append(each)
    return told[0], scenario.model_copy(update={"demand": tuple(streams)})


def _panel(scenario: Scenario, capacity: PanelCapacity, mean: float) -> tuple[float, Scenario]:
    changed = capacity.model_copy(update={"panel": OwnPanel(mean_patients=mean)})
    return mean, scenario.model_copy(update={"capacity": changed})


def _step(
    scenario: Scenario, capacity: PanelCapacity, place: int, step: OwnConversion, share: float
) -> tuple[float, Scenario]:
    assert capacity.conversions is not None and not isinstance(step.share, float | int)
    value = _at(step.share, share)
    chain = list(capacity.conversions)
    chain[place] = step.model_copy(update={"share": value})
    changed = capacity.model_copy(update={"conversions": tuple(chain)})
    return value, scenario.model_copy(update={"capacity": changed})
