"""One slab of whole members: rows netted, rated, shifted and summed, in the order of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from opsafe import _identifiers
from opsafe._identifiers import Identifiers
from opsafe.mme._kernel import DAY_BITS, shift, sum_by
from opsafe.mme._population.book import Book, Looked
from opsafe.mme._population.claims import FILL_ID
from opsafe.mme._population.codes import REASONS
from opsafe.mme._population.flags import Flagged, flag_fills
from opsafe.mme._population.measure import Fills, Measured, measure
from opsafe.mme._population.netting import net
from opsafe.mme._population.numbering import alike, number
from opsafe.mme._population.rates import Rates, rates
from opsafe.mme._population.rows import Rows
from opsafe.mme._population.slabs import Slab
from opsafe.mme.reasons import Flag, Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Solved", "solve"]


@dataclass(slots=True)
class Solved:
    """A slab worked out for one edition; what the tables are laid out from."""

    book: Book
    slab: Slab
    members: Identifiers
    rows: Rows
    looked: Looked
    rates: Rates
    start: IntArray
    """First day of each fill that counts, after the shift where they were shifted."""
    flags: list[Flagged]
    main: Measured
    beside: Measured | None
    """The same with buprenorphine, where it is included."""

    @property
    def counts(self) -> BoolArray:
        """Rows that count."""
        found = np.zeros(len(self.rows), bool)
        found[self.rates.at] = True
        return found

    def took_place(self, *more: Reason) -> BoolArray:
        """Fills that took place, with MME or without, of members that are not left out."""
        standing = [reason for reason in REASONS if reason.fill_stands]
        found = self.rows.stands | self.rows.has(*standing, *more)
        if self.looked.excluded.any():
            found &= ~self.looked.excluded[self.rows.member]
        return found


def solve(slab: Slab, books: Sequence[Book]) -> Iterator[Solved]:
    """Work a slab out for each of some editions; rows are netted once."""
    members = _identifiers.take(slab.claims.member, slab.first)
    first = books[0]
    looked = Looked(members, first.tables, first.options)
    rows = Rows(slab.claims, slab.member, len(members), first.drugs)
    net(rows)
    rows.settle()
    if looked.excluded.any():
        rows.set_aside(looked.excluded[rows.member] & rows.opioid, Reason.MEMBER_EXCLUDED)
    settled = rows.reason
    for book in books:
        if book is not first:
            rows = rows.again(settled)
        elif len(books) > 1:
            rows.reason = settled.copy()
        yield _solve_one(book, slab, members, rows, looked)


def _solve_one(book: Book, slab: Slab, members: Identifiers, rows: Rows, looked: Looked) -> Solved:
    found = rates(rows, book.factors, book.options.patch_days)
    found = _refuse_unsummable(rows, found, book)
    flags = list(flag_fills(rows, found, book.factors, book.flags))
    start, late = _shifted(rows, found, book)
    if late is not None:
        flags.append(Flagged(Flag.SHIFT_CAPPED, late))
    solved = Solved(book, slab, members, rows, looked, found, start, flags, None, None)  # type: ignore[arg-type]
    most = int(np.diff(np.append(slab.first, len(rows))).max(initial=0))
    included = book.drugs.buprenorphine[found.line] if _with_buprenorphine(book) else None
    solved.main = measure(_fills(solved, included), looked.spans, book.scale, most)
    if _with_buprenorphine(book):
        solved.beside = measure(_fills(solved, None, alone=True), looked.spans, book.scale, most)
    return solved


def _with_buprenorphine(book: Book) -> bool:
    return book.options.buprenorphine == "include"


def _refuse_unsummable(rows: Rows, found: Rates, book: Book) -> Rates:
    """Set a member aside whole whose sums could leave the integers that hold them."""
    tiers = book.factors.tiers
    amount = found.amount
    if found.tiered is not None and tiers is not None:
        most = max(tiers.thousandths)
        # Rounded up: a bound, so that it never depends on the day's tier.
        amount = np.where(found.tiered & (amount > 0), (amount // 1000 + 1) * most, amount)
    if float((amount.astype(float) * found.days).sum()) < 3.9e18:
        return found
    member = rows.member[found.at]
    # In two halves, since the sum is just what may not fit.
    high = sum_by(member, (amount >> 24) * found.days, rows.members).astype(object)
    low = sum_by(member, (amount & (2**24 - 1)) * found.days, rows.members).astype(object)
    beyond = np.array((high * 2**24 + low) > 4 * 10**18, bool)
    if not beyond.any():
        return found
    rows.set_aside(found.at[beyond[member]], Reason.TOO_LARGE_TO_SUM)
    return found.of(~beyond[member])


def _shifted(rows: Rows, found: Rates, book: Book) -> tuple[IntArray, IntArray | None]:
    """First day of each fill, and the fills whose shift was cut short, if any."""
    start = rows.day[found.at]
    if book.options.overlap != "shift_same_product" or not len(start):
        return start, None
    product = book.drugs.product[found.line]
    group = rows.member[found.at] * (int(product.max()) + 1) + product
    start, capped = shift(group, start, found.days, book.options.max_shift_days)
    return start, np.flatnonzero(capped) if capped.any() else None


def _fills(solved: Solved, left_out: BoolArray | None, *, alone: bool = False) -> Fills:
    """Fills to sum; with those that only meet benzodiazepines, unless ``alone``."""
    rows, found, drugs = solved.rows, solved.rates, solved.book.drugs
    at, start, days = found.at, solved.start, found.days
    rate, milligrams = found.rate, found.milligrams
    counted = None
    if left_out is not None:
        counted = ~left_out
        rate = rate * counted
        milligrams = None if milligrams is None else milligrams * counted
    opioid = benzodiazepine = None
    took = solved.took_place()
    benzodiazepines = took & drugs.benzodiazepine[rows.line]
    if not alone and benzodiazepines.any():
        meets = drugs.opioid & ~drugs.moud & ~drugs.injected
        also = benzodiazepines | (took & meets[rows.line])
        also[at] = False
        owners = np.zeros(rows.members, bool)
        owners[rows.member[benzodiazepines]] = True
        also &= owners[rows.member]
        more = np.flatnonzero(also)
        more = more[rows.days[more] > 0]
        # One list in order of rows, since the sweep is fast where its intervals are in order.
        every = np.concatenate([at, more])
        order = np.argsort(every, kind="stable")
        blank = np.zeros(len(more), np.int64)
        one = np.ones(len(at), bool) if counted is None else counted

        def together(mine: IntArray, others: IntArray) -> IntArray:
            return np.concatenate([mine, others])[order]

        start = together(start, rows.day[more])
        days = together(days, rows.days[more])
        rate = together(rate, blank)
        milligrams = None if milligrams is None else together(milligrams, blank)
        at = every[order]
        counted = np.concatenate([one, np.zeros(len(more), bool)])[order]
        opioid = meets[rows.line[at]]
        benzodiazepine = drugs.benzodiazepine[rows.line[at]]
    return Fills(
        rows.member[at],
        start,
        days,
        rate,
        milligrams,
        drugs.product[rows.line[at]],
        rows.dispensings(at),
        counted,
        opioid,
        benzodiazepine,
    )


def identical_fills(solved: Solved) -> int:
    """Count fills without an id that equal an earlier one in every column."""
    rows, at = solved.rows, solved.rates.at
    if rows.claims.fill_id is not None:
        at = at[~rows.identified(FILL_ID)[at]]
    product = solved.book.drugs.product[rows.line[at]]
    member_day = (rows.member[at] << DAY_BITS) | rows.day[at]
    close = np.flatnonzero(member_day[1:] == member_day[:-1])
    if not len(close):
        return 0
    near = np.zeros(len(at), bool)
    near[close] = near[close + 1] = True
    at, product = at[near], product[near]
    columns = (member_day[near], rows.days[at], rows.quantity[at], product)
    twice = alike(*columns)
    if not twice.any():
        return 0
    at = at[twice]
    people = [
        np.where(rows.claims.marks[at] & mark, -1, number(key[at]))
        for key, mark in ((rows.claims.prescriber, 4), (rows.claims.pharmacy, 8))
        if key is not None
    ]
    code = number(*(column[twice] for column in columns), *people)
    return len(at) - len(np.unique(code))
