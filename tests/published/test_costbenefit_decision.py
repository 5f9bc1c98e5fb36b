"""Published rows on dominance, acceptability and the value of information."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.uncertainty import Normal, draw_all

HERE: Final = Path(__file__).parent
_ROWS: Final = list(
    csv.DictReader((HERE / "costbenefit_decision.csv").read_text(encoding="utf-8").splitlines())
)
ROWS: Final[dict[str, tuple[Any, Any]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"])) for row in _ROWS
}
PSA: Final = ROWS["PSA-01"][0]
DRAWS: Final = 200_000
RESAMPLES: Final = 25  # of 200,000 draws each; the standard error is then known to 14 %


def compared(name: str) -> Any:
    given, _ = ROWS[name]
    return cb.frontier(given["cost"], given["effect"], given["strategies"])


@pytest.mark.parametrize(
    "name, rel", [("ICER-01", 1e-9), ("ICER-02", 1e-8), ("ICER-03", 1e-9)], ids=range(3)
)
def test_statuses_and_icers(name: str, rel: float) -> None:
    wanted = ROWS[name][1]
    found = compared(name)
    assert dict(found.status) == wanted["status"]
    assert dict(found.icers) == pytest.approx(wanted["icer"], rel=rel)


@pytest.mark.parametrize("name", ["ICER-06", "ICER-07", "ICER-08", "ICER-10"])
def test_frontiers(name: str) -> None:
    wanted = ROWS[name][1]
    found = compared(name)
    assert found.on_frontier == tuple(wanted["frontier"])
    for strategy, value in wanted.get("icer", {}).items():
        assert found.icers[strategy] == pytest.approx(value, rel=1e-8)
    for strategy, status in wanted.get("status", {}).items():
        assert found.status[strategy] == status
    for strategy in wanted.get("weakly_dominated", ()):
        assert found.status[strategy] == "ED"


def test_icer_12_the_first_of_equals_stays() -> None:
    wanted = ROWS["ICER-12"][1]
    found = compared("ICER-12")
    assert found.on_frontier == tuple(wanted["frontier_dampack_heormodel"])
    assert found.status["S5"] == wanted["pyheor_status_S5"]
    assert dict(found.icers) == pytest.approx(wanted["icer"], rel=1e-8)


def outcomes(given: Mapping[str, Any] = PSA) -> cb.Outcomes:
    names = tuple(given["strategies"])
    cost, effect = ([given[side][name] for name in names] for side in ("cost", "effect"))
    return cb.Outcomes(names, np.array(cost), np.array(effect))


def test_psa_01_means_and_icer() -> None:
    wanted = ROWS["PSA-01"][1]
    found = cb.frontier(outcomes())
    table = found.table
    for column, means in (("cost_usd", "mean_cost"), ("effect", "mean_effect")):
        ours = dict(zip(table["strategy"], table[column], strict=True))
        assert ours == pytest.approx(wanted[means], rel=1e-9)
    assert dict(found.status) == wanted["icer"]["status"]
    assert found.icers["Chemo"] == pytest.approx(wanted["icer"]["Chemo"], rel=1e-9)


def test_psa_02_acceptability() -> None:
    wanted = ROWS["PSA-02"][1]
    curves, chosen = cb.ceac(outcomes(), PSA["wtp"]), cb.ceaf(outcomes(), PSA["wtp"])
    for place, threshold in enumerate(PSA["wtp"]):
        ours = dict(zip(curves.strategies, curves.probability[place], strict=True))
        assert ours == pytest.approx(wanted["ceac"][str(threshold)], abs=1e-12)
        assert chosen.strategies[place] == wanted["ceaf_strategy"][str(threshold)]
        assert chosen.probability[place] == ours[chosen.strategies[place]]


def test_psa_03_perfect_information_and_losses() -> None:
    wanted = ROWS["PSA-03"][1]
    worth, losses = cb.evpi(outcomes(), PSA["wtp"]), cb.expected_loss(outcomes(), PSA["wtp"])
    for place, threshold in enumerate(PSA["wtp"]):
        assert worth.value_usd[place] == pytest.approx(wanted["evpi"][str(threshold)], rel=1e-9)
        ours = dict(zip(losses.strategies, losses.loss_usd[place], strict=True))
        assert ours == pytest.approx(wanted["expected_loss"][str(threshold)], rel=1e-9)
        assert losses.loss_usd[place].min() == pytest.approx(worth.value_usd[place], rel=1e-12)


def test_voi_05_closed_form_and_draws() -> None:
    given, wanted = ROWS["VOI-05"]
    exact = cb.normal_information_value(given["mean"], given["sd"])
    assert exact == pytest.approx(wanted["evpi"], rel=1e-12)
    gain = draw_all({"gain": Normal(mean=given["mean"], sd=given["sd"])}, seed=5, draws=DRAWS)
    run = cb.Outcomes(("a", "b"), np.array([0 * gain["gain"], -gain["gain"]]), np.zeros((2, DRAWS)))
    found = cb.evpi(run, 0)
    assert abs(found.value_usd[0] - exact) < 3 * found.standard_error_usd[0]
    assert found.value_usd[0] == pytest.approx(exact, rel=0.01)


@cache
def two_parameters() -> cb.Outcomes:
    given, _ = ROWS["VOI-06"]
    drawn = draw_all(
        {
            "theta1": Normal(mean=given["mean_total"], sd=given["sd_theta1"]),
            "theta2": Normal(mean=0, sd=given["sd_theta2"]),
        },
        seed=6,
        draws=DRAWS,
    )
    gain = drawn["theta1"] + drawn["theta2"]
    return cb.Outcomes(("a", "b"), np.array([0 * gain, -gain]), np.zeros((2, DRAWS)), drawn)


@pytest.mark.parametrize("name", ["theta1", "theta2"])
def test_voi_06_partial_information(name: str) -> None:
    given, wanted = ROWS["VOI-06"]
    exact = cb.normal_information_value(given["mean_total"], given[f"sd_{name}"])
    assert exact == pytest.approx(wanted[f"evppi_{name}"], rel=1e-12)
    found = cb.evppi(two_parameters(), [name], 0, resamples=RESAMPLES)
    assert abs(found.value_usd[0] - exact) < 3 * found.standard_error_usd[0]
    assert found.value_usd[0] == pytest.approx(exact, rel=0.03)


def test_voi_06_both_parameters_are_everything() -> None:
    given, wanted = ROWS["VOI-06"]
    exact = cb.normal_information_value(
        given["mean_total"], (given["sd_theta1"] ** 2 + given["sd_theta2"] ** 2) ** 0.5
    )
    assert exact == pytest.approx(wanted["evpi"], rel=1e-12)
    both = cb.evppi(two_parameters(), ["theta1", "theta2"], 0, resamples=RESAMPLES)
    full = cb.evpi(two_parameters(), 0)
    assert both.value_usd[0] == pytest.approx(full.value_usd[0], rel=1e-9)
    assert abs(both.value_usd[0] - exact) < 3 * both.standard_error_usd[0]


def test_voi_07_a_study() -> None:
    given, wanted = ROWS["VOI-07"]
    spread = cb.preposterior_sd(given["sd_theta1"], 20_000, 100)
    assert spread == pytest.approx(wanted["preposterior_sd"], rel=1e-12)
    exact = cb.normal_information_value(given["mean_total"], spread)
    assert exact == pytest.approx(wanted["evsi"], rel=1e-12)
    endless = cb.preposterior_sd(given["sd_theta1"], 20_000, 1e12)
    limit = cb.normal_information_value(given["mean_total"], endless)
    assert limit == pytest.approx(wanted["limit_n_to_infinity"], rel=1e-6)

    def study(params: Mapping[str, Any], rng: np.random.Generator) -> Any:
        return rng.normal(params["theta1"], 20_000 / 100**0.5)

    found = cb.evsi(two_parameters(), study, 0, resamples=RESAMPLES)
    assert abs(found.value_usd[0] - exact) < 3 * found.standard_error_usd[0]
    assert found.value_usd[0] == pytest.approx(exact, rel=0.05)


def test_voi_08_a_study_is_worth_no_more_than_its_parameter_nor_that_than_all() -> None:
    assert ROWS["VOI-08"][1]["holds"]
    drawn = draw_all({"a": Normal(mean=0.1, sd=0.2), "b": Normal(mean=0, sd=4_000)}, seed=8,
                     draws=20_000)  # fmt: skip
    none = np.zeros(20_000)
    run = cb.Outcomes(
        ("x", "y"), np.array([none, 5_000 + drawn["b"]]), np.array([none, drawn["a"]]), drawn
    )
    levels = [0, 20_000, 50_000, 100_000]
    study = cb.evsi(run, lambda p, rng: rng.normal(p["a"], 0.1), levels, resamples=RESAMPLES)
    part, full = cb.evppi(run, "a", levels, resamples=RESAMPLES), cb.evpi(run, levels)
    for less, more in ((study, part), (part, full)):
        room = 3 * np.hypot(less.standard_error_usd, more.standard_error_usd)
        assert (less.value_usd >= 0).all()
        assert (less.value_usd <= more.value_usd + room).all()
    least = cb.expected_loss(run, levels).loss_usd.min(axis=1)
    np.testing.assert_allclose(least, full.value_usd, rtol=1e-12)
