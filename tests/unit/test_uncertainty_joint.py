"""Distributions by parameters and intervals, shares of a whole, and parameters that go together."""

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
from opsafe.errors import OpsafeError

MANY = 50_000
SHARES = np.linspace(0.001, 0.999, 997)


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (un.Beta.from_parameters(2.5, 40), stats.beta(2.5, 40)),
        (un.Beta.from_parameters(0.01, 3), stats.beta(0.01, 3)),
        (un.Gamma.from_parameters(25, 40), stats.gamma(25, scale=40)),
        (un.LogNormal.from_parameters(-0.755, 0.2033), stats.lognorm(0.2033, scale=np.exp(-0.755))),
    ],
    ids=range(4),
)
def test_distributions_by_their_parameters(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours.quantile(SHARES), theirs.ppf(SHARES), rtol=1e-9, atol=1e-15)
    assert (ours.mean, ours.sd) == pytest.approx((theirs.mean(), theirs.std()))


@given(st.floats(1e-3, 1e5), st.floats(1e-3, 1e5))
def test_parameters_come_back(first: float, second: float) -> None:
    beta, gamma = un.Beta.from_parameters(first, second), un.Gamma.from_parameters(first, second)
    assert (beta.alpha, beta.beta) == pytest.approx((first, second), rel=1e-6)
    assert (gamma.shape, gamma.scale) == pytest.approx((first, second), rel=1e-9)


@pytest.mark.parametrize(
    "make",
    [
        lambda: un.Beta.from_parameters(0, 1),
        lambda: un.Gamma.from_parameters(-1, 1),
        lambda: un.LogNormal.from_parameters(1, 0),
        lambda: un.LogNormal.from_parameters(27, 10),
        lambda: un.Beta(mean=0.5, sd=0.5),
        lambda: un.Beta(mean=0.02, sd=0.2),
        lambda: un.Gamma(mean=-1, sd=1),
        lambda: un.LogNormal(mean=0, sd=1),
    ],
    ids=range(8),
)
def test_moments_that_no_distribution_has_are_refused(make: Any) -> None:
    with pytest.raises(OpsafeError):
        make()


INTERVALS: list[tuple[Any, float, float, float]] = [
    ("beta", 0.25, 0.1, 0.45),
    ("beta", 0.0025, 0.001, 0.01),
    ("gamma", 100, 60, 180),
    ("gamma", 1, 1e-6, 50),
    ("lognormal", 0.47, 0.32, 0.71),
    ("normal", 0, -1, 2),
]


@pytest.mark.parametrize("kind, point, low, high", INTERVALS, ids=range(len(INTERVALS)))
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_by_point_and_by_quantiles(
    kind: Any, point: float, low: float, high: float, level: float
) -> None:
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    exact = un.from_interval(kind, point, low, high, level=level, fit="quantiles")
    np.testing.assert_allclose(exact.quantile(ends), [low, high], rtol=1e-8)
    z = stats.norm.ppf(ends[1])
    found = un.from_interval(kind, point, low, high, level=level)
    if isinstance(found, un.LogNormal):
        assert math.exp(found.meanlog) == pytest.approx(point)
        assert found.sdlog == pytest.approx(math.log(high / low) / (2 * z))
    else:
        assert (found.mean, found.sd) == pytest.approx((point, (high - low) / (2 * z)))


@pytest.mark.parametrize(
    "arguments, where",
    [
        (("weibull", 1, 0, 2), "kind"),
        (("beta", 0.5, 0.2, 1.2), "high"),
        (("beta", 0.5, 0.6, 0.8), "point"),
        (("gamma", 5, 5, 5), "high"),
        (("lognormal", 1, 0, 2), "low"),
        (("gamma", 0, 0, 2), "point"),
        (("normal", 1, float("nan"), 2), "low"),
        (("normal", "1", 0, 2), "point"),
        (("beta", 0.5, 0.001, 0.999, 0.2), "sd"),
    ],
    ids=range(9),
)
def test_intervals_are_read(arguments: Any, where: str) -> None:
    *four, level = (*arguments, 0.95) if len(arguments) == 4 else arguments
    with pytest.raises(OpsafeError, match=where):
        un.from_interval(*four, level=level)


@pytest.mark.parametrize("level", [0, 1, "0.95", None])
def test_a_level_lies_between(level: Any) -> None:
    with pytest.raises(OpsafeError, match="level"):
        un.from_interval("normal", 1, 0, 2, level=level)


ROW = un.Dirichlet.from_counts({"stay": 20, "leave": 30, "die": 50})


