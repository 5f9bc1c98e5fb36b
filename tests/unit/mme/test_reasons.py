"""Closed lists of codes: each says what to do and which column to look at."""

from __future__ import annotations

import pytest

from opsafe.mme import Flag, Reason
from opsafe.mme._population.encode import OPTIONAL, REQUIRED
from opsafe.mme.reasons import NEVER_LOWER_BOUND

EVERY = [*Reason, *Flag]
COLUMNS = {*REQUIRED, *OPTIONAL}


@pytest.mark.parametrize("code", EVERY)
def test_every_code_says_what_to_do(code: Reason | Flag) -> None:
    assert code.advice.strip() == code.advice != ""
    assert not code.advice.endswith(".")


@pytest.mark.parametrize("code", EVERY)
def test_every_code_names_a_column_that_a_person_would_look_at(code: Reason | Flag) -> None:
    assert code.field in COLUMNS


@pytest.mark.parametrize("code", EVERY)
def test_every_code_is_its_own_text(code: Reason | Flag) -> None:
    assert str(code) == code.value == code.name
    assert code.isascii() and code.isupper()


def test_no_code_is_a_reason_and_a_flag() -> None:
    assert not {str(reason) for reason in Reason} & {str(flag) for flag in Flag}


@pytest.mark.parametrize(
    "reason, field",
    [
        ("DATE_OUT_OF_RANGE", "fill_date"),
        ("DAYS_SUPPLY_NOT_WHOLE", "days_supply"),
        ("QUANTITY_OFF_GRID", "quantity"),
        ("QUANTITY_UNIT_MISMATCH", "quantity_unit"),
        ("REVERSAL_UNMATCHED", "quantity"),
        ("REJECTED", "status"),
        ("DUPLICATE_FILL_ID", "fill_id"),
        ("MEMBER_MISSING", "member_id"),
        ("UNKNOWN_ROUTE", "route"),
        ("UNKNOWN_UNIT", "unit"),
        ("FORM_REQUIRED", "form"),
        ("STRENGTH_UNREADABLE", "strength"),
        ("NO_FACTOR", "ingredient"),
    ],
)
def test_the_column_of_a_reason_is_the_one_at_fault(reason: str, field: str) -> None:
    assert Reason[reason].field == field


def test_rows_that_never_were_paid_or_are_left_out_on_purpose_lack_nothing() -> None:
    codes = "REVERSED REVERSAL_UNMATCHED REJECTED DUPLICATE_FILL_ID MEMBER_EXCLUDED".split()
    assert set(codes) == NEVER_LOWER_BOUND


def test_what_lacks_nothing_took_no_place_as_a_fill_either() -> None:
    assert not any(reason.fill_stands for reason in NEVER_LOWER_BOUND)


@pytest.mark.parametrize("reason", ["NO_FACTOR", "BUPRENORPHINE_EXCLUDED", "STRENGTH_MISSING"])
def test_a_drug_without_mme_was_dispensed_all_the_same(reason: str) -> None:
    assert Reason[reason].fill_stands
