"""Maps over threads: of everything at once, or of a few tasks ahead of whoever wants them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import numpy as np

__all__ = ["Mapped", "ahead", "cancelled", "in_threads", "keep_memory"]

Result = TypeVar("Result")


class Mapped(Protocol):
    """What ``map`` does, in the order of the tasks."""

    def __call__(
        self, work: Callable[..., Result], /, *tasks: Iterable[Any]
    ) -> Iterator[Result]: ...


@contextmanager
def in_threads(threads: int) -> Iterator[Mapped]:
    """Offer a map that uses some threads; NumPy lets go of the lock while it computes."""
    keep_memory()
    if threads == 1:
        in_place: Any = map
        yield in_place
        return
    with ThreadPoolExecutor(threads, initializer=keep_memory) as pool:
        in_pool: Any = pool.map
        yield in_pool


def keep_memory() -> None:
    """Let the allocator keep what a slab gives back, instead of asking the system anew.

    A slab makes some hundred arrays of half a megabyte. The C library of Linux returns blocks of
    that size to the system at once, and paging them in again costs a fifth of the time, until it
    has seen a larger block freed: from then on it keeps blocks up to that size. For arrays as
    large as the next three NumPy asks for large pages, which all that is cut from their place
    later has too. A thread has memory of its own, so each should call this; nothing is touched
    here, and other allocators do not mind.
    """
    np.empty(31 << 20, np.uint8)
    _ = [np.empty(30 << 20, np.uint8) for _ in range(3)]


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
