"""The planning values of the ranking engine: source, reasons, hash, each way to be wrong."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opsafe.errors import ArgumentTypeError, DocumentError, EditionNotFoundError
from opsafe.provenance import Edition
from opsafe.ranking import figures
from opsafe.ranking.editions import defaults, edition, editions, resolve

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "opsafe" / "ranking" / "data" / "editions"
HASHES = tomllib.loads((HERE / "ranking_hashes.toml").read_text(encoding="utf-8"))
each_edition = pytest.mark.parametrize("shipped", editions(), ids=[one.id for one in editions()])
DEFAULTS = defaults("2026-01")
VALUES = [
    name
    for name in figures.Defaults.model_fields
    if isinstance(getattr(DEFAULTS, name), figures.PlanningValue)
]


def test_released_values_are_never_edited() -> None:
    # A wrong figure gets a corrected file with an id of its own; this table only grows.
    assert {each.id: each.values_hash() for each in editions()} == HASHES


@each_edition
def test_source_is_whole(shipped: Edition) -> None:
    assert shipped.kind == "planning"
    assert shipped.source.publisher == "opsafe"
    assert shipped.source.retrieved == date(2026, 11, 22)
    assert edition(shipped.id) is shipped
    assert shipped.source.address.endswith(f"{shipped.id}.toml")
    assert (DATA / f"{shipped.id}.toml").is_file()


@each_edition
def test_an_edition_comes_back_from_its_json(shipped: Edition) -> None:
    again = type(shipped).from_json(shipped.to_json())
    assert again == shipped
    assert again.values_hash() == shipped.values_hash()


@each_edition
def test_a_document_that_lacks_a_field_says_which(shipped: Edition) -> None:
    fields = shipped.model_dump()
    for name in [name for name, field in type(shipped).model_fields.items() if field.is_required()]:
        with pytest.raises(DocumentError) as caught:
            type(shipped)(**{key: value for key, value in fields.items() if key != name})
        assert [problem.field for problem in caught.value.problems] == [name]


def test_planning_values_have_their_reasons() -> None:
    found = {name: getattr(DEFAULTS, name) for name in VALUES}
    assert {name: each.value for name, each in found.items()} == {
        "weight_half_width": Decimal("0.15"),
        "delay_discount_per_quarter": Decimal("0.03"),
        "two_camps_share": Decimal("0.25"),
        "two_camps_low_step": 2,
        "two_camps_high_step": 4,
        "two_camps_least_raters": 2,
        "readiness_least_raters": 3,
        "readiness_most_spread": Decimal("1.2"),
        "rank_interval_low": Decimal("0.05"),
        "rank_interval_high": Decimal("0.95"),
        "least_raters_to_resample": 3,
        "double_count_correlation": Decimal("0.8"),
    }
    assert all(len(each.reason) > 30 for each in found.values())
    assert float(DEFAULTS.weight_half_width) == 0.15 and int(DEFAULTS.two_camps_low_step) == 2


@pytest.mark.parametrize(
    "name, value, told",
    [
        ("weight_half_width", Decimal("1.5"), "weight_half_width is a share"),
        ("two_camps_share", Decimal(-1), "two_camps_share"),
        ("two_camps_low_step", 4, "below two_camps_high_step"),
        ("rank_interval_low", Decimal("0.96"), "below rank_interval_high"),
        ("least_raters_to_resample", 2, "3 at least"),
        ("readiness_least_raters", Decimal("2.5"), "whole number"),
        ("two_camps_least_raters", 0, "whole number"),
        ("readiness_most_spread", 1.2, "exact decimal"),
    ],
    ids=[
        "share",
        "negative",
        "steps",
        "interval",
        "resample",
        "broken",
        "none",
        "float",
    ],
)
def test_planning_values_that_cannot_be(name: str, value: Any, told: str) -> None:
    fields = DEFAULTS.model_dump()
    fields[name] = {"value": value, "reason": "A reason."}
    with pytest.raises(DocumentError, match=told):
        figures.Defaults(**fields)


def test_editions_are_found_by_id_and_own_ones_are_taken() -> None:
    assert defaults(DEFAULTS) is DEFAULTS
    assert resolve("2026-01", figures.Defaults, "defaults") is DEFAULTS
    own = DEFAULTS.model_copy(update={"id": "own-1", "kind": "local"})
    assert defaults(own) is own
    with pytest.raises(EditionNotFoundError, match="2026-01"):
        defaults("2026-02")
    wrong: Any = 5
    with pytest.raises(ArgumentTypeError, match="id"):
        edition(wrong)
