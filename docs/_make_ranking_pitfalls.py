"""Measure the shares of docs/explanation/ranking-pitfalls.md again, and write them: run this file.

Every problem is drawn from streams of one seed and holds no signal: values and ratings are chance
alone. What our code does is asked of our code; normalisers that it does not have are written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from opsafe import ranking as rk
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._values import additive_scores
from opsafe.ranking.ties import rank_counts
from opsafe.ranking.weight_set import WeightSet
from opsafe.uncertainty import uniforms

PAGE: Final = Path(__file__).parent / "explanation" / "ranking-pitfalls.md"
BEGIN: Final = "<!-- measured: python docs/_make_ranking_pitfalls.py -->\n"
END: Final = "<!-- end of measured -->\n"

SEED: Final = 7
PROBLEMS: Final = 2_000
PANELS: Final = 400
RESAMPLES: Final = 200
INITIATIVES: Final = 30
RATERS: Final = 5
NAMES: Final = tuple(f"initiative {each + 1}" for each in range(INITIATIVES))
ANYTHING: Final = (0.2, 0.2, 0.2, 0.2, 0.2)  # ratings 1 to 5 alike
HIGH: Final = (0.05, 0.10, 0.20, 0.35, 0.30)  # as raters tend to answer: high

Score: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]


class Measured(NamedTuple):
    """A line of the table."""

    what: str
    ours: str
    study: str


def draws(name: str, *shape: int) -> FloatArray:
    """Uniform numbers of a stream of their own."""
    return uniforms(SEED, name, int(np.prod(shape))).reshape(shape)


def simplex(name: str, count: int, criteria: int) -> FloatArray:
    """Weights that are uniform on all weights."""
    spacings = -np.log(draws(name, count, criteria))
    shares: FloatArray = spacings / spacings.sum(axis=1, keepdims=True)
    return shares


def ratings(name: str, chances: tuple[float, ...]) -> IntArray:
    """Ratings 1 to 5 by panel, initiative, rater and criterion."""
    drawn = draws(name, PANELS, INITIATIVES, RATERS, 2)
    steps: IntArray = 1 + np.searchsorted(np.cumsum(chances)[:-1], drawn)
    return steps


def smallest_to_largest(values: FloatArray, weights: FloatArray) -> FloatArray:
    low = values.min(axis=0)
    scores: FloatArray = (values - low) / (values.max(axis=0) - low) @ weights
    return scores


def by_sum(values: FloatArray, weights: FloatArray) -> FloatArray:
    scores: FloatArray = values / values.sum(axis=0) @ weights
    return scores


def by_largest(values: FloatArray, weights: FloatArray) -> FloatArray:
    scores: FloatArray = values / values.max(axis=0) @ weights
    return scores


def by_length(values: FloatArray, weights: FloatArray) -> FloatArray:
    scores: FloatArray = values / np.linalg.norm(values, axis=0) @ weights
    return scores


def topsis(values: FloatArray, weights: FloatArray) -> FloatArray:
    weighted = values / np.linalg.norm(values, axis=0) * weights
    best, worst = (
        np.linalg.norm(weighted - end, axis=1) for end in (weighted.max(0), weighted.min(0))
    )
    scores: FloatArray = worst / (best + worst)
    return scores


def order(scores: FloatArray) -> IntArray:
    return np.argsort(-scores, kind="stable")


def reversed_by_removal(score: Score, values: FloatArray, weights: FloatArray) -> bool:
    """Say whether the others change their order when the last one is taken out."""
    before = order(score(values, weights))
    left = np.sort(before[:-1])
    after = left[order(score(values[left], weights))]
    return not np.array_equal(after, before[:-1])


def reversals() -> Iterator[Measured]:
    """Removal of the worst, and the choice of a normaliser."""
    values = draws("values", PROBLEMS, 20, 5)
    weights = simplex("weights", PROBLEMS, 5)
    pairs = list(zip(values, weights, strict=True))
    for name, score, study in (
        ("smallest to largest value", smallest_to_largest, "37%"),
        ("share of the sum", by_sum, "48%"),
        ("TOPSIS", topsis, "56%"),
        ("share of the largest", by_largest, "1.3%"),
        ("fixed anchors (ours)", additive_scores, "0%"),
    ):
        share = np.mean([reversed_by_removal(score, *pair) for pair in pairs])
        yield Measured(f"the worst is taken out, the others change order: {name}", f"{share:.1%}",
                       study)  # fmt: skip
    by_score = [
        [order(score(*pair)) for score in (smallest_to_largest, by_sum, by_length)]
        for pair in pairs
    ]
    first = np.mean([len({int(each[0]) for each in orders}) > 1 for orders in by_score])
    whole = np.mean([not np.array_equal(orders[0], orders[1]) for orders in by_score])
    yield Measured("three normalisers disagree on the first place", f"{first:.1%}", "7.5%")
    yield Measured("two normalisers disagree somewhere in the order", f"{whole:.0%}", "97%")


def ties() -> Measured:
    """Initiatives that share a score, of 30 with five raters and two criteria."""
    sums = ratings("ratings", ANYTHING).sum(axis=(2, 3))
    shared = [INITIATIVES - int(rank_counts(each, "group").group.max()) for each in sums]
    return Measured(
        "scores that collide among 30 initiatives of 5 raters", f"{np.mean(shared):.1f}", "15.5"
    )


def recoding() -> Measured:
    """Another number for the best step, which says no less of the order of steps."""
    given = ratings("ratings", ANYTHING)
    before = given.sum(axis=(2, 3))
    after = np.where(given == 5, 8, given).sum(axis=(2, 3))
    stays = (before == before.max(axis=1)[:, None]) & (after == after.max(axis=1)[:, None])
    lost = 1 - stays.any(axis=1).mean()
    return Measured("step 5 is counted as 8: nobody who was first stays so", f"{lost:.0%}", "27%")


def cuts() -> Iterator[Measured]:
    """Quadrants by the midpoint and by the median, and quadrants by chance."""
    panels = anchored(ratings("high ratings", HIGH)).mean(axis=2)
    by_cut = {name: [placed(each, cut=name) for each in panels] for name in ("midpoint", "median")}
    midpoint, median = (np.array(each) for each in by_cut.values())
    moved = (midpoint != median).mean()
    yield Measured("ratings run high: quadrant differs, midpoint or median", f"{moved:.0%}", "59%")
    for name, codes, study in (("midpoint", midpoint, "90%"), ("median", median, "35%")):
        yield Measured(
            f"ratings run high: called a quick win by the {name}",
            f"{(codes == 'quick_win').mean():.0%}", study,
        )  # fmt: skip
    yield Measured("quadrant at 3.5 has under 80% bootstrap support", f"{unsure():.0%}", "79%")


def anchored(given: IntArray) -> FloatArray:
    """Ratings as shares of the way from 1 to 5."""
    shares: FloatArray = (given - 1) / 4
    return shares


def placed(values: FloatArray, **how: Any) -> tuple[str | None, ...]:
    """Quadrants of one panel."""
    return rk.quadrants(NAMES, values, rk.IMPACT_EASE_1_5, **how).quadrant


def unsure() -> float:
    """Share of initiatives whose commonest quadrant over resampled raters has under 80%."""
    given = anchored(ratings("ratings", ANYTHING))
    picked = np.floor(draws("resampled", RESAMPLES, RATERS) * RATERS).astype(np.int64)
    shares = np.eye(RATERS)[picked].mean(axis=1)  # resample x rater
    cut = {"impact": 3.5, "ease": 3.5}
    found = []
    for panel in given:
        drawn = np.einsum("bk,ikc->bic", shares, panel)
        placed = rk.quadrants(NAMES, panel.mean(axis=1), rk.IMPACT_EASE_1_5, cut=cut, drawn=drawn)
        assert placed.probability is not None
        found.append((placed.probability.max(axis=1) < 0.8).mean())
    return float(np.mean(found))


def twice() -> Iterator[Measured]:
    """One of four equal criteria entered twice, with its weight kept or not."""
    values = draws("four criteria", PROBLEMS, 20, 4)
    equal = np.argmax(values.sum(axis=2), axis=1)
    doubled = np.argmax(values.sum(axis=2) + values[:, :, 0], axis=1)
    yield Measured(
        "one of four criteria is entered twice: another winner", f"{np.mean(equal != doubled):.0%}",
        "27%",
    )  # fmt: skip
    split = np.concatenate([values, values[:, :, :1]], axis=2) @ np.array([0.5, 1, 1, 1, 0.5])
    kept = np.mean(equal != np.argmax(split, axis=1))
    yield Measured("the same, the two share one weight (ours)", f"{kept:.0%}", "")


def weights() -> Iterator[Measured]:
    """Weights drawn one by one and divided by their sum, and weights uniform on all weights."""
    raw = draws("raw weights", 100_000, 10)
    divided = (raw / raw.sum(axis=1, keepdims=True)).max(axis=1) > 0.3
    names = tuple(f"c{each}" for each in range(10))
    uniform = WeightSet().sample(names, 16_384, SEED).max(axis=1) > 0.3
    what = "10 criteria, draws with a weight above 0.3"
    yield Measured(f"{what}: numbers divided by their sum", f"{divided.mean():.1%}", "0.5%")
    yield Measured(f"{what}: uniform on all weights (ours)", f"{uniform.mean():.0%}", "39%")


def products() -> Measured:
    """Values that severity x occurrence x detection can take."""
    steps = np.arange(1, 11)
    values = np.unique(np.multiply.outer(np.multiply.outer(steps, steps), steps))
    return Measured(
        "values of a product of three scales of 1 to 10, 1,000 combinations", str(len(values)),
        "120",
    )  # fmt: skip


def table() -> str:
    """Return the table of the page."""
    lines = [*reversals(), ties(), recoding(), *cuts(), *twice(), *weights(), products()]
    rows = [f"| {each.what} | {each.ours} | {each.study} |\n" for each in lines]
    return "".join(["| what | measured here | in our study |\n", "|---|---:|---:|\n", *rows])


def page() -> str:
    """Return the whole page, with its table made again."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
