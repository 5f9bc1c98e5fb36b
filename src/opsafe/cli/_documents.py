"""Documents from files: what a command reads, where it writes, how its errors name options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import typer

from opsafe.errors import ArgumentError, DocumentError, OpsafeError
from opsafe.provenance import Document

__all__ = ["check_folder", "named_as_options", "print_schema", "read_document"]

Kind = TypeVar("Kind", bound=Document)


def read_document(kind: type[Kind], file: Path, where: str) -> Kind:
    """Read a document; an error names the file."""
    if not file.is_file():
        raise ArgumentError(f"there is no file {file}", where=where)
    try:
        return kind.from_json(file.read_text(encoding="utf-8-sig"))
    except DocumentError as error:
        raise DocumentError(error.problems, document=kind.__name__, file=str(file)) from None
    except ValueError:
        raise ArgumentError(f"{file.name} is no JSON in UTF-8", where=where) from None


def check_folder(out: Path | None, file: Path, names: Sequence[str], what: str) -> None:
    """Refuse a folder that could not be written, before the work begins."""
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise ArgumentError(f"{out} is not a folder", where="--out")
    if not out.parent.is_dir():
        raise ArgumentError(f"there is no folder {out.parent}", where="--out")
    for path in (out / name for name in names):
        if path.exists() and path.samefile(file):
            raise ArgumentError(f"would write over the {what}", where="--out")


@contextmanager
def named_as_options(options: Mapping[str, str]) -> Iterator[None]:
    """Name the option where the library names its argument."""
    try:
        yield
    except OpsafeError as error:
        name, bracket, place = (error.where or "").partition("[")
        if name in options:
            error.where = f"{options[name]}{bracket}{place}"
        if "columns" in options and (error.advice or "").startswith("Map your names"):
            error.advice = f"Map your names with {options['columns']} OURS=YOURS"
        raise


def print_schema(kind: type[Document]) -> None:
    """Print the JSON Schema of a document."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    typer.echo(json.dumps(dialect | kind.model_json_schema(), indent=2))
