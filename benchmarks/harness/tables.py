"""Results as tables in Markdown, for the screen and for the documentation."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from harness.engines import ENGINES
from harness.rounds import Run

__all__ = [
    "files_table",
    "growth",
    "growth_table",
    "load_sentence",
    "markdown",
    "million",
    "misjudged_table",
    "speed_table",
]


def million(rows: int) -> str:
    """Write 10000000 as 10 million, and a number below a million as it is."""
    return f"{rows / 10**6:g} million" if rows >= 10**6 else f"{rows:,}"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a table, its columns aligned; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *body = (
        [f"{cell:<{width}}" if at == 0 else f"{cell:>{width}}" for at, (cell, width) in
         enumerate(zip(row, widths, strict=True))]
        for row in rows
    )  # fmt: skip
    rule = [
        ("-" * width if at == 0 else "-" * (width - 1) + ":") for at, width in enumerate(widths)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def speed_table(runs: Sequence[Run]) -> str:
    """Return one line an engine, for runs on the same file."""
    ours = next((run for run in runs if run.engine in ("opsafe", "spark")), None)
    rows = [
        ["engine", "rounds", "wall s", "CPU s", "fills/s", "peak MB", "times ours, wall", "CPU"]
    ]
    for run in runs:
        wall, cpu = (
            ("", "")
            if ours is None or run is ours
            else (f"{run.seconds / ours.seconds:.2f}", f"{run.cpu_seconds / ours.cpu_seconds:.2f}")
        )
        rows.append(
            [
                ENGINES[run.engine].title,
                str(len(run.wall)),
                f"{run.seconds:.2f} ({min(run.wall):.2f}-{max(run.wall):.2f})",
                f"{run.cpu_seconds:.2f}",
                f"{run.rows / run.seconds:,.0f}",
                f"{run.memory_mb:,.0f}",
                wall,
                cpu,
            ]
        )
    return markdown(rows)


def load_sentence(runs: Sequence[Run]) -> str:
    """Say how busy the machine was, of which the engines before a round are a part."""
    loads = [load for run in runs for load in run.load]
    told = f"Load average before the rounds: {min(loads):.1f} to {max(loads):.1f}."
    paces = [pace for run in runs for pace in run.pace]
    if len(paces) > 1:  # one alone is its own least
        times = [pace / min(paces) for pace in (statistics.median(paces), max(paces))]
        told += (
            f" One piece of work, timed beside them, took {times[0]:.2f} times its least (median), "
            f"{times[1]:.2f} at most."
        )
    return told


def growth(runs: Sequence[Run], engine: str) -> Iterator[tuple[int, int, float]]:
    """Yield from how many fills to how many, and the exponent of CPU between them."""
    mine = {
        run.rows: run.cpu_seconds
        for run in runs
        if run.engine == engine and run.order == "shuffled"
    }
    sizes = sorted(mine)
    pairs = list(pairwise(sizes))
    if len(sizes) > 2:
        pairs.append((sizes[0], sizes[-1]))
    for low, high in pairs:
        yield low, high, math.log(mine[high] / mine[low]) / math.log(high / low)


def growth_table(runs: Sequence[Run]) -> str | None:
    """Return how CPU grows with mixed rows: 1 is in proportion."""
    rows = [["engine", "from", "to", "exponent of CPU"]]
    for engine in dict.fromkeys(run.engine for run in runs):
        for low, high, exponent in growth(runs, engine):
            rows.append([ENGINES[engine].title, million(low), million(high), f"{exponent:.2f}"])
    return markdown(rows) if len(rows) > 1 else None


def misjudged_table(found: dict[str, Any]) -> str:
    """Return how many member-days each method puts on the wrong side of a threshold."""
    thresholds = list(found["exact"])
    rows = [
        [
            "method",
            *(f"days >= {at} misjudged" for at in thresholds),
            "members with one",
            "largest error of a total",
        ]
    ]
    for method in found["methods"]:
        off = method["total_off"]
        rows.append(
            [
                method["method"],
                *(f"{method['days'][at]:,}" for at in thresholds),
                f"{method['members']:,}",
                f"{off:.0%}" if off > 0.005 else f"{off:.0e}",
            ]
        )
    return markdown(rows)


def files_table(runs: Sequence[Run]) -> str:
    """Return one line a file that was worked through out of core."""
    head = ["fills", "order", "wall s", "CPU s", "peak MB"]
    body = [
        [
            million(run.rows),
            run.order,
            f"{run.seconds:.0f}",
            f"{run.cpu_seconds:.0f}",
            f"{run.memory_mb:,.0f}",
        ]
        for run in runs
    ]
    return markdown([head, *body])
