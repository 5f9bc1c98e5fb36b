"""Laws of a projection: of its kernel, against slow twins, and of a scenario run forward."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe import workforce as wf
from opsafe.quantity import FloatArray
from opsafe.uncertainty import uniforms
from opsafe.workforce import _kernel as kernel
from opsafe.workforce._network import Panels, Rules, by_chance, expected
from tests.strategies import scenarios

CURVE = wf.Retention(gap_days=30, points=((1, 0.716), (6, 0.354)))


def scenario(**changes: Any) -> wf.Scenario:
    demand = wf.Demand(
        members=changes.pop("members", 100_000),
        ages="12+",
        oud_base="survey",
        prevalence=changes.pop("prevalence", 0.012),
        undercount=1.0,
        seeking=0.4,
        on_treatment=changes.pop("on_treatment", 100.0),
        reneging_per_month=0.1,
    )
    supply = wf.Supply(
        open_to_plan=changes.pop("heads", 6), hires_per_month=changes.pop("hires", 1)
    )
    fields: dict[str, Any] = {
        "demand": (demand,),
        "supply": (supply,),
        "capacity": wf.PanelCapacity(panel="jones-2018-new", plan_share=0.8),
        "leaving_first_year": 0.4,
        "leaving_later": 0.1,
        **changes,
    }
    return wf.Scenario(**fields)


# ------------------------------------------------------------------------------------ kernel


def slow_flow(
    requests: list[Fraction],
    capacity: list[Fraction],
    weights: list[Fraction],
    retained: list[Fraction],
    waiting: Fraction,
    reneging: Fraction,
) -> list[tuple[Fraction, Fraction, Fraction]]:
    """One stream by the rule's own words, in fractions: starts, treated, waiting."""
    starts: list[Fraction] = []
    found = []
    for month, wanted in enumerate(requests):
        kept = retained[month] + sum(
            (starts[month - k] * weights[k] for k in range(1, month + 1)), Fraction(0)
        )
        starts.append(min(waiting + wanted, max(Fraction(0), capacity[month] - kept)))
        waiting = (waiting + wanted - starts[-1]) * (1 - reneging)
        found.append((starts[-1], kept + starts[-1] * weights[0], waiting))
    return found


whole = st.integers(0, 500)


@given(st.lists(st.tuples(whole, whole), min_size=1, max_size=12), whole, whole, st.integers(0, 10))
def test_one_stream_is_the_rule_in_fractions(
    months: list[tuple[int, int]], treated: int, waiting: int, tenths: int
) -> None:
    size = len(months)
    weights, left = CURVE.month_shares(size), CURVE.residual_shares(size)[1:]
    zero = np.zeros((1, 1))
    streams = kernel.Streams(
        requests=np.array([[[float(asked)] for asked, _ in months]]),
        scale=zero + 1,
        weights=weights[None, :, None],
        on_treatment=zero + treated,
        retained=(treated * left)[None, :, None],
        waiting=zero + waiting,
        reneging=zero + tenths / 10,
        returning=zero,
        return_rate=zero,
    )
    found = kernel.flow(streams, np.array([[float(places)] for _, places in months]))
    twin = slow_flow(
        [Fraction(asked) for asked, _ in months],
        [Fraction(places) for _, places in months],
        [Fraction(float(weight)) for weight in weights],
        [Fraction(float(treated * share)) for share in left],
        Fraction(waiting),
        Fraction(tenths, 10),
    )
    for month, (starts, on_treatment, line) in enumerate(twin):
        assert found.starts[0, month, 0] == pytest.approx(float(starts), abs=1e-8)
        assert found.treated[0, month, 0] == pytest.approx(float(on_treatment), abs=1e-8)
        assert found.waiting[0, month, 0] == pytest.approx(float(line), abs=1e-8)


@given(st.lists(st.tuples(whole, whole), min_size=1, max_size=5), whole)
def test_streams_share_places_as_they_ask(streams: list[tuple[int, int]], places: int) -> None:
    size, zero = len(streams), np.zeros((len(streams), 1))
    weights = np.broadcast_to(CURVE.month_shares(3), (size, 3))
    asked = np.array([[float(a), float(b)] for a, b in streams])
    numbers = kernel.Streams(
        requests=np.repeat(asked[:, :1], 3, axis=1)[:, :, None],
        scale=zero + 1,
        weights=weights[:, :, None],
        on_treatment=zero,
        retained=np.zeros((size, 3, 1)),
        waiting=asked[:, 1:],
        reneging=zero,
        returning=zero,
        return_rate=zero,
    )
    found = kernel.flow(numbers, np.full((3, 1), float(places)))
    wanted = asked.sum(axis=1)
    began = found.starts[:, 0, 0]
    assert began.sum() == pytest.approx(min(wanted.sum(), places))
    np.testing.assert_allclose(began * wanted.sum(), wanted * began.sum(), atol=1e-6)
    assert (found.waiting >= 0).all() and (found.treated >= 0).all()


