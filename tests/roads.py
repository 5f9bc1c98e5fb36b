"""Every road to an answer: one table of fills given in each way that there is, and its answer.

A road takes plain records and gives an `Answer` of plain Python values, so that two roads can be
compared bit for bit. `cut` makes blocks, slabs, chunks and bins so small that a few rows fill many
of them; what is left to chance in a large population happens here in every example.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from opsafe import _parquet, _streams, frames, mme
from opsafe.mme._population import deal, encode, pieces, run, ways
from opsafe.mme._population.book import MemberTables
from opsafe.mme._population.measure import Fills, Measured, measure
from opsafe.mme._population.options import Options
from opsafe.mme._population.spans import Spans
from tests import tables

Record: TypeAlias = Mapping[str, Any]
Road: TypeAlias = Callable[..., "Answer"]
Rows: TypeAlias = list[dict[str, Any]]

KEYS = {
    "segments": ("member_id", "first_day"),
    "contributions": ("member_id", "ingredient"),
    "excluded": ("member_id", "first_day", "last_day", "reason"),
}


@dataclass(frozen=True)
class Answer:
    """What every road must agree on, whatever the order of the rows."""

    members: dict[Any, dict[str, Any]]
    tables: dict[str, Rows]
    """Segments, contributions and exclusions, in order of their keys."""
    codes: Counter[str]
    """Codes of the rows set aside."""
    flags: Counter[str]
    not_opioid: dict[str, int]
    rows: tuple[int, ...]
    """Rows in, used, netted, of other drugs, set aside."""
    places: frozenset[tuple[int, str]] = field(compare=False)
    """Position of each row set aside and its code; it moves with the order of the rows."""
    order: tuple[Any, ...] = field(compare=False)
    """Members in the order of the table."""


def answer_of(found: mme.Exposure) -> Answer:
    """Turn the answer of a frame or a stream into plain values."""
    return _answer(lambda name: getattr(found, name), found.provenance)


def files_answer_of(found: mme.ExposureFiles) -> Answer:
    """Turn the answer of `exposure_files` into plain values; members of all parts together."""

    def table(name: str) -> Any:
        if name == "not_opioid":
            return pq.read_table(found.not_opioid)
        return None if getattr(found, name) is None else found.to_arrow(name)

    return _answer(table, found.provenance)


def _answer(table: Callable[[str], Any], provenance: Any) -> Answer:
    members = tables.by_member(table("members"))
    listed = {}
    for name, keys in KEYS.items():
        rows = [] if table(name) is None else tables.rows_of(table(name))
        listed[name] = sorted(rows, key=lambda row: tuple(map(_sortable, map(row.get, keys))))
    aside = tables.rows_of(table("set_aside"))
    counts = provenance.rows
    return Answer(
        {member: members[member] for member in sorted(members, key=_sortable)},
        listed,
        Counter(row["code"] for row in aside),
        Counter(row["code"] for row in tables.rows_of(table("flags"))),
        {row["ingredient"]: row["rows"] for row in tables.rows_of(table("not_opioid"))},
        (counts.rows_in, counts.used, counts.netted, counts.not_opioid, counts.set_aside),
        frozenset((row["row"], row["code"]) for row in aside),
        tuple(members),
    )


def _sortable(value: Any) -> Any:
    """Text of one column, or numbers of one column, in an order; missing last."""
    return (value is None, 0 if value is None else value)


# ---------------------------------------------------------------------------------- small pieces


@dataclass(frozen=True)
class Cuts:
    """How small the pieces are, in rows; `None` leaves them as they come."""

    slab: int | None = None
    block: int | None = None
    """Rows of a block of a stream or of a Parquet file, and of a batch of an Arrow table."""
    chunk: int | None = None
    """Rows that are encoded, kept or dealt together."""
    bins: int | None = None
    """Bits of a member's key that its bin is chosen by."""
    threads: int = 1
    parts: int | None = None
    compiled: bool = False
    """Whether members are summed in compiled loops."""


SMALL = Cuts(slab=1, block=2, chunk=3, bins=1, threads=2, parts=3, compiled=True)


