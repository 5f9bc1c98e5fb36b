"""From blocks of fills to parts: encoded once, cut into slabs, solved for each edition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike

import numpy as np

from opsafe import _identifiers
from opsafe._spark import is_spark_frame
from opsafe.columns import Columns
from opsafe.errors import ArgumentTypeError
from opsafe.frames import Frame, Table, open_blocks
from opsafe.mme._population.book import Book, MemberTables
from opsafe.mme._population.claims import Claims, Encoded
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, Space, encode
from opsafe.mme._population.join import join, without_member
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.options import Options
from opsafe.mme._population.part import Part, part_of
from opsafe.mme._population.report import assemble
from opsafe.mme._population.slabs import SLAB_ROWS, Slabs
from opsafe.mme._population.solve import solve
from opsafe.mme._population.stack import Stack
from opsafe.mme._population.threads import in_threads
from opsafe.mme.chain import EditionChain
from opsafe.mme.result import Exposure
from opsafe.quantity import IntArray

__all__ = ["Ledger", "Progress", "books_of", "run_frame", "solve_all"]

Progress = Callable[[int, int], None]

_NOTHING = Columns({})


class Ledger:
    """Fills of any number of blocks, encoded as they come."""

    def __init__(self, threads: int, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or Lexicon()
        self.rows = 0
        self._threads = threads
        self._blocks: list[Claims] = []

    def add(self, table: Table, *, only: bool = False) -> None:
        """Encode a block; rows of a frame need no positions beside the ones they have."""
        batches = table.batches()
        starts = np.cumsum([self.rows, *map(len, batches)]).tolist()
        inside = self._threads if len(batches) == 1 else 1

        space = Space(starts[-1] - self.rows)

        def work(batch: Table, start: int) -> Claims:
            mine = space.part(start - starts[0], len(batch))
            first_row = None if only else start
            return encode(batch, self.lexicon, first_row=first_row, threads=inside, space=mine)

        with in_threads(self._threads // inside) as mapped:
            self._blocks += mapped(work, batches, starts)
        self.rows = starts[-1]

    def claims(self) -> Encoded:
        """All fills; the blocks are let go."""
        blocks, self._blocks = self._blocks, []
        return Encoded(blocks)


def books_of(
    lexicon: Lexicon, chains: Sequence[EditionChain], options: Options, tables: MemberTables
) -> list[Book]:
    """What each edition says of the drug lines of a run."""
    drugs = Drugs(lexicon, options.not_opioid)
    books = [Book(drugs, chain, options, tables) for chain in chains]
    for book in books:
        _ = book.flags, book.scale  # worked out here, once, and not by each thread
    return books


def solve_all(
    claims: Claims | Encoded,
    books: Sequence[Book],
    *,
    threads: int,
    progress: Progress | None = None,
    slab_rows: int = SLAB_ROWS,
) -> list[Part]:
    """Solve all members; one part for each edition."""
    if isinstance(claims, Claims):
        claims = Encoded([claims])
    slabs = Slabs(claims, books[0].drugs, slab_rows, threads)
    parts: list[list[Part]] = [[] for _ in books]
    members = [Stack(len(slabs)) for _ in books]

    def work(position: int) -> list[Part]:
        return [part_of(solved) for solved in solve(slabs[position], books)]

    with in_threads(threads) as mapped:
        for done, found in enumerate(mapped(work, range(len(slabs))), start=1):
            for part, mine, stack in zip(found, parts, members, strict=True):
                stack.add(part.members)
                part.members = _NOTHING
                mine.append(part)
            if progress is not None:
                progress(done, len(slabs))
    nobody = slabs.without_member
    joined = [join(mine, threads, stack) for mine, stack in zip(parts, members, strict=True)]
    return [without_member(claims, nobody, part) for part in joined]


def run_frame(
    fills: Frame,
    columns: Mapping[str, str] | None,
    chains: Sequence[EditionChain],
    options: Options,
    tables: MemberTables,
    *,
    threads: int,
    progress: Progress | None,
    slab_rows: int = SLAB_ROWS,
) -> list[Exposure]:
    """Run a frame or a stream of record batches; one answer for each edition."""
    if is_spark_frame(fills):
        raise ArgumentTypeError(
            "is a Spark DataFrame, whose rows would all come to this one program",
            where="fills",
            advice="Use mme.exposure_spark, or fills.toArrow() where they fit into memory",
        )
    if isinstance(fills, str | PathLike):
        raise ArgumentTypeError(
            "is a path, not a table",
            where="fills",
            advice="Use mme.exposure_files for Parquet files, or read the file first",
        )
    blocks = open_blocks(
        fills, where="fills", required=REQUIRED, optional=OPTIONAL, columns=columns
    )
    ledger = Ledger(threads)
    table: Table | None = None
    for table in blocks:
        ledger.add(table, only=not blocks.is_stream)
    if table is None:
        ledger.add(blocks.empty())  # a stream that ended before its first row
    claims = ledger.claims()
    books = books_of(ledger.lexicon, chains, options, tables)
    parts = solve_all(claims, books, threads=threads, progress=progress, slab_rows=slab_rows)

    def answer(part: Part, book: Book) -> Exposure:
        def owned(columns: Columns, member: IntArray) -> Frame:
            if table is not None and not blocks.is_stream:
                return table.build(columns, {"member_id": part.first_row[member]})
            ids = _identifiers.restore(_identifiers.take(part.member, member))
            return blocks.build(columns, {"member_id": ids})

        return assemble(part, book, blocks.build, owned)

    return [answer(part, book) for part, book in zip(parts, books, strict=True)]
