"""What expressions are evaluated in: parameters, one value a draw, and the time of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from opsafe.costbenefit._expressions import parse
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = ["Place", "Scope"]

Value = float | FloatArray


class Place:
    """Where a run is, for messages: the strategy, and which draws are calculated together."""

    __slots__ = ("first_draw", "sampled", "strategy")

    def __init__(self, strategy: str, first_draw: int, sampled: bool) -> None:
        self.strategy = strategy
        self.first_draw = first_draw
        self.sampled = sampled

    def error(
        self, where: str, what: str, values: Any, good: Any, cycle: int | None
    ) -> ArgumentError:
        """Tell the first value that is not good, and where in the run it arose."""
        shape = np.broadcast_shapes(np.shape(values), np.shape(good))
        at = np.unravel_index(int(np.argmin(np.broadcast_to(good, shape))), shape)
        value = float(np.broadcast_to(values, shape)[at])
        told = [f"strategy {self.strategy}"]
        if cycle is not None:
            told.append(f"cycle {cycle}")
        if len(shape) == 2:
            told.append(f"time_in_state {int(at[0])}")
        if self.sampled:
            told.append(f"draw {self.first_draw + (int(at[-1]) if shape else 0)}")
        return ArgumentError(f"{what.format(value)} ({', '.join(told)})", where=where, value=value)


class Scope:
    """Names and their values; parameters are made when they are first asked for.

    A scope inside another knows more variables (the cycle, the time in a state); parameters that
    rest on none of these are made once, in the outer one.
    """

    __slots__ = ("_definitions", "_needs", "_outer", "_place", "_values", "cycle", "supplies")

    def __init__(
        self,
        definitions: Mapping[str, str],
        needs: Mapping[str, frozenset[str]],
        values: Mapping[str, Value],
        place: Place,
        *,
        outer: Scope | None = None,
        cycle: int | None = None,
    ) -> None:
        self._definitions, self._needs, self._place = definitions, needs, place
        self._values, self._outer, self.cycle = dict(values), outer, cycle
        known: frozenset[str] = outer.supplies if outer else frozenset()
        self.supplies: frozenset[str] = known | frozenset(values)

    def inner(self, values: Mapping[str, Value], *, cycle: int | None = None) -> Scope:
        """Return a scope that also knows some variables."""
        return Scope(
            self._definitions,
            self._needs,
            values,
            self._place,
            outer=self,
            cycle=self.cycle if cycle is None else cycle,
        )

    def __getitem__(self, name: str) -> Value:
        if name in self._values:
            return self._values[name]
        outer = self._outer
        if outer is not None and (
            name not in self._definitions or self._needs[name] <= outer.supplies
        ):
            return outer[name]
        made = self.number(self._definitions[name], f"parameters.{name}")
        self._values[name] = made
        return made

    def number(self, value: float | str, where: str) -> Value:
        """Evaluate a number or an expression, and refuse what is none."""
        if not isinstance(value, str):
            return float(value)
        expression = parse(value)
        found = expression.evaluate(self)
        finite = np.isfinite(found)
        if not np.all(finite):
            tables = [f"{name} has {np.shape(self[name])[0]} values" for name in expression.tables]
            hint = f"; {', '.join(tables)}, from [0] on" if tables else ""
            raise self._place.error(
                where, f"{value!r} gives {{}}, not a number{hint}", found, finite, self.cycle
            )
        return float(found) if np.ndim(found) == 0 else np.asarray(found, np.float64)
