"""Each way for an edition file to be wrong: a file of its own, refused by file and field.

The first lines of a file name the field that is wrong and a part of the message.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from opsafe.errors import DocumentError, OpsafeError
from opsafe.mme.editions import ConversionEdition

FILES = sorted((Path(__file__).parent / "malformed").glob("*.toml"))


def expected(path: Path) -> tuple[str, str]:
    field, message, *_ = path.read_text(encoding="utf-8").splitlines()
    return field.removeprefix("# field:").strip(), message.removeprefix("# message:").strip()


def test_there_is_a_file_for_each_way_to_be_wrong() -> None:
    assert len(FILES) >= 70


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_error_names_file_and_field(path: Path) -> None:
    field, message = expected(path)
    with pytest.raises(DocumentError) as caught:
        ConversionEdition.from_toml(path)
    error = caught.value
    assert error.file == str(path)
    assert str(path) in str(error)
    assert [problem.field for problem in error.problems] == [field]
    assert message in error.problems[0].message
    assert message in str(error)


def test_every_problem_of_a_file_is_listed(tmp_path: Path) -> None:
    whole = (FILES[0].parent / "id_upper_case.toml").read_text(encoding="utf-8")
    path = tmp_path / "two.toml"
    path.write_text(whole.replace('read = "primary"', 'read = "no"'), encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        ConversionEdition.from_toml(path)
    assert {problem.field for problem in caught.value.problems} == {"id", "source.read"}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read") as caught:
        ConversionEdition.from_toml(tmp_path / "absent.toml")
    assert caught.value.file == str(tmp_path / "absent.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(DocumentError, match="not UTF-8"):
        ConversionEdition.from_toml(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        ConversionEdition.from_toml(tmp_path)


@pytest.mark.parametrize("path", [None, 3, b"plan.toml"], ids=["none", "number", "bytes"])
def test_a_path_is_text_or_a_path(path: object) -> None:
    with pytest.raises(OpsafeError) as caught:
        ConversionEdition.from_toml(path)  # type: ignore[arg-type]
    assert isinstance(caught.value, TypeError)
