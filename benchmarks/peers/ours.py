"""The library itself, on each of its roads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
from claims.schema import EDITION, END, START
from pyarrow.dataset import dataset

from opsafe import mme

__all__ = ["files_into", "members", "members_in_arrays", "read", "spark_into", "spark_nowhere"]

QUESTION: Final = {"edition": EDITION, "start": START, "end": END}


def read(path: Path) -> None:
    """Read the file with its dictionaries as they are, and do nothing."""
    pq.read_table(path)


def members(path: Path) -> Any:
    """Compute the members table in memory, from the file as a stream, in compiled loops."""
    return mme.exposure(dataset(path), **QUESTION, compiled=True).members


def members_in_arrays(path: Path) -> Any:
    """Compute the same without the extra `fast`."""
    return mme.exposure(dataset(path), **QUESTION, compiled=False).members


def files_into(path: Path, out: Path) -> Path:
    """Compute the members table out of core, file to files."""
    mme.exposure_files(str(path), out=str(out), **QUESTION)
    return out / "members" if (out / "members").exists() else out


class _Written:
    """A members table in Spark's files, read when it is compared and not before."""

    def __init__(self, found: mme.ExposureSpark) -> None:
        self._found = found

    def to_arrow(self) -> Any:
        return self._found.members.toArrow()


def spark_into(path: Path, out: Path) -> _Written:
    """Compute the members table inside Spark, and write it."""
    from peers.spark_session import session  # noqa: PLC0415 - the other roads need no Spark

    fills = session().read.parquet(str(path))
    return _Written(mme.exposure_spark(fills, out=str(out), **QUESTION))


def spark_nowhere(path: Path, _out: Path) -> None:
    """Compute the members table inside Spark, and drop it: what the kernel adds to shipping."""
    from peers.spark_session import session  # noqa: PLC0415 - the other roads need no Spark

    fills = session().read.parquet(str(path))
    mme.exposure_spark(fills, out="nowhere", form="noop", overwrite=True, **QUESTION)
