"""Every shared retention curve: source, values, hash, and each way to be wrong."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from opsafe import _tables
from opsafe.errors import DocumentError
from opsafe.retention import FOLDER, RetentionEdition

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "opsafe" / "data" / "retention"
HASHES = tomllib.loads((HERE / "retention_hashes.toml").read_text(encoding="utf-8"))
SHIPPED = [
    RetentionEdition._from_table(_tables.read_toml(FOLDER, name), name)
    for name in _tables.names(FOLDER)
]
each_edition = pytest.mark.parametrize("shipped", SHIPPED, ids=[one.id for one in SHIPPED])
CURVE = "medicaid-2013-15"
POINTS = "points = [[1, 0.716], [6, 0.354]]"


def test_released_values_are_never_edited() -> None:
    # A wrong figure gets a corrected file with an id of its own; this table only grows.
    assert {each.id: each.values_hash() for each in SHIPPED} == HASHES


@each_edition
def test_source_is_whole(shipped: RetentionEdition) -> None:
    assert shipped.kind in ("published", "planning")
    assert shipped.source.retrieved >= date(2026, 11, 22)
    assert shipped.source.read == "primary" or shipped.source.note
    assert re.fullmatch(r"https?://\S+", shipped.source.address) or shipped.kind == "planning"
    assert (DATA / f"{shipped.id}.toml").is_file()


@each_edition
def test_an_edition_comes_back_from_its_json(shipped: RetentionEdition) -> None:
    again = RetentionEdition.from_json(shipped.to_json())
    assert again == shipped
    assert again.values_hash() == shipped.values_hash()


@each_edition
def test_curves_fall(shipped: RetentionEdition) -> None:
    assert (shipped.weibull_scale_months is None) == bool(shipped.points)
    for (month, share), (later, left) in pairwise(shipped.points):
        assert month < later and left <= share


def test_the_curve_of_medicaid_is_as_printed() -> None:
    (curve,) = (each for each in SHIPPED if each.id == CURVE)
    assert curve.gap_days == 30
    assert curve.points == ((Decimal(1), Decimal("0.716")), (Decimal(6), Decimal("0.354")))


# ----------------------------------------------------------------------------- a file of one's own


def local(tmp_path: Path, change: tuple[str, str]) -> RetentionEdition:
    """A plan's own copy of a curve with some text replaced."""
    text = (DATA / f"{CURVE}.toml").read_text(encoding="utf-8")
    assert text.count(change[0]) == 1
    path = tmp_path / "house.toml"
    path.write_text(
        text.replace('kind = "published"', 'kind = "local"').replace(*change), encoding="utf-8"
    )
    return RetentionEdition.from_toml(path)


def test_a_weibull_curve_stands_in_for_points(tmp_path: Path) -> None:
    curve = local(tmp_path, (POINTS, "weibull_scale_months = 5.6\nweibull_shape = 0.63"))
    assert (curve.weibull_scale_months, curve.points) == (Decimal("5.6"), ())


@pytest.mark.parametrize(
    "old, new, field, message",
    [
        ("gap_days = 30\n", "", "gap_days", "is missing"),
        ("gap_days = 30", "gap_days = -1", "gap_days", "greater"),
        ('"buprenorphine"\n', '"aspirin"\n', "medication", "methadone"),
        (POINTS, "", "", "needs points or a Weibull"),
        (POINTS, "points = [[1, 0.716]]", "points", "two at least"),
        (POINTS, "points = [[6, 0.7], [6, 0.3]]", "points", "months that rise"),
        (POINTS, "points = [[1, 0.3], [6, 0.7]]", "points", "never rise"),
        (POINTS, "points = [[1, 0.3], [6, 0.3]]", "points", "last two"),
        (POINTS, "points = [[1, 1.0], [6, 0.3]]", "points[0][1]", "less than 1"),
        (POINTS, "points = [[1, 0.7], [6, 0]]", "points[1][1]", "greater"),
        (POINTS, "points = [[0, 0.7], [6, 0.3]]", "points[0][0]", "greater"),
        (POINTS, "weibull_shape = 0.63", "weibull_shape", "together"),
    ],
)
def test_a_malformed_curve_names_its_field(
    tmp_path: Path, old: str, new: str, field: str, message: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        local(tmp_path, (old, new))
    (problem,) = caught.value.problems
    assert (problem.field, caught.value.file) == (field, str(tmp_path / "house.toml"))
    assert message in problem.message
