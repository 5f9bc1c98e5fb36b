"""A population's fills in Spark to each member's opioid exposure: the door of that road."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from opsafe import __version__, _spark, _spark_written
from opsafe.columns import Columns
from opsafe.errors import ArgumentTypeError
from opsafe.frames import Blocks, Frame, open_blocks, open_table
from opsafe.mme._population.book import MemberTables
from opsafe.mme._population.encode import OPTIONAL, REQUIRED
from opsafe.mme._population.lexicon import LINE_COLUMNS
from opsafe.mme._population.options import (
    Buprenorphine,
    Exclude,
    MoudProducts,
    Options,
    Overlap,
    PatchDays,
)
from opsafe.mme._population.report import thresholds_of
from opsafe.mme._roads.spark import COUNTS, Errand, add_up, check_kinds
from opsafe.mme.editions import EditionArgument, resolve_editions
from opsafe.mme.exposure import Threshold
from opsafe.mme.record import Provenance
from opsafe.mme.summary import Summary, needed, summarize

__all__ = ["ExposureSpark", "exposure_spark"]

SparkDataFrame = Any


@dataclass(frozen=True, repr=False, eq=False)
class ExposureSpark:
    """Opioid exposure of a population, computed and written by Spark.

    Tables are Spark frames that read what was written; they have no order until they are given
    one (``members.orderBy("member_id")``). ``set_aside`` and ``flags`` have null in ``row``,
    because rows of a Spark frame have no position: ``fill_id`` says which fill it was.
    """

    out: str
    """Where the tables are: a path, or a name in the catalogue."""
    editions: tuple[str, ...]
    """Ids of the editions, in the order in which they answer."""
    _written: _spark_written.Written = field(repr=False)
    _thresholds: Mapping[str, tuple[str, int]] = field(repr=False)
    _add_up: Callable[[Iterable[str]], Provenance] = field(repr=False)

    @property
    def written(self) -> SparkDataFrame:
        """All tables side by side, as they were written: ``table`` says which a row is of."""
        return self._written.frame

    @property
    def members(self) -> SparkDataFrame:
        """One row for every member of the input."""
        return self._written.table("members")

    @property
    def set_aside(self) -> SparkDataFrame:
        """Rows that do not count: row (null), fill_id, code, field, seen, advice."""
        return self._written.table("set_aside")

    @property
    def flags(self) -> SparkDataFrame:
        """Rows that count and that a person should look at."""
        return self._written.table("flags")

    @property
    def not_opioid(self) -> SparkDataFrame:
        """Rows of other drugs, counted by ingredient."""
        found = self._written.table("not_opioid").groupBy("ingredient", "kind")
        return found.agg({"rows": "sum"}).withColumnRenamed("sum(rows)", "rows")

    @property
    def excluded(self) -> SparkDataFrame:
        """Exclusions that met looked-at days: member_id, reason, first_day, last_day, days."""
        return self._written.table("excluded")

    @property
    def segments(self) -> SparkDataFrame | None:
        """Runs of constant exposure, on request."""
        return self._on_request("segments")

    @property
    def contributions(self) -> SparkDataFrame | None:
        """Each drug's part of the peak day and of the total, on request."""
        return self._on_request("contributions")

    def _on_request(self, tag: str) -> SparkDataFrame | None:
        return self._written.table(tag) if tag in self._written.columns else None

    @cached_property
    def provenance(self) -> Provenance:
        """How the answer came about, from the counts that were written beside it."""
        rows = self._written.table(COUNTS).collect()
        return self._add_up(row[0] for row in rows)

    def summary(self, *, by: str | None = None, suppress: bool = True) -> Summary:
        """Summarize the population; about 50 bytes a member come to this program.

        Parameters
        ----------
        by : str, optional
            A column of ``members`` to group by, for example "line_of_business".
        suppress : bool, optional
            Hide counts from 1 to 10, from which a person might be recognised.

        Returns
        -------
        Summary
            Mean and median MME a day and shares at thresholds, by each of the four definitions.
        """
        names = needed(by, self._written.columns["members"])
        # A mean of floats depends on their order: the order of ids is that of a frame's answer.
        read = self.members.orderBy("member_id").select(*names).toArrow()
        table = open_table(read, where="members", required=names)
        members = Columns({name: table.column(name) for name in names})
        return summarize(members, self._thresholds, self.provenance, by=by, suppress=suppress)

    def __repr__(self) -> str:
        return f"ExposureSpark({self.out!r}, {', '.join(self.editions)})"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>"


