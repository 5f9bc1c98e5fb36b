"""The arguments of `mme.exposure`: what is refused, and how thresholds name their columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from opsafe import mme
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError
from tests import tables

FILL = {
    "member_id": "m",
    "fill_date": date(2026, 1, 1),
    "ingredient": "morphine",
    "route": "oral",
    "strength": "10 mg",
    "quantity": 90,
    "days_supply": 30,
}


def ask(**arguments: Any) -> mme.Exposure:
    return mme.exposure([FILL], **{"edition": "cdc-2022"} | arguments)


def member(**arguments: Any) -> dict[str, Any]:
    (row,) = tables.rows_of(ask(**arguments).members)
    return row


def thresholds(**arguments: Any) -> list[str]:
    """The columns of thresholds, in their order."""
    return [name for name in member(**arguments) if name.startswith(("days_at", "days_more"))]


# -------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "argument, allowed",
    [
        ("overlap", ("sum", "shift_same_product")),
        ("patch_days", ("fill", "edition")),
        ("buprenorphine", ("exclude", "include")),
        ("moud_products", ("set_aside", "include")),
        ("exclude", ("days", "members")),
    ],
)
@pytest.mark.parametrize("value", ["max", "", None, True, []])
def test_a_choice_is_one_of_its_words(
    argument: str, allowed: tuple[str, ...], value: object
) -> None:
    with pytest.raises(ArgumentError, match="is not a choice") as caught:
        ask(**{argument: value})
    assert (caught.value.where, caught.value.allowed) == (argument, allowed)


@pytest.mark.parametrize("argument", ["start", "end"])
@pytest.mark.parametrize("text", ["2026-02-30", "1 January 2026", ""])
def test_text_that_is_no_date_is_refused_with_what_to_write(argument: str, text: str) -> None:
    with pytest.raises(ArgumentError, match=f"{argument}: .* is not a date. Write YYYY-MM-DD"):
        ask(**{argument: text})


@pytest.mark.parametrize(
    "value",
    [20260101, 1.0, datetime(2026, 1, 1)],  # noqa: DTZ001 - naive on purpose
    ids=["int", "float", "datetime"],
)
def test_an_end_of_the_window_is_a_date(value: object) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is not a date\. Use datetime\.date"):
        ask(start=value)


def test_a_window_does_not_end_before_it_starts() -> None:
    with pytest.raises(ArgumentError, match="lies before start") as caught:
        ask(start="2026-02-01", end="2026-01-31")
    assert caught.value.where == "end"


def test_a_window_may_be_one_day() -> None:
    assert member(start="2026-01-01", end=date(2026, 1, 1))["window_days"] == 1


@pytest.mark.parametrize("days", [-1, 367])
def test_a_shift_is_at_most_a_year(days: int) -> None:
    with pytest.raises(ArgumentError, match="max_shift_days: lies outside 0 to 366"):
        ask(max_shift_days=days)


@pytest.mark.parametrize("days", [1.5, "30", True, None])
def test_a_shift_is_whole_days(days: object) -> None:
    with pytest.raises(ArgumentTypeError, match="max_shift_days: is not a whole number"):
        ask(max_shift_days=days)


@pytest.mark.parametrize("names", ["zebramab", (1,), None, 7])
def test_other_drugs_are_named_in_a_sequence(names: object) -> None:
    with pytest.raises(ArgumentTypeError, match="not_opioid: is not a sequence of ingredient"):
        ask(not_opioid=names)


@pytest.mark.parametrize("edition", ["cdc-2023", ("cdc-2022", "cdc-2023")])
def test_an_unknown_edition_is_refused(edition: Any) -> None:
    with pytest.raises(EditionNotFoundError, match="cdc-2023"):
        ask(edition=edition)


def test_an_edition_has_to_be_named() -> None:
    with pytest.raises(ArgumentError, match="no edition is named"):
        ask(edition=())


@pytest.mark.parametrize("argument", ["at_least", "more_than"])
@pytest.mark.parametrize(
    "value, words",
    [
        (0, "not a positive number"),
        (-50, "not a positive number"),
        (10**7, "not a positive number"),
        (Decimal("0.0000001"), "at most 6 decimals"),
        (Fraction(1, 3), "at most 6 decimals"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
        (Decimal("NaN"), "not finite"),
    ],
)
def test_a_threshold_is_a_positive_number_of_the_grid(
    argument: str, value: Any, words: str
) -> None:
    with pytest.raises(ArgumentError, match=words) as caught:
        ask(**{argument: (50, value)})
    assert caught.value.where == argument


@pytest.mark.parametrize("argument", ["at_least", "more_than"])
@pytest.mark.parametrize("value", ["50", ("50",), (True,), (None,), None, ((50, 90),)])
def test_a_threshold_is_a_number(argument: str, value: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=f"{argument}: "):
        ask(**{argument: value})


# ------------------------------------------------------------------------- names of columns


def test_fifty_and_ninety_are_the_thresholds_unless_others_are_given() -> None:
    assert thresholds() == ["days_at_least_50", "days_at_least_90"]


@pytest.mark.parametrize("value", [90, 90.0, Decimal(90), Fraction(90)])
def test_a_whole_threshold_names_its_column_without_decimals(value: Any) -> None:
    assert thresholds(at_least=(value,)) == ["days_at_least_90"]


@pytest.mark.parametrize("value", [22.5, Decimal("22.5")])
def test_a_threshold_with_decimals_names_them(value: Any) -> None:
    columns = member(at_least=(value,))
    assert (columns["days_at_least_22.5"], columns["longest_run_at_least_22.5"]) == (30, 30)


def test_the_name_of_a_column_carries_the_sign() -> None:
    columns = member(at_least=(30,), more_than=(30,))
    assert (columns["days_at_least_30"], columns["days_more_than_30"]) == (30, 0)
    assert (columns["longest_run_at_least_30"], columns["longest_run_more_than_30"]) == (30, 0)


def test_thresholds_come_in_the_order_in_which_they_were_given() -> None:
    expected = ["days_at_least_120", "days_at_least_20", "days_more_than_90"]
    assert thresholds(at_least=(120, 20), more_than=(90,)) == expected


def test_a_threshold_may_stand_alone_and_twice_is_once() -> None:
    assert thresholds(at_least=90) == thresholds(at_least=(90, 90.0)) == ["days_at_least_90"]


def test_there_may_be_no_threshold() -> None:
    assert thresholds(at_least=()) == []


def test_any_iterable_of_thresholds_will_do() -> None:
    assert thresholds(at_least=iter([50])) == ["days_at_least_50"]
