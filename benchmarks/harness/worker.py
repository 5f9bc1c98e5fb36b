"""Run one engine once, in a process of its own: `python -m harness.worker ENGINE FILE ...`.

What is imported, started and compiled is so before the clock: a small file is run through first.
The clock goes from opening the file to the finished table. One line of JSON says what it took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.answers import save
from harness.engines import ENGINES
from harness.process import forget_peak, own_peak_mb, seconds_used


def main(name: str, file: str, small: str, answer: str, out: str) -> None:
    """Run the engine `name` on a file; keep its answer, and its output, where paths are given."""
    with TemporaryDirectory() as folder:
        run = ENGINES[name].load()
        run(Path(small), Path(folder) / "small")
        forget_peak()
        used, began = seconds_used(), time.perf_counter()
        result = run(Path(file), Path(out or folder) / "members")
        wall, cpu = time.perf_counter() - began, seconds_used() - used
        measured = {"wall": wall, "cpu": cpu, "peak_mb": own_peak_mb()}
        if answer and result is not None:
            save(result, Path(answer), hashes=ENGINES[name].ours)
        print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
