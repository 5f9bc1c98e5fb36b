"""`mme.exposure_spark` gives the bits of `mme.exposure`, from Spark and from Spark Connect."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from opsafe import mme
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from tests import strategies, tables

YEAR: Final[dict[str, Any]] = {
    "edition": "cdc-2022",
    "start": "2025-01-01",
    "end": "2025-12-31",
    "segments": True,
    "contributions": True,
}
OF_MEMBERS: Final = ("members", "segments", "contributions", "excluded")
BESIDE: Final = ("set_aside", "flags", "not_opioid")


@pytest.fixture(scope="module")
def claims() -> pa.Table:
    """Claims of some hundred members, some of whom nobody knows."""
    records = strategies.population(3, 150)
    nobody = [
        {**row, "member_id": missing}
        for row, missing in zip(records[:3], (None, "", " "), strict=True)
    ]
    return tables.to_arrow([*records, *nobody])


def by_member(frame: Any) -> pa.Table:
    """Bring a table here, rows in the order of the answer in memory."""
    order = [
        name for name in ("member_id", "first_day", "ingredient", "last_day", "reason")
        if name in frame.columns
    ]  # fmt: skip
    return frame.orderBy("member_id", *order[1:]).toArrow()


def rows(table: Any) -> Counter[tuple[Any, ...]]:
    """Count rows, whatever their order and their place."""
    return Counter(
        tuple(value for name, value in row.items() if name != "row")
        for row in tables.rows_of(table)
    )


def assert_one_answer(found: mme.ExposureSpark, expected: mme.Exposure) -> None:
    """Compare every table, bit for bit where it has an order."""
    for name in OF_MEMBERS:
        theirs, ours = getattr(expected, name), getattr(found, name)
        if theirs is None:
            assert ours is None
            continue
        here = by_member(ours)
        if name == "members":
            assert here.schema.types == theirs.schema.types
            assert here.cast(theirs.schema).equals(theirs), name
        assert here.column_names == theirs.column_names
        assert rows(here) == rows(theirs), name
    for name in BESIDE:
        here = getattr(found, name).toArrow()
        assert set(here.column_names) == set(getattr(expected, name).column_names)
        assert rows(here.select(getattr(expected, name).column_names)) == rows(
            getattr(expected, name)
        )
    assert found.provenance == expected.provenance
    assert found.summary() == expected.summary()


# -------------------------------------------------------------------------------- one answer


@pytest.mark.parametrize("partitions", [None, 7])
def test_text_ids_and_every_table(
    spark: Any, claims: pa.Table, tmp_path: Path, partitions: int | None
) -> None:
    members = sorted(set(filter(None, claims["member_id"].to_pylist())) - {" "})
    asked = {
        **YEAR,
        "enrolment": [
            {"member_id": one, "first_day": "2025-02-01", "last_day": None, "line_of_business": lob}
            for one, lob in zip(members[::2], "AB" * len(members), strict=False)
        ],
        "exclusions": [
            {"member_id": one, "first_day": "2025-06-01", "last_day": None, "reason": "hospice"}
            for one in [*members[::3], "nobody"]
        ],
        "buprenorphine": "include",
        "overlap": "shift_same_product",
    }  # fmt: skip
    found = mme.exposure_spark(
        spark.createDataFrame(claims), out=tmp_path / "out", partitions=partitions, **asked
    )
    expected = mme.exposure(claims, **asked)
    assert_one_answer(found, expected)
    assert found.summary(by="line_of_business") == expected.summary(by="line_of_business")
    assert set(found.set_aside.select("row").toArrow()["row"].to_pylist()) == {None}


def exact(claims: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Write the claims with decimals and timestamps for Spark, and with what they mean for us."""
    known = [row for row in claims.to_pylist() if (row["member_id"] or "").strip()]
    for row in known:
        row["member_id"] = Decimal(int(row["member_id"].split()[1]) + 10**20)
        for name in ("strength", "quantity"):
            value = row[name]
            finite = value is not None and -1e6 < value < 1e6
            row[name] = Decimal(str(value)).quantize(Decimal("0.001")) if finite else None
    names = claims.column_names
    kinds = {"member_id": pa.decimal128(38, 0), "strength": pa.decimal128(12, 3)}
    kinds |= {"quantity": pa.decimal128(12, 3)}
    meant = pa.table(
        {
            name: pa.array([row[name] for row in known], kinds.get(name, claims[name].type))
            for name in names
        }
    )
    evening = [
        None if row["fill_date"] is None else datetime.combine(row["fill_date"], time(23, 59))
        for row in known
    ]
    stamps = pa.array(evening, pa.timestamp("us"))
    local = pa.compute.assume_timezone(stamps, "America/New_York")
    return meant, meant.set_column(names.index("fill_date"), "fill_date", local)


