"""What one slab adds to the answer: tables and counts that only need to be joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsafe._identifiers import Identifiers
from opsafe.columns import Columns, Text
from opsafe.mme._kernel import ByGroup, Runs
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.codes import to_dates
from opsafe.mme._population.measure import Doses, Fills, sum_daily
from opsafe.mme._population.members import members_table
from opsafe.mme._population.solve import Solved, identical_fills
from opsafe.mme._population.spans import Spans, clip
from opsafe.mme._rounding import day_counts
from opsafe.mme.reasons import Flag
from opsafe.quantity import FloatArray, IntArray

__all__ = ["FLAGS", "Counts", "Part", "Told", "part_of"]

FLAGS = tuple(Flag)


@dataclass(slots=True)
class Counts:
    """Counts of rows and lines that add up over slabs."""

    rows_in: int
    netted: int
    identical: int
    used_by_line: IntArray
    not_opioid_by_line: IntArray
    found: dict[str, int]
    """Rows of each table by member that belong to a member here."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.rows_in + other.rows_in,
            self.netted + other.netted,
            self.identical + other.identical,
            self.used_by_line + other.used_by_line,
            self.not_opioid_by_line + other.not_opioid_by_line,
            {
                name: self.found.get(name, 0) + other.found.get(name, 0)
                for name in self.found | other.found
            },
        )


@dataclass(slots=True)
class Told:
    """Rows that are returned: where they stood, what they said, and a code each."""

    row: IntArray
    code: IntArray
    claims: Claims
    beside: FloatArray

    def take(self, rows: IntArray) -> Told:
        """Take some rows."""
        claims = self.claims.take(rows)
        return Told(self.row[rows], self.code[rows], claims, self.beside[rows])


@dataclass(slots=True)
class Part:
    """Tables of some members; the last three have a number of a member in each row."""

    member: Identifiers
    first_row: IntArray
    """A row of the input in which each member stands."""
    members: Columns
    set_aside: Told
    flags: Told
    counts: Counts
    segments: tuple[IntArray, Columns] | None
    contributions: tuple[IntArray, Columns] | None
    excluded: tuple[IntArray, Columns]


def part_of(solved: Solved) -> Part:
    """Lay a solved slab out."""
    rows, options = solved.rows, solved.book.options
    other = rows.is_not_opioid
    aside = np.flatnonzero((rows.reason >= 0) & ~other)
    lines = len(solved.book.drugs.meanings)
    counts = Counts(
        rows_in=solved.slab.rows_in,
        netted=0 if rows.absorbed is None else int((rows.absorbed & ~other).sum()),
        identical=identical_fills(solved),
        used_by_line=np.bincount(solved.rates.line, minlength=lines),
        not_opioid_by_line=(
            np.bincount(rows.line.take(np.flatnonzero(other)), minlength=lines)
            + solved.slab.skipped_by_line
        ),
        found=solved.looked.found,
    )
    return Part(
        member=solved.members,
        first_row=solved.slab.first_row,
        members=members_table(solved),
        set_aside=_told(solved, aside, rows.reason[aside].astype(np.int64)),
        flags=_flags(solved),
        counts=counts,
        segments=_segments(solved) if options.segments else None,
        contributions=_contributions(solved) if options.contributions else None,
        excluded=_excluded(solved),
    )


def _told(solved: Solved, at: IntArray, code: IntArray, beside: FloatArray | None = None) -> Told:
    blank = np.full(len(at), np.nan) if beside is None else beside
    claims = solved.rows.claims.take(at)
    assert claims.row is not None
    return Told(claims.row, code, claims, blank)


def _flags(solved: Solved) -> Told:
    at = [solved.rates.at[one.fills] for one in solved.flags]
    code = [np.full(len(one.fills), FLAGS.index(one.flag)) for one in solved.flags]
    beside = [
        np.full(len(one.fills), np.nan) if one.beside is None else one.beside / 1e6
        for one in solved.flags
    ]
    none = np.zeros(0, np.int64)
    return _told(
        solved,
        np.concatenate([none, *at]),
        np.concatenate([none, *code]),
        np.concatenate([np.zeros(0), *beside]),
    )


