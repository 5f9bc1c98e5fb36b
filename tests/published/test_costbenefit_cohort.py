"""Published cohort models: Sick-Sicker, HIV and hip replacement, and the six-state model of OUD."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe.quantity import FloatArray

ROWS: Final = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"]))
    for row in csv.DictReader(
        (Path(__file__).parent / "costbenefit_cohort.csv").read_text(encoding="utf-8").splitlines()
    )
}


def totals(run: cb.Run) -> dict[str, tuple[float, float]]:
    return {
        name: (float(cost), float(effect))
        for name, cost, effect in zip(
            run.strategies, run.costs[:, 0], run.effects[:, 0], strict=True
        )
    }


# ------------------------------------------------------------------------------- Sick-Sicker


def sick_sicker(**changes: Any) -> cb.CohortModel:
    """Four states, yearly cycles; SICK-03's row in our words."""
    given, _ = ROWS["SICK-03"]
    cost, utility = given["cost"], given["utility"]
    rates = given["rates"]
    fields: dict[str, Any] = {
        "states": given["states"],
        "cycle": "year",
        "cycles": given["cycles"],
        "parameters": {
            "hr": 1,
            "p_HD": f"1 - exp(-{rates['HD']})",
            "p_S1D": f"1 - exp(-{rates['HD']} * {given['hr_death_S1']})",
            "p_S2D": f"1 - exp(-{rates['HD']} * {given['hr_death_S2']})",
            "p_HS1": f"1 - exp(-{rates['HS1']})",
            "p_S1H": f"1 - exp(-{rates['S1H']})",
            "p_S1S2": f"1 - exp(-{rates['S1S2']} * hr)",
        },
        "transitions": {
            "H": {"S1": "(1 - p_HD) * p_HS1", "D": "p_HD", "H": "rest"},
            "S1": {
                "H": "(1 - p_S1D) * p_S1H",
                "S2": "(1 - p_S1D) * p_S1S2",
                "D": "p_S1D",
                "S1": "rest",
            },
            "S2": {"D": "p_S2D", "S2": "rest"},
        },
        "costs": {"care": {state: cost[state] for state in given["states"]}},
        "utilities": {state: utility[state] for state in given["states"]},
        "conventions": {
            "discount_rate_costs": given["discount"],
            "discount_rate_effects": given["discount"],
            "within_cycle": "simpson",
        },
    }
    return cb.CohortModel(**{**fields, **changes})


def sick_strategies() -> dict[str, Any]:
    given, _ = ROWS["SICK-03"]
    a, b = given["cost"]["trtA"], given["cost"]["trtB"]
    better = {"S1": given["utility"]["S1_trtA"]}
    slower = {"hr": given["hr_S1S2_trtB"]}

    def treatment(usd: float) -> dict[str, dict[str, float]]:
        return {"treatment": {"S1": usd, "S2": usd}}

    return {
        "SoC": {},
        "A": {"costs": treatment(a), "utilities": better},
        "B": {"costs": treatment(b), "parameters": slower},
        "AB": {"costs": treatment(a + b), "utilities": better, "parameters": slower},
    }


def test_sick_sicker_with_simpsons_own_weights() -> None:
    _, expected = ROWS["SICK-03"]
    found = totals(cb.simulate(sick_sicker(), sick_strategies()))
    for name, (cost, qaly) in found.items():
        assert cost == pytest.approx(expected["cost"][name], rel=1e-9)
        assert qaly == pytest.approx(expected["qaly"][name], rel=1e-9)


def shifted_simpson(cycles: int) -> FloatArray:
    """The weights of the published tutorial: 1/3, 2/3, 4/3, ..., one point late."""
    weights = np.where(np.arange(1, cycles + 2) % 2 == 0, 2 / 3, 4 / 3)
    weights[[0, -1]] = 1 / 3
    return weights


def test_the_published_sick_sicker_comes_from_shifted_weights() -> None:
    """Its tutorial prints 20.711 quality-adjusted years and ICERs of 72,988 and 125,764."""
    run = cb.simulate(sick_sicker(), sick_strategies(), keep="trace")
    assert run.trace is not None
    weights = shifted_simpson(run.cycles) * cb.discount_factors(0.03, np.arange(run.cycles + 1))
    assert shifted_simpson(60).sum() == pytest.approx(59 + 1 / 3)  # and not 60
    people = np.einsum("k,akxn->ax", weights, run.trace)
    cost = {"SoC": 0, "A": 12_000, "B": 13_000, "AB": 25_000}
    found = {
        name: (
            people[n] @ np.array([2_000, 4_000 + cost[name], 15_000 + cost[name], 0]),
            people[n] @ np.array([1, 0.95 if "A" in name else 0.75, 0.5, 0]),
        )
        for n, name in enumerate(run.strategies)
    }
    assert found["SoC"][1] == pytest.approx(20.711, abs=5e-4)
    for one, other, icer in (("SoC", "B", 72_988), ("B", "AB", 125_764)):
        more = np.subtract(found[other], found[one])
        assert more[0] / more[1] == pytest.approx(icer, abs=0.5)


