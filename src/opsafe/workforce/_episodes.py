"""Fills to covered days, episodes and counts by month: arrays in, arrays out.

A stream is one member's fills of one medication. Days are counts from any day; an `until` is the
first day that is no longer covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from opsafe.quantity import BoolArray, IntArray

__all__ = [
    "Calendar",
    "Cover",
    "Episodes",
    "Fills",
    "Kind",
    "Window",
    "add_up",
    "cover",
    "find_episodes",
    "number",
    "patients_by_panel",
    "spread",
    "take_together",
    "tally",
]


class Kind(IntEnum):
    """How an episode begins."""

    START = 0
    """The first that is seen, after as many days without supply as the washout asks for."""
    RETURN = 1
    """A later one, after such a pause."""
    RESUMED = 2
    """A later one after a shorter pause: longer than the gap, shorter than the washout."""
    PREVALENT = 3
    """The first that is seen, too early to know whether it goes on from before."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days of observation, both included, and the rules of an episode in days."""

    start: int
    end: int
    gap_days: int
    washout_days: int

    @property
    def view_ends(self) -> int:
        """The first day without supply of which nobody can know whether it was a stop."""
        return self.end - self.gap_days + 1

    @property
    def starts_from(self) -> int:
        """The first day whose washout lies in the window."""
        return self.start + self.washout_days


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """One fill a stream and day, in the order of both; prescriber -1 is unknown."""

    stream: IntArray
    day: IntArray
    days: IntArray
    prescriber: IntArray
    group: IntArray


def take_together(fills: Fills) -> tuple[Fills, IntArray]:
    """Sort fills; those of one stream and day are one: the longest supply stands for them.

    Also the row of each. Between equals the lower prescriber, then the lower group decides, so
    that the order of rows never does.
    """
    low, high = (int(fills.day.min()), int(fills.day.max())) if len(fills.day) else (0, 0)
    key = fills.stream * (high - low + 1) + (fills.day - low)
    order = np.argsort(key)
    key = key[order]
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    if len(again):
        is_tied = np.zeros(len(key), bool)
        is_tied[again] = is_tied[again - 1] = True
        tied = np.flatnonzero(is_tied)
        rows = order[tied]
        who = np.where(fills.prescriber[rows] < 0, np.iinfo(np.int64).max, fills.prescriber[rows])
        order[tied] = rows[np.lexsort((fills.group[rows], who, -fills.days[rows], key[tied]))]
    rows = np.delete(order, again)
    parts = (fills.stream, fills.day, fills.days, fills.prescriber, fills.group)
    return Fills(*(part[rows] for part in parts)), rows


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The days that each fill covers: from `begin` up to `until`; none where they are equal."""

    begin: IntArray
    until: IntArray
    is_first: BoolArray
    """Whether it is the first fill of its stream."""


def cover(fills: Fills, carry_forward_days: int) -> Cover:
    """Lay the supply of each stream end to end; an early refill waits for what is at hand.

    Of the days at hand on the day of a refill at most `carry_forward_days` move it on.
    """
    size = len(fills.day)
    is_first = np.ones(size, bool)
    is_first[1:] = fills.stream[1:] != fills.stream[:-1]
    first = np.flatnonzero(is_first)
    length = np.diff(np.append(first, size))
    # Streams by falling length, so that those with a k-th fill are the first ones.
    by_length = np.argsort(-length, kind="stable")
    first, length = first[by_length], length[by_length]
    longer = np.searchsorted(-length, -np.arange(length.max(initial=0)), side="left")
    until = fills.day + fills.days
    for position, streams in enumerate(longer.tolist()):
        if position:
            at = first[:streams] + position
            before, day = until[at - 1], fills.day[at]
            at_hand = np.clip(before - day, 0, carry_forward_days)
            until[at] = np.maximum(before, until[at] + at_hand)
    begin = fills.day.copy()
    later = np.flatnonzero(~is_first)
    begin[later] = np.maximum(begin[later], until[later - 1])
    return Cover(begin, until, is_first)


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """Spells of treatment, in the order of their streams and days."""

    first: IntArray
    """Position of its first fill."""
    last: IntArray
    """Position of its last fill."""
    begin: IntArray
    until: IntArray
    """The first day without supply after it, which may lie beyond the window."""
    kind: IntArray
    is_stopped: BoolArray
    """Whether more than the gap's days without supply were seen after it."""
    followed_days: IntArray
    """Days from its beginning to the stop, or to where the view ends; 0 or less: not followed."""


