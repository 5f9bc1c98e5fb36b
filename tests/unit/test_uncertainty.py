"""Distributions, streams by name, and what draws say together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import stats

from opsafe import uncertainty as un
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError

SIGMA = math.sqrt(math.log1p((40.3 / 26.6) ** 2))
SHARES = np.linspace(0.001, 0.999, 997)
# Each against SciPy's own distribution, which the engines do not load.
PAIRS: list[tuple[un.Distribution, Any]] = [
    (un.Uniform(low=-1, high=3), stats.uniform(-1, 4)),
    (un.Triangular(low=0, mode=1, high=4), stats.triang(0.25, 0, 4)),
    (un.Triangular(low=0, mode=0, high=4), stats.triang(0, 0, 4)),
    (un.Normal(mean=2, sd=3), stats.norm(2, 3)),
    (un.Normal(mean=2, sd=3, low=0, high=4), stats.truncnorm(-2 / 3, 2 / 3, 2, 3)),
    (
        un.LogNormal(mean=26.6, sd=40.3),
        stats.lognorm(SIGMA, scale=26.6 * math.exp(-(SIGMA**2) / 2)),
    ),
    (un.Gamma(mean=3, sd=2), stats.gamma(2.25, scale=4 / 3)),
    (un.Beta(mean=0.4, sd=0.1), stats.beta(9.2, 13.8)),
    (un.Proportion(successes=65, trials=89), stats.beta(65, 24)),
]


@pytest.mark.parametrize("ours, theirs", PAIRS, ids=range(len(PAIRS)))
def test_quantiles_are_those_of_scipy(ours: un.Distribution, theirs: Any) -> None:
    expected = theirs.ppf(SHARES)
    np.testing.assert_allclose(ours.quantile(SHARES), expected, rtol=1e-9, atol=1e-12)
    if not (isinstance(ours, un.Normal) and ours.low is not None):
        assert ours.mean == pytest.approx(theirs.mean())
    low, high = ours.support
    assert low <= expected.min() and expected.max() <= high


def test_lognormal_has_the_mean_and_the_spread_that_it_was_given() -> None:
    drawn = un.LogNormal(mean=26.6, sd=40.3).quantile(np.array([0.5]))
    # The logarithm's standard deviation is 1.09, as the study of panels says of 26.6 and 40.3.
    sigma = math.sqrt(2 * math.log(26.6 / float(drawn[0])))
    assert round(sigma, 2) == 1.09


def test_a_fixed_number_has_no_spread() -> None:
    fixed = un.Fixed(value=3)
    assert fixed.quantile(SHARES).tolist() == [3.0] * len(SHARES)
    assert (fixed.mean, fixed.support) == (3, (3, 3))


@pytest.mark.parametrize(
    "kind, fields",
    [
        (un.Uniform, {"low": 2, "high": 1}),
        (un.Triangular, {"low": 0, "mode": 5, "high": 4}),
        (un.Triangular, {"low": 1, "mode": 1, "high": 1}),
        (un.Normal, {"mean": 1, "sd": 0}),
        (un.Normal, {"mean": 1, "sd": 1, "low": 2}),
        (un.LogNormal, {"mean": 0, "sd": 1}),
        (un.Gamma, {"mean": 1, "sd": float("inf")}),
        (un.Beta, {"mean": 0.5, "sd": 0.5}),
        (un.Proportion, {"successes": 0, "trials": 5}),
        (un.Proportion, {"successes": 5, "trials": 5}),
        (un.Fixed, {"value": float("nan")}),
    ],
)
def test_what_is_no_distribution_is_refused(kind: type, fields: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        kind(**fields)


def test_json_tells_the_kinds_apart() -> None:
    adapter = TypeAdapter[un.Distribution](un.Distribution)
    for ours, _ in PAIRS:
        assert adapter.validate_json(ours.to_json()) == ours


def test_streams_are_named_and_do_not_move() -> None:
    first = un.uniforms(7, "panel", 1000)
    assert np.array_equal(first, un.uniforms(7, "panel", 2000)[:1000])
    assert not np.array_equal(first, un.uniforms(7, "hires", 1000))
    assert not np.array_equal(first, un.uniforms(8, "panel", 1000))
    assert first.min() > 0 and first.max() < 1


def test_the_ends_of_the_interval_stay_inside() -> None:
    # The largest and the smallest number that a stream can give.
    ends = np.array([0.5, 2**52 - 0.5]) * 2.0**-52
    assert ends[0] > 0 and ends[1] < 1
    for ours, _ in PAIRS:
        assert np.isfinite(ours.quantile(ends)).all()


def test_intervals_and_probabilities() -> None:
    found_in = un.interval(np.arange(101.0), 0.9)
    assert (found_in.median, found_in.low, found_in.high) == pytest.approx((50, 5, 95))
    found = un.probability(np.arange(100) < 80)
    assert (found.value, round(found.standard_error, 3), found.draws) == (0.8, 0.04, 100)


def test_a_tornado_moves_one_input_at_a_time() -> None:
    inputs: dict[str, un.Distribution] = {
        "members": un.Fixed(value=1000),
        "prevalence": un.Uniform(low=0.01, high=0.03),
        "seeking": un.Uniform(low=0.3, high=0.5),
    }
    swings = un.tornado(lambda x: x["members"] * x["prevalence"] * x["seeking"], inputs, level=0.5)
    assert [swing.name for swing in swings] == ["prevalence", "seeking"]
    assert (swings[0].low_input, swings[0].high_input) == pytest.approx((0.015, 0.025))
    assert (swings[0].at_low, swings[0].at_high) == pytest.approx((6, 10))
    assert swings[0].width == pytest.approx(4)


@pytest.mark.parametrize("value", [True, 1.0, "7", None])
def test_a_seed_is_a_whole_number(value: object) -> None:
    with pytest.raises(ArgumentTypeError, match="seed"):
        un.read_seed(value)


@pytest.mark.parametrize("value", [0, -1, 1_000_001])
def test_draws_have_a_range(value: int) -> None:
    with pytest.raises(ArgumentError, match="draws"):
        un.read_draws(value)


@given(st.integers(0, 2**63 - 1), st.text(max_size=20))
def test_any_seed_and_name_have_a_stream(seed: int, name: str) -> None:
    drawn = un.uniforms(un.read_seed(seed), name, 5)
    assert ((drawn > 0) & (drawn < 1)).all()
