"""The six-state model in heormodel, run by the Python that has it: draws in, answers out.

    python heormodel_six_states.py draws.npz answers.npz

Seconds are of its default run (all cores) and of one process; both are taken after a short run
that warms it up. A second part asks for its frontier, its acceptability curve and the value of
perfect information about one parameter.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import metadata

import numpy as np
import pandas as pd
from heormodel.cea import ceac, icer_table
from heormodel.models import MarkovModel
from heormodel.models.markov import CohortSpec
from heormodel.run import run_psa
from heormodel.voi import evpi, evppi

STATES = ("untreated", "first", "on", "remission", "left", "dead")
THRESHOLDS = (0.0, 50_000.0, 100_000.0)


def model(params: pd.Series, strategy: str) -> CohortSpec:
    """One draw's matrix and rewards; the strategies are as ours."""
    start, stop, programme = {
        "Usual": (1.0, 1.0, 0.0),
        "Expand": (params["ratio_start_expand"], 1.0, params["cost_expand"]),
        "Expand plus": (
            params["ratio_start_plus"],
            params["ratio_stop_plus"],
            params["cost_plus"],
        ),
    }[strategy]
    leave, die = params["p_leave"], params["p_die"]
    risks = (
        die,
        die * params["ratio_die_first"],
        die * params["ratio_die_on"],
        params["p_die_remission"],
    )
    moves = np.zeros((6, 6))
    for row, risk in enumerate(risks):
        moves[row, 4], moves[row, 5] = (1 - risk) * leave, risk
    stay = [(1 - risk) * (1 - leave) for risk in risks]
    moves[0, 1] = stay[0] * params["p_start"] * start
    moves[0, 3] = stay[0] * params["p_remit"]
    moves[0, 0] = 1 - moves[0].sum()
    moves[1, 0] = stay[1] * (1 - params["p_stay_first"])
    moves[1, 2] = 1 - moves[1].sum()
    stopping = params["p_stop"] * stop
    moves[2, 0], moves[2, 3] = stay[2] * stopping * 0.7, stay[2] * stopping * 0.3
    moves[2, 2] = 1 - moves[2].sum()
    moves[3, 0] = stay[3] * params["p_relapse"]
    moves[3, 3] = 1 - moves[3].sum()
    moves[4, 4] = moves[5, 5] = 1
    cost = np.zeros(6)
    cost[:4] = [params[f"cost_{each}"] for each in ("untreated", "first", "on", "remission")]
    cost[:4] += programme
    utility = np.zeros(6)
    utility[:2] = params["utility_untreated"] / 12
    utility[2:4] = params["utility_on"] / 12, params["utility_remission"] / 12
    return CohortSpec(moves, cost, utility)


def main(draws_path: str, answers_path: str) -> None:
    """Run, time and save."""
    with np.load(draws_path) as kept:
        draws = pd.DataFrame({name: kept[name] for name in kept.files})
    draws.index.name = "iteration"
    strategies = ("Usual", "Expand", "Expand plus")
    engine = MarkovModel(
        states=STATES,
        interventions=strategies,
        transitions_and_rewards=model,
        n_cycles=60,
        cycle_length=1 / 12,
        discount_rate=0.03,
        cycle_correction="half_cycle",
    )
    run_psa(engine, draws.iloc[:20])
    before = time.perf_counter()
    found = run_psa(engine, draws).outcomes
    default = time.perf_counter() - before
    before = time.perf_counter()
    run_psa(engine, draws, sequential=True)
    alone = time.perf_counter() - before
    table = icer_table(found)
    told = {
        "version": metadata.version("heormodel"),
        "default": default,
        "one process": alone,
        "status": {name: table["status"][name] for name in strategies},
        "icer": {name: float(table["icer"][name]) for name in strategies},
        "ceac": ceac(found, THRESHOLDS)[list(strategies)].to_numpy().tolist(),
        "evpi": [float(value) for value in evpi(found, THRESHOLDS)],
        "evppi": float(evppi(found, draws, "ratio_start_plus", 100_000.0)),
    }
    wide = found.data.reset_index()
    by = {
        measure: np.stack(
            [
                wide[wide["intervention"] == name].sort_values("iteration")[measure].to_numpy()
                for name in strategies
            ]
        )
        for measure in ("cost", "qaly")
    }
    np.savez(answers_path, told=json.dumps(told), **by)


if __name__ == "__main__":
    main(*sys.argv[1:])
