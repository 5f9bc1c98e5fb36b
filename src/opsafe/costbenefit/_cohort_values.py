"""The numbers that a strategy runs on, for some of its draws: made when needed, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np

from opsafe.costbenefit._cohort_fields import WeibullDwell
from opsafe.costbenefit._cohort_program import Amount, Program, Row
from opsafe.costbenefit._cohort_scope import Place, Scope
from opsafe.costbenefit._kernel import Move, by_stay
from opsafe.quantity import FloatArray
from opsafe.survival import Retention

__all__ = ["Values"]

Value: TypeAlias = "float | FloatArray"

_ROUNDING: Final = 1e-12  # a probability that was calculated may be so far outside 0 to 1
_WHOLE: Final = 1e-9  # and the sum of a row so far from 1
_AHEAD: Final = 4  # cycles whose values are kept: as many as Simpson's rule takes together


class Values:
    """Values of a program at each cycle.

    Those that do not move with the cycle are made once, the others when their cycle comes.
    """

    def __init__(self, program: Program, values: Mapping[str, Value], place: Place) -> None:
        model = program.model
        texts = {n: v for n, v in model.parameters.items() if isinstance(v, str)}
        definitions = {n: v for n, v in texts.items() if n not in values}  # draws may be given
        self.program, self._place = program, place
        self._fixed = Scope(definitions, model.needs, values, place)
        self._scopes: dict[tuple[int, int], Scope] = {}
        self._stays = {
            state: self._stay(state, told) for state, told in enumerate(program.told) if told
        }
        self._rows = tuple(_RowValues(row, self) for row in program.rows)
        self._moves: list[Move] | None = None
        if not any(row.by_cycle for row in self._rows):
            self._moves = self._all_moves(0)

    def start(self, draws: int) -> FloatArray:
        """People by state and draw at the start."""
        begin = np.zeros((len(self.program.model.states), draws))
        for target, share in _RowValues(self.program.start, self).at(None):
            begin[target] = share
        begin *= self.program.model.people
        return begin

    def moves(self, cycle: int) -> list[Move]:
        """Moves of a cycle with their probabilities, by target, without those that never happen."""
        return self._all_moves(cycle) if self._moves is None else self._moves

    def of(self, amount: Amount, cycle: int | None) -> Value:
        """A value in a cycle, per cycle, checked; by stay with the longest stay first."""
        found = self.checked(amount, cycle)
        scaled = found if amount.factor == 1 else found * amount.factor
        return by_stay(scaled, self.program.told[amount.state]) if amount.by_stay else scaled

    def checked(self, amount: Amount, cycle: int | None) -> Value:
        """A value as the document has it, with the shortest stay first."""
        scope = self._fixed
        if amount.by_stay or amount.by_cycle:
            scope = self._scope(amount.state if amount.by_stay else -1, cycle)
        found = scope.number(amount.value, amount.where)
        low, high = amount.low - _ROUNDING, amount.high + _ROUNDING
        least, most = (found, found) if isinstance(found, float) else (found.min(), found.max())
        if not (least >= low and most <= high):
            good = (found >= low) & (found <= high)
            raise self._place.error(amount.where, _told(amount), found, good, scope.cycle)
        return found

    def row_error(self, row: Row, total: Value, good: object, cycle: int | None) -> Exception:
        """Tell a row that does not sum to one."""
        what = "the others sum to {:.12g}, which leaves no rest"
        if row.rest is None:
            what = "sums to {:.12g}, not to 1; one state of the row may have 'rest'"
        return self._place.error(row.name, what, total, good, cycle)

    def _all_moves(self, cycle: int) -> list[Move]:
        told, found = self.program.told, []
        left = {row.row.state for row in self._rows}
        for row in self._rows:
            state = row.row.state
            found += [
                (target, state, by_stay(p, told[state]) if told[state] else p)
                for target, p in row.at(cycle)
            ]
        found += [(n, n, 1.0) for n in range(len(told)) if n not in left]
        return sorted(found, key=lambda move: move[:2])

    def _scope(self, state: int, cycle: int | None) -> Scope:
        """What is known in a cycle (none: whichever), and in a state (-1: whichever)."""
        key = (state, -1 if cycle is None else cycle)
        if key not in self._scopes:
            outer = self._fixed if cycle is None else self._cycle_scope(cycle)
            self._scopes[key] = outer if state < 0 else outer.inner(self._stays[state])
        return self._scopes[key]

    def _cycle_scope(self, cycle: int) -> Scope:
        if (-1, cycle) not in self._scopes:
            model = self.program.model
            for old in [key for key in self._scopes if 0 <= key[1] < cycle - _AHEAD]:
                del self._scopes[old]
            years = cycle / model.conventions.periods_per_year
            known = {"cycle": float(cycle), "year": float(np.floor(years + 1e-9))}
            if model.start_age is not None:
                known["age"] = model.start_age + years
            self._scopes[-1, cycle] = self._fixed.inner(known, cycle=cycle)
        return self._scopes[-1, cycle]

    def _stay(self, state: int, told: int) -> dict[str, Value]:
        """Variables of a state in which time is told, by stay."""
        model = self.program.model
        name = model.states[state]
        dwell, months = model.dwell[name], 12 / model.conventions.periods_per_year
        edges = np.arange(told + 1.0)[:, None]
        known: dict[str, Value] = {"time_in_state": edges[:-1]}
        if isinstance(dwell, Retention):
            left = dwell.share(edges[:, 0] * months)[:, None]
            kept = np.divide(left[1:], left[:-1], out=np.zeros((told, 1)), where=left[:-1] > 0)
            known["dwell_ends"] = 1 - kept
        elif isinstance(dwell, WeibullDwell):
            scale, shape = (
                self.checked(
                    Amount(getattr(dwell, key), f"dwell.{name}.{key}", False, False, low, high),
                    None,
                )
                for key, low, high in (("scale_months", 1e-6, 1e6), ("shape", 0.01, 100.0))
            )
            with np.errstate(over="ignore"):
                hazard = np.minimum((edges * months / scale) ** shape, 1e300)
            known["dwell_ends"] = -np.expm1(-np.diff(hazard, axis=0))
        return known


class _RowValues:
    """A row of probabilities: what moves with the cycle is made anew, the rest once."""

    def __init__(self, row: Row, values: Values) -> None:
        self.row, self._values = row, values
        self.by_cycle = any(move.by_cycle for move in row.moves)
        self._fixed = {
            move.target: values.checked(move, None) for move in row.moves if not move.by_cycle
        }

    def at(self, cycle: int | None) -> list[tuple[int, Value]]:
        """Targets and probabilities, those of 0 left out."""
        found = dict(self._fixed)
        for move in self.row.moves:
            if move.by_cycle:
                found[move.target] = self._values.checked(move, cycle)
        total = sum(found.values(), 0.0)
        rest = 1 - total
        least, most = (rest, rest) if isinstance(rest, float) else (rest.min(), rest.max())
        if not least >= -_WHOLE or (self.row.rest is None and most > _WHOLE):
            good = rest >= -_WHOLE if self.row.rest is not None else np.abs(rest) <= _WHOLE
            told = cycle if self.by_cycle else None
            raise self._values.row_error(self.row, total, good, told)
        if self.row.rest is not None:  # what rounding takes below zero is none
            found[self.row.rest] = rest if least >= 0 else np.maximum(rest, 0.0)
        return [(target, p) for target, p in found.items() if not (isinstance(p, float) and p == 0)]


def _told(amount: Amount) -> str:
    """Say what is wrong with a value that lies outside."""
    if (amount.low, amount.high) == (0.0, 1.0):
        return "is {:.12g}, not a probability from 0 to 1"
    if amount.high == 1:
        return "is {:.12g}: a year in full health is worth 1"
    if amount.low == 0:
        is_cost = amount.where.startswith(("costs.", "transition_costs.", "one_time_costs."))
        advice = "; a category of cost with savings stands in may_be_negative" if is_cost else ""
        return f"is {{:.12g}}, below 0{advice}"
    return f"is {{:.12g}}, outside {amount.low:g} to {amount.high:g}"
