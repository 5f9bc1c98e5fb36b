from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opsafe import _tables
from opsafe.errors import ArgumentTypeError, DocumentError
from opsafe.provenance import Document, Edition, Source


def source(**changes: Any) -> Source:
    fields: dict[str, Any] = {
        "title": "Table",
        "publisher": "Agency",
        "published": date(2018, 9, 1),
        "published_precision": "month",
        "locator": "page 3",
        "address": "https://example.org/table",
        "retrieved": date(2026, 11, 21),
        "read": "primary",
    }
    return Source(**(fields | changes))


def edition(**changes: Any) -> Edition:
    fields: dict[str, Any] = {
        "id": "agency-2018",
        "title": "Agency table",
        "kind": "local",
        "effective_from": date(2018, 9, 1),
        "source": source(),
    }
    return Edition(**(fields | changes))


class Inner(Document):
    amounts: tuple[Decimal, ...]


class Outer(Document):
    inner: tuple[Inner, ...]
    day: date


def test_document_is_frozen() -> None:
    document = source()
    with pytest.raises(ValueError, match="frozen"):
        document.title = "Other"


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"title": 3}, "title"),
        ({"title": " "}, "title"),
        ({"published": "2018-09-01"}, "published"),
        ({"published": datetime(2018, 9, 1)}, "published"),  # noqa: DTZ001 - a naive one on purpose
        ({"published": date(2018, 9, 2)}, "published_precision"),
        ({"published": date(2018, 9, 1), "published_precision": "year"}, "published_precision"),
        ({"retrieved": date(2018, 8, 1)}, "retrieved"),
        ({"read": "tertiary"}, "read"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_problem_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentError) as caught:
        source(**changes)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert caught.value.document == "Source"
    assert caught.value.file is None


def test_a_document_error_is_an_opsafe_error_and_a_value_error() -> None:
    with pytest.raises(ValueError, match="title: is missing"):
        Source()  # type: ignore[call-arg]


def test_path_of_a_nested_problem_is_whole() -> None:
    with pytest.raises(DocumentError) as caught:
        Outer(inner=({"amounts": (Decimal(1), "x")},), day=date(2020, 1, 1))  # type: ignore[arg-type]
    assert [problem.field for problem in caught.value.problems] == ["inner[0].amounts[1]"]


def test_lists_and_infinities_are_refused() -> None:
    with pytest.raises(DocumentError, match="tuple"):
        Inner(amounts=[Decimal(1)])  # type: ignore[arg-type]
    for bad in ("inf", "nan"):
        with pytest.raises(DocumentError, match="finite"):
            Inner(amounts=(Decimal(bad),))


def test_json_there_and_back() -> None:
    document = Outer(inner=(Inner(amounts=(Decimal("0.150"),)),), day=date(2020, 1, 1))
    assert Outer.from_json(document.to_json()) == document
    assert json.loads(document.to_json())["inner"] == [{"amounts": ["0.150"]}]


def test_json_problems_have_their_path() -> None:
    with pytest.raises(DocumentError) as caught:
        Outer.from_json('{"inner": [{"amounts": ["1"]}, {}], "day": "today"}')
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["inner[1].amounts", "day"]


@pytest.mark.parametrize("text", ["{", "", "not json"])
def test_text_that_is_not_json(text: str) -> None:
    with pytest.raises(DocumentError, match="not JSON"):
        Outer.from_json(text)


def test_json_that_is_no_object() -> None:
    with pytest.raises(DocumentError):
        Outer.from_json("[1]")


def test_a_copy_is_checked() -> None:
    assert source().model_copy(update={"title": "Other"}).title == "Other"
    assert source().model_copy() == source()
    with pytest.raises(DocumentError, match="title"):
        source().model_copy(update={"title": 3})


def test_a_long_offending_value_is_cut() -> None:
    with pytest.raises(DocumentError) as caught:
        source(published="x" * 500)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "bad", ["CDC-2022", "cdc_2022", "", "cdc-", "-cdc", "cdc 2022", "cdc-2022\n"]
)
def test_ids_are_lower_case_words(bad: str) -> None:
    with pytest.raises(DocumentError) as caught:
        edition(id=bad)
    assert caught.value.problems[0].field == "id"


@pytest.mark.parametrize("good", ["cdc-2022", "cdc-2022.1", "cms-2018-02-oms", "plan"])
def test_ids_with_a_correction_number(good: str) -> None:
    assert edition(id=good).id == good


def test_an_edition_cannot_follow_or_correct_itself() -> None:
    for field in ("supersedes", "corrects"):
        with pytest.raises(DocumentError) as caught:
            edition(**{field: "agency-2018"})
        assert caught.value.problems[0].field == field


def test_citation_can_be_pasted() -> None:
    text = edition(source=source(read="secondary")).citation()
    assert text.startswith("Agency. Table. 2018-09. page 3. https://example.org/table")
    assert "through a secondary source" in text
    assert "opsafe edition agency-2018" in text
    assert "\n" not in text


def test_hash_is_of_values_not_of_notes() -> None:
    plain = edition()
    assert plain.values_hash() == edition(note="seen twice").values_hash()
    assert plain.values_hash() == edition(source=source(note="a copy")).values_hash()
    assert plain.values_hash() != edition(title="Another").values_hash()
    assert plain.values_hash() != edition(source=source(locator="page 4")).values_hash()
    assert len(plain.values_hash()) == 64


def test_hash_does_not_depend_on_trailing_zeros() -> None:
    class Priced(Edition):
        price_usd: Decimal

    def priced(price: str) -> str:
        fields = {name: getattr(edition(), name) for name in Edition.model_fields}
        return Priced(**fields, price_usd=Decimal(price)).values_hash()

    assert priced("4.70") == priced("4.7")
    assert priced("100") == priced("1E+2")
    assert priced("4.7") != priced("4.71")


def test_tables_are_exact_and_frozen() -> None:
    table = _tables.parse_toml("a = [0.1, [1]]\nb = { c = [2.50] }", file="x.toml")
    assert table == {"a": (Decimal("0.1"), (1,)), "b": {"c": (Decimal("2.50"),)}}


def test_packaged_files_are_listed_with_their_suffix() -> None:
    names = _tables.names("opsafe.mme.data.editions")
    assert "cdc-2022.toml" in names
    assert names == tuple(sorted(names))
    assert _tables.read_toml("opsafe.mme.data.editions", "cdc-2022.toml")["id"] == "cdc-2022"


def test_a_path_of_another_type() -> None:
    with pytest.raises(ArgumentTypeError, match="path"):
        Edition.from_toml(3)  # type: ignore[arg-type]


def test_edition_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'id = "own"\ntitle = "Own"\nkind = "local"\neffective_from = 2026-01-01\n'
        '[source]\ntitle = "Minutes"\npublisher = "Plan"\npublished = 2025-12-01\n'
        'locator = "1"\naddress = "shelf 3"\nretrieved = 2025-12-02\nread = "primary"\n',
        encoding="utf-8",
    )
    assert Edition.from_toml(path) == Edition.from_toml(str(path))
    assert Edition.from_toml(path).source.address == "shelf 3"


def test_a_number_too_long_to_write_is_refused_like_any_other() -> None:
    long: dict[str, Any] = {"title": 10**5000}
    with pytest.raises(DocumentError, match="too long to write"):
        Source(**long)
