"""The days of each member that are looked at: window, enrolment, exclusions.

Each is a table of intervals; what remains is found by the same sweep that sums exposure. A
member has a list of disjoint spans, and fills are cut to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from opsafe._identifiers import Identifiers, read_identifiers, take, widen
from opsafe._readings import read_date, read_dates, read_text
from opsafe.columns import AnyArray
from opsafe.errors import ColumnError
from opsafe.frames import open_table
from opsafe.mme._kernel import Runs, runs, sum_by
from opsafe.mme._population.codes import EPOCH, LAST_DAY
from opsafe.quantity import BoolArray, GridState, IntArray

__all__ = ["Intervals", "MemberTable", "Spans", "clip", "observed", "read_day", "read_intervals"]

# Beyond any day that a fill can reach: an open end.
OPEN_END: Final = LAST_DAY + 400


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of days by member, with a label each (a reason, a line of business)."""

    member: IntArray
    """Number of the member in a slab."""
    start: IntArray
    stop: IntArray
    label: IntArray
    labels: tuple[str, ...]
    found: int = 0
    """Rows of the table that these are."""


@dataclass(frozen=True, slots=True)
class MemberTable:
    """A table of intervals for the members of a whole run, in order of their keys."""

    where: str
    member: Identifiers
    start: IntArray
    stop: IntArray
    label: IntArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.start)

    def of(self, members: Identifiers) -> Intervals:
        """Find the rows of some members, which stand in order of their keys."""
        table = self.member
        if {table.kind, members.kind} == {"integer", "wide"}:
            table, members = widen(table), widen(members)
        if len(table) and len(members) and table.kind != members.kind:
            raise ColumnError("member ids are of another type than in fills", where=self.where)
        rows, which = _joined(table, members)
        found = len(rows)
        kept = self.start[rows] < self.stop[rows]
        rows, which = rows[kept], which[kept]
        return Intervals(
            which, self.start[rows], self.stop[rows], self.label[rows], self.labels, found
        )


def _joined(table: Identifiers, members: Identifiers) -> tuple[IntArray, IntArray]:
    """Pairs of a table's row and a member that have the same id."""
    by_key = np.argsort(members.key, kind="stable")
    key = members.key[by_key]
    if not len(key) or not len(table):
        none = np.zeros(0, np.int64)
        return none, none
    low = np.searchsorted(table.key, key[0], side="left")
    high = np.searchsorted(table.key, key[-1], side="right")
    rows = np.arange(low, high)
    at = np.searchsorted(key, table.key[rows], side="left")
    pairs = []
    while len(rows):  # once, but for members whose ids share a hash
        same = (at < len(key)) & (key[np.minimum(at, len(key) - 1)] == table.key[rows])
        rows, at = rows[same], at[same]
        which = by_key[at]
        if table.words is not None and members.words is not None:
            equal = _same_words(table.words[rows], members.words[which])
            pairs.append((rows[equal], which[equal]))
            rows, at = rows[~equal], at[~equal] + 1
        else:
            pairs.append((rows, which))
            break
    return (
        np.concatenate([rows for rows, _ in pairs] or [np.zeros(0, np.int64)]),
        np.concatenate([which for _, which in pairs] or [np.zeros(0, np.int64)]),
    )


def _same_words(left: AnyArray, right: AnyArray) -> BoolArray:
    """Compare words of ids; what one side has more of must be padding."""
    width = min(left.shape[1], right.shape[1])
    same: BoolArray = (left[:, :width] == right[:, :width]).all(axis=1)
    return same & ~left[:, width:].any(axis=1) & ~right[:, width:].any(axis=1)


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint spans of looked-at days, in order of member and day."""

    runs: Runs
    days: IntArray
    """Looked-at days of each member."""
    bounded: BoolArray
    """Whether both ends of a member's window were given, so that it has a length."""
    window: tuple[int, int] | None = None
    """First day and the day after the last, where they are the same for every member."""


def read_day(day: object, where: str) -> int | None:
    """Read an end of the window as a day of the kernel."""
    if day is None:
        return None
    return read_date(day, where).toordinal() - date(1970, 1, 1).toordinal() - EPOCH


