"""Published figures: what editions hold and functions make of them is what each row prints.

A row of `costbenefit_figures.csv` has its inputs and answers as JSON, with its address. Numbers
that an edition holds are read from the edition, never from the row, and inputs of the row that the
edition holds are held against it too.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.figures import (
    Evidence,
    Prices,
    Programme,
    Spending,
    Study,
    Targets,
)
from opsafe.costbenefit.frontier import frontier
from opsafe.costbenefit.office_care import office_care
from opsafe.costbenefit.prices import inflate, price_index
from opsafe.costbenefit.rates import convert

ROWS: Final = {
    row["id"]: row
    for row in csv.DictReader(
        Path(__file__).with_name("costbenefit_figures.csv").read_text(encoding="utf-8").splitlines()
    )
}
Found = dict[str, Any]
Number = Decimal | Fraction


def inputs(row: str) -> Any:
    return json.loads(ROWS[row]["inputs"])


def expected(row: str) -> Any:
    return json.loads(ROWS[row]["expected"])


def results(name: str) -> Callable[[str], Decimal]:
    found = resolve(f"{name}-results", Targets, "targets")
    return lambda row: found.row(row).value


def agree(found: Any, printed: Any, rel: float = 1e-12, absolute: float = 0.0) -> None:
    """Compare numbers, and lists and mappings of them, to a tolerance."""
    if isinstance(printed, dict):
        assert set(found) == set(printed)
        for key, each in printed.items():
            agree(found[key], each, rel, absolute)
    elif isinstance(printed, list):
        for one, other in zip(found, printed, strict=True):
            agree(one, other, rel, absolute)
    elif isinstance(printed, int | float):
        assert math.isclose(float(found), printed, rel_tol=rel, abs_tol=absolute)
    else:
        assert found == printed


# ------------------------------------------------------------------------------------ prices


@pytest.mark.parametrize("row", ["CPI-01", "CPI-02"])
def test_dollars_of_another_year(row: str) -> None:
    given = inputs(row)
    found = inflate(given["amount"], given["from"], given["to"])
    agree(found.amount, expected(row)["amount"], rel=1e-12)
    table = price_index()
    held = dict(zip(table["year"].tolist(), table["value"].tolist(), strict=True))
    assert {int(year): value for year, value in given.get("index_values", {}).items()}.items() <= (
        held.items()
    )


def test_the_amount_that_is_inflated_is_in_an_edition() -> None:
    cost = resolve("lynch-2014", Spending, "spending").row("annual_cost_bup_plus_counselling")
    assert cost.value == inputs("CPI-02")["amount"]
    assert cost.dollar_year is not None
    found = inflate(float(cost.value), cost.dollar_year, 2025)
    agree(found.amount, expected("CPI-02")["amount"])


def test_services_of_office_based_treatment() -> None:
    given, printed = inputs("OBOT-01"), expected("OBOT-01")["payer_cost_per_patient_year"]
    for approach, costs in printed.items():
        for payer, cost in costs.items():
            found = office_care(approach, payer)
            agree(found.usd_per_patient_year, cost)
            agree(found.no_show_share, given["no_show"][approach])
            agree(found.services["code"].tolist(), given["codes"])
            agree(found.services["per_year"], given["visits_per_patient_year"][approach])
            agree(found.services["usd"], given["payment_per_service"][payer])


# ------------------------------------------------------------------------- programmes, spending


def test_the_first_year_is_the_sum_of_its_parts() -> None:
    found = resolve("massachusetts-2026", Programme, "programme")
    given, printed = inputs("LIT-01"), expected("LIT-01")
    names = ("one_time_fixed_startup", "time_dependent", "variable", "patients_per_month")
    fixed, time, variable, patients = (found.row(name).value for name in names)
    assert [fixed, time, variable, patients] == list(given.values())[1:]
    first, later = fixed + time + variable, time + variable
    # Within a dollar: the source prints 238,888, and its parts add up to 238,887.
    agree(first, printed["year1_per_clinic"], absolute=1)
    agree(later, printed["later_per_clinic"], absolute=1)
    agree(first / patients, printed["year1_per_patient"], absolute=1)
    agree(later / patients, printed["later_per_patient"], absolute=1)
    agree(variable / first, printed["variable_share"], absolute=1e-3)
    for row, value in (
        ("first_year_cost_per_clinic", first),
        ("later_year_cost_per_clinic", later),
    ):
        assert abs(found.row(row).value - value) <= 1


def test_charges_of_the_adherent_and_the_others() -> None:
    found = resolve("tkacz-2014", Spending, "spending")
    adherent, others = (found.row(f"total_{who}").value for who in ("adherent", "nonadherent"))
    assert {"adherent": adherent, "non_adherent": others} == inputs("LIT-20")["total"]
    agree(adherent - others, expected("LIT-20")["difference"])
    agree(adherent / others, expected("LIT-20")["ratio"])


def test_saving_of_a_hub_for_each_patient() -> None:
    found = resolve("vermont-2014", Study, "study")
    saving, patients = (
        found.row(name).value for name in ("projected_annual_saving", "projected_patients")
    )
    given = inputs("LIT-28")
    assert (saving, patients) == (given["saving"], given["patients"])
    agree(saving / patients, expected("LIT-28")["saving_per_patient"])


def test_more_adherence_from_a_blister_pack() -> None:
    shares, result = resolve("borrelli-2024", Study, "study"), results("borrelli-2024")
    before, after = (
        shares.row(name).value for name in ("adherence_before", "adherence_after_blister_pack")
    )
    assert [float(before), float(after)] == inputs("LIT-19")["adherence"]
    change, more = result("total_medical_change"), result("additional_adherent")
    printed = expected("LIT-19")
    assert more == printed["additional_adherent_published"]
    # The shares are printed with three digits: they give 820 of 10,000, not 818.
    assert abs((after - before) * 10_000 - more) <= 10
    agree(change / 10_000, printed["per_patient"], rel=1e-6)
    agree(change / more, printed["per_additional_adherent"], rel=1e-6)
    per_patient = shares.row("medical_cost_change_per_patient").value
    assert per_patient == round(change / 10_000)


# ---------------------------------------------------------------------------------- evidence


def test_rates_in_and_out_of_treatment_give_the_printed_ratio() -> None:
    found = resolve("sordo-2017", Evidence, "evidence")
    for medication, rates in inputs("LIT-21")["rates"].items():
        at = ("methadone", "buprenorphine").index(medication)
        inside, outside = (
            found.row(f"mortality_{where}_{medication}").value for where in ("in", "out")
        )
        assert [float(inside), float(outside)] == rates
        agree(outside / inside, expected("LIT-21")["ratio_from_rates"][at])
        printed = found.row(f"rr_out_vs_in_{medication}")
        agree(printed.value, expected("LIT-21")["published_ratio"][at])
        assert printed.ratio is not None
        assert math.isclose(float(1 / printed.ratio), outside / inside, rel_tol=0.01)


def test_a_relative_reduction_implies_its_ratio() -> None:
    found = resolve("wakeman-2020", Evidence, "evidence")
    rows = {
        f"{'acute' if row.event == 'acute_care' else row.event}_{row.within_months}mo": row
        for row in found.rows
    }
    agree({name: row.value for name, row in rows.items()}, inputs("LIT-26")["relative_reduction"])
    implied = expected("LIT-26")["implied_hazard_ratio"]
    agree({name: row.ratio for name, row in rows.items()}, implied)


def test_median_days_are_no_constant_hazard() -> None:
    days = resolve("gomes-2022-days", Study, "study")
    ratio = resolve("gomes-2022", Evidence, "evidence").row("hr_discontinuation_bup_vs_methadone")
    given, printed = inputs("LIT-27")["median_days"], expected("LIT-27")
    median = {
        "buprenorphine": days.row("median_days_bup").value,
        "methadone": days.row("median_days_methadone").value,
    }
    agree(median, given)
    for medication, share in printed["exponential_monthly_discontinuation"].items():
        rate = math.log(2) / float(median[medication])
        agree(convert(rate, "rate per day", "probability per month"), share)
    agree(median["methadone"] / median["buprenorphine"], printed["implied_rate_ratio"])
    agree(ratio.value, printed["published_hr"])
    assert printed["implied_rate_ratio"] > float(ratio.high or 0)


# ------------------------------------------------------------------------- results of models


def test_benefits_add_up_to_their_total() -> None:
    found, printed = results("wsipp-694"), expected("LIT-03")
    given = inputs("LIT-03")
    parts = {name: found(f"benefits_{name}") for name in given["benefits"]}
    agree(parts, given["benefits"])
    cost, total = found("net_programme_cost"), found("benefits_total")
    agree(cost, given["net_program_cost"])
    agree(total, printed["total_benefits"])
    agree(sum(parts.values()), total, absolute=1)
    agree(total - cost, printed["benefits_minus_costs"], absolute=1)
    agree(total / cost, printed["benefit_cost_ratio"], absolute=0.005)
    agree(found("benefit_cost_ratio"), printed["benefit_cost_ratio"])


def test_cost_for_each_daly_at_four_capacities() -> None:
    found, printed, given = results("idrisov-2017"), expected("LIT-07"), inputs("LIT-07")
    costs = [found(f"cost_{at}") for at in range(1, 5)]
    averted = [found(f"dalys_averted_{at}") for at in range(1, 5)]
    assert costs == given["cost"] and averted == given["dalys_averted"]
    each = [cost / dalys for cost, dalys in zip(costs, averted, strict=True)]
    agree(each, printed["cost_per_daly"], rel=1e-9)
    assert {round(cost) for cost in each} == {found("cost_per_daly")} == {printed["published"]}


def test_ratios_of_rounded_results_come_near_the_printed_ones() -> None:
    found, printed, given = results("obot-markov-2024"), expected("LIT-09"), inputs("LIT-09")
    names = {"counselling": "counselling", "bup_nx": "buprenorphine", "xr_bup": "injected"}
    costs = {name: float(found(f"cost_{ours}")) for name, ours in names.items()}
    qalys = {name: float(found(f"qaly_{ours}")) for name, ours in names.items()}
    agree(costs, given["cost"])
    agree(qalys, given["qaly"])
    icers = frontier(costs, qalys).icers
    agree(dict(icers), printed["icer_from_rounded"], rel=1e-9)
    # QALYs have two digits, which moves the first ratio by 2 % and the second by 9 %.
    agree(found("icer_buprenorphine"), printed["icer_published"]["bup_nx"])
    agree(found("icer_injected"), printed["icer_published"]["xr_bup"])
    assert math.isclose(icers["bup_nx"], found("icer_buprenorphine"), rel_tol=0.02)
    assert math.isclose(icers["xr_bup"], found("icer_injected"), rel_tol=0.10)


def test_uptake_at_syringe_programmes_dominates() -> None:
    found, printed, given = results("adams-2022"), expected("LIT-10"), inputs("LIT-10")
    now, more = "status_quo", "uptake_30"
    sector, societal, qaly, fatal = (
        [found(f"{name}_{strategy}") for strategy in (now, more)]
        for name in ("health_sector_cost", "societal_cost", "qaly", "fatal_overdoses")
    )
    agree(sector, given["health_sector_cost"])
    agree(societal, given["limited_societal_cost"])
    agree(qaly, given["qaly"])
    agree(fatal, given["fatal_overdoses"])
    agree(sector[1] - sector[0], printed["incremental_cost_health_sector"])
    agree(societal[1] - societal[0], printed["incremental_cost_societal"])
    agree(qaly[1] - qaly[0], printed["incremental_qaly"])
    averted = fatal[0] - fatal[1]
    agree(averted, printed["deaths_averted"])
    agree(averted / fatal[0], printed["averted_share"], absolute=5e-4)
    agree(found("fatal_overdoses_averted_share"), printed["averted_share"])
    for costs in (sector, societal):
        status = frontier([float(cost) for cost in costs], [float(each) for each in qaly],
                          strategies=[now, more]).status  # fmt: skip
        assert dict(status) == {now: "D", more: "ND"}


def test_an_implant_that_costs_less_and_gains_more_dominates() -> None:
    found, printed, given = (
        results("buprenorphine-implant-2017"),
        expected("LIT-18"),
        inputs("LIT-18"),
    )
    cost, qaly = found("cost_difference"), found("qaly_difference")
    agree([cost, qaly], [given["delta_cost"], given["delta_qaly"]])
    agree([worth * qaly - cost for worth in given["wtp"]], printed["inmb"])
    status = frontier(
        {"tablets": 0.0, "implant": float(cost)}, {"tablets": 0.0, "implant": float(qaly)}
    )
    assert printed["status"] == "dominant"
    assert dict(status.status) == {"tablets": "D", "implant": "ND"}


def test_a_ratio_and_a_gain_imply_the_difference_in_cost() -> None:
    found, printed = results("qian-2024"), expected("LIT-23")
    gain, ratio = found("qaly_gain"), found("cost_per_qaly")
    agree([gain, ratio], [printed["qaly_gain"], printed["cost_per_qaly"]])
    agree(gain * ratio, printed["implied_delta_cost"])
    better = found("qaly_gain_20_percent_more_retention")
    agree(better, printed["qaly_gain_20pct_more_retention"])


# ---------------------------------------------------- results that cannot be computed again


def test_results_that_cannot_be_computed_again_are_kept_as_printed() -> None:
    murphy, krebs = results("murphy-2019"), results("krebs-2018")
    printed = expected("LIT-14")
    agree(murphy("cost_difference_24_weeks"), printed["delta_cost_24w"])
    agree(murphy("cost_difference_36_weeks"), printed["delta_cost_36w"])
    printed = expected("LIT-15")
    agree(krebs("cost_difference"), printed["delta_cost"])
    agree(krebs("qaly_difference"), printed["delta_qaly"])
    agree(krebs("probability_dominant"), printed["p_dominant"])
    busch = resolve("busch-2017", Spending, "spending")
    cost = {
        "bup": busch.row("ed_bup_30d_cost").value,
        "brief": busch.row("ed_brief_intervention_30d_cost").value,
        "referral": busch.row("ed_referral_30d_cost").value,
    }
    agree(cost, inputs("LIT-17")["cost"])
    assert min(cost, key=lambda arm: cost[arm]) == expected("LIT-17")["cheapest"]
    claypool, printed = results("claypool-2023"), expected("LIT-22")
    agree(claypool("cost_per_qaly_combined"), printed["icer_health_care_combined_strategy"])
    averted = claypool("deaths_averted_contingency_management")
    agree(averted, printed["deaths_averted_contingency_management_12y"])
    day = results("jackson-2015")("cost_per_opioid_free_day")
    agree(day, expected("LIT-24")["icer_xrntx_vs_mmt_per_opioid_free_day"])
    interim, printed = results("interim-methadone-2014"), expected("LIT-25")
    agree(interim("net_benefit"), printed["net_benefit"])
    agree(interim("benefit_cost_ratio"), printed["benefit_cost_ratio"])


def test_prices_by_the_week_make_the_years_that_are_printed() -> None:
    # 6,552 and 5,980 are printed beside 126 and 115 a week; 14,112 beside 1,176.50 a month is not
    # twelve times that, and stands in the edition's note.
    found = resolve("nida-2016", Prices, "prices")
    assert found.row("cost_methadone_week").value * 52 == 6552
    assert found.row("cost_buprenorphine_week").value * 52 == 5980
    assert found.row("cost_xr_naltrexone_month").value * 12 == 14118
