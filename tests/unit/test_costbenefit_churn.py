"""Churn: the December peak, those who return, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, EditionNotFoundError
from opsafe.uncertainty import Beta, Uniform


def test_december_falls_where_the_start_puts_it() -> None:
    churn = cb.OwnChurn(monthly_mean=0.02, december=0.13)
    other = (0.24 - 0.13) / 11
    for first, december in ((1, 12), (12, 1), (7, 6)):
        share = cb.enrolled_share(churn, start=f"2026-{first:02}", months=14)
        stay = share[1:] / share[:-1]
        wanted = np.full(13, 1 - other)
        wanted[december - 1 :: 12] = 1 - 0.13
        np.testing.assert_allclose(stay, wanted)


def test_those_who_return_come_back_evenly() -> None:
    churn = cb.OwnChurn(monthly_mean=0.0, december=0.0, returned_within_1_year=0.5)
    assert cb.enrolled_share(churn, start="2026-01", months=24).tolist() == [1.0] * 24
    peak = cb.OwnChurn(monthly_mean=0.05, december=0.6, returned_within_1_year=0.12)
    share = cb.enrolled_share(peak, start="2026-12", months=14)
    gone = 0.6
    np.testing.assert_allclose(share[1:13], 1 - gone * (1 - 0.01 * np.arange(12)))


def test_the_group_market_loses_about_what_is_printed_for_a_year() -> None:
    share = cb.enrolled_share("commercial-2006-18-group", start="2026-01", months=13)
    assert 1 - share[12] == pytest.approx(0.215, abs=0.005)


def test_a_bare_number_is_neither_per_month_nor_per_year() -> None:
    with pytest.raises(ArgumentError, match="per month or per year"):
        cb.enrolled_share(0.02, start="2026-01", months=3)  # type: ignore[arg-type]
    assert cb.enrolled_share(0, start="2026-01", months=3).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"monthly_mean": 0.01, "december": 0.2}, "no share"),
        ({"monthly_mean": 1.5}, "monthly_mean"),
        ({"monthly_mean": Beta(mean=0.02, sd=0.01), "december": 0.05}, "no share"),
        (
            {
                "monthly_mean": 0.02,
                "returned_within_1_year": 0.5,
                "returned_within_5_years": 0.4,
            },
            "cannot fall",
        ),
    ],
    ids=["december", "mean", "beta", "returns"],
)
def test_churn_that_cannot_be_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        cb.OwnChurn(**fields)  # type: ignore[arg-type]


def test_arguments_are_read_at_the_door() -> None:
    churn = cb.OwnChurn(monthly_mean=Uniform(low=0.01, high=0.03))
    share = cb.enrolled_share(churn, start="2026-01", months=2)
    assert math.isclose(share[1], 0.98)
    for start in ("2026-13", "2026", "26-01-01", "२०२६-01"):
        with pytest.raises(ArgumentError, match="is not a month"):
            cb.enrolled_share(churn, start=start, months=2)
    with pytest.raises(ArgumentTypeError, match="is not a month"):
        cb.enrolled_share(churn, start=2026, months=2)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="months"):
        cb.enrolled_share(churn, start="2026-01", months=121)
    with pytest.raises(ArgumentTypeError, match="churn"):
        cb.enrolled_share(None, start="2026-01", months=1)  # type: ignore[arg-type]
    with pytest.raises(EditionNotFoundError, match="commercial-2006-18"):
        cb.enrolled_share("commercial-2006", start="2026-01", months=1)
