"""The order of keys is NumPy's stable order, whether they come in runs or in none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.mme._sorting import order_of

IN_RUNS = pytest.mark.parametrize("in_runs", [False, True])


@IN_RUNS
@given(
    st.integers(1, 63).flatmap(
        lambda bits: st.tuples(st.just(bits), st.lists(st.integers(0, 2**bits - 1), max_size=60))
    )
)
def test_the_order_is_the_stable_one(in_runs: bool, given_keys: tuple[int, list[int]]) -> None:
    bits, keys = given_keys
    array = np.array(keys, np.int64)
    found = order_of(array, bits, in_runs=in_runs)
    np.testing.assert_array_equal(found, np.argsort(array, kind="stable"))


@IN_RUNS
@pytest.mark.parametrize("bits", [1, 15, 16, 17, 32, 33, 48, 49, 63])
def test_equal_keys_stay_as_they_came(in_runs: bool, bits: int) -> None:
    largest = 2**bits - 1
    keys = np.array([largest, 0, largest, 0, largest >> 1] * 50, np.int64)
    found = order_of(keys, bits, in_runs=in_runs)
    np.testing.assert_array_equal(found, np.argsort(keys, kind="stable"))
