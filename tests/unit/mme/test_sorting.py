"""Both ways to order keys are NumPy's stable order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.mme._sorting import order_by_digits, order_of_runs
from opsafe.quantity import IntArray

Order = Callable[[IntArray, int], IntArray]
ORDERS = pytest.mark.parametrize("order", [order_by_digits, order_of_runs])


@ORDERS
@given(
    st.integers(1, 63).flatmap(
        lambda bits: st.tuples(st.just(bits), st.lists(st.integers(0, 2**bits - 1), max_size=60))
    )
)
def test_the_order_is_the_stable_one(order: Order, given_keys: tuple[int, list[int]]) -> None:
    bits, keys = given_keys
    array = np.array(keys, np.int64)
    np.testing.assert_array_equal(order(array, bits), np.argsort(array, kind="stable"))


@ORDERS
@pytest.mark.parametrize("bits", [1, 15, 16, 17, 32, 33, 48, 49, 63])
def test_equal_keys_stay_as_they_came(order: Order, bits: int) -> None:
    largest = 2**bits - 1
    keys = np.array([largest, 0, largest, 0, largest >> 1] * 50, np.int64)
    np.testing.assert_array_equal(order(keys, bits), np.argsort(keys, kind="stable"))
