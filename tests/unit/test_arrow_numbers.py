"""Numbers and days of pyarrow are read as they lie, and nulls are missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pytest

from opsafe._arrow import numbers_of

KINDS = [pa.int8(), pa.uint16(), pa.int32(), pa.int64(), pa.uint64(), pa.float32(), pa.float64()]


def read(array: Any) -> Any:
    table = pa.table({"x": array})
    found = numbers_of(nw.from_native(table, eager_only=True)["x"])
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("values", [[], [1, 2, 3], [None, 2, None, 4], [None, None]])
def test_numbers_come_back_with_what_is_missing(kind: Any, values: list[int | None]) -> None:
    numbers, missing = read(pa.array(values, kind))
    absent = [value is None for value in values]
    assert (missing is None) == (not any(absent))
    if missing is not None:
        assert missing.tolist() == absent
    floats = pa.types.is_floating(kind)
    for number, value in zip(numbers.tolist(), values, strict=True):
        if value is None:
            assert np.isnan(number) if floats else number == 0
        else:
            assert number == value


def test_slices_and_chunks_are_read_where_they_begin() -> None:
    long = pa.array([None, 1, 2, None, 4, 5, None, 7, 8, None, 10], pa.int64())
    chunked = pa.chunked_array([long.slice(1, 4), long.slice(9, 2), long.slice(4, 0)])
    numbers, missing = read(chunked)
    assert numbers.tolist() == [1, 2, 0, 4, 0, 10]
    assert missing.tolist() == [False, False, True, False, True, False]


def test_whatever_stands_under_a_null_is_not_read() -> None:
    bits, data = pa.py_buffer(np.array([0b101], np.uint8)), pa.py_buffer(np.array([7, 8, 9]))
    numbers, missing = read(pa.Array.from_buffers(pa.int64(), 3, [bits, data]))
    assert numbers.tolist() == [7, 0, 9] and missing.tolist() == [False, True, False]


def test_the_callers_numbers_are_not_written_to() -> None:
    whole = pa.array([1, 2, 3], pa.int64())
    numbers, _ = read(whole)
    assert not numbers.flags.writeable
    data = np.array([7, 8, 9])
    bits = pa.py_buffer(np.array([0b101], np.uint8))
    read(pa.Array.from_buffers(pa.int64(), 3, [bits, pa.py_buffer(data)]))
    assert data.tolist() == [7, 8, 9]


def test_days_are_days() -> None:
    days, missing = read(pa.array([date(2025, 1, 31), None, date(1899, 12, 31)], pa.date32()))
    assert days.dtype == np.dtype("datetime64[D]")
    assert days.tolist() == [date(2025, 1, 31), None, date(1899, 12, 31)]
    assert missing.tolist() == [False, True, False]


@pytest.mark.parametrize(
    "array", [pa.array(["a"]), pa.array([True]), pa.array(np.array([1.0], np.float16))]
)
def test_other_columns_are_left_to_others(array: Any) -> None:
    assert numbers_of(nw.from_native(pa.table({"x": array}), eager_only=True)["x"]) is None
