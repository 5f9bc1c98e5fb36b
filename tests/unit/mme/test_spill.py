"""Members are dealt to partitions by a fixed rule, and evenly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from opsafe.frames import open_table
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, encode
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._roads.spill import MIXING, Spill, partition_of
from tests import strategies

FILL = ("oxycodone", "oral", "tablet", "mg", 10.0)


def test_the_mixing_is_the_one_of_its_name() -> None:
    keys = np.array([0, 1, 2, -1, 2**63 - 1], np.int64)
    assert MIXING == "splitmix64-finish-1"
    assert partition_of(keys, 1000).tolist() == [0, 338, 858, 706, 353]


@pytest.mark.parametrize("step", [1, 37, 1 << 20, 1 << 40])
def test_ids_of_any_pattern_are_dealt_evenly(step: int) -> None:
    dealt = partition_of(np.arange(100_000, dtype=np.int64) * step, 64)
    counts = np.bincount(dealt, minlength=64)
    assert len(counts) == 64
    assert counts.min() > 1300 and counts.max() < 1850


def test_rows_without_a_member_do_not_all_go_to_one_partition(tmp_path: Path) -> None:
    fill = strategies.record(None, FILL, 0, quantity=30.0, days_supply=30)
    table = open_table([fill] * 4000, where="fills", required=REQUIRED, optional=OPTIONAL)
    claims = encode(table, Lexicon(), first_row=0)
    spill = Spill(tmp_path / "spill", 4, range(4))
    spill.start()
    spill.add(claims)
    spill.finish(Lexicon(), claims.take(np.arange(0)))
    sizes = [len(spill.read(partition)) for partition in range(4)]
    assert sum(sizes) == 4000 and min(sizes) > 800


def test_what_was_dealt_comes_back_in_order_of_its_rows(tmp_path: Path) -> None:
    records = strategies.population(2, 30)
    table = open_table(records, where="fills", required=REQUIRED, optional=OPTIONAL)
    lexicon = Lexicon()
    claims = encode(table, lexicon, first_row=0)
    spill = Spill(tmp_path / "spill", 3, range(3))
    spill.start()
    half = len(claims) // 2
    spill.add(claims.take(slice(half, None)))
    spill.add(claims.take(slice(0, half)))
    spill.finish(lexicon, claims.take(np.arange(0)))
    again = Spill(tmp_path / "spill", 3, range(3))
    found = again.resume()
    assert found is not None and found.to_json() == lexicon.to_json()
    rows = []
    for partition in range(3):
        mine = again.read(partition)
        assert mine.row is not None and claims.fill_id is not None and mine.fill_id is not None
        assert (np.diff(mine.row) > 0).all()
        assert mine.day.tolist() == claims.day[mine.row].tolist()
        assert mine.fill_id.key.tolist() == claims.fill_id.key[mine.row].tolist()
        rows += mine.row.tolist()
    assert sorted(rows) == list(range(len(claims)))
    assert Spill(tmp_path / "spill", 4, range(4)).resume() is None


def test_threads_that_meet_other_layouts_at_once_agree_on_their_numbers(tmp_path: Path) -> None:
    lexicon, records = Lexicon(), strategies.population(3, 40)

    def claims_of(some: list[strategies.Record], first_row: int) -> Claims:
        table = open_table(some, where="fills", required=REQUIRED, optional=OPTIONAL)
        return encode(table, lexicon, first_row=first_row)

    nobody = {**records[0], "member_id": None}
    longer = {**records[0], "member_id": "a member whose id needs more words than the others do"}
    blocks = []
    for number in range(40):
        extra = ([], [nobody], [longer], [nobody, longer])[number % 4]
        blocks.append(claims_of([*records[:20], *extra], 1000 * number))
    spill = Spill(tmp_path / "spill", 2, range(2))
    spill.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spill.add, blocks))
    spill.finish(lexicon, blocks[0].take(np.arange(0)))
    rows = []
    for partition in range(2):
        found = spill.read(partition)
        assert found.row is not None
        rows += found.row.tolist()
    expected = [row for block in blocks if block.row is not None for row in block.row.tolist()]
    assert sorted(rows) == expected
