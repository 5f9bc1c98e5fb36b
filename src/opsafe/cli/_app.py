"""The commands and where they hang."""

from __future__ import annotations

from typing import Annotated

import typer

from opsafe import __version__
from opsafe.cli import _costbenefit, _ranking, _workforce
from opsafe.cli._daily import daily
from opsafe.cli._editions import compare, editions
from opsafe.cli._exposure_files import files
from opsafe.cli._screen import output
from opsafe.cli._summarize import summarize

__all__ = ["app"]

# Typer's own tracebacks show the values of variables, and those may be claims.
app = typer.Typer(
    name="opsafe",
    help="Opioid safety for health plans: sourced, exact and auditable calculations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
mme = typer.Typer(
    help="Morphine milligram equivalents, a measure of exposure for review; not for converting "
    "one opioid into another.",
    no_args_is_help=True,
)
app.add_typer(mme, name="mme")
mme.command("summarize")(summarize)
mme.command("files")(files)
mme.command("daily")(daily)
mme.command("editions")(editions)
mme.command("compare")(compare)

workforce = typer.Typer(
    help="Treatment workforce: how many prescribers a plan's members need, when and how sure.",
    no_args_is_help=True,
)
app.add_typer(workforce, name="workforce")
workforce.command("project")(_workforce.project)
workforce.command("schema")(_workforce.schema)
workforce.command("editions")(_workforce.editions)

costbenefit = typer.Typer(
    help="Cost and benefit: what medication treatment costs a plan and saves it, and how sure.",
    no_args_is_help=True,
)
app.add_typer(costbenefit, name="costbenefit")
costbenefit.command("business-case")(_costbenefit.business_case)
costbenefit.command("schema")(_costbenefit.schema)
costbenefit.command("editions")(_costbenefit.editions)

ranking = typer.Typer(
    help="Ranking: which initiatives come first by what a panel rated, and how sure the order is.",
    no_args_is_help=True,
)
app.add_typer(ranking, name="ranking")
ranking.command("rank")(_ranking.rank)
ranking.command("ballot")(_ranking.ballot)
ranking.command("example")(_ranking.example)
ranking.command("schema")(_ranking.schema)
ranking.command("editions")(_ranking.editions)


def _show_version(asked: bool) -> None:
    if asked:
        output().print(f"opsafe {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """Take what stands before a command."""
