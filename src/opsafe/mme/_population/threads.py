"""Threads of one run: maps of everything at once, or of a few tasks ahead of whoever wants them."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Lock
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

import numpy as np

__all__ = ["InTurn", "Workers", "ahead", "cancelled", "short_turns"]

Result = TypeVar("Result")


class Workers:
    """Threads that live as long as a run; NumPy lets go of the lock while it computes.

    Each thread has memory of its own, so one that encoded rows solves slabs where they lay.

    Parameters
    ----------
    threads : int
        How many; one is the caller's own.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._turns = ExitStack()

    def __enter__(self) -> Workers:
        if self._threads == 1:
            _keep_memory()
        else:
            self._pool = ThreadPoolExecutor(self._threads, initializer=_keep_memory)
            self._turns.enter_context(short_turns())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        with self._turns:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def map(self, work: Callable[..., Result], /, *tasks: Iterable[Any]) -> Iterator[Result]:
        """Map in the order of the tasks, all of which are under way at once."""
        return map(work, *tasks) if self._pool is None else self._pool.map(work, *tasks)

    def ahead(self, work: Callable[[Any], Result], tasks: Iterable[Any]) -> Iterator[Result]:
        """Map in the order of the tasks, of which few are under way at once."""
        if self._pool is None:
            return map(work, tasks)
        return ahead(self._pool, work, tasks, self._threads + 1)


class InTurn(Generic[Result]):
    """Results taken in the order of their tasks, by whichever thread has the one that is next.

    No thread waits for another, and none but those at work is woken: a result that comes early is
    left to the thread whose turn it is.

    Parameters
    ----------
    take : callable
        What is done with each result, by one thread at a time.
    """

    def __init__(self, take: Callable[[Result], None]) -> None:
        self._take = take
        self._lock = Lock()
        self._turn = 0
        self._early: dict[int, Result] = {}

    def give(self, position: int, result: Result) -> None:
        """Give the result of a task; it is taken before the last task's thread comes back."""
        with self._lock:
            if position != self._turn:
                self._early[position] = result
                return
        while True:
            self._take(result)
            with self._lock:
                self._turn += 1
                if self._turn not in self._early:
                    return
                result = self._early.pop(self._turn)


def _keep_memory() -> None:
    """Let the allocator keep what a slab gives back, instead of asking the system anew.

    A slab makes some hundred arrays of half a megabyte. The C library of Linux returns blocks of
    that size to the system at once, and paging them in again costs a fifth of the time, until it
    has seen a larger block freed: from then on it keeps blocks up to that size. A thread has
    memory of its own, so each should call this; nothing is touched here, and other allocators do
    not mind.
    """
    np.empty(31 << 20, np.uint8)


_TURN: Final = 0.0001  # seconds


class _Turns:
    """How many runs have threads at work, and how long a turn is now and was before the first."""

    lock = Lock()
    runs = 0
    usual = short = 0.0


@contextmanager
def short_turns() -> Iterator[None]:
    """Let a thread that waits for Python have it after a tenth of a millisecond, and not of five.

    A thread that computes on short arrays lets go of Python's lock for microseconds at a time and
    has it again before one that waits is awake; that one's core stands still until it may insist.
    With two threads on two cores this cost a run 3 to 14% of its time. The interval is the whole
    program's: it is put back with the last run, unless somebody else has set it meanwhile.
    """
    with _Turns.lock:
        if not _Turns.runs:
            _Turns.usual = sys.getswitchinterval()
            sys.setswitchinterval(min(_Turns.usual, _TURN))
            _Turns.short = sys.getswitchinterval()  # in whole microseconds, as a float
        _Turns.runs += 1
    try:
        yield
    finally:
        with _Turns.lock:
            _Turns.runs -= 1
            if not _Turns.runs and sys.getswitchinterval() == _Turns.short:
                sys.setswitchinterval(_Turns.usual)


def ahead(
    pool: ThreadPoolExecutor, work: Callable[[Any], Result], tasks: Iterable[Any], most: int
) -> Iterator[Result]:
    """Map in order, with so many tasks under way and no more."""
    waiting: deque[Future[Result]] = deque()
    for task in tasks:
        if len(waiting) >= most:
            yield waiting.popleft().result()
        waiting.append(pool.submit(work, task))
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def cancelled(pool: ThreadPoolExecutor) -> Iterator[None]:
    """Start nothing more once something went wrong."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
