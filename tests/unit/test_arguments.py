"""Numbers given as arguments: every kind of number is read, and what is wrong is said one way."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from opsafe._arguments import plain, read_number, read_whole
from opsafe.errors import ArgumentError, ArgumentTypeError


@pytest.mark.parametrize(
    "value",
    [0.5, np.float32(0.5), np.float64(0.5), Decimal("0.5"), Fraction(1, 2)],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_number_becomes_a_float(value: Any) -> None:
    found = read_number(value, "share", 0, 1)
    assert found == 0.5 and type(found) is float


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)], ids=lambda v: type(v).__name__)
def test_every_kind_of_whole_number_becomes_an_int(value: Any) -> None:
    found = read_whole(value, "months", 1, 240)
    assert found == 3 and type(found) is int


@pytest.mark.parametrize(
    "value, bounds, message",
    [
        (1.5, {}, "share: lies outside 0 to 1."),
        (math.inf, {}, "share: lies outside 0 to 1."),
        (10**400, {}, "share: lies outside 0 to 1."),
        (Decimal("-1e-9"), {}, "share: lies outside 0 to 1."),
        (0, {"above": True}, "share: must lie above 0, at most 1."),
        (1, {"below": True}, "share: must lie from 0 to below 1."),
        (1, {"above": True, "below": True}, "share: must lie between 0 and 1."),
        (-1, {"above": True, "or_zero": True}, "share: must be 0, or lie above 0, at most 1."),
        (2, {"or_zero": True}, "share: lies outside 0, or 0 to 1."),
        (2, {"advice": "Give a share"}, "share: lies outside 0 to 1. Give a share."),
        (math.nan, {}, "share: is not a number (NaN)."),
        (np.float32("nan"), {}, "share: is not a number (NaN)."),
        (Decimal("sNaN"), {}, "share: is not a number (NaN)."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_number_outside_says_where_it_may_lie(
    value: Any, bounds: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError) as refused:
        read_number(value, "share", 0, 1, **bounds)
    assert str(refused.value) == message


@pytest.mark.parametrize("value", [0.0, 2.0], ids=str)
def test_zero_may_be_allowed_besides(value: float) -> None:
    assert read_number(value, "rate", 1, 5, or_zero=True) == value


@pytest.mark.parametrize(
    "value",
    [None, "1", True, np.True_, [1], np.array([1.0]), 1j, pd.NA, np.timedelta64(1, "D")],
    ids=repr,
)
def test_what_is_no_number_is_a_wrong_type(value: Any) -> None:
    for read in (read_number, read_whole):
        with pytest.raises(ArgumentTypeError, match=r"x: is not a (whole )?number") as refused:
            read(value, "x", 0, 1)
        assert refused.value.value == type(value).__name__


def test_a_float_is_no_whole_number_and_bounds_are_written_to_be_read() -> None:
    for value in (1.0, math.nan, Decimal(1)):
        with pytest.raises(ArgumentTypeError, match="is not a whole number"):
            read_whole(value, "months", 1, 240)
    with pytest.raises(ArgumentError, match="lies outside 1 to 1,000,000"):
        read_whole(0, "draws", 1, 10**6)
    with pytest.raises(ArgumentError, match="lies outside 0 to 9999"):
        read_whole(-1, "heads", 0, 9999)
    with pytest.raises(ArgumentError, match="lies outside 1e-06 to 1,000,000,000"):
        read_number(0, "heads", 1e-6, 1e9)


def test_every_spelling_of_missing_is_none() -> None:
    missing: list[Any] = [None, math.nan, np.float32("nan"), Decimal("NaN"), pd.NA, pd.NaT]
    assert [plain(each) for each in missing] == [None] * 6
