"""Kill a run out of core in the middle, run it again, and look at what it left untouched."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from harness.answers import differences, load
from harness.rounds import BENCHMARKS, run_once

__all__ = ["kill_and_resume"]

PATIENCE: Final = 600.0


def kill_and_resume(path: Path, small: Path, tell: Callable[[str], None] = print) -> dict[str, Any]:
    """Kill `mme.exposure_files` when a first part is finished; run it again and compare.

    Parameters
    ----------
    path, small : Path
        The file of fills, and one to warm up with.
    tell : callable, optional
        Takes a line of text.

    Returns
    -------
    dict
        How many parts were finished at the kill, how many of these were written again, and whether
        the tables are those of a run that nobody killed.
    """
    with TemporaryDirectory() as folder:
        home = Path(folder)
        whole, resumed = home / "whole.npz", home / "resumed.npz"
        run_once("files", path, small, whole)
        out = home / "out"
        out.mkdir()
        before = _killed(path, small, out)
        run_once("files", path, small, resumed, out)
        after = _parts(out)
        again = sum(after.get(name) != state for name, state in before.items())
        differ = list(differences(load(whole), load(resumed), bits=True))
    answer = {"finished": len(before), "written_again": again, "differ": differ}
    tell(
        f"killed with {len(before)} parts finished; {again} of them written again; "
        f"tables {'differ in ' + ', '.join(differ) if differ else 'are the same bit for bit'}"
    )
    return answer


def _killed(path: Path, small: Path, out: Path) -> dict[str, tuple[int, str]]:
    """Start a run, kill it when a part is finished, and return the finished parts."""
    arguments = ["files", path.resolve(), small.resolve(), "", out]
    with subprocess.Popen(
        [sys.executable, "-m", "harness.worker", *map(str, arguments)],
        cwd=BENCHMARKS,
        stdout=subprocess.DEVNULL,
    ) as process:
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < PATIENCE:
            if any(out.rglob("part-*.json")):  # a part's record, written after its tables
                break
            time.sleep(0.01)
        if process.poll() is not None:
            raise RuntimeError("the run ended before it could be killed")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return _parts(out)


def _parts(out: Path) -> dict[str, tuple[int, str]]:
    """Return each file of a finished part with the time it was written and a hash."""
    finished = {path.stem for path in out.rglob("part-*.json")}
    return {
        str(path.relative_to(out)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(out.rglob("*.parquet"))
        if path.stem in finished
    }
