"""Assessments to counts of criteria: one by one, a million at once, and as check boxes are counted.

    python benchmarks/oud.py            10^6 assessments, 3 rounds
    python benchmarks/oud.py --full     the same, 7 rounds

Everything runs in one process, in turns; figures are medians. The batch is compared with `score`
row by row on a sample, and with a spreadsheet's way (a blank is a no, everything counts) on all.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))

from harness.machine import machine, sentence

from opsafe import oud

ROWS: Final = 10**6
SAMPLE: Final = 10_000
CALLS: Final = 2_000
IDS: Final = tuple(f"A{number}" for number in range(1, 12))
ASKED: Final = (*IDS, "solely_supervised", "impairment_or_distress")
EDITION: Final = "dsm-5-tr"
GOALS: Final = {"score": 30e-6, "polars": 1.0}


def assessments(rows: int) -> dict[str, np.ndarray]:
    """Return answers in which one of five is missing; 0 no, 1 yes, 2 unknown."""
    draw = np.random.default_rng(7)
    return {name: draw.choice(3, rows, p=(0.5, 0.3, 0.2)).astype(np.int8) for name in ASKED}


def tables(answers: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the same answers as the tables that analysts have."""
    words = np.array(["no", "yes", None], object)
    kept = {name: (each == 1, each < 2) for name, each in answers.items()}
    arrow = {name: pa.array(yes, mask=~known) for name, (yes, known) in kept.items()}
    return {
        "polars": pl.DataFrame(pa.table(arrow)),
        "arrow": pa.table(arrow),
        "pandas": pd.DataFrame(
            {name: pd.arrays.BooleanArray(yes, ~known) for name, (yes, known) in kept.items()}
        ),
        "words": pl.DataFrame({name: words[each] for name, each in answers.items()}),
    }


def check_boxes(answers: dict[str, np.ndarray]) -> np.ndarray:
    """Count as a spreadsheet does: a blank is a no, nothing is exempt, the stem is not asked."""
    frame = pd.DataFrame({name: answers[name] == 1 for name in IDS})
    return np.asarray(pd.cut(frame.sum(axis=1), [-1, 1, 3, 5, 11], labels=False))


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def calls_of_score(answers: dict[str, np.ndarray]) -> Callable[[], object]:
    """Return a call that scores many assessments one by one."""
    known = (False, True, None)
    asked = [
        {name: known[int(answers[name][row])] for name in IDS if answers[name][row] < 2}
        for row in range(CALLS)
    ]

    def each() -> None:
        for one in asked:
            oud.score(one, edition=EDITION, solely_supervised=False, impairment_or_distress=True)

    return each


def agrees(answers: dict[str, np.ndarray], table: Any) -> bool:
    """Say whether the batch and `score` tell the same of a sample."""
    known = (False, True, None)
    found = oud.score_many(table, edition=EDITION).assessments.head(SAMPLE)
    for row, told in enumerate(found.iter_rows(named=True)):
        one = {name: known[int(answers[name][row])] for name in ASKED}
        count = oud.score(
            {name: one[name] for name in IDS},
            edition=EDITION,
            solely_supervised=one["solely_supervised"],
            impairment_or_distress=one["impairment_or_distress"],
        )
        if (
            told["criteria_met_lower"] != count.criteria_met.lower
            or told["criteria_met_upper"] != count.criteria_met.upper
            or told["severity_lower"] != count.severity.lower.word
            or told["severity_upper"] != count.severity.upper.word
            or (told["candidate_icd10cm"] or "") != " | ".join(count.candidate_icd10cm)
            or (told["would_settle"] or "") != " ".join(count.would_settle)
        ):
            return False
    return True


def main() -> int:
    """Measure, compare, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="seven rounds in place of three")
    rounds = 7 if parser.parse_args().full else 3
    print(sentence(machine()), flush=True)
    answers = assessments(ROWS)
    made = tables(answers)
    one_by_one = calls_of_score(answers)
    turns: dict[str, Callable[[], object]] = {
        "score": one_by_one,
        **{
            name: lambda table=table: oud.score_many(table, edition=EDITION)
            for name, table in made.items()
        },
        "check boxes": lambda: check_boxes(answers),
    }
    took: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, call in turns.items():
            took[name].append(seconds(call))
    figures = {name: statistics.median(each) for name, each in took.items()}
    figures["score"] /= CALLS
    print(f"\nscore, one assessment: {figures['score'] * 1e6:.1f} microseconds")
    for name in made:
        ratio = figures["score"] * ROWS / figures[name]
        print(
            f"score_many, 10^6 rows, {name}: {figures[name]:.2f} s, {ratio:.0f} times score's pace"
        )
    print(f"check boxes in pandas, 10^6 rows: {figures['check boxes']:.2f} s")

    same = agrees(answers, made["polars"])
    print(f"score_many equals score on {SAMPLE:,} rows: {'yes' if same else 'NO'}")
    told = oud.score_many(made["arrow"], edition=EDITION).assessments
    open_bands = ROWS - int(np.asarray(told["severity_is_certain"]).sum())
    print(f"check boxes name one band for each; {open_bands:,} of {ROWS:,} have more than one open")
    met = {name: figures[name] < goal for name, goal in GOALS.items()}
    for name, goal in GOALS.items():
        unit = f"{goal * 1e6:.0f} microseconds" if name == "score" else f"{goal:.0f} s"
        print(f"goal, {name} under {unit}: {'met' if met[name] else 'MISSED'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
