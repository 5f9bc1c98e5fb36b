"""Laws of the cohort engine, and its slow twin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import costbenefit as cb
from opsafe.costbenefit import _cohort_blocks as blocks
from opsafe.costbenefit._cohort_weights import cycle_weights, weights_of
from opsafe.survival import Retention
from opsafe.uncertainty import Beta, Correlated, Dirichlet, Gamma, uniforms
from tests.cohort_twin import Spec, slow, specs

rules = st.sampled_from(("half_cycle", "life_table", "simpson", "start", "end"))


def made(**fields: Any) -> cb.CohortModel:
    return cb.CohortModel(**fields)


def on_and_off(**changes: Any) -> cb.CohortModel:
    fields: dict[str, Any] = {
        "states": ["off", "on", "dead"],
        "cycle": "month",
        "cycles": 24,
        "parameters": {
            "p_start": Beta(mean=0.05, sd=0.01),
            "drug_usd": Gamma(mean=240, sd=30),
            "reach": 1,
        },
        "transitions": {
            "off": {"on": "p_start * reach", "dead": 0.003, "off": "rest"},
            "on": {"off": 0.08, "dead": 0.001, "on": "rest"},
        },
        "costs": {"drug": {"on": "drug_usd"}, "acute care": {"off": 900, "on": 500}},
        "utilities": {"off": 0.574, "on": 0.766},
        "conventions": {"discount_rate_costs": 0.03, "discount_rate_effects": 0.03},
    }
    return cb.CohortModel(**{**fields, **changes})


@given(specs())
def test_the_engine_is_its_slow_twin(spec: Spec) -> None:
    model = cb.CohortModel(**spec.fields())
    run = cb.simulate(model, parameters={"q": spec.draws}, keep="months")
    assert run.by_month is not None
    for n, q in enumerate(spec.draws):
        twin = slow(spec, q)
        assert run.costs[0, n] == pytest.approx(twin["costs"], rel=1e-10, abs=1e-9)
        assert run.effects[0, n] == pytest.approx(twin["effects"], rel=1e-10, abs=1e-12)
        np.testing.assert_allclose(run.at_end[0, :, n], twin["at_end"], rtol=1e-10, atol=1e-13)
        assert run.events[0, 0, n] == pytest.approx(twin["events"], rel=1e-10, abs=1e-13)
        care = run.by_month[0, run.categories.index("care"), :, n]
        np.testing.assert_allclose(care, twin["care"], rtol=1e-10, atol=1e-9)


@given(specs())
def test_nobody_is_lost(spec: Spec) -> None:
    model = cb.CohortModel(**spec.fields())
    run = cb.simulate(model, parameters={"q": spec.draws}, keep="trace")
    assert run.trace is not None
    for n, q in enumerate(spec.draws):
        entered = np.cumsum(
            [0.0]
            + [
                sum(formula(cycle, 0, q) for _, formula in spec.new_cases.values())
                for cycle in range(spec.cycles)
            ]
        )
        np.testing.assert_allclose(run.trace[0, :, :, n].sum(axis=1), 1 + entered, rtol=1e-12)
    assert (run.trace >= 0).all()


@given(specs(), rules)
def test_months_add_up_to_categories_and_these_to_totals(spec: Spec, rule: str) -> None:
    spec.rule = rule
    model = cb.CohortModel(**spec.fields())
    run = cb.simulate(model, parameters={"q": spec.draws}, keep="months")
    assert run.by_category is not None and run.by_month is not None
    assert run.by_month_undiscounted is not None
    np.testing.assert_allclose(run.by_category.sum(axis=1), run.costs, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(run.by_month.sum(axis=2), run.by_category, rtol=1e-9, atol=1e-7)
    spec.cost_rate = None
    plain = cb.simulate(
        cb.CohortModel(**spec.fields()), parameters={"q": spec.draws}, keep="months"
    )
    assert plain.by_month is not None
    np.testing.assert_allclose(run.by_month_undiscounted, plain.by_month, rtol=1e-12, atol=1e-12)
    totals = cb.simulate(model, parameters={"q": spec.draws})
    assert (totals.costs == run.costs).all() and totals.by_category is None


@given(st.integers(1, 60), rules, st.sampled_from(("week", "month", "year", "3 months")))
def test_a_constant_of_one_comes_to_the_horizon(cycles: int, rule: str, cycle: str) -> None:
    model = on_and_off(
        cycle=cycle,
        cycles=cycles,
        costs={"one": {"off": 1, "on": 1, "dead": 1}},
        utilities={"off": 1, "on": 1, "dead": 1},
        conventions={"within_cycle": rule},
    )
    run = cb.simulate(model)
    assert run.costs[0, 0] == pytest.approx(cycles, rel=1e-12)
    years = cycles / model.conventions.periods_per_year
    assert run.effects[0, 0] == pytest.approx(years, rel=1e-12)
    yearly = cb.simulate(model.model_copy(update={"costs_per": "year"}))
    assert yearly.costs[0, 0] == pytest.approx(years, rel=1e-12)


@given(st.integers(1, 40), rules, st.sampled_from((None, 0.0, 0.03)))
def test_cycles_share_the_weights_of_the_points(cycles: int, rule: Any, rate: float | None) -> None:
    ours = cb.Conventions(within_cycle=rule, discount_rate_costs=rate)
    found = weights_of(ours, cycles, rate)
    np.testing.assert_allclose(found.points, ours.cost_weights(cycles), rtol=1e-12, atol=1e-15)
    by_cycle = np.zeros((cycles, cycles + 1))
    for point, pairs in enumerate(cycle_weights(cycles, rule)):
        for cycle, weight in pairs:
            by_cycle[cycle, point] += weight
    np.testing.assert_allclose(by_cycle.sum(axis=1), 1)
    points = np.arange(cycles + 1.0)
    if rule not in ("start", "end"):
        np.testing.assert_allclose(by_cycle @ points, points[:-1] + 0.5)
    if rule == "simpson" and cycles > 1:
        exact = (points[1:] ** 3 - points[:-1] ** 3) / 3
        np.testing.assert_allclose(by_cycle @ points**2, exact)


def test_a_price_that_changes_is_paid_for_whole_cycles_under_every_rule() -> None:
    for rule in ("half_cycle", "life_table", "simpson", "start", "end"):
        model = made(
            states=["here"],
            transitions={},
            cycles=24,
            costs={"care": {"here": "where(cycle < 12, 100, 0)"}},
            conventions={"within_cycle": rule},
        )
        assert cb.simulate(model).costs[0, 0] == pytest.approx(1200, rel=1e-12)


def test_a_rate_of_zero_is_no_rate() -> None:
    zero = {"discount_rate_costs": 0.0, "discount_rate_effects": 0.0}
    one = cb.simulate(on_and_off(conventions=zero), draws=50)
    other = cb.simulate(on_and_off(conventions={}), draws=50)
    np.testing.assert_array_equal(one.costs, other.costs)
    np.testing.assert_array_equal(one.effects, other.effects)


@given(st.floats(0.5, 50), st.integers(1, 30))
def test_a_constant_hazard_by_stay_is_the_plain_model(scale: float, told: int) -> None:
    dwell = cb.WeibullDwell(scale_months=scale, shape=1, cycles=told)
    by_stay = on_and_off(
        dwell={"on": dwell, "off": told},
        transitions={
            "off": {"on": "p_start * reach + 0 * time_in_state", "dead": 0.003, "off": "rest"},
            "on": {"off": "0.99 * dwell_ends", "dead": 0.001, "on": "rest"},
        },
        costs={
            "drug": {"on": "drug_usd + 0 * time_in_state"},
            "acute care": {"off": 900, "on": 500},
        },
    )
    leave = 0.99 * -math.expm1(-1 / scale)
    plain = on_and_off(
        transitions={
            "off": {"on": "p_start * reach", "dead": 0.003, "off": "rest"},
            "on": {"off": leave, "dead": 0.001, "on": "rest"},
        }
    )
    found, wanted = (cb.simulate(each, draws=7) for each in (by_stay, plain))
    np.testing.assert_allclose(found.costs, wanted.costs, rtol=1e-11)
    np.testing.assert_allclose(found.effects, wanted.effects, rtol=1e-11)
    np.testing.assert_allclose(found.at_end, wanted.at_end, rtol=1e-10)


@pytest.mark.parametrize("cycle", ["week", "month"])
def test_who_only_leaves_by_a_curve_stays_as_it_says(cycle: str) -> None:
    curve = Retention(gap_days=30, points=((1, 0.716), (6, 0.354), (12, 0.2)))
    for dwell, share in (
        (curve, curve.share),
        (
            cb.WeibullDwell(scale_months="scale", shape=0.6),
            lambda months: np.exp(-((np.asarray(months) / 5) ** 0.6)),
        ),
    ):
        model = made(
            states=["on", "off"],
            cycle=cycle,
            cycles=20,
            parameters={"scale": 5},
            transitions={"on": {"off": "dwell_ends", "on": "rest"}},
            dwell={"on": dwell},
        )
        run = cb.simulate(model, keep="trace")
        assert run.trace is not None
        months = np.arange(21) * 12 / model.conventions.periods_per_year
        np.testing.assert_allclose(run.trace[0, :, 0, 0], share(months), rtol=1e-12)


def test_the_first_weeks_of_each_stay_carry_their_own_risk() -> None:
    """Deaths of a closed form: everyone enters at the start, and dies fast for two cycles."""
    model = made(
        states=["on", "dead"],
        cycle="week",
        cycles=10,
        dwell={"on": 3},
        transitions={"on": {"dead": "0.01 * where(time_in_state < 2, 9, 1)", "on": "rest"}},
        events={"deaths": {"on>dead": 1}},
    )
    run = cb.simulate(model)
    alive = 0.91**2 * 0.99**8
    assert run.at_end[0, 0, 0] == pytest.approx(alive, rel=1e-13)
    assert run.events[0, 0, 0] == pytest.approx(1 - alive, rel=1e-13)


@given(st.floats(0.01, 1e6))
def test_scaling_all_costs_scales_the_total(factor: float) -> None:
    model = on_and_off(one_time_costs={"start-up": {0: 500}})
    more = {c: {s: f"{factor!r} * ({v})" for s, v in row.items()} for c, row in model.costs.items()}
    scaled = model.model_copy(
        update={"costs": more, "one_time_costs": {"start-up": {0: 500 * factor}}}
    )
    one, other = (cb.simulate(each, draws=5) for each in (model, scaled))
    np.testing.assert_allclose(other.costs, one.costs * factor, rtol=1e-11)
    np.testing.assert_array_equal(other.effects, one.effects)


# ------------------------------------------------------------------------------------- draws


def test_draws_are_the_streams_of_the_names() -> None:
    run = cb.simulate(on_and_off(), draws=100, seed=7)
    beta = Beta(mean=0.05, sd=0.01)
    np.testing.assert_array_equal(
        run.parameters["p_start"], beta.quantile(uniforms(7, "p_start", 100))
    )
    model = on_and_off()
    more = model.model_copy(
        update={"parameters": {"another": Gamma(mean=1, sd=1), **model.parameters}}
    )
    np.testing.assert_array_equal(cb.simulate(more, draws=100, seed=7).costs, run.costs)


def test_strategies_share_their_draws_and_alike_ones_are_alike_to_the_bit() -> None:
    strategies = {"a": {}, "b": {"reach": 1}, "c": {"reach": 2}}
    run = cb.simulate(on_and_off(), strategies, draws=100)
    np.testing.assert_array_equal(run.costs[0], run.costs[1])
    assert (run.effects[2] > run.effects[0]).all()


def test_a_distribution_of_a_strategy_has_a_stream_of_its_own() -> None:
    strategies = [
        cb.Strategy(name="a"),
        cb.Strategy(name="b", parameters={"p_start": Beta(mean=0.05, sd=0.01)}),
    ]
    run = cb.simulate(on_and_off(), strategies, draws=100)
    assert set(run.parameters) == {"p_start", "drug_usd", "b: p_start"}
    assert (run.parameters["p_start"] != run.parameters["b: p_start"]).all()
    given = cb.simulate(
        on_and_off(), strategies, parameters={"b: p_start": run.parameters["p_start"]}, draws=100
    )
    np.testing.assert_array_equal(given.costs[0], given.costs[1])


@pytest.mark.parametrize("keep", ["totals", "months", "trace"])
def test_blocks_of_draws_change_no_bit(keep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = on_and_off(
        dwell={"on": cb.WeibullDwell(scale_months=6, shape="0.5 + 0.5 * p_start")},
        transitions={
            "off": {"on": "p_start * reach * where(cycle < 5, 1, 0.5)", "off": "rest"},
            "on": {"off": "dwell_ends", "on": "rest"},
        },
        events={"starts": {"off>on": 1}},
    )
    whole = cb.simulate(model, draws=300, keep=keep)
    monkeypatch.setattr(blocks, "_CACHE", 1)
    parts = cb.simulate(model, draws=300, keep=keep)
    for name in ("costs", "effects", "events", "at_end", "by_month", "trace"):
        one, other = getattr(whole, name), getattr(parts, name)
        assert (one is None and other is None) or np.array_equal(one, other)


def test_no_draws_are_one_draw_at_the_means() -> None:
    run = cb.simulate(on_and_off())
    means = {"p_start": [0.05], "drug_usd": [240.0]}
    np.testing.assert_allclose(run.costs, cb.simulate(on_and_off(), parameters=means).costs)
    assert run.draws == 0 and run.seed is None and run.costs.shape == (1, 1)


def test_shares_of_a_whole_and_correlated_parameters_are_drawn_together() -> None:
    row = Dirichlet(names=("stay", "go", "die"), alpha=(80, 15, 5))
    pair = Correlated(names=("p_start", "drug_usd"), correlation=((1, 0.9), (0.9, 1)))
    model = on_and_off(
        joint=[row, pair],
        transitions={
            "off": {"on": "p_start * reach", "off": "rest"},
            "on": {"on": "stay", "off": "go", "dead": "die"},
        },
    )
    run = cb.simulate(model, draws=2000)
    total = run.parameters["stay"] + run.parameters["go"] + run.parameters["die"]
    np.testing.assert_allclose(total, 1, rtol=1e-12)
    given = cb.simulate(model, draws=2000, parameters={"p_start": run.parameters["p_start"]})
    np.testing.assert_array_equal(given.costs, run.costs)
    ranks = [run.parameters[name].argsort().argsort() for name in pair.names]
    assert np.asarray(np.corrcoef(ranks))[0, 1] == pytest.approx(0.9, abs=0.03)
