"""The business case: what it says, what it warns of, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError
from opsafe.survival import Retention
from opsafe.uncertainty import Beta, Gamma, Normal, Uniform

TOTALS: dict[str, Any] = {
    "start": "2026-01",
    "members": 100_000,
    "prevalence": 0.01,
    "treated_share_now": 0.10,
    "treated_share_target": 0.30,
    "ramp_months": 0,
    "savings": "total_cost",
    "basis": "paid",
    "total_cost_treated_usd_per_member_month": 1500.0,
    "total_cost_untreated_usd_per_member_month": 1900.0,
    "programme": cb.ProgrammeCosts(),
    "horizon_months": 12,
    "churn": 0,
    "price_year": 2025,
}
BASELINE = tuple(
    cb.BaselineRate(event=event, events=each, per="1000 member-years")  # type: ignore[arg-type]
    for event, each in (("death", 20.0), ("overdose", 80.0), ("ed_visit", 900.0),
                        ("admission", 400.0))
)  # fmt: skip
EFFECTS = tuple(
    cb.Effect(event=event, ratio=0.5, scope="while_on_treatment", design="cohort")
    for event in ("death", "overdose", "ed_visit", "admission")
)
EVENTS: dict[str, Any] = {
    **{name: value for name, value in TOTALS.items() if not name.startswith("total_cost")},
    "savings": "events",
    "baseline": BASELINE,
    "evidence": EFFECTS,
    "event_costs": cb.EventCosts(usd_per_ed_visit=1_000.0, usd_per_admission=10_000.0),
    "treatment_costs": (cb.TreatmentCosts(drug_usd_per_treated_member_month=100.0),),
}
CURVE = Retention(gap_days=30, points=((1, 0.7), (6, 0.4)))


def case_of(fields: dict[str, Any] = TOTALS, /, **changed: Any) -> cb.BusinessCase:
    return cb.business_case(cb.PlanInputs(**fields | changed), defaults="2026-01")


def test_the_first_call_that_a_finance_team_makes() -> None:
    inputs = cb.PlanInputs(
        start="2026-01",
        members=100_000,
        prevalence=0.0089,
        treated_share_now=0.10,
        treated_share_target=0.25,
        ramp_months=12,
        savings="total_cost",
        basis="paid",
        total_cost_treated_usd_per_member_month=1500,
        total_cost_untreated_usd_per_member_month=1900,
        horizon_months=36,
        churn="commercial-2006-18",
        price_year=2025,
    )
    case = cb.business_case(inputs, defaults="2026-01")
    months = 890 * 0.15 * (6 + 24)
    assert case.added_treated_member_months == pytest.approx(months)
    assert case.saving == pytest.approx(months * 400)
    # Staff as the default edition has it: two care managers from the 103rd patient on.
    assert case.net_saving < case.saving and case.roi is not None and case.roi > 0
    assert case.pmpm == pytest.approx(case.net_saving / 3_600_000)
    assert case.payback_month is not None
    assert case.break_even_uptake is not None and 0.1 < case.break_even_uptake < 0.25
    assert case.break_even_saving is not None and case.break_even_saving < 400
    assert any("lee-2019" in caution for caution in case.cautions)
    assert {"2026-01", "commercial-2006-18", "lee-2019", "cpi-u-medical-care"} == {
        each.id for each in case.editions
    }


def test_money_of_two_totals_by_hand() -> None:
    case = case_of(programme=cb.ProgrammeCosts(start_up_usd=50_000.0, usd_per_start=100.0),
                   discount_rate=0.03)  # fmt: skip
    assert case.saving == pytest.approx(200 * 12 * 400)
    assert case.spending == pytest.approx(50_000 + 200 * 100)
    assert case.roi == pytest.approx((960_000 - 70_000) / 70_000)
    assert case.payback_month == 1
    years = (np.arange(12) + 0.5) / 12
    flows = np.full(12, 80_000.0)
    flows[0] -= 20_000  # starts
    wanted = cb.net_present_value(flows, 0.03, years) - 50_000
    assert case.npv == pytest.approx(wanted)
    assert case.break_even_saving == pytest.approx(70_000 / 2_400)
    assert case.saving_per_treated_member_month == pytest.approx(400)


def test_events_by_hand() -> None:
    case = case_of(EVENTS)
    years = 200.0
    assert case.averted("death") == pytest.approx(years * 0.020 * 0.5)
    assert case.averted("admission") == pytest.approx(years * 0.400 * 0.5)
    needed = case.outcomes["number_needed_to_treat"]
    assert needed == pytest.approx([100.0, 25.0, 1 / 0.45, 5.0])
    net = dict(zip(case.categories["category"], case.categories["net_saving_usd"], strict=True))
    assert net["ed"] == pytest.approx(years * 0.45 * 1_000)
    assert net["inpatient"] == pytest.approx(years * 0.2 * 10_000)
    assert net["drug"] == pytest.approx(-2_400 * 100)


def test_outcomes_come_first_and_are_counted_beside_totals() -> None:
    case = case_of(baseline=BASELINE, evidence=EFFECTS)
    assert case.averted("overdose") == pytest.approx(8.0)
    text = repr(case)
    assert text.index("deaths averted") < text.index("net saving")
    assert "<h3>" in case._repr_html_()
    bare = case_of()
    assert bare.averted("death") is None
    assert all("baseline" in why for why in bare.outcomes["why_not"])
    with pytest.raises(ArgumentError, match="is not an event"):
        bare.averted("fall")


def test_ratios_of_an_edition_act_on_the_plans_own_baseline() -> None:
    mix = cb.MedicationMix(buprenorphine=0.75, methadone=0.25)
    case = case_of(baseline=BASELINE[:1], evidence=("sordo-2017",), medication_mix=mix)
    less = 0.75 * (1 - 1 / 2.2) + 0.25 * (1 - 1 / 3.2)
    assert case.averted("death") == pytest.approx(200 * 0.02 * less)
    assert any("sordo-2017 (meta analysis)" in caution for caution in case.cautions)


def test_of_several_follow_ups_the_longest_or_the_one_asked_for() -> None:
    given = {"baseline": BASELINE[1:2], "evidence": ("wakeman-2020",)}
    assert case_of(**given).averted("overdose") == pytest.approx(200 * 0.08 * 0.59)
    asked = case_of(**given, evidence_within_months=3)
    assert asked.averted("overdose") == pytest.approx(200 * 0.08 * 0.76)
    with pytest.raises(ArgumentError, match="within 6 months"):
        case_of(**given, evidence_within_months=6)


def test_an_effect_after_the_start_refuses_a_retention_curve() -> None:
    given = {"baseline": BASELINE[1:2], "evidence": ("wakeman-2020",), "retention": CURVE}
    with pytest.raises(ArgumentError, match="second time"):
        case_of(**given)


def test_default_evidence_that_retention_rules_out_says_so() -> None:
    case = case_of(baseline=BASELINE[2:3], retention=CURVE)
    told = dict(zip(case.outcomes["event"], case.outcomes["why_not"], strict=True))
    assert "wakeman-2020, counts from the start" in told["ed_visit"]
    assert "no baseline rate" in told["death"]


def test_break_even_saving_is_as_the_plan_pays_it() -> None:
    programme = cb.ProgrammeCosts(running_usd_per_year=48_000.0)
    case = case_of(programme=programme, basis="allowed", cost_sharing_share=0.2)
    assert case.break_even_saving == pytest.approx(20.0)
    between = 1500.0 + 20.0 / (1 - 0.2)
    again = case_of(
        programme=programme, basis="allowed", cost_sharing_share=0.2,
        total_cost_untreated_usd_per_member_month=between,
    )  # fmt: skip
    assert again.net_saving == pytest.approx(0, abs=1e-6)


def test_where_treatment_costs_lives_the_plan_saves_nothing_by_it() -> None:
    harm = (cb.Effect(event="death", ratio=1.4, scope="while_on_treatment", design="cohort"),)
    case = case_of(baseline=BASELINE[:1], evidence=harm, survival_spending_usd_per_member_month=9e3)
    assert (case.averted("death") or 0) < 0
    net = dict(zip(case.categories["category"], case.categories["net_saving_usd"], strict=True))
    assert net["longer_survival"] == 0
    assert "none is averted" in case.outcomes["why_not"][0]


def test_a_carved_out_medication_costs_the_plan_nothing() -> None:
    mix = cb.MedicationMix(buprenorphine=0.5, methadone=0.5)
    costs = tuple(
        cb.TreatmentCosts(medication=name, drug_usd_per_treated_member_month=100.0)
        for name in ("buprenorphine", "methadone")
    )
    paid = (cb.PlanPaid(category="drug", medication="methadone", share=0.0),)
    case = case_of(
        EVENTS, medication_mix=mix, treatment_costs=costs, plan_paid_share=paid,
        drug_rebate_share=0.2, basis="allowed", cost_sharing_share=0.1,
    )  # fmt: skip
    net = dict(zip(case.categories["category"], case.categories["net_saving_usd"], strict=True))
    assert net["drug"] == pytest.approx(-2_400 * 50 * 0.8 * 0.9)
    with pytest.raises(ArgumentError, match="no costs of methadone"):
        case_of(EVENTS, medication_mix=mix, treatment_costs=costs[:1])


def test_medical_loss_ratio_moves_by_what_claims_and_quality_do() -> None:
    base = cb.LossRatioBase(
        premium_usd_per_year=600e6, incurred_claims_usd_per_year=500e6, programme_is_quality=True
    )
    programme = cb.ProgrammeCosts(running_usd_per_year=100_000.0)
    case = case_of(loss_ratio=base, programme=programme, horizon_months=24)
    assert case.mlr_points == pytest.approx(100 * (100_000 - 960_000) / 600e6)
    assert case_of(loss_ratio=base, basis="charge").why_no["mlr_points"]
    coded = case_of(loss_ratio=base, risk_adjustment_usd_per_treated_member_month=50.0)
    assert any("not counted in the medical loss ratio" in each for each in coded.cautions)
    small = base.model_copy(update={"incurred_claims_usd_per_year": 1.0})
    with pytest.raises(ArgumentError, match="incurred_claims"):
        case_of(loss_ratio=small)


def test_a_path_of_a_workforce_projection_is_taken_as_it_is() -> None:
    path = tuple(float(each) for each in (120, 150, 150, 100))
    case = case_of(treated_share_target=None, ramp_months=None, treated_by_month=path,
                   horizon_months=4)  # fmt: skip
    assert case.by_month["added_treated"] == pytest.approx([10, 35, 50, 25])
    assert case.why_no_break_even_uptake
    with pytest.raises(ArgumentError, match="more members on treatment than have the disorder"):
        case_of(treated_share_target=None, ramp_months=None, treated_by_month=(2e3,) * 12)


def test_waiting_for_want_of_capacity_is_told() -> None:
    case = case_of(capacity_patients=250.0)
    assert case.by_month["treated"] == pytest.approx([250.0] * 12)
    assert case.most_waiting == pytest.approx(50.0)
    staff = cb.CareManagers(
        patients_per_care_manager=60.0, usd_per_care_manager_year=12_000.0, most_care_managers=2
    )
    case = case_of(care_managers=staff)
    assert case.by_month["added_treated"] == pytest.approx([120.0] * 12)
    net = dict(zip(case.categories["category"], case.categories["net_saving_usd"], strict=True))
    assert net["care_managers"] == pytest.approx(-24_000)


def test_starts_flow_through_retention() -> None:
    case = case_of(treated_share_target=None, starts_share_per_year=0.12, retention=CURVE)
    left = CURVE.month_shares(12)
    ends = 10 * np.cumsum(left)
    wanted = (np.concatenate([[0.0], ends[:-1]]) + ends) / 2
    assert case.by_month["added_treated"] == pytest.approx(wanted)
    assert case.by_month["starts"] == pytest.approx([10.0] * 12)
    assert any("30 days" in caution for caution in case.cautions)
    assert any("extrapolated beyond month 6" in caution for caution in case.cautions)


def test_fiscal_years_are_named_by_their_end() -> None:
    case = case_of(start="2026-05", fiscal_year_start=7, horizon_months=15)
    assert case.by_year["fiscal_year"].tolist() == [2026, 2027, 2028]
    assert case.by_year["months"].tolist() == [2, 12, 1]
    plain = case_of(start="2026-05", horizon_months=15)
    assert plain.by_year["fiscal_year"].tolist() == [2026, 2027]
    assert plain.by_year["months"].tolist() == [8, 7]


def test_nothing_that_was_not_given_is_kept_quiet() -> None:
    case = case_of(churn=None)
    origins = dict(zip(case.inputs["input"], case.inputs["origin"], strict=True))
    assert origins["churn.monthly_mean"] == "default edition"
    assert origins["drug_rebate_share"] == origins["fiscal_year_start"] == "planning value"
    assert any("inflated by selection" in caution for caution in case.cautions)
    assert any("Churn is the default" in caution for caution in case.cautions)
    assert any("charges" in caution for caution in case_of(basis="charge").cautions)


def test_a_figure_that_is_none_says_why() -> None:
    case = case_of()
    assert case.roi is None and case.why_no_roi == "no spending rises"
    assert case.npv is None and "no discount rate" in case.why_no["npv"]
    assert case.break_even_uptake == pytest.approx(0.1)
    dear = case_of(total_cost_treated_usd_per_member_month=2500.0)
    assert dear.break_even_uptake is None and dear.payback_month is None
    assert "costs at least what it saves" in str(dear.why_no_break_even_uptake)
    much = case_of(programme=cb.ProgrammeCosts(start_up_usd=9e8))
    assert "stays below 0" in str(much.why_no_break_even_uptake)
    none = case_of(treated_share_target=0.1)
    assert none.break_even_saving is None and none.why_no_break_even_saving


def uncertain() -> cb.PlanInputs:
    return cb.PlanInputs(
        **TOTALS
        | {
            "prevalence": Beta(mean=0.01, sd=0.002),
            "total_cost_untreated_usd_per_member_month": Gamma(mean=1900.0, sd=200.0),
            "programme": cb.ProgrammeCosts(running_usd_per_year=700_000.0),
            "churn": cb.OwnChurn(monthly_mean=Uniform(low=0.01, high=0.03)),
        }
    )


def test_draws_tell_how_sure_the_case_is() -> None:
    case = cb.business_case(uncertain(), defaults="2026-01", draws=4_000, seed=3)
    alone = cb.business_case(uncertain(), defaults="2026-01")
    assert case.net_saving == alone.net_saving and alone.probability_of_gain is None
    at = case.intervals["figure"].tolist().index("net_saving")
    low, median, high = (float(case.intervals[name][at]) for name in ("low", "median", "high"))
    assert low < median < high
    assert case.probability_of_gain is not None
    assert 0.5 < case.probability_of_gain.value < 0.9
    error = (high - low) / 4 / np.sqrt(4_000)
    assert abs(float(case.intervals["mean"][at]) - case.net_saving) < 5 * error
    assert case.intervals.keys() == alone.intervals.keys()
    again = cb.business_case(uncertain(), defaults="2026-01", draws=4_000, seed=3)
    assert again.intervals == case.intervals
    assert "probability of a gain" in repr(case)


def test_a_tornado_moves_one_input_at_a_time() -> None:
    case = cb.business_case(uncertain(), defaults="2026-01")
    swings = case.tornado()
    assert len(swings) == 3
    first = swings[0]
    assert first.name == "total_cost_untreated_usd_per_member_month"
    assert first.at_low == pytest.approx(2_400 * (first.low_input - 1500) - 700_000)
    with pytest.raises(ArgumentError, match="level"):
        case.tornado(level=1.0)


def test_the_ratio_of_an_edition_is_planned_with_its_median() -> None:
    case = case_of(baseline=BASELINE[:1], evidence=("larochelle-2018",))
    assert case.averted("death") == pytest.approx(200 * 0.02 * (1 - 0.63))
    (swing,) = (each for each in cb.business_case(
        case.plan, defaults="2026-01").tornado())  # fmt: skip
    assert swing.name == "ratio.larochelle-2018.ahr_buprenorphine_all_cause"
    assert swing.low_input < 0.63 < swing.high_input


def test_a_case_is_json_without_anything_that_json_cannot_hold() -> None:
    record = json.loads(case_of(EVENTS).to_json())
    assert record["figures"]["npv"] is None and record["why_no"]["npv"]
    assert cb.PlanInputs(**EVENTS) == cb.PlanInputs.from_json(json.dumps(record["plan"]))
    assert len(record["by_month"]) == 12 and record["by_month"][0]["month"] == "2026-01-01"


def test_amounts_with_a_unit_are_converted_or_refused() -> None:
    name = "total_cost_treated_usd_per_member_month"
    yearly = cb.PlanInputs(**TOTALS | {name: "18,000 USD/year"})
    assert yearly.total_cost_treated_usd_per_member_month == 1500.0
    with pytest.raises(DocumentError, match="week"):
        cb.PlanInputs(**TOTALS | {name: "300 USD/week"})
    monthly = cb.ProgrammeCosts(running_usd_per_year="$1,000 per month")  # type: ignore[arg-type]
    assert monthly.running_usd_per_year == 12_000.0
    with pytest.raises(DocumentError, match="start_up_usd"):
        cb.ProgrammeCosts(start_up_usd="$1,000 per month")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"members_with_oud": 3.0}, "prevalence"),
        ({"prevalence": None}, "prevalence"),
        ({"prevalence": None, "members_with_oud": 3.0, "undercount": 2.0}, "undercount"),
        ({"starts_share_per_year": 0.1}, "exactly one"),
        ({"treated_share_target": None}, "exactly one"),
        ({"ramp_months": None}, "ramp_months"),
        ({"treated_share_target": None, "starts_share_per_year": 0.1}, "retention"),
        ({"treated_share_target": None, "ramp_months": None, "treated_by_month": (1.0,)}, "months"),
        ({"total_cost_treated_usd_per_member_month": None}, "total_cost_treated"),
        ({"event_costs": cb.EventCosts()}, "event_costs"),
        ({"savings": "events"}, "total_cost_treated"),
        ({"cost_sharing_share": 0.1}, "cost_sharing_share"),
        ({"treated_share_now": 1.1}, "treated_share_now"),
        ({"prevalence": Normal(mean=0.01, sd=0.01)}, "reaches outside"),
        ({"start": "2026-13"}, "start"),
        ({"horizon_months": 121}, "horizon_months"),
        ({"churn": 0.02}, "churn"),
        ({"evidence": ("sordo-2017", "sordo-2017")}, "more than once"),
        ({"baseline": BASELINE[:1] * 2}, "more than once"),
        ({"medication_mix": {"buprenorphine": 0.5}}, "medication_mix"),
    ],
    ids=str,
)
def test_fields_that_do_not_go_together_are_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        cb.PlanInputs(**TOTALS | changed)


@pytest.mark.parametrize(
    "fields, changed, told",
    [
        (TOTALS, {"treated_share_target": 0.05}, "below the share treated now"),
        (TOTALS, {"undercount": 99.0, "prevalence": 0.5}, "more members with the disorder"),
        (TOTALS, {"churn": "commercial-2006"}, "commercial-2006-18"),
        (TOTALS, {"retention": "sordo-2017"}, "retention"),
        (EVENTS, {"baseline": BASELINE[:3]}, "no baseline rate"),
        (EVENTS, {"evidence": EFFECTS[:3]}, "no evidence"),
        (EVENTS, {"event_costs": cb.EventCosts()}, "no cost of an event"),
        (
            TOTALS,
            {"treated_share_target": None, "starts_share_per_year": 1.0, "retention": CURVE,
             "treated_share_now": 0.9},
            "more members on treatment",
        ),
    ],
    ids=["target", "undercount", "churn", "retention", "baseline", "evidence", "costs", "starts"],
)  # fmt: skip
def test_figures_that_do_not_go_together_are_refused(
    fields: dict[str, Any], changed: dict[str, Any], told: str
) -> None:
    with pytest.raises((ArgumentError, KeyError), match=told):
        case_of(fields, **changed)


def test_default_staff_has_no_price_before_its_index() -> None:
    with pytest.raises(ArgumentError, match=r"price_year: .*cpi-u-medical-care"):
        case_of(programme=None, price_year=1990)


def test_arguments_are_read_at_the_door() -> None:
    plan = cb.PlanInputs(**TOTALS)
    with pytest.raises(ArgumentTypeError, match="PlanInputs"):
        cb.business_case(TOTALS, defaults="2026-01")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="draws"):
        cb.business_case(plan, defaults="2026-01", draws=100_001)
    with pytest.raises(ArgumentError, match="level"):
        cb.business_case(plan, defaults="2026-01", level=1.0)
    with pytest.raises(TypeError, match="defaults"):
        cb.business_case(plan)  # type: ignore[call-arg]


def test_lines_must_be_of_one_kind_of_money() -> None:
    one = cb.PlanInputs(**TOTALS)
    for name, value in (("basis", "allowed"), ("price_year", 2024), ("discount_rate", 0.03),
                        ("horizon_months", 6), ("start", "2026-02")):  # fmt: skip
        with pytest.raises(ArgumentError, match="cannot be added"):
            cb.business_case_by_line(
                {"one": one, "two": one.model_copy(update={name: value})}, defaults="2026-01"
            )
    bad = one.model_copy(update={"treated_share_target": 0.0})
    with pytest.raises(ArgumentError, match="medicaid: treated_share_target"):
        cb.business_case_by_line({"commercial": one, "medicaid": bad}, defaults="2026-01")
    with pytest.raises(ArgumentError, match="one line at least"):
        cb.business_case_by_line({}, defaults="2026-01")
    with pytest.raises(ArgumentTypeError, match="mapping"):
        cb.business_case_by_line([one], defaults="2026-01")  # type: ignore[arg-type]


def test_ratios_of_all_lines_are_of_the_sums() -> None:
    rich = cb.PlanInputs(**TOTALS | {"programme": cb.ProgrammeCosts(start_up_usd=100_000.0),
                                     "discount_rate": 0.03})  # fmt: skip
    poor = rich.model_copy(update={"members": 10_000})
    found = cb.business_case_by_line(
        {"rich": rich, "poor": poor}, defaults="2026-01", draws=10, seed=1
    )
    assert found.roi == pytest.approx(found.net_saving / 200_000)
    assert found.npv == pytest.approx(sum(case.npv or 0 for case in found.cases.values()))
    assert found.pmpm == pytest.approx(found.net_saving / (110_000 * 12))
    assert found.by_line["line_of_business"].tolist() == ["rich", "poor", "all lines"]
    assert json.loads(found.to_json())["cases"]["poor"]["plan"]["members"] == 10_000
    assert found.probability_of_gain is not None and found.probability_of_gain.value == 1
    assert "all lines" in repr(found)
