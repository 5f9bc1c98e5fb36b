"""Every shipped table: its source, its dates, its rows, its hash."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from opsafe.mme.editions import ConversionEdition, edition, editions, last_day
from opsafe.mme.factors import LinearFactor, NoFactor, PatchFactor, TieredFactor

HASHES = tomllib.loads((Path(__file__).parent / "hashes.toml").read_text(encoding="utf-8"))
IDS = [each.id for each in editions()]
each_edition = pytest.mark.parametrize("shipped", editions(), ids=IDS)


def test_the_list_is_complete() -> None:
    assert set(IDS) == {
        "cdc-2016",
        "cdc-2022",
        "cdc-file-2010",
        "cdc-file-2013",
        "cdc-file-2014",
        "cdc-file-2016",
        "cdc-file-2018",
        "cms-2015-03",
        "cms-2018-02-linear",
        "cms-2018-02-oms",
        "nih-heal-2024",
        "va-storm-2020-report",
        "va-storm-2020-riskscore",
        "von-korff-2008",
    }


def test_released_values_are_never_edited() -> None:
    # A wrong figure gets a corrected file with an id of its own; this table only grows.
    assert {each.id: each.values_hash() for each in editions()} == HASHES


@each_edition
def test_source_is_whole(shipped: ConversionEdition) -> None:
    assert shipped.kind == "published"
    assert shipped.source.read in ("primary", "secondary")
    assert shipped.source.retrieved == date(2026, 11, 21)
    assert shipped.source.published <= shipped.source.retrieved
    if not shipped.id.startswith("va-storm"):  # that file was read where no address is stable
        assert re.fullmatch(r"https://\S+", shipped.source.address)


@each_edition
def test_secondary_reading_says_through_whom(shipped: ConversionEdition) -> None:
    assert shipped.source.read == "primary" or shipped.source.note


@each_edition
def test_chain_of_dates_has_no_gap_and_no_loop(shipped: ConversionEdition) -> None:
    if shipped.supersedes is not None:
        earlier = edition(shipped.supersedes)
        assert earlier.effective_from < shipped.effective_from
        last = last_day(earlier.id)
        assert last is not None
        assert (shipped.effective_from - last).days == 1


@each_edition
def test_no_two_rows_answer_for_the_same_drug(shipped: ConversionEdition) -> None:
    seen = set()
    for row in shipped.factors:
        for route in row.routes or ("any",):
            for form in row.forms or ("any",):
                key = (row.ingredient, route, form)
                assert key not in seen
                seen.add(key)


@each_edition
def test_values_lie_on_the_grid(shipped: ConversionEdition) -> None:
    for row in shipped.factors:
        if isinstance(row, LinearFactor | PatchFactor):
            assert (Fraction(row.value) * 1000).denominator == 1
        if isinstance(row, PatchFactor):
            assert (row.per_day * 1000).denominator == 1
            assert row.per_patch == row.per_day * row.wear_days
            assert row.wear_days == {"fentanyl": 3, "buprenorphine": 7}[row.ingredient]
        if isinstance(row, TieredFactor):
            assert all((Fraction(tier.value) * 1000).denominator == 1 for tier in row.tiers)


@each_edition
def test_rows_are_for_the_routes_that_outpatients_use(shipped: ConversionEdition) -> None:
    for row in shipped.factors:
        assert "parenteral" not in row.routes


@each_edition
def test_fentanyl_beside_the_patch_needs_its_form(shipped: ConversionEdition) -> None:
    if shipped.id == "von-korff-2008":  # it prints one factor for every form
        return
    routes = set(shipped.routes_of("fentanyl")) - {"transdermal"}
    assert all(shipped.forms_of("fentanyl", route) for route in routes)


def test_what_the_rules_say_of_methadone() -> None:
    linear = {
        each.id: row.value
        for each in editions()
        if isinstance(row := each.lookup("methadone", "oral", None), LinearFactor)
    }
    assert {key: str(value) for key, value in linear.items()} == {
        "cdc-2022": "4.7",
        "cdc-file-2010": "3",
        "cdc-file-2013": "3",
        "cdc-file-2014": "3",
        "cdc-file-2016": "3",
        "cdc-file-2018": "3",
        "cms-2015-03": "3",
        "cms-2018-02-linear": "3",
        "nih-heal-2024": "4.7",
        "va-storm-2020-riskscore": "3",
        "von-korff-2008": "3",
    }


@pytest.mark.parametrize(
    "edition_id, bounds",
    [
        ("cdc-2016", "integers"),
        ("cms-2018-02-oms", "gap-free"),
        ("va-storm-2020-report", "gap-free"),
    ],
)
def test_tiers_of_methadone(edition_id: str, bounds: str) -> None:
    row = edition(edition_id).lookup("methadone", "oral", None)
    assert isinstance(row, TieredFactor)
    assert row.printed_bounds == bounds
    steps = [(str(tier.above), str(tier.up_to), str(tier.value)) for tier in row.tiers]
    assert steps == [("0", "20", "4"), ("20", "40", "8"), ("40", "60", "10"), ("60", "None", "12")]


def test_methadone_is_tiered_nowhere_else() -> None:
    tiered = {each.id for each in editions() for row in each.factors if row.kind == "tiered"}
    assert tiered == {"cdc-2016", "cms-2018-02-oms", "va-storm-2020-report"}


def test_buprenorphine_without_a_factor_is_listed() -> None:
    without = {
        each.id
        for each in editions()
        if isinstance(each.lookup("buprenorphine", "sublingual", "tablet"), NoFactor)
    }
    assert without == {"cdc-2022", "cdc-file-2018", "cms-2018-02-linear", "cms-2018-02-oms"}


def test_who_is_meant_for_one_patient() -> None:
    assert {each.id for each in editions() if each.for_one_patient} == {"cdc-2016", "cdc-2022"}
    for each in editions():
        assert each.for_one_patient == ("guideline for clinicians" in each.intended_use)


def test_who_leaves_cough_and_cold_products_out() -> None:
    assert {each.id for each in editions() if each.cough_and_cold == "excluded"} == {
        "cdc-file-2014",
        "cdc-file-2016",
        "cdc-file-2018",
    }


def test_who_lists_injectables() -> None:
    assert {each.id for each in editions() if each.parenteral_listed} == {
        "cdc-file-2010",
        "cdc-file-2013",
        "cdc-file-2014",
        "cms-2015-03",
    }


def test_sprays_per_bottle_only_where_they_are_printed() -> None:
    sprays = {each.id: each.sprays_per_bottle for each in editions() if each.sprays_per_bottle}
    assert set(sprays) == {"va-storm-2020-report", "va-storm-2020-riskscore"}
    assert {(each.butorphanol, each.fentanyl) for each in sprays.values()} == {(14, 8)}


def test_what_two_sources_disagree_on_is_not_merged() -> None:
    def value(edition_id: str, ingredient: str, route: str, form: str | None) -> str:
        row = edition(edition_id).lookup(ingredient, route, form)
        assert isinstance(row, LinearFactor)
        return str(row.value)

    tapentadol = ("tapentadol", "oral", None)
    assert value("nih-heal-2024", *tapentadol) == "0.3"
    assert value("cdc-2022", *tapentadol) == "0.4"
    assert value("cdc-file-2013", *tapentadol) == "1"
    tablet = ("buprenorphine", "sublingual", "tablet")
    assert [value(f"cdc-file-{year}", *tablet) for year in (2010, 2014, 2016)] == ["10", "10", "30"]