def test_shares_of_a_whole_add_up_and_have_their_moments() -> None:
    drawn = un.draw_all({}, seed=1, draws=MANY, joint=[ROW])
    rows = np.array(list(drawn.values()))
    np.testing.assert_allclose(rows.sum(axis=0), 1, rtol=1e-14)
    alpha = np.array(ROW.alpha)
    mean, variance = stats.dirichlet.mean(alpha), stats.dirichlet.var(alpha)
    error = np.sqrt(variance / MANY)
    assert (np.abs(rows.mean(axis=1) - mean) < 4 * error).all()
    np.testing.assert_allclose(rows.var(axis=1), variance, rtol=0.05)
    expected = -alpha[0] * alpha[1] / (alpha.sum() ** 2 * (alpha.sum() + 1))
    assert np.cov(rows[0], rows[1])[0, 1] == pytest.approx(expected, rel=0.05)
    assert ROW.mean == pytest.approx({"stay": 0.2, "leave": 0.3, "die": 0.5})
    assert stats.kstest(rows[0], stats.beta(20, 80).cdf).pvalue > 0.001
    assert ROW.marginal("stay") == un.Beta.from_parameters(20, 80)


def test_weights_far_below_one_still_make_shares() -> None:
    thin = un.Dirichlet(names=("a", "b", "c"), alpha=(1e-4, 1e-4, 2e-4))
    rows = np.array(list(un.draw_all({}, seed=2, draws=MANY, joint=[thin]).values()))
    np.testing.assert_allclose(rows.sum(axis=0), 1, rtol=1e-14)
    np.testing.assert_allclose(rows.mean(axis=1), [0.25, 0.25, 0.5], atol=0.01)


def test_a_dirichlet_by_mean_and_sd() -> None:
    found = un.Dirichlet.from_mean_and_sd({"a": 0.2, "b": 0.8}, {"a": 0.05})
    assert sum(found.alpha) == pytest.approx(0.2 * 0.8 / 0.05**2 - 1)
    assert found.marginal("a").sd == pytest.approx(0.05)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: un.Dirichlet(names=("a", "a"), alpha=(1, 1)), "twice"),
        (lambda: un.Dirichlet(names=("a", "b"), alpha=(1, 1, 1)), "2 names"),
        (lambda: un.Dirichlet(names=("a",), alpha=(1,)), "names"),
        (lambda: un.Dirichlet(names=("a", "b"), alpha=(1, 0)), "alpha"),
        (lambda: un.Dirichlet.from_counts({"a": 1, "b": 0}), "never seen"),
        (lambda: un.Dirichlet.from_counts({}), "empty"),
        (lambda: un.Dirichlet.from_counts([1, 2]), "mapping"),  # type: ignore[arg-type]
        (lambda: un.Dirichlet.from_mean_and_sd({"a": 0.2, "b": 0.7}, {"a": 0.1}), "adds up to 0.9"),
        (lambda: un.Dirichlet.from_mean_and_sd({"a": 0.2, "b": 0.8}, {"a": 0.5}), "square root"),
        (lambda: un.Dirichlet.from_mean_and_sd({"a": 0.2, "b": 0.8}, {"c": 0.1}), "no share"),
        (
            lambda: un.Dirichlet.from_mean_and_sd({"a": 0.2, "b": 0.8}, {"a": 0.1, "b": 0.2}),
            "different totals",
        ),
        (lambda: ROW.marginal("gone"), "no share"),
    ],
    ids=range(12),
)
def test_what_is_no_whole_is_refused(make: Any, message: str) -> None:
    with pytest.raises(OpsafeError, match=message):
        make()


PARAMETERS: dict[str, un.Distribution | float] = {
    "drug": un.Gamma(mean=300, sd=90),
    "visits": un.LogNormal(mean=90, sd=60),
    "gain": un.Beta(mean=0.2, sd=0.1),
    "rate": un.Uniform(low=0, high=1),
    "known": un.Fixed(value=3),
    "number": 7,
}
GROUP = un.Correlated(
    names=("drug", "visits", "gain"),
    correlation=((1, 0.7, -0.3), (0.7, 1, 0.1), (-0.3, 0.1, 1)),
)


def test_parameters_that_go_together_keep_their_own_distributions() -> None:
    alone = un.draw_all(PARAMETERS, seed=3, draws=MANY)
    together = un.draw_all(PARAMETERS, seed=3, draws=MANY, joint=[GROUP])
    assert list(alone) == list(together) == list(PARAMETERS)
    for name in ("drug", "rate", "known", "number"):
        np.testing.assert_array_equal(alone[name], together[name])
    assert not np.array_equal(alone["visits"], together["visits"])
    rows = np.array([together[name] for name in GROUP.names])
    np.testing.assert_allclose(
        stats.spearmanr(rows, axis=1).statistic, GROUP.correlation, atol=0.015
    )
    assert together["visits"].mean() == pytest.approx(90, rel=0.02)
    assert together["gain"].std() == pytest.approx(0.1, rel=0.02)


