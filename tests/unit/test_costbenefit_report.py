"""The report: what it answers, what it says it does not, and that it is the same twice."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.costbenefit._report_answers import SECTIONS
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.uncertainty import Uniform

GAPS = {"Not Reported", "Not Applicable"}


def case(draws: int = 0, **changes: Any) -> cb.BusinessCase:
    fields: dict[str, Any] = {
        "start": "2026-01",
        "members": 100_000,
        "prevalence": 0.0089,
        "treated_share_now": 0.10,
        "treated_share_target": 0.25,
        "ramp_months": 12,
        "savings": "total_cost",
        "basis": "paid",
        "total_cost_treated_usd_per_member_month": 1500.0,
        "total_cost_untreated_usd_per_member_month": 1900.0,
        "programme": cb.ProgrammeCosts(start_up_usd=100_000.0),
        "horizon_months": 24,
        "churn": 0,
        "price_year": 2025,
    }
    plan = cb.PlanInputs(**{**fields, **changes})
    return cb.business_case(plan, defaults="2026-01", draws=draws, seed=1)


def deaths() -> dict[str, Any]:
    return {
        "baseline": (cb.BaselineRate(event="death", events=20.0, per="1000 member-years"),),
        "evidence": (
            cb.Effect(event="death", ratio=0.5, scope="while_on_treatment", design="cohort"),
        ),
    }


def run() -> cb.Outcomes:
    noise = np.linspace(-1, 1, 50)
    return cb.Outcomes(
        ("as now", "treat more"),
        np.array([900 + noise, 1_200 + noise]),
        np.array([5 + 0 * noise, 5.1 + 0.05 * noise]),
    )


def budget(**changes: Any) -> cb.BudgetImpact:
    fields: dict[str, Any] = {
        "population": (1_000, 1_100),
        "share_current": {"none": 0.8, "buprenorphine": 0.2},
        "share_new": {"none": 0.7, "buprenorphine": 0.3},
        "cost_usd_per_patient_year": {"none": 0, "buprenorphine": 6_000},
    }
    return cb.budget_impact(**{**fields, **changes})


def answers(found: cb.Report) -> dict[int, str]:
    return dict(zip(found.cheers["item"].tolist(), found.cheers["answer"].tolist(), strict=True))


def elements(found: cb.Report) -> dict[str, str]:
    table = found.budget_elements
    return dict(zip(table["element"].tolist(), table["answer"].tolist(), strict=True))


# ------------------------------------------------------------------------------ tables


def test_the_tables_have_the_same_columns_whatever_was_put_in() -> None:
    reports = [
        cb.report(title="t", case=case()),
        cb.report(title="t", run=run(), thresholds=[50_000]),
        cb.report(title="t", budget=budget()),
        cb.report(title="t", case=case(200, **deaths()), run=run(), budget=budget()),
    ]
    for name in ("outcomes", "money", "by_year", "categories", "budget", "strategies", "decision",
                 "drivers", "conventions", "inputs", "cheers", "budget_elements"):  # fmt: skip
        assert len({getattr(each, name).keys() for each in reports}) == 1, name


def test_the_figures_are_those_of_the_results() -> None:
    whole = case(200, total_cost_treated_usd_per_member_month=Uniform(low=1_200.0, high=1_800.0),
                 **deaths())  # fmt: skip
    found = cb.report(title="t", case=whole, run=run(), budget=budget(), thresholds=[0, 1e6])
    money = dict(zip(found.money["figure"].tolist(), found.money["value"].tolist(), strict=True))
    assert money["net saving, USD"] == whole.net_saving
    assert found.outcomes["averted"][0] == whole.averted("death")
    # Low and high of the draws stand beside the figures that have draws.
    low, high = found.money["low"][0], found.money["high"][0]
    assert low < whole.net_saving < high
    assert found.budget["impact_usd"].tolist() == budget().impact_usd.tolist()
    assert found.decision["best"].tolist() == ["as now", "treat more"]
    assert found.decision["evpi_usd"].tolist() == cb.evpi(run(), [0, 1e6]).value_usd.tolist()
    swing = whole.tornado()[0]
    assert found.drivers["usd_at_low"].tolist()[0] == swing.at_low
    assert found.drivers["input"].tolist() == ["total_cost_treated_usd_per_member_month"]


def test_a_figure_that_is_not_there_says_why() -> None:
    found = cb.report(title="t", case=case())
    rows = dict(zip(found.money["figure"].tolist(), found.money["why_not"].tolist(), strict=True))
    assert rows["net present value, USD"] == "no discount rate is given"
    assert rows["net saving, USD"] == ""
    assert np.isnan(found.outcomes["averted"]).all() and all(found.outcomes["why_not"])


def test_inputs_keep_origin_and_source_and_name_their_part() -> None:
    found = cb.report(title="t", case=case(churn="commercial-2006-18"), budget=budget())
    assert set(found.inputs["of"].tolist()) == {"business case", "budget impact"}
    assert "planning value" in found.inputs["origin"].tolist()
    assert any("Fang" in source for source in found.inputs["source"].tolist())
    assert {each.id for each in found.editions} >= {"2026-01", "commercial-2006-18"}


def test_cautions_are_told_once() -> None:
    found = cb.report(title="t", case=case(), budget=budget(), run=run())
    assert len(set(found.cautions)) == len(found.cautions)
    assert set(case().cautions) | set(budget().cautions) <= set(found.cautions)
    assert any("their inputs are not told here" in each for each in found.cautions)


def test_one_draw_decides_nothing_and_that_is_said() -> None:
    one = cb.Outcomes(("a", "b"), np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]]))
    found = cb.report(title="t", run=one, thresholds=[5])
    assert len(found.decision) == 0
    assert any("one draw" in each for each in found.cautions)


# ------------------------------------------------------------------------------ checklists


def test_what_nobody_can_say_is_not_reported() -> None:
    said = answers(cb.report(title="t", case=case()))
    assert {item for item, answer in said.items() if answer == "Not Reported"} == {
        2, 3, 4, 6, 18, 19, 20, 21, 24, 25, 27, 28,
    }  # fmt: skip
    assert {item for item, answer in said.items() if answer == "Not Applicable"} == {11, 12, 13}
    assert said[1] == "t" and said[8] == "The health plan that pays"
    assert said[10] == "No rate is given, and nothing is discounted"


def test_draws_outcomes_and_lines_answer_more() -> None:
    more = case(200, discount_rate=0.03, line_of_business="Medicaid",
                total_cost_treated_usd_per_member_month=Uniform(low=1.0, high=2.0),
                **deaths())  # fmt: skip
    said = answers(cb.report(title="t", case=more))
    assert said[6] == "Medicaid members of a health plan"
    assert said[10] == "3% a year, effective, for present values only"
    assert said[11] == "Averted: death"
    assert said[20] == "200 draws, seed 1"
    assert said[24] == "Section Money; Section What moves the result"
    assert not {said[item] for item in (12, 22, 23)} & GAPS


def test_parts_answer_together() -> None:
    said = answers(cb.report(title="t", case=case(), run=run(), budget=budget()))
    assert said[11] == "Effects of strategies, in one unit"
    assert said[9] == "24 months from 2026-01; 2 years"
    assert said[13] == "Not Applicable"


def test_every_section_that_is_named_is_there() -> None:
    found = cb.report(title="t", case=case(), run=run(), budget=budget(), thresholds=[1])
    text = found.to_markdown()
    named = " ".join([*answers(found).values(), *elements(found).values()])
    for heading in SECTIONS.values():
        if f"ection {heading}" in named:
            assert f"\n## {heading}\n" in text


def test_own_answers_stand_in_place() -> None:
    said = answers(cb.report(title="t", case=case(), answers={8: "society", 27: "a\n grant"}))
    assert said[8] == "society" and said[27] == "a grant"


def test_a_budget_impact_answers_its_elements() -> None:
    found = elements(cb.report(title="t", budget=budget()))
    assert found["Eligible population"] == "1,000, 1,100 patients by year"
    assert found["Population that changes over time"] == "Patients differ by year"
    assert found["Validation"] == found["Sensitivity analysis"] == "Not Reported"
    assert found["Change in other costs of the condition"] == "Not Reported"
    more = elements(cb.report(title="t", budget=budget(
        population=Uniform(low=900.0, high=1_100.0), years=2, uptake=0.5,
        condition_usd_per_patient_year={"none": 9_000, "buprenorphine": 7_000},
    )))  # fmt: skip
    assert more["Population that changes over time"] == "Not Reported"
    for element in ("Sensitivity analysis", "Limits of access, and uptake",
                    "Change in other costs of the condition"):  # fmt: skip
        assert more[element].startswith("Section ")
    none = elements(cb.report(title="t", case=case()))
    assert set(none.values()) == {"Not Applicable"}


# ------------------------------------------------------------------------------ texts


def test_outcomes_come_first_and_the_same_results_give_the_same_text() -> None:
    first, again = (
        cb.report(title="t", case=case(100, **deaths()), run=run(), budget=budget())
        for _ in range(2)
    )
    text = first.to_markdown()
    assert text == again.to_markdown() and first.to_json() == again.to_json()
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings[:2] == ["Outcomes", "Money"]
    assert headings == [each for each in SECTIONS.values() if each in headings]
    assert headings[-2:] == [SECTIONS["cheers"], SECTIONS["budget_elements"]]


def test_json_holds_every_table_and_null_for_what_is_missing() -> None:
    found = cb.report(title="t", case=case(), run=run(), budget=budget(), thresholds=[1])
    record = json.loads(found.to_json())
    assert record["money"][0]["value"] == case().net_saving
    assert record["money"][0]["low"] is None
    assert len(record["cheers"]) == 28 and record["schema_version"] == 1
    assert {each["id"] for each in record["editions"]} >= {"2026-01"}


def test_a_page_shows_the_same_without_markup_of_the_caller() -> None:
    found = cb.report(title="<b>|*", case=case())
    assert found._repr_html_().startswith("<h2>&lt;b&gt;|*</h2>")
    assert found.to_markdown().startswith("# \\<b\\>\\|\\*\n")
    assert repr(found).splitlines()[1] == "  Outcomes"


def test_tables_become_frames() -> None:
    found = cb.report(title="t", case=case())
    assert found.cheers.to_pandas().shape == (28, 4)
    assert found.money.to_polars().columns[0] == "figure"


@pytest.mark.parametrize(
    "changes, where, error",
    [
        ({"title": ""}, "title", ArgumentTypeError),
        ({"title": 5}, "title", ArgumentTypeError),
        ({"case": None}, "case, run, budget", ArgumentError),
        ({"case": {}}, "case", ArgumentTypeError),
        ({"budget": 5}, "budget", ArgumentTypeError),
        ({"run": {}}, "run", ArgumentTypeError),
        ({"thresholds": [1]}, "thresholds", ArgumentError),
        ({"run": run(), "thresholds": [-1]}, "thresholds", ArgumentError),
        ({"run": run(), "thresholds": "many"}, "thresholds", ArgumentTypeError),
        ({"answers": {29: "a"}}, "answers", ArgumentError),
        ({"answers": [1]}, "answers", ArgumentTypeError),
    ],
    ids=[
        "empty",
        "number",
        "nothing",
        "case",
        "budget",
        "run",
        "no run",
        "negative",
        "text",
        "item",
        "list",
    ],
)
def test_what_cannot_be_reported_is_refused(
    changes: Any, where: str, error: type[Exception]
) -> None:
    given: dict[str, Any] = {"title": "t", "case": case()}
    with pytest.raises(error) as refused:
        cb.report(**{**given, **changes})
    assert isinstance(refused.value, OpsafeError) and refused.value.where == where
