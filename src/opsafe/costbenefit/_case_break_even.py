"""Where the undiscounted net is 0: by uptake, and by the saving of a treated member-month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.costbenefit._case_figures import Ready, Values
from opsafe.costbenefit._case_money import stream_of
from opsafe.costbenefit._case_sums import Sums, sums_of
from opsafe.quantity import FloatArray

__all__ = ["BreakEven", "break_even_saving", "break_even_uptake"]

_STEPS: Final = 400
_ROUNDS: Final = 6  # each looks 400 times closer, and a float has no more digits than that
_NOTHING: Final = 1e-12
_COSTS_MORE: Final = "each treated member-month costs at least what it saves"
_TOO_SMALL: Final = "even with every member with the disorder treated, net stays below 0"

Net = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """A value at which net is 0, or why there is none."""

    value: float | None
    why_not: str | None = None


def break_even_uptake(ready: Ready, values: Values) -> BreakEven:
    """Least uptake from which on, if only for a while, the undiscounted net is 0 or more."""
    inputs = ready.inputs
    if inputs.treated_by_month is not None:
        return BreakEven(None, "a path of treated members is given, and no uptake to solve for")
    by_starts = inputs.starts_share_per_year is not None
    name = "starts_share_per_year" if by_starts else "treated_share_target"
    low = 0.0 if by_starts else float(values["treated_share_now"][0])

    def net(uptakes: FloatArray) -> FloatArray:
        stream = stream_of(ready, {**values, name: uptakes})
        return sums_of(ready, stream, len(uptakes)).net

    bounded = by_starts or inputs.capacity_patients is not None
    if bounded or "care_managers.panel" in values:
        return _searched(net, low)
    return _straight(net, low)


def _straight(net: Net, low: float) -> BreakEven:
    """Net is a straight line in the uptake."""
    at_low, at_high = (float(value) for value in net(np.array([low, 1.0])))
    nothing = _NOTHING * max(abs(at_low), abs(at_high))
    if at_high - at_low <= nothing:
        return BreakEven(None, _COSTS_MORE)
    if at_low >= -nothing:
        return BreakEven(low)
    if at_high < 0:
        return BreakEven(None, _TOO_SMALL)
    return BreakEven(low + (1.0 - low) * -at_low / (at_high - at_low))


def _searched(net: Net, low: float) -> BreakEven:
    """Net has steps, where one more head is hired, and bends, where capacity is full.

    Steps go down only, so between a loss and a gain that follows it net passes through 0.
    """
    ends = np.linspace(low, 1.0, _STEPS + 1)
    at = net(ends)
    if at[0] >= 0:  # doing nothing costs nothing: what counts is what the first patients bring
        ends[0] = low + (1.0 - low) / _STEPS * 1e-6
        at[0] = net(ends[:1])[0]
        if at[0] >= 0:
            return BreakEven(low) if at[0] > 0 else BreakEven(None, _COSTS_MORE)
    for _ in range(_ROUNDS):
        gain = int(np.argmax(at >= 0))
        if not at[gain] >= 0:
            return BreakEven(None, _TOO_SMALL)
        ends = np.linspace(ends[gain - 1], ends[gain], _STEPS + 1)
        at = net(ends)
    return BreakEven(float(ends[int(np.argmax(at >= 0))]))


def break_even_saving(sums: Sums) -> BreakEven:
    """Saving of the claims per added member-month at which the undiscounted net is 0, USD."""
    months = float(sums.added_months[0])
    if not months > _NOTHING:
        return BreakEven(None, "no member-month of treatment is added")
    return BreakEven(-float(sums.beside_care[0]) / months)
