"""A schedule by quarter in whole numbers: what is asked, what breaks it, and what it is worth.

Quarters, initiatives and teams are counted from 0 here. Amounts of staff are counts of 1e-6 of a
full-time equivalent, so that a team is full or not, and never nearly so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray

__all__ = ["LEFT_OUT", "Instance", "broken", "load_of", "value_of"]

LEFT_OUT: Final = -1
"""The start of an initiative that is not scheduled."""


@dataclass(frozen=True, eq=False)
class Instance:
    """Initiatives without interruption, teams with a capacity by quarter, and their worth."""

    demand: tuple[IntArray, ...]
    """For each initiative, counts by quarter since its start and by team."""
    capacity: IntArray
    """Counts by team and quarter."""
    worth: FloatArray
    """By initiative and quarter of its start; a later start is never worth more."""
    first: IntArray
    """First quarter in which each may start."""
    finish: IntArray
    """Last quarter in which each may be at work."""
    after: tuple[tuple[int, int], ...]
    """Pairs: the second starts when the first is done, and only if it is done at all."""
    must: BoolArray
    quick: BoolArray
    """Which count as a quick win, if done in the first quarter."""
    least_quick: int
    """Quick wins to be done in the first quarter, at least."""

    @cached_property
    def lasts(self) -> list[int]:
        """Quarters that each takes."""
        return [len(each) for each in self.demand]

    @cached_property
    def uses(self) -> list[list[tuple[int, int, int]]]:
        """Team, quarter since the start, and count, of each amount above 0."""
        return [
            [(int(team), int(at), int(each[at, team])) for at, team in np.argwhere(each > 0)]
            for each in self.demand
        ]

    @cached_property
    def fits(self) -> BoolArray:
        """Whether an initiative alone could run from each quarter, what goes before it included."""
        quarters = self.capacity.shape[1]
        found = np.zeros((len(self.demand), quarters), bool)
        for at, each in enumerate(self.demand):
            last = min(int(self.finish[at]) + 1, quarters) - len(each)
            for start in range(int(self.first[at]), last + 1):
                if start < quarters:
                    free = self.capacity[:, start : start + len(each)].T
                    found[at, start] = bool((each <= free).all())
        for _ in self.demand:  # as many rounds as the longest chain can have
            before = int(found.sum())
            for left, right in self.after:
                found[right, : self._soonest(found, left)] = False
            if int(found.sum()) == before:
                break
        return found

    def _soonest(self, fits: BoolArray, at: int) -> int:
        starts = np.flatnonzero(fits[at])
        return int(starts[0]) + self.lasts[at] if len(starts) else fits.shape[1]

    @cached_property
    def openings(self) -> list[list[int]]:
        """Quarters in which each could start alone."""
        return [np.flatnonzero(each).tolist() for each in self.fits]

    @cached_property
    def before(self) -> list[list[int]]:
        """What each directly waits for."""
        found: list[list[int]] = [[] for _ in self.demand]
        for left, right in self.after:
            found[right].append(left)
        return found

    @cached_property
    def useful(self) -> BoolArray:
        """Whether an initiative is worth something, is asked for, or comes before one such."""
        found: BoolArray = (self.worth.max(axis=1, initial=0) > 0) | self.must | self.first_wins
        for _ in self.demand:
            for left, right in self.after:
                found[left] |= found[right]
        return found

    @cached_property
    def first_wins(self) -> BoolArray:
        """Quick wins that could count towards those asked for in the first quarter."""
        lasts = np.array(self.lasts)
        return self.quick & (lasts <= 1) & self.fits[:, 0] & (self.least_quick > 0)

    @cached_property
    def ceiling(self) -> float:
        """What all would be worth if each ran alone: no schedule is worth more."""
        return math.fsum(np.where(self.fits, self.worth, 0.0).max(axis=1, initial=0).tolist())


def load_of(instance: Instance, starts: IntArray) -> IntArray:
    """Return the counts in use by team and quarter."""
    load = np.zeros_like(instance.capacity)
    for at in np.flatnonzero(starts != LEFT_OUT):
        each = instance.demand[at]
        load[:, starts[at] : starts[at] + len(each)] += each.T
    return load


def value_of(instance: Instance, starts: IntArray) -> float:
    """Return what a schedule is worth, correctly rounded in any order."""
    chosen = np.flatnonzero(starts != LEFT_OUT)
    return math.fsum(instance.worth[chosen, starts[chosen]].tolist())


def broken(instance: Instance, starts: IntArray) -> str | None:
    """Say which rule a schedule breaks, in whole numbers and apart from how it was made."""
    for at, start in enumerate(starts.tolist()):
        if start == LEFT_OUT:
            if instance.must[at]:
                return f"{at} must be done and is left out"
        elif start < instance.first[at] or start + instance.lasts[at] - 1 > instance.finish[at]:
            return f"{at} runs outside its quarters"
        elif start + instance.lasts[at] > instance.capacity.shape[1]:
            return f"{at} runs beyond the last quarter"
    for left, right in instance.after:
        if starts[right] == LEFT_OUT:
            continue
        if starts[left] == LEFT_OUT or starts[right] < starts[left] + instance.lasts[left]:
            return f"{right} does not wait for {left}"
    if bool((load_of(instance, starts) > instance.capacity).any()):
        return "a team has more work than capacity"
    if quick_wins_of(instance, starts) < instance.least_quick:
        return "too few quick wins are done in the first quarter"
    return None


def quick_wins_of(instance: Instance, starts: IntArray) -> int:
    """Count the quick wins that are done in the first quarter."""
    ends = starts + np.array(instance.lasts, np.int64)
    return int((instance.quick & (starts != LEFT_OUT) & (ends <= 1)).sum())
