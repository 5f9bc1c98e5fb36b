from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from opsafe._tables import names, parse_toml, read_path, read_toml
from opsafe.errors import DocumentError


def test_lists_are_tuples_and_decimals_exact_at_any_depth() -> None:
    table = parse_toml(
        "value = 0.15\nrows = [[1.0], { cells = [2.50] }]\n[[part]]\nwords = ['a']", file="x.toml"
    )
    assert table == {
        "value": Decimal("0.15"),
        "rows": ((Decimal("1.0"),), {"cells": (Decimal("2.50"),)}),
        "part": ({"words": ("a",)},),
    }
    assert str(table["value"]) == "0.15"


def test_text_that_is_not_toml_is_told_with_file_and_line() -> None:
    with pytest.raises(
        DocumentError, match=r"own\.toml: edition is not valid: not TOML:"
    ) as raised:
        parse_toml("a = 1\nb = = 2", file="own.toml", document="edition")
    assert "line 2" in str(raised.value)
    assert (raised.value.file, raised.value.document) == ("own.toml", "edition")
    assert [problem.field for problem in raised.value.problems] == [""]


def test_a_file_of_the_user_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes('title = "Größe"'.encode())
    assert read_path(path) == {"title": "Größe"}


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b'title = "Gr\xf6\xdfe"')
    with pytest.raises(DocumentError, match="cannot be read: it is not UTF-8 text") as raised:
        read_path(path, document="edition")
    assert raised.value.file == str(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="edition is not valid: cannot be read: No such file"):
        read_path(tmp_path / "none.toml", document="edition")


def test_a_file_of_the_user_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[", encoding="utf-8")
    with pytest.raises(DocumentError, match="not TOML") as raised:
        read_path(path)
    assert raised.value.file == str(path)


def test_every_packaged_edition_can_be_read() -> None:
    folder = "opsafe.mme.data.editions"
    found = names(folder)
    assert found == tuple(sorted(found)) and found
    assert all(read_toml(folder, name)["id"] == name.removesuffix(".toml") for name in found)
    assert names(folder, ".json") == ()
