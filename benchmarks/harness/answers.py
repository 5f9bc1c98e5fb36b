"""Members tables of any engine as columns that can be compared, and how they differ.

Peers and the library are compared on the columns that all of them compute; the library's own roads
on a hash of each column of the whole members table, for the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from peers.rules import COLUMNS

__all__ = ["differences", "load", "save"]

AMOUNTS: Final = ("total_mme", "mme_per_covered_day", "mme_maximum_day")
STEP: Final = 1.000001e-6
"""The grid of published MME: an engine that rounds at another place may differ by one step."""
Answer = Mapping[str, np.ndarray]


def save(answer: Any, path: Path, *, hashes: bool) -> None:
    """Keep an answer for the comparison, with hashes of all its columns where it is ours."""
    table = _table(answer)
    kept = _compared(table)
    if hashes:
        kept |= {f"hash {name}": np.array(digest) for name, digest in _hashes(table)}
    np.savez(path, **kept)


def load(path: Path) -> Answer:
    """Return an answer that was kept."""
    with np.load(path) as kept:
        return {name: kept[name] for name in kept.files}


def differences(one: Answer, other: Answer, *, bits: bool = False) -> Iterator[str]:
    """Say what differs: counts must be equal, MME within a step of the grid, or all bits."""
    if bits:
        for name in sorted({*one, *other}):
            if name not in one or name not in other or not np.array_equal(one[name], other[name]):
                yield name
        return
    if not np.array_equal(one["member_id"], other["member_id"]):
        yield f"members: {one['member_id'].size:,} and {other['member_id'].size:,}"
        return
    for name in COLUMNS:
        if name in AMOUNTS:
            scale = np.maximum(STEP, 1e-12 * np.abs(one[name]))
            differ = ~(np.abs(one[name] - other[name]) <= scale)
        else:
            differ = one[name] != other[name]
        if differ.any():
            yield f"{name}: {np.count_nonzero(differ):,} of {differ.size:,} members"


def _compared(table: pa.Table) -> dict[str, np.ndarray]:
    """Return members with a covered day, in order of member."""
    table = table.select(COLUMNS)
    table = table.filter(pa.array(np.asarray(table["covered_days"], float) > 0))
    order = np.argsort(np.asarray(table["member_id"]))
    return {
        name: np.asarray(table[name]).astype(float if name in AMOUNTS else np.int64)[order]
        for name in COLUMNS
    }


def _hashes(table: pa.Table) -> Iterator[tuple[str, str]]:
    """Yield name and hash of each column, in order of member; a null is a null everywhere."""
    table = table.sort_by("member_id")
    for name in table.column_names:
        column = table[name].combine_chunks()
        null = np.asarray(pc.is_null(column, nan_is_null=True))
        texts = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        if pa.types.is_null(column.type) or null.all():
            values = np.zeros(0)
        elif texts or pa.types.is_dictionary(column.type):
            values = np.frombuffer("\0".join(map(str, column.to_pylist())).encode(), np.uint8)
        elif pa.types.is_floating(column.type):
            values = np.where(null, 0.0, np.asarray(column, float)).view(np.int64)
        elif pa.types.is_temporal(column.type):
            values = np.asarray(column.cast(pa.date32()).cast(pa.int32()).fill_null(0), np.int64)
        else:
            values = np.asarray(column.cast(pa.int64()).fill_null(0), np.int64)
        yield name, hashlib.sha256(np.packbits(null).tobytes() + values.tobytes()).hexdigest()


def _table(answer: Any) -> pa.Table:
    if isinstance(answer, Path):
        return pq.read_table(answer)
    if isinstance(answer, pa.Table):
        return answer
    if hasattr(answer, "to_arrow"):
        return answer.to_arrow()
    return pa.Table.from_pandas(answer, preserve_index=False)
