"""Bad cohort models, each made from one seed: an error of ours, or a run of clean numbers."""

from __future__ import annotations

import json
import math
import random
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import OpsafeError

BLOCK = 250
POISON: tuple[Any, ...] = (
    None, -1, -0.5, 0, 0.0, 1, 1.5, 2**31, 10**400, 1e9, 1e300, -1e300, 5e-324, math.nan, math.inf,
    True, "", "x", "rest", "a", "b", "a/b", "1/0", "1e308*10", "log(a - 1)", "t[cycle]", "t",
    "t[9]", "cycle", "age", "year", "time_in_state", "dwell_ends", "time_in_state / 9", "1 +",
    "b ** 500", "where(cycle < 2, a, 0)", "exp(999)", "a.b", "(" * 500, "s0", "s0>s1", "week",
    "2 months", [], [1], [0.5, math.nan], {}, {"s0": 1}, {"s0": "rest"}, {"s1": {"s0": 0.5}},
    {"s0>s1": 2}, {"0": 5}, {"-1": 5}, {"kind": "uniform"},
    {"kind": "uniform", "low": 0.1, "high": 0.2},
    {"kind": "normal", "mean": 0.5, "sd": 3.0}, {"kind": "fixed", "value": 0.3},
    {"kind": "beta", "mean": 0.5, "sd": 0.1}, {"kind": "gamma", "mean": 1e12, "sd": 1e-9},
    {"scale_months": 1e-6, "shape": 99}, {"scale_months": "a", "shape": "b", "cycles": 3},
    {"gap_days": 30, "points": [[1, 0.5], [6, 0.2]]}, {"discount_rate_costs": 1.0},
    [{"kind": "dirichlet", "names": ["u", "v"], "alpha": [1, 2]}],
    [{"kind": "correlated", "names": ["a", "b"], "correlation": [[1, 0.5], [0.5, 1]]}],
)  # fmt: skip
QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"draws": 3, "seed": 1},
    {"draws": 2, "keep": "months"},
    {"draws": 2, "keep": "trace", "cycles": 3},
    {"cycles": -1},
    {"keep": "nothing"},
    {"parameters": {"a": [0.1, 0.2]}},
    {"parameters": {"a": [math.inf]}},
    {"strategies": {"one": {}, "two": {"a": 0.2}}},
    {"strategies": {"one": {"transitions": {"s0": {"s0": 2}}}}},
    {"strategies": {"one": {"start": {"s1": "a"}}}, "draws": 2},
)


def valid(chance: random.Random) -> dict[str, Any]:
    """A model as JSON holds it."""
    return {
        "states": ["s0", "s1", "s2"],
        "cycle": chance.choice(["week", "month", "year"]),
        "cycles": chance.choice([1, 2, 7, 12]),
        "start": chance.choice([None, {"s0": 0.5, "s1": 0.5}, {"s0": "rest", "s1": "a"}]),
        "people": chance.choice([1.0, 1000.0]),
        "start_age": chance.choice([None, 40.0]),
        "parameters": {
            "a": chance.choice([0.2, {"kind": "beta", "mean": 0.2, "sd": 0.1}]),
            "b": chance.choice([0.1, "a / 2", "a * where(cycle < 3, 1, 0.5)"]),
            "t": [0.1, 0.2, 0.3],
        },
        "transitions": {
            "s0": {"s1": "a", "s2": 0.01, "s0": "rest"},
            "s1": {"s0": "b", "s2": chance.choice([0.0, "0.01 * b"]), "s1": "rest"},
        },
        "dwell": chance.choice(
            [{}, {"s1": 3}, {"s0": {"scale_months": 6.0, "shape": "1 - a"}, "s1": 20}]
        ),
        "costs": {"care": {"s0": 100.0, "s1": "200 * b"}, "drug": {"s1": 30}},
        "costs_per": chance.choice(["cycle", "month", "year"]),
        "transition_costs": {"move": {"s0>s1": 5}},
        "one_time_costs": {"once": {"0": 500.0}},
        "utilities": {"s0": 0.6, "s1": "0.7"},
        "events": {"deaths": {"s0>s2": 1, "s1>s2": 1}},
        "new_cases": chance.choice([{}, {"s0": 2}]),
        "conventions": {
            "discount_rate_costs": chance.choice([None, 0.03]),
            "within_cycle": chance.choice(["half_cycle", "life_table", "simpson", "start", "end"]),
        },
    }


def spoiled(chance: random.Random) -> dict[str, Any]:
    """A valid model with a few of its places poisoned, removed or added."""
    document = valid(chance)
    for _ in range(chance.randint(0, 3)):
        at: Any = document
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(at[key], dict | list) and chance.random() < 0.8:
                at = at[key]
                continue
            if isinstance(at, dict) and chance.random() < 0.15:
                del at[key]
            elif isinstance(at, dict) and chance.random() < 0.1:
                at[chance.choice(["unheard_of", "s2", "c", "s1>s0", "3"])] = 1
            else:
                at[key] = deepcopy(chance.choice(POISON))
            break
    return document


def ours_or_clean(seed: int) -> bool:
    """Run one; whether it came to numbers."""
    chance = random.Random(seed)
    document = spoiled(chance)
    question = dict(chance.choice(QUESTIONS))
    try:
        model = cb.CohortModel.from_json(json.dumps(document))
        assert cb.CohortModel.from_json(model.to_json()) == model
        run = cb.simulate(model, question.pop("strategies", None), **question)
    except OpsafeError:
        return False
    arrays = [run.costs, run.effects, run.events, run.at_end, run.by_month, run.trace]
    assert all(np.isfinite(array).all() for array in arrays if array is not None)
    return True


def check(first: int) -> None:
    clean = 0
    for seed in range(first, first + BLOCK):
        try:
            clean += ours_or_clean(seed)
        except Exception as error:
            error.add_note(f"the model of seed {seed}")
            raise
    assert 0 < clean < BLOCK


@pytest.mark.parametrize("block", range(8))
def test_bad_models_are_told_apart(block: int) -> None:
    check(block * BLOCK)


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(8, 80))
def test_many_more_bad_models_are_told_apart(block: int) -> None:
    check(block * BLOCK)
