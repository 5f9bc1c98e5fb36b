"""Examples end with an empty line, which doctest needs before a fence; a reader does not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def strip(app: Sphinx, document: nodes.document) -> None:  # noqa: ARG001 - Sphinx passes both
    """Take empty lines from the end of each block of code."""
    for block in document.findall(nodes.literal_block):
        if len(block) == 1 and isinstance(block[0], nodes.Text):
            block[0] = nodes.Text(block[0].rstrip("\n"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Run on each page when it has been read."""
    app.connect("doctree-read", strip)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
