"""Claims from CSV and Parquet, and results into them, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opsafe.errors import ArgumentError, ColumnError
from opsafe.mme._population.encode import OPTIONAL, REQUIRED

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "check_apart",
    "check_folder",
    "check_target",
    "read_fills",
    "write_table",
    "write_text",
]

READABLE: Final = (".csv", ".csv.gz", ".parquet")
WRITABLE: Final = (".csv", ".parquet")
_TRUE_OR_FALSE: Final = ("cough_cold", "moud")
_USED: Final = (*REQUIRED, *OPTIONAL)


def read_fills(path: Path, names: Mapping[str, str]) -> pa.Table:
    """Read the columns that are used; everything in a CSV stays the text that it is.

    Leading zeros of identifiers live, and no number passes through a float.
    """
    is_csv = path.name.lower().endswith((".csv", ".csv.gz"))
    if not is_csv and path.suffix.lower() != ".parquet":
        raise ArgumentError(
            f"{path.name} has an ending that says nothing", where="FILE", allowed=READABLE
        )
    if not path.is_file():
        raise ArgumentError(f"there is no file {path}", where="FILE")
    import pyarrow as pa

    try:
        there = _csv_names(path) if is_csv else _parquet_names(path)
        wanted = _wanted(there, names)
        return _read_csv(path, wanted, names) if is_csv else _read_parquet(path, wanted)
    except (pa.ArrowException, UnicodeDecodeError, gzip.BadGzipFile) as error:
        # What Arrow says may quote a row, and a row is somebody's claim.
        raise ArgumentError(
            f"{path.name} cannot be read ({type(error).__name__})",
            where="FILE",
            advice="Is it complete, in UTF-8, and what its ending says?",
        ) from None


def _wanted(there: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Return the file's names of the columns to read, or say what is not as it must be."""
    twice = [name for name, times in Counter(there).items() if times > 1]
    if twice:
        raise ColumnError(f"column {', '.join(map(repr, twice))} is there twice", where="FILE")
    unknown = [ours for ours in names if ours not in _USED]
    if unknown:
        raise ColumnError(f"{', '.join(unknown)} is not a column of ours", where="--columns",
                          allowed=_USED)  # fmt: skip
    ours_to_theirs = {ours: names.get(ours, ours) for ours in _USED}
    absent = [
        theirs
        for ours, theirs in ours_to_theirs.items()
        if theirs not in there and (ours in REQUIRED or ours in names)
    ]
    if absent:
        raise ColumnError(
            f"there is no column {', '.join(map(repr, absent))}",
            where="FILE",
            allowed=there,
            advice=f"Name yours, each with an option of its own: --columns {REQUIRED[0]}=YOUR_NAME",
        )
    return [theirs for theirs in ours_to_theirs.values() if theirs in there]


def _csv_names(path: Path) -> list[str]:
    """Read the header alone: nothing is known yet of the rows."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), None)
    if names is None:
        raise ArgumentError(f"{path.name} is empty", where="FILE")
    return names


def _parquet_names(path: Path) -> list[str]:
    from pyarrow import parquet

    return list(parquet.read_schema(path).names)


def _read_parquet(path: Path, wanted: Sequence[str]) -> pa.Table:
    from pyarrow import parquet

    return parquet.read_table(path, columns=wanted)


def _read_csv(path: Path, wanted: Sequence[str], names: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    yes_no = {names.get(ours, ours) for ours in _TRUE_OR_FALSE}
    ragged: list[Any] = []

    def stop_at(row: Any) -> str:
        ragged.append(row)
        return "error"

    try:
        return arrow_csv.read_csv(
            path,
            parse_options=arrow_csv.ParseOptions(
                invalid_row_handler=stop_at, newlines_in_values=True
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types={n: pa.bool_() if n in yes_no else pa.string() for n in wanted},
                strings_can_be_null=True,
                true_values=["1", "true", "TRUE", "True", "yes", "Y", "T"],
                false_values=["0", "false", "FALSE", "False", "no", "N", "F"],
            ),
        )
    except pa.ArrowInvalid:
        if not ragged:
            raise
        raise ArgumentError(
            f"a row of {path.name} has {ragged[0].actual_columns} columns, where the header has "
            f"{ragged[0].expected_columns}",
            where="FILE",
            advice="Is a text with a comma not in quotation marks?",
        ) from None


def check_target(path: Path | None, option: str, source: Path) -> None:
    """Refuse a file that could not be written, before the work begins."""
    if path is None:
        return
    if path.suffix.lower() not in WRITABLE:
        raise ArgumentError(
            f"{path.name} has an ending that says nothing", where=option, allowed=WRITABLE
        )
    check_folder(path, option, source)


def check_folder(path: Path | None, option: str, source: Path) -> None:
    """Refuse a folder that is not there, and to write over the claims."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise ArgumentError(f"there is no folder {path.parent}", where=option)
    if path.exists() and source.exists() and path.samefile(source):
        raise ArgumentError("is the file of the claims itself", where=option)


def check_apart(*paths: Path | None) -> None:
    """Refuse to write two results into one file."""
    resolved = [path.resolve() for path in paths if path is not None]
    if len(set(resolved)) < len(resolved):
        raise ArgumentError("two results cannot go into one file", where="--out")


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as CSV or Parquet; a reader never sees half of it."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    # A column without any value has no type of its own; readers expect one.
    fields = [pa.field(f.name, pa.string()) if f.type == pa.null() else f for f in table.schema]
    table = table.cast(pa.schema(fields))
    unfinished = _beside(path)
    try:
        if path.suffix.lower() == ".csv":
            arrow_csv.write_csv(table, unfinished, arrow_csv.WriteOptions(quoting_style="needed"))
        else:
            parquet.write_table(table, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> None:
    """Write a text, whole or not at all."""
    unfinished = _beside(path)
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """Name a file in the same folder, since a rename across disks is a copy."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