def read_intervals(
    table: object,
    *,
    where: str,
    label: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> MemberTable:
    """Read a table of (member_id, from, to).

    Raises
    ------
    ColumnError
        If a row has no member, no readable first day, or ends before it starts: a table that
        decides what is looked at must be right as a whole.
    """
    opened = open_table(
        table,
        where=where,
        required=("member_id", "first_day"),
        optional=("last_day", *([label] if label else [])),
        columns=columns,
    )
    member = read_identifiers(opened.column("member_id"), f"{where}['member_id']")
    first, first_states = read_dates(opened.column("first_day"), f"{where}['first_day']")
    stop = np.full(len(opened), OPEN_END, np.int64)
    if "last_day" in opened:
        last, states = read_dates(opened.column("last_day"), f"{where}['last_day']")
        _refuse(states == GridState.UNREADABLE, "an unreadable last_day", where)
        given = states == GridState.ON_GRID
        stop[given] = np.minimum(last[given] - EPOCH + 1, OPEN_END)
    start = np.maximum(first - EPOCH, 0)
    if member.missing is not None:
        _refuse(member.missing, "no member_id", where)
    _refuse(first_states != GridState.ON_GRID, "no readable first_day", where)
    _refuse(stop <= first - EPOCH, "a last_day before its first_day", where)
    text = read_text(opened.column(label)) if label and label in opened else None
    labels = np.full(len(opened), -1, np.int64) if text is None else text.codes.astype(np.int64)
    by_key = np.argsort(member.key, kind="stable")
    return MemberTable(
        where,
        take(member, by_key),
        start[by_key],
        stop[by_key],
        labels[by_key],
        text.words if text else (),
    )


def _refuse(wrong: BoolArray, what: str, where: str) -> None:
    if wrong.any():
        raise ColumnError(
            f"{int(wrong.sum())} rows have {what}, the first is row {int(np.argmax(wrong))}",
            where=where,
        )


def observed(
    members: int,
    start: int | None,
    end: int | None,
    windows: Intervals | None,
    enrolment: Intervals | None,
    cut: Intervals | None,
) -> Spans:
    """Combine the window, enrolment and excluded days into each member's spans."""
    every = np.arange(members, dtype=np.int64)
    whole = np.ones(members, np.int64)
    first = 0 if start is None else start
    stop = OPEN_END if end is None else end + 1
    if windows is None and enrolment is None and cut is None:
        looked_at = Runs(every, first * whole, stop * whole, ())
        bounded = np.full(members, start is not None and end is not None)
        return Spans(looked_at, looked_at.days, bounded, (first, stop))
    layers = [Intervals(every, first * whole, stop * whole, every, ())]
    layers += [layer for layer in (windows, enrolment) if layer is not None]
    needed = len(layers)
    layers += [cut] if cut is not None else []
    weights = [
        np.concatenate(
            [np.full(len(layer.member), int(i == j), np.int64) for j, layer in enumerate(layers)]
        )
        for i in range(len(layers))
    ]
    found = runs(
        np.concatenate([layer.member for layer in layers]),
        np.concatenate([layer.start for layer in layers]),
        np.concatenate([layer.stop for layer in layers]),
        weights,
    )
    seen = np.ones(len(found.group), bool)
    for i, covering in enumerate(found.sums):
        seen &= covering > 0 if i < needed else covering == 0
    kept = Runs(found.group[seen], found.start[seen], found.stop[seen], ())
    bounded = np.full(members, start is not None and end is not None)
    if windows is not None:
        bounded[windows.member[windows.stop < OPEN_END]] = True
    return Spans(kept, sum_by(kept.group, kept.days, members), bounded)


def clip(
    member: IntArray, start: IntArray, stop: IntArray, spans: Spans
) -> tuple[IntArray, IntArray, IntArray]:
    """Cut intervals to their member's spans.

    Returns
    -------
    which, start, stop : array of int64
        The interval each piece comes from, and the piece.
    """
    if spans.window is not None:
        first, last = spans.window
        if len(start) and first <= start.min() and stop.max() <= last:
            return np.arange(len(start)), start, stop
        start, stop = np.maximum(start, first), np.minimum(stop, last)
        inside = np.flatnonzero(start < stop)
        return inside, start[inside], stop[inside]
    members = len(spans.days)
    number = np.bincount(spans.runs.group, minlength=members)
    offset = np.cumsum(number) - number
    pieces = number[member]
    which = np.repeat(np.arange(len(member)), pieces)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    span = offset[member[which]] + nth
    first = np.maximum(start[which], spans.runs.start[span])
    last = np.minimum(stop[which], spans.runs.stop[span])
    kept = first < last
    return which[kept], first[kept], last[kept]
