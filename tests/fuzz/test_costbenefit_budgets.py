"""Bad budgets, each made from one seed: an error of ours that names a field, or clean numbers."""

from __future__ import annotations

import json
import math
import random
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import DocumentError, OpsafeError

BLOCK = 250
POISON: tuple[Any, ...] = (
    None, -1, -0.5, 0, 0.0, 1, 1.5, 2**63, 10**400, 1e9, 1e300, -1e300, 5e-324, math.nan, math.inf,
    True, "", "x", "2026-01", "$5", "5 USD/year", "5 EUR/year", "5 USD/week", [], [1], [0.5, 0.5],
    [[1]], ["$5/year", "$6/month"], {}, {"kind": "uniform"}, {"kind": 3}, {"a": 0.5, "b": 0.5},
    {"": 1}, {"a": {"a": {"a": 1}}}, {"kind": "uniform", "low": 0.1, "high": 0.2},
    {"kind": "normal", "mean": 0.5, "sd": 3.0}, {"kind": "gamma", "mean": 5.0, "sd": 1.0},
    {"kind": "fixed", "value": 0.3}, {"kind": "fixed", "value": -0.3}, {"a": 1},
)  # fmt: skip


def valid(chance: random.Random) -> dict[str, Any]:
    """A budget as JSON holds it."""
    years = chance.randint(1, 5)

    def row(low: float, high: float) -> Any:
        one = round(chance.uniform(low, high), 3)
        return chance.choice([one, [one] * years])

    def line() -> dict[str, Any]:
        share = chance.randint(0, 10) / 10
        told: dict[str, Any] = {
            "members": row(1_000, 100_000),
            "prevalence": row(0, 0.1),
            "share_current": {"a": 1 - share, "b": share},
            "share_new": {"a": [share] * years, "b": [1 - share] * years},
            "uptake": row(0, 1),
            "cost_usd_per_patient_year": {"a": row(0, 9e3), "b": {"drug": "$50 per month"}},
            "programme_usd_per_year": {"staff": row(0, 1e5)},
            "price_year": 2025,
        }
        if chance.random() < 0.5:
            told["most_patients"] = {"b": row(0, 2_000)}
        if chance.random() < 0.5:
            told["condition_usd_per_patient_year"] = {"a": row(0, 9e3), "b": row(0, 9e3)}
        return told

    names = ["Medicaid", "commercial"][: chance.randint(1, 2)]
    return {"years": years, "start": "2026-07", "lines": {name: line() for name in names}}


def places(told: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    found = [path] if path else []
    if isinstance(told, dict | list):
        items = told.items() if isinstance(told, dict) else enumerate(told)
        for step, inside in items:
            found += places(inside, (*path, step))
    return found


def mutate(told: dict[str, Any], chance: random.Random) -> None:
    """Put something wrong somewhere, take it out, or give it another name."""
    *path, last = chance.choice(places(told))
    inside: Any = told
    for step in path:
        inside = inside[step]
    what = chance.random()
    if what < 0.7:
        inside[last] = deepcopy(chance.choice(POISON))
    elif what < 0.85 or not isinstance(inside, dict):
        del inside[last]
    else:
        inside[f"{last} x"] = inside.pop(last)


def ask(seed: int) -> str:
    """One budget through the door; what became of it."""
    chance = random.Random(seed)
    told = valid(chance)
    for _ in range(chance.randint(0, 2)):
        mutate(told, chance)
    try:
        if chance.random() < 0.5:
            inputs = cb.BudgetInputs.from_json(json.dumps(told))
        else:
            inputs = cb.BudgetInputs(**told)
    except DocumentError as error:
        return "document" if all(each.message for each in error.problems) else "silent"
    try:
        found = cb.budget_impact(inputs)
        swings = found.tornado()
        fiscal = found.by_fiscal_year(10)
    except OpsafeError as error:
        return "argument" if error.where else "silent"
    assert cb.BudgetInputs.from_json(inputs.to_json()) == inputs
    for table in (found.detail, found.mix, found.by_category, fiscal):
        for name in table.keys():  # noqa: SIM118
            column = table[name]
            assert column.dtype.kind == "O" or np.isfinite(column).all(), name
    numbers = [found.total_usd, *found.impact_usd, *(each.width for each in swings)]
    numbers += [found.pmpm or 0.0, found.usd_per_treated_year or 0.0]
    assert all(math.isfinite(each) for each in numbers)
    return "budget"


def test_bad_budgets_get_an_error_of_ours_or_clean_numbers() -> None:
    ends = [ask(seed) for seed in range(8 * BLOCK)]
    assert "silent" not in ends
    assert ends.count("document") > BLOCK and ends.count("budget") > BLOCK


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(8, 80))
def test_twenty_thousand_bad_budgets(block: int) -> None:
    ends = [ask(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)]
    assert "silent" not in ends
