"""Agreement of raters: what is left out, what is not defined, who is split, and bad input."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError, OpsafeError

NAN = math.nan


def panel_of(scores: dict[str, dict[str, list[Any]]], criteria: Any = rk.IMPACT_EASE_1_5) -> Any:
    """Ratings by initiative and rater, one for each criterion."""
    return rk.read_ratings(
        [
            {
                "initiative": initiative,
                "rater": rater,
                **dict(zip(criteria.names, values, strict=True)),
            }
            for initiative, by_rater in scores.items()
            for rater, values in by_rater.items()
        ],
        criteria=criteria,
    )


def anything(value: Any) -> Any:
    return value


def split(*impact: float) -> rk.Agreement:
    rows = {f"rater {at}": [value, 3] for at, value in enumerate(impact)}
    return rk.agreement(panel_of({"one": rows, "other": {name: [3, 3] for name in rows}}))


# ---------------------------------------------------------------------------------- coefficients


def test_items_that_not_all_rated_are_left_out() -> None:
    found = rk.kendall_w(anything([[1, 2, 3, None], [2, 1, 3, 1], [1, 2, 3, NAN]]))
    assert (found.raters, found.items, found.items_given) == (3, 3, 4)
    assert found.w == rk.kendall_w([[1, 2, 3], [2, 1, 3], [1, 2, 3]]).w


@pytest.mark.parametrize(
    "ratings, reason",
    [
        ([[1, 2, 3]], "fewer than two raters"),
        ([[1, None], [2, 3]], "fewer than two items"),
        ([[3, 3], [4, 4]], "rates all items alike"),
    ],
    ids=["one rater", "one item", "ties"],
)
def test_where_w_is_not_defined_it_says_why(ratings: Any, reason: str) -> None:
    found = rk.kendall_w(ratings)
    assert found.w is None is found.p
    assert found.not_defined is not None
    assert reason in found.not_defined


@pytest.mark.parametrize(
    "ratings, reason",
    [
        ([[1], [2]], "fewer than two raters"),
        ([[1, None], [2, 3]], "fewer than two subjects"),
        ([[3, 3], [3, 3]], "all ratings are equal"),
    ],
    ids=["one rater", "one subject", "equal"],
)
def test_where_icc_is_not_defined_it_says_why(ratings: Any, reason: str) -> None:
    found = rk.intraclass_correlation(ratings)
    assert found.not_defined is not None
    assert reason in found.not_defined
    assert len(found.table) == 0


def test_shrout_and_fleiss_with_their_intervals() -> None:
    """Psychol Bull 1979;86:420-428, table 4, intervals as R's psych prints them."""
    rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = rk.intraclass_correlation(rows).forms
    wanted = {
        "1": (0.17, -0.13, 0.72),
        "A,1": (0.29, 0.02, 0.76),
        "C,1": (0.71, 0.34, 0.95),
        "1,k": (0.44, -0.88, 0.91),
        "A,k": (0.62, 0.07, 0.93),
        "C,k": (0.91, 0.68, 0.99),
    }
    for form, numbers in wanted.items():
        each = found[form]  # type: ignore[index]
        assert (each.value, each.low, each.high) == pytest.approx(numbers, abs=0.005)


def test_raters_who_agree_but_for_their_mildness() -> None:
    found = rk.intraclass_correlation([[1, 2], [3, 4], [4, 5]])
    assert found.forms["C,1"].value == pytest.approx(1)
    assert found.forms["C,1"].low is None is found.forms["A,1"].low
    assert found.forms["A,1"].value == pytest.approx(14 / 17)


def test_an_interval_without_degrees_of_freedom_is_none() -> None:
    for rows in ([[1, 1, 4], [1, 2, 3]], [[1, 2], [2, 1]], [[1, 2], [1, 2]]):
        found = rk.intraclass_correlation(rows)
        for form in found.forms.values():
            numbers = (form.value, form.low, form.high, form.p)
            assert not any(each is not None and math.isnan(each) for each in numbers)
    assert rk.intraclass_correlation([[1, 1, 4], [1, 2, 3]]).forms["A,1"].low is None


