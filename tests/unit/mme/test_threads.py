"""Results are taken in the order of their tasks, whatever order they come in."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from opsafe.mme._population.threads import InTurn, Workers


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
