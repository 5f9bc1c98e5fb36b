from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentTypeError, ColumnError
from opsafe.frames import Table, open_table
from tests.tables import KINDS, SHAPES, columns_of, rows_of

RECORDS: list[dict[str, Any]] = [
    {"id": "b", "n": 1, "fill_date": date(2024, 1, 1)},
    {"id": "a", "n": 2, "fill_date": date(2024, 2, 29)},
    {"id": None, "n": None, "fill_date": None},
]
COMPUTED = Columns(
    {"mme": np.array([1.5, np.nan]), "days": Nullable(np.array([3, 4]), np.array([True, False]))}
)
ANSWER = [{"id": "a", "mme": 1.5, "days": 3}, {"id": "b", "mme": None, "days": None}]


def lazy(records: Any) -> pl.LazyFrame:
    return pl.LazyFrame(columns_of(records))


def relation(records: Any) -> Any:
    return duckdb.from_arrow(pa.table(columns_of(records)))


def in_columns(records: Any) -> Columns:
    columns = columns_of(records)
    return Columns({name: np.array(values, object) for name, values in columns.items()})


EVERY_SHAPE: dict[str, Callable[[Any], Any]] = SHAPES | {
    "polars lazy": lazy,
    "duckdb": relation,
    "columns": in_columns,
    "tuple of records": tuple,
}
EVERY_KIND = KINDS | {
    "polars lazy": pl.DataFrame,
    "duckdb": pa.Table,
    "columns": Columns,
    "tuple of records": Columns,
}
shapes = pytest.mark.parametrize("shape", list(EVERY_SHAPE))


def opened(data: Any, *required: str, **changes: Any) -> Table:
    return open_table(data, where="fills", required=required or ("id",), **changes)


@shapes
def test_the_same_kind_comes_back_with_the_values_of_the_caller(shape: str) -> None:
    table = opened(EVERY_SHAPE[shape](RECORDS), "id", optional=["n", "absent"])
    assert len(table) == 3
    assert "n" in table and "absent" not in table
    built = table.build(COMPUTED, {"id": np.array([1, 0])})
    assert type(built) is EVERY_KIND[shape]
    assert rows_of(built) == ANSWER
    assert table.is_frame is not isinstance(built, Columns)


@shapes
def test_a_result_without_own_columns_is_the_computed_one(shape: str) -> None:
    built = opened(EVERY_SHAPE[shape](RECORDS)).build(COMPUTED)
    assert rows_of(built) == [{"mme": 1.5, "days": 3}, {"mme": None, "days": None}]


@shapes
def test_columns_are_found_by_our_names_for_them(shape: str) -> None:
    table = opened(EVERY_SHAPE[shape](RECORDS), "member_id", columns={"member_id": "id"})
    column = table.column("member_id")
    assert isinstance(column, Text)
    assert column.array().tolist() == ["b", "a", None]
    assert "id" not in table
    built = table.build(Columns({"k": np.array([1])}), {"member_id": np.array([0])})
    assert rows_of(built) == [{"member_id": "b", "k": 1}]


@shapes
def test_a_missing_column_is_named_beside_those_that_are_there(shape: str) -> None:
    with pytest.raises(ColumnError, match=r"no column 'route', 'form'; there are: id, n") as raised:
        opened(EVERY_SHAPE[shape](RECORDS), "route", "id", "form")
    assert raised.value.where == "fills"
    assert "Map your names" in str(raised.value)


@shapes
def test_texts_are_short_and_none_where_missing(shape: str) -> None:
    records = [{"seen": "x" * 50}, {"seen": None}]
    texts = opened(EVERY_SHAPE[shape](records), "seen").texts("seen", np.array([1, 0]), 10)
    assert texts == [None, "x" * 10]


