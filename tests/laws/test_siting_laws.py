"""Laws of access and siting, and both against slow twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe.workforce.access import access
from opsafe.workforce.reach import Reach
from opsafe.workforce.site import site
from tests.unit.workforce.siting_twin import best_siting

MINUTES = st.sampled_from([0.0, 10.0, 20.0, 29.9, 30.0, 30.1, 40.0, 60.0, 75.0])
COUNTS = st.one_of(st.integers(0, 4).map(lambda count: count * 5.0), st.floats(0.01, 100))
LIMIT = Reach(minutes=30)
Asked = dict[str, Any]


@st.composite
def regions(draw: st.DrawFn, most_areas: int = 6, most_sites: int = 4) -> Asked:
    """Draw amounts by area and by site, with travel between them."""
    areas, sites = draw(st.integers(1, most_areas)), draw(st.integers(1, most_sites))
    row = st.lists(MINUTES, min_size=sites, max_size=sites)
    return {
        "members": draw(st.lists(COUNTS, min_size=areas, max_size=areas)),
        "supply": draw(st.lists(COUNTS, min_size=sites, max_size=sites)),
        "minutes": draw(st.lists(row, min_size=areas, max_size=areas)),
    }


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Draw the arguments of `site`, small enough to try every placement."""
    drawn = draw(regions())
    sites = len(drawn["supply"])
    heads = st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0])
    return {
        "gaps": drawn["members"],
        "travel_minutes": drawn["minutes"],
        "existing": draw(st.lists(heads, min_size=sites, max_size=sites)),
        "new_heads": draw(st.integers(0, 4)),
        "panel": draw(st.sampled_from([5.0, 12.5, 40.0])),
        "plan_share": draw(st.sampled_from([0.5, 1.0])),
        "limit": LIMIT,
    }


def weight(cost: float, bands: tuple[tuple[float, float], ...]) -> float:
    return next((share for edge, share in bands if cost <= edge), 0.0)


def twin_of_access(asked: Asked, bands: tuple[tuple[float, float], ...]) -> list[float]:
    """Both steps, one pair at a time."""
    members, supply, minutes = asked["members"], asked["supply"], asked["minutes"]
    ratios = []
    for at, amount in enumerate(supply):
        seen = 0.0
        for area, count in enumerate(members):
            seen += weight(minutes[area][at], bands) * count
        ratios.append(amount / seen if seen > 0 else 0.0)
    found = []
    for area in range(len(members)):
        total = 0.0
        for at, ratio in enumerate(ratios):
            total += weight(minutes[area][at], bands) * ratio
        found.append(total)
    return found


BANDS = st.sampled_from([((30.0, 1.0),), ((20.0, 1.0), (40.0, 0.68), (60.0, 0.22))])


@given(regions(), BANDS)
def test_access_is_what_a_loop_over_pairs_gives(
    asked: Asked, bands: tuple[tuple[float, float], ...]
) -> None:
    found = access(asked["members"], asked["supply"], asked["minutes"], bands=bands)
    assert found.by_area["access_ratio"].tolist() == pytest.approx(twin_of_access(asked, bands))


@given(regions(), BANDS)
def test_access_hands_out_the_supply_that_reaches_anybody(
    asked: Asked, bands: tuple[tuple[float, float], ...]
) -> None:
    found = access(asked["members"], asked["supply"], asked["minutes"], bands=bands)
    members, supply, minutes = asked["members"], asked["supply"], asked["minutes"]
    reaching = sum(
        amount
        for at, amount in enumerate(supply)
        if any(
            count > 0 and minutes[area][at] <= bands[-1][0] for area, count in enumerate(members)
        )
    )
    given_out = float(np.asarray(members) @ found.by_area["access_ratio"])
    assert found.supply_reaching == pytest.approx(reaching)
    assert given_out == pytest.approx(reaching)


@given(regions(), st.sampled_from([0.0, 10.0, 30.0, 60.0]), st.sampled_from([0.0, 5.0, 20.0]))
def test_a_wider_limit_never_has_fewer_members_within(
    asked: Asked, minutes: float, more: float
) -> None:
    def within(limit: float) -> float:
        reach = Reach(minutes=limit)
        return access(
            asked["members"], asked["supply"], asked["minutes"], limit=reach
        ).members_within

    assert within(minutes) <= within(minutes + more)


@given(questions())
def test_a_siting_keeps_its_limits_and_lies_between_the_steps_and_the_bound(asked: Asked) -> None:
    found = site(**asked)
    reach = np.asarray(asked["travel_minutes"]) <= 30
    pairs = list(
        zip(
            found.served["area"].tolist(),
            found.served["site"].tolist(),
            found.served["members"].tolist(),
            strict=True,
        )
    )
    served = np.zeros(reach.shape)
    for area, at, members in pairs:
        served[area, at] = members
    heads = found.heads["new_heads"]
    per_head = asked["panel"] * asked["plan_share"]
    capacity = (np.asarray(asked["existing"]) + heads) * per_head
    assert not served[~reach].any()
    assert (served.sum(axis=1) <= np.asarray(asked["gaps"]) * (1 + 1e-9) + 1e-6).all()
    assert (served.sum(axis=0) <= capacity * (1 + 1e-9) + 1e-6).all()
    assert heads.sum() == found.new_heads <= asked["new_heads"]
    assert found.total_served == pytest.approx(served.sum(), abs=1e-6)
    assert found.served_before <= found.total_served + 1e-9 <= found.bound + 2e-9
    assert 0 <= found.gap <= 1


@given(questions())
def test_the_search_finds_the_best_of_all_placements(asked: Asked) -> None:
    best = float(
        best_siting(
            (np.asarray(asked["travel_minutes"]) <= 30).tolist(),
            asked["gaps"],
            asked["existing"],
            [asked["new_heads"]] * len(asked["existing"]),
            asked["new_heads"],
            asked["panel"] * asked["plan_share"],
        )
    )
    by_steps, searched = site(**asked), site(**asked, method="milp")
    assert searched.total_served == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert by_steps.total_served <= best + 1e-6
    assert by_steps.bound >= best - 1e-6
    # What steps alone reach at least: 1 - 1/e of what can be added.
    added = best - by_steps.served_before
    assert by_steps.total_served - by_steps.served_before >= (1 - np.exp(-1)) * added - 1e-6


@given(questions())
def test_more_heads_never_serve_fewer(asked: Asked) -> None:
    more = asked | {"new_heads": asked["new_heads"] + 1}
    fewer = site(**asked, method="milp").total_served
    assert site(**more, method="milp").total_served >= fewer - 1e-6 * (1 + fewer)


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_areas_and_sites_does_not_matter(asked: Asked, source: Any) -> None:
    areas, sites = list(range(len(asked["gaps"]))), list(range(len(asked["existing"])))
    source.shuffle(areas)
    source.shuffle(sites)
    turned = asked | {
        "gaps": [asked["gaps"][area] for area in areas],
        "existing": [asked["existing"][at] for at in sites],
        "travel_minutes": [[asked["travel_minutes"][area][at] for at in sites] for area in areas],
    }
    one, other = site(**asked), site(**turned)
    assert one.total_served == pytest.approx(other.total_served, rel=1e-9, abs=1e-9)
    assert one.bound == pytest.approx(other.bound, rel=1e-6, abs=1e-9)


@settings(max_examples=30)
@given(questions(), st.integers(0, 2**40))
def test_the_same_question_with_the_same_seed_has_the_same_answer(asked: Asked, seed: int) -> None:
    one, other = site(**asked, seed=seed), site(**asked, seed=seed)
    assert one == other
