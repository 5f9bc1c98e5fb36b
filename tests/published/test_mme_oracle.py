"""Answers that others printed, computed again: every row that asks a well-posed question passes.

`mme_oracle.csv` has a row for each answer: who gave it, at which address, for which drugs, with
which tolerance. Rows with ``asserted = yes`` must come out; the others are kept as examples of what
opsafe does not do, with the reason in ``why``, and those whose outcome is clear are tested below.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from opsafe import mme
from opsafe.errors import ArgumentError, DimensionError, EditionNotFoundError, OpsafeError
from opsafe.mme.reasons import Reason
from tests import tables

Row: TypeAlias = dict[str, str]

ROWS: list[Row] = list(
    csv.DictReader(
        Path(__file__).with_name("mme_oracle.csv").read_text(encoding="utf-8").splitlines()
    )
)
BY_ID = {row["id"]: row for row in ROWS}
START = date(2020, 1, 1)

EDITIONS = {
    "CDC_2016_guideline": "cdc-2016",
    "CDC_2022_guideline": "cdc-2022",
    # Buccal fentanyl at .13 is the benchmark's own; every asserted row does without it.
    "CDC_2022_guideline (+ fentanyl buccal .13)": "cdc-2022",
    "CDC_NDC_2018": "cdc-file-2018",
    "CMS_PartD_2015-03": "cms-2015-03",
    "NIH_HEAL_2024": "nih-heal-2024",
    # Buprenorphine is left out unless it is asked for.
    "NIH_HEAL_2024 without buprenorphine": "nih-heal-2024",
}
# The source's words for a product, as ingredient and form; the route stands in its own column.
PRODUCTS: dict[str, tuple[str, str | None]] = {
    "buprenorphine buccal film": ("buprenorphine", "film"),
    "codeine": ("codeine", None),
    "fentanyl": ("fentanyl", "patch"),
    "fentanyl patch": ("fentanyl", "patch"),
    "fentanyl buccal": ("fentanyl", "tablet"),
    "hydrocodone": ("hydrocodone", None),
    "hydromorphone": ("hydromorphone", None),
    "hydromorphone ER": ("hydromorphone", "tablet"),
    "levorphanol": ("levorphanol", None),
    "methadone": ("methadone", None),
    "morphine": ("morphine", None),
    "morphine ER": ("morphine", "tablet"),
    "oxycodone": ("oxycodone", None),
    "oxycodone ER": ("oxycodone", "tablet"),
    "oxymorphone": ("oxymorphone", None),
    "tapentadol": ("tapentadol", None),
    "tramadol": ("tramadol", None),
    "tramadol ER": ("tramadol", "tablet"),
}
# Sums whose lines are told in the source's own sentence only: drug, route, strength, a day.
TOLD: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "mcp-s1": (("morphine", "oral", "30 mg", "1"), ("oxycodone", "oral", "10 mg", "1")),
    "mcp-s3": (("fentanyl", "transdermal", "25 mcg/h", ""), ("oxycodone", "oral", "10 mg", "1")),
}
EXPOSURE = {
    "total": "total_mme",
    "line_total": "total_mme",
    "days_supply": "days_supply",
    "D1": "mme_per_supply_day",
    "D2": "mme_per_covered_day",
    "D3": "mme_per_window_day",
    "D4": "mme_maximum_day",
}


def rows(*measures: str, asserted: str = "yes") -> list[Any]:
    """Return the rows of these measures as parameters named by their id."""
    return [
        pytest.param(row, id=row["id"])
        for row in ROWS
        if row["asserted"] == asserted and row["measure"] in measures
    ]


def lines_of(case: str) -> list[Row]:
    """Return the single drugs of a case, those that can be asked for."""
    found = [
        row for row in ROWS if (row["case"], row["asserted"]) == (case, "yes") and row["strength"]
    ]
    if found or case not in TOLD:
        return found
    names = ("drug", "route", "strength", "per_day")
    empty = dict.fromkeys(ROWS[0], "")
    return [{**empty, **dict(zip(names, told, strict=True))} for told in TOLD[case]]


def dose(row: Row) -> mme.Dose:
    ingredient, form = PRODUCTS[row["drug"]]
    amounts: dict[str, Any] = {}
    if row["quantity"]:
        amounts = {"quantity": Decimal(row["quantity"]), "days_supply": int(row["days_supply"])}
    elif row["per_day"] and row["route"] != "transdermal":
        amounts = {"per_day": Decimal(row["per_day"])}
    return mme.Dose(ingredient, row["strength"], route=row["route"], form=form, **amounts)


def fill(row: Row) -> dict[str, Any]:
    """Write a line as a fill of one member; without a start day all start together."""
    ingredient, form = PRODUCTS[row["drug"]]
    supply = int(row["days_supply"])
    first = START + timedelta(int(row["start_day"] or 1) - 1)
    if row["quantity"]:
        quantity = Decimal(row["quantity"])
    elif row["route"] == "transdermal":
        # One patch at a time. Seven days are two patches and a third, which nobody dispenses:
        # three patches that began two days before the window have seven days inside.
        patches = -(-supply // 3)
        first -= timedelta(3 * patches - supply)
        quantity, supply = Decimal(patches), 3 * patches
    else:
        quantity = Decimal(row["per_day"]) * supply
    return {
        "member_id": "one",
        "fill_date": first,
        "ingredient": ingredient,
        "route": row["route"],
        "form": form,
        "strength": row["strength"],
        "unit": None,
        "quantity": quantity,
        "days_supply": supply,
    }


def member(lines: list[Row], window_days: int | None, **more: Any) -> dict[str, Any]:
    """Return the one member's columns, over a window or from the first day on."""
    end = START + timedelta(window_days - 1) if window_days else None
    edition = EDITIONS[lines[0]["factors"]]
    fills = [fill(line) for line in lines]
    result = mme.exposure(fills, edition=edition, start=START, end=end, **more)
    (row,) = tables.rows_of(result.members)
    return row