@pytest.mark.parametrize(
    "native, kind",
    [
        (pd.DataFrame({"id": pd.array([10**16 + 1, None], "Int64")}), "Int64"),
        (pd.DataFrame({"id": np.array([3, 4], np.int32)}), "int32"),
        (pd.DataFrame({"id": pd.Categorical(["x", "y"])}), "category"),
        (pl.DataFrame({"id": [3, 4]}, schema={"id": pl.UInt8}), "UInt8"),
        (pl.DataFrame({"id": [2**63 + 1, 1]}, schema={"id": pl.UInt64}), "UInt64"),
        (
            pl.DataFrame({"id": [Decimal("12.0"), None]}, schema={"id": pl.Decimal(38, 1)}),
            "Decimal(precision=38, scale=1)",
        ),
        (pa.table({"id": pa.array(["x", "y"], pa.large_string())}), "large_string"),
        (pa.table({"id": pa.array([3, 4], pa.int16())}), "int16"),
    ],
)
def test_identifiers_keep_the_type_of_the_caller(native: Any, kind: str) -> None:
    built = opened(native).build(Columns({"k": np.array([0])}), {"id": np.array([0])})
    column = built["id"]
    assert str(column.type if isinstance(built, pa.Table) else column.dtype) == kind
    assert built["id"][0] == native["id"][0]


@pytest.mark.parametrize(
    "values",
    [
        [10**16 + 1, 10**16 + 2],
        [2**64, 1],
        ["a", "b"],
        [Decimal("12.0"), Decimal(12)],
        np.array([3, 4], np.int16),
        np.array(["x", "y"]),
    ],
)
def test_identifiers_of_a_mapping_keep_their_type_and_digits(values: Any) -> None:
    built = opened({"id": values}).build(Columns({"k": np.array([0])}), {"id": np.array([1])})
    assert isinstance(built, Columns)
    assert built["id"].tolist() == [values[1]]
    if isinstance(values, np.ndarray):
        assert built["id"].dtype == values.dtype


def test_stored_kinds_of_columns_are_taken_as_they_are() -> None:
    stored = Columns(
        {
            "word": Text(np.array([0, -1]), ("a",), "mixed"),
            "count": Nullable(np.array([7, 8]), np.array([True, False])),
        }
    )
    table = opened(stored, "word", "count")
    rows = np.array([1, 0])
    word, count = table.gather("word", rows), table.gather("count", rows)
    assert isinstance(word, Text) and word.kind == "mixed" and word.codes.tolist() == [-1, 0]
    assert isinstance(count, Nullable) and count.valid.tolist() == [False, True]
    assert table.texts("word", rows, 5) == [None, "a"]
    assert table.texts("count", rows, 5) == [None, "7.0"]


def test_an_index_of_pandas_does_not_move_values() -> None:
    frame = pd.DataFrame({"id": ["x", "y", "z"]}, index=[2, 2, 0])
    built = opened(frame).build(COMPUTED, {"id": np.array([2, 0])})
    assert built["id"].tolist() == ["z", "x"]
    assert built.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame([["x", "y", 1]], columns=["id", "id", "n"]),
        pa.table([["x"], ["y"], [1]], ["id", "id", "n"]),
    ],
    ids=["pandas", "pyarrow"],
)
def test_a_column_that_is_there_twice_is_named(data: Any) -> None:
    with pytest.raises(ColumnError, match="fills: column 'id' is there twice"):
        opened(data)


def test_two_names_of_a_mapping_that_are_one_text_are_refused() -> None:
    with pytest.raises(ColumnError, match="two columns have the same name"):
        opened({1: [1], "1": [2]}, "1")


def test_columns_of_a_mapping_have_one_length() -> None:
    with pytest.raises(ColumnError, match=r"differ in length \(id: 1, n: 2\)"):
        opened({"id": ["x"], "n": [1, 2]})


@pytest.mark.parametrize("values", ["text", b"bytes", 5, None, iter([1])])
def test_what_is_no_column_is_named(values: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"fills\['id'\]: is not a column of values"):
        opened({"id": values})


