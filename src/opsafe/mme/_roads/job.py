"""What both ways share: encode a block, solve a part and write it, a few of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opsafe import _parquet
from opsafe._disk import Seal
from opsafe._parquet import Source
from opsafe.mme._population.book import Book, MemberTables
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.encode import encode
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.options import Options
from opsafe.mme._population.run import Progress, books_of, solve_all
from opsafe.mme._population.threads import Workers
from opsafe.mme._population.totals import totals_of
from opsafe.mme._roads.ledger import Folder, Record, to_plain
from opsafe.mme._roads.tables import ROW_BITS, tables_of
from opsafe.mme.chain import EditionChain

__all__ = ["Job", "Told", "encoded", "make", "once", "template"]


@dataclass(frozen=True)
class Job:
    """All that a run needs."""

    source: Source
    folder: Folder
    chain: EditionChain
    options: Options
    tables: MemberTables
    parts: int | None
    threads: int
    progress: Progress | None

    @property
    def file_names(self) -> tuple[str, ...]:
        return tuple(file.found.name for file in self.source.files)

    def books(self, lexicon: Lexicon) -> list[Book]:
        return books_of(lexicon, [self.chain], self.options, self.tables)


def encoded(block: _parquet.Block, lexicon: Lexicon) -> Claims:
    first_row = (block.file << ROW_BITS) | block.first
    return encode(block.table, lexicon, first_row=first_row)


def template(job: Job) -> Claims:
    """No rows, with the columns that rows have."""
    return encode(job.source.like, Lexicon(), first_row=0)


def make(
    job: Job, number: int, read: Callable[[], Claims], books: Sequence[Book], stop: int
) -> Record:
    """Solve a part and write it: its tables first, then the record that says they are whole."""
    claims = read()
    rows = len(claims)
    with Workers(1) as workers:
        [part] = solve_all(claims, books, workers)
    del claims
    [book] = books
    files: dict[str, Seal] = {}
    for name, table in tables_of(part, book, job.source.like, job.file_names):
        file = f"{name}/part-{number:05}.parquet"
        files[file] = _parquet.write_table(table, job.folder.path / file)
    record = Record(number, rows, stop, files, to_plain(totals_of(part), book))
    del part
    _parquet.let_go()
    job.folder.record(record)
    return record


def once(claims: Claims) -> Callable[[], Claims]:
    """Hand claims over without keeping them."""
    held = [claims]
    return held.pop


class Told:
    """Progress in rows."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self.add(0)

    def add(self, rows: int) -> None:
        self.at(self._done + rows)

    def at(self, rows: int) -> None:
        self._done = rows
        if self._progress is not None:
            self._progress(rows, self._total)