def _in_loops(_compiled: bool, options: Options, tables: MemberTables) -> ways.Way:
    """Sum members in loops wherever they can be, although segments are wanted as well."""
    found = ways.way_of(True, options, tables)
    return ways.Way(_in_loops_and_by_day, by_product=True) if found is ways.BY_ARRAYS else found


def _in_loops_and_by_day(fills: Fills, spans: Spans, *others: Any) -> Measured:
    """Sum members in loops, and their days in arrays beside them."""
    by_arrays = measure(fills, spans, *others)
    if spans.window is None:
        return by_arrays
    return replace(ways.measure_in_loops(fills, spans, *others), daily=by_arrays.daily)


@contextmanager
def cut(cuts: Cuts) -> Iterator[None]:
    """Cut everything that is computed inside into small pieces."""
    with ExitStack() as stack:
        if cuts.slab is not None:
            for function in (run.run_frame, run.solve_all):
                stack.enter_context(
                    mock.patch.dict(function.__kwdefaults__, {"slab_rows": cuts.slab})
                )
        changes: list[tuple[Any, str, int | None]] = [
            (_streams, "FEWEST_ROWS", cuts.block),
            (_streams, "MOST_ROWS", cuts.block),
            (_parquet, "BLOCK_ROWS", cuts.block),
            (frames, "_SHORTEST_BATCH", None if cuts.block is None else 1),
            (encode, "_CHUNK", cuts.chunk),
            (pieces, "PIECE_ROWS", cuts.chunk),
            (run, "PIECE_ROWS", cuts.chunk),
            (run, "_ONE_TASK", cuts.chunk),
            (deal, "_BIN_BITS", cuts.bins),
        ]
        if cuts.compiled:
            stack.enter_context(mock.patch.object(run, "way_of", _in_loops))
        for module, name, value in changes:
            if value is not None:
                stack.enter_context(mock.patch.object(module, name, value))
        yield


# ----------------------------------------------------------------------------------- the roads


def to_arrow(records: Sequence[Record]) -> pa.Table:
    """Make an Arrow table; a column without any value is text, as a database would have it."""
    columns: dict[str, Any] = dict(tables.columns_of(records))
    if any(isinstance(one, int) and one >= 2**63 for one in columns.get("member_id", ())):
        columns["member_id"] = pa.array(columns["member_id"], pa.uint64())
    table = pa.table(columns)
    kinds = [pa.string() if one.type == pa.null() else one.type for one in table.schema]
    names = table.column_names
    return table.cast(pa.schema(list(zip(names, kinds, strict=True))))


def _pandas(records: Sequence[Record]) -> pd.DataFrame:
    """A frame whose integers stay integers beside a missing one."""
    frame = tables.to_pandas(records)
    known = [one["member_id"] for one in records if one["member_id"] is not None]
    if known and all(isinstance(one, int) for one in known):
        kind = pd.UInt64Dtype() if max(known) >= 2**63 else pd.Int64Dtype()
        values = [one["member_id"] for one in records]
        frame["member_id"] = pd.Series(values, index=frame.index, dtype=kind)
    return frame


def _polars(records: Sequence[Record]) -> pl.DataFrame:
    frame = pl.from_arrow(to_arrow(records))
    assert isinstance(frame, pl.DataFrame)
    return frame


