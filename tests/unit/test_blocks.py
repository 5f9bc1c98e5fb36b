from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from pyarrow import parquet

from opsafe import _streams
from opsafe._identifiers import Identifiers, restore, take
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.frames import Blocks, open_blocks
from tests.tables import SHAPES, rows_of

RECORDS: list[dict[str, Any]] = [
    {"id": "b", "n": 1, "other": 1.5},
    {"id": "a", "n": 2, "other": 2.5},
    {"id": None, "n": None, "other": None},
    {"id": "b", "n": 4, "other": 4.5},
    {"id": "long" * 9, "n": 5, "other": 5.5},
]
IDS = [record["id"] for record in RECORDS]


def arrow(records: Any) -> pa.Table:
    columns = {name: [record[name] for record in records] for name in RECORDS[0]}
    return pa.table(columns, SCHEMA)


TEXT = (pl.String, pa.string())
SCHEMA = pa.schema({"id": pa.string(), "n": pa.int16(), "other": pa.float64()})


class Capsule:
    """A source of another library, that offers Arrow's stream and nothing else."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


class Ibis:
    """A table of ibis, as far as it is asked here."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.table.column_names)

    def select(self, *names: str) -> Ibis:
        return Ibis(self.table.select(names))

    def to_pyarrow_batches(self, *, chunk_size: int) -> pa.RecordBatchReader:
        return self.table.to_reader(chunk_size)


_FOLDER = TemporaryDirectory()
_NUMBERS = count()


def in_parquet(records: Any, rows: int = 1) -> Path:
    """A Parquet file with some rows in each row group."""
    path = Path(_FOLDER.name) / f"{next(_NUMBERS)}.parquet"
    parquet.write_table(arrow(records), path, row_group_size=rows)
    return path


STREAMS: dict[str, Callable[[Any], Any]] = {
    "duckdb": lambda records: duckdb.from_arrow(arrow(records)),
    "narwhals of duckdb": lambda records: nw.from_native(duckdb.from_arrow(arrow(records))),
    "polars lazy": lambda records: pl.DataFrame(arrow(records)).lazy(),
    "narwhals of polars": lambda records: nw.from_native(pl.DataFrame(arrow(records))).lazy(),
    "dataset": lambda records: ds.dataset(arrow(records)),
    "parquet": lambda records: ds.dataset(in_parquet(records)),
    "scanner": lambda records: ds.dataset(arrow(records)).scanner(),
    "reader": lambda records: arrow(records).to_reader(2),
    "batch": lambda records: pa.RecordBatch.from_pylist(records, SCHEMA),
    "capsule": lambda records: Capsule(arrow(records)),
    "ibis": lambda records: Ibis(arrow(records)),
}
streams = pytest.mark.parametrize("kind", list(STREAMS))


def blocks(data: Any, *optional: str, **changes: Any) -> Blocks:
    return open_blocks(data, where="fills", required=["id"], optional=optional, **changes)


def restored(found: Identifiers) -> list[Any]:
    missing = np.zeros(len(found), bool) if found.missing is None else found.missing
    return [None if gone else one for one, gone in zip(restore(found), missing, strict=True)]


def read_ids(opened: Blocks, name: str = "id") -> list[Any]:
    return [one for block in opened for one in restored(block.identifiers(name))]


# -------------------------------------------------------------------------------------- streams


@streams
def test_a_stream_gives_every_row_in_order(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_streams, "FEWEST_ROWS", 2)
    monkeypatch.setattr(_streams, "MOST_ROWS", 2)
    opened = blocks(STREAMS[kind](RECORDS), "n")
    assert opened.table is None
    assert dict(opened.names) == {"id": "id", "n": "n"}
    read = list(opened)
    assert [len(block) for block in read] == [2, 2, 1]
    assert [one for block in read for one in restored(block.identifiers("id"))] == IDS
    numbers = [block.column("n") for block in read]
    assert isinstance(numbers[1], Nullable) and numbers[1].valid.tolist() == [False, True]
    assert all(block.texts("n", np.array([0]), 5) for block in read)


@streams
def test_small_parts_of_a_stream_are_joined(kind: str) -> None:
    assert [len(block) for block in blocks(STREAMS[kind](RECORDS))] == [5]


