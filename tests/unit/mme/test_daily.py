"""One dose and one day: the calls that the documentation shows, what is refused, what is told."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pint
import pytest

from opsafe import mme
from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    DimensionError,
    DocumentError,
    EditionNotFoundError,
    StrengthError,
)

ROTATION = "Not for converting one opioid into another"
CHAIN = ("cdc-2022", "cdc-file-2018")

OWN = """
id = "plan-2026"
title = "A plan's own table"
kind = "local"
effective_from = 2026-01-01
intended_use = ["programme reporting"]
for_one_patient = true
cough_and_cold = "silent"
parenteral_listed = false
source = { title = "Minutes", publisher = "A plan", published = 2025-12-01, locator = "1", \
address = "shelf 3", retrieved = 2025-12-15, read = "primary" }
factors = [
  { kind = "linear", ingredient = "oxycodone", routes = ["oral"], unit = "mg", value = 1.25 },
]
"""


def ask(ingredient: str, strength: object, **arguments: Any) -> mme.DailyMme:
    return mme.daily(ingredient, strength, **{"edition": "cdc-2022"} | arguments)


def oxycodone(**arguments: Any) -> mme.DailyMme:
    return ask("oxycodone", "10 mg", **arguments)


def patch(strength: object = "25 mcg/h", **arguments: Any) -> mme.DailyMme:
    return ask("fentanyl", strength, route="transdermal", **arguments)


def methadone(milligrams: str, **arguments: Any) -> mme.DailyMme:
    return ask("methadone", f"{milligrams} mg", per_day=1, **arguments)


def told(answer: mme.DailyMme) -> tuple[str, ...]:
    """Warnings beside the one that every answer carries."""
    assert answer.warnings[0].startswith(ROTATION)
    return answer.warnings[1:]


# ------------------------------------------------------------------- the calls, as written


def test_oxycodone_four_a_day() -> None:
    assert mme.daily("oxycodone", "10 mg", per_day=4, edition="cdc-2022").mme_per_day == 60.0


def test_oxycodone_by_quantity_and_days_supply() -> None:
    answer = mme.daily("oxycodone", "10 mg", quantity=120, days_supply=30, edition="cdc-2016")
    assert answer.mme_per_day == 60.0


def test_one_fentanyl_patch_at_a_time() -> None:
    answer = mme.daily("fentanyl", "25 mcg/h", route="transdermal", edition="cdc-2022")
    assert answer.mme_per_day == 60.0


def test_methadone_takes_the_factor_of_its_tier_on_the_whole_dose() -> None:
    assert mme.daily("methadone", "80 mg", per_day=1, edition="cdc-2016").mme_per_day == 960.0


def test_hydromorphone_five_a_day() -> None:
    assert mme.daily("hydromorphone", "4 mg", per_day=5, edition="cdc-2022").mme_per_day == 100.0


def test_buprenorphine_has_no_number_and_says_why() -> None:
    answer = mme.daily("buprenorphine", "8 mg", route="sublingual", per_day=2, edition="cdc-2022")
    assert answer.mme_per_day is None
    assert answer.reason is mme.Reason.BUPRENORPHINE_EXCLUDED


def test_a_regimen_tiers_methadone_on_its_summed_dose() -> None:
    day = [mme.Dose("methadone", "10 mg", per_day=3), mme.Dose("oxycodone", "5 mg", per_day=2)]
    assert mme.regimen(day, edition="cdc-2016").mme_per_day == 30 * 8 + 15


# ------------------------------------------------------------- how strength and amount are read


@pytest.mark.parametrize("strength", ["10 mg", "10 MG", "10000 mcg", "0.01 g", "10 mg per tablet"])
def test_masses_are_converted(strength: str) -> None:
    assert ask("oxycodone", strength, per_day=4).mme_per_day == 60


@pytest.mark.parametrize("strength", ["100 mcg", "0.1 mg"])
def test_milligrams_are_converted_where_the_edition_wants_micrograms(strength: str) -> None:
    where: dict[str, Any] = {"route": "buccal", "form": "tablet", "edition": "cdc-file-2018"}
    assert ask("fentanyl", strength, per_day=4, **where).mme_per_day == 52


def test_a_patch_may_state_milligrams_per_hour() -> None:
    assert patch("0.025 MG/HR").mme_per_day == 60


def test_a_strength_per_actuation_needs_no_form() -> None:
    answer = ask("fentanyl", "0.1 MG/ACTUAT", route="nasal", per_day=4, edition="cdc-file-2018")
    assert answer.mme_per_day == 64


def test_a_strength_per_volume_takes_its_quantity_in_ml() -> None:
    answer = ask("oxycodone", "10 mg/5 mL", quantity=300, days_supply=30)
    assert answer.mme_per_day == 30


def test_pint_quantities_are_read_like_their_text() -> None:
    units: Any = pint.UnitRegistry()
    assert ask("oxycodone", 10 * units.mg, per_day=4).mme_per_day == 60
    assert ask("oxycodone", units.Quantity(2, "mg/mL"), per_day=20).mme_per_day == 60
    assert patch(25 * units.microgram / units.hour).mme_per_day == 60


def test_salts_are_understood_by_their_whole_name() -> None:
    assert ask("Oxycodone  Hydrochloride", "10 mg", per_day=4).ingredient == "oxycodone"


@pytest.mark.parametrize(
    "per_day, expected", [(1, 15), (Decimal("0.5"), 7.5), (Fraction(1, 3), 5), (Fraction(8, 3), 40)]
)
def test_units_a_day_are_exact(per_day: int | Decimal | Fraction, expected: float) -> None:
    answer = oxycodone(per_day=per_day)
    assert answer.mme_per_day == expected
    assert answer.units_per_day == Fraction(per_day)


@pytest.mark.parametrize("hours, expected", [(6, 60), (8, 45), (Decimal("4.8"), 75)])
def test_every_so_many_hours_is_24_over_them_a_day(hours: int | Decimal, expected: float) -> None:
    assert oxycodone(every_hours=hours).mme_per_day == expected


def test_a_quantity_may_be_a_float_of_three_decimals() -> None:
    assert oxycodone(quantity=30.5, days_supply=30).mme_per_day == 15.25
    with pytest.raises(DocumentError, match=r"quantity: .* at most 3 decimals"):
        oxycodone(quantity=30.12345, days_supply=30)


# ---------------------------------------------------------------------------------- patches


@pytest.mark.parametrize("edition", ["cdc-2022", "cdc-file-2018"])
@pytest.mark.parametrize("quantity, expected", [(10, 60), (20, 120)])
def test_patches_worn_at_once_are_quantity_times_wear_over_days(
    edition: str, quantity: int, expected: float
) -> None:
    answer = patch(quantity=quantity, days_supply=30, edition=edition)
    assert answer.mme_per_day == expected
    assert answer.one_patch_mme_per_day == 60


def test_only_a_patch_has_a_value_of_one_patch() -> None:
    assert patch().one_patch_mme_per_day == 60
    assert oxycodone(per_day=4).one_patch_mme_per_day is None


def test_patch_days_that_do_not_fit_are_warned_of_and_not_corrected() -> None:
    answer = patch(quantity=10, days_supply=20)
    assert (answer.mme_per_day, answer.one_patch_mme_per_day) == (90, 60)
    (warning,) = told(answer)
    assert "1.5 patches worn at once is no whole number" in warning


def test_less_than_one_patch_does_not_fit_either() -> None:
    (warning,) = told(patch(quantity=1, days_supply=30))
    assert "0.1 patches" in warning


def test_a_change_of_patches_off_their_wear_time_is_warned_of() -> None:
    assert told(patch(every_hours=72)) == ()
    (warning,) = told(patch(every_hours=48))
    assert "48 h" in warning and "72 h of wear" in warning


def test_a_patch_is_not_taken_by_the_piece() -> None:
    with pytest.raises(ArgumentError, match="a patch is worn, not taken by the piece") as caught:
        patch(per_day=1)
    assert caught.value.where == "per_day"


# --------------------------------------------------------------------------------- refusals


def test_an_unknown_ingredient_is_refused_with_the_nearest_three() -> None:
    with pytest.raises(ArgumentError, match="'oxycodon' is not a known ingredient") as caught:
        ask("oxycodon", "10 mg", per_day=4)
    assert caught.value.where == "ingredient"
    assert caught.value.advice == "Nearest: oxycodone, hydrocodone, oxymorphone"


@pytest.mark.parametrize("ingredient", ["lisinopril", "alprazolam", "naloxone"])
def test_another_drug_is_refused_and_not_zero(ingredient: str) -> None:
    with pytest.raises(ArgumentError, match=f"{ingredient} is not an opioid"):
        ask(ingredient, "10 mg", per_day=1)


@pytest.mark.parametrize(
    "where", [{"route": "parenteral"}, {"route": "intravenous"}, {"form": "injection"}]
)
@pytest.mark.parametrize("edition", ["cdc-2022", "cdc-file-2010"])
def test_injected_opioids_are_refused(where: dict[str, str], edition: str) -> None:
    with pytest.raises(ArgumentError, match="injected opioids"):
        ask("morphine", "10 mg/mL", per_day=4, edition=edition, **where)


@pytest.mark.parametrize("number", [10, 10.0, Decimal(10), None])
def test_a_bare_number_is_no_strength(number: object) -> None:
    with pytest.raises(ArgumentTypeError, match="a strength needs its unit") as caught:
        ask("oxycodone", number, per_day=4)
    assert caught.value.where == "strength"


@pytest.mark.parametrize("text", ["10", "ten mg", "10 mmol", "-10 mg", "0 mg", "mg", ""])
def test_text_that_is_no_strength_is_refused_with_the_units_that_are_known(text: str) -> None:
    with pytest.raises(StrengthError, match="not a positive number with a known unit") as caught:
        ask("oxycodone", text, per_day=4)
    assert "mcg/h" in caught.value.allowed


def test_a_strength_off_the_grid_is_refused() -> None:
    with pytest.raises(StrengthError, match="more than 6 decimals"):
        ask("oxycodone", "0.1234567 mg", per_day=4)


def test_what_cannot_be_summed_exactly_is_refused() -> None:
    with pytest.raises(ArgumentError, match="too large to sum exactly"):
        oxycodone(per_day=10**30)


@pytest.mark.parametrize("argument", ["per_day", "every_hours"])
@pytest.mark.parametrize("amount", [4.0, True])
def test_an_amount_a_day_is_no_float_and_no_truth(argument: str, amount: float) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is not exact.*Fraction\(1, 3\)"):
        oxycodone(**{argument: amount})


@pytest.mark.parametrize(
    "amount, words",
    [(0, "not above 0"), (-1, "not above 0"), (Decimal("NaN"), "not a finite number"),
     (Decimal("Infinity"), "not a finite number")],
)  # fmt: skip
def test_an_amount_a_day_is_finite_and_above_0(amount: int | Decimal, words: str) -> None:
    with pytest.raises(DocumentError, match=f"per_day: .*{words}"):
        oxycodone(per_day=amount)


@pytest.mark.parametrize(
    "amounts",
    [
        {"per_day": 4, "every_hours": 6},
        {"per_day": 4, "quantity": 120, "days_supply": 30},
        {"every_hours": 6, "quantity": 120, "days_supply": 30},
    ],
)
def test_the_amount_is_stated_once(amounts: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="state the amount a day once"):
        oxycodone(**amounts)


def test_the_amount_is_stated_at_all() -> None:
    with pytest.raises(ArgumentError, match="the amount a day is not stated") as caught:
        oxycodone()
    assert caught.value.allowed == ("per_day", "every_hours", "quantity with days_supply")


@pytest.mark.parametrize(
    "amounts", [{"quantity": 120}, {"days_supply": 30}, {"per_day": 4, "days_supply": 30}]
)
def test_quantity_and_days_supply_go_together(amounts: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="quantity and days_supply go together"):
        oxycodone(**amounts)


@pytest.mark.parametrize("days", [0, -30, 30.0, True])
def test_days_supply_is_whole_and_at_least_1(days: object) -> None:
    with pytest.raises(DocumentError, match="days_supply"):
        oxycodone(quantity=120, days_supply=days)


@pytest.mark.parametrize("route", ["oral", None])
def test_a_patch_rate_is_refused_in_a_tablet_formula(route: str | None) -> None:
    with pytest.raises(DimensionError, match="'25 mcg/h' has the wrong dimension for oral"):
        ask("oxycodone", "25 mcg/h", route=route, per_day=1)


@pytest.mark.parametrize("strength", ["25 mcg", "25 mcg/mL"])
def test_a_tablet_strength_is_refused_for_a_patch(strength: str) -> None:
    with pytest.raises(DimensionError, match="wrong dimension for transdermal fentanyl"):
        patch(strength)


def test_the_route_is_named_where_the_edition_has_no_oral_row() -> None:
    with pytest.raises(ArgumentError, match="no oral factor in cdc-2022") as caught:
        ask("fentanyl", "25 mcg/h")
    assert caught.value.where == "route"
    assert caught.value.allowed == ("transdermal",)


@pytest.mark.parametrize("what, text", [("route", "by owl"), ("form", "spoon")])
def test_an_unknown_route_or_form_is_refused_with_the_nearest(what: str, text: str) -> None:
    with pytest.raises(ArgumentError, match=f"'{text}' is not a known {what}. Nearest: "):
        oxycodone(per_day=4, **{what: text})


def test_an_unknown_edition_is_refused_with_the_nearest() -> None:
    with pytest.raises(EditionNotFoundError, match="cdc-2023") as caught:
        oxycodone(per_day=4, edition="cdc-2023")
    assert "cdc-2022" in caught.value.allowed


def test_buprenorphine_is_excluded_or_included_and_nothing_else() -> None:
    with pytest.raises(ArgumentError, match="Allowed: exclude, include"):
        oxycodone(per_day=4, buprenorphine="yes")


# ---------------------------------------------------------------------------------- reasons


@pytest.mark.parametrize("edition", [each.id for each in mme.editions()])
def test_buprenorphine_is_left_out_of_every_edition(edition: str) -> None:
    answer = ask("buprenorphine", "8 mg", route="sublingual", per_day=2, edition=edition)
    assert (answer.mme_per_day, answer.reason) == (None, mme.Reason.BUPRENORPHINE_EXCLUDED)


def test_buprenorphine_is_computed_where_it_is_included_and_has_a_factor() -> None:
    asked: dict[str, Any] = {"route": "sublingual", "per_day": 2, "buprenorphine": "include"}
    answer = ask("buprenorphine", "8 mg", edition="nih-heal-2024", **asked)
    assert answer.mme_per_day == 620.8
    assert "Medication for opioid use disorder, not pain treatment" in told(answer)
    assert ask("buprenorphine", "8 mg", **asked).reason is mme.Reason.NO_FACTOR


@pytest.mark.parametrize(
    "ingredient, strength, arguments, reason",
    [
        ("dihydrocodeine", "16 mg", {"per_day": 4}, "NO_FACTOR"),
        ("benzhydrocodone", "10 mg", {"per_day": 4}, "NO_FACTOR"),
        ("fentanyl", "100 mcg", {"route": "buccal", "edition": "cdc-file-2018"}, "FORM_REQUIRED"),
        ("opium", "10 mg/mL", {"route": "oral", "edition": "cdc-file-2018"}, "OPIUM_LIQUID"),
        (
            "buprenorphine",
            "10 mcg/h",
            {
                "route": "transdermal",
                "form": "72 HR Transdermal System",
                "buprenorphine": "include",
                "edition": "nih-heal-2024",
            },
            "WEAR_TIME_MISMATCH",
        ),
    ],
)
def test_what_has_no_factor_has_a_reason_and_no_number(
    ingredient: str, strength: str, arguments: dict[str, Any], reason: str
) -> None:
    answer = ask(ingredient, strength, **arguments)
    assert answer.reason == reason
    assert answer.mme_per_day is None
    assert (answer.factor, answer.edition) == (None, None)
    assert answer.reason.advice in answer._repr_html_()


# --------------------------------------------------------------------- warnings, assumptions


def test_every_answer_says_that_it_is_not_for_rotation() -> None:
    answers = oxycodone(per_day=4), patch(), ask("dihydrocodeine", "16 mg", per_day=1)
    assert [told(answer) for answer in answers] == [(), (), ()]


@pytest.mark.parametrize("edition", mme.editions(), ids=lambda edition: str(edition.id))
def test_an_edition_never_meant_for_one_patient_is_warned_of(
    edition: mme.ConversionEdition,
) -> None:
    warnings = told(ask("morphine", "10 mg", per_day=4, edition=edition))
    use = ", ".join(edition.intended_use)
    expected = f"{edition.id} is meant for {use}, not for one patient"
    assert warnings == (() if edition.for_one_patient else (expected,))


@pytest.mark.parametrize("milligrams", ["0.5", "20.5", "80.5", "81"])
def test_a_dose_that_no_printed_bounds_hold_is_our_reading(milligrams: str) -> None:
    (warning,) = told(methadone(milligrams, edition="cdc-2016"))
    assert warning.startswith("Our reading of the printed bounds")


@pytest.mark.parametrize("milligrams", ["1", "20", "21", "60", "80"])
def test_a_dose_within_printed_bounds_is_no_reading_of_ours(milligrams: str) -> None:
    assert told(methadone(milligrams, edition="cdc-2016")) == ()


def test_gap_free_tiers_are_no_reading_of_ours() -> None:
    warnings = told(methadone("20.5", edition="cms-2018-02-oms"))
    assert not any("Our reading" in warning for warning in warnings)


def test_our_reading_is_told_of_the_summed_dose() -> None:
    halves = [mme.Dose("methadone", "10.25 mg", per_day=1)] * 2
    assert any("Our reading" in w for w in mme.regimen(halves, edition="cdc-2016").warnings)


@pytest.mark.parametrize("milligrams", ["9", "13.5", "18", "27", "36"])
def test_a_capsule_of_oxycodone_base_is_warned_of_and_not_corrected(milligrams: str) -> None:
    asked: dict[str, Any] = {"per_day": 2, "form": "Extended Release Oral Capsule"}
    answer = ask("oxycodone", f"{milligrams} mg", **asked)
    assert answer.mme_per_day == 2 * 1.5 * float(milligrams)
    (warning,) = told(answer)
    assert "states oxycodone base" in warning


@pytest.mark.parametrize(
    "strength, form", [("9 mg", "tablet"), ("9 mg", None), ("10 mg", "capsule")]
)
def test_a_tablet_or_another_strength_states_the_salt(strength: str, form: str | None) -> None:
    assert told(ask("oxycodone", strength, per_day=2, form=form)) == ()


@pytest.mark.parametrize("strength", ["12 mcg/h", "0.012 MG/HR"])
def test_fentanyl_12_is_nominally_12_and_a_half_and_only_warned_of(strength: str) -> None:
    answer = patch(strength)
    assert answer.mme_per_day == 28.8
    (warning,) = told(answer)
    assert "nominally 12.5" in warning
    assert told(patch("12.5 mcg/h")) == ()


def test_methadone_40_mg_tablets_are_for_opioid_use_disorder() -> None:
    answer = methadone("40")
    assert answer.mme_per_day == 188
    assert told(answer) == ("Methadone 40 mg tablets are for opioid use disorder",)


def test_assumptions_are_told() -> None:
    route = "route: oral, since none was given"
    assert oxycodone(per_day=4).assumptions == (route,)
    assert oxycodone(per_day=4, route="oral").assumptions == ()
    solution = ask("oxycodone", "10 mg/5 mL", per_day=20, route="oral")
    assert solution.assumptions == ("per_day: mL a day, since the strength is per mL",)


# --------------------------------------------------------------------------- how it came about


def test_the_answer_carries_factor_formula_and_edition() -> None:
    answer = oxycodone(per_day=4)
    assert (answer.factor, answer.factor_text) == (Fraction(3, 2), "1.5 per mg")
    assert answer.formula == "strength x units a day x factor"
    assert (answer.edition, answer.editions) == ("cdc-2022", ("cdc-2022",))
    assert (answer.route, answer.form, answer.strength) == ("oral", None, "10 mg")


def test_the_formula_fits_the_kind_of_factor() -> None:
    assert "patches worn at once" in patch().formula
    tiered = methadone("80", edition="cdc-2016")
    assert "whole daily dose" in tiered.formula
    assert tiered.factor_text == "12 per mg of the whole daily dose"


def test_a_chain_says_which_edition_gave_the_factor() -> None:
    first = oxycodone(per_day=4, edition=CHAIN)
    second = ask("dihydrocodeine", "16 mg", per_day=4, edition=CHAIN)
    assert (first.edition, second.edition) == CHAIN
    assert second.mme_per_day == 16
    assert first.editions == second.editions == CHAIN
    # Each is warned of by the edition that answered, not by the whole chain.
    assert told(first) == ()
    assert told(second)[0].startswith("cdc-file-2018 is meant for")


def test_an_edition_of_ones_own_goes_wherever_an_id_goes(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(OWN, encoding="utf-8")
    own = mme.ConversionEdition.from_toml(path)
    answer = oxycodone(per_day=4, edition=own)
    assert (answer.mme_per_day, answer.edition) == (50, "plan-2026")
    assert ask("morphine", "10 mg", per_day=4, edition=(own, "cdc-2022")).mme_per_day == 40


def test_the_repr_names_drug_number_factor_and_edition() -> None:
    expected = "DailyMme(oxycodone 10 mg: 60 MME/day, factor 1.5 per mg, cdc-2022)"
    assert repr(oxycodone(per_day=4)) == expected
    without = ask("dihydrocodeine", "16 mg", per_day=4)
    assert repr(without) == "DailyMme(dihydrocodeine 16 mg: no MME, NO_FACTOR)"


def test_a_notebook_shows_number_formula_assumptions_and_warnings() -> None:
    page = patch(quantity=10, days_supply=20)._repr_html_()
    assert "<b>90</b> MME/day = rate (mcg/h) x factor a day x patches worn at once" in page
    assert "edition cdc-2022" in page
    assert f"<li>{ROTATION}" in page and "<li>1.5 patches" in page
    assert "<li>route: oral, since none was given</li>" in oxycodone(per_day=4)._repr_html_()


# ------------------------------------------------------------------------- doses and regimens


@pytest.mark.parametrize(
    "dose",
    [
        mme.Dose("methadone", "10 mg", per_day=Fraction(1, 3)),
        mme.Dose("oxycodone", "10 mg/5 mL", quantity=30.5, days_supply=7, form="liquid"),
        mme.Dose("fentanyl", "25 mcg/h", route="transdermal", every_hours=Decimal("72.5")),
        mme.Dose("oxycodone", pint.UnitRegistry().Quantity(10, "mg"), per_day=4),
    ],
    ids=["thirds", "float", "hours", "pint"],
)
def test_a_dose_comes_back_from_json_as_it_was(dose: mme.Dose) -> None:
    assert mme.Dose.from_json(dose.to_json()) == dose


def test_json_that_is_no_dose_is_refused_by_its_fields() -> None:
    with pytest.raises(DocumentError, match="ingredient: is missing; strength: is missing"):
        mme.Dose.from_json("{}")
    with pytest.raises(DocumentError, match="not JSON"):
        mme.Dose.from_json("10 mg")


def test_a_misspelt_argument_of_a_dose_is_refused_by_its_name() -> None:
    with pytest.raises(DocumentError, match="per_dya"):
        mme.Dose("methadone", "10 mg", per_dya=3)


def test_a_drug_without_a_factor_makes_a_regimen_a_lower_bound() -> None:
    day = [mme.Dose("oxycodone", "10 mg", per_day=4), mme.Dose("dihydrocodeine", "8 mg", per_day=2)]
    answer = mme.regimen(day, edition="cdc-2022")
    assert (answer.mme_per_day, answer.is_lower_bound) == (60, True)
    assert answer.reasons == (("dihydrocodeine", mme.Reason.NO_FACTOR),)
    assert "2 drugs: 60 MME/day, a lower bound, cdc-2022" in repr(answer)


def test_a_regimen_of_no_factors_has_no_number() -> None:
    answer = mme.regimen([mme.Dose("dihydrocodeine", "8 mg", per_day=2)], edition="cdc-2022")
    assert (answer.mme_per_day, answer.is_lower_bound) == (None, True)
    assert "no MME" in repr(answer)


def test_a_regimen_of_factors_alone_is_no_lower_bound() -> None:
    answer = mme.regimen([mme.Dose("oxycodone", "10 mg", per_day=4)], edition="cdc-2022")
    assert (answer.mme_per_day, answer.is_lower_bound, answer.reasons) == (60, False, ())


@pytest.mark.parametrize("choice, beside", [("exclude", None), ("include", 60 + 620.8)])
def test_buprenorphine_stands_beside_the_sum_and_never_in_it(
    choice: Any, beside: float | None
) -> None:
    day = [
        mme.Dose("oxycodone", "10 mg", per_day=4),
        mme.Dose("buprenorphine", "8 mg", route="sublingual", per_day=2),
    ]
    answer = mme.regimen(day, edition="nih-heal-2024", buprenorphine=choice)
    assert (answer.mme_per_day, answer.is_lower_bound) == (60, True)
    assert answer.mme_per_day_with_buprenorphine == beside


def test_a_regimen_tells_each_warning_and_assumption_once() -> None:
    answer = mme.regimen([mme.Dose("methadone", "40 mg", per_day=1)] * 2, edition="cdc-2016")
    assert len(answer.warnings) == len(set(answer.warnings)) == 2
    assert answer.assumptions == ("route: oral, since none was given",)


def test_the_parts_of_a_regimen_have_the_tier_of_the_sum() -> None:
    day = [mme.Dose("methadone", "15 mg", per_day=1), mme.Dose("methadone", "10 mg", per_day=1)]
    parts = mme.regimen(day, edition="cdc-2016").parts
    assert [part.mme_per_day for part in parts] == [15 * 8, 10 * 8]


def test_a_notebook_shows_a_regimen_with_its_parts() -> None:
    day = [mme.Dose("oxycodone", "10 mg", per_day=4), mme.Dose("dihydrocodeine", "8 mg", per_day=2)]
    page = mme.regimen(day, edition="cdc-2022")._repr_html_()
    assert "a lower bound" in page and "oxycodone 10 mg" in page and "NO_FACTOR" in page


@pytest.mark.parametrize("doses", [mme.Dose("oxycodone", "10 mg", per_day=4), ["oxycodone"], None])
def test_a_regimen_is_a_sequence_of_doses(doses: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a sequence of Dose"):
        mme.regimen(doses, edition="cdc-2022")
