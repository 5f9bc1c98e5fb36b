"""Rows in any order: dealt to partitions of whole members on disk, then solved one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from opsafe._parquet import Block
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.threads import ahead, cancelled, short_turns
from opsafe.mme._roads.job import Job, Told, encoded, make, template
from opsafe.mme._roads.ledger import Record
from opsafe.mme._roads.spill import Spill

__all__ = ["run_spilled"]


def run_spilled(job: Job) -> list[Record]:
    """Deal all rows to partitions on disk, then solve one partition after the other."""
    folder, parts = job.folder, job.folder.plan["parts"]
    records = {number: folder.finished(number) for number in range(parts)}
    wanted = [number for number, record in records.items() if record is None]
    told = Told(job.progress, 2 * job.source.rows)
    made: dict[int, Record] = {n: record for n, record in records.items() if record is not None}
    if wanted:
        spill = Spill(folder.path / "_spill", parts, wanted)
        with ThreadPoolExecutor(job.threads) as pool, short_turns(), cancelled(pool):
            lexicon = spill.resume() or _spilled(job, spill, pool, told)
            told.at(job.source.rows + sum(record.rows for record in made.values()))
            books = job.books(lexicon)

            def solved(number: int) -> Record:
                return make(job, number, lambda: spill.read(number), books, 0)

            for record in ahead(pool, solved, wanted, job.threads):
                made[record.number] = record
                told.add(record.rows)
    told.at(2 * job.source.rows)
    return [made[number] for number in range(parts)]


def _spilled(job: Job, spill: Spill, pool: ThreadPoolExecutor, told: Told) -> Lexicon:
    spill.start()
    lexicon = Lexicon()

    def deal(block: Block) -> int:
        spill.add(encoded(block, lexicon))
        return len(block.table)

    for rows in ahead(pool, deal, job.source.read(), job.threads + 1):
        told.add(rows)
    lexicon.columns = frozenset(job.source.names)
    spill.finish(lexicon, template(job))
    return lexicon
