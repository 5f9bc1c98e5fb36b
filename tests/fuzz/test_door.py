"""The door of `mme.exposure` answers every bad table, and says nothing of anybody in it."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from opsafe import mme
from opsafe.errors import OpsafeError
from tests import tables
from tests.fuzz import door

BLOCK = 250


def failures(seeds: range) -> list[str]:
    """Return what went wrong, with the seed that repeats it."""
    found = []
    for seed in seeds:
        attempt = door.make(seed)
        wrong = door.judge(attempt)
        if wrong:
            found.append(f"seed {seed}, {attempt.shape}, {'; '.join(attempt.done)}: {wrong}")
    return found


@pytest.mark.parametrize("block", range(1_000 // BLOCK))
def test_every_bad_table_gets_an_error_of_ours_or_counts_that_add_up(block: int) -> None:
    found = failures(range(block * BLOCK, (block + 1) * BLOCK))
    assert not found, "\n".join(found[:10])


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(10_000 // BLOCK))
def test_ten_thousand_bad_tables(block: int) -> None:
    first = 1_000_000 + block * BLOCK
    found = failures(range(first, first + BLOCK))
    assert not found, "\n".join(found[:10])


def test_the_attempts_reach_every_shape_and_both_outcomes() -> None:
    """A fuzzer that is refused at the first check, or never, finds nothing."""
    shapes: Counter[str] = Counter()
    refused = 0
    for seed in range(200):
        attempt = door.make(seed)
        shapes[attempt.shape] += 1
        try:
            mme.exposure(attempt.table, **attempt.arguments)
        except OpsafeError:
            refused += 1
    assert set(shapes) == set(door.SHAPES)
    assert 40 < refused < 160


@pytest.mark.parametrize("seed", range(20))
def test_what_is_not_spoiled_is_answered(seed: int) -> None:
    rng = random.Random(seed)
    records = door.valid_records(rng)
    columns = tables.columns_of(records)
    attempt = door.Attempt(seed, rng.choice(door.SHAPES), columns, {"edition": "cdc-2022"})
    attempt.table = door._build(attempt)
    assert not attempt.done
    assert door.judge(attempt) is None
    assert len(mme.exposure(attempt.table, edition="cdc-2022").members) > 0
