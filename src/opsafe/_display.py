"""How a result looks in a notebook: what it says, its main table, what a reader must know."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from opsafe.columns import Columns

__all__ = ["as_html", "counted"]


def as_html(said: object, table: Columns, cautions: Sequence[str] = ()) -> str:
    """A result as HTML; names are the caller's own and are escaped."""
    listed = "".join(f"<li>{escape(each)}</li>" for each in cautions)
    notes = f"<p>Cautions:</p><ul>{listed}</ul>" if listed else ""
    return f"<p><b>{escape(str(said))}</b></p>{table._repr_html_()}{notes}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write how many there are: 1 rater, 2 raters."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
