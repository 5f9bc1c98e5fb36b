"""Acceptability, exact places, expected ranks and roadmaps: seconds, memory, gaps and goals.

    python benchmarks/ranking.py            5 rounds
    python benchmarks/ranking.py --full     15 rounds, and more sizes

The peer runs in the Python that OPSAFE_PEERS_PYTHON names (this one without it), on the same
values and weights; it is left out, with the reason, where that Python has no pysensmcda. Figures
are medians; memory is the peak of what NumPy holds besides values and weights.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from harness.machine import machine, sentence

from opsafe import ranking as rk
from opsafe.quantity import FloatArray

DRAWS: Final = 10_000
PEER: Final = Path(__file__).parent / "peers" / "pysensmcda_acceptability.py"
MORE: Final = ((20, 4), (200, 8))


class Goal(NamedTuple):
    """What a size is held to; None where nothing is asked."""

    seconds: float | None = None
    times_as_fast: float | None = None
    megabytes: float | None = None


class Case(NamedTuple):
    """Values and weights of one size, and what it is held to."""

    values: FloatArray
    weights: FloatArray
    goal: Goal

    def ours(self) -> rk.Acceptability:
        """Return our answer on these weights."""
        return rk.acceptability(self.values, weights=self.weights)


GOALS: Final = {
    (50, 5): Goal(seconds=0.015, times_as_fast=10),
    (1000, 10): Goal(times_as_fast=5, megabytes=60),
}
EXACT_SECONDS: Final = 0.010
EXPECTED_RANK_SECONDS: Final = 1.5
GOAL_SIZE: Final = 20
ROADMAP_SECONDS: Final = 10
ROADMAP_GAP: Final = 0.05
QUARTERS: Final = 12
TEAMS: Final = ("pharmacy", "clinic", "data")
TEAM_SHARE: Final = 0.7  # of the initiatives that a team works on
LARGEST_FTE: Final = 1.0  # of one initiative: each fits alone


def seconds(call: Callable[[], object], rounds: int) -> list[float]:
    """Return the times of a call, after one that warms it up."""
    call()
    found = []
    for _ in range(rounds):
        before = time.perf_counter()
        call()
        found.append(time.perf_counter() - before)
    return found


def megabytes(call: Callable[[], object]) -> float:
    """Return the peak of what is held during a call."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


def verdict(name: str, value: float, goal: float | None, unit: str, *, least: bool = False) -> None:
    """Print a figure beside its goal."""
    said = ""
    if goal is not None:
        reached = value >= goal if least else value <= goal
        said = f"; goal {goal:g}: {'met' if reached else 'MISSED'}"
    print(f"{name}: {value:.4g} {unit}{said}")


def values_of(initiatives: int, criteria: int) -> FloatArray:
    """Return made-up values."""
    source = np.random.Generator(np.random.PCG64(1_000 * initiatives + criteria))
    return source.random((initiatives, criteria))


def case_of(initiatives: int, criteria: int) -> Case:
    """Return a case with weights drawn evenly."""
    names = [f"criterion {number}" for number in range(criteria)]
    return Case(
        values_of(initiatives, criteria),
        rk.WeightSet().sample(names, DRAWS),
        GOALS.get((initiatives, criteria), Goal()),
    )


def beside_pysensmcda(sizes: list[tuple[int, int]], rounds: int) -> None:
    """Time drawn acceptability on given weights before and after the peer, and compare answers."""
    cases = {f"{size[0]:,} x {size[1]}": case_of(*size) for size in sizes}
    before = {name: seconds(case.ours, rounds) for name, case in cases.items()}
    found = ask_peer(cases, rounds)
    if isinstance(found, str):
        print(found)
    for name, case in cases.items():
        own = statistics.median(before[name] + seconds(case.ours, rounds))
        drawing = statistics.median(seconds(partial(rk.acceptability, case.values), rounds))
        print(f"\n{name}, {DRAWS:,} draws: {1e3 * own:.1f} ms on given weights")
        verdict("  with drawing", drawing, case.goal.seconds, "s")
        verdict("  memory", megabytes(case.ours), case.goal.megabytes, "MB")
        if isinstance(found, str):
            continue
        told, answers = found
        theirs, held = told[name]
        apart = float(np.abs(answers[name] - case.ours().probabilities).max())
        print(f"  pysensmcda {told['version']}: {1e3 * theirs:.1f} ms, {held:.0f} MB;"
              f" largest difference {apart:.1e}")  # fmt: skip
        assert apart <= 1 / DRAWS
        verdict("  times as fast", theirs / own, case.goal.times_as_fast, "", least=True)


