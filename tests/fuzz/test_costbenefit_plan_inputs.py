"""Bad plan inputs, each made from one seed: an error that names a field, or clean numbers."""

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

BLOCK = 2_000
POISON: tuple[Any, ...] = (
    None, -1, -0.5, 0, 0.0, 1, 1.5, 2**31, 2**63, 10**400, 1e9, 1e300, -1e300, 5e-324, math.nan,
    math.inf, True, "", "x", "2026-01", "2026-13", "9999-01", "$5", "5 USD/year", "5 EUR/year",
    "wakeman-2020", "sordo-2017", "larochelle-2018", "adams-2022", "gomes-2022", "cornish-2010",
    "commercial-2006-18", "commercial-2006-18-individual", "medicaid-2013-15", "lynch-2014",
    "methadone", "charge", "paid", "events", "total_cost", "death", "after_start", [], [1], {},
    ["sordo-2017", "adams-2022"], [0.0] * 60, [1e9] * 60, [50.0] * 60, {"kind": "uniform"},
    {"kind": "uniform", "low": 0.1, "high": 0.2}, {"kind": "beta", "mean": 0.5, "sd": 0.1},
    {"kind": "beta", "mean": 5e-324, "sd": 1e-200}, {"kind": "normal", "mean": 0.5, "sd": 3.0},
    {"kind": "lognormal", "mean": 5e-324, "sd": 1e12}, {"kind": "lognormal", "mean": 1, "sd": 1e9},
    {"kind": "gamma", "mean": 1e-300, "sd": 1e12}, {"kind": "gamma", "mean": 5.0, "sd": 1.0},
    {"kind": "proportion", "successes": 1, "trials": 2}, {"kind": "fixed", "value": 0.3},
    {"monthly_mean": 0.5}, {"monthly_mean": 1.0}, {"monthly_mean": 0.02, "december": 0.2},
    {"monthly_mean": 0.02, "returned_within_5_years": 1.0},
    {"monthly_mean": {"kind": "uniform", "low": 0.0, "high": 1.0}},
    {"gap_days": 30, "points": [[1, 0.5], [2, 0.6]]}, {"methadone": 1.0}, {"naltrexone": 1.0},
    {"gap_days": 30, "points": [[1, 0.5], [6, 0.2]]},
    {"gap_days": 0, "scale_months": 1e-9, "shape": 0.05},
    {"gap_days": 0, "scale_months": 1e-9, "shape": 20.0},
    {"gap_days": 366, "scale_months": 1200.0, "shape": 0.05},
    {"event": "death", "ratio": 5.0, "scope": "while_on_treatment", "design": "cohort"},
)  # fmt: skip
QUESTIONS: tuple[dict[str, Any], ...] = (
    {}, {}, {"draws": 3, "seed": 1}, {"draws": 2, "seed": 5, "level": 0.5}, {"draws": -1},
    {"seed": "x"}, {"level": 1.0}, {"defaults": "1999-01"}, {"defaults": None},
)  # fmt: skip
MAY_LACK = ("averted", "averted_per_year", "number_needed_to_treat", "base", "mean", "median",
            "low", "high", "share_of_draws", "deaths_averted", "overdoses_averted",
            "ed_visits_averted", "admissions_averted")  # fmt: skip


