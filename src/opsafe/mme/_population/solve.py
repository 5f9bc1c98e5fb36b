"""One slab of whole members: rows netted, rated, shifted and summed, in the order of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from opsafe._identifiers import Identifiers
from opsafe.columns import AnyArray
from opsafe.mme._kernel import sum_by
from opsafe.mme._population.book import Book, Looked
from opsafe.mme._population.claims import FILL_ID, PHARMACY, PRESCRIBER
from opsafe.mme._population.codes import REASONS
from opsafe.mme._population.drugs import Bit
from opsafe.mme._population.flags import Flagged, flag_fills
from opsafe.mme._population.measure import Doses, Fills, Measured
from opsafe.mme._population.netting import net
from opsafe.mme._population.rates import Rates, rates
from opsafe.mme._population.rows import Rows
from opsafe.mme._population.slabs import Slab
from opsafe.mme._population.ways import BY_ARRAYS, Measure
from opsafe.mme._shift import shift
from opsafe.mme.reasons import Flag, Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Solved", "solve"]

_TOOK_PLACE: Final = tuple(reason for reason in REASONS if reason.fill_stands)


@dataclass
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

    @cached_property
    def member(self) -> IntArray:
        """Number of the member of each fill that counts."""
        return self.rows.member.take(self.rates.at)

    @cached_property
    def took_place(self) -> BoolArray:
        """Fills that took place, with MME or without, of members that are not left out."""
        return self.dispensed()

    def dispensed(self, *more: Reason) -> BoolArray:
        """The same, and rows set aside for some further reasons."""
        found = self.rows.stand_or_have(*_TOOK_PLACE, *more)
        if self.looked.excluded.any():
            found &= ~self.looked.excluded[self.rows.member]
        return found


def solve(slab: Slab, books: Sequence[Book], how: Measure = BY_ARRAYS.measure) -> Iterator[Solved]:
    """Work a slab out for each of some editions; rows are netted once."""
    members = slab.members
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
        yield _solve_one(book, slab, members, rows, looked, how)


def _solve_one(
    book: Book, slab: Slab, members: Identifiers, rows: Rows, looked: Looked, how: Measure
) -> Solved:
    found = rates(rows, book.factors, book.options.patch_days)
    found = _refuse_unsummable(rows, found, book, slab.most)
    flags = list(flag_fills(rows, found, book.factors, book.flags))
    start, late = _shifted(rows, found, book)
    if late is not None:
        flags.append(Flagged(Flag.SHIFT_CAPPED, late))
    solved = Solved(book, slab, members, rows, looked, found, start, flags, None, None)  # type: ignore[arg-type]
    most = slab.most
    included = book.drugs.buprenorphine[found.line] if _with_buprenorphine(book) else None
    solved.main = how(_fills(solved, included), looked.spans, book.scale, most)
    if _with_buprenorphine(book):
        solved.beside = how(_fills(solved, None, alone=True), looked.spans, book.scale, most)
    return solved


def _with_buprenorphine(book: Book) -> bool:
    return book.options.buprenorphine == "include"


def _refuse_unsummable(rows: Rows, found: Rates, book: Book, fills: int) -> Rates:
    """Set a member aside whole whose sums could leave the integers; none has more ``fills``."""
    tiers = book.factors.tiers
    amount = found.amount
    most = max(tiers.thousandths) if tiers is not None else 1000
    longest = int(found.days.max(initial=0))
    largest = (int(amount.max(initial=0)) // 1000 + 1) * max(most, 1000)  # of a tiered drug or not
    if largest * longest * fills < 4 * 10**18:
        return found
    if found.tiered is not None and tiers is not None:
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
    start = found.day
    if book.options.overlap != "shift_same_product" or not len(start):
        return start, None
    product = book.drugs.product[found.line]
    group = rows.member[found.at] * (int(product.max()) + 1) + product
    start, capped = shift(group, start, found.days, book.options.max_shift_days)
    return start, np.flatnonzero(capped) if capped.any() else None


def _fills(solved: Solved, left_out: BoolArray | None, *, alone: bool = False) -> Fills:
    """Fills to sum; with those that only meet benzodiazepines, unless ``alone``."""
    rows, found, book = solved.rows, solved.rates, solved.book
    counted = np.zeros(len(rows), bool)
    counted[found.at] = True
    start, stop = rows.day, rows.day + np.maximum(rows.days, 0)
    if book.options.overlap == "shift_same_product" or book.options.patch_days == "edition":
        start = start.copy()
        start[found.at] = solved.start
        stop[found.at] = solved.start + found.days
    rate = np.full(len(rows), 0)  # zeros() would keep the lock
    rate[found.at] = found.amount
    doses = found.doses
    rate[found.at[doses]] = 0
    if left_out is not None:
        counted[found.at[left_out]] = False
        rate[found.at[left_out]] = 0
        doses = doses[~left_out[doses]]
    fills = Fills(
        member=rows.member,
        start=start,
        stop=stop,
        rate=rate,
        doses=Doses(found.at[doses], found.amount[doses]) if len(doses) else None,
        product=book.drugs.product.take(rows.line),
        counted=counted,
        dispensing=rows.dispensings(found.at),
    )
    return fills if alone else _with_benzodiazepines(fills, solved)


def _with_benzodiazepines(fills: Fills, solved: Solved) -> Fills:
    rows, took = solved.rows, solved.took_place
    benzodiazepine = took & rows.are(Bit.BENZODIAZEPINE)
    if not benzodiazepine.any():
        return fills
    opioid = took & rows.are(Bit.MEETS_BENZODIAZEPINES)
    return replace(fills, benzodiazepine=benzodiazepine, opioid=opioid)


def identical_fills(solved: Solved) -> int:
    """Count fills without an id that equal an earlier one in every column."""
    rows, at = solved.rows, (solved.beside or solved.main).twins
    if rows.claims.fill_id is not None:
        at = at[~rows.identified(FILL_ID)[at]]
    if not len(at):
        return 0
    claims, product = rows.claims, solved.book.drugs.product[rows.line[at]]
    columns: list[AnyArray] = [
        rows.member[at],
        rows.day[at],
        product,
        rows.days[at],
        rows.quantity[at],
    ]
    for key, mark in ((claims.prescriber, PRESCRIBER), (claims.pharmacy, PHARMACY)):
        if key is not None:
            there = rows.identified(mark)[at]
            columns += [there, np.where(there, key[at], 0)]
    # Equal ones stand together, unless more than two have a member, product and day in common.
    same = _alike(columns[:3])
    crowd = np.zeros(len(at), bool)
    crowd[1:-1] = same[1:] & same[:-1]
    crowd[:-2] |= crowd[1:-1]
    crowd[2:] |= crowd[1:-1]
    rest, some = np.flatnonzero(~crowd), np.flatnonzero(crowd)
    some = some[np.lexsort([column[some] for column in columns[::-1]])]
    return sum(int(_alike([column[one] for column in columns]).sum()) for one in (rest, some))


def _alike(columns: Sequence[AnyArray]) -> BoolArray:
    """Whether each row equals the one before it; the first has none."""
    alike = np.ones(max(len(columns[0]) - 1, 0), bool)
    for column in columns:
        alike &= column[1:] == column[:-1]
    return alike
