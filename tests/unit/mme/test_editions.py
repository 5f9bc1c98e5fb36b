from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    DocumentError,
    EditionNotFoundError,
    OpsafeError,
)
from opsafe.mme.chain import EditionChain
from opsafe.mme.editions import (
    ConversionEdition,
    corrected_by,
    edition,
    editions,
    last_day,
    resolve_editions,
)
from opsafe.mme.factors import LinearFactor, NoFactor, PatchFactor, TieredFactor

OWN = """
id = "plan-2026"
title = "A plan's own table"
kind = "local"
effective_from = 2026-01-01
intended_use = ["programme reporting"]
for_one_patient = false
cough_and_cold = "silent"
parenteral_listed = false
source = { title = "Minutes", publisher = "A plan", published = 2025-12-01, locator = "1", \
address = "shelf 3", retrieved = 2025-12-15, read = "primary" }
factors = [
  { kind = "linear", ingredient = "fentanyl", routes = ["buccal"], unit = "mcg", value = 0.125 },
  { kind = "linear", ingredient = "fentanyl", routes = ["buccal"], forms = ["film"], \
unit = "mcg", value = 0.18 },
  { kind = "linear", ingredient = "hydrocodone", routes = ["oral"], unit = "mg", value = 1.10 },
  { kind = "none", ingredient = "buprenorphine", forms = ["implant"], reason = "left out" },
  { kind = "none", ingredient = "tramadol", reason = "left out" },
]
"""


@pytest.fixture
def own(tmp_path: Path) -> ConversionEdition:
    path = tmp_path / "plan.toml"
    path.write_text(OWN, encoding="utf-8")
    return ConversionEdition.from_toml(path)


def test_editions_come_by_first_day_then_id() -> None:
    order = [(each.effective_from, each.id) for each in editions()]
    assert order == sorted(order)
    assert isinstance(editions(), tuple)


def test_editions_show_as_a_table() -> None:
    lines = repr(editions()).splitlines()
    assert lines[0].split() == ["id", "first", "day", "read", "title"]
    assert len(lines) == len(editions()) + 1
    assert editions()._repr_html_().count("<tr>") == len(editions()) + 1


def test_edition_is_loaded_once() -> None:
    assert edition("cdc-2022") is edition("cdc-2022")


def test_one_edition_shows_its_rows() -> None:
    assert repr(edition("cdc-2022")) == (
        "<ConversionEdition cdc-2022: CDC guideline for pain, 2022; 11 rows>"
    )
    assert "<td>4.7 per mg</td>" in edition("cdc-2022")._repr_html_()


@pytest.mark.parametrize("wrong", ["cms-2018-02", "va-storm-2020"])
def test_a_source_with_two_sets_has_no_bare_id(wrong: str) -> None:
    with pytest.raises(EditionNotFoundError) as caught:
        edition(wrong)
    assert len(caught.value.allowed) == 2
    assert all(
        name.startswith(wrong) and name in str(caught.value) for name in caught.value.allowed
    )


@pytest.mark.parametrize("wrong", ["cdc-2023", "CDC-2022", "", "nonsense"])
def test_an_unknown_id_names_what_is_known(wrong: str) -> None:
    with pytest.raises(EditionNotFoundError) as caught:
        edition(wrong)
    assert isinstance(caught.value, KeyError)
    assert caught.value.value == wrong
    assert set(caught.value.allowed) <= {each.id for each in editions()}
    assert "mme.editions()" in str(caught.value)


@pytest.mark.parametrize("wrong", [None, 2022, ["cdc-2022"]], ids=["none", "number", "list"])
def test_an_id_is_text(wrong: object) -> None:
    with pytest.raises(ArgumentTypeError):
        edition(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edition_id, last",
    [
        ("cdc-file-2010", date(2013, 2, 28)),
        ("cdc-file-2013", date(2014, 8, 31)),
        ("cdc-file-2014", date(2015, 12, 31)),
        ("cdc-file-2016", date(2018, 8, 31)),
        ("cdc-file-2018", None),
        ("cdc-2016", date(2022, 11, 3)),
        ("cms-2015-03", date(2018, 1, 31)),
        ("cdc-2022", None),
    ],
)
def test_last_day_is_derived(edition_id: str, last: date | None) -> None:
    assert last_day(edition_id) == last


