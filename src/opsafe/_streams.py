"""Sources that hand out their rows in parts: what they are called by, and the parts in order.

DuckDB relations, lazy polars frames, pyarrow datasets, scanners and readers, ibis tables, and
whatever else offers Arrow's stream. A source that can project reads only the columns that are
asked for. Parts are pyarrow tables, or polars frames where polars makes them; a part is handed out
as a call that gives it, so that Parquet is read by the thread that goes on with it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from opsafe.errors import ArgumentTypeError, MissingExtraError

__all__ = ["Stream", "find_stream"]

# Every part costs look-ups of its own, and must fit in memory several times over.
FEWEST_ROWS: Final = 1 << 18
MOST_ROWS: Final = 1 << 20

Part: TypeAlias = Callable[[], Any]
"""Gives some rows, in whatever thread it is called."""
Opened: TypeAlias = tuple[Any, Iterator[Part]]
"""A table without rows, for the types of the columns, and the parts."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A source that can be read once, in parts."""

    names: tuple[str, ...]
    """Its columns, as often as they are there."""
    open: Callable[[Sequence[str]], Opened]
    """Start to read some of them."""


def find_stream(data: Any, where: str) -> Stream | None:
    """Say how a source hands out its rows; None if it is no stream."""
    import narwhals as nw

    if isinstance(data, nw.LazyFrame):
        data = data.to_native()
    if nw.dependencies.is_polars_lazyframe(data):
        return _of_polars(data)
    if nw.dependencies.is_duckdb_relation(data):
        return Stream(tuple(data.columns), lambda names: _open_duckdb(data, names, where))
    if hasattr(data, "to_pyarrow_batches") and hasattr(data, "columns"):
        return Stream(tuple(data.columns), lambda names: _open_ibis(data, names, where))
    return _of_arrow(data, where)


# ------------------------------------------------------------------------------------ polars


def _of_polars(data: Any) -> Stream:
    schema = data.collect_schema()
    return Stream(tuple(schema.names()), lambda names: _open_polars(data, schema, names))


def _open_polars(data: Any, schema: Any, names: Sequence[str]) -> Opened:
    import polars as pl

    empty = pl.DataFrame(schema={name: schema[name] for name in names})
    chosen = data.select(list(names))
    batches: Iterable[Any]
    if hasattr(chosen, "collect_batches"):
        batches = chosen.collect_batches(
            chunk_size=FEWEST_ROWS, maintain_order=True, engine="streaming"
        )
    else:
        batches = map(pl.LazyFrame.collect, [chosen])
    return empty, _joined(batches, pl.concat)


# ----------------------------------------------------------------------------- Arrow and others


def _of_arrow(data: Any, where: str) -> Stream | None:
    import narwhals as nw

    pa, dataset = nw.dependencies.get_pyarrow(), sys.modules.get("pyarrow.dataset")
    if dataset is not None and isinstance(data, dataset.Dataset):
        return Stream(tuple(data.schema.names), lambda names: _open_dataset(data, names))
    if dataset is not None and isinstance(data, dataset.Scanner):
        return Stream(
            tuple(data.projected_schema.names), lambda names: _parts(data.to_reader(), names)
        )
    if pa is not None and isinstance(data, pa.RecordBatchReader):
        return Stream(tuple(data.schema.names), lambda names: _parts(data, names))
    if not hasattr(data, "__arrow_c_stream__") or _is_known(data):
        return None
    reader = _from_capsule(data, where)
    return Stream(tuple(reader.schema.names), lambda names: _parts(reader, names))


def _open_dataset(data: Any, names: Sequence[str]) -> Opened:
    if not _is_local_parquet(data):
        reader = data.scanner(list(names), batch_size=FEWEST_ROWS, batch_readahead=2).to_reader()
        return _parts(reader, names)
    import pyarrow as pa

    parts = (part for file in data.get_fragments() for part in _file_parts(file, data, names))
    return pa.schema([data.schema.field(name) for name in names]).empty_table(), parts