def test_half_cycle_weights_give_other_icers_than_the_published() -> None:
    conventions = {"discount_rate_costs": 0.03, "discount_rate_effects": 0.03}
    found = totals(cb.simulate(sick_sicker(conventions=conventions), sick_strategies()))
    for one, other, icer in (("SoC", "B", 73_134), ("B", "AB", 125_532)):
        more = np.subtract(found[other], found[one])
        assert more[0] / more[1] == pytest.approx(icer, abs=0.5)


# ------------------------------------------------------------------------------ HIV and hips


def test_hiv_therapy_in_england_1997() -> None:
    given, expected = ROWS["BRIGGS-HIV"]
    states, drug = given["states"], given["drug_cost"]
    counts = {state: dict(zip(states, row, strict=True)) for state, row in zip(
        states, given["counts"], strict=True
    )}  # fmt: skip
    transitions: dict[str, Any] = {
        state: {
            target: "rest" if target == state else f"rr * {n} / {sum(row.values())}"
            for target, n in row.items()
            if n
        }
        for state, row in counts.items()
        if state != "D"
    }
    model = cb.CohortModel(
        states=states,
        cycle="year",
        cycles=given["cycles"],
        parameters={"rr": 1},
        transitions=transitions,
        costs={
            "care": dict(zip(states, given["health_cost"], strict=True)),
            "drug": dict.fromkeys(states[:3], drug["zidovudine"]),
        },
        utilities=dict.fromkeys(states[:3], 1),
        conventions=cb.Conventions(discount_rate_costs=given["discount_cost"], within_cycle="end"),
    )
    first = f"cycle < {given['rr_applies_cycles']}"
    added = f"where(cycle < {drug['lamivudine_cycles']}, {drug['lamivudine']}, 0)"
    both = f"{drug['zidovudine']} + {added}"
    found = totals(
        cb.simulate(
            model,
            {
                "mono": {},
                "comb": {
                    "parameters": {"rr": f"where({first}, {given['rr_combination']}, 1)"},
                    "costs": {"drug": dict.fromkeys(states[:3], both)},
                },
            },
        )
    )
    for name, (cost, years) in found.items():
        assert cost == pytest.approx(expected["cost"][name], rel=1e-7)
        assert years == pytest.approx(expected["life_years"][name], rel=1e-7)
    more = np.subtract(found["comb"], found["mono"])
    assert more[0] / more[1] == pytest.approx(expected["icer"], rel=1e-7)


def test_total_hip_replacement() -> None:
    given, expected = ROWS["BRIGGS-THR"]
    utility, cost = given["utility"], given["cost"]
    model = cb.CohortModel(
        states=given["states"],
        cycle="year",
        cycles=given["cycles"],
        start_age=given["age_init"] + 1,  # it counts cycles from 1
        parameters={
            "per_1000": given["mortality_per_1000_by_decade_35_85"]["female"],
            "die": "where(cycle == 0, 0, per_1000[min(floor((age - 35) / 10), 5)] / 1000)",
            "scale": f"exp({given['cons']} + {given['ageC']} * {given['age_init']})",
            "shape": f"exp({given['lngamma']})",
            "rr": 1,
            "revise": "1 - exp(scale * rr * (cycle ** shape - (cycle + 1) ** shape))",
        },
        transitions={
            "PrimaryTHR": {"Death": given["omrPTHR"], "SuccessP": "rest"},
            "SuccessP": {"RevisionTHR": "revise", "Death": "die", "SuccessP": "rest"},
            "RevisionTHR": {"Death": f"{given['omrRTHR']} + die", "SuccessR": "rest"},
            "SuccessR": {"RevisionTHR": given["rrr"], "Death": "die", "SuccessR": "rest"},
        },
        costs={"surgery": {"PrimaryTHR": cost["standard"], "RevisionTHR": cost["revision"]}},
        utilities={
            "SuccessP": utility["successP"],
            "RevisionTHR": utility["revision"],
            "SuccessR": utility["successR"],
        },
        conventions=cb.Conventions(
            discount_rate_costs=given["discount_cost"],
            discount_rate_effects=given["discount_utility"],
            within_cycle="start",
        ),
    )
    np1 = cb.Strategy(
        parameters={"rr": f"exp({given['lnrrNP1']})"},
        costs={"surgery": {"PrimaryTHR": cost["np1"]}},
    )
    run = cb.simulate(model, {"standard": cb.Strategy(), "np1": np1}, keep="trace")
    found = totals(run)
    for name, (usd, qaly) in found.items():
        assert usd == pytest.approx(expected[name]["cost"], rel=1e-7)
        assert qaly == pytest.approx(expected[name]["qaly"], rel=1e-7)
    more = np.subtract(found["np1"], found["standard"])
    assert more[0] / more[1] == pytest.approx(expected["icer"], rel=1e-7)
    assert run.trace is not None
    for printed in (2, 9):
        people = dict(zip(run.states, run.trace[0, printed - 1, :, 0], strict=True))
        for state, share in expected[f"standard_counts_cycle{printed}"].items():
            assert people[state] == pytest.approx(share, abs=1e-8)


