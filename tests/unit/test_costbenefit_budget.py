"""Budget impact: its tables, uptake and places, scenarios, and what is refused."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError

LINE: Final[dict[str, Any]] = {
    "members": 100_000,
    "prevalence": 0.01,
    "share_current": {"none": 0.8, "buprenorphine": 0.2},
    "share_new": {"none": [0.7, 0.6], "buprenorphine": [0.3, 0.3], "methadone": [0.0, 0.1]},
    "cost_usd_per_patient_year": {
        "none": 0,
        "buprenorphine": {"drug": [3_000, 3_300], "visits": "$100 per patient per month"},
        "methadone": 7_000,
    },
    "condition_usd_per_patient_year": {
        "none": {"inpatient": 9_000, "ed": 1_000},
        "buprenorphine": {"inpatient": 5_000, "ed": 500},
        "methadone": {"inpatient": 5_000, "ed": 500},
    },
    "offset_usd_per_patient_year": {"buprenorphine": {"rebates": 600}},
    "programme_usd_per_year": {"training": (20_000, 0), "staff": 50_000},
    "untreated": ["none"],
    "price_year": 2025,
    "basis": "paid",
}


def worked() -> cb.BudgetImpact:
    return cb.budget_impact(lines={"Medicaid": LINE}, start="2026-07")


def test_a_budget_worked_by_hand() -> None:
    found = worked()
    # 1,000 patients; 100 more on buprenorphine, then 100 more on each.
    drug = [3_000 + 1_200 - 600, 3_300 + 1_200 - 600]
    condition = 5_500 - 10_000
    first = 100 * (drug[0] + condition) + 70_000
    second = 100 * (drug[1] + condition) + 100 * (7_000 + condition) + 50_000
    np.testing.assert_allclose(found.impact_usd, [first, second], rtol=1e-12)
    assert found.total_usd == pytest.approx(first + second)
    assert found.pmpm == pytest.approx((first + second) / 2_400_000)
    assert found.usd_per_treated_year == pytest.approx((first + second) / 700)
    assert found.by_year["treated"].tolist() == pytest.approx([300, 400])
    assert found.by_year["impact_usd_per_member_month"][0] == pytest.approx(first / 1_200_000)
    assert found.by_year["impact_usd_per_patient_year"][1] == pytest.approx(second / 1_000)


def test_tables_name_line_treatment_part_and_category() -> None:
    found = worked()
    assert found.by_line["line"].tolist() == ["Medicaid"] * 2
    assert "line" not in found.by_year
    rebates = found.detail["category"] == "rebates"
    assert found.detail["part"][rebates].tolist() == ["offset"] * 2
    assert found.detail["impact_usd"][rebates].tolist() == pytest.approx([-60_000, -60_000])
    staff = found.detail["category"] == "staff"
    assert found.detail["treatment"][staff].tolist() == ["(programme)"] * 2
    assert found.detail["current_usd"][staff].tolist() == [0, 0]
    whole = found.detail["category"][found.detail["treatment"] == "methadone"]
    assert "all" in whole.tolist()
    ed = (found.by_category["category"] == "ed") & (found.by_category["year"] == 2)
    assert found.by_category["impact_usd"][ed].tolist() == pytest.approx([-100_000])
    assert found.mix["patients_new"].tolist() == pytest.approx([700, 600, 300, 300, 0, 100])


def test_inputs_and_cautions_say_what_was_given() -> None:
    found = worked()
    told = dict(zip(found.inputs["input"], found.inputs["value"], strict=True))
    assert told["Medicaid.share_new.none"] == "0.7, 0.6"
    assert told["Medicaid.cost_usd_per_patient_year.buprenorphine.visits"] == "1200"
    assert told["Medicaid.basis"] == "paid"
    origin = dict(zip(found.inputs["input"], found.inputs["origin"], strict=True))
    assert origin["Medicaid.uptake"] == origin["Medicaid.eligible_share"] == "planning value"
    assert found.cautions == ()
    bare = cb.budget_impact(
        years=2,
        population=10,
        share_current={"a": 1},
        share_new={"a": 1},
        cost_usd_per_patient_year={"a": 5},
    )
    assert [caution.split(",")[0] for caution in bare.cautions] == [
        "all: members are not given",
        "The price year is not stated: do not add these amounts to others",
        "Costs are the same in every year: no price change is counted",
    ]
    assert bare.pmpm is None and np.isnan(bare.by_year["members"]).all()
    assert "all.eligible_share" not in bare.inputs["input"].tolist()


def test_uptake_and_places_hold_a_treatment_back() -> None:
    found = cb.budget_impact(
        population=[1_000, 1_000, 1_000],
        share_current={"a": 0.6, "b": 0.4},
        share_new={"a": 0.2, "b": 0.5, "c": 0.3},
        uptake=[0.5, 1, 1],
        most_patients={"c": [1_000, 100, 0], "b": 300},
        cost_usd_per_patient_year={"a": 0, "b": 1, "c": 2},
    )
    shares = found.mix["share_new"].reshape(3, 3)
    # b has fewer places than patients already: it gains nobody, and loses nobody either.
    np.testing.assert_allclose(shares, [[0.45, 0.5, 0.6], [0.4, 0.4, 0.4], [0.15, 0.1, 0]])
    assert found.mix["limited"].reshape(3, 3)[1:].tolist() == [[True] * 3, [False, True, True]]
    assert "all: places of c hold it back in year 2, 3" in found.cautions


def test_a_place_that_is_just_enough_holds_nobody_back() -> None:
    found = cb.budget_impact(
        years=1,
        population=890,
        share_current={"a": 1},
        share_new={"a": 0.75, "b": 0.25},
        most_patients={"b": 222.5},
        cost_usd_per_patient_year={"a": 0, "b": 1},
    )
    assert not found.mix["limited"].any()


def test_fiscal_years_have_the_name_of_their_end() -> None:
    fiscal = worked().by_fiscal_year(10)
    assert fiscal["fiscal_year"].tolist() == [2026, 2027, 2028]
    assert fiscal["months"].tolist() == [3, 12, 9]
    calendar = worked().by_fiscal_year(1)
    assert calendar["fiscal_year"].tolist() == [2026, 2027, 2028]
    assert calendar["months"].tolist() == [6, 12, 6]
    same = worked().by_fiscal_year(7)
    np.testing.assert_allclose(same["impact_usd"], worked().impact_usd)
    assert same["fiscal_year"].tolist() == [2027, 2028]
    with pytest.raises(ArgumentError, match="first_month"):
        worked().by_fiscal_year(13)
    with pytest.raises(ArgumentError, match="start: is not known"):
        cb.budget_impact(lines={"Medicaid": LINE}).by_fiscal_year(1)


def test_a_tornado_moves_each_distribution() -> None:
    costs = {
        **LINE["cost_usd_per_patient_year"],
        "methadone": {"kind": "gamma", "mean": 7_000.0, "sd": 700.0},
    }
    found = cb.budget_impact(
        **LINE
        | {
            "prevalence": {"kind": "beta", "mean": 0.01, "sd": 0.002},
            "programme_usd_per_year": {"staff": {"kind": "uniform", "low": 0.0, "high": 2.0}},
            "cost_usd_per_patient_year": costs,
        }
    )
    swings = found.tornado(level=0.9)
    assert {each.name for each in swings} == {
        "all.prevalence",
        "all.programme_usd_per_year.staff",
        "all.cost_usd_per_patient_year.methadone",
    }
    assert [each.width for each in swings] == sorted((s.width for s in swings), reverse=True)
    staff = next(each for each in swings if each.name.endswith("staff"))
    assert staff.width == pytest.approx(2 * (staff.high_input - staff.low_input), rel=1e-6)
    assert staff.at_low < found.total_usd < staff.at_high
    assert worked().tornado() == ()
    assert any("Uncertain inputs stand at their means" in each for each in found.cautions)
    with pytest.raises(ArgumentError, match="level"):
        found.tornado(level=1)


def test_scenarios_side_by_side() -> None:
    low, base, high = (
        cb.BudgetInputs(lines={"Medicaid": cb.BudgetLine(**LINE | {"uptake": uptake})}, title="x")
        for uptake in (0.5, 0.75, 1.0)
    )
    found = cb.budget_scenarios({"base": base, "low": low, "high": high})
    assert found.base == "base"
    assert found.totals["scenario"].tolist() == ["base", "low", "high"]
    totals = found.totals["total_usd"]
    np.testing.assert_allclose(found.totals["difference_usd"], totals - totals[0])
    assert found.results["high"].total_usd == pytest.approx(worked().total_usd)
    assert len(found.by_year) == 6
    with pytest.raises(ArgumentError, match="fewer than two"):
        cb.budget_scenarios({"base": base})
    with pytest.raises(ArgumentTypeError, match="scenarios"):
        cb.budget_scenarios({"base": base, "low": 3})  # type: ignore[dict-item]
    with pytest.raises(ArgumentTypeError, match="scenarios"):
        cb.budget_scenarios({"base": base, 1: base, "1": base})  # type: ignore[dict-item]
    other = cb.BudgetInputs(lines={"Medicaid": cb.BudgetLine(**LINE | {"price_year": 2020})})
    with pytest.raises(ArgumentError, match="differ in price_year: base 2025, other 2020"):
        cb.budget_scenarios({"base": base, "other": other})


def test_amounts_in_a_repr_are_signed() -> None:
    assert repr(worked()).startswith("BudgetImpact: ")
    assert "USD per member per month" in repr(worked())


def test_growth_goes_from_the_first_year() -> None:
    found = cb.budget_impact(**LINE | {"growth_per_year": 0.1})
    assert found.by_year["members"].tolist() == pytest.approx([100_000, 110_000])
    assert found.by_year["patients"].tolist() == pytest.approx([1_000, 1_100])


def test_arrays_are_years_too() -> None:
    line = LINE | {"members": np.array([100_000, 110_000])}
    assert cb.budget_impact(**line).by_year["patients"].tolist() == pytest.approx([1_000, 1_100])


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"share_new": {"none": [0.7, 0.6], "buprenorphine": 0.3}}, "sums to 0.9 in year 2"),
        ({"share_current": {"none": 0.8}}, "lines.all.share_current: sums to 0.8 in year 1"),
        (
            {"uptake": [0.5, 0.6, 0.7]},
            "lines.all.uptake has 3, lines.all.share_new.none has 2",
        ),
        ({"years": 2, "uptake": [1.0]}, "lines.all.uptake: has 1 year, the budget has 2"),
        ({"share_current": {"non": 1}}, "'non' has no cost .*; did you mean 'none'?"),
        ({"most_patients": {"naltrexone": 3}}, "most_patients: 'naltrexone' has no cost"),
        ({"condition_usd_per_patient_year": {"none": 1}}, "'buprenorphine' is missing"),
        ({"untreated": ["nobody"]}, "untreated: name some of none, buprenorphine, methadone"),
        ({"prevalence": None}, "population: give it, or members with prevalence"),
        ({"population": 3}, "population: give it, or members with prevalence"),
        ({"members": None}, "members: goes with prevalence"),
        ({"prevalence": 1.5}, "prevalence: should be less than or equal to 1"),
        ({"prevalence": {"kind": "normal", "mean": 0.5, "sd": 1.0}}, "reaches outside 0 to 1"),
        (
            {"programme_usd_per_year": {"staff": {"kind": "normal", "mean": 5.0, "sd": 1.0}}},
            "programme_usd_per_year.staff: the distribution reaches below 0",
        ),
        ({"programme_usd_per_year": {"staff": -1}}, "programme_usd_per_year.staff: should be"),
        ({"offset_usd_per_patient_year": {"none": "5 EUR"}}, "not an amount of US dollars"),
        ({"cost_usd_per_patient_year": {"none": {}}}, "cost_usd_per_patient_year.none"),
        ({"growth_per_year": 0.1, "members": (1, 2)}, "given one by one, and cannot grow"),
        ({"basis": "list"}, "basis: must be 'charge', 'allowed' or 'paid'"),
        ({"uptake": [float("nan"), 1]}, r"uptake\[0\]: should be a valid number"),
        ({"share_new": {}}, "share_new"),
        ({"cost": 3}, "cost: is not a field"),
        ({"years": 6}, "years"),
        ({"start": "2026-13"}, "start"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        cb.budget_impact(**LINE | changed)


def test_lines_of_other_money_are_not_added() -> None:
    with pytest.raises(DocumentError, match=r"price_year: lines differ, .*: a 2025, b 2020"):
        cb.budget_impact(lines={"a": LINE, "b": LINE | {"price_year": 2020}})
    with pytest.raises(DocumentError, match="basis: lines differ"):
        cb.budget_impact(lines={"a": LINE, "b": LINE | {"basis": None}})


def test_years_must_be_known() -> None:
    with pytest.raises(DocumentError, match="years: is needed"):
        cb.budget_impact(
            population=1,
            share_current={"a": 1},
            share_new={"a": 1},
            cost_usd_per_patient_year={"a": 1},
        )


def test_more_patients_than_members_are_named() -> None:
    line = {name: value for name, value in LINE.items() if name != "prevalence"}
    with pytest.raises(ArgumentError, match=r"lines\.all: has 11 patients of 10 members in year 2"):
        cb.budget_impact(**line | {"members": 10, "population": [9, 11]})


def test_inputs_are_given_once() -> None:
    inputs = cb.BudgetInputs(lines={"a": cb.BudgetLine(**LINE)})
    with pytest.raises(ArgumentError, match="fields besides"):
        cb.budget_impact(inputs, years=2)
    with pytest.raises(ArgumentTypeError, match="inputs: are no BudgetInputs"):
        cb.budget_impact({"lines": {}})  # type: ignore[arg-type]


def test_a_schema_names_every_field() -> None:
    schema = cb.BudgetInputs.model_json_schema()
    assert set(schema["$defs"]["BudgetLine"]["properties"]) == set(cb.BudgetLine.model_fields)