def agree(found: float | None, row: Row) -> None:
    """Compare with the answer as printed, and with the exact one where the print is rounded."""
    assert found is not None
    # The oracle prints the tolerance that its own rounding asks for.
    assert abs(Fraction(Decimal(repr(found))) - Fraction(row["answer"])) <= Fraction(
        row["tolerance"]
    )
    if row["exact"]:
        assert found == float(row["exact"])


# ---------------------------------------------------------------------------- what must pass


def test_every_well_posed_row_is_asked_somewhere() -> None:
    asked = rows("daily") + rows("daily_sum") + rows(*EXPOSURE)
    assert len(asked) == sum(row["asserted"] == "yes" for row in ROWS) == 142
    assert all(row["address"] and row["answered_by"] for row in ROWS)
    assert all(row["why"] for row in ROWS if row["asserted"] == "no")


@pytest.mark.parametrize("row", rows("daily"))
def test_daily(row: Row) -> None:
    answer = mme.regimen([dose(row)], edition=EDITIONS[row["factors"]])
    (part,) = answer.parts
    agree(part.mme_per_day, row)
    agree(answer.mme_per_day, row)


@pytest.mark.parametrize("row", rows("daily_sum"))
def test_regimen(row: Row) -> None:
    doses = [dose(line) for line in lines_of(row["case"])]
    assert len(doses) > 1
    agree(mme.regimen(doses, edition=EDITIONS[row["factors"]]).mme_per_day, row)


@pytest.mark.parametrize("row", rows("line_total"))
def test_one_fill(row: Row) -> None:
    if row["drug"].startswith("buprenorphine"):
        included = member([row], None, buprenorphine="include")
        agree(included["total_mme_with_buprenorphine"], row)
        assert included["total_mme"] is None
    else:
        agree(member([row], None)["total_mme"], row)


@pytest.mark.parametrize("row", rows("total", "days_supply", "D1", "D2", "D4"))
def test_fills_of_one_member(row: Row) -> None:
    agree(member(lines_of(row["case"]), None)[EXPOSURE[row["measure"]]], row)


@pytest.mark.parametrize("row", rows("D3"))
def test_fills_of_one_member_over_a_window(row: Row) -> None:
    columns = member(lines_of(row["case"]), int(row["window_days"]))
    assert columns["window_days"] == int(row["window_days"])
    if row["why"]:
        agree(columns["dispensed_mme"] / columns["window_days"], row)
    else:
        agree(columns["mme_per_window_day"], row)


# ------------------------------------------------------------------- what opsafe does not do


@pytest.mark.parametrize("drug", ["cyclobenzaprine", "alprazolam"])
def test_a_drug_that_is_no_opioid_is_refused_and_not_zero(drug: str) -> None:
    assert BY_ID["MME0016"]["drug"] == "cyclobenzaprine; alprazolam"
    with pytest.raises(ArgumentError):
        mme.daily(drug, "10 mg", per_day=1, edition="cdc-2016")


def test_supply_beyond_the_window_is_not_in_the_mean_over_the_window() -> None:
    row = BY_ID["MME0087"]
    columns = member(lines_of(row["case"]), int(row["window_days"]))
    assert columns["dispensed_mme"] / 5 == float(row["answer"]) == 450
    assert columns["mme_per_window_day"] == 225


