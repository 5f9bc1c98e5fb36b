"""Agreement, group orders and dominance against slow exact twins."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe import ranking as rk
from opsafe.errors import ArgumentError
from opsafe.ranking import _kemeny

Rows = list[list[float]]
Holes = list[list[Any]]  # numbers and None


@st.composite
def tables(
    draw: st.DrawFn, rows: tuple[int, int] = (2, 6), columns: tuple[int, int] = (2, 7)
) -> Rows:
    """Whole ratings from 1 to 5."""
    width = draw(st.integers(*columns))
    row = st.lists(st.integers(1, 5).map(float), min_size=width, max_size=width)
    return draw(st.lists(row, min_size=rows[0], max_size=rows[1]))


@st.composite
def tables_with_holes(draw: st.DrawFn) -> Holes:
    width = draw(st.integers(2, 7))
    cell = st.one_of(st.none(), st.integers(1, 5).map(float))
    row = st.lists(cell, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=2, max_size=6))


# --------------------------------------------------------------------------------- Kendall's W


def average_ranks(row: list[Any]) -> list[Fraction]:
    return [
        Fraction(sum(other < each for other in row) * 2 + row.count(each) + 1, 2) for each in row
    ]


@given(tables())
def test_w_is_the_spread_of_rank_sums_over_the_largest_one(ratings: Rows) -> None:
    found = rk.kendall_w(ratings)
    ranks = [average_ranks(row) for row in ratings]
    k, n = len(ranks), len(ranks[0])
    sums = [sum(column) for column in zip(*ranks, strict=True)]
    spread = sum((each - Fraction(k * (n + 1), 2)) ** 2 for each in sums)
    own = sum((each - Fraction(n + 1, 2)) ** 2 for row in ranks for each in row)
    if own == 0:
        assert found.w is None
        assert found.not_defined == "every rater rates all items alike"
    else:
        assert found.w == pytest.approx(float(spread / (k * own)), abs=1e-15)


@given(tables_with_holes())
def test_w_lies_between_0_and_1(ratings: Holes) -> None:
    found = rk.kendall_w(ratings)
    if found.w is None:
        assert found.not_defined
        assert found.p is None
    else:
        assert 0 <= found.w <= 1
        assert found.p is not None
        assert 0 <= found.p <= 1
    assert found.items == sum(None not in column for column in zip(*ratings, strict=True))


@given(tables())
def test_w_is_1_exactly_where_all_give_the_same_order(ratings: Rows) -> None:
    found = rk.kendall_w(ratings)
    assume(found.w is not None)
    orders = {tuple(average_ranks(row)) for row in ratings}
    assert (found.w == 1) == (len(orders) == 1)


@given(tables(), st.randoms(use_true_random=False))
def test_no_order_of_rows_or_columns_matters(ratings: Rows, chance: Any) -> None:
    rows, columns = list(range(len(ratings))), list(range(len(ratings[0])))
    chance.shuffle(rows)
    chance.shuffle(columns)
    moved = [[ratings[row][column] for column in columns] for row in rows]
    assert rk.kendall_w(moved) == rk.kendall_w(ratings)
    one, other = (
        {name: each.value for name, each in rk.intraclass_correlation(both).forms.items()}
        for both in (ratings, moved)
    )
    assert one == pytest.approx(other, abs=1e-9)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        here, there = (rk.krippendorff_alpha(each, level).alpha for each in (ratings, moved))
        assert (here is None) == (there is None)
        assert here is None or here == pytest.approx(there, abs=1e-12)


# ------------------------------------------------------------------------------------------ ICC


def icc_twin(ratings: Rows) -> dict[str, Fraction | None]:
    table: list[list[Any]] = [[Fraction(each) for each in row] for row in ratings]
    n, k = len(table), len(table[0])
    rows = [sum(row) / k for row in table]
    columns = [sum(column) / n for column in zip(*table, strict=True)]
    mean = sum(rows) / n
    b = k * sum((each - mean) ** 2 for each in rows) / (n - 1)
    j = n * sum((each - mean) ** 2 for each in columns) / (k - 1)
    cells = list(product(range(n), range(k)))
    w = sum((table[r][c] - rows[r]) ** 2 for r, c in cells) / (n * (k - 1))
    e = sum((table[r][c] - rows[r] - columns[c] + mean) ** 2 for r, c in cells)
    e = Fraction(e, (n - 1) * (k - 1))

    def share(part: Any, whole: Any) -> Fraction | None:
        return part / whole if whole > 0 else None

    return {
        "1": share(b - w, b + (k - 1) * w),
        "A,1": share(b - e, b + (k - 1) * e + k * (j - e) / n),
        "C,1": share(b - e, b + (k - 1) * e),
        "1,k": share(b - w, b),
        "A,k": share(b - e, b + (j - e) / n),
        "C,k": share(b - e, b),
    }


@given(tables(rows=(2, 7), columns=(2, 5)))
def test_icc_is_that_of_exact_mean_squares(ratings: Rows) -> None:
    found = rk.intraclass_correlation(ratings)
    if len({each for row in ratings for each in row}) == 1:
        assert found.not_defined == "all ratings are equal"
        assert not found.forms
        return
    wanted = icc_twin(ratings)
    for name, form in found.forms.items():
        twin = wanted[name]
        assert not any(each != each for each in (form.value, form.low, form.high, form.f, form.p))
        assert (form.value is None) == (twin is None), name
        if twin is not None:
            assert form.value == pytest.approx(float(twin), rel=1e-9, abs=1e-9)
            assert float(twin) <= 1
        if form.low is not None:
            assert form.high is not None
            assert form.low <= form.high + 1e-12


@given(tables(rows=(3, 7), columns=(2, 5)))
def test_intervals_hold_their_coefficient(ratings: Rows) -> None:
    for form in rk.intraclass_correlation(ratings).forms.values():
        if form.value is not None and form.low is not None and form.high is not None:
            assert form.low - 1e-9 <= form.value <= form.high + 1e-9


# ---------------------------------------------------------------------------------------- alpha


def alpha_twin(ratings: Holes, level: str) -> Fraction | None:
    """Go through all pairs of values, within units and altogether."""
    units = [[Fraction(each) for each in unit if each is not None] for unit in zip(*ratings)]  # noqa: B905
    units = [unit for unit in units if len(unit) > 1]
    values = [each for unit in units for each in unit]
    if len(set(values)) < 2:
        return None
    often = Counter(values)

    def apart(a: Fraction, b: Fraction) -> Fraction:
        if level == "nominal":
            return Fraction(a != b)
        if level == "interval":
            return (a - b) ** 2
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2
        between = sum(often[each] for each in often if min(a, b) <= each <= max(a, b))
        return (between - Fraction(often[a] + often[b], 2)) ** 2

    observed: Any = sum(
        sum(apart(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units
    ) / len(values)
    pairs = len(values) * (len(values) - 1)
    expected = sum(apart(a, b) for a, b in permutations(values, 2)) / Fraction(pairs)
    return Fraction(1 - observed / expected)


@given(tables_with_holes(), st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_is_that_of_all_pairs(ratings: Holes, level: Any) -> None:
    found = rk.krippendorff_alpha(ratings, level)
    wanted = alpha_twin(ratings, level)
    if wanted is None:
        assert found.alpha is None
        assert found.not_defined
    else:
        assert found.alpha == pytest.approx(float(wanted), rel=1e-9, abs=1e-12)
        assert wanted <= 1


@given(tables_with_holes())
def test_a_missing_rating_is_no_zero(ratings: Holes) -> None:
    """A unit that one coder alone has says nothing; neither do coders or units of blanks alone."""
    wider = [[*row, 5.0 if at == 0 else None] for at, row in enumerate(ratings)]
    wider.append([None] * len(wider[0]))
    as_nan = [[np.nan if each is None else each for each in row] for row in wider]
    for level in ("ordinal", "interval"):
        alone = rk.krippendorff_alpha(ratings, level)
        assert rk.krippendorff_alpha(wider, level) == alone
        assert rk.krippendorff_alpha(np.array(as_nan), level) == alone


# ---------------------------------------------------------------------------------- group orders


@st.composite
def places(draw: st.DrawFn, most: int = 6) -> Holes:
    width = draw(st.integers(1, most))
    cell = st.one_of(st.none(), st.integers(1, width)) if draw(st.booleans()) else st.integers(1, 6)
    row = st.lists(cell, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=1, max_size=5))


def disagreements(order: tuple[int, ...], ratings: Holes) -> Fraction:
    """Half of a pair for a tie, a pair for the other way, nothing for a pair not compared."""
    total = Fraction(0)
    for ahead, behind in combinations(order, 2):
        for row in ratings:
            a, b = row[ahead], row[behind]
            if a is not None and b is not None:
                total += 1 if a > b else Fraction(1, 2) if a == b else 0
    return total


@given(places())
def test_kemeny_is_the_best_of_all_orders(ratings: Holes) -> None:
    found = rk.group_order(ratings)
    count = len(ratings[0])
    costs = {order: disagreements(order, ratings) for order in permutations(range(count))}
    least = min(costs.values())
    best = [order for order, cost in costs.items() if cost == least]
    assert found.disagreements == least == found.bound
    assert found.status == "optimal"
    assert found.gap == 0
    assert found.orders == len(best)
    assert tuple(found.initiatives.index(name) for name in found.order) == min(best)
    for item in range(count):
        held = [order.index(item) + 1 for order in best]
        assert found.first_place[item] == min(held)
        assert found.last_place[item] == max(held)


@given(places())
def test_disagreements_are_half_of_kemeny_distances(ratings: Holes) -> None:
    for method in ("kemeny", "copeland", "borda"):
        try:
            found = rk.group_order(ratings, method)
        except ArgumentError:  # nobody compared an initiative: Borda has no points for it
            assert method == "borda"
            continue
        own = [found.order.index(name) + 1 for name in found.initiatives]
        far = sum(rk.kemeny_distance(own, row) for row in ratings)
        assert found.disagreements == far / 2


@given(places(), places())
def test_kemeny_distance_is_a_distance(ratings: Holes, others: Holes) -> None:
    rows = [row for row in [*ratings, *others] if len(row) == len(ratings[0]) and None not in row]
    for a, b in product(rows, rows):
        assert rk.kemeny_distance(a, b) == rk.kemeny_distance(b, a) >= 0
        assert rk.kemeny_distance(a, a) == 0
        for c in rows:
            assert rk.kemeny_distance(a, c) <= rk.kemeny_distance(a, b) + rk.kemeny_distance(b, c)


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_bound_of_many_initiatives_holds(seed: int, raters: int) -> None:
    chance = np.random.default_rng(seed)
    ratings = np.array([chance.permutation(8) for _ in range(raters)])
    exact = rk.group_order(ratings)
    costs = 2 * (ratings[:, :, None] > ratings[:, None, :]).sum(axis=0)
    found = _kemeny._bounded(costs)
    assert found.bound / 2 <= exact.disagreements <= found.cost / 2
    assert sorted(found.order) == list(range(8))


@given(places())
def test_borda_and_copeland_are_their_definitions(ratings: Holes) -> None:
    count = len(ratings[0])
    won = [Fraction(0)] * count
    for a, b in permutations(range(count), 2):
        both = [(row[a], row[b]) for row in ratings if row[a] is not None and row[b] is not None]
        ahead = sum(x < y for x, y in both)
        behind = sum(x > y for x, y in both)
        won[a] += 1 if ahead > behind else Fraction(1, 2) if ahead == behind else 0
    found = rk.group_order(ratings, "copeland")
    assert found.points.tolist() == [float(each) for each in won]
    for item in range(count):
        assert found.first_place[item] == 1 + sum(each > won[item] for each in won)
        assert found.last_place[item] == sum(each >= won[item] for each in won)


# ------------------------------------------------------------------------------------ dominance


@given(tables(rows=(1, 8), columns=(1, 4)), st.booleans())
def test_layers_are_peeled_fronts(values: Rows, strict: bool) -> None:
    found = rk.pareto_layers(values, strict=strict)

    def beats(a: list[float], b: list[float]) -> bool:
        if strict:
            return all(x > y for x, y in zip(a, b, strict=True))
        return a != b and all(x >= y for x, y in zip(a, b, strict=True))

    left, number = set(range(len(values))), 0
    while left:
        number += 1
        front = {i for i in left if not any(beats(values[j], values[i]) for j in left)}
        assert {i for i in left if found.layer[i] == number} == front
        left -= front
    for at, named in enumerate(found.beaten_by):
        wanted = [i for i in range(len(values)) if beats(values[i], values[at])]
        assert named == tuple(found.initiatives[i] for i in wanted)


@given(tables(rows=(1, 6), columns=(2, 3)))
def test_who_can_be_best_is_who_leads_somewhere(values: Rows) -> None:
    matrix = np.array(values) / 5
    found = rk.can_be_best(matrix)
    grid = [
        np.array([*steps, 24 - sum(steps)]) / 24
        for steps in product(range(25), repeat=matrix.shape[1] - 1)
        if sum(steps) <= 24
    ]
    for item, answer in enumerate(found.best_for):
        others = matrix[(matrix != matrix[item]).any(axis=1)]
        weights = found.weights[item]
        assert weights.sum() == pytest.approx(1)
        if not len(others):
            assert answer == "some weights"
            continue
        leads = [float(((matrix[item] - others) @ each).min()) for each in [*grid, weights]]
        assert max(leads) <= found.margin[item] + 1e-7
        assert leads[-1] == pytest.approx(found.margin[item], abs=1e-9)
        if answer == "no weights":
            assert max(leads) < 0
        if answer == "some weights":
            assert leads[-1] > 0


@given(tables(rows=(2, 6), columns=(2, 3)))
def test_one_that_is_beaten_everywhere_is_never_best(values: Rows) -> None:
    strictly = rk.pareto_layers(values, strict=True)
    found = rk.can_be_best(np.array(values) / 5)
    for layer, answer in zip(strictly.layer, found.best_for, strict=True):
        assert layer == 1 or answer == "no weights"


@given(tables(rows=(2, 6), columns=(2, 4)))
def test_fixed_anchors_reorder_nothing(values: Rows) -> None:
    weights = np.arange(1, len(values[0]) + 1)
    assert not rk.rank_reversals(values, lambda found: found @ weights).any()
