"""Why an initiative is in a portfolio or not, and why there is no portfolio at all."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from opsafe.quantity import BoolArray, IntArray
from opsafe.ranking._amounts import CENTS, FTE_COUNTS
from opsafe.ranking._choice import Effort, best_choice
from opsafe.ranking._names import listed
from opsafe.ranking._programme import Programme

__all__ = ["Why", "more_needed", "why_each", "why_infeasible"]

Why: TypeAlias = Literal[
    "must do",
    "required",
    "chosen",
    "no impact",
    "excluded",
    "requirement not chosen",
    "over budget",
    "over headcount",
    "not chosen",
]
"""``required``: by a must-do. The others of those not chosen name the first rule that keeps them
out beside what was chosen."""


def why_each(asked: Programme, taken: BoolArray) -> list[tuple[Why, str]]:
    """For each initiative a code, and the names or amounts it rests on."""
    must = set(asked.rules.must_do)
    needed = set(asked.rules.closure(must)) - must
    chosen = {name for name, is_in in zip(asked.names, taken, strict=True) if is_in}
    found: list[tuple[Why, str]] = []
    for at, name in enumerate(asked.names):
        if name in must:
            found.append(("must do", ""))
        elif name in needed:
            by = [a for a, b in asked.rules.requires if b == name and a in chosen]
            found.append(("required", listed(by)))
        elif name in chosen:
            found.append(("chosen", ""))
        else:
            found.append(_why_not(asked, taken, chosen, at))
    return found


def _why_not(asked: Programme, taken: BoolArray, chosen: set[str], at: int) -> tuple[Why, str]:
    """The first rule that keeps an initiative out, were it added to what was chosen."""
    name = asked.names[at]
    rules = asked.rules
    added = [each for each in rules.closure([name]) if each not in chosen]
    rivals = [
        other
        for group in (*rules.exclusive, *rules.either_or)
        for other in group
        if other in chosen and set(group) & set(added)
    ]
    if asked.impacts.counts[at] == 0:
        return "no impact", ""
    if rivals:
        return "excluded", listed(tuple(dict.fromkeys(rivals)))
    if len(added) > 1:
        return "requirement not chosen", listed([each for each in added if each != name])
    left = asked.budget - int(asked.cents[taken].sum())
    more = int(asked.cents[at]) - left
    if more > 0:
        return "over budget", f"{more / CENTS:,.2f} USD more"
    room = asked.available - asked.posts[taken].sum(axis=0)
    short = asked.posts[at] - room
    over = [
        f"{team} {need / FTE_COUNTS:g} FTE more"
        for team, need in zip(asked.teams, short.tolist(), strict=True)
        if need > 0
    ]
    return ("over headcount", listed(over)) if over else ("not chosen", "")


def more_needed(asked: Programme, taken: BoolArray) -> IntArray:
    """Cents beyond the budget at which each fits on top of what was chosen, with its needs."""
    left = asked.budget - int(asked.cents[taken].sum())
    found = np.zeros(len(asked.names), np.int64)
    for at, name in enumerate(asked.names):
        if not taken[at]:
            with_needs = asked.places(asked.rules.closure([name]))
            cost = int(asked.cents[[each for each in with_needs if not taken[each]]].sum())
            found[at] = max(cost - left, 0)
    return found


def why_infeasible(asked: Programme, effort: Effort) -> str:
    """Say which limit or rule leaves no portfolio."""
    must = asked.rules.closure(asked.rules.must_do)
    for group in (*asked.rules.exclusive, *asked.rules.either_or):
        both = [name for name in group if name in must]
        if len(both) > 1:
            return f"{listed(both)} must be done, and only one of them may be"
    at = asked.places(must)
    cost = int(asked.cents[at].sum())
    if cost > asked.budget:
        return (
            f"what must be done ({listed(must)}) costs {cost / CENTS:,.2f} USD,"
            f" and the budget is {asked.budget / CENTS:,.2f} USD"
        )
    posts = asked.posts[at].sum(axis=0)
    for team, need, room in zip(asked.teams, posts.tolist(), asked.available.tolist(), strict=True):
        if need > room:
            return (
                f"what must be done ({listed(must)}) needs {need / FTE_COUNTS:g} FTE of {team},"
                f" and {room / FTE_COUNTS:g} are available"
            )
    everything = int(asked.cents.sum())
    for is_with_teams, budget, said in (
        (False, everything, "must_do, exclusive, either_or and requires contradict one another"),
        (False, None, "no set that keeps the rules costs as little as the budget"),
        (True, everything, "no set that keeps the rules needs as little as the headcount"),
    ):
        problem = asked.problem(budget=budget, teams=is_with_teams)
        if best_choice(problem, effort).taken is None:
            return said
    return "no set that keeps the rules keeps the budget and the headcount at once"
