"""``opsafe ranking``: ratings to an order and a memo, a blank ballot, the sample, the editions."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from opsafe import ranking as rk
from opsafe._display import counted
from opsafe.cli._documents import check_folder, named_as_options, print_schema, read_document
from opsafe.cli._edition_text import list_editions, show_edition
from opsafe.cli._files import WRITABLE, check_apart, write_table, write_text
from opsafe.cli._ranking_files import (
    check_file,
    read_names,
    read_owners,
    read_rows,
    read_weights,
    sample_tables,
)
from opsafe.cli._ranking_text import print_ranking
from opsafe.cli._screen import output, plainly, print_list
from opsafe.errors import ArgumentError
from opsafe.ranking import figures

__all__ = ["ballot", "editions", "example", "rank", "schema"]

_SAME_NAME: Final = ("weights", "columns", "owners", "draws", "seed", "top", "defaults")
_OPTIONS: Final = {**{name: f"--{name}" for name in _SAME_NAME}, "ratings": "RATINGS"}


class Aggregate(StrEnum):
    """What a panel's value is."""

    MEAN = "mean"
    MEDIAN = "median"
    BORDA = "borda"


class Ties(StrEnum):
    """How equals are numbered."""

    GROUP = "group"
    COMPETITION = "competition"
    AVERAGE = "average"


class Uncertainty(StrEnum):
    """What varies in the draws."""

    RATERS = "raters"
    WEIGHTS = "weights"
    BOTH = "both"
    NONE = "none"


class Cut(StrEnum):
    """Where high begins."""

    MIDPOINT = "midpoint"
    MEDIAN = "median"


class Form(StrEnum):
    """What a ballot is written as."""

    MARKDOWN = "markdown"
    CSV = "csv"


CriteriaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="Your criteria: JSON as the schema says; impact and ease from 1 to 5 "
                 "without."),
]  # fmt: skip
Owners: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="INITIATIVE=RATER", help="Who does not rate it; again for each."),
]


@plainly
def rank(
    ratings: Annotated[
        Path,
        typer.Argument(
            help="Ratings, CSV or Parquet: initiative, rater, and a column for "
            "each criterion, or criterion and score."
        ),
    ],
    weights: Annotated[
        list[str],
        typer.Option(
            metavar="CRITERION=POINTS", help="Points of a criterion or a group; again for each."
        ),
    ],
    criteria: CriteriaFile = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS=YOURS", help="Your name of a column: initiative=Project."),
    ] = None,
    owners: Owners = None,
    aggregate: Annotated[Aggregate, typer.Option(help="The panel's value.")] = Aggregate.MEAN,
    ties: Annotated[Ties, typer.Option(help="How equals are numbered.")] = Ties.GROUP,
    uncertainty: Annotated[
        Uncertainty, typer.Option(help="What varies in the draws.")
    ] = Uncertainty.RATERS,
    cut: Annotated[Cut, typer.Option(help="Where high begins.")] = Cut.MIDPOINT,
    top: Annotated[int, typer.Option(help="How many first places to look at.")] = 5,
    draws: Annotated[int, typer.Option(help="Draws of what is uncertain.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    defaults: Annotated[
        str, typer.Option(help="Id of an edition of planning values, or a .toml file of your own.")
    ] = "2026-01",
    out: Annotated[Path | None, typer.Option(help="File for the table: .csv or .parquet.")] = None,
    memo: Annotated[Path | None, typer.Option(help="File for the memo: Markdown.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole result as JSON and nothing else.")
    ] = False,
) -> None:
    """Rank initiatives by what a panel rated, and say how sure the order is.

    opsafe ranking rank ratings.csv --weights impact=60 --weights ease=40 --memo memo.md
    """
    asked = _criteria(criteria)
    _check_targets(out, memo, ratings, criteria)
    with named_as_options(_OPTIONS):
        chosen = figures.Defaults.from_toml(defaults) if defaults.endswith(".toml") else defaults
        panel = rk.read_ratings(
            read_rows(ratings),
            criteria=asked,
            columns=read_names(columns),
            owners=read_owners(owners),
            numbers_as_text=True,
        )
        found = rk.rank(
            panel,
            criteria=asked,
            weights=read_weights(weights),
            aggregate=aggregate.value,
            ties=ties.value,
            uncertainty=uncertainty.value,
            cut=cut.value,
            top=top,
            draws=draws,
            seed=seed,
            defaults=chosen,
        )
    written = _write(found, out, memo)
    if as_json:
        typer.echo(found.to_json())
        return
    print_ranking(output(), found, ratings.name, written)


