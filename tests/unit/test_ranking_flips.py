"""Smallest changes: what they tell, and what they refuse."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError

VALUES = {
    "a": {"impact": 0.9, "ease": 0.3},
    "b": {"impact": 0.5, "ease": 0.7},
    "c": {"impact": 0.2, "ease": 0.2},
    "d": {"impact": 0.9, "ease": 0.2},
}
WEIGHTS = {"impact": 60, "ease": 40}


def change(better: str, worse: str, **asked: Any) -> rk.WeightChange:
    return rk.smallest_weight_change(VALUES, better, worse, **{"weights": WEIGHTS, **asked})


def test_a_swap_moves_weight_to_where_the_other_is_better() -> None:
    found = change("a", "b")
    assert found.status == "swap"
    assert found.is_possible
    assert found.table["change"].round(12).tolist() == [-0.1, 0.1]
    assert "b draws level with a" in repr(found)


def test_who_is_better_on_everything_stays_above() -> None:
    found = change("a", "c")
    assert (found.status, found.size, found.new_weights) == ("dominated", None, None)
    assert np.isnan(found.table["new_weight"]).all()
    assert "no weights bring c level" in repr(found)


def test_who_is_better_on_nothing_can_draw_level_and_no_more() -> None:
    found = change("a", "d")
    assert (found.status, found.size) == ("tie only", 0.4)
    assert found.new_weights is not None
    assert found.new_weights.tolist() == [1, 0]


def test_a_tie_needs_no_change() -> None:
    assert change("a", "b", weights={"impact": 1, "ease": 1}).status == "tied already"
    assert change("b", "a", weights={"impact": 1, "ease": 1}).size == 0
    table = rk.single_weight_changes(VALUES, "a", "b", weights={"impact": 1, "ease": 1})
    assert table["status"].tolist() == ["tied already"] * 2


def test_one_weight_that_is_all_there_is_cannot_move_alone() -> None:
    table = rk.single_weight_changes(VALUES, "a", "b", weights={"impact": 1, "ease": 0})
    assert table["status"].tolist() == ["dominated", "swap"]
    assert table["new_weight"].tolist()[1] == 0.5


def test_a_top_that_no_weights_change() -> None:
    values = {name: VALUES[name] for name in ("a", "c")}
    found = rk.smallest_change_to_top(values, 1, weights=WEIGHTS)
    assert found.change is None
    assert "no weights change the first 1" in repr(found)
    assert np.isnan(found.table["size"][0])


@pytest.mark.parametrize(
    "call, kind, said",
    [
        pytest.param(lambda: change("b", "a"), ArgumentError, "Swap the two", id="order"),
        pytest.param(lambda: change("a", "a"), ArgumentError, "the same", id="same"),
        pytest.param(lambda: change("a", "e"), ArgumentError, "no initiative here", id="unknown"),
        pytest.param(
            lambda: change("a", cast("str", 3)), ArgumentTypeError, "no name", id="number"
        ),
        pytest.param(
            lambda: change("a", "b", weights=None), ArgumentTypeError, "weights", id="no weights"
        ),
        pytest.param(
            lambda: change("a", "b", weights={"impact": 0, "ease": 0}), ArgumentError, "all 0",
            id="zero",
        ),
        pytest.param(
            lambda: change("a", "b", weights={"impact": -1, "ease": 2}), ArgumentError, "outside",
            id="negative",
        ),
        pytest.param(
            lambda: change("a", "b", weights={"impact": 1}), ArgumentError, "no criterion here",
            id="criterion",
        ),
        pytest.param(
            lambda: rk.smallest_weight_change(
                {"a": {"impact": 1}, "b": {"impact": None}}, "a", "b", weights={"impact": 1}
            ), ArgumentError, "b was not rated on impact", id="missing",
        ),
        pytest.param(
            lambda: rk.smallest_weight_change(5, "a", "b"), ArgumentTypeError, "neither", id="none"
        ),
        pytest.param(
            lambda: rk.smallest_change_to_top(VALUES, 4, weights=WEIGHTS), ArgumentError, "1 to 3",
            id="k",
        ),
        pytest.param(
            lambda: rk.without_each_rater(5), ArgumentTypeError, "no Ranking", id="no ranking"  # type: ignore[arg-type]
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(call: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()


def ranked(**asked: Any) -> rk.Ranking:
    rows = [
        {"initiative": name, "rater": rater, "impact": impact, "ease": ease}
        for name, rater, impact, ease in (
            ("a", "Ann", 5, 3), ("a", "Ben", 4, 3), ("b", "Ann", 3, 4), ("b", "Ben", 4, 4),
        )
    ]  # fmt: skip
    given: dict[str, Any] = {"weights": WEIGHTS, "uncertainty": "none", **asked}
    return rk.rank(rows, criteria=rk.IMPACT_EASE_1_5, **given)


def test_a_ranking_and_its_values_give_one_answer() -> None:
    ranking = ranked()
    values = {
        name: dict(zip(ranking.criteria.names, row.tolist(), strict=True))
        for name, row in zip(ranking.initiatives, ranking.values, strict=True)
    }
    mine = rk.smallest_weight_change(values, "a", "b", weights=WEIGHTS)
    assert rk.smallest_weight_change(ranking, "a", "b").size == pytest.approx(mine.size)
    with pytest.raises(ArgumentError, match="weights of its own"):
        rk.smallest_weight_change(ranking, "a", "b", weights=WEIGHTS)


def test_value_changes_stand_in_the_unit_of_the_criterion() -> None:
    table = rk.value_changes(ranked(), "a", "b")
    assert table["value"].tolist() == [4.5, 3, 3.5, 4]
    assert table["needed_value"].round(4).tolist() == [4.1667, 2.5, 3.8333, 4.5]
    assert table["is_possible"].all()
    with pytest.raises(ArgumentError, match="Borda"):
        rk.value_changes(ranked(aggregate="borda"), *ranked(aggregate="borda").order)


def test_a_criterion_without_weight_needs_no_value() -> None:
    table = rk.value_changes(ranked(weights={"impact": 1, "ease": 0}), "a", "b")
    assert np.isnan(table["needed_value"][[1, 3]]).all()
    assert not table["is_possible"][[1, 3]].any()
    assert set(
        rk.rating_changes(ranked(weights={"impact": 1, "ease": 0}), "a", "b")["criterion"]
    ) == {"impact"}


def test_a_criterion_without_weight_that_one_was_not_rated_on_drops_nobody() -> None:
    three = rk.Criteria(
        id="three",
        title="Impact, ease and reach",
        criteria=(
            *rk.IMPACT_EASE_1_5.criteria,
            rk.Criterion(name="reach", worst=0, best=100),
        ),
    )
    rows = [
        {"initiative": "a", "impact": 5, "ease": 4, "reach": None},
        {"initiative": "b", "impact": 4, "ease": 5, "reach": 50},
        {"initiative": "c", "impact": 2, "ease": 2, "reach": 90},
    ]
    weights = {"impact": 60, "ease": 40, "reach": 0}
    ranking = rk.rank(rows, criteria=three, weights=weights, uncertainty="none")
    found = rk.smallest_change_to_top(ranking, 1)
    assert found.members == ranking.order[:1] == ("a",)
    assert found.change is not None
    assert (found.change.worse, found.change.criteria) == ("b", ("impact", "ease"))
    assert found.change.size == pytest.approx(0.1)


def test_a_tie_over_the_edge_of_the_top_is_cut_alike_in_every_order_of_rows() -> None:
    values = {
        "d": {"impact": 0.5, "ease": 0.5},
        "b": {"impact": 0.5, "ease": 0.5},
        "a": {"impact": 0.9, "ease": 0.9},
        "c": {"impact": 0.5, "ease": 0.5},
    }
    there = rk.smallest_change_to_top(values, 2, weights=WEIGHTS)
    back = rk.smallest_change_to_top(dict(reversed(values.items())), 2, weights=WEIGHTS)
    assert there.members == back.members == ("a", "b")
    assert there.reason == back.reason
    assert there.change is not None and there.change.size == 0