def _segments(solved: Solved) -> tuple[IntArray, Columns]:
    """Runs of constant exposure, and the member of each; neighbours alike are one run."""
    daily = solved.main.daily
    assert daily is not None
    found = daily.runs
    alike = np.zeros(len(found.group), bool)
    alike[1:] = (
        (found.group[1:] == found.group[:-1])
        & (found.start[1:] == found.stop[:-1])
        & (daily.value[1:] == daily.value[:-1])
        & (daily.active[1:] == daily.active[:-1])
    )
    first = np.flatnonzero(~alike)
    last = np.append(first[1:], len(alike))[: len(first)] - 1
    table = Columns(
        {
            "first_day": to_dates(found.start[first]),
            "last_day": to_dates(found.stop[last] - 1),
            "mme_per_day": day_counts(daily.value[first]) / 1e6,
            "active_fills": daily.active[first].astype(np.int32),
        }
    )
    return found.group[first], table


def _contributions(solved: Solved) -> tuple[IntArray, Columns]:
    """Each drug's part of a member's peak day and of the total, and the member of each."""
    rows, rates, book = solved.rows, solved.rates, solved.book
    chosen = np.flatnonzero(~book.drugs.buprenorphine[rates.line])
    at, line = rates.at[chosen], rates.line[chosen]
    names, drug = np.unique(book.drugs.ingredient[line], return_inverse=True)
    pairs, code = np.unique(rows.member[at] * max(len(names), 1) + drug, return_inverse=True)
    member = pairs // max(len(names), 1)
    start = solved.start[chosen]
    place = np.full(len(rates.at), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    doses = rates.doses[place[rates.doses] >= 0]
    fills = Fills(
        code,
        start,
        start + rates.days[chosen],
        rates.rate[chosen],
        Doses(place[doses], rates.amount[doses]) if len(doses) else None,
        book.drugs.product[line],
        np.ones(len(at), bool),
    )
    days = np.ones(len(pairs), np.int64)
    # Each pair of member and drug is looked at on its member's days.
    spans = _spans_of(solved.looked.spans, member, days)
    if spans.window is not None:
        fills = fills.within(*spans.window)
    daily = sum_daily(fills, spans, book.factors.tiers, len(at))
    found = daily.runs
    by_pair = ByGroup(found.group, len(pairs))
    total = by_pair.sum(daily.value * found.days)
    peak = solved.main.peak_day[member[found.group]]
    on_peak = (found.start <= peak) & (peak < found.stop)
    kept = np.flatnonzero(by_pair.counts)
    whole = solved.main.total[member[kept]].astype(float)
    share = np.divide(total[kept], whole, out=np.full(len(kept), np.nan), where=whole > 0)
    table = Columns(
        {
            "ingredient": Text(names[pairs % max(len(names), 1)][kept], book.drugs.ingredients),
            "mme_on_peak_day": day_counts(by_pair.sum(daily.value * on_peak)[kept]) / 1e6,
            "total_mme": day_counts(total[kept]) / 1e6,
            "share_of_total": share,
        }
    )
    return member[kept], table


def _spans_of(spans: Spans, member: IntArray, days: IntArray) -> Spans:
    """Spans of some members, one after the other, each numbered by its place."""
    if spans.window is not None:
        return Spans(spans.runs, days, days > 0, spans.window)
    by_member = ByGroup(spans.runs.group, len(spans.days))
    pieces = by_member.counts[member]
    which = np.repeat(np.arange(len(member)), pieces)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = by_member.start[member[which]] + nth
    return Spans(Runs(which, spans.runs.start[at], spans.runs.stop[at], ()), days, days > 0)


def _excluded(solved: Solved) -> tuple[IntArray, Columns]:
    """Exclusions that met looked-at days, with their reason and days, and the member of each."""
    ours = solved.looked.exclusions
    none = np.zeros(0, np.int64)
    if ours is None:
        which = start = stop = member = label = none
        labels: tuple[str, ...] = ()
    else:
        which, start, stop = clip(ours.member, ours.start, ours.stop, solved.looked.uncut)
        order = np.lexsort((ours.label[which], stop, start, ours.member[which]))
        which, start, stop = which[order], start[order], stop[order]
        member, label, labels = ours.member[which], ours.label[which], ours.labels
    table = Columns(
        {
            "reason": Text(label, labels),
            "first_day": to_dates(start),
            "last_day": to_dates(stop - 1),
            "days": stop - start,
        }
    )
    return member, table
