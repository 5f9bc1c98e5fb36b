"""Where a number comes from and when it holds: documents, sources, editions."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import StringConstraints, ValidationInfo, field_validator

from opsafe import _tables
from opsafe._document import Document
from opsafe.errors import ArgumentTypeError, DocumentError, Problem

__all__ = [
    "Document",
    "Edition",
    "EditionId",
    "EditionList",
    "EditionUsed",
    "Precision",
    "Source",
    "Words",
]

Precision: TypeAlias = Literal["day", "month", "year"]
"""How much of a date is known."""
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that says something: not empty, no space around it."""
EditionId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9.]+)*$")]
"""Lower case words joined by hyphens, such as ``cdc-2022`` or ``cdc-2022.1``."""


class Source(Document):
    """Where a table was published, and how it was read.

    Parameters
    ----------
    title : str
        Title of the publication.
    publisher : str
        Who published it; the journal with volume for an article.
    published : datetime.date
        Its date; the first of the month or year where only that is known.
    published_precision : {"day", "month", "year"}, optional
        How much of the date is known.
    locator : str
        Where in it the figures are: table, page, sheet.
    address : str
        Where it was read.
    retrieved : datetime.date
        The day on which it was read.
    read : {"primary", "secondary"}
        Whether the text itself (or a copy of the original) was read, or somebody's account.
    note : str, optional
        What else a reader must know.
    """

    title: Words
    publisher: Words
    published: date
    published_precision: Precision = "day"
    locator: Words
    address: Words
    retrieved: date
    read: Literal["primary", "secondary"]
    note: str = ""

    @field_validator("published_precision")
    @classmethod
    def _published_is_first_of_period(cls, precision: Precision, info: ValidationInfo) -> Precision:
        return _first_of_period(precision, info.data.get("published"), "published")

    @field_validator("retrieved")
    @classmethod
    def _read_after_publication(cls, retrieved: date, info: ValidationInfo) -> date:
        published = info.data.get("published")
        if published is not None and retrieved < published:
            raise ValueError(f"is before the day of publication, {published}")
        return retrieved

    def citation(self) -> str:
        """Return the source as one line of a reference list.

        Returns
        -------
        str
            Publisher, title, date, locator, address, date read.
        """
        how = "" if self.read == "primary" else ", through a secondary source"
        return (
            f"{self.publisher}. {self.title}. {_written(self.published, self.published_precision)}"
            f". {self.locator}. {self.address} (read {self.retrieved}{how})."
        )


class Edition(Document):
    """One published table: what it says, where it is from, from which day it holds.

    Parameters
    ----------
    id : str
        Lower case words joined by hyphens, such as ``"cdc-2022"``.
    title : str
        One line for a list of editions.
    kind : {"published", "planning", "local"}
        Published by its source; assumed by us for planning; a user's own.
    effective_from : datetime.date
        The first day on which it holds. The last day is derived from what supersedes it.
    effective_precision : {"day", "month", "year"}, optional
        How much of that date is known.
    supersedes : str, optional
        Id of the edition that this one replaces from its first day on.
    corrects : str, optional
        Id of the edition whose transcription this one corrects.
    source : Source
        Where the figures are from.
    note : str, optional
        What else a reader must know.
    """

    id: EditionId
    title: Words
    kind: Literal["published", "planning", "local"]
    effective_from: date
    effective_precision: Precision = "day"
    supersedes: EditionId | None = None
    corrects: EditionId | None = None
    source: Source
    note: str = ""

    @field_validator("effective_precision")
    @classmethod
    def _effective_is_first_of_period(cls, precision: Precision, info: ValidationInfo) -> Precision:
        return _first_of_period(precision, info.data.get("effective_from"), "effective_from")

    @field_validator("supersedes", "corrects")
    @classmethod
    def _names_another(cls, other: str | None, info: ValidationInfo) -> str | None:
        if other is not None and other == info.data.get("id"):
            raise ValueError("is the id of the edition itself")
        return other

    def citation(self) -> str:
        """Return a citation that can be pasted into a report.

        Returns
        -------
        str
            The source, the id, the first day and the first digits of the hash of its values.
        """
        since = _written(self.effective_from, self.effective_precision)
        return (
            f"{self.source.citation()} Used as opsafe edition {self.id}"
            f" (in force from {since}; values {self.values_hash()[:12]})."
        )

    def values_hash(self) -> str:
        """Return the SHA-256 of everything the edition says except its notes.

        Returns
        -------
        str
            64 hexadecimal digits.

        Notes
        -----
        The text that is hashed is JSON with sorted keys, decimals without trailing zeros,
        fields named ``note`` left out, and fields at their default left out (so that a field
        added by a later release changes no hash).
        """
        return self._values_hash

    @cached_property
    def _values_hash(self) -> str:
        values = _without_notes(self.model_dump(exclude_defaults=True))
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read an edition of your own from a TOML file.

        Parameters
        ----------
        path : str or pathlib.Path
            A file of the same form as the packaged ones, with ``kind = "local"``.

        Returns
        -------
        Edition
            The edition; it goes wherever an id goes.

        Raises
        ------
        DocumentError
            The file cannot be read or is not valid; the message names the file and the field.
        """
        if not isinstance(path, str | Path):
            raise ArgumentTypeError(
                "a path is text or a pathlib.Path", where="path", value=type(path).__name__
            )
        table = _tables.read_path(Path(path), document=cls.__name__)
        loaded = cls._from_table(table, str(path))
        if loaded.kind != "local":
            message = f'must be "local" in a file of your own, not "{loaded.kind}"'
            raise DocumentError(
                [Problem(field="kind", message=message)], document=cls.__name__, file=str(path)
            )
        return loaded

    @classmethod
    def _from_table(cls, table: Mapping[str, Any], file: str) -> Self:
        try:
            return cls(**table)
        except DocumentError as error:
            raise DocumentError(error.problems, document=cls.__name__, file=file) from None


AnyEdition = TypeVar("AnyEdition", bound=Edition)


class EditionList(tuple[AnyEdition, ...]):
    """Editions in order of time, shown as a table."""

    __slots__ = ()

    _HEAD = ("id", "first day", "read", "title")

    def _cells(self) -> list[tuple[str, ...]]:
        return [(e.id, str(e.effective_from), e.source.read, e.title) for e in self]

    def __repr__(self) -> str:
        table = [self._HEAD, *self._cells()]
        widths = [max(len(row[column]) for row in table) for column in range(len(self._HEAD))]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{cell}</th>" for cell in self._HEAD)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


class EditionUsed(Document):
    """An edition that answered, with the hash of its values and how to cite it."""

    id: str
    values_hash: str
    citation: str

    @classmethod
    def of(cls, edition: Edition) -> EditionUsed:
        """Note down an edition."""
        return cls(id=edition.id, values_hash=edition.values_hash(), citation=edition.citation())


def _first_of_period(precision: Precision, day: date | None, name: str) -> Precision:
    """Refuse a date that is more precise than it says it is."""
    if day is None:
        return precision
    if precision != "day" and day.day != 1:
        raise ValueError(f"is {precision}, so {name} must be the first of its month, not {day}")
    if precision == "year" and day.month != 1:
        raise ValueError(f"is year, so {name} must be 1 January, not {day}")
    return precision


def _written(day: date, precision: Precision) -> str:
    return {"day": f"{day:%Y-%m-%d}", "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}[precision]


def _without_notes(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_notes(item) for key, item in value.items() if key != "note"}
    if isinstance(value, tuple | list):
        return [_without_notes(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return value
