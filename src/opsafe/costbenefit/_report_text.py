"""Sections of a report as Markdown and as HTML: what is written is the same in both."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from opsafe.columns import Columns

__all__ = ["Section", "as_html", "as_markdown", "cells_of", "number_words"]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a few lines, and at most one table."""

    title: str
    lines: tuple[str, ...] = ()
    table: Columns | None = None
    bullets: bool = False
    """Whether the lines are a list."""


def as_markdown(title: str, sections: Iterable[Section]) -> str:
    """The sections as Markdown with pipe tables."""
    parts = [f"# {_escaped(title)}"]
    for section in sections:
        parts.append(f"## {_escaped(section.title)}")
        lines = [_escaped(line) for line in section.lines]
        if lines:
            listed = [f"- {line}" for line in lines]
            parts.append("\n".join(listed) if section.bullets else "\n\n".join(lines))
        if section.table is not None:
            parts.append(_markdown_table(section.table))
    return "\n\n".join(parts) + "\n"


def as_html(title: str, sections: Iterable[Section]) -> str:
    """The sections as HTML without any style, script or picture."""
    parts = [f"<h2>{html.escape(title)}</h2>"]
    for section in sections:
        parts.append(f"<h3>{html.escape(section.title)}</h3>")
        lines = [html.escape(line) for line in section.lines]
        if lines and section.bullets:
            parts.append("<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")
        else:
            parts.extend(f"<p>{line}</p>" for line in lines)
        if section.table is not None:
            parts.append(_html_table(section.table))
    return "".join(parts)


def cells_of(table: Columns) -> list[list[str]]:
    """Rows of a table as words; what is missing is an empty cell."""
    names = table.keys()
    columns = [[_cell(each) for each in table[name]] for name in names]
    return [list(row) for row in zip(*columns, strict=True)]


def number_words(value: float) -> str:
    """A number to read: whole from 1,000 on, else four digits that count."""
    if math.isnan(value):
        return ""
    digits = f"{value:.4g}"
    return f"{value:,.0f}" if abs(float(digits)) >= 1000 else digits if value else "0"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{int(value):,}" if abs(int(value)) >= 10_000 else str(int(value))
    if isinstance(value, float | np.floating):
        return number_words(float(value))
    return " ".join(str(value).split())


def _escaped(words: str) -> str:
    """Words of a caller that make neither markup nor a new line."""
    line = " ".join(words.split())
    for sign in "\\`*_{}[]<>#|":
        line = line.replace(sign, f"\\{sign}")
    return line


def _markdown_table(table: Columns) -> str:
    names = table.keys()
    marks = ["---:" if table[name].dtype.kind in "if" else "---" for name in names]
    rows = [
        [_spaced(name) for name in names],
        marks,
        *([_escaped(cell) for cell in row] for row in cells_of(table)),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _html_table(table: Columns) -> str:
    names = table.keys()
    head = "".join(f"<th>{html.escape(_spaced(name))}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in cells_of(table)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