def test_littles_law_holds_in_the_steady_state() -> None:
    zero, months = np.zeros((1, 1)), 120
    curve = wf.Retention(gap_days=30, scale_months=6, shape=1)
    streams = kernel.Streams(
        np.full((1, months, 1), 50.0),
        zero + 1,
        curve.month_shares(months)[None, :, None],
        zero,
        np.zeros((1, months, 1)),
        zero,
        zero,
        zero,
        zero,
    )
    found = kernel.flow(streams, np.full((months, 1), np.inf))
    assert found.treated[0, -1, 0] == pytest.approx(50 * curve.mean_months, rel=1e-8)


def test_those_who_return_are_the_share_of_those_who_stop() -> None:
    zero, months = np.zeros((1, 1)), 400
    curve = wf.Retention(gap_days=30, scale_months=3, shape=1)
    requests = np.zeros((1, months, 1))
    requests[0, 0] = 100
    streams = kernel.Streams(
        requests,
        zero + 1,
        curve.month_shares(months)[None, :, None],
        zero,
        np.zeros((1, months, 1)),
        zero,
        zero,
        zero + 0.4,
        zero + 1 / 5,
    )
    found = kernel.flow(streams, np.full((months, 1), np.inf))
    # Each stay is followed by another with probability 0.4: 100 / (1 - 0.4) starts in all.
    assert found.starts.sum() == pytest.approx(100 / 0.6, rel=1e-6)


@given(st.floats(0, 0.99), st.floats(0, 0.99), st.sampled_from([0, 12]), st.integers(1, 60))
def test_exits_are_drawn_from_the_curve_of_those_who_stay(
    first: float, later: float, age: int, month: int
) -> None:
    left = float(kernel.staying(month, first, later, age=age)[month])
    if not 1e-9 < left < 1 - 1e-9:
        return
    # Not nearer than some steps of a float, below which no share can tell the two apart.
    around = np.array([left * (1 - 1e-9), left + max((1 - left) * 1e-9, 1e-15)])
    stays = kernel.months_until_exit(around, first, later, age=age)
    # Just below the share that is left a head is still there, just above it has gone.
    assert stays[0] > month >= stays[1]


@given(st.integers(1, 8), st.floats(0.1, 60), st.integers(0, 120))
def test_the_ramp_is_erlangs(stages: int, mean: float, month: int) -> None:
    x = stages * month / mean
    slow = 1 - exp(-x) * sum(x**n / factorial(n) for n in range(stages))
    assert kernel.erlang_ramp(month, mean, stages)[month] == pytest.approx(slow, abs=1e-12)


@given(st.floats(0, 1e6), st.floats(0.1, 500), st.floats(1e-8, 0.1), st.floats(0.001, 1))
def test_the_pool_bends_down_and_stays_below_its_ceiling(
    heads: float, base: float, decay: float, share: float
) -> None:
    at = np.array([heads, heads + 1, heads + 2])
    served = kernel.pool_capacity(at, base, decay, share)
    assert (served <= share * base / decay * (1 + 1e-12)).all()
    first, second = np.diff(served)
    assert -1e-6 <= second <= first + 1e-6 and first <= base + 1e-6


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.integers(0, 2**40),
)
def test_chance_has_the_expected_values_and_the_spread_of_its_parts(
    existing: list[int], hires: list[int], seed: int
) -> None:
    rules = Rules(
        months=6,
        conversions=np.array([[0.7], [0.5]]),
        first_year=0.5,
        later=0.2,
        ramp=kernel.erlang_ramp(6, 2, 2),
        mean_panel=np.array([26.6]),
        plan_share=0.5,
    )
    draws = 4_000

    def uniform(name: str, size: int) -> FloatArray:
        return uniforms(seed, name, size)

    counts = np.array(existing), np.array(hires)
    mean, drawn = (
        expected(counts[0][:, None], counts[1][:, None], rules),
        by_chance(*counts, rules, Panels(40.3 / 26.6), uniform, draws),
    )
    for theirs, ours in ((mean.heads, drawn.heads), (mean.capacity, drawn.capacity)):
        error = ours.std(axis=-1) / draws**0.5
        assert (np.abs(ours.mean(axis=-1) - theirs[..., 0]) <= 5.5 * error + 1e-9).all()
    # In the first month the heads open to the plan are all there: n panels of variance s2 each.
    spread = 26.6 * 0.5 * (existing[-1] ** 0.5) * 40.3 / 26.6
    assert drawn.capacity[0].std() == pytest.approx(spread, rel=0.25)
    assert (drawn.heads >= 0).all() and (drawn.capacity >= 0).all()
    assert (np.diff(drawn.heads, axis=0) <= 0).all()


# ---------------------------------------------------------------------------------- scenarios


