"""A plan's projection, siting and waiting times: seconds, memory and proven gaps.

    python benchmarks/workforce.py            3 rounds
    python benchmarks/workforce.py --full     7 rounds, and the search for hires

Everything runs in one process; figures are medians. The run of expected values is compared with
the same scenario under draws without chance, and Erlang C with the recursion for whole servers.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from harness.machine import machine, sentence

from opsafe import workforce as wf
from opsafe.uncertainty import Uniform

AREAS: Final = 60
MONTHS: Final = 36
DRAWS: Final = 2_000
MEDICATIONS: Final = ("buprenorphine", "methadone", "naltrexone")
GOALS: Final = {"expected": 0.020, "one stream": 1.5, "twelve streams": 5.0, "siting": 10.0}
MOST_MB: Final = 600


def plan(lines: int, medications: tuple[str, ...], *, chance: bool = True) -> wf.Scenario:
    """Return a made-up plan of many areas; a third of them hire somebody each month."""
    areas = [f"area {number}" for number in range(AREAS)]
    curve = wf.Retention(gap_days=30, scale_months=9, shape=0.7)
    prevalence = Uniform(low=0.008, high=0.016) if chance else 0.012
    return wf.Scenario(
        demand=tuple(
            wf.Demand(
                members=10_000 + 500 * number,
                ages="12+",
                oud_base="survey",
                prevalence=prevalence,
                undercount=1.5,
                seeking=0.4,
                on_treatment=20,
                reneging_per_month=0.2,
                area=area,
                line_of_business=f"line {line}",
                medication=medication,
                medication_share=0.9 / len(medications),
                retention=curve,
            )
            for number, area in enumerate(areas)
            for line in range(lines)
            for medication in medications
        ),
        supply=tuple(
            wf.Supply(
                area=area,
                open_to_plan=3 + number % 4,
                hires_per_month=int(number % 3 == 0),
            )
            if medication == "buprenorphine"
            else wf.Supply(area=area, medication=medication, places=60.0)
            for number, area in enumerate(areas)
            for medication in medications
        ),
        capacity=wf.PanelCapacity(panel="jones-2018-new", plan_share=0.5),
        leaving_first_year=0.3,
        leaving_later=0.1,
        chance=chance,
    )


def region(areas: int = 300, sites: int = 60) -> dict[str, object]:
    """Return a made-up region: gaps, travel in minutes, and heads to place."""
    source = np.random.Generator(np.random.PCG64(2026))
    homes, offices = source.uniform(0, 80, (areas, 2)), source.uniform(0, 80, (sites, 2))
    miles = 1.3 * np.hypot(*(homes[:, None, :] - offices[None, :, :]).transpose(2, 0, 1))
    return {
        "gaps": source.lognormal(np.log(3) - 0.5, 1, areas),
        "travel_minutes": 4 + miles * 1.5,
        "new_heads": 30,
        "panel": 42.9,
        "plan_share": 0.5,
        "limit": wf.Reach(minutes=20),
    }


def seconds(call: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call."""
    found = []
    for _ in range(rounds):
        before = time.perf_counter()
        call()
        found.append(time.perf_counter() - before)
    return statistics.median(found)


