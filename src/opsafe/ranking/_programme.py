"""What a portfolio is asked under: costs, posts and rules, as whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe._used import UsedInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, IntArray
from opsafe.ranking._amounts import CENTS, FTE_COUNTS, read_amount, sets_of
from opsafe.ranking._choice import Effort, Problem
from opsafe.ranking._impact import Impacts, read_impacts
from opsafe.ranking._names import items_of, listed, read_by_name, read_name, read_names

__all__ = ["Programme", "Rules", "read_effort", "read_programme"]

_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Rules:
    """What must hold between initiatives, by name."""

    must_do: tuple[str, ...]
    exclusive: tuple[tuple[str, ...], ...]
    """At most one of each set."""
    either_or: tuple[tuple[str, ...], ...]
    """Exactly one of each set."""
    requires: tuple[tuple[str, str], ...]
    """The first only with the second."""

    def closure(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names with all that they require, in turn."""
        found = dict.fromkeys(names)
        while more := [b for a, b in self.requires if a in found and b not in found]:
            found |= dict.fromkeys(more)
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Initiatives with what they are worth, cost and need."""

    impacts: Impacts
    cents: IntArray
    """By initiative."""
    budget: int
    """In cents."""
    teams: tuple[str, ...]
    posts: IntArray
    """By initiative and team, in counts of 1e-6 FTE."""
    available: IntArray
    """By team."""
    rules: Rules

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the initiatives in order."""
        return self.impacts.initiatives

    def places(self, names: Iterable[str]) -> list[int]:
        """Positions of initiatives."""
        return [self.names.index(name) for name in names]

    def problem(
        self, *, budget: int | None = None, teams: bool = True, values: IntArray | None = None
    ) -> Problem:
        """The choice in whole numbers; with another budget, without posts, or for other values."""
        m = len(self.names)
        columns, limits = [self.cents], [self.budget if budget is None else budget]
        if teams:
            columns += list(self.posts.T)
            limits += self.available.tolist()
        for column, limit in self._logic():
            columns.append(column)
            limits.append(limit)
        fixed = np.full(m, -1, np.int64)
        fixed[self.places(self.rules.closure(self.rules.must_do))] = 1
        return Problem(
            values=self.impacts.counts if values is None else values,
            rows=np.stack(columns, axis=1).astype(np.int64),
            limits=np.array(limits, np.int64),
            order=self.impacts.order,
            fixed=fixed,
        )

    def _logic(self) -> Iterable[tuple[IntArray, int]]:
        """Rows of the rules: a x <= b."""
        for group in (*self.rules.exclusive, *self.rules.either_or):
            yield self._row(group), 1
        for group in self.rules.either_or:
            yield -self._row(group), -1
        for first, second in self.rules.requires:
            yield self._row([first]) - self._row([second]), 0

    def _row(self, names: Iterable[str]) -> IntArray:
        row = np.zeros(len(self.names), np.int64)
        row[self.places(names)] = 1
        return row

    def is_allowed(self, taken: BoolArray) -> bool:
        """Whether a set keeps every limit and rule, in whole numbers."""
        problem = self.problem()
        kept = bool((problem.rows[taken].sum(axis=0) <= problem.limits).all())
        return kept and bool(taken[problem.fixed == 1].all())


def read_programme(
    ranking: object,
    used: UsedInputs,
    *,
    cost_usd: object,
    budget_usd: object,
    headcount_fte: object,
    available_fte: object,
    must_do: object,
    exclusive: object,
    either_or: object,
    requires: object,
    value: str,
    leave_out: object,
) -> Programme:
    """Read what a portfolio is asked under, and note it down.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is unknown, or a number is missing, negative or none at all.
    """
    impacts = read_impacts(ranking, value, leave_out)
    names = impacts.initiatives
    costs = read_by_name(cost_usd, names, "cost_usd", also=impacts.left_out)
    cents = [
        read_amount(each, f"cost_usd[{name!r}]", CENTS, up=True) for name, each in costs.items()
    ]
    budget = read_amount(budget_usd, "budget_usd", CENTS)
    teams, posts, available = _read_posts(impacts, headcount_fte, available_fte)
    rules = Rules(
        must_do=read_names(must_do, names, "must_do"),
        exclusive=_read_sets(exclusive, names, "exclusive"),
        either_or=_read_sets(either_or, names, "either_or"),
        requires=_read_requires(requires, names),
    )
    _note(used, impacts, cents, budget, teams, posts, available, rules)
    return Programme(
        impacts=impacts,
        cents=np.array(cents, np.int64),
        budget=budget,
        teams=teams,
        posts=posts,
        available=available,
        rules=rules,
    )


