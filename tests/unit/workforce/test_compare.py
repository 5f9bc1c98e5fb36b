"""Scenarios side by side by hand, changes of a scenario, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from opsafe import workforce as wf
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError, OpsafeError
from opsafe.uncertainty import Uniform
from opsafe.workforce import _changing, changes, telehealth
from opsafe.workforce.compare import compare

CURVE = wf.Retention(gap_days=30, scale_months=10, shape=1)
FIRST_MONTH = 10 * (1 - np.exp(-0.1))  # of one start, still there at the end of its month
CHAIN = (
    wf.OwnConversion(from_stage="trained", to_stage="registered", share=0.8),
    wf.OwnConversion(from_stage="registered", to_stage="open_to_plan", share=0.45),
)


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
            "demand": (stream(area="north"), stream(area="south")),
            "supply": (wf.Supply(area="north", open_to_plan=2, open=3),),
            "capacity": wf.PanelCapacity(
                panel=wf.OwnPanel(mean_patients=20, sd_patients=10, respondents=25),
                plan_share=0.5,
                conversions=CHAIN,
            ),
            "leaving_first_year": 0.0,
            "leaving_later": 0.0,
            "ramp_months": 0.0,
            "ramp_stages": 1,
            **fields,
        }
    )


def programme(places: float) -> wf.Scenario:
    return scenario(demand=(stream(),), supply=(wf.Supply(places=places),))


def last_capacity(changed: wf.Scenario, months: int = 1) -> float:
    plan = wf.project(changed, start="2026-01", months=months)
    return float(plan.by_month["capacity_median"][-1])


def test_differences_are_those_of_the_first_month_by_hand() -> None:
    found = compare(
        {"now": programme(30), "more": programme(40), "fewer": programme(25)},
        start="2026-01",
        months=2,
    )
    table = found.differences
    assert table["scenario"].tolist() == ["more", "more", "fewer", "fewer"]
    assert table["month"].astype(str).tolist() == ["2026-01-01", "2026-02-01"] * 2
    # 50 of 500 seekers ask for a start in the month: places alone decide, 10 more and 5 fewer.
    for end in ("median", "low", "high"):
        assert table[f"treated_{end}"][[0, 2]].tolist() == pytest.approx(
            [10 * FIRST_MONTH, -5 * FIRST_MONTH]
        )
    assert table["gap_median"][0] == pytest.approx(-10 * FIRST_MONTH)
    assert table["share_met_median"][0] == pytest.approx(10 * FIRST_MONTH / 500)
    for measure in ("treated", "gap", "share_met"):
        assert table[f"{measure}_probability_better"].tolist() == [1, 1, 0, 0]
    assert found.base == "now" and (found.draws, found.seed, found.months) == (None, None, 2)


def test_scenarios_stand_side_by_side_as_project_gives_them() -> None:
    both = {"now": scenario(), "hiring": changes.with_hires(scenario(), "south", 2)}
    question: dict[str, Any] = {"start": "2026-01", "months": 3, "draws": 40, "seed": 5}
    seen: list[tuple[int, int]] = []
    found = compare(both, **question, progress=lambda done, total: seen.append((done, total)))
    alone = wf.project(both["hiring"], **question)
    rows = found.by_month["scenario"] == "hiring"
    for name in alone.by_month.keys():  # noqa: SIM118
        assert np.array_equal(found.by_month[name][rows], alone.by_month[name])
    assert seen == [(1, 2), (2, 2)]
    assert found.plans["hiring"].by_area == alone.by_area
    assert set(alone.cautions) <= set(found.cautions)
    assert {each.id for each in alone.editions} == {each.id for each in found.editions}
    likely = found.probability_better("hiring", 3, "gap")
    column = found.differences["gap_probability_better"]
    assert likely.value == column[-1] and likely.draws == 40


@pytest.mark.parametrize(
    "arguments, error, where",
    [
        ({"scenarios": [scenario()]}, ArgumentTypeError, "scenarios"),
        ({"scenarios": {"one": scenario()}}, ArgumentError, "scenarios"),
        ({"scenarios": {}}, ArgumentError, "scenarios"),
        ({"scenarios": {1: scenario(), "b": scenario()}}, ArgumentTypeError, "scenarios"),
        ({"scenarios": {" ": scenario(), "b": scenario()}}, ArgumentTypeError, "scenarios"),
        ({"scenarios": {"a": scenario(), "b": 1}}, ArgumentTypeError, "scenarios['b']"),
        ({"months": 0}, ArgumentError, "months"),
        ({"months": 1.0}, ArgumentTypeError, "months"),
        ({"start": "soon"}, ArgumentError, "start"),
        ({"draws": 5}, ArgumentError, "seed"),
        ({"seed": 5}, ArgumentError, "seed"),
        ({"draws": 0, "seed": 5}, ArgumentError, "draws"),
        ({"level": 1.0}, ArgumentError, "level"),
        ({"defaults": "1999-01"}, EditionNotFoundError, "defaults"),
    ],
)
def test_a_comparison_that_cannot_be_made_names_its_argument(
    arguments: dict[str, Any], error: type[OpsafeError], where: str
) -> None:
    asked: dict[str, Any] = {
        "scenarios": {"a": scenario(), "b": scenario()},
        "start": "2026-01",
        "months": 2,
        **arguments,
    }
    with pytest.raises(error) as refused:
        compare(asked.pop("scenarios"), **asked)
    assert refused.value.where == where


def test_what_is_wrong_in_a_scenario_is_told_with_its_name() -> None:
    wrong = scenario(capacity=wf.PanelCapacity(panel="nobodys", plan_share=0.5))
    with pytest.raises(EditionNotFoundError) as refused:
        compare({"a": scenario(), "b": wrong}, start="2026-01", months=2)
    assert refused.value.where == "scenarios['b'].panel"
    assert "scenarios['b'].panel" in str(refused.value)


@pytest.mark.parametrize(
    "arguments, error, where",
    [
        (("now", 1), ArgumentError, "scenario"),
        (([], 1), ArgumentTypeError, "scenario"),
        (("more", 0), ArgumentError, "by_month"),
        (("more", 3), ArgumentError, "by_month"),
        (("more", 1.0), ArgumentTypeError, "by_month"),
        (("more", True), ArgumentTypeError, "by_month"),
        (("more", 1, "waiting"), ArgumentError, "measure"),
        (("more", 1, np.array(["gap"])), ArgumentTypeError, "measure"),
    ],
)
def test_a_probability_that_cannot_be_told_names_its_argument(
    arguments: tuple[Any, ...], error: type[OpsafeError], where: str
) -> None:
    found = compare({"now": programme(30), "more": programme(40)}, start="2026-01", months=2)
    with pytest.raises(error) as refused:
        found.probability_better(*arguments)
    assert refused.value.where == where


# ------------------------------------------------------------------------------------ changes


def test_hires_take_the_place_of_those_before() -> None:
    base = changes.with_hires(scenario(), "north", [4, 0, 4])
    assert _changing.supply_of(base, "north", "buprenorphine").hires_per_month == (4, 0, 4)
    # 2 open heads and 4 hires x 0.8 x 0.45 = 1.44, 10 patients of the plan each.
    assert last_capacity(base) == pytest.approx(34.4)
    none = changes.with_hires(base, "north", 0)
    assert last_capacity(none) == pytest.approx(20)
    assert base.title == "north hires 8 in all"
    assert none.title == "north hires 8 in all; north hires 0 a month"
    assert changes.with_hires(base, "south", 1, title="own").title == "own"


def test_an_incentive_moves_heads_that_are_there() -> None:
    moved = changes.with_incentive(
        scenario(), "north", 2, from_stage="open", to_stage="open_to_plan"
    )
    assert _changing.supply_of(moved, "north", "buprenorphine").heads() == (0, 0, 0, 0, 0, 1, 4)
    assert last_capacity(moved) == pytest.approx(40)
    assert moved.title == "an incentive moves 2 in north from open to open_to_plan"


def test_a_conversion_of_one_step_is_the_share_itself() -> None:
    changed = changes.with_conversion(scenario(), "registered", "open_to_plan", 0.9)
    # 2 open heads, and 5 hires of whom 0.8 x 0.9 are open to the plan.
    hired = changes.with_hires(changed, "south", (5,))
    assert last_capacity(hired) == pytest.approx(20 + 5 * 0.72 * 10)
    assert changed.title == "0.9 of registered reach open_to_plan"
    uncertain = changes.with_conversion(
        scenario(), "trained", "registered", Uniform(low=0.5, high=0.7)
    )
    assert uncertain.title == "another share of trained reaches registered"


def test_a_conversion_of_several_steps_is_their_product_and_keeps_their_number() -> None:
    changed = changes.with_conversion(scenario(), "trained", "open_to_plan", 0.6)
    assert isinstance(changed.capacity, wf.PanelCapacity)
    first, second = changed.capacity.conversions or ()
    assert isinstance(first, wf.OwnConversion) and isinstance(second, wf.OwnConversion)
    # Both steps become likelier: ln(0.6) / ln(0.36) = 0.5, so they are square roots.
    assert first.share == pytest.approx(0.8**0.5) and second.share == pytest.approx(0.45**0.5)
    for extreme in (0, 1):
        ends = changes.with_conversion(scenario(), "trained", "open_to_plan", extreme)
        assert last_capacity(changes.with_hires(ends, "south", (5,))) == pytest.approx(
            20 + 50 * extreme
        )


def test_mentoring_changes_the_steps_of_the_default_chain_alone() -> None:
    by_default = scenario(capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5))
    changed = changes.with_conversion(by_default, "trained", "prescribing", 0.6)
    assert isinstance(changed.capacity, wf.PanelCapacity)
    chain = changed.capacity.conversions or ()
    assert [each for each in chain if isinstance(each, str)] == [
        "trained-planning-2026",
        "annfammed-2017-open",
        "beetham-2019-medicaid",
    ]
    own = [each for each in chain if isinstance(each, wf.OwnConversion)]
    assert own[0].share * own[1].share == pytest.approx(0.6)  # type: ignore[operator]


def test_panels_grow_with_their_spread() -> None:
    for changed in (
        changes.with_panel(scenario(), 30.0),
        changes.with_panel(scenario(), factor=1.5),
    ):
        assert isinstance(changed.capacity, wf.PanelCapacity)
        assert changed.capacity.panel == wf.OwnPanel(
            mean_patients=30, sd_patients=15, respondents=25
        )
        assert last_capacity(changed) == pytest.approx(30)
    published = changes.with_panel(
        scenario(capacity=wf.PanelCapacity(panel="thomas-2017-100", plan_share=0.5)), factor=2
    )
    assert last_capacity(published) == pytest.approx(2 * 42.9)
    assert published.title == "panels times 2"


def test_the_factor_of_a_pool_is_of_what_the_first_adds() -> None:
    pool = wf.PoolCapacity(
        base_patients=10.0, decay_per_head=0.1, pool_shares=(("north", 0.5), ("south", 0.5))
    )
    base = scenario(capacity=pool)
    raised = changes.with_panel(base, factor=3)
    assert last_capacity(raised) == pytest.approx(3 * last_capacity(base))


def test_telehealth_shares_capacity_and_keeps_streams_and_seekers() -> None:
    base = scenario(
        supply=(
            wf.Supply(area="north", open_to_plan=8, hires_per_month=1, pharmacy_patients=50.0),
            wf.Supply(area="south", open_to_plan=1, hires_per_month=(0, 2), pharmacy_patients=20.0),
        )
    )
    shared = telehealth.with_telehealth(base, ["north", "south"], "valley")
    assert [each.key for each in shared.demand] == [
        ("valley", "all, north", "buprenorphine"),
        ("valley", "all, south", "buprenorphine"),
    ]
    supply = _changing.supply_of(shared, "valley", "buprenorphine")
    assert supply.open_to_plan == 9 and supply.hires(3) == (1, 3, 1)
    assert supply.pharmacy_patients == 70
    before, after = (wf.project(each, start="2026-01", months=1) for each in (base, shared))
    # North: 80 places and 3.6 of its hire, and pharmacies for 50, which all 50 who ask get. South:
    # 10 places. Together: the pharmacies' 70.
    assert before.by_month["treated_median"][0] == pytest.approx(60 * FIRST_MONTH)
    assert after.by_month["treated_median"][0] == pytest.approx(70 * FIRST_MONTH)
    assert after.by_month["seekers_median"] == pytest.approx(before.by_month["seekers_median"])
    assert shared.title == "telehealth in north, south"


def test_telehealth_of_a_medication_leaves_the_others_where_they_are() -> None:
    demand = (
        *(stream(area=area, medication_share=0.6) for area in ("north", "south", "east")),
        *(stream(area=a, medication="methadone", medication_share=0.4) for a in ("north", "south")),
    )
    base = scenario(
        demand=demand, supply=(wf.Supply(area="north", medication="methadone", places=9.0),)
    )
    shared = telehealth.with_telehealth(base, ("north", "south"), "north")
    assert [each.key[::2] for each in shared.demand] == [
        ("north", "buprenorphine"),
        ("north", "buprenorphine"),
        ("east", "buprenorphine"),
        ("north", "methadone"),
        ("south", "methadone"),
    ]
    assert shared.supply == base.supply
    assert last_capacity(shared) == 9


def test_telehealth_adds_shares_of_a_pool_and_bounds_that_are_all_given() -> None:
    pool = wf.PoolCapacity(
        base_patients=10.0, decay_per_head=0.1, pool_shares=(("north", 0.5), ("south", 0.25))
    )
    supply = (
        wf.Supply(area="north", registered=3, pharmacy_patients=5.0),
        wf.Supply(area="south", registered=2),
    )
    shared = telehealth.with_telehealth(
        scenario(capacity=pool, supply=supply), ["north", "south"], "valley"
    )
    assert isinstance(shared.capacity, wf.PoolCapacity)
    assert shared.capacity.pool_shares == (("valley", 0.75),)
    assert _changing.supply_of(shared, "valley", "buprenorphine").pharmacy_patients is None
    # 10 (1 - exp(-5 x 0.1 / 0.75)) / (0.1 / 0.75)
    assert last_capacity(shared) == pytest.approx(75 * (1 - np.exp(-0.5 / 0.75)))


def test_telehealth_adds_places_of_programmes() -> None:
    supply = tuple(wf.Supply(area=area, places=20.0) for area in ("north", "south"))
    shared = telehealth.with_telehealth(scenario(supply=supply), ["north", "south"], "valley")
    assert _changing.supply_of(shared, "valley", "buprenorphine").places == 40


def test_a_hub_hires_and_raises_panels() -> None:
    hub = changes.with_hub(scenario(), "south", (5,), panel_factor=2)
    # 2 heads, and 5 x 0.36 = 1.8 of the hires, with 20 patients of the plan each.
    assert last_capacity(hub) == pytest.approx(3.8 * 20)
    assert hub.title == "a hub in south hires 5 in all, panels times 2"


POOL = wf.PoolCapacity(
    base_patients=10.0, decay_per_head=0.1, pool_shares=(("north", 0.5), ("south", 0.5))
)
PUBLISHED_POOL = wf.PoolCapacity(edition="source-2022", pool_shares=(("north", 0.5),))
PLACES = (wf.Supply(area="north", places=5.0), wf.Supply(area="south", open=1))
HOURS = (
    wf.Supply(area="north", open=1, hours_per_head_month=2.0),
    wf.Supply(area="south", open=1, hours_per_head_month=3.0),
)
TWO_MEDICATIONS = (
    stream(area="north", medication_share=0.5),
    stream(area="south", medication_share=0.5),
    stream(area="north", medication="methadone", medication_share=0.5),
)
BROAD = wf.OwnConversion(
    from_stage="registered", to_stage="open_to_plan", share=Uniform(low=0.2, high=0.4)
)


def with_chain(*chain: wf.OwnConversion) -> wf.Scenario:
    return scenario(
        capacity=wf.PanelCapacity(
            panel=wf.OwnPanel(mean_patients=90_000), plan_share=0.5, conversions=chain
        )
    )


@pytest.mark.parametrize(
    "change, arguments, error, where",
    [
        ("with_hires", ({}, "north", 1), ArgumentTypeError, "scenario"),
        ("with_hires", (scenario(), "west", 1), ArgumentError, "area"),
        ("with_hires", (scenario(), 7, 1), ArgumentTypeError, "area"),
        ("with_hires", (scenario(supply=PLACES), "north", 1), ArgumentError, "area"),
        ("with_hires", (scenario(), "north", -1), ArgumentError, "per_month"),
        ("with_hires", (scenario(), "north", 1.5), ArgumentTypeError, "per_month"),
        ("with_hires", (scenario(), "north", "12"), ArgumentTypeError, "per_month"),
        ("with_hires", (scenario(), "north", [1, None]), ArgumentTypeError, "per_month"),
        ("with_hires", (scenario(), "north", True), ArgumentTypeError, "per_month"),
        (
            "with_hires",
            (scenario(), "north", 1, {"medication": "methadone"}),
            ArgumentError,
            "medication",
        ),
        (
            "with_hires",
            (scenario(), "north", 1, {"medication": 1}),
            ArgumentTypeError,
            "medication",
        ),
        ("with_hires", (scenario(), "north", 1, {"title": 1}), ArgumentTypeError, "title"),
        (
            "with_incentive",
            (scenario(), "north", 4, {"from_stage": "open", "to_stage": "open_to_plan"}),
            ArgumentError,
            "heads",
        ),
        (
            "with_incentive",
            (scenario(), "north", 1, {"from_stage": "open", "to_stage": "open"}),
            ArgumentError,
            "to_stage",
        ),
        (
            "with_incentive",
            (scenario(), "north", 1, {"from_stage": None, "to_stage": "open"}),
            ArgumentError,
            "from_stage",
        ),
        (
            "with_conversion",
            (scenario(capacity=POOL), "trained", "registered", 0.5),
            ArgumentError,
            "scenario.capacity",
        ),
        ("with_conversion", (scenario(), "recruited", "open", 0.5), ArgumentError, "from_stage"),
        ("with_conversion", (scenario(), "trained", "open", 0.5), ArgumentError, "to_stage"),
        ("with_conversion", (scenario(), "trained", "registered", 1.5), ArgumentError, "share"),
        ("with_conversion", (scenario(), "trained", "registered", "all"), ArgumentError, "share"),
        (
            "with_conversion",
            (scenario(), "trained", "registered", Uniform(low=0.5, high=1.5)),
            ArgumentError,
            "share",
        ),
        (
            "with_conversion",
            (scenario(), "trained", "open_to_plan", Uniform(low=0.1, high=0.2)),
            ArgumentError,
            "share",
        ),
        (
            "with_conversion",
            (with_chain(CHAIN[0], BROAD), "trained", "open_to_plan", 0.4),
            ArgumentError,
            "share",
        ),
        (
            "with_conversion",
            (
                with_chain(CHAIN[0], CHAIN[1].model_copy(update={"share": 0.0})),
                "trained",
                "open_to_plan",
                0.4,
            ),
            ArgumentError,
            "share",
        ),
        (
            "with_conversion",
            (with_chain(CHAIN[1], CHAIN[0]), "trained", "open_to_plan", 0.4),
            ArgumentError,
            "scenario.capacity.conversions",
        ),
        (
            "with_conversion",
            (
                scenario(capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5)),
                "trained",
                "registered",
                0.4,
                {"defaults": "1999-01"},
            ),
            EditionNotFoundError,
            "defaults",
        ),
        ("with_panel", (scenario(),), ArgumentError, "mean_patients"),
        ("with_panel", (scenario(), 1e5, {"title": 7}), ArgumentTypeError, "title"),
        (
            "with_panel",
            (
                scenario(
                    capacity=wf.PanelCapacity(
                        panel=wf.OwnPanel(mean_patients=1, sd_patients=1_000), plan_share=0.5
                    )
                ),
                1e5,
            ),
            ArgumentError,
            "mean_patients",
        ),
        (
            "with_panel",
            (
                scenario(capacity=POOL.model_copy(update={"base_patients": 1e6})),
                {"factor": 1000},
            ),
            ArgumentError,
            "factor",
        ),
        ("with_panel", (scenario(), 10.0, {"factor": 2.0}), ArgumentError, "mean_patients"),
        ("with_panel", (scenario(), 0.0), ArgumentError, "mean_patients"),
        ("with_panel", (scenario(), float("nan")), ArgumentError, "mean_patients"),
        ("with_panel", (scenario(), {"factor": "2"}), ArgumentTypeError, "factor"),
        ("with_panel", (scenario(), {"factor": -1}), ArgumentError, "factor"),
        ("with_panel", (with_chain(*CHAIN), {"factor": 2}), ArgumentError, "factor"),
        ("with_panel", (scenario(capacity=POOL), 10.0), ArgumentError, "scenario.capacity"),
        (
            "with_panel",
            (scenario(capacity=PUBLISHED_POOL), {"factor": 2}),
            ArgumentError,
            "scenario.capacity",
        ),
        ("with_telehealth", (scenario(), "north", "valley"), ArgumentTypeError, "areas"),
        ("with_telehealth", (scenario(), ["north"], "valley"), ArgumentError, "areas"),
        ("with_telehealth", (scenario(), ["north", "north"], "valley"), ArgumentError, "areas"),
        ("with_telehealth", (scenario(), ["north", "west"], "valley"), ArgumentError, "areas"),
        ("with_telehealth", (scenario(), ["north", []], "valley"), ArgumentError, "areas"),
        ("with_telehealth", (scenario(), ["north", "south"], " "), ArgumentTypeError, "name"),
        (
            "with_telehealth",
            (
                scenario(demand=(*scenario().demand, stream(area="east"))),
                ["north", "south"],
                "east",
            ),
            ArgumentError,
            "name",
        ),
        (
            "with_telehealth",
            (scenario(), ["north", "south"], "valley", {"medication": 1}),
            ArgumentTypeError,
            "medication",
        ),
        (
            "with_telehealth",
            (scenario(supply=PLACES), ["north", "south"], "valley"),
            ArgumentError,
            "areas",
        ),
        (
            "with_telehealth",
            (scenario(supply=HOURS), ["north", "south"], "valley"),
            ArgumentError,
            "areas",
        ),
        (
            "with_telehealth",
            (scenario(capacity=POOL, demand=TWO_MEDICATIONS), ["north", "south"], "valley"),
            ArgumentError,
            "areas",
        ),
        ("with_hub", (scenario(), "north", 1, {"panel_factor": 0}), ArgumentError, "panel_factor"),
        (
            "with_hub",
            (scenario(), "north", 1, {"panel_factor": None}),
            ArgumentError,
            "panel_factor",
        ),
        ("with_hub", (scenario(), "west", 1, {"panel_factor": 2}), ArgumentError, "area"),
    ],
)
def test_a_change_that_cannot_be_made_names_its_argument(
    change: str, arguments: tuple[Any, ...], error: type[OpsafeError], where: str
) -> None:
    *positional, last = arguments
    named = last if isinstance(last, dict) else {}
    with pytest.raises(error) as refused:
        getattr(wf, change)(*(arguments if not named else positional), **named)
    assert refused.value.where == where


def test_a_change_leaves_its_base_as_it_was() -> None:
    base = scenario()
    before = base.to_json()
    changes.with_hub(base, "north", 3, panel_factor=2)
    telehealth.with_telehealth(base, ["north", "south"], "valley")
    assert base.to_json() == before
    changed = changes.with_hires(base, "north", 3)
    assert wf.Scenario.from_json(changed.to_json()) == changed


def test_a_fraction_is_a_number_as_any_other() -> None:
    assert changes.with_hub(scenario(), "north", 1, panel_factor=Fraction(5, 4)).title  # type: ignore[arg-type]
    both = {"a": scenario(), "b": scenario(leaving_later=0.5)}
    found = compare(both, start="2026-01", months=2, level=Fraction(1, 2))  # type: ignore[arg-type]
    assert found.level == 0.5