def test_large_numbers_close_together_keep_their_digits() -> None:
    rows = [[1, 2, 2], [4, 4, 5], [3, 2, 3], [5, 4, 5]]
    near = rk.intraclass_correlation(rows).forms
    far = rk.intraclass_correlation(np.array(rows) + 1e8).forms
    for name, form in near.items():
        assert far[name].value == pytest.approx(form.value, rel=1e-9)


@pytest.mark.parametrize(
    "ratings, reason",
    [
        ([[1, None], [None, 2]], "no unit has values of two coders"),
        ([[2, 2], [2, None]], "all values are equal"),
    ],
    ids=["nothing shared", "equal"],
)
def test_where_alpha_is_not_defined_it_says_why(ratings: Any, reason: str) -> None:
    found = rk.krippendorff_alpha(ratings)
    assert (found.alpha, found.not_defined) == (None, reason)


BAD: list[tuple[Any, str]] = [
    ([1, 2, 3], "is no table"),
    ([[1, 2], [3]], "is no table"),
    ([[1, math.inf], [2, 3]], "row 0, column 1 is infinite"),
    ([["1", 2], [2, 3]], "holds something that is no number"),
    ([[True, 2], [2, 3]], "holds something that is no number"),
    ("text", "is no table"),
    (None, "is no table"),
    ([[object(), 1], [1, 2]], "holds something that is no number"),
]


@pytest.mark.parametrize("ratings, said", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize(
    "asked",
    [rk.kendall_w, rk.intraclass_correlation, rk.krippendorff_alpha, rk.group_order],
    ids=["w", "icc", "alpha", "order"],
)
def test_what_is_no_table_of_numbers_is_refused(asked: Any, ratings: Any, said: str) -> None:
    with pytest.raises(OpsafeError, match=said):
        asked(ratings)


def test_bad_levels_are_refused() -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'ordinal'"):
        rk.krippendorff_alpha([[1, 2], [1, 2]], "ordnal")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="below 0"):
        rk.krippendorff_alpha([[1, -2], [1, 2]], "ratio")
    with pytest.raises(ArgumentError, match="level"):
        rk.intraclass_correlation([[1, 2], [1, 2]], level=1)


def test_numbers_of_other_kinds_are_read() -> None:
    found = rk.kendall_w(anything([[Decimal(1), np.int64(2)], [np.float32(1), 2]]))
    assert found.w == 1


# -------------------------------------------------------------------------------------- the panel


@pytest.mark.parametrize(
    "impact, camps",
    [
        ((1, 2, 4, 5), True),
        ((2, 2, 4, 4), True),
        ((2, 2, 3, 4), False),  # one alone is no camp
        ((2, 5), False),
        ((2, 2, 4, 4, 3, 3, 3, 3), True),  # a quarter at each end
        ((2, 2, 4, 4, 3, 3, 3, 3, 3), False),
        ((2.5, 2.5, 4, 4), False),
    ],
    ids=range(7),
)
def test_two_camps(impact: tuple[float, ...], camps: bool) -> None:
    found = split(*impact)
    assert found.two_camps.tolist() == [camps, False]
    assert found.by_initiative["two_camps"].tolist() == [camps, False, False, False]


def test_two_camps_stand_at_the_same_places_of_another_scale() -> None:
    cost = rk.Criterion(name="cost", worst=80, best=0, unit="thousand USD")
    criteria = rk.Criteria(id="cost", title="Cost", criteria=(cost,))
    ratings = {"a": [60], "b": [60], "c": [20], "d": [20]}
    found = rk.agreement(panel_of({"one": ratings}, criteria))
    assert found.two_camps.tolist() == [True]
    assert found.by_initiative["share_low"].tolist() == [0.5]
    near = rk.agreement(panel_of({"one": {**ratings, "a": [59]}}, criteria))
    assert near.two_camps.tolist() == [False]


