"""Retention curves: points, Weibull, integrals, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from opsafe.errors import ArgumentError, DocumentError
from opsafe.survival import Retention

# Medicaid 2013-15, stays ended by over 30 days without supply: 28.4% stop in the first month and
# 64.6% before 180 days (https://ophelia.com/research/risk-factors-for-discontinuation-of-
# buprenorphine-treatment-for-opioid-use-disorder).
MEDICAID = Retention(gap_days=30, points=((1, 0.716), (6, 0.354)))


@st.composite
def curves(draw: st.DrawFn) -> Retention:
    gap_days = draw(st.integers(0, 366))
    if draw(st.booleans()):
        scale, shape = draw(st.floats(0.5, 60)), draw(st.floats(0.3, 5))
        return Retention(gap_days=gap_days, scale_months=scale, shape=shape)
    size = draw(st.integers(2, 6))
    months = draw(st.lists(st.integers(1, 60), min_size=size, max_size=size, unique=True))
    shares = draw(st.lists(st.integers(1, 99), min_size=size, max_size=size, unique=True))
    points = zip(sorted(months), sorted(shares, reverse=True), strict=True)
    return Retention(
        gap_days=gap_days, points=tuple((month, share / 100) for month, share in points)
    )


def test_points_are_met_and_the_shape_between_them_is_the_one_of_the_two() -> None:
    assert MEDICAID.share([1, 6]).tolist() == pytest.approx([0.716, 0.354], rel=1e-14)
    # ln(ln(1/0.354) / ln(1/0.716)) / ln 6 = 0.63, as the study of methods found.
    shape = math.log(math.log(0.354) / math.log(0.716)) / math.log(6)
    assert round(shape, 2) == 0.63
    expected = math.exp(math.log(0.716) * 3**shape)
    assert MEDICAID.share(3).tolist() == pytest.approx([expected], rel=1e-13)


def test_a_constant_hazard_would_have_lost_more_by_month_six() -> None:
    # 1 - 0.716**6 = 86.5%, where the claims show 64.6%.
    constant = Retention(gap_days=30, scale_months=-1 / math.log(0.716), shape=1)
    assert round(100 * (1 - float(constant.share(6)[0])), 1) == 86.5


def test_beyond_the_last_point_the_curve_goes_on_and_says_so() -> None:
    assert MEDICAID.extrapolated([0, 6, 6.01]).tolist() == [False, False, True]
    weibull = Retention(gap_days=30, scale_months=6, shape=0.6)
    assert not weibull.extrapolated(1e6).any()
    assert float(MEDICAID.share(7)[0]) < 0.354


def test_an_exponential_curve_has_the_mean_and_the_residual_of_itself() -> None:
    curve = Retention(gap_days=30, scale_months=5, shape=1)
    assert curve.mean_months == pytest.approx(5, rel=1e-12)
    months = np.arange(13)
    np.testing.assert_allclose(curve.residual_shares(12), np.exp(-months / 5), rtol=1e-12)


def test_a_flat_stretch_keeps_everybody() -> None:
    curve = Retention(gap_days=30, points=((1, 0.5), (3, 0.5), (6, 0.2)))
    assert curve.share([1, 2, 3]).tolist() == pytest.approx([0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    "fields, field",
    [
        ({}, "points"),
        ({"points": ((1, 0.5), (2, 0.6))}, "cannot rise"),
        ({"points": ((1, 0.5), (1, 0.4))}, "months must rise"),
        ({"points": ((1, 0.5), (2, 0.5))}, "must fall"),
        ({"points": ((1, 0.5),)}, "points"),
        ({"points": ((0, 0.5), (2, 0.4))}, "points[0][0]"),
        ({"points": ((1, 1.0), (2, 0.4))}, "points[0][1]"),
        ({"points": ((1, 0.5), (2, 0.0))}, "points[1][1]"),
        ({"points": ((1, 0.5), (2, float("nan")))}, "points[1][1]"),
        ({"scale_months": 6.0}, "scale_months with shape"),
        ({"scale_months": 6.0, "shape": 0.0}, "shape"),
        ({"scale_months": 6.0, "shape": 1.0, "points": ((1, 0.5), (2, 0.4))}, "points"),
        ({"scale_months": 6.0, "shape": 1.0, "gap_days": -1}, "gap_days"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentError) as refused:
        Retention(**{"gap_days": 30, **fields})
    assert field in str(refused.value)


def test_a_curve_that_hardly_falls_has_no_mean() -> None:
    curve = Retention(gap_days=30, points=((1, 0.9), (2, 0.8999)))
    with pytest.raises(ArgumentError, match="over a hundred years"):
        _ = curve.mean_months
    assert np.isfinite(curve.month_shares(36)).all()


@pytest.mark.parametrize("months", [-1, [1, float("nan")], "soon", None])
def test_a_month_is_a_number_from_0(months: object) -> None:
    with pytest.raises(ArgumentError, match="months"):
        MEDICAID.share(months)


@given(curves())
def test_retention_falls_from_1_and_never_below_0(curve: Retention) -> None:
    shares = curve.share(np.linspace(0, 120, 500))
    assert shares[0] == 1
    assert (np.diff(shares) <= 1e-15).all() and (shares >= 0).all()


@given(curves(), st.integers(0, 40))
def test_integrals_are_those_of_an_independent_quadrature(curve: Retention, month: int) -> None:
    ours = curve.month_shares(month + 1)[month]
    knots = [one for one, _ in curve.points or () if month < one < month + 1]
    # The substitution t = month + x**8 takes the sharp start of a falling hazard away.
    theirs, error = quad(
        lambda x: float(curve.share(month + x**8)[0]) * 8 * x**7,
        0,
        1,
        points=[(one - month) ** 0.125 for one in knots] or None,
        epsabs=1e-11,
        limit=200,
    )
    assert ours == pytest.approx(theirs, abs=1e-8 + error)


@given(curves())
def test_census_and_mean_agree(curve: Retention) -> None:
    # Little's law: one start a month leaves as many patients as the mean stay has months.
    try:
        mean = curve.mean_months
    except ArgumentError:
        return
    months = 240
    left = curve.residual_shares(months)
    assert left[0] == 1 and (np.diff(left) <= 1e-12).all()
    total = curve.month_shares(months).sum()
    assert total <= mean * (1 + 1e-9)
    assert mean - total == pytest.approx(mean * left[-1], rel=1e-6, abs=1e-9)


@given(curves())
def test_a_curve_survives_json(curve: Retention) -> None:
    assert Retention.from_json(curve.to_json()) == curve
