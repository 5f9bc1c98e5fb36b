"""Cohort models at the door: what is refused, with which words, and what a run tells."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, OpsafeError
from opsafe.survival import Retention
from opsafe.uncertainty import Beta, Normal, Uniform


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "states": ["off", "on", "dead"],
        "cycle": "month",
        "cycles": 6,
        "parameters": {"p_start": 0.05, "p_die": 0.002},
        "transitions": {
            "off": {"on": "p_start", "dead": "p_die", "off": "rest"},
            "on": {"off": 0.1, "dead": "p_die / 2", "on": "rest"},
        },
        "costs": {"drug": {"on": 240}, "acute care": {"off": 900, "on": 500}},
        "utilities": {"off": 0.574, "on": 0.766},
        **changes,
    }


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"states": ["off", "on", "on"]}, "states: on stands twice"),
        ({"states": ["off>on"]}, "has a >"),
        ({"states": []}, "at least 1"),
        ({"transitions": {"of": {"on": 1}}}, "'of' is no state; did you mean off?"),
        (
            {"transitions": {"off": {"on": 0.1, "off": 0.8}}},
            "transitions.off: sums to 0.9, not to 1; one state of the row may have 'rest'",
        ),
        ({"transitions": {"off": {"on": "rest", "off": "rest"}}}, "only one state can have"),
        ({"transitions": {"off": {}}}, "transitions.off: is empty"),
        ({"transitions": {"off": {"on": 1.2, "off": "rest"}}}, "is 1.2, not a probability"),
        (
            {"transitions": {"off": {"on": "p_strt", "off": "rest"}}},
            "transitions.off.on: 'p_strt': 'p_strt' at character 1 is no parameter; did you mean",
        ),
        (
            {"transitions": {"off": {"on": "0.1 +", "off": "rest"}}},
            "transitions.off.on: '0.1 +' is no expression",
        ),
        (
            {"transitions": {"off": {"on": "time_in_state", "off": "rest"}}},
            "uses time_in_state, but dwell has no off",
        ),
        (
            {"dwell": {"on": 4}, "costs": {"drug": {"on": "dwell_ends"}}},
            "dwell.on is a number of cycles, not a curve",
        ),
        ({"dwell": {"dead": 3}}, "nobody ever leaves dead"),
        ({"dwell": {"on": 2.5}}, "dwell.on: should be a valid integer"),
        (
            {"dwell": {"on": cb.WeibullDwell(scale_months="cycle", shape=1)}},
            "dwell.on.scale_months: is drawn once, so it can use parameters only",
        ),
        ({"costs": {"drug": {"on": "age"}}}, "uses age, so start_age must be given"),
        ({"parameters": {"cycle": 1}}, "'cycle' is taken"),
        ({"parameters": {"two words": 1}}, "is no name"),
        ({"parameters": {"p_start": "a", "a": "p_die", "p_die": "a"}}, "a -> p_die -> a"),
        (
            {"costs": {"drug": {"on": "t"}}, "parameters": {"t": [1, 2], "p_start": 0, "p_die": 0}},
            "t at character 1 is a table: write t[cycle]",
        ),
        ({"costs": {"drug": {"on": "p_die[0]"}}}, "is one number, not a table"),
        ({"transition_costs": {"x": {"off": 3}}}, "'off' must be a move, such as 'off>on'"),
        ({"utilities": {"off>on": 3}}, "'off>on' must be a state"),
        ({"may_be_negative": ["drugs"]}, "did you mean drug?"),
        ({"start": {"off": "cycle"}}, "the start knows no cycle"),
        ({"cycle": "moon"}, "'moon' is not a length of time"),
        ({"costs_per": "moon"}, "'moon' is not a length of time"),
        ({"conventions": {"cycle": "week"}}, "has cycle 'week', and the model 'month'"),
        ({"wages": 1}, "wages: is not a field of this document"),
        ({"parameters": {"p_start": {"kind": "beta", "mean": 0.5}}}, "p_start.sd: is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_model_that_is_none(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(message)):
        cb.CohortModel(**fields(**changes))


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"parameters": {"p_start": Normal(mean=0.9, sd=0.5), "p_die": 0.002}},
            r"transitions.off.on: is 1.\d+, not a probability .* \(strategy model, draw \d+\)",
        ),
        (
            {"parameters": {"p_start": "where(cycle < 3, 0.5, 1.5)", "p_die": 0.002}},
            r"transitions.off.on: is 1.5, not .* \(strategy model, cycle 3, draw 0\)",
        ),
        (
            {"parameters": {"p_start": Uniform(low=0.7, high=0.9), "p_die": 0.4}},
            r"transitions.off: the others sum to 1.\d+, which leaves no rest \(strategy model,",
        ),
        (
            {"transitions": {"off": {"on": "p_start", "off": 0.9}}},
            r"transitions.off: sums to 0.95, not to 1; .* \(strategy model, draw 0\)",
        ),
        (
            {"costs": {"drug": {"on": "0 - p_start"}}},
            "costs.drug.on: is -0.05, below 0; a category of cost with savings stands in may_be",
        ),
        (
            {"costs": {"drug": {"on": "1 / max(0, 2 - cycle)"}}},
            r"gives inf, not a number .*cycle 2",
        ),
        ({"costs": {"drug": {"on": "log(0 - p_die)"}}}, "gives nan, not a number"),
        (
            {
                "parameters": {"p_start": 0.1, "p_die": 0.1, "price": [1, 2, 3]},
                "costs": {"drug": {"on": "price[cycle]"}},
            },
            r"gives nan, not a number; price has 3 values, from \[0\] on .*cycle 3",
        ),
        ({"utilities": {"on": 76.6}}, "utilities.on: is 76.6: a year in full health is worth 1"),
        ({"start": {"off": 0.5, "on": 0.4}}, "start: sums to 0.9, not to 1"),
        ({"new_cases": {"off": -1}}, "new_cases.off: is -1, below 0"),
        ({"one_time_costs": {"x": {6: 1}}}, "lies beyond the last of 6 cycles, which is 5"),
        ({"transition_costs": {"x": {"dead>on": 1}}}, "no transition from dead to on"),
        (
            {
                "dwell": {"on": cb.WeibullDwell(scale_months="p_die - p_die", shape=1)},
            },
            "dwell.on.scale_months: is 0, outside",
        ),
        (
            {
                "dwell": {"off": 5},
                "transitions": {"off": {"on": "0.3 * time_in_state", "off": "rest"}},
                "cycles": 9,
            },
            r"transitions.off.on: is 1.2, not .* \(strategy model, time_in_state 4, draw 0\)",
        ),
        ({"costs": {"drug": {"on": "1e300 * 1e300"}}}, "gives inf, not a number"),
        ({"costs": {"drug": {"on": "1e300"}}, "people": 1e12}, "model: costs are too large"),
    ],
)
def test_a_run_that_is_none(changes: dict[str, Any], message: str) -> None:
    model = cb.CohortModel(**fields(**changes))
    with pytest.raises(ArgumentError, match=message):
        cb.simulate(model, draws=50)


def test_without_draws_the_message_names_no_draw() -> None:
    model = cb.CohortModel(**fields(utilities={"on": 2}))
    with pytest.raises(ArgumentError, match=r"is 2: .* \(strategy model\)"):
        cb.simulate(model)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"strategies": {"a": {"p_strat": 2}}}, r"'p_strat' is no parameter of the model; did you"),
        ({"strategies": {"a": {"parameters": {"p_start": "oops"}}}}, r"strategies\['a'\]: .*oops"),
        ({"strategies": {"a": {"costs": {"drug": {"onn": 1}}}}}, r"strategies\['a'\]: .*onn"),
        ({"strategies": [cb.Strategy()]}, r"strategies\[0\]: has no name"),
        ({"strategies": [cb.Strategy(name="a"), cb.Strategy(name="a")]}, "'a' stands twice"),
        ({"strategies": []}, "has 0 strategies, not 1 to 200"),
        ({"strategies": "usual"}, "is neither a list nor a mapping of strategies"),
        ({"strategies": [3]}, "is neither a Strategy nor a mapping"),
        ({"keep": "moths"}, "Did you mean 'months'"),
        ({"draws": -1}, "draws: lies outside 0 to 1,000,000"),
        ({"seed": "x"}, "seed: is not a whole number"),
        ({"cycles": 0}, "cycles: lies outside 1 to 20,000"),
        ({"parameters": {"p_x": [1.0]}}, "'p_x' is no parameter"),
        ({"parameters": {"p_die": [0.1, float("nan")]}}, "p_die.*nan is out of range"),
        ({"parameters": {"p_die": [0.1, 0.2], "p_start": [0.1]}}, r"has shape \(1,\), not \(2,\)"),
        ({"parameters": {"p_die": [0.1, 0.2]}, "draws": 3}, r"has shape \(2,\), not \(3,\)"),
        ({"parameters": {"p_die": []}}, r"not \(0,\)"),
        ({"parameters": {"t": [0.5]}}, "'t'.: is a table, which has no draws"),
        ({"parameters": 3}, "is not a mapping of names to draws"),
        ({"draws": 1_000_000, "keep": "trace", "cycles": 9_000}, "would keep"),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    model = cb.CohortModel(**fields(parameters={"p_start": 0.05, "p_die": 0.002, "t": [1, 2]}))
    with pytest.raises(OpsafeError, match=message):
        cb.simulate(model, **arguments)


def test_only_a_model_is_run() -> None:
    with pytest.raises(ArgumentTypeError, match="model: is not a CohortModel"):
        cb.simulate({"states": []})  # type: ignore[arg-type]


def test_json_there_and_back() -> None:
    model = cb.CohortModel(
        **fields(
            parameters={"p_start": Beta(mean=0.05, sd=0.01), "p_die": "0.001", "t": [1.0, 2.0]},
            dwell={
                "on": Retention(gap_days=30, points=((1, 0.7), (6, 0.3))),
                "off": cb.WeibullDwell(scale_months=6, shape="0.5"),
            },
            one_time_costs={"start-up": {0: 5000, 2: "1000 * 2"}},
            conventions=cb.Conventions(discount_rate_costs=0.03),
            sources={"p_start": "A study of 2020, table 2"},
        )
    )
    again = cb.CohortModel.from_json(model.to_json())
    assert again == model and again.conventions.cycle == "month"
    assert "WeibullDwell" in json.dumps(cb.CohortModel.model_json_schema())
    strategy = cb.Strategy(name="a", one_time_costs={"x": {1: 2}}, start={"on": 1})
    assert cb.Strategy.from_json(strategy.to_json()) == strategy


def test_without_a_number_of_cycles_it_runs_five_years_and_says_so() -> None:
    model = cb.CohortModel(**fields(cycles=None, cycle="week"))
    run = cb.simulate(model)
    assert run.cycles == 261
    assert any("names no number of cycles" in caution for caution in run.cautions)
    assert cb.simulate(model, cycles=3).cycles == 3


def test_a_run_tells_its_inputs_and_what_is_to_be_known() -> None:
    model = cb.CohortModel(
        **fields(
            cycles=24,
            dwell={"on": Retention(gap_days=30, points=((1, 0.7), (6, 0.3)))},
            sources={"p_start": "A study of 2020, table 2"},
        )
    )
    run = cb.simulate(model, {"usual": {}, "outreach": {"p_start": 0.1}})
    inputs = dict(zip(run.inputs["input"], run.inputs["source"], strict=True))
    assert inputs["p_start"] == "A study of 2020, table 2"
    values = dict(zip(run.inputs["input"], run.inputs["value"], strict=True))
    assert values["outreach: parameters.p_start"] == "0.1" and values["costs.drug.on"] == "240.0"
    assert "not discounted" in values["conventions"]
    assert run.cautions == (
        "Costs are not discounted: no rate was given",
        "Effects are not discounted: no rate was given",
        "The curve of dwell.on ends after 6 months and is extrapolated beyond",
    )


def test_a_strategy_may_keep_people_longer() -> None:
    model = cb.CohortModel(
        **fields(
            dwell={"on": cb.WeibullDwell(scale_months=3, shape=0.7)},
            transitions={
                "off": {"on": "p_start", "off": "rest"},
                "on": {"off": "dwell_ends", "on": "rest"},
            },
        )
    )
    longer = cb.Strategy(name="longer", dwell={"on": cb.WeibullDwell(scale_months=9, shape=0.7)})
    run = cb.simulate(model, [cb.Strategy(name="usual"), longer])
    assert run.at_end[1, 1, 0] > 1.2 * run.at_end[0, 1, 0]
    assert any("scale_months" in value for value in run.inputs["value"])


def test_draws_may_take_the_place_of_an_expression() -> None:
    changing = {"p_start": "where(cycle < 2, 0.5, 0)", "p_die": 0.002}
    run = cb.simulate(
        cb.CohortModel(**fields(parameters=changing)), parameters={"p_start": [0.05, 0.1]}
    )
    for n, share in enumerate((0.05, 0.1)):
        plain = fields(parameters={"p_start": share, "p_die": 0.002})
        assert run.costs[0, n] == cb.simulate(cb.CohortModel(**plain)).costs[0, 0]


def test_tables_of_a_run() -> None:
    model = cb.CohortModel(
        **fields(
            parameters={"p_start": Beta(mean=0.05, sd=0.01), "p_die": 0.002},
            events={"deaths": {"off>dead": 1, "on>dead": 1}},
        )
    )
    run = cb.simulate(model, {"a": {}, "b": {"p_die": 0}}, draws=100, keep="months")
    table = run.table
    assert table["strategy"].tolist() == ["a", "b"]
    assert table["deaths"][1] == 0 and table["deaths"][0] > 0
    spread = run.costs[0].std(ddof=1) / 10
    assert table["cost_usd_standard_error"][0] == pytest.approx(spread)
    assert np.isnan(cb.simulate(model).table["cost_usd_standard_error"][0])
    months = run.months
    assert months is not None and len(months) == 2 * 2 * 6
    drug = (months["strategy"] == "a") & (months["category"] == "drug")
    assert run.by_category is not None
    assert months["cost_usd"][drug].sum() == pytest.approx(run.by_category[0, 0].mean())
    assert cb.simulate(model).months is None
    with pytest.raises(ValueError, match="read-only"):
        run.costs[0, 0] = 1


def test_the_decision_functions_take_a_run() -> None:
    model = cb.CohortModel(
        **fields(parameters={"p_start": Beta(mean=0.05, sd=0.01), "p_die": 0.002})
    )
    run = cb.simulate(model, {"a": {}, "b": {"p_die": 0.001}}, draws=200)
    assert cb.frontier(run) is not None
    assert cb.ceac(run, [0, 50_000]) is not None


def test_a_mix_of_its_own_rewards_on_moves_and_new_cases() -> None:
    model = cb.CohortModel(
        states=("a", "b"),
        cycle="year",
        cycles=2,
        people=10,
        start={"a": 1},
        transitions={"a": {"b": 0.5, "a": "rest"}},
        transition_costs={"move": {"a>b": 7}},
        transition_effects={"a>b": -0.5},
        one_time_costs={"start-up": {0: 100, 1: 50}},
        new_cases={"a": "2 * (cycle + 1)"},
        conventions=cb.Conventions(cycle="year", discount_rate_costs=0.1),
    )
    run = cb.simulate(model, {"all": {}, "half": {"start": {"a": 0.5, "b": "rest"}}}, keep="trace")
    assert run.trace is not None
    # 10, then 5 stay and 2 come; 5 move. Then 3.5 stay and 4 come.
    assert run.trace[0, :, 0, 0].tolist() == [10, 7, 7.5]
    assert run.trace[1, 0, :, 0].tolist() == [5, 5]
    moves = 7 * (5 / 1.1 + 3.5 / 1.21)
    assert run.costs[0, 0] == pytest.approx(moves + 100 + 50 / 1.1)
    assert run.effects[0, 0] == pytest.approx(-0.5 * 8.5)


def test_negative_new_cases_get_no_advice_about_savings() -> None:
    model = cb.CohortModel(
        states=("off", "on"), cycles=2, transitions={"off": {"on": 0.1, "off": "rest"}},
        new_cases={"off": -1},
    )  # fmt: skip
    with pytest.raises(ArgumentError, match="below 0") as found:
        cb.simulate(model)
    assert "may_be_negative" not in str(found.value)
