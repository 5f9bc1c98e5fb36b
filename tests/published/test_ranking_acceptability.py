"""Published results of stochastic acceptability: a harbour, a municipal plan and exact cases."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.quantity import FloatArray

_FILE: Final = Path(__file__).parent / "ranking_acceptability.csv"
ROWS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"]))
    for row in csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines())
}
HARBOUR: Final = "smaa2_helsinki_harbour_rank_acceptability"
SIZES: Final = [
    pytest.param(50_000, id="50,000 draws"),
    pytest.param(400_000, id="400,000 draws", marks=pytest.mark.nightly),
]


def anchored(matrix: FloatArray, types: list[int], half: FloatArray) -> tuple[FloatArray, ...]:
    """Values from 0 to 1 between the worst and the best of each column, and their half widths."""
    least, most = matrix.min(axis=0), matrix.max(axis=0)
    span = np.where(most > least, most - least, 1.0)
    up = (matrix - least) / span
    return np.where(np.array(types) > 0, up, 1 - up), half / span


@cache
def harbour(draws: int) -> rk.Smaa:
    given, _ = ROWS[HARBOUR]
    matrix = np.array(given["matrix"])
    half = np.tile(np.ptp(matrix, axis=0) / 10, (len(matrix), 1))
    values, box = anchored(matrix, given["types"], half)
    return rk.smaa(values, box=box, draws=draws, seed=1)


@pytest.mark.parametrize("draws", SIZES)
def test_harbour_places(draws: int) -> None:
    wanted = ROWS[HARBOUR][1]
    percent = 100 * harbour(draws).acceptability.probabilities
    apart = np.abs(percent - np.array(wanted["rank_acceptability_percent"]))
    assert apart.max() <= wanted["tol_percentage_points"]


@pytest.mark.parametrize("draws", SIZES)
def test_harbour_holistic(draws: int) -> None:
    wanted = ROWS["smaa2_helsinki_holistic"][1]
    apart = np.abs(100 * harbour(draws).acceptability.holistic - wanted["holistic_percent"])
    assert apart.max() <= wanted["tol_percentage_points"]


@pytest.mark.parametrize("draws", SIZES)
def test_harbour_first_places(draws: int) -> None:
    given, wanted = ROWS["smaa2_helsinki_k_best_ranks"]
    found = harbour(draws).acceptability
    percent = 100 * np.stack([found.top(k) for k in given["k"]], axis=1)
    apart = np.abs(percent - np.array(wanted["top_k_probability_percent"]))
    assert apart.max() <= wanted["tol_percentage_points"]


@pytest.mark.parametrize("draws", SIZES)
def test_municipal_plan(draws: int) -> None:
    given, wanted = ROWS["smaa_municipal_plan_1998"]
    matrix = np.array(given["matrix"])
    known = given["criteria_uncertainty"]
    absolute = np.array(known["absolute_half_width"], np.float64)
    relative = np.array(known["relative_half_width"], np.float64)
    half = np.where(np.isnan(absolute), relative * np.abs(matrix), absolute)
    values, box = anchored(matrix, given["types"], half)
    found = rk.smaa(values, box=box, draws=draws)
    first = 100 * found.acceptability.probabilities[:, 0]
    assert np.abs(first - wanted["first_rank_acceptability_percent"]).max() <= 1.0
    for share, percent in zip(
        found.confidence.tolist(), wanted["confidence_factor_percent"], strict=True
    ):
        if percent is not None:
            assert 100 * share == pytest.approx(percent, abs=wanted["tol_percentage_points"])


@pytest.mark.parametrize("method", ["exact", "sampled"])
def test_third_is_first_at_one_weight_only(method: Any) -> None:
    given, wanted = ROWS["smaa_exact_two_criteria"]
    found = rk.acceptability(given["value_matrix"], method=method, draws=1 << 14)
    assert found.probabilities[:, 0] == pytest.approx(
        wanted["first_rank_acceptability"], abs=0 if method == "exact" else 0.02
    )
    if found.switches is not None:
        assert found.switches["weight"] == pytest.approx(0.5, rel=1e-12)


def test_knife_edge() -> None:
    given, wanted = ROWS["smaa_exact_knife_edge"]
    found = rk.acceptability(given["value_matrix"], draws=1 << 14)
    assert found.probabilities[:, 0] == pytest.approx(wanted["first_rank_acceptability"], abs=0.02)
    wins = rk.win_probability(given["value_matrix"])
    assert wins[0, 1] == pytest.approx(0.5, abs=1e-15)


def test_entropy_of_the_first_choice() -> None:
    given, wanted = ROWS["smaa_choice_entropy_thrombolytics"]
    first = np.array(given["first_rank_acceptability"])
    scores = np.repeat([[1.0, 0.0], [0.0, 1.0]], np.rint(first * 10_000).astype(int), axis=0)
    found = rk.of_scores(["one", "other"], scores)
    assert found.choice_entropy == pytest.approx(wanted["entropy_bits"], abs=5e-8)
