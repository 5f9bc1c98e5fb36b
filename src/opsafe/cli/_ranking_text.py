"""A ranking on the screen: the order, how sure it is, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.text import Text

from opsafe import __version__
from opsafe import ranking as rk
from opsafe._arguments import plain
from opsafe._display import counted
from opsafe.cli._screen import Justify, cited, heading, print_list, print_table

__all__ = ["print_ranking"]

_SHOWN: Final = (
    *("initiative", "rank", "score", "rank_low", "rank_high", "top_k_probability"),
    *("quadrant", "quadrant_probability", "on_the_line", "two_camps", "status"),
)


def print_ranking(console: Console, found: rk.Ranking, name: str, written: Sequence[str]) -> None:
    """Print a ranking, where its ratings came from, and what was written."""
    panel = found.panel
    rated = counted(len(found.initiatives), "initiative")
    title = f"{rated}, {counted(len(panel.raters), 'rater')}, from {name}"
    console.print(Text(title, style="bold"))
    points = ", ".join(
        f"{each} {weight:.3g}"
        for each, weight in zip(found.weights.names, found.weights.values.tolist(), strict=True)
    )
    console.print(f"  weights {points}; opsafe {__version__}")
    heading(console, "Order")
    print_table(console, *_order(found))
    _print_grounds(console, found)
    if written:
        heading(console, "Written")
        print_list(console, written)


def _order(found: rk.Ranking) -> tuple[list[str | tuple[str, Justify]], list[tuple[str, ...]]]:
    """Columns and rows of the order, the best first; what is not known is blank."""
    table = {name: [plain(each) for each in found.table[name].tolist()] for name in _SHOWN}
    rows: list[tuple[str, ...]] = []
    for at in np.argsort(-found.score_counts, kind="stable").tolist():
        row = {name: column[at] for name, column in table.items()}
        rows.append(
            (
                _shown(row["rank"], "g"),
                row["initiative"],
                _shown(row["score"], ".3f"),
                _range(row["rank_low"], row["rank_high"]),
                _shown(row["top_k_probability"], ".0%"),
                rk.QUADRANTS.get(row["quadrant"], "").lower(),
                _shown(row["quadrant_probability"], ".0%"),
                ", ".join(_remarks(row)),
            )
        )
    head: list[str | tuple[str, Justify]] = [
        ("rank", "right"), "initiative", ("score", "right"), ("likely ranks", "right"),
        (f"in first {found.top}", "right"), "quadrant", ("sure", "right"), "remarks",
    ]  # fmt: skip
    return head, rows


def _remarks(row: Mapping[str, Any]) -> list[str]:
    remarks = [] if row["status"] == "ranked" else [str(row["status"])]
    if row["on_the_line"]:
        remarks.append("on the line")
    return [*remarks, "two camps"] if row["two_camps"] else remarks


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _print_grounds(console: Console, found: rk.Ranking) -> None:
    """Print what the order rests on."""
    columns = [found.inputs[name].tolist() for name in ("input", "value", "origin")]
    rows = [row for row in zip(*columns, strict=True) if row[2] == "planning value"]
    if rows:
        heading(console, "Planning values, which no source prints")
        print_table(console, ("input", "value", "origin"), rows)
    heading(console, "Mind")
    print_list(console, found.cautions)
    heading(console, "Editions")
    for each in found.editions:
        cited(console, each.citation)
