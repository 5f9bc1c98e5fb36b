"""Laws of acceptability: sums, twins by counting, exact against drawn, order that is nothing."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from opsafe import ranking as rk
from opsafe.quantity import FloatArray
from opsafe.ranking._kernel import rank_shares, weighted_shares
from opsafe.ranking._sobol import sobol
from opsafe.ranking.pairwise import share_above
from tests.strategies import weight_sets

RULES = ["group", "competition", "average"]
eighths = st.integers(0, 8).map(lambda eighth: eighth / 8)


def tables(columns: int | None = None, most_rows: int = 7) -> st.SearchStrategy[FloatArray]:
    """Values in eighths, so that ties, equal rows and common crossings are frequent."""
    sizes = st.tuples(
        st.integers(1, most_rows), st.integers(1, 5) if columns is None else st.just(columns)
    )
    return sizes.flatmap(
        lambda size: st.lists(
            st.lists(eighths, min_size=size[1], max_size=size[1]),
            min_size=size[0],
            max_size=size[0],
        ).map(np.array)
    )


def counted(scores: FloatArray, *, competition: bool) -> FloatArray:
    """Shares of places, by comparing every score with every other."""
    found = np.zeros((scores.shape[1], scores.shape[1]))
    for row in scores:
        for at, score in enumerate(row):
            first, alike = int((row > score).sum()), int((row == score).sum())
            if competition:
                found[at, first] += 1
            else:
                found[at, first : first + alike] += 1 / alike
    return found


def by_crossings(values: FloatArray) -> FloatArray:
    """Exact shares of two criteria in fractions: scores between all crossings of two lines."""
    rows = [[Fraction(float(value)) for value in row] for row in values]
    ends = {Fraction(0), Fraction(1)}
    for one in rows:
        for other in rows:
            rise = (one[0] - one[1]) - (other[0] - other[1])
            if rise and 0 < (at := (other[1] - one[1]) / rise) < 1:
                ends.add(at)
    found = np.zeros((len(rows), len(rows)))
    for low, high in pairwise(sorted(ends)):
        weight = (low + high) / 2
        scores = [weight * row[0] + (1 - weight) * row[1] for row in rows]
        places = np.array([[sum(other < score for other in scores) for score in scores]], float)
        found += float(high - low) * counted(places, competition=False)
    return found


def exact_share(differences: list[int]) -> Fraction:
    """The textbook formula for a positive weighted sum, in fractions; all values distinct."""
    total = Fraction(0)
    for at, value in enumerate(differences):
        if value > 0:
            others = [Fraction(value - other) for b, other in enumerate(differences) if b != at]
            product = Fraction(1)
            for each in others:
                product *= each
            total += Fraction(value) ** len(others) / product
    return total


@given(tables(most_rows=6))
def test_places_of_drawn_scores(scores: FloatArray) -> None:
    for competition in (False, True):
        found = rank_shares(scores, competition=competition)
        assert found == pytest.approx(counted(scores, competition=competition), abs=1e-12)


@given(tables(), st.integers(1, 30), st.integers(0, 100))
def test_places_of_weighted_values(values: FloatArray, draws: int, seed: int) -> None:
    criteria = [f"criterion {number + 1}" for number in range(values.shape[1])]
    weights = rk.WeightSet().sample(criteria, draws, seed)
    scores = np.round(weights @ values.T, 11)
    for competition in (False, True):
        found = weighted_shares(values, weights, competition=competition)
        assert found == pytest.approx(counted(scores, competition=competition), abs=1e-12)


@given(tables(), st.sampled_from(RULES))
def test_shares_add_up(values: FloatArray, ties: Any) -> None:
    found = rk.acceptability(values, ties=ties, draws=257)
    assert found.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (found.probabilities >= 0).all()
    if ties != "competition":
        assert found.probabilities.sum(axis=0) == pytest.approx(1, abs=1e-12)


@given(tables(columns=2))
def test_two_criteria_are_exact(values: FloatArray) -> None:
    found = rk.acceptability(values)
    assert found.method == "exact"
    assert found.probabilities == pytest.approx(by_crossings(values), abs=1e-12)


@given(tables(columns=2), eighths, eighths)
def test_exact_and_drawn_agree(values: FloatArray, low: float, high: float) -> None:
    known = rk.WeightSet(
        at_least={"criterion 1": min(low, high)}, at_most={"criterion 1": max(low, high)}
    )
    exact = rk.acceptability(values, weights=known)
    drawn = rk.acceptability(values, weights=known, method="sampled", draws=4096)
    if low != high:
        share = exact.probabilities
        error = np.sqrt(share * (1 - share) / 4096)
        # Where a share is next to nothing so is its error, and one draw is 2e-4.
        assert (np.abs(share - drawn.probabilities) <= 5 * error + 1e-3).all()
    else:
        assert exact.probabilities == pytest.approx(drawn.probabilities, abs=1e-12)


@given(tables(columns=2))
def test_switches_are_where_scores_are_equal(values: FloatArray) -> None:
    found = rk.acceptability(values).switches
    assert found is not None
    for row in range(len(found)):
        weight = float(found["weight"][row])
        better, worse = (
            values[int(str(found[name][row]).split()[1]) - 1] for name in ("better", "worse")
        )
        mix = np.array([weight, 1 - weight])
        assert mix @ better == pytest.approx(mix @ worse, abs=1e-12)
        assert better[0] - better[1] > worse[0] - worse[1]


@given(tables(), st.randoms(use_true_random=False), st.sampled_from(RULES))
def test_order_of_initiatives_is_nothing(values: FloatArray, source: Any, ties: Any) -> None:
    order = list(range(len(values)))
    source.shuffle(order)
    found = rk.acceptability(values, ties=ties, draws=513).probabilities
    shuffled = rk.acceptability(values[order], ties=ties, draws=513).probabilities
    assert shuffled == pytest.approx(found[order], abs=1e-12)


@given(tables(), st.sampled_from([0.25, 3.0, 1e6]))
def test_scale_of_values_is_nothing(values: FloatArray, factor: float) -> None:
    found = rk.acceptability(values, draws=257).probabilities
    assert rk.acceptability(factor * values, draws=257).probabilities == pytest.approx(
        found, abs=1e-12
    )


@given(tables())
def test_the_dominated_never_stands_before(values: FloatArray) -> None:
    ranks = rk.expected_ranks(values)
    reached = np.cumsum(rk.acceptability(values, draws=257).probabilities, axis=1)
    for one, better in enumerate(values):
        for other, worse in enumerate(values):
            if (better >= worse).all():
                assert ranks[one] <= ranks[other] + 1e-12
                assert (reached[one] >= reached[other] - 1e-12).all()


@given(st.lists(st.integers(-12, 12), min_size=1, max_size=8, unique=True))
def test_share_of_a_simplex_on_one_side(differences: list[int]) -> None:
    if differences == [0]:
        return
    found = share_above(np.array([differences], np.float64))[0]
    assert found == pytest.approx(float(exact_share(differences)), abs=1e-14)


@given(tables())
def test_wins_and_expected_ranks(values: FloatArray) -> None:
    wins = rk.win_probability(values)
    ranks = rk.expected_ranks(values)
    assert wins + wins.T == pytest.approx(1, abs=1e-12)
    assert ranks == pytest.approx(1 + (1 - wins).sum(axis=1) - 0.5, abs=1e-9)
    drawn = rk.acceptability(values, draws=4096, method="sampled")
    assert (np.abs(drawn.expected_rank - ranks) <= 0.1).all()


@given(tables(columns=3), st.permutations(["a", "b", "c"]), st.integers(1, 3), eighths)
def test_wins_over_ordered_and_bounded_weights(
    values: FloatArray, order: list[str], named: int, least: float
) -> None:
    known = rk.WeightSet(order=order[:named], at_least={order[0]: 0.0, order[-1]: least / 4})
    names = ["a", "b", "c"]
    if known.corners(names) is None:
        return
    ranks = rk.expected_ranks(values, known, criteria=names)
    drawn = rk.acceptability(values, criteria=names, weights=known, draws=4096)
    assert (np.abs(drawn.expected_rank - ranks) <= 0.1).all()


@given(tables(columns=2), eighths)
def test_expected_ranks_of_two_criteria(values: FloatArray, least: float) -> None:
    known = rk.WeightSet(at_least={"criterion 2": least})
    exact = rk.acceptability(values, weights=known)
    assert rk.expected_ranks(values, known) == pytest.approx(exact.expected_rank, abs=1e-9)


@given(weight_sets(), st.integers(0, 50))
def test_drawn_weights_agree_with_the_set(case: tuple[rk.WeightSet, list[str]], seed: int) -> None:
    known, names = case
    drawn = known.sample(names, 200, seed)
    at = {name: place for place, name in enumerate(names)}
    assert drawn.sum(axis=1) == pytest.approx(1, abs=1e-9)
    for name, least in known.at_least:
        assert (drawn[:, at[name]] >= least - 1e-9).all()
    for name, most in known.at_most:
        assert (drawn[:, at[name]] <= most + 1e-9).all()
    for first, second in pairwise(known.order):
        assert (drawn[:, at[first]] >= drawn[:, at[second]] - 1e-9).all()
    if known.around and known.half_width is not None:
        middle = np.array([dict(known.around)[name] for name in names])
        assert (np.abs(drawn - middle / middle.sum()) <= known.half_width + 1e-9).all()
    assert rk.WeightSet.from_json(known.to_json()) == known


def test_sobol_points_are_those_of_scipy() -> None:
    count, dimensions = 1 << 12, 12
    ours = sobol(1, "weights", count, dimensions)
    whole = (ours * 2.0**30).astype(np.int64)
    theirs = qmc.Sobol(dimensions, scramble=False, bits=30).random_base2(12)
    plain = (theirs * 2.0**30).astype(np.int64)
    shift = whole[0]  # the first point is zero but for the shift
    for dimension in range(dimensions):
        assert set(whole[:, dimension] ^ shift[dimension]) == set(plain[:, dimension])
    order = np.arange(count) ^ (np.arange(count) >> 1)  # theirs come in Gray's order
    assert np.array_equal(whole[order] ^ shift, plain)


@given(st.integers(1, 300), st.integers(1, 20), st.integers(0, 9))
def test_fewer_points_are_the_first_of_more(draws: int, dimensions: int, seed: int) -> None:
    more = sobol(seed, "weights", 512, dimensions)
    fewer = sobol(seed, "weights", draws, dimensions)
    assert np.array_equal(fewer, more[:draws])
    assert (more > 0).all() and (more < 1).all()
    halves = [sobol(seed, "weights", 256, min(dimensions, 12), block=at) for at in (0, 1)]
    assert np.array_equal(np.vstack(halves), more[:, :12])
