"""The fills of some whole members, each row with the reason why it does not count, if any."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from opsafe.mme._population.claims import (
    ODD_DAYS,
    ODD_QUANTITY,
    SOURCE,
    UNDATED,
    UNSTATED,
    Claims,
)
from opsafe.mme._population.codes import INDEX, REASONS
from opsafe.mme._population.drugs import Bit, Drugs
from opsafe.mme._population.numbering import number
from opsafe.mme.reasons import Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Rows"]


class Rows:
    """Rows of whole members, those of a member together.

    Parameters
    ----------
    claims : Claims
        The encoded rows, in that order.
    member : array of int64, shape (n,)
        Position of each row's member among the members here, from 0.
    members : int
        Number of members.
    drugs : Drugs
        What the drug lines say.
    """

    def __init__(self, claims: Claims, member: IntArray, members: int, drugs: Drugs) -> None:
        self.claims = claims
        self.member = member
        self.members = members
        self.drugs = drugs
        self.line = claims.line.astype(np.intp)
        self.bits = drugs.bits.take(self.line)
        self.day = claims.day.astype(np.int64)
        self.days = claims.days.astype(np.int64)
        self.quantity = claims.quantity
        odd = np.flatnonzero((claims.marks & (UNDATED | UNSTATED)) != 0)
        if len(odd):
            self._blank(odd)
        self.reason: npt.NDArray[np.int16] = np.full(len(claims), -1, np.int16)
        if (drugs.status >= 0).any():
            self.reason = drugs.status.take(self.line)
        self.absorbed: BoolArray | None = None
        """Rows that a surviving fill of the same id has taken up; nothing more befalls them."""

    def _blank(self, odd: IntArray) -> None:
        """Take the codes of odd words out of the columns that are computed with."""
        marks = self.claims.marks[odd]
        self.day[odd[(marks & UNDATED) > 0]] = 0
        self.days[odd[(marks & ODD_DAYS) > 0]] = 0
        self.quantity = self.quantity.copy()
        self.quantity[odd[(marks & ODD_QUANTITY) > 0]] = 0

    def again(self, reason: npt.NDArray[np.int16]) -> Rows:
        """The same rows, to be judged once more from some reasons on."""
        other = copy(self)
        other.reason = reason.copy()
        return other

    def __len__(self) -> int:
        return len(self.line)

    @property
    def stands(self) -> BoolArray:
        """Rows that count so far: without a reason, and not absorbed."""
        stands: BoolArray = self.reason < 0
        return stands if self.absorbed is None else stands & ~self.absorbed

    @property
    def undated(self) -> BoolArray:
        """Rows without a day that can be used; a fill id still nets them."""
        return (self.claims.marks & UNDATED) > 0

    @property
    def unstated(self) -> BoolArray:
        """Rows whose quantity or days cannot be read: there is nothing to net."""
        return (self.claims.marks & UNSTATED) > 0

    @property
    def opioid(self) -> BoolArray:
        """Rows whose ingredient is an opioid."""
        return self.are(Bit.OPIOID)

    @property
    def is_not_opioid(self) -> BoolArray:
        """Rows of other drugs, whatever else may be wrong with them."""
        return self.are(Bit.OTHER)

    def are(self, bit: Bit) -> BoolArray:
        """Rows whose drug line is something."""
        found: BoolArray = (self.bits & np.uint8(bit)) != 0
        return found

    def identified(self, mark: int) -> BoolArray:
        """Rows that have the identifier of a mark."""
        there: BoolArray = (self.claims.marks & mark) == 0
        return there

    def set_aside(self, rows: IntArray | BoolArray, reason: Reason | npt.NDArray[np.int16]) -> None:
        """Give rows a reason, unless they have one."""
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        if not len(at):
            return
        free = self.reason[at] < 0
        if self.absorbed is not None:
            free &= ~self.absorbed[at]
        given = INDEX[reason] if isinstance(reason, Reason) else reason[free]
        self.reason[at[free]] = given

    def settle(self) -> None:
        """Judge what is left after netting: in the order in which the columns are read."""
        own = self.claims.own
        doubtful = (own > 0) | (self.days <= 0) | (self.quantity <= 0) | self.are(Bit.DOUBTFUL)
        at = np.flatnonzero(doubtful)
        line = self.line[at]
        unknown = self.drugs.unknown[line]
        self.set_aside(at[unknown >= 0], unknown[unknown >= 0])
        mine = own[at].astype(np.int16) - 1
        self.set_aside(at[mine >= 0], mine[mine >= 0])
        self.set_aside(at[self.days[at] <= 0], Reason.DAYS_SUPPLY_NOT_POSITIVE)
        self.set_aside(at[self.quantity[at] <= 0], Reason.QUANTITY_NOT_POSITIVE)
        late = self.drugs.late[line]
        self.set_aside(at[late >= 0], late[late >= 0])

    def without_factor(self, reasons: npt.NDArray[np.int16]) -> None:
        """Set lines aside that an edition has no factor for."""
        if (reasons >= 0).any():
            found = reasons[self.line]
            at = np.flatnonzero(found >= 0)
            self.set_aside(at, found[at])

    def stand_or_have(self, *reasons: Reason) -> BoolArray:
        """Rows that count so far, and those set aside for one of the reasons."""
        wanted = np.zeros(len(REASONS), bool)
        wanted[[INDEX[reason] for reason in reasons]] = True
        found: BoolArray = self.reason < 0
        aside = np.flatnonzero(~found)
        found[aside] = wanted[self.reason[aside]]
        if self.absorbed is not None:
            found &= ~(self.absorbed & (self.reason < 0))
        return found

    def dispensings(self, at: IntArray) -> IntArray | None:
        """Number the products of two opioids, of which each row is one: -1 for any other row.

        Source rows are numbers of a file; two files may share them, a member and date rarely.
        """
        if self.claims.source is None or not len(at):
            return None
        code = number(self.member[at], self.day[at], self.claims.source[at])
        several = np.bincount(code)[code] > 1
        found = np.full(len(self), -1, np.int64)
        found[at] = np.where(several & self.identified(SOURCE)[at], code, -1)
        return found

    def per_member(self, rows: BoolArray | IntArray) -> IntArray:
        """Count some rows by member."""
        return np.bincount(self.member[rows], minlength=self.members)
