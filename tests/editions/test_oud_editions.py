"""Every shipped table of the OUD engine: source, labels, values, hash."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opsafe import oud
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError, EditionNotFoundError
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.criteria import CriteriaEdition
from opsafe.provenance import Edition

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "opsafe" / "oud" / "data"
HASHES = tomllib.loads((HERE / "oud_hashes.toml").read_text(encoding="utf-8"))
each_edition = pytest.mark.parametrize(
    "shipped", oud.editions(), ids=[each.id for each in oud.editions()]
)


def test_released_values_are_never_edited() -> None:
    # A wrong figure gets a corrected file with an id of its own; this table only grows.
    assert {each.id: each.values_hash() for each in oud.editions()} == HASHES


@each_edition
def test_source_is_whole(shipped: Edition) -> None:
    assert shipped.kind == "published"
    assert shipped.source.retrieved == date(2026, 11, 21)
    assert re.fullmatch(r"https://\S+", shipped.source.address)
    assert shipped.source.read == "primary" or shipped.source.note
    assert oud.edition(shipped.id) is shipped
    assert Path(DATA / "editions" / f"{shipped.id}.toml").is_file()


def labels(value: Any) -> Iterator[str]:
    """Every text under a key that names something for a person."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "label":
                yield item
            yield from labels(item)
    elif isinstance(value, list):
        for item in value:
            yield from labels(item)


def test_shipped_labels_have_at_most_six_words() -> None:
    # The wording of the criteria and of the items is licensed: a longer label may be theirs.
    found = [
        label
        for path in DATA.rglob("*.toml")
        for label in labels(tomllib.loads(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 90
    assert [label for label in found if len(re.findall(r"[^\s,]+", label)) > 6] == []


def test_only_titles_sources_and_notes_are_longer_than_a_label() -> None:
    free = {"title", "note", "publisher", "locator", "address", "id"}

    def texts(value: Any, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from texts(item, name)
        elif isinstance(value, list):
            for item in value:
                yield from texts(item, key)
        elif isinstance(value, str) and key not in free:
            yield value

    for path in DATA.rglob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        assert [each for each in texts(table) if len(each.split()) > 6] == []


def test_both_manuals_count_alike() -> None:
    first, second = (oud.edition(each) for each in ("dsm-5", "dsm-5-tr"))
    assert second.supersedes == first.id
    for each in (first, second):
        assert each.thresholds == (2, 4, 6)
        assert [one.id for one in each.criteria if not one.counts_under_supervision] == [
            "A10",
            "A11",
        ]
        assert [one.id for one in each.criteria if not one.counts_for_remission] == ["A4"]
        groups = [one.group for one in each.criteria]
        assert [groups.count(group) for group in dict.fromkeys(groups)] == [4, 3, 2, 2]


def test_days_of_codes() -> None:
    edition = oud.edition("icd-10-cm-f11-fy2023")
    later = {one.code: str(one.valid_from) for one in edition.codes if one.valid_from.year > 2015}
    assert later == {"F11.11": "2017-10-01", "F11.13": "2020-10-01", "F11.91": "2022-10-01"}
    # Fiscal years begin on 1 October; every exception has a predecessor.
    for one in edition.codes:
        assert (one.valid_from.month, one.valid_from.day) == (10, 1)
        assert one.valid_to is None
        assert (one.before is not None) == (one.code in later)


def test_editions_are_found_by_id() -> None:
    with pytest.raises(EditionNotFoundError, match="dsm-5"):
        oud.edition("dsm5")
    wrong: Any = 5
    with pytest.raises(ArgumentTypeError):
        oud.edition(wrong)


def local(tmp_path: Path, change: tuple[str, str] | None = None) -> CriteriaEdition:
    """A plan's own copy of an edition with some lines replaced."""
    text = (DATA / "editions" / "dsm-5-tr.toml").read_text(encoding="utf-8")
    text = text.replace('kind = "published"', 'kind = "local"').replace(
        'id = "dsm-5-tr"', 'id = "house"'
    )
    if change is not None:
        assert change[0] in text
        text = text.replace(*change)
    path = tmp_path / "house.toml"
    path.write_text(text, encoding="utf-8")
    return CriteriaEdition.from_toml(path)


def test_an_edition_of_one_s_own_goes_wherever_an_id_goes(tmp_path: Path) -> None:
    edition = local(tmp_path)
    found = oud.score({"A1": True}, edition=edition)
    assert found.edition == "house"
    assert found.provenance.editions[0].values_hash == edition.values_hash()
    assert oud.score_many({"A1": [True]}, edition=edition).provenance.editions[0].id == "house"


def test_the_slot_for_licensed_wording_is_empty_and_leaves_no_trace() -> None:
    for path in DATA.rglob("*.toml"):
        assert "wording =" not in path.read_text(encoding="utf-8")
    edition = oud.edition("dsm-5-tr")
    worded = edition.with_wording({"A4": "text of the host"})
    assert worded.criteria[3].wording == "text of the host"
    assert [one.wording for one in edition.criteria] == [""] * 11
    assert worded.values_hash() == edition.values_hash()
    assert "text of the host" not in worded.to_json()
    count = oud.score({"A4": True}, edition=worded)
    assert "text of the host" in count._repr_html_()
    assert "text of the host" not in count.to_json()
    form = oud.edition("peg-2009").with_wording({"pain": "text of the host"})
    assert form.items[0].wording == "text of the host"
    wrong: Any = 5
    with pytest.raises(ArgumentError, match="'A12' is not in this edition"):
        edition.with_wording({"A12": "text"})
    with pytest.raises(ArgumentTypeError, match=r"wording\['A1'\]"):
        edition.with_wording({"A1": wrong})
    with pytest.raises(ArgumentTypeError, match="not a mapping"):
        edition.with_wording(wrong)


@pytest.mark.parametrize(
    "old, new, message",
    [
        ('id = "A2"', 'id = "A3"', "A1 to A11, in order"),
        ('id = "A11"', 'id = "A12"', "criteria"),
        ('label = "withdrawal"', 'label = "tolerance"', "one label"),
        ('label = "withdrawal"', 'label = "a label of seven words is one too many"', "label"),
        ("moderate = 4", "moderate = 2", "must rise"),
        ("severe = 6", "severe = 12", "severe"),
        ("window_months = 12", "window_months = 0", "window_months"),
        ('group = "risky use"', 'group = "other"', "group"),
    ],
)
def test_a_malformed_edition_names_the_field(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        local(tmp_path, change=(old, new))


@pytest.mark.parametrize(
    "change, message",
    [
        ({"severities": ("terrible",)}, "names no band"),
        ({"comorbid": ("headache",)}, "names no state"),
        ({"billable": False}, "of no header"),
        ({"code": "F12.10"}, "code"),
        ({"before": "F11.77"}, "not listed"),
    ],
)
def test_a_malformed_code_names_the_field(change: dict[str, Any], message: str) -> None:
    edition = oud.edition("icd-10-cm-f11-fy2023")
    fields = edition.model_dump()
    fields["codes"] = [{**fields["codes"][2], **change}]
    fields["source"] = edition.source
    with pytest.raises(DocumentError, match=message):
        CodeEdition(**{**fields, "codes": tuple(fields["codes"])})
