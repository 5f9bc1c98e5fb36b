"""The same table in every shape that a caller may have, and any result as plain rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from opsafe.columns import Columns

Record: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = list[dict[str, Any]]


def columns_of(records: Sequence[Record]) -> dict[str, list[Any]]:
    """Turn records into lists by name."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def to_pandas(records: Sequence[Record]) -> pd.DataFrame:
    """Make a pandas frame with dates as datetime64, and a broken index to trip over."""
    frame = pd.DataFrame(columns_of(records))
    if "fill_date" in frame:
        frame["fill_date"] = pd.to_datetime(frame["fill_date"])
    frame.index = pd.Index([5] * len(frame))
    return frame


def to_polars(records: Sequence[Record]) -> pl.DataFrame:
    """Make a polars frame."""
    return pl.DataFrame(columns_of(records), strict=False)


def to_arrow(records: Sequence[Record]) -> pa.Table:
    """Make a pyarrow table."""
    return pa.table(columns_of(records))


def to_mapping(records: Sequence[Record]) -> dict[str, Any]:
    """Make a mapping of columns: an array where NumPy has a type for them, else a list."""

    def column(values: list[Any]) -> Any:
        array = np.array(values)
        return array if array.dtype.kind in "if" else values

    return {name: column(values) for name, values in columns_of(records).items()}


SHAPES: dict[str, Callable[[Sequence[Record]], Any]] = {
    "pandas": to_pandas,
    "polars": to_polars,
    "pyarrow": to_arrow,
    "mapping": to_mapping,
    "records": list,
}
KINDS: dict[str, type] = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.Table,
    "mapping": Columns,
    "records": Columns,
}


def rows_of(table: Any) -> Rows:
    """Turn a result of any kind into plain rows: None for missing, Python's own types."""
    if isinstance(table, Columns):
        # Columns has keys() and no iteration, on purpose.
        data = {name: table[name].tolist() for name in table.keys()}  # noqa: SIM118
    elif isinstance(table, pd.DataFrame):
        data = {name: table[name].tolist() for name in table.columns}
    elif isinstance(table, pl.DataFrame):
        data = table.to_dict(as_series=False)
    else:
        data = table.to_pydict()
    plain = {name: [_plain(value) for value in values] for name, values in data.items()}
    length = len(next(iter(plain.values()), ()))
    return [{name: plain[name][row] for name in plain} for row in range(length)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date | str | int | float | bool | Decimal):
        return value
    return str(value)


def by_member(table: Any) -> dict[Any, dict[str, Any]]:
    """Turn a table of one row a member into a dictionary."""
    rows = rows_of(table)
    found = {row.pop("member_id"): row for row in rows}
    assert len(found) == len(rows), "a member stands in two rows"
    return found
