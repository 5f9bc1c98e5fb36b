"""One run of exposure: rows netted, rated, shifted, cut and summed, in the order of the rules."""

from __future__ import annotations

import numpy as np

from opsafe.frames import Frame, Table
from opsafe.mme._kernel import DAY_BITS, shift, sum_by
from opsafe.mme._population.flags import Flagged, flag_fills
from opsafe.mme._population.measure import Fills, Measured, measure
from opsafe.mme._population.netting import net
from opsafe.mme._population.numbering import number
from opsafe.mme._population.options import Options
from opsafe.mme._population.rates import Rates, rates
from opsafe.mme._population.rows import Rows
from opsafe.mme._population.spans import Intervals, Spans, clip, observed, read_intervals
from opsafe.mme.chain import EditionChain
from opsafe.mme.factors import TieredFactor
from opsafe.mme.reasons import Flag, Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Run", "Tables"]


class Tables:
    """The optional tables by member, and the days they leave to look at."""

    def __init__(
        self,
        rows: Rows,
        windows: Frame | None,
        enrolment: Frame | None,
        exclusions: Frame | None,
        options: Options,
    ) -> None:
        def read(table: Frame | None, where: str, label: str | None) -> Intervals | None:
            if table is None:
                return None
            return read_intervals(table, rows.member, where=where, label=label)

        self.windows = read(windows, "windows", None)
        self.enrolment = read(enrolment, "enrolment", "line_of_business")
        self.exclusions = read(exclusions, "exclusions", "reason")
        members = rows.member.count
        window = (options.start, options.end, self.windows, self.enrolment)
        self.uncut = observed(members, *window, None)
        cut = self.exclusions if options.exclude == "days" else None
        self.spans = self.uncut if cut is None else observed(members, *window, cut)
        self.excluded = np.zeros(members, bool)
        if self.exclusions is not None and options.exclude == "members":
            ours = self.exclusions
            which, _, _ = clip(ours.member, ours.start, ours.stop, self.uncut)
            self.excluded[ours.member[which]] = True


