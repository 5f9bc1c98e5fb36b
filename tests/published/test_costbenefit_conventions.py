"""Published rows on rates, discounting, within-cycle weights, finance and budget impact."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.costbenefit.discounting import Discounting

HERE: Final = Path(__file__).parent
_ROWS: Final = list(
    csv.DictReader((HERE / "costbenefit_conventions.csv").read_text(encoding="utf-8").splitlines())
)
ROWS: Final[dict[str, tuple[Any, Any]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"])) for row in _ROWS
}


def test_rate_01_rate_to_probability() -> None:
    given, wanted = ROWS["RATE-01"]
    found = cb.convert(given["rate"], "rate per year", f"probability per {given['t']} year")
    assert found == pytest.approx(wanted["prob"], rel=1e-14)


def test_rate_02_yearly_rate_to_monthly_probability() -> None:
    given, wanted = ROWS["RATE-02"]
    found = cb.convert(given["rate_per_year"], "rate per year", "probability per month")
    assert found == pytest.approx(wanted["prob"], rel=1e-14)


def test_rate_03_probability_over_three_years() -> None:
    given, wanted = ROWS["RATE-03"]
    over, of = (f"probability per {given[key]} years" for key in ("from_years", "to_years"))
    found = cb.convert(given["prob"], over, of)
    assert found == pytest.approx(wanted["prob"], rel=1e-12)
    assert round(found, 2) == wanted["rounded"]


def test_rate_05_risk_ratio() -> None:
    given, wanted = ROWS["RATE-05"]
    found = cb.apply_ratio(given["prob"], given["relative_risk"], "risk_ratio")
    assert found == pytest.approx(wanted["prob"], rel=1e-12)


def test_rate_06_odds_ratio() -> None:
    given, wanted = ROWS["RATE-06"]
    found = cb.apply_ratio(given["prob"], given["odds_ratio"], "odds_ratio")
    assert found == pytest.approx(wanted["prob"], rel=1e-12)


def test_rate_08_retention_at_six_months() -> None:
    given, wanted = ROWS["RATE-08"]
    kept, told = given["retained_at_6_months"], "share left after 6 months"
    assert cb.convert(kept, told, "share left after month") == pytest.approx(
        wanted["monthly_retention"], rel=1e-12
    )
    assert cb.convert(kept, told, "probability per month") == pytest.approx(
        wanted["monthly_discontinuation"], rel=1e-12
    )
    assert cb.convert(kept, told, "rate per year") == pytest.approx(
        wanted["annual_rate"], rel=1e-12
    )


def test_lit_27_median_days_on_treatment() -> None:
    given, wanted = ROWS["LIT-27"]
    days = given["median_days"]
    for name, median in days.items():
        found = cb.convert(median, "median in days", "probability per month")
        monthly = wanted["exponential_monthly_discontinuation"][name]
        assert found == pytest.approx(monthly, rel=1e-12)
    rates = [cb.convert(days[name], "median in days", "rate per year") for name in days]
    ratio = rates[0] / rates[1]
    assert ratio == pytest.approx(wanted["implied_rate_ratio"], rel=1e-12)
    # Far from what was published, so retention has no constant hazard.
    assert ratio > 1.5 * wanted["published_hr"]


def test_disc_01_one_year() -> None:
    given, wanted = ROWS["DISC-01"]
    named: dict[Discounting, str] = {"effective": "discrete", "continuous": "continuous"}
    for word, key in named.items():
        found = cb.discount_factors(given["annual_rate"], given["t_years"], word)
        assert float(found) == pytest.approx(wanted[key], rel=1e-14)


def test_disc_02_three_conventions_after_sixty_months() -> None:
    given, wanted = ROWS["DISC-02"]
    named: dict[Discounting, str] = {
        "effective": "effective_annual",
        "nominal": "nominal_monthly_DARTH",
        "continuous": "continuous",
    }
    for word, key in named.items():
        found = cb.discount_factors(given["annual_rate"], given["t_cycles"] / 12, word, 12)
        assert float(found) == pytest.approx(wanted[key], rel=1e-13)


def test_disc_03_monthly_rate() -> None:
    given, wanted = ROWS["DISC-03"]
    found = cb.discount_rate_per_period(given["annual_rate"], 12)
    assert found == pytest.approx(wanted["per_cycle_rate"], rel=1e-12)


def test_disc_04_weekly_nominal_multiplies() -> None:
    given, wanted = ROWS["DISC-04"]
    weeks = given["weeks_per_year"]
    factor = cb.discount_factors(given["rate"], given["week"] / weeks, "nominal", weeks)
    found = np.array(given["state_vector"]) * factor
    np.testing.assert_allclose(found, wanted["correct"], rtol=1e-12)
    # The published program subtracts the factor.
    np.testing.assert_allclose(
        np.array(given["state_vector"]) - factor, wanted["RESPOND_v2_code"], rtol=1e-12
    )


def test_wcc_01_simpson_weights() -> None:
    given, wanted = ROWS["WCC-01"]
    found = cb.within_cycle_weights(given["n_intervals"], "simpson")
    np.testing.assert_allclose(found, wanted["weights"], atol=1e-12)
    assert found.sum() == pytest.approx(wanted["sum"], abs=1e-12)


@pytest.mark.parametrize("power", [0, 1, 2, 3])
@pytest.mark.parametrize("place", [0, 1])
def test_wcc_03_simpson_integrates_cubics(place: int, power: int) -> None:
    given, wanted = ROWS["WCC-03"]
    intervals = given["n_intervals"][place]
    weights = cb.within_cycle_weights(intervals, "simpson")
    exact = intervals ** (power + 1) / (power + 1)
    found = float(weights @ np.arange(intervals + 1.0) ** power) / exact
    assert found == pytest.approx(wanted["ratio_to_exact"][power], abs=1e-10)


def test_pay_01_value_return_and_payback() -> None:
    given, wanted = ROWS["PAY-01"]
    flows, years = np.array(given["flows"]), np.arange(4)
    value = cb.net_present_value(flows, given["rate"], years)
    assert value == pytest.approx(wanted["npv"], rel=1e-12)
    assert flows.sum() == wanted["undiscounted_net"]
    spent, gained = np.maximum(-flows, 0), np.maximum(flows, 0)
    roi = cb.return_on_investment(flows.sum(), spent.sum())
    assert roi == pytest.approx(wanted["roi"], rel=1e-12)
    ratio = cb.benefit_cost_ratio(gained, spent, given["rate"], years)
    assert ratio == pytest.approx(wanted["benefit_cost_ratio_discounted"], rel=1e-12)
    assert cb.linear_payback(flows, years) == pytest.approx(
        wanted["payback_years_linear"], rel=1e-12
    )
    assert cb.payback(flows) == 2


def test_pay_02_break_even_members() -> None:
    given, wanted = ROWS["PAY-02"]
    found = cb.break_even_members(
        given["fixed_cost_per_year"],
        given["net_saving_per_treated_member_month"],
        given["months"],
    )
    assert found == pytest.approx(wanted["break_even_treated_members"], rel=1e-12)


def test_pay_06_medical_loss_ratio() -> None:
    given, wanted = ROWS["PAY-06"]
    found = cb.medical_loss_ratio(**{f"{name}_usd": usd for name, usd in given.items()})
    assert found == pytest.approx(wanted["mlr"], rel=1e-12)
    assert (found >= 0.85) is wanted["meets_85_percent"]


def test_bia_01_growing_population() -> None:
    given, wanted = ROWS["BIA-01"]
    found = cb.budget_impact(
        population=given["population"],
        cost_usd_per_patient_year=given["cost"],
        share_current=given["share_current"],
        share_new=given["share_new"],
    )
    np.testing.assert_allclose(found.impact_usd, wanted["impact"], rtol=1e-12)
    assert found.total_usd == pytest.approx(wanted["total"], rel=1e-12)
    grown = cb.budget_impact(
        years=3,
        population=given["population"][0],
        growth_per_year=0.05,
        cost_usd_per_patient_year=given["cost"],
        share_current=given["share_current"],
        share_new=given["share_new"],
    )
    np.testing.assert_allclose(grown.impact_usd, wanted["impact"], rtol=1e-12)


def test_bia_03_programme_of_a_medicaid_plan() -> None:
    given, wanted = ROWS["BIA-03"]
    in_programme = given["members"] * given["oud_prevalence"] * given["uptake"]
    # Prices of the same article, in dollars of 2017: a care manager, and a tenth of a psychiatrist.
    staff = math.ceil(in_programme / 85) * (95_613.44 + 21_609.12)
    found = cb.budget_impact(
        years=1,
        members=given["members"],
        prevalence=given["oud_prevalence"],
        share_current={"usual": 1},
        share_new={"usual": 1 - given["uptake"], "collaborative": given["uptake"]},
        cost_usd_per_patient_year={"usual": 0, "collaborative": 0},
        programme_usd_per_year={"staff": staff},
        untreated=["usual"],
        price_year=2017,
    )
    assert found.by_year["patients"][0] == pytest.approx(wanted["patients_with_oud"], rel=1e-12)
    treated = found.by_year["treated"][0]
    assert treated == pytest.approx(wanted["patients_in_programme"], rel=1e-12)
    assert treated / 85 == pytest.approx(wanted["care_managers_at_85"], rel=1e-12)
    assert treated / 120 == pytest.approx(wanted["care_managers_at_120"], rel=1e-12)
    assert found.total_usd == pytest.approx(wanted["staff_cost_rounded_up_85"], rel=1e-12)


def test_every_row_is_asserted() -> None:
    words = [name.split("_") for name in globals() if name.startswith("test_")]
    assert {f"{each[1]}-{each[2]}".upper() for each in words if each[2].isdigit()} == set(ROWS)
