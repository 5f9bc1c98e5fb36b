"""Bad scenarios, each made from one seed: an error of ours that names a field, or clean numbers."""

from __future__ import annotations

import json
import math
import random
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from opsafe import workforce as wf
from opsafe.errors import DocumentError, OpsafeError

BLOCK = 250
POISON: tuple[Any, ...] = (
    None, -1, -0.5, 0, 0.0, 1, 1.5, 2**31, 1e9, 1e300, -1e300, 5e-324, math.nan, math.inf, True,
    "", "x", "2026-01", "thomas-2017-100", "medicaid-2013-15", [], [1], {}, {"kind": "uniform"},
    {"kind": "uniform", "low": 0.1, "high": 0.2}, {"kind": "beta", "mean": 0.5, "sd": 0.1},
    {"kind": "normal", "mean": 0.5, "sd": 3.0}, {"kind": "fixed", "value": 0.3},
    [[1, 0.5], [2, 0.6]], {"gap_days": 30, "points": [[1, 0.5], [2, 0.6]]},
    {"gap_days": 30, "points": [[1, 0.5], [6, 0.2]]},
    {"kind": "series", "values": [1.0]}, {"kind": "constant", "per_month": 3.0},
)  # fmt: skip
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"start": "2026-01", "months": 3},
    {"start": "2026-01", "months": 4, "draws": 3, "seed": 1},
    {"start": "1999-12", "months": 2},
    {"start": "2026-01", "months": -1},
    {"start": "nonsense", "months": 2},
    {"start": "2021-06", "months": 2, "draws": 2, "seed": 5, "level": 0.5},
)


def valid(chance: random.Random) -> dict[str, Any]:
    """A scenario as JSON holds it."""
    areas = [f"area {n}" for n in range(chance.randint(1, 3))]
    demand = [
        {
            "area": area,
            "members": chance.randint(0, 100_000),
            "ages": "12+",
            "oud_base": "survey",
            "prevalence": chance.choice([0.0, 0.01, "nsduh-2019-12plus"]),
            "undercount": chance.choice([1.0, 4.5, "keyes-2022-undercount"]),
            "seeking": chance.choice([0.0, 0.4, 1.0]),
            "on_treatment": chance.choice([0.0, 12.5, 1e4]),
            "waiting": chance.choice([0.0, 3.0]),
            "reneging_per_month": chance.choice([0.0, 0.5, 1.0]),
            "returning_share": chance.choice([0.0, 1.0]),
            "starts": chance.choice(
                [None, {"kind": "linear", "first": 0, "last": 9, "last_month": 2}]
            ),
        }
        for area in areas
    ]
    supply = [
        {
            "area": area,
            "open_to_plan": chance.randint(0, 3),
            "registered": chance.randint(0, 2),
            "hires_per_month": chance.choice([0, 1, [0, 2]]),
            "pharmacy_patients": chance.choice([None, 0.0, 40.0]),
            "hours_per_head_month": chance.choice([None, 8.0]),
        }
        for area in areas
    ]
    capacity = chance.choice(
        [
            {"kind": "panel", "panel": "jones-2018-new", "plan_share": 0.5},
            {
                "kind": "panel",
                "panel": {"mean_patients": 1e-3, "sd_patients": 5.0},
                "plan_share": 1,
            },
            {
                "kind": "pool",
                "base_patients": 42.0,
                "decay_per_head": 0.5,
                "pool_shares": [[area, 1 / len(areas)] for area in areas],
            },
            {"kind": "pool", "edition": "source-2022", "pool_shares": [[a, 1e-3] for a in areas]},
        ]
    )
    return {
        "demand": demand,
        "supply": supply,
        "capacity": capacity,
        "leaving_first_year": chance.choice([0.0, 0.5, 1.0]),
        "leaving_later": chance.choice([0.0, 0.1, 1.0]),
        "ramp_months": chance.choice([None, 0.0, 6.0]),
        "patient_limit": chance.choice([None, 30]),
        "chance": chance.random() < 0.7,
    }


def spoiled(chance: random.Random) -> dict[str, Any]:
    """A valid scenario with a few of its places poisoned, removed or added."""
    document = valid(chance)
    for _ in range(chance.randint(0, 3)):
        at: Any = document
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(at[key], dict | list) and chance.random() < 0.7:
                at = at[key]
                continue
            if isinstance(at, dict) and chance.random() < 0.2:
                del at[key]
            elif isinstance(at, dict) and chance.random() < 0.1:
                at["unheard_of"] = 1
            else:
                at[key] = deepcopy(chance.choice(POISON))
            break
    return document


def check(plan: wf.Plan) -> None:
    for table in (plan.by_month, plan.prescribers, plan.by_area, plan.binding):
        for name in table.keys():  # noqa: SIM118
            column = np.asarray(table[name])
            if column.dtype.kind == "f":
                assert np.isfinite(column).all(), name
                assert (column >= 0).all(), name
    assert (np.asarray(plan.by_month["share_met_high"]) <= 1).all()


def ask(seed: int) -> str:
    """One scenario through the door; what became of it."""
    chance = random.Random(seed)
    text = json.dumps(spoiled(chance))
    question = dict(chance.choice(QUESTIONS))
    try:
        scenario = wf.Scenario.from_json(text)
    except DocumentError as error:
        return "document" if all(each.message for each in error.problems) else "silent"
    try:
        plan = wf.project(scenario, **question)
    except OpsafeError as error:
        return "argument" if error.where else "silent"
    check(plan)
    if chance.random() < 0.2 and any(each.places is None for each in scenario.supply):
        target: dict[str, Any] = {"share_met": 0.5, "by_month": 1, "confidence": 0.8}
        try:
            found = plan.hires_for(**target, most_hires_per_month=4)
        except OpsafeError as error:
            return "argument" if error.where == "medication" else "silent"
        assert 0 <= found.share_met <= 1 and found.hires_per_month >= 0
    return "plan"


def test_bad_scenarios_get_an_error_of_ours_or_clean_numbers() -> None:
    ends = [ask(seed) for seed in range(BLOCK)]
    assert "silent" not in ends
    assert min(ends.count(end) for end in ("document", "argument", "plan")) > BLOCK // 20


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(1, 21))
def test_five_thousand_bad_scenarios(block: int) -> None:
    ends = [ask(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)]
    assert "silent" not in ends
