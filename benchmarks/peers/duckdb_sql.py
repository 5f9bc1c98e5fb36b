"""DuckDB SQL with window functions: the same plan as any warehouse would run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
from peers.sql import query

__all__ = ["members"]

DIALECT = {
    "day_number": "(fill_date - DATE '1970-01-01')",
    "both_ends": "CROSS JOIN (VALUES (1), (-1)) AS ends(sign)",
    "whole": "DOUBLE",
}


def members(path: Path) -> pa.Table:
    """Compute the members table from a file of fills."""
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        return connection.sql(query(f"read_parquet('{path}')", **DIALECT)).to_arrow_table()
