"""Fills inside Spark: what a worker is told, what it hands back, what the driver adds up.

A worker sees all fills of its members and runs the same steps as in memory. Its counts come back
as one line of JSON, since each worker numbers drug lines for itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np

from opsafe import __version__, _identifiers
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentError, ColumnError
from opsafe.frames import Blocks, Frame, open_blocks
from opsafe.mme._population import tally
from opsafe.mme._population.book import Book, MemberTables
from opsafe.mme._population.encode import OPTIONAL, REQUIRED
from opsafe.mme._population.lexicon import Lexicon, Written
from opsafe.mme._population.options import Options
from opsafe.mme._population.part import Counts, Part
from opsafe.mme._population.report import provenance_of
from opsafe.mme._population.run import Ledger, books_of, solve_all
from opsafe.mme._population.threads import Workers
from opsafe.mme._population.totals import Totals, totals_of
from opsafe.mme.chain import EditionChain
from opsafe.mme.conversion import ConversionEdition
from opsafe.mme.record import Provenance
from opsafe.quantity import IntArray

__all__ = ["COUNTS", "Errand", "add_up", "check_kinds", "written_down"]

COUNTS: Final = "counts"
"""The tag, and the only column, of the counts."""
_SLAB_ROWS: Final = 1 << 16
"""Fewer than on one machine alone: workers share its memory with each other and with Spark."""

Tables: TypeAlias = Iterator[tuple[str, Frame]]


@dataclass(frozen=True, slots=True)
class Errand:
    """All that a worker needs to know, as plain data that can be sent to it."""

    version: str
    """The driver's version of this library: another one could answer otherwise."""
    columns: dict[str, str]
    editions: tuple[str, ...]
    """Editions of the chain as JSON."""
    options: Options
    tables: MemberTables
    status_says: bool
    """Whether any row of any worker has a status."""

    def __call__(self, fills: Frame) -> Tables:
        """Solve the members of some fills (a frame or a stream of them), whole members each."""
        if self.version != __version__:
            raise ArgumentError(
                f"opsafe {__version__} is installed here, and {self.version} on the driver",
                where="Spark worker",
                advice="Install one version everywhere",
            )
        blocks = open_blocks(
            fills, where="fills", required=REQUIRED, optional=OPTIONAL, columns=self.columns
        )
        with Workers(1) as workers:
            ledger = Ledger(workers)
            ledger.add(blocks)
            ledger.lexicon.status_says = self.status_says
            (book,) = books_of(ledger.lexicon, [_chain(self.editions)], self.options, self.tables)
            (part,) = solve_all(ledger.pieces(), [book], workers, slab_rows=_SLAB_ROWS)

        def owned(columns: Columns, member: IntArray | slice) -> Frame:
            ids = _identifiers.restore(_identifiers.take(part.member, member))
            return blocks.build(columns, {"member_id": ids})

        yield "members", owned(part.members, slice(None))
        yield "excluded", owned(part.excluded[1], part.excluded[0])
        if part.segments is not None:
            yield "segments", owned(part.segments[1], part.segments[0])
        if part.contributions is not None:
            yield "contributions", owned(part.contributions[1], part.contributions[0])
        for name, columns in _beside(part, book):
            yield name, blocks.build(columns)


def check_kinds(fills: Blocks, tables: MemberTables) -> None:
    """Refuse tables whose member ids are text where those of the fills are not, or the reverse."""
    (none,) = fills
    text = none.identifiers("member_id").kind == "text"
    for table in (tables.windows, tables.enrolment, tables.exclusions):
        if table is not None and len(table) and (table.member.kind == "text") != text:
            raise ColumnError("member ids are of another type than in fills", where=table.where)


@lru_cache(maxsize=8)
def _chain(editions: tuple[str, ...]) -> EditionChain:
    return EditionChain(tuple(map(ConversionEdition.from_json, editions)))


def _beside(part: Part, book: Book) -> Iterator[tuple[str, Columns]]:
    """Tables that have no member."""
    yield "set_aside", _unplaced(tally.set_aside(part.set_aside, book.drugs))
    yield "flags", _unplaced(tally.flags(part.flags, book.drugs))
    yield "not_opioid", tally.not_opioid(part.counts.not_opioid_by_line, book.drugs)
    text = written_down(totals_of(part), book)
    yield COUNTS, Columns({COUNTS: Text(np.zeros(1, np.int64), (text,))})


def _unplaced(table: Columns) -> Columns:
    """Leave the rows' positions out: rows of a Spark frame have none."""
    size = len(table)
    nowhere = Nullable(np.zeros(size, np.int64), np.zeros(size, bool))
    return Columns({name: table.column(name) for name in table.keys()} | {"row": nowhere})  # noqa: SIM118


# ------------------------------------------------------------------------------------- counts


def written_down(totals: Totals, book: Book) -> str:
    """Write a worker's counts as JSON: drug lines as they were written, no member in it."""
    counts = totals.counts
    used = np.flatnonzero(counts.used_by_line).tolist()
    return json.dumps(
        {
            "rows_in": counts.rows_in,
            "netted": counts.netted,
            "identical": counts.identical,
            "found": counts.found,
            "used": [[*book.drugs.written[code], int(counts.used_by_line[code])] for code in used],
            "not_opioid": totals.not_opioid,
            "set_aside": totals.set_aside,
            "flags": totals.flags,
            "members": totals.members,
            "lower_bound": totals.lower_bound,
            "any_lower_bound": totals.any_lower_bound,
            "any_tier_reading": totals.any_tier_reading,
            "bounded": totals.bounded,
        }
    )


def add_up(
    texts: Iterable[str],
    chain: EditionChain,
    options: Options,
    tables: MemberTables,
    columns: Sequence[str],
    *,
    status_says: bool,
) -> Provenance:
    """Add the counts of all workers up to the record of the run.

    Parameters
    ----------
    texts : iterable of str
        What ``written_down`` wrote.
    chain, options, tables
        What the workers were told.
    columns : sequence of str
        Our names of the columns that the fills have.
    status_says : bool
        As of :class:`Errand`.
    """
    found = [json.loads(text) for text in texts]
    lexicon = Lexicon()
    lexicon.columns = frozenset(columns)
    used: dict[Written, int] = {}
    for one in found:
        for *line, rows in one.pop("used"):
            written = Written(*line)
            used[written] = used.get(written, 0) + rows
    lexicon.lines = list(used)
    lexicon.status_says = status_says
    (book,) = books_of(lexicon, [chain], options, tables)
    nothing = np.zeros(len(used), np.int64)
    start = Totals(Counts(0, 0, 0, nothing, nothing, {}), 0, {}, {}, 0, 0, False, False, True)
    total = sum((_read(one, nothing) for one in found), start)
    total.counts.used_by_line = np.array(list(used.values()), np.int64)
    return provenance_of(total, book)


def _read(one: dict[str, Any], nothing: IntArray) -> Totals:
    counts = Counts(
        rows_in=one.pop("rows_in"),
        netted=one.pop("netted"),
        identical=one.pop("identical"),
        used_by_line=nothing,
        not_opioid_by_line=nothing,
        found=one.pop("found"),
    )
    return Totals(counts=counts, **one)
