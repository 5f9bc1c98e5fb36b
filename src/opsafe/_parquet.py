"""Parquet files to blocks of rows and back: what Arrow is asked for, and in which portions.

Columns are read page by page, so that a row group of any size costs no more than a block. The
columns that folders spell out (``year=2025``) are columns like any other. This module knows no
engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from opsafe._disk import Seal, write_whole
from opsafe._parquet_files import FoundFile
from opsafe._parquet_schema import (
    File,
    Wanted,
    check_alike,
    empty_like,
    folder_types,
    look,
    open_file,
    reading,
    statistics_of,
)
from opsafe.errors import MissingExtraError
from opsafe.frames import Frame, Table, open_table

__all__ = [
    "Block",
    "Source",
    "let_go",
    "names_of",
    "open_dataset",
    "open_source",
    "read_tables",
    "write_table",
]

BLOCK_ROWS: Final = 1 << 18
# Text of these is repeated over and over; identifiers are read from their bytes.
_DISTINCT: Final = ("member_id", "fill_id")


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file, in their order."""

    file: int
    first: int
    """Position of the first of them in the file."""
    table: Table


@dataclass(frozen=True, slots=True)
class Source:
    """Parquet files that can be read alike."""

    files: tuple[File, ...]
    names: Mapping[str, str]
    """Our name to the caller's, for the columns that exist."""
    wanted: Wanted
    like: Table
    """A table without rows, for the types of results."""

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    def empty(self) -> Iterator[Table]:
        """Give a table without rows for each file."""
        return (self._table(file, file.schema.empty_table()) for file in self.files)

    def read(self, start: int = 0) -> Iterator[Block]:
        """Read the rows in order, from a position among all rows on.

        Raises
        ------
        FileError
            If a file is damaged or gone.
        """
        for number, file in enumerate(self.files):
            if start < file.rows:
                yield from self._read_file(number, file, start)
            start = max(start - file.rows, 0)

    def _read_file(self, number: int, file: File, start: int) -> Iterator[Block]:
        import pyarrow as pa

        chosen: list[int] = []
        first = 0
        position = 0
        for place, group in enumerate(file.groups):
            if position + group.rows > start:
                if not chosen:
                    first = position
                chosen.append(place)
            position += group.rows
        if not chosen:
            return
        batches = self._batches(file, chosen)
        for batch in batches:
            table = pa.Table.from_batches([batch])
            behind = max(start - first, 0)
            if behind < len(table):
                kept = table.slice(behind)
                yield Block(number, first + behind, self._table(file, _with_folders(kept, file)))
            first += len(table)

    def _batches(self, file: File, groups: Sequence[int]) -> Iterator[Any]:
        """Batches of a file; only what goes wrong in reading is said of the file."""
        with reading(file.found):
            opened = open_file(file.found, self._dictionaries(file))
        with opened:
            batches = opened.iter_batches(
                BLOCK_ROWS, row_groups=groups, columns=list(file.inside), use_threads=False
            )
            while True:
                with reading(file.found):
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch

    def _dictionaries(self, file: File) -> list[str]:
        import pyarrow as pa

        plain = {self.names[name] for name in _DISTINCT if name in self.names}
        return [
            field.name
            for field in file.schema
            if field.name in file.inside and field.name not in plain and field.type == pa.string()
        ]

    def _table(self, file: File, native: Any) -> Table:
        return self.wanted.open(native, file.found.name)

    def is_in_order(self) -> bool:
        """Whether the files say that their row groups follow each other in order of member."""
        last = None
        for group in (group for file in self.files for group in file.groups):
            if group.bare or not group.rows:
                continue
            if group.low is None or (last is not None and group.low < last):
                return False
            last = group.high
        return True

    def has_values(self, name: str) -> bool:
        """Whether any row has a value in a column; reads it only as far as it must."""
        theirs = self.names[name]
        return any(self._file_has_values(file, theirs) for file in self.files)

    def _file_has_values(self, file: File, name: str) -> bool:
        import pyarrow.compute as pc

        if name not in file.inside:
            return dict(file.found.folders)[name] is not None and file.rows > 0
        with reading(file.found), open_file(file.found, []) as opened:
            metadata = opened.metadata
            place = opened.schema_arrow.names.index(name)
            for group in range(metadata.num_row_groups):
                statistics = statistics_of(metadata, group, place)
                rows = metadata.row_group(group).num_rows
                if (
                    statistics is not None
                    and statistics.has_null_count
                    and (statistics.null_count == rows)
                ):
                    continue
                for batch in opened.iter_batches(
                    BLOCK_ROWS, row_groups=[group], columns=[name], use_threads=False
                ):
                    if not pc.all(batch.column(0).is_null(nan_is_null=True)).as_py():
                        return True
        return False


def _with_folders(table: Any, file: File) -> Any:
    import pyarrow as pa

    for name, value in file.found.folders:
        if name in file.schema.names:
            kind = file.schema.field(name).type
            if value is None:
                column = pa.nulls(len(table), kind)
            elif pa.types.is_dictionary(kind):
                codes = pa.nulls(len(table), pa.int32()).fill_null(0)
                column = pa.DictionaryArray.from_arrays(codes, pa.array([value], pa.string()))
            else:
                column = pa.repeat(pa.scalar(int(value), kind), len(table))
            table = table.append_column(name, column)
    return table


def open_source(
    found: Sequence[FoundFile],
    *,
    required: Sequence[str],
    optional: Sequence[str],
    columns: Mapping[str, str] | None,
) -> Source:
    """Look at the schema and the row groups of every file, and read no row.

    Raises
    ------
    ColumnError
        If a column is missing, there twice, or of a type that cannot be read as in other files.
    FileError
        If a file is no Parquet file, or damaged.
    """
    _pyarrow()
    wanted = Wanted(tuple(required), tuple(optional), columns)
    whole = folder_types(found)
    files: list[File] = []
    first: Table | None = None
    for one in found:
        file, table = look(one, whole, wanted)
        if first is None:
            first = table
        else:
            check_alike(files[0], first, file, table)
        files.append(file)
    assert first is not None
    like = empty_like(files, first, wanted)
    return Source(tuple(files), first.names, wanted, like)


# ------------------------------------------------------------------------------------ writing


def write_table(frame: Frame, path: Path) -> Seal:
    """Write a table whole or not at all.

    Raises
    ------
    FileError
        If the disk is full or refuses.
    """
    from pyarrow import parquet

    return write_whole(path, partial(parquet.write_table, frame, compression="zstd"))


def read_tables(paths: Iterable[Path], names: Sequence[str]) -> Table:
    """Read some columns of tables that were written here, one after the other."""
    import pyarrow as pa
    from pyarrow import parquet

    tables = [parquet.read_table(path, columns=list(names)) for path in paths]
    whole = pa.concat_tables(tables)
    return open_table(whole, where="members", required=names)


def names_of(path: Path) -> tuple[str, ...]:
    """Names of the columns of a table that was written here."""
    from pyarrow import parquet

    return tuple(parquet.read_schema(path).names)


def open_dataset(folder: Path) -> Any:
    """Open the parts of a table as one, in order, without reading them."""
    from pyarrow import dataset

    paths = [str(path) for path in sorted(folder.glob("*.parquet"))]
    return dataset.dataset(paths, format="parquet")


def let_go() -> None:
    """Give memory back that Arrow keeps for later."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "pyarrow is not installed",
            where="exposure_files",
            advice="Run: pip install opsafe[files]",
        ) from None
