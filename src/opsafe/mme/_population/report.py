"""Solved parts as the answer: the caller's kind of tables, and the record beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from opsafe import __version__
from opsafe.columns import Columns
from opsafe.frames import Frame
from opsafe.mme._population import tally
from opsafe.mme._population.book import Book
from opsafe.mme._population.codes import EPOCH
from opsafe.mme._population.deal import Mapped
from opsafe.mme._population.options import Options
from opsafe.mme._population.part import Part
from opsafe.mme._population.totals import Totals, totals_of
from opsafe.mme.record import FactorUsed, Provenance, RowCounts
from opsafe.mme.result import Exposure
from opsafe.mme.summary import SMALLEST_CELL
from opsafe.provenance import EditionUsed
from opsafe.quantity import IntArray

__all__ = ["assemble", "provenance_of", "thresholds_of"]


def assemble(
    part: Part,
    book: Book,
    build: Callable[[Columns], Frame],
    build_owned: Callable[[Columns, IntArray | slice], Frame],
    mapped: Mapped = map,
) -> Exposure:
    """Lay the joined parts out.

    Parameters
    ----------
    part : Part
        All members.
    book : Book
        The edition and options.
    build : callable
        Makes the caller's kind of table.
    build_owned : callable
        The same with the member ids first, given by their position in ``part.member``.
    mapped : callable, optional
        A map, perhaps over threads.
    """
    segments, contributions = part.segments, part.contributions
    largest = (
        lambda: build_owned(part.members, slice(None)),
        lambda: build(tally.set_aside(part.set_aside, book.drugs)),
        lambda: build(tally.flags(part.flags, book.drugs)),
    )
    members, set_aside, flags = mapped(lambda make: make(), largest)
    return Exposure(
        members=members,
        set_aside=set_aside,
        flags=flags,
        not_opioid=build(tally.not_opioid(part.counts.not_opioid_by_line, book.drugs)),
        excluded=build_owned(part.excluded[1], part.excluded[0]),
        segments=None if segments is None else build_owned(segments[1], segments[0]),
        contributions=(
            None if contributions is None else build_owned(contributions[1], contributions[0])
        ),
        provenance=provenance_of(totals_of(part), book),
        _members=part.members,
        _thresholds=thresholds_of(book.options),
    )


def thresholds_of(options: Options) -> dict[str, tuple[str, int]]:
    """Name each threshold column's sign and count."""
    return {
        f"{kind}_{text}": (kind, count)
        for kind, thresholds in (("at_least", options.at_least), ("more_than", options.more_than))
        for text, count in thresholds.items()
    }


def provenance_of(totals: Totals, book: Book) -> Provenance:
    """Write down how the answer came about."""
    options, counts = book.options, totals.counts
    unchecked = int(counts.used_by_line[book.drugs.cough_cold_missing].sum())
    rows = RowCounts(
        rows_in=counts.rows_in,
        used=int(counts.used_by_line.sum()),
        netted=counts.netted,
        not_opioid=totals.not_opioid,
        set_aside=sum(totals.set_aside.values()),
    )
    return Provenance(
        opsafe_version=__version__,
        editions=tuple(map(EditionUsed.of, book.chain.editions)),
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
        factors=_factors(counts.used_by_line, book),
        rows=rows,
        set_aside_by_reason=totals.set_aside,
        flags_by_code=totals.flags,
        identical_fills=counts.identical,
        cough_cold_not_checked=unchecked,
        members=totals.members,
        lower_bound_members=totals.lower_bound,
        cautions=tuple(_cautions(totals, book, unchecked)),
    )


def _factors(used_by_line: IntArray, book: Book) -> tuple[FactorUsed, ...]:
    """The factors that rows rest on: what a pharmacist would check first."""
    total: Counter[tuple[str, str, str, str, str]] = Counter()
    for code in np.flatnonzero(used_by_line).tolist():
        line, rule = book.drugs.meanings[code].line, book.factors.rules[code]
        assert line is not None and rule is not None  # or its rows would not count
        words = (line.ingredient, line.route or "", line.form or "", rule.printed.text)
        total[*words, rule.edition] += int(used_by_line[code])
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


def _day_text(day: int | None) -> str:
    return "not given" if day is None else str(np.datetime64(day + EPOCH, "D"))


def _cautions(totals: Totals, book: Book, unchecked: int) -> list[str]:
    tables, alike = book.tables, totals.counts.identical
    told = [
        "For clinical review; not grounds to deny, taper or stop",
        "Claims miss fills paid in cash or by other payers",
    ]
    if tables.exclusions is None:
        told.append("No clinical exclusions were applied: cancer, hospice, palliative care, "
                    "sickle cell and long-term care are in")  # fmt: skip
    if not totals.bounded:
        told.append(
            "D3 is null where start and end (or a window of the member) were not both given"
        )
    if unchecked:
        told.append(
            f"Cough and cold not checked in {_many(unchecked)} rows: they name only an ingredient"
        )
    if totals.any_lower_bound:
        told.append("MME is a lower bound where opioid rows were set aside: see mme_is_lower_bound")
    if totals.any_tier_reading:
        told.append("tier_reading_days rest on our reading of the printed methadone bounds")
    for_populations = {"programme reporting", "retrospective analysis", "research"}
    told += [
        f"{edition.id} is meant for this use: {', '.join(edition.intended_use)}"
        for edition in book.chain.editions
        if for_populations.isdisjoint(edition.intended_use)
    ]
    if alike:
        told.append(
            f"Fills without an id that equal an earlier one, and count all the same: {_many(alike)}"
        )
    for name, table in (
        ("windows", tables.windows),
        ("enrolment", tables.enrolment),
        ("exclusions", tables.exclusions),
    ):
        elsewhere = 0 if table is None else len(table) - totals.counts.found.get(name, 0)
        if elsewhere:
            told.append(f"{_many(elsewhere)} rows of {name} belong to members without fills")
    return told


def _many(count: int) -> str:
    """Write a count for a text that is printed: small ones are hidden there."""
    return f"{count:,}" if count >= SMALLEST_CELL else f"under {SMALLEST_CELL}"
