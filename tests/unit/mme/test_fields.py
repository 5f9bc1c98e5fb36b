"""Columns of numbers read many rows at a time: each row says what it says alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from opsafe.columns import Column, Nullable
from opsafe.mme._population.fields import Numbers, numbers, within
from opsafe.quantity import GridState

LOWEST, HIGHEST = -2_000_000, 3_000_000

FLOAT: Final = st.sampled_from(
    (0.0, -0.0, 7.5, 0.1, 1.005, 1e-3, 4e-4, -2000.0, 3000.0, 3000.001, 2.0**53, -(2.0**53), 1e16)
) | st.floats(width=64)
WHOLE: Final = st.none() | st.sampled_from((0, 1, -2000, 3000, 3001, 2**62, -(2**63), 2**63 - 1))


def told(read: Numbers, rows: slice) -> list[int | GridState]:
    """The count of each row, or why it has none."""
    counts, odd, states = read(rows)
    found: list[int | GridState] = list(counts.tolist())
    for row, state in zip(odd.tolist(), states.tolist(), strict=True):
        found[row] = GridState(state)
    return found


def assert_each_row_as_alone(column: Column) -> list[int | GridState]:
    read = within(numbers(column, 3, "fills['quantity']"), LOWEST, HIGHEST)
    together = told(read, slice(0, len(column)))
    alone = [told(read, slice(row, row + 1))[0] for row in range(len(column))]
    assert together == alone
    return together


@given(st.lists(FLOAT, min_size=1, max_size=12))
@example([float("nan"), 1e16, float("inf"), 0.1, 5000.0, 4e-4])
def test_floats(values: list[float]) -> None:
    for value, found in zip(values, assert_each_row_as_alone(np.array(values)), strict=True):
        if not isinstance(found, GridState):
            assert abs(1000 * Decimal(value) - found) < Decimal("2e-6")


@given(st.lists(WHOLE, min_size=1, max_size=12))
@example([2**62, None, 3001, 7])
def test_integers(values: list[int | None]) -> None:
    there = np.array([value is not None for value in values], bool)
    plain = np.array([value or 0 for value in values], np.int64)
    column: Any = plain if there.all() else Nullable(plain, there)
    for value, found in zip(values, assert_each_row_as_alone(column), strict=True):
        if value is None:
            assert found is GridState.MISSING
        elif LOWEST <= 1000 * value <= HIGHEST:
            assert found == 1000 * value
        else:
            assert found is GridState.TOO_LARGE


def test_what_stands_where_a_value_is_missing_says_nothing() -> None:
    column = Nullable(np.array([5, 2**62, -7]), np.array([True, False, True]))
    assert assert_each_row_as_alone(column) == [5000, GridState.MISSING, -7000]
