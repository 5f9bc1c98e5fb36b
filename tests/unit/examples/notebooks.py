"""A notebook run cell by cell, and its stored outputs held against what it says today."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any, Final

EXAMPLES: Final = Path(__file__).parents[3] / "examples"


def cells_of(name: str) -> list[dict[str, Any]]:
    """Return the cells of a notebook."""
    cells: list[dict[str, Any]] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))["cells"]
    return cells


def text_of(name: str) -> str:
    """Return everything that its cells say."""
    return "".join("".join(cell["source"]) for cell in cells_of(name))


def folded(text: str) -> str:
    """Fold blanks: a notebook breaks long values where it likes."""
    return " ".join(text.split())


def run(source: str, names: dict[str, Any]) -> tuple[object, str]:
    """Run a cell as a notebook does: the value of its last expression, and what it prints."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102
        value = None
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
    return value, printed.getvalue()


def check(name: str) -> tuple[int, dict[str, Any]]:
    """Run every cell; return how many outputs were compared, and the names that are left."""
    names: dict[str, Any] = {}
    compared = 0
    for cell in cells_of(name):
        if cell["cell_type"] != "code":
            continue
        value, printed = run("".join(cell["source"]), names)
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                assert folded(printed) == folded("".join(output["text"]))
            elif "image/png" in output["data"]:
                continue
            else:
                assert folded(repr(value)) == folded("".join(output["data"]["text/plain"]))
            compared += 1
    return compared, names
