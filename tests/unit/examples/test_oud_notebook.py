"""The notebook from a form to a draft: it runs, and its stored outputs are what it says today."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import pytest

mpl.use("Agg")

NOTEBOOK: Final = Path(__file__).parents[3] / "examples" / "oud_form_to_draft.ipynb"
CELLS: Final[list[dict[str, Any]]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


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


def test_every_cell_gives_its_stored_output() -> None:
    names: dict[str, Any] = {}
    compared = 0
    for cell in CELLS:
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
    assert compared >= 8
    assert names["draft"]["status"] == "preliminary"
    assert names["condition"]["verificationStatus"]["coding"][0]["code"] == "unconfirmed"


@pytest.mark.parametrize("word", ["unsigned", "42 CFR Part 2", "no diagnosis"])
def test_the_notebook_says_what_it_is_not(word: str) -> None:
    assert word in "".join("".join(cell["source"]) for cell in CELLS)
