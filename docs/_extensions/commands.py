"""The page of the command, made from the command, so that it cannot fall behind."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sphinx.application import Sphinx


def table(headings: Sequence[str], rows: Iterable[Sequence[nodes.Node | str]]) -> nodes.table:
    """Return a table with one line for each row; text cells become paragraphs."""

    def line(cells: Sequence[nodes.Node | str]) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            content = nodes.paragraph(text=cell) if isinstance(cell, str) else cell
            row += nodes.entry("", content)
        return row

    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=1) for _ in headings]
    group += nodes.thead("", line(headings))
    group += nodes.tbody("", *(line(row) for row in rows))
    return nodes.table("", group, classes=["table"])


def literal(text: str) -> nodes.paragraph:
    """Return `text` in the type face of code."""
    return nodes.paragraph("", "", nodes.literal(text=text))


class Commands(SphinxDirective):
    """``{commands} package.module.app``: each command of a typer application with its options."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return one section a command."""
        # Imported here: no other list needs it.
        import typer  # noqa: PLC0415

        module, _, name = self.arguments[0].rpartition(".")
        group = typer.main.get_command(getattr(import_module(module), name))
        return [self.section(path, command) for path, command in leaves(group, group.name or "")]

    @staticmethod
    def section(path: str, command: Any) -> nodes.section:
        """Return heading, text and options of one command."""
        section = nodes.section(ids=[nodes.make_id(path)])
        section += nodes.title("", "", nodes.literal(text=path))
        first, _, example = command.help.partition("\n\n")
        section += nodes.paragraph(text=first)
        if example:
            section += nodes.literal_block(text=example, language="console")
        options = [(literal(spelled(each)), each.help, stated(each)) for each in command.params]
        if options:
            section += table(["", "What it is", "Default"], options)
        return section


def leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Walk down to the commands that do something."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from leaves(child, f"{path} {name}")


def spelled(parameter: Any) -> str:
    """Return an option as it is written, an argument as what it stands for."""
    (name, *_) = parameter.opts
    return str(name if name.startswith("-") else name.upper())


def stated(parameter: Any) -> str:
    """Return the default of an option in words."""
    if parameter.required:
        return "required"
    default = parameter.default
    return "" if default is None or isinstance(default, bool | list | tuple) else str(default)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("commands", Commands)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
