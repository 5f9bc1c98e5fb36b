from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe._columnize import from_sequence
from opsafe._readings import (
    Codes,
    read_codes,
    read_dates,
    read_flags,
    read_numbers,
    read_text,
)
from opsafe.columns import Column, Nullable, Text
from opsafe.errors import ColumnError
from opsafe.frames import open_table
from opsafe.quantity import GridState

ON, MISSING, INFINITE, OFF, TOO_LARGE, UNREADABLE = GridState
LEAP_DAY = (date(2024, 2, 29) - date(1970, 1, 1)).days


def numbers(values: Any, decimals: int = 3) -> list[tuple[int, int]]:
    counts, states = read_numbers(from_sequence(values, "x"), decimals, "fills['x']")
    assert counts.dtype == np.int64
    return list(zip(counts.tolist(), states.tolist(), strict=True))


def days(values: Any) -> list[tuple[int, int]]:
    counts, states = read_dates(from_sequence(values, "x"), "fills['x']")
    return list(zip(counts.tolist(), states.tolist(), strict=True))


def codes(values: Any) -> Codes:
    return read_codes(from_sequence(values, "x"), "fills['x']")


def test_numbers_of_every_spelling_meet_one_grid() -> None:
    written: list[Any] = ["1.5", " 1,500.0 ", "", "x", None, "inf", "0.0001", "1e300"]
    expected = [
        *((1500, ON), (1_500_000, ON), (0, MISSING), (0, UNREADABLE), (0, MISSING)),
        *((0, INFINITE), (0, OFF), (0, TOO_LARGE)),
    ]
    assert numbers(written) == expected
    assert numbers([1.5, None, float("inf")]) == [(1500, ON), (0, MISSING), (0, INFINITE)]
    assert numbers([Decimal("1.5"), 2, None]) == [(1500, ON), (2000, ON), (0, MISSING)]
    assert numbers([1.5, "2", True]) == [(1500, ON), (2000, ON), (0, UNREADABLE)]
    assert numbers([3, None]) == [(3000, ON), (0, MISSING)]


@given(st.integers(-(10**6), 10**6), st.integers(0, 3))
def test_a_float32_is_read_through_its_shortest_text(count: int, places: int) -> None:
    written = np.array([count / 10**places], np.float32)
    exact = Fraction(str(written[0])) * 1000
    expected = (int(exact), ON) if exact.denominator == 1 else (0, OFF)
    assert numbers(written) == [expected]


def test_a_tenth_as_float32_is_a_tenth() -> None:
    assert numbers(np.array([0.1, 0.3, np.nan], np.float32)) == [(100, ON), (300, ON), (0, MISSING)]


def test_integers_beyond_the_grid_are_too_large_and_not_wrapped() -> None:
    assert numbers(np.array([1, 2**62, -(2**62)])) == [(1000, ON), (0, TOO_LARGE), (0, TOO_LARGE)]
    assert numbers([2**70, 1]) == [(0, TOO_LARGE), (1000, ON)]
    assert numbers([str(2**62)], 0) == [(0, TOO_LARGE)]
    assert numbers(np.array([2**63], np.uint64)) == [(0, TOO_LARGE)]


def test_a_column_without_any_value_is_missing_numbers_whatever_its_type() -> None:
    assert numbers([None, None]) == numbers(np.full(2, np.nan)) == [(0, MISSING)] * 2
    flags = Nullable(np.zeros(2, bool), np.zeros(2, bool))
    assert numbers(flags) == [(0, MISSING)] * 2
    assert numbers([]) == []


@pytest.mark.parametrize(
    "values, told",
    [
        ([True, False], "holds true or false, not numbers"),
        (np.array([True]), "holds true or false, not numbers"),
        ([date(2024, 1, 1)], "holds dates, not numbers"),
    ],
)
def test_flags_and_dates_are_no_numbers(values: Any, told: str) -> None:
    with pytest.raises(ColumnError, match=told) as raised:
        numbers(values)
    assert raised.value.where == "fills['x']"


@pytest.mark.parametrize(
    "values",
    [
        [date(2024, 2, 29)],
        [datetime.fromisoformat("2024-02-29T23:59")],
        [pd.Timestamp("2024-02-29 23:59")],
        ["2024-02-29"],
        ["20240229"],
        [" 2024-02-29 "],
        np.array(["2024-02-29T23:59"], "M8[ns]"),
        np.array(["2024-02-29"], "M8[D]"),
    ],
)
def test_dates_naive_timestamps_and_two_texts_are_dates(values: Any) -> None:
    assert days(values) == [(LEAP_DAY, ON)]


