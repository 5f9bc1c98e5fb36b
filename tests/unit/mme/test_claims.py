"""Encoded fills kept in narrow pieces, and cut or dealt to slabs, are what they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opsafe.frames import open_blocks
from opsafe.mme._population import deal
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, encode
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.pieces import Piece, Pieces, Stretch, joined
from opsafe.mme._population.slabs import Slabs
from tests import roads, strategies

RECORDS = strategies.population(7, 12)
FIXED = ("row", "day", "days", "quantity", "line", "own", "marks", "prescriber", "pharmacy")


def pieces_of(blocks: list[Claims], *, narrow: bool = True) -> Pieces:
    pieces = [Piece(one) for one in blocks]
    return Pieces([one.narrow() if narrow else one for one in pieces])


def encoded(tables: list[pa.Table], lexicon: Lexicon | None = None) -> list[Claims]:
    lexicon, blocks, first_row = lexicon or Lexicon(), [], 0
    for one in tables:
        opened = open_blocks(one, where="fills", required=REQUIRED, optional=OPTIONAL)
        blocks += [encode(table, lexicon, first_row=first_row) for table in opened]
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


@pytest.fixture(params=[(1, True), (5, True), (5, False), (1_000, True)])
def pieces(request: pytest.FixtureRequest) -> Pieces:
    """Pieces of some rows, whose texts differ in length from piece to piece."""
    rows, narrow = request.param
    return pieces_of(encoded(tables_of(RECORDS, rows), known_lines()), narrow=narrow)


@pytest.fixture
def whole() -> Claims:
    [claims] = encoded([roads.to_arrow(RECORDS)], known_lines())
    return claims


def test_any_stretch_of_rows_is_that_of_the_whole(pieces: Pieces, whole: Claims) -> None:
    size = len(whole)
    assert len(pieces) == size
    for start, stop in ((0, size), (0, 1), (3, 9), (4, 5), (size - 1, size), (7, 7), (0, 0)):
        assert_equal(pieces.between(start, stop).claims(), whole.take(slice(start, stop)))


def test_rows_in_another_order_are_those_of_the_whole(pieces: Pieces, whole: Claims) -> None:
    rng = np.random.default_rng(3)
    everything = pieces.between(0, len(whole))
    for count in (0, 1, 7, len(whole)):
        rows = rng.permutation(len(whole))[:count]
        assert_equal(everything.take(rows).claims(), whole.take(rows))


def test_pieces_are_put_in_order_where_they_are(pieces: Pieces, whole: Claims) -> None:
    rng = np.random.default_rng(4)
    expected = []
    for piece in pieces.pieces:
        order = rng.permutation(piece.size)[: piece.size - piece.size // 3]
        piece.put_in_order(order)
        piece.size = len(order)
        expected.append(order + piece.start)
    rows = np.concatenate(expected)
    found = joined([Stretch(one, 0, one.size) for one in pieces.pieces], pieces.like)
    assert_equal(found.claims(), whole.take(rows))


def test_a_narrow_piece_is_small_and_leaves_the_claims_alone() -> None:
    rows = 100
    table = roads.to_arrow(
        [{**RECORDS[0], "member_id": 10_000_000_000 + one} for one in range(rows)]
    )
    [claims] = encoded([table])
    before = claims.member.key.copy(), claims.quantity.copy()
    piece = Piece(claims).narrow()
    piece.put_in_order(np.arange(rows)[::-1])
    kinds = {name: piece.columns[name].dtype for name in ("member", "day", "quantity", "line")}
    assert set(kinds.values()) == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(claims.member.key, before[0])
    np.testing.assert_array_equal(claims.quantity, before[1])
    np.testing.assert_array_equal(piece.member().key, before[0][::-1])


@pytest.mark.parametrize("far", [2**8, 2**16, 2**32, 2**62])
def test_values_far_apart_are_kept_as_they_are(far: int) -> None:
    ids = [-far, 0, 5, far, far + 1]
    [claims] = encoded([roads.to_arrow([{**RECORDS[0], "member_id": one} for one in ids])])
    assert Piece(claims).narrow().member().key.tolist() == ids


def test_a_member_that_is_missing_has_the_key_of_nobody() -> None:
    ids = [10**12, None, 10**12 + 3]
    [claims] = encoded([roads.to_arrow([{**RECORDS[0], "member_id": one} for one in ids])])
    piece = Piece(claims).narrow()
    assert piece.columns["member"].dtype == np.uint8
    assert piece.member().key.tolist() == [10**12, 0, 10**12 + 3]
    assert piece.claims().member.missing is not None
    [nobody] = [Pieces([piece]).without_member()]
    assert nobody.row is not None and nobody.row.tolist() == [1]


def test_pieces_of_integers_and_of_wider_ones_become_one() -> None:
    def table(*ids: int) -> pa.Table:
        plain = roads.to_arrow([{**RECORDS[0], "member_id": 1} for _ in ids])
        return plain.set_column(0, "member_id", pa.array(ids, pa.uint64()))

    found = pieces_of(encoded([table(5, 6), table(2**64 - 1, 5)]))
    [piece] = found.pieces
    assert found.like.member.kind == "wide"
    assert piece.member().key[[0, 1, 3]].tolist() == [5, 6, 5]


# ------------------------------------------------------------------------------------- slabs


def slabs_of(tables: list[pa.Table], rows: int) -> Slabs:
    lexicon = Lexicon()
    return Slabs(pieces_of(encoded(tables, lexicon)), Drugs(lexicon, ()), rows)


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
    members, counted = [], 0
    for position in range(len(slabs)):
        slab = slabs[position]
        members += [records[row]["member_id"] for row in slab.first_row.tolist()]
        counted += slab.rows_in
        assert len(slab.claims) + slab.skipped_by_line.sum() == slab.rows_in
        assert slab.claims.row is not None
        for row, number in zip(slab.claims.row.tolist(), slab.member.tolist(), strict=True):
            owner = records[slab.first_row[number]]["member_id"]
            assert records[row]["member_id"] == owner
    assert len(members) == len(set(members)) == 12
    assert slabs.without_member.row is not None
    assert counted + len(slabs.without_member) == len(records)
    assert {records[row]["member_id"] for row in slabs.without_member.row.tolist()} == {None}


@pytest.mark.parametrize("in_order", [True, False])
def test_slabs_are_about_as_large_as_asked(in_order: bool) -> None:
    records = [{**one, "member_id": int(one["member_id"][-6:], 36)} for one in RECORDS]
    records.sort(key=lambda one: one["member_id"] if in_order else one["quantity"] or 0)
    by_owner = [sum(1 for r in records if r["member_id"] == one["member_id"]) for one in records]
    slabs = slabs_of([roads.to_arrow(records)], 20)
    assert all(slabs[position].rows_in < 20 + max(by_owner) for position in range(len(slabs)))


def test_an_id_far_from_all_others_does_not_put_them_into_one_slab() -> None:
    ids = [*range(1, 201), 2**62]
    records = [{**RECORDS[0], "member_id": one} for one in ids[::-1] for _ in range(5)]
    slabs = slabs_of([roads.to_arrow(records)], 50)
    sizes = [slabs[position].rows_in for position in range(len(slabs))]
    assert sum(sizes) == len(records) and max(sizes) <= 50
    found = [slabs[position].members.key.tolist() for position in range(len(slabs))]
    assert [one for ids in found for one in ids] == ids


def test_bins_between_ids_of_a_sample_keep_members_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deal, "_SAMPLE", 4)
    monkeypatch.setattr(deal, "_BIN_BITS", 2)
    records = [{**RECORDS[0], "member_id": one} for one in (9, 2**60, 3, 9, 4, 3, 1, 2, 9)]
    slabs = slabs_of([roads.to_arrow(records)], 1)
    assert sum(slabs[position].rows_in for position in range(len(slabs))) == len(records)
    members = [one for position in range(len(slabs)) for one in slabs[position].members.key]
    assert members == [1, 2, 3, 4, 9, 2**60]


@pytest.mark.parametrize("product_bits", [4, 24, 36, 60])
def test_rows_are_in_order_however_few_bits_are_left_for_a_key(product_bits: int) -> None:
    """Keys with room for a position, with none until gaps between ids are closed, and no key."""
    ids = [7, 7 + 2**23, 19, 7, 8, 19, 7, 2**23]
    days = ["2024-03-01", "2024-01-01", "2024-01-03", "2024-01-02"] * 2
    records = [
        {**RECORDS[0], "member_id": one, "fill_date": day}
        for one, day in zip(ids, days, strict=True)
    ]
    slabs = slabs_of([roads.to_arrow(records)], 100)
    slabs._product_bits = product_bits
    [slab] = [slabs[position] for position in range(len(slabs))]
    assert slab.claims.row is not None
    found = [(ids[row], days[row]) for row in slab.claims.row.tolist()]
    assert found == sorted(zip(ids, days, strict=True))
    assert slab.member.tolist() == [0, 0, 0, 1, 2, 2, 3, 4]


@pytest.mark.parametrize("sort", [True, False])
def test_rows_in_order_of_member_and_day_are_left_where_they_stand(sort: bool) -> None:
    days = ["2024-01-03", None, "2024-01-03", "2024-02-01", None, None, "2024-01-01", None]
    records = [
        {**RECORDS[0], "member_id": one, "fill_date": day, "ingredient": drug}
        for one, day, drug in zip(
            [1, 1, 1, 1, 2, 2, 2, 2], days, ["oxycodone", "morphine"] * 4, strict=True
        )
    ]
    if not sort:
        records.reverse()
    lexicon = Lexicon()
    pieces = pieces_of(encoded([roads.to_arrow(records)], lexicon))
    slabs = Slabs(pieces, Drugs(lexicon, ()), by_product=False)
    [slab] = [slabs[position] for position in range(len(slabs))]
    assert slab.claims.row is not None
    rows = slab.claims.row.tolist()
    if sort:
        assert rows == list(range(8))
    for member in (1, 2):
        mine = [records[row] for row in rows if records[row]["member_id"] == member]
        dated = [one["fill_date"] for one in mine if one["fill_date"]]
        assert dated == sorted(dated)
        assert len(mine) == 4