@plainly
def ballot(
    initiatives: Annotated[list[str], typer.Argument(help="Names of the initiatives.")],
    criteria: CriteriaFile = None,
    raters: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who rates; again for each.")
    ] = None,
    owners: Owners = None,
    form: Annotated[
        Form, typer.Option("--format", help="A page to read, or a table to fill in.")
    ] = Form.MARKDOWN,
    out: Annotated[Path | None, typer.Option(help="File for it; on the screen without.")] = None,
) -> None:
    """Make a blank ballot with what each step means.

    opsafe ranking ballot "Naloxone access" "Data dashboard" --raters Ana --raters Ben
    """
    asked = _criteria(criteria)
    check_file(out, "--out", criteria)
    names = {"initiatives": "INITIATIVES", "raters": "--raters", "name": "--format csv"}
    with named_as_options(_OPTIONS | names):
        blank = rk.ballot(asked, initiatives, raters, owners=read_owners(owners))
        text = blank.to_csv() if form is Form.CSV else blank.to_markdown()
    if out is None:
        typer.echo(text, nl=False)
        return
    write_text(text, out)
    print_list(output(), [f"{out}: {counted(len(blank.initiatives), 'initiative')}"])


@plainly
def example(
    out: Annotated[Path, typer.Option(help="Folder for the files; it is made.")],
) -> None:
    """Write the sample: invented ratings, costs, work and assessments.

    opsafe ranking example --out sample
    """
    check_folder(out, out, (), "sample itself")
    story = rk.example()
    out.mkdir(exist_ok=True)
    told = []
    for name, table in sample_tables(story).items():
        write_table(table, out / f"{name}.csv")
        told.append(f"{out / name}.csv: {table.num_rows:,} rows")
    write_text(story.note + "\n", out / "NOTE.txt")
    print_list(output(), [*told, f"{out / 'NOTE.txt'}: {story.note}"])


@plainly
def schema() -> None:
    """Print the JSON Schema of criteria, for an editor or a form."""
    print_schema(rk.Criteria)


@plainly
def editions(
    edition_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One of them, with what it says.")
    ] = None,
) -> None:
    """List the editions of planning values, or show one with its reasons."""
    if edition_id is not None:
        show_edition(rk.edition(edition_id))
        return
    list_editions(rk.editions(), "opsafe ranking editions")


def _criteria(file: Path | None) -> rk.Criteria:
    return rk.IMPACT_EASE_1_5 if file is None else read_document(rk.Criteria, file, "--criteria")


def _check_targets(out: Path | None, memo: Path | None, *read: Path | None) -> None:
    for path, option in ((out, "--out"), (memo, "--memo")):
        check_file(path, option, *read)
    if out is not None and out.suffix.lower() not in WRITABLE:
        raise ArgumentError(
            f"{out.name} has an ending that says nothing", where="--out", allowed=WRITABLE
        )
    check_apart(out, memo)


def _write(found: rk.Ranking, out: Path | None, memo: Path | None) -> list[str]:
    told = []
    if out is not None:
        write_table(found.table.to_arrow(), out)
        told.append(f"{out}: {len(found.table):,} rows")
    if memo is not None:
        write_text(found.memo(), memo)
        told.append(f"{memo}: the memo")
    return told
