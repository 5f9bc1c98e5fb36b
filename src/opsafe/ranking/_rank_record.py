"""A ranking as what JSON can hold, as HTML and as a few lines of text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np

from opsafe._display import counted
from opsafe.columns import Columns
from opsafe.quantity import FloatArray
from opsafe.ranking._rank_fields import Told

__all__ = ["as_html", "as_json", "as_lines", "by_rank", "interval_of", "place"]

_SHOWN = 12


def by_rank(ranking: Told) -> list[int]:
    """Places of the initiatives, the best first; those without a rank at the end, in order."""
    counts = ranking.score_counts
    order: list[int] = np.lexsort((np.arange(len(counts)), -counts)).tolist()
    return order


def place(ranking: Told, at: int) -> str:
    """The place of an initiative as its tie rule numbers it: of a tie ``3-4``, ``3`` or ``3.5``."""
    ranks = ranking.ranks
    if ranking.score_counts[at] < 0:
        return "none"
    if ranks.rule == "group" and ranks.first[at] < ranks.last[at]:
        return f"{ranks.first[at]}-{ranks.last[at]}"
    return f"{ranks.shown[at]:g}"


def as_lines(ranking: Told) -> list[str]:
    """The ranking as lines of text, the first places only."""
    table = ranking.table
    width = max((len(name) for name in ranking.initiatives), default=0)
    lines = [_title(ranking)]
    order = by_rank(ranking)
    for at in order[:_SHOWN]:
        score = float(table["score"][at])
        told = table["status"][at] if np.isnan(score) else f"{score:.3f}  {interval_of(table, at)}"
        lines.append(f"  {place(ranking, at):>5}  {ranking.initiatives[at]:<{width}}  {told}")
    if len(order) > _SHOWN:
        lines.append(f"  and {len(order) - _SHOWN} more")
    lines += [f"  - {caution}" for caution in ranking.cautions]
    return lines


def as_html(ranking: Told) -> str:
    """The ranking as HTML; names are the caller's own and are escaped."""
    table = ranking.table
    head = ("rank", "initiative", "score", "quadrant", "interval of ranks", "status")
    rows = []
    for at in by_rank(ranking):
        score = float(table["score"][at])
        cells = (
            place(ranking, at),
            ranking.initiatives[at],
            "" if np.isnan(score) else f"{score:.3f}",
            (table["quadrant"][at] or "").replace("_", " "),
            interval_of(table, at),
            table["status"][at],
        )
        rows.append("".join(f"<td>{escape(str(cell))}</td>" for cell in cells))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    heads = "".join(f"<th>{each}</th>" for each in head)
    listed = "".join(f"<li>{escape(each)}</li>" for each in ranking.cautions)
    notes = f"<p>Cautions:</p><ul>{listed}</ul>" if listed else ""
    return (
        f"<p><b>{escape(_title(ranking))}</b></p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{notes}"
    )


def as_json(ranking: Told) -> str:
    """The whole result as JSON text; missing is null, and there is no time in it."""
    record = {
        "schema_version": 1,
        "opsafe_version": ranking.audit.opsafe_version,
        "initiatives": list(ranking.initiatives),
        "criteria": ranking.criteria.model_dump(mode="json"),
        "weights": dict(zip(ranking.weights.names, ranking.weights.values.tolist(), strict=True)),
        "values": [
            {"initiative": name, **dict(zip(ranking.criteria.names, row, strict=True))}
            for name, row in zip(ranking.initiatives, _nulled(ranking.values), strict=True)
        ],
        "table": list(_rows_of(ranking.table)),
        "by_uncertainty": list(_rows_of(ranking.by_uncertainty)),
        "agreement": {
            "by_criterion": list(_rows_of(ranking.agreement.by_criterion)),
            "by_initiative": list(_rows_of(ranking.agreement.by_initiative)),
        },
        "inputs": list(_rows_of(ranking.inputs)),
        "cautions": list(ranking.cautions),
        "editions": [each.model_dump() for each in ranking.editions],
        "audit": ranking.audit.model_dump(mode="json"),
    }
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)


def _rows_of(table: Columns) -> Iterator[dict[str, Any]]:
    """Rows of a table as JSON holds them; missing is null."""
    names = table.keys()
    for row in zip(*(table[name].tolist() for name in names), strict=True):
        yield {
            name: None if value != value else value for name, value in zip(names, row, strict=True)
        }


def _nulled(values: FloatArray) -> list[list[float | None]]:
    return [[None if each != each else each for each in row] for row in values.tolist()]


def _title(ranking: Told) -> str:
    return (
        f"Ranking of {counted(len(ranking.initiatives), 'initiative')} by"
        f" {counted(len(ranking.panel.raters), 'rater')}: {ranking.criteria.title}"
    )


def interval_of(table: Columns, at: int) -> str:
    """The interval of ranks as people write it; empty where there is none."""
    low, high = table["rank_low"][at], table["rank_high"][at]
    if np.isnan(low) or np.isnan(high):
        return ""
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