def test_spread_by_initiative() -> None:
    found = rk.agreement(
        panel_of({"x": {"a": [1, None], "b": [4, 5]}, "y": {"a": [2, 3], "b": [2, 3]}})
    )
    table = found.by_initiative
    assert table["initiative"].tolist() == ["x", "x", "y", "y"]
    assert table["criterion"].tolist() == ["impact", "ease"] * 2
    assert table["raters"].tolist() == [2, 1, 2, 2]
    assert table["mean"].tolist() == [2.5, 5, 2, 3]
    assert table["median"].tolist() == [2.5, 5, 2, 3]
    assert table["sd"][0] == pytest.approx(math.sqrt(4.5))
    assert np.isnan(table["sd"][1])
    assert table["sd"][2] == 0
    assert found.disagreement.tolist() == pytest.approx([math.sqrt(4.5) / 4, 0])


def test_a_missing_rating_is_no_zero() -> None:
    whole = panel_of({"x": {"a": [5, 5], "b": [5, 5]}, "y": {"a": [4, 4], "b": [4, 4]}})
    holed = panel_of(
        {"x": {"a": [5, 5], "b": [5, 5]}, "y": {"a": [4, 4], "b": [4, 4], "c": [None, None]}}
    )
    assert rk.agreement(holed).by_initiative == rk.agreement(whole).by_initiative
    assert rk.agreement(holed).by_criterion == rk.agreement(whole).by_criterion


def test_the_number_of_complete_initiatives_is_said() -> None:
    found = rk.agreement(
        panel_of(
            {
                "x": {"a": [5, 5], "b": [4, 5]},
                "y": {"a": [4, 4], "b": [4, 3]},
                "z": {"a": [1, 2], "b": [None, 2]},
            }
        )
    )
    assert found.by_criterion["complete"].tolist() == [2, 3]
    assert found.by_criterion["initiatives"].tolist() == [3, 3]
    (caution,) = found.cautions
    assert "impact" in caution
    assert "2 of 3" in caution


@pytest.mark.parametrize(
    "scores, reason",
    [
        ({"x": {"a": [5, 5]}, "y": {"a": [4, 4]}}, "fewer than two raters"),
        ({"x": {"a": [3, 3], "b": [3, 3]}, "y": {"a": [3, 3], "b": [3, 3]}}, "alike"),
        ({"x": {"a": [5, None], "b": [None, 4]}}, "fewer than two"),
    ],
    ids=["one rater", "all equal", "nothing shared"],
)
def test_labelled_answers_where_nothing_can_be_compared(scores: Any, reason: str) -> None:
    found = rk.agreement(panel_of(scores))
    assert np.isnan(found.by_criterion["kendall_w"]).all()
    assert all(reason in each for each in found.by_criterion["note"])
    assert any(reason in each for each in found.cautions)
    assert not found.two_camps.any()


def test_planning_values_are_named() -> None:
    found = split(1, 2, 4, 5)
    assert "two_camps_share" in found.inputs["input"].tolist()
    assert [each.id for each in found.editions] == ["2026-01"]
    assert repr(found) == "Agreement(impact: W 0.00; ease: W not defined; 1 with two camps)"
    with pytest.raises(EditionNotFoundError):
        rk.agreement(panel_of({"x": {"a": [5, 5]}}), defaults="2025-01")
    with pytest.raises(ArgumentTypeError, match="is no Panel"):
        rk.agreement([[1, 2]])  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------- group orders


def test_a_ring_of_majorities_has_three_best_orders() -> None:
    found = rk.group_order([[1, 2, 3], [3, 1, 2], [2, 3, 1]], names=["a", "b", "c"])
    assert found.orders == 3
    assert found.order == ("a", "b", "c")
    assert found.first_place.tolist() == [1, 1, 1]
    assert found.last_place.tolist() == [3, 3, 3]
    assert "3 orders" in found.cautions[0]
    assert found.preferred.tolist() == [[0, 2, 1], [1, 0, 2], [2, 1, 0]]


def test_a_pair_that_nobody_compared_is_said() -> None:
    found = rk.group_order([[1, 2, None], [1, None, 2]])
    assert "1 of the 3 pairs" in found.cautions[0]
    assert found.orders == 2
    with pytest.raises(ArgumentError, match="nobody compared"):
        rk.group_order([[1, 2, None]], "borda")