def valid(chance: random.Random) -> dict[str, Any]:
    """A plan as JSON holds it."""
    plan: dict[str, Any] = {
        "start": f"2026-{chance.randint(1, 12):02}",
        "members": chance.randint(1, 1_000_000),
        "prevalence": chance.choice([0.0, 0.01, {"kind": "beta", "mean": 0.01, "sd": 0.003}]),
        "undercount": chance.choice([1.0, 1.5, {"kind": "uniform", "low": 1.0, "high": 4.0}]),
        "treated_share_now": chance.choice([0.0, 0.1]),
        "basis": chance.choice(["charge", "allowed", "paid"]),
        "horizon_months": chance.choice([1, 2, 13, 24]),
        "churn": chance.choice([None, 0, "commercial-2006-18", {"monthly_mean": 0.03}]),
        "closed": chance.random() < 0.3,
        "discount_rate": chance.choice([None, 0.0, 0.03, 1.0]),
        "price_year": chance.choice([2017, 2025, 2030]),
        "plan_paid_share": [{"category": "drug", "share": 0.5}],
        "loss_ratio": chance.choice(
            [
                None,
                {
                    "premium_usd_per_year": 5e8,
                    "incurred_claims_usd_per_year": 4e8,
                    "programme_is_quality": True,
                },
            ]
        ),
        "capacity_patients": chance.choice([None, None, 0.0, 30.0]),
        "care_managers": chance.choice(
            [
                None,
                {
                    "patients_per_care_manager": 100.0,
                    "usd_per_care_manager_year": 9e4,
                    "most_care_managers": chance.choice([None, 0, 2]),
                },
            ]
        ),
        "programme": chance.choice([None, {}, {"start_up_usd": 1e4, "running_usd_per_year": 1e4}]),
        "survival_spending_usd_per_member_month": chance.choice([None, 500.0]),
        "fiscal_year_start": chance.choice([None, 1, 7, 12]),
    }
    plan |= chance.choice(
        [
            {"treated_share_target": 0.3, "ramp_months": 6},
            {"treated_share_target": {"kind": "beta", "mean": 0.3, "sd": 0.1}, "ramp_months": 0},
            {"starts_share_per_year": 0.05, "ramp_months": 3, "retention": "medicaid-2013-15"},
            {"treated_by_month": [0.0] * 24, "closed": False},
        ]
    )
    plan["baseline"] = [
        {"event": event, "events": chance.choice([0.0, 5.0, 80.0]), "per": "1000 member-years"}
        for event in ("death", "overdose", "ed_visit", "admission")
    ]
    plan["evidence"] = ["larochelle-2018", "adams-2022"] + [
        {
            "event": event,
            "ratio": chance.choice([0.7, {"kind": "uniform", "low": 0.6, "high": 1.2}]),
            "scope": "while_on_treatment",
            "design": "cohort",
        }
        for event in ("ed_visit", "admission")
    ]
    if chance.random() < 0.5:
        return plan | {
            "savings": "total_cost",
            "total_cost_treated_usd_per_member_month": chance.choice([0.0, 1500.0, "$18,000/year"]),
            "total_cost_untreated_usd_per_member_month": chance.choice(
                [1900.0, {"kind": "gamma", "mean": 2000.0, "sd": 300.0}]
            ),
        }
    return plan | {
        "savings": "events",
        "event_costs": {"usd_per_ed_visit": 900.0, "usd_per_admission": 15000.0},
        "treatment_costs": [{"drug_usd_per_treated_member_month": 200.0}],
        "medication_mix": {"buprenorphine": 0.75, "methadone": 0.25},
    }


def spoiled(chance: random.Random) -> dict[str, Any]:
    """A valid plan with a few of its places poisoned, removed or added."""
    document = valid(chance)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        at: Any = document
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(at[key], dict | list) and at[key] and chance.random() < 0.7:
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


def check(case: cb.BusinessCase) -> None:
    """Every number is one, except where a column says that something is not known."""
    json.loads(case.to_json())
    assert repr(case) and "nan" not in repr(case).lower().split()
    assert case._repr_html_()
    for table in (case.outcomes, case.by_month, case.by_year, case.categories, case.intervals,
                  case.by_category_and_month):  # fmt: skip
        for name in table.keys():  # noqa: SIM118
            column = np.asarray(table[name])
            if column.dtype.kind == "f" and name not in MAY_LACK:
                assert np.isfinite(column).all(), name
            if column.dtype.kind == "f":
                assert not np.isinf(column).any(), name
    for name in ("waiting", "starts", "spending_usd", "members_with_oud"):
        assert (case.by_month[name] >= -1e-6 * (1 + np.abs(case.by_month[name]).max())).all(), name
    for name in ("roi", "npv", "benefit_cost_ratio", "pmpm", "pmpm_oud", "break_even_uptake",
                 "break_even_saving", "mlr_points", "payback_month"):  # fmt: skip
        value = getattr(case, name)
        assert (value is None) == (name in case.why_no), name
        assert value is None or math.isfinite(value), name


def ask(seed: int) -> str:
    """One plan through the door; what became of it."""
    chance = random.Random(seed)
    text = json.dumps(spoiled(chance))
    question = {"defaults": "2026-01"} | chance.choice(QUESTIONS)
    try:
        plan = cb.PlanInputs.from_json(text)
    except DocumentError as error:
        return "document" if all(each.message for each in error.problems) else "silent"
    try:
        case = cb.business_case(plan, **question)
    except OpsafeError as error:
        return "argument" if error.where else "silent"
    check(case)
    return "case"


def test_bad_plans_get_an_error_of_ours_or_clean_numbers() -> None:
    ends = [ask(seed) for seed in range(BLOCK)]
    assert "silent" not in ends
    assert min(ends.count(end) for end in ("document", "argument", "case")) > BLOCK // 20


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(1, 11))
def test_twenty_thousand_bad_plans(block: int) -> None:
    ends = [ask(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)]
    assert "silent" not in ends
