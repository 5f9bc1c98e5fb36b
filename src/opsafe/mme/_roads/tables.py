"""A solved part as the tables that are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opsafe import _identifiers
from opsafe.columns import Columns, Text
from opsafe.frames import Frame, Table
from opsafe.mme._population import tally
from opsafe.mme._population.book import Book
from opsafe.mme._population.part import Part
from opsafe.quantity import IntArray

__all__ = ["ROW_BITS", "tables_of"]

ROW_BITS = 40
"""A position is the number of a file and, in so many bits, the row in it."""


def tables_of(
    part: Part, book: Book, like: Table, files: Sequence[str]
) -> Iterator[tuple[str, Frame]]:
    """Give the tables of a part by name, one at a time.

    Parameters
    ----------
    part : Part
        The part.
    book : Book
        The edition and options.
    like : Table
        A table whose kind and type of member ids the results get.
    files : sequence of str
        Names of the files that positions of rows count.
    """

    def owned(table: tuple[IntArray | slice, Columns]) -> Frame:
        number, columns = table
        ids = _identifiers.restore(_identifiers.take(part.member, number))
        return like.build_for(columns, {"member_id": ids})

    yield "members", owned((slice(None), part.members))
    for name, table in (
        ("segments", part.segments),
        ("contributions", part.contributions),
        ("excluded", part.excluded if book.tables.exclusions is not None else None),
    ):
        if table is not None:
            yield name, owned(table)
    yield "set_aside", like.build(_placed(tally.set_aside(part.set_aside, book.drugs), files))
    yield "flags", like.build(_placed(tally.flags(part.flags, book.drugs), files))


def _placed(table: Columns, files: Sequence[str]) -> Columns:
    """Say file and row instead of the position."""
    position = table["row"]
    columns = {name: table.column(name) for name in table.keys() if name != "row"}  # noqa: SIM118
    return Columns(
        {
            "file": Text(position >> ROW_BITS, tuple(files)),
            "row": position & ((1 << ROW_BITS) - 1),
            **columns,
        }
    )
