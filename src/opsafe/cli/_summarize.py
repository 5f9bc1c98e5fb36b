"""``opsafe mme summarize``: a file of claims to a summary and a table of members."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from opsafe import mme
from opsafe.cli._files import (
    check_apart,
    check_folder,
    check_target,
    read_fills,
    write_table,
    write_text,
)
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
from opsafe.cli._progress import progress_in_steps
from opsafe.cli._report import print_summary
from opsafe.cli._screen import edition_argument, output, plainly

__all__ = ["summarize"]

_STEPS: Final = (
    "Reading the file",
    "Reading columns",
    "Netting, factors",
    "Summing days",
    "Tables",
)


@plainly
def summarize(
    file: Annotated[Path, typer.Argument(help="Claims, one row a fill: CSV or Parquet.")],
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
    out: Annotated[
        Path | None, typer.Option(help="Write a row for each member: .csv or .parquet.")
    ] = None,
    set_aside: Annotated[
        Path | None, typer.Option(help="Write the rows that do not count, each with its reason.")
    ] = None,
    provenance: Annotated[
        Path | None, typer.Option(help="Write how the result came about, as JSON.")
    ] = None,
    no_suppress: NoSuppress = False,
) -> None:
    """Summarize the opioid exposure of the members in a file of pharmacy claims.

    opsafe mme summarize claims.csv --edition cdc-2022 --start 2025-01-01 --end 2025-12-31
    """
    check_target(out, "--out", file)
    check_target(set_aside, "--set-aside", file)
    check_folder(provenance, "--provenance", file)
    check_apart(out, set_aside, provenance)
    names = column_names(columns)
    chain = edition_argument(edition)
    least, more = thresholds(at_least, more_than)
    with progress_in_steps(_STEPS) as tell:
        fills = read_fills(file, names)
        tell(0, len(_STEPS) - 1)
        found = mme.exposure(
            fills,
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
            progress=tell,
        )
        written = _write(found, out, set_aside, provenance)
    print_summary(output(), found, file.name, suppress=not no_suppress, written=written)


def _write(
    found: mme.Exposure, out: Path | None, set_aside: Path | None, provenance: Path | None
) -> list[str]:
    """Write what was asked for, and say what."""
    told = []
    if out is not None:
        write_table(found.members, out)
        told.append(f"{out}: {len(found.members):,} members, with their ids")
    if set_aside is not None:
        write_table(found.set_aside, set_aside)
        told.append(f"{set_aside}: {len(found.set_aside):,} rows set aside, counted from 0")
    if provenance is not None:
        write_text(found.provenance.to_json() + "\n", provenance)
        told.append(f"{provenance}: how this came about")
    return told