def test_decimals_timestamps_and_other_names(spark: Any, claims: pa.Table, tmp_path: Path) -> None:
    meant, written = exact(claims)
    frame = spark.createDataFrame(written).withColumnRenamed("member_id", "BENE ID.`x`")
    frame = frame.selectExpr("*", "struct(1 as a) as odd")
    names = {"member_id": "BENE ID.`x`"}
    found = mme.exposure_spark(frame, out=str(tmp_path / "out"), columns=names, **YEAR)
    assert_one_answer(found, mme.exposure(meant, **YEAR))


def test_spark_connect(connect: Any, claims: pa.Table, tmp_path: Path) -> None:
    found = mme.exposure_spark(connect.createDataFrame(claims), out=tmp_path / "out", **YEAR)
    assert_one_answer(found, mme.exposure(claims, **YEAR))


def test_one_status_among_all_partitions_speaks_for_all(spark: Any, tmp_path: Path) -> None:
    fill: dict[str, Any] = {"fill_date": "2025-01-01", "ingredient": "oxycodone", "route": "oral"}
    fill |= {"strength": "10 mg", "quantity": 60, "days_supply": 30, "status": None}
    fills = [fill | {"member_id": one} for one in range(40)]
    telling = tables.to_arrow([*fills, fills[0] | {"status": "paid"}])
    expected = mme.exposure(telling, edition="cdc-2022")
    found = mme.exposure_spark(
        spark.createDataFrame(telling), out=tmp_path / "a", edition="cdc-2022", partitions=9
    )
    assert_one_answer(found, expected)
    assert expected.provenance.rows.set_aside == 40


def test_a_huge_member_and_spark_own_tuning_cut_no_member(spark: Any, tmp_path: Path) -> None:
    fill: dict[str, Any] = {
        "ingredient": "oxycodone",
        "route": "oral",
        "strength": 10.0,
        "unit": "mg",
    }
    fill |= {"quantity": 2.0, "days_supply": 1}
    fills = [
        fill | {"member_id": 1 if at % 4 else at, "fill_date": f"2025-01-{at % 28 + 1:02}"}
        for at in range(20_000)
    ]
    claims = tables.to_arrow(fills)
    frame = spark.createDataFrame(claims).repartition(5, "fill_date")
    eager = {
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": "1k",
        "spark.sql.adaptive.skewJoin.skewedPartitionFactor": "1.1",
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": "1k",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100",
    }
    before = {name: spark.conf.get(name) for name in eager}
    try:
        for name, value in eager.items():
            spark.conf.set(name, value)
        found = mme.exposure_spark(frame, out=tmp_path / "out", edition="cdc-2022")
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)
    assert_one_answer(found, mme.exposure(claims, edition="cdc-2022"))


def test_no_rows_and_nobody(spark: Any, claims: pa.Table, tmp_path: Path) -> None:
    frame = spark.createDataFrame(claims)
    for name, some in (
        ("none", frame.filter("false")),
        ("nobody", frame.filter("trim(coalesce(member_id, '')) = ''")),
    ):
        found = mme.exposure_spark(some, out=tmp_path / name, **YEAR)
        expected = mme.exposure(some.toArrow(), **YEAR)
        assert found.members.count() == 0
        assert found.provenance == expected.provenance
        assert rows(found.set_aside.toArrow()) == rows(expected.set_aside)


