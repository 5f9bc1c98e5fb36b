"""Spark SQL with window functions, written to Parquet."""

from __future__ import annotations

from pathlib import Path

from peers.spark_session import session
from peers.sql import query

__all__ = ["members_into"]

DIALECT = {
    "day_number": "datediff(fill_date, DATE '1970-01-01')",
    "both_ends": "LATERAL VIEW explode(array(1, -1)) ends AS sign",
    "whole": "BIGINT",
}


def members_into(path: Path, out: Path) -> Path:
    """Compute the members table from a file of fills into the folder ``out``."""
    session().sql(query(f"parquet.`{path}`", **DIALECT)).write.parquet(str(out))
    return out
