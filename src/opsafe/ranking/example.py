"""A small portfolio to try things with, from ratings to a programme; its numbers are invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from opsafe import _tables
from opsafe._display import counted
from opsafe.columns import Columns, Text
from opsafe.quantity import FloatArray
from opsafe.ranking.criteria import IMPACT_EASE_1_5, Criteria
from opsafe.ranking.work import Work

__all__ = ["Example", "example"]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An invented portfolio of ten initiatives, rated by seven people."""

    note: str
    """Says that everything here is invented; put it under whatever is made of it."""
    ratings: Columns
    """``initiative``, ``rater``, ``impact`` and ``ease``, 1 to 5; NaN where not rated."""
    criteria: Criteria
    weights: dict[str, float]
    owners: dict[str, str]
    """By initiative, the rater who owns it."""
    costs_usd: dict[str, float]
    budget_usd: float
    must_do: tuple[str, ...]
    work: tuple[Work, ...]
    capacity_fte: dict[str, float]
    """By team, in each quarter."""
    after: tuple[tuple[str, str], ...]
    """Pairs, of which the first comes after the second."""
    quarters: int
    assessments: Columns
    """``level``, ``stakeholder``, ``theme``, ``current`` and ``desired`` support from -2 to 2
    (NaN where not told), ``influence`` 1, 3 or 9."""

    @property
    def initiatives(self) -> tuple[str, ...]:
        """Names of the initiatives, in order."""
        return tuple(self.costs_usd)

    def __repr__(self) -> str:
        return f"Example({counted(len(self.costs_usd), 'initiative')}; {self.note})"


def example() -> Example:
    """Return a small invented portfolio, to try the functions of this engine with.

    Returns
    -------
    Example
        Ratings, costs, work and assessments of support, all invented, of no plan and no source;
        only the names of the initiatives follow the stories of the toolkit [1]_. It is not a
        default of anything.

    References
    ----------
    .. [1] California Health Care Foundation. Opioid safety toolkit.
       https://www.chcf.org/resource/opioid-safety-toolkit/

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> portfolio = rk.example()
    >>> len(portfolio.initiatives), len(portfolio.ratings), portfolio.note[:8]
    (10, 70, 'Invented')
    >>> panel = rk.read_ratings(portfolio.ratings, criteria=portfolio.criteria)
    >>> panel.initiatives[0], panel.scores[0, :, 0].tolist()
    ('naloxone co-prescribing', [5.0, 4.0, 5.0, 4.0, 5.0, 4.0, 5.0])
    """
    table = _table()
    initiatives = table["initiatives"]
    return Example(
        note=table["note"],
        ratings=_ratings(table["raters"], initiatives),
        criteria=IMPACT_EASE_1_5,
        weights=_floats(table["weights"]),
        owners={each["name"]: each["owner"] for each in initiatives},
        costs_usd={each["name"]: float(each["cost_usd"]) for each in initiatives},
        budget_usd=float(table["budget_usd"]),
        must_do=table["must_do"],
        work=tuple(
            Work(
                each["name"],
                team=team,
                quarters=quarters,
                fte=float(fte),
                owner=each["owner"],
                chapter=each["chapter"],
            )
            for each in initiatives
            for team, quarters, fte in each["work"]
        ),
        capacity_fte=_floats(table["capacity_fte"]),
        after=table["after"],
        quarters=table["quarters"],
        assessments=_assessments(table["readiness"]),
    )


@cache
def _table() -> Mapping[str, Any]:
    return _tables.read_toml("opsafe.ranking.data", "example.toml")


def _ratings(raters: tuple[str, ...], initiatives: tuple[Mapping[str, Any], ...]) -> Columns:
    return Columns(
        {
            "initiative": Text.of(each["name"] for each in initiatives for _ in raters),
            "rater": Text.of(rater for _ in initiatives for rater in raters),
            **{
                name: _numbers(score for each in initiatives for score in each[name])
                for name in IMPACT_EASE_1_5.names
            },
        }
    )


def _assessments(table: Mapping[str, Any]) -> Columns:
    people, themes = table["stakeholders"], table["themes"]
    return Columns(
        {
            "level": Text.of(level for _ in themes for level, _, _ in people),
            "stakeholder": Text.of(name for _ in themes for _, name, _ in people),
            "theme": Text.of(each["name"] for each in themes for _ in people),
            "current": _numbers(value for each in themes for value in each["current"]),
            "desired": _numbers(each["desired"] for each in themes for _ in people),
            "influence": np.array([weight for _ in themes for _, _, weight in people], np.int64),
        }
    )


def _numbers(values: Iterable[Any]) -> FloatArray:
    """Numbers of the file; NaN where it has a blank."""
    return np.array([np.nan if value == "" else float(value) for value in values], np.float64)


def _floats(table: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in table.items()}
