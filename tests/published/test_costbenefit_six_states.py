"""The six-state example to all known digits, and what another library says of it.

The rows XENG of `costbenefit_cohort.csv` were known before the engine was built, and
`peers_of_costbenefit.csv` holds the answers of heormodel on the same draws. The states are
untreated, first month on treatment, on treatment, in remission, left plan, dead.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import costbenefit as cb

STRATEGIES: Final = ("Usual", "Expand", "Expand plus")


def rows(name: str) -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return {row["id"]: row for row in csv.DictReader(text.splitlines())}


KNOWN: Final = rows("costbenefit_cohort.csv")
PEER: Final = rows("peers_of_costbenefit.csv")


def test_answers_of_the_peer_are_all_asked() -> None:
    assert set(PEER) == {"means", "draws", "frontier", "acceptability", "perfect information"}


def test_life_table_totals_are_known_to_all_digits() -> None:
    expected = json.loads(KNOWN["XENG-05"]["expected"])
    conventions = cb.Conventions(
        discount_rate_costs=0.03, discount_rate_effects=0.03, within_cycle="life_table"
    )
    ready = cb.six_state_model(conventions=conventions)
    run = cb.simulate(ready.model, ready.strategies)
    assert run.strategies == STRATEGIES
    assert run.costs[:, 0].tolist() == pytest.approx([*expected["cost"].values()], rel=1e-9)
    assert run.effects[:, 0].tolist() == pytest.approx([*expected["qaly"].values()], rel=1e-9)


@pytest.mark.parametrize("point", [12, 60])
def test_trace_is_known_to_all_digits(point: int) -> None:
    expected = json.loads(KNOWN["XENG-07"]["expected"])[f"t{point}"]
    ready = cb.six_state_model()
    run = cb.simulate(ready.model, ready.strategies, keep="trace")
    assert run.trace is not None
    assert run.trace[:, point, :, 0] == pytest.approx(np.array([*expected.values()]), abs=1e-10)


def test_means_are_those_of_heormodel() -> None:
    expected = json.loads(PEER["means"]["expected"])
    ready = cb.six_state_model()
    run = cb.simulate(ready.model, ready.strategies)
    assert run.costs[:, 0].tolist() == pytest.approx(expected["cost"], rel=1e-12)
    assert run.effects[:, 0].tolist() == pytest.approx(expected["qaly"], rel=1e-12)


def run_of_peer() -> cb.Run:
    asked = json.loads(PEER["draws"]["inputs"])
    ready = cb.six_state_model()
    return cb.simulate(ready.model, ready.strategies, draws=asked["draws"], seed=asked["seed"])


def test_every_draw_is_that_of_heormodel() -> None:
    expected = json.loads(PEER["draws"]["expected"])
    run = run_of_peer()
    first = len(expected["cost"][0])
    assert run.costs[:, :first] == pytest.approx(np.array(expected["cost"]), rel=1e-9)
    assert run.effects[:, :first] == pytest.approx(np.array(expected["qaly"]), rel=1e-9)
    assert run.costs.sum() == pytest.approx(expected["sum of costs"], rel=1e-9)


def test_decisions_are_those_of_heormodel() -> None:
    run = run_of_peer()
    thresholds = json.loads(PEER["acceptability"]["inputs"])["thresholds"]
    curve = cb.ceac(run, thresholds).probability
    assert curve == pytest.approx(np.array(json.loads(PEER["acceptability"]["expected"])))
    value = cb.evpi(run, thresholds).value_usd
    expected = json.loads(PEER["perfect information"]["expected"])
    assert value == pytest.approx(np.array(expected), rel=1e-7, abs=1e-6)
    status = json.loads(PEER["frontier"]["expected"])
    table = cb.frontier(run).table
    assert dict(zip(table["strategy"], table["status"], strict=True)) == status
