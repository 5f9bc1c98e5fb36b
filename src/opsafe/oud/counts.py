"""The answer of score_many: a table of counts, the rows set aside, and the record of both."""

from __future__ import annotations

import html
from dataclasses import dataclass

from opsafe.frames import Frame
from opsafe.oud.record import CountProvenance
from opsafe.provenance import Document

__all__ = ["BatchProvenance", "CriteriaCounts", "RowsOfBatch"]


class RowsOfBatch(Document):
    """What became of every row that came in: used or set aside."""

    rows_in: int
    used: int
    set_aside: int


class BatchProvenance(CountProvenance):
    """How a batch of counts came about, and what to mind when reading it."""

    rows: RowsOfBatch
    set_aside_by_reason: dict[str, int]
    severity: dict[str, int]
    """Rows by the bands that are left open, such as "mild or moderate"."""
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CriteriaCounts:
    """Criteria counted for many assessments.

    Tables are frames of the kind that came in, or :class:`~opsafe.columns.Columns`.
    """

    assessments: Frame
    """One row for every row that could be read: row, assessment_id, bounds, codes."""
    set_aside: Frame
    """Rows that could not: row, assessment_id, code, field, seen, advice."""
    provenance: BatchProvenance

    def __repr__(self) -> str:
        rows = self.provenance.rows
        ids = ", ".join(edition.id for edition in self.provenance.editions)
        return (
            f"CriteriaCounts({rows.used:,} of {rows.rows_in:,} assessments counted, "
            f"{rows.set_aside:,} set aside, {ids})"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(bands)}</td><td>{count:,}</td></tr>"
            for bands, count in self.provenance.severity.items()
        )
        lines = (*self.provenance.cautions, *(each.citation for each in self.provenance.editions))
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        return (
            f"<p><b>{html.escape(repr(self))}</b></p>"
            "<table><thead><tr><th>bands left open</th><th>assessments</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><ul>{items}</ul>"
        )
