"""Engines in turn on one file: medians of rounds, and whether the answers agree."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from harness.answers import differences, load
from harness.engines import ENGINES
from harness.pace import pace
from harness.process import Watch

__all__ = ["Run", "run_in_turn", "run_once"]

BENCHMARKS: Final = Path(__file__).parents[1]


@dataclass(slots=True)
class Run:
    """What an engine took on a file, round by round."""

    engine: str
    rows: int
    order: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    """How many other processes wanted a core before each round."""
    pace: list[float] = field(default_factory=list)
    """Seconds that one piece of work took, before and after each round."""
    agrees: bool | None = None
    """Whether the answer is the library's; nothing where there is no answer."""

    @property
    def seconds(self) -> float:
        """Median of the wall."""
        return statistics.median(self.wall)

    @property
    def cpu_seconds(self) -> float:
        """Median of the processor, of the process and all that it started."""
        return statistics.median(self.cpu)

    @property
    def memory_mb(self) -> float:
        """Largest resident memory of the rounds."""
        return max(self.peak_mb)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)


def run_in_turn(
    path: Path,
    rows: int,
    order: str,
    small: Path,
    rounds: Mapping[str, int],
    tell: Callable[[str], None] = print,
) -> list[Run]:
    """Run engines alternately, each time in a fresh process.

    Parameters
    ----------
    path : Path
        The file of fills.
    rows, order
        What it holds.
    small : Path
        A file to warm up with.
    rounds : mapping of str to int
        How often each engine runs, in the order of turns.
    tell : callable, optional
        Takes a line of text.
    """
    runs = {name: Run(name, rows, order) for name in rounds}
    with TemporaryDirectory() as folder:
        answers = {name: Path(folder) / f"{name}.npz" for name in rounds}
        for turn in range(max(rounds.values())):
            # There and back: else an engine always follows the same one, and pays for its memory.
            for name, run in list(runs.items())[:: -1 if turn % 2 else 1]:
                if turn >= rounds[name]:
                    continue
                load_before = os.getloadavg()[0]
                keep = answers[name] if turn == 0 else ""
                pace_before = pace()
                found = run_once(name, path, small, keep)
                run.wall.append(found["wall"])
                run.cpu.append(found["cpu"])
                run.peak_mb.append(found["peak_mb"])
                run.load.append(load_before)
                run.pace.append((pace_before + pace()) / 2)
        _compare(runs, answers, tell)
    return list(runs.values())


def run_once(
    name: str, path: Path, small: Path, keep: Path | str = "", out: Path | str = ""
) -> dict[str, Any]:
    """Run an engine in a fresh process.

    Parameters
    ----------
    name : str
        Name of the engine.
    path, small : Path
        The file of fills, and one to warm up with.
    keep : Path, optional
        Where its answer goes.
    out : Path, optional
        The folder that it writes into; one that is removed if none is named.

    Returns
    -------
    dict
        Seconds of wall and processor and the peak of memory.
    """
    arguments = (name, path.resolve(), small.resolve(), keep, out)
    # Only Spark's memory is in other processes than the worker; Spark talks a lot, too.
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "harness.worker", *map(str, arguments)],
                cwd=BENCHMARKS,
                env=os.environ | {"PYTHONWARNINGS": "ignore"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        watch = stack.enter_context(Watch(process.pid)) if ENGINES[name].spark else None
        output, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{ENGINES[name].title} failed:\n{errors[-3000:]}")
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    if watch is not None and "peak_mb" in found:
        found["peak_mb"] = max(found["peak_mb"], watch.peak_mb)
    return found


def _compare(runs: dict[str, Run], answers: dict[str, Path], tell: Callable[[str], None]) -> None:
    """Set each answer beside the first one, which is the library's where it ran."""
    with_answer = [name for name in runs if answers[name].exists()]
    if not with_answer:
        return
    first = with_answer[0]
    reference = load(answers[first])
    for name in with_answer[1:]:
        # The library's own roads agree bit for bit in every column, or they do not agree.
        bits = ENGINES[name].ours and ENGINES[first].ours
        differ = list(differences(reference, load(answers[name]), bits=bits))
        runs[name].agrees = not differ
        words = (
            "; ".join(differ)
            or f"equal for {reference['member_id'].size:,} members" + " bit for bit" * bits
        )
        tell(f"answers of {ENGINES[name].title} and of {ENGINES[first].title}: {words}")