@given(st.lists(st.dates() | st.none()))
def test_a_date_and_its_two_texts_are_the_same_day(written: list[date | None]) -> None:
    epoch = date(1970, 1, 1).toordinal()
    expected = [(0, MISSING) if day is None else (day.toordinal() - epoch, ON) for day in written]
    assert days(written) == expected
    assert days([day and day.isoformat() for day in written]) == expected
    assert days([day and day.isoformat().replace("-", "") for day in written]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29", "2024-2-9", "02/29/2024", "0000-00-00", "2024-0229", "2024-02-29T00:00",
        "24-02-29", "2024-13-01", "yesterday", "\u0662\u0660\u0662\u06640229", "20240229.0",
    ],
)  # fmt: skip
def test_other_texts_keep_their_place_as_unreadable(text: str) -> None:
    assert days(["2024-02-29", text, " "]) == [(LEAP_DAY, ON), (0, UNREADABLE), (0, MISSING)]


def test_a_moment_before_1970_belongs_to_its_own_day() -> None:
    assert days(np.array(["1969-12-31T23:00", "NaT"], "M8[h]")) == [(-1, ON), (0, MISSING)]


def test_missing_dates_have_many_spellings() -> None:
    assert days([None, pd.NaT, pd.NA, date(2024, 2, 29)])[:3] == [(0, MISSING)] * 3
    assert days([None]) == days([float("nan")]) == days(np.array(["NaT"], "M8[D]"))


@pytest.mark.parametrize("values", [[20240229], [20240229, None], [45351.0], [True]])
def test_bare_numbers_are_no_dates(values: Any) -> None:
    with pytest.raises(ColumnError, match=r"bare numbers.*YYYYMMDD.*Cast to a date first"):
        days(values)


def test_a_zoned_timestamp_has_no_one_date_and_the_cast_is_told() -> None:
    zoned = datetime(2024, 2, 29, tzinfo=UTC)
    frames: list[Any] = [
        {"d": [zoned]},
        [{"d": zoned}],
        pd.DataFrame({"d": [pd.Timestamp(zoned)]}),
        pl.DataFrame({"d": [zoned]}),
        pa.table({"d": pa.array([zoned], pa.timestamp("us", "UTC"))}),
    ]
    for frame in frames:
        table = open_table(frame, where="fills", required=["d"])
        with pytest.raises(ColumnError, match=r"time zone.*tz_localize\(None\)") as raised:
            read_dates(table.column("d"), "fills['d']")
        assert raised.value.where == "fills['d']"


LONG_IDS = [10**16 + 1, None, 10**16 + 2, 10**16 + 1, 10**16]


@pytest.mark.parametrize(
    "make",
    [
        lambda ids: pd.DataFrame({"id": pd.array(ids, "Int64")}),
        lambda ids: pd.DataFrame({"id": pd.Series(ids, dtype=object)}),
        lambda ids: pd.DataFrame({"id": pd.array(ids, "int64[pyarrow]")}),
        lambda ids: pl.DataFrame({"id": ids}),
        lambda ids: pl.DataFrame({"id": ids}, schema={"id": pl.UInt64}),
        lambda ids: pa.table({"id": ids}),
        lambda ids: {"id": ids},
        lambda ids: [{"id": value} for value in ids],
    ],
    ids=[
        *("pandas Int64", "pandas object", "pandas arrow", "polars", "polars UInt64"),
        *("pyarrow", "mapping", "records"),
    ],
)
def test_long_ids_beside_a_null_stay_apart(make: Callable[[list[int | None]], Any]) -> None:
    table = open_table(make(LONG_IDS), where="fills", required=["id"])
    found = read_codes(table.column("id"), "fills['id']")
    assert found.codes.tolist() == [1, -1, 2, 1, 0]
    assert found.first_row.tolist() == [4, 0, 2]
    assert found.values == (10**16, 10**16 + 1, 10**16 + 2)
    assert found.count == 3


def test_pandas_default_of_long_ids_beside_a_null_is_refused_as_floats() -> None:
    table = open_table(pd.DataFrame({"id": LONG_IDS}), where="fills", required=["id"])
    with pytest.raises(ColumnError, match=r"two members could be one.*nullable integer"):
        read_codes(table.column("id"), "fills['id']")


@pytest.mark.parametrize("value", [2.0**53, -(2.0**53), 1.5, float("inf")])
def test_floats_that_may_have_lost_digits_are_refused(value: float) -> None:
    with pytest.raises(ColumnError, match="floats that may have lost digits"):
        codes([1.0, value])


def test_whole_floats_below_the_limit_are_the_integers_they_are() -> None:
    assert codes([2.0**53 - 1, 3.0, float("nan")]).values == (3, 2**53 - 1)


