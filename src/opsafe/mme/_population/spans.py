"""The days of each member that are looked at: window, enrolment, exclusions.

Each is a table of intervals; what remains is found by the same sweep that sums exposure. A
member has a list of disjoint spans, and fills are cut to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

from opsafe._readings import Codes, read_codes, read_dates, read_text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.frames import open_table
from opsafe.mme._kernel import Runs, runs, sum_by
from opsafe.mme._population.rows import EPOCH, LAST_DAY
from opsafe.quantity import BoolArray, GridState, IntArray

__all__ = ["Intervals", "Spans", "clip", "observed", "read_day", "read_intervals"]

# Beyond any day that a fill can reach: an open end.
OPEN_END: Final = LAST_DAY + 400


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of days by member, with a label each (a reason, a line of business)."""

    member: IntArray
    start: IntArray
    stop: IntArray
    label: IntArray
    labels: tuple[str, ...]
    elsewhere: int
    """Rows of members without any fill, which nothing here needs."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint spans of looked-at days, in order of member and day."""

    runs: Runs
    days: IntArray
    """Looked-at days of each member."""
    bounded: BoolArray
    """Whether both ends of a member's window were given, so that it has a length."""


def read_day(day: object, where: str) -> int | None:
    """Read an end of the window as a day of the kernel."""
    if day is None:
        return None
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            raise ArgumentError(
                f"{day!r} is not a date", where=where, advice="Write YYYY-MM-DD"
            ) from None
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ArgumentTypeError(
            f"{type(day).__name__} is not a date", where=where, advice="Use datetime.date"
        )
    return day.toordinal() - date(1970, 1, 1).toordinal() - EPOCH


def read_intervals(
    table: object,
    members: Codes,
    *,
    where: str,
    label: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Intervals:
    """Read a table of (member_id, from, to) for members that have fills.

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
    theirs = read_codes(opened.column("member_id"), f"{where}['member_id']")
    if theirs.values and members.values and type(theirs.values[0]) is not type(members.values[0]):
        raise ColumnError("member ids are of another type than in fills", where=where)
    position = {value: code for code, value in enumerate(members.values)}
    known = np.array([*(position.get(value, -1) for value in theirs.values), -1], np.int64)
    first, first_states = read_dates(opened.column("first_day"), f"{where}['first_day']")
    stop = np.full(len(opened), OPEN_END, np.int64)
    if "last_day" in opened:
        last, states = read_dates(opened.column("last_day"), f"{where}['last_day']")
        _refuse(states == GridState.UNREADABLE, "an unreadable last_day", where)
        given = states == GridState.ON_GRID
        stop[given] = np.minimum(last[given] - EPOCH + 1, OPEN_END)
    start = np.maximum(first - EPOCH, 0)
    _refuse(theirs.codes < 0, "no member_id", where)
    _refuse(first_states != GridState.ON_GRID, "no readable first_day", where)
    _refuse(stop <= first - EPOCH, "a last_day before its first_day", where)
    member = known[theirs.codes]
    kept = (member >= 0) & (start < stop)
    text = read_text(opened.column(label)) if label and label in opened else None
    labels = np.full(len(opened), -1, np.int64) if text is None else text.codes
    return Intervals(
        member[kept],
        start[kept],
        stop[kept],
        labels[kept],
        text.words if text else (),
        int((member < 0).sum()),
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
    layers = [Intervals(every, first * whole, stop * whole, every, (), 0)]
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
