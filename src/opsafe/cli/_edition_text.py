"""An edition on the screen: what it holds, what it says, where it is from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from rich.text import Text

from opsafe.cli._screen import cited, heading, output, print_list, print_table
from opsafe.provenance import Edition

__all__ = ["list_editions", "show_edition"]

_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})


def _held(one: Edition) -> str:
    """What an edition holds; the two kinds of standards say so in their ids alone."""
    return str(getattr(one, "holds", f"{one.id.partition('-')[0]} standard")).replace("_", " ")


def list_editions(editions: Iterable[Edition], command: str) -> None:
    """Print a line for each edition, and the command that shows one."""
    print_table(
        output(),
        ("id", "holds", "first day", "read", "kind", "title"),
        [
            (one.id, _held(one), str(one.effective_from), one.source.read, one.kind, one.title)
            for one in editions
        ],
    )
    output().print(f"\n  {command} ID shows what one says and how to cite it.")


def show_edition(one: Edition) -> None:
    """Print an edition: what it says and where it is from."""
    console = output()
    console.print(Text(f"{one.id}  {one.title}", style="bold"))
    lines = [
        f"{one.kind}, {_held(one)}, in force from {one.effective_from}",
        f"read from the {one.source.read} source",
        *([one.note] if one.note else []),
        *([one.source.note] if one.source.note else []),
    ]
    print_list(console, lines)
    heading(console, "What it says")
    values = one.model_dump(mode="json", exclude={*Edition.model_fields, "holds"})
    for name, value in values.items():
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            console.print(f"  {name}:")
            print_list(console, map(_told, value))
        elif value not in _NOTHING:
            console.print(f"  {name}: {_told(value)}", soft_wrap=True)
    heading(console, "Source")
    cited(console, one.citation())


def _told(value: Any) -> str:
    """Write a value of an edition, without what is not given."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(v)}" for name, v in value.items() if v not in _NOTHING)
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return str(value)
