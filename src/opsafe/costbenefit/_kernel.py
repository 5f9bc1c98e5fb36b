"""A cohort moved from state to state: arrays in, arrays out.

States are rows and draws run along them, contiguous, so that each step is a few long vector
operations that stay in the processor's cache. Only moves that happen are calculated, and no trace
is kept. A state in which time is told keeps its people by the cycle they entered in: they grow
older by no copying at all. Everything was checked at the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from opsafe.quantity import FloatArray

__all__ = ["Move", "Stay", "Step", "by_stay"]

Move: TypeAlias = tuple[int, int, "float | FloatArray"]
"""Target, source and probability: one number, or one a draw; by stay where time is told."""


class Stay:
    """People in a state in which time is told, by the cycle in which they entered.

    Parameters
    ----------
    told : int
        How many cycles of a stay are told apart; longer stays count as the last of them.
    cycles : int
        Cycles of the run.
    begin : array of float, shape (draws,)
        Who is there at the start.
    """

    __slots__ = ("_entered", "_first", "_last", "_told")

    def __init__(self, told: int, cycles: int, begin: FloatArray) -> None:
        self._told = told
        self._entered = np.empty((cycles + 1, len(begin)))
        self._entered[0] = begin
        self._first = self._last = 0

    @property
    def people(self) -> FloatArray:
        """People by stay, the longest first; shape (stays, draws)."""
        return self._entered[self._first : self._last + 1]

    def weighed(self, values: FloatArray) -> FloatArray:
        """Sum people by a value for each stay, such as a probability (see :func:`by_stay`)."""
        people = self.people
        own = values[-len(people) :]
        if own.shape[1] == 1:
            return np.asarray(np.einsum("t,tn->n", own[:, 0], people), np.float64)
        return np.asarray(np.einsum("tn,tn->n", own, people), np.float64)

    def age(self, staying: float | FloatArray, entering: FloatArray) -> FloatArray:
        """Keep those who stay, let others enter, and return how many are there now."""
        people = self.people
        people *= staying if np.ndim(staying) < 2 else np.asarray(staying)[-len(people) :]
        self._last += 1
        self._entered[self._last] = entering
        if len(people) == self._told:
            self._entered[self._first + 1] += self._entered[self._first]
            self._first += 1
        return np.asarray(self.people.sum(axis=0), np.float64)


def by_stay(values: float | FloatArray, told: int) -> float | FloatArray:
    """Turn values by stay, shape (stays, draws or 1), round: the longest stay comes first."""
    if np.ndim(values) < 2:
        return values
    wide = np.broadcast_to(values, (told, np.shape(values)[1]))
    return np.ascontiguousarray(wide[::-1])


class Step:
    """The cohort now, and how it goes one cycle on.

    Parameters
    ----------
    start : array of float, shape (states, draws)
        People by state.
    told : sequence of int
        For each state how many cycles of a stay are told apart; 0 where time is not told.
    cycles : int
        Cycles of the run.
    """

    __slots__ = ("_after", "_after_rows", "_term", "now", "rows", "stays")

    def __init__(self, start: FloatArray, told: Sequence[int], cycles: int) -> None:
        self.now = np.array(start)
        self.rows = list(self.now)
        self._after = np.empty_like(self.now)
        self._after_rows = list(self._after)
        self._term = np.empty(self.now.shape[1])
        self.stays = {
            state: Stay(number, cycles, self.now[state])
            for state, number in enumerate(told)
            if number
        }

    def go(self, moves: Iterable[Move], entering: Iterable[tuple[int, float | FloatArray]]) -> None:
        """Go one cycle on.

        Parameters
        ----------
        moves : iterable of Move
            What happens, ordered by target.
        entering : iterable of (int, number or array)
            Those who come from outside, by state.
        """
        rows, after, term, stays = self.rows, self._after_rows, self._term, self.stays
        staying: dict[int, float | FloatArray] = dict.fromkeys(stays, 0.0)
        written = -1
        for target, source, probability in moves:
            if source == target and source in stays:
                staying[source] = probability
                continue
            goal = after[target]
            out = term if target == written else goal
            if isinstance(probability, float) or probability.ndim < 2:
                np.multiply(rows[source], probability, out=out)
            else:
                out[:] = stays[source].weighed(probability)
            if target == written:
                np.add(goal, term, out=goal)
            else:
                self._clear(written, target)
                written = target
        self._clear(written, len(rows))
        for target, people in entering:
            after[target] += people
        for state, stay in stays.items():
            after[state][:] = stay.age(staying[state], after[state])
        self.now, self._after = self._after, self.now
        self.rows, self._after_rows = after, rows

    def _clear(self, written: int, until: int) -> None:
        """Empty the states between two targets: nobody moves there."""
        for state in range(written + 1, until):
            self._after_rows[state][:] = 0