def test_row_groups_that_are_too_large_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_streams, "FEWEST_ROWS", 2)
    monkeypatch.setattr(_streams, "MOST_ROWS", 2)
    read = list(blocks(ds.dataset(in_parquet(RECORDS, rows=5))))
    assert [len(block) for block in read] == [2, 2, 1]
    assert [one for block in read for one in restored(block.identifiers("id"))] == IDS


def test_files_of_a_dataset_follow_each_other() -> None:
    files = [in_parquet(RECORDS, rows=2), in_parquet([]), in_parquet(RECORDS[::-1], rows=5)]
    assert read_ids(blocks(ds.dataset([str(file) for file in files]))) == IDS + IDS[::-1]


def test_columns_that_folders_spell_out_are_read(tmp_path: Path) -> None:
    for year, records in ((2024, RECORDS), (2025, RECORDS[:2])):
        (tmp_path / f"year={year}").mkdir()
        parquet.write_table(arrow(records), tmp_path / f"year={year}" / "part.parquet")
    found = list(blocks(ds.dataset(tmp_path, partitioning="hive"), "year"))
    assert [year for block in found for year in np.asarray(block.column("year")).tolist()] == [
        *[2024] * 5,
        *[2025] * 2,
    ]


def test_a_filter_on_a_dataset_holds() -> None:
    data = ds.dataset(in_parquet(RECORDS)).filter(pc.field("n") > 1)
    assert read_ids(blocks(data)) == ["a", "b", "long" * 9]


