"""Cohort models, acceptability and information: seconds, answers and goals, beside heormodel.

    python benchmarks/costbenefit.py            3 rounds
    python benchmarks/costbenefit.py --full     7 rounds, and more sizes

The peer runs in the Python that OPSAFE_PEERS_PYTHON names (this one without it), on the same
draws; it is left out, with the reason, where that Python has no heormodel. Figures are medians.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from harness.machine import machine, sentence

from opsafe import costbenefit as cb
from opsafe.uncertainty import Beta, Gamma, LogNormal

DRAWS: Final = 10_000
PEER: Final = Path(__file__).parent / "peers" / "heormodel_six_states.py"
THRESHOLDS: Final = np.linspace(0, 200_000, 101)
GOALS: Final = {
    "by category and month": 0.5,
    "acceptability and perfect information": 0.010,
    "weekly tunnels": 3.0,
}
TIMES_AS_FAST: Final = 50
ALIKE: Final = 1e-9


def times(call: Callable[[], object], rounds: int) -> list[float]:
    """Return the times of a call, after one that warms it up."""
    call()
    found = []
    for _ in range(rounds):
        before = time.perf_counter()
        call()
        found.append(time.perf_counter() - before)
    return found


def seconds(call: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call."""
    return statistics.median(times(call, rounds))


def weekly_tunnels() -> tuple[cb.CohortModel, dict[str, dict[str, float]]]:
    """Return a model of 104 weeks with 104 tunnel states on treatment, and as many off it."""
    model = cb.CohortModel(
        states=("off treatment", "on treatment", "left plan", "dead"),
        cycle="week",
        cycles=104,
        parameters={
            "scale_on": LogNormal(mean=6, sd=0.6),
            "shape_on": Beta(mean=0.62, sd=0.03),
            "scale_off": LogNormal(mean=14, sd=1.4),
            "death": LogNormal(mean=0.0003, sd=0.00003),
            "first_weeks": LogNormal(mean=3.3, sd=1.2),
            "after_stop": LogNormal(mean=4.5, sd=1.1),
            "cost_off": Gamma(mean=550, sd=55),
            "cost_on": Gamma(mean=300, sd=30),
            "reach": 1.0,
            "stay": 1.0,
        },
        dwell={
            "off treatment": cb.WeibullDwell(scale_months="scale_off / reach", shape=0.9),
            "on treatment": cb.WeibullDwell(scale_months="scale_on * stay", shape="shape_on"),
        },
        transitions={
            "off treatment": {
                "dead": "death * where(time_in_state < 4, after_stop, 1)",
                "left plan": 0.004,
                "on treatment": "0.99 * dwell_ends",
                "off treatment": "rest",
            },
            "on treatment": {
                "dead": "death / 2 * where(time_in_state < 2, first_weeks, 1)",
                "left plan": 0.004,
                "off treatment": "0.98 * dwell_ends",
                "on treatment": "rest",
            },
        },
        costs={"health care": {"off treatment": "cost_off", "on treatment": "cost_on"}},
        utilities={"off treatment": 0.574, "on treatment": 0.766},
        conventions=cb.Conventions(
            cycle="week", discount_rate_costs=0.03, discount_rate_effects=0.03
        ),
    )
    return model, {
        "usual": {},
        "reach": {"reach": 1.6},
        "reach and stay": {"reach": 2, "stay": 1.3},
    }


def print_goal(name: str, took: float) -> None:
    """Print a time beside its goal."""
    met = "met" if took <= GOALS[name] else "MISSED"
    print(f"{name}: {took:.4f} s; goal {GOALS[name]:g} s: {met}")


