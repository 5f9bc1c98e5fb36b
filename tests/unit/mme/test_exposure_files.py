"""`mme.exposure_files` gives the bits of `mme.exposure`, however rows are ordered and cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opsafe import mme
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from tests import strategies, tables

YEAR: Final[dict[str, Any]] = {
    "edition": ("cms-2018-02-oms", "cdc-2022"),
    "start": "2025-01-01",
    "end": "2025-12-31",
    "segments": True,
    "contributions": True,
}
KEYS: Final = {
    "members": ("member_id",),
    "segments": ("member_id", "first_day"),
    "contributions": ("member_id", "ingredient"),
    "excluded": ("member_id", "first_day", "last_day", "reason"),
}
FILL: Final = ("oxycodone", "oral", "tablet", "mg", 10.0)


@pytest.fixture(scope="module")
def claims() -> pa.Table:
    """Claims of seventy members with text ids, in order of member, some of whom nobody knows."""
    records = strategies.population(3, 70)
    nobody = [
        {**row, "member_id": missing} for row, missing in zip(records, (None, ""), strict=False)
    ]
    table = tables.to_arrow(records).sort_by([("member_id", "ascending")])
    return pa.concat_tables([tables.to_arrow(nobody).cast(table.schema), table])


def mixed(table: pa.Table, seed: int = 5) -> pa.Table:
    return table.take(np.random.default_rng(seed).permutation(len(table)))


def write(table: pa.Table, folder: Path, files: int = 1, group: int = 200) -> Path:
    """Write a table into some files of several row groups."""
    folder.mkdir()
    size = -(-len(table) // files)
    for number in range(files):
        piece = table.slice(number * size, size)
        pq.write_table(piece, folder / f"fills-{number:02}.parquet", row_group_size=group)
    return folder


def road(found: mme.ExposureFiles) -> str:
    text = (found.folder / "_manifest.json").read_text()
    return "sorted" if '"road": "sorted"' in text else "spilled"


def ordered(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    return table.sort_by([(key, "ascending") for key in keys])


def assert_one_answer(found: mme.ExposureFiles, expected: mme.Exposure) -> None:
    """Compare every table, bit for bit, and the record."""
    for name, keys in KEYS.items():
        theirs = getattr(expected, name)
        if getattr(found, name) is None:
            assert theirs is None or not len(theirs)
            continue
        ours = found.to_arrow(name)
        assert ordered(ours, keys).equals(ordered(theirs, keys)), name
    for name in ("set_aside", "flags"):
        ours, theirs = found.to_arrow(name), getattr(expected, name)
        told = [one for one in theirs.column_names if one != "row"]
        assert ours.column_names == ["file", "row", *told]
        assert ordered(ours.select(told), told).equals(ordered(theirs.select(told), told)), name
        if ours["file"].combine_chunks().unique().tolist() == ["fills-00.parquet"]:
            rows = ["row", "code"]
            assert ordered(ours.drop_columns(["file"]), rows).equals(ordered(theirs, rows)), name
    assert pq.read_table(found.not_opioid).equals(expected.not_opioid)
    assert found.provenance == expected.provenance
    assert found.summary() == expected.summary()
    assert not (found.folder / "_spill").exists()


# -------------------------------------------------------------------------------- one answer


@pytest.mark.parametrize("parts", [None, 12])
@pytest.mark.parametrize("order", ["sorted", "mixed"])
def test_text_ids(claims: pa.Table, tmp_path: Path, order: str, parts: int | None) -> None:
    fills = claims if order == "sorted" else mixed(claims)
    folder = write(fills, tmp_path / "in", files=3)
    found = mme.exposure_files(folder, tmp_path / "out", parts=parts, **YEAR)
    assert road(found) == ("sorted" if order == "sorted" else "spilled")
    assert found.parts == (parts or 1)
    assert_one_answer(found, mme.exposure(fills, **YEAR))


@pytest.mark.parametrize("kind", [pa.int32(), pa.uint64(), pa.decimal128(20, 0)])
@pytest.mark.parametrize("order", ["sorted", "mixed"])
def test_numbers_as_ids_without_fill_ids_and_status(
    claims: pa.Table, tmp_path: Path, order: str, kind: pa.DataType
) -> None:
    codes = claims["member_id"].dictionary_encode().combine_chunks().indices.to_pylist()
    known = [None if code is None else 7 * code - 300 * pa.types.is_signed_integer(kind)
             for code in codes]  # fmt: skip
    fills = claims.set_column(0, "member_id", pa.array(known, pa.int64()).cast(kind))
    fills = fills.drop_columns(["fill_id", "status", "prescriber_id"])
    if order == "mixed":
        fills = mixed(fills)
    folder = write(fills, tmp_path / "in")
    found = mme.exposure_files([folder / "fills-00.parquet"], tmp_path / "out", parts=5, **YEAR)
    assert_one_answer(found, mme.exposure(fills, **YEAR))
    assert found.to_arrow().schema.field("member_id").type == kind


def test_ids_beyond_64_bits_beside_small_ones(claims: pa.Table, tmp_path: Path) -> None:
    codes = claims["member_id"].dictionary_encode().combine_chunks().indices.to_pylist()
    large = [None if code is None else code + (2**63 if code % 3 else 0) for code in codes]
    fills = claims.set_column(0, "member_id", pa.array(large, pa.uint64()))
    folder = write(fills, tmp_path / "in", group=50)
    found = mme.exposure_files(folder, tmp_path / "out", parts=3, **YEAR)
    assert_one_answer(found, mme.exposure(fills, **YEAR))


@pytest.mark.parametrize("order", ["sorted", "mixed"])
def test_tables_by_member_and_every_option(claims: pa.Table, tmp_path: Path, order: str) -> None:
    members = sorted(set(filter(None, claims["member_id"].to_pylist())))
    asked = YEAR | {
        "windows": [
            {"member_id": one, "first_day": "2025-01-15", "last_day": "2025-06-30"}
            for one in members[::5]
        ],
        "enrolment": [
            {"member_id": one, "first_day": "2025-01-10", "last_day": None, "line_of_business": lob}
            for one, lob in zip(members[::2], "AB" * len(members), strict=False)
        ],
        "exclusions": [
            {"member_id": one, "first_day": "2025-02-01", "last_day": "2025-02-20",
             "reason": "hospice"}
            for one in [*members[::3], "nobody"]
        ],
        "buprenorphine": "include",
        "overlap": "shift_same_product",
        "not_opioid": ["levorphanol"],
        "at_least": (50,),
        "more_than": (90, 120),
    }  # fmt: skip
    fills = claims if order == "sorted" else mixed(claims)
    folder = write(fills, tmp_path / "in", files=2)
    found = mme.exposure_files(folder, tmp_path / "out", parts=4, **asked)
    expected = mme.exposure(fills, **asked)
    assert_one_answer(found, expected)
    assert found.summary(by="line_of_business") == expected.summary(by="line_of_business")
    assert found.summary(by="window_days", suppress=False) == expected.summary(
        by="window_days", suppress=False
    )


@pytest.mark.parametrize("says", [True, False])
@pytest.mark.parametrize("order", ["sorted", "mixed"])
def test_a_status_of_one_row_speaks_for_all_and_none_for_none(
    claims: pa.Table, tmp_path: Path, order: str, says: bool
) -> None:
    status = pa.array([None] * (len(claims) - 1) + ["paid" if says else None], pa.string())
    place = claims.column_names.index("status")
    fills = claims.set_column(place, "status", status)
    if order == "mixed":
        fills = mixed(fills)
    folder = write(fills, tmp_path / "in", files=2)
    found = mme.exposure_files(folder, tmp_path / "out", parts=3, **YEAR)
    assert_one_answer(found, mme.exposure(fills, **YEAR))
    assert ("STATUS_UNKNOWN" in found.provenance.set_aside_by_reason) == says


def test_rows_that_only_look_ordered_go_by_way_of_the_disk(
    claims: pa.Table, tmp_path: Path
) -> None:
    at = len(claims) // 2
    low = claims["member_id"][at].as_py()
    groups = [
        claims.filter(pa.compute.less(claims["member_id"], low)),
        mixed(claims.filter(pa.compute.greater_equal(claims["member_id"], low))),
    ]
    folder = tmp_path / "in"
    folder.mkdir()
    for number, group in enumerate(groups):
        pq.write_table(group, folder / f"{number}.parquet")
    fills = pa.concat_tables(groups)
    told: list[tuple[int, int]] = []
    found = mme.exposure_files(
        folder, tmp_path / "out", parts=3, progress=lambda *at: told.append(at), **YEAR
    )
    assert road(found) == "spilled"
    assert told[0] == (0, len(fills)) and told[-1] == (2 * len(fills), 2 * len(fills))
    assert_one_answer(found, mme.exposure(fills, **YEAR))


def test_a_member_larger_than_a_part_is_never_cut(tmp_path: Path) -> None:
    fill = strategies.record(1, FILL, 0, quantity=30.0, days_supply=30)
    fills = tables.to_arrow([{**fill, "member_id": one} for one in [1] + [2] * 500 + [3]])
    folder = write(fills, tmp_path / "in", group=30)
    found = mme.exposure_files(folder, tmp_path / "out", parts=20, **YEAR)
    assert road(found) == "sorted"
    assert_one_answer(found, mme.exposure(fills, **YEAR))


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_rows(claims: pa.Table, tmp_path: Path, rows: int) -> None:
    fills = claims.slice(0, rows)
    folder = write(fills, tmp_path / "in")
    found = mme.exposure_files(folder, tmp_path / "out", parts=3, **YEAR)
    assert_one_answer(found, mme.exposure(fills, **YEAR))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads(claims: pa.Table, tmp_path: Path, threads: int) -> None:
    folder = write(mixed(claims), tmp_path / "in", files=4)
    found = mme.exposure_files(folder, tmp_path / "out", parts=6, threads=threads, **YEAR)
    assert_one_answer(found, mme.exposure(claims, **YEAR))


# ----------------------------------------------------------------------------------- the door


def test_rows_set_aside_say_their_file_and_row(tmp_path: Path) -> None:
    fill = strategies.record("A", FILL, 0, quantity=30.0, days_supply=30)
    for number in range(2):
        records = [{**fill, "route": "oral"}, {**fill, "route": f"moon {number}"}]
        (tmp_path / f"month={number + 1}").mkdir()
        pq.write_table(tables.to_arrow(records), tmp_path / f"month={number + 1}" / "f.parquet")
    found = mme.exposure_files(tmp_path, tmp_path / "out", **YEAR)
    aside = found.to_arrow("set_aside").select(["file", "row", "seen"]).to_pylist()
    assert aside == [
        {"file": "month=1/f.parquet", "row": 1, "seen": "moon 0"},
        {"file": "month=2/f.parquet", "row": 1, "seen": "moon 1"},
    ]


def test_folders_are_columns_and_names_are_mapped(claims: pa.Table, tmp_path: Path) -> None:
    fills = claims.drop_columns(["status"]).rename_columns(
        ["BENE_ID" if name == "member_id" else name
         for name in claims.column_names if name != "status"]
    )  # fmt: skip
    halves = [fills.slice(0, 300), fills.slice(300)]
    for half, word in zip(halves, ("paid", "__HIVE_DEFAULT_PARTITION__"), strict=True):
        (tmp_path / "in" / f"paid%20or={word}").mkdir(parents=True)
        pq.write_table(half, tmp_path / "in" / f"paid%20or={word}" / "x.parquet")
    columns = {"member_id": "BENE_ID", "status": "paid or"}
    pattern = f"{tmp_path}/in/*/*.parquet"
    # The columns of folders are those of the pattern too.
    found = mme.exposure_files(pattern, tmp_path / "out", columns=columns, parts=2, **YEAR)
    status = pa.array(["paid"] * 300 + [None] * len(halves[1]), pa.string())
    place = claims.column_names.index("status")
    order = [*range(300), *range(300, len(claims))]
    again = claims.set_column(place, "status", status).take(order)
    again = again.rename_columns(
        ["BENE_ID" if name == "member_id" else name for name in again.column_names]
    )
    told = mme.exposure(again, columns={"member_id": "BENE_ID"}, **YEAR)
    if road(found) == "sorted":
        assert found.provenance.rows == told.provenance.rows
    assert_one_answer(found, told)


def test_dictionaries_give_plain_text_ids_that_read_as_one_table(
    claims: pa.Table, tmp_path: Path
) -> None:
    coded = claims.set_column(0, "member_id", claims["member_id"].dictionary_encode())
    found = mme.exposure_files(write(coded, tmp_path / "in"), tmp_path / "out", parts=3, **YEAR)
    assert found.to_arrow().schema.field("member_id").type == pa.string()
    assert_one_answer(found, mme.exposure(claims, **YEAR))


def numbered(claims: pa.Table, kind: pa.DataType) -> pa.Table:
    """The claims with whole numbers as ids, in order."""
    codes = claims["member_id"].dictionary_encode().combine_chunks().indices.cast(kind)
    return claims.set_column(0, "member_id", codes)


def test_files_with_integers_of_two_widths_give_the_wider(claims: pa.Table, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    narrow, wide = numbered(claims, pa.int16()), numbered(claims, pa.int64())
    pq.write_table(narrow.slice(0, 400), folder / "0.parquet")
    pq.write_table(wide.slice(400), folder / "1.parquet")
    found = mme.exposure_files(folder, tmp_path / "out", parts=2, **YEAR)
    assert road(found) == "sorted"
    assert found.to_arrow().schema.field("member_id").type == pa.int64()
    assert_one_answer(found, mme.exposure(wide, **YEAR))


@pytest.mark.parametrize("what", ["no statistics", "a nested column"])
def test_order_that_a_file_does_not_tell_is_not_guessed(
    claims: pa.Table, tmp_path: Path, what: str
) -> None:
    fills = claims
    if what == "a nested column":
        fills = claims.add_column(0, "more", pa.array([{"a": 1, "b": 2}] * len(claims)))
    file = tmp_path / "fills.parquet"
    pq.write_table(fills, file, write_statistics=what != "no statistics", row_group_size=300)
    found = mme.exposure_files(file, tmp_path / "out", parts=2, **YEAR)
    assert road(found) == "spilled"
    assert_one_answer(found, mme.exposure(claims, **YEAR))


def test_members_may_be_folders_and_patterns_relative(
    claims: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = sorted(set(filter(None, claims["member_id"].to_pylist())))[:4]
    pieces = []
    for number, member in enumerate(members):
        mine = claims.filter(pa.compute.equal(claims["member_id"], member))
        (tmp_path / f"id={number}").mkdir()
        pq.write_table(mine.drop_columns(["member_id"]), tmp_path / f"id={number}" / "a.parquet")
        pieces.append(mine.set_column(0, "member_id", pa.array([number] * len(mine), pa.int64())))
    monkeypatch.chdir(tmp_path)
    found = mme.exposure_files(
        "id=*/*.parquet", "out", columns={"member_id": "id"}, parts=2, **YEAR
    )
    assert_one_answer(found, mme.exposure(pa.concat_tables(pieces), **YEAR))
    file = tmp_path / "id=0" / "a.parquet"
    table = pq.read_table(file, partitioning=None)
    pq.write_table(table.append_column("id", pa.array(["x"] * len(table))), file)
    with pytest.raises(ColumnError, match=r"id=0/a\.parquet: column 'id' is there twice"):
        mme.exposure_files("id=*/*.parquet", "other", columns={"member_id": "id"}, **YEAR)


def test_the_repr_names_nobody(claims: pa.Table, tmp_path: Path) -> None:
    found = mme.exposure_files(write(claims, tmp_path / "in"), tmp_path / "out", **YEAR)
    rows = found.provenance.rows
    assert repr(found) == (
        f"ExposureFiles({str(tmp_path / 'out')!r}, 1 parts, {found.provenance.members:,} members, "
        f"{rows.used:,} of {rows.rows_in:,} rows used, {rows.set_aside:,} set aside, "
        "cms-2018-02-oms, cdc-2022)"
    )
    assert "ExposureFiles" in found._repr_html_()
    with pytest.raises(ArgumentError, match="table: is no table of this run"):
        found.scan("excluded")
    with pytest.raises(ArgumentError, match="by: is no column of members"):
        found.summary(by="colour")


# ------------------------------------------------------------------------- refused before any work


def refused(fills: Any, out: Path, **changes: Any) -> str:
    with pytest.raises((ArgumentError, ArgumentTypeError, ColumnError)) as raised:
        mme.exposure_files(fills, out, **(YEAR | changes))
    assert not Path(out).is_dir()
    return str(raised.value)


def test_what_is_no_parquet_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in").mkdir()
    assert "there are no Parquet files in" in refused(tmp_path / "in", out)
    assert "there are no Parquet files in" in refused(str(tmp_path / "*.parquet"), out)
    assert "is not a path" in refused(7, out)
    assert "is not a path" in refused([{"member_id": 1}], out)


def test_columns_that_are_missing_there_twice_or_of_other_types(
    claims: pa.Table, tmp_path: Path
) -> None:
    folder, out = write(claims, tmp_path / "in"), tmp_path / "out"
    other = folder / "other.parquet"
    pq.write_table(claims.drop_columns(["quantity"]), other)
    assert "other.parquet: there is no column 'quantity'" in refused(folder, out)
    pq.write_table(claims.drop_columns(["form"]), other)
    assert "there is no column 'form', which fills-00.parquet has" in refused(folder, out)
    twice = pa.Table.from_arrays(
        [*claims.columns, claims["route"]], names=[*claims.column_names, "route"]
    )
    pq.write_table(twice, other)
    assert "other.parquet: column 'route' is there twice" in refused(folder, out)
    numbers = pa.array(range(len(claims)), pa.int64())
    pq.write_table(claims.set_column(0, "member_id", numbers), other)
    assert "other.parquet: column 'member_id' is int64, and string in" in refused(folder, out)
    zoned = pa.array([0] * len(claims), pa.timestamp("us", "UTC"))
    place = claims.column_names.index("fill_date")
    pq.write_table(claims.set_column(place, "fill_date", zoned), other)
    assert "time zone" in refused(other, out)


def test_arguments(claims: pa.Table, tmp_path: Path) -> None:
    folder, out = write(claims, tmp_path / "in"), tmp_path / "out"
    assert "parts: is not a whole number" in refused(folder, out, parts=2.0)
    assert "parts: lies outside" in refused(folder, out, parts=0)
    assert "threads: lies outside" in refused(folder, out, threads=0)
    with pytest.raises(ArgumentTypeError, match="out: is not a path"):
        mme.exposure_files(folder, 3, **YEAR)  # type: ignore[arg-type]
    window = [{"member_id": 5, "first_day": "2025-01-01", "last_day": None}]
    assert "another type than in fills" in refused(folder, out, windows=window)
    file = folder / "fills-00.parquet"
    assert "names a file twice" in refused([file, folder], out)
    assert "is a file, not a folder" in refused(folder, file)
