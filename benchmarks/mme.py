"""Fills to members' exposure: the library beside what an analyst writes, answers compared.

    python benchmarks/mme.py            10^6 fills, all engines but Spark; under three minutes
    python benchmarks/mme.py --full     10^6, 10^7 mixed and in order, growth to 5 x 10^7
    python benchmarks/mme.py --spark    10^7 fills inside Spark on two cores
    python benchmarks/mme.py --memory   5 x 10^7 and 10^8 fills out of core, and a kill

Engines take turns, each time in a fresh process; figures are medians. The file is made before the
clock, which goes from opening it to the finished table. Days at 50 and 90 MME that running sums of
floats misjudge are counted too.

`--rows`, `--order`, `--engines` and `--rounds` ask for one comparison of one's own, `--profile`
says where our time goes. `--json FILE` keeps the results for the documentation, beside what the
file holds of other runs.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from claims.files import Order, write_fills
from harness.engines import ENGINES
from harness.machine import machine, sentence
from harness.resume import kill_and_resume
from harness.rounds import Run, run_in_turn
from harness.tables import (
    growth_table,
    load_sentence,
    markdown,
    million,
    misjudged_table,
    speed_table,
)
from harness.verdicts import verdicts
from peers import ours
from peers.floats import misjudged

WARM_UP: Final = 2_000
SMALL, LARGE, HUGE, LARGEST = 10**6, 10**7, 5 * 10**7, 10**8
IN_MEMORY: Final = ("read", "opsafe", "arrays", "polars", "duckdb")


class Step(NamedTuple):
    """A file, and how often each engine runs on it."""

    rows: int
    order: Order
    rounds: Mapping[str, int]


def plan(given: argparse.Namespace) -> Iterator[Step]:
    """Yield the comparisons that were asked for."""
    rounds = given.rounds or (5 if given.full or given.spark else 3)
    if given.rows or given.engines:
        names = given.engines or [*IN_MEMORY, "pandas"]
        yield Step(given.rows or SMALL, given.order, dict.fromkeys(names, rounds))
        return
    four = dict.fromkeys(IN_MEMORY, rounds)
    if given.full:
        yield Step(SMALL, "shuffled", four | {"pandas": rounds})
        yield Step(LARGE, "shuffled", four)
        yield Step(LARGE, "sorted", four)
        yield Step(HUGE, "shuffled", dict.fromkeys(("read", "opsafe", "arrays"), rounds))
    if given.spark:
        names = ("opsafe", "spark", "spark-drop", "spark-ship", "spark-sql")
        yield Step(LARGE, "shuffled", dict.fromkeys(names, rounds) | {"opsafe": 1})
    if given.memory:
        yield Step(HUGE, "sorted", {"files": 1})
        yield Step(HUGE, "shuffled", {"files": 1})
        yield Step(LARGEST, "shuffled", {"files": 1})
    if not (given.full or given.spark or given.memory):
        # A row for each member and day takes ten seconds and more: once is enough here.
        yield Step(SMALL, "shuffled", four | {"pandas": 1})


def judged(path: Path) -> dict[str, Any]:
    """Count the days that floats misjudge, and print them."""
    exact, methods = misjudged(path)
    found = json.loads(
        json.dumps({"exact": exact, "methods": [asdict(method) for method in methods]})
    )
    days = ", ".join(f"{number:,} at {at} MME or more" for at, number in exact.items())
    print(f"\n## Days that sums of floats misjudge ({days})\n")
    print(misjudged_table(found))
    return found


def compare(step: Step, data: Path, small: Path) -> list[Run]:
    """Run the engines of a step in turn, and print what they took."""
    path = write_fills(data, step.rows, step.order)
    print(f"\n## {million(step.rows)} fills, {step.order}\n", flush=True)
    runs = run_in_turn(path, step.rows, step.order, small, step.rounds)
    if runs:
        print(f"\n{speed_table(runs)}\n\n{load_sentence(runs)}", flush=True)
    return runs


def measure(given: argparse.Namespace, data: Path) -> dict[str, Any]:
    """Do all that was asked for, and return the results."""
    found: dict[str, Any] = {"machine": machine(), "runs": []}
    print(sentence(found["machine"]), flush=True)
    small = write_fills(data, WARM_UP, "shuffled")
    runs: list[Run] = []
    for step in plan(given):
        runs += compare(step, data, small)
    if given.full or not (given.spark or given.memory or given.engines):
        rows = min(given.rows or SMALL, SMALL)
        found["misjudged"] = judged(write_fills(data, rows, "shuffled")) | {"rows": rows}
    if given.memory:
        print("\n## A run that is killed and run again\n")
        found["resumed"] = kill_and_resume(write_fills(data, LARGE, "shuffled"), small)
    if growth := growth_table(runs):
        print(f"\n## Growth\n\n{growth}")
    if reached := list(verdicts(runs)):
        rows = [[one.goal, one.found, "met" if one.met else "MISSED"] for one in reached]
        print("\n## Goals\n\n" + markdown([["goal", "found", ""], *rows]))
    found["runs"] = [run.as_json() for run in runs]
    return found


def profile(path: Path) -> None:
    """Print where the time of the library goes, in this process."""
    profiler = cProfile.Profile()
    profiler.runcall(ours.members, path)
    for order in ("cumulative", "tottime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(30)


def keep(found: dict[str, Any], path: Path) -> None:
    """Write results as JSON; of an earlier file stays what was not measured as often again."""
    earlier = json.loads(path.read_text()) if path.exists() else {"runs": []}
    kept: dict[tuple[Any, ...], Any] = {}
    for run in earlier["runs"] + found["runs"]:
        place = run["engine"], run["rows"], run["order"]
        if place not in kept or len(run["wall"]) >= len(kept[place]["wall"]):
            kept[place] = run
    path.write_text(json.dumps(earlier | found | {"runs": [*kept.values()]}, indent=1) + "\n")


def arguments(words: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--profile", action="store_true", help="profile our road in memory")
    parser.add_argument("--rows", type=lambda text: int(float(text)))
    parser.add_argument("--order", choices=("shuffled", "sorted"), default="shuffled")
    parser.add_argument("--engines", nargs="+", choices=ENGINES)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--data", type=Path, help="a folder that keeps the files of fills")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Run what the command line asks for; answers that differ are an error."""
    given = arguments(words)
    with TemporaryDirectory() as folder:
        data = given.data or Path(folder)
        data.mkdir(parents=True, exist_ok=True)
        if given.profile:
            profile(write_fills(data, given.rows or SMALL, given.order))
            return
        found = measure(given, data)
    if given.json:
        keep(found, given.json)
    differ = [run["engine"] for run in found["runs"] if run["agrees"] is False]
    resumed = found.get("resumed", {})
    if differ or resumed.get("differ") or resumed.get("written_again"):
        sys.exit(f"the answers differ: {', '.join(differ) or 'after a kill'}")


if __name__ == "__main__":
    main()
