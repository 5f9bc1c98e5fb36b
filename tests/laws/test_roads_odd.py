"""One answer on every road where populations are odd: giants, crowds, strangers and nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opsafe import _packing, mme
from tests import roads, strategies
from tests.roads import Answer, Cuts

Record = dict[str, Any]

WHOLE = Cuts()
ALL = (*roads.MEMORY, *roads.FILES)
MORPHINE = ("morphine", "oral", "tablet", "mg", 10.0)
LISINOPRIL = ("lisinopril", "oral", "tablet", "mg", 10.0)
LONG: dict[str, Any] = {"edition": "cdc-2022", "start": "2026-01-01", "end": "2029-12-31"}


def fill(member: Any, drug: tuple[Any, ...] = MORPHINE, day: int = 0, **more: Any) -> Record:
    amounts: Record = {"quantity": 1.0, "days_supply": 1}
    return strategies.record(member, drug, day, **(amounts | more))


def everywhere(records: Sequence[Record], **arguments: Any) -> Answer:
    """Ask on every road, whole and in small pieces; return the one answer."""
    expected = roads.ask("records", records, WHOLE, **(LONG | arguments))
    for road in ALL:
        for cuts in (WHOLE, roads.SMALL):
            found = roads.ask(road, records, cuts, **(LONG | arguments))
            assert not roads.differences(found, expected), (road, cuts)
            assert found == expected, (road, cuts)
    return expected


# -------------------------------------------------------------------------------- collisions


@contextmanager
def hashed_by(keys: int) -> Iterator[None]:
    """Leave only a few values to the hash of text, so that nearly all ids share theirs."""

    def few(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        total = words.sum(axis=1, dtype=np.uint64) % np.uint64(keys)
        return np.asarray(total, np.int64)

    with mock.patch.object(_packing, "_hash", few):
        yield


IDS: dict[str, Callable[[int], Any]] = {
    "text": lambda number: f"m{number}",
    "long text": lambda number: f"{'x' * 70}{number:03}",
    "far beyond integers": lambda number: 2**63 + number,
}


@pytest.mark.parametrize("kind", IDS)
def test_members_that_share_a_hash_are_never_merged(kind: str) -> None:
    numbers = range(9)
    records = [fill(IDS[kind](n), day=n, quantity=float(n + 1)) for n in numbers for _ in range(3)]
    records = [*records[::2], *records[1::2]]
    windows = [
        {"member_id": IDS[kind](n), "first_day": "2026-01-01", "last_day": "2026-12-31"}
        for n in numbers
        if n != 4
    ]
    for wanted in ({}, {"windows": windows}):
        plain = roads.ask("records", records, WHOLE, **(LONG | wanted))
        with hashed_by(1 if wanted else 2):
            found = everywhere(records, **wanted)
        assert not roads.differences(found, plain)
    assert {row["mme_maximum_day"] for row in plain.members.values()} == {
        None if n == 4 else 30.0 * (n + 1) for n in numbers
    }


@pytest.mark.parametrize("keys", [1, 3])
def test_claims_that_share_a_hash_are_never_netted_together(keys: int) -> None:
    """Three claims of one day: one is reversed by its id, one is there twice, one stands."""
    records = [
        fill("a", fill_id="claim 1", quantity=1.0),
        fill("a", fill_id="claim 1", quantity=1.0, status="reversed"),
        fill("a", fill_id="claim 2", quantity=2.0),
        fill("a", fill_id="claim 2", quantity=2.0),
        fill("a", fill_id="claim 3", quantity=4.0),
        fill("b", fill_id="claim 1", quantity=8.0),
    ]
    with hashed_by(keys):
        found = everywhere(records)
    assert {m: row["mme_maximum_day"] for m, row in found.members.items()} == {"a": 60.0, "b": 80.0}
    assert found.codes == {"REVERSED": 2, "DUPLICATE_FILL_ID": 1}


# ------------------------------------------------------------------------- giants and crowds


def large(fills: int, day: Any, supply: int, drug: str = "morphine") -> pa.Table:
    """One member with many fills of one unit of 10 mg a day, and beside it one with a single."""
    count = fills + 1
    days = np.append(np.broadcast_to(day, fills), 0)
    return pa.table(
        {
            "member_id": np.append(np.ones(fills, np.int64), 2),
            "fill_date": np.datetime64("2026-01-01") + days,
            "ingredient": [drug] * fills + ["morphine"],
            "route": ["oral"] * count,
            "strength": np.full(count, 10),
            "unit": ["mg"] * count,
            "quantity": np.full(count, supply),
            "days_supply": np.full(count, supply),
        }
    )


def large_answers(table: pa.Table, folder: Path, **arguments: Any) -> Iterator[Answer]:
    wanted = LONG | {"segments": True} | arguments
    for order in (slice(None), slice(None, None, -1)):
        turned = table.take(np.arange(len(table))[order])
        for threads in (1, 2):
            yield roads.answer_of(mme.exposure(turned, threads=threads, **wanted))
    fills = folder / "fills.parquet"
    pq.write_table(turned, fills, row_group_size=10_000)
    yield roads.files_answer_of(mme.exposure_files(fills, folder / "out", parts=3, **wanted))


@pytest.mark.parametrize("overlap", ["sum", "shift_same_product"])
def test_a_member_with_a_hundred_thousand_fills_is_no_special_case(
    overlap: str, tmp_path: Path
) -> None:
    table = large(100_000, np.arange(100_000) % 1_000, 1)
    for found in large_answers(table, tmp_path, overlap=overlap):
        giant = found.members[1]
        assert (giant["mme_maximum_day"], giant["total_mme"]) == (1_000.0, 1_000_000.0)
        assert (giant["fills"], giant["covered_days"]) == (100_000, 1_000)
        assert found.members[2]["mme_maximum_day"] == 10.0
        assert [row["active_fills"] for row in found.tables["segments"]] == [100, 1]


@pytest.mark.parametrize("drug", ["morphine", "methadone"])
@pytest.mark.parametrize("fills", [1_023, 1_024, 1_025, 70_000])
def test_any_number_of_fills_may_be_active_on_one_day(
    fills: int, drug: str, tmp_path: Path
) -> None:
    factor = {"morphine": 1, "methadone": 4.7}[drug]
    for found in large_answers(large(fills, 0, 30, drug), tmp_path):
        crowded = found.members[1]
        assert crowded["mme_maximum_day"] == pytest.approx(10 * fills * factor, rel=1e-15)
        assert (crowded["fills"], crowded["covered_days"]) == (fills, 30)
        assert crowded["days_at_least_90"] == 30
        assert found.members[2]["mme_maximum_day"] == 10.0
        assert [row["active_fills"] for row in found.tables["segments"]] == [fills, 1]


@pytest.mark.parametrize("fills", [1, 2, 3, 1_025])
@pytest.mark.parametrize("strength", [10.0, 1e6, 1e9])
@pytest.mark.parametrize("quantity", [1e3, 1e6, 1e9, 2.0**43, 9e12, 1e15])
def test_huge_methadone_is_summed_or_set_aside_and_never_negative(
    fills: int, strength: float, quantity: float
) -> None:
    methadone = ("methadone", "oral", "tablet", "mg", strength)
    records = [fill("m", methadone, quantity=quantity) for _ in range(fills)] + [fill("n")]
    found = roads.answer_of(mme.exposure(records, **LONG))
    assert list(found.members) == ["m", "n"]
    assert found.members["n"]["mme_maximum_day"] == 10.0
    milligrams = strength * quantity * fills
    if found.codes:
        assert found.codes == {"TOO_LARGE_TO_SUM": fills}
        assert found.members["m"]["mme_maximum_day"] is None
        assert milligrams > 1e6
    else:
        assert found.members["m"]["mme_maximum_day"] == pytest.approx(4.7 * milligrams)


# ---------------------------------------------------------------------- other drugs, and nobody


def test_members_with_other_drugs_only_are_members() -> None:
    records = [fill(one, LISINOPRIL, day) for day in range(3) for one in ("c", "a", "b")]
    found = everywhere(records)
    assert list(found.members) == ["a", "b", "c"]
    assert found.not_opioid == {"lisinopril": 9}
    assert found.rows == (9, 0, 0, 9, 0)
    assert all(row["fills"] == 0 for row in found.members.values())


def test_members_with_other_drugs_stand_between_members_with_opioids() -> None:
    drugs = (MORPHINE, LISINOPRIL)
    records = [fill(number, drugs[number % 2], day) for day in range(3) for number in range(6)]
    found = everywhere(records)
    assert [row["fills"] for row in found.members.values()] == [3, 0] * 3


def test_rows_of_nobody_are_set_aside_and_nobody_is_no_member() -> None:
    found = everywhere([fill(None), fill(None, LISINOPRIL), fill(None, quantity=-1.0)])
    assert (found.members, found.codes) == ({}, {"MEMBER_MISSING": 3})


def test_one_row_is_a_population() -> None:
    found = everywhere([fill("m")])
    assert found.members["m"]["mme_maximum_day"] == 10.0


@pytest.mark.parametrize(
    "road", [road for road in ALL if road not in ("records", "mapping", "pandas")]
)
def test_a_table_without_rows_has_no_members(road: str) -> None:
    none = roads.to_arrow([fill("m")]).slice(0, 0)
    with mock.patch.object(roads, "to_arrow", return_value=none):
        found = roads.ask(road, [], roads.SMALL, **LONG)
    assert (found.members, found.rows) == ({}, (0, 0, 0, 0, 0))


def test_a_table_of_pandas_or_a_mapping_without_rows_has_no_members() -> None:
    columns: dict[str, list[Any]] = {name: [] for name in fill("m")}
    for fills in (columns, pd.DataFrame(columns)):
        found = roads.answer_of(mme.exposure(fills, **LONG))
        assert (found.members, found.rows) == ({}, (0, 0, 0, 0, 0))


# ------------------------------------------------------------------------------- odd streams


def reader(*tables: pa.Table, rows: int | None = None) -> pa.RecordBatchReader:
    """A stream of tables, in batches of some rows."""
    batches = [one for table in tables for one in table.to_batches(max_chunksize=rows)]
    return pa.RecordBatchReader.from_batches(tables[0].schema, batches)


def answered(fills: Any, block: int | None = 1, **arguments: Any) -> Answer:
    with roads.cut(Cuts(block=block, slab=2, threads=2)):
        return roads.answer_of(mme.exposure(fills, **(LONG | arguments)))


def test_a_stream_of_empty_batches_alone_has_no_members() -> None:
    none = roads.to_arrow([fill("m")]).slice(0, 0)
    batch = pa.RecordBatch.from_pylist([], none.schema)
    for batches in ([], [batch], [batch, batch]):
        found = answered(pa.RecordBatchReader.from_batches(none.schema, batches))
        assert (found.members, found.rows) == ({}, (0, 0, 0, 0, 0))


def test_empty_batches_between_others_say_nothing() -> None:
    table = roads.to_arrow([fill("m", day=day) for day in range(4)])
    none = table.slice(0, 0)
    batches = [
        one
        for part in range(4)
        for one in (
            pa.RecordBatch.from_pylist([], none.schema),
            *table.slice(part, 1).to_batches(),
        )
    ]
    found = answered(pa.RecordBatchReader.from_batches(table.schema, batches))
    assert found == answered(table)
    assert found.rows[0] == 4


@pytest.mark.parametrize("known", [0, 5, 9])
def test_a_status_anywhere_in_a_stream_asks_every_row_for_one(known: int) -> None:
    """Where one row has a status, a row without has one that nobody knows; else all were paid."""
    records = [fill("m", day=day, status=None) for day in range(10)]
    assert everywhere(records).codes == {}
    records[known]["status"] = "paid"
    found = everywhere(records)
    assert found.codes == {"STATUS_UNKNOWN": 9}
    assert found.members["m"]["fills"] == 1


@pytest.mark.parametrize(
    "name", ["prescriber_id", "pharmacy_id", "fill_id", "form", "unit", "member_id", "strength"]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_column_may_be_null_in_a_whole_batch(name: str, first: bool) -> None:
    records = [
        fill(
            "m", day=day % 3, fill_id=f"c{day}", prescriber_id=f"p{day}", pharmacy_id=f"q{day % 2}"
        )
        for day in range(12)
    ]
    for record in records[:6] if first else records[6:]:
        record[name] = None
    everywhere(records)


@pytest.mark.parametrize("name", ["prescriber_id", "pharmacy_id", "fill_id", "source_row"])
def test_identifiers_may_be_integers_that_are_null_in_a_whole_batch(name: str) -> None:
    records = [fill(7, day=day % 3) | {name: 100 + day % 5} for day in range(12)]
    for record in records[:6]:
        record[name] = None
    table = roads.to_arrow(records)
    kind = table.schema.field(name).type
    table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.int64()))
    assert kind == pa.int64()
    whole = answered(table, block=None)
    for rows in (1, 2, 6):
        assert answered(reader(table, rows=rows), block=rows) == whole


@pytest.mark.parametrize("name", ["member_id", "fill_id"])
def test_integers_beyond_64_bits_may_come_in_one_batch_alone(name: str) -> None:
    records = [fill(1, day=day % 3) | {name: day % 4} for day in range(8)]
    records += [fill(1, day=day % 3) | {name: 2**64 - 1 - day % 2} for day in range(4)]
    table = roads.to_arrow([{**one, name: None} for one in records])
    values = pa.array([one[name] for one in records], pa.uint64())
    table = table.set_column(table.column_names.index(name), name, values)
    if name == "fill_id":
        members = pa.array([1] * len(records), pa.int64())
        table = table.set_column(table.column_names.index("member_id"), "member_id", members)
    whole = answered(table, block=None)
    for rows in (1, 3, 8):
        for order in (np.arange(len(table)), np.arange(len(table))[::-1]):
            turned = table.take(order)
            found = answered(reader(turned, rows=rows), block=rows)
            assert not roads.differences(found, whole)
    assert len(whole.members) == (6 if name == "member_id" else 1)


@pytest.mark.parametrize(
    "name, value", [("cough_cold", True), ("source_row", 7), ("form", "tablet")]
)
@pytest.mark.parametrize("before", [99, 100, 1_500])
def test_a_column_of_pandas_may_begin_with_any_number_of_nulls(
    name: str, value: Any, before: int
) -> None:
    codeine = ("codeine", "oral", None, "mg", 15.0)
    records = [fill(number, codeine) for number in range(before)]
    records.append(fill(before, codeine) | {name: value})
    wanted = {"edition": "nih-heal-2024"}
    assert roads.ask("pandas", records, WHOLE, **wanted) == roads.ask(
        "records", records, WHOLE, **wanted
    )
