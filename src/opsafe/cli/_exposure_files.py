"""``opsafe mme files``: Parquet of any size to a summary and a folder of results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from opsafe import mme
from opsafe.cli._options import (
    AtLeast,
    ColumnNames,
    Editions,
    End,
    IncludeBuprenorphine,
    IncludeMoudProducts,
    MaxShiftDays,
    MoreThan,
    NoSuppress,
    NotOpioid,
    Overlap,
    OverlapRule,
    PatchDays,
    PatchDaysRule,
    Start,
    column_names,
    thresholds,
)
from opsafe.cli._progress import progress_in_rows
from opsafe.cli._report import print_summary
from opsafe.cli._screen import edition_argument, output, plainly
from opsafe.errors import ColumnError

__all__ = ["files"]


@plainly
def files(
    paths: Annotated[
        list[Path],
        typer.Argument(help='Claims in Parquet: files, folders or patterns ("claims/*.parquet").'),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the results: a new one, or that of the same call.")
    ],
    edition: Editions,
    start: Start = None,
    end: End = None,
    columns: ColumnNames = None,
    at_least: AtLeast = None,
    more_than: MoreThan = None,
    overlap: Overlap = OverlapRule.SUM,
    max_shift_days: MaxShiftDays = 30,
    patch_days: PatchDays = PatchDaysRule.FILL,
    buprenorphine: IncludeBuprenorphine = False,
    moud_products: IncludeMoudProducts = False,
    not_opioid: NotOpioid = None,
    segments: Annotated[
        bool, typer.Option("--segments", help="Write runs of constant exposure too.")
    ] = False,
    contributions: Annotated[
        bool, typer.Option("--contributions", help="Write each drug's share too.")
    ] = False,
    parts: Annotated[
        int | None, typer.Option(help="Parts to cut the members into; more take less memory.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads to use; at most 2 unless said.")
    ] = None,
    no_suppress: NoSuppress = False,
) -> None:
    """Compute opioid exposure from Parquet of any size; a stopped run goes on when repeated.

    opsafe mme files claims --out exposure --edition cdc-2022 --start 2025-01-01 --end 2025-12-31
    """
    names = column_names(columns)
    chain = edition_argument(edition)
    least, more = thresholds(at_least, more_than)
    with _advice_for_a_command(), progress_in_rows() as tell:
        found = mme.exposure_files(
            paths[0] if len(paths) == 1 else paths,
            out,
            edition=chain,
            start=start,
            end=end,
            at_least=least,
            more_than=more,
            overlap=overlap.value,
            max_shift_days=max_shift_days,
            patch_days=patch_days.value,
            buprenorphine="include" if buprenorphine else "exclude",
            moud_products="include" if moud_products else "set_aside",
            not_opioid=not_opioid or (),
            columns=names or None,
            segments=segments,
            contributions=contributions,
            parts=parts,
            threads=threads,
            progress=tell,
        )
    claims = str(paths[0]) if len(paths) == 1 else f"{len(paths):,} paths"
    print_summary(output(), found, claims, suppress=not no_suppress, written=_written(found))


@contextmanager
def _advice_for_a_command() -> Iterator[None]:
    """Advise the option where the library advises its argument."""
    try:
        yield
    except ColumnError as error:
        if error.advice and "columns=" in error.advice:
            error.advice = "Name yours, each with an option of its own: --columns member_id=YOURS"
        raise


def _written(found: mme.ExposureFiles) -> list[str]:
    """Say where the tables are; each is a folder of parts."""
    provenance = found.provenance
    told = [
        f"{found.members}: {provenance.members:,} members, with their ids",
        f"{found.set_aside}: {provenance.rows.set_aside:,} rows set aside, by file and row",
        f"{found.flags}: rows that count and are to be looked at",
        f"{found.not_opioid}: rows of other drugs, counted by ingredient",
    ]
    if found.segments is not None:
        told.append(f"{found.segments}: runs of constant exposure")
    if found.contributions is not None:
        told.append(f"{found.contributions}: each drug's part of the peak day and the total")
    return [*told, f"{found.folder / 'provenance.json'}: how this came about"]
