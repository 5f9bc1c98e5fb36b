"""A measured run as the answer: the caller's kind of tables, and the record beside them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from opsafe import __version__
from opsafe.columns import Columns
from opsafe.frames import Frame
from opsafe.mme._population import tally
from opsafe.mme._population.members import members_table
from opsafe.mme._population.rows import EPOCH
from opsafe.mme._population.run import Run
from opsafe.mme.record import EditionUsed, FactorUsed, Provenance, RowCounts
from opsafe.mme.result import Exposure
from opsafe.mme.summary import SMALLEST_CELL

__all__ = ["assemble"]


def assemble(run: Run) -> Exposure:
    """Lay a measured run out as the caller's kind of tables."""
    table, first_row = run.table, run.rows.member.first_row

    def owned(columns: Columns, member: Any) -> Frame:
        return table.build(columns, {"member_id": first_row[member]})

    members = members_table(run)
    set_aside, flags = tally.set_aside(run), tally.flags(run)
    options = run.options
    return Exposure(
        members=owned(members, np.arange(len(members))),
        set_aside=table.build(set_aside),
        flags=table.build(flags),
        not_opioid=table.build(tally.not_opioid(run)),
        excluded=owned(*tally.excluded(run)),
        segments=owned(*tally.segments(run)) if options.segments else None,
        contributions=owned(*tally.contributions(run)) if options.contributions else None,
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
    alike = run.identical_fills()
    unchecked = int((run.counts & run.rows.cough_cold_missing).sum())
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
        identical_fills=alike,
        cough_cold_not_checked=unchecked,
        members=len(members),
        lower_bound_members=int((members["mme_is_lower_bound"] & ~members["excluded"]).sum()),
        cautions=tuple(_cautions(run, members, alike, unchecked)),
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


def _cautions(run: Run, members: Columns, alike: int, unchecked: int) -> list[str]:
    tables = run.tables
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
    if unchecked:
        told.append(
            f"Cough and cold not checked in {_many(unchecked)} rows: they name only an ingredient"
        )
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
    if alike:
        told.append(
            f"Fills without an id that equal an earlier one, and count all the same: {_many(alike)}"
        )
    for name in ("windows", "enrolment", "exclusions"):
        intervals = getattr(tables, name)
        if intervals is not None and intervals.elsewhere:
            told.append(
                f"{_many(intervals.elsewhere)} rows of {name} belong to members without fills"
            )
    return told


def _many(count: int) -> str:
    """Write a count for a text that is printed: small ones are hidden there."""
    return f"{count:,}" if count >= SMALLEST_CELL else f"under {SMALLEST_CELL}"
