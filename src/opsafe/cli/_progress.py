"""Progress on a terminal, nothing in a log; never anything of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from opsafe.cli._screen import errors

__all__ = ["progress_in_rows", "progress_in_steps"]

Tell: TypeAlias = Callable[[int, int], None]


@contextmanager
def progress_in_steps(names: Sequence[str]) -> Iterator[Tell]:
    """Show which step is at work; the first comes before the steps that are told."""
    with _bar(TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn()) as (
        progress
    ):
        if progress is None:
            yield _silent
            return
        task = progress.add_task(names[0], total=len(names))

        def tell(done: int, steps: int) -> None:
            at = min(done + 1, len(names) - 1)
            progress.update(task, completed=done + 1, total=steps + 1, description=names[at])

        yield tell


@contextmanager
def progress_in_rows() -> Iterator[Tell]:
    """Show the rows done of all, and the time that is left."""
    rows = TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows", markup=False)
    with _bar(rows, BarColumn(), TextColumn("time left"), TimeRemainingColumn()) as progress:
        if progress is None:
            yield _silent
            return
        # Not shown before the files were opened: only then it is known how many rows there are.
        task = progress.add_task("", total=0, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


@contextmanager
def _bar(*columns: ProgressColumn) -> Iterator[Progress | None]:
    console = errors()
    if not console.is_terminal:
        yield None
        return
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress


def _silent(_done: int, _total: int) -> None:
    """Take what is told and show nothing."""
