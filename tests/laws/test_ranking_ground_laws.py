"""Laws of criteria, weights, ratings, ties and quadrants, against slow exact twins."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe import ranking as rk
from opsafe.errors import OpsafeError
from opsafe.ranking._resample import drawn_values, rater_weights
from opsafe.ranking._values import Aggregate, rater_values, score_counts, value_counts
from tests import rating_twin as twin
from tests import strategies as own

AGGREGATES: tuple[Aggregate, ...] = ("mean", "median", "borda")
each_aggregate = pytest.mark.parametrize("how", AGGREGATES)
ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.text(max_size=6),
    st.binary(max_size=3),
    st.dates(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from([np.float32(3.5), np.int8(2), np.bool_(True), np.datetime64("NaT"), 10**400]),
)
COUNTS = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@each_aggregate
@given(data=st.data())
def test_values_and_scores_are_those_of_the_twin(how: Aggregate, data: st.DataObject) -> None:
    on = data.draw(own.criteria())
    table = data.draw(own.rating_tables(on))
    weights = rk.read_weights(data.draw(own.top_weights(on)), on)
    panel = rk.read_ratings(table, criteria=on)
    counts, known = value_counts(panel, how)
    for at, name in enumerate(panel.initiatives):
        wanted = [twin.value(table, each, name, how) for each in on.criteria]
        assert known[at].tolist() == [each is not None for each in wanted]
        assert counts[at].tolist() == [each or 0 for each in wanted]
    found = score_counts(counts, weights)
    assert found.tolist() == [twin.score(row, weights.counts.tolist()) for row in counts.tolist()]


@given(data=st.data())
def test_rows_and_raters_in_any_order_give_the_same_values(data: st.DataObject) -> None:
    on = data.draw(own.criteria())
    table = data.draw(own.rating_tables(on))
    shuffled = data.draw(st.permutations(table))
    for how in AGGREGATES:
        first, again = (rk.read_ratings(rows, criteria=on) for rows in (table, shuffled))
        place = [again.initiatives.index(name) for name in first.initiatives]
        assert (value_counts(first, how)[0] == value_counts(again, how)[0][place]).all()


@given(data=st.data())
def test_a_wide_table_is_the_long_one(data: st.DataObject) -> None:
    on = data.draw(own.criteria())
    table = data.draw(own.rating_tables(on))
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in table:
        key = {"initiative": row["initiative"], "rater": row["rater"]}
        rows.setdefault(tuple(key.values()), key)[row["criterion"]] = row["score"]
    wide = rk.read_ratings(list(rows.values()), criteria=on)
    long = rk.read_ratings(table, criteria=on)
    assert np.array_equal(wide.scores, long.scores, equal_nan=True)
    assert len(wide.set_aside) == len(long.set_aside) == int((~long.rated).sum())


@given(data=st.data())
def test_a_missing_rating_is_never_a_zero(data: st.DataObject) -> None:
    # A rater who says nothing changes no value.
    on = data.draw(own.criteria())
    table = data.draw(own.rating_tables(on))
    silent = [{**row, "rater": "silent", "score": None} for row in table]
    twice = {(row["initiative"], row["criterion"]): row for row in silent}
    for how in AGGREGATES:
        alone, _ = value_counts(rk.read_ratings(table, criteria=on), how)
        both, _ = value_counts(rk.read_ratings([*table, *twice.values()], criteria=on), how)
        assert (alone == both).all()


@given(data=st.data())
def test_dropping_an_initiative_never_reorders_the_rest(data: st.DataObject) -> None:
    on = data.draw(own.criteria())
    table = data.draw(own.rating_tables(on))
    weights = rk.read_weights(data.draw(own.top_weights(on)), on)
    dropped = data.draw(st.sampled_from([row["initiative"] for row in table]))
    rest = [row for row in table if row["initiative"] != dropped]
    assume(rest)
    for how in ("mean", "median"):
        scores = [
            dict(
                zip(
                    panel.initiatives,
                    score_counts(value_counts(panel, how)[0], weights).tolist(),
                    strict=True,
                )
            )
            for panel in (rk.read_ratings(rows, criteria=on) for rows in (table, rest))
        ]
        del scores[0][dropped]
        assert scores[0] == scores[1]


@given(data=st.data(), factor=st.floats(1e-6, 1e6))
def test_scaling_all_weights_changes_nothing(data: st.DataObject, factor: float) -> None:
    on = data.draw(own.criteria())
    weights = data.draw(own.top_weights(on))
    plain = rk.read_weights(weights, on)
    scaled = rk.read_weights({name: each * factor for name, each in weights.items()}, on)
    assert plain.counts.tolist() == scaled.counts.tolist()
    assert plain.values.tolist() == scaled.values.tolist()
    assert plain.values.sum() == pytest.approx(1, abs=1e-15)


@given(data=st.data())
def test_splitting_a_criterion_keeps_its_weight(data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(1, 20), min_size=1, max_size=6))
    impact, ease = data.draw(st.tuples(st.integers(1, 99), st.integers(1, 99)))
    split = rk.Criteria(
        id="split",
        title="Ease in parts",
        criteria=(
            rk.Criterion(name="impact", worst=1, best=5),
            *(
                rk.Criterion(name=f"ease {at}", worst=1, best=5, group="ease")
                for at in range(len(parts))
            ),
        ),
    )
    within = {"ease": {f"ease {at}": part for at, part in enumerate(parts)}}
    found = rk.read_weights({"impact": impact, "ease": ease}, split, within)
    exact = [Fraction(impact, impact + ease)] + [
        Fraction(ease * part, (impact + ease) * sum(parts)) for part in parts
    ]
    # Each count is half a count off at most, and so is each of those in the sum.
    off = (len(exact) + 1) / 2 * 1.001e-6
    assert found.values == pytest.approx([float(each) for each in exact], abs=off)
    if lcm(*(each.denominator for each in exact)) <= 1000:
        total = int(found.counts.sum())
        assert [Fraction(each, total) for each in found.counts.tolist()] == exact


@given(number=st.integers(1, 7))
def test_centroid_is_the_centre_of_the_corners(number: int) -> None:
    # Ordered weights are a simplex with corners (1, 0, ...), (1/2, 1/2, 0, ...), ..., (1/n, ...).
    names = [f"c{at}" for at in range(number)]
    on = rk.Criteria(
        id="n", title="n", criteria=tuple(rk.Criterion(name=n, worst=0, best=1) for n in names)
    )
    corners = np.array(
        [[1 / (at + 1)] * (at + 1) + [0] * (number - at - 1) for at in range(number)]
    )
    found = rk.rank_order_centroid(names, on)
    assert found.values == pytest.approx(corners.mean(axis=0), abs=1e-6)
    equal = rk.rank_order_centroid([tuple(names)], on)
    assert len(set(equal.counts.tolist())) == 1


@given(counts=COUNTS)
def test_places_are_those_of_a_count_by_hand(counts: list[int]) -> None:
    for rule in ("group", "competition", "average"):
        ranks = rk.rank_counts(np.array(counts), rule)
        for at, mine in enumerate(counts):
            better = sum(each > mine for each in counts)
            equal = counts.count(mine)
            number = len({each for each in counts if each > mine}) + 1
            assert (ranks.first[at], ranks.last[at]) == (better + 1, better + equal)
            assert ranks.group[at] == number
            shown = {
                "group": better + 1,
                "competition": better + 1,
                "average": Fraction(2 * better + equal + 1, 2),
            }
            assert ranks.shown[at] == shown[rule]
        if rule == "average":
            assert ranks.shown.sum() == len(counts) * (len(counts) + 1) / 2
        assert ranks.tied == sum(counts.count(each) > 1 for each in counts)


@each_aggregate
@given(data=st.data())
def test_drawn_values_stay_within_what_raters_said(how: Aggregate, data: st.DataObject) -> None:
    on = data.draw(own.criteria(most=2))
    panel = rk.read_ratings(data.draw(own.rating_tables(on)), criteria=on)
    assume(len(panel.raters) >= 3)
    weights = rater_weights(panel.raters, 16, data.draw(st.integers(0, 5)))
    assert weights.sum(axis=1) == pytest.approx(np.ones(16))
    drawn = drawn_values(panel, weights, how)
    told = rater_values(panel, how)
    silent = np.isnan(told).all(axis=1)
    assert (np.isnan(drawn).all(axis=0) == silent).all()
    assert (np.isnan(drawn).any(axis=0) == silent).all()
    low = np.where(np.isnan(told), 1.0, told).min(axis=1)
    high = np.where(np.isnan(told), 0.0, told).max(axis=1)
    inside = (drawn >= low - 1e-12) & (drawn <= high + 1e-12)
    assert bool((inside | np.isnan(drawn)).all())


@given(data=st.data())
def test_quadrants_follow_the_better_side_of_the_cut(data: st.DataObject) -> None:
    on = data.draw(own.criteria(most=2))
    assume(len(on.names) == 2)
    steps = st.integers(0, 20)
    counts = data.draw(st.lists(st.tuples(steps, steps), min_size=1, max_size=8))
    names = [f"i{at}" for at in range(len(counts))]
    values = np.array(counts) / 20
    axes = (on.names[0], on.names[1])
    found = rk.quadrants(names, values, on, axes=axes, drawn=np.stack([values] * 3))
    for at, (first, second) in enumerate(counts):
        code = {
            (True, True): "quick_win",
            (True, False): "major_project",
            (False, True): "fill_in",
            (False, False): "thankless",
        }[first >= 10, second >= 10]
        assert found.quadrant[at] == code
        assert found.on_the_line[at] == (10 in (first, second))
    assert found.own_probability.tolist() == [1.0] * len(counts)
    assert found.probability is not None
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(len(counts)))


@given(
    first=st.integers(1, 20),
    second=st.integers(1, 20),
    steps=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=12),
)
def test_equal_trades_of_whole_steps_are_ties(
    first: int, second: int, steps: list[tuple[int, int]]
) -> None:
    # At 2 to 1, one step of impact is worth two of ease, to the last count.
    weights = rk.read_weights({"impact": first, "ease": second}, rk.IMPACT_EASE_1_5)
    scores = score_counts(np.array(steps) * 50_000, weights).tolist()
    exact = [first * a + second * b for a, b in steps]
    for at, mine in enumerate(exact):
        for other, theirs in enumerate(exact):
            assert (scores[at] == scores[other]) == (mine == theirs)
            assert (scores[at] < scores[other]) == (mine < theirs)


@given(data=st.data(), raters=st.integers(1, 15))
def test_scores_tie_where_exact_scores_do(data: st.DataObject, raters: int) -> None:
    # Means of up to 15 ratings on five steps, and weights of whole numbers: at 60 to 40 no two
    # different scores are as near as a count, so that the order is that of fractions.
    weights = data.draw(st.sampled_from([(60, 40), (1, 1), (2, 1), (70, 30), (5, 3)]))
    marks = st.lists(st.integers(1, 5), min_size=raters, max_size=raters)
    rated = data.draw(st.lists(st.tuples(marks, marks), min_size=2, max_size=8))
    rows = [
        {"initiative": f"i{at}", "rater": f"r{rater}", "impact": impact, "ease": ease}
        for at, each in enumerate(rated)
        for rater, (impact, ease) in enumerate(zip(*each, strict=True))
    ]
    panel = rk.read_ratings(rows, criteria=rk.IMPACT_EASE_1_5)
    given_weights = dict(zip(("impact", "ease"), weights, strict=True))
    read = rk.read_weights(given_weights, rk.IMPACT_EASE_1_5)
    scores = score_counts(value_counts(panel, "mean")[0], read)
    exact = np.array([weights[0] * sum(a) + weights[1] * sum(b) for a, b in rated])
    assert rk.rank_counts(scores).first.tolist() == rk.rank_counts(exact).first.tolist()


@given(data=st.data())
def test_any_table_gives_a_panel_or_a_named_error(data: st.DataObject) -> None:
    names = ["initiative", "rater", "criterion", "score", "impact", "ease"]
    columns = data.draw(st.lists(st.sampled_from(names), unique=True))
    usual = {"initiative": "x", "rater": "a", "criterion": "ease", "score": 2, "impact": 3}
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries({name: ANYTHING | st.just(usual.get(name)) for name in columns}),
            max_size=4,
        )
    )
    table: Any = rows
    if data.draw(st.booleans()):
        table = {name: [row[name] for row in rows] for name in columns}
    try:
        panel = rk.read_ratings(
            table, criteria=rk.IMPACT_EASE_1_5, numbers_as_text=data.draw(st.booleans())
        )
    except OpsafeError:
        return
    told = panel.scores[panel.rated]
    assert ((told >= 1) & (told <= 5)).all()


@given(given_weights=st.dictionaries(st.sampled_from(["impact", "ease", "x"]), ANYTHING))
def test_any_weights_are_weights_or_a_named_error(given_weights: dict[str, Any]) -> None:
    try:
        found = rk.read_weights(given_weights, rk.IMPACT_EASE_1_5)
    except OpsafeError:
        return
    assert found.values.min() >= 0 and found.values.sum() == pytest.approx(1)
