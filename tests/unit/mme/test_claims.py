"""Encoded fills in blocks are taken, cut and packed as if they were one table."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opsafe.frames import open_blocks
from opsafe.mme._population.claims import Claims, Encoded
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, encode
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.slabs import Slabs
from opsafe.mme._population.threads import in_threads
from tests import roads, strategies

RECORDS = strategies.population(7, 12)
FIXED = ("row", "day", "days", "quantity", "line", "own", "marks", "prescriber", "pharmacy")


def encoded(tables: list[pa.Table], lexicon: Lexicon | None = None) -> list[Claims]:
    lexicon, blocks, first_row = lexicon or Lexicon(), [], 0
    for one in tables:
        opened = open_blocks(one, where="fills", required=REQUIRED, optional=OPTIONAL)
        blocks += [encode(table, lexicon, first_row=first_row, threads=1) for table in opened]
        first_row += len(one)
    return blocks


def tables_of(records: list[strategies.Record], rows: int) -> list[pa.Table]:
    table = roads.to_arrow(records)
    return [table.slice(first, rows) for first in range(0, len(table), rows)]


def words_of(claims: Claims, name: str) -> list[Any]:
    identifiers = getattr(claims, name)
    bare = (
        []
        if identifiers.words is None
        else [bytes(one).rstrip(b"\0") for one in identifiers.words.astype(">u8")]
    )
    return [
        identifiers.key.tolist(),
        bare,
        [] if identifiers.missing is None else identifiers.missing.tolist(),
    ]


def assert_equal(found: Claims, expected: Claims) -> None:
    for name in FIXED:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), name)
    assert words_of(found, "member") == words_of(expected, "member")
    assert words_of(found, "fill_id") == words_of(expected, "fill_id")


def known_lines() -> Lexicon:
    """A lexicon that has met every line: codes are then alike however the rows are cut."""
    lexicon = Lexicon()
    encoded([roads.to_arrow(RECORDS)], lexicon)
    return lexicon


@pytest.fixture(params=[1, 5, 1_000])
def blocks(request: pytest.FixtureRequest) -> Encoded:
    """Blocks of some rows, whose texts differ in length from block to block."""
    return Encoded(encoded(tables_of(RECORDS, request.param), known_lines()))


@pytest.fixture
def whole() -> Claims:
    [claims] = encoded([roads.to_arrow(RECORDS)], known_lines())
    return claims


def test_any_stretch_of_rows_is_that_of_the_whole(blocks: Encoded, whole: Claims) -> None:
    size = len(whole)
    assert len(blocks) == size
    for start, stop in ((0, size), (0, 1), (3, 9), (4, 5), (size - 1, size), (7, 7), (0, 0)):
        assert_equal(blocks.between(start, stop), whole.take(slice(start, stop)))


def test_any_rows_in_order_are_those_of_the_whole(blocks: Encoded, whole: Claims) -> None:
    rng = np.random.default_rng(3)
    for count in (0, 1, 7, len(whole)):
        rows = np.sort(rng.choice(len(whole), count, replace=False))
        assert_equal(blocks.take(rows), whole.take(rows))


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_packed_side_by_side_are_columns_again(
    blocks: Encoded, whole: Claims, threads: int
) -> None:
    with in_threads(threads) as mapped:
        records = blocks.records(mapped)
    rows = np.random.default_rng(4).permutation(len(whole))
    found = blocks.like.of(records.take(rows))
    assert_equal(found, whole.take(rows))
    assert all(getattr(found, name).flags.c_contiguous for name in FIXED)


def test_pieces_cover_every_row_once_within_one_block(blocks: Encoded) -> None:
    for size in (1, 3, 1_000):
        pieces = blocks.pieces(size)
        rows = [row for _, start, stop in pieces for row in range(start, stop)]
        assert rows == list(range(len(blocks)))
        for number, start, stop in pieces:
            assert blocks.starts[number] <= start < stop <= blocks.starts[number + 1]
            assert stop - start <= size


def test_blocks_of_integers_and_of_wider_ones_become_one() -> None:
    def table(*ids: int) -> pa.Table:
        plain = roads.to_arrow([{**RECORDS[0], "member_id": 1} for _ in ids])
        return plain.set_column(0, "member_id", pa.array(ids, pa.uint64()))

    found = Encoded(encoded([table(5, 6), table(2**64 - 1, 5)]))
    assert len(found.blocks) == 1
    assert found.like.member.kind == "wide"
    assert found.like.member.key[[0, 1, 3]].tolist() == [5, 6, 5]


# ------------------------------------------------------------------------------------- slabs


def slabs_of(tables: list[pa.Table], rows: int, threads: int = 1) -> Slabs:
    lexicon = Lexicon()
    return Slabs(Encoded(encoded(tables, lexicon)), Drugs(lexicon, ()), rows, threads)


def by_member(records: list[strategies.Record]) -> list[strategies.Record]:
    return sorted(records, key=lambda one: one["member_id"] or "")


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("block", [1, 7, 1_000])
@pytest.mark.parametrize("rows", [1, 10, 10_000])
def test_no_slab_cuts_a_member_and_none_loses_a_row(rows: int, block: int, in_order: bool) -> None:
    records = [*RECORDS, *({**one, "member_id": None} for one in RECORDS[:9])]
    if in_order:
        records = by_member(records)
    slabs = slabs_of(tables_of(records, block), rows)
    assert list(slabs.cuts) == sorted(slabs.cuts)
    members, counted = [], 0
    for position in range(len(slabs)):
        slab = slabs[position]
        members += [records[row]["member_id"] for row in slab.first_row.tolist()]
        counted += slab.rows_in
        assert len(slab.row) + slab.skipped_by_line.sum() == slab.rows_in
        for row, number in zip(slab.row.tolist(), slab.member.tolist(), strict=True):
            owner = records[slab.first_row[number]]["member_id"]
            assert records[row]["member_id"] == owner
    assert len(members) == len(set(members)) == 12
    assert counted + len(slabs.without_member) == len(records)
    assert {records[row]["member_id"] for row in slabs.without_member.tolist()} == {None}


def test_a_slab_of_rows_in_order_is_a_view() -> None:
    one = {**RECORDS[0], "fill_date": strategies.FIRST_DAY, "status": "paid"}
    records = [{**one, "member_id": f"m{number:03}"} for number in range(20)]
    [block] = encoded(tables_of(records, 1_000))
    lexicon = Lexicon()
    [block] = encoded(tables_of(records, 1_000), lexicon)
    slabs = Slabs(Encoded([block]), Drugs(lexicon, ()), 5, 1)
    assert len(slabs) == 4
    for position in range(4):
        assert np.shares_memory(slabs[position].claims.quantity, block.quantity)


def test_slabs_in_order_are_about_as_large_as_asked() -> None:
    records = by_member(RECORDS)
    most = max(sum(1 for r in records if r["member_id"] == one["member_id"]) for one in records)
    cuts = slabs_of([roads.to_arrow(records)], 20).cuts
    assert all(stop - start < 20 + most for start, stop in pairwise(cuts))
