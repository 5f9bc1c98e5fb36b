"""Slow exact twin of the roadmap: every rule by hand, and every schedule tried, in fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

from opsafe.ranking.work import Work

__all__ = ["Starts", "best", "breaks", "worth"]

Starts: TypeAlias = Mapping[str, int]
"""Quarter, from 1, in which each scheduled initiative starts."""


def _rows(asked: Mapping[str, Any], name: str) -> list[Work]:
    return [row for row in asked["work"] if row.initiative == name]


def _lasts(asked: Mapping[str, Any], name: str) -> int:
    return max(row.starts_after + row.quarters for row in _rows(asked, name))


def _finish(asked: Mapping[str, Any], starts: Starts, name: str) -> int:
    return starts[name] + _lasts(asked, name) - 1


def _capacity(asked: Mapping[str, Any], team: str, quarter: int) -> Fraction:
    given = asked["capacity_fte"][team]
    return Fraction(str(given[quarter - 1] if isinstance(given, list) else given))


def breaks(asked: Mapping[str, Any], starts: Starts) -> Iterator[str]:
    """Yield each rule that a schedule breaks."""
    for name in starts:
        if starts[name] < asked.get("earliest", {}).get(name, 1):
            yield f"{name} starts too early"
        if _finish(asked, starts, name) > asked.get("latest", {}).get(name, asked["quarters"]):
            yield f"{name} is done too late"
        if _finish(asked, starts, name) > asked["quarters"]:
            yield f"{name} runs beyond the end"
    for later, sooner in asked.get("after", ()):
        if later in starts and (
            sooner not in starts or starts[later] <= _finish(asked, starts, sooner)
        ):
            yield f"{later} does not wait for {sooner}"
    for name in asked.get("must_do", ()):
        if name not in starts:
            yield f"{name} is not done"
    for team in asked["capacity_fte"]:
        for quarter in range(1, asked["quarters"] + 1):
            at_work = sum(
                Fraction(str(row.fte))
                for row in asked["work"]
                if row.team == team and row.initiative in starts
                for first in [starts[row.initiative] + row.starts_after]
                if first <= quarter < first + row.quarters
            )
            if at_work > _capacity(asked, team, quarter):
                yield f"{team} has too much work in {quarter}"
    done = [
        name
        for name in asked.get("quick_wins", ())
        if name in starts and _finish(asked, starts, name) == 1
    ]
    if len(done) < asked.get("quick_wins_first", 0):
        yield "too few quick wins first"


def worth(asked: Mapping[str, Any], starts: Starts) -> Fraction:
    """Sum of impact x (1 - d)^(finish quarter - 1)."""
    kept = 1 - Fraction(str(asked["discount"]))
    return sum(
        (
            Fraction(str(asked["ranking"][name])) * kept ** (_finish(asked, starts, name) - 1)
            for name in starts
        ),
        Fraction(0),
    )


def best(asked: Mapping[str, Any]) -> Fraction | None:
    """Largest worth of any schedule that keeps all rules, None where there is none."""
    names = list(asked["ranking"])
    found: Fraction | None = None
    for each in product(range(asked["quarters"] + 1), repeat=len(names)):
        starts = {name: at for name, at in zip(names, each, strict=True) if at}
        if next(breaks(asked, starts), None) is None:
            value = worth(asked, starts)
            found = value if found is None or value > found else found
    return found
