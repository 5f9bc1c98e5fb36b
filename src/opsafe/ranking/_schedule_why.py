"""Why an initiative cannot be scheduled, and why a whole programme cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from opsafe.ranking._schedule import Instance
from opsafe.ranking._schedule_programme import PROVEN, search

__all__ = ["why_infeasible", "why_never"]

_SECONDS: Final = 5.0
_NODES: Final = 1_000


def why_never(
    instance: Instance, at: int, names: Sequence[str], teams: Sequence[str]
) -> str | None:
    """Say why an initiative cannot run even alone; None where it can."""
    if instance.fits[at].any():
        return None
    for left in instance.before[at]:
        if not instance.fits[left].any():
            return f"waits for {names[left]}, which cannot be done"
    quarters, lasts = instance.capacity.shape[1], instance.lasts[at]
    first, finish = int(instance.first[at]), min(int(instance.finish[at]), quarters - 1)
    if lasts > finish - first + 1:
        return f"takes {lasts} quarters, of {max(finish - first + 1, 0)} that it may use"
    most = instance.capacity.max(axis=1, initial=0)
    for team in range(len(teams)):
        if int(instance.demand[at][:, team].max(initial=0)) > most[team]:
            return f"needs more of {teams[team]} than it ever has"
    return "finds no quarters with enough capacity, even alone"


def why_infeasible(instance: Instance, names: Sequence[str], teams: Sequence[str]) -> str:
    """Say why no schedule keeps all rules, the simplest reason first."""
    for at in np.flatnonzero(instance.must).tolist():
        reason = why_never(instance, at, names, teams)
        if reason is not None:
            return f"{names[at]} must be done, but {reason}"
    asked = instance.least_quick
    able = instance.first_wins
    if int(able.sum()) < asked:
        return (
            f"quick_wins_first asks for {asked} quick wins done in quarter 1, and only"
            f" {int(able.sum())} could be, even alone"
        )
    if asked:
        together = _most_together(instance)
        if together < asked:
            return (
                f"quick_wins_first asks for {asked} quick wins done in quarter 1, and capacity"
                f" has room for only {together} of them together"
            )
        if instance.must.any() and _is_possible(replace(instance, least_quick=0)):
            return f"what must be done leaves no room for {asked} quick wins in quarter 1"
    return "what must be done does not fit together, within capacity and the order that is asked"


def _most_together(instance: Instance) -> int:
    """Count the quick wins that fit into the first quarter together, at most."""
    able = instance.first_wins
    worth = np.zeros_like(instance.worth)
    worth[able, 0] = 1.0
    alone = replace(
        instance,
        worth=worth,
        must=np.zeros_like(instance.must),
        finish=np.where(able, 0, -1),
        least_quick=0,
    )
    found = search(alone, _SECONDS, _NODES)
    return int(np.floor(min(found.bound, able.sum()) + PROVEN))


def _is_possible(instance: Instance) -> bool:
    return search(instance, _SECONDS, _NODES).bound > -np.inf
