from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from opsafe import errors
from opsafe.errors import (
    ArgumentError,
    ArgumentTypeError,
    ColumnError,
    DimensionError,
    DocumentError,
    EditionNotFoundError,
    FileError,
    MissingExtraError,
    OpsafeError,
    Problem,
    StrengthError,
)


def test_a_message_joins_place_fault_allowed_and_advice() -> None:
    error = ArgumentError(
        "'most' is not a rule", where="overlap", allowed=("sum", "shift"), advice="Choose one"
    )
    assert str(error) == "overlap: 'most' is not a rule. Allowed: sum, shift. Choose one."


@pytest.mark.parametrize("what", ["is empty", "is empty."])
def test_a_message_ends_in_one_stop(what: str) -> None:
    assert str(OpsafeError(what)) == "is empty."
    assert str(OpsafeError(what, advice="Fill it.")) == "is empty. Fill it."


def test_a_question_keeps_its_mark_and_gets_no_stop() -> None:
    error = ArgumentError("is not known", where="ties", advice="Did you mean 'group'?")
    assert str(error) == "ties: is not known. Did you mean 'group'?"


def test_the_offending_value_is_an_attribute_and_not_in_the_message() -> None:
    error = ArgumentError("is too large", where="days", value=10**9)
    assert (error.what, error.where, error.value) == ("is too large", "days", 10**9)
    assert "1000000000" not in str(error)


def test_what_is_not_given_is_empty() -> None:
    error = OpsafeError("is wrong")
    assert (error.where, error.value, error.allowed, error.advice) == (None, None, (), None)
    assert error.args == ("is wrong.",)


def test_allowed_is_kept_as_texts_also_from_a_generator() -> None:
    error = ArgumentError("is unknown", allowed=(number for number in (1, 2)))
    assert error.allowed == ("1", "2")
    assert str(error) == "is unknown. Allowed: 1, 2."


@pytest.mark.parametrize(
    "kind, builtin",
    [
        (ArgumentError, ValueError),
        (ArgumentTypeError, TypeError),
        (StrengthError, ValueError),
        (StrengthError, ArgumentError),
        (DimensionError, ValueError),
        (DimensionError, ArgumentError),
        (ColumnError, ValueError),
        (EditionNotFoundError, KeyError),
        (FileError, OSError),
        (MissingExtraError, ImportError),
    ],
)
def test_every_error_is_also_the_built_in_that_a_caller_expects(
    kind: type[OpsafeError], builtin: type[Exception]
) -> None:
    with pytest.raises(builtin) as raised:
        raise kind("is wrong", where="x")
    assert isinstance(raised.value, OpsafeError)
    # KeyError would quote the message.
    assert str(raised.value) == "x: is wrong."


def test_every_public_name_is_there_and_every_error_has_the_one_base() -> None:
    kinds = [getattr(errors, name) for name in errors.__all__ if name != "Problem"]
    assert all(issubclass(kind, OpsafeError) for kind in kinds)


def test_a_document_error_lists_every_problem_with_its_field_and_file() -> None:
    problems = [Problem("factors[3].value", "is missing"), Problem("", "not TOML")]
    error = DocumentError(iter(problems), document="ConversionEdition", file="own.toml")
    assert str(error) == (
        "own.toml: ConversionEdition is not valid: factors[3].value: is missing; not TOML."
    )
    assert error.problems == tuple(problems)
    assert (error.document, error.file, error.where) == (
        "ConversionEdition",
        "own.toml",
        "own.toml",
    )
    assert isinstance(error, ValueError)


def test_a_document_error_without_a_file_starts_with_the_document() -> None:
    error = DocumentError([Problem("day", "is missing")], document="Dose")
    assert str(error) == "Dose is not valid: day: is missing."
    assert error.file is None


def test_a_problem_cannot_be_changed() -> None:
    problem = Problem("day", "is missing")
    with pytest.raises(FrozenInstanceError):
        problem.field = "other"  # type: ignore[misc]
