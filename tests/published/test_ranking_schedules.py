"""A published project with limited staff: the least number of periods, proved."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opsafe.ranking._schedule import Instance, broken
from opsafe.ranking._schedule_programme import PROVEN
from opsafe.ranking._schedule_solve import solve

PERIODS = 60
"""More than the project needs, so that its end is found and not given."""
PROJECTS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("ranking_schedules.toml").read_text()
)["project"]


def instance_of(project: dict[str, Any], *, limited: bool) -> Instance:
    """All jobs must be done; worth has only the end, less with each period before it."""
    jobs = range(1, len(project["durations"]) - 1)
    end = len(jobs)
    scale = 1 if limited else 0
    demand = [
        np.tile(np.array(project["demands"][job]) * scale, (project["durations"][job], 1))
        for job in jobs
    ]
    worth = np.zeros((end + 1, PERIODS))
    worth[end] = PERIODS - np.arange(PERIODS)
    return Instance(
        demand=(*demand, np.zeros((1, 4), np.int64)),
        capacity=np.tile(np.array(project["capacities"])[:, None], (1, PERIODS)),
        worth=worth,
        first=np.zeros(end + 1, np.int64),
        finish=np.full(end + 1, PERIODS - 1),
        after=tuple((left - 1, right - 1) for left, right in project["precedence"] if left > 0),
        must=np.ones(end + 1, bool),
        quick=np.zeros(end + 1, bool),
        least_quick=0,
    )


@pytest.mark.parametrize("project", PROJECTS, ids=[each["id"] for each in PROJECTS])
@pytest.mark.parametrize(
    "limited, expected",
    [(True, "least_periods"), (False, "least_periods_without_limits")],
    ids=["with limits", "without limits"],
)
def test_a_published_project_takes_the_least_periods(
    project: dict[str, Any], limited: bool, expected: str
) -> None:
    instance = instance_of(project, limited=limited)
    found = solve(instance, seconds=120.0, nodes=10_000, seed=1)
    assert found.starts is not None
    assert broken(instance, found.starts) is None
    assert int(found.starts[-1]) == project[expected]  # the end takes a period of its own
    assert found.bound - found.value <= PROVEN * found.bound
    assert found.ended == "proved"
