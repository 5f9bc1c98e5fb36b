"""Acceptability beside a peer: counts on a grid of weights, and volumes of polytopes.

The peer's own answers stand in the file beside this one, made by pysensmcda 2.0.0
(https://github.com/jwieckowski/pysensmcda) in an environment of its own.
"""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import ranking as rk

_FILE: Final = Path(__file__).parent / "peers_of_ranking_acceptability.csv"
ROWS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"]))
    for row in csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines())
}
DRAWS: Final = 1 << 15


def test_ties_are_counted_as_the_peer_counts_them() -> None:
    given, wanted = ROWS["competition_on_a_grid_of_weights"]
    steps = given["steps_of_weights"]
    grid = [
        [part / steps for part in parts]
        for parts in itertools.product(range(steps + 1), repeat=4)
        if sum(parts) == steps
    ]
    found = rk.acceptability(given["values"], weights=grid, ties="competition")
    assert np.rint(found.probabilities * wanted["draws"]).tolist() == wanted["counts"]


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith("exact")])
def test_first_places_are_volumes(name: str) -> None:
    given, wanted = ROWS[name]
    found = rk.smaa(given["values"], draws=DRAWS)
    exact = np.array(wanted["first_rank_acceptability"])
    error = np.sqrt(exact * (1 - exact) / DRAWS)
    first = found.acceptability.probabilities[:, 0]
    assert (np.abs(first - exact) <= 5 * error).all()
    centres = np.array(wanted["central_weights"], np.float64)
    often = exact > 0.01
    assert found.central_weights[often] == pytest.approx(centres[often], abs=0.02)
