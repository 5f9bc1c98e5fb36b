"""Numbering of distinct values and combinations agrees with `numpy.unique`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.mme._population.numbering import alike, number, number_values

HUGE = 2**62
INTEGERS = st.one_of(
    st.integers(-20, 20),
    st.integers(HUGE - 20, HUGE),
    st.integers(-HUGE, HUGE),
    st.integers(-(2**63), 2**63 - 1),
)


def check(values: list[int]) -> None:
    array = np.array(values, np.int64)
    distinct, code = number_values(array)
    expected, inverse = np.unique(array, return_inverse=True)
    np.testing.assert_array_equal(distinct, expected)
    np.testing.assert_array_equal(code, inverse)


@given(st.lists(INTEGERS, max_size=50))
def test_distinct_values_are_numbered_in_order(values: list[int]) -> None:
    check(values)


@pytest.mark.parametrize("distance", [1, 1000, 2**40, -(2**40)])
@pytest.mark.parametrize("distinct", [1, 100, 10_000, 40_000])
def test_many_values_are_numbered_whether_near_or_far_apart(distance: int, distinct: int) -> None:
    """From a look-up table to a sample, and to a plain sort where samples find too little."""
    count = 40_000
    check([(i * 7919 % distinct) * distance for i in range(count)])


def test_values_that_the_sample_misses_are_found() -> None:
    check([0] * 5000 + [2**50] + [0] * 5000 + [-(2**50)])


def test_the_ends_of_what_64_bits_hold_are_numbered() -> None:
    check([-(2**63), 2**63 - 1, 0, -(2**63)])


@given(
    st.integers(1, 3).flatmap(
        lambda width: st.lists(st.tuples(*[INTEGERS | st.integers(0, 2)] * width), min_size=1)
    )
)
def test_combinations_are_numbered_in_order_of_their_columns(rows: list[tuple[int, ...]]) -> None:
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    ordered = sorted(set(rows))
    assert number(*columns).tolist() == [ordered.index(row) for row in rows]


def test_columns_without_rows_have_no_numbers() -> None:
    none = np.zeros(0, np.int64)
    assert len(number(none)) == len(number(none, none)) == 0
    assert [len(each) for each in number_values(none)] == [0, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(HUGE - 2, HUGE)), max_size=30))
def test_rows_that_equal_another_are_found(rows: list[tuple[int, int]]) -> None:
    """Rows that are alone may be found too, where keys meet; here they do not."""
    columns = np.array(rows, np.int64).reshape(-1, 2).T
    assert alike(*columns).tolist() == [rows.count(row) > 1 for row in rows]