@pytest.mark.parametrize(
    "row", [r for r in rows("D2", asserted="no") if r.values[0]["case"] != "mmq-readme-without"]
)
def test_covered_days_come_from_dates_and_not_from_what_a_user_types(row: Row) -> None:
    lines = lines_of(row["case"])
    columns = member(lines, None)
    longest = max(int(line["days_supply"]) for line in lines)
    assert columns["covered_days"] == longest
    assert columns["mme_per_covered_day"] < float(row["answer"])


@pytest.mark.parametrize("row", rows("mean_of_prescriptions", asserted="no"))
def test_the_mean_of_prescriptions_is_not_the_maximum(row: Row) -> None:
    columns = member(lines_of(row["case"]), int(row["window_days"]))
    lines = [member([line], None)["mme_maximum_day"] for line in lines_of(row["case"])]
    assert abs(sum(lines) / len(lines) - float(row["answer"])) <= float(row["tolerance"])
    assert columns["mme_maximum_day"] >= max(lines)


def test_a_drug_without_a_factor_makes_a_lower_bound() -> None:
    buccal = BY_ID["MME0263"]
    doses = [dose(line) for line in [*lines_of("mcb-989"), buccal]]
    answer = mme.regimen(doses, edition="cdc-2022")
    assert answer.mme_per_day == 462
    assert answer.is_lower_bound
    assert answer.reasons == (("fentanyl", Reason.NO_FACTOR),)


@pytest.mark.parametrize("row_id", ["MME0303", "MME0308"])
def test_a_patch_in_mg_several_times_a_day_is_refused(row_id: str) -> None:
    row = BY_ID[row_id]
    with pytest.raises(DimensionError):
        mme.daily(
            "fentanyl",
            row["strength"],
            per_day=int(row["per_day"]),
            route="transdermal",
            edition="cdc-2022",
        )


def test_the_2016_guideline_has_no_tramadol() -> None:
    row = BY_ID["MME0239"]
    answer = mme.daily("tramadol", row["strength"], per_day=1, edition="cdc-2016")
    assert answer.mme_per_day is None
    assert answer.reason is Reason.NO_FACTOR


@pytest.mark.parametrize("row_id", ["MME0236", "MME0239"])
def test_the_2022_guideline_differs_from_what_another_calculator_calls_it(row_id: str) -> None:
    row = BY_ID[row_id]
    answer = mme.daily(row["drug"], row["strength"], per_day=1, edition="cdc-2022").mme_per_day
    assert answer is not None
    assert answer > float(row["answer"])


def test_a_strength_without_an_amount_a_day_is_not_a_daily_dose() -> None:
    row = BY_ID["MME0252"]
    with pytest.raises(ArgumentError):
        mme.daily(row["drug"], row["strength"], edition="cms-2018-02-linear")


def test_an_injection_is_refused() -> None:
    row = BY_ID["MME0036"]
    with pytest.raises(OpsafeError):
        mme.daily(
            "fentanyl", row["strength"], per_day=1, route="parenteral", edition="cdc-file-2010"
        )


def test_covered_days_include_both_ends() -> None:
    assert BY_ID["MME0338"]["answer"] == "233"
    first, last = date(2012, 5, 9), date(2012, 12, 28)
    fills = [
        {
            "member_id": "one",
            "fill_date": first,
            "ingredient": "oxycodone",
            "route": "oral",
            "strength": "10 mg",
            "unit": None,
            "quantity": 234,
            "days_supply": 234,
        }
    ]
    (columns,) = tables.rows_of(mme.exposure(fills, edition="cdc-2022").members)
    assert (columns["covered_days"], columns["first_day"], columns["last_day"]) == (
        234,
        first,
        last,
    )


@pytest.mark.parametrize(
    "factors",
    sorted({r["factors"] for r in ROWS if r["why"] == "this set of factors is not shipped"}),
)
def test_sets_that_are_not_shipped_are_no_editions(factors: str) -> None:
    if factors not in EDITIONS:
        with pytest.raises(EditionNotFoundError):
            mme.edition(factors)


def test_a_sum_of_a_set_that_is_not_shipped_differs_only_by_its_factors() -> None:
    """COSRI's 105 is two morphine fills, on which every shipped edition agrees with it."""
    assert BY_ID["MME0065"]["answer"] == "105"
    doses = [mme.Dose("morphine", "15 mg", per_day=3), mme.Dose("morphine", "30 mg", per_day=2)]
    for edition in mme.editions():
        assert mme.regimen(doses, edition=edition).mme_per_day == 105
