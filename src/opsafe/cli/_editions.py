"""``opsafe mme editions`` and ``opsafe mme compare``: what the tables say."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from opsafe import mme
from opsafe.cli._screen import (
    cited,
    edition_argument,
    heading,
    output,
    plainly,
    print_list,
    print_table,
)

__all__ = ["compare", "editions"]


@plainly
def editions(
    edition_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One of them, with its factors.")
    ] = None,
) -> None:
    """List the editions of conversion factors, or show one with its factors and source."""
    if edition_id is not None:
        _show(_one(edition_id))
        return
    print_table(
        output(),
        ("id", "first day", "last day", "read", "meant for", "title"),
        [
            (
                one.id,
                str(one.effective_from),
                str(mme.last_day(one.id) or "-"),
                one.source.read,
                ", ".join(one.intended_use),
                one.title,
            )
            for one in mme.editions()
        ],
    )
    output().print("\n  opsafe mme editions ID shows the factors of one and how to cite it.")


@plainly
def compare(
    old: Annotated[str, typer.Argument(help="Id of an edition, or a .toml file.")],
    new: Annotated[str, typer.Argument(help="Another one.")],
    every: Annotated[bool, typer.Option("--all", help="Also what is the same.")] = False,
) -> None:
    """Say what changed between two editions, drug by drug."""
    console = output()
    found = mme.compare(_one(old), _one(new))
    differ, listed = len(found.differences), len(found.all_rows)
    title = f"{found.old.id} to {found.new.id}: {differ} of {listed} rows differ"
    console.print(Text(title, style="bold"))
    routes: dict[tuple[str, ...], list[str]] = {}
    for row in found.all_rows if every else found.differences:
        ratio = "" if row.ratio is None else f"{float(row.ratio):.4g}"
        cells = (row.ingredient, row.form, row.old, row.new, row.change, ratio)
        routes.setdefault(cells, []).append(row.route)
    print_table(
        console,
        ("ingredient", "routes", "form", found.old.id, found.new.id, "change", "new / old"),
        [(cells[0], ", ".join(names), *cells[1:]) for cells, names in routes.items()],
    )
    heading(console, "Sources")
    for one in (found.old, found.new):
        cited(console, one.citation())


def _one(word: str) -> mme.ConversionEdition:
    found = edition_argument([word])
    assert not isinstance(found, list)
    return mme.edition(found) if isinstance(found, str) else found


def _show(one: mme.ConversionEdition) -> None:
    console = output()
    console.print(Text(f"{one.id}  {one.title}", style="bold"))
    last = None if one.kind == "local" else mme.last_day(one.id)
    lines = [
        f"{one.kind}, in force from {one.effective_from}" + (f" to {last}" if last else ""),
        f"meant for {', '.join(one.intended_use)}",
        f"read from the {one.source.read} source",
        *([f"supersedes {one.supersedes}"] if one.supersedes else []),
        *([one.note] if one.note else []),
        *([one.source.note] if one.source.note else []),
    ]
    print_list(console, lines)
    console.print()
    print_table(
        console,
        ("ingredient", "routes", "forms", "factor"),
        [
            (
                factor.ingredient,
                ", ".join(factor.routes) or "any",
                ", ".join(factor.forms) or "any",
                factor.text,
            )
            for factor in one.factors
        ],
    )
    heading(console, "Source")
    cited(console, one.citation())