def find_episodes(fills: Fills, covered: Cover, window: Window) -> Episodes:
    """Cut streams where there was no supply for more days than the gap allows."""
    begin, until, is_first = fills.day, covered.until, covered.is_first
    pause = np.zeros(len(begin), np.int64)
    pause[1:] = begin[1:] - until[:-1]
    first = np.flatnonzero(is_first | (pause > window.gap_days))
    last = np.append(first, len(begin))[1:] - 1
    starts, ends = begin[first], until[last]
    seen_first = np.where(starts < window.starts_from, Kind.PREVALENT, Kind.START)
    seen_again = np.where(pause[first] < window.washout_days, Kind.RESUMED, Kind.RETURN)
    return Episodes(
        first=first,
        last=last,
        begin=starts,
        until=ends,
        kind=np.where(is_first[first], seen_first, seen_again).astype(np.int64),
        is_stopped=ends < window.view_ends,
        # The view ends on one day for all, whatever becomes of them: to censor the unresolved at
        # their last covered day would keep those who refilled and so flatter retention.
        followed_days=np.minimum(ends, window.view_ends) - starts,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The months that a window touches: their first days and the day after the last."""

    bounds: IntArray

    def month_of(self, day: IntArray) -> IntArray:
        """The month of a day of the window; what lies beyond it is in the month after the last."""
        return np.searchsorted(self.bounds, day, side="right") - 1

    def last_days_in(self, begin: IntArray, until: IntArray) -> tuple[IntArray, IntArray]:
        """The months (from, up to) on whose last day something runs that has these days."""
        last_days = self.bounds[1:] - 1
        return np.searchsorted(last_days, begin), np.searchsorted(last_days, until)


def spread(first: IntArray, after: IntArray) -> tuple[IntArray, IntArray]:
    """Give each position once for every whole number from its first up to its last, and these."""
    many = np.maximum(after - first, 0)
    position = np.repeat(np.arange(len(many)), many)
    offset = np.cumsum(many) - many - first
    return position, np.arange(len(position)) - offset[position]


def tally(values: IntArray) -> tuple[IntArray, IntArray]:
    """Find the distinct numbers, in order, and how often each stands there."""
    # One plain sort: here np.unique would hash every number first, which takes far longer.
    ordered = np.sort(values)
    edges = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))[: len(values)]
    return ordered[edges], np.diff(np.append(edges, len(values)))


def add_up(*parts: IntArray) -> tuple[IntArray, IntArray]:
    """Find the distinct numbers of several arrays, and how often each stands in each."""
    many = len(parts)
    told = np.concatenate([part * many + place for place, part in enumerate(parts)])
    found, counts = tally(told)
    cells, _ = tally(found // many)
    table = np.zeros((many, len(cells)), np.int64)
    table[found % many, np.searchsorted(cells, found // many)] = counts
    return cells, table


def number(codes: IntArray, below: int) -> tuple[IntArray, IntArray]:
    """Number the distinct codes (from 0 and below a bound) in order: them, and each one's place."""
    if below > 8 * len(codes) + 1024:
        distinct, place = np.unique(codes, return_inverse=True)
        return distinct, place
    seen = np.zeros(below, bool)
    seen[codes] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[codes]


def patients_by_panel(
    covered: Cover, panel: IntArray, member: IntArray, calendar: Calendar
) -> tuple[IntArray, IntArray, IntArray]:
    """Count the distinct members that a panel covers on any day of a month.

    Gives panel, month and members, in the order of panel and month; fills of panel -1 do not count.
    """
    rows = np.flatnonzero((covered.until > covered.begin) & (panel >= 0))
    panel, member = panel[rows], member[rows]
    months = len(calendar.bounds) - 1
    first = calendar.month_of(covered.begin[rows])
    after = np.minimum(calendar.month_of(covered.until[rows] - 1) + 1, months)
    # A member's next fill of the same panel need not count the months of the one before again.
    same = (panel[1:] == panel[:-1]) & (member[1:] == member[:-1])
    first[1:] = np.where(same, np.maximum(first[1:], after[:-1]), first[1:])
    position, month = spread(first, after)
    members = int(member.max(initial=0)) + 1
    seen, _ = tally((panel[position] * months + month) * members + member[position])
    cells, counts = tally(seen // members)
    return cells // months, cells % months, counts