def in_batches(table: pa.Table, rows: int) -> list[pa.RecordBatch]:
    """Cut a table into batches of some rows, or of more where there would be hundreds."""
    rows = max(rows, len(table) // 60)
    return [one for one in table.to_batches(max_chunksize=rows) if one.num_rows]


def _chunked(records: Sequence[Record], rows: int = 3) -> pa.Table:
    table = to_arrow(records)
    return pa.Table.from_batches(in_batches(table, rows), table.schema)


def _reader(records: Sequence[Record], rows: int = 2) -> pa.RecordBatchReader:
    table = to_arrow(records)
    return pa.RecordBatchReader.from_batches(table.schema, in_batches(table, rows))


def _words_by_batch(records: Sequence[Record], rows: int = 3) -> pa.RecordBatchReader:
    """A stream of dictionaries that differ from batch to batch."""
    table = to_arrow(records)
    kinds = [
        pa.dictionary(pa.int32(), one.type) if one.type == pa.string() else one.type
        for one in table.schema
    ]
    schema = pa.schema(list(zip(table.column_names, kinds, strict=True)))
    batches = [
        pa.Table.from_batches([one]).cast(schema).combine_chunks().to_batches()[0]
        for one in in_batches(table, rows)
    ]
    return pa.RecordBatchReader.from_batches(schema, batches)


def _lazy(records: Sequence[Record]) -> pl.LazyFrame:
    return _polars(records).lazy()


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    # In order of the rows, as an Arrow table is. Relations of older releases do not keep theirs.
    return duckdb.connect(":memory:", config={"threads": 1})


def _relation(records: Sequence[Record]) -> Any:
    return _duckdb().from_arrow(to_arrow(records))


MEMORY: dict[str, Callable[[Sequence[Record]], Any]] = {
    "records": list,
    "mapping": tables.to_mapping,
    "pandas": _pandas,
    "polars": _polars,
    "polars lazy": _lazy,
    "pyarrow": lambda records: to_arrow(records),  # noqa: PLW0108
    "pyarrow in chunks": _chunked,
    "reader": _reader,
    "reader of dictionaries": _words_by_batch,
    "DuckDB": _relation,
}


def ask(road: str, records: Sequence[Record], cuts: Cuts = SMALL, **arguments: Any) -> Answer:
    """Ask for exposure by a road; segments and contributions too."""
    wanted = {"segments": True, "contributions": True, "threads": cuts.threads} | arguments
    with cut(cuts):
        if road in MEMORY:
            return answer_of(mme.exposure(MEMORY[road](records), **wanted))
        # What survives a stop has tests of its own; here nothing waits for the disk.
        with tempfile.TemporaryDirectory() as name, mock.patch("os.fsync"):
            return FILES[road](records, Path(name), cuts, wanted)


def _write(records: Sequence[Record], folder: Path, cuts: Cuts, files: int = 1) -> Path:
    table = to_arrow(records)
    fills = folder / "fills"
    fills.mkdir()
    size = max(-(-len(table) // files), 1)
    for number in range(files):
        piece = table.slice(number * size, size)
        pq.write_table(
            piece, fills / f"fills-{number:02}.parquet", row_group_size=cuts.block or 1 << 20
        )
    return fills


def _dataset(records: Sequence[Record], folder: Path, cuts: Cuts, wanted: Any) -> Answer:
    return answer_of(mme.exposure(ds.dataset(_write(records, folder, cuts)), **wanted))


def _files(records: Sequence[Record], folder: Path, cuts: Cuts, wanted: Any) -> Answer:
    fills = _write(records, folder, cuts)
    return files_answer_of(mme.exposure_files(fills, folder / "out", parts=cuts.parts, **wanted))


def _sorted_files(records: Sequence[Record], folder: Path, cuts: Cuts, wanted: Any) -> Answer:
    def by_member(record: Record) -> Any:
        member = record["member_id"]
        return member is None, member if member is not None else 0

    fills = _write(sorted(records, key=by_member), folder, cuts, files=2)
    return files_answer_of(mme.exposure_files(fills, folder / "out", parts=cuts.parts, **wanted))


FILES: dict[str, Callable[[Sequence[Record], Path, Cuts, Any], Answer]] = {
    "dataset": _dataset,
    "files": _files,
    "sorted files": _sorted_files,
}


def differences(one: Answer, two: Answer) -> list[str]:
    """Name what differs, for a message that can be read."""
    columns = [
        (f"{member!r}.{name}", ours.get(name), theirs.get(name))
        for member in one.members.keys() | two.members.keys()
        for ours, theirs in [(one.members.get(member, {}), two.members.get(member, {}))]
        for name in ours.keys() | theirs.keys()
    ]
    counts = [
        (name, getattr(one, name), getattr(two, name))
        for name in ("codes", "flags", "not_opioid", "rows")
    ]
    listed = [(name, rows, two.tables[name]) for name, rows in one.tables.items()]
    return [
        f"{name}: {ours!r} and {theirs!r}"
        for name, ours, theirs in (*columns, *counts, *listed)
        if ours != theirs
    ]
