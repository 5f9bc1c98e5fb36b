"""Siting: by hand, against every placement, in every form of input, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    ColumnError,
    EditionNotFoundError,
    OpsafeError,
)
from opsafe.workforce import _integer_programme, _siting
from opsafe.workforce._flow import Instance, add, remove, start
from opsafe.workforce._greedy import greedy
from opsafe.workforce._integer_programme import Searched, relax, search
from opsafe.workforce.editions import resolve
from opsafe.workforce.figures import Defaults
from opsafe.workforce.reach import Reach, reach_standard
from opsafe.workforce.scenario import OwnPanel
from opsafe.workforce.site import Siting, site
from tests.unit.workforce.siting_instances import REGIMES, region
from tests.unit.workforce.siting_twin import best_siting

FRAMES = ["columns", "pandas", "polars"]
MINUTES = [[10, 25, 90], [80, 70, 12]]
GAPS = [30, 15]
FIXED: dict[str, Any] = {"panel": 40, "plan_share": 0.5, "limit": Reach(minutes=30)}


def place(gaps: Any = None, travel_minutes: Any = None, **more: Any) -> Siting:
    return site(
        GAPS if gaps is None else gaps,
        MINUTES if travel_minutes is None else travel_minutes,
        **({"new_heads": 2} | FIXED | more),
    )


def test_two_heads_by_hand() -> None:
    found = place()
    # One head serves 20. Two for the first area would serve 30; one for each area serves 35.
    assert found.total_served == 35
    assert found.heads["new_heads"].sum() == 2 and found.heads["new_heads"][2] == 1
    assert found.by_area["members_served"].tolist() == [20, 15]
    assert found.by_area["sites_in_reach"].tolist() == [2, 1]
    assert found.next_heads["head"].tolist() == [1, 2]
    assert found.next_heads["members_gained"].tolist() == [20, 15]
    assert found.next_heads["total_served"].tolist() == [20, 35]
    assert (found.bound, found.gap, found.status) == (35, 0, "optimal")
    assert (found.members_per_head, found.limit) == (20, Reach(minutes=30))
    assert found.reproducible and found.cautions == ()


def test_three_heads_serve_everybody_and_a_fourth_is_not_placed() -> None:
    found = place(new_heads=9)
    assert found.new_heads == 3
    assert found.total_served == 45
    assert sorted(found.next_heads["members_gained"].tolist()) == [10, 15, 20]
    assert found.status == "optimal"


def test_existing_heads_stay_and_serve_first() -> None:
    found = place(existing=[1, 0, 0.5], new_heads=1)
    # Existing: 20 of 30 at the first site, 10 of 15 at the third. A new head adds 10 or 5.
    assert found.served_before == 30
    assert found.total_served == 40
    assert found.heads["existing_heads"].tolist() == [1, 0, 0.5]
    assert found.heads["members_gained"].sum() == 10


def test_members_move_on_so_that_a_head_finds_others() -> None:
    # Site 0 reaches both areas, site 1 the second one only.
    found = site([20, 20], [[5, 99], [5, 5]], new_heads=2, **FIXED)
    assert found.heads["new_heads"].tolist() in ([1, 1], [2, 0])
    assert found.total_served == 40
    only = site([20, 20], [[5, 99], [5, 5]], existing=[1, 1], new_heads=0, **FIXED)
    assert only.served["members"].tolist() == [20, 20]
    assert only.served["site"].tolist() == [0, 1]


def test_a_move_leaves_what_steps_end_in() -> None:
    # One head serves 10. Steps may take the middle site, which reaches both areas of 9 and 9;
    # the best two heads sit at the ends, where they serve 9 and 1 more each: 20.
    gaps = [9, 9, 1, 1]
    minutes = [[5, 5, 99], [99, 5, 5], [5, 99, 99], [99, 99, 5]]
    found = site(gaps, minutes, new_heads=2, panel=10, plan_share=1, limit=Reach(minutes=30))
    assert found.total_served == pytest.approx(20)
    assert found.heads["new_heads"].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"gaps": [0, 0]},
        {"limit": Reach(minutes=5)},
        {"new_heads": 0},
        {"plan_share": 0},
        {"panel": 0},
        {"most_heads_per_site": 0},
    ],
)
@pytest.mark.parametrize("method", ["greedy", "milp"])
def test_where_nothing_can_be_served_nothing_is_placed(
    changes: dict[str, Any], method: str
) -> None:
    found = place(**({"method": method} | changes))
    assert (found.new_heads, found.total_served, found.bound, found.gap) == (0, 0, 0, 0)
    assert found.status == "optimal"
    assert len(found.next_heads) == len(found.served) == 0


def test_heads_at_most_for_all_sites_or_by_site() -> None:
    near = [[5, 5, 5]]
    assert site([500], near, new_heads=9, most_heads_per_site=2, **FIXED).new_heads == 6
    by_site = site([500], near, new_heads=9, most_heads_per_site={2: 3, 0: 1}, **FIXED)
    assert by_site.heads["new_heads"].tolist() == [1, 0, 3]


def test_the_plan_s_share_of_a_panel_counts() -> None:
    assert place(new_heads=1, plan_share=0.25).total_served == 10


def cases() -> list[dict[str, Any]]:
    """Small regions of every kind: ties, no gaps, nobody in reach, heads that are there."""
    source = np.random.Generator(np.random.PCG64(5))
    found = []
    for number in range(60):
        areas, sites = int(source.integers(1, 6)), int(source.integers(1, 5))
        whole = number % 2 == 0  # whole gaps of few kinds make ties
        gaps = source.integers(0, 4, areas) * 5.0 if whole else source.gamma(1, 8, areas)
        found.append(
            {
                "gaps": gaps,
                "travel_minutes": source.choice([10.0, 30.0, 31.0], (areas, sites)),
                "existing": source.choice([0.0, 0.0, 0.5, 1.0], sites),
                "new_heads": int(source.integers(0, 5)),
                "most_heads_per_site": None if number % 3 else source.integers(0, 3, sites),
                "panel": float(source.choice([5.0, 7.5, 40.0])),
            }
        )
    return found


def best_of(case: dict[str, Any]) -> float:
    most = case["most_heads_per_site"]
    sites = case["travel_minutes"].shape[1]
    return float(
        best_siting(
            (case["travel_minutes"] <= 30).tolist(),
            case["gaps"].tolist(),
            case["existing"].tolist(),
            [case["new_heads"]] * sites if most is None else most.tolist(),
            case["new_heads"],
            case["panel"],
        )
    )


@pytest.mark.parametrize("case", cases())
def test_against_every_placement(case: dict[str, Any]) -> None:
    best = best_of(case)
    by_steps = site(**case, plan_share=1.0, limit=Reach(minutes=30))
    searched = site(**case, plan_share=1.0, limit=Reach(minutes=30), method="milp")
    assert by_steps.total_served <= best * (1 + 1e-9) + 1e-9
    assert by_steps.bound >= best * (1 - 1e-7)
    assert by_steps.total_served == pytest.approx(best, rel=1e-6, abs=1e-9)
    assert searched.total_served == pytest.approx(best, rel=1e-6, abs=1e-9)
    assert searched.bound == pytest.approx(best, rel=2e-6, abs=1e-9)
    assert searched.status == "optimal" and searched.reproducible


def flow_instance(seed: int) -> Instance:
    source = np.random.Generator(np.random.PCG64(seed))
    return Instance(
        reach=source.random((12, 6)) < 0.4,
        gaps=source.gamma(1, 1, 12),
        held=source.choice([0.0, 0.5, 1.0], 6),
        most=np.full(6, 5),
        heads=8,
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_head_more_or_less_serves_what_serving_anew_does(seed: int) -> None:
    instance = flow_instance(seed)
    source = np.random.Generator(np.random.PCG64(seed))
    state = start(instance)
    for _ in range(12):
        at = int(source.integers(6))
        state = (remove if state.heads[at] and source.random() < 0.5 else add)(instance, state, at)
        anew = start(instance, state.heads)
        assert state.total == pytest.approx(anew.total, abs=1e-8)
        assert (state.served >= 0).all() and not state.served[~instance.reach].any()
        assert (state.served.sum(axis=1) <= instance.gaps + 1e-9).all()
        assert (state.served.sum(axis=0) <= instance.held + state.heads + 1e-9).all()


@pytest.mark.parametrize("seed", range(12))
def test_branch_and_bound_alone_finds_the_best_of_all_placements(seed: int) -> None:
    source = np.random.Generator(np.random.PCG64(seed))
    instance = Instance(
        reach=source.random((6, 4)) < 0.5,
        gaps=source.gamma(1, 0.7, 6),
        held=source.choice([0.0, 0.0, 0.5], 4),
        most=np.full(4, 3),
        heads=3,
    )
    best = best_siting(
        instance.reach.tolist(), instance.gaps.tolist(), instance.held.tolist(), [3] * 4, 3, 1.0
    )
    found = search(instance, 10.0)
    assert found.ended == "optimal" and found.heads is not None
    assert start(instance, found.heads).total == pytest.approx(float(best), abs=1e-6)
    assert found.bound == pytest.approx(float(best), abs=1e-5)
    bound, _ = relax(instance, 0.0)
    assert bound >= float(best) - 1e-7
    assert greedy(instance).total <= float(best) + 1e-7


@pytest.mark.parametrize("existing", [0.0, 0.1])
@pytest.mark.parametrize("regime", list(REGIMES))
def test_the_fixed_regions_are_solved_to_a_proven_gap_of_five_percent(
    regime: str, existing: float
) -> None:
    found = site(**region(regime, existing=existing))
    assert found.new_heads == REGIMES[regime]["heads"]
    assert found.gap <= 0.05
    gained = found.total_served - found.served_before
    assert found.heads["members_gained"].sum() == pytest.approx(gained)
    assert (np.diff(found.next_heads["members_gained"]) <= 1e-6).all()


# Small, and one of few whose relaxation does not prove it with cuts alone.
SMALL: dict[str, Any] = region("panels are very large", areas=60, sites=15, existing=0, seed=44) | {
    "new_heads": 3
}


def test_the_search_serves_no_fewer_than_the_steps_and_proves_more() -> None:
    by_steps, searched = site(**SMALL), site(**SMALL, method="milp")
    assert by_steps.gap > 1e-6  # otherwise there is nothing to search for
    assert searched.total_served >= by_steps.total_served - 1e-6
    assert searched.bound < by_steps.bound
    assert (searched.status, searched.bound_from) == ("optimal", "branch and bound")


def search_that(monkeypatch: pytest.MonkeyPatch, found: Searched) -> None:
    monkeypatch.setattr(_siting, "search", lambda *_: found)


def test_a_search_that_the_clock_ended_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    by_steps = site(**SMALL)
    search_that(monkeypatch, Searched(heads=None, bound=np.inf, ended="time limit"))
    found = site(**SMALL, method="milp")
    assert (found.status, found.reproducible, found.method) == ("time limit", False, "greedy")
    assert found.bound == by_steps.bound
    assert found.bound_from == "linear relaxation with cuts"


def test_a_search_that_finds_more_is_the_one_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    best = site(**SMALL).heads["new_heads"]
    monkeypatch.setattr(_siting, "shake", lambda _, state, *__: state)
    monkeypatch.setattr(_siting, "greedy", start)
    found = site(**SMALL, method="milp")
    assert found.method == "milp"
    assert found.new_heads == best.sum()


def test_a_search_that_failed_leaves_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    search_that(monkeypatch, Searched(heads=None, bound=np.inf, ended="failed"))
    found = site(**SMALL, method="milp")
    assert found.reproducible and found.status == "within gap"
    assert found.cautions == ("branch and bound failed: the other bound stands",)


def test_a_clock_that_is_very_short_still_gives_an_answer() -> None:
    asked = region("panels are large", existing=0)
    found = site(**asked, method="milp", time_limit_seconds=0.01)
    assert found.status == "time limit" and not found.reproducible
    assert found.gap <= 0.05


def test_pairs_are_linked_only_where_there_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    linked = site(**SMALL, method="milp")
    monkeypatch.setattr(_integer_programme, "_LINKED_SEARCH", 0)
    monkeypatch.setattr(_integer_programme, "_LINKED_BOUND", 0)
    found = site(**SMALL, method="milp")
    assert found.total_served == pytest.approx(linked.total_served)


def test_a_relaxation_that_fails_leaves_the_plain_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    import scipy.optimize

    class Failed:
        status = 4

    monkeypatch.setattr(scipy.optimize, "linprog", lambda *_, **__: Failed)
    found = site(**SMALL)
    # Everybody with a site in reach: three heads of 400 x 0.5 could treat more.
    in_reach = found.by_area["sites_in_reach"] > 0
    assert found.bound == pytest.approx(found.by_area["gap"][in_reach].sum())
    assert found.bound < 3 * 200
    assert found.total_served <= found.bound


def test_names_of_areas_and_sites_come_back() -> None:
    found = place({"north": 30, "south": 15}, sites=["a", "b", "c"], existing={"c": 1})
    assert found.heads["site"].tolist() == ["a", "b", "c"]
    assert found.heads["existing_heads"].tolist() == [0, 0, 1]
    assert found.by_area["area"].tolist() == ["north", "south"]
    assert set(found.served["area"].tolist()) == {"north", "south"}
    assert set(found.next_heads["site"].tolist()) <= {"a", "b", "c"}


@pytest.mark.parametrize(
    "make", [dict, pd.DataFrame, pl.DataFrame], ids=["dict", "pandas", "polars"]
)
def test_tables_of_areas_sites_and_pairs(make: Any) -> None:
    pairs = {
        "area": ["north", "north", "north", "south", "south", "south"],
        "site": ["a", "b", "c"] * 2,
        "minutes": [10, 25, 90, 80, 70, 12],
        "miles": [8.0, 20.0, 80.0, 70.0, 60.0, 16.0],
    }
    found = site(
        make({"area": ["north", "south"], "members": [30.0, 15.0]}),
        make(pairs),
        existing=make({"site": ["c"], "heads": [1]}),
        new_heads=2,
        panel=40,
        plan_share=0.5,
        limit=Reach(minutes=30, miles=15, logic="both"),
    )
    # Within both limits lies the first site for the north alone.
    assert found.heads["new_heads"].tolist() == [2, 0, 0]
    assert found.total_served == 30


def test_a_standard_is_a_limit_and_what_it_could_not_ask_is_told() -> None:
    standard = reach_standard("Medi-Cal managed care", "primary care")
    found = place(limit=standard)
    assert found.limit == standard.reach
    assert "10 miles was not evaluated" in found.cautions[0]
    assert [used.id for used in found.editions] == ["reach-medi-cal-primary-care"]


def test_what_is_not_given_is_assumed_and_said() -> None:
    found = site({"a": 100.0}, [[10.0]], new_heads=1, limit=Reach(minutes=30))
    assert found.members_per_head == 26.6
    assert [each.id for each in found.editions] == ["jones-2018-new"]
    assert any("plan_share was not given" in caution for caution in found.cautions)
    assert any("panel was not given" in caution for caution in found.cautions)


def test_the_default_panel_is_that_of_the_defaults_named() -> None:
    own = resolve("2026-01", Defaults, "defaults").model_copy(update={"panel": "thomas-2017-100"})
    found = place(panel=None, defaults=own)
    assert found.members_per_head == pytest.approx(42.9 * 0.5)
    assert [each.id for each in found.editions] == ["thomas-2017-100"]
    with pytest.raises(EditionNotFoundError) as refused:
        place(defaults="2025-01")
    assert refused.value.where == "defaults"


def test_a_panel_is_a_number_an_edition_or_the_plan_s_own() -> None:
    by_number = place(panel=42.9)
    by_edition = place(panel="thomas-2017-100")
    own = place(panel=OwnPanel(mean_patients=42.9))
    assert by_edition.heads == by_number.heads == own.heads
    assert [used.id for used in by_edition.editions] == ["thomas-2017-100"]
    assert by_number.editions == own.editions == ()
    with pytest.raises(EditionNotFoundError) as refused:
        place(panel="thomas")
    assert refused.value.where == "panel"


def test_a_panel_that_is_all_the_plan_s_own_is_told() -> None:
    assert place(plan_share=1).cautions[0].startswith("panels count all payers' patients")


@pytest.mark.parametrize(
    "where, value",
    [
        ("gaps", [30, -1]),
        ("gaps", [30, np.nan]),
        ("gaps", [30, np.inf]),
        ("gaps", [30, 15, 1]),
        ("gaps", []),
        ("travel_minutes", [[10, 25, 90]]),
        ("travel_minutes", [[10, np.nan, 90], [80, 70, 12]]),
        ("travel_minutes", [[10, -25, 90], [80, 70, 12]]),
        ("travel_minutes", [[10, np.inf, 90], [80, 70, 12]]),
        ("travel_miles", [[10, 25], [80, 70]]),
        ("existing", [1, 0]),
        ("existing", [1, 0, -1]),
        ("existing", [1, 0, np.nan]),
        ("existing", {"x": 1}),
        ("most_heads_per_site", -1),
        ("most_heads_per_site", [1, 2]),
        ("most_heads_per_site", [1, 2, 0.5]),
        ("new_heads", -1),
        ("new_heads", 10_001),
        ("new_heads", 10**400),
        ("panel", -1),
        ("panel", np.inf),
        ("panel", np.nan),
        ("plan_share", 1.01),
        ("plan_share", -0.1),
        ("sites", ["a", "a", "b"]),
        ("method", "exact"),
        ("method", None),
        ("time_limit_seconds", 0),
        ("time_limit_seconds", -5),
        ("seed", -1),
        ("missing", "zero"),
    ],
)
def test_a_wrong_value_names_the_argument(where: str, value: Any) -> None:
    expected = "travel_minutes" if value == [30, 15, 1] else where
    with pytest.raises(ArgumentError) as refused:
        place(**{where: value})
    assert refused.value.where == expected


@pytest.mark.parametrize(
    "where, value",
    [
        ("gaps", "30"),
        ("gaps", ["30", "15"]),
        ("gaps", [[30], [15, 1]]),
        ("travel_minutes", [["10", "25", "90"], ["80", "70", "12"]]),
        ("existing", "none"),
        ("most_heads_per_site", "2"),
        ("most_heads_per_site", 1.5),
        ("most_heads_per_site", True),
        ("new_heads", 2.0),
        ("new_heads", True),
        ("new_heads", None),
        ("panel", [40]),
        ("panel", True),
        ("plan_share", "half"),
        ("sites", "abc"),
        ("sites", [1.5, 2.5, 3.5]),
        ("sites", {"a": 1}),
        ("sites", np.array(3)),
        ("sites", np.array([["a", "b", "c"]])),
        ("limit", 30),
        ("limit", None),
        ("seed", 1.0),
        ("seed", None),
        ("time_limit_seconds", None),
    ],
)
def test_a_wrong_type_names_the_argument(where: str, value: Any) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        place(**{where: value})
    assert refused.value.where == where


@pytest.mark.parametrize(
    "changes, error, where",
    [
        ({"sites": ["a", "b"]}, ArgumentError, "travel_minutes"),
        ({"limit": Reach(miles=10)}, ArgumentError, "travel_miles"),
        ({"existing": {"site": ["a"], "number": [1]}}, ColumnError, None),
    ],
)
def test_arguments_that_do_not_fit_each_other(
    changes: dict[str, Any], error: type[OpsafeError], where: str | None
) -> None:
    with pytest.raises(error) as refused:
        place(**changes)
    assert where is None or refused.value.where == where


@pytest.mark.parametrize("members", [1e-5, 1.0, 1e11])
@pytest.mark.parametrize("panel", [1e-9, 1e-5, 40.0, 1e6])
@pytest.mark.parametrize("existing", [0.0, 1e-5, 1e12])
@pytest.mark.parametrize("method", ["greedy", "milp"])
def test_very_small_and_very_large_numbers_are_calculated_with(
    members: float, panel: float, existing: float, method: str
) -> None:
    found = place(
        [2 * members, members], panel=panel, existing=[0, existing, existing], method=method
    )
    assert np.isfinite([found.total_served, found.bound, found.gap]).all()
    assert 0 <= found.served_before <= found.total_served * (1 + 1e-9)
    assert found.total_served <= found.bound <= 3 * members * (1 + 1e-9)
    assert (found.served["members"] > 0).all()
