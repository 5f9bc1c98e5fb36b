"""Laws of waiting: more staff never hurts, formulas meet in their limits, a simulation agrees."""

from __future__ import annotations

import heapq
import math
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe.workforce._erlang import blocking, delay, queue
from opsafe.workforce.staffing import staff_for
from opsafe.workforce.wait_standard import OwnWaitStandard, WaitUnit
from opsafe.workforce.waiting import Waiting, waiting

# Sums of 400 rounded terms: what is equal by the formula may differ by this much.
ROUNDING: Final = 1e-12

rates = st.floats(0.02, 500)
servers = st.floats(0.01, 300)
reneging = st.one_of(st.just(0.0), st.floats(1e-9, 1e4), st.floats(0.001, 2))
standards = st.builds(
    OwnWaitStandard,
    number=st.floats(0.01, 200),
    unit=st.sampled_from(get_args(WaitUnit)),
    share=st.floats(0.01, 0.999),
)


@st.composite
def clinics(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments that `waiting` and `staff_for` share, most of them near full load."""
    return {
        "first_visits_requested_per_business_day": draw(rates),
        "first_visits_per_prescriber_per_business_day": draw(st.floats(0.05, 50)),
        "reneging_per_business_day": draw(reneging),
        "standard": draw(standards),
    }


def shares(found: Waiting) -> list[float]:
    return [
        found.utilisation,
        found.share_that_waits,
        found.share_leaving,
        found.share_seen_within_standard,
        found.share_offered_within_standard,
        found.share_seen_same_day,
        found.share_seen_within_72_hours,
    ]


@given(clinics(), st.floats(0.05, 3))
def test_every_answer_is_a_share_or_a_wait(clinic: dict[str, Any], staffed: float) -> None:
    load = (
        clinic["first_visits_requested_per_business_day"]
        / clinic["first_visits_per_prescriber_per_business_day"]
    )
    found = waiting(**clinic, prescribers=max(1e-6, load * staffed))
    assert all(0 <= share <= 1 for share in shares(found))
    assert found.mean_wait_business_days >= 0
    assert math.isinf(found.mean_wait_business_days) == found.is_unstable
    assert found.share_seen_within_standard <= found.share_offered_within_standard + ROUNDING
    assert found.share_leaving == 0 or not found.is_unstable


@given(clinics(), st.floats(0.2, 2), st.floats(1e-6, 3))
def test_more_staff_never_raises_the_wait_or_lowers_the_share_within(
    clinic: dict[str, Any], staffed: float, more: float
) -> None:
    load = (
        clinic["first_visits_requested_per_business_day"]
        / clinic["first_visits_per_prescriber_per_business_day"]
    )
    few = max(1e-6, load * staffed)
    one, two = (waiting(**clinic, prescribers=each) for each in (few, few + more))
    longest = one.mean_wait_business_days
    assert two.mean_wait_business_days <= longest * (1 + 1e-10) + ROUNDING
    assert two.share_that_waits <= one.share_that_waits + ROUNDING
    assert two.share_leaving <= one.share_leaving + ROUNDING
    for name in (
        "share_seen_within_standard",
        "share_offered_within_standard",
        "share_seen_same_day",
        "share_seen_within_72_hours",
    ):
        assert getattr(two, name) >= getattr(one, name) - ROUNDING


@given(rates, rates, servers, reneging, st.floats(0, 30), st.floats(0, 30))
def test_the_share_seen_rises_with_time(
    arrivals: float, rate: float, staff: float, leaving: float, days: float, later: float
) -> None:
    found = queue(arrivals, rate, staff, leaving)
    assert found.seen(days) <= found.seen(days + later) + ROUNDING
    assert found.offered(days) <= found.offered(days + later) + ROUNDING
    assert found.seen(0) - ROUNDING <= found.seen_same_day() <= found.seen(1) + ROUNDING


@given(rates, servers, st.floats(0, 50))
def test_erlang_c_falls_to_nothing_and_erlang_b_is_never_above_it(
    load: float, staff: float, more: float
) -> None:
    assert delay(load, staff + more) <= delay(load, staff) + ROUNDING
    assert blocking(load, staff + more) <= blocking(load, staff) + ROUNDING
    assert blocking(load, staff) <= delay(load, staff) + ROUNDING
    assert delay(load, 4 * load + 100) < 1e-20


@given(st.fractions(Fraction(1, 64), 300, max_denominator=64), st.integers(1, 300))
def test_the_continuous_forms_agree_with_the_exact_recursion(load: Fraction, staff: int) -> None:
    exact = Fraction(1)
    for server in range(1, staff + 1):
        exact = load * exact / (server + load * exact)
    assume(float(exact) > 1e-280)
    assert blocking(float(load), staff) == pytest.approx(float(exact), rel=1e-12)
    if load < staff:
        waits = exact / (1 - load / staff * (1 - exact))
        assert delay(float(load), staff) == pytest.approx(float(waits), rel=1e-12)


@given(rates, servers)
def test_reneging_lies_between_erlang_c_and_erlang_b(load: float, staff: float) -> None:
    waits = [queue(load, 1.0, staff, each).waits for each in (0.0, 1e-3, 0.1, 1.0, 10.0, 1e6)]
    bounds = [*waits, blocking(load, staff)]
    assert all(one >= two - ROUNDING for one, two in pairwise(bounds))
    assert waits[-1] == pytest.approx(bounds[-1], rel=1e-2, abs=1e-4)


@given(st.floats(1, 500), st.floats(1, 300), st.floats(0.1, 0.95))
def test_little_reneging_is_none(rate: float, staff: float, busy: float) -> None:
    patient = queue(busy * staff * rate, rate, staff, 0.0)
    nearly = queue(busy * staff * rate, rate, staff, 1e-9)
    # What reneging changes is in the order of theta / (c mu (1 - rho)^2), here at most 4e-7.
    assert nearly.waits == pytest.approx(patient.waits, rel=1e-5)
    assert nearly.mean_wait == pytest.approx(patient.mean_wait, rel=1e-5, abs=1e-280)
    assert nearly.seen(0.1) == pytest.approx(patient.seen(0.1), rel=1e-5)


@given(clinics(), st.sampled_from([1.0, 0.9, 0.5]))
def test_the_least_staff_meets_its_bounds_and_slightly_less_does_not(
    clinic: dict[str, Any], busiest: float
) -> None:
    found = staff_for(**clinic, max_utilisation=busiest)
    assert found.waiting.meets_standard and found.waiting.utilisation <= busiest
    assert found.waiting_whole.meets_standard
    assert found.prescribers <= found.prescribers_whole < found.prescribers + 1
    assert found.waiting == waiting(**clinic, prescribers=found.prescribers)
    if found.prescribers > 2e-6:
        less = waiting(**clinic, prescribers=found.prescribers - 1e-6)
        assert not less.meets_standard or less.utilisation > busiest


@given(clinics(), st.integers(0, 99))
def test_positions_are_the_least_that_leave_enough_present(
    clinic: dict[str, Any], away: int
) -> None:
    found = staff_for(**clinic, shrinkage=away / 100)
    present = Fraction(100 - away, 100)
    assert found.positions_whole * present >= found.prescribers_whole
    assert (found.positions_whole - 1) * present < found.prescribers_whole
    assert found.positions <= found.positions_whole * (1 + ROUNDING)


def simulated(
    arrivals: float, rate: float, staff: int, leaving: float, limit: float, seed: int
) -> np.ndarray[Any, Any]:
    """Follow requests one by one, first come first served: a row of means for each run.

    A server's next free moment stands in a heap. A request is offered the earliest of them, and
    takes it if its patience lasts so long; who leaves changes nothing for those behind.
    """
    random = np.random.default_rng(seed)
    runs, requests, warm_up = 60, 1_500, 300
    means = []
    for _ in range(runs):
        moments = np.cumsum(random.exponential(1 / arrivals, requests)).tolist()
        visits = random.exponential(1 / rate, requests).tolist()
        patience = (
            random.exponential(1 / leaving, requests) if leaving else np.full(requests, math.inf)
        ).tolist()
        free = [0.0] * staff
        rows = []
        for number, moment in enumerate(moments):
            offered = max(0.0, free[0] - moment)
            stays = patience[number] > offered
            if stays:
                heapq.heapreplace(free, moment + offered + visits[number])
            waited = min(offered, patience[number])
            rest = random.random()  # of the day on which it came
            rows.append(
                (
                    offered > 0,
                    waited,
                    not stays,
                    stays and offered <= limit,
                    offered <= limit,
                    stays and offered <= rest,
                )
            )
        means.append(np.mean(rows[warm_up:], axis=0))
    return np.array(means)


@pytest.mark.parametrize("case", [
    (4.0, 1.0, 6, 0.0, 0.5), (0.2, 0.1, 3, 0.0, 10.0), (4.0, 1.0, 5, 0.3, 0.5),
    (8.0, 1.0, 6, 0.5, 1.0), (1.0, 2.0, 1, 3.0, 0.2), (6.0, 0.5, 10, 0.2, 2.0),
])  # fmt: skip
def test_a_simulation_agrees_within_its_standard_error(
    case: tuple[float, float, int, float, float],
) -> None:
    *numbers, limit = case
    arrivals, rate, staff, leaving = numbers
    found = queue(arrivals, rate, staff, leaving)
    exact = np.array([
        found.waits,
        found.mean_wait,
        found.leaves,
        found.seen(limit),
        found.offered(limit),
        found.seen_same_day(),
    ])  # fmt: skip
    means = simulated(arrivals, rate, int(staff), leaving, limit, seed=11)
    error = means.std(axis=0, ddof=1) / math.sqrt(len(means))
    assert (np.abs(means.mean(axis=0) - exact) <= 4 * error).all()