def test_last_day_of_an_unknown_edition() -> None:
    with pytest.raises(EditionNotFoundError):
        last_day("cdc-2023")


def test_nothing_is_corrected_yet() -> None:
    assert [corrected_by(each.id) for each in editions()] == [None] * len(editions())


def test_lookup_prefers_the_closest_row(own: ConversionEdition) -> None:
    def value(form: str | None) -> Decimal:
        row = own.lookup("fentanyl", "buccal", form)
        assert isinstance(row, LinearFactor)
        return row.value

    assert value("film") == Decimal("0.18")
    assert value("tablet") == value(None) == Decimal("0.125")


def test_lookup_of_what_is_not_there(own: ConversionEdition) -> None:
    assert own.lookup("hydrocodone", "rectal", None) is None
    assert own.lookup("hydrocodone", None, None) is None
    assert own.lookup("codeine", "oral", None) is None
    assert own.lookup("buprenorphine", "sublingual", "tablet") is None


def test_a_row_for_any_route_matches_any_route(own: ConversionEdition) -> None:
    assert isinstance(own.lookup("tramadol", "oral", "tablet"), NoFactor)
    assert isinstance(own.lookup("tramadol", None, None), NoFactor)
    assert isinstance(own.lookup("buprenorphine", "implant", "implant"), NoFactor)


def test_fentanyl_needs_its_form() -> None:
    files = edition("cdc-file-2018")
    assert files.lookup("fentanyl", "buccal", None) is None
    assert files.forms_of("fentanyl", "buccal") == ("tablet", "lozenge", "film", "oral spray")
    assert files.forms_of("fentanyl", "transdermal") == ()


def test_what_an_edition_has() -> None:
    guideline = edition("cdc-2022")
    assert guideline.routes_of("fentanyl") == ("transdermal",)
    assert guideline.routes_of("buprenorphine") == ()
    assert guideline.routes_of("levorphanol") == ()
    assert "buprenorphine" in guideline.ingredients()
    assert edition("cdc-file-2018").routes_of("morphine") == ("oral", "rectal")


def test_patch_in_both_shapes_is_one_fact() -> None:
    by_day = edition("cdc-2022").lookup("fentanyl", "transdermal", None)
    by_patch = edition("cdc-file-2018").lookup("fentanyl", "transdermal", "patch")
    assert isinstance(by_day, PatchFactor)
    assert isinstance(by_patch, PatchFactor)
    assert by_day.per_day == by_patch.per_day == Fraction(12, 5)
    assert by_day.per_patch == by_patch.per_patch == Fraction(36, 5)
    assert (by_day.text, by_patch.text) == (
        "2.4 per mcg/h a day, worn 3 days",
        "7.2 per mcg/h a patch of 3 days",
    )


@pytest.mark.parametrize(
    "total, value, ours",
    [
        ("0.5", 4, True),
        ("1", 4, False),
        ("20", 4, False),
        ("20.000001", 8, True),
        ("20.5", 8, True),
        ("21", 8, False),
        ("40", 8, False),
        ("40.5", 10, True),
        ("60", 10, False),
        ("60.5", 12, True),
        ("61", 12, False),
        ("79.5", 12, False),
        ("80", 12, False),
        ("80.5", 12, True),
        ("400", 12, True),
    ],
)
def test_tiers_of_methadone_and_whose_reading_they_are(total: str, value: int, ours: bool) -> None:
    row = edition("cdc-2016").lookup("methadone", "oral", "tablet")
    assert isinstance(row, TieredFactor)
    assert row.tier_of(Fraction(total)).value == value
    assert row.is_our_reading(Fraction(total)) is ours
    gap_free = edition("cms-2018-02-oms").lookup("methadone", "oral", "tablet")
    assert isinstance(gap_free, TieredFactor)
    assert gap_free.tier_of(Fraction(total)).value == value
    assert gap_free.is_our_reading(Fraction(total)) is False


@pytest.mark.parametrize("total", [0, -1])
def test_no_tier_without_a_dose(total: int) -> None:
    row = edition("cdc-2016").lookup("methadone", "oral", None)
    assert isinstance(row, TieredFactor)
    with pytest.raises(ArgumentError, match="above 0"):
        row.tier_of(Fraction(total))


