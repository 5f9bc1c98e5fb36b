"""Spark's SQL packs columns as its twin in Python does, to the ends of their types."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from opsafe._spark_shipping import Shipping
from tests.shipped import as_shipped

KINDS = {
    "key": pa.int64(),
    "number": pa.int32(),
    "day": pa.date32(),
    "other_day": pa.date32(),
    "small": pa.int16(),
    "first": pa.string(),
    "last": pa.string(),
}
ENDS = (-(2**31), -1, 0, 2**31 - 1, None)
DAYS = (date(1, 1, 1), date(1969, 12, 31), date(1970, 1, 1), date(9999, 12, 31), None)
SMALL = (-(2**15), -1, 0, 2**15 - 1, None)
WORDS = ("", "oral", "þÿ", "\x00", None)


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_sql_and_its_twin(spark: Any, ansi: str) -> None:
    same = zip(DAYS, DAYS, SMALL, WORDS, WORDS, strict=True)
    rows = [(at, number, *row) for at, (number, row) in enumerate(product(ENDS, same))]
    columns = zip(zip(*rows, strict=True), KINDS.values(), strict=True)
    table = pa.table([pa.array(*one) for one in columns], names=list(KINDS))
    shipping = Shipping.plan(KINDS, "key", ("first", "last"))
    assert shipping.pairs == (("day", "number"), ("other_day", "small"))
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        packed = spark.createDataFrame(table).selectExpr(*shipping.expressions(str)).toArrow()
    finally:
        spark.conf.unset("spark.sql.ansi.enabled")
    expected = as_shipped(table, shipping)
    for own, theirs in zip(packed.columns, expected.columns, strict=True):
        assert own.to_pylist() == theirs.to_pylist()
