"""Sources that hand out their rows in parts: what they are called by, and the parts in order.

DuckDB relations, lazy polars frames, pyarrow datasets, scanners and readers, ibis tables, and
whatever else offers Arrow's stream. A source that can project reads only the columns that are
asked for. Parts are pyarrow tables, or polars frames where polars makes them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from opsafe.errors import ArgumentTypeError, MissingExtraError

__all__ = ["Stream", "find_stream"]

# Every part costs look-ups of its own, and must fit in memory several times over.
FEWEST_ROWS: Final = 1 << 18
MOST_ROWS: Final = 1 << 20

Opened: TypeAlias = tuple[Any, Iterator[Any]]
"""A part without rows, for the types of the columns, and the parts themselves."""


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
    if not hasattr(chosen, "collect_batches"):
        return empty, iter([chosen.collect()])
    batches = chosen.collect_batches(
        chunk_size=FEWEST_ROWS, maintain_order=True, engine="streaming"
    )
    return empty, _joined(batches, pl.concat)


# ----------------------------------------------------------------------------- Arrow and others


def _of_arrow(data: Any, where: str) -> Stream | None:
    import narwhals as nw

    pa, dataset = nw.dependencies.get_pyarrow(), sys.modules.get("pyarrow.dataset")
    if dataset is not None and isinstance(data, dataset.Dataset):
        return Stream(
            tuple(data.schema.names),
            lambda names: _parts(_scanner(data, names).to_reader(), names),
        )
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


def _scanner(data: Any, names: Sequence[str]) -> Any:
    """Read a dataset a little ahead; files that lie here wait for nobody, and memory is dear."""
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

    ours: dict[str, Any] = {"batch_size": FEWEST_ROWS, "batch_readahead": 2}
    if isinstance(data, ds.FileSystemDataset) and isinstance(data.format, ds.ParquetFileFormat):
        usual = data.format.default_fragment_scan_options == ds.ParquetFragmentScanOptions()
        if usual and isinstance(data.filesystem, LocalFileSystem):
            ours["fragment_scan_options"] = ds.ParquetFragmentScanOptions(pre_buffer=False)
            ours["batch_readahead"] = 0
    return data.scanner(list(names), **ours)


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
    tables = (pa.Table.from_batches([batch]).select(list(names)) for batch in reader)
    return schema.empty_table(), _joined(tables, pa.concat_tables)


def _joined(parts: Iterable[Any], join: Callable[[list[Any]], Any]) -> Iterator[Any]:
    """Join small parts and split large ones; empty ones are left out."""
    held: list[Any] = []
    rows = 0
    for part in parts:
        for first in range(0, len(part), MOST_ROWS):
            held.append(part.slice(first, MOST_ROWS))
            rows += len(held[-1])
            if rows >= FEWEST_ROWS:
                yield join(held)
                held, rows = [], 0
    if held:
        yield join(held)


def _pyarrow(where: str) -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingExtraError(
            "pyarrow is not installed", where=where, advice="Run: pip install opsafe[files]"
        ) from None
    return pa
