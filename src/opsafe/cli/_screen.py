"""What all commands share on screen: width, tables, and errors without a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final, Literal, ParamSpec, TypeVar

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from opsafe.errors import ArgumentError, OpsafeError
from opsafe.mme import ConversionEdition

__all__ = [
    "cited",
    "edition_argument",
    "errors",
    "heading",
    "number",
    "output",
    "plainly",
    "print_list",
    "print_table",
]

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")
Justify = Literal["left", "right"]

_WITHOUT_TERMINAL: Final = 120  # columns: a log or a pipe should not cut a table of four numbers


def _console(*, stderr: bool) -> Console:
    """Open a console that takes text as it is: data may hold brackets and colons."""
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal and console.width < _WITHOUT_TERMINAL:
        console.width = _WITHOUT_TERMINAL
    return console


def output() -> Console:
    """Open the console for answers."""
    return _console(stderr=False)


def errors() -> Console:
    """Open the console for errors and progress."""
    return _console(stderr=True)


def plainly(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Let a command end with a sentence and exit code 2 where it cannot do what was asked."""

    @functools.wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        try:
            return command(*args, **kwargs)
        except OpsafeError as error:
            told = str(error)
        except OSError as error:
            told = f"{error.filename or 'file'}: {error.strerror or type(error).__name__}"
        errors().print(Text.assemble(("Error: ", "bold red"), told), soft_wrap=True)
        raise typer.Exit(2)

    return run


def edition_argument(
    words: Sequence[str],
) -> str | ConversionEdition | list[str | ConversionEdition]:
    """Read ``--edition``: ids, or TOML files of one's own; several are a chain."""
    found = [ConversionEdition.from_toml(w) if w.endswith(".toml") else w for w in words]
    return found[0] if len(found) == 1 else found


def number(text: str, option: str) -> Decimal:
    """Read a decimal number as written."""
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ArgumentError(f"{text!r} is not a number", where=option, value=text) from None


def heading(console: Console, text: str) -> None:
    """Print a heading with a line above it."""
    console.print()
    console.print(Text(text, style="bold"))


def print_table(
    console: Console,
    columns: Iterable[str | tuple[str, Justify]],
    rows: Iterable[Sequence[str]],
) -> None:
    """Print a table; a column is its title, or its title and side."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        title, side = (column, "left") if isinstance(column, str) else column
        table.add_column(title, justify=side, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(Padding(table, (0, 0, 0, 2)))


def print_list(console: Console, lines: Iterable[str]) -> None:
    """Print sentences, each with its mark and the rest of it indented."""
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        grid.add_row("-", line)
    console.print(Padding(grid, (0, 0, 0, 2)))


def cited(console: Console, citation: str) -> None:
    """Print a citation on a line of its own, unbroken, to be copied."""
    console.print(f"  {citation}", soft_wrap=True)