def beside_heormodel(ready: cb.ReadyModel, run: cb.Run, rounds: int) -> None:
    """Run heormodel on our draws, compare every answer, and print the ratio."""
    drawn = dict(run.parameters)

    def given() -> cb.Run:
        return cb.simulate(ready.model, ready.strategies, draws=DRAWS, seed=1, parameters=drawn)

    # Before the peer and after it, since a machine is never busy alike for long.
    took = times(given, rounds)
    found = ask_peer(drawn)
    ours = statistics.median([*took, *times(given, rounds)])
    sampled = seconds(
        lambda: cb.simulate(ready.model, ready.strategies, draws=DRAWS, seed=1), rounds
    )
    print(f"six states, {DRAWS:,} draws: {ours:.4f} s on given draws, {sampled:.4f} s with drawing")
    assert np.array_equal(given().costs, run.costs)
    if isinstance(found, str):
        print(found)
        return
    told, answers = found
    for measure, values in (("cost", run.costs), ("qaly", run.effects)):
        apart = float(np.abs(answers[measure] / values - 1).max())
        print(f"{measure}: largest relative difference to heormodel {apart:.1e}")
        assert apart <= ALIKE
    print(f"heormodel {told['version']}: {told['default']:.2f} s in its default run, "
          f"{told['one process']:.2f} s in one process")  # fmt: skip
    ratio = told["default"] / ours
    met = "met" if ratio >= TIMES_AS_FAST else "MISSED"
    print(f"{ratio:.0f} times as fast as its default run ({told['default'] / sampled:.0f} with our "
          f"drawing); goal {TIMES_AS_FAST}: {met}")  # fmt: skip


def ask_peer(draws: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | str:
    """Run the peer on draws; or say why not."""
    python = os.environ.get("OPSAFE_PEERS_PYTHON", sys.executable)
    probe = subprocess.run([python, "-c", "import heormodel"], capture_output=True, check=False)
    if probe.returncode:
        return (
            f"heormodel is not installed for {python}: make an environment of its own, "
            "pip install heormodel there, and name its Python in OPSAFE_PEERS_PYTHON"
        )
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder, "draws.npz"), Path(folder, "answers.npz")
        np.savez(given, **draws)
        subprocess.run([python, str(PEER), str(given), str(answered)], check=True)
        with np.load(answered) as kept:
            answers = {name: kept[name] for name in ("cost", "qaly")}
            return json.loads(str(kept["told"])), answers


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    rounds = 7 if full else 3
    print(f"{sentence(machine())}\n")
    ready = cb.six_state_model()
    run = cb.simulate(ready.model, ready.strategies, draws=DRAWS, seed=1)
    beside_heormodel(ready, run, rounds)
    drawn = dict(run.parameters)

    def by_month() -> cb.Run:
        return cb.simulate(
            ready.model, ready.strategies, draws=DRAWS, seed=1, keep="months", parameters=drawn
        )

    print_goal("by category and month", seconds(by_month, rounds))
    kept = by_month()
    assert kept.by_month is not None
    assert np.allclose(kept.by_month.sum(axis=(1, 2)), run.costs, rtol=ALIKE)

    def decide() -> tuple[object, object]:
        return cb.ceac(run, THRESHOLDS), cb.evpi(run, THRESHOLDS)

    print_goal("acceptability and perfect information", seconds(decide, 5 * rounds))
    loss = cb.expected_loss(run, THRESHOLDS)
    value = cb.evpi(run, THRESHOLDS)
    assert np.allclose(loss.loss_usd.min(axis=1), value.value_usd, rtol=ALIKE, atol=1e-6)
    model, strategies = weekly_tunnels()
    weekly = seconds(lambda: cb.simulate(model, strategies, draws=1_000, seed=1), rounds)
    print_goal("weekly tunnels", weekly)
    if full:
        plan = cb.plan_model(
            members_off_treatment=800, start="2026-01", years=5, price_year=2025,
            savings="total_cost", defaults="2026-01",
        )  # fmt: skip
        took = seconds(lambda: cb.simulate(plan.model, plan.strategies, draws=1_000, seed=1), 1)
        print(f"plan model, 261 weeks, 261 tunnel states, 1,000 draws: {took:.2f} s")
        large = cb.simulate(ready.model, ready.strategies, draws=100_000, seed=1)
        took = seconds(lambda: cb.ceac(large, THRESHOLDS), rounds)
        print(f"acceptability of 100,000 draws: {took:.3f} s")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
