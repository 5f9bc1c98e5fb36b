"""A tagged table that Spark wrote: written in one job, read when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from opsafe.errors import ArgumentError

__all__ = ["TAG", "Written", "write"]

TAG: Final = "table"
"""The column that says which table a row belongs to."""

_THERE_ALREADY: Final = ("ALREADY_EXISTS", "already exists")


@dataclass(frozen=True)
class Written:
    """A tagged table on disk, or in a catalogue."""

    read: Callable[[], Any]
    columns: Mapping[str, tuple[str, ...]]
    """Columns of each table, by its tag."""

    @cached_property
    def frame(self) -> Any:
        """The whole of it, as a Spark frame that reads it."""
        return self.read()

    def table(self, tag: str) -> Any:
        """One of the tables, as a Spark frame."""
        return self.frame.filter(f"{TAG} = '{tag}'").select(*self.columns[tag])


def write(
    frame: Any,
    like: Mapping[str, Any],
    *,
    out: str,
    form: str,
    in_catalogue: bool,
    overwrite: bool,
) -> Written:
    """Compute a tagged table and write it, in one job.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        What ``map_groups`` planned.
    like : mapping of str to Arrow table
        As of ``map_groups``.
    out : str
        A path, or the name of a table.
    form : str
        A format of Spark's that keeps types and nulls.
    in_catalogue : bool
        Whether ``out`` is the name of a table.
    overwrite : bool
        Whether what is there may be replaced.

    Raises
    ------
    ArgumentError
        If something is there already and may not be replaced.
    """
    from pyspark.errors import AnalysisException

    session = frame.sparkSession
    writer = frame.write.format(form).mode("overwrite" if overwrite else "error")
    try:
        writer.saveAsTable(out) if in_catalogue else writer.save(out)
    except AnalysisException as error:
        if overwrite or not any(words in str(error) for words in _THERE_ALREADY):
            raise
        raise ArgumentError(
            "something is there already", where="out", value=out, advice="Or say overwrite=True"
        ) from error
    # Read when it is asked for: of what a sink takes in ("noop", a stream), nothing can be read.
    read = partial(session.table, out) if in_catalogue else partial(_load, session, form, out)
    return Written(read, {tag: tuple(table.column_names) for tag, table in like.items()})


def _load(session: Any, form: str, out: str) -> Any:
    return session.read.format(form).load(out)