def read_effort(node_limit: object, time_limit_s: object) -> Effort:
    """Read how long a search may go on.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If one is no number, or not above 0.
    """
    return Effort(
        nodes=read_whole(node_limit, "node_limit", 1, 10_000_000),
        seconds=read_number(time_limit_s, "time_limit_s", 0.01, 86_400),
    )


def _read_posts(
    impacts: Impacts, headcount: object, available: object
) -> tuple[tuple[str, ...], IntArray, IntArray]:
    """Posts by initiative and team; a single number is a single team."""
    names = impacts.initiatives
    if (headcount is None) != (available is None):
        there, absent = ("headcount_fte", "available_fte")[:: 1 if available is None else -1]
        raise ArgumentError(f"is missing, with {there} given", where=absent)
    if headcount is None:
        return (), np.zeros((len(names), 0), np.int64), np.zeros(0, np.int64)
    is_by_team = isinstance(available, Mapping)
    limits: dict[Any, Any] = (
        dict(available) if isinstance(available, Mapping) else {_ALL: available}
    )
    teams = tuple(limits)
    for team in teams:
        if not isinstance(team, str):
            raise ArgumentTypeError(
                "holds a team that is no text", where="available_fte", value=type(team).__name__
            )
    room = [
        read_amount(each, f"available_fte[{team!r}]", FTE_COUNTS) for team, each in limits.items()
    ]
    needs = read_by_name(headcount, names, "headcount_fte", also=impacts.left_out)
    posts = np.zeros((len(names), len(teams)), np.int64)
    for row, (name, need) in enumerate(needs.items()):
        where = f"headcount_fte[{name!r}]"
        if isinstance(need, Mapping) != is_by_team:
            raise ArgumentTypeError(
                "is by team and available_fte is not, or the other way round",
                where=where,
                advice="Give both as numbers, or both by team",
            )
        for team, fte in (need if isinstance(need, Mapping) else {_ALL: need}).items():
            column = teams.index(read_name(team, teams, where, "team"))
            posts[row, column] = read_amount(fte, f"{where}[{team!r}]", FTE_COUNTS)
    return teams, posts, np.array(room, np.int64)


def _read_sets(given: object, names: tuple[str, ...], where: str) -> tuple[tuple[str, ...], ...]:
    listed_sets = sets_of(items_of(given, where, "sets of names"))
    sets = tuple(read_names(each, names, where) for each in listed_sets)
    for each in sets:
        if len(each) < 2:
            raise ArgumentError(
                f"has a set of {len(each)}",
                where=where,
                value=each,
                advice="A set names at least two initiatives; must_do= names one that must be done",
            )
    return sets


def _read_requires(given: object, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    where = "requires"
    advice = 'Write [("a", "b")] where a is done only with b'
    found = []
    for pair in sets_of(items_of(given, where, "pairs of names", advice=advice)):
        both = read_names(pair, names, where)
        if len(both) != 2:
            raise ArgumentError(
                f"has {len(both)} names where a pair should be", where=where, value=both
            )
        found.append((both[0], both[1]))
    return tuple(found)


def _note(
    used: UsedInputs,
    impacts: Impacts,
    cents: list[int],
    budget: int,
    teams: tuple[str, ...],
    posts: IntArray,
    available: IntArray,
    rules: Rules,
) -> None:
    used.note("value", impacts.what, "given", f"impacts: {impacts.origin}")
    used.note("budget_usd", f"{budget / CENTS:.2f}", "given")
    for name, impact, cost in zip(impacts.initiatives, impacts.values, cents, strict=True):
        used.note(f"impact[{name}]", f"{impact:.6f}", "given")
        used.note(f"cost_usd[{name}]", f"{cost / CENTS:.2f}", "given")
    for team, limit, column in zip(teams, available.tolist(), posts.T, strict=True):
        used.note(f"available_fte[{team}]", f"{limit / FTE_COUNTS:g}", "given")
        for name, need in zip(impacts.initiatives, column.tolist(), strict=True):
            used.note(f"headcount_fte[{name}][{team}]", f"{need / FTE_COUNTS:g}", "given")
    for rule in ("must_do", "exclusive", "either_or", "requires"):
        for each in getattr(rules, rule):
            used.note(rule, each if isinstance(each, str) else listed(each), "given")
    for caution in impacts.cautions:
        used.warn(caution)
