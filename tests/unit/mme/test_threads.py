"""Results are taken in the order of their tasks, whatever order they come in."""

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from opsafe.mme._population.threads import InTurn, Workers, short_turns


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_results_are_taken_in_the_order_of_their_tasks(order: tuple[int, ...]) -> None:
    taken: list[str] = []
    kept = InTurn(taken.append)
    for count, position in enumerate(order, start=1):
        kept.give(position, f"result {position}")
        given = set(order[:count])
        first_missing = next((at for at in range(4) if at not in given), 4)
        assert taken == [f"result {at}" for at in range(first_missing)]


def test_threads_leave_no_result_behind() -> None:
    waits = random.Random(7).choices(range(2000), k=300)
    taken: list[int] = []
    kept = InTurn(taken.append)

    def work(position: int) -> None:
        sum(range(waits[position]))
        kept.give(position, position)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(300)))
    assert taken == list(range(300))


def test_what_goes_wrong_in_taking_is_raised() -> None:
    def refuse(result: int) -> None:
        raise ValueError(result)

    kept = InTurn(refuse)
    with Workers(2) as workers, pytest.raises(ValueError, match="0"):
        list(workers.map(lambda position: kept.give(position, position), range(3)))


@pytest.fixture
def usual() -> Iterator[float]:
    """The interval that the program had set, which the test may leave in any state."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.02)
    yield sys.getswitchinterval()
    sys.setswitchinterval(before)


def test_turns_are_short_until_the_last_run_is_over(usual: float) -> None:
    with short_turns():
        with pytest.raises(KeyError), Workers(2):
            raise KeyError
        assert sys.getswitchinterval() == pytest.approx(0.0001)
        with Workers(1):
            assert sys.getswitchinterval() == pytest.approx(0.0001)
    assert sys.getswitchinterval() == usual


def test_turns_of_one_thread_are_left_alone(usual: float) -> None:
    with Workers(1):
        assert sys.getswitchinterval() == usual


@pytest.mark.usefixtures("usual")
@pytest.mark.parametrize("interval", [0.00005, 0.001])
def test_an_interval_that_somebody_else_sets_is_kept(interval: float) -> None:
    with short_turns():
        sys.setswitchinterval(interval)
    assert sys.getswitchinterval() == pytest.approx(interval)


@pytest.mark.usefixtures("usual")
def test_shorter_turns_stay_as_short_as_they_are() -> None:
    sys.setswitchinterval(0.00001)
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(0.00001)
    assert sys.getswitchinterval() == pytest.approx(0.00001)
