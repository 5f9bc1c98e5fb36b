"""Organisational readiness by a questionnaire of the ORIC kind: two facets, agreement first.

The host brings the items; no text of the questionnaire is here. Which item belongs to which facet
is the host's to say as well: the scoring key was not found in a source that could be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np

from opsafe._display import as_html, counted
from opsafe._used import UsedInputs
from opsafe.columns import Column, Columns, Text
from opsafe.frames import Frame
from opsafe.provenance import EditionUsed
from opsafe.ranking._columns_of import floats, words
from opsafe.ranking._moments import mean_of, variance_of
from opsafe.ranking._oric_answers import (
    FACETS,
    HIGHEST,
    LOWEST,
    Respondent,
    read_answers,
    read_facets,
)
from opsafe.ranking._readiness_tables import rules_of
from opsafe.ranking._support import SCALES, Assessment, Rules, flag_of, summed_up
from opsafe.ranking.editions import defaults as defaults_of
from opsafe.ranking.figures import Defaults

__all__ = ["Oric", "oric"]

_ITEMS: Final = 12
_BY_CHANCE: Final = Fraction(HIGHEST**2 - 1, 12)  # variance of five steps, all alike likely


@dataclass(frozen=True, slots=True, eq=False)
class Oric:
    """Readiness for a change by group and facet, from 1 to 5; no respondent is named in it."""

    table: Columns
    """group, facet, respondents, complete (who answered every item of the facet), score (their
    mean; NaN where flagged), score_mean (always), low and high (the mean of all respondents if
    every missing answer were 1, or 5), spread (standard deviation of complete respondents),
    agreement (r*wg(j), at most 1), flag ("too few", "too split" or none)."""
    by_respondent: Columns
    """respondent (in order of appearance, from 0), group, facet, answered, missing, score (NaN
    where an item is missing), low, high."""
    groups: tuple[str, ...]
    inputs: Columns
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...]

    def __repr__(self) -> str:
        flagged = sum(flag is not None for flag in self.table["flag"].tolist())
        return (
            f"Oric({counted(len(self.groups), 'group')},"
            f" {flagged} of {counted(len(self.table), 'score')} flagged)"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def oric(
    answers: Frame,
    *,
    facets: Mapping[str, Sequence[str]],
    columns: Mapping[str, str] | None = None,
    defaults: str | Defaults = "2026-01",
) -> Oric:
    """Score answers to a questionnaire of organisational readiness for change.

    Parameters
    ----------
    answers : frame, mapping of columns, or list of records
        Long, with ``respondent``, ``item`` and ``answer``; or wide, with ``respondent`` and a
        column for each item. ``group`` may be there. Answers are whole steps from 1, disagree, to
        5, agree; None, NaN and blank are missing. Respondents stay inside.
    facets : mapping of str to sequence of str
        Identifiers of the items of ``change_commitment`` and of ``change_efficacy``.
    columns : mapping of str to str, optional
        Our column name to yours.
    defaults : str or Defaults, optional
        Planning values: when respondents are too few or too split to average.

    Returns
    -------
    Oric
        Scores from 1 to 5 by group and facet, and by respondent.

    Raises
    ------
    ColumnError
        If a column is missing.
    ArgumentError, ArgumentTypeError
        If an answer is no step, an item is unknown or answered twice, a respondent is in two
        groups, or facets do not name both facets.
    EditionNotFoundError
        If no defaults have this id.

    Notes
    -----
    A respondent's score is the mean of a facet's items, if all are answered; else its bounds are
    told, with 1 or 5 for each missing answer: unknown is not disagreement. A group's score is the
    mean of its complete respondents. Aggregation to the organisation was supported by statistics
    of agreement, so agreement is checked first [1]_: too few and too split are as of
    :func:`readiness`, and r*wg(j) = 1 - (mean variance of the items) / 2, where 2 is the variance
    of five steps by chance, (5² - 1) / 12; it is 1 where all agree, and below 0 where they differ
    more than by chance [2]_. No bound of it is printed here, and none is applied.

    References
    ----------
    .. [1] Organizational Readiness for Implementing Change, a psychometric assessment. 2014.
       https://mijn.bsl.nl/link?doi=10.1186/1748-5908-9-7
    .. [2] R package multilevel, rwg.j.lindell.
       https://rdrr.io/cran/multilevel/man/rwg.j.lindell.html

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> facets = {"change_commitment": ["c1", "c2"], "change_efficacy": ["e1"]}
    >>> told = [(5, 4, 3), (4, 4, None), (4, 3, 3)]
    >>> rows = [
    ...     {"respondent": str(at), "c1": c1, "c2": c2, "e1": e1}
    ...     for at, (c1, c2, e1) in enumerate(told)
    ... ]
    >>> found = rk.oric(rows, facets=facets)
    >>> found.table["score"].tolist(), found.table["flag"].tolist()
    ([4.0, nan], [None, 'too few'])
    """
    items = read_facets(facets)
    used = UsedInputs()
    rules = rules_of(defaults_of(defaults), SCALES["1..5"], used)
    for facet in FACETS:
        used.note(f"items of {facet}", len(items[facet]), "given")
    people = read_answers(answers, columns, [item for each in items.values() for item in each])
    groups = tuple(dict.fromkeys(person.group for person in people))
    scored = _Scored(people, items, rules)
    table = scored.by_group(groups)
    _warn(sum(map(len, items.values())), table, used)
    return Oric(
        table=table,
        by_respondent=scored.by_respondent(),
        groups=groups,
        inputs=used.table(),
        cautions=tuple(used.cautions),
        editions=tuple(used.editions.values()),
    )


@dataclass(frozen=True, slots=True)
class _Scored:
    """Respondents with what they answered, by facet."""

    people: Sequence[Respondent]
    items: Mapping[str, Sequence[str]]
    rules: Rules

    def answers(self, person: Respondent, facet: str) -> list[int]:
        return [person.answers[item] for item in self.items[facet] if item in person.answers]

    def filled(self, person: Respondent, facet: str, missing: int) -> Fraction:
        """The mean of a facet, with a step in place of what is missing."""
        told, wanted = self.answers(person, facet), len(self.items[facet])
        return Fraction(sum(told) + missing * (wanted - len(told)), wanted)

    def score(self, person: Respondent, facet: str) -> Fraction | None:
        is_complete = len(self.answers(person, facet)) == len(self.items[facet])
        return self.filled(person, facet, 0) if is_complete else None

    def agreement(self, people: Sequence[Respondent], facet: str) -> Fraction | None:
        """r*wg(j) of complete respondents; None under two."""
        items = self.items[facet]
        by_item = [variance_of([Fraction(each.answers[item]) for each in people]) for item in items]
        observed = mean_of([each for each in by_item if each is not None])
        return None if observed is None else 1 - observed / _BY_CHANCE

    def by_respondent(self) -> Columns:
        rows = [(at, each, facet) for at, each in enumerate(self.people) for facet in FACETS]
        answered = [len(self.answers(person, facet)) for _, person, facet in rows]
        wanted = [len(self.items[facet]) for _, _, facet in rows]
        return Columns(
            {
                "respondent": np.array([at for at, _, _ in rows], np.int64),
                "group": Text.of(person.group for _, person, _ in rows),
                "facet": Text.of(facet for _, _, facet in rows),
                "answered": np.array(answered, np.int64),
                "missing": np.array(wanted, np.int64) - np.array(answered, np.int64),
                "score": floats(self.score(person, facet) for _, person, facet in rows),
                "low": floats(self.filled(person, facet, LOWEST) for _, person, facet in rows),
                "high": floats(self.filled(person, facet, HIGHEST) for _, person, facet in rows),
            }
        )

    def by_group(self, groups: Sequence[str]) -> Columns:
        there: dict[str, list[Respondent]] = {group: [] for group in groups}
        for person in self.people:
            there[person.group].append(person)
        rows = [self._row(group, there[group], facet) for group in groups for facet in FACETS]
        columns: dict[str, Column] = {}
        for name in rows[0]:
            cells = [row[name] for row in rows]
            if name in ("group", "facet", "flag"):
                columns[name] = words(cells)
            elif name in ("respondents", "complete"):
                columns[name] = np.array(cells, np.int64)
            else:
                columns[name] = floats(cells)
        return Columns({**columns, "spread": np.sqrt(floats(row["spread"] for row in rows))})

    def _row(self, group: str, people: Sequence[Respondent], facet: str) -> dict[str, Any]:
        """What a group comes to on a facet; the spread still squared."""
        cell = summed_up(self._told(people, facet), SCALES["1..5"], self.rules, facet)
        flag = flag_of(cell, self.rules)
        complete = [each for each in people if self.score(each, facet) is not None]
        return {
            "group": group,
            "facet": facet,
            "respondents": len(people),
            "complete": len(complete),
            "score": None if flag else cell.mean,
            "score_mean": cell.mean,
            "low": mean_of([self.filled(each, facet, LOWEST) for each in people]),
            "high": mean_of([self.filled(each, facet, HIGHEST) for each in people]),
            "spread": cell.variance,
            "agreement": self.agreement(complete, facet),
            "flag": flag,
        }

    def _told(self, people: Sequence[Respondent], facet: str) -> list[Assessment]:
        """Respondents as stakeholders of one weight, for the rule they share."""
        one = Fraction(1)
        return [
            Assessment(facet, str(at), facet, self.score(each, facet), None, one, one)
            for at, each in enumerate(people)
        ]


def _warn(items: int, table: Columns, used: UsedInputs) -> None:
    if items != _ITEMS:
        used.warn(f"the published form has {_ITEMS} items, this one {items}: scores do not compare")
    incomplete = int((table["respondents"] - table["complete"]).sum())
    if incomplete:
        used.warn(
            f"{incomplete} of {int(table['respondents'].sum())} facets are not fully answered:"
            " they count in low and high and not in the score"
        )
    flagged = sum(flag is not None for flag in table["flag"].tolist())
    if flagged:
        used.warn(f"{flagged} of {len(table)} scores are too few or too split to average")
