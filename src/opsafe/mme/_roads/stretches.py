"""Rows in order of member: consecutive stretches, cut where a member begins."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from opsafe._identifiers import Identifiers
from opsafe.mme._population.book import Book
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.threads import ahead, cancelled, short_turns
from opsafe.mme._roads.job import Job, Told, encoded, make, once, template
from opsafe.mme._roads.ledger import Record

__all__ = ["NotInOrderError", "run_sorted"]


class NotInOrderError(Exception):
    """Rows that were to be in order of member are not: they go the other way."""


def run_sorted(job: Job) -> list[Record]:
    """Cut consecutive rows into parts; the last member of each is carried to the next."""
    folder, plan, rows = job.folder, job.folder.plan, job.source.rows
    parts, told = plan["parts"], Told(job.progress, rows)
    lexicon = Lexicon()
    lexicon.status_says = plan["status_says"]
    records: dict[int, Record] = {}
    waiting: deque[Future[Record]] = deque()

    def collect() -> None:
        record = waiting.popleft().result()
        records[record.number] = record
        told.add(record.rows)

    position = 0
    stream: _Stream | None = None
    books: list[Book] = []
    with ThreadPoolExecutor(job.threads) as pool, short_turns(), cancelled(pool):
        for number in range(parts):
            found = folder.finished(number)
            if found is not None:
                records[number] = found
                told.add(found.rows)
                position, stream = found.stop, None
                continue
            if stream is None:
                stream = _Stream(job, lexicon, pool, position)
            end = rows if number == parts - 1 else rows * (number + 1) // parts
            claims = stream.take(end)
            cut = len(claims)
            if number < parts - 1:
                cut = _start_of_last(claims.member)
                stream.give_back(claims.take(np.arange(cut, len(claims))))
            if not _in_order(claims.member):
                raise NotInOrderError
            position += cut
            if not books or len(books[0].drugs.written) < len(lexicon.lines):
                books = job.books(lexicon)
            while len(waiting) >= job.threads:
                collect()
            mine = claims.take(slice(0, cut))
            del claims
            waiting.append(pool.submit(make, job, number, once(mine), books, position))
            del mine
        while waiting:
            collect()
    return [records[number] for number in range(parts)]


class _Stream:
    """Encoded rows from a position on, read and encoded ahead by a few blocks."""

    def __init__(self, job: Job, lexicon: Lexicon, pool: ThreadPoolExecutor, position: int) -> None:
        blocks = job.source.read(position)
        self._claims = ahead(pool, lambda block: encoded(block, lexicon), blocks, job.threads + 1)
        self._held = [template(job)]
        self._position = position

    def take(self, end: int) -> Claims:
        """Take all rows up to a position."""
        wanted = end - self._position
        while sum(map(len, self._held)) < wanted:
            self._held.append(next(self._claims))
        claims = Claims.concatenate(self._held)
        self._held = [claims.take(np.arange(0))]
        if len(claims) > wanted:
            self._held.append(claims.take(np.arange(wanted, len(claims))))
            claims = claims.take(slice(0, wanted))
        self._position = end
        return claims

    def give_back(self, claims: Claims) -> None:
        """Put rows back before the next ones."""
        self._held.insert(0, claims)
        self._position -= len(claims)


def _start_of_last(member: Identifiers) -> int:
    """First row of the last member; all rows if nobody is known."""
    known = np.arange(len(member)) if member.missing is None else np.flatnonzero(~member.missing)
    if not len(known):
        return len(member)
    same = member.key[known] == member.key[known[-1]]
    if member.words is not None:
        same &= (member.words[known] == member.words[known[-1]]).all(axis=1)
    return int(known[np.argmax(same)])


def _in_order(member: Identifiers) -> bool:
    """Whether known members stand in order, so that those of two stretches never mix."""
    known = slice(None) if member.missing is None else ~member.missing
    if member.words is None:
        key = member.key[known]
        return member.kind == "integer" and bool((key[1:] >= key[:-1]).all())
    words = member.words[known]
    if member.kind != "text" or not len(words):
        return not len(words)
    letters = words.astype(">u8").view(f"S{8 * words.shape[1]}")[:, 0]
    return bool((letters[1:] >= letters[:-1]).all())