def _is_local_parquet(data: Any) -> bool:
    """Whether a dataset is whole Parquet files on this machine, read in the usual way."""
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

    if not (
        isinstance(data, ds.FileSystemDataset) and isinstance(data.format, ds.ParquetFileFormat)
    ):
        return False
    usual = data.format.default_fragment_scan_options == ds.ParquetFragmentScanOptions()
    try:
        data.get_fragments()
    except ValueError:  # the rows are filtered
        return False
    return usual and isinstance(data.filesystem, LocalFileSystem)


def _file_parts(file: Any, data: Any, names: Sequence[str]) -> Iterator[Part]:
    """Row groups of a file, small ones together; nothing is read ahead, for memory is dear.

    Into the memory that NumPy uses too: what Arrow keeps for itself would be new to the rest.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    how = {
        "schema": data.schema,
        "columns": list(names),
        "fragment_scan_options": ds.ParquetFragmentScanOptions(pre_buffer=False),
        "batch_readahead": 0,
        "use_threads": False,
        "memory_pool": pa.system_memory_pool(),
    }
    groups = file.row_groups
    if any(group.num_rows > MOST_ROWS for group in groups):
        reader = file.scanner(batch_size=FEWEST_ROWS, **how).to_reader()
        yield from _joined(map(_as_table, reader), pa.concat_tables)
        return
    for together in _together(groups):
        chosen = file.subset(row_group_ids=[group.id for group in together])
        yield partial(chosen.to_table, batch_size=MOST_ROWS, **how)


def _together(groups: Iterable[Any]) -> Iterator[list[Any]]:
    """Row groups that are read at once: as many as keep below a block's rows, or one."""
    held: list[Any] = []
    rows = 0
    for group in groups:
        if held and rows + group.num_rows > FEWEST_ROWS:
            yield held
            held, rows = [], 0
        held.append(group)
        rows += group.num_rows
    if rows:
        yield held


def _is_known(data: Any) -> bool:
    """Whether narwhals knows it: frames have a road of their own, and a series is no table."""
    import narwhals as nw

    try:
        known = nw.from_native(data, pass_through=True, allow_series=True)
    except (TypeError, ValueError):
        return True  # a frame with something wrong, which the road of frames will name
    return isinstance(known, nw.DataFrame | nw.Series)


def _from_capsule(data: Any, where: str) -> Any:
    pa = _pyarrow(where)
    try:
        return pa.RecordBatchReader.from_stream(data)
    except (pa.ArrowInvalid, TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{type(data).__name__} gives a stream that is not one of tables", where=where
        ) from error


def _open_duckdb(relation: Any, names: Sequence[str], where: str) -> Opened:
    _pyarrow(where)
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    chosen = relation.project(quoted)
    read = getattr(chosen, "to_arrow_reader", None) or chosen.fetch_arrow_reader
    return _parts(read(FEWEST_ROWS), names)


def _open_ibis(table: Any, names: Sequence[str], where: str) -> Opened:
    _pyarrow(where)
    return _parts(table.select(*names).to_pyarrow_batches(chunk_size=FEWEST_ROWS), names)


def _parts(reader: Any, names: Sequence[str]) -> Opened:
    import pyarrow as pa

    schema = pa.schema([reader.schema.field(name) for name in names])
    tables = (_as_table(batch).select(list(names)) for batch in reader)
    return schema.empty_table(), _joined(tables, pa.concat_tables)


def _as_table(batch: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def _joined(parts: Iterable[Any], join: Callable[[list[Any]], Any]) -> Iterator[Part]:
    """Join small parts and split large ones; empty ones are left out."""
    held: list[Any] = []
    rows = 0
    for part in parts:
        for first in range(0, len(part), MOST_ROWS):
            held.append(part.slice(first, MOST_ROWS))
            rows += len(held[-1])
            if rows >= FEWEST_ROWS:
                yield partial(join, held)
                held, rows = [], 0
    if held:
        yield partial(join, held)


def _pyarrow(where: str) -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingExtraError(
            "pyarrow is not installed", where=where, advice="Run: pip install opsafe[files]"
        ) from None
    return pa
