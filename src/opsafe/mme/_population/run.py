"""From blocks of fills to parts: encoded once, cut into slabs, solved for each edition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from os import PathLike
from typing import Final

from opsafe import _identifiers
from opsafe._spark import is_spark_frame
from opsafe.columns import Columns
from opsafe.errors import ArgumentTypeError
from opsafe.frames import Blocks, Frame, Table, open_blocks
from opsafe.mme._population.book import Book, MemberTables
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, Encoder
from opsafe.mme._population.join import join, without_member
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.options import Options
from opsafe.mme._population.part import Part, part_of
from opsafe.mme._population.pieces import PIECE_ROWS, Piece, Pieces
from opsafe.mme._population.report import assemble
from opsafe.mme._population.slabs import SLAB_ROWS, Slabs
from opsafe.mme._population.solve import solve
from opsafe.mme._population.stack import Stack
from opsafe.mme._population.threads import InTurn, Workers
from opsafe.mme._population.ways import is_worth_compiling, way_of
from opsafe.mme.chain import EditionChain
from opsafe.mme.result import Exposure
from opsafe.quantity import IntArray

__all__ = ["Ledger", "Progress", "books_of", "run_frame", "solve_all"]

Progress = Callable[[int, int], None]

_NOTHING = Columns({})
_ONE_TASK: Final = 8 * PIECE_ROWS
"""A batch of so many rows is encoded by one thread; a larger one is shared."""


class Ledger:
    """Fills of any number of blocks, encoded and kept in pieces."""

    def __init__(self, workers: Workers) -> None:
        self.lexicon = Lexicon()
        self._workers = workers
        self._pieces: list[Piece] = []

    def add(self, blocks: Blocks) -> None:
        """Encode the blocks of a table or of a stream, a few of them at a time."""
        found = self._workers.ahead(lambda task: task(), self._tasks(blocks))
        self._pieces += chain.from_iterable(found)
        if not self._pieces:  # a stream that ended before its first row
            self._pieces += _encoded(blocks.empty(), self.lexicon)

    def _tasks(self, blocks: Blocks) -> Iterator[Callable[[], list[Piece]]]:
        if blocks.table is None:
            for read in blocks.reads():
                yield partial(_read, read, self.lexicon)
            return
        for batch in blocks.table.batches():
            if len(batch) <= _ONE_TASK:
                yield partial(_encoded, batch, self.lexicon)
            else:
                encoder = Encoder(batch, self.lexicon)
                for rows in _cut(len(batch)):
                    yield partial(_pieces, encoder, [rows])

    def pieces(self) -> Pieces:
        """All fills; they are let go."""
        pieces, self._pieces = self._pieces, []
        return Pieces(pieces)


def _read(read: Callable[[], Table], lexicon: Lexicon) -> list[Piece]:
    return [piece for batch in read().batches() for piece in _encoded(batch, lexicon)]


def _encoded(batch: Table, lexicon: Lexicon) -> list[Piece]:
    return _pieces(Encoder(batch, lexicon), _cut(len(batch)))


def _cut(size: int) -> list[slice]:
    return [slice(at, min(at + PIECE_ROWS, size)) for at in range(0, max(size, 1), PIECE_ROWS)]


def _pieces(encoder: Encoder, cut: list[slice]) -> list[Piece]:
    return [Piece(encoder.claims(rows)).narrow() for rows in cut]


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
    fills: Claims | Pieces,
    books: Sequence[Book],
    workers: Workers,
    *,
    progress: Progress | None = None,
    slab_rows: int = SLAB_ROWS,
    compiled: bool | None = False,
) -> list[Part]:
    """Solve all members; one part for each edition."""
    pieces = Pieces.of(fills) if isinstance(fills, Claims) else fills
    first, in_loops = books[0], is_worth_compiling(compiled, len(pieces))
    way = way_of(in_loops, first.options, first.tables)
    slabs = Slabs(pieces, first.drugs, slab_rows, workers.map, by_product=way.by_product)
    parts: list[list[Part]] = [[] for _ in books]
    members = [Stack(len(slabs)) for _ in books]

    def keep(found: list[Part]) -> None:
        for part, mine, stack in zip(found, parts, members, strict=True):
            stack.add(part.members)
            part.members = _NOTHING
            mine.append(part)

    kept = InTurn(keep)

    def work(position: int) -> None:
        found = solve(slabs[position], books, way.measure)
        kept.give(position, [part_of(solved) for solved in found])

    for done, _ in enumerate(workers.map(work, range(len(slabs))), start=1):
        if progress is not None:
            progress(done, len(slabs))
    nobody = slabs.without_member
    joined = [join(mine, stack) for mine, stack in zip(parts, members, strict=True)]
    return [without_member(nobody, part) for part in joined]


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
    compiled: bool | None = None,
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
    with Workers(threads) as workers:
        ledger = Ledger(workers)
        ledger.add(blocks)
        books = books_of(ledger.lexicon, chains, options, tables)
        parts = solve_all(
            ledger.pieces(),
            books,
            workers,
            progress=progress,
            slab_rows=slab_rows,
            compiled=compiled,
        )

        def answer(part: Part, book: Book) -> Exposure:
            def owned(columns: Columns, member: IntArray | slice) -> Frame:
                if blocks.table is not None:
                    return blocks.table.build(columns, {"member_id": part.first_row[member]})
                ids = _identifiers.restore(_identifiers.take(part.member, member))
                return blocks.build(columns, {"member_id": ids})

            return assemble(part, book, blocks.build, owned, workers.map)

        return [answer(part, book) for part, book in zip(parts, books, strict=True)]
