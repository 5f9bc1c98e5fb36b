"""The answer of exposure: tables, and the record of how they came about."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field

from opsafe.columns import Columns
from opsafe.frames import Frame
from opsafe.mme.record import Provenance
from opsafe.mme.summary import Summary, summarize

__all__ = ["Exposure"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Exposure:
    """Opioid exposure of a population, member by member.

    Tables are frames of the kind that came in, or :class:`~opsafe.columns.Columns`.
    """

    members: Frame
    """One row for every member of the input, in order of member id."""
    set_aside: Frame
    """Rows that do not count: row, fill_id, code, field, seen, advice."""
    flags: Frame
    """Rows that count and that a person should look at."""
    not_opioid: Frame
    """Rows of other drugs, counted by ingredient."""
    excluded: Frame
    """Exclusions that met looked-at days: member_id, reason, first_day, last_day, days."""
    segments: Frame | None
    """Runs of constant exposure, on request."""
    contributions: Frame | None
    """Each drug's part of the peak day and of the total, on request."""
    provenance: Provenance
    _members: Columns = field(repr=False)
    _thresholds: Mapping[str, tuple[str, int]] = field(repr=False)

    def summary(self, *, by: str | None = None, suppress: bool = True) -> Summary:
        """Summarize the population.

        Parameters
        ----------
        by : str, optional
            A column of ``members`` to group by, for example "line_of_business".
        suppress : bool, optional
            Hide counts from 1 to 10, from which a person might be recognised.

        Returns
        -------
        Summary
            Mean and median MME a day and shares at thresholds, by each of the four definitions.
        """
        return summarize(self._members, self._thresholds, self.provenance, by=by, suppress=suppress)

    def __repr__(self) -> str:
        rows = self.provenance.rows
        ids = ", ".join(edition.id for edition in self.provenance.editions)
        return (
            f"Exposure({self.provenance.members:,} members, {rows.used:,} of {rows.rows_in:,} rows "
            f"used, {rows.set_aside:,} set aside, {ids})"
        )

    def _repr_html_(self) -> str:
        from_to = {name: self.provenance.arguments[name] for name in ("start", "end", "overlap")}
        lines = [
            *(edition.citation for edition in self.provenance.editions),
            ", ".join(f"{name}: {value}" for name, value in from_to.items()),
            *(f"{name}: {text}" for name, text in self.provenance.definitions.items()),
        ]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        return (
            f"<p><b>Opioid exposure of a population</b></p>{self.summary()._repr_html_()}"
            f"<ul>{items}</ul>"
        )
