"""What a roadmap rests on, noted down: impacts, work, capacity and rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opsafe._used import UsedInputs
from opsafe.ranking._amounts import FTE_COUNTS
from opsafe.ranking._impact import Impacts
from opsafe.ranking._schedule import Instance
from opsafe.ranking.work import Work

__all__ = ["note_inputs"]


def note_inputs(
    used: UsedInputs,
    impacts: Impacts,
    instance: Instance,
    work: Sequence[Sequence[Work]],
    teams: Sequence[str],
) -> None:
    """Note down each input, and what the impacts warn of."""
    for caution in impacts.cautions:
        used.warn(caution)
    source = "a ranking" if impacts.origin == "ranking" else ""
    for name, impact, rows in zip(impacts.initiatives, impacts.values, work, strict=True):
        used.note(f"{impacts.what} of {name}", f"{impact:g}", "given", source)
        for row in rows:
            used.note(f"work of {name}", _told(row), "given")
    for team, counts in zip(teams, (instance.capacity / FTE_COUNTS).tolist(), strict=True):
        shown = counts[:1] if len(set(counts)) == 1 else counts
        used.note(f"capacity_fte of {team}", ", ".join(f"{each:g}" for each in shown), "given")
    used.note("quarters", instance.capacity.shape[1], "given")
    used.note("quick_wins_first", instance.least_quick, "given")
    _note_rules(used, impacts.initiatives, instance)


def _told(row: Work) -> str:
    later = f", {row.starts_after} quarters later" if row.starts_after else ""
    return f"{row.team}: {row.fte:g} FTE for {row.quarters} quarters{later}"


def _note_rules(used: UsedInputs, names: Sequence[str], instance: Instance) -> None:
    last = instance.capacity.shape[1] - 1
    for sooner, later in instance.after:
        used.note("after", f"{names[later]} after {names[sooner]}", "given")
    for at in np.flatnonzero(instance.must).tolist():
        used.note("must_do", names[at], "given")
    for at in np.flatnonzero(instance.first > 0).tolist():
        used.note(f"earliest of {names[at]}", int(instance.first[at]) + 1, "given")
    for at in np.flatnonzero(instance.finish < last).tolist():
        used.note(f"latest of {names[at]}", int(instance.finish[at]) + 1, "given")
