"""Laws of smallest changes: equal to the linear programme, level at the new weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opsafe import ranking as rk
from tests import portfolio_twin as twin

RATED = st.integers(0, 20).map(lambda count: count / 20)
Values = dict[str, dict[str, float]]


@st.composite
def values_and_weights(draw: st.DrawFn, most: int = 6) -> tuple[Values, dict[str, float]]:
    """Draw values of a few initiatives by criterion, and weights of which some may be 0."""
    criteria = [f"criterion {at}" for at in range(draw(st.integers(1, 6)))]
    names = [f"initiative {at}" for at in range(draw(st.integers(2, most)))]
    values = {name: {each: draw(RATED) for each in criteria} for name in names}
    weights = {each: float(draw(st.integers(0, 9))) for each in criteria}
    assume(sum(weights.values()) > 0)
    return values, weights


def ordered(values: Values, weights: dict[str, float], a: str, b: str) -> tuple[str, str, Any]:
    """The two by score, and the differences of the better one."""
    total = {name: sum(weights[c] * values[name][c] for c in weights) for name in (a, b)}
    upper, lower = (a, b) if total[a] >= total[b] else (b, a)
    return upper, lower, [values[upper][c] - values[lower][c] for c in weights]


def check(values: Values, weights: dict[str, float]) -> None:
    a, b, *_ = values
    upper, lower, differences = ordered(values, weights, a, b)
    found = rk.smallest_weight_change(values, upper, lower, weights=weights)
    if found.status == "tied already":
        assert found.size == 0
        return
    wanted = twin.smallest_change(differences, found.weights.tolist())
    if wanted is None:
        assert found.status == "dominated"
        assert found.new_weights is None
        return
    assert found.size == pytest.approx(wanted, abs=1e-7)  # what the programme's tolerance leaves
    new = found.new_weights
    assert new is not None
    assert new.min() >= 0
    assert new.sum() == pytest.approx(1, abs=1e-12)
    assert new @ differences == pytest.approx(0, abs=1e-12)
    assert np.abs(new - found.weights).sum() / 2 == pytest.approx(found.size, abs=1e-12)
    assert (found.status == "swap") == (min(differences) < 0)


@given(drawn=values_and_weights())
def test_the_smallest_change_is_that_of_the_linear_programme(drawn: Any) -> None:
    check(*drawn)


@pytest.mark.nightly
@settings(max_examples=2_000)
@given(drawn=values_and_weights())
def test_two_thousand_smallest_changes_are_those_of_the_linear_programme(drawn: Any) -> None:
    check(*drawn)


@given(drawn=values_and_weights(), data=st.data())
def test_the_top_changes_first_where_the_nearest_pair_does(drawn: Any, data: Any) -> None:
    values, weights = drawn
    k = data.draw(st.integers(1, len(values) - 1))
    found = rk.smallest_change_to_top(values, k, weights=weights)
    outside = [name for name in values if name not in found.members]
    each = [
        rk.smallest_weight_change(values, member, other, weights=weights).size
        for member in found.members
        for other in outside
    ]
    sizes = [size for size in each if size is not None]
    if not sizes:
        assert found.change is None
        return
    assert found.change is not None
    assert found.change.size == min(sizes)
    assert len(found.table) == k


@given(drawn=values_and_weights())
def test_one_weight_alone_needs_at_least_as_much(drawn: Any) -> None:
    values, weights = drawn
    a, b, *_ = values
    upper, lower, differences = ordered(values, weights, a, b)
    least = rk.smallest_weight_change(values, upper, lower, weights=weights)
    alone = rk.single_weight_changes(values, upper, lower, weights=weights)
    before = least.weights
    for row, new in enumerate(alone["new_weight"]):
        if np.isnan(new):
            assert alone["status"][row] == "dominated"
            continue
        assert least.size is not None
        assert alone["size"][row] >= least.size - 1e-12
        if alone["status"][row] == "tied already":
            continue
        others = before * (1 - new) / (1 - before[row])
        others[row] = new
        assert others @ differences == pytest.approx(0, abs=1e-9)


RATERS = ("Ann", "Ben", "Cy")


@st.composite
def panels(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw a small panel of whole ratings, some of them missing."""
    score = st.one_of(st.integers(1, 5), st.integers(1, 5), st.none())
    return [
        {"initiative": f"i{at}", "rater": rater, "impact": draw(score), "ease": draw(score)}
        for at in range(draw(st.integers(2, 4)))
        for rater in RATERS
    ]


@given(
    rows=panels(),
    aggregate=st.sampled_from(["mean", "median", "borda"]),
    share=st.integers(0, 10),
)
def test_a_needed_rating_is_the_nearest_that_does_it(
    rows: list[dict[str, Any]], aggregate: Any, share: int
) -> None:
    assume(all(any(r[c] is not None for r in rows) for c in ("impact", "ease")))
    asked: dict[str, Any] = {
        "criteria": rk.IMPACT_EASE_1_5,
        "weights": {"impact": share, "ease": 10 - share},
        "aggregate": aggregate,
        "uncertainty": "none",
    }
    ranking = rk.rank(rows, **asked)
    whole = [n for n, v in zip(ranking.initiatives, ranking.values, strict=True) if v.min() >= 0]
    assume(len(whole) > 1)
    upper, lower, *_ = [name for name in ranking.order if name in whole]
    found = rk.rating_changes(ranking, upper, lower)

    def margin(place: int, rating: float) -> float:
        rater, name, criterion = (found[c][place] for c in ("rater", "initiative", "criterion"))
        changed = [
            {**r, criterion: rating} if (r["initiative"], r["rater"]) == (name, rater) else r
            for r in rows
        ]
        again = rk.rank(changed, **asked)
        counts = dict(zip(again.initiatives, again.score_counts.tolist(), strict=True))
        return float(counts[upper] - counts[lower])

    for place in range(min(len(found), 4)):
        rating, needed = found["rating"][place], found["needed_rating"][place]
        sign = -1 if found["initiative"][place] == upper else 1
        way = [step for step in range(1, 6) if (step - rating) * sign > 0]
        done = [step for step in way if margin(place, step) <= 0]
        if found["outcome"][place] == "not possible":
            assert not done
        elif needed != rating:
            assert needed == min(done, key=lambda step: abs(step - rating))
            assert (margin(place, needed) == 0) == (found["outcome"][place] == "tie")


@given(rows=panels(), k=st.integers(1, 3))
def test_leaving_a_rater_out_is_ranking_without_him(rows: list[dict[str, Any]], k: int) -> None:
    assume(all(any(r[c] is not None for r in rows) for c in ("impact", "ease")))
    asked: dict[str, Any] = {
        "criteria": rk.IMPACT_EASE_1_5,
        "weights": {"impact": 3, "ease": 2},
        "uncertainty": "none",
    }
    ranking = rk.rank(rows, **asked)
    found = rk.without_each_rater(ranking, k)
    for place, rater in enumerate(found["rater"]):
        blank = {"impact": None, "ease": None}
        again = rk.rank([{**r, **blank} if r["rater"] == rater else r for r in rows], **asked)
        counts = dict(zip(again.initiatives, again.score_counts.tolist(), strict=True))
        best = max(counts.values())
        first = [name for name in ranking.initiatives if counts[name] == best >= 0]
        assert found["first"][place] == ", ".join(first)
        gone = [
            name
            for name, was in zip(ranking.initiatives, ranking.score_counts.tolist(), strict=True)
            if was >= 0 > counts[name]
        ]
        assert found["no_longer_rated"][place] == ", ".join(gone)
        assert found["order_changes"][place] or not found["pairs_swapped"][place]
