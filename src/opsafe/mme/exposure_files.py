"""Parquet files of any size to each member's opioid exposure, on one machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from opsafe import __version__
from opsafe._arguments import read_whole
from opsafe._parquet import Source, open_source
from opsafe._parquet_files import find_files
from opsafe.errors import ArgumentTypeError, ColumnError
from opsafe.frames import Frame
from opsafe.mme._population.book import MemberTables
from opsafe.mme._population.encode import OPTIONAL, REQUIRED, encode
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.options import (
    Buprenorphine,
    Exclude,
    MoudProducts,
    Options,
    Overlap,
    PatchDays,
)
from opsafe.mme._population.report import thresholds_of
from opsafe.mme._population.run import Progress
from opsafe.mme._population.spans import MemberTable
from opsafe.mme._roads.files import run_files
from opsafe.mme._roads.job import Job
from opsafe.mme._roads.ledger import Folder
from opsafe.mme._roads.result import ExposureFiles
from opsafe.mme._roads.spill import MIXING, MOST_PARTITIONS
from opsafe.mme.chain import EditionChain
from opsafe.mme.editions import EditionArgument, resolve_editions
from opsafe.mme.exposure import Threshold, read_threads

__all__ = ["exposure_files"]

Path_ = str | os.PathLike[str]


def exposure_files(
    fills: Path_ | Sequence[Path_],
    out: Path_,
    *,
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
    parts: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ExposureFiles:
    """Compute each member's daily opioid exposure from Parquet files, in bounded memory.

    The answer is that of :func:`opsafe.mme.exposure`, which takes frames and streams. A run that
    was stopped, even by ``kill -9``, goes on when it is called again: finished parts are checked
    and left as they are.

    Parameters
    ----------
    fills : path, or sequence of paths
        Parquet files, folders of them, or patterns such as ``"claims/*.parquet"``; the columns
        are those of :func:`opsafe.mme.exposure`. Folders such as ``year=2025`` are columns too.
    out : path
        The folder of the results: a new one, or that of the same call.
    edition : str, ConversionEdition, or sequence of them
        The table of factors; a sequence is a chain.
    start, end : date or str, optional
        First and last day of the window, both inclusive.
    at_least, more_than : iterable of numbers, optional
        Thresholds in MME a day; the names of the resulting columns carry the sign.
    overlap : {"sum", "shift_same_product"}, optional
        Each fill from its own date, or early refills of one product moved to the end of the
        supply before them.
    max_shift_days : int, optional
        Most days that a refill moves.
    patch_days : {"fill", "edition"}, optional
        Days of a patch fill as stated, or patches x wear time.
    buprenorphine : {"exclude", "include"}, optional
        With "include", columns with buprenorphine stand beside those without.
    moud_products : {"set_aside", "include"}, optional
        Whether methadone 40 mg tablets count.
    columns : mapping of str to str, optional
        Our column name to yours.
    windows : table, optional
        member_id, first_day, last_day: a window for each member.
    enrolment : table, optional
        member_id, first_day, last_day, optional line_of_business: days that are looked at.
    exclusions : table, optional
        member_id, first_day, last_day, reason: cancer, hospice, palliative care, sickle cell,
        long-term care; an open last_day is null.
    exclude : {"days", "members"}, optional
        Whether an exclusion cuts its days or leaves the member out.
    not_opioid : sequence of str, optional
        Further ingredients that are no opioids.
    segments, contributions : bool, optional
        Whether runs of constant exposure, and shares by drug, are wanted.
    parts : int, optional
        Parts to cut the members into; one for about 1.5 million rows unless said.
    threads : int, optional
        Threads to use; at most 2 unless said. The answer is the same with any number.
    progress : callable, optional
        Called with (rows done, rows in all); rows that go by way of the disk are counted twice.

    Returns
    -------
    ExposureFiles
        Where the tables are, and the provenance.

    Raises
    ------
    ColumnError
        If a column is missing, there twice, or of a kind that cannot be read, in any file: before
        any work.
    ArgumentError, ArgumentTypeError
        If an argument cannot be used, there are no files, or ``out`` holds another run.
    EditionNotFoundError
        If there is no such edition.
    FileError
        If a file is damaged or the disk is full; finished parts are kept.
    MissingExtraError
        If pyarrow is not installed.

    Notes
    -----
    Rows in order of member (as the files' own statistics say) are cut into consecutive parts as
    they are read, so members are in order over all parts. Other rows are dealt to the parts by
    their member, by way of ``out/_spill``, which takes about 60 bytes a row and is removed at the
    end: members are then in order within each part only. Each thread holds about a part.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pyarrow as pa
    >>> from pyarrow import parquet
    >>> from opsafe import mme
    >>> fill = {
    ...     "member_id": 1,
    ...     "fill_date": "2025-01-01",
    ...     "ingredient": "oxycodone",
    ...     "route": "oral",
    ...     "strength": "10 mg",
    ...     "quantity": 180,
    ...     "days_supply": 30,
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parquet.write_table(pa.Table.from_pylist([fill]), Path(folder, "fills.parquet"))
    ...     found = mme.exposure_files(
    ...         Path(folder, "*.parquet"), Path(folder, "exposure"), edition="cdc-2022"
    ...     )
    ...     found.to_arrow(columns=["member_id", "mme_maximum_day"]).to_pylist()
    [{'member_id': 1, 'mme_maximum_day': 90.0}]
    """
    chain = resolve_editions(edition)
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
    threads, parts = read_threads(threads), _read_parts(parts)
    tables = MemberTables.read(windows, enrolment, exclusions)
    if not isinstance(out, str | os.PathLike):
        raise ArgumentTypeError("is not a path", where="out")
    folder = Path(out)
    source = open_source(
        find_files(fills, where="fills", apart_from=folder),
        required=REQUIRED,
        optional=OPTIONAL,
        columns=columns,
    )
    _check(source, tables)
    run = _run(source, chain, options, tables, parts)
    job = Job(source, Folder(folder, run), chain, options, tables, parts, threads, progress)
    provenance = run_files(job)
    return ExposureFiles(folder, job.folder.plan["parts"], provenance, thresholds_of(options))


def _read_parts(parts: int | None) -> int | None:
    return None if parts is None else read_whole(parts, "parts", 1, MOST_PARTITIONS)


def _check(source: Source, tables: MemberTables) -> None:
    """Read no rows of every file: what cannot be read for its type is told before any work."""
    kinds = {encode(one, Lexicon(), first_row=0).member.kind for one in source.empty()}
    for table in (tables.windows, tables.enrolment, tables.exclusions):
        if table is not None and len(table) and ("text" in kinds) != (table.member.kind == "text"):
            raise ColumnError("member ids are of another type than in fills", where=table.where)


def _run(
    source: Source,
    chain: EditionChain,
    options: Options,
    tables: MemberTables,
    parts: int | None,
) -> dict[str, Any]:
    """All that decides the results, as plain data."""
    arguments = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(options).items()
    }
    named = (tables.windows, tables.enrolment, tables.exclusions)
    return {
        "opsafe": __version__,
        "mixing": MIXING,
        "parts": parts,
        "argument": arguments,
        "edition": {one.id: one.values_hash() for one in chain.editions},
        "editions": [one.id for one in chain.editions],
        "columns": dict(source.names),
        "table": {table.where: _digest(table) for table in named if table is not None},
        "files": [file.found.name for file in source.files],
        "file": {file.found.name: [file.found.size, file.found.changed] for file in source.files},
    }


def _digest(table: MemberTable) -> str:
    """A checksum of a table by member, whatever frame it came in."""
    digest = hashlib.sha256(repr((table.member.kind, table.labels)).encode())
    arrays = (
        table.member.key,
        table.member.words,
        table.start,
        table.stop,
        table.label,
    )
    for array in arrays:
        if array is not None:
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