def test_own_edition_goes_wherever_an_id_goes(own: ConversionEdition) -> None:
    chain = resolve_editions((own, "cdc-2022"))
    assert chain.ids == ("plan-2026", "cdc-2022")
    answer = chain.lookup("morphine", "oral", None)
    assert answer is not None
    assert answer.edition.id == "cdc-2022"
    assert "plan-2026" not in {each.id for each in editions()}


def test_a_later_edition_answers_only_for_drugs_that_no_earlier_one_lists() -> None:
    chain = resolve_editions(("cdc-2022", "cdc-file-2018"))
    levorphanol = chain.lookup("levorphanol", "oral", None)
    assert levorphanol is not None
    assert levorphanol[0].id == "cdc-file-2018"
    # The guideline lists fentanyl, as a patch: the file's lozenge does not fill in for it.
    assert chain.lookup("fentanyl", "buccal", "tablet") is None
    assert chain.routes_of("fentanyl") == ("transdermal",)
    # The guideline names buprenorphine to leave it out: that is listed.
    buprenorphine = resolve_editions(("cdc-2022", "cdc-file-2016")).lookup(
        "buprenorphine", "sublingual", "tablet"
    )
    assert buprenorphine is not None
    assert isinstance(buprenorphine.factor, NoFactor)
    assert chain.answering("oliceridine") is None
    assert chain.lookup("oliceridine", "oral", None) is None
    assert chain.routes_of("oliceridine") == chain.forms_of("oliceridine", "oral") == ()
    assert chain.forms_of("opium", "rectal") == ("suppository",)
    assert set(chain.ingredients()) > set(edition("cdc-2022").ingredients())


def test_resolving_a_chain_again_changes_nothing() -> None:
    chain = resolve_editions(["cdc-2022"])
    assert resolve_editions(chain) is chain
    assert resolve_editions("cdc-2022") == chain == EditionChain((edition("cdc-2022"),))


@pytest.mark.parametrize(
    "wrong, error",
    [
        ((), ArgumentError),
        ([], ArgumentError),
        (("cdc-2022", "cdc-2022"), ArgumentError),
        (("cdc-2022", "cdc-2023"), EditionNotFoundError),
        ("cdc-2022,cdc-2016", EditionNotFoundError),
        (None, ArgumentTypeError),
        (2022, ArgumentTypeError),
        (b"cdc-2022", ArgumentTypeError),
        ({"cdc-2022": 1}, ArgumentTypeError),
        ((None,), ArgumentTypeError),
        ((("cdc-2022",),), ArgumentTypeError),
    ],
)
def test_an_edition_argument_that_is_none(wrong: object, error: type[OpsafeError]) -> None:
    with pytest.raises(error) as caught:
        resolve_editions(wrong)  # type: ignore[arg-type]
    assert "edition" in str(caught.value)


@pytest.mark.parametrize("shipped", editions(), ids=lambda each: each.id)
def test_json_there_and_back(shipped: ConversionEdition) -> None:
    again = ConversionEdition.from_json(shipped.to_json())
    assert again == shipped
    assert again.values_hash() == shipped.values_hash()


def test_json_numbers_are_not_exact() -> None:
    text = edition("cdc-2022").to_json().replace('"4.7"', "4.7")
    with pytest.raises(DocumentError, match="in JSON decimals are text") as caught:
        ConversionEdition.from_json(text)
    assert caught.value.problems[0].field == "factors[4].value"


def test_json_decimals_that_are_none() -> None:
    text = edition("cdc-2022").to_json().replace('"4.7"', '"about 4.7"')
    with pytest.raises(DocumentError, match=r"must be a decimal, not 'about 4\.7'"):
        ConversionEdition.from_json(text)


def test_editions_are_frozen_and_hashable_by_value(own: ConversionEdition) -> None:
    with pytest.raises(ValueError, match="frozen"):
        own.for_one_patient = True
    assert hash(own) == hash(own.model_copy())
    assert own.lookup("hydrocodone", "oral", None) == own.model_copy().lookup(
        "hydrocodone", "oral", None
    )


def test_a_copy_with_other_factors_looks_them_up(own: ConversionEdition) -> None:
    assert own.lookup("hydrocodone", "oral", None)
    other = own.model_copy(update={"factors": own.factors[:1]})
    assert other.lookup("hydrocodone", "oral", None) is None