def test_the_name_of_a_table_and_another_format(spark: Any, claims: pa.Table) -> None:
    frame = spark.createDataFrame(claims)
    found = mme.exposure_spark(
        frame, out="exposed", in_catalogue=True, form="orc", edition="cdc-2022"
    )
    assert found.segments is None and found.contributions is None
    assert_one_answer(found, mme.exposure(claims, edition="cdc-2022"))
    with pytest.raises(ArgumentError, match="something is there already"):
        mme.exposure_spark(frame, out="exposed", in_catalogue=True, edition="cdc-2022")
    spark.sql("drop table exposed")


# ------------------------------------------------------------------------------------ errors


def test_what_is_there_stays_unless_told(spark: Any, claims: pa.Table, tmp_path: Path) -> None:
    frame = spark.createDataFrame(claims.slice(0, 5))
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ArgumentError, match=r"something is there already.*overwrite=True"):
        mme.exposure_spark(frame, out=out, edition="cdc-2022")
    found = mme.exposure_spark(frame, out=out, overwrite=True, edition="cdc-2022")
    assert found.provenance.rows.rows_in == 5


def test_errors_before_any_job(spark: Any, claims: pa.Table, tmp_path: Path) -> None:
    frame = spark.createDataFrame(claims)
    asked: dict[str, Any] = {"out": tmp_path / "out", "edition": "cdc-2022"}
    jobs = spark.sparkContext.statusTracker()
    before = len(jobs.getJobIdsForGroup(None))

    def refused(some: Any, error: type[Exception], match: str, **more: Any) -> None:
        with pytest.raises(error, match=match):
            mme.exposure_spark(some, **(asked | more))

    refused(frame.drop("route"), ColumnError, "no column 'route'")
    refused(frame.selectExpr("*", "route"), ColumnError, "'route' is there twice")
    refused(
        frame.selectExpr("* except (quantity)", "array(quantity) as quantity"),
        ColumnError,
        "quantity",
    )
    refused(
        frame.selectExpr("* except (quantity)", "quantity > 1 as quantity"), ColumnError, "quantity"
    )
    refused(
        frame.selectExpr("* except (route)", "interval 2 months as route"), ColumnError, "route"
    )
    refused(frame, ArgumentError, "outside 1 to 1,000,000", partitions=0)
    refused(frame, ArgumentTypeError, "partitions", partitions=2.0)
    refused(frame, ArgumentTypeError, "out", out=3)
    refused(frame, ArgumentTypeError, "columns", columns=3)
    refused(claims, ArgumentTypeError, "Table is not a Spark DataFrame")
    refused(spark.readStream.format("rate").load(), ArgumentError, "never ends")
    windows = [{"member_id": 1, "first_day": "2025-01-01", "last_day": "2025-01-31"}]
    refused(frame, ColumnError, "windows: member ids are of another type", windows=windows)
    with pytest.raises(ArgumentTypeError, match=r"Use mme\.exposure_spark"):
        mme.exposure(frame, edition="cdc-2022")
    assert len(jobs.getJobIdsForGroup(None)) == before
    assert not (tmp_path / "out").exists()


def test_the_result_names_itself(spark: Any, claims: pa.Table, tmp_path: Path) -> None:
    frame = spark.createDataFrame(claims.slice(0, 5))
    found = mme.exposure_spark(frame, out=str(tmp_path / "out"), edition="cdc-2022")
    assert repr(found).startswith("ExposureSpark(") and "cdc-2022" in repr(found)
    assert "cdc-2022" in found._repr_html_()
    with pytest.raises(ArgumentError, match="is no column of members"):
        found.summary(by="nothing")
