"""One strategy run on some of its draws: people moved cycle by cycle, and amounts added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from opsafe.costbenefit._cohort_program import Amount, Channel, Program
from opsafe.costbenefit._cohort_values import Values
from opsafe.costbenefit._cohort_weights import Weights
from opsafe.costbenefit._kernel import Move, Step
from opsafe.quantity import FloatArray

__all__ = ["Tally", "run_block"]

Value: TypeAlias = "float | FloatArray"


@dataclass(slots=True)
class Tally:
    """Amounts of one channel added up; the last axis is the draw."""

    channel: Channel
    weights: Weights
    totals: FloatArray
    """By column."""
    months: FloatArray | None = None
    """By column and cycle, where they are asked for."""
    seen: FloatArray | None = field(default=None)
    """Weighted people by state, for amounts that never change; tallies alike share it."""

    def at_point(self, column: int, point: int, amount: FloatArray) -> None:
        """Add an amount per cycle at a point of the trace to what stands for the cycles around."""
        self.totals[column] += self.weights.points[point] * amount
        if self.months is not None:
            self.months_at_point(column, point, amount)

    def months_at_point(self, column: int, point: int, amount: FloatArray) -> None:
        """Add it to the cycles alone."""
        assert self.months is not None
        for cycle, weight in self.weights.cycles[point]:
            self.months[column, cycle] += weight * amount

    def in_cycle(self, column: int, cycle: int, weight: float, amount: Value) -> None:
        """Add an amount of one cycle."""
        self.totals[column] += weight * amount
        if self.months is not None:
            self.months[column, cycle] += weight * amount


def run_block(
    program: Program, values: Values, draws: int, tallies: Iterable[Tally], trace: FloatArray | None
) -> FloatArray:
    """Run some draws, add up what they come to, and return people by state at the end.

    Parameters
    ----------
    program : Program
        What to run.
    values : Values
        Its numbers.
    draws : int
        How many run together.
    tallies : iterable of Tally
        Where amounts are added.
    trace : array of float, shape (cycles + 1, states, draws), optional
        Where people by state are written, if anybody asks.
    """
    book = _Book(program, values, draws, tuple(tallies))
    step = Step(values.start(draws), program.told, program.cycles)
    for point in range(program.cycles + 1):
        if trace is not None:
            trace[point] = step.now
        book.states(point, step)
        if point == program.cycles:
            break
        moves = values.moves(point)
        book.moves(point, step, moves)
        step.go(moves, [(each.state, values.of(each, point)) for each in program.cases])
    book.close()
    return step.now


class _Book:
    """Which amounts there are, and how each is counted."""

    def __init__(
        self, program: Program, values: Values, draws: int, tallies: tuple[Tally, ...]
    ) -> None:
        self._values, self._tallies = values, tallies
        self._states = len(program.told)
        states = [each for each in program.rewards if each.target < 0]
        self._plain = [
            (each, values.of(each, None))
            for each in states
            if not each.by_cycle and not each.by_stay
        ]
        self._by_stay = [
            (each, np.asarray(values.of(each, None)))
            for each in states
            if each.by_stay and not each.by_cycle
        ]
        self._by_cycle = [each for each in states if each.by_cycle]
        self._on_moves = [each for each in program.rewards if each.target >= 0]
        self._once = program.once
        self._monthly = [each for each in self._tallies if each.months is not None]
        self._costs: dict[int, list[tuple[int, Value]]] = {}
        for each, value in self._plain:
            if each.channel == "cost":
                self._costs.setdefault(each.column, []).append((each.state, value))
        self._made: dict[tuple[str, int], Value] = {}
        self._term = np.empty((max(len(program.told), 2), draws))
        self._seen: list[tuple[FloatArray, FloatArray]] = []
        self._share_seen()

    def _share_seen(self) -> None:
        """Let tallies whose points weigh alike share one sum over people."""
        used = {each.channel for each, _ in self._plain}
        for tally in self._tallies:
            if tally.channel not in used:
                continue
            for points, seen in self._seen:
                if np.array_equal(points, tally.weights.points):
                    tally.seen = seen
                    break
            else:
                tally.seen = np.zeros((self._states, self._term.shape[1]))
                self._seen.append((tally.weights.points, tally.seen))

    def states(self, point: int, step: Step) -> None:
        """Count what states cost and are worth at a point of the trace."""
        for points, seen in self._seen:
            term = self._term[: self._states]
            np.multiply(step.now, points[point], out=term)
            np.add(seen, term, out=seen)
        if self._monthly:
            self._plain_months(point, step)
        for each, value in self._by_stay:
            amount = step.stays[each.state].weighed(value)
            for tally in self._of(each):
                tally.at_point(each.column, point, amount)
        for each in self._by_cycle:
            self._changing(each, point, step)

    def _plain_months(self, point: int, step: Step) -> None:
        """Give the cycles around a point their part of amounts that never change."""
        for column, parts in self._costs.items():
            amount = self._term[0]
            amount[:] = 0
            for state, value in parts:
                np.multiply(step.rows[state], value, out=self._term[1])
                np.add(amount, self._term[1], out=amount)
            for tally in self._monthly:
                tally.months_at_point(column, point, amount)

    def _changing(self, each: Amount, point: int, step: Step) -> None:
        """Count an amount that changes from cycle to cycle, for each cycle the point stands for."""
        for tally in self._of(each):
            for cycle, weight in tally.weights.cycles[point]:
                value = self._value(each, cycle)
                if isinstance(value, float) or value.ndim < 2:
                    amount = step.rows[each.state] * value
                else:
                    amount = step.stays[each.state].weighed(value)
                tally.in_cycle(each.column, cycle, weight, amount)

    def moves(self, cycle: int, step: Step, moves: Iterable[Move]) -> None:
        """Count what moves cost and are worth in a cycle, and what is paid at its beginning."""
        if self._on_moves:
            happening = {(source, target): p for target, source, p in moves}
        for each in self._on_moves:
            p = happening.get((each.state, each.target), 0.0)
            value = p * self._value(each, cycle)
            if isinstance(value, float) or value.ndim < 2:
                amount = step.rows[each.state] * value
            else:
                amount = step.stays[each.state].weighed(value)
            for tally in self._of(each):
                tally.in_cycle(each.column, cycle, float(tally.weights.moves[cycle]), amount)
        for each in self._once:
            if each.cycle == cycle:
                value = self._value(each, cycle)
                for tally in self._of(each):
                    tally.in_cycle(each.column, cycle, float(tally.weights.moments[cycle]), value)

    def close(self) -> None:
        """Add up the amounts that never changed."""
        for tally in self._tallies:
            for each, value in self._plain:
                if each.channel == tally.channel and tally.seen is not None:
                    tally.totals[each.column] += tally.seen[each.state] * value

    def _of(self, each: Amount) -> Iterable[Tally]:
        return (tally for tally in self._tallies if tally.channel == each.channel)

    def _value(self, each: Amount, cycle: int) -> Value:
        """A value in a cycle, made once although several points stand for the cycle."""
        if not each.by_cycle:
            cycle = -1
        key = (each.where, cycle)
        if key not in self._made:
            for old in [old for old in self._made if 0 <= old[1] < cycle - 4]:
                del self._made[old]
            self._made[key] = self._values.of(each, None if cycle < 0 else cycle)
        return self._made[key]
