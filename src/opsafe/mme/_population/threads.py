"""A map over threads, or in place where one thread was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import numpy as np

__all__ = ["Mapped", "in_threads"]

Result = TypeVar("Result")


class Mapped(Protocol):
    """What ``map`` does, in the order of the tasks."""

    def __call__(
        self, work: Callable[..., Result], /, *tasks: Iterable[Any]
    ) -> Iterator[Result]: ...


@contextmanager
def in_threads(threads: int) -> Iterator[Mapped]:
    """Offer a map that uses some threads; NumPy lets go of the lock while it computes."""
    _keep_memory()
    if threads == 1:
        in_place: Any = map
        yield in_place
        return
    with ThreadPoolExecutor(threads) as pool:
        in_pool: Any = pool.map
        yield in_pool


def _keep_memory() -> None:
    """Let the allocator keep what a slab gives back, instead of asking the system anew.

    A slab makes some hundred arrays of half a megabyte. The C library of Linux returns blocks of
    that size to the system at once, and paging them in again costs a fifth of the time, until it
    has seen a larger block freed: from then on it keeps blocks up to that size. Other allocators
    do not mind.
    """
    np.empty(31 << 20, np.uint8)