def test_without_uncertainty_draws_are_the_run_of_expected_values() -> None:
    sure = scenario(chance=False)
    one = wf.project(sure, start="2026-01", months=24)
    many = wf.project(sure, start="2026-01", months=24, draws=50, seed=3)
    for name in one.by_month.keys():  # noqa: SIM118
        kind = one.by_month[name].dtype.kind
        equal = (
            np.allclose(one.by_month[name], many.by_month[name], rtol=1e-12)
            if kind == "f"
            else (np.array_equal(one.by_month[name], many.by_month[name]))
        )
        assert equal, name


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.integers(0, 2**40),
)
def test_more_hires_never_lower_a_capacity(some: list[int], more: list[int], seed: int) -> None:
    rules = Rules(
        months=6,
        conversions=np.array([[0.7], [0.5]]),
        first_year=0.5,
        later=0.2,
        ramp=kernel.erlang_ramp(6, 2, 2),
        mean_panel=np.array([26.6]),
        plan_share=0.5,
    )
    few, many = (
        by_chance(
            np.array([1, 0, 2]),
            np.array(hires),
            rules,
            Panels(1.5),
            lambda name, size: uniforms(seed, name, size),
            50,
        )
        for hires in (some, np.add(some, more))
    )
    assert (many.capacity >= few.capacity - 1e-9).all()
    assert (many.heads >= few.heads).all()


@given(st.integers(1, 9))
@settings(max_examples=5)
def test_demand_is_linear_in_members(times: int) -> None:
    one = wf.demand(scenario(members=10_000, on_treatment=0.0).demand)
    many = wf.demand(scenario(members=10_000 * times, on_treatment=0.0).demand)
    assert many.seekers == pytest.approx(times * one.seekers)
    assert many.gap == pytest.approx(times * one.gap)


@settings(max_examples=15, deadline=None)
@given(scenarios(), st.integers(0, 2**40))
def test_areas_and_lines_of_business_add_up_to_the_whole(base: wf.Scenario, seed: int) -> None:
    lines = [each.model_copy(update={"line_of_business": each.area}) for each in base.demand]
    plan = wf.project(
        base.model_copy(update={"demand": tuple(lines)}),
        start="2026-01",
        months=6,
        draws=20,
        seed=seed,
    )
    for name in ("seekers_mean", "treated_mean", "waiting_mean", "gap_mean"):
        assert plan.by_line[name] == pytest.approx(plan.by_area[name], rel=1e-12, abs=1e-9)
    whole = plan.by_line["treated_mean"].reshape(2, 6).sum(axis=0)
    assert plan.treated_by_month == pytest.approx(whole, rel=1e-12, abs=1e-9)


def test_hires_found_meet_the_target_when_run_forward_and_one_less_does_not() -> None:
    plan = wf.project(scenario(), start="2026-01", months=24, draws=300, seed=11)
    found = plan.hires_for(share_met=0.6, by_month=24, confidence=0.8)
    assert found.status == "found" and found.probability.value >= 0.8
    forward = wf.project(found.scenario, start="2026-01", months=24, draws=300, seed=11)
    assert forward.probability_met(0.6, 24) == found.probability
    fewer = scenario(hires=found.hires_per_month - 1)
    less = wf.project(fewer, start="2026-01", months=24, draws=300, seed=11)
    assert less.probability_met(0.6, 24).value < 0.8


def test_what_no_number_of_hires_reaches_is_unreachable_with_the_best_share() -> None:
    plan = wf.project(scenario(), start="2026-01", months=6, draws=100, seed=11)
    found = plan.hires_for(share_met=1.0, by_month=3, confidence=0.8)
    assert (found.status, found.hires_per_month, found.by_area) == ("unreachable", 0, ())
    assert 0 < found.share_met < 1


def test_gaps_of_areas_are_floored_before_they_are_added() -> None:
    rich, poor = (
        wf.Demand(
            members=10_000,
            ages="18+",
            oud_base="claims",
            prevalence=0.01,
            undercount=1.0,
            seeking=1.0,
            on_treatment=treated,
            area=area,
        )
        for area, treated in (("rich", 150.0), ("poor", 20.0))
    )
    both = wf.demand((rich, poor))
    assert both.gap == pytest.approx(80)
    assert both.seekers - both.on_treatment == pytest.approx(30)


def test_an_area_more_leaves_the_chance_of_the_others() -> None:
    def two(extra: bool) -> wf.Plan:
        demand = scenario().demand[0]
        areas = ("north", "south") if extra else ("north",)
        return wf.project(
            scenario().model_copy(
                update={
                    "demand": tuple(demand.model_copy(update={"area": area}) for area in areas),
                    "supply": tuple(wf.Supply(area=area, open_to_plan=5) for area in areas),
                }
            ),
            start="2026-01",
            months=6,
            draws=100,
            seed=1,
        )

    alone, together = two(False).by_area, two(True).by_area
    assert np.array_equal(alone["treated_mean"], together["treated_mean"][:6])
