"""A projection by hand, its tables, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from opsafe import workforce as wf
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, OpsafeError
from opsafe.uncertainty import Proportion, Uniform

CURVE = wf.Retention(gap_days=30, scale_months=10, shape=1)


def stream(**changes: Any) -> wf.Demand:
    fields: dict[str, Any] = {
        "members": 100_000,
        "ages": "18+",
        "oud_base": "claims",
        "prevalence": 0.01,
        "undercount": 1.0,
        "seeking": 0.5,
        "retention": CURVE,
    }
    return wf.Demand(**{**fields, **changes})


def scenario(**changes: Any) -> wf.Scenario:
    fields: dict[str, Any] = {
        "demand": (stream(),),
        "supply": (wf.Supply(open_to_plan=10),),
        "capacity": wf.PanelCapacity(panel="thomas-2017-100", plan_share=0.5),
        "leaving_first_year": 0.0,
        "leaving_later": 0.0,
        "ramp_months": 0.0,
        "ramp_stages": 1,
    }
    return wf.Scenario(**{**fields, **changes})


def run(changed: wf.Scenario, months: int = 6, **question: Any) -> wf.Plan:
    return wf.project(changed, start="2026-01", months=months, **question)


def test_heads_panels_and_share_make_the_capacity() -> None:
    plan = run(scenario())
    # 10 heads x 42.9 x 0.5, of 100,000 x 1% x 50% = 500 who seek treatment.
    assert plan.by_month["capacity_median"].tolist() == pytest.approx([214.5] * 6)
    assert plan.by_month["seekers_median"].tolist() == pytest.approx([500] * 6)
    assert plan.by_month["month"][0] == np.datetime64("2026-01-01")
    assert plan.by_month["month"][-1] == np.datetime64("2026-06-01")


def test_without_a_bound_the_first_month_has_what_began_in_it() -> None:
    plan = run(scenario(supply=(wf.Supply(places=1e6),)))
    # 500 / 10 = 50 ask each month; the integral of exp(-t / 10) over a month is 0.9516.
    assert plan.by_month["treated_median"][0] == pytest.approx(50 * 10 * (1 - np.exp(-0.1)))
    assert plan.by_month["waiting_median"].tolist() == [0] * 6
    assert plan.by_month["gap_median"][0] == pytest.approx(500 - 47.58, abs=0.01)


def test_places_of_a_programme_stand_instead_of_heads() -> None:
    demand = (
        stream(medication_share=0.6),
        stream(medication="methadone", medication_share=0.4),
    )
    supply = (wf.Supply(open_to_plan=10), wf.Supply(medication="methadone", places=30.0))
    plan = run(scenario(demand=demand, supply=supply))
    by_area = plan.by_area
    methadone = by_area["medication"] == "methadone"
    assert by_area["capacity_mean"][methadone].tolist() == [30] * 6


@pytest.mark.parametrize(
    "changes, supply, bound",
    [
        ({"patient_limit": 30}, {}, "legal"),
        ({}, {"hours_per_head_month": 1.0}, "time"),
        ({}, {"pharmacy_patients": 50.0}, "pharmacy"),
        ({}, {}, "behaviour"),
        # 10 heads x 42.9 x 0.5 = 214.5 for both: the first in order is named.
        ({}, {"pharmacy_patients": 214.5}, "pharmacy"),
    ],
)
def test_the_bound_that_holds_is_named(
    changes: dict[str, Any], supply: dict[str, Any], bound: str
) -> None:
    plan = run(scenario(supply=(wf.Supply(open_to_plan=10, **supply),), **changes), months=12)
    last = np.array(plan.binding["month"]) == np.datetime64("2026-12-01")
    held = dict(
        zip(
            plan.binding["bound"][last].tolist(),
            plan.binding["share_of_draws"][last].tolist(),
            strict=True,
        )
    )
    assert held[bound] == 1 and sum(held.values()) == 1
    evaluated = {name for _, _, name in plan.not_evaluated}
    assert evaluated.isdisjoint(held) and len(evaluated) + len(held) == 5


def test_a_time_bound_is_hours_over_hours() -> None:
    plan = run(scenario(supply=(wf.Supply(open_to_plan=10, hours_per_head_month=4.0),)))
    # 12 x 4 hours a year, 4.8 hours of a physician for a patient-year: 10 patients a head.
    assert plan.by_month["capacity_median"][0] == pytest.approx(100)


def test_heads_are_counted_at_each_stage_of_the_chain() -> None:
    chain = (
        wf.OwnConversion(from_stage="recruited", to_stage="prescribing", share=0.5),
        wf.OwnConversion(from_stage="prescribing", to_stage="open_to_plan", share=0.5),
    )
    plan = run(
        scenario(
            supply=(wf.Supply(trained=3, open=2, open_to_plan=1, hires_per_month=(4,)),),
            capacity=wf.PanelCapacity(panel="thomas-2017-100", plan_share=1, conversions=chain),
        ),
        months=2,
    )
    table = plan.prescribers
    found = dict(
        zip(
            zip(table["stage"].tolist(), table["month"].tolist(), strict=True),
            table["heads_median"].tolist(),
            strict=True,
        )
    )
    first = date(2026, 1, 1)
    # Six there are at the beginning, three of them prescribe, one is open to the plan; of four
    # hires two prescribe and one is open to the plan.
    assert found["recruited", first] == 10
    assert found["prescribing", first] == 5
    assert found["open_to_plan", first] == 2


def test_a_pool_needs_no_funnel_and_each_area_its_share() -> None:
    pool = wf.PoolCapacity(base_patients=42.0, decay_per_head=0.01, pool_shares=(("all", 0.5),))
    plan = run(scenario(capacity=pool))
    # 42 (1 - exp(-0.02 x 10)) / 0.02
    expected = 42 * (1 - np.exp(-0.2)) / 0.02
    assert plan.by_month["capacity_median"][0] == pytest.approx(expected)
    with pytest.raises(ArgumentError, match="names no share"):
        run(scenario(capacity=pool.model_copy(update={"pool_shares": (("north", 0.5),)})))


def test_the_published_curve_ends_with_the_waiver() -> None:
    pool = wf.PoolCapacity(edition="source-2022", pool_shares=(("all", 1e-4),))
    with pytest.raises(ArgumentError, match="fit_capacity") as refused:
        run(scenario(capacity=pool))
    assert refused.value.where == "capacity.edition"
    past = wf.project(scenario(capacity=pool), start="2021-01", months=12)
    assert past.by_month["capacity_median"][0] > 0


def test_what_was_asked_and_what_was_used_come_back() -> None:
    plan = run(scenario(), draws=20, seed=4)
    assert (plan.start, plan.months, plan.draws, plan.seed) == (date(2026, 1, 1), 6, 20, 4)
    inputs = dict(zip(plan.inputs["input"].tolist(), plan.inputs["origin"].tolist(), strict=True))
    assert inputs["ramp_months"] == "given"
    assert {"thomas-2017-100", "2026-01"} <= {each.id for each in plan.editions}
    assert "20 draws" in repr(plan)


def test_patients_treated_are_those_of_all_areas() -> None:
    plan = run(wf.example_scenario(), months=5, draws=20, seed=3)
    areas = plan.by_area["treated_mean"].reshape(2, 5).sum(axis=0)
    assert plan.treated_by_month == pytest.approx(areas)
    assert all(type(patients) is float for patients in plan.treated_by_month)
    once = run(scenario())
    assert once.treated_by_month == tuple(once.by_month["treated_median"].tolist())


def test_lines_of_business_add_up_over_areas_and_medications() -> None:
    demand = (
        stream(line_of_business="Medicaid", area="a", waiting=9.0, medication_share=0.5),
        stream(line_of_business="Medicare", area="a", on_treatment=30.0),
        stream(line_of_business="Medicaid", area="b"),
        stream(line_of_business="Medicaid", area="a", medication="methadone", medication_share=0.5),
    )
    supply = (wf.Supply(area="a", open_to_plan=4), wf.Supply(area="b", open_to_plan=99))
    both = scenario(demand=demand, supply=supply)
    for draws, seed in ((None, None), (30, 1)):
        plan = run(both, months=4, draws=draws, seed=seed)
        lines = plan.by_line
        assert lines["line_of_business"].tolist() == ["Medicaid"] * 4 + ["Medicare"] * 4
        assert lines["month"][:4].tolist() == plan.by_month["month"].tolist()
        for name in ("seekers", "treated", "waiting", "gap"):
            by_line = lines[f"{name}_mean"].reshape(2, 4).sum(axis=0)
            by_area = plan.by_area[f"{name}_mean"].reshape(3, 4).sum(axis=0)
            assert by_line == pytest.approx(by_area), name
    assert lines["seekers_mean"].tolist() == pytest.approx([1_000.0] * 4 + [500.0] * 4)


def test_a_plan_shows_itself() -> None:
    named = wf.example_scenario()
    plan = run(named, months=24)
    assert "Plan: 24 months from 2026-01, no draws" in repr(plan)
    page = plan._repr_html_()
    assert repr(plan) in page and "<th>treated_median</th>" in page and "24 rows" in page
    assert page.count("<li>") == len(plan.cautions) > 0


def test_the_same_seed_gives_the_same_plan_and_another_another() -> None:
    uncertain = scenario(
        demand=(stream(prevalence=Uniform(low=0.005, high=0.015)),),
        capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5),
    )
    one, same, other = (run(uncertain, draws=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.by_month["treated_low"], same.by_month["treated_low"])
    assert not np.array_equal(one.by_month["treated_low"], other.by_month["treated_low"])
    low, median, high = (one.by_month[f"seekers_{end}"][0] for end in ("low", "median", "high"))
    assert low < median < high


def test_progress_counts_areas() -> None:
    seen: list[tuple[int, int]] = []
    run(scenario(), draws=5, seed=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 1)]


def test_a_scenario_survives_json() -> None:
    uncertain = scenario(
        demand=(
            stream(
                starts=wf.Step(before=10, after=20, from_month=6),
                prevalence=Proportion(successes=10, trials=900),
            ),
        ),
        capacity=wf.PanelCapacity(panel=wf.OwnPanel(mean_patients=20), plan_share=0.5),
    )
    assert wf.Scenario.from_json(uncertain.to_json()) == uncertain
    assert "demand" in wf.Scenario.model_json_schema()["properties"]


@pytest.mark.parametrize(
    "path, expected",
    [
        (wf.Constant(per_month=5), [5, 5, 5, 5]),
        (wf.Step(before=1, after=3, from_month=2), [1, 1, 3, 3]),
        (wf.Linear(first=0, last=6, last_month=2), [0, 3, 6, 6]),
        (wf.Logistic(first=0, last=10, halfway_month=2, spread_months=1e-2), [0, 0, 5, 10]),
        (wf.Series(values=(4, 3, 2, 1, 0)), [4, 3, 2, 1]),
    ],
)
def test_paths_of_starts(path: Any, expected: list[float]) -> None:
    assert path.monthly(4).tolist() == pytest.approx(expected, abs=1e-9)


def test_a_series_must_reach_the_last_month() -> None:
    with pytest.raises(ArgumentError, match="3 values for 6 months"):
        run(scenario(demand=(stream(starts=wf.Series(values=(1, 2, 3))),)))


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"leaving_first_year": 1.2}, "leaving_first_year"),
        ({"capacity": "panel"}, "capacity"),
        ({"supply": (wf.Supply(area="nowhere"),)}, "supply[0]"),
        ({"demand": ()}, "demand"),
        ({"demand": (stream(), stream())}, "demand"),
        ({"supply": (wf.Supply(), wf.Supply())}, "supply"),
        ({"patient_limit": 0}, "patient_limit"),
        ({"ramp_stages": 0}, "ramp_stages"),
    ],
)
def test_a_scenario_that_is_none_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentError) as refused:
        scenario(**changes)
    assert any(field in f"{each.field}: {each.message}" for each in refused.value.problems)


def test_places_and_heads_do_not_stand_together() -> None:
    with pytest.raises(DocumentError, match="places"):
        wf.Supply(places=10.0, open_to_plan=1)
    with pytest.raises(DocumentError, match="places"):
        wf.Supply(places=10.0, hires_per_month=1)


@pytest.mark.parametrize(
    "question, error, field",
    [
        ({"start": "soon"}, ArgumentError, "start"),
        ({"start": 2026}, ArgumentError, "start"),
        ({"months": 0}, ArgumentError, "months"),
        ({"months": 6.0}, ArgumentTypeError, "months"),
        ({"draws": 10}, ArgumentError, "seed"),
        ({"seed": 1}, ArgumentError, "seed"),
        ({"draws": 0, "seed": 1}, ArgumentError, "draws"),
        ({"draws": 10, "seed": -1}, ArgumentError, "seed"),
        ({"level": 1.0}, ArgumentError, "level"),
        ({"defaults": "1999-01"}, OpsafeError, "defaults"),
        ({"scenario": {}}, ArgumentTypeError, "scenario"),
    ],
)
def test_a_question_that_cannot_be_asked_names_its_argument(
    question: dict[str, Any], error: type[OpsafeError], field: str
) -> None:
    asked: dict[str, Any] = {"scenario": scenario(), "start": "2026-01", "months": 6, **question}
    with pytest.raises(error) as refused:
        wf.project(asked.pop("scenario"), **asked)
    assert refused.value.where == field


@pytest.mark.parametrize(
    "chain, message",
    [
        ((("recruited", "registered"),), "ends at registered"),
        ((("recruited", "registered"), ("open", "open_to_plan")), "begins at open"),
    ],
)
def test_a_chain_has_no_gap_and_ends_at_the_plan(
    chain: tuple[tuple[Any, Any], ...], message: str
) -> None:
    steps = tuple(wf.OwnConversion(from_stage=a, to_stage=b, share=0.5) for a, b in chain)
    panel = wf.PanelCapacity(panel="thomas-2017-100", plan_share=0.5, conversions=steps)
    with pytest.raises(ArgumentError, match=message) as refused:
        run(scenario(capacity=panel))
    assert refused.value.where == "capacity.conversions"


def test_medications_cannot_take_more_than_all_seekers() -> None:
    with pytest.raises(ArgumentError, match="together"):
        run(scenario(demand=(stream(), stream(medication="methadone"))))


@pytest.mark.parametrize(
    "target, error, field",
    [
        ({"share_met": 1.5}, ArgumentError, "share_met"),
        ({"share_met": "all"}, ArgumentTypeError, "share_met"),
        ({"by_month": 7}, ArgumentError, "by_month"),
        ({"by_month": 1.0}, ArgumentTypeError, "by_month"),
        ({"confidence": 1.0}, ArgumentError, "confidence"),
        ({"confidence": None}, ArgumentTypeError, "confidence"),
        ({"medication": "methadone"}, ArgumentError, "medication"),
        ({"medication": 7}, ArgumentTypeError, "medication"),
        ({"most_hires_per_month": -1}, ArgumentError, "most_hires_per_month"),
    ],
)
def test_a_target_that_cannot_be_sought_names_its_argument(
    target: dict[str, Any], error: type[OpsafeError], field: str
) -> None:
    plan = run(scenario())
    asked = {"share_met": 0.5, "by_month": 6, "confidence": 0.8, **target}
    with pytest.raises(error) as refused:
        plan.hires_for(**asked)
    assert refused.value.where == field


def test_without_a_random_run_the_probability_is_0_or_1() -> None:
    plan = run(scenario(supply=(wf.Supply(open_to_plan=1),)))
    found = plan.hires_for(share_met=0.2, by_month=6, confidence=0.5)
    assert found.status == "found" and found.probability.value == 1
    assert run(found.scenario).probability_met(0.2, 6).value == 1


def test_a_tornado_moves_each_uncertain_input_alone() -> None:
    uncertain = scenario(
        demand=(
            stream(prevalence=Uniform(low=0.005, high=0.015), starts=wf.Constant(per_month=20)),
        ),
        supply=(wf.Supply(places=100.0),),
        capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5),
    )
    swings = run(uncertain, draws=10, seed=1).tornado(by_month=6, level=0.5)
    assert [swing.name for swing in swings] == ["prevalence", "mean panel"]
    widest = swings[0]
    assert (widest.low_input, widest.high_input) == pytest.approx((0.0075, 0.0125))
    # As many are treated at both ends, of 100,000 x 50% x prevalence who seek treatment.
    assert widest.at_low * 375 == pytest.approx(widest.at_high * 625)
    assert swings[1].width == 0


def test_a_tornado_of_conversions_and_panels() -> None:
    chain = (
        wf.OwnConversion(
            from_stage="recruited",
            to_stage="open_to_plan",
            share=Proportion(successes=8, trials=40),
        ),
    )
    uncertain = scenario(
        supply=(wf.Supply(hires_per_month=(50,)),),
        capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5, conversions=chain),
    )
    swings = run(uncertain).tornado(by_month=6)
    assert [swing.name for swing in swings] == [
        "conversion from recruited to open_to_plan",
        "mean panel",
    ]
    for swing in swings:
        assert swing.low_input < swing.high_input and swing.at_low < swing.at_high
    with pytest.raises(ArgumentError, match="by_month"):
        run(uncertain).tornado(by_month=7)
    with pytest.raises(ArgumentError, match="level"):
        run(uncertain).tornado(by_month=6, level=1.0)


@pytest.mark.parametrize(
    "start", ["1999-12", "0001-01", "9999-12", date(1999, 12, 31), "2026-13"], ids=str
)
def test_a_start_outside_the_time_of_the_treatment_is_refused(start: Any) -> None:
    with pytest.raises(ArgumentError) as refused:
        wf.project(scenario(), start=start, months=24)
    assert refused.value.where == "start"


def test_a_path_of_starts_and_a_patient_limit_are_listed() -> None:
    inputs = run(scenario(patient_limit=30)).inputs
    origins = dict(zip(inputs["input"].tolist(), inputs["origin"].tolist(), strict=True))
    assert (origins["starts"], origins["patient_limit"]) == ("planning value", "given")
    given = run(scenario(demand=(stream(starts=wf.Constant(per_month=3.0)),))).inputs
    origins = dict(zip(given["input"].tolist(), given["origin"].tolist(), strict=True))
    assert origins["starts"] == "given"


def test_heads_before_the_first_stage_are_said_to_be_left_out() -> None:
    pool = wf.PoolCapacity(base_patients=42.0, decay_per_head=0.01, pool_shares=(("all", 0.5),))
    plan = run(scenario(capacity=pool, supply=(wf.Supply(trained=4, registered=3),)))
    assert any("at trained are not counted" in each for each in plan.cautions)
    plan = run(scenario(capacity=pool, supply=(wf.Supply(registered=3),)))
    assert not any("not counted" in each for each in plan.cautions)


FALLING = wf.Retention(gap_days=30, scale_months=8.0, shape=0.6)


def _on_treatment(**changes: object) -> wf.Plan:
    long = {"retention": FALLING, "starts": wf.Constant(per_month=0.0), "on_treatment": 80.0}
    scenario = wf.Scenario(
        demand=(stream(**{**long, **changes}),),
        supply=(wf.Supply(open_to_plan=50),),
        capacity=wf.PanelCapacity(
            panel=wf.OwnPanel(mean_patients=40.0, sd_patients=1.0, respondents=50), plan_share=1.0
        ),
        leaving_first_year=0.0,
        leaving_later=0.0,
    )
    return wf.project(scenario, start="2026-01", months=12)


def test_who_has_been_on_treatment_for_long_stays_longer() -> None:
    new = _on_treatment(tenure_months=((0.0, 1.0),)).treated_by_month
    assert new == pytest.approx(80 * FALLING.share(range(1, 13)))
    half = _on_treatment(tenure_months=((0.0, 0.5), (24.0, 0.5))).treated_by_month
    later = FALLING.share(range(25, 37)) / FALLING.share([24])
    stays = (FALLING.share(range(1, 13)) + later) / 2
    assert half == pytest.approx(80 * stays)
    assert half[-1] > new[-1]


def test_a_constant_hazard_knows_no_tenure() -> None:
    even = wf.Retention(gap_days=30, scale_months=8.0, shape=1.0)
    long = _on_treatment(retention=even, tenure_months=((36.0, 1.0),)).treated_by_month
    assert long == pytest.approx(_on_treatment(retention=even).treated_by_month)


def test_shares_of_a_tenure_are_of_all() -> None:
    with pytest.raises(DocumentError, match=r"sum to 0\.9, not to 1"):
        _on_treatment(tenure_months=((0.0, 0.5), (24.0, 0.4)))
    steep = wf.Retention(gap_days=30, scale_months=1.0, shape=5.0)
    with pytest.raises(ArgumentError, match="longer than anybody stays"):
        _on_treatment(retention=steep, tenure_months=((60.0, 1.0),))
