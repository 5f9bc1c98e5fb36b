"""Agreement of drawn panels and the checks of drawn rankings, against slow exact twins."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr

from opsafe import ranking as rk
from opsafe.ranking._values import score_counts, value_counts, values_of
from opsafe.uncertainty import uniforms
from tests.strategies import criteria, rating_tables, top_weights

Record = dict[str, Any]


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Record], rk.Criteria, dict[str, int]]:
    """Ratings, criteria and weights."""
    on = draw(criteria())
    return draw(rating_tables(on)), on, draw(top_weights(on))


def exact(value: float) -> Fraction:
    return Fraction(repr(value))


# -------------------------------------------------------------------------------------- agreement


@given(questions())
def test_spread_and_camps_are_their_definitions(asked: Any) -> None:
    rows, on, _ = asked
    panel = rk.read_ratings(rows, criteria=on)
    found = rk.agreement(panel).by_initiative
    for at in range(len(found)):
        criterion = on.named(found["criterion"][at])
        scores = [
            row["score"]
            for row in rows
            if row["initiative"] == found["initiative"][at]
            and row["criterion"] == criterion.name
            and row["score"] is not None
        ]
        assert found["raters"][at] == len(scores)
        if not scores:
            assert math.isnan(found["mean"][at])
            continue
        assert found["mean"][at] == pytest.approx(statistics.fmean(scores), abs=1e-12)
        assert found["median"][at] == pytest.approx(statistics.median(scores), abs=1e-12)
        if len(scores) > 1:
            assert found["sd"][at] == pytest.approx(statistics.stdev(scores), abs=1e-9)
        worst, best = exact(criterion.worst), exact(criterion.best)
        way = [(exact(score) - worst) / (best - worst) for score in scores]
        low, high = sum(4 * each <= 1 for each in way), sum(4 * each >= 3 for each in way)
        assert (low / len(scores), high / len(scores)) == (
            found["share_low"][at],
            found["share_high"][at],
        )
        camps = min(low, high) >= 2 and 4 * min(low, high) >= len(scores)
        assert found["two_camps"][at] == camps


@given(questions(), st.randoms(use_true_random=False))
def test_no_order_of_the_ratings_matters(asked: Any, chance: Any) -> None:
    rows, on, _ = asked
    moved = list(rows)
    chance.shuffle(moved)
    one, other = (rk.agreement(rk.read_ratings(each, criteria=on)) for each in (rows, moved))
    by_name = {}
    for found in (one, other):
        table = found.by_initiative
        by_name[id(found)] = {
            (table["initiative"][at], table["criterion"][at]): tuple(
                str(table[name][at]) for name in ("raters", "mean", "median", "sd", "two_camps")
            )
            for at in range(len(table))
        }
    assert by_name[id(one)] == by_name[id(other)]
    for name in ("complete", "initiatives", "kendall_w", "icc_a1", "alpha_ordinal"):
        left, right = one.by_criterion[name], other.by_criterion[name]
        assert np.allclose(left, right, atol=1e-9, equal_nan=True)


@given(questions())
def test_an_initiative_that_nobody_rated_changes_no_coefficient(asked: Any) -> None:
    """Missing is no zero."""
    rows, on, _ = asked
    raters = sorted({row["rater"] for row in rows})
    blank = [
        {"initiative": "blank", "rater": rater, "criterion": each.name, "score": None}
        for rater in raters
        for each in on.criteria
    ]
    one, other = (
        rk.agreement(rk.read_ratings(each, criteria=on)).by_criterion
        for each in (rows, rows + blank)
    )
    assert one == other


# ------------------------------------------------------------------------------------------ checks


def ranked(asked: Any, **more: Any) -> rk.Ranking:
    rows, on, weights = asked
    return rk.rank(rows, criteria=on, weights=weights, uncertainty="none", draws=20, **more)


@given(questions(), st.sampled_from(["mean", "median"]))
def test_anchored_orders_are_free_of_reversal(asked: Any, aggregate: Any) -> None:
    found = rk.rank_reversal_check(ranked(asked, aggregate=aggregate))
    assert found.share_changed == 0
    assert not found.table["first_changed"].any()


def scored(rows: list[Record], asked: Any, aggregate: Any) -> dict[str, int]:
    """Scores as counts by initiative, of those whose criteria that count are rated."""
    _, on, given_weights = asked
    panel, weights = rk.read_ratings(rows, criteria=on), rk.read_weights(given_weights, on)
    counts, known = value_counts(panel, aggregate)
    is_ranked = (known | (weights.counts == 0)).all(axis=1)
    scores = score_counts(counts, weights)
    return {panel.initiatives[at]: int(scores[at]) for at in np.flatnonzero(is_ranked)}


@given(questions(), st.sampled_from(["mean", "borda"]))
def test_the_check_ranks_as_a_ranking_of_the_others_does(asked: Any, aggregate: Any) -> None:
    rows = asked[0]
    found = rk.rank_reversal_check(ranked(asked, aggregate=aggregate))
    first = scored(rows, asked, aggregate)
    for dropped, changed in zip(found.table["dropped"], found.table["pairs_changed"], strict=True):
        left = [row for row in rows if row["initiative"] != dropped]
        if not left:
            continue
        then = scored(left, asked, aggregate)
        moved = sum(
            np.sign(then[a] - then[b]) != np.sign(first[a] - first[b])
            for a, b in combinations([name for name in then if name in first], 2)
        )
        assert changed == moved


def stepped(aggregate: str) -> Callable[[list[float]], float]:
    return statistics.fmean if aggregate == "mean" else statistics.median


@given(
    st.lists(
        st.lists(st.tuples(st.integers(2, 10), st.integers(2, 10)), min_size=3, max_size=3),
        min_size=2,
        max_size=5,
    ),
    st.sampled_from(["mean", "median"]),
    st.integers(0, 100),
)
def test_recoded_orders_are_those_of_recoded_ratings(
    halves: Any, aggregate: Any, seed: int
) -> None:
    """Recode each rating by itself, and score anew."""
    rows = [
        {"initiative": str(name), "rater": str(rater), "impact": both[0] / 2, "ease": both[1] / 2}
        for name, ratings in enumerate(halves)
        for rater, both in enumerate(ratings)
    ]
    weights = {"impact": 3, "ease": 2}
    ranking = rk.rank(
        rows, criteria=rk.IMPACT_EASE_1_5, weights=weights, aggregate=aggregate, draws=20
    )
    found = rk.ordinal_recode_check(ranking, recodes=25, top=1, seed=seed)
    codes = {
        name: np.sort(uniforms(seed, f"recode {name}", 75).reshape(25, 3), axis=1)
        for name in weights
    }
    shares = np.zeros((25, len(halves)))
    for recode in range(25):
        total = np.zeros(len(halves))
        for at, (name, weight) in enumerate(weights.items()):
            scale = [0, *codes[name][recode], 1]
            values = [
                stepped(aggregate)([np.interp(both[at] / 2, range(1, 6), scale) for both in each])
                for each in halves
            ]
            total += weight * np.round(values, 6)
        best = total >= total.max() - 1e-9
        shares[recode] = best / best.sum()
        # a value may lie on the edge between two counts of 1e-6
        assume(np.ptp(np.sort(total)[-2:]) > 5e-6 or bool(best.sum() > 1))
    assert found.table["first_share"].tolist() == pytest.approx(shares.mean(axis=0).tolist())
    survives = (shares[:, ranking.ranks.first == 1] > 0).any(axis=1).mean()
    assert found.winner_survives.value == pytest.approx(survives)


@given(questions())
def test_correlations_are_those_of_scipy(asked: Any) -> None:
    rows, on, _ = asked
    panel = rk.read_ratings(rows, criteria=on)
    found = rk.criterion_correlation(panel)
    values = values_of(*value_counts(panel, "mean"))
    for at, (one, other) in enumerate(combinations(range(len(on.names)), 2)):
        known = ~np.isnan(values[:, [one, other]]).any(axis=1)
        x, y = values[known][:, [one, other]].T
        assert found.table["initiatives"][at] == len(x)
        if len(x) < 3 or not np.ptp(x) or not np.ptp(y):
            assert math.isnan(found.pearson[one, other])
            assert found.effective_number is None
            continue
        assert found.pearson[one, other] == pytest.approx(pearsonr(x, y).statistic, abs=1e-9)
        assert found.spearman[one, other] == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)
        assert found.pearson[one, other] == found.pearson[other, one]
    if found.effective_number is not None:
        roots = np.linalg.eigvalsh(found.pearson)
        assert found.effective_number == pytest.approx(roots.sum() ** 2 / (roots**2).sum())
        assert 1 - 1e-9 <= found.effective_number <= len(on.names) + 1e-9


@given(questions())
def test_whoever_is_beaten_never_has_the_higher_score(asked: Any) -> None:
    rows, on, given_weights = asked
    panel, weights = rk.read_ratings(rows, criteria=on), rk.read_weights(given_weights, on)
    counts, known = value_counts(panel, "mean")
    rated = known.all(axis=1)
    assume(rated.any())
    layers = rk.pareto_layers(counts[rated] / 1e6)
    score = dict(zip(layers.initiatives, score_counts(counts[rated], weights), strict=True))
    for name, beaten_by in zip(layers.initiatives, layers.beaten_by, strict=True):
        assert all(score[name] <= score[other] for other in beaten_by)
