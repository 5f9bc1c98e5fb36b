"""A slow twin of the cohort engine: groups of people in a dictionary, one cycle after the other.

Each formula stands twice, as the text of the language and as a Python function, so that the twin
shares no line with the engine.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import strategies as st

Formula: TypeAlias = tuple[str | float, Callable[[int, int, float], float]]
"""Text or number, and what it is in a cycle, after a stay, in a draw of q."""

RULES = ("half_cycle", "life_table", "start", "end")


@dataclass
class Spec:
    """A small model."""

    states: int
    cycles: int
    rows: dict[int, dict[int, Formula]]
    costs: dict[int, Formula]
    move_costs: dict[tuple[int, int], Formula]
    one_time: dict[int, float]
    utilities: dict[int, float]
    new_cases: dict[int, Formula]
    start: list[float]
    told: dict[int, int]
    rule: str
    cost_rate: float | None
    effect_rate: float | None
    draws: list[float] = field(default_factory=lambda: [0.5])

    def fields(self) -> dict[str, Any]:
        """The model as a document has it."""
        transitions: dict[str, dict[str, Any]] = {
            f"s{state}": {f"s{target}": text for target, (text, _) in row.items()}
            for state, row in self.rows.items()
        }
        for state in self.rows:
            transitions[f"s{state}"][f"s{state}"] = "rest"
        return {
            "states": [f"s{n}" for n in range(self.states)],
            "cycle": "month",
            "cycles": self.cycles,
            "start": {f"s{n}": share for n, share in enumerate(self.start)},
            "parameters": {"q": 0.5},
            "transitions": transitions,
            "dwell": {f"s{state}": told for state, told in self.told.items()},
            "costs": {"care": {f"s{state}": text for state, (text, _) in self.costs.items()}},
            "transition_costs": {
                "moves": {f"s{a}>s{b}": text for (a, b), (text, _) in self.move_costs.items()}
            },
            "one_time_costs": {"once": dict(self.one_time)},
            "utilities": {f"s{state}": value for state, value in self.utilities.items()},
            "events": {"moves": {f"s{a}>s{b}": 1 for a, b in self.move_costs}},
            "new_cases": {f"s{state}": text for state, (text, _) in self.new_cases.items()},
            "conventions": {
                "within_cycle": self.rule,
                "discount_rate_costs": self.cost_rate,
                "discount_rate_effects": self.effect_rate,
            },
        }


def slow(spec: Spec, q: float) -> dict[str, Any]:
    """Costs, effects, events and people at the end, by the words of the documentation."""
    people: dict[tuple[int, int], float] = defaultdict(float)
    for state, share in enumerate(spec.start):
        people[state, 0] += share
    costs = effects = moved_events = 0.0
    care: list[float] = []
    for cycle in range(spec.cycles):
        after: dict[tuple[int, int], float] = defaultdict(float)
        moved = 0.0
        for (state, stay), number in people.items():
            leaving = 0.0
            for target, (_, probability) in spec.rows.get(state, {}).items():
                p = probability(cycle, stay, q)
                leaving += p
                after[target, 0] += number * p
                if (state, target) in spec.move_costs:
                    moved += number * p * spec.move_costs[state, target][1](cycle, stay, q)
                    moved_events += number * p
            longer = min(stay + 1, spec.told.get(state, 1) - 1)
            after[state, longer] += number * (1 - leaving)
        for state, (_, entering) in spec.new_cases.items():
            after[state, 0] += entering(cycle, 0, q)
        middle = 0.5 if spec.rule == "life_table" else 1.0
        costs += moved * discount(spec.cost_rate, cycle + middle)
        costs += spec.one_time.get(cycle, 0.0) * discount(spec.cost_rate, cycle)
        both = {}
        for end, at in ((0, people), (1, after)):
            # What depends on the stay is counted as people stand at the point.
            both[end] = (
                sum(
                    n * spec.costs[s][1](cycle, t, q) for (s, t), n in at.items() if s in spec.costs
                ),
                sum(n * spec.utilities.get(s, 0) / 12 for (s, _), n in at.items()),
            )
        for place, rate in ((0, spec.cost_rate), (1, spec.effect_rate)):
            amount = sum(
                weight * discount(rate, cycle + moment) * both[end][place]
                for end, weight, moment in {
                    "half_cycle": ((0, 0.5, 0), (1, 0.5, 1)),
                    "life_table": ((0, 0.5, 0.5), (1, 0.5, 0.5)),
                    "start": ((0, 1, 0),),
                    "end": ((1, 1, 1),),
                }[spec.rule]
            )
            if place:
                effects += amount
            else:
                care.append(amount)
        people = after
    at_end = [sum(n for (s, _), n in people.items() if s == state) for state in range(spec.states)]
    return {
        "costs": costs + sum(care),
        "care": care,
        "effects": effects,
        "events": moved_events,
        "at_end": at_end,
    }


def discount(rate: float | None, months: float) -> float:
    return 1.0 if rate is None else float((1 + rate) ** (-months / 12))


def formula(kind: str, size: float, turn: int, part: float) -> Formula:
    """One of the kinds, as text and as a function."""
    text: dict[str, str | float] = {
        "number": size,
        "cycle": f"{size} * where(cycle < {turn}, 1, {part})",
        "draw": f"{size} * q",
        "stay": f"{size} * where(time_in_state <= {turn}, {part}, q)",
        "both": f"{size} * (time_in_state + 1) / (time_in_state + 1 + cycle)",
        "ramp": f"{size} * exp(-q * cycle) * max(0, min(1, cycle - {turn}))",
    }

    def evaluate(cycle: int, stay: int, q: float) -> float:
        if kind == "cycle":
            return size * (1 if cycle < turn else part)
        if kind == "draw":
            return size * q
        if kind == "stay":
            return size * (part if stay <= turn else q)
        if kind == "both":
            return size * (stay + 1) / (stay + 1 + cycle)
        if kind == "ramp":
            return size * math.exp(-q * cycle) * max(0, min(1, cycle - turn))
        return size

    return text[kind], evaluate


@st.composite
def formulas(draw: st.DrawFn, scale: float, told: bool) -> Formula:
    """A number from 0 to scale, perhaps moving with the cycle, the stay or the draw."""
    kinds = ("number", "cycle", "draw", "ramp", *(("stay", "both") if told else ()))
    return formula(
        draw(st.sampled_from(kinds)),
        draw(st.integers(0, 20)) / 20 * scale,
        draw(st.integers(0, 5)),
        draw(st.integers(0, 4)) / 4,
    )


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Small models with everything in them."""
    states, cycles = draw(st.integers(1, 4)), draw(st.integers(1, 7))
    places = st.integers(0, states - 1)
    leaving = draw(st.sets(places)) if states > 1 else set()
    told = {s: draw(st.integers(1, 9)) for s in sorted(leaving) if draw(st.booleans())}
    rows = {
        state: {
            target: draw(formulas(1 / states, state in told))
            for target in sorted(draw(st.sets(places, min_size=1)) - {state})
        }
        for state in sorted(leaving)
    }
    moves = [(a, b) for a, row in rows.items() for b in row]
    first = draw(st.integers(0, 10)) / 10
    start = [first, *[0.0] * (states - 2), 1 - first] if states > 1 else [1.0]
    rates = st.sampled_from((None, 0.0, 0.03, 0.1))
    return Spec(
        states,
        cycles,
        rows,
        {s: draw(formulas(1000, s in told)) for s in sorted(draw(st.sets(places)))},
        {m: draw(formulas(100, m[0] in told)) for m in moves if draw(st.booleans())},
        dict.fromkeys(draw(st.sets(st.integers(0, cycles - 1), max_size=2)), 50.0),
        {s: draw(st.integers(-4, 4)) / 4 for s in range(states)},
        {s: draw(formulas(3, told=False)) for s in sorted(draw(st.sets(places, max_size=1)))},
        start,
        told,
        draw(st.sampled_from(RULES)),
        draw(rates),
        draw(rates),
        draw(st.lists(st.integers(0, 10).map(lambda n: n / 10), min_size=1, max_size=3)),
    )
