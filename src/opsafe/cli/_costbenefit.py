"""``opsafe costbenefit``: a plan's inputs to a business case, their JSON Schema, the editions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from opsafe import __version__
from opsafe import costbenefit as cb
from opsafe.cli._documents import (
    check_folder,
    named_as_options,
    print_schema,
    read_document,
)
from opsafe.cli._edition_text import list_editions, show_edition
from opsafe.cli._files import write_table, write_text
from opsafe.cli._screen import cited, heading, output, plainly, print_list, print_table
from opsafe.costbenefit import figures
from opsafe.costbenefit._case_memo import memo_sections, title_of

__all__ = ["business_case", "editions", "schema"]

_TABLES: Final = ("outcomes", "by_month", "by_year", "categories", "by_category_and_month",
                  "intervals", "inputs")  # fmt: skip
_RECORD: Final = "business_case.json"
_OPTIONS: Final = {name: f"--{name}" for name in ("draws", "seed", "level", "defaults")}


@plainly
def business_case(
    inputs: Annotated[Path, typer.Argument(help="The plan's inputs: JSON as the schema says.")],
    defaults: Annotated[
        str, typer.Option(help="Id of an edition of defaults, or a .toml file of your own.")
    ] = "2026-01",
    draws: Annotated[int, typer.Option(help="Draws of what is uncertain; 0 for none.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    level: Annotated[float, typer.Option(help="Share of the draws between low and high.")] = 0.95,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the tables as CSV and business_case.json.")
    ] = None,
) -> None:
    """Work out what more members on medication cost a plan and what they save it.

    opsafe costbenefit business-case inputs.json --draws 2000 --seed 7
    """
    asked = read_document(cb.PlanInputs, inputs, "INPUTS")
    check_folder(out, inputs, (_RECORD,), "inputs themselves")
    with named_as_options(_OPTIONS):
        chosen = figures.Defaults.from_toml(defaults) if defaults.endswith(".toml") else defaults
        case = cb.business_case(asked, defaults=chosen, draws=draws, seed=seed, level=level)
    written = [] if out is None else _write(case, out)
    _print(output(), case, written)


@plainly
def schema() -> None:
    """Print the JSON Schema of a plan's inputs, for an editor or a form."""
    print_schema(cb.PlanInputs)


@plainly
def editions(
    edition_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One of them, with what it says.")
    ] = None,
) -> None:
    """List the editions of figures, prices and defaults, or show one with its source."""
    if edition_id is not None:
        show_edition(cb.edition(edition_id))
        return
    list_editions(cb.editions(), "opsafe costbenefit editions")


def _write(case: cb.BusinessCase, out: Path) -> list[str]:
    """Write the tables, and the record last: where it stands, the folder is whole."""
    out.mkdir(exist_ok=True)
    (out / _RECORD).unlink(missing_ok=True)
    told = []
    for name in _TABLES:
        table = getattr(case, name)
        write_table(table.to_arrow(), out / f"{name}.csv")
        told.append(f"{out / name}.csv: {len(table):,} rows")
    write_text(case.to_json() + "\n", out / _RECORD)
    return [*told, f"{out / _RECORD}: what was asked, every figure, and by which editions"]


def _print(console: Console, case: cb.BusinessCase, written: Sequence[str]) -> None:
    console.print(Text(title_of(case), style="bold"))
    console.print(f"  defaults {case.defaults_id}; opsafe {__version__}")
    for title, rows in memo_sections(case):
        heading(console, title)
        print_table(console, ("figure", "value"), rows)
    _print_years(console, case)
    _print_grounds(console, case)
    if written:
        heading(console, "Written")
        print_list(console, written)


def _print_years(console: Console, case: cb.BusinessCase) -> None:
    table = case.by_year
    money = ("spending_usd", "saving_usd", "net_saving_usd", "cumulative_net_saving_usd")
    heading(console, "By fiscal year, USD")
    print_table(
        console,
        ("year", *((name.removesuffix("_usd").replace("_", " "), "right") for name in money)),
        [
            (str(year), *(f"{amount:,.0f}" for amount in amounts))
            for year, *amounts in zip(
                table["fiscal_year"].tolist(),
                *(table[name].tolist() for name in money),
                strict=True,
            )
        ],
    )
    heading(console, "By category, USD")
    columns = ("category", "spending_usd", "saving_usd")
    print_table(
        console,
        ("category", ("spending that rises", "right"), ("saving", "right")),
        [
            (name.replace("_", " "), f"{spending:,.0f}", f"{saving:,.0f}")
            for name, spending, saving in zip(
                *(case.categories[name].tolist() for name in columns), strict=True
            )
        ],
    )


def _print_grounds(console: Console, case: cb.BusinessCase) -> None:
    """Print what the case rests on."""
    columns = [case.inputs[name].tolist() for name in ("input", "value", "origin", "source")]
    rows = [
        (name, value, origin, source if origin == "planning value" else "cited below")
        for name, value, origin, source in zip(*columns, strict=True)
        if origin in ("default edition", "planning value")
    ]
    if rows:
        heading(console, "Defaults used")
        print_table(console, ("input", "value", "origin", "why"), rows)
    heading(console, "Mind")
    print_list(console, case.cautions)
    heading(console, "Editions")
    for each in case.editions:
        cited(console, each.citation)
