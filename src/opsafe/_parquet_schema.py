"""What Parquet files say of themselves before a row is read: columns, row groups, their bounds.

All files must have the columns that are used, of types that can be read alike. The columns that
folders spell out (``year=2025``) are columns like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from opsafe._parquet_files import FoundFile
from opsafe.errors import ColumnError, FileError
from opsafe.frames import Table, open_table

__all__ = [
    "File",
    "Wanted",
    "check_alike",
    "empty_like",
    "folder_types",
    "look",
    "open_file",
    "reading",
    "statistics_of",
]

_BUFFER: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that are asked for."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    columns: Mapping[str, str] | None

    def open(self, native: Any, where: str) -> Table:
        """Find the columns in a table of Arrow's."""
        return open_table(
            native,
            where=where,
            required=self.required,
            optional=self.optional,
            columns=self.columns,
        )


@dataclass(frozen=True, slots=True)
class Group:
    rows: int
    low: Any
    high: Any
    """Least and greatest member id; None where the file does not say, or has none."""
    bare: bool
    """Whether every member id is null."""


@dataclass(frozen=True, slots=True)
class File:
    found: FoundFile
    schema: Any
    """Of all columns that are used, with those of its folders."""
    inside: tuple[str, ...]
    """Names of the columns that stand in the file itself."""
    groups: tuple[Group, ...]

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups)


def look(
    found: FoundFile,
    whole: set[str],
    wanted: Wanted,
) -> tuple[File, Table]:
    import pyarrow as pa

    with reading(found), open_file(found, []) as opened:
        inside = opened.schema_arrow
        metadata = opened.metadata
        there = Counter([*inside.names, *dict(found.folders)])
        fields = [inside.field(place) for place in range(len(inside.names))]
    outside = [
        pa.field(name, pa.int64() if name in whole else pa.dictionary(pa.int32(), pa.string()))
        for name, _ in found.folders
    ]
    schema = pa.schema([*fields, *outside])
    names = (*wanted.required, *wanted.optional)
    theirs = {(wanted.columns or {}).get(name, name) for name in names}
    twice = sorted(name for name in theirs if there[name] > 1)
    if twice:
        raise ColumnError(
            f"column {', '.join(map(repr, twice))} is there twice",
            where=found.name,
            advice="A folder such as year=2025 is a column too",
        )
    chosen = pa.schema([field for field in schema if field.name in theirs])
    table = wanted.open(chosen.empty_table(), found.name)
    member = table.names["member_id"]
    place = inside.names.index(member) if member in inside.names else None
    if place is not None and not _comparable(inside.field(place).type):
        place = None
    groups = tuple(_group(metadata, one, place) for one in range(metadata.num_row_groups))
    own = tuple(name for name in chosen.names if name in inside.names)
    return File(found, chosen, own, groups), table


def _comparable(kind: Any) -> bool:
    """Whether statistics and our keys put ids in one order: integers and text, not decimals."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind))


def _group(metadata: Any, number: int, member: int | None) -> Group:
    rows = metadata.row_group(number).num_rows
    found = None if member is None else statistics_of(metadata, number, member)
    if found is None:
        return Group(rows, None, None, bare=False)
    bare = found.has_null_count and found.null_count == rows
    if not found.has_min_max:
        return Group(rows, None, None, bare)
    return Group(rows, found.min, found.max, bare)


def statistics_of(metadata: Any, group: int, column: int) -> Any | None:
    """Statistics of a column; none where nested columns make places ambiguous."""
    if metadata.num_columns != len(metadata.schema.to_arrow_schema().names):
        return None
    return metadata.row_group(group).column(column).statistics


def folder_types(found: Sequence[FoundFile]) -> set[str]:
    """Names of folder columns that are whole numbers in every file; 007 is text."""
    told: dict[str, bool] = {}
    for file in found:
        for name, value in file.folders:
            is_whole = value is None or (value.isdecimal() and str(int(value)) == value)
            told[name] = told.get(name, True) and is_whole and len(value or "") < 19
    return {name for name, is_whole in told.items() if is_whole}


_KINDS: Final = ("integer", "floating", "decimal", "boolean", "date", "timestamp")


def _kind(kind: Any) -> str:
    """What a type is read as: number, text, date, true or false."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    name = next((one for one in _KINDS if getattr(types, f"is_{one}")(kind)), "")
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        name = "text"
    return {"timestamp": "date"}.get(name, name or str(kind))


def check_alike(one: File, first: Table, other: File, table: Table) -> None:
    for ours in {**first.names, **table.names}:
        if (ours in first) != (ours in table):
            lacking, having = (other, one) if ours in first else (one, other)
            name = (first if ours in first else table).names[ours]
            raise ColumnError(
                f"there is no column {name!r}, which {having.found.name} has",
                where=lacking.found.name,
                advice="Write all files with the same columns; a column may be null throughout",
            )
        name = first.names[ours]
        kinds = [file.schema.field(name).type for file in (one, other)]
        if len({_kind(kind) for kind in kinds} - {"null"}) > 1:
            raise ColumnError(
                f"column {name!r} is {kinds[1]}, and {kinds[0]} in {one.found.name}",
                where=other.found.name,
                advice="Write all files with the same types",
            )


def empty_like(
    files: Sequence[File],
    first: Table,
    wanted: Wanted,
) -> Table:
    """A table without rows whose member ids have the type that holds those of all files."""
    import pyarrow as pa

    name = first.names["member_id"]
    kinds = [file.schema.field(name).type for file in files]
    # A dictionary belongs to a part: with codes of its own width, parts would not read alike.
    kinds = [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in kinds]
    kinds = [kind for kind in dict.fromkeys(kinds) if not pa.types.is_null(kind)] or kinds[:1]
    if len(kinds) > 1:
        single = [pa.schema([pa.field(name, kind)]) for kind in kinds]
        kinds = [pa.unify_schemas(single, promote_options="permissive").field(0).type]
    schema = files[0].schema
    schema = schema.set(schema.get_field_index(name), pa.field(name, kinds[0]))
    return wanted.open(schema.empty_table(), "fills")


def open_file(found: FoundFile, dictionaries: Sequence[str]) -> Any:
    from pyarrow import parquet

    return parquet.ParquetFile(
        found.path, read_dictionary=list(dictionaries), buffer_size=_BUFFER, pre_buffer=False
    )


@contextmanager
def reading(found: FoundFile) -> Iterator[None]:
    """Turn what Arrow says of a bad file into an error that names it; Arrow may quote a row."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise FileError(
            f"cannot be read ({type(error).__name__})",
            where=str(found.path),
            advice="Is it complete, and Parquet? Finished parts are kept; a file that is written "
            "again needs another folder for its results",
        ) from None
