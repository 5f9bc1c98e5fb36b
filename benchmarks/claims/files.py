"""Write fills to Parquet at any size in bounded memory, in order of member or truly mixed.

Mixed rows go through buckets on disk: each row falls into a bucket by chance, and each bucket is
shuffled in memory, so that any order of all the rows is equally likely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import numpy as np
import pyarrow.parquet as pq
from claims.fills import draw, order_generator
from claims.schema import FILL, SCHEMA, as_batch

__all__ = ["Order", "write_fills"]

Order = Literal["shuffled", "sorted"]

ROW_GROUP: Final = 250_000
BUCKET: Final = 4_000_000
"""Fills in a bucket: 200 MB, of which two copies are held while it is shuffled."""


def write_fills(folder: Path, rows: int, order: Order, seed: int = 7) -> Path:
    """Write a file of fills, unless it is there.

    Parameters
    ----------
    folder : Path
        Where the file goes, and for mixed rows 50 bytes a fill while it is being written.
    rows : int
        Number of fills.
    order : {"shuffled", "sorted"}
        Truly mixed rows, or rows in order of member and date.
    seed : int, optional
        The same seed gives the same file.

    Returns
    -------
    Path
        The file; its name says rows, order and seed.
    """
    path = folder / f"fills-{rows}-{order}-{seed}.parquet"
    if path.exists():
        return path
    unfinished = path.with_suffix(".unfinished")
    with ExitStack() as stack:
        writer = stack.enter_context(pq.ParquetWriter(unfinished, SCHEMA))
        pieces: Iterable[np.ndarray] = draw(rows, seed)
        if order == "shuffled":
            spill = Path(stack.enter_context(TemporaryDirectory(dir=folder)))
            pieces = _mixed(pieces, rows, seed, spill)
        for piece in _of_equal_length(pieces, ROW_GROUP):
            writer.write_batch(as_batch(piece), row_group_size=ROW_GROUP)
    return unfinished.rename(path)


def _mixed(pieces: Iterable[np.ndarray], rows: int, seed: int, spill: Path) -> Iterator[np.ndarray]:
    rng = order_generator(seed)
    buckets = -(-rows // BUCKET)
    paths = [spill / str(number) for number in range(buckets)]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for piece in pieces:
            bucket = rng.integers(0, buckets, len(piece), np.uint16)
            order = np.argsort(bucket, kind="stable")
            ends = np.cumsum(np.bincount(bucket, minlength=buckets))
            for file, mine in zip(files, np.split(piece[order], ends[:-1]), strict=True):
                mine.tofile(file)
    for path in paths:
        fills = np.fromfile(path, FILL)
        path.unlink()
        yield fills[rng.permutation(len(fills))]


def _of_equal_length(pieces: Iterable[np.ndarray], length: int) -> Iterator[np.ndarray]:
    rest = np.zeros(0, FILL)
    for piece in pieces:
        rest = np.concatenate([rest, piece])
        whole = len(rest) - len(rest) % length
        for first in range(0, whole, length):
            yield rest[first : first + length]
        rest = rest[whole:].copy()
    if len(rest):
        yield rest
