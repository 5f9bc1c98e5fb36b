"""The roadmap: what is done when, what is left out and why, and what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, EditionNotFoundError
from opsafe.ranking import _schedule_solve
from opsafe.ranking._schedule import LEFT_OUT, Instance, broken
from opsafe.ranking._schedule_programme import Searched, search

IMPACT = {"naloxone": 0.75, "training": 0.5, "telehealth": 1.0}
WORK = [
    rk.Work("naloxone", team="pharmacy", quarters=1, fte=0.5, owner="Ada", chapter="quick wins"),
    rk.Work("training", team="clinic", quarters=2, fte=1.0),
    rk.Work("telehealth", team="clinic", quarters=2, fte=1.0),
    rk.Work("telehealth", team="pharmacy", quarters=1, fte=0.5, starts_after=1),
]


def ask(impact: Any = None, **changes: Any) -> rk.Roadmap:
    asked: dict[str, Any] = {
        "work": WORK,
        "capacity_fte": {"pharmacy": 1, "clinic": 1},
        "quarters": 4,
        "discount": 0.03,
    }
    return rk.roadmap(IMPACT if impact is None else impact, **(asked | changes))


def starts(found: rk.Roadmap) -> dict[str, int]:
    names = found.table["initiative"].tolist()
    return dict(zip(names, found.table["start_quarter"].tolist(), strict=True))


def reasons(found: rk.Roadmap) -> dict[str, str]:
    names = found.left_out["initiative"].tolist()
    return dict(zip(names, found.left_out["reason"].tolist(), strict=True))


def test_the_better_one_comes_first_and_the_value_is_by_hand() -> None:
    found = ask()
    assert starts(found) == {"naloxone": 1, "telehealth": 1, "training": 3}
    by_hand = 0.75 + 1.0 * 0.97 + 0.5 * 0.97**3
    assert found.value == pytest.approx(by_hand, rel=1e-12)
    assert found.value_lost_by_delay == pytest.approx(0.5 * (0.97 - 0.97**3), rel=1e-12)
    assert (found.status, found.stopped_by, found.reproducible) == ("optimal", "proved", True)
    assert found.gap <= 1e-6
    assert found.list_value == found.value


def test_an_order_that_is_asked_for_is_kept() -> None:
    found = ask(after=[("telehealth", "training"), ("telehealth", "training")])
    assert starts(found) == {"naloxone": 1, "training": 1, "telehealth": 3}


def test_what_waits_for_something_left_out_is_left_out() -> None:
    found = ask(after=[("naloxone", "training")], latest={"training": 1})
    assert reasons(found) == {"training": "cannot be done", "naloxone": "cannot be done"}
    told = dict(
        zip(*(found.left_out[name].tolist() for name in ("initiative", "detail")), strict=True)
    )
    assert told["training"] == "takes 2 quarters, of 1 that it may use"
    assert told["naloxone"] == "waits for training, which cannot be done"


def test_a_predecessor_that_finds_no_room_leaves_out_its_successor() -> None:
    found = ask(
        {"naloxone": 0.1, "training": 0.1, "telehealth": 1.0},
        after=[("naloxone", "training")],
        quarters=3,
    )
    assert reasons(found) == {"training": "no room", "naloxone": "predecessor left out"}


def test_quarters_may_be_bounded_from_both_sides() -> None:
    found = ask(earliest={"naloxone": 3}, latest={"training": 2})
    assert starts(found) == {"training": 1, "naloxone": 3, "telehealth": 3}


def test_capacity_may_differ_by_quarter_and_is_told_by_team() -> None:
    found = ask(capacity_fte={"pharmacy": np.array([0.0, 0.5, 0.5, 0.5]), "clinic": 1})
    assert starts(found) == {"telehealth": 1, "naloxone": 3, "training": 3}
    load = found.load
    assert load["team"].tolist() == ["pharmacy"] * 4 + ["clinic"] * 4
    assert load["used_fte"].tolist() == [0, 0.5, 0.5, 0, 1, 1, 1, 1]
    assert load["left_fte"].tolist() == [0, 0, 0, 0.5, 0, 0, 0, 0]
    assert found.binding["team"].tolist() == ["clinic", "pharmacy"]
    assert found.binding["full_quarters"].tolist() == [4, 2]
    assert found.binding["share_used"].tolist() == pytest.approx([1.0, 2 / 3])


def test_thirds_of_a_post_fill_it_and_no_more() -> None:
    names = ("a", "b", "c", "d")
    found = rk.roadmap(
        dict.fromkeys(names, 1.0),
        work=[rk.Work(name, team="clinic", quarters=1, fte=1 / 3) for name in names],
        capacity_fte={"clinic": 1},
        quarters=2,
        discount=0.1,
    )
    assert sorted(found.table["start_quarter"].tolist()) == [1, 1, 1, 2]


def test_without_delay_loss_the_order_does_not_count() -> None:
    found = ask(discount=0)
    assert found.value == pytest.approx(2.25)
    assert found.value_lost_by_delay == 0


def test_must_do_is_done_even_without_impact_and_with_what_it_waits_for() -> None:
    impact = {"naloxone": 0.0, "training": 0.0, "telehealth": 1.0}
    free = ask(impact)
    assert reasons(free) == {"naloxone": "adds nothing", "training": "adds nothing"}
    found = ask(impact, must_do=["naloxone"], after=[("naloxone", "training")])
    assert set(starts(found)) == set(impact)
    assert found.table["must_do"].tolist().count(True) == 2


def test_quick_wins_first_is_a_floor_and_costs_value() -> None:
    rows = [
        rk.Work("small", team="clinic", quarters=1, fte=1.0),
        rk.Work("large", team="clinic", quarters=3, fte=1.0),
    ]
    asked: dict[str, Any] = {
        "work": rows,
        "capacity_fte": {"clinic": 1},
        "quarters": 3,
        "discount": 0.03,
    }
    impact = {"small": 0.0, "large": 1.0}
    assert starts(rk.roadmap(impact, **asked)) == {"large": 1}
    found = rk.roadmap(impact, quick_wins=["small"], quick_wins_first=1, **asked)
    assert starts(found) == {"small": 1}
    assert found.quick_wins_in_first_quarter == 1
    assert reasons(found) == {"large": "no room"}


@pytest.mark.parametrize(
    "changes, said",
    [
        (
            {"quick_wins": ["naloxone", "training"], "quick_wins_first": 2},
            "asks for 2 quick wins done in quarter 1, and only 1 could be, even alone",
        ),
        (
            {"must_do": ["training"], "latest": {"training": 1}},
            "training must be done, but takes 2 quarters, of 1 that it may use",
        ),
        (
            {"must_do": ["training"], "capacity_fte": {"pharmacy": 1, "clinic": 0.5}},
            "training must be done, but needs more of clinic than it ever has",
        ),
        (
            {"must_do": ["training"], "capacity_fte": {"pharmacy": 1, "clinic": [1, 0, 1, 0]}},
            "finds no quarters with enough capacity, even alone",
        ),
        (
            {"must_do": ["training", "telehealth"], "quarters": 3},
            "what must be done does not fit together",
        ),
    ],
    ids=["quick wins", "deadline", "team too small", "team never twice", "together"],
)
def test_what_cannot_be_is_infeasible_with_its_reason(changes: dict[str, Any], said: str) -> None:
    found = ask(**changes)
    assert found.status == "infeasible"
    assert said in found.reason
    assert (found.value, found.bound, found.gap) == (0, 0, 0)
    assert found.list_value is None
    assert len(found.table) == len(found.left_out) == len(found.work_plan()) == 0
    assert found.table.keys() == ask().table.keys()
    assert found.work_plan().keys() == ask().work_plan().keys()
    assert said.split(",", maxsplit=1)[0] in found._repr_html_()


def test_quick_wins_that_fit_only_one_by_one_are_told_apart_from_what_must_be() -> None:
    rows = [rk.Work(name, team="clinic", quarters=1, fte=1.0) for name in ("a", "b", "c")]
    asked: dict[str, Any] = {
        "work": rows,
        "capacity_fte": {"clinic": 1},
        "quarters": 2,
        "discount": 0.03,
        "quick_wins": ["a", "b"],
    }
    impact = dict.fromkeys("abc", 1.0)
    two = rk.roadmap(impact, quick_wins_first=2, **asked)
    assert "capacity has room for only 1 of them together" in two.reason
    late = rk.roadmap(impact, quick_wins_first=1, must_do=["c"], latest={"c": 1}, **asked)
    assert late.reason == "what must be done leaves no room for 1 quick wins in quarter 1"


@pytest.mark.parametrize(
    "start", ["2026-01", "2026-Q1", "2026Q1", date(2026, 1, 1)], ids=["month", "Q", "q", "date"]
)
def test_a_first_month_gives_dates(start: object) -> None:
    found = ask(start=start)
    assert found.start == date(2026, 1, 1)
    rows = found.table
    assert rows["start_date"].astype(str).tolist() == ["2026-01-01", "2026-01-01", "2026-07-01"]
    assert rows["finish_date"].astype(str).tolist() == ["2026-03-31", "2026-06-30", "2026-12-31"]


def test_a_fiscal_year_may_start_in_any_month_and_no_month_gives_no_dates() -> None:
    rows = ask(start="2026-11").table
    assert rows["finish_date"].astype(str).tolist() == ["2027-01-31", "2027-04-30", "2027-10-31"]
    assert np.isnat(ask().table["start_date"]).all()
    assert np.isnat(ask().work_plan()["finish"]).all()


def test_the_work_plan_has_a_row_for_each_team() -> None:
    plan = ask(after=[("telehealth", "naloxone")], start="2026-01").work_plan()
    assert plan["id"].tolist() == ["1.1", "2.1", "3.1", "3.2"]
    assert plan["initiative"].tolist() == ["naloxone", "training", "telehealth", "telehealth"]
    assert plan["chapter"].tolist() == ["quick wins", None, None, None]
    assert plan["owner"].tolist() == ["Ada", None, None, None]
    assert plan["team"].tolist() == ["pharmacy", "clinic", "clinic", "pharmacy"]
    assert plan["start_quarter"].tolist() == [1, 1, 3, 4]
    assert plan["finish_quarter"].tolist() == [1, 2, 4, 4]
    assert plan["predecessor"].tolist() == [None, None, "1.1", "1.1"]
    assert plan["slack_quarters"].tolist() == [1, 2, 0, 0]
    assert plan["critical"].tolist() == [False, False, True, True]
    assert plan["finish"].astype(str).tolist()[-1] == "2026-12-31"


def test_a_ranking_brings_its_impact_and_its_quick_wins() -> None:
    example = rk.example()
    ranking = rk.rank(
        example.ratings, criteria=example.criteria, weights=example.weights, draws=200, seed=1
    )
    asked: dict[str, Any] = {
        "work": example.work,
        "capacity_fte": example.capacity_fte,
        "quarters": example.quarters,
        "after": example.after,
        "must_do": example.must_do,
    }
    found = rk.roadmap(ranking, quick_wins_first=1, **asked)
    assert found.status == "optimal"
    quick = {
        name
        for name, code in zip(ranking.initiatives, ranking.quadrants().quadrant, strict=True)
        if code == "quick_win"
    }
    shown = found.table["initiative"][found.table["quick_win"]].tolist()
    assert set(shown) == quick & set(starts(found))
    assert found.quick_wins_in_first_quarter >= 1
    assert any("planning value" in caution for caution in found.cautions)
    assert [each.id for each in found.editions] == ["2026-01"]
    composite = rk.roadmap(ranking, value="composite", **asked)
    assert any("composite" in caution for caution in composite.cautions)


def test_inputs_tell_where_they_come_from() -> None:
    found = ask(discount=None)
    origin = dict(zip(found.inputs["input"], found.inputs["origin"], strict=True))
    assert origin["discount"] == "planning value"
    assert ask().inputs["origin"].tolist().count("planning value") == 0
    assert found.value == pytest.approx(ask().value)


def test_those_left_out_by_the_caller_need_no_work_and_are_listed() -> None:
    found = ask(IMPACT | {"dashboard": 0.9}, leave_out=["dashboard", "training"])
    assert reasons(found) == {
        "dashboard": "left out by the caller",
        "training": "left out by the caller",
    }
    assert set(starts(found)) == {"naloxone", "telehealth"}
    assert "2 of 4 are left out" in found.cautions


def test_those_without_work_are_left_out_and_listed() -> None:
    found = ask(work=WORK[:2], leave_out=(each for each in ["naloxone"]))
    assert reasons(found) == {
        "naloxone": "left out by the caller",
        "telehealth": "no work given",
    }
    assert set(starts(found)) == {"training"}
    assert found.cautions[:2] == (
        "no work is given for telehealth: left out",
        "left out by the caller: naloxone",
    )


def test_what_waits_for_one_without_work_is_refused() -> None:
    with pytest.raises(ArgumentError, match="has no row for telehealth"):
        ask(work=WORK[:2], after=(pair for pair in [("training", "telehealth")]))


def test_work_may_be_a_record() -> None:
    rows = [{**row.model_dump()} for row in WORK]
    assert starts(ask(work=rows)) == starts(ask())


def test_a_search_cut_short_by_nodes_says_so() -> None:
    impact, work = hard()
    asked: dict[str, Any] = {
        "work": work,
        "capacity_fte": {"a": 2, "b": 2},
        "quarters": 6,
        "discount": 0.03,
        "node_limit": 1,
        "time_limit_s": 300,
    }
    found = rk.roadmap(impact, **asked)
    assert (found.status, found.stopped_by) == ("within gap", "node limit")
    assert found.reproducible
    assert found.gap == pytest.approx((found.bound - found.value) / found.bound)
    assert any("not proved best" in caution for caution in found.cautions)


def test_a_search_cut_short_by_the_clock_says_so() -> None:
    impact, work = hard()
    found = rk.roadmap(
        impact,
        work=work,
        capacity_fte={"a": 2, "b": 2},
        quarters=6,
        discount=0.03,
        time_limit_s=0.02,
    )
    assert found.stopped_by == "time limit"
    assert not found.reproducible
    assert any("the clock" in caution for caution in found.cautions)


def hard() -> tuple[dict[str, float], list[rk.Work]]:
    """Invent fourteen initiatives that compete for two teams."""
    names = [f"initiative {at:02}" for at in range(14)]
    work = [
        rk.Work(name, team=team, quarters=1 + at * 7 % 3, fte=0.25 * (1 + at * step % 7))
        for at, name in enumerate(names)
        for team, step in (("a", 3), ("b", 5))
    ]
    return {name: (20 + at * 37 % 80) / 100 for at, name in enumerate(names)}, work


def test_a_programme_that_fails_leaves_the_list_and_a_weak_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for bound, ended in ((np.inf, "failed"), (-np.inf, "proved")):
        failed = Searched(None, bound, ended)  # type: ignore[arg-type]
        monkeypatch.setattr(_schedule_solve, "search", lambda *_, answer=failed: answer)
        found = ask()
        assert found.stopped_by == "failed"
        assert found.found_by == "list schedule"
        assert found.value <= found.bound == pytest.approx(0.75 + 0.97 * 1.5)
        assert any("failed" in caution for caution in found.cautions)


def test_a_schedule_of_the_programme_that_breaks_a_rule_is_never_returned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = Searched(np.zeros(3, np.int64), 2.25, "proved")
    monkeypatch.setattr(_schedule_solve, "search", lambda *_: wrong)
    found = ask()
    assert (found.load["used_fte"] <= found.load["capacity_fte"]).all()
    assert starts(found) == {"naloxone": 1, "telehealth": 1, "training": 3}


def test_the_search_may_end_before_any_schedule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Searched(None, 2.0, "time limit")
    monkeypatch.setattr(_schedule_solve, "search", lambda *_: nothing)
    found = ask(must_do=["training", "telehealth"], quarters=3)
    assert (found.status, found.stopped_by) == ("not found", "time limit")
    assert found.gap == 1
    assert "before any schedule was found" in found.reason


def small(**changes: Any) -> Instance:
    fields: dict[str, Any] = {
        "demand": (np.array([[1]]), np.array([[1], [1]])),
        "capacity": np.array([[1, 1, 1]]),
        "worth": np.array([[1.0, 0.9, 0.8], [1.0, 0.9, 0.8]]),
        "first": np.array([0, 0]),
        "finish": np.array([2, 2]),
        "after": (),
        "must": np.array([False, False]),
        "quick": np.array([True, False]),
        "least_quick": 0,
    }
    return Instance(**(fields | changes))


@pytest.mark.parametrize(
    "changes, starts, said",
    [
        ({}, [0, 1], None),
        ({}, [LEFT_OUT, LEFT_OUT], None),
        ({}, [0, 0], "capacity"),
        ({}, [0, 2], "outside its quarters"),
        ({"finish": np.array([9, 9])}, [0, 2], "beyond the last quarter"),
        ({"first": np.array([1, 0])}, [0, 1], "outside its quarters"),
        ({"after": ((0, 1),)}, [2, 0], "does not wait"),
        ({"after": ((0, 1),)}, [LEFT_OUT, 0], "does not wait"),
        ({"must": np.array([True, False])}, [LEFT_OUT, 0], "must be done"),
        ({"least_quick": 1}, [2, 0], "quick wins"),
    ],
    ids=[
        *("kept", "nothing", "capacity", "late", "end", "early"),
        *("order", "predecessor", "must", "quick"),
    ],
)
def test_the_checker_knows_every_rule(
    changes: dict[str, Any], starts: list[int], said: str | None
) -> None:
    found = broken(small(**changes), np.array(starts))
    assert found is None if said is None else said in (found or "")


def test_the_programme_alone_proves_what_is_best_and_what_cannot_be() -> None:
    found = search(small(), 10.0, 100)
    assert found.starts is not None
    assert found.starts.tolist() == [0, 1]
    assert found.bound == pytest.approx(1.9)
    nothing = search(small(demand=(np.array([[2]]), np.array([[2]]))), 10.0, 100)
    assert nothing.starts is not None
    assert nothing.starts.tolist() == [LEFT_OUT, LEFT_OUT]
    assert search(small(must=np.array([True, True]), finish=np.array([0, 1])), 10, 9).bound < 0


@pytest.mark.parametrize(
    "changes, where, said",
    [
        ({"after": [("telehealth", "trainin")]}, "after[0]", "training"),
        ({"after": [("naloxone", "naloxone")]}, "after", "'naloxone' waits for 'naloxone'"),
        (
            {"after": [("naloxone", "training"), ("training", "naloxone")]},
            "after",
            "'naloxone' waits for 'training' waits for 'naloxone'",
        ),
        ({"capacity_fte": {"pharmacy": -1, "clinic": 1}}, "capacity_fte['pharmacy']", "outside"),
        ({"capacity_fte": {"pharmacy": [1, 2], "clinic": 1}}, "capacity_fte['pharmacy']", "2 amou"),
        ({"capacity_fte": {"pharmacy": float("nan"), "clinic": 1}}, "capacity_fte", "NaN"),
        ({"capacity_fte": {"pharmacy": float("inf"), "clinic": 1}}, "capacity_fte", "outside"),
        ({"capacity_fte": {"pharmacies": 1, "clinic": 1}}, "work[0].team", "pharmacies"),
        ({"work": WORK[:2], "must_do": ["telehealth"]}, "work", "telehealth"),
        ({"work": [*WORK, rk.Work("dash", team="clinic", quarters=1, fte=1)]}, "work[4]", "no ini"),
        ({"quarters": 0}, "quarters", "outside"),
        ({"quick_wins_first": 1}, "quick_wins_first", "quick_wins="),
        ({"quick_wins": ["naloxon"]}, "quick_wins", "naloxone"),
        ({"quick_wins": [], "quick_wins_first": -1}, "quick_wins_first", "outside"),
        ({"must_do": ["train"]}, "must_do", "training"),
        ({"earliest": {"train": 1}}, "earliest", "training"),
        ({"latest": {"training": 0}}, "latest['training']", "outside"),
        ({"discount": 1}, "discount", "below"),
        ({"start": "2026-13"}, "start", "2026-Q1"),
        ({"start": date(2026, 1, 2)}, "start", "first month"),
        ({"time_limit_s": 0}, "time_limit_s", "outside"),
        ({"node_limit": 0}, "node_limit", "outside"),
        ({"leave_out": list(IMPACT)}, "impact", "no initiative"),
    ],
    ids=[
        *("unknown before", "waits for itself", "circle", "negative", "length", "nan", "infinite"),
        *("unknown team", "no work", "unknown work", "no quarters", "no quick wins known"),
        *("unknown quick win", "negative floor", "unknown must", "unknown earliest", "quarter 0"),
        *("all lost", "month 13", "mid month", "no time", "no nodes", "nothing left"),
    ],
)
def test_a_bad_value_is_refused_with_its_place(
    changes: dict[str, Any], where: str, said: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        ask(**changes)
    assert where in str(caught.value.where)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"work": "naloxone"},
        {"work": [1]},
        {"work": None},
        {"capacity_fte": 3},
        {"capacity_fte": {1: 3}},
        {"capacity_fte": {"pharmacy": "two", "clinic": 1}},
        {"after": {"b": "a"}},
        {"after": ["ab"]},
        {"after": [("naloxone",)]},
        {"earliest": [1]},
        {"latest": {"training": 1.5}},
        {"must_do": "training"},
        {"start": 2026},
        {"value": 1},
        {"quarters": 4.5},
        {"seed": "one"},
        {"quick_wins_first": "two", "quick_wins": []},
    ],
    ids=lambda changes: " ".join(f"{name}={each!r}"[:30] for name, each in changes.items()),
)
def test_a_wrong_type_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ArgumentTypeError):
        ask(**changes)


def test_an_unknown_edition_is_refused() -> None:
    with pytest.raises(EditionNotFoundError):
        ask(discount=None, defaults="2025-01")


def test_work_takes_its_initiative_first_and_checks_its_fields() -> None:
    row = rk.Work("naloxone", team="pharmacy", quarters=1, fte=0.5)
    assert row == rk.Work(initiative="naloxone", team="pharmacy", quarters=1, fte=0.5)
    assert row.model_copy(update={"fte": 1.0}).fte == 1
    for wrong in ({"fte": -1.0}, {"quarters": 0}, {"quarters": 1.5}, {"fte": float("nan")}):
        with pytest.raises(DocumentError, match=next(iter(wrong))):
            rk.Work(**(row.model_dump() | wrong))
    with pytest.raises(DocumentError, match="initiative: is missing"):
        rk.Work(team="pharmacy", quarters=1, fte=0.5)
    with pytest.raises(DocumentError, match="is not a field"):
        rk.Work.from_json(row.to_json().replace("team", "squad"))
