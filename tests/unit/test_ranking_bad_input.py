"""Whatever is handed over, the answer is a result or an error that says what is wrong and where."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from opsafe import ranking as rk
from opsafe.errors import DocumentError, OpsafeError

PAIR = rk.IMPACT_EASE_1_5
ROWS = [
    {"initiative": name, "rater": rater, "impact": impact, "ease": ease}
    for name, rater, impact, ease in (
        *(("a", "x", 5, 4), ("a", "y", 4, 4), ("a", "z", 5, 3)),
        *(("b", "x", 2, 4), ("b", "y", 1, 5), ("b", "z", 3, 3)),
        *(("c", "x", 4, 1), ("c", "y", 5, 2), ("c", "z", 3, 3)),
    )
]
PANEL = rk.read_ratings(ROWS, criteria=PAIR)
RANKED = rk.rank(PANEL, criteria=PAIR, weights={"impact": 60, "ease": 40}, draws=50)
VALUES = np.array([[0.1, 0.9], [0.5, 0.5], [0.8, 0.3]])
RATINGS = np.array([[1, 2, 3, 4.0], [2, 1, 3, 4], [1, 3, 2, 4]])
COSTS: dict[str, Any] = {"cost_usd": {"a": 10, "b": 20, "c": 30}, "budget_usd": 40}
WORK = [rk.Work(name, team="t", quarters=1, fte=1) for name in "abc"]
FOUND = rk.portfolio(RANKED, **COSTS)


class Opaque:
    """An object that nobody knows what to do with."""


BAD: tuple[Any, ...] = (
    *(None, math.nan, math.inf, -math.inf, 0, -1, 1e308, 2**63, 10**400, 0.5, True, False),
    *("", " ", "text", "a", "impact", "=cmd|'/C calc'!A0", "nul\0l", "é" * 300, b"x"),
    *([], (), {}, set(), [1], ["a"], ["a", "a"], ["zz"], ["a", 1], [None], [[]], [[1, 2], [3]]),
    *([[1, math.nan]], [[1, 2], [3, 4]], [[1, math.inf], [3, 4]], [("a", "b")], [("a", "a")]),
    *([("a", "b"), ("b", "a")], [("a",)], [1, 2, 3], [True, False, True], [0, 0, 0]),
    *({"a": 1}, {"a": math.nan}, {"a": None}, {"a": -1}, {"a": "1"}, {1: 2}, {None: None}),
    *({"a": 10**400, "b": 1, "c": 1}, {"a": [1, 2], "b": [3], "c": []}, {"a": {"x": 1}}),
    *({"impact": 0, "ease": 0}, {"impact": -1, "ease": 2}, {"impact": math.nan, "ease": 2}),
    *({"impact": 1e308, "ease": 1e308}, {"impact": "60", "ease": 40}, {"impact": pd.NA}),
    {"initiative": [["a"], "b"], "impact": [1, 2], "ease": [3, 4]},
    {"initiative": ["a", "b"], "impact": [1, 9], "ease": [3, 4]},
    *(pd.DataFrame(), pd.Series([1, 2, 3]), pd.DataFrame([[1, 2]], columns=["a", "a"])),
    *(np.array([]), np.array(3), np.ones(3), np.ones((3, 2, 2)), np.full((3, 2), np.nan)),
    *(np.full((3, 2), 1e308), np.array([["a"]]), np.array([[Opaque()]], object)),
    *(np.ones((3, 2), complex), np.ones((0, 2)), np.array([[10**400]], object)),
    *(np.array([[1, 2], [3, 4]], "M8[D]"), np.float32("nan"), np.int64(3), np.datetime64("NaT")),
    *(pd.NA, pd.NaT, pd.Timestamp("2026-01-01"), Decimal("sNaN"), Decimal("1e999"), 1j),
    *(Fraction(1, 3), Opaque(), Opaque, range(3), RANKED, PANEL, PAIR, RANKED.weights, WORK[0]),
    *(rk.WeightSet(order=("zz", "ease")), "2026-13-45"),
)  # fmt: skip
Call = tuple[Callable[..., object], dict[str, Any]]
CALLS: dict[str, Call] = {
    "acceptability": (rk.acceptability, {"values": VALUES, "weights": None, "names": list("abc")}),
    "anchored": (PAIR.criteria[0].anchored, {"values": [1, 2]}),
    "anchored_exactly": (PAIR.criteria[0].anchored_exactly, {"value": 1}),
    "ballot": (rk.ballot, {"criteria": PAIR, "initiatives": ["a"], "raters": None, "owners": None}),
    "can_be_best": (rk.can_be_best, {"values": VALUES, "directions": [1, 1], "weights": None}),
    "corners": (rk.WeightSet().corners, {"names": ["a", "b"]}),
    "group_order": (rk.group_order, {"rankings": RATINGS, "names": None, "method": "borda"}),
    "in_unit": (PAIR.criteria[0].in_unit, {"values": [0.5]}),
    "kemeny_distance": (rk.kemeny_distance, {"a": [1, 2], "b": [2, 1]}),
    "kendall_w": (rk.kendall_w, {"ratings": RATINGS}),
    "of_scores": (
        rk.of_scores,
        {"initiatives": ["a", "b"], "scores": [[1, 2], [3, 4]], "drawn": "some draws"},
    ),
    "pareto_layers": (rk.pareto_layers, {"values": VALUES, "directions": None, "names": None}),
    "portfolio": (
        rk.portfolio,
        {"ranking": RANKED, **COSTS, "must_do": (), "exclusive": (), "either_or": ()}
        | {"requires": (), "value": "impact", "leave_out": (), "headcount_fte": None},
    ),
    "quadrants": (
        rk.quadrants,
        {"initiatives": list("abc"), "values": VALUES, "criteria": PAIR, "cut": "midpoint"}
        | {"labels": None, "axes": ("impact", "ease"), "drawn": None},
    ),
    "rank": (
        rk.rank,
        {"ratings": ROWS, "criteria": PAIR, "weights": {"impact": 1, "ease": 1}, "draws": 20}
        | {"within": None, "owners": None, "top": 2, "seed": 1, "weight_set": None}
        | {"aggregate": "mean", "uncertainty": "both", "weight_half_width": None},
    ),
    "rank_counts": (rk.rank_counts, {"score_counts": [1, 2], "rule": "group"}),
    "rank_order_centroid": (
        rk.rank_order_centroid,
        {"order": ["impact", "ease"], "criteria": PAIR, "within": None},
    ),
    "read_ratings": (
        rk.read_ratings,
        {"ratings": ROWS, "criteria": PAIR, "owners": None, "numbers_as_text": False}
        | {"columns": None},
    ),
    "read_weights": (rk.read_weights, {"weights": {"impact": 1, "ease": 1}, "criteria": PAIR}),
    "roadmap": (
        rk.roadmap,
        {"ranking": RANKED, "work": WORK, "capacity_fte": {"t": 1}, "quarters": 3, "after": ()}
        | {"earliest": None, "latest": None, "must_do": (), "quick_wins": None, "leave_out": ()}
        | {"quick_wins_first": 0, "start": None, "discount": None, "value": "impact"},
    ),
    "robust_portfolio": (
        rk.robust_portfolio,
        {"ranking": RANKED, **COSTS, "impact_draws": None, "draws": 10, "value": "impact"},
    ),
    "sample": (rk.WeightSet(order=("a", "b")).sample, {"names": ["a", "b"], "draws": 4, "seed": 1}),
    "says": (PAIR.criteria[0].says, {"value": 1}),
    "smaa": (rk.smaa, {"values": VALUES, "box": None, "weights": None, "draws": 20}),
    "smallest_weight_change": (
        rk.smallest_weight_change,
        {"ranking": {"a": {"i": 1, "e": 0.5}, "b": {"i": 0.2, "e": 1}}, "better": "a"}
        | {"worse": "b", "weights": {"i": 2, "e": 1}},
    ),
    "value_by_budget": (rk.value_by_budget, {"found": FOUND, "budgets_usd": [1, 20]}),
    "weight_set": (rk.WeightSet, {"order": ("a",), "at_least": (), "at_most": (), "around": ()}),
}


@pytest.mark.parametrize("name", list(CALLS))
def test_a_bad_argument_is_named_or_answered(name: str) -> None:
    call, usual = CALLS[name]
    for argument in usual:
        for bad in BAD:
            refused, found = None, None
            try:
                found = call(**{**usual, argument: bad})
            except OpsafeError as error:
                refused = error
            except Exception as error:  # noqa: BLE001 - which one is the finding
                pytest.fail(f"{argument}={bad!r:.60}: {type(error).__name__}: {error}")
            if refused is not None:
                is_named = refused.where or isinstance(refused, DocumentError)
                assert is_named and len(str(refused)) < 3_000, (argument, str(refused))
            assert len(repr(found)) < 5_000, argument


def test_anything_that_can_be_gone_through_once_is_a_sequence() -> None:
    rules: dict[str, Any] = {"must_do": (name for name in "a"), "exclusive": iter([("b", "c")])}
    assert rk.portfolio(RANKED, **COSTS, **rules).chosen == ("a", "c")
    order: Any = iter(["ease", "impact"])
    assert rk.rank_order_centroid(order, PAIR).values.tolist() == [0.25, 0.75]


def test_ratings_in_their_own_unit_are_no_shares() -> None:
    with pytest.raises(OpsafeError, match="values: lies outside 0 to 1"):
        rk.quadrants(["a", "b"], np.array([[5, 4], [1, 2.0]]), PAIR)


def test_an_owner_who_is_no_rater_is_told() -> None:
    told = rk.read_ratings(ROWS, criteria=PAIR, owners={"a": ["x", "Xaver"]}).cautions
    assert told == ("an owner is no rater, so that nothing of theirs is set aside: a",)


def test_numbers_too_large_to_square_are_refused() -> None:
    with pytest.raises(OpsafeError, match=r"row 0, column 1 lies beyond 1e\+12"):
        rk.intraclass_correlation(np.array([[1, 1e200], [2, 3]]))


def test_a_relative_cut_of_what_nobody_drew_is_not_evaluated() -> None:
    few = [row | {"ease": None} if row["rater"] == "y" else row for row in ROWS]
    found = rk.rank(few, criteria=PAIR, weights={"impact": 1, "ease": 1}, draws=20)
    placed = found.quadrants("median")
    assert None not in placed.quadrant
    assert np.isnan(placed.own_probability).all()
