"""The answer of exposure_files: where the tables are, and the record of how they came about."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opsafe import _parquet
from opsafe.columns import Columns
from opsafe.errors import ArgumentError
from opsafe.mme._roads.ledger import TABLES
from opsafe.mme.record import Provenance
from opsafe.mme.summary import Summary, needed, summarize

__all__ = ["ExposureFiles"]


@dataclass(frozen=True, slots=True, repr=False)
class ExposureFiles:
    """Opioid exposure of a population, as Parquet in a folder.

    Every table is a folder of parts ``part-00000.parquet``; a member stands in one part only.
    """

    folder: Path
    """Where all of it is."""
    parts: int
    """Number of parts."""
    provenance: Provenance
    _thresholds: Mapping[str, tuple[str, int]] = field(repr=False)

    @property
    def members(self) -> Path:
        """One row for every member of the input; within a part in order of member id."""
        return self.folder / "members"

    @property
    def set_aside(self) -> Path:
        """Rows that do not count: file, row, fill_id, code, field, seen, advice."""
        return self.folder / "set_aside"

    @property
    def flags(self) -> Path:
        """Rows that count and that a person should look at."""
        return self.folder / "flags"

    @property
    def not_opioid(self) -> Path:
        """Rows of other drugs, counted by ingredient: one file."""
        return self.folder / "not_opioid.parquet"

    @property
    def excluded(self) -> Path | None:
        """Exclusions that met looked-at days; None where no exclusions were given."""
        return self._asked_for("excluded")

    @property
    def segments(self) -> Path | None:
        """Runs of constant exposure, on request."""
        return self._asked_for("segments")

    @property
    def contributions(self) -> Path | None:
        """Each drug's part of the peak day and of the total, on request."""
        return self._asked_for("contributions")

    def _asked_for(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.is_dir() else None

    def scan(self, table: str = "members") -> Any:
        """Open a table without reading it: to filter it, or to read it in parts.

        Parameters
        ----------
        table : str, optional
            One of members, segments, contributions, set_aside, flags, excluded.

        Returns
        -------
        pyarrow.dataset.Dataset
            The parts as one table.

        Raises
        ------
        ArgumentError
            If there is no such table in this run.
        """
        there = [name for name in TABLES if (self.folder / name).is_dir()]
        if table not in there:
            raise ArgumentError("is no table of this run", where="table", allowed=there)
        return _parquet.open_dataset(self.folder / table)

    def to_arrow(self, table: str = "members", *, columns: Sequence[str] | None = None) -> Any:
        """Read a table, or some of its columns, into memory.

        Parameters
        ----------
        table : str, optional
            As of :meth:`scan`.
        columns : sequence of str, optional
            The columns to read; all unless said.

        Returns
        -------
        pyarrow.Table
            The rows of all parts, in order of part.
        """
        return self.scan(table).to_table(columns=None if columns is None else list(columns))

    def summary(self, *, by: str | None = None, suppress: bool = True) -> Summary:
        """Summarize the population; reads a few columns of all members.

        Parameters
        ----------
        by : str, optional
            A column of ``members`` to group by, for example "line_of_business".
        suppress : bool, optional
            Hide counts from 1 to 10, from which a person might be recognised.

        Returns
        -------
        Summary
            As :meth:`Exposure.summary <opsafe.mme.Exposure.summary>` gives it.
        """
        paths = sorted(self.members.glob("*.parquet"))
        names = needed(by, _parquet.names_of(paths[0]))
        table = _parquet.read_tables(paths, names)
        members = Columns({name: table.column(name) for name in names})
        return summarize(members, self._thresholds, self.provenance, by=by, suppress=suppress)

    def __repr__(self) -> str:
        rows = self.provenance.rows
        ids = ", ".join(edition.id for edition in self.provenance.editions)
        return (
            f"ExposureFiles({str(self.folder)!r}, {self.parts} parts, "
            f"{self.provenance.members:,} members, {rows.used:,} of {rows.rows_in:,} rows used, "
            f"{rows.set_aside:,} set aside, {ids})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>"
