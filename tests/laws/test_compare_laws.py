"""Laws of scenarios side by side, of their changes, of the next hires and of the outreach list."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe import workforce as wf
from opsafe.workforce import _changing, changes, telehealth
from opsafe.workforce.compare import compare
from opsafe.workforce.figures import STAGES
from opsafe.workforce.next_hires import next_hires
from opsafe.workforce.outreach import outreach
from tests.strategies import AREAS, scenarios

QUESTION: dict[str, Any] = {"start": "2026-01", "months": 8, "draws": 40}
heads = st.integers(0, 5)
seeds = st.integers(0, 2**40)


def capacities(scenario: wf.Scenario, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    plan = wf.project(scenario, seed=seed, **QUESTION)
    ends = [plan.by_month[f"capacity_{end}"] for end in ("low", "median", "high")]
    return np.array([*ends, plan.by_area["capacity_mean"].reshape(2, -1).sum(axis=0)])


@settings(max_examples=15, deadline=None)
@given(scenarios(), seeds)
def test_a_scenario_does_not_differ_from_itself_and_is_never_better(
    scenario: wf.Scenario, seed: int
) -> None:
    found = compare({"one": scenario, "same": scenario}, seed=seed, **QUESTION).differences
    for name in found.keys():  # noqa: SIM118
        if name not in ("scenario", "month"):
            assert not found[name].any(), name


@settings(max_examples=15, deadline=None)
@given(scenarios(), st.permutations(["hires", "panel", "hub"]), seeds)
def test_the_order_of_later_scenarios_does_not_matter(
    base: wf.Scenario, order: list[str], seed: int
) -> None:
    others = {
        "hires": changes.with_hires(base, "north", 3),
        "panel": changes.with_panel(base, factor=1.5),
        "hub": changes.with_hub(base, "south", 2, panel_factor=1.2),
    }
    one = compare({"base": base, **others}, seed=seed, **QUESTION)
    other = compare({"base": base, **{name: others[name] for name in order}}, seed=seed, **QUESTION)
    for name in others:
        for mine, theirs in ((one.differences, other.differences), (one.by_month, other.by_month)):
            rows, as_rows = (table["scenario"] == name for table in (mine, theirs))
            for column in mine.keys():  # noqa: SIM118
                assert np.array_equal(mine[column][rows], theirs[column][as_rows])


@settings(max_examples=15, deadline=None)
@given(scenarios(), seeds)
def test_differences_are_of_the_draws_and_shares_lie_from_0_to_1(
    base: wf.Scenario, seed: int
) -> None:
    found = compare(
        {"base": base, "hires": changes.with_hires(base, "north", 4)}, seed=seed, **QUESTION
    )
    table = found.differences
    for measure in ("treated", "gap", "share_met"):
        assert (table[f"{measure}_low"] <= table[f"{measure}_median"]).all()
        assert (table[f"{measure}_median"] <= table[f"{measure}_high"]).all()
        likely = table[f"{measure}_probability_better"]
        assert ((likely >= 0) & (likely <= 1)).all()
    # A gap closes only where more are treated; those beyond the seekers close none.
    assert (table["treated_probability_better"] >= table["gap_probability_better"]).all()


@settings(max_examples=15, deadline=None)
@given(scenarios(), heads, st.integers(0, 4), st.integers(1, 3), seeds)
def test_more_heads_of_any_kind_never_lower_a_capacity(
    base: wf.Scenario, hires: int, more: int, times: int, seed: int
) -> None:
    few = changes.with_hires(base, "north", hires)
    before = capacities(few, seed)
    there = _changing.supply_of(base, "north", "buprenorphine").open
    for changed in (
        changes.with_hires(base, "north", hires + more),
        changes.with_panel(few, factor=float(times)),
        changes.with_hub(base, "north", hires + more, panel_factor=float(times)),
        changes.with_incentive(few, "north", there, from_stage="open", to_stage="open_to_plan"),
        changes.with_conversion(few, "trained", "prescribing", 0.9),
    ):
        assert (capacities(changed, seed) >= before - 1e-9 * (1 + before)).all(), changed.title


@settings(max_examples=15, deadline=None)
@given(scenarios(), st.floats(0.1, 9), seeds)
def test_capacity_is_linear_in_the_panel_draw_by_draw(
    base: wf.Scenario, factor: float, seed: int
) -> None:
    raised = changes.with_panel(base, factor=factor)
    np.testing.assert_allclose(
        capacities(raised, seed), factor * capacities(base, seed), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(scenarios())
def test_telehealth_keeps_expected_capacity_and_seekers(base: wf.Scenario) -> None:
    shared = telehealth.with_telehealth(base, AREAS, "both")
    one, other = (wf.project(each, start="2026-01", months=8) for each in (base, shared))
    for name in ("capacity_median", "seekers_median"):
        np.testing.assert_allclose(other.by_month[name], one.by_month[name], rtol=1e-9, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(scenarios())
def test_telehealth_treats_as_many_or_more_in_the_first_month(base: wf.Scenario) -> None:
    # Nobody is on treatment before: patients beyond their own area's capacity would, once it is
    # shared, take places of the others.
    fresh = base.model_copy(
        update={"demand": tuple(d.model_copy(update={"on_treatment": 0.0}) for d in base.demand)}
    )
    shared = telehealth.with_telehealth(fresh, AREAS, "both")
    one, other = (wf.project(each, start="2026-01", months=1) for each in (fresh, shared))
    more = other.by_month["treated_median"][0] - one.by_month["treated_median"][0]
    assert float(more) >= -1e-6


def share_of_chain(scenario: wf.Scenario) -> float:
    plan = wf.project(
        changes.with_hires(scenario, "south", (100,)), start="2026-01", months=1
    ).prescribers
    ends = plan["heads_median"][[0, -1]]
    return float(ends[1] / ends[0])


@given(st.floats(0.001, 1), st.sampled_from([("trained", "prescribing"), ("recruited", "open")]))
@settings(max_examples=15, deadline=None)
def test_a_conversion_spread_over_steps_is_their_product(
    share: float, ends: tuple[Any, Any]
) -> None:
    base = wf.Scenario(
        demand=(
            wf.Demand(
                members=1_000,
                ages="18+",
                oud_base="claims",
                prevalence=0.1,
                undercount=1.0,
                seeking=0.5,
                area="south",
            ),
        ),
        capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5),
        leaving_first_year=0,
        leaving_later=0,
    )
    chain = {
        "trained": wf.edition("new-jersey-2024-registered"),
        "registered": wf.edition("new-jersey-2024-prescribing"),
        "prescribing": wf.edition("annfammed-2017-open"),
        "open": wf.edition("beetham-2019-medicaid"),
        "recruited": wf.edition("trained-planning-2026"),
    }
    inside = STAGES[STAGES.index(ends[0]) : STAGES.index(ends[1])]
    outside = [
        float(each.converted_share)  # type: ignore[attr-defined]
        for stage, each in chain.items()
        if stage not in inside
    ]
    changed = changes.with_conversion(base, *ends, share)
    assert share_of_chain(changed) == pytest.approx(share * np.prod(outside))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 6_000), min_size=3, max_size=3),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.integers(1, 4),
)
def test_hires_one_by_one_are_as_good_as_the_best_of_all_placements(
    members: list[int], existing: list[int], hires: int
) -> None:
    areas = ("a", "b", "c")
    base = wf.Scenario(
        demand=tuple(
            wf.Demand(
                members=number,
                ages="18+",
                oud_base="claims",
                prevalence=0.1,
                undercount=1.0,
                seeking=0.5,
                area=area,
            )
            for area, number in zip(areas, members, strict=True)
        ),
        supply=tuple(
            wf.Supply(area=area, open_to_plan=number)
            for area, number in zip(areas, existing, strict=True)
        ),
        capacity=wf.PanelCapacity(panel=wf.OwnPanel(mean_patients=40), plan_share=0.5),
        leaving_first_year=0,
        leaving_later=0,
        ramp_months=0,
    )
    found = next_hires(
        base,
        start="2026-01",
        months=1,
        cost_per_hire_usd=1.0,
        cost_per_panel_patient_usd=1.0,
        price_year=2026,
        more=(hires,),
    ).steps[0]

    def treated(counts: tuple[int, ...]) -> float:
        placed = base
        for area, count in zip(areas, counts, strict=True):
            placed = changes.with_hires(placed, area, (count,))
        plan = wf.project(placed, start="2026-01", months=1)
        return float(plan.by_month["treated_median"][0])

    placements = [each for each in product(range(hires + 1), repeat=3) if sum(each) == hires]
    best = max(map(treated, placements)) - treated((0, 0, 0))
    assert found.patients_added == pytest.approx(best, abs=1e-5)
    assert sum(count for _, count in found.by_area) == hires
    if found.panel_factor is not None:
        raised = wf.project(
            changes.with_panel(base, factor=found.panel_factor), start="2026-01", months=1
        )
        gained = float(raised.by_month["treated_median"][0]) - treated((0, 0, 0))
        assert gained == pytest.approx(found.patients_added, abs=1e-4)


rows = st.fixed_dictionaries(
    {
        "prescriber_id": st.sampled_from(["a", "b", "c", "d", "e", None]),
        "area": st.sampled_from(["north", "south", "elsewhere", None]),
        "stage": st.sampled_from([*STAGES, "?", None]),
        "patients": st.sampled_from([None, 0, 3, 40, -1]),
        "target_patients": st.sampled_from([None, 0, 2.5, 42.9]),
    }
)


@given(st.lists(rows, max_size=12), st.floats(0, 1e6), st.floats(0, 1e6))
def test_every_row_is_somewhere_and_ranks_count_those_before(
    people: list[dict[str, Any]], north: float, south: float
) -> None:
    found = outreach(people, {"north": north, "south": south}, target_patients=10)
    listed = found.suggested
    assert found.rows_in == len(listed) + found.not_suggested + len(found.set_aside)
    unmet = listed["unmet_members_in_reach"].tolist()
    assert listed["rank"].tolist() == [1 + sum(one > each for one in unmet) for each in unmet]
    assert listed["tied_with"].tolist() == [unmet.count(each) - 1 for each in unmet]
    assert unmet == sorted(unmet, reverse=True)
    for why, stage in zip(listed["why"].tolist(), listed["stage"].tolist(), strict=True):
        assert (why == "eligible and inactive") == (stage in ("registered", "ever_prescribed"))


@given(st.permutations(range(6)), st.floats(0, 1e6), st.floats(0, 1e6))
def test_the_order_of_prescribers_does_not_change_their_rank(
    order: list[int], north: float, south: float
) -> None:
    people = [
        {"prescriber_id": at, "area": ("north", "south")[at % 2], "stage": STAGES[2 + at // 4]}
        for at in range(6)
    ]
    ranks = []
    for listed in (people, [people[at] for at in order]):
        table = outreach(listed, {"north": north, "south": south}).suggested
        ranks.append(
            dict(zip(table["prescriber_id"].tolist(), table["rank"].tolist(), strict=True))
        )
    assert ranks[0] == ranks[1] and len(ranks[0]) == 6
