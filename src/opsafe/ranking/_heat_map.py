"""A heat map of support as HTML: rows are levels, columns are themes, every cell has its number."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from opsafe.quantity import FloatArray

__all__ = ["heat_map"]

# Orange for resistance and blue for support: colour-blind readers tell them apart.
_RESISTANCE: Final = (230, 159, 0)
_SUPPORT: Final = (86, 180, 233)
_CELL: Final = "padding:0.3em 0.6em;text-align:center;"
_FLAGGED: Final = f"{_CELL}background:#eee;color:#333;border:1px dashed #999"


def heat_map(
    levels: Sequence[str],
    themes: Sequence[str],
    support: FloatArray,
    counts: FloatArray,
    flags: Sequence[Sequence[str | None]],
    *,
    reach: tuple[float, float],
) -> str:
    """Draw the table.

    Parameters
    ----------
    levels, themes : sequence of str
        Names of rows and columns; they are escaped.
    support : array of float, shape (levels, themes)
        On the caller's scale; NaN where flagged.
    counts : array of float, shape (levels, themes)
        Stakeholders.
    flags : sequence of sequence of str or None
        Why a cell has no support.
    reach : tuple of float
        Neutral, and the distance from it to the end of the scale.
    """
    head = "".join(f"<th>{escape(theme)}</th>" for theme in themes)
    rows = []
    for at, level in enumerate(levels):
        found = "".join(
            _cell(float(support[at, theme]), int(counts[at, theme]), flags[at][theme], reach)
            for theme in range(len(themes))
        )
        rows.append(f"<tr><th>{escape(level)}</th>{found}</tr>")
    return (
        f"<table><thead><tr><th>level</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(support: float, count: int, flag: str | None, reach: tuple[float, float]) -> str:
    if flag is not None or np.isnan(support):
        return f'<td style="{_FLAGGED}">{escape(flag or "")}<br>n = {count}</td>'
    neutral, distance = reach
    strength = (support - neutral) / distance
    end = _SUPPORT if strength > 0 else _RESISTANCE
    mixed = [round(255 + (part - 255) * abs(strength)) for part in end]
    colour = "#" + "".join(f"{part:02x}" for part in mixed)
    return f'<td style="{_CELL}background:{colour};color:#000">{support:.1f}<br>n = {count}</td>'