@pytest.mark.parametrize("values", [pd.Series(["x", "y"]), pl.Series(["x", "y"]), ("x", "y")])
def test_a_column_of_a_mapping_may_be_any_sequence(values: Any) -> None:
    column = opened({"id": values}).column("id")
    assert isinstance(column, Text) and column.array().tolist() == ["x", "y"]


def test_a_range_is_a_column_of_integers() -> None:
    column = opened({"id": range(2)}).column("id")
    assert isinstance(column, np.ndarray) and column.tolist() == [0, 1]


def test_records_may_lack_a_field() -> None:
    table = opened([{"id": "x"}, {"n": 2}, {}], "id", "n")
    word, number = table.column("id"), table.column("n")
    assert isinstance(word, Text) and word.array().tolist() == ["x", None, None]
    assert isinstance(number, Nullable) and number.valid.tolist() == [False, True, False]


@pytest.mark.parametrize("data", [[{"id": 1}, 5], (["x"],), ["text"]])
def test_a_record_that_is_none_is_named_by_position(data: Any) -> None:
    position = len(data) - 1
    with pytest.raises(ArgumentTypeError, match=f"record {position} is not a mapping"):
        opened(data)


@pytest.mark.parametrize(
    "data", [None, 5, "text", pd.Series([1]), np.zeros(3), iter([]), {1, 2}, object()]
)
def test_what_is_no_table_is_told_what_would_be(data: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a table") as raised:
        opened(data)
    assert raised.value.where == "fills"
    assert any("pandas" in kind for kind in raised.value.allowed)


@pytest.mark.parametrize("data", [[], {}, ()])
def test_nothing_at_all_is_a_table_without_rows(data: Any) -> None:
    table = opened(data, "member_id", "n", columns={"n": "count"}, optional=["form"])
    assert len(table) == 0
    assert "member_id" in table and "n" in table and "form" not in table
    assert len(table.column("n")) == 0


@pytest.mark.parametrize(
    "make, kind",
    [
        (pd.DataFrame, pd.DataFrame),
        (pl.DataFrame, pl.DataFrame),
        (pl.LazyFrame, pl.DataFrame),
        (pa.table, pa.Table),
    ],
    ids=["pandas", "polars", "polars lazy", "pyarrow"],
)
def test_a_frame_without_rows_gives_one_back(make: Callable[[Any], Any], kind: type) -> None:
    built = opened(make({"id": []})).build(
        Columns({"k": np.zeros(0)}), {"id": np.zeros(0, np.int64)}
    )
    assert type(built) is kind
    assert rows_of(built) == []


def test_a_mapped_column_that_is_absent_is_missed_even_if_optional() -> None:
    with pytest.raises(ColumnError, match="no column 'dosage_form'"):
        opened(RECORDS, optional=["form"], columns={"form": "dosage_form"})


def test_a_name_that_we_do_not_use_cannot_be_mapped() -> None:
    with pytest.raises(ColumnError, match="maps 'ndc', which fills does not use") as raised:
        opened(RECORDS, optional=["form"], columns={"ndc": "n"})
    assert raised.value.allowed == ("id", "form")


def test_the_map_of_names_is_a_mapping() -> None:
    with pytest.raises(ArgumentTypeError, match="columns: is not a mapping"):
        opened(RECORDS, columns=["id"])


def test_messages_about_a_column_name_the_argument_and_the_column() -> None:
    with pytest.raises(ColumnError) as raised:
        opened({"id": np.zeros((2, 2))}).column("id")
    assert raised.value.where == "fills['id']"


def test_a_frame_is_only_viewed() -> None:
    frame = pd.DataFrame({"id": ["x", "y"]}, index=[9, 9])
    before = frame.copy()
    opened(frame).build(COMPUTED, {"id": np.array([1, 0])})
    pd.testing.assert_frame_equal(frame, before)
