"""Laws of the roadmap: every rule holds, the bound holds, and lists are a floor."""

from __future__ import annotations

import random
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe import ranking as rk
from tests import roadmap_twin as twin
from tests.strategies import work

Asked: TypeAlias = dict[str, Any]
TEAMS = ("pharmacy", "clinic", "data")
COUNTED = 1e-9
"""Values are sums of floats, the twin's are fractions."""


def invented(seed: int, most: int, most_quarters: int) -> Asked:
    """Invent a programme whose initiatives compete for staff; some of them cannot be done."""
    drawn = random.Random(seed)
    count = max(drawn.randint(1, most) for _ in range(2))
    quarters = max(drawn.randint(1, most_quarters) for _ in range(2))
    names = [f"initiative {at}" for at in range(count)]
    teams = TEAMS[: drawn.randint(1, 3)]
    pairs = [(late, soon) for at, late in enumerate(names) for soon in names[:at]]
    quick_wins = drawn.sample(names, drawn.randint(count // 2, count))
    return {
        "ranking": {name: drawn.choice([0.0, 0.25, 0.5, 0.5, 0.75, 0.9, 1.0]) for name in names},
        "work": [
            rk.Work(
                name,
                team=drawn.choice(teams),
                quarters=drawn.choice([1, 1, 1, 2, 3]),
                fte=drawn.choice([0.0, 0.5, 0.5, 0.75, 0.75, 1.0, 1.0, 1.25]),
                starts_after=drawn.choice([0, 0, 0, 0, 0, 0, 1]),
            )
            for name in names
            for _ in range(drawn.choice([1, 1, 1, 2]))
        ],
        "capacity_fte": {
            team: drawn.choice(
                [
                    drawn.choice([1.0, 1.5]),
                    [drawn.choice([0, 1, 1.5, 1.5]) for _ in range(quarters)],
                ]
            )
            for team in teams
        },
        "quarters": quarters,
        "after": drawn.sample(pairs, min(len(pairs), drawn.choice([0, 0, 1, 2, 3]))),
        "earliest": {drawn.choice(names): drawn.randint(1, 2) for _ in range(drawn.choice([0, 1]))},
        "latest": {
            drawn.choice(names): drawn.randint(1, quarters) for _ in range(drawn.choice([0, 0, 1]))
        },
        "must_do": drawn.sample(names, min(count, drawn.choice([0, 0, 0, 0, 1, 2]))),
        "quick_wins": quick_wins,
        "quick_wins_first": drawn.choice([0, 0, 0, 0, 1, 2]) if quick_wins else 0,
        "discount": drawn.choice([0.0, 0.03, 0.03, 0.5]),
    }


def programmes(most: int = 8, most_quarters: int = 6) -> st.SearchStrategy[Asked]:
    """Draw the arguments of a roadmap."""
    seeds = st.integers(0, 10**9)
    return seeds.map(lambda seed: invented(seed, most, most_quarters))


def full_size(seed: int, count: int = 20, quarters: int = 12) -> Asked:
    """Invent a programme of three teams that have about half of what is asked of them."""
    drawn = random.Random(seed)
    names = [f"initiative {at}" for at in range(count)]
    rows = [
        rk.Work(name, team=team, quarters=lasts, fte=drawn.randint(2, 4) / 4)
        for at, name in enumerate(names)
        for lasts in [drawn.randint(1, 5) if at % 5 else 1]
        for team in TEAMS
        if team == TEAMS[0] or drawn.random() < 0.7
    ]
    asked = {
        team: sum(row.fte * row.quarters for row in rows if row.team == team) for team in TEAMS
    }
    return {
        "ranking": {name: drawn.randint(1, 100) / 100 for name in names},
        "work": rows,
        "capacity_fte": {team: max(1.0, round(asked[team] / quarters * 2) / 4) for team in TEAMS},
        "quarters": quarters,
        "after": [(names[at + 1], names[at]) for at in range(0, count - 1, 4)],
        "must_do": names[2:3],
        "quick_wins": names,
        "quick_wins_first": 1,
        "discount": 0.03,
    }


def solved(asked: Asked, **limits: Any) -> rk.Roadmap:
    arguments = {name: each for name, each in asked.items() if name != "ranking"}
    return rk.roadmap(asked["ranking"], **arguments, **limits)


def starts_of(found: rk.Roadmap) -> dict[str, int]:
    return dict(
        zip(found.table["initiative"].tolist(), found.table["start_quarter"].tolist(), strict=True)
    )


def check(asked: Asked, found: rk.Roadmap) -> None:
    """Hold a roadmap against the rules and its own bound."""
    assert 0 <= found.gap <= 1
    left_out = set(found.left_out["initiative"].tolist())
    if found.reason:
        assert found.status in ("infeasible", "not found")
        assert len(found.table) == 0
        return
    starts = starts_of(found)
    assert list(twin.breaks(asked, starts)) == []
    assert set(starts) | left_out == set(asked["ranking"])
    assert not set(starts) & left_out
    assert found.value == pytest.approx(float(twin.worth(asked, starts)), abs=COUNTED)
    assert found.value <= found.bound
    assert found.list_value is None or found.list_value <= found.value
    assert (found.load["used_fte"] <= found.load["capacity_fte"]).all()
    assert (found.table["value_lost_by_delay"] >= 0).all()
    assert (found.table["slack_quarters"] >= 0).all()
    assert len(found.work_plan()) == sum(row.initiative in starts for row in asked["work"])


@given(asked=programmes())
def test_a_roadmap_keeps_every_rule(asked: Asked) -> None:
    check(asked, solved(asked))


@pytest.mark.nightly
@settings(max_examples=2_000)
@given(asked=programmes())
def test_two_thousand_roadmaps_keep_every_rule(asked: Asked) -> None:
    check(asked, solved(asked))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
def test_twenty_roadmaps_of_full_size_keep_every_rule(seed: int) -> None:
    asked = full_size(seed)
    found = solved(asked, time_limit_s=300)  # long enough for the limit on nodes to come first
    check(asked, found)
    assert found.reproducible
    assert found.status in ("optimal", "within gap")
    assert found.gap <= 0.05


@given(asked=programmes(most=4, most_quarters=3))
def test_no_schedule_is_better_than_the_bound_and_the_best_is_found(asked: Asked) -> None:
    found, most = solved(asked), twin.best(asked)
    if most is None:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.bound >= float(most) - COUNTED
    assert found.value == pytest.approx(float(most), abs=1e-6)


@given(asked=programmes(), node_limit=st.integers(1, 3))
def test_a_search_that_ends_early_keeps_every_rule_and_repeats(
    asked: Asked, node_limit: int
) -> None:
    found = solved(asked, node_limit=node_limit)
    check(asked, found)
    again = solved(asked, node_limit=node_limit)
    assert found.table == again.table
    assert (found.value, found.bound, found.reproducible) == (again.value, again.bound, True)


@given(asked=programmes(most=5, most_quarters=4))
def test_more_capacity_never_costs_value(asked: Asked) -> None:
    found = solved(asked)
    larger = {
        team: [each + 1 for each in given] if isinstance(given, list) else given + 1
        for team, given in asked["capacity_fte"].items()
    }
    more = solved(asked | {"capacity_fte": larger})
    assert more.value >= found.value - 1e-6


@given(asked=programmes(most=5))
def test_a_row_of_the_plan_is_critical_where_it_cannot_slip(asked: Asked) -> None:
    found = solved(asked)
    plan, starts = found.work_plan(), starts_of(found)
    if not starts:
        assert len(plan) == 0
        return
    end = max(found.table["finish_quarter"].tolist())
    assert bool(plan["critical"].any()) or asked["latest"] or asked["after"]
    for at, name in enumerate(plan["initiative"].tolist()):
        assert plan["finish_quarter"][at] + plan["slack_quarters"][at] <= end
        for later, sooner in asked["after"]:
            if sooner == name and later in starts:
                assert plan["finish_quarter"][at] + plan["slack_quarters"][at] < starts[later]
    assert np.array_equal(plan["critical"], plan["slack_quarters"] == 0)


@given(row=work("naloxone", TEAMS))
def test_work_survives_json(row: rk.Work) -> None:
    assert rk.Work.from_json(row.to_json()) == row
