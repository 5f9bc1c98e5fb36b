"""The goals that a run can settle, each with what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.rounds import Run
from harness.tables import growth

__all__ = ["Verdict", "verdicts"]

MMEQUIV_ROWS_A_CPU_SECOND = 800
"""The most that the R package mmequiv 1.0.0 was measured to do; not run here."""


class Verdict(NamedTuple):
    """A goal, what was found, and whether it is met."""

    goal: str
    found: str
    met: bool


def verdicts(runs: Sequence[Run]) -> Iterator[Verdict]:
    """Yield a verdict for each goal that these runs can settle."""
    at = {(run.engine, run.rows, run.order): run for run in runs}
    large, small, huge = 10**7, 10**6, 5 * 10**7
    for order, seconds, reading in (("shuffled", 4.0, 5.0), ("sorted", 3.0, 8.0)):
        ours, read = at.get(("opsafe", large, order)), at.get(("read", large, order))
        if ours and read:
            yield at_most(f"seconds for 10^7 {order}", ours.seconds, seconds)
            ratio = ours.cpu_seconds / read.cpu_seconds
            yield at_most(f"CPU of reading alone, 10^7 {order}", ratio, reading)
    for peer, rows, times in (("polars", large, 3), ("duckdb", large, 4), ("pandas", small, 12)):
        ours, theirs = at.get(("opsafe", rows, "shuffled")), at.get((peer, rows, "shuffled"))
        if ours and theirs:
            ratio = theirs.seconds / ours.seconds
            yield at_least(f"times as fast as {peer}, {rows:,} shuffled", ratio, times)
    if ours := at.get(("opsafe", large, "shuffled")):
        ratio = ours.rows / ours.cpu_seconds / MMEQUIV_ROWS_A_CPU_SECOND
        yield at_least("times mmequiv's rows a CPU-second", ratio, 1000)
    for low, high, exponent in growth(runs, "opsafe"):
        if (low, high) == (small, huge):
            yield at_most("exponent of CPU, 10^6 to 5 x 10^7", exponent, 1.1)
    yield from _files(at)
    yield from _spark(at)


def _files(at: dict[tuple[str, int, str], Run]) -> Iterator[Verdict]:
    huge, largest = 5 * 10**7, 10**8
    for rows, order, most in ((huge, "sorted", 1.0), (huge, "shuffled", 2.0),
                              (largest, "shuffled", 3.0)):  # fmt: skip
        if run := at.get(("files", rows, order)):
            yield at_most(f"GB for {rows:,} {order}, out of core", run.memory_mb / 1024, most)
    if run := at.get(("files", largest, "shuffled")):
        yield at_most("seconds for 10^8 shuffled, out of core", run.seconds, 180)


def _spark(at: dict[tuple[str, int, str], Run]) -> Iterator[Verdict]:
    ours, dropped, sql, ship = (
        at.get((name, 10**7, "shuffled"))
        for name in ("spark", "spark-drop", "spark-sql", "spark-ship")
    )
    if ours and sql:
        yield at_least("times as fast as Spark SQL, 10^7", sql.seconds / ours.seconds, 3)
    if dropped and ship:
        more = dropped.seconds / ship.seconds - 1
        yield at_most("what the kernel adds to shipping in Spark, as a share", more, 0.15)


def at_most(goal: str, found: float, limit: float) -> Verdict:
    """Return a verdict on an upper limit."""
    return Verdict(f"{goal}: at most {limit:g}", f"{found:,.2f}", found <= limit)


def at_least(goal: str, found: float, limit: float) -> Verdict:
    """Return a verdict on a lower limit."""
    return Verdict(f"{goal}: at least {limit:g}", f"{found:,.1f}", found >= limit)
