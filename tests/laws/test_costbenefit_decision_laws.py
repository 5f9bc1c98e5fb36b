"""Laws of dominance, acceptability and information, against slow exact twins."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import costbenefit as cb
from opsafe.uncertainty import Gamma, Normal, draw_all

Pairs: TypeAlias = list[tuple[int, int]]

# Whole numbers, so that ties, equal costs and mixes on the line are frequent and exact.
PAIRS = st.lists(st.tuples(st.integers(-6, 12), st.integers(-4, 8)), min_size=1, max_size=9)


def statuses(pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Compare every strategy with every other, and with every mix of two, in whole numbers."""
    found = []
    for place, (cost, effect) in enumerate(pairs):
        others = [other for other in pairs if other != (cost, effect)]
        if (cost, effect) in pairs[:place]:
            found.append("EQ")
        elif any(c <= cost and e >= effect for c, e in others):
            found.append("D")
        elif any(
            low[1] < effect < high[1]
            and (cost - low[0]) * (high[1] - effect) >= (high[0] - cost) * (effect - low[1])
            for one, two in combinations(others, 2)
            for low, high in (sorted((one, two), key=lambda pair: pair[1]),)
        ):
            found.append("ED")
        else:
            found.append("ND")
    return found


def compared(pairs: Sequence[tuple[Any, Any]]) -> Any:
    cost, effect = zip(*pairs, strict=True)
    return cb.frontier(cost, effect)


@given(PAIRS)
def test_the_frontier_is_that_of_the_twin(pairs: Pairs) -> None:
    found = compared(pairs)
    assert list(found.status.values()) == statuses(pairs)
    place = [found.strategies.index(name) for name in found.on_frontier]
    steps = [
        Fraction(pairs[b][0] - pairs[a][0], pairs[b][1] - pairs[a][1]) for a, b in pairwise(place)
    ]
    assert steps == sorted(set(steps))
    assert list(found.icers.values()) == pytest.approx([float(step) for step in steps])


@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_strategies_are_as_the_twin_has_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    effect = rng.integers(0, 1000, 100)
    cost = effect**2 + rng.integers(0, 200_000, 100)  # many near a frontier that curves
    pairs = list(zip(cost.tolist(), effect.tolist(), strict=True))
    assert list(compared(pairs).status.values()) == statuses(pairs)


@given(PAIRS, st.sampled_from([0.01, 3.0, 1e6]))
def test_scaling_all_costs_scales_the_icers(pairs: Pairs, factor: float) -> None:
    found, scaled = compared(pairs), compared([(cost * factor, effect) for cost, effect in pairs])
    assert scaled.status == found.status
    assert list(scaled.icers.values()) == pytest.approx(
        [each * factor for each in found.icers.values()]
    )


@given(PAIRS, st.integers(-50, 50), st.integers(-50, 50))
def test_what_all_strategies_share_changes_nothing(pairs: Pairs, cost: int, effect: int) -> None:
    found, moved = compared(pairs), compared([(c + cost, e + effect) for c, e in pairs])
    assert (moved.status, moved.on_frontier) == (found.status, found.on_frontier)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_strategies_decides_only_between_equals(pairs: Pairs, shuffle: Any) -> None:
    mixed = list(pairs)
    shuffle.shuffle(mixed)
    one, two = compared(pairs), compared(mixed)
    assert list(one.icers.values()) == pytest.approx(list(two.icers.values()))
    assert sorted(one.status.values()) == sorted(two.status.values())


@given(PAIRS)
def test_the_frontier_is_best_at_each_threshold(pairs: Pairs) -> None:
    found = compared(pairs)
    for threshold in (0, 0.7, 1, 5, 1e4):
        gains = [threshold * effect - cost for cost, effect in pairs]
        best = found.strategies.index(found.best_at(threshold))
        assert gains[best] == pytest.approx(max(gains))


@st.composite
def small_runs(draw: st.DrawFn) -> tuple[cb.Outcomes, list[int]]:
    """Draw costs and effects in whole numbers, full of ties, and thresholds that meet them."""
    strategies, draws = draw(st.integers(1, 4)), draw(st.integers(1, 8))
    whole = st.lists(st.integers(-5, 5), min_size=draws, max_size=draws)
    cost, effect = (draw(st.lists(whole, min_size=strategies, max_size=strategies)) for _ in "ce")
    names = tuple(f"s{number}" for number in range(strategies))
    thresholds = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    return cb.Outcomes(names, np.array(cost), np.array(effect)), thresholds


@given(small_runs())
def test_acceptability_and_losses_are_those_of_the_twin(
    case: tuple[cb.Outcomes, list[int]],
) -> None:
    run, thresholds = case
    curves, lost = cb.ceac(run, thresholds), cb.expected_loss(run, thresholds)
    worth = cb.evpi(run, thresholds)
    for place, threshold in enumerate(thresholds):
        share = [Fraction(0)] * len(run.strategies)
        loss = [Fraction(0)] * len(run.strategies)
        for costs, effects in zip(run.costs.T.tolist(), run.effects.T.tolist(), strict=True):
            gains = [threshold * int(e) - int(c) for c, e in zip(costs, effects, strict=True)]
            best = [n for n, gain in enumerate(gains) if gain == max(gains)]
            for n in best:
                share[n] += Fraction(1, len(best) * run.draws)
            for n, gain in enumerate(gains):
                loss[n] += Fraction(max(gains) - gain, run.draws)
        assert curves.probability[place] == pytest.approx([float(each) for each in share])
        assert lost.loss_usd[place] == pytest.approx([float(each) for each in loss], abs=1e-12)
        assert worth.value_usd[place] == pytest.approx(float(min(loss)), abs=1e-12)
        assert curves.probability[place].sum() == pytest.approx(1, abs=1e-12)