# -------------------------------------------------------------------------- six states of OUD


def six_states(within_cycle: Any = "half_cycle") -> cb.CohortModel:
    given, _ = ROWS["XENG-05"]
    alive = given["states"][:4]
    return cb.CohortModel(
        states=given["states"],
        cycle="month",
        cycles=given["cycles"],
        parameters={
            **given["params"],
            "rr": 1,
            "rd": 1,
            "programme": 0,
            "stay": "1 - p_leave",
            "die_B1": "p_dieU * rr_die1",
            "die_M": "p_dieU * rr_die",
            "a_U": "(1 - p_dieU) * stay",
            "a_B1": "(1 - die_B1) * stay",
            "a_M": "(1 - die_M) * stay",
            "a_R": "(1 - p_dieR) * stay",
            "stop": "p_disc * rd",
        },
        transitions={
            "U": {
                "B1": "a_U * p_init * rr",
                "R": "a_U * p_rem",
                "L": "(1 - p_dieU) * p_leave",
                "D": "p_dieU",
                "U": "rest",
            },
            "B1": {
                "U": "a_B1 * (1 - p_ret1)",
                "M": "a_B1 * p_ret1",
                "L": "(1 - die_B1) * p_leave",
                "D": "die_B1",
            },
            "M": {
                "U": "a_M * stop * 0.7",
                "R": "a_M * stop * 0.3",
                "M": "a_M * (1 - stop)",
                "L": "(1 - die_M) * p_leave",
                "D": "die_M",
            },
            "R": {
                "U": "a_R * p_relapse",
                "R": "a_R * (1 - p_relapse)",
                "L": "(1 - p_dieR) * p_leave",
                "D": "p_dieR",
            },
        },
        costs={
            "care": {state: f"c_{state}" for state in alive},
            "programme": dict.fromkeys(alive, "programme"),
        },
        utilities={"U": "u_U", "B1": "u_U", "M": "u_M", "R": "u_R"},
        conventions=cb.Conventions(
            discount_rate_costs=given["discount_annual_effective"],
            discount_rate_effects=given["discount_annual_effective"],
            within_cycle=within_cycle,
        ),
    )


SIX_STRATEGIES: Final = {
    "Usual": {},
    "Expand": {"parameters": {"rr": "rr_A", "programme": "c_A"}},
    "ExpandPlus": {"rr": "rr_B", "rd": "rr_discB", "programme": "c_B"},
}


def test_the_six_states_counted_by_a_life_table() -> None:
    _, expected = ROWS["XENG-05"]
    found = totals(cb.simulate(six_states("life_table"), SIX_STRATEGIES))
    for name, (cost, qaly) in found.items():
        assert cost == pytest.approx(expected["cost"][name], rel=1e-9)
        assert qaly == pytest.approx(expected["qaly"][name], rel=1e-9)


def test_the_trace_of_the_six_states() -> None:
    _, expected = ROWS["XENG-07"]
    run = cb.simulate(six_states(), SIX_STRATEGIES, keep="trace")
    assert run.trace is not None
    for month in (12, 60):
        for n, name in enumerate(run.strategies):
            np.testing.assert_allclose(
                run.trace[n, month, :, 0], expected[f"t{month}"][name], rtol=0, atol=1e-10
            )