@pytest.mark.parametrize(
    "values, told",
    [
        ([1, "1"], "mixed types.*all text or all integers"),
        ([1.0, 1], "mixed types"),
        ([b"x"], "mixed types"),
        ([True, False], "integers or text"),
        ([date(2024, 1, 1)], "integers or text"),
        ([Decimal("1.5")], "whole decimals"),
        ([Decimal("Infinity")], "whole decimals"),
    ],
)
def test_what_is_no_identifier_is_refused_without_showing_it(values: Any, told: str) -> None:
    with pytest.raises(ColumnError, match=told) as raised:
        codes(values)
    assert raised.value.where == "fills['x']"
    assert raised.value.value is None


def test_decimals_that_are_one_number_are_one_member() -> None:
    found = codes([Decimal("12.0"), 12, Decimal(13), Decimal("NaN"), Decimal("1.2E+1")])
    assert found.codes.tolist() == [0, 0, 1, -1, 0]
    assert found.values == (12, 13)


def test_blank_texts_are_missing_members() -> None:
    found = codes(["b", "a", "", "  ", None, "b"])
    assert found.codes.tolist() == [1, 0, -1, -1, -1, 1]
    assert (found.values, found.first_row.tolist()) == (("a", "b"), [1, 0])


def test_texts_are_ordered_as_text_and_integers_as_numbers_of_any_size() -> None:
    assert codes(["9", "10", "010"]).values == ("010", "10", "9")
    assert codes([9, 10, -1]).values == (-1, 9, 10)
    assert codes([2**70, 9, -(2**70)]).values == (-(2**70), 9, 2**70)
    assert codes([-(2**63), 2**63 - 1]).codes.tolist() == [0, 1]


def test_words_that_no_row_uses_leave_no_gap() -> None:
    text = Text(np.array([2, 0]), ("a", "unused", "c"))
    found = read_codes(text, "x")
    assert found.codes.tolist() == [1, 0] and found.values == ("a", "c")


def test_no_identifier_at_all_is_no_member() -> None:
    for nothing in ([], [None, None], np.full(2, np.nan)):
        found = codes(nothing)
        assert found.count == 0 and found.values == () and set(found.codes.tolist()) <= {-1}


IDENTIFIERS = st.one_of(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.none() | st.integers(-5, 5)),
    st.lists(st.none() | st.integers(-(2**66), 2**66)),
    st.lists(st.none() | st.text(max_size=3)),
    st.lists(st.none() | st.sampled_from(["a", "A", " a", "1", "01", "", " "])),
)


@given(IDENTIFIERS)
def test_codes_part_the_rows_as_a_dictionary_does(values: list[Any]) -> None:
    first: dict[Any, int] = {}
    for row, value in enumerate(values):
        if value is not None and str(value).strip():
            first.setdefault(value, row)
    order = sorted(first)
    found = codes(values)
    assert found.values == tuple(order)
    assert found.first_row.tolist() == [first[value] for value in order]
    rank = {value: position for position, value in enumerate(order)}
    assert found.codes.tolist() == [rank.get(value, -1) for value in values]


@pytest.mark.parametrize(
    "column, expected",
    [
        (np.array([2.0, np.nan, 1.0]), ["2.0", None, "1.0"]),
        (np.array([np.nan, np.nan]), [None, None]),
        (np.array([7, 8]), ["7", "8"]),
        (np.array(["NaT", "2024-01-01"], "M8[D]"), [None, "2024-01-01"]),
        (Nullable(np.array([7, 8]), np.array([True, False])), ["7.0", None]),
        (np.zeros(0), []),
    ],
)
def test_numbers_and_dates_become_words_where_words_are_wanted(
    column: Column, expected: list[str | None]
) -> None:
    assert read_text(column).array().tolist() == expected


def test_text_is_read_as_it_is() -> None:
    text = Text(np.array([0, -1]), ("oral",))
    assert read_text(text) is text


def test_flags_are_true_false_and_missing() -> None:
    flags, missing = read_flags(from_sequence([True, None, False], "x"), "x")
    assert flags.tolist() == [True, False, False]
    assert missing.tolist() == [False, True, False]
    for nothing in ([None, None], np.full(2, np.nan)):
        flags, missing = read_flags(from_sequence(nothing, "x"), "x")
        assert not flags.any() and missing.all()


@pytest.mark.parametrize("values", [["yes"], [1, 0], [1.0], [date(2024, 1, 1)], [True, "no"]])
def test_what_is_no_flag_is_refused(values: Any) -> None:
    with pytest.raises(ColumnError, match="fills: holds something other than true and false"):
        read_flags(from_sequence(values, "x"), "fills")
