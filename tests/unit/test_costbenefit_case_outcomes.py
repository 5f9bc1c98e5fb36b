"""A business case as two strategies: what one says, the other says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.uncertainty import Gamma, Uniform


def case(draws: int = 500, **changes: Any) -> cb.BusinessCase:
    fields: dict[str, Any] = {
        "start": "2026-01",
        "members": 100_000,
        "prevalence": Uniform(low=0.007, high=0.011),
        "treated_share_now": 0.10,
        "treated_share_target": 0.25,
        "ramp_months": 12,
        "savings": "total_cost",
        "basis": "paid",
        "total_cost_treated_usd_per_member_month": Gamma(mean=1_480.0, sd=90.0),
        "total_cost_untreated_usd_per_member_month": 1_600.0,
        "programme": cb.ProgrammeCosts(start_up_usd=240_000.0),
        "baseline": (cb.BaselineRate(event="death", events=20.0, per="1000 member-years"),),
        "evidence": (
            cb.Effect(event="death", ratio=0.5, scope="while_on_treatment", design="cohort"),
        ),
        "horizon_months": 36,
        "churn": 0,
        "price_year": 2025,
    }
    plan = cb.PlanInputs(**{**fields, **changes})
    return cb.business_case(plan, defaults="2026-01", draws=draws, seed=3)


def test_the_draws_are_those_of_the_case() -> None:
    found = case()
    run = cb.case_outcomes(found, effect="death")
    rows = dict(zip(found.intervals["figure"].tolist(), found.intervals["mean"].tolist(),
                    strict=True))  # fmt: skip
    assert -run.costs[1].mean() == pytest.approx(rows["net_saving"])
    assert run.effects[1].mean() == pytest.approx(rows["deaths_averted"])
    assert not run.costs[0].any() and not run.effects[0].any()
    assert set(run.parameters) == {"prevalence", "total_cost_treated_usd_per_member_month"}


def test_the_parameters_are_those_that_made_the_costs() -> None:
    run = cb.case_outcomes(case())
    oud = 100_000 * run.parameters["prevalence"]
    # 15% of them, in the mean of 6.5 of 12 months of the ramp, and 24 more months.
    months = oud * 0.15 * (6 + 24)
    saving = 1_600 - run.parameters["total_cost_treated_usd_per_member_month"]
    assert run.costs[1] == pytest.approx(240_000 - months * saving)


def test_with_money_alone_the_chance_of_a_gain_is_the_acceptability_at_zero() -> None:
    found = case()
    run = cb.case_outcomes(found)
    assert found.probability_of_gain is not None
    assert cb.ceac(run, 0).probability[0, 1] == found.probability_of_gain.value
    worth = cb.evpi(run, 0).value_usd[0]
    net = -run.costs[1]
    assert worth == pytest.approx(np.maximum(net, 0).mean() - max(net.mean(), 0))


@pytest.mark.parametrize(
    "found, effect, where, error",
    [
        ({}, None, "case", ArgumentTypeError),
        (case(0), None, "case", ArgumentError),
        (case(10), "overdose", "effect", ArgumentError),
        (case(10), "relapse", "effect", ArgumentError),
        (case(10), 5, "effect", ArgumentError),
    ],
    ids=["dict", "no draws", "not counted", "no event", "number"],
)
def test_what_is_no_decision_is_refused(
    found: Any, effect: Any, where: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        cb.case_outcomes(found, effect=effect)
    assert isinstance(refused.value, OpsafeError) and refused.value.where == where
