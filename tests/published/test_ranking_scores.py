"""Published weighted sums: the additive model on values that the test normalises itself."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe.quantity import FloatArray
from opsafe.ranking import rank_counts
from opsafe.ranking._values import additive_scores

HERE: Final = Path(__file__).parent
_ROWS: Final = list(
    csv.DictReader((HERE / "ranking_scores.csv").read_text(encoding="utf-8").splitlines())
)
ROWS: Final[dict[str, tuple[Any, Any]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"])) for row in _ROWS
}


def given_in(row: str) -> tuple[FloatArray, FloatArray, Any]:
    given, wanted = ROWS[row]
    return np.array(given["matrix"], float), np.array(given["weights"], float), wanted


def places(scores: FloatArray) -> list[int]:
    return [int(each) for each in rank_counts(np.rint(scores * 1e9).astype(np.int64)).first]


def test_wsm_basic_2x3_with_raw_weights() -> None:
    matrix, weights, wanted = given_in("wsm_basic_2x3")
    found = additive_scores(matrix, weights)
    assert found.tolist() == wanted["score"]
    assert places(found) == wanted["rank"]


def test_wsm_kracka2010_with_normalised_weights() -> None:
    matrix, weights, wanted = given_in("wsm_kracka2010")
    better = np.array(ROWS["wsm_kracka2010"][0]["types"]) > 0
    upward = np.where(better, matrix, 1 / matrix)
    found = additive_scores(upward / upward.sum(axis=0), weights / weights.sum())
    assert found == pytest.approx(wanted["score"], abs=wanted["tol"])
    assert places(found) == wanted["rank"]


def test_wsm_afshari2010() -> None:
    matrix, weights, wanted = given_in("wsm_afshari2010")
    found = additive_scores(matrix / matrix.max(axis=0), weights)
    assert found == pytest.approx(wanted["score"], abs=wanted["tol"])
    assert (np.argsort(places(found)) + 1).tolist() == wanted["order_1based"]
