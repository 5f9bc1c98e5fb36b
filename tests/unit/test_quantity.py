from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from opsafe import quantity
from opsafe.quantity import GRID_LIMIT, GridState, decimal_to_grid, read_decimal, to_grid


def one(value: float, decimals: int = 3) -> tuple[int, GridState]:
    counts, states = to_grid(np.array([value]), decimals)
    return int(counts[0]), GridState(int(states[0]))


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_a_float_of_few_decimals_meets_the_grid_where_its_decimal_twin_does(
    count: int, decimals: int
) -> None:
    written = Decimal(count).scaleb(-decimals)
    assert one(float(written), decimals) == (count, GridState.ON_GRID)
    assert decimal_to_grid(f"{written:f}", decimals) == (count, GridState.ON_GRID)


@given(
    st.integers(-(10**8), 10**8).filter(lambda count: count % 10 != 0),
    st.integers(0, 6),
)
def test_one_decimal_more_than_the_grid_holds_is_off_the_grid(count: int, decimals: int) -> None:
    written = Decimal(count).scaleb(-decimals - 1)
    assert one(float(written), decimals) == (0, GridState.OFF_GRID)
    assert decimal_to_grid(f"{written:f}", decimals) == (0, GridState.OFF_GRID)


@pytest.mark.parametrize(
    "value, expected",
    [
        (0.1, (100, GridState.ON_GRID)),
        (-2.5, (-2500, GridState.ON_GRID)),
        (-0.0, (0, GridState.ON_GRID)),
        (0.1 + 0.2, (300, GridState.ON_GRID)),
        (0.0001, (0, GridState.OFF_GRID)),
        (1234.5678, (0, GridState.OFF_GRID)),
        (float("nan"), (0, GridState.MISSING)),
        (float("inf"), (0, GridState.INFINITE)),
        (float("-inf"), (0, GridState.INFINITE)),
        (1e300, (0, GridState.TOO_LARGE)),
        (1.7e308, (0, GridState.TOO_LARGE)),
        (-5e15, (0, GridState.TOO_LARGE)),
        (4e15, (4 * 10**18, GridState.ON_GRID)),
    ],
)
def test_every_state_of_a_float(value: float, expected: tuple[int, GridState]) -> None:
    assert one(value) == expected


def test_a_count_at_the_limit_is_too_large() -> None:
    assert one(float(GRID_LIMIT), 0) == (0, GridState.TOO_LARGE)
    assert one(float(GRID_LIMIT // 2), 0) == (GRID_LIMIT // 2, GridState.ON_GRID)


def test_to_grid_keeps_its_argument_and_its_shape() -> None:
    values = np.array([0.5, np.nan])
    counts, states = to_grid(values, 1)
    assert values[0] == 0.5
    assert (counts.dtype, states.dtype) == (np.dtype(np.int64), np.dtype(np.int8))
    assert to_grid(np.zeros(0), 3)[0].shape == (0,)


@given(st.integers(-(10**30), 10**30), st.integers(0, 40), st.integers(0, 12))
def test_a_decimal_text_is_counted_exactly_however_long(
    digits: int, places: int, decimals: int
) -> None:
    text = f"{Decimal(f'{digits}E-{places}'):f}"
    exact = Fraction(text) * 10**decimals
    if abs(exact) >= 10**19:
        expected = (0, GridState.TOO_LARGE)
    elif exact.denominator != 1:
        expected = (0, GridState.OFF_GRID)
    else:
        expected = (int(exact), GridState.ON_GRID)
    assert decimal_to_grid(text, decimals) == expected


@pytest.mark.parametrize(
    "text, count",
    [
        ("1,200.5", 1_200_500),
        ("1,000,000.25", 1_000_000_250),
        ("+7", 7000),
        ("-5.5", -5500),
        (" .5 ", 500),
        ("1e3", 1_000_000),
        ("9999999999999999.999", 10**19 - 1),
        ("0.0000", 0),
        ("-0", 0),
        ("0.50000000000000000000000000000000000000", 500),
        ("0" * 99 + "1", 1000),
    ],
)
def test_texts_on_the_grid(text: str, count: int) -> None:
    assert decimal_to_grid(text, 3) == (count, GridState.ON_GRID)


@pytest.mark.parametrize(
    "text, state",
    [
        ("", GridState.MISSING),
        ("  ", GridState.MISSING),
        ("nan", GridState.MISSING),
        ("sNaN", GridState.MISSING),
        ("inf", GridState.INFINITE),
        ("-Infinity", GridState.INFINITE),
        ("0.0005", GridState.OFF_GRID),
        ("0.00100000000000000000000000000000000000000001", GridState.OFF_GRID),
        ("1e-400", GridState.OFF_GRID),
        ("1e400", GridState.TOO_LARGE),
        ("123456789012345678901234567890", GridState.TOO_LARGE),
    ],
)
def test_texts_that_do_not_fit_say_why(text: str, state: GridState) -> None:
    assert decimal_to_grid(text, 3) == (0, state)


@pytest.mark.parametrize(
    "text",
    [
        "ten", "1_0", "12,00", "1,2345", ",000", "1,000,", "1.000,000", "1,000,00", "1 000",
        "--1", "0x10", "\u0663", "1/2", "1" * 101, "1e999999999999999999999",
    ],
)  # fmt: skip
def test_texts_that_are_no_decimal_are_unreadable(text: str) -> None:
    assert read_decimal(text) is None
    assert decimal_to_grid(text, 3) == (0, GridState.UNREADABLE)


def test_a_decimal_keeps_its_written_places() -> None:
    assert str(read_decimal(" 1,200.50 ")) == "1200.50"


@pytest.mark.parametrize(
    "kind, low, high",
    [
        (quantity.Milligrams, 0, 1e9),
        (quantity.Days, 1, 1_000_000),
        (quantity.MmePerDay, 0, 9e6),
        (quantity.Share, 0, 1),
        (quantity.Usd, -1e15, 1e15),
    ],
)
def test_ranges_are_closed_at_both_ends(kind: Any, low: float, high: float) -> None:
    adapter: TypeAdapter[float] = TypeAdapter(kind)
    assert [adapter.validate_python(end) for end in (low, high)] == [low, high]
    for outside in (low - 1, high + 1):
        with pytest.raises(ValidationError):
            adapter.validate_python(outside)
    assert kind.__metadata__ == (Ge(low), Le(high))  # what Hypothesis draws from
