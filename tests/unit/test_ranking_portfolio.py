"""Portfolios: what they tell, and what they refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.ranking._choice import Effort, best_choice

IMPACT = {"naloxone": 0.9, "dashboard": 0.4, "telehealth": 0.7, "detailing": 0.6}
COST = {"naloxone": 50_000, "dashboard": 30_000, "telehealth": 60_000, "detailing": 40_000}


def chosen(**asked: Any) -> rk.Portfolio:
    return rk.portfolio(IMPACT, **{"cost_usd": COST, "budget_usd": 100_000, **asked})


def why(found: rk.Portfolio, name: str) -> tuple[str, str]:
    at = found.table["initiative"].tolist().index(name)
    return found.table["why"][at], found.table["because"][at]


def test_impacts_add_up_and_money_is_left() -> None:
    found = chosen()
    assert found.chosen == ("naloxone", "detailing")
    assert (found.value, found.cost_usd, found.left_usd) == (1.5, 90_000, 10_000)
    assert (found.status, found.gap, found.stopped_by) == ("optimal", 0, None)
    assert found.reproducible
    assert "2 of 4 initiatives" in repr(found)
    assert why(found, "naloxone") == ("chosen", "")
    assert why(found, "telehealth") == ("over budget", "50,000.00 USD more")
    assert found.table["more_usd"].tolist() == [0, 20_000, 50_000, 0]


def test_the_next_dollars_buy_the_better_set() -> None:
    step = chosen().next_in
    assert step is not None
    assert (step.budget_usd, step.more_usd) == (110_000, 10_000)
    assert (step.enters, step.leaves) == (("telehealth",), ("detailing",))
    assert step.value == pytest.approx(1.6)
    assert chosen(budget_usd=1_000_000).next_in is None


@pytest.mark.parametrize(
    "rules, wanted, name, reason",
    [
        pytest.param(
            {"must_do": ["dashboard"]}, ("naloxone", "dashboard"), "dashboard", ("must do", ""),
            id="must do",
        ),
        pytest.param(
            {"exclusive": [["naloxone", "detailing"]]}, ("naloxone", "dashboard"),
            "detailing", ("excluded", "naloxone"), id="exclusive",
        ),
        pytest.param(
            {"either_or": [["dashboard", "telehealth"]], "budget_usd": 80_000},
            ("naloxone", "dashboard"), "telehealth", ("excluded", "dashboard"), id="either or",
        ),
        pytest.param(
            {"requires": [("naloxone", "telehealth")]}, ("telehealth", "detailing"),
            "naloxone", ("over budget", "50,000.00 USD more"), id="requires",
        ),
        pytest.param(
            {"must_do": ["detailing"], "requires": [("detailing", "dashboard")],
             "budget_usd": 70_000}, ("dashboard", "detailing"),
            "dashboard", ("required", "detailing"), id="required",
        ),
        pytest.param(
            {"headcount_fte": dict.fromkeys(IMPACT, 1 / 3), "available_fte": 2 / 3,
             "budget_usd": 180_000}, ("naloxone", "telehealth"),
            "detailing", ("over headcount", "all 0.333333 FTE more"), id="headcount",
        ),
        pytest.param(
            {"leave_out": ["naloxone"]}, ("telehealth", "detailing"),
            "dashboard", ("over budget", "30,000.00 USD more"), id="left out",
        ),
    ],
)  # fmt: skip
def test_each_rule_and_the_reason_it_gives(
    rules: dict[str, Any], wanted: tuple[str, ...], name: str, reason: tuple[str, str]
) -> None:
    found = chosen(**rules)
    assert found.chosen == wanted
    assert why(found, name) == reason


def test_posts_by_team() -> None:
    needs = {"naloxone": {"pharmacy": 1.5}, "dashboard": {"data": 1}, "telehealth": {},
             "detailing": {"pharmacy": 1}}  # fmt: skip
    found = chosen(
        headcount_fte=needs, available_fte={"pharmacy": 2, "data": 0.5}, budget_usd=500_000
    )
    assert found.chosen == ("naloxone", "telehealth")
    assert why(found, "dashboard") == ("over headcount", "data 0.5 FTE more")
    assert found.headcount["team"].tolist() == ["pharmacy", "data"]
    assert found.headcount["used_fte"].tolist() == [1.5, 0]


@pytest.mark.parametrize(
    "rules, said",
    [
        pytest.param({"must_do": list(IMPACT)}, "costs 180,000.00 USD", id="cost"),
        pytest.param(
            {"must_do": ["naloxone", "detailing"], "exclusive": ["naloxone", "detailing"]},
            "only one of them may be", id="exclusive",
        ),
        pytest.param(
            {"either_or": [["naloxone", "telehealth"]], "budget_usd": 40_000},
            "as little as the budget", id="either or",
        ),
        pytest.param(
            {"must_do": ["naloxone"], "headcount_fte": dict.fromkeys(IMPACT, 1),
             "available_fte": 0.5}, "needs 1 FTE of all", id="headcount",
        ),
        pytest.param(
            {"either_or": [["naloxone", "telehealth"], ["naloxone", "detailing"]],
             "exclusive": [["telehealth", "detailing"]], "requires": [("naloxone", "telehealth")]},
            "contradict", id="rules",
        ),
        pytest.param(
            {"either_or": [["naloxone", "telehealth"]], "available_fte": 0.5,
             "headcount_fte": dict.fromkeys(IMPACT, 1)},
            "as little as the headcount", id="either or and headcount",
        ),
    ],
)  # fmt: skip
def test_an_impossible_portfolio_says_why(rules: dict[str, Any], said: str) -> None:
    found = chosen(**rules)
    assert found.status == "infeasible"
    assert said in found.reason
    assert (found.chosen, found.value, found.next_in) == ((), 0, None)
    assert said in repr(found)


def test_a_budget_is_kept_to_the_cent_and_floats_carry_no_noise() -> None:
    cost = {"a": 0.1, "b": 0.2}
    assert rk.portfolio({"a": 1, "b": 1}, cost_usd=cost, budget_usd=0.3).chosen == ("a", "b")
    assert rk.portfolio({"a": 1, "b": 1}, cost_usd=cost, budget_usd=0.29).chosen == ("a",)
    finer = {"a": Decimal("0.101"), "b": Decimal("0.2")}
    assert rk.portfolio({"a": 1, "b": 1}, cost_usd=finer, budget_usd=0.3).chosen == ("a",)


def test_equal_sets_the_cheaper_then_the_smaller_then_the_better_rank_then_the_name() -> None:
    impact = {"z": 0.5, "y": 0.5, "x": 0.25, "w": 0.25}
    cost = {"z": 20, "y": 20, "x": 10, "w": 10}
    assert rk.portfolio(impact, cost_usd=cost, budget_usd=20).chosen == ("y",)
    assert rk.portfolio(impact, cost_usd={**cost, "y": 21}, budget_usd=21).chosen == ("z",)


def test_the_composite_is_allowed_with_a_caution() -> None:
    rows = [
        {"initiative": "a", "impact": 5, "ease": 1},
        {"initiative": "b", "impact": 2, "ease": 5},
    ]
    weights = {"impact": 30, "ease": 70}
    ranking = rk.rank(rows, criteria=rk.IMPACT_EASE_1_5, weights=weights, uncertainty="none")
    asked: dict[str, Any] = {"cost_usd": {"a": 10, "b": 10}, "budget_usd": 10}
    assert rk.portfolio(ranking, **asked).chosen == ("a",)
    found = rk.portfolio(ranking, value="composite", **asked)
    assert found.chosen == ("b",)
    assert any("composite" in caution for caution in found.cautions)
    with pytest.raises(ArgumentError, match="impact, ease, composite"):
        rk.portfolio(ranking, value="impct", **asked)


def test_an_impact_that_nobody_rated_is_an_error_unless_left_out() -> None:
    rows = [
        {"initiative": "a", "impact": 5, "ease": 1},
        {"initiative": "b", "impact": None, "ease": 5},
    ]
    weights = {"impact": 30, "ease": 70}
    ranking = rk.rank(rows, criteria=rk.IMPACT_EASE_1_5, weights=weights, uncertainty="none")
    asked: dict[str, Any] = {"cost_usd": {"a": 10, "b": 10}, "budget_usd": 10}
    with pytest.raises(ArgumentError, match="impact of b is not known"):
        rk.portfolio(ranking, **asked)
    found = rk.portfolio(ranking, leave_out=["b"], **asked)
    assert found.chosen == ("a",)
    assert any("left out by the caller: b" in caution for caution in found.cautions)


@pytest.mark.parametrize(
    "asked, kind, said",
    [
        pytest.param({"must_do": ["naloxon"]}, ArgumentError, "nearest: naloxone", id="unknown"),
        pytest.param({"must_do": "naloxone"}, ArgumentTypeError, "no sequence", id="one text"),
        pytest.param({"must_do": ["naloxone"] * 2}, ArgumentError, "twice", id="twice"),
        pytest.param({"cost_usd": {"naloxone": 1}}, ArgumentError, "dashboard", id="no cost"),
        pytest.param({"cost_usd": {**COST, "x": 1}}, ArgumentError, "'x'", id="unknown cost"),
        pytest.param({"cost_usd": {**COST, "naloxone": -1}}, ArgumentError, "-?0 to", id="below"),
        pytest.param(
            {"cost_usd": {**COST, "naloxone": np.nan}}, ArgumentError, "no value", id="NaN cost"
        ),
        pytest.param({"cost_usd": 5}, ArgumentTypeError, "no mapping", id="cost"),
        pytest.param({"budget_usd": -1}, ArgumentError, "budget_usd", id="negative budget"),
        pytest.param({"budget_usd": np.nan}, ArgumentError, "NaN", id="NaN budget"),
        pytest.param({"budget_usd": np.inf}, ArgumentError, "outside", id="infinite budget"),
        pytest.param({"budget_usd": "1000"}, ArgumentTypeError, "not a number", id="text budget"),
        pytest.param({"available_fte": 1}, ArgumentError, "headcount_fte", id="no headcount"),
        pytest.param({"headcount_fte": COST}, ArgumentError, "available_fte", id="no available"),
        pytest.param(
            {"headcount_fte": COST, "available_fte": {"a": 1}}, ArgumentTypeError, "by team",
            id="mixed",
        ),
        pytest.param(
            {"headcount_fte": {n: {"dta": 1} for n in COST}, "available_fte": {"data": 1}},
            ArgumentError, "nearest: data", id="unknown team",
        ),
        pytest.param({"exclusive": [["naloxone"]]}, ArgumentError, "set of 1", id="one"),
        pytest.param({"exclusive": 3}, ArgumentTypeError, "no sequence", id="no sets"),
        pytest.param({"requires": [["naloxone"]]}, ArgumentError, "1 names", id="no pair"),
        pytest.param({"requires": {"a": "b"}}, ArgumentTypeError, "pairs", id="mapping"),
        pytest.param({"leave_out": list(IMPACT)}, ArgumentError, "no initiative", id="nobody"),
        pytest.param({"node_limit": 0}, ArgumentError, "node_limit", id="nodes"),
        pytest.param({"time_limit_s": 0}, ArgumentError, "time_limit_s", id="time"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(
    asked: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        chosen(**asked)


@pytest.mark.parametrize(
    "impact, kind, said",
    [
        pytest.param(5, ArgumentTypeError, "neither a ranking", id="number"),
        pytest.param({"a": 2}, ArgumentError, "outside 0 to 1", id="outside"),
        pytest.param({"a": float("nan")}, ArgumentError, "a is not known", id="NaN"),
        pytest.param({1: 0.5}, ArgumentTypeError, "no text", id="name"),
        pytest.param({}, ArgumentError, "no initiative", id="empty"),
    ],
)
def test_impacts_that_cannot_be_read(impact: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        rk.portfolio(impact, cost_usd={"a": 1}, budget_usd=1)


def test_value_by_budget_marks_budgets_at_which_nothing_keeps_the_rules() -> None:
    found = chosen(must_do=["dashboard"])
    table = rk.value_by_budget(found, [80_000, 20_000, 20_000])
    assert table["status"].tolist() == ["infeasible", "optimal"]
    assert np.isnan(table["value"][0])
    assert table["chosen"].tolist() == ["", "naloxone, dashboard"]
    with pytest.raises(ArgumentTypeError, match="no sequence of budgets"):
        rk.value_by_budget(found, 5)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="no Portfolio"):
        rk.value_by_budget(5, [5])  # type: ignore[arg-type]


def test_a_clock_that_runs_out_is_told() -> None:
    rng = np.random.default_rng(3)
    impact = {f"i{at:02}": float(each) for at, each in enumerate(rng.random(40))}
    cost = {name: int(1e6 * each) + 50 for name, each in impact.items()}
    found = rk.portfolio(impact, cost_usd=cost, budget_usd=int(sum(cost.values()) / 3))
    late = best_choice(found._asked.problem(), Effort(nodes=20_000, seconds=-1.0))
    assert late.taken is not None
    assert late.value <= round(found.value * 1e6) <= late.bound
    assert late.stopped_by in (None, "time limit")


def test_robust_portfolio_of_a_ranking() -> None:
    rng = np.random.default_rng(5)
    rows = [
        {"initiative": f"i{at}", "rater": f"r{rater}", "impact": int(rng.integers(1, 6)), "ease": 3}
        for at in range(8)
        for rater in range(5)
    ]
    weights = {"impact": 60, "ease": 40}
    ranking = rk.rank(rows, criteria=rk.IMPACT_EASE_1_5, weights=weights, draws=300)
    cost = dict.fromkeys(ranking.initiatives, 10)
    asked: dict[str, Any] = {"cost_usd": cost, "budget_usd": 30}
    found = rk.robust_portfolio(ranking, draws=200, **asked)
    assert found.draws == 200
    assert found.status == "optimal"
    assert found.reproducible
    assert found.table["share"].sum() == pytest.approx(3)
    assert found.portfolios["share"].sum() <= 1
    assert found.portfolios["share"][0] == found.portfolios["share"].max()
    share = found.table["share"]
    assert found.table["standard_error"] == pytest.approx(np.sqrt(share * (1 - share) / 200))
    assert 0 <= found.regret.mean <= found.regret.high
    assert found.best_in.draws == 200
    assert "over 200 draws" in repr(found)
    again = rk.robust_portfolio(ranking, draws=200, **asked)
    assert again.table == found.table


@pytest.mark.parametrize(
    "asked, said",
    [
        pytest.param({}, "no draws", id="no draws"),
        pytest.param({"impact_draws": {"a": [0.5], "b": [0.5, 1]}}, "length", id="lengths"),
        pytest.param({"impact_draws": {"a": [0.5], "b": [np.nan]}}, "missing", id="NaN"),
        pytest.param({"impact_draws": {"a": [0.5], "b": [2]}}, "outside", id="outside"),
        pytest.param({"impact_draws": {"a": [0.5], "b": 1}}, "no row of draws", id="number"),
        pytest.param({"impact_draws": {"a": [0.5]}}, "no value for b", id="missing"),
        pytest.param({"must_do": ["a", "b"], "budget_usd": 1}, "costs 20.00 USD", id="infeasible"),
    ],
)
def test_a_robust_portfolio_that_cannot_be(asked: dict[str, Any], said: str) -> None:
    every: dict[str, Any] = {"cost_usd": {"a": 10, "b": 10}, "budget_usd": 10, **asked}
    with pytest.raises(OpsafeError, match=said):
        rk.robust_portfolio({"a": 0.5, "b": 0.6}, **every)


def five_raters(**asked: Any) -> rk.Ranking:
    """Everybody rated a and b; one alone rated c; nobody rated a on reach, which has no weight."""
    rows = [
        {"initiative": name, "rater": f"r{rater}", "impact": impact - rater % 2, "ease": 3}
        | {"reach": None if name == "a" else 50}
        for name, impact, raters in (("a", 5, 5), ("b", 4, 5), ("c", 3, 1))
        for rater in range(raters)
    ]
    criteria = rk.Criteria(
        id="three",
        title="Impact, ease and reach",
        criteria=(
            *rk.IMPACT_EASE_1_5.criteria,
            rk.Criterion(name="reach", worst=0, best=100),
        ),
    )
    weights = {"impact": 60, "ease": 40, "reach": 0}
    return rk.rank(rows, criteria=criteria, weights=weights, draws=100, **asked)


def test_a_criterion_without_weight_leaves_draws_of_the_score_whole() -> None:
    ranking = five_raters()
    cost = dict.fromkeys(ranking.initiatives, 10)
    found = rk.robust_portfolio(ranking, cost_usd=cost, budget_usd=10, value="composite")
    assert found.core == ("a",)
    assert found.regret.mean == 0


def test_who_has_too_few_ratings_is_told_beside_the_shares() -> None:
    ranking = five_raters()
    cost = dict.fromkeys(ranking.initiatives, 10)
    found = rk.robust_portfolio(ranking, cost_usd=cost, budget_usd=10)
    assert [each for each in found.cautions if "too few ratings" in each and " c " in each]
    found = rk.robust_portfolio(ranking, cost_usd=cost, budget_usd=10, leave_out=["c"])
    assert not any("too few ratings" in each for each in found.cautions)


def test_borda_points_are_no_impact() -> None:
    ranking = five_raters(aggregate="borda")
    cost = dict.fromkeys(ranking.initiatives, 10)
    found = rk.portfolio(ranking, cost_usd=cost, budget_usd=10, leave_out=["c"])
    assert any("Borda" in caution for caution in found.cautions)
