"""Published figures of churn, break-even and staff, through the business case."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe import costbenefit as cb

_FILE: Final = Path(__file__).parent / "costbenefit_business_case.csv"
ROWS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"]))
    for row in csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines())
}
TOTALS: Final[dict[str, Any]] = {
    "start": "2026-01",
    "members_with_oud": 1.0,
    "members": 1,
    "treated_share_now": 0.0,
    "treated_share_target": 1.0,
    "ramp_months": 0,
    "savings": "total_cost",
    "basis": "paid",
    "total_cost_treated_usd_per_member_month": 0.0,
    "price_year": 2025,
}


def test_months_enrolled() -> None:
    given, wanted = ROWS["churn-stay"]
    churn = cb.OwnChurn(monthly_mean=given["monthly_mean"])
    share = cb.enrolled_share(churn, start="2026-01", months=given["months"])
    assert round(float(share.sum()), 1) == wanted["months_enrolled"]


@pytest.mark.parametrize("name", ["none", "group", "individual"])
def test_churn_cuts_the_gain_of_a_start(name: str) -> None:
    given, wanted = ROWS[f"churn-gain-{name}"]
    plan = cb.PlanInputs(
        **TOTALS,
        closed=True,
        total_cost_untreated_usd_per_member_month=given["saving"],
        programme=cb.ProgrammeCosts(usd_per_start=given["upfront"]),
        horizon_months=given["months"],
        churn=cb.OwnChurn(monthly_mean=given["monthly_mean"]),
    )
    case = cb.business_case(plan, defaults="2026-01")
    assert case.net_saving == pytest.approx(wanted["net"], abs=0.5)


@pytest.mark.parametrize("name", ["group", "individual"])
def test_a_monthly_mean_includes_december(name: str) -> None:
    given, wanted = ROWS[f"churn-december-{name}"]
    leaving = cb.leaving_by_calendar_month(given["edition"])
    assert [round(float(share), 5) for share in leaving[:11]] == [wanted["other_months"]] * 11
    assert leaving[11] == wanted["december"]


def test_a_constant_share_is_not_the_annual_figure() -> None:
    given, wanted = ROWS["churn-year"]
    churn = cb.OwnChurn(monthly_mean=given["monthly_mean"])
    left = 1 - float(cb.enrolled_share(churn, start="2026-01", months=13)[-1])
    assert round(left, 3) == wanted["left_within_a_year"] != wanted["printed"]
    peaked = cb.enrolled_share("commercial-2006-18-group", start="2026-01", months=13)
    assert 1 - float(peaked[-1]) == pytest.approx(wanted["printed"], abs=0.005)


def test_break_even_members() -> None:
    given, wanted = ROWS["break-even"]
    plan = cb.PlanInputs(
        **TOTALS | {"members": 1000, "members_with_oud": 100.0},
        total_cost_untreated_usd_per_member_month=given["net_saving_per_treated_member_month"],
        programme=cb.ProgrammeCosts(running_usd_per_year=given["fixed_cost_per_year"]),
        horizon_months=given["months"],
        churn=0,
    )
    case = cb.business_case(plan, defaults="2026-01")
    assert case.break_even_uptake is not None
    assert 100 * case.break_even_uptake == pytest.approx(wanted["treated_members"], rel=1e-12)


def test_whole_care_managers() -> None:
    given, wanted = ROWS["care-managers"]
    plan = cb.PlanInputs(
        **TOTALS
        | {
            "members": given["members"],
            "members_with_oud": None,
            "treated_share_target": given["uptake"],
        },
        prevalence=given["prevalence"],
        total_cost_untreated_usd_per_member_month=0.0,
        care_managers=cb.CareManagers(
            patients_per_care_manager=given["panel"], usd_per_care_manager_year=sum(given["wages"])
        ),
        horizon_months=12,
        churn=0,
    )
    case = cb.business_case(plan, defaults="2026-01")
    assert case.by_month["members_with_oud"] == pytest.approx([wanted["with_oud"]] * 12)
    assert case.by_month["treated"] == pytest.approx([wanted["treated"]] * 12)
    assert case.spending == pytest.approx(wanted["staff_cost"], rel=1e-12)