def erlang_c(load: float, servers: int) -> float:
    """Return the share that waits, by the recursion for whole servers."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def compare_answers() -> None:
    """Hold fast roads against plain ones."""
    sure = plan(1, MEDICATIONS[:1], chance=False)
    alone = wf.project(sure, start="2026-01", months=MONTHS)
    drawn = wf.project(sure, start="2026-01", months=MONTHS, draws=5, seed=1)
    same = all(
        np.allclose(alone.by_month[f"{name}_median"], drawn.by_month[f"{name}_median"], rtol=1e-12)
        for name in ("treated", "waiting", "gap", "capacity", "share_met")
    )
    print(f"expected values and draws without chance agree: {same}")
    ours = wf.waiting(
        first_visits_requested_per_business_day=80,
        prescribers=45,
        first_visits_per_prescriber_per_business_day=2,
        standard="wait-medicaid-2024",
    ).share_that_waits
    print(f"Erlang C and the recursion agree: {np.isclose(ours, erlang_c(40, 45), rtol=1e-12)}")
    assert same and np.isclose(ours, erlang_c(40, 45), rtol=1e-12)


def beside_access(rounds: int) -> None:
    """Time two-step floating catchment areas beside PySAL's access, where it is installed."""
    try:
        import pandas as pd  # noqa: PLC0415 - a peer that may be absent
        from access import fca, weights  # noqa: PLC0415 - the same
    except ImportError:
        print("access (PySAL) is not installed: pip install --group peers")
        return
    asked = region()
    minutes = np.asarray(asked["travel_minutes"])
    members, heads = np.asarray(asked["gaps"]), np.ones(minutes.shape[1])
    origin, site = (axis.ravel() for axis in np.indices(minutes.shape))
    pairs = pd.DataFrame({"origin": origin, "dest": site, "cost": minutes.ravel()})
    demand, supply = pd.DataFrame({"members": members}), pd.DataFrame({"heads": heads})

    def theirs() -> pd.Series:
        return fca.two_stage_fca(
            demand,
            supply,
            pairs,
            max_cost=60,
            demand_index=True,
            demand_name="members",
            supply_index=True,
            supply_name="heads",
            weight_fn=weights.step_fn({20: 1, 40: 0.68, 60: 0.22}),
            normalize=False,
        )

    def ours() -> wf.Access:
        return wf.access(members, heads, minutes, bands=((20, 1.0), (40, 0.68), (60, 0.22)))

    answer = theirs().reindex(range(len(members)), fill_value=0.0).to_numpy()
    assert np.allclose(ours().by_area["access_ratio"], answer, rtol=1e-9)
    ratio = seconds(theirs, rounds) / seconds(ours, rounds)
    print(f"access by area, answers equal: {ratio:.1f} times as fast as PySAL's access")


def beside_pyworkforce(rounds: int) -> None:
    """Time Erlang C beside pyworkforce, where it is installed."""
    try:
        from pyworkforce.queuing import ErlangC  # noqa: PLC0415 - a peer that may be absent
    except ImportError:
        print("pyworkforce is not installed: pip install --group peers")
        return
    theirs = ErlangC(transactions=100, aht=3, asa=0.33, interval=30, shrinkage=0.0)

    def ours() -> wf.Waiting:
        return wf.waiting(
            first_visits_requested_per_business_day=100,
            prescribers=14,
            first_visits_per_prescriber_per_business_day=10,
            standard=wf.OwnWaitStandard(number=0.33 / 30, unit="business_days", share=0.8),
        )

    assert np.isclose(ours().share_seen_within_standard, theirs.service_level(positions=14))
    ratio = seconds(lambda: theirs.service_level(positions=14), 50 * rounds) / seconds(
        ours, 50 * rounds
    )
    print(f"Erlang C with all that a plan asks of it, answers equal: {ratio:.2f} times as fast")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    rounds = 7 if full else 3
    print(f"{sentence(machine())}\n")
    compare_answers()
    one, twelve = plan(1, MEDICATIONS[:1]), plan(4, MEDICATIONS)
    draws = {"start": "2026-01", "months": MONTHS, "draws": DRAWS, "seed": 7}
    wf.project(one, start="2026-01", months=MONTHS)
    found = {
        "expected": seconds(lambda: wf.project(one, start="2026-01", months=MONTHS), rounds),
        "one stream": seconds(lambda: wf.project(one, **draws), rounds),
        "twelve streams": seconds(lambda: wf.project(twelve, **draws), rounds),
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    siting = wf.site(**region())
    found["siting"] = seconds(lambda: wf.site(**region()), rounds)
    for name, took in found.items():
        met = "met" if took <= GOALS[name] else "MISSED"
        print(f"{name}: {took:.3f} s; goal {GOALS[name]:g} s: {met}")
    print(f"memory: {memory} MB; goal {MOST_MB} MB: {'met' if memory <= MOST_MB else 'MISSED'}")
    met = "met" if siting.gap <= 0.05 else "MISSED"
    print(f"siting, proven gap: {siting.gap:.2%}; goal 5%: {met}")
    beside_access(rounds)
    beside_pyworkforce(rounds)
    if full:
        ready = wf.project(one, **draws)
        target = {"share_met": 0.3, "by_month": 24, "confidence": 0.8}
        before = time.perf_counter()
        answer = ready.hires_for(**target)
        took = time.perf_counter() - before
        print(f"hires for a target: {answer.hires_per_month} a month, {took:.1f} s")


if __name__ == "__main__":
    main()
