"""Columns that travel together come out as they went in."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import _spark_shipping
from opsafe._spark_shipping import Shipping
from tests.shipped import as_shipped

VALUES: dict[Any, st.SearchStrategy[Any]] = {
    pa.int8(): st.integers(-(2**7), 2**7 - 1),
    pa.int16(): st.integers(-(2**15), 2**15 - 1),
    pa.int32(): st.sampled_from([-(2**31), -1, 0, 2**31 - 1]) | st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.date32(): st.dates(),
    pa.float64(): st.floats(allow_nan=False),
    pa.string(): st.sampled_from(["", "oral", "þÿ"]) | st.text(),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), max_size=7))
    size = draw(st.integers(1, 9))
    columns = {"key": pa.array(range(size), pa.int32())}
    for at, kind in enumerate(kinds):
        values = st.lists(st.none() | VALUES[kind], min_size=size, max_size=size)
        columns[f"{kind} {at}"] = pa.array(draw(values), kind)
    return pa.table(columns)


def planned(table: pa.Table) -> Shipping:
    kinds = {field.name: field.type for field in table.schema}
    return Shipping.plan(kinds, "key", few_words=table.column_names)


@given(tables(), st.integers(1, 5), st.integers(1, 5))
def test_what_is_shipped_comes_apart(table: pa.Table, batch: int, together: int) -> None:
    shipping = planned(table)
    packed = as_shipped(table, shipping)
    with mock.patch.object(_spark_shipping, "_ROWS", together):
        found = pa.Table.from_batches(shipping.unpacked(packed.to_batches(batch)))
    assert sorted(found.column_names) == sorted(table.column_names)
    for name in table.column_names:
        assert found[name].cast(table[name].type).to_pylist() == table[name].to_pylist()


def test_a_date_takes_a_number_along_and_the_key_goes_alone() -> None:
    kinds = {
        "member_id": pa.int32(),
        "days_supply": pa.int32(),
        "fill_date": pa.date32(),
        "route": pa.string(),
        "fill_id": pa.string(),
        "wear_hours": pa.int16(),
        "source_row": pa.int64(),
        "other_date": pa.date32(),
    }
    shipping = Shipping.plan(kinds, "member_id", ("route", "fill_id_of_other_frames"))
    assert shipping.pairs == (("fill_date", "days_supply"), ("wear_hours", "other_date"))
    assert shipping.texts == ("route",)
    assert shipping.alone == ("member_id", "fill_id", "source_row")
    assert sorted(shipping.names) == sorted(kinds)


def test_days_millions_of_years_away_stay_away() -> None:
    far = pa.table({
        "key": [1, 2],
        "day": pa.array([-(2**31), 2**31 - 1], pa.int32()).cast(pa.date32()),
        "number": pa.array([None, 7], pa.int32()),
    })  # fmt: skip
    shipping = planned(far)
    both = pa.array([(1 - 2**30) * 2**33, (2**30 - 1) * 2**33 + 2**31 + 8], pa.int64())
    (found,) = shipping.unpacked([pa.record_batch([far["key"].chunk(0), both], names=["a", "b"])])
    assert found["day"].cast(pa.int32()).to_pylist() == [1 - 2**30, 2**30 - 1]
    assert found["number"].to_pylist() == [None, 7]


def test_no_batch_is_no_batch() -> None:
    assert list(Shipping.plan({"key": pa.int64()}, "key").unpacked([])) == []


def test_bytes_that_are_no_text_are_left_to_the_reader() -> None:
    shipping = Shipping.plan({"a": pa.string(), "b": pa.string()}, "key", ("a", "b"))
    batch = pa.record_batch({"packed": pa.array([b"a\xffb\xffc"], pa.binary())})
    (found,) = shipping.unpacked([batch])
    with pytest.raises(UnicodeDecodeError):
        found["b"].to_pylist()


def test_sql_of_spark() -> None:
    kinds = {"key": pa.int64(), "a": pa.string(), "b": pa.string()}
    shipping = Shipping.plan(kinds, "key", ("a", "b"))
    assert shipping.expressions(str) == [
        "key",
        "concat(ifnull(binary(a), X'FE'), X'FF', ifnull(binary(b), X'FE'))",
    ]