@given(st.integers(0, 2**32), st.integers(2, 6))
def test_the_fast_way_counts_as_the_plain_way(seed: int, strategies: int) -> None:
    rng = np.random.default_rng(seed)
    cost, effect = rng.normal(30_000, 5_000, (strategies, 400)), rng.normal(9, 1, (strategies, 400))
    run = cb.Outcomes(tuple("abcdef"[:strategies]), cost, effect)
    levels = rng.permutation(np.linspace(0, 200_000, 31))
    benefit = levels[:, None, None] * effect - cost
    plain = np.stack([(benefit.argmax(axis=1) == n).mean(axis=1) for n in range(strategies)], 1)
    np.testing.assert_allclose(cb.ceac(run, levels).probability, plain, atol=1e-12)
    full = benefit.max(axis=1).mean(axis=1) - benefit.mean(axis=2).max(axis=1)
    np.testing.assert_allclose(cb.evpi(run, levels).value_usd, full, rtol=1e-9, atol=1e-6)


def test_a_strategy_against_itself_is_tied() -> None:
    rng = np.random.default_rng(1)
    cost, effect = rng.normal(30_000, 5_000, 500), rng.normal(9, 1, 500)
    again = cost * (1 + 1e-13), effect * (1 - 1e-13)  # by another way, as a model might
    run = cb.Outcomes(("a", "b"), np.array([cost, again[0]]), np.array([effect, again[1]]))
    found = cb.frontier(run)
    assert (found.on_frontier, found.status["b"]) == (("a",), "EQ")
    assert (cb.ceac(run, [0, 5_000, 1e6]).probability == 0.5).all()
    assert cb.ceaf(run, [0, 5_000, 1e6]).strategies == ("a",) * 3
    assert cb.evpi(run, [0, 5_000]).value_usd == pytest.approx(0, abs=1e-6)


def test_one_strategy_has_nothing_to_decide() -> None:
    rng = np.random.default_rng(2)
    cost, effect = rng.normal(9, 1, (2, 1, 200))
    run = cb.Outcomes(("only",), cost, effect, {"p": rng.normal(size=200)})
    assert cb.evpi(run, [0, 10]).value_usd.tolist() == [0, 0]
    assert cb.evppi(run, "p", [0, 10], resamples=20).value_usd.tolist() == [0, 0]
    assert (cb.ceac(run, [0, 10]).probability == 1).all()


def simulated(seed: int, draws: int) -> cb.Outcomes:
    drawn = draw_all(
        {
            "drug": Gamma(mean=3_000, sd=900),
            "visits": Gamma(mean=800, sd=500),
            "gain": Normal(mean=0.1, sd=0.06),
            "nothing": Normal(mean=0, sd=1),
        },
        seed=seed,
        draws=draws,
    )
    none = np.zeros(draws)
    cost = np.array([none + 4_000, drawn["drug"] + drawn["visits"], 1.6 * drawn["drug"]])
    effect = np.array([none, drawn["gain"], 1.2 * drawn["gain"] + 0.01])
    return cb.Outcomes(("as it is", "office", "hub"), cost, effect, drawn)


@pytest.mark.parametrize("names", ["drug", "gain", "nothing", "drug gain", "drug visits gain"])
@pytest.mark.parametrize("seed", [1, 2])
def test_partial_information_lies_between_nothing_and_all(names: str, seed: int) -> None:
    run = simulated(seed, 4_000)
    levels = [0, 10_000, 40_000]
    part, full = cb.evppi(run, names.split(), levels, resamples=20), cb.evpi(run, levels)
    room = 3 * np.hypot(part.standard_error_usd, full.standard_error_usd)
    assert (part.value_usd >= 0).all()
    assert (part.value_usd <= full.value_usd + room).all()
    if names == "nothing":
        assert (part.value_usd <= 3 * part.standard_error_usd + 1e-9).all()


def test_partial_information_goes_with_the_unit_of_its_parameter() -> None:
    run = simulated(3, 2_000)
    other = {**run.parameters, "drug": 1e6 - 1e-3 * run.parameters["drug"]}
    again = cb.Outcomes(run.strategies, run.costs, run.effects, other)
    ours, theirs = (cb.evppi(each, "drug", 40_000, resamples=20) for each in (run, again))
    assert theirs.value_usd == pytest.approx(ours.value_usd, rel=1e-6)


@pytest.mark.nightly
def test_standard_errors_are_neither_too_small_nor_too_large() -> None:
    exact = cb.normal_information_value(1_000, 3_000)
    apart = []
    for seed in range(200):
        both = {"a": Normal(mean=1_000, sd=3_000), "b": Normal(mean=0, sd=2_646)}
        drawn = draw_all(both, seed=seed, draws=3_000)
        none = np.zeros(3_000)
        run = cb.Outcomes(
            ("x", "y"), np.array([none, -drawn["a"] - drawn["b"]]), np.zeros((2, 3_000)), drawn
        )
        found = cb.evppi(run, "a", 0, resamples=50)
        apart.append((found.value_usd[0] - exact) / found.standard_error_usd[0])
    assert abs(np.mean(apart)) < 0.4
    assert 0.75 < np.std(apart) < 1.25
