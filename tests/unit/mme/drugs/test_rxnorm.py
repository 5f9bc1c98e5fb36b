"""RxNorm names are read by their rule; what does not follow it says why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.errors import ArgumentTypeError
from opsafe.mme.drugs import DrugName, parse_name
from opsafe.mme.reasons import Flag


def opioids(read: DrugName) -> list[tuple[str, str | None]]:
    """Return the opioids of a product with their strengths."""
    return [(part.ingredient, part.strength) for part in read.opioids]


# --------------------------------------------------------------------------------- the pattern


def test_a_patch_has_its_wear_time_in_front() -> None:
    read = parse_name("72 HR Fentanyl 0.025 MG/HR Transdermal System [Duragesic]")
    assert opioids(read) == [("fentanyl", "0.025 mg/h")]
    assert (read.route, read.form, read.wear_hours) == ("transdermal", "patch", 72)
    assert (read.dose_form, read.brand) == ("Transdermal System", "Duragesic")
    assert not read.extended_release
    assert parse_name("168 HR Buprenorphine 0.01 MG/HR Transdermal System").wear_hours == 168


def test_hours_of_a_tablet_are_extended_release_and_no_wear_time() -> None:
    for name in (
        "12 HR Morphine Sulfate 15 MG Extended Release Oral Tablet",
        "Morphine Sulfate 15 MG Extended Release Oral Tablet [MS Contin]",
        "Matrix Delivery 24 HR tramadol hydrochloride 100 MG Extended Release Oral Tablet",
    ):
        read = parse_name(name)
        assert (read.extended_release, read.wear_hours, read.form) == (True, None, "tablet")
    assert not parse_name("Morphine Sulfate 15 MG Oral Tablet").extended_release


def test_a_volume_in_front_is_no_strength() -> None:
    read = parse_name("0.5 ML Buprenorphine 200 MG/ML Prefilled Syringe [Sublocade]")
    assert opioids(read) == [("buprenorphine", "200 mg/mL")]
    assert (read.volume_ml, read.route, read.form) == (Decimal("0.5"), "parenteral", "injection")


def test_application_number_and_actuations_stand_in_front() -> None:
    read = parse_name("NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler")
    assert [(part.ingredient, part.strength) for part in read.components] == [
        ("albuterol", "0.09 mg/actuation")
    ]
    assert (read.actuations, read.route, read.form) == (200, "inhalation", None)


def test_an_injected_mass_is_parenteral() -> None:
    read = parse_name("Hydromorphone Hydrochloride 250 MG Injection [Dilaudid]")
    assert (opioids(read), read.route) == ([("hydromorphone", "250 mg")], "parenteral")


def test_only_the_opioid_of_a_combination_is_one() -> None:
    read = parse_name("Acetaminophen 325 MG / oxyCODONE Hydrochloride 10 MG Oral Tablet [Percocet]")
    assert opioids(read) == [("oxycodone", "10 mg")]
    assert [part.kind for part in read.components] == ["other", "opioid"]
    assert [part.salt for part in read.components] == [None, "hydrochloride"]
    assert (read.brand, read.reason) == ("Percocet", None)


def test_two_salts_of_one_opioid_add_up() -> None:
    read = parse_name(
        "Aspirin 325 MG / Oxycodone Hydrochloride 2.25 MG / oxycodone terephthalate 0.19 MG"
        " Oral Tablet"
    )
    assert opioids(read) == [("oxycodone", "2.44 mg")]
    assert len(read.components) == 3


def test_two_salts_of_different_units_stay_apart() -> None:
    read = parse_name(
        "oxycodone hydrochloride 2 MG / oxycodone terephthalate 1 MG/ML Oral Solution"
    )
    assert opioids(read) == [("oxycodone", "2 mg"), ("oxycodone", "1 mg/mL")]


def test_two_opioids_both_count() -> None:
    read = parse_name("Codeine Phosphate 10 MG / Morphine Sulfate 5 MG Oral Tablet")
    assert opioids(read) == [("codeine", "10 mg"), ("morphine", "5 mg")]


def test_a_number_in_an_ingredient_is_no_strength() -> None:
    read = parse_name("Vitamin B 12 5 MG/ML Injectable Solution")
    assert [(part.ingredient, part.strength) for part in read.components] == [
        ("vitamin b 12", "5 mg/mL")
    ]


def test_a_name_without_a_dose_form_has_no_route() -> None:
    read = parse_name("Verapamil Hydrochloride 40 MG")
    assert (read.dose_form, read.route, read.form, read.reason) == (None, None, None, None)
    assert read.components[0].ingredient == "verapamil"


def test_a_dose_form_that_is_not_known_is_kept_as_printed() -> None:
    read = parse_name("Morphine Sulfate 10 MG Oral Philtre")
    assert (read.dose_form, read.route, read.form) == ("Oral Philtre", None, None)
    assert opioids(read) == [("morphine", "10 mg")]


def test_units_beyond_our_tables_are_kept_as_printed() -> None:
    read = parse_name("1 ML heparin sodium  porcine 5000 UNT/ML Injection")
    assert [(part.ingredient, part.unit) for part in read.components] == [("heparin", "UNT/ML")]


def test_an_unknown_ingredient_is_kept_without_a_kind() -> None:
    part = parse_name("Zebrafentanyl Citrate 5 MG Oral Tablet").components[0]
    assert (part.ingredient, part.kind, part.strength) == ("zebrafentanyl citrate", None, "5 mg")


# ---------------------------------------------------------------------------------------- packs


def test_a_pack_of_one_product_is_that_product() -> None:
    read = parse_name("{2 (Fentanyl 0.8 MG/ACTUAT Mucosal Spray [Subsys]) } Pack [Subsys 1600 MCG]")
    assert opioids(read) == [("fentanyl", "0.8 mg/actuation")]
    assert (read.pack_count, read.brand, read.form) == (2, "Subsys", "oral spray")
    assert read.warnings == (Flag.PACK_OF_TWO,)


def test_a_pack_of_two_alike_adds_their_number() -> None:
    read = parse_name(
        "{2 (Codeine Phosphate 15 MG Oral Tablet) / 3 (Codeine 15 MG Oral Tablet) } Pack"
    )
    assert read.pack_count == 5
    assert read.reason == "a pack of different products: no one strength"  # another salt
    read = parse_name("{2 (Codeine 15 MG Oral Tablet [A]) / 3 (Codeine 15 MG Oral Tablet) } Pack")
    assert (read.pack_count, read.reason, opioids(read)) == (5, None, [("codeine", "15 mg")])


def test_a_pack_of_different_opioid_products_has_no_strength() -> None:
    read = parse_name(
        "{7 (tapentadol 50 MG Oral Tablet) / 7 (tapentadol 75 MG Oral Tablet) } Pack [Nucynta]"
    )
    assert read.reason == "a pack of different products: no one strength"
    assert opioids(read) == [("tapentadol", None)]


def test_a_pack_without_opioids_names_its_ingredients() -> None:
    read = parse_name(
        "{21 (Ethinyl Estradiol 0.03 MG / Levonorgestrel 0.15 MG Oral Tablet) / "
        "7 (Inert Ingredients 1 MG Oral Tablet) } Pack [Levora 28 Day]"
    )
    assert read.reason is None
    assert {part.kind for part in read.components} == {"other"}


@pytest.mark.parametrize(
    "name", ["{2 } Pack", "{Fentanyl 1 MG Oral Tablet} Pack", "{2 (a) 3 (b)} Pack x", "} Pack", "{"]
)
def test_braces_that_cannot_be_read_say_so(name: str) -> None:
    assert parse_name(name).reason in (
        "a pack whose content cannot be read",
        "braces that are no pack",
    )


# -------------------------------------------------------------------------- not in full, or not


@pytest.mark.parametrize(
    "name",
    [
        "Camila 28 Day Pack",
        "Levora 0.15/30 28 Day Pack",
        "NuvaRing 0.12/0.015 MG per 24HR 21 Day Vaginal Ring",
        "Norinyl 1+50 28 Day Pack",
    ],
)
def test_a_brand_without_a_strength_is_not_read(name: str) -> None:
    read = parse_name(name)
    assert (read.reason, read.components, read.opioids) == ("no strength", (), ())


def test_an_opioid_without_a_strength_is_still_an_opioid() -> None:
    for name in ("Oxycodone Oral Tablet", "oxycodone", "Acetaminophen / Oxycodone Oral Tablet"):
        read = parse_name(name)
        assert (read.reason, opioids(read)) == ("no strength", [("oxycodone", None)])


def test_known_ingredients_without_strengths_are_named() -> None:
    read = parse_name("Mestranol / Norethynodrel [Enovid]")
    assert [part.ingredient for part in read.components] == ["mestranol", "norethynodrel"]
    assert (read.reason, read.brand) == ("no strength", "Enovid")
    assert parse_name("Carbamazepine[Tegretol]").components[0].ingredient == "carbamazepine"


@pytest.mark.parametrize(
    "name, reason",
    [
        ("", "empty"),
        (" [Percocet]", "empty"),
        ("x" * 5000, "too long for a drug name"),
        ("40 MG", "no strength"),
        (" / ", "no strength"),
        ("Codeine 5 MG extra / Morphine 5 MG Oral Tablet", "text after a strength"),
    ],
)
def test_a_name_that_breaks_the_rule_says_why(name: str, reason: str) -> None:
    assert parse_name(name).reason == reason


@pytest.mark.parametrize("value", [None, 5, b"Codeine", ["Codeine"]])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(ArgumentTypeError, match="drug name is text"):
        parse_name(value)  # type: ignore[arg-type]


# ------------------------------------------------------------------- what a product is for


@pytest.mark.parametrize(
    "name, moud",
    [
        ("Buprenorphine 8 MG Sublingual Tablet", True),
        ("Buprenorphine 8 MG / Naloxone 2 MG Oral Strip [Suboxone]", True),
        ("Buprenorphine 8 MG / Naloxone 2 MG Sublingual Film", True),
        ("Buprenorphine 2.1 MG / Naloxone 0.3 MG Buccal Film [Bunavail]", True),
        ("Buprenorphine 74.2 MG Drug Implant [Probuphine]", True),
        ("1.5 ML Buprenorphine 200 MG/ML Prefilled Syringe", True),
        ("0.16 ML buprenorphine 50 MG/ML Prefilled Syringe [Brixadi]", True),
        ("Methadone Hydrochloride 40 MG Tablet for Oral Suspension [Diskets]", True),
        ("Methadone Hydrochloride 40 MG Oral Tablet", True),
        ("Methadone Hydrochloride 10 MG Oral Tablet", False),
        ("Methadone Hydrochloride 40 MG/ML Oral Solution", False),
        ("Buprenorphine 0.3 MG Buccal Film [Belbuca]", False),
        ("168 HR Buprenorphine 0.01 MG/HR Transdermal System [BuTrans]", False),
        ("1 ML Buprenorphine 0.3 MG/ML Injection [Buprenex]", False),
        (("12 HR Naloxone Hydrochloride 5 MG / Oxycodone Hydrochloride 10 MG Extended Release"
         " Oral Tablet"), False),
        ("Naloxone 0.5 MG / Pentazocine 50 MG Oral Tablet", False),
    ],
)  # fmt: skip
def test_medication_for_opioid_use_disorder_is_told(name: str, moud: bool) -> None:
    assert parse_name(name).moud is moud


@pytest.mark.parametrize(
    "name, cough_cold",
    [
        ("Codeine Phosphate 2 MG/ML / Guaifenesin 20 MG/ML Oral Solution", True),
        ("guaiacolsulfonate 24 MG/ML / Hydrocodone Bitartrate 0.5 MG/ML Oral Solution", True),
        ("homatropine methylbromide 1.5 MG / Hydrocodone Bitartrate 5 MG Oral Tablet", True),
        ("Codeine Phosphate 2 MG/ML / Promethazine Hydrochloride 1.25 MG/ML Oral Solution", True),
        ("Acetaminophen 300 MG / Codeine Phosphate 30 MG Oral Tablet", False),
        ("Codeine Phosphate 1 MG/ML / Kaolin 300 MG/ML Oral Suspension", False),
        ("Dextromethorphan Hydrobromide 1 MG/ML / doxylamine succinate 0.417 MG/ML Oral Solution",
         False),
    ],
)  # fmt: skip
def test_cough_and_cold_needs_an_opioid_and_a_partner(name: str, cough_cold: bool) -> None:
    assert parse_name(name).cough_cold is cough_cold


@pytest.mark.parametrize(
    "name, flags",
    [
        ("Abuse-Deterrent 12 HR Oxycodone 13.5 MG Extended Release Oral Capsule [Xtampza]",
         (Flag.STRENGTH_IS_BASE,)),
        (("12 HR Naltrexone hydrochloride 1.2 MG / Oxycodone Hydrochloride 10 MG Extended Release"
         " Oral Capsule"), ()),
        ("72 HR Fentanyl 0.012 MG/HR Transdermal System", (Flag.NOMINAL_STRENGTH,)),
        ("72 HR Fentanyl 0.0125 MG/HR Transdermal System", ()),
        ("{2 (Fentanyl 0.6 MG/ACTUAT Mucosal Spray) } Pack", (Flag.PACK_OF_TWO,)),
        ("Fentanyl 0.6 MG/ACTUAT Mucosal Spray", ()),
    ],
)  # fmt: skip
def test_labels_that_mislead_are_flagged(name: str, flags: tuple[Flag, ...]) -> None:
    assert parse_name(name).warnings == flags


@pytest.mark.parametrize(
    "name, route, form",
    [
        ("Fentanyl 0.4 MG Oral Lozenge", "transmucosal", "lozenge"),
        ("Fentanyl 0.4 MG Buccal Tablet", "buccal", "tablet"),
        ("Fentanyl 0.4 MG Sublingual Tablet", "sublingual", "tablet"),
        ("Fentanyl 0.4 MG Buccal Film", "buccal", "film"),
        ("Fentanyl 0.4 MG Oral Strip", "buccal", "film"),
        ("Fentanyl 0.4 MG/ACTUAT Mucosal Spray", "sublingual", "oral spray"),
        ("Fentanyl 0.4 MG/ACTUAT Metered Dose Nasal Spray", "nasal", "nasal spray"),
        ("80 ACTUAT Fentanyl 0.04 MG/ACTUAT Transdermal System [Ionsys]", "transdermal",
         "iontophoretic system"),
        ("Butorphanol Tartrate 10 MG/ML Nasal Spray", "nasal", "nasal spray"),
        ("Belladonna Alkaloids 16.2 MG / Opium 30 MG Rectal Suppository", "rectal", "suppository"),
    ],
)  # fmt: skip
def test_dose_forms_become_routes_and_forms(name: str, route: str, form: str) -> None:
    read = parse_name(name)
    assert (read.route, read.form) == (route, form)


# ----------------------------------------------------------------------------------------- laws

INGREDIENTS = (
    ("Acetaminophen", "acetaminophen"),
    ("Codeine Phosphate", "codeine"),
    ("Hydrocodone Bitartrate", "hydrocodone"),
    ("Guaifenesin", "guaifenesin"),
    ("Diazepam", "diazepam"),
    ("Vitamin B 12", "vitamin b 12"),
    ("Naloxone", "naloxone"),
)
DOSE_FORMS = (
    ("MG", "mg", "Oral Tablet", "oral", "tablet"),
    ("MG", "mg", "Extended Release Oral Capsule", "oral", "capsule"),
    ("MG/ML", "mg/mL", "Oral Solution", "oral", "liquid"),
    ("MG/ML", "mg/mL", "Injectable Solution", "parenteral", "injection"),
    ("MG/ACTUAT", "mg/actuation", "Metered Dose Nasal Spray", "nasal", "nasal spray"),
)
FRONTS = ("", "12 HR ", "1 ML ", "Abuse-Deterrent ", "NDA020503 200 ACTUAT ", "Osmotic 24 HR ")
BRANDS = st.text("ABCXYZabcxyz -0123456789", min_size=1, max_size=12).map(str.strip)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(INGREDIENTS),
            st.decimals(Decimal("0.001"), Decimal(1000), places=3),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(DOSE_FORMS),
    st.sampled_from(FRONTS),
    BRANDS,
    st.booleans(),
)
def test_a_made_up_product_gives_its_parts_back(
    parts: list[tuple[tuple[str, str], Decimal]],
    product: tuple[str, str, str, str, str],
    front: str,
    brand: str,
    upper: bool,
) -> None:
    printed, unit, dose_form, route, form = product
    name = " / ".join(f"{words} {amount} {printed}" for (words, _), amount in parts)
    name = f"{front}{name} {dose_form}" + (f" [{brand}]" if brand else "")
    read = parse_name(name.upper() if upper else name)
    assert read.reason is None
    assert [(part.ingredient, part.amount, part.unit) for part in read.components] == [
        (canonical, amount, unit) for (_, canonical), amount in parts
    ]
    assert (read.route, read.form) == (route, form)
    assert (read.brand or "").casefold() == " ".join(brand.split()).casefold()


PIECES = st.sampled_from(
    (
        *("{", "}", "(", ")", "[", "]", " / ", "/", " ", "Pack", "2", "0.5", "MG", "MG/ML", "HR"),
        *("Fentanyl", "Codeine Phosphate", "Oral Tablet", "Transdermal System", "72 HR ", "1 ML "),
        *("Abuse-Deterrent ", "NDA020503 ", "\n", "\x00", "µ", "٣", "1e9", ",", "-", "inf MG"),
    )
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join)))
def test_any_text_is_answered(text: str) -> None:
    read = parse_name(text)
    assert read.name == text
    assert read.components or read.reason is not None
    assert all(part.kind == "opioid" for part in read.opioids)
    assert all(part.amount is not None for part in read.components) or read.reason is not None