def test_a_file_that_ends_too_soon_is_an_error_of_arrow(tmp_path: Path) -> None:
    path = tmp_path / "cut.parquet"
    path.write_bytes(in_parquet(RECORDS).read_bytes())
    data = ds.dataset(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises((pa.ArrowInvalid, OSError)):
        read_ids(blocks(data))


@streams
def test_a_stream_is_read_once(kind: str) -> None:
    opened = blocks(STREAMS[kind](RECORDS))
    list(opened)
    with pytest.raises(ArgumentError, match="fills: is a stream, which can be read once"):
        list(opened)


@streams
def test_a_stream_gives_back_its_own_kind_and_types(kind: str) -> None:
    opened = blocks(STREAMS[kind](RECORDS), columns=None)
    (block,) = opened
    chosen = restore(take(block.identifiers("id"), np.array([1, 0])))
    built = opened.build(Columns({"k": np.array([1, 2])}), {"id": chosen})
    assert type(built) is (pl.DataFrame if "polars" in kind else pa.Table)
    assert rows_of(built) == [{"id": "a", "k": 1}, {"id": "b", "k": 2}]
    schema: Any = built.schema
    assert (schema["id"] if "polars" in kind else schema.field("id").type) in TEXT
    assert rows_of(opened.build(Columns({"k": np.array([1])}))) == [{"k": 1}]


@streams
def test_a_stream_without_rows_knows_its_columns(kind: str) -> None:
    opened = blocks(STREAMS[kind]([]), "n", columns={"n": "n"})
    assert [len(block) for block in opened] in ([], [0])
    built = opened.build(Columns({"k": np.zeros(0)}), {"n": np.zeros(0, np.int64)})
    names = built.columns if isinstance(built, pl.DataFrame) else built.column_names
    assert list(names) == ["n", "k"]
    kinds = built["n"].dtype if isinstance(built, pl.DataFrame) else built["n"].type
    assert kinds in (pl.Int16, pa.int16())


@streams
def test_columns_of_a_stream_are_found_by_our_names(kind: str) -> None:
    opened = open_blocks(
        STREAMS[kind](RECORDS),
        where="fills",
        required=["member_id"],
        optional=["count", "absent"],
        columns={"member_id": "id", "count": "n"},
    )
    assert dict(opened.names) == {"member_id": "id", "count": "n"}
    assert read_ids(opened, "member_id") == IDS


@streams
def test_what_a_stream_lacks_is_told_before_a_row_is_read(kind: str) -> None:
    for records in (RECORDS, []):
        with pytest.raises(ColumnError, match=r"no column 'route'; there are: id, n, other"):
            open_blocks(STREAMS[kind](records), where="fills", required=["id", "route"])
        with pytest.raises(ColumnError, match="maps 'ndc', which fills does not use"):
            blocks(STREAMS[kind](records), columns={"ndc": "n"})


def test_a_column_that_a_stream_has_twice_is_named() -> None:
    twice = pa.table([["x"], ["y"]], ["id", "id"])
    for data in (twice.to_reader(), Capsule(twice), duckdb.sql("select 1 as id, 2 as id")):
        with pytest.raises(ColumnError, match="column 'id' is there twice"):
            blocks(data)


def test_only_the_columns_in_use_are_read() -> None:
    lazy = pl.LazyFrame({"id": ["a"], "n": [1]}).with_columns(
        other=pl.col("n").map_elements(lambda _: pytest.fail("was read"), pl.Int64)
    )
    assert read_ids(blocks(lazy)) == ["a"]
    relation = duckdb.sql("select 'a' as id, error('was read') as other")
    assert read_ids(blocks(relation)) == ["a"]


def test_names_of_columns_are_quoted() -> None:
    relation = duckdb.from_arrow(pa.table({'a "b", c': ["x"], "select": [1]}))
    opened = blocks(relation, "n", columns={"id": 'a "b", c', "n": "select"})
    assert read_ids(opened) == ["x"]


def test_a_stream_is_not_started_before_it_is_read() -> None:
    started = []

    def batches() -> Iterator[pa.RecordBatch]:
        started.append(True)
        yield pa.RecordBatch.from_pylist(RECORDS, SCHEMA)

    opened = blocks(pa.RecordBatchReader.from_batches(SCHEMA, batches()))
    assert opened.table is None and not started
    assert read_ids(opened) == IDS and started


def test_dictionaries_that_differ_from_part_to_part_give_one_type() -> None:
    kind = pa.dictionary(pa.int8(), pa.string())
    parts = [
        pa.record_batch({"id": pa.array([f"{part}-{n}" for n in range(100)]).cast(kind)})
        for part in range(3)
    ]
    opened = blocks(pa.RecordBatchReader.from_batches(pa.schema({"id": kind}), iter(parts)))
    ids = np.array(read_ids(opened), object)
    assert len(ids) == 300
    column = opened.build(Columns({"k": np.arange(300)}), {"id": ids})["id"]
    assert column.type.value_type == pa.string() and column.to_pylist() == ids.tolist()


def test_a_stream_of_values_is_no_table() -> None:
    with pytest.raises(ArgumentTypeError, match="fills: Capsule gives a stream"):
        blocks(Capsule(pa.chunked_array([[1, 2]])))


# ---------------------------------------------------------------------------------- one block


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_table_is_one_block_that_stays(shape: str) -> None:
    opened = blocks(SHAPES[shape](RECORDS), "n")
    assert opened.table is not None
    assert [read_ids(opened), read_ids(opened)] == [IDS, IDS]
    built = opened.build(Columns({"k": np.array([1])}), {"id": np.array(["a"], object)})
    assert rows_of(built) == [{"id": "a", "k": 1}]


@pytest.mark.parametrize("data", [[], {}, ()])
def test_nothing_at_all_is_a_block_without_rows(data: Any) -> None:
    (block,) = blocks(data)
    assert len(block.identifiers("id")) == 0


@pytest.mark.parametrize(
    "data", [None, 5, "text", pd.Series([1]), pl.Series([1]), pa.array([1]), iter([]), object()]
)
def test_what_is_neither_table_nor_stream_is_told(data: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a table"):
        blocks(data)


def decimals(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


OF_PANDAS: list[tuple[Any, Any]] = [
    (["x", None], pa.large_string()),
    ([1, None], pa.int16()),
    (decimals(3), pa.decimal128(20, 2)),
]
OF_POLARS: list[tuple[Any, Any]] = [
    ([3, None], pl.UInt8),
    ([2**64 - 1, 1], pl.UInt64),
    ([2**70, 1], pl.Int128),
    ([3.0, 4.0], pl.Float32),
    (decimals(3, 4), pl.Decimal(38, 1)),
    (decimals(2**70), pl.Decimal(30, 1)),
    (["x", None], pl.Categorical),
    (["x", "y"], pl.Enum(["y", "z", "x"])),
    (["x", "y"], pl.Object),
    ([7, 8], pl.Object),
    ([None], pl.Null),
]
OF_ARROW: list[tuple[Any, Any]] = [
    ([3, None], pa.uint16()),
    ([2**64 - 1, 1], pa.uint64()),
    ([3.0], pa.float32()),
    ([np.float16(3.0)], pa.float16()),
    (decimals(3, 4), pa.decimal128(12, 3)),
    (decimals(2**70), pa.decimal256(50, 3)),
    (["x", None], pa.large_string()),
    (["x", None], pa.string_view()),
    (["x", "y"], pa.dictionary(pa.int8(), pa.string(), ordered=True)),
    ([7, 8], pa.dictionary(pa.int32(), pa.int64())),
    ([None], pa.null()),
]
TYPES: list[Any] = [
    *(pd.DataFrame({"id": np.array([3, 4], kind)}) for kind in ("i1", "i4", "u8", "f4", "f8")),
    *(pd.DataFrame({"id": pd.array([3, 4], kind)}) for kind in ("Int64", "UInt8", "Float64")),
    pd.DataFrame({"id": pd.array([2**64 - 1, None], "UInt64")}),
    pd.DataFrame({"id": pd.array([2**64 - 1, 1], "UInt64")}),
    pd.DataFrame({"id": np.array([2**64 - 1, 1], np.uint64)}),
    *(pd.DataFrame({"id": pd.array(["x", None], kind)}) for kind in ("str", "string")),
    pd.DataFrame({"id": pd.Series(["x", None], dtype=object)}),
    pd.DataFrame({"id": pd.Series([None, *decimals(7)], dtype=object)}),
    pd.DataFrame({"id": pd.Series([7, 2**70], dtype=object)}),
    pd.DataFrame({"id": pd.Categorical(["x", "y"], ["y", "x", "z"], ordered=True)}),
    pd.DataFrame({"id": pd.Categorical([10**16 + 1, 7])}),
    *(
        pd.DataFrame({"id": pd.Series(values, dtype=pd.ArrowDtype(kind))})
        for values, kind in OF_PANDAS
    ),
    *(pl.DataFrame({"id": values}, schema={"id": kind}) for values, kind in OF_POLARS),
    *(pa.table({"id": pa.array(values, kind)}) for values, kind in OF_ARROW),
]


@pytest.mark.parametrize("native", TYPES, ids=map(str, range(len(TYPES))))
def test_identifiers_come_back_in_the_type_of_their_column(native: Any) -> None:
    opened = blocks(native)
    (block,) = opened
    found = block.identifiers("id")
    there = np.arange(len(found)) if found.missing is None else np.flatnonzero(~found.missing)
    rows = there[::-1]
    built = opened.build(Columns({"k": rows}), {"id": restore(take(found, rows))})
    expected = block.build(Columns({"k": rows}), {"id": rows})
    assert type(built) is type(native)
    if isinstance(native, pd.DataFrame):
        pd.testing.assert_frame_equal(built, expected)
    else:
        assert rows_of(built) == rows_of(expected)
        place = 0 if isinstance(native, pa.Table) else "id"
        assert built.schema[place] == native.schema[place]


@pytest.mark.parametrize(
    "values, restored_as",
    [
        ([7, 8], [7, 8]),
        ([None, 7.0], [7.0]),
        (decimals(7, 8), decimals(7, 8)),
        ([2**64, 1], [2**64, 1]),
        (["x", None], ["x"]),
        (np.array([7, 8], np.int16), [7, 8]),
        (np.array([2**64 - 1], np.uint64), [2**64 - 1]),
        (np.array([7.0, np.nan]), [7.0]),
        (np.array(["x", "yy"]), ["x", "yy"]),
        (np.array(["x", None], object), ["x"]),
        (Text(np.array([0, -1]), ("x",)), ["x"]),
        (Nullable(np.array([7, 8], np.int32), np.array([True, False])), [7]),
    ],
)
def test_identifiers_of_a_mapping_come_back_as_they_are(values: Any, restored_as: Any) -> None:
    opened = blocks({"id": values})
    (block,) = opened
    found = block.identifiers("id")
    there = np.arange(len(found)) if found.missing is None else np.flatnonzero(~found.missing)
    built = opened.build(Columns({}), {"id": restore(take(found, there))})
    assert isinstance(built, Columns)
    own = built["id"].tolist()
    assert own == restored_as
    assert list(map(type, own)) == list(map(type, restored_as))
    if isinstance(values, np.ndarray):
        assert built["id"].dtype == values.dtype
