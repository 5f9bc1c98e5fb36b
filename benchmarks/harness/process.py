"""Processor seconds and memory of a process and all that it started, from /proc.

Elsewhere than on Linux only the process itself is measured.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Final

__all__ = ["Watch", "forget_peak", "own_peak_mb", "seconds_used"]

PROC: Final = Path("/proc")
PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / 2**20
TICKS: Final = os.sysconf("SC_CLK_TCK")


def _statistics() -> dict[int, list[str]]:
    """Return what /proc says of each process, from its state on."""
    found = {}
    for folder in PROC.glob("[0-9]*") if PROC.exists() else ():
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue  # it has ended meanwhile
        found[int(folder.name)] = text.rpartition(")")[2].split()
    return found


def _family(root: int, statistics: dict[int, list[str]]) -> set[int]:
    members = {root}
    while True:
        more = {one for one, stat in statistics.items() if int(stat[1]) in members} - members
        if not more:
            return members
        members |= more


def seconds_used() -> float:
    """Return processor seconds of this process and of all that it started, ended or not."""
    own = os.getpid()
    statistics = _statistics()
    used = time.process_time()
    for one in _family(own, statistics):
        # user, system, and the same of children that have ended
        fields = statistics.get(one, ["0"] * 15)[11:15]
        used += sum(map(int, fields[2:] if one == own else fields)) / TICKS
    return used


def forget_peak() -> None:
    """Let the peak of memory start from what is held now, where the system allows it."""
    try:
        (PROC / "self" / "clear_refs").write_text("5")
    except OSError:
        return


def own_peak_mb() -> float:
    """Return the largest resident memory of this process since `forget_peak`."""
    try:
        status = (PROC / "self" / "status").read_text()
    except OSError:
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**10


class Watch:
    """Look at a process and all that it started, every fifth of a second.

    Looking more often would slow two cores down. Pages that processes share are counted in each.
    """

    def __init__(self, root: int) -> None:
        self.peak_mb = 0.0
        self._root = root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.2):
            statistics = _statistics()
            held = sum(
                int(statistics[one][21]) * PAGE_MB
                for one in _family(self._root, statistics)
                if one in statistics
            )
            self.peak_mb = max(self.peak_mb, held)
