"""What any Python on Spark pays before it computes: members together, rows to Python, dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from peers.spark_session import PARTITIONS, session

__all__ = ["drop_into"]


def drop_into(path: Path, out: Path) -> None:
    """Ship the rows to Python, count them there and write only the counts."""

    def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = sum(batch.num_rows for batch in batches)
        yield pa.RecordBatch.from_pydict({"rows": [rows]})

    fills = session().read.parquet(str(path)).repartition(PARTITIONS, "member_id")
    fills.mapInArrow(counted, "rows long").write.parquet(str(out))
