"""``opsafe mme summarize``: a file of claims to a summary and a table of members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from opsafe import mme
from opsafe.cli._files import (
    check_apart,
    check_folder,
    check_target,
    read_fills,
    write_table,
    write_text,
)
from opsafe.cli._report import print_summary
from opsafe.cli._screen import edition_argument, errors, number, output, plainly
from opsafe.errors import ArgumentError

__all__ = ["summarize"]

_STEPS: Final = (
    "Reading the file",
    "Reading columns",
    "Netting, factors",
    "Summing days",
    "Tables",
)


class OverlapRule(StrEnum):
    """How fills that overlap add up."""

    SUM = "sum"
    SHIFT_SAME_PRODUCT = "shift_same_product"


class PatchDays(StrEnum):
    """Where the days of a patch fill are from."""

    FILL = "fill"
    EDITION = "edition"


@plainly
def summarize(
    file: Annotated[Path, typer.Argument(help="Claims, one row a fill: CSV or Parquet.")],
    edition: Annotated[
        list[str],
        typer.Option(
            help="Id of an edition (opsafe mme editions), or a .toml file of your own; "
            "twice for a chain."
        ),
    ],
    start: Annotated[str | None, typer.Option(help="First day looked at: 2025-01-01.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day looked at.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OURS=YOURS", help="Your name of a column: member_id=BENE_ID; again for each."
        ),
    ] = None,
    at_least: Annotated[
        list[str] | None, typer.Option(metavar="MME", help="Threshold, default 50 and 90.")
    ] = None,
    more_than: Annotated[
        list[str] | None, typer.Option(metavar="MME", help="Threshold that must be exceeded.")
    ] = None,
    overlap: Annotated[
        OverlapRule,
        typer.Option(
            help="Each fill from its own date, or early refills of one "
            "product moved to the end of the supply before."
        ),
    ] = OverlapRule.SUM,
    max_shift_days: Annotated[int, typer.Option(help="Most days that a refill moves.")] = 30,
    patch_days: Annotated[
        PatchDays, typer.Option(help="Days of a patch fill as stated, or patches x wear time.")
    ] = PatchDays.FILL,
    buprenorphine: Annotated[
        bool, typer.Option("--include-buprenorphine", help="In columns beside the others.")
    ] = False,
    moud_products: Annotated[
        bool, typer.Option("--include-moud-products", help="Count methadone 40 mg tablets.")
    ] = False,
    not_opioid: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A further drug that is no opioid.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a row for each member: .csv or .parquet.")
    ] = None,
    set_aside: Annotated[
        Path | None, typer.Option(help="Write the rows that do not count, each with its reason.")
    ] = None,
    provenance: Annotated[
        Path | None, typer.Option(help="Write how the result came about, as JSON.")
    ] = None,
    no_suppress: Annotated[
        bool, typer.Option("--no-suppress", help="Print counts from 1 to 10 too.")
    ] = False,
) -> None:
    """Summarize the opioid exposure of the members in a file of pharmacy claims.

    opsafe mme summarize claims.csv --edition cdc-2022 --start 2025-01-01 --end 2025-12-31
    """
    check_target(out, "--out", file)
    check_target(set_aside, "--set-aside", file)
    check_folder(provenance, "--provenance", file)
    check_apart(out, set_aside, provenance)
    names = _names(columns or ())
    chain = edition_argument(edition)
    thresholds = {
        "at_least": [number(one, "--at-least") for one in at_least] if at_least else (50, 90),
        "more_than": [number(one, "--more-than") for one in more_than or ()],
    }
    with _progress() as tell:
        fills = read_fills(file, names)
        tell(0, len(_STEPS) - 1)
        found = mme.exposure(
            fills,
            edition=chain,
            start=start,
            end=end,
            at_least=thresholds["at_least"],
            more_than=thresholds["more_than"],
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


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show progress on a terminal, nothing in a log; never anything of the data."""
    console = errors()
    if not console.is_terminal:
        yield lambda _done, _steps: None
        return
    parts = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*parts, console=console, transient=True) as progress:
        task = progress.add_task(_STEPS[0], total=len(_STEPS))

        def tell(done: int, steps: int) -> None:
            # Reading the file came before the steps that exposure counts.
            at = min(done + 1, len(_STEPS) - 1)
            progress.update(task, completed=done + 1, total=steps + 1, description=_STEPS[at])

        yield tell


def _names(pairs: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for pair in pairs:
        ours, sign, theirs = pair.partition("=")
        if not (sign and ours.strip() and theirs.strip()):
            raise ArgumentError(
                f"{pair!r} does not map a name", where="--columns", allowed=("member_id=BENE_ID",)
            )
        if ours.strip() in names:
            raise ArgumentError(f"{ours.strip()} is mapped twice", where="--columns")
        names[ours.strip()] = theirs.strip()
    return names


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
