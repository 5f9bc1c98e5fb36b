"""Calibration to a plan's claims: closed forms, recovery, doors, and what is said of a fit."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from opsafe.costbenefit._calibration_fits import (
    Stays,
    fit_weibull,
    rate_interval,
    ratio_interval,
)
from opsafe.costbenefit.calibrate import Calibration, calibrate
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, OpsafeError

ROWS: Final = [(1, 716, 1000), (6, 354, 716), (12, 212, 354)]


def parameter(found: Calibration, name: str, column: str = "value") -> float:
    table = found.parameters
    return float(table[column][list(table["parameter"]).index(name)])


def verdicts(found: Calibration) -> dict[str, str]:
    return dict(zip(found.fits["fit"], found.fits["verdict"], strict=True))


def simulated(
    source: np.random.Generator, starts: int, months: list[float], scale: float, shape: float
) -> list[tuple[float, int, int]]:
    """Intervals of members who stop by a Weibull curve; a third are lost from view at random."""
    stop = scale * source.weibull(shape, starts)
    lost = np.where(source.random(starts) < 1 / 3, source.uniform(0, 2 * months[-1], starts), 1e9)
    rows, before = [], 0.0
    for month in months:
        at_risk = (stop > before) & (lost > month)
        rows.append((month, int((at_risk & (stop > month)).sum()), int(at_risk.sum())))
        before = month
    return rows


# ------------------------------------------------------------------------------- closed forms


def test_a_curve_through_two_intervals_is_known_exactly() -> None:
    # Samples 2018: 71.6 % are left after one month, 35.4 % after six.
    found = calibrate(retention=[(1, 716, 1000), (6, 354, 716)], gap_days=30)
    first, second = -math.log(0.716), -math.log(0.354)
    shape = math.log(second / first) / math.log(6)
    assert found.retention is not None and found.retention.gap_days == 30
    assert found.retention.shape == pytest.approx(shape, rel=1e-9)
    assert found.retention.scale_months == pytest.approx(first ** (-1 / shape), rel=1e-9)
    assert verdicts(found)["retention"].startswith("passes through its targets")


def test_a_constant_hazard_of_equal_intervals_is_known_exactly() -> None:
    stays = Stays(
        np.array([2.0, 4.0, 6.0]), np.array([100.0, 70.0, 60.0]), np.array([75.0, 66.0, 41.0])
    )
    fitted = fit_weibull(stays, shape=1.0)
    passing = (75 + 66 + 41) / 230
    assert fitted.scale_months == pytest.approx(-2 / math.log(passing), rel=1e-9)
    assert fitted.passing == pytest.approx([passing] * 3, rel=1e-9)
    # The error of a log rate: that of log(-log p) with p a binomial share.
    error = math.sqrt((1 - passing) / passing / 230) / -math.log(passing)
    assert fitted.log_scale_error == pytest.approx(error, rel=1e-9)


def test_points_are_those_of_kaplan_and_meier_with_greenwoods_errors() -> None:
    found = calibrate(
        retention=[(1, 80, 100), (3, 40, 60), (6, 10, 30)], gap_days=7, curve="points"
    )
    share, terms = Fraction(1), Fraction(0)
    for month, left, at_risk in ((1, 80, 100), (3, 40, 60), (6, 10, 30)):
        share *= Fraction(left, at_risk)
        terms += Fraction(at_risk - left, at_risk * left)
        name = f"retention_share_month_{month}"
        assert parameter(found, name) == pytest.approx(float(share), rel=1e-14)
        error = float(share) * math.sqrt(terms)
        assert parameter(found, name, "standard_error") == pytest.approx(error, rel=1e-14)
    assert found.retention is not None and found.retention.points is not None
    assert [month for month, _ in found.retention.points] == [1, 3, 6]
    assert found.retention.share(6)[0] == pytest.approx(float(share), rel=1e-12)


# Garwood's limits as tables of the Poisson distribution print them.
@pytest.mark.parametrize(
    "events, low, high",
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_rate_has_the_exact_interval(events: int, low: float, high: float) -> None:
    found = rate_interval(events, 1.0, 0.95)
    assert found == pytest.approx((low, high), abs=5e-4)
    if events > 0:
        assert found[0] == pytest.approx(stats.chi2.ppf(0.025, 2 * events) / 2, rel=1e-10)
    assert found[1] == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2, rel=1e-10)


def test_ratio_has_the_exact_conditional_interval() -> None:
    low, high = ratio_interval((12, 90), (8_000.0, 20_000.0), 0.95)
    share = stats.binomtest(12, 102).proportion_ci(0.95, method="exact")
    assert low == pytest.approx(share.low / (1 - share.low) * 2.5, rel=1e-9)
    assert high == pytest.approx(share.high / (1 - share.high) * 2.5, rel=1e-9)
    assert ratio_interval((0, 5), (1.0, 1.0), 0.95)[0] == 0
    assert ratio_interval((5, 0), (1.0, 1.0), 0.95)[1] == math.inf


def test_level_gives_back_the_dollars_of_the_claims() -> None:
    rows = [(1, 2000.0, 3000.0, 900), (2, 1500.0, 2000.0, 800), (3, 1480.0, 2100.0, 700)]
    found = calibrate(
        cost_per_month=rows, cost_periods=(1, 3), price_year=2025, basis="paid", level=0.9
    )
    assert parameter(found, "cost_usd_per_member_month_all_month_1") == 2000
    level = parameter(found, "cost_usd_per_member_month_all_month_2_to_3")
    assert level * 1500 == pytest.approx(1500 * 800 + 1480 * 700, rel=1e-14)
    error = parameter(found, "cost_usd_per_member_month_all_month_2_to_3", "standard_error")
    assert error == pytest.approx((math.sqrt(800) * 2000 + math.sqrt(700) * 2100) / 1500, rel=1e-14)
    drawn = found.distributions["cost_usd_per_member_month_all_month_2_to_3"]
    assert drawn.mean == level
    low = parameter(found, "cost_usd_per_member_month_all_month_2_to_3", "low")
    gamma = stats.gamma((level / error) ** 2, scale=error**2 / level)
    assert low == pytest.approx(gamma.ppf(0.05), rel=1e-9)


# ---------------------------------------------------------------------------------- recovery


def test_a_simulated_curve_is_found_again() -> None:
    source = np.random.default_rng(11)
    rows = simulated(source, 200_000, [0.5, 1, 2, 3, 6, 9, 12, 18, 24], 7.3, 0.64)
    found = calibrate(retention=rows, gap_days=30)
    for name, true in (("retention_scale_months", 7.3), ("retention_shape", 0.64)):
        error = parameter(found, name, "standard_error")
        assert abs(parameter(found, name) - true) < 3.3 * error < 0.1 * true
    assert verdicts(found)["retention"] == "as near to its targets as chance allows"
    assert "further" in verdicts(found)["retention, were its hazard constant"]
    assert any("not constant" in caution for caution in found.cautions)


def test_standard_errors_are_those_of_repetition() -> None:
    source = np.random.default_rng(5)
    fits = []
    for _ in range(300):
        rows = np.array(simulated(source, 400, [1, 2, 4, 8, 12], 6.0, 0.8))
        fits.append(fit_weibull(Stays(rows[:, 0], rows[:, 2], rows[:, 1])))
    z = np.array(
        [
            [
                (math.log(each.scale_months) - math.log(6.0)) / (each.log_scale_error or math.nan),
                (math.log(each.shape) - math.log(0.8)) / (each.log_shape_error or math.nan),
            ]
            for each in fits
        ]
    )
    # Of 300 the mean has an error of 0.058, and the deviation one of 0.041.
    assert (np.abs(z.mean(axis=0)) < 0.18).all()
    assert (np.abs(z.std(axis=0) - 1) < 0.13).all()
    logs = np.log([[each.scale_months, each.shape] for each in fits])
    seen = float(np.corrcoef(logs.T)[0, 1])
    assert np.mean([each.correlation or 0.0 for each in fits]) == pytest.approx(seen, abs=0.15)


def test_a_constant_hazard_is_not_called_changing() -> None:
    rows = simulated(np.random.default_rng(3), 5_000, [1, 2, 3, 6, 12], 8.0, 1.0)
    found = calibrate(retention=rows, gap_days=30)
    assert not any("not constant" in caution for caution in found.cautions)


def test_a_bad_fit_is_called_one() -> None:
    found = calibrate(retention=[(1, 900, 1000), (2, 300, 900), (3, 299, 300)], gap_days=30)
    assert "further from its targets than chance allows" in verdicts(found)["retention"]
    assert "+50.3 points at month 3" in verdicts(found)["retention"]


def test_a_bound_is_told_and_leaves_no_error() -> None:
    found = calibrate(retention=[(1, 1, 1000), (2, 1, 1), (3, 1, 1)], gap_days=30)
    assert "stopped at a bound" in verdicts(found)["retention"]
    assert found.distributions == {} and found.retention_correlation is None
    assert any("no standard errors" in caution for caution in found.cautions)


# ------------------------------------------------------------------------------------- doors


def same(found: Calibration) -> list[float]:
    return [float(value) for value in found.parameters["value"]]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([list(row) for row in ROWS], id="lists"),
        pytest.param(
            {"months": [1, 6, 12], "on_treatment": [716, 354, 212], "at_risk": [1000, 716, 354]},
            id="columns",
        ),
        pytest.param(
            [
                {"months": month, "stopped": at_risk - left, "at_risk": at_risk}
                for month, left, at_risk in ROWS
            ],
            id="records of stops",
        ),
        pytest.param(
            pd.DataFrame(
                {"months": [1.0, 6, 12], "on_treatment": [716, 354, 212], "starts": [1000] * 3}
            ),
            id="pandas, of all starts",
        ),
        pytest.param(
            pl.DataFrame(
                {"months": [1, 6, 12], "share": [0.716, 0.354, 0.212], "starts": [1000] * 3}
            ),
            id="polars, shares",
        ),
        pytest.param(
            {
                "days": [30.4375, 6 * 30.4375, 12 * 30.4375],
                "on_treatment": [716, 354, 212],
                "at_risk": [1000, 716, 354],
            },
            id="days",
        ),
    ],
)
def test_every_form_of_retention_is_one(rows: object) -> None:
    assert same(calibrate(retention=rows, gap_days=30)) == pytest.approx(
        same(calibrate(retention=ROWS, gap_days=30)), rel=1e-9
    )


def test_costs_and_overdoses_by_group_from_frames() -> None:
    costs = pd.DataFrame(
        {
            "group": ["treated", "treated", "untreated"],
            "month": [1, 2, 1],
            "mean_usd": [1000.0, 800.0, 2500.0],
            "sd_usd": [900.0, 900.0, 4000.0],
            "members": [50, 40, 500],
        }
    )
    found = calibrate(
        cost_per_month=costs,
        price_year=2024,
        basis="allowed",
        overdoses={
            "group": ["treated", "treated", "untreated"],
            "overdoses": [2, 4, 40],
            "person_months": [2_000, 2_000, 9_000],
        },
    )
    assert found.price_year == 2024 and found.basis == "allowed" and found.retention is None
    assert set(found.distributions) == {
        "cost_usd_per_member_month_treated_month_1_on",
        "cost_usd_per_member_month_untreated_month_1_on",
        "overdose_rate_per_person_month_treated",
        "overdose_rate_per_person_month_untreated",
        "overdose_rate_ratio_treated_to_untreated",
    }
    assert parameter(found, "overdose_rate_per_person_month_treated") == 6 / 4000
    assert parameter(found, "overdose_rate_ratio_treated_to_untreated") == pytest.approx(0.3375)
    ratio = found.distributions["overdose_rate_ratio_treated_to_untreated"]
    assert float(ratio.quantile(np.array([0.5]))[0]) == pytest.approx(0.3375)
    units = dict(zip(found.parameters["parameter"], found.parameters["unit"], strict=True))
    assert units["cost_usd_per_member_month_treated_month_1_on"] == "USD of 2024 a member-month"
    assert any("selection" in caution for caution in found.cautions)


def test_no_overdose_gives_a_bound_and_no_distribution() -> None:
    found = calibrate(overdoses=[("treated", 0, 1200.0), ("untreated", 9, 1200.0)])
    assert "overdose_rate_per_person_month_treated" not in found.distributions
    assert parameter(found, "overdose_rate_per_person_month_treated", "high") == pytest.approx(
        3.6889 / 1200, rel=1e-4
    )
    assert parameter(found, "overdose_rate_ratio_treated_to_untreated") == 0
    assert any("up to 36.9 in 1,000 person-years" in caution for caution in found.cautions)
    none = calibrate(overdoses=[("treated", 3, 1200.0), ("untreated", 0, 1200.0)])
    assert any("there is no ratio" in caution for caution in none.cautions)


def test_targets_and_fits_add_up() -> None:
    found = calibrate(retention=ROWS, gap_days=30, overdoses=[("a", 3, 10.0), ("a", 9, 11.0)])
    residual = found.targets["observed"] - found.targets["fitted"]
    assert (found.targets["residual"] == residual).all()
    for fit, deviance in zip(found.fits["fit"], found.fits["deviance"], strict=True):
        if "constant" not in fit:
            rows = found.targets["fit"] == fit
            assert found.targets["deviance"][rows].sum() == pytest.approx(deviance)
    assert "further" in repr(found) or "near" in repr(found)


BAD: Final[dict[str, tuple[type[OpsafeError], dict[str, Any], str]]] = {
    "nothing": (ArgumentError, {}, "nothing to fit"),
    "no gap rule": (ArgumentError, {"retention": ROWS}, "gap_days: is required with retention"),
    "gap rule is text": (ArgumentTypeError, {"retention": ROWS, "gap_days": "30"}, "gap_days"),
    "counts of all starts": (
        ArgumentError,
        {"retention": [(1, 716, 1000), (6, 354, 1000)], "gap_days": 30},
        "at_risk is 1000 in row 1, but 716 were on treatment in the row before",
    ),
    "more than at risk": (
        ArgumentError,
        {"retention": [(1, 716, 700), (6, 354, 700)], "gap_days": 30},
        "on_treatment is 716 of 700 in row 0",
    ),
    "one row": (ArgumentError, {"retention": ROWS[:1], "gap_days": 30}, "two rows at least"),
    "months fall": (ArgumentError, {"retention": ROWS[::-1], "gap_days": 30}, "months must rise"),
    "nobody stopped": (
        ArgumentError,
        {"retention": [(1, 9, 9), (2, 9, 9)], "gap_days": 30},
        "nobody stopped",
    ),
    "nobody stayed": (
        ArgumentError,
        {"retention": {"months": [1, 2], "share": [0, 0], "starts": [9, 9]}, "gap_days": 30},
        "after nobody was left",
    ),
    "share rises": (
        ArgumentError,
        {"retention": {"months": [1, 2], "share": [0.5, 0.6], "starts": [9, 9]}, "gap_days": 30},
        "the share on treatment rises to 0.6 in row 1",
    ),
    "both bases": (
        ColumnError,
        {
            "retention": {
                "months": [1, 2],
                "share": [0.5, 0.4],
                "at_risk": [9, 9],
                "starts": [9, 9],
            },
            "gap_days": 30,
        },
        "exactly one of these columns",
    ),
    "short tuple": (
        ColumnError,
        {"retention": [(1, 2), (3, 4)], "gap_days": 30},
        "row 0 has 2 values, not 3",
    ),
    "half a member": (
        ArgumentError,
        {"retention": [(1, 716.5, 1000), (6, 354, 716)], "gap_days": 30},
        "is 716.5 in row 0",
    ),
    "a missing count": (
        ArgumentError,
        {"retention": [(1, 716, 1000), (6, None, 716)], "gap_days": 30},
        "is missing in row 1",
    ),
    "text for numbers": (
        ColumnError,
        {"retention": [(1, "716", 1000), (6, "354", 716)], "gap_days": 30},
        "holds str, not numbers alone",
    ),
    "curve": (
        ArgumentError,
        {"retention": ROWS, "gap_days": 30, "curve": "gompertz"},
        "Allowed: weibull, points",
    ),
    "points of nobody": (
        ArgumentError,
        {"retention": [(1, 5, 9), (2, 0, 5)], "gap_days": 30, "curve": "points"},
        "share of 0 or 1",
    ),
    "no price year": (
        ArgumentError,
        {"cost_per_month": [(1, 9.0, 9.0, 9)], "basis": "paid"},
        "price_year: is required with cost_per_month",
    ),
    "no basis": (
        ArgumentError,
        {"cost_per_month": [(1, 9.0, 9.0, 9)], "price_year": 2025},
        "Allowed: charge, allowed, paid",
    ),
    "month twice": (
        ArgumentError,
        {
            "cost_per_month": [(1, 9.0, 9.0, 9), (1, 9.0, 9.0, 9)],
            "price_year": 2025,
            "basis": "paid",
        },
        "month 1 of group 'all' more than once",
    ),
    "negative cost": (
        ArgumentError,
        {"cost_per_month": [(1, -9.0, 9.0, 9)], "price_year": 2025, "basis": "paid"},
        "is -9 in row 0",
    ),
    "periods fall": (
        ArgumentError,
        {
            "cost_per_month": [(1, 9.0, 9.0, 9)],
            "price_year": 2025,
            "basis": "paid",
            "cost_periods": (3, 1),
        },
        "cost_periods: must rise",
    ),
    "no exposure": (ArgumentError, {"overdoses": [("treated", 1, 0.0)]}, "is 0 in row 0"),
    "a number as group": (ColumnError, {"overdoses": [(1, 1, 9.0)]}, "other than words"),
    "no rows": (ArgumentError, {"overdoses": []}, "holds no row"),
    "no table": (ArgumentTypeError, {"overdoses": 7}, "is not a table"),
    "level": (ArgumentError, {"overdoses": [("a", 1, 9.0)], "level": 2}, "level"),
}


@pytest.mark.parametrize("kind, arguments, message", BAD.values(), ids=BAD)
def test_bad_arguments_are_named(
    kind: type[OpsafeError], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(kind) as error:
        calibrate(**arguments)
    assert message in str(error.value)
