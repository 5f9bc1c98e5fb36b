"""Laws of the business case, and the fast engine against slow cohorts in plain Python."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import costbenefit as cb
from opsafe.costbenefit.plan_inputs import OutcomeEvent
from opsafe.survival import Retention
from tests import case_twin

EVENTS: tuple[OutcomeEvent, ...] = ("death", "overdose", "ed_visit", "admission")
SHARES = st.floats(0, 0.5)
USD = st.just(0.0) | st.floats(0.01, 1e5)  # less than a cent is no money


@st.composite
def churns(draw: st.DrawFn) -> cb.OwnChurn:
    mean = draw(st.floats(0, 0.08))
    back = sorted(draw(st.lists(st.floats(0, 0.9), min_size=3, max_size=3)))
    returned: dict[str, Any] = {}
    if draw(st.booleans()):
        names = ("returned_within_1_year", "returned_within_5_years", "returned_within_10_years")
        returned = dict(zip(names, back, strict=True))
    december = draw(st.none() | st.floats(mean, min(12 * mean, 1.0)))
    return cb.OwnChurn(monthly_mean=mean, december=december, **returned)


@st.composite
def plans(draw: st.DrawFn, *, savings: str | None = None) -> cb.PlanInputs:
    """Plans without what is uncertain, whose uptake is always possible."""
    now = draw(st.floats(0, 0.4))
    fields: dict[str, Any] = {
        "start": f"2026-{draw(st.integers(1, 12)):02}",
        "members": draw(st.integers(1_000, 1_000_000)),
        "prevalence": draw(st.floats(1e-4, 0.1)),
        "undercount": draw(st.floats(1, 5)),
        "treated_share_now": now,
        "ramp_months": draw(st.integers(0, 24)),
        "horizon_months": draw(st.integers(1, 30)),
        "churn": draw(churns()),
        "closed": draw(st.booleans()),
        "basis": "allowed",
        "cost_sharing_share": draw(SHARES),
        "price_year": 2025,
        "survival_spending_usd_per_member_month": draw(st.none() | USD),
        "programme": cb.ProgrammeCosts(
            start_up_usd=draw(USD), running_usd_per_month=draw(USD), usd_per_start=draw(USD)
        ),
        "medication_mix": cb.MedicationMix(buprenorphine=1.0),
    }
    curve = Retention(gap_days=30, points=((1, 0.7), (6, draw(st.floats(0.1, 0.6)))))
    if draw(st.booleans()):
        fields |= {"treated_share_target": draw(st.floats(now, 1.0))}
        fields |= {"retention": draw(st.none() | st.just(curve))}
    else:
        fields |= {"starts_share_per_year": draw(st.floats(0, 0.05)), "retention": curve}
    kind = savings or draw(st.sampled_from(("total_cost", "events")))
    fields["baseline"] = tuple(
        cb.BaselineRate(event=event, events=draw(st.floats(0, 500)), per="1000 member-years")
        for event in EVENTS
    )
    fields["evidence"] = tuple(
        cb.Effect(
            event=event,
            ratio=draw(st.floats(0.1, 1.5)),
            scope="while_on_treatment",
            design="cohort",
        )
        for event in EVENTS
    )
    if kind == "total_cost":
        fields |= {
            "savings": kind,
            "total_cost_treated_usd_per_member_month": draw(USD),
            "total_cost_untreated_usd_per_member_month": draw(USD),
        }
    else:
        fields |= {
            "savings": kind,
            "drug_rebate_share": draw(SHARES),
            "event_costs": cb.EventCosts(usd_per_ed_visit=draw(USD), usd_per_admission=draw(USD)),
            "treatment_costs": (cb.TreatmentCosts(drug_usd_per_treated_member_month=draw(USD)),),
        }
    return cb.PlanInputs(**fields)


def case_of(plan: cb.PlanInputs, **changed: Any) -> cb.BusinessCase:
    plan = plan.model_copy(update=changed) if changed else plan
    return cb.business_case(plan, defaults="2026-01")


def close(left: float, right: float, scale: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9 * max(scale, 1e-3))


@given(plans())
def test_equals_slow_cohorts(plan: cb.PlanInputs) -> None:
    case, path, money = case_of(plan), case_twin.path(plan), case_twin.money(plan)
    for name, column in (("added", "added_treated"), ("starts", "starts")):
        np.testing.assert_allclose(case.by_month[column], path[name], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(case.by_month["members_with_oud"], path["with_oud"], rtol=1e-12)
    net = [sum(parts) for parts in zip(*money.values(), strict=True)]
    scale = sum(abs(each) for parts in money.values() for each in parts)
    np.testing.assert_allclose(
        case.by_month["net_saving_usd"], net, rtol=1e-9, atol=1e-9 * scale + 1e-9
    )
    table = case.categories
    for name, amount in zip(table["category"], table["net_saving_usd"], strict=True):
        assert close(float(amount), sum(money[str(name)]), scale)


@given(plans())
def test_parts_add_up_to_the_net(plan: cb.PlanInputs) -> None:
    case = case_of(plan)
    scale = case.spending + case.saving
    for table in (case.by_month, case.by_year, case.categories, case.by_category_and_month):
        assert close(float(table["net_saving_usd"].sum()), case.net_saving, scale)
    for table in (case.by_month, case.by_year, case.categories):
        assert close(float(table["spending_usd"].sum()), case.spending, scale)
        assert close(float(table["saving_usd"].sum()), case.saving, scale)
    assert close(case.saving - case.spending, case.net_saving, scale)
    last = float(case.by_month["cumulative_net_saving_usd"][-1])
    assert close(last, case.net_saving, scale)
    assert int(case.by_year["months"].sum()) == plan.horizon_months


@given(plans())
def test_payback_is_where_the_cumulative_net_stays_up(plan: cb.PlanInputs) -> None:
    case = case_of(plan)
    sums = case.by_month["cumulative_net_saving_usd"]
    if case.payback_month is None:
        assert sums[-1] < 0
    else:
        assert (sums[case.payback_month - 1 :] >= 0).all()
        assert case.payback_month == 1 or sums[case.payback_month - 2] < 0
    flows = case.by_month["net_saving_usd"]
    first = cb.payback(flows)
    assert case.payback_month == (None if first is None else first + 1)


@given(plans())
def test_a_discount_rate_of_0_is_the_plain_sum(plan: cb.PlanInputs) -> None:
    case = case_of(plan, discount_rate=0.0)
    assert case.npv is not None
    assert close(case.npv, case.net_saving, case.spending + case.saving)
    if case.benefit_cost_ratio is not None:
        assert case.roi is not None
        assert math.isclose(case.benefit_cost_ratio, case.roi + 1, rel_tol=1e-9, abs_tol=1e-9)


@given(plans(), st.integers(2, 9))
def test_as_many_members_again_are_as_much_money_again(plan: cb.PlanInputs, times: int) -> None:
    free = {"programme": cb.ProgrammeCosts(usd_per_start=500.0)}
    one = case_of(plan, **free)
    many = case_of(plan, **free, members=plan.members * times)
    scale = (one.spending + one.saving) * times
    assert close(many.net_saving, one.net_saving * times, scale)
    for event in EVENTS:
        assert math.isclose(many.averted(event) or 0, times * (one.averted(event) or 0),
                            rel_tol=1e-9, abs_tol=1e-9)  # fmt: skip
    assert many.pmpm is not None and one.pmpm is not None
    assert close(many.pmpm, one.pmpm, scale / (one.by_month["members"].sum() * times))


@given(plans())
def test_no_increment_is_no_money_and_no_outcome(plan: cb.PlanInputs) -> None:
    nothing: dict[str, Any] = {"programme": cb.ProgrammeCosts(usd_per_start=500.0)}
    if plan.starts_share_per_year is not None:
        nothing["starts_share_per_year"] = 0.0
    else:
        nothing["treated_share_target"] = plan.treated_share_now
    case = case_of(plan, **nothing)
    assert case.net_saving == 0 and case.spending == 0 and case.saving == 0
    assert case.roi is None and case.break_even_saving is None
    assert [case.averted(event) for event in EVENTS] == [0.0] * 4


@given(plans())
def test_break_even_uptake_brings_the_net_to_0(plan: cb.PlanInputs) -> None:
    case = case_of(plan)
    if case.break_even_uptake is None:
        assert case.why_no_break_even_uptake
        return
    starts = plan.starts_share_per_year is not None
    name = "starts_share_per_year" if starts else "treated_share_target"
    again = case_of(plan, **{name: case.break_even_uptake})
    if close(again.net_saving, 0.0, 10 * (again.spending + again.saving)):
        return
    # Cents over many members: between this float of an uptake and its neighbours net changes sign.
    width = 4 * math.ulp(case.break_even_uptake)
    above = case_of(plan, **{name: case.break_even_uptake + width})
    low = max(case.break_even_uptake - width, 0.0 if starts else float(str(plan.treated_share_now)))
    assert case_of(plan, **{name: low}).net_saving <= 0 <= above.net_saving


@given(plans(savings="total_cost"))
def test_break_even_saving_brings_the_net_to_0(plan: cb.PlanInputs) -> None:
    case = case_of(plan)
    if case.break_even_saving is None or case.break_even_saving < 0:
        return
    share = plan.cost_sharing_share
    assert isinstance(share, float)
    totals = {
        "total_cost_treated_usd_per_member_month": 0.0,
        "total_cost_untreated_usd_per_member_month": case.break_even_saving / (1 - share),
    }
    if totals["total_cost_untreated_usd_per_member_month"] > 1e9:
        return
    again = case_of(plan, **totals)
    assert close(again.net_saving, 0.0, 10 * (again.spending + again.saving))


@given(plans())
def test_a_death_is_never_a_saving(plan: cb.PlanInputs) -> None:
    case = case_of(plan)
    table = case.categories
    lives = table["net_saving_usd"][table["category"] == "longer_survival"]
    assert (lives <= 0).all()


@given(plans(savings="total_cost"), st.integers(1, 200))
def test_whole_care_managers_break_even_too(plan: cb.PlanInputs, panel: int) -> None:
    staff = cb.CareManagers(patients_per_care_manager=float(panel), usd_per_care_manager_year=9e4)
    case = case_of(plan, care_managers=staff)
    np.testing.assert_allclose(
        case.by_month["net_saving_usd"].sum(),
        sum(map(sum, case_twin.money(plan.model_copy(update={"care_managers": staff})).values())),
        rtol=1e-7,
        atol=1e-9 * (case.spending + case.saving) + 1e-9,
    )
    if case.break_even_uptake is not None and case.break_even_uptake > 0:
        name = ("starts_share_per_year" if plan.starts_share_per_year is not None
                else "treated_share_target")  # fmt: skip
        again = case_of(plan, care_managers=staff, **{name: case.break_even_uptake})
        assert again.net_saving >= -1e-6 * (again.spending + again.saving + 1)


@given(plans(savings="total_cost"), st.floats(0, 1))
def test_capacity_bounds_and_whoever_waits_is_told(plan: cb.PlanInputs, share: float) -> None:
    free = case_of(plan)
    capacity = share * float(free.by_month["treated"].max())
    case = case_of(plan, capacity_patients=capacity)
    treated, now = (case.by_month[name] for name in ("treated", "treated_without_programme"))
    assert (case.by_month["waiting"] >= 0).all()
    if plan.starts_share_per_year is None or not plan.closed:
        # Of a flow, those who have left and come back are taken in again, full or not.
        assert (treated <= np.maximum(capacity, now) * (1 + 1e-9) + 1e-9).all()
    if plan.starts_share_per_year is None:
        assert (treated <= free.by_month["treated"] * (1 + 1e-9) + 1e-9).all()


@given(plans(), plans())
def test_lines_add_up(one: cb.PlanInputs, other: cb.PlanInputs) -> None:
    same = {"start": one.start, "horizon_months": one.horizon_months}
    found = cb.business_case_by_line(
        {"one": one, "other": other.model_copy(update=same)}, defaults="2026-01"
    )
    cases = list(found.cases.values())
    scale = sum(case.spending + case.saving for case in cases)
    assert close(found.net_saving, sum(case.net_saving for case in cases), scale)
    assert close(found.spending, sum(case.spending for case in cases), scale)
    for name in ("by_month", "categories"):
        assert close(float(getattr(found, name)["net_saving_usd"].sum()), found.net_saving, scale)
    for event in ("death", "admission"):
        at = found.outcomes["event"] == event
        total = float(found.outcomes["averted"][at][0])
        assert math.isclose(total, sum(case.averted(event) or 0 for case in cases),
                            rel_tol=1e-9, abs_tol=1e-9)  # fmt: skip


@given(churns(), st.integers(1, 12), st.integers(1, 120))
def test_enrolment_equals_leavers_followed_one_month_after_the_other(
    churn: cb.OwnChurn, first: int, months: int
) -> None:
    share = cb.enrolled_share(churn, start=f"2026-{first:02}", months=months)
    np.testing.assert_allclose(share, case_twin.enrolment(churn, first, months), rtol=1e-12)
    assert share[0] == 1 and (share >= 0).all() and (share <= 1).all()
    if churn.returned_within_10_years is None:
        assert all(later <= earlier for earlier, later in pairwise(share))


@given(churns())
def test_the_mean_of_the_months_is_the_mean_that_was_given(churn: cb.OwnChurn) -> None:
    assert isinstance(churn.monthly_mean, float)
    leaving = cb.leaving_by_calendar_month(churn)
    assert math.isclose(float(leaving.mean()), churn.monthly_mean, rel_tol=1e-9, abs_tol=1e-12)


def test_more_draws_of_one_seed_go_on_where_fewer_end() -> None:
    from opsafe.uncertainty import Uniform

    plan = cb.PlanInputs(
        start="2026-01",
        members=100_000,
        prevalence=Uniform(low=0.005, high=0.015),
        treated_share_now=0.1,
        treated_share_target=Uniform(low=0.2, high=0.3),
        ramp_months=12,
        savings="total_cost",
        basis="paid",
        total_cost_treated_usd_per_member_month=1500.0,
        total_cost_untreated_usd_per_member_month=Uniform(low=1600.0, high=2200.0),
        programme=cb.ProgrammeCosts(running_usd_per_year=100_000.0),
        horizon_months=36,
        churn=cb.OwnChurn(monthly_mean=Uniform(low=0.01, high=0.03)),
        price_year=2025,
    )
    few = cb.business_case(plan, defaults="2026-01", draws=50, seed=3)
    many = cb.business_case(plan, defaults="2026-01", draws=1_100, seed=3)
    assert few._drawn is not None and many._drawn is not None
    np.testing.assert_allclose(few._drawn.net, many._drawn.net[:50], rtol=1e-12)
    assert few.net_saving == many.net_saving
    exact = np.asarray(many._drawn.net).mean()
    assert many.intervals["mean"][0] == pytest.approx(exact)
