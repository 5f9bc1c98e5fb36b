"""Tables of ratings from files, and pairs of a name and a value from options."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opsafe.cli._screen import number
from opsafe.errors import ArgumentError
from opsafe.ranking import Example

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_file", "read_names", "read_owners", "read_rows", "read_weights", "sample_tables"]

_READABLE: Final = (".csv", ".parquet")


def read_rows(path: Path) -> Any:
    """Read a table; everything in a CSV stays the text that it is, and what is blank is None."""
    ending = path.suffix.lower()
    if ending not in _READABLE:
        raise ArgumentError(
            f"{path.name} has an ending that says nothing", where="RATINGS", allowed=_READABLE
        )
    if not path.is_file():
        raise ArgumentError(f"there is no file {path}", where="RATINGS")
    return _read_csv(path) if ending == ".csv" else _read_parquet(path)


def _read_parquet(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_table(path)
    except pa.ArrowException as error:
        raise _unreadable(path, error) from None


def _read_csv(path: Path) -> Mapping[str, Sequence[str | None]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file, strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from None
    names = [name.strip() for name in header]
    if not any(names):
        raise ArgumentError(f"{path.name} is empty", where="RATINGS")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ArgumentError(f"column {twice[0]!r} is there twice", where="RATINGS")
    if len(names) == 1 and (sign := next((each for each in ";\t" if each in names[0]), None)):
        told = "a tab" if sign == "\t" else repr(sign)
        raise ArgumentError(
            f"the columns of {path.name} stand apart by {told}",
            where="RATINGS",
            advice="Save it as CSV with commas, and numbers with a decimal point",
        )
    kept = [row for row in rows if any(map(str.strip, row))]  # spreadsheets leave empty rows behind
    ragged = next((row for row in kept if len(row) != len(names)), None)
    if ragged is not None:
        raise ArgumentError(
            f"row {kept.index(ragged)} of {path.name} has {len(ragged)} columns, where the header "
            f"has {len(names)}",
            where="RATINGS",
            advice="Put a text with a comma in quotation marks; rows count from 0",
        )
    return {name: [row[at].strip() or None for row in kept] for at, name in enumerate(names)}


def _unreadable(path: Path, error: Exception) -> ArgumentError:
    return ArgumentError(
        f"{path.name} cannot be read ({type(error).__name__})",
        where="RATINGS",
        advice="Is it complete, in UTF-8, and what its ending says?",
    )


def read_weights(pairs: Sequence[str]) -> dict[str, float]:
    """Read ``--weights``: a criterion and its points."""
    return {
        name: float(number(value, "--weights"))
        for name, value in _pairs(pairs, "--weights", "impact=60")
    }


def read_names(pairs: Sequence[str] | None) -> dict[str, str]:
    """Read ``--columns``: our name of a column to the caller's."""
    return dict(_pairs(pairs or (), "--columns", "initiative=Project"))


def read_owners(pairs: Sequence[str] | None) -> dict[str, list[str]]:
    """Read ``--owners``: an initiative and who owns it; one initiative may have several."""
    owners: dict[str, list[str]] = {}
    for initiative, rater in _pairs(pairs or (), "--owners", "naloxone=Rater 1", twice=True):
        owners.setdefault(initiative, []).append(rater)
    return owners


def _pairs(
    pairs: Sequence[str], option: str, example: str, *, twice: bool = False
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for pair in pairs:
        name, sign, value = (part.strip() for part in pair.rpartition("="))
        if not (sign and name and value):
            raise ArgumentError(f"{pair!r} is no pair", where=option, allowed=(example,))
        if not twice and name in dict(found):
            raise ArgumentError(f"{name} is given twice", where=option)
        found.append((name, value))
    return found


def check_file(path: Path | None, option: str, *sources: Path | None) -> None:
    """Refuse a file that could not be written, and to write over what was read."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise ArgumentError(f"there is no folder {path.parent}", where=option)
    if path.is_dir():
        raise ArgumentError(f"{path} is a folder", where=option)
    for source in sources:
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            raise ArgumentError(f"would write over {source.name}", where=option)


def sample_tables(story: Example) -> dict[str, pa.Table]:
    """Return the tables of the sample by the name of their file."""
    import pyarrow as pa

    work = [each.model_dump() for each in story.work]
    return {
        "ratings": story.ratings.to_arrow(),
        "costs": pa.table(
            {"initiative": list(story.costs_usd), "cost_usd": list(story.costs_usd.values())}
        ),
        "work": pa.table({name: [each[name] for each in work] for name in work[0]}),
        "assessments": story.assessments.to_arrow(),
    }
