"""Rank acceptability in pysensmcda, run by the Python that has it: values and weights in.

    python pysensmcda_acceptability.py given.npz answered.npz

The method is the plain weighted sum, its cheapest; seconds are medians after a run that warms it
up, and memory is the peak of what NumPy holds besides values and weights, in a run of its own.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import tracemalloc
from importlib import metadata

import numpy as np
from pysensmcda.smaa import rank_acceptability, simulate


def weighted_sum(matrix: np.ndarray, weights: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Return scores; every criterion is more-is-better."""
    return matrix @ weights


def shares(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of draws by initiative and place."""
    types = np.ones(values.shape[1])
    run = simulate(weighted_sum, values, types, weights=weights, reverse_ranking=True)
    return rank_acceptability(run)


def measured(values: np.ndarray, weights: np.ndarray, rounds: int) -> tuple[float, float]:
    """Return seconds and megabytes."""
    taken = []
    for _ in range(rounds):
        before = time.perf_counter()
        shares(values, weights)
        taken.append(time.perf_counter() - before)
    tracemalloc.start()
    shares(values, weights)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return statistics.median(taken), peak


def main(given: str, answered: str) -> None:
    """Time every size that is given, and keep its answer."""
    told: dict[str, object] = {"version": metadata.version("pysensmcda")}
    answers = {}
    with np.load(given) as kept:
        rounds = int(kept["rounds"])
        for name in kept["names"].tolist():
            values, weights = kept[f"values {name}"], kept[f"weights {name}"]
            answers[name] = shares(values, weights)
            told[name] = measured(values, weights, rounds)
    np.savez(answered, told=json.dumps(told), **answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
