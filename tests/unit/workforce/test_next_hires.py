"""The next hires by hand, against larger panels, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from opsafe import workforce as wf
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.workforce.next_hires import NextHires, next_hires

CURVE = wf.Retention(gap_days=30, scale_months=10, shape=1)
FIRST_MONTH = 10 * (1 - np.exp(-0.1))  # of one start, still there at the end of its month
HALF = (wf.OwnConversion(from_stage="recruited", to_stage="open_to_plan", share=0.5),)
COSTS: dict[str, Any] = {
    "cost_per_hire_usd": 1_000.0,
    "cost_per_panel_patient_usd": 90.0,
    "price_year": 2026,
}


def stream(**fields: Any) -> wf.Demand:
    return wf.Demand(
        **{
            "members": 100_000,
            "ages": "18+",
            "oud_base": "claims",
            "prevalence": 0.01,
            "undercount": 1.0,
            "seeking": 0.5,
            "retention": CURVE,
            **fields,
        }
    )


def scenario(**fields: Any) -> wf.Scenario:
    return wf.Scenario(
        **{
            "demand": (stream(),),
            "supply": (wf.Supply(open_to_plan=1),),
            "capacity": wf.PanelCapacity(
                panel=wf.OwnPanel(mean_patients=20), plan_share=0.5, conversions=HALF
            ),
            "leaving_first_year": 0.0,
            "leaving_later": 0.0,
            "ramp_months": 0.0,
            "ramp_stages": 1,
            **fields,
        }
    )


def ask(changed: wf.Scenario, **fields: Any) -> NextHires:
    asked: dict[str, Any] = {"start": "2026-01", "months": 1, **COSTS, **fields}
    return next_hires(changed, **asked)


def test_hires_and_panels_by_hand() -> None:
    found = ask(scenario())
    # One head has 10 patients of the plan, a hire half as many; 50 ask for a start: the eighth
    # hire is the last who is needed.
    for step, hires, places in zip(found.steps, (1, 5, 10), (5, 25, 40), strict=True):
        assert step.hires == hires and step.by_area == (("all", hires),)
        assert step.patients_added == pytest.approx(places * FIRST_MONTH)
        assert step.cost_usd == hires * 1_000
        assert step.usd_per_patient == pytest.approx(hires * 1_000 / (places * FIRST_MONTH))
        # Of the head who is there; 10 + places.
        assert step.panel_factor == pytest.approx(1 + places / 10, abs=1e-5)
        assert step.panel_cost_usd == pytest.approx(90 * places * FIRST_MONTH)
    assert (found.price_year, found.panel_usd_per_patient, found.month) == (2026, 90, 1)
    assert (found.cost_per_hire_usd, found.medication) == (1_000, "buprenorphine")
    assert {each.id for each in found.editions} == {"2026-01"}


def test_hires_come_in_the_first_month_besides_those_of_the_scenario() -> None:
    some = scenario(supply=(wf.Supply(hires_per_month=(2, 2)),))
    found = ask(some, months=3, more=(2,))
    by_hand = scenario(supply=(wf.Supply(hires_per_month=(4, 2)),))
    before, after = (wf.project(each, start="2026-01", months=3) for each in (some, by_hand))
    treated = (plan.by_month["treated_median"][-1] for plan in (after, before))
    assert found.steps[0].patients_added == pytest.approx(float(np.subtract(*treated)))


def test_hires_go_where_patients_gain_most_and_their_order_does_not_depend_on_the_numbers() -> None:
    # 10 ask in the rich area, who has 20 places; 20 in the poor one and 50 in the large one.
    demand = (
        stream(area="rich", members=20_000),
        stream(area="poor", members=40_000),
        stream(area="large", members=100_000),
    )
    supply = (wf.Supply(area="rich", open_to_plan=2), wf.Supply(area="large", open_to_plan=1))
    found = ask(scenario(demand=demand, supply=supply), more=(14, 3, 1))
    # Equal gains go to the area that is named first; four fill the poor one, eight the large one,
    # and two add nothing anywhere.
    assert [dict(step.by_area) for step in found.steps] == [
        {"rich": 2, "poor": 4, "large": 8},
        {"poor": 3},
        {"poor": 1},
    ]
    assert found.steps[0].patients_added == pytest.approx(60 * FIRST_MONTH)


def test_nothing_gained_has_no_cost_for_a_patient() -> None:
    nobody = scenario(demand=(stream(starts=wf.Constant(per_month=0)),))
    for step in ask(nobody).steps:
        assert step.patients_added == 0
        assert (step.usd_per_patient, step.panel_factor, step.panel_cost_usd) == (None, None, None)
        assert step.cost_usd == step.hires * 1_000


@pytest.mark.parametrize(
    "changed",
    [
        scenario(supply=()),  # nobody has a panel to raise
        scenario(patient_limit=20),
        scenario(
            capacity=wf.PanelCapacity(
                panel=wf.OwnPanel(mean_patients=100), plan_share=0.001, conversions=HALF
            )
        ),
        scenario(
            capacity=wf.PanelCapacity(
                panel=wf.OwnPanel(mean_patients=90_000), plan_share=1e-5, conversions=HALF
            )
        ),
    ],
    ids=["no panel", "a limit", "too large a factor", "too large a panel"],
)
def test_panels_that_cannot_add_as_many_have_no_factor(changed: wf.Scenario) -> None:
    most = ask(changed, more=(1_000,)).steps[0]
    assert most.patients_added > 0 and most.usd_per_patient is not None
    assert (most.panel_factor, most.panel_cost_usd) == (None, None)


def test_a_pool_has_a_factor_where_its_figures_are_its_own() -> None:
    pool = wf.PoolCapacity(base_patients=10.0, decay_per_head=0.1, pool_shares=(("all", 1.0),))
    supply = (wf.Supply(registered=1),)
    step = ask(scenario(capacity=pool, supply=supply), more=(1,)).steps[0]
    # 100 (1 - exp(-0.1)) of one head, 100 (1 - exp(-0.2)) of two.
    assert step.panel_factor == pytest.approx((1 - np.exp(-0.2)) / (1 - np.exp(-0.1)), abs=1e-5)
    published = wf.PoolCapacity(edition="source-2022", pool_shares=(("all", 0.01),))
    old = ask(scenario(capacity=published, supply=supply), start="2021-01", more=(1,)).steps[0]
    assert old.patients_added > 0 and old.panel_factor is None


def test_with_draws_patients_are_their_mean() -> None:
    uncertain = scenario(
        capacity=wf.PanelCapacity(
            panel=wf.OwnPanel(mean_patients=20, sd_patients=10, respondents=40),
            plan_share=0.5,
            conversions=HALF,
        )
    )
    found = ask(uncertain, draws=400, seed=3, more=(4,))
    same = ask(uncertain, draws=400, seed=3, more=(4,))
    assert found == same and (found.draws, found.seed) == (400, 3)
    # 4 hires x 0.5 x 10 in the mean, where chance leaves enough who ask.
    assert found.steps[0].patients_added == pytest.approx(20 * FIRST_MONTH, rel=0.15)


@pytest.mark.parametrize(
    "fields, error, where",
    [
        ({"scenario": 1}, ArgumentTypeError, "scenario"),
        ({"cost_per_hire_usd": -1.0}, ArgumentError, "cost_per_hire_usd"),
        ({"cost_per_hire_usd": float("nan")}, ArgumentError, "cost_per_hire_usd"),
        ({"cost_per_hire_usd": "1"}, ArgumentTypeError, "cost_per_hire_usd"),
        ({"cost_per_panel_patient_usd": float("inf")}, ArgumentError, "cost_per_panel_patient_usd"),
        ({"cost_per_panel_patient_usd": None}, ArgumentTypeError, "cost_per_panel_patient_usd"),
        ({"price_year": 26}, ArgumentError, "price_year"),
        ({"price_year": "2026"}, ArgumentTypeError, "price_year"),
        ({"more": 5}, ArgumentTypeError, "more"),
        ({"more": "15"}, ArgumentTypeError, "more"),
        ({"more": ()}, ArgumentError, "more"),
        ({"more": (1, 1)}, ArgumentError, "more"),
        ({"more": (0,)}, ArgumentError, "more"),
        ({"more": (1_001,)}, ArgumentError, "more"),
        ({"more": (1.0,)}, ArgumentTypeError, "more"),
        ({"medication": "methadone"}, ArgumentError, "medication"),
        ({"medication": 1}, ArgumentTypeError, "medication"),
        ({"months": 0}, ArgumentError, "months"),
        ({"start": 1}, ArgumentError, "start"),
        ({"draws": 5}, ArgumentError, "seed"),
    ],
)
def test_a_question_that_cannot_be_asked_names_its_argument(
    fields: dict[str, Any], error: type[OpsafeError], where: str
) -> None:
    asked = {"scenario": scenario(), "start": "2026-01", "months": 1, **COSTS, **fields}
    with pytest.raises(error) as refused:
        next_hires(asked.pop("scenario"), **asked)
    assert refused.value.where == where


@pytest.mark.parametrize("name", list(COSTS))
def test_costs_have_no_default(name: str) -> None:
    costs = {each: value for each, value in COSTS.items() if each != name}
    with pytest.raises(TypeError, match=name):
        next_hires(scenario(), start="2026-01", months=1, **costs)
