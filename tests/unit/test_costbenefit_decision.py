"""Frontier, acceptability and information: tables, messages, edges."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.uncertainty import Beta, Gamma, Normal, draw_all

COSTS = {"UC": 5000, "A": 12000, "B": 10000, "C": 25000, "D": 35000, "B again": 10000}
EFFECTS = {"UC": 1, "A": 1.5, "B": 2, "C": 3, "D": 4, "B again": 2}


def simulated(draws: int = 2_000) -> cb.Outcomes:
    drawn = draw_all(
        {"cost": Normal(mean=5_000, sd=900), "gain": Normal(mean=0.1, sd=0.02)}, seed=1, draws=draws
    )
    none = np.zeros(draws)
    return cb.Outcomes(
        ("as it is", "treat more"),
        np.array([none + 1_000, drawn["cost"]]),
        np.array([none, drawn["gain"]]),
        drawn,
    )


RUN = simulated()


def test_the_table_tells_each_strategy_its_status_and_why() -> None:
    table = cb.frontier(COSTS, EFFECTS).table
    assert table["strategy"].tolist() == ["UC", "B", "B again", "A", "C", "D"]
    assert table["status"].tolist() == ["ND", "ND", "EQ", "D", "ED", "ND"]
    assert table["reason"].tolist() == [
        "cheapest of the frontier",
        "next step of the frontier",
        "same cost and effect as B",
        "B costs no more and does no less",
        "a mix of B and D does as much for no more",
        "next step of the frontier",
    ]
    assert table["compared_with"].tolist() == [None, "UC", None, None, None, "B"]
    np.testing.assert_array_equal(
        table["incremental_cost_usd"], [np.nan, 5000, np.nan, np.nan, np.nan, 25_000]
    )
    np.testing.assert_array_equal(
        table["icer_usd_per_effect"], [np.nan, 5000, np.nan, np.nan, np.nan, 12_500]
    )
    assert np.isnan(table["icer_standard_error"]).all()


def test_the_tie_rule_is_printed() -> None:
    assert "1e-9" in cb.frontier(COSTS, EFFECTS).tie_rule


@pytest.mark.parametrize("apart, status", [(0.5e-9, "EQ"), (2e-9, "D")], ids=range(2))
def test_equal_is_within_one_in_a_thousand_million(apart: float, status: str) -> None:
    found = cb.frontier([100, 100 * (1 + apart)], [2, 2])
    assert found.status["strategy 2"] == status


@pytest.mark.parametrize("threshold, best", [(0, "UC"), (5_001, "B"), (12_501, "D")], ids=range(3))
def test_the_best_at_a_threshold(threshold: float, best: str) -> None:
    assert cb.frontier(COSTS, EFFECTS).best_at(threshold) == best


def test_a_run_and_its_arrays_give_the_same_frontier() -> None:
    one = cb.frontier(RUN)
    two = cb.frontier(RUN.costs, RUN.effects, RUN.strategies)
    three = cb.frontier(
        dict(zip(RUN.strategies, RUN.costs, strict=True)),
        dict(zip(RUN.strategies, RUN.effects, strict=True)),
    )
    assert one.table == two.table == three.table
    like = SimpleNamespace(
        strategies=RUN.strategies, costs=RUN.costs, effects=RUN.effects, parameters={}
    )
    assert cb.frontier(like).table == one.table


def test_the_standard_error_of_an_icer_is_that_of_its_ratio() -> None:
    found = cb.frontier(RUN, resamples=400)
    more_cost, more_effect = RUN.costs[1] - RUN.costs[0], RUN.effects[1]
    ratio = more_cost.mean() / more_effect.mean()
    delta = (more_cost - ratio * more_effect).std() / more_effect.mean() / np.sqrt(RUN.draws)
    assert found.table["icer_standard_error"][1] == pytest.approx(delta, rel=0.15)
    assert cb.frontier(RUN, resamples=400).table == found.table
    assert cb.frontier(RUN, resamples=400, seed=2).table != found.table


def test_a_gain_that_may_be_none_has_no_standard_error_and_says_so() -> None:
    rng = np.random.default_rng(3)
    effect = np.array([np.zeros(50), rng.normal(0.001, 1, 50) + 0.1])
    found = cb.frontier(np.array([np.zeros(50), np.ones(50)]), effect)
    assert np.isnan(found.table["icer_standard_error"]).all()
    assert "vanishes" in found.cautions[0]


def test_a_gain_too_small_for_a_float_is_none() -> None:
    found = cb.frontier([0, 1e15], [0, 1e-300])
    assert found.status["strategy 2"] == "D"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([1, 2],), "effects: is missing"),
        (([1, 2], [1, 2, 3]), "shape"),
        (([1, float("nan")], [1, 2]), "costs"),
        (([1, 1e300], [1, 2]), "costs"),
        ((["1", "2"], [1, 2]), "costs"),
        (([1, 2], [1, 2], ["a", "a"]), "twice"),
        (([1, 2], [1, 2], ["a"]), "shape"),
        (([1, 2], [1, 2], "ab"), "strategies"),
        (([], []), "strategies"),
        ((1, 2), "shape"),
        (({"a": 1}, {"b": 1}), "'a' is in one of them only"),
        (({"a": 1}, [1]), "effects"),
        (({"a": 1}, {"a": 1}, ["a"]), "strategies"),
        ((object(),), "effects"),
        ((SimpleNamespace(strategies=("a",)),), "costs, effects, parameters"),
    ],
    ids=range(15),
)
def test_what_cannot_be_compared_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(OpsafeError, match=message):
        cb.frontier(*arguments)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"strategies": ("a",)}, "shape"),
        ({"strategies": ("a", 1)}, r"strategies\[1\]"),
        ({"costs": np.zeros(2)}, "costs"),
        ({"costs": np.zeros((2, 0))}, "costs"),
        ({"effects": np.zeros((2, 4))}, "draws"),
        ({"effects": np.full((2, 3), np.inf)}, "effects"),
        ({"parameters": {"p": np.zeros(2)}}, r"parameters\['p'\]"),
        ({"parameters": {"": np.zeros(3)}}, "parameters"),
        ({"parameters": [1]}, "parameters"),
    ],
    ids=range(9),
)
def test_outcomes_are_checked_at_the_door(fields: dict[str, Any], message: str) -> None:
    whole: dict[str, Any] = {
        "strategies": ("a", "b"),
        "costs": np.zeros((2, 3)),
        "effects": np.zeros((2, 3)),
    }
    with pytest.raises(OpsafeError, match=message):
        cb.Outcomes(**(whole | fields))


def test_outcomes_are_their_own_and_frozen() -> None:
    cost = np.zeros((1, 3))
    run = cb.Outcomes(("a",), cost, np.zeros((1, 3)))
    cost[:] = 9
    assert run.costs.tolist() == [[0, 0, 0]]
    with pytest.raises(ValueError, match="read-only"):
        run.costs[0, 0] = 1


def test_tables_by_threshold() -> None:
    curves = cb.ceac(RUN, [0, 40_000]).table
    assert curves["strategy"].tolist() == ["as it is", "treat more"] * 2
    assert curves["threshold_usd"].tolist() == [0, 0, 40_000, 40_000]
    share = curves["probability"]
    np.testing.assert_allclose(curves["standard_error"], np.sqrt(share * (1 - share) / RUN.draws))
    assert cb.ceaf(RUN, [0, 1e6]).table["strategy"].tolist() == ["as it is", "treat more"]
    assert cb.expected_loss(RUN, 0).table["expected_loss_usd"].argmin() == 0


def test_without_thresholds_those_where_the_choice_changes() -> None:
    found = cb.evpi(RUN)
    icer = cb.frontier(RUN).icers["treat more"]
    assert found.thresholds_usd.tolist() == [0, icer]
    assert found.value_usd[1] > found.value_usd[0]
    assert found.table["value_usd"].tolist() == found.value_usd.tolist()
    part = cb.evppi(RUN, parameters=["gain"])
    assert part.thresholds_usd.tolist() == [0, icer]
    assert part.known == ("gain",)
    assert "10 df" in part.method


def test_parameters_are_ranked() -> None:
    table = cb.evppi_by_parameter(RUN, 40_000, resamples=20)
    both = {name: cb.evppi(RUN, name, 40_000, resamples=20) for name in ("cost", "gain")}
    order = sorted(both, key=lambda name: -both[name].value_usd[0])
    assert table["parameter"].tolist() == order
    full = cb.evpi(RUN, 40_000).value_usd[0]
    np.testing.assert_allclose(table["share_of_evpi"], table["value_usd"] / full)


DRAW = np.arange(2_000)


@pytest.mark.parametrize("values", [DRAW * 0 + 7, DRAW % 2, DRAW % 4, DRAW == 9], ids=range(4))
def test_a_parameter_of_few_values_has_a_regression(values: Any) -> None:
    gain = 100 * np.asarray(values, float) + np.random.default_rng(1).normal(0, 10, 2_000)
    run = cb.Outcomes(
        ("a", "b"),
        np.array([np.zeros(2_000), gain.mean() - gain]),
        np.zeros((2, 2_000)),
        {"p": np.asarray(values, float), "same": np.ones(2_000)},
    )
    full = cb.evpi(run, 0).value_usd[0]
    for names in (["p"], ["p", "same"]):
        found = cb.evppi(run, names, 0, resamples=20)
        assert 0 <= found.value_usd[0] <= full * (1 + 1e-9)
        assert np.isfinite(found.standard_error_usd).all()
    assert cb.evppi(run, "same", 0, resamples=20).value_usd[0] == pytest.approx(0, abs=1e-9)


def test_values_next_to_each_other_make_no_wild_spline() -> None:
    rng = np.random.default_rng(4)
    values = np.where(rng.random(2_000) < 0.5, rng.normal(0, 1e-9, 2_000), rng.normal(5, 1, 2_000))
    run = cb.Outcomes(
        ("a", "b"), np.array([np.zeros(2_000), 3 - values]), np.zeros((2, 2_000)), {"p": values}
    )
    found = cb.evppi(run, "p", 0, resamples=20)
    assert found.value_usd[0] == pytest.approx(cb.evpi(run, 0).value_usd[0], rel=0.01)


@pytest.mark.parametrize(
    "parameters, message",
    [
        ([], "1 to 5"),
        (["cost"] * 6, "1 to 5"),
        (["cost", "cost"], "twice"),
        (["gian"], "Did you mean 'gain'"),
        ([1], "parameters"),
        (1, "parameters"),
    ],
    ids=range(6),
)
def test_parameters_are_read(parameters: Any, message: str) -> None:
    with pytest.raises(OpsafeError, match=message):
        cb.evppi(RUN, parameters)


def test_five_parameters_are_fitted_together_and_need_draws() -> None:
    rng = np.random.default_rng(5)

    def run(draws: int) -> cb.Outcomes:
        known = {f"p{n}": rng.normal(size=draws) for n in range(5)}
        gain = np.sum(list(known.values()), axis=0)
        return cb.Outcomes(("a", "b"), np.array([0 * gain, gain]), np.zeros((2, draws)), known)

    names = [f"p{n}" for n in range(5)]
    large = run(1_000)
    found = cb.evppi(large, names, 0, resamples=20)
    assert "56 terms" in found.method
    assert found.value_usd[0] == pytest.approx(cb.evpi(large, 0).value_usd[0], rel=1e-9)
    with pytest.raises(ArgumentError, match="56 terms"):
        cb.evppi(run(56), names, 0)


@pytest.mark.parametrize(
    "study",
    [
        "no",
        lambda params, rng: params["gain"][:5],  # noqa: ARG005
        lambda params, rng: "text",  # noqa: ARG005
        lambda params, rng: rng.normal(size=(6, 2_000)),  # noqa: ARG005
        lambda params, rng: np.full(2_000, np.nan),  # noqa: ARG005
    ],
    ids=range(5),
)
def test_a_study_reports_numbers_by_draw(study: Any) -> None:
    with pytest.raises(OpsafeError, match="study"):
        cb.evsi(RUN, study)


def test_a_study_may_report_by_name_and_repeats_by_seed() -> None:
    def study(params: Any, rng: np.random.Generator) -> Any:
        seen = rng.normal(params["gain"], 0.01)
        return {"mean": seen, "sd": np.abs(seen - params["gain"])}

    one, two = (cb.evsi(RUN, study, 40_000, resamples=20) for _ in range(2))
    assert one.value_usd == two.value_usd
    assert "polynomial" in one.method
    assert cb.evsi(RUN, study, 40_000, resamples=20, seed=2).value_usd != one.value_usd


@pytest.mark.parametrize("thresholds", [-1, [], [[1]], float("nan"), "1", [1, None], 1e13])
@pytest.mark.parametrize("function", [cb.ceac, cb.ceaf, cb.expected_loss, cb.evpi])
def test_thresholds_are_read(function: Any, thresholds: Any) -> None:
    with pytest.raises(OpsafeError, match="thresholds"):
        function(RUN, thresholds)


def test_the_run_of_a_model_is_taken_as_it_is() -> None:
    model = cb.CohortModel(
        states=("well", "ill"),
        cycle="year",
        cycles=5,
        start={"well": 1.0},
        parameters={"risk": Beta(mean=0.1, sd=0.03), "price": Gamma(mean=900, sd=300)},
        transitions={"well": {"ill": "risk", "well": "rest"}, "ill": {"ill": 1.0}},
        costs={"care": {"ill": "price"}},
        utilities={"well": 1.0, "ill": 0.5},
    )
    strategies = {"none": {}, "half the risk": {"risk": 0.05}}
    run = cb.simulate(model, strategies, draws=500, seed=1)
    assert cb.frontier(run).strategies == ("none", "half the risk")
    assert cb.ceac(run, [0, 1_000]).probability.sum(axis=1) == pytest.approx([1, 1])
    worth = cb.evppi(run, parameters=["risk"], resamples=20)
    assert (worth.value_usd >= 0).all()
    certain = cb.simulate(model, strategies, draws=0)
    assert cb.evpi(certain, 1_000).value_usd.tolist() == [0]


@pytest.mark.parametrize("name, value", [("resamples", 19), ("resamples", 50.0), ("seed", -1)])
def test_resamples_and_seed_are_read(name: str, value: Any) -> None:
    arguments: dict[str, Any] = {name: value}
    for ask in (
        lambda: cb.frontier(RUN, **arguments),
        lambda: cb.evppi(RUN, "gain", **arguments),
        lambda: cb.evsi(RUN, lambda p, _: p["gain"], **arguments),
    ):
        with pytest.raises(OpsafeError, match=name):
            ask()


def test_what_is_no_run_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="neither an Outcomes nor a run"):
        cb.ceac([1, 2], 0)  # type: ignore[arg-type]


def worth(value: Any, **changes: Any) -> Any:
    asked = {"people_per_year": 100, "years": 3, "annual_discount_rate": 0} | changes
    return cb.population_value(value, **asked)


def test_the_population_is_counted_by_year() -> None:
    assert worth(10) == pytest.approx(3_000)
    assert worth([10, 20]).tolist() == pytest.approx([3_000, 6_000])
    assert worth(10, people_per_year=[100, 50, 0]) == pytest.approx(1_500)
    assert worth(10, years=2.5) == pytest.approx(2_500)
    assert worth(10, delay_years=0.5) == pytest.approx(2_500)
    assert worth(10, delay_years=4) == 0
    discounted = sum(1_000 * 1.03 ** -(year - 0.5) for year in (1, 2, 3))
    assert worth(10, annual_discount_rate=0.03) == pytest.approx(discounted)
    late = 1_000 * 1.03**-2.5
    assert worth(10, annual_discount_rate=0.03, delay_years=2) == pytest.approx(late)
    continuous = sum(1_000 * np.exp(-0.03 * (year - 0.5)) for year in (1, 2, 3))
    assert worth(10, annual_discount_rate=0.03, discounting="continuous") == pytest.approx(
        continuous
    )
    assert worth(cb.evpi(RUN, [0, 40_000])).shape == (2,)


def test_a_study_pays_its_cost_from_what_it_is_worth() -> None:
    asked: dict[str, Any] = {"people_per_year": 100, "years": 3, "annual_discount_rate": 0.03}
    whole = cb.population_value(10, **asked)
    assert cb.net_gain_of_sampling(10, study_cost_usd=500, **asked) == pytest.approx(whole - 500)


@pytest.mark.parametrize(
    "changes, where",
    [
        ({"people_per_year": [1, 2]}, "people_per_year"),
        ({"people_per_year": -1}, "people_per_year"),
        ({"years": 0}, "years"),
        ({"years": "3"}, "years"),
        ({"delay_years": -1}, "delay_years"),
        ({"annual_discount_rate": 3}, "annual_rate"),
        ({"discounting": "simple"}, "discounting"),
    ],
    ids=range(7),
)
def test_the_population_is_read(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(OpsafeError, match=where):
        worth(10, **changes)


def test_the_normal_value_has_its_limits() -> None:
    assert cb.normal_information_value(5, 0) == 0
    assert cb.normal_information_value(0, 2) == pytest.approx(2 / np.sqrt(2 * np.pi), rel=1e-15)
    assert cb.normal_information_value(-1_000, 4_000) == cb.normal_information_value(1_000, 4_000)
    assert cb.normal_information_value(1e15, 1e-9) == 0
    assert cb.preposterior_sd(3, 5, 0) == cb.preposterior_sd(0, 5, 9) == 0
    assert cb.preposterior_sd(3, 0, 1) == 3


def test_one_threshold_is_one() -> None:
    run = cb.Outcomes(("a", "b"), np.arange(80.0).reshape(2, 40), np.ones((2, 40)))
    with pytest.raises(ArgumentTypeError, match="threshold"):
        cb.frontier([1, 2], [1, 2]).best_at([0, 1])  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="threshold"):
        cb.evppi_by_parameter(run, [0, 1], [])  # type: ignore[arg-type]


AWKWARD = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**18), 10**18),
    st.text(max_size=3),
    st.booleans(),
    st.lists(st.floats(), max_size=4),
    st.lists(st.lists(st.floats(), max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=2), st.floats(), max_size=3),
)


@given(AWKWARD, AWKWARD, AWKWARD)
def test_whatever_is_given_there_is_no_other_error(cost: Any, effect: Any, names: Any) -> None:
    try:
        found = cb.frontier(cost, effect, names, resamples=20)
    except OpsafeError:
        return
    assert np.isfinite(list(found.icers.values())).all()
    for threshold in (0, 1e12):
        assert found.best_at(threshold) in found.on_frontier