def ask_peer(cases: dict[str, Case], rounds: int) -> tuple[dict[str, Any], dict[str, Any]] | str:
    """Run the peer on values and weights; or say why not."""
    python = os.environ.get("OPSAFE_PEERS_PYTHON", sys.executable)
    probe = subprocess.run([python, "-c", "import pysensmcda"], capture_output=True, check=False)
    if probe.returncode:
        return (
            f"pysensmcda is not installed for {python}: make an environment of its own, "
            "pip install pysensmcda there, and name its Python in OPSAFE_PEERS_PYTHON"
        )
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder, "given.npz"), Path(folder, "answered.npz")
        arrays: dict[str, Any] = {"names": np.array(list(cases)), "rounds": rounds}
        for name, case in cases.items():
            arrays |= {f"values {name}": case.values, f"weights {name}": case.weights}
        np.savez(given, **arrays)
        subprocess.run([python, str(PEER), str(given), str(answered)], check=True)
        with np.load(answered) as kept:
            return json.loads(str(kept["told"])), {name: kept[name] for name in cases}


def exact_results(rounds: int, *, full: bool) -> None:
    """Time what is exact, and hold it against draws and fractions."""
    values = values_of(50, 2)
    exact = rk.acceptability(values)
    drawn = rk.acceptability(values, method="sampled", draws=200_000)
    apart = float(np.abs(exact.probabilities - drawn.probabilities).max())
    print(f"\nexact and 200,000 draws differ by at most {apart:.1e}")
    assert apart <= 0.003
    took = statistics.median(seconds(partial(rk.acceptability, values), rounds))
    verdict("two criteria, 50 initiatives, exact", took, EXACT_SECONDS, "s")
    if full:
        for count in (200, 1000):
            larger = values_of(count, 2)
            took = statistics.median(seconds(partial(rk.acceptability, larger), rounds))
            verdict(f"two criteria, {count:,} initiatives, exact", took, None, "s")
    many = values_of(1000, 10)
    took = statistics.median(seconds(partial(rk.expected_ranks, many), min(rounds, 5)))
    verdict("expected ranks, 1,000 x 10, exact", took, EXPECTED_RANK_SECONDS, "s")
    few = np.rint(64 * values_of(6, 5)) / 64
    wins, apart = rk.win_probability(few), 0.0
    for one, other in zip(*np.triu_indices(len(few), 1), strict=True):
        apart = max(apart, abs(wins[one, other] - in_fractions(few[one] - few[other])))
    print(f"wins and the formula in fractions differ by at most {apart:.1e}")
    assert apart <= 1e-14


def in_fractions(differences: FloatArray) -> float:
    """Return the share of weights with a positive sum, by the usual formula; values differ."""
    exact = [Fraction(value) for value in differences.tolist()]
    total = Fraction(0)
    for at, value in enumerate(exact):
        if value > 0:
            product = Fraction(1)
            for other in exact[:at] + exact[at + 1 :]:
                product *= value - other
            total += value ** (len(exact) - 1) / product
    return float(total)


def roadmap_of(seed: int, initiatives: int) -> rk.Roadmap:
    """Plan made-up initiatives of three teams that have half of the staff that all would take."""
    source = np.random.Generator(np.random.PCG64(seed))
    names = [f"initiative {number}" for number in range(initiatives)]
    work = []
    for name in names:
        lasts = int(source.integers(1, 6))
        parts = [int(source.integers(2, 5)) / 4 * (source.random() < TEAM_SHARE) for _ in TEAMS]
        parts[int(source.integers(len(TEAMS)))] = 0.5
        work += [
            rk.Work(name, team=team, quarters=lasts, fte=fte)
            for team, fte in zip(TEAMS, parts, strict=True)
        ]
    asked = {
        team: sum(each.fte * each.quarters for each in work if each.team == team) for team in TEAMS
    }
    return rk.roadmap(
        dict(zip(names, source.integers(20, 101, initiatives) / 100, strict=True)),
        work=work,
        capacity_fte={team: max(asked[team] / 2 / QUARTERS, LARGEST_FTE) for team in TEAMS},
        quarters=QUARTERS,
        after=[(names[at + 1], names[at]) for at in range(0, initiatives - 1, 4)],
        time_limit_s=ROADMAP_SECONDS,
    )


def roadmaps(*, full: bool) -> None:
    """Time roadmaps under their clock, and hold the gaps of those of 20 initiatives to 5%."""
    sizes = [(20, seed) for seed in range(10 if full else 3)]
    sizes += [(count, seed) for count in (30, 50) for seed in range(3) if full]
    print()
    for count, seed in sizes:
        before = time.perf_counter()
        found = roadmap_of(seed, count)
        took = time.perf_counter() - before
        name = f"roadmap of {count} initiatives, {took:.1f} s, ended by: {found.stopped_by}; gap"
        verdict(name, found.gap, ROADMAP_GAP if count == GOAL_SIZE else None, "of the bound")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    rounds = 15 if full else 5
    print(sentence(machine()))
    beside_pysensmcda([*GOALS, *(MORE if full else ())], rounds)
    exact_results(rounds, full=full)
    roadmaps(full=full)


if __name__ == "__main__":
    main()