def test_correlations_of_the_normal_numbers_are_taken_as_given() -> None:
    group = un.Correlated(names=("a", "b"), correlation=((1, -0.6), (-0.6, 1)), measure="normal")
    normal = un.Normal(mean=0, sd=1)
    drawn = un.draw_all({"a": normal, "b": normal}, seed=4, draws=MANY, joint=[group])
    assert np.corrcoef(drawn["a"], drawn["b"])[0, 1] == pytest.approx(-0.6, abs=0.015)


def test_adding_what_is_uncertain_leaves_the_others() -> None:
    before = un.draw_all({"drug": PARAMETERS["drug"]}, seed=5, draws=100)
    after = un.draw_all(PARAMETERS, seed=5, draws=100, joint=[ROW])
    np.testing.assert_array_equal(before["drug"], after["drug"])
    wider = un.Dirichlet(names=(*ROW.names, "move"), alpha=(*ROW.alpha, 3))
    ours, theirs = (un.draw_all({}, seed=5, draws=100, joint=[each]) for each in (ROW, wider))
    np.testing.assert_allclose(ours["stay"] / ours["die"], theirs["stay"] / theirs["die"])
    longer = un.draw_all(PARAMETERS, seed=5, draws=200, joint=[GROUP, ROW])
    shorter = un.draw_all(PARAMETERS, seed=5, draws=100, joint=[GROUP, ROW])
    for name, values in shorter.items():
        np.testing.assert_allclose(
            values, longer[name][:100] if values.ndim else values, rtol=1e-12
        )


def test_what_is_known_has_no_axis_and_means_go_without_draws() -> None:
    drawn = un.draw_all(PARAMETERS, seed=6, draws=10)
    assert {name: values.shape for name, values in drawn.items() if not values.ndim} == {
        "known": (),
        "number": (),
    }
    means = un.means_of(PARAMETERS, joint=[ROW, GROUP])
    assert means == pytest.approx(
        {"drug": 300, "visits": 90, "gain": 0.2, "rate": 0.5, "known": 3, "number": 7} | ROW.mean
    )


@pytest.mark.parametrize(
    "correlation, message",
    [
        (((1, 0.5),), "2 rows"),
        (((1, 0.5), (0.4, 1)), "stands twice"),
        (((0.9, 0.5), (0.5, 1)), "itself"),
        (((1, 1), (1, 1)), "positive definite"),
        (((1, 1.5), (1.5, 1)), "less than or equal to 1"),
    ],
    ids=range(5),
)
def test_what_is_no_correlation_is_refused(correlation: Any, message: str) -> None:
    with pytest.raises(OpsafeError, match=message):
        un.Correlated(names=("a", "b"), correlation=correlation)


def test_correlations_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(OpsafeError, match="least eigenvalue is -"):
        un.Correlated(
            names=("a", "b", "c"),
            correlation=((1, 0.9, -0.9), (0.9, 1, 0.9), (-0.9, 0.9, 1)),
        )


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"parameters": [1]}, "parameters"),
        ({"parameters": {"": 1}}, "parameters"),
        ({"parameters": {"a": "1"}}, "neither a distribution nor a number"),
        ({"parameters": {"a": True}}, "parameters"),
        ({"parameters": {"a": float("inf")}}, "parameters"),
        ({"joint": [1]}, r"joint\[0\]"),
        ({"joint": [ROW, ROW]}, "another group"),
        ({"joint": [GROUP]}, "no parameter"),
        ({"parameters": PARAMETERS | {"gain": 1}, "joint": [GROUP]}, "known"),
        ({"parameters": {"stay": 1}, "joint": [ROW]}, "as parameters do"),
        ({"seed": -1}, "seed"),
        ({"draws": 0}, "draws"),
    ],
    ids=range(12),
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, Any], message: str) -> None:
    asked: dict[str, Any] = {"parameters": {}, "seed": 1, "draws": 5} | changes
    with pytest.raises(OpsafeError, match=message):
        un.draw_all(asked.pop("parameters"), **asked)


def test_json_round_trip() -> None:
    adapter = TypeAdapter[un.Joint](un.Joint)
    for each in (ROW, GROUP):
        assert adapter.validate_json(each.to_json()) == each


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3), st.integers(0, 2**32))
def test_any_matrix_is_drawn_from_or_refused(values: list[float], seed: int) -> None:
    a, b, c = values
    try:
        group = un.Correlated(names=("a", "b", "c"), correlation=((1, a, b), (a, 1, c), (b, c, 1)))
    except OpsafeError:
        return
    normal = un.Normal(mean=0, sd=1)
    drawn = un.draw_all(dict.fromkeys("abc", normal), seed=seed, draws=50, joint=[group])
    assert np.isfinite(list(drawn.values())).all()
