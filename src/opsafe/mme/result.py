"""The answer of exposure: tables, and the record of how they came about."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from opsafe import __version__
from opsafe.columns import Columns
from opsafe.frames import Frame
from opsafe.mme import _members, _tally
from opsafe.mme._rows import EPOCH
from opsafe.mme.record import EditionUsed, FactorUsed, Provenance, RowCounts
from opsafe.mme.summary import Summary, summarize

if TYPE_CHECKING:
    from opsafe.mme._run import Run

__all__ = ["Exposure", "assemble"]


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
            *self.provenance.cautions,
        ]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        return (
            f"<p><b>{html.escape(repr(self))}</b></p>{self.summary()._repr_html_()}<ul>{items}</ul>"
        )


def assemble(run: Run) -> Exposure:
    """Lay a measured run out as the caller's kind of tables."""
    table, first_row = run.table, run.rows.member.first_row

    def owned(columns: Columns, member: Any) -> Frame:
        return table.build(columns, {"member_id": first_row[member]})

    members = _members.members(run)
    set_aside, flags = _tally.set_aside(run), _tally.flags(run)
    options = run.options
    return Exposure(
        members=owned(members, np.arange(len(members))),
        set_aside=table.build(set_aside),
        flags=table.build(flags),
        not_opioid=table.build(_tally.not_opioid(run)),
        excluded=owned(*_tally.excluded(run)),
        segments=owned(*_tally.segments(run)) if options.segments else None,
        contributions=owned(*_tally.contributions(run)) if options.contributions else None,
        provenance=_provenance(run, members, set_aside, flags),
        _members=members,
        _thresholds={
            f"{kind}_{text}": (kind, count)
            for kind, thresholds in (
                ("at_least", options.at_least),
                ("more_than", options.more_than),
            )
            for text, count in thresholds.items()
        },
    )


def _provenance(run: Run, members: Columns, set_aside: Columns, flags: Columns) -> Provenance:
    options = run.options
    rows = RowCounts(
        rows_in=len(run.rows),
        used=int(run.counts.sum()),
        netted=int((run.rows.absorbed & ~run.is_not_opioid).sum()),
        not_opioid=int(run.is_not_opioid.sum()),
        set_aside=len(set_aside),
    )
    return Provenance(
        opsafe_version=__version__,
        editions=tuple(
            EditionUsed(id=one.id, values_hash=one.values_hash(), citation=one.citation())
            for one in run.chain.editions
        ),
        arguments={
            "start": _day_text(options.start),
            "end": _day_text(options.end),
            "at_least": ", ".join(options.at_least),
            "more_than": ", ".join(options.more_than),
            "overlap": options.overlap,
            "max_shift_days": str(options.max_shift_days),
            "patch_days": options.patch_days,
            "buprenorphine": options.buprenorphine,
            "moud_products": options.moud_products,
            "exclude": options.exclude,
            "not_opioid": ", ".join(sorted(options.not_opioid)),
        },
        definitions=_DEFINITIONS,
        factors=_factors(run),
        rows=rows,
        set_aside_by_reason=_counted(set_aside["code"]),
        flags_by_code=_counted(flags["code"]),
        members=len(members),
        lower_bound_members=int(members["mme_is_lower_bound"].sum()),
        cautions=tuple(_cautions(run, members)),
    )


def _factors(run: Run) -> tuple[FactorUsed, ...]:
    """The factors that rows rest on: what a pharmacist would check first."""
    number = np.bincount(run.rates.line[run.counts], minlength=len(run.rates.rules))
    total: Counter[tuple[str, str, str, str, str]] = Counter()
    for found, rows in zip(run.rates.rules, number.tolist(), strict=True):
        if found and rows:
            line, rule = found
            words = (line.ingredient, line.route or "", line.form or "", rule.printed.text)
            total[*words, rule.edition] += rows
    return tuple(
        FactorUsed(ingredient=i, route=r, form=f, factor=x, edition=e, rows=n)
        for (i, r, f, x, e), n in sorted(total.items())
    )


_DEFINITIONS = {
    "covered day": "a day of the window with at least one fill that counts",
    "D1 mme_per_supply_day": "total / sum of days supply in the window",
    "D2 mme_per_covered_day": "total / covered days",
    "D3 mme_per_window_day": "total / days of the window that are looked at",
    "D4 mme_maximum_day": "largest daily sum",
}


def _counted(codes: Any) -> dict[str, int]:
    return dict(sorted(Counter(codes.tolist()).items()))


def _day_text(day: int | None) -> str:
    return "not given" if day is None else str(np.datetime64(day + EPOCH, "D"))


def _cautions(run: Run, members: Columns) -> list[str]:
    rows, tables = run.rows, run.tables
    told = [
        "For clinical review; not grounds to deny, taper or stop",
        "Claims miss fills paid in cash or by other payers",
    ]
    if tables.exclusions is None:
        told.append("No clinical exclusions were applied: cancer, hospice, palliative care, "
                    "sickle cell and long-term care are in")  # fmt: skip
    if not run.spans.bounded.all():
        told.append(
            "D3 is null where start and end (or a window of the member) were not both given"
        )
    unchecked = int((run.counts & rows.cough_cold_missing).sum())
    if unchecked:
        told.append(f"Cough and cold not checked in {unchecked} rows: they name only an ingredient")
    if bool(members["mme_is_lower_bound"].any()):
        told.append("MME is a lower bound where opioid rows were set aside: see mme_is_lower_bound")
    if bool(members["tier_reading_days"].any()):
        told.append("tier_reading_days rest on our reading of the printed methadone bounds")
    for_populations = {"programme reporting", "retrospective analysis", "research"}
    told += [
        f"{edition.id} is meant for this use: {', '.join(edition.intended_use)}"
        for edition in run.chain.editions
        if for_populations.isdisjoint(edition.intended_use)
    ]
    alike = run.identical_fills()
    if alike:
        told.append(
            f"Fills without an id that equal an earlier one, and count all the same: {alike}"
        )
    for name in ("windows", "enrolment", "exclusions"):
        intervals = getattr(tables, name)
        if intervals is not None and intervals.elsewhere:
            told.append(f"{intervals.elsewhere} rows of {name} belong to members without fills")
    return told
