from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe._arguments import plain
from opsafe._columnize import from_sequence, from_series, plain_array
from opsafe.columns import Column, Nullable, Text
from opsafe.errors import ColumnError


def series(native: Any) -> Column:
    return from_series(nw.from_native(native, series_only=True), "fills['x']")


def listed(column: Column) -> list[Any]:
    """Turn a column into Python's own values, None where missing."""
    if isinstance(column, Nullable):
        pairs = zip(column.values.tolist(), column.valid.tolist(), strict=True)
        return [value if valid else None for value, valid in pairs]
    array = column if isinstance(column, np.ndarray) else column.array()
    return [None if value != value else value for value in array.tolist()]


LEAP_DAY = date(2024, 2, 29)
NOON = datetime.fromisoformat("2024-02-29T12:00")
NULLS: list[tuple[str, Any, list[Any]]] = [
    ("pandas text", pd.Series(["a", None]), ["a", None]),
    ("pandas object text", pd.Series(["a", None], dtype=object), ["a", None]),
    ("pandas string", pd.Series(["a", None], dtype="string"), ["a", None]),
    ("polars text", pl.Series(["a", None]), ["a", None]),
    ("arrow text", pa.chunked_array([["a", None]]), ["a", None]),
    ("arrow large text", pa.chunked_array([pa.array(["a", None], pa.large_string())]), ["a", None]),
    ("pandas category", pd.Series(["a", None], dtype="category"), ["a", None]),
    ("polars category", pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
    ("polars enum", pl.Series(["a", None], dtype=pl.Enum(["b", "a"])), ["a", None]),
    (
        "arrow dictionary",
        pa.chunked_array([pa.array(["a", None]).dictionary_encode()]),
        ["a", None],
    ),
    ("pandas integers", pd.Series([2**60 + 1, None], dtype="Int64"), [2**60 + 1, None]),
    ("pandas small integers", pd.Series([7, 8], dtype="uint8"), [7, 8]),
    ("polars integers", pl.Series([2**60 + 1, None]), [2**60 + 1, None]),
    ("arrow integers", pa.chunked_array([[2**60 + 1, None]]), [2**60 + 1, None]),
    ("pandas floats", pd.Series([1.5, None], dtype="Float64"), [1.5, None]),
    ("polars floats", pl.Series([1.5, None, float("nan")]), [1.5, None, None]),
    ("arrow floats", pa.chunked_array([[1.5, None]]), [1.5, None]),
    ("pandas flags", pd.Series([True, None]), [True, None]),
    ("pandas boolean", pd.Series([True, None], dtype="boolean"), [True, None]),
    ("polars flags", pl.Series([True, None]), [True, None]),
    ("arrow flags", pa.chunked_array([[True, None]]), [True, None]),
    ("pandas stamps", pd.Series([NOON, None], dtype="datetime64[us]"), [LEAP_DAY, None]),
    ("pandas dates", pd.Series([LEAP_DAY, None], dtype=object), [LEAP_DAY, None]),
    (
        "pandas arrow dates",
        pd.Series([LEAP_DAY, None], dtype=pd.ArrowDtype(pa.date32())),
        [LEAP_DAY, None],
    ),
    ("polars dates", pl.Series([LEAP_DAY, None]), [LEAP_DAY, None]),
    ("polars stamps", pl.Series([NOON, None]), [LEAP_DAY, None]),
    ("arrow dates", pa.chunked_array([[LEAP_DAY, None]]), [LEAP_DAY, None]),
    ("arrow stamps", pa.chunked_array([[NOON, None]]), [LEAP_DAY, None]),
    ("polars decimals", pl.Series([Decimal("1.50"), None]), ["1.50", None]),
    ("arrow decimals", pa.chunked_array([[Decimal("1.50"), None]]), ["1.50", None]),
    ("pandas nothing", pd.Series([None, None], dtype=object), [None, None]),
    ("polars nothing", pl.Series([None, None]), [None, None]),
    ("arrow nothing", pa.chunked_array([pa.nulls(2)]), [None, None]),
]


@pytest.mark.parametrize(
    "native, expected", [case[1:] for case in NULLS], ids=[case[0] for case in NULLS]
)
def test_every_series_keeps_its_values_and_its_nulls(native: Any, expected: list[Any]) -> None:
    assert listed(series(native)) == expected


def test_float32_stays_float32_for_its_reader() -> None:
    short = [
        pd.Series([0.1], dtype="float32"),
        pl.Series([0.1], dtype=pl.Float32),
        pa.chunked_array([pa.array([0.1], pa.float32())]),
    ]
    assert [getattr(series(native), "dtype", None) for native in short] == [np.float32] * 3


def test_integers_beyond_int64_become_exact_words() -> None:
    for native in (
        pl.Series([2**63 + 1, None], dtype=pl.UInt64),
        pd.Series([2**63 + 1, None], dtype="UInt64"),
        pa.chunked_array([pa.array([2**63 + 1, None], pa.uint64())]),
        pl.Series([2**63 + 1, None], dtype=pl.Int128),
    ):
        column = series(native)
        assert isinstance(column, Text) and column.kind == "decimal"
        assert column.array().tolist() == [str(2**63 + 1), None]


@pytest.mark.parametrize(
    "native",
    [
        pl.Series([[1]]),
        pl.Series([{"a": 1}]),
        pd.Series(pd.to_timedelta([1], unit="D")),
        pd.Series(pd.period_range("2024", periods=1, freq="D")),
    ],
    ids=["list", "struct", "duration", "period"],
)
def test_a_series_of_another_kind_keeps_its_place_as_its_type(native: Any) -> None:
    column = series(native)
    assert isinstance(column, Text) and column.kind == "mixed"
    assert [word[0] + word[-1] for word in column.words] == ["<>"]


def test_zoned_series_are_refused_with_their_place() -> None:
    stamp = datetime(2024, 1, 1, tzinfo=UTC)
    for native in (pl.Series([stamp]), pd.Series([pd.Timestamp(stamp)])):
        with pytest.raises(ColumnError, match="time zone") as raised:
            series(native)
        assert raised.value.where == "fills['x']"


def test_columns_pass_as_they_are() -> None:
    for column in (Text(np.zeros(1, np.int64), ("a",)), Nullable(np.zeros(1), np.ones(1, bool))):
        assert from_sequence(column, "x") is column


@pytest.mark.parametrize(
    "array, kind",
    [
        (np.array([1], np.int8), "int64"),
        (np.array([1], np.uint32), "int64"),
        (np.array([1], np.float64), "float64"),
        (np.array([1], np.float32), "float32"),
        (np.array([1], np.float16), "float64"),
        (np.array(["2024-01-01T05"], "M8[ns]"), "datetime64[D]"),
    ],
)
def test_arrays_keep_their_kind_at_the_width_we_use(array: Any, kind: str) -> None:
    column = from_sequence(array, "x")
    assert isinstance(column, np.ndarray) and str(column.dtype) == kind


def test_arrays_of_other_kinds_are_read_value_by_value() -> None:
    words = from_sequence(np.array(["a", "b", "a"]), "x")
    assert isinstance(words, Text)
    assert (words.codes.tolist(), words.words) == ([0, 1, 0], ("a", "b"))
    assert listed(from_sequence(np.array([True, False]), "x")) == [True, False]
    large = from_sequence(np.array([2**63], np.uint64), "x")
    assert isinstance(large, Text) and large.words == (str(2**63),)


@pytest.mark.parametrize("array, told", [(np.zeros((2, 2)), "2 dim"), (np.array(1), "0 dim")])
def test_an_array_of_other_than_one_dimension_is_refused(array: Any, told: str) -> None:
    with pytest.raises(ColumnError, match=f"{told}ensions, not one"):
        from_sequence(array, "x")


@pytest.mark.parametrize(
    "values, kind, words",
    [
        (["a", None, "a"], "text", ("a",)),
        ([Decimal("1.50"), 2], "decimal", ("1.50", "2")),
        ([2**63, 1], "decimal", (str(2**63), "1")),
        ([-(2**63) - 1], "decimal", (str(-(2**63) - 1),)),
        ([1, "1.0", 0.1], "mixed", ("1", "1.0", "0.1")),
        ([date(2024, 1, 1), "x"], "mixed", ("2024-01-01", "x")),
        ([NOON, "x"], "mixed", ("2024-02-29", "x")),
        ([True, 1], "mixed", ("<True>", "1")),
        ([time(1), b"a"], "mixed", ("<time>", "<bytes>")),
        ([object(), object()], "mixed", ("<object>",)),
    ],
)
def test_lists_that_are_no_numbers_become_words(
    values: list[Any], kind: str, words: tuple[str, ...]
) -> None:
    column = from_sequence(values, "x")
    assert isinstance(column, Text)
    assert (column.kind, column.words) == (kind, words)


def test_lists_of_one_kind_become_that_kind() -> None:
    whole = from_sequence([1, -(2**63)], "x")
    assert isinstance(whole, np.ndarray) and whole.tolist() == [1, -(2**63)]
    assert isinstance(from_sequence([1, None], "x"), Nullable)
    assert listed(from_sequence([1.5, None], "x")) == [1.5, None]
    both = from_sequence([date(2024, 1, 1), NOON, None], "x")
    assert listed(both) == [date(2024, 1, 1), LEAP_DAY, None]
    nothing = from_sequence([], "x")
    assert isinstance(nothing, Text) and len(nothing) == 0


@given(st.lists(st.none() | st.integers(-(2**70), 2**70)))
def test_integers_of_any_size_keep_every_digit(values: list[int | None]) -> None:
    kept = listed(from_sequence(values, "x"))
    assert [None if value is None else int(value) for value in kept] == values


@given(st.lists(st.none() | st.text()))
def test_words_keep_every_letter(values: list[str | None]) -> None:
    assert listed(from_sequence(values, "x")) == values


@pytest.mark.parametrize(
    "value",
    [
        None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"),
        Decimal("NaN"), Decimal("sNaN"),
    ],
)  # fmt: skip
def test_every_spelling_of_missing_is_none(value: Any) -> None:
    assert plain(value) is None


@pytest.mark.parametrize(
    "value, expected",
    [
        (np.int8(3), 3),
        (np.float64(1.5), 1.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.datetime64("2024-02-29T12", "ns"), NOON),
        (float("inf"), float("inf")),
        ("nan", "nan"),
    ],
)
def test_scalars_of_numpy_become_those_of_python(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert not isinstance(plain(value), np.generic)


@pytest.mark.parametrize(
    "values, kind",
    [([1, 2], "int64"), ([1, None], "object"), ([2**63], "object"), ([1, True], "object")],
)
def test_taken_values_are_an_array_that_changes_none_of_them(values: list[Any], kind: str) -> None:
    array = plain_array(values)
    assert str(array.dtype) == kind
    assert list(map(type, array.tolist())) == list(map(type, values))
    assert array.tolist() == values
