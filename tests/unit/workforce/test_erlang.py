"""Erlang's formulas against exact chains of births and deaths, which know no integral."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import erfcx, gammainc

from opsafe.workforce._erlang import blocking, delay, queue

LOADS: Final = [0.01, 0.5, 1.0, 3.0, 9.9, 10.0, 30.0, 99.5, 150.0, 400.0]
SERVERS: Final = [1, 2, 3, 10, 31, 60, 100, 200]


def exact_blocking(load: float, servers: int) -> Fraction:
    """Erlang B by its recursion, without rounding."""
    found = Fraction(1)
    for server in range(1, servers + 1):
        found = Fraction(load) * found / (server + Fraction(load) * found)
    return found


def chain(
    arrivals: float, rate: float, servers: int, reneging: float
) -> tuple[list[Decimal], Decimal]:
    """States of the queue with reneging, not yet divided by their sum, until they are nothing."""
    states = [Decimal(1)]
    highest = Decimal(0)
    while len(states) <= servers or states[-1] > highest * Decimal("1e-30"):
        highest = max(highest, states[-1])
        at_work = min(len(states), servers)
        waiting = len(states) - at_work
        leaving = at_work * Decimal(rate) + waiting * Decimal(reneging)
        states.append(states[-1] * Decimal(arrivals) / leaving)
    return states, sum(states, Decimal(0))


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("servers", SERVERS)
def test_whole_servers_agree_with_the_exact_recursion(load: float, servers: int) -> None:
    exact = exact_blocking(load, servers)
    assert blocking(load, servers) == pytest.approx(float(exact), rel=1e-12, abs=1e-300)
    if load < servers:
        rho = Fraction(load) / servers
        waits = exact / (1 - rho * (1 - exact))
        assert delay(load, servers) == pytest.approx(float(waits), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("load, servers", [
    (1e5, 100_000), (1e5, 99_000), (1e5, 101_000), (5e4, 100_000), (1e5, 1_000), (1e5, 1),
    (0.001, 3), (1e-6, 40), (2_000.0, 2_100),
])  # fmt: skip
def test_large_and_small_loads_agree_with_the_recursion(load: float, servers: int) -> None:
    recursive = 1.0
    for server in range(1, servers + 1):
        recursive = load * recursive / (server + load * recursive)
    assert blocking(load, servers) == pytest.approx(recursive, rel=1e-10, abs=1e-290)


@pytest.mark.parametrize("load", [1e-6, 0.01, 0.3, 1.0, 7.0, 100.0, 1e4, 1e5])
def test_half_a_server_has_a_closed_form(load: float) -> None:
    # Gamma(3/2, a) = sqrt(a) e^-a + sqrt(pi)/2 erfc(sqrt(a)), and erfcx(z) = e^(z^2) erfc(z).
    exact = 1 / (1 + math.sqrt(math.pi) / 2 * erfcx(math.sqrt(load)) / math.sqrt(load))
    assert blocking(load, 0.5) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("load", [0.02, 0.8, 5.0, 60.0, 3_000.0, 1e5])
@pytest.mark.parametrize("servers", [1e-6, 0.1, 0.73, 1.5, 18.7, 61.3, 2_950.5, 99_999.5])
def test_fractional_servers_obey_the_recursion(load: float, servers: float) -> None:
    one, next_one = blocking(load, servers), blocking(load, servers + 1)
    assert next_one == pytest.approx(load * one / (servers + 1 + load * one), rel=1e-10, abs=1e-290)


def test_edges_of_the_formulas_without_reneging() -> None:
    assert blocking(0, 3) == 0 and delay(0, 3) == 0
    assert blocking(5, 0) == pytest.approx(1, abs=1e-14)
    assert delay(3, 3) == delay(4, 3) == delay(4, 0) == 1
    assert blocking(1, 2_000) == 0  # e^-13000 is no float, and no error either


# Scales from x = c mu / theta of 0.1 to 1e6, below, at and above full load.
CHAINS: Final = [
    (9.0, 1.0, 10, 0.1), (9.0, 1.0, 10, 10.0), (12.0, 1.0, 10, 0.1), (10.0, 1.0, 10, 1e-3),
    (3.0, 1.5, 1, 0.02), (0.2, 0.1, 3, 0.05), (0.5, 0.1, 3, 2.0), (40.0, 0.5, 60, 0.01),
    (9.0, 1.0, 10, 1e-5), (9.99, 1.0, 10, 1e-5), (10.01, 1.0, 10, 1e-5), (1.0, 0.01, 2, 100.0),
    (300.0, 2.0, 100, 0.5),
]  # fmt: skip


@pytest.mark.parametrize("case", CHAINS)
def test_reneging_agrees_with_the_exact_chain(case: tuple[float, float, int, float]) -> None:
    arrivals, rate, servers, reneging = case
    with localcontext() as context:
        context.prec = 40
        states, total = chain(*case)
        waits = sum(states[servers:], Decimal(0)) / total
        length = sum((k * each for k, each in enumerate(states[servers:])), Decimal(0)) / total
        leaves = length * Decimal(reneging) / Decimal(arrivals)
    found = queue(*case)
    assert found.waits == pytest.approx(float(waits), rel=1e-10)
    assert found.leaves == pytest.approx(float(leaves), rel=1e-9)
    assert found.mean_wait == pytest.approx(float(length) / arrivals, rel=1e-9)
    assert found.utilisation == pytest.approx(
        arrivals * (1 - float(leaves)) / (servers * rate), rel=1e-9
    )
    assert found.seen(math.inf) == pytest.approx(1 - found.leaves, abs=1e-12)
    assert found.offered(math.inf) == pytest.approx(1, abs=1e-12)


def tagged(case: tuple[float, float, int, float], days: list[float]) -> tuple[Any, Any]:
    """Shares offered and seen within days, by following one request through the queue.

    The request finds k others waiting and everybody busy. They move up at the rate of all servers
    and of those ahead who leave; the request itself leaves too, unless only its offer is asked.
    """
    _, rate, servers, reneging = case
    with localcontext() as context:
        context.prec = 40
        states, total = chain(*case)
        ahead = np.array([float(each / total) for each in states[servers:]])
        ahead = ahead[: np.flatnonzero(ahead > 1e-14)[-1] + 1]
        at_once = float(sum(states[:servers], Decimal(0)) / total)
    size = len(ahead)
    moves = np.diag(servers * rate + reneging * np.arange(size))
    shares = []
    for own in (0.0, reneging):
        # The last state but one is "seen", the last "left".
        rates = np.zeros((size + 2, size + 2))
        rates[:size, :size] = -moves - own * np.eye(size) + np.diag(np.diag(moves)[1:], -1)
        rates[0, size], rates[:size, size + 1] = moves[0, 0], own
        start = np.concatenate([ahead, [0.0, 0.0]])
        shares.append([at_once + float((start @ expm(rates * each))[size]) for each in days])
    return shares[0], shares[1]


@pytest.mark.parametrize("case", [
    (9.0, 1.0, 10, 0.1), (9.0, 1.0, 10, 5.0), (12.0, 1.0, 10, 0.2), (3.0, 1.5, 1, 0.3),
    (1.0, 0.2, 3, 1.0), (0.3, 0.1, 3, 0.02),
])  # fmt: skip
def test_offered_and_seen_agree_with_a_request_followed_through_the_queue(
    case: tuple[float, float, int, float],
) -> None:
    found = queue(*case)
    days = [0.0, 0.01, 0.3, 1.0, 15 / 7, 4.0, 10.0, 40.0]
    offered, seen = tagged(case, days)
    np.testing.assert_allclose([found.offered(each) for each in days], offered, rtol=1e-9)
    np.testing.assert_allclose([found.seen(each) for each in days], seen, rtol=1e-9)


@pytest.mark.parametrize("case", [
    (9.0, 1.0, 10, 0.1), (12.0, 1.0, 10, 0.2), (9.0, 1.0, 10, 0.0), (3.0, 1.5, 1, 0.3),
    (300.0, 31.0, 10, 2.0),
])  # fmt: skip
def test_the_same_day_is_the_mean_over_the_rest_of_the_day(
    case: tuple[float, float, int, float],
) -> None:
    found = queue(*case)
    points, weights = np.polynomial.legendre.leggauss(80)
    mean = sum(w / 2 * found.seen((1 + p) / 2) for p, w in zip(points, weights, strict=True))
    assert found.seen_same_day() == pytest.approx(mean, rel=1e-10)


@pytest.mark.parametrize("servers", [1.0, 2.5, 9.7, 14.0])
def test_without_reneging_it_is_erlang_c(servers: float) -> None:
    load = 0.9 * servers
    patient, nearly = queue(load, 1.0, servers, 0.0), queue(load, 1.0, servers, 1e-9)
    assert nearly.waits == pytest.approx(patient.waits, rel=1e-6)
    assert nearly.mean_wait == pytest.approx(patient.mean_wait, rel=1e-6)
    assert nearly.seen(2.0) == pytest.approx(patient.seen(2.0), rel=1e-6)
    assert nearly.leaves == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("servers", [0.4, 1.0, 9.7, 30.0])
def test_where_nobody_waits_at_all_it_is_erlang_b(servers: float) -> None:
    found = queue(11.0, 1.0, servers, 1e9)
    assert found.waits == pytest.approx(blocking(11.0, servers), rel=1e-6)
    assert found.leaves == pytest.approx(blocking(11.0, servers), rel=1e-6)


@pytest.mark.parametrize("servers", [0.3, 1.0, 4.5, 9.0, 25.25, 400.0])
@pytest.mark.parametrize("load", [0.1, 3.0, 9.0, 420.0])
def test_leaving_as_fast_as_being_served_is_a_poisson_queue(load: float, servers: float) -> None:
    # Everybody present goes at the same rate, so those present are Poisson(load); for whole
    # servers the share that waits is P(N >= c), which is the lower incomplete gamma function.
    found = queue(load * 2, 2.0, servers, 2.0)
    assert found.waits == pytest.approx(float(gammainc(servers, load)), rel=1e-10, abs=1e-290)


def test_one_server_with_equal_rates_has_closed_forms() -> None:
    # lambda = mu = theta = 1: P(V <= t) = e^(-u), and seen (1 + u) e^(-u) - 1/e, with u = e^-t.
    found = queue(1.0, 1.0, 1.0, 1.0)
    assert found.leaves == pytest.approx(math.exp(-1), rel=1e-13)
    assert found.mean_wait == pytest.approx(math.exp(-1), rel=1e-13)
    assert found.utilisation == pytest.approx(1 - math.exp(-1), rel=1e-13)
    for days in (0.0, 0.2, 1.0, 3.0, 9.0):
        u = math.exp(-days)
        assert found.offered(days) == pytest.approx(math.exp(-u), rel=1e-13)
        assert found.seen(days) == pytest.approx((1 + u) * math.exp(-u) - math.exp(-1), rel=1e-12)


@pytest.mark.parametrize("arrivals", [1e-6, 1.0, 99.0, 100.0, 101.0, 1e5])
@pytest.mark.parametrize("servers", [1e-6, 0.5, 100.0, 1e5])
@pytest.mark.parametrize("reneging", [1e-9, 1e-4, 1.0, 1e4])
def test_the_whole_range_stays_finite(arrivals: float, servers: float, reneging: float) -> None:
    found = queue(arrivals, 1.0, servers, reneging)
    shares = [found.waits, found.leaves, found.utilisation, found.seen_same_day()]
    shares += [share(days) for share in (found.offered, found.seen) for days in (0.0, 1e-3, 1e4)]
    assert all(0 <= share <= 1 for share in shares)
    assert math.isfinite(found.mean_wait) and found.mean_wait >= 0
    # What comes in is seen or leaves.
    assert found.seen(math.inf) + found.leaves == pytest.approx(1, abs=1e-10)
    # What is seen is what the servers do. Where almost nobody is left over, 1 - leaves is rounded.
    assert arrivals * found.seen(math.inf) == pytest.approx(
        found.utilisation * servers, rel=1e-6, abs=arrivals * 1e-14
    )


def test_without_servers_everybody_leaves_or_waits_forever() -> None:
    leaving, staying = queue(2.0, 1.0, 0.0, 0.5), queue(2.0, 1.0, 0.0, 0.0)
    assert leaving.leaves == 1 and leaving.mean_wait == 2 and not leaving.unstable
    assert staying.leaves == 0 and staying.mean_wait == math.inf and staying.unstable
    for found in (leaving, staying):
        assert found.seen(10) == found.offered(10) == found.seen_same_day() == 0


@pytest.mark.parametrize("servers, reneging", [(0.0, 0.0), (0.0, 1.0), (3.0, 0.0), (3.0, 1.0)])
def test_without_arrivals_nobody_waits(servers: float, reneging: float) -> None:
    found = queue(0.0, 1.0, servers, reneging)
    assert found.waits == found.leaves == found.mean_wait == found.utilisation == 0
    assert found.seen(0) == found.offered(0) == found.seen_same_day() == 1 and not found.unstable
