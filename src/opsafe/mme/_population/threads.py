"""A map over threads, or in place where one thread was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

__all__ = ["in_threads"]

Task = TypeVar("Task")
Result = TypeVar("Result")


class Mapped(Protocol):
    """What ``map`` does, in the order of the tasks."""

    def __call__(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], /
    ) -> Iterator[Result]: ...


@contextmanager
def in_threads(threads: int) -> Iterator[Mapped]:
    """Offer a map that uses some threads; NumPy lets go of the lock while it computes."""
    if threads == 1:
        in_place: Any = map
        yield in_place
        return
    with ThreadPoolExecutor(threads) as pool:
        in_pool: Any = pool.map
        yield in_pool
