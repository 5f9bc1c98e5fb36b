"""What all commands share on screen: width, tables, and errors without a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from textwrap import TextWrapper
from typing import Final, Literal, ParamSpec, TypeVar

import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions
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
        console.size = ConsoleDimensions(_WITHOUT_TERMINAL, console.height)
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
    listed = [tuple(row) for row in rows]
    table = Table(
        box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold"
    )
    needed = 2
    for at, column in enumerate(columns):
        title, side = _titled(column)
        cells = [title, *(row[at] for row in listed)]
        # Words may be broken between lines, a number may not.
        parts = cells if side == "right" else " ".join(cells).split()
        width = max(map(cell_len, parts), default=0)
        # Of a column whose cells are one word each rich would cut the word, not widen the line.
        whole = side == "right" or width == max(map(cell_len, cells))
        table.add_column(title, justify=side, no_wrap=whole, min_width=width)
        needed += width + 2
    for row in listed:
        table.add_row(*row)
    size = console.size
    # A number that is cut is a wrong number: rather a line longer than the screen. Width and
    # height are set together, since of a "dumb" terminal rich takes neither alone.
    console.size = ConsoleDimensions(max(size.width, needed), size.height)
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    console.size = size


def _titled(column: str | tuple[str, Justify]) -> tuple[str, Justify]:
    return (column, "left") if isinstance(column, str) else column


def print_list(console: Console, lines: Iterable[str]) -> None:
    """Print sentences, each with its mark and the rest of it indented."""
    wrap = TextWrapper(
        width=console.width,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        console.print(wrap.fill(line), soft_wrap=True)


def cited(console: Console, citation: str) -> None:
    """Print a citation on a line of its own, unbroken, to be copied."""
    console.print(f"  {citation}", soft_wrap=True)
