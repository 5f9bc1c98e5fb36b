"""Words for drugs: whole words, folded, through alias files; never a part of a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.mme import _lookups, vocabulary
from opsafe.mme.vocabulary import DoseForm, Form, Ingredient

WORDS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(sorted(_lookups.ingredients())).flatmap(
        lambda word: st.sampled_from((word, word.upper(), f" {word}  hydrochloride", f"{word}x"))
    ),
)


# --------------------------------------------------------------------------------- ingredients


@pytest.mark.parametrize(
    "text, name, kind",
    [
        ("oxycodone", "oxycodone", "opioid"),
        ("  Oxycodone\tHYDROCHLORIDE ", "oxycodone", "opioid"),
        ("OXYCODONE HCL", "oxycodone", "opioid"),
        ("oxyCODONE", "oxycodone", "opioid"),
        ("dihydrocodeine bitartrate", "dihydrocodeine", "opioid"),
        ("HYDROCODONE POLISTIREX", "hydrocodone", "opioid"),
        ("hydrocodone bitartrate hemipentahydrate", "hydrocodone", "opioid"),
        ("benzhydrocodone hydrochloride", "benzhydrocodone", "opioid"),
        ("pethidine", "meperidine", "opioid"),
        ("opium tincture", "opium", "opioid"),
        ("levomethadyl acetate", "levomethadyl", "opioid"),
        ("clonazePAM", "clonazepam", "benzodiazepine"),
        ("clorazepate dipotassium", "clorazepate", "benzodiazepine"),
        ("losartan potassium", "losartan", "other"),
        ("potassium chloride", "potassium chloride", "other"),
        ("naloxone hydrochloride", "naloxone", "other"),
        ("paracetamol", "acetaminophen", "other"),
    ],
)
def test_an_ingredient_is_found_with_or_without_its_salt(text: str, name: str, kind: str) -> None:
    assert vocabulary.ingredient(text) == Ingredient(name, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "codein",  # a part of a word is no word
        "codeines",
        "xcodeine",
        "acetylcodeine",
        "hydrochloride",
        "oxycodone and aspirin",
        "oxycodone/aspirin",
        "Percocet",  # a brand is no ingredient
        "Xtampza",
        "",
        "   ",
        "oxycodone" * 100,
        "oxycodone" + " hydrochloride" * 100,
    ],
)
def test_what_is_not_a_name_is_not_found(text: str) -> None:
    assert vocabulary.ingredient(text) is None


def test_the_salt_is_told_beside_the_ingredient() -> None:
    found = vocabulary.ingredient_and_salt("Codeine Phosphate Hemihydrate")
    assert found == (Ingredient("codeine", "opioid"), "phosphate hemihydrate")
    assert vocabulary.ingredient_and_salt("codeine") == (Ingredient("codeine", "opioid"), None)


def test_no_name_stands_for_two_ingredients() -> None:
    opioids = {*vocabulary.opioids(), *vocabulary.vocabulary().opioids.aliases}
    benzodiazepines = {
        *vocabulary.benzodiazepines(),
        *vocabulary.drug_list("benzodiazepines").aliases,
    }
    others = {*vocabulary.other_drugs(), *vocabulary.drug_list("other_drugs").aliases}
    assert opioids & benzodiazepines == set()
    assert opioids & others == set()
    assert benzodiazepines & others == set()


@pytest.mark.parametrize("name", ["benzodiazepines", "cough_cold", "other_drugs"])
def test_an_alias_leads_to_a_name_of_its_list_and_is_none_itself(name: str) -> None:
    drugs = vocabulary.drug_list(name)
    names = drugs.ingredients()
    assert len(set(names)) == len(names)
    assert set(drugs.aliases.values()) <= set(names)
    assert set(drugs.aliases) & set(names) == set()


def test_names_and_aliases_are_folded_as_they_will_be_looked_up() -> None:
    words = [*_lookups.ingredients(), *_lookups.routes(), *_lookups.form_words()]
    words += [*_lookups.dose_forms(), *_lookups.form_qualifiers(), *_lookups.salt_words()]
    assert [word for word in words if word != " ".join(word.split()).casefold()] == []


def test_the_lists_say_where_they_are_from_and_that_they_are_ours() -> None:
    lists = [vocabulary.vocabulary(), vocabulary.drug_list("cough_cold")]
    lists += [vocabulary.drug_list("benzodiazepines"), vocabulary.drug_list("other_drugs")]
    assert {one.kind for one in lists} == {"planning"}
    assert len({one.id for one in lists}) == len(lists)
    assert all(one.source.address.startswith("https://") for one in lists)


def test_the_fourteen_benzodiazepines_of_the_rule() -> None:
    rule = """alprazolam chlordiazepoxide clobazam clonazepam clorazepate diazepam estazolam
    flurazepam lorazepam midazolam oxazepam quazepam temazepam triazolam"""
    assert vocabulary.benzodiazepines() == frozenset(rule.split())


def test_there_are_more_than_five_hundred_other_drugs() -> None:
    assert len(vocabulary.other_drugs()) > 500
    assert {"gabapentin", "zolpidem", "naloxone", "naltrexone"} <= vocabulary.other_drugs()


def test_every_partner_of_cough_and_cold_products_is_a_known_drug() -> None:
    assert vocabulary.cough_cold_partners() <= vocabulary.other_drugs()
    assert {"promethazine", "guaifenesin", "homatropine"} <= vocabulary.cough_cold_partners()
    assert not vocabulary.cough_cold_partners() & {"acetaminophen", "aspirin", "naloxone"}


def test_an_unknown_list_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ArgumentError, match="benzodiazepines"):
        vocabulary.drug_list("opioids")


# -------------------------------------------------------------------------------------- routes


@pytest.mark.parametrize(
    "text, route",
    [
        ("Oral", "oral"),
        ("PO", "oral"),
        ("by  mouth", "oral"),
        ("SL", "sublingual"),
        ("Transdermal", "transdermal"),
        ("epidural", "parenteral"),
        ("INTRAMUSCULAR; INTRAVENOUS; SUBCUTANEOUS", "parenteral"),
        ("Respiratory (inhalation)", "inhalation"),
        ("oral; nasal", None),
        ("oral, mystery", None),
        ("through the ear canal", None),
        ("", None),
        (";", None),
    ],
)
def test_a_route_is_found_by_its_names(text: str, route: str | None) -> None:
    assert vocabulary.route(text) == route


# --------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    "text, form",
    [
        ("Tablet", Form("tablet")),
        ("TABLET, FILM COATED, EXTENDED RELEASE", Form("tablet", None, "extended")),
        ("Tab ER", Form("tablet", None, "extended")),
        ("extended release capsule", Form("capsule", None, "extended")),
        ("Extended Release Oral Tablet", Form("tablet", None, "extended")),
        ("12 HR Extended Release Oral Tablet", Form("tablet", None, "extended")),
        ("Delayed Release Oral Tablet", Form("tablet")),
        ("Tablet for Oral Suspension", Form("tablet")),
        ("72 HR Transdermal System", Form("patch", 72)),
        ("168 hr transdermal system", Form("patch", 168)),
        ("Patch, 72 hr", Form("patch", 72)),
        ("patch 72 hour", Form("patch", 72)),
        ("Patch, Extended Release", Form("patch")),
        ("Buccal Film", Form("film")),
        ("Oral Strip", Form("film")),
        ("Film, Soluble", Form("film")),
        ("Mucosal Spray", Form("oral spray")),
        ("Metered Dose Nasal Spray", Form("nasal spray")),
        ("Oral Lozenge", Form("lozenge")),
        ("Oral Concentrate", Form("liquid")),
        ("Prefilled Syringe", Form("injection")),
        ("Drug Implant", Form("implant")),
        ("Rectal Suppository", Form("suppository")),
        ("iontophoretic transdermal system", Form("iontophoretic system")),
        ("Topical Cream", None),  # known, but no opioid comes in it
        ("Spray", None),  # of the nose or of the mouth?
        ("tablet, mysterious", None),
        ("72 HR", None),
        ("", None),
    ],
)
def test_a_form_is_found_by_its_names(text: str, form: Form | None) -> None:
    assert vocabulary.form(text) == form


def test_a_dose_form_has_a_route_and_sometimes_another_one_for_a_drug() -> None:
    assert vocabulary.dose_form("Oral Strip") == DoseForm("oral strip", "oral", "film", False)
    for ingredient, route in (("buprenorphine", "sublingual"), ("fentanyl", "buccal")):
        found = vocabulary.dose_form("ORAL strip", ["naloxone", ingredient])
        assert found == DoseForm("oral strip", route, "film", False)
    assert vocabulary.dose_form("Philtre") is None


def test_every_route_and_form_of_a_dose_form_is_canonical() -> None:
    for found in _lookups.dose_forms().values():
        assert found.route is None or found.route in vocabulary.routes()
        assert found.form is None or found.form in vocabulary.forms()
    assert set(_lookups.dose_form_routes().values()) <= vocabulary.routes()


def test_no_dose_form_stands_twice() -> None:
    words = [
        name
        for by_route in vocabulary.vocabulary().dose_forms.values()
        for names in by_route.values()
        for name in names
    ]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("table", ["routes", "forms"])
def test_no_name_stands_for_two_words(table: str) -> None:
    names = getattr(vocabulary.vocabulary(), table).names
    words = [word for name, aliases in names.items() for word in (name, *aliases)]
    assert len(words) == len(set(words))


def test_a_form_means_the_same_with_and_without_its_route() -> None:
    both = _lookups.dose_forms().keys() & _lookups.form_words().keys()
    assert both
    assert {
        name: _lookups.form_words()[name]
        for name in both
        if _lookups.dose_forms()[name].form != _lookups.form_words()[name]
    } == {}


# ------------------------------------------------------------------------------------- nearest


@pytest.mark.parametrize(
    "text, kind, first",
    [
        ("oxycodon", "ingredient", "oxycodone"),
        ("HYDROCODNE", "ingredient", "hydrocodone"),
        ("Oxycodone Hydrochlorid", "ingredient", "oxycodone"),
        ("transdermic", "route", "transdermal"),
        ("subligual", "route", "sublingual"),
        ("tablett", "form", "tablet"),
        ("patc", "form", "patch"),
    ],
)
def test_the_nearest_word_to_a_slip_is_the_word(text: str, kind: str, first: str) -> None:
    near = vocabulary.nearest(text, kind)
    assert first in near
    assert len(near) == 3
    assert len(set(near)) == 3


def test_nearest_gives_as_many_as_asked_and_refuses_unknown_kinds() -> None:
    assert len(vocabulary.nearest("oxy", n=5)) == 5
    assert vocabulary.nearest("oxy", n=0) == ()
    with pytest.raises(ArgumentError, match="ingredient, route, form"):
        vocabulary.nearest("oxy", "colour")


# ---------------------------------------------------------------------------------------- laws


@given(WORDS)
def test_any_text_is_answered(text: str) -> None:
    found = vocabulary.ingredient(text)
    assert found is None or vocabulary.ingredient(found.name) == found
    assert vocabulary.route(text) in {*vocabulary.routes(), None}
    form = vocabulary.form(text)
    assert form is None or form.name in vocabulary.forms()
    assert len(vocabulary.nearest(text)) == 3


@given(WORDS)
def test_case_and_white_space_change_nothing(text: str) -> None:
    for read in (vocabulary.ingredient, vocabulary.route, vocabulary.form):
        assert read(f"  {text}\n") == read(text)
        assert read(text.casefold()) == read(text)


@pytest.mark.parametrize("value", [None, 5, 1.5, b"oxycodone", ["oxycodone"]])
@pytest.mark.parametrize(
    "read",
    [
        vocabulary.ingredient,
        vocabulary.route,
        vocabulary.form,
        vocabulary.dose_form,
        vocabulary.nearest,
    ],
)
def test_what_is_not_text_is_refused(read: Callable[[object], object], value: object) -> None:
    with pytest.raises(ArgumentTypeError, match="must be text"):
        read(value)