def test_tied_points_are_tied_places() -> None:
    found = rk.group_order([[1, 2, 3], [2, 1, 3]], "borda", names=["a", "b", "c"])
    assert found.first_place.tolist() == [1, 1, 3]
    assert found.last_place.tolist() == [2, 2, 3]
    assert found.points.tolist() == [0.75, 0.75, 0]
    assert found.table["initiative"].tolist() == ["a", "b", "c"]
    assert (found.bound, found.status) == (None, None)


def test_panels_are_ordered_by_a_criterion() -> None:
    panel = panel_of({"x": {"a": [5, 1], "b": [4, 2]}, "y": {"a": [4, 5], "b": [None, 5]}})
    assert rk.group_order(panel, criterion="impact").order == ("x", "y")
    assert rk.group_order(panel, criterion="ease").order == ("y", "x")
    with pytest.raises(ArgumentError, match="is needed for a panel"):
        rk.group_order(panel)
    with pytest.raises(ArgumentTypeError, match="a panel has names"):
        rk.group_order(panel, criterion="impact", names=["x", "y"])
    with pytest.raises(ArgumentError, match="'impcat' is no criterion"):
        rk.group_order(panel, criterion="impcat")


def test_rankings_are_ordered_by_the_raters_own_scores() -> None:
    panel = {"x": {"a": [5, 1], "b": [5, 1]}, "y": {"a": [3, 5], "b": [3, 5]}}
    records = [
        {"initiative": name, "rater": rater, "impact": both[0], "ease": both[1]}
        for name, rows in panel.items()
        for rater, both in rows.items()
    ]
    for weights, order in (
        ({"impact": 9, "ease": 1}, ("x", "y")),
        ({"impact": 1, "ease": 9}, ("y", "x")),
        ({"impact": 1, "ease": 0}, ("x", "y")),
    ):
        found = rk.rank(records, criteria=rk.IMPACT_EASE_1_5, weights=weights)
        assert rk.group_order(found).order == order
        assert rk.group_order(found, criterion="ease").order == ("y", "x")


def test_many_initiatives_have_a_bound() -> None:
    chance = np.random.default_rng(5)
    places = np.array([chance.permutation(24) for _ in range(7)])
    found = rk.group_order(places)
    assert found.bound is not None
    assert found.gap is not None
    assert found.bound <= found.disagreements
    assert found.gap == (found.disagreements - found.bound) / found.disagreements
    assert found.status == ("optimal" if found.gap == 0 else "not proved")
    assert found.gap < 0.02
    assert sorted(found.order) == sorted(found.initiatives)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: rk.group_order([[]]), "is empty"),
        (lambda: rk.group_order([[1, 2]], anything("bordo")), "Did you mean 'borda'"),
        (lambda: rk.group_order([[1, 2]], names=["a", "a"]), "2 are needed"),
        (lambda: rk.group_order([[1, 2]], names="ab"), "is no sequence of names"),
        (lambda: rk.group_order([[1, 2]], names=anything(["a", 1])), "a name that is no text"),
        (lambda: rk.group_order([[1, 2]], criterion="impact"), "of a panel or a ranking"),
        (lambda: rk.kemeny_distance([1, 2], [1, 2, 3]), "has 3 places"),
        (lambda: rk.kemeny_distance(3, [1]), "is no table of places"),
    ],
    ids=range(8),
)
def test_bad_orders_are_refused(call: Any, said: str) -> None:
    with pytest.raises(OpsafeError, match=said):
        call()


def test_a_pair_that_one_has_not_is_no_distance() -> None:
    assert rk.kemeny_distance([1, 2, None], [2, 1, 3]) == 2
    assert rk.kemeny_distance([None, None], [1, 2]) == 0


def test_without_any_rater_nothing_is_complete() -> None:
    found = rk.agreement(panel_of({"x": {"a": [3, None]}, "y": {"a": [4, None]}}))
    assert found.by_criterion["raters"].tolist() == [1, 0]
    assert found.by_criterion["complete"].tolist() == [2, 0]
    assert rk.intraclass_correlation(np.empty((3, 0))).subjects == 0
