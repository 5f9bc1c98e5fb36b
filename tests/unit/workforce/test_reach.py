"""Limits of travel: one or two, joined either way, and the published ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, OpsafeError
from opsafe.workforce._travel import Travel, inside
from opsafe.workforce.reach import Reach, ReachStandard, reach_standard

PROGRAMME = "Medi-Cal managed care"
# Two areas, two sites: the first pair is near by both measures, the others by one or by none.
TRAVEL = Travel(
    areas=(0, 1),
    sites=(0, 1),
    minutes=np.array([[30.0, 31.0], [20.0, 90.0]]),
    miles=np.array([[15.0, 10.0], [15.1, 60.0]]),
)


def test_a_cost_at_the_threshold_is_inside() -> None:
    found, cautions = inside(Reach(minutes=30), TRAVEL)
    assert found.tolist() == [[True, False], [True, False]]
    assert cautions == ()


def test_either_limit_or_both() -> None:
    either, _ = inside(Reach(minutes=30, miles=15), TRAVEL)
    both, _ = inside(Reach(minutes=30, miles=15, logic="both"), TRAVEL)
    assert either.tolist() == [[True, True], [True, False]]
    assert both.tolist() == [[True, False], [False, False]]


def test_one_of_two_alternatives_that_cannot_be_asked_is_told() -> None:
    without = Travel(TRAVEL.areas, TRAVEL.sites, TRAVEL.minutes, None)
    found, cautions = inside(Reach(minutes=30, miles=15), without)
    assert found.tolist() == [[True, False], [True, False]]
    assert cautions[0].startswith("the limit of 15 miles was not evaluated")


@pytest.mark.parametrize(
    "limit, field",
    [
        (Reach(minutes=30, miles=15, logic="both"), "travel_miles"),
        (Reach(miles=15), "travel_miles"),
    ],
)
def test_a_limit_that_needs_what_is_missing_is_refused(limit: Reach, field: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        inside(limit, Travel(TRAVEL.areas, TRAVEL.sites, TRAVEL.minutes, None))
    assert refused.value.where == field


@pytest.mark.parametrize(
    "fields, field",
    [
        ({}, ""),
        ({"minutes": -1}, "minutes"),
        ({"miles": float("nan")}, "miles"),
        ({"miles": float("inf")}, "miles"),
        ({"minutes": "30"}, "minutes"),
        ({"minutes": 30, "logic": "or"}, "logic"),
        ({"minutes": 30, "hours": 1}, "hours"),
    ],
)
def test_no_limit_or_a_wrong_one_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentError) as refused:
        Reach(**fields)
    assert field in [problem.field for problem in refused.value.problems]


def test_a_limit_survives_json() -> None:
    limit = Reach(minutes=30, miles=12.5, logic="both")
    assert Reach.from_json(limit.to_json()) == limit
    assert str(limit) == "30 minutes and 12.5 miles"


@pytest.mark.parametrize(
    "county, minutes, miles", [("Alameda", 30, 15), ("Ventura", 60, 30), ("Santa Clara", 30, 15)]
)
def test_the_standard_of_a_county(county: str, minutes: float, miles: float) -> None:
    found = reach_standard(PROGRAMME, "specialist", county=county).reach
    assert found == Reach(minutes=minutes, miles=miles, logic="either")


def test_a_standard_for_all_counties_needs_no_county() -> None:
    everywhere = reach_standard(PROGRAMME, "primary care")
    assert everywhere == reach_standard(PROGRAMME, "primary care", county="Kern")
    assert str(everywhere.effective_from) == "2018-01-01"


@pytest.mark.parametrize(
    "asked, field, error",
    [
        (("Medicare Advantage", "specialist", None), "programme", ArgumentError),
        ((PROGRAMME, "opioid treatment program", None), "provider_type", ArgumentError),
        ((PROGRAMME, "specialist", None), "county", ArgumentError),
        # It may be in the third group, whose names were not read.
        ((PROGRAMME, "specialist", "Butte"), "county", ArgumentError),
        ((1, "specialist", None), "programme", ArgumentTypeError),
        ((PROGRAMME, None, None), "provider_type", ArgumentTypeError),
        ((PROGRAMME, "specialist", 6), "county", ArgumentTypeError),
    ],
)
def test_a_standard_that_is_not_there_names_what_is(
    asked: tuple[Any, Any, Any], field: str, error: type[Exception]
) -> None:
    programme, provider_type, county = asked
    with pytest.raises(error) as refused:
        reach_standard(programme, provider_type, county=county)
    assert isinstance(refused.value, OpsafeError) and refused.value.where == field


OWN: Final = """\
id = "our-contract"
title = "Our contract"
kind = "local"
effective_from = 2026-01-01
programme = "Our plan"
provider_type = "prescriber"
county_group = "all counties"
minutes = 37.5
logic = "either"
source.title = "Contract"
source.publisher = "Our plan"
source.published = 2025-12-01
source.locator = "exhibit 3"
source.address = "on file"
source.retrieved = 2026-01-01
source.read = "primary"
"""


def own_standard(folder: Path, old: str = "", new: str = "") -> Path:
    path = folder / "own.toml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    return path


def test_a_standard_of_one_s_own_is_read_from_a_file(tmp_path: Path) -> None:
    found = ReachStandard.from_toml(own_standard(tmp_path))
    assert found.reach == Reach(minutes=37.5)


@pytest.mark.parametrize(
    "old, new, field",
    [
        ("minutes = 37.5", "minutes = -1", "minutes"),
        ("minutes = 37.5", "", "logic"),
        ('"either"', '"or"', "logic"),
        ('"local"', '"published"', "kind"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    with pytest.raises(DocumentError) as refused:
        ReachStandard.from_toml(own_standard(tmp_path, old, new))
    assert [problem.field for problem in refused.value.problems] == [field]
