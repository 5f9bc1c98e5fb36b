"""What Spark's SQL does to columns before they are shipped, done slowly in Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from opsafe._spark_shipping import Shipping

EPOCH = date(1970, 1, 1).toordinal()


def as_shipped(table: pa.Table, shipping: Shipping) -> pa.Table:
    """Pack a table's columns."""
    columns = [table[name] for name in shipping.alone]
    for names in shipping.pairs:
        rows = zip(*(table[name].to_pylist() for name in names), strict=True)
        columns.append(pa.array([_pair(*row) for row in rows], pa.int64()))
    if shipping.texts:
        rows = zip(*(table[name].to_pylist() for name in shipping.texts), strict=True)
        columns.append(pa.array([_row(row) for row in rows], pa.binary()))
    return pa.Table.from_arrays(columns, names=[f"column_{at}" for at in range(len(columns))])


def _pair(high: Any, low: Any) -> int:
    first = -(2**30) if high is None else max(min(_number(high), 2**30 - 1), 1 - 2**30)
    return first * 2**33 + (0 if low is None else _number(low) + 2**31 + 1)


def _number(value: Any) -> int:
    return int(value.toordinal() - EPOCH) if isinstance(value, date) else int(value)


def _row(row: Sequence[str | None]) -> bytes:
    return b"\xff".join(b"\xfe" if text is None else text.encode() for text in row)