class Run:
    """One run from rows to measures; what ``tally`` and ``members`` lay out as tables."""

    def __init__(
        self, table: Table, rows: Rows, chain: EditionChain, options: Options, tables: Tables
    ) -> None:
        self.table = table
        self.rows = rows
        self.chain = chain
        self.options = options
        self.tables = tables
        net(rows)
        rows.settle()
        self._exclude_members()
        self.rates: Rates = rates(rows, chain, options.policy, options.patch_days)
        self._refuse_unsummable()
        self.counts: BoolArray = rows.stands & rows.opioid
        self.flags = flag_fills(rows, self.rates, self.counts)

    @property
    def spans(self) -> Spans:
        """The days that are looked at."""
        return self.tables.spans

    def _exclude_members(self) -> None:
        out = self.tables.excluded
        if out.any():
            member = self.rows.member.codes
            self.rows.set_aside(
                out[member] & (member >= 0) & self.rows.opioid, Reason.MEMBER_EXCLUDED
            )

    def _refuse_unsummable(self) -> None:
        """Set a member aside whole whose sums could leave the integers that hold them."""
        rows, found = self.rows, self.rates
        counts = rows.stands & rows.opioid
        most = max(found.tiers.thousandths) if found.tiers else 0
        # Rounded up: a bound, so that it never depends on the day's tier.
        each = found.rate + found.milligrams // 1000 * most + (found.milligrams > 0) * most
        amount = np.where(counts, each, 0)
        days = np.where(counts, found.days, 0)
        if float(np.sum(amount.astype(float) * days)) < 3.9e18:
            return
        members = rows.member.count
        member = np.where(rows.member.codes >= 0, rows.member.codes, 0)
        # In two halves, since the sum is just what may not fit.
        high = sum_by(member, (amount >> 24) * days, members).astype(object)
        low = sum_by(member, (amount & (2**24 - 1)) * days, members).astype(object)
        beyond = np.array((high * 2**24 + low) > 4 * 10**18, bool)
        rows.set_aside(beyond[member] & counts, Reason.TOO_LARGE_TO_SUM)

    def measure(self) -> None:
        """Shift where asked, cut to the spans and sum; with buprenorphine in a second pass."""
        self.which = np.flatnonzero(self.counts)
        self.fills = self._fills(self.which)
        with_buprenorphine = self.rates.buprenorphine[self.which]
        self.main: Measured = self._sum(self.fills.of(~with_buprenorphine))
        self.beside: Measured | None = None
        if self.options.buprenorphine == "include":
            self.beside = self._sum(self.fills)

    @property
    def is_not_opioid(self) -> BoolArray:
        """Rows of other drugs, whatever else may be wrong with them."""
        known = self.rows.ingredient.codes >= 0
        return known & ~self.rows.opioid & (self.rows.member.codes >= 0)

    @property
    def is_set_aside(self) -> BoolArray:
        """Rows that are returned with a reason."""
        return (self.rows.reason >= 0) & ~self.is_not_opioid

    def identical_fills(self) -> int:
        """Count fills without an id that equal an earlier one in every column."""
        rows = self.rows
        at = self.which
        if rows.fill_id is not None:
            at = at[rows.fill_id.codes[at] < 0]
        columns = (
            (rows.member.codes[at] << DAY_BITS) | rows.day[at],
            rows.days[at],
            rows.quantity[at],
            rows.strength[at],
        )
        at = at[_alike(*columns)]
        if not len(at):
            return 0
        code = number(
            rows.member.codes[at],
            rows.day[at],
            rows.days[at],
            rows.quantity[at],
            _products(rows, at),
            *(codes.codes[at] for codes in (rows.prescriber, rows.pharmacy) if codes),
        )
        return len(at) - len(np.unique(code))

    def start_of(self, at: IntArray) -> IntArray:
        """First day of some rows, after the shift where they were shifted."""
        start = self.rows.day.copy()
        start[self.which] = self.fills.start
        return start[at]

    def _sum(self, fills: Fills) -> Measured:
        return measure(
            fills,
            self.spans,
            self.rates.tiers,
            self._printed_bounds(),
            tuple(self.options.at_least.values()),
            tuple(self.options.more_than.values()),
        )

    def _printed_bounds(self) -> list[tuple[int, int]]:
        for edition in self.chain.editions:
            for factor in edition.factors:
                if isinstance(factor, TieredFactor) and factor.printed_bounds == "integers":
                    pairs = [tier.printed_integers for tier in factor.tiers]
                    return [(a * 10**6, b * 10**6) for a, b in (p for p in pairs if p)]
        return []

    def _fills(self, at: IntArray) -> Fills:
        rows, found = self.rows, self.rates
        member, start, days = rows.member.codes[at], rows.day[at], found.days[at]
        product = _products(rows, at)
        if self.options.overlap == "shift_same_product" and len(at):
            group = member * (int(product.max()) + 1) + product
            start, capped = shift(group, start, days, self.options.max_shift_days)
            late = np.zeros(len(rows), bool)
            late[at[capped]] = True
            if late.any():
                self.flags.append(Flagged(Flag.SHIFT_CAPPED, late))
        return Fills(
            member,
            start,
            days,
            found.rate[at],
            found.milligrams[at],
            product,
            _dispensings(rows, at),
        )


def _alike(*columns: IntArray) -> BoolArray:
    """Rows that may equal another one: a mixed key finds them, the caller compares them."""
    key = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        key = (key ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    ordered = np.sort(key)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(twice):
        return np.zeros(len(key), bool)
    nearest = twice[np.minimum(np.searchsorted(twice, key), len(twice) - 1)]
    found: BoolArray = nearest == key
    return found


def _dispensings(rows: Rows, at: IntArray) -> IntArray:
    """Number the products of two opioids, of which each row is one: -1 for any other row.

    Source rows are numbers of a file; two files may share them, a member and date rarely.
    """
    if rows.source is None:
        return np.full(len(at), -1, np.int64)
    source = rows.source.codes[at]
    code = number(rows.member.codes[at], rows.day[at], source)
    several = np.bincount(code, minlength=1)[code] > 1
    return np.where(several & (source >= 0), code, -1)


def _products(rows: Rows, at: IntArray) -> IntArray:
    """Number the products: ingredient, route, form, strength and its unit."""
    words = (rows.ingredient, rows.route, rows.form, rows.unit)
    return number(rows.strength[at], *(word.codes[at] for word in words))
