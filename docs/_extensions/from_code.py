"""Lists made from the code, so that the pages cannot fall behind."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


class CodeList(SphinxDirective):
    """``{code-list} package.module.Enumeration``: each code and what to do about it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        module, _, name = self.arguments[0].rpartition(".")
        members = getattr(import_module(module), name)
        return [
            table(
                ["Code", "What to do"],
                [(literal(member.value), f"{member.advice}.") for member in members],
            )
        ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("code-list", CodeList)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