def exposure_spark(
    fills: SparkDataFrame,
    *,
    out: str | os.PathLike[str],
    edition: EditionArgument,
    start: date | str | None = None,
    end: date | str | None = None,
    at_least: Iterable[Threshold] = (50, 90),
    more_than: Iterable[Threshold] = (),
    overlap: Overlap = "sum",
    max_shift_days: int = 30,
    patch_days: PatchDays = "fill",
    buprenorphine: Buprenorphine = "exclude",
    moud_products: MoudProducts = "set_aside",
    columns: Mapping[str, str] | None = None,
    windows: Frame | None = None,
    enrolment: Frame | None = None,
    exclusions: Frame | None = None,
    exclude: Exclude = "days",
    not_opioid: Sequence[str] = (),
    segments: bool = False,
    contributions: bool = False,
    partitions: int | None = None,
    form: str = "parquet",
    in_catalogue: bool = False,
    overwrite: bool = False,
) -> ExposureSpark:
    """Compute each member's daily opioid exposure inside Spark, and write it.

    Parameters
    ----------
    fills : pyspark.sql.DataFrame
        One row a fill, with the columns that :func:`exposure` takes; of Spark or Spark Connect.
        Timestamps count as their day in the session's time zone.
    out : str or path
        Where to write: a path that Spark can write to, or the name of a table.
    edition : str, ConversionEdition, or sequence of them
        The table of factors; a sequence is a chain.
    start, end, at_least, more_than, overlap, max_shift_days, patch_days, buprenorphine
        As of :func:`exposure`.
    moud_products, columns, exclude, not_opioid, segments, contributions
        As of :func:`exposure`.
    windows, enrolment, exclusions : table, optional
        As of :func:`exposure`; each goes to every worker whole, so keep it below some million
        rows.
    partitions : int, optional
        Partitions to shuffle into; ``spark.sql.shuffle.partitions`` unless said. One or two
        million fills a partition are good: its worker takes about 0.6 GB for two million.
    form : str, optional
        A format of Spark's that keeps types and nulls: "parquet", "orc", "delta".
    in_catalogue : bool, optional
        Whether ``out`` is the name of a table, as in ``saveAsTable``.
    overwrite : bool, optional
        Whether what is at ``out`` may be replaced.

    Returns
    -------
    ExposureSpark
        Spark frames of what was written; MME in MME a day. The bits are those of
        :func:`exposure`, whatever the partitions.

    Raises
    ------
    ColumnError
        If a column is missing, there twice, or of a kind that cannot be read; before any job.
    ArgumentError, ArgumentTypeError
        If an argument cannot be used, or something is at ``out`` already.
    EditionNotFoundError
        If there is no such edition.
    MissingExtraError
        If pyarrow is not installed.

    Notes
    -----
    Workers need opsafe (of the same version), NumPy and pyarrow. One shuffle brings the fills of
    a member together; Spark computes no rate. Definitions are those of :func:`exposure`.

    Examples
    --------
    >>> from opsafe import mme
    >>> mme.exposure_spark([], out="members", edition="cdc-2022")
    Traceback (most recent call last):
    opsafe.errors.ArgumentTypeError: fills: list is not a Spark DataFrame.
        Make it one with spark.createDataFrame(...).
    """
    where, chain = _where(out), resolve_editions(edition)
    options = Options.check(
        start=start,
        end=end,
        at_least=at_least,
        more_than=more_than,
        overlap=overlap,
        max_shift_days=max_shift_days,
        patch_days=patch_days,
        buprenorphine=buprenorphine,
        moud_products=moud_products,
        exclude=exclude,
        not_opioid=not_opioid,
        segments=segments,
        contributions=contributions,
    )
    frame = _spark.SparkFrame(fills, "fills")
    blocks = _open(frame, columns)
    names = blocks.names
    tables = MemberTables.read(windows, enrolment, exclusions)
    check_kinds(blocks, tables)
    texts = tuple(one.to_json() for one in chain.editions)
    given = dict(columns or {})
    # Run here, once for the errors of columns, and once without rows for the types of the answer.
    trial = Errand(__version__, given, texts, options, tables, status_says=False)
    dict(trial(frame.typical()))
    like = dict(trial(frame.empty()))
    shuffled = frame.partitions(partitions)
    status_says = "status" in names and frame.says_anything(names["status"])
    errand = Errand(__version__, given, texts, options, tables, status_says=status_says)
    planned = frame.map_groups(
        errand,
        tuple(names.values()),
        names["member_id"],
        like,
        partitions=shuffled,
        few_words=[names[one] for one in LINE_COLUMNS if one in names],
    )
    written = _spark_written.write(
        planned, like, out=where, form=form, in_catalogue=in_catalogue, overwrite=overwrite
    )
    return ExposureSpark(
        where,
        chain.ids,
        written,
        thresholds_of(options),
        lambda texts: add_up(texts, chain, options, tables, tuple(names), status_says=status_says),
    )


def _open(frame: _spark.SparkFrame, columns: Mapping[str, str] | None) -> Blocks:
    """Find the columns, and refuse those that cannot be shipped."""
    found = open_blocks(
        frame.empty(), where="fills", required=REQUIRED, optional=OPTIONAL, columns=columns
    )
    frame.check(tuple(found.names.values()))
    return found


def _where(out: object) -> str:
    if not isinstance(out, str | os.PathLike):
        raise ArgumentTypeError(f"{type(out).__name__} is neither a path nor a name", where="out")
    return os.fspath(out)
