"""``opsafe mme daily``: one drug of one person."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import typer
from rich.text import Text

from opsafe import mme
from opsafe.cli._screen import (
    cited,
    edition_argument,
    heading,
    number,
    output,
    plainly,
    print_list,
)
from opsafe.errors import ArgumentError
from opsafe.mme.editions import resolve_editions

__all__ = ["daily"]


@plainly
def daily(
    ingredient: Annotated[str, typer.Argument(help="The opioid: oxycodone")],
    strength: Annotated[str, typer.Argument(help='One unit of it: "10 mg", "25 mcg/h"')],
    edition: Annotated[
        list[str], typer.Option(help="Id of an edition, or a .toml file; twice for a chain.")
    ],
    per_day: Annotated[str | None, typer.Option(help="Units a day: 4, 0.5 or 1/3.")] = None,
    every_hours: Annotated[str | None, typer.Option(help="Hours from unit to unit.")] = None,
    quantity: Annotated[str | None, typer.Option(help="Units dispensed.")] = None,
    days_supply: Annotated[int | None, typer.Option(help="Days that they last.")] = None,
    route: Annotated[str | None, typer.Option(help="Oral is assumed where possible.")] = None,
    form: Annotated[str | None, typer.Option(help="Dose form: fentanyl needs it.")] = None,
    include_buprenorphine: Annotated[
        bool, typer.Option(help="Ask the edition for buprenorphine.")
    ] = False,
) -> None:
    """Say the MME a day of one drug, with its factor and source.

    opsafe mme daily oxycodone "10 mg" --per-day 4 --edition cdc-2022
    """
    chain = resolve_editions(edition_argument(edition))
    answer = mme.daily(
        ingredient,
        strength,
        edition=chain.editions,
        per_day=_exact(per_day, "--per-day"),
        every_hours=_exact(every_hours, "--every-hours"),
        quantity=None if quantity is None else number(quantity, "--quantity"),
        days_supply=days_supply,
        route=route,
        form=form,
        buprenorphine="include" if include_buprenorphine else "exclude",
    )
    _show(answer)
    used = [one for one in chain.editions if answer.edition in (None, one.id)]
    heading(output(), "Source" if len(used) == 1 else "Sources")
    for one in used:
        cited(output(), one.citation())


def _show(answer: mme.DailyMme) -> None:
    console = output()
    drug = f"{answer.ingredient} {answer.strength}"
    if answer.reason is not None or answer.mme_per_day is None:
        console.print(Text(f"No MME for {drug}: {answer.reason}", style="bold"))
        advice = [answer.reason.advice] if answer.reason is not None else []
        print_list(console, [*advice, "No factor is not zero", *answer.warnings])
        return
    console.print(Text(f"{_written(answer.mme_per_day)} MME a day  {drug}", style="bold"))
    lines = [f"{answer.formula}; factor {answer.factor_text}, edition {answer.edition}"]
    if answer.one_patch_mme_per_day not in (None, answer.mme_per_day):
        lines.append(f"one patch at a time: {_written(answer.one_patch_mme_per_day)} MME a day")
    lines += [f"assumed: {assumption}" for assumption in answer.assumptions]
    print_list(console, [*lines, *answer.warnings])


def _written(mme_per_day: float | None) -> str:
    """Write all six decimals that are published, and no zeros after them."""
    return f"{mme_per_day:,.6f}".rstrip("0").rstrip(".")


def _exact(text: str | None, option: str) -> Fraction | None:
    if text is None:
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ArgumentError(
            f"{text!r} is not a number", where=option, value=text, allowed=("4", "0.5", "1/3")
        ) from None
