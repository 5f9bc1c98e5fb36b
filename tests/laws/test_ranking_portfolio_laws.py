"""Laws of portfolios: the best of all sets, never over budget, and shares that add up."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe import ranking as rk
from tests import portfolio_twin as twin

Asked: TypeAlias = dict[str, Any]
TEAMS = ("pharmacy", "clinic")


@st.composite
def questions(draw: st.DrawFn, most: int = 8) -> Asked:
    """Draw the arguments of a portfolio, with every kind of rule."""
    names = [f"initiative {at}" for at in range(draw(st.integers(1, most)))]
    name = st.sampled_from(names)
    groups = st.lists(st.lists(name, min_size=2, max_size=4, unique=True), max_size=2)
    pairs = st.lists(name, min_size=2, max_size=2, unique=True).map(tuple)
    some = len(names) > 1
    asked: Asked = {
        "ranking": {each: draw(st.sampled_from([0.0, 0.25, 0.3, 0.5, 1.0])) for each in names},
        "cost_usd": {each: draw(st.integers(0, 6)) * 1_000 for each in names},
        "budget_usd": draw(st.integers(0, 25)) * 1_000,
        "must_do": draw(st.lists(name, max_size=2, unique=True)),
        "exclusive": draw(groups) if some else [],
        "either_or": draw(groups) if some else [],
        "requires": draw(st.lists(pairs, max_size=3)) if some else [],
    }
    if draw(st.booleans()):
        posts = st.dictionaries(st.sampled_from(TEAMS), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
        asked["headcount_fte"] = {each: draw(posts) for each in names}
        asked["available_fte"] = {team: draw(st.integers(0, 6)) / 2 for team in TEAMS}
    return asked


def check(asked: Asked) -> None:
    wanted = twin.best_set(asked, asked["ranking"])
    found = rk.portfolio(**asked)
    if wanted is None:
        assert found.status == "infeasible"
        assert found.reason
        assert found.chosen == ()
        return
    assert found.status == "optimal"
    assert found.chosen == wanted
    assert found.bound == found.value
    assert found.cost_usd <= asked["budget_usd"]
    assert found.table["chosen"].sum() == len(wanted)


@given(asked=questions())
def test_a_portfolio_is_the_best_of_all_sets(asked: Asked) -> None:
    check(asked)


@pytest.mark.nightly
@settings(max_examples=500)
@given(asked=questions(most=15))
def test_a_portfolio_of_fifteen_is_the_best_of_all_sets(asked: Asked) -> None:
    check(asked)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_many_initiatives_keep_their_budget_and_posts_to_the_cent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"initiative {at}" for at in range(30)]
    impact = dict(zip(names, rng.integers(0, 21, 30) / 20, strict=True))
    cents = dict(zip(names, rng.integers(1, 10**7, 30).tolist(), strict=True))
    fte = dict(zip(names, rng.integers(1, 40, 30).tolist(), strict=True))
    budget = sum(cents.values()) // 3
    found = rk.portfolio(
        impact,
        cost_usd={name: each / 100 for name, each in cents.items()},
        budget_usd=budget / 100,
        headcount_fte={name: each / 10 for name, each in fte.items()},
        available_fte=sum(fte.values()) // 2 / 10,
    )
    assert sum(cents[name] for name in found.chosen) <= budget
    assert sum(fte[name] for name in found.chosen) <= sum(fte.values()) // 2
    assert found.value <= found.bound
    assert round(sum(impact[name] for name in found.chosen), 9) == round(found.value, 9)


@given(asked=questions(), budgets=st.lists(st.integers(0, 30), min_size=1, max_size=5))
def test_more_money_never_buys_less(asked: Asked, budgets: list[int]) -> None:
    found = rk.value_by_budget(rk.portfolio(**asked), [each * 1_000 for each in budgets])
    values = found["value"][~np.isnan(found["value"])]
    assert (np.diff(values) >= 0).all()
    missing = np.isnan(found["value"])
    assert not (np.diff(missing.astype(int)) > 0).any()
    for row, budget in enumerate(found["budget_usd"]):
        alone = rk.portfolio(**{**asked, "budget_usd": budget})
        assert alone.status == found["status"][row]
        if alone.status == "optimal":
            assert alone.value == found["value"][row]
            assert ", ".join(alone.chosen) == found["chosen"][row]


@given(asked=questions())
def test_the_next_step_is_the_least_budget_that_buys_more(asked: Asked) -> None:
    found = rk.portfolio(**asked)
    if found.status != "optimal":
        return
    step = found.next_in
    most = rk.portfolio(**{**asked, "budget_usd": sum(asked["cost_usd"].values())})
    if step is None:
        assert most.value <= found.value
        return
    assert step.value > found.value
    assert step.more_usd > 0
    at = rk.portfolio(**{**asked, "budget_usd": step.budget_usd})
    before = rk.portfolio(**{**asked, "budget_usd": step.budget_usd - 0.01})
    assert at.value == step.value
    assert before.value == found.value
    assert set(at.chosen) == (set(found.chosen) | set(step.enters)) - set(step.leaves)


@given(asked=questions(), seed=st.integers(0, 2**32 - 1))
def test_few_nodes_give_a_set_within_the_rules_and_a_bound(asked: Asked, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = list(asked["ranking"])
    asked["ranking"] = dict(zip(names, rng.integers(0, 10**6, len(names)) / 10**6, strict=True))
    full, short = rk.portfolio(**asked), rk.portfolio(**asked, node_limit=1)
    if short.status in ("infeasible", "not found"):
        assert short.status == "not found" or full.status == "infeasible"
        return
    assert twin.keeps(asked, set(short.chosen))
    assert short.value <= full.value <= short.bound
    assert short.stopped_by == (None if short.status == "optimal" else "node limit")


@given(asked=questions(most=6), seed=st.integers(0, 2**32 - 1), draws=st.integers(1, 8))
def test_shares_are_those_of_every_draw_solved_alone(asked: Asked, seed: int, draws: int) -> None:
    if rk.portfolio(**asked).status != "optimal":
        return
    rng = np.random.default_rng(seed)
    names = list(asked["ranking"])
    drawn = rng.integers(0, 5, (draws, len(names))) / 4
    found = rk.robust_portfolio(
        **asked, impact_draws=dict(zip(names, drawn.T, strict=True)), draws=draws
    )
    base = found.portfolio.chosen
    missed = []
    for row in drawn:
        impacts = dict(zip(names, row.tolist(), strict=True))
        best = rk.portfolio(**{**asked, "ranking": impacts})
        missed.append(best.value - sum(impacts[name] for name in base))
    assert found.regret.mean == pytest.approx(np.mean(missed), abs=1e-9)
    assert found.regret.high == pytest.approx(np.quantile(missed, 0.95), abs=1e-9)
    assert found.regret.mean >= 0
    assert found.best_in.value == pytest.approx(np.mean(np.array(missed) <= 1e-9))
    assert found.draws == draws
    assert found.gap == 0
    assert {*found.core, *found.borderline, *found.exterior} == set(names)
    assert len(found.core) + len(found.borderline) + len(found.exterior) == len(names)
    assert {*asked["must_do"]} <= {*found.core}
    for group in asked["either_or"]:
        at = [names.index(name) for name in group]
        assert found.table["share"][at].sum() == pytest.approx(1)
    for group in asked["exclusive"]:
        at = [names.index(name) for name in group]
        assert found.table["share"][at].sum() <= 1 + 1e-12
    for a, b in asked["requires"]:
        share_of = dict(zip(names, found.table["share"].tolist(), strict=True))
        assert share_of[a] <= share_of[b]
