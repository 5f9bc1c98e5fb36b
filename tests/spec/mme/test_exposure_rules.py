"""The rules that decide numbers in `mme.exposure`, one small test for each.

The name of a test is the rule. A fill is oxycodone 10 mg, 120 tablets for 30 days from 1 January
2026, which is 60 MME a day in the CDC guideline of 2022, unless the test says otherwise.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from opsafe import mme
from opsafe.errors import OpsafeError
from opsafe.mme.factors import Tier, TieredFactor
from tests import tables

JANUARY = date(2026, 1, 1)
EDITIONS = [edition.id for edition in mme.editions()]


def fill(**changes: Any) -> dict[str, Any]:
    usual = {
        "member_id": "m",
        "fill_date": JANUARY,
        "ingredient": "oxycodone",
        "route": "oral",
        "form": "tablet",
        "strength": 10.0,
        "unit": "mg",
        "quantity": 120.0,
        "days_supply": 30,
        "status": "paid",
    }
    return usual | changes


def opioid(name: str, **changes: Any) -> dict[str, Any]:
    return fill(ingredient=name, **changes)


def methadone(milligrams: float, **changes: Any) -> dict[str, Any]:
    """One tablet a day."""
    return opioid("methadone", strength=milligrams, quantity=30.0, **changes)


def patch(micrograms_per_hour: float, quantity: float, days: int, **changes: Any) -> dict[str, Any]:
    amounts = {"strength": micrograms_per_hour, "quantity": quantity, "days_supply": days}
    usual = {"route": "transdermal", "form": "patch", "unit": "mcg/h", **amounts}
    return fill(ingredient="fentanyl", **usual) | changes


def fentanyl(route: str, form: str | None, unit: str = "mcg") -> dict[str, Any]:
    return opioid("fentanyl", route=route, form=form, unit=unit, strength=100.0)


def ask(*fills: dict[str, Any], edition: Any = "cdc-2022", **arguments: Any) -> mme.Exposure:
    return mme.exposure(list(fills), edition=edition, **arguments)


def member(*fills: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    (row,) = tables.rows_of(ask(*fills, **arguments).members)
    return row


def codes(*fills: dict[str, Any], **arguments: Any) -> list[str]:
    return [row["code"] for row in tables.rows_of(ask(*fills, **arguments).set_aside)]


def flags(*fills: dict[str, Any], **arguments: Any) -> list[str]:
    return [row["code"] for row in tables.rows_of(ask(*fills, **arguments).flags)]


def january(day: int) -> date:
    return JANUARY + timedelta(day - 1)


# ------------------------------------------------------------- what counts and what does not


def test_every_member_of_the_input_is_in_members() -> None:
    result = ask(fill(), fill(member_id="n", days_supply=0), opioid("lisinopril", member_id="o"))
    assert list(tables.by_member(result.members)) == ["m", "n", "o"]


def test_no_factor_is_not_zero() -> None:
    columns = member(opioid("dihydrocodeine"))
    assert codes(opioid("dihydrocodeine")) == ["NO_FACTOR"]
    apart = {"mme_is_lower_bound"}
    found = {name: value for name, value in columns.items() if "mme" in name and name not in apart}
    assert set(found.values()) == {None}
    assert columns["days_at_least_90"] is None
    assert columns["mme_is_lower_bound"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ingredient": "dihydrocodeine"},
        {"ingredient": "zebrafentanyl"},
        {"ingredient": None},
        {"ingredient": "buprenorphine"},
        {"route": "parenteral"},
        {"days_supply": 0},
        {"strength": None},
        {"status": "under review"},
    ],
)
def test_an_opioid_row_set_aside_makes_a_lower_bound(changes: dict[str, Any]) -> None:
    columns = member(fill(), fill(**changes))
    assert columns["mme_is_lower_bound"]
    assert columns["mme_maximum_day"] == 60


@pytest.mark.parametrize("status", ["rejected", "denied", "reversed"])
def test_rows_that_never_were_paid_make_no_lower_bound(status: str) -> None:
    columns = member(fill(), fill(fill_id="a", status=status))
    assert not columns["mme_is_lower_bound"]
    assert columns["rows_set_aside"] == 1


def test_a_duplicate_makes_no_lower_bound() -> None:
    assert not member(fill(fill_id="a"), fill(fill_id="a"))["mme_is_lower_bound"]


def test_another_drug_makes_no_lower_bound() -> None:
    assert not member(fill(), opioid("lisinopril"))["mme_is_lower_bound"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_buprenorphine_is_left_out_by_default_in_every_edition(edition: str) -> None:
    row = opioid("buprenorphine", route="sublingual", strength=8.0)
    assert codes(row, edition=edition) == ["BUPRENORPHINE_EXCLUDED"]


def test_buprenorphine_included_stands_beside_and_never_feeds_thresholds() -> None:
    row = opioid("buprenorphine", route="sublingual", strength=8.0, quantity=60.0)
    columns = member(fill(), row, edition="nih-heal-2024", buprenorphine="include")
    assert columns["mme_maximum_day"] == 60
    assert columns["days_at_least_90"] == 0
    assert columns["mme_maximum_day_with_buprenorphine"] == 60 + 2 * 8 * 38.8


def test_the_columns_with_buprenorphine_are_null_without_it() -> None:
    columns = member(fill())
    assert {columns[name] for name in columns if name.endswith("_with_buprenorphine")} == {None}


def test_days_of_buprenorphine_alone_are_in_no_denominator() -> None:
    row = opioid("buprenorphine", route="sublingual", strength=8.0, fill_date=january(31))
    columns = member(fill(), row, edition="nih-heal-2024", buprenorphine="include")
    assert (columns["days_supply"], columns["covered_days"]) == (30, 30)
    assert columns["mme_per_covered_day"] == 60
    assert columns["covered_days_with_buprenorphine"] == 60


def test_methadone_40_mg_tablets_are_for_opioid_use_disorder() -> None:
    assert codes(methadone(40)) == ["MOUD_PRODUCT"]
    assert member(methadone(40), moud_products="include")["mme_maximum_day"] == 188
    assert codes(methadone(10)) == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_parenteral_rows_are_set_aside_in_every_edition(edition: str) -> None:
    row = opioid("morphine", route="parenteral", form="injection", unit="mg/mL")
    assert codes(row, edition=edition) == ["PARENTERAL"]


@pytest.mark.parametrize(
    "route, form, expected",
    [
        ("transmucosal", "lozenge", 13),
        ("buccal", "tablet", 13),
        ("sublingual", "tablet", 13),
        ("buccal", "film", 18),
        ("sublingual", "oral spray", 18),
        ("nasal", "nasal spray", 16),
        ("buccal", "Buccal Tablet", 13),
        ("sublingual", "Sublingual Tablet", 13),
        ("buccal", "Buccal Film", 18),
        ("sublingual", "Mucosal Spray", 18),
        ("nasal", "Nasal Spray", 16),
    ],
)
def test_fentanyl_has_a_factor_for_each_form(route: str, form: str, expected: float) -> None:
    unit = "mcg/actuation" if "spray" in form.casefold() else "mcg"
    row = fentanyl(route, form, unit) | {"quantity": 30.0}
    assert member(row, edition="cdc-file-2018")["mme_maximum_day"] == expected


def test_fentanyl_other_than_a_patch_needs_its_form() -> None:
    assert codes(fentanyl("buccal", None), edition="cdc-file-2018") == ["FORM_REQUIRED"]


@pytest.mark.parametrize(
    "route, form, unit",
    [
        ("parenteral", "injection", "mcg/mL"),
        ("parenteral", "implant", "mcg"),
        ("transdermal", "iontophoretic system", "mcg/actuation"),
    ],
)
def test_fentanyl_of_no_listed_form_is_set_aside(route: str, form: str, unit: str) -> None:
    assert len(codes(fentanyl(route, form, unit), edition="cdc-file-2018")) == 1


def test_the_route_is_required() -> None:
    assert codes(fill(route=None)) == ["ROUTE_MISSING"]


@pytest.mark.parametrize("edition", ["cdc-file-2014", "cdc-file-2016", "cdc-file-2018"])
def test_the_cdc_files_from_2014_on_leave_cough_and_cold_out(edition: str) -> None:
    row = opioid("codeine", cough_cold=True)
    assert codes(row, edition=edition) == ["COUGH_COLD"]


@pytest.mark.parametrize("edition", ["cdc-2016", "cdc-2022"])
def test_guidelines_are_silent_on_cough_and_cold_so_it_counts_and_is_flagged(edition: str) -> None:
    row = opioid("codeine", cough_cold=True)
    assert codes(row, edition=edition) == []
    assert flags(row, edition=edition) == ["COUGH_COLD_INCLUDED"]


def test_without_names_the_provenance_says_cough_and_cold_not_checked() -> None:
    cautions = " ".join(ask(fill(), edition="cdc-file-2018").provenance.cautions).casefold()
    assert "cough and cold not checked" in cautions


def test_opium_liquid_is_set_aside_unless_stated_as_morphine() -> None:
    liquid = {"form": "liquid", "unit": "mg/mL"}
    assert codes(opioid("opium", **liquid), edition="cdc-file-2018") == ["OPIUM_LIQUID"]
    assert codes(opioid("morphine", **liquid), edition="cdc-file-2018") == []


def test_a_product_of_two_opioids_counts_both_and_its_days_once() -> None:
    rows = opioid("morphine", source_row=7), opioid("codeine", source_row=7)
    columns = member(*rows)
    assert (columns["fills"], columns["days_supply"], columns["covered_days"]) == (1, 30, 30)
    assert columns["mme_per_supply_day"] == columns["mme_maximum_day"] == 40 + 6


def test_two_opioids_of_one_fill_id_are_no_duplicate() -> None:
    rows = opioid("morphine", fill_id="a"), opioid("codeine", fill_id="a")
    assert codes(*rows) == []
    undone = [row | {"quantity": -120.0, "days_supply": -30} for row in rows]
    assert codes(*rows, *undone) == ["REVERSED"] * 4


def test_days_of_two_dispensings_are_never_lost_because_their_source_rows_are_equal() -> None:
    """Two files, each with rows numbered from 1, may be joined."""
    columns = member(fill(source_row=1), fill(source_row=1, fill_date=january(61)))
    assert (columns["fills"], columns["days_supply"], columns["covered_days"]) == (2, 60, 60)


def test_two_opioids_of_one_product_that_shift_apart_keep_all_their_days() -> None:
    earlier = opioid("morphine", source_row=1, fill_date=january(1) - timedelta(20))
    pair = opioid("morphine", source_row=2), opioid("codeine", source_row=2)
    columns = member(
        earlier, *pair, overlap="shift_same_product", start=january(1), end=january(11)
    )
    # Ten days of the earlier fill, the codeine from the first day on, the morphine on the last.
    assert (columns["days_supply"], columns["covered_days"]) == (21, 11)


def test_benzhydrocodone_is_not_hydrocodone() -> None:
    assert codes(opioid("benzhydrocodone")) == ["NO_FACTOR"]


def test_other_drugs_are_counted_by_ingredient() -> None:
    result = ask(fill(), opioid("lisinopril"), opioid("Lisinopril "), opioid("alprazolam"))
    found = {row["ingredient"]: row["rows"] for row in tables.rows_of(result.not_opioid)}
    assert found == {"alprazolam": 1, "lisinopril": 2}
    assert len(result.set_aside) == 0


def test_the_caller_may_name_drugs_that_are_no_opioid() -> None:
    row = opioid("zebramab")
    assert codes(row) == ["UNKNOWN_INGREDIENT"]
    assert codes(row, not_opioid=("zebramab",)) == []


def test_ingredients_match_by_alias_and_never_by_substring() -> None:
    assert member(opioid(" Oxycodone  Hydrochloride"))["mme_maximum_day"] == 60
    assert codes(opioid("oxycodonex")) == ["UNKNOWN_INGREDIENT"]
    assert codes(opioid("dihydrocodeine"), edition="cdc-2022") == ["NO_FACTOR"]


def test_a_chain_answers_only_for_drugs_that_the_first_edition_does_not_list() -> None:
    chain = ("cdc-2022", "cdc-file-2018")
    assert member(opioid("dihydrocodeine"), edition=chain)["mme_maximum_day"] == 10
    assert member(opioid("hydromorphone"), edition=chain)["mme_maximum_day"] == 200
    # The first lists fentanyl, as a patch alone: the second is not asked for the tablet.
    assert codes(fentanyl("buccal", "tablet"), edition=chain) == ["NO_FACTOR"]


# ------------------------------------------------------------------------- benzodiazepines


def overlap(*fills: dict[str, Any], **arguments: Any) -> int:
    benzodiazepine = opioid("alprazolam", strength=1.0, quantity=20.0, days_supply=10)
    return int(member(benzodiazepine, *fills, **arguments)["benzodiazepine_overlap_days"])


def test_a_day_of_overlap_has_a_benzodiazepine_and_an_opioid() -> None:
    assert overlap() == 0
    assert overlap(fill(fill_date=january(6))) == 5
    assert overlap(fill(fill_date=january(6)), end=january(8)) == 3


def test_an_opioid_without_a_factor_overlaps_too() -> None:
    assert overlap(opioid("dihydrocodeine")) == 10
    assert overlap(opioid("buprenorphine", route="transdermal", unit="mcg/h")) == 10


@pytest.mark.parametrize(
    "changes",
    [
        {"ingredient": "buprenorphine", "route": "sublingual", "strength": 8.0},
        {"ingredient": "methadone", "strength": 40.0},
        {"route": "parenteral", "form": "injection", "unit": "mg/mL"},
        {"status": "rejected"},
        {"status": "reversed", "fill_id": "a"},
    ],
)
def test_treatment_parenteral_and_unpaid_rows_do_not_overlap(changes: dict[str, Any]) -> None:
    assert overlap(fill(**changes)) == 0


def test_a_fill_whose_quantity_is_missing_overlaps_all_the_same() -> None:
    """Date and days are what an overlap needs, on either side."""
    benzodiazepine = opioid("alprazolam", quantity=None)
    assert member(fill(), benzodiazepine)["benzodiazepine_overlap_days"] == 30
    assert overlap(fill(quantity=None)) == 10


def test_only_oral_benzodiazepines_overlap() -> None:
    shot = {"route": "parenteral", "form": "injection", "unit": "mg/mL"}
    assert member(fill(), opioid("midazolam", **shot))["benzodiazepine_overlap_days"] == 0


# ------------------------------------------------------------------------------- quantities


def test_a_strength_per_ml_needs_its_quantity_in_ml() -> None:
    liquid = opioid("morphine", form="liquid", strength="10 mg/5 mL", unit=None)
    assert member(liquid)["mme_maximum_day"] == 8
    assert codes(liquid | {"quantity_unit": "ML"}) == []
    assert codes(liquid | {"quantity_unit": "EA"}) == ["QUANTITY_UNIT_MISMATCH"]
    assert codes(fill(quantity_unit="ML")) == ["QUANTITY_UNIT_MISMATCH"]
    assert codes(fill(quantity_unit="EA")) == []


def test_a_spray_with_a_quantity_of_two_or_less_is_flagged_and_not_corrected() -> None:
    row = fentanyl("nasal", "nasal spray", "mcg/actuation") | {"quantity": 2.0, "days_supply": 1}
    assert flags(row, edition="cdc-file-2018") == ["POSSIBLY_BOTTLES"]
    assert member(row, edition="cdc-file-2018")["mme_maximum_day"] == 32
    assert flags(row | {"quantity": 3.0}, edition="cdc-file-2018") == []


def test_milligrams_are_converted_where_an_edition_wants_micrograms() -> None:
    row = fentanyl("buccal", "tablet", "mg") | {"strength": 0.1, "quantity": 30.0}
    assert member(row, edition="cdc-file-2018")["mme_maximum_day"] == 13


@pytest.mark.parametrize("edition", ["cdc-2016", "cdc-2022", "cdc-file-2018", "cms-2015-03"])
@pytest.mark.parametrize(
    "quantity, days, expected", [(10, 30, 60), (20, 30, 120), (10, 20, 90), (10, 10, 180)]
)
def test_patches_worn_are_quantity_times_wear_over_days(
    edition: str, quantity: float, days: int, expected: float
) -> None:
    """The shape 2.4 a day and the shape 7.2 a patch are the same factor."""
    assert member(patch(25, quantity, days), edition=edition)["mme_maximum_day"] == expected


def test_patches_that_are_not_whole_are_flagged_with_the_value_of_one() -> None:
    assert flags(patch(25, 10, 30)) == flags(patch(25, 20, 30)) == []
    (flag,) = tables.rows_of(ask(patch(25, 10, 20)).flags)
    assert (flag["code"], flag["beside"]) == ("PATCH_DAYS_MISMATCH", 60)


@pytest.mark.parametrize(
    "quantity, flagged", [(9.8, False), (9.79, True), (10.2, False), (10.21, True)]
)
def test_patches_within_two_hundredths_of_whole_are_whole(quantity: float, flagged: bool) -> None:
    assert bool(flags(patch(25, quantity, 30))) is flagged


def test_patch_days_of_the_edition_are_patches_times_wear() -> None:
    columns = member(patch(25, 10, 20), patch_days="edition")
    assert (columns["covered_days"], columns["mme_maximum_day"]) == (30, 60)
    # Why it is not the default: it halves two patches worn at once.
    columns = member(patch(25, 20, 30), patch_days="edition")
    assert (columns["covered_days"], columns["mme_maximum_day"]) == (60, 60)


def test_a_patch_in_a_tablet_formula_is_set_aside() -> None:
    assert codes(patch(25, 10, 30, unit="mg")) == ["UNIT_MISMATCH"]
    assert codes(fill(unit="mcg/h")) == ["UNIT_MISMATCH"]


def test_a_patch_of_another_wear_time_is_refused() -> None:
    row = patch(10, 4, 28, ingredient="buprenorphine", form="72 HR Transdermal System")
    asked = {"edition": "nih-heal-2024", "buprenorphine": "include"}
    assert codes(row, **asked) == ["WEAR_TIME_MISMATCH"]
    assert codes(row | {"form": "168 HR Transdermal System"}, **asked) == []


def test_fentanyl_12_is_nominally_12_and_a_half_and_only_flagged() -> None:
    assert flags(patch(12, 10, 30)) == ["NOMINAL_STRENGTH"]
    assert member(patch(12, 10, 30))["mme_maximum_day"] == 28.8


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"days_supply": 0}, "DAYS_SUPPLY_NOT_POSITIVE"),
        ({"days_supply": None}, "DAYS_SUPPLY_MISSING"),
        ({"days_supply": 7.5}, "DAYS_SUPPLY_NOT_WHOLE"),
        ({"quantity": 0.0}, "QUANTITY_NOT_POSITIVE"),
        ({"quantity": None}, "QUANTITY_MISSING"),
        ({"quantity": float("nan")}, "QUANTITY_MISSING"),
        ({"quantity": float("inf")}, "QUANTITY_INFINITE"),
        ({"quantity": 1.23456}, "QUANTITY_OFF_GRID"),
        ({"strength": None}, "STRENGTH_MISSING"),
        ({"strength": 0.0}, "STRENGTH_NOT_POSITIVE"),
        ({"strength": 0.1234567}, "STRENGTH_OFF_GRID"),
        ({"strength": "ten", "unit": None}, "STRENGTH_UNREADABLE"),
        ({"unit": None}, "UNIT_MISSING"),
        ({"unit": "mmol"}, "UNKNOWN_UNIT"),
        ({"fill_date": None}, "DATE_MISSING"),
        ({"fill_date": date(1066, 10, 14)}, "DATE_OUT_OF_RANGE"),
        ({"ingredient": None}, "INGREDIENT_MISSING"),
        ({"ingredient": "zebrafentanyl"}, "UNKNOWN_INGREDIENT"),
        ({"route": "by owl"}, "UNKNOWN_ROUTE"),
        ({"status": "under review"}, "STATUS_UNKNOWN"),
        ({"status": "rejected"}, "REJECTED"),
        ({"member_id": None}, "MEMBER_MISSING"),
    ],
)
def test_a_row_that_cannot_count_is_set_aside_with_its_reason(
    changes: dict[str, Any], code: str
) -> None:
    result = ask(fill(member_id="n"), fill(**changes))
    (row,) = tables.rows_of(result.set_aside)
    assert (row["row"], row["code"]) == (1, code)
    assert row["advice"]


def test_implausible_values_are_flagged_and_never_capped() -> None:
    row = fill(quantity=300_000.0)
    assert flags(row) == ["IMPLAUSIBLE_MME"]
    assert member(row)["mme_maximum_day"] == 150_000


def test_only_what_cannot_be_summed_exactly_is_set_aside_as_too_large() -> None:
    assert codes(fill(quantity=600_000.0)) == []  # 9,000,000 MME in one fill
    assert codes(fill(quantity=600_001.0)) == ["TOO_LARGE_TO_SUM"]


def test_a_member_too_large_to_sum_is_set_aside_whole() -> None:
    rows = [fill(quantity=600_000.0) for _ in range(500)]
    assert set(codes(*rows, fill())) == {"TOO_LARGE_TO_SUM"}
    assert member(*rows)["total_mme"] is None


def test_tiers_below_one_leave_the_other_drugs_as_large_as_they_are() -> None:
    printed = mme.edition("cms-2018-02-oms")

    def halved(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        return tuple(one.model_copy(update={"value": Decimal("0.5")}) for one in tiers)

    factors = [
        one.model_copy(update={"tiers": halved(one.tiers)})
        if isinstance(one, TieredFactor)
        else one
        for one in printed.factors
    ]
    low = printed.model_copy(update={"id": "low-tiers", "factors": tuple(factors)})
    rows = [fill(quantity=600_000.0) for _ in range(500)]
    one = fill(ingredient="methadone", member_id="other")
    assert codes(*rows, one, edition=low) == ["TOO_LARGE_TO_SUM"] * 500


# --------------------------------------------------------------------------------- methadone


def test_methadone_tiers_are_chosen_by_the_summed_dose_of_the_day() -> None:
    columns = member(methadone(20), methadone(10, fill_date=january(16)), edition="cdc-2016")
    # 20 mg alone is 80, 30 mg together 240, 10 mg alone 40.
    assert columns["total_mme"] == 15 * 80 + 15 * 240 + 15 * 40
    assert columns["mme_maximum_day"] == 240


def test_twenty_milligrams_in_sevenths_is_still_the_first_tier() -> None:
    sevenths = [opioid("methadone", quantity=2.0, days_supply=7) for _ in range(7)]
    assert member(*sevenths, edition="cdc-2016")["mme_maximum_day"] == 80


@pytest.mark.parametrize(
    "milligrams, days", [(0.5, 30), (1, 0), (20, 0), (20.5, 30), (21, 0), (80, 0), (81, 30)]
)
def test_doses_between_printed_bounds_are_our_reading(milligrams: float, days: int) -> None:
    assert member(methadone(milligrams), edition="cdc-2016")["tier_reading_days"] == days


def test_gap_free_tiers_are_no_reading_of_ours() -> None:
    assert member(methadone(20.5), edition="cms-2018-02-oms")["tier_reading_days"] == 0


# -------------------------------------------------------------------------------------- time


def test_a_fill_covers_its_date_and_as_many_days_as_supplied() -> None:
    columns = member(fill())
    assert (columns["first_day"], columns["last_day"]) == (january(1), january(30))
    assert columns["covered_days"] == 30


def test_the_window_includes_both_ends_and_earlier_fills_count_inside() -> None:
    columns = member(fill(), start=january(30), end=january(31))
    assert (columns["fills"], columns["days_supply"], columns["covered_days"]) == (1, 1, 1)
    assert columns["window_days"] == 2
    assert columns["total_mme"] == 60
    assert columns["mme_per_window_day"] == 30
    assert columns["dispensed_mme"] == 0


def test_dispensed_mme_is_the_whole_quantity_of_fills_dated_inside() -> None:
    rows = fill(), fill(fill_date=january(31))
    columns = member(*rows, start=january(21), end=january(40))
    assert columns["total_mme"] == 20 * 60
    assert columns["dispensed_mme"] == 30 * 60


def test_a_window_without_fills_has_zero_mme_and_no_mean() -> None:
    columns = member(fill(), start=january(100), end=january(109))
    assert (columns["total_mme"], columns["mme_maximum_day"]) == (0, 0)
    assert columns["mme_per_window_day"] == 0
    assert columns["days_at_least_50"] == 0
    assert columns["mme_per_supply_day"] is None
    assert columns["mme_per_covered_day"] is None
    assert columns["mme_per_episode_day"] is None


@pytest.mark.parametrize("given", [{}, {"start": JANUARY}, {"end": january(90)}])
def test_the_window_is_never_inferred_from_the_data(given: dict[str, Any]) -> None:
    columns = member(fill(), **given)
    assert columns["window_days"] is None
    assert columns["mme_per_window_day"] is None


def test_windows_by_member_serve_index_dates() -> None:
    windows = [
        {"member_id": "m", "first_day": january(1), "last_day": january(10)},
        {"member_id": "n", "first_day": january(21), "last_day": january(40)},
    ]
    found = tables.by_member(ask(fill(), fill(member_id="n"), windows=windows).members)
    assert [row["window_days"] for row in found.values()] == [10, 20]
    assert [row["mme_per_window_day"] for row in found.values()] == [60, 30]


def test_a_naive_timestamp_counts_as_its_date() -> None:
    late = datetime(2026, 1, 1, 23, 59)  # noqa: DTZ001 - naive on purpose
    assert member(fill(fill_date=late))["first_day"] == JANUARY


def test_a_zoned_timestamp_is_refused_with_the_cast_to_write() -> None:
    zoned = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5)))
    with pytest.raises(OpsafeError, match="tz_localize"):
        ask(fill(fill_date=zoned))


@pytest.mark.parametrize("text", ["2026-01-01", "20260101"])
def test_dates_may_be_text(text: str) -> None:
    assert member(fill(fill_date=text))["first_day"] == JANUARY


def test_a_bare_integer_is_no_date() -> None:
    with pytest.raises(OpsafeError):
        ask(fill(fill_date=20260101))


def test_an_episode_runs_from_the_first_to_the_last_day_with_its_gaps() -> None:
    columns = member(fill(days_supply=30), fill(fill_date=january(61)))
    assert columns["covered_days"] == 60
    assert columns["episode_days"] == 90
    assert columns["mme_per_episode_day"] == 40
    assert columns["mme_per_covered_day"] == 60


def test_exactly_ninety_is_at_least_ninety_and_not_more_than_ninety() -> None:
    columns = member(fill(quantity=180.0), at_least=(90,), more_than=(90,))
    assert columns["mme_maximum_day"] == 90
    assert (columns["days_at_least_90"], columns["days_more_than_90"]) == (30, 0)
    assert (columns["longest_run_at_least_90"], columns["longest_run_more_than_90"]) == (30, 0)


@pytest.mark.parametrize("threshold", [50, 90])
def test_sevenths_that_sum_to_a_threshold_are_on_it(threshold: int) -> None:
    sevenths = [
        opioid("morphine", quantity=threshold / 10, days_supply=7, strength=10.0) for _ in range(7)
    ]
    columns = member(*sevenths)
    assert columns["mme_maximum_day"] == threshold
    assert columns[f"days_at_least_{threshold}"] == 7


def test_the_longest_run_breaks_at_a_day_below() -> None:
    rows = [
        fill(days_supply=5, quantity=30.0),
        fill(days_supply=3, quantity=18.0, fill_date=january(7)),
    ]
    columns = member(*rows)
    assert (columns["days_at_least_90"], columns["longest_run_at_least_90"]) == (8, 5)


# ----------------------------------------------------------------------------------- overlap


def test_by_default_each_fill_counts_from_its_own_date() -> None:
    columns = member(fill(), fill(fill_date=january(29)))
    assert columns["mme_maximum_day"] == 120
    assert columns["covered_days"] == 58


def test_an_early_refill_does_not_read_as_a_doubled_dose() -> None:
    columns = member(fill(), fill(fill_date=january(29)))
    assert columns["overlap_days_same_product"] == 2
    assert columns["mme_maximum_day_from_overlap"] == 60


def test_overlap_of_different_products_is_no_overlap_of_one_product() -> None:
    columns = member(fill(), fill(strength=5.0))
    assert columns["overlap_days_same_product"] == 0
    assert columns["mme_maximum_day_from_overlap"] == 0


def test_shifting_starts_a_later_fill_when_the_earlier_one_ends() -> None:
    columns = member(fill(), fill(fill_date=january(29)), overlap="shift_same_product")
    assert columns["mme_maximum_day"] == 60
    assert columns["last_day"] == january(60)
    assert columns["overlap_days_same_product"] == 0


def test_fills_of_one_date_start_together_and_add() -> None:
    rows = fill(), fill(), fill(fill_date=january(29))
    columns = member(*rows, overlap="shift_same_product")
    assert columns["mme_maximum_day"] == 120
    assert columns["last_day"] == january(60)


def test_another_strength_is_not_shifted() -> None:
    rows = fill(), fill(strength=5.0, fill_date=january(29))
    assert member(*rows, overlap="shift_same_product")["last_day"] == january(58)


def test_a_shift_is_capped_and_the_excess_flagged() -> None:
    rows = fill(), fill(fill_date=january(2))
    asked: dict[str, Any] = {"overlap": "shift_same_product", "max_shift_days": 10}
    columns = member(*rows, **asked)
    assert columns["last_day"] == january(41)
    assert columns["overlap_days_same_product"] == 19
    assert flags(*rows, **asked) == ["SHIFT_CAPPED"]


def test_the_shift_sees_the_whole_history_and_the_window_comes_after() -> None:
    rows = fill(), fill(fill_date=january(29))
    asked: dict[str, Any] = {"start": january(59), "end": january(60)}
    assert member(*rows, overlap="sum", **asked)["covered_days"] == 0
    assert member(*rows, overlap="shift_same_product", **asked)["covered_days"] == 2


# ------------------------------------------------------------------- reversals and duplicates


def test_rows_of_one_fill_id_are_summed_and_a_net_of_nothing_is_removed() -> None:
    rows = fill(fill_id="a"), fill(fill_id="a", quantity=-120.0, days_supply=-30)
    assert codes(*rows) == ["REVERSED", "REVERSED"]
    assert member(*rows)["total_mme"] is None


def test_a_partial_reversal_leaves_the_net() -> None:
    rows = fill(fill_id="a"), fill(fill_id="a", quantity=-60.0, days_supply=-15)
    columns = member(*rows)
    assert (columns["covered_days"], columns["total_mme"]) == (15, 900)
    assert not columns["mme_is_lower_bound"]
    assert ask(*rows).provenance.rows.netted == 1


def test_a_claim_reversed_and_paid_again_counts_once() -> None:
    again = fill(fill_id="a", quantity=28.0, days_supply=7)
    rows = fill(fill_id="a"), fill(fill_id="a", quantity=-120.0, days_supply=-30), again
    columns = member(*rows)
    assert (columns["fills"], columns["covered_days"], columns["total_mme"]) == (1, 7, 420)


def test_a_reversal_by_status_has_a_negative_quantity_whatever_its_sign() -> None:
    assert codes(fill(fill_id="a"), fill(fill_id="a", status="reversed")) == ["REVERSED"] * 2


def test_a_claim_that_only_its_status_calls_reversed_is_reversed_by_itself() -> None:
    assert codes(fill(fill_id="a", status="reversed")) == ["REVERSED"]


def test_without_an_id_a_reversal_cancels_one_fill_like_it() -> None:
    rows = fill(), fill(), fill(quantity=-120.0, days_supply=-30)
    assert codes(*rows) == ["REVERSED", "REVERSED"]
    assert member(*rows)["fills"] == 1


@pytest.mark.parametrize("ingredient", [None, "zebrafentanyl"])
def test_reversals_are_netted_before_anything_is_set_aside(ingredient: str | None) -> None:
    rows = [
        fill(ingredient=ingredient, fill_id="a", status=status) for status in ("paid", "reversed")
    ]
    assert codes(*rows) == ["REVERSED", "REVERSED"]
    assert not member(fill(), *rows)["mme_is_lower_bound"]


@pytest.mark.parametrize(
    "other",
    [
        {"fill_date": january(2)},
        {"ingredient": "morphine"},
        {"route": "rectal"},
        {"strength": 5.0},
        {"quantity": 60.0},
        {"days_supply": 15},
        {"pharmacy_id": "another"},
        {"member_id": "n"},
    ],
)
def test_a_reversal_of_nothing_is_unmatched(other: dict[str, Any]) -> None:
    undone = fill(quantity=-120.0, days_supply=-30)
    assert "REVERSAL_UNMATCHED" in (found := codes(fill(**other), undone))
    assert "REVERSED" not in found


def test_an_unmatched_reversal_makes_no_lower_bound() -> None:
    undone = fill(quantity=-120.0, days_supply=-30, pharmacy_id="another")
    columns = member(fill(), undone)
    assert (columns["rows_set_aside"], columns["mme_is_lower_bound"]) == (1, False)


def test_rejected_is_not_reversed() -> None:
    assert codes(fill(fill_id="a"), fill(fill_id="a", status="rejected")) == ["REJECTED"]


def test_a_missing_status_beside_others_is_unknown() -> None:
    """A column that says who was paid, and says nothing here: unknown is not yes."""
    assert codes(fill(), fill(status=None)) == ["STATUS_UNKNOWN"]


def test_without_a_status_column_every_row_was_paid() -> None:
    bare = fill()
    del bare["status"]
    assert codes(bare) == []


def test_one_id_paid_twice_is_a_duplicate() -> None:
    later = fill(fill_id="a", fill_date=january(2))
    for rows in ((fill(fill_id="a"), later), (later, fill(fill_id="a"))):
        assert codes(*rows) == ["DUPLICATE_FILL_ID"]
        assert member(*rows)["first_day"] == january(1)


def test_an_id_belongs_to_its_member() -> None:
    assert codes(fill(fill_id="a"), fill(fill_id="a", member_id="n")) == []


def test_identical_fills_without_ids_both_count() -> None:
    assert member(fill(), fill())["mme_maximum_day"] == 120


# -------------------------------------------------------------------- prescribers, pharmacies


def test_prescribers_and_pharmacies_are_distinct_ids_on_fills_dated_in_the_window() -> None:
    rows = [
        fill(prescriber_id="a", pharmacy_id="x"),
        fill(prescriber_id="b", pharmacy_id="x"),
        fill(prescriber_id=None, pharmacy_id="x"),
        fill(prescriber_id="c", pharmacy_id="y", fill_date=january(91)),
    ]
    columns = member(*rows, start=january(1), end=january(90))
    assert (columns["prescribers"], columns["prescriber_missing"]) == (2, 1)
    assert (columns["pharmacies"], columns["pharmacy_missing"]) == (1, 0)


@pytest.mark.parametrize(
    "changes", [{"ingredient": "dihydrocodeine"}, {"strength": None}, {"days_supply": None}]
)
def test_a_fill_without_an_mme_has_a_prescriber_all_the_same(changes: dict[str, Any]) -> None:
    rows = fill(prescriber_id="a"), fill(prescriber_id="b", **changes)
    assert member(*rows)["prescribers"] == 2


@pytest.mark.parametrize("status", ["rejected", "reversed", "under review"])
def test_a_fill_that_was_not_paid_has_no_prescriber(status: str) -> None:
    rows = fill(prescriber_id="a"), fill(prescriber_id="b", fill_id="b", status=status)
    assert member(*rows)["prescribers"] == 1


def test_buprenorphine_counts_for_prescribers_and_not_for_mme() -> None:
    row = opioid("buprenorphine", route="sublingual", strength=8.0, prescriber_id="b")
    assert member(fill(prescriber_id="a"), row)["prescribers"] == 2


# --------------------------------------------------------------------- enrolment, exclusions


def test_enrolment_cuts_the_window_by_member() -> None:
    spans = [
        {
            "member_id": "m",
            "first_day": january(1),
            "last_day": january(15),
            "line_of_business": "medicaid",
        }
    ]
    columns = member(fill(), start=january(1), end=january(90), enrolment=spans)
    assert (columns["covered_days"], columns["window_days"]) == (15, 15)
    assert columns["mme_per_window_day"] == 60
    assert columns["line_of_business"] == "medicaid"


def hospice(first: int, last: int) -> list[dict[str, Any]]:
    span = {"first_day": january(first), "last_day": january(last)}
    return [{"member_id": "m", "reason": "hospice", **span}]


def test_days_of_an_exclusion_are_cut_and_listed() -> None:
    asked: dict[str, Any] = {"start": january(1), "end": january(30), "exclusions": hospice(11, 20)}
    columns = member(fill(), **asked)
    assert (columns["covered_days"], columns["window_days"]) == (20, 20)
    assert columns["longest_run_at_least_50"] == 10
    (row,) = tables.rows_of(ask(fill(), **asked).excluded)
    assert (row["reason"], row["days"]) == ("hospice", 10)


def test_an_excluded_member_is_left_out_and_named() -> None:
    columns = member(fill(), exclusions=hospice(11, 20), exclude="members")
    assert columns["excluded"]
    assert columns["total_mme"] is None
    assert not columns["mme_is_lower_bound"]
    assert codes(fill(), exclusions=hospice(11, 20), exclude="members") == ["MEMBER_EXCLUDED"]


def test_nothing_is_counted_of_a_member_left_out() -> None:
    unreadable = fill(strength=None, prescriber_id="a")
    columns = member(fill(), unreadable, exclusions=hospice(11, 20), exclude="members")
    assert (columns["fills"], columns["prescribers"]) == (0, 0)


def test_an_exclusion_outside_of_the_window_leaves_nobody_out() -> None:
    asked: dict[str, Any] = {"start": january(1), "end": january(10), "exclude": "members"}
    assert not member(fill(), exclusions=hospice(11, 20), **asked)["excluded"]


def test_until_exclusions_are_given_the_result_says_so() -> None:
    assert "exclusion" in " ".join(ask(fill()).provenance.cautions)


def test_a_list_of_members_is_for_clinical_review() -> None:
    page = ask(fill())._repr_html_().casefold()
    assert "for clinical review; not grounds to deny, taper or stop" in page


def test_the_result_says_that_claims_miss_other_payers() -> None:
    cautions = " ".join(ask(fill()).provenance.cautions).casefold()
    assert "cash" in cautions


def test_decimals_and_text_numbers_are_read_exactly() -> None:
    row = fill(strength=Decimal(10), quantity=Decimal("120.000"), days_supply="30")
    assert member(row)["mme_maximum_day"] == 60
