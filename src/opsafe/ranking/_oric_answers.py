"""Answers to a readiness questionnaire, long or wide, as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.frames import Frame, Table, open_table
from opsafe.ranking._cells import exact_cells, rows_named, words_in
from opsafe.ranking._names import read_name

__all__ = ["FACETS", "HIGHEST", "LOWEST", "Respondent", "read_answers", "read_facets"]

FACETS: Final = ("change_commitment", "change_efficacy")
LOWEST: Final = 1
HIGHEST: Final = 5
_EVERYBODY: Final = "all"
_TAKEN: Final = ("respondent", "group", "item", "answer")
_STEPS: Final = f"Answers are whole steps from {LOWEST}, disagree, to {HIGHEST}, agree"


@dataclass(frozen=True, slots=True)
class Respondent:
    """One respondent's answers by item; what was not answered is not in them."""

    group: str
    answers: Mapping[str, int]


def read_facets(facets: object) -> dict[str, tuple[str, ...]]:
    """Read which items belong to which of the two facets.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no mapping of both facets to identifiers, or an item is there twice.
    """
    if not isinstance(facets, Mapping) or set(facets) != set(FACETS):
        raise ArgumentTypeError(
            "is no mapping of the two facets to identifiers of items",
            where="facets",
            value=type(facets).__name__,
            allowed=FACETS,
        )
    found = {facet: _items(facets[facet], facet) for facet in FACETS}
    every = [item for items in found.values() for item in items]
    if len(set(every)) < len(every):
        twice = next(item for at, item in enumerate(every) if item in every[:at])
        raise ArgumentError(f"names item {twice!r} twice", where="facets", value=twice)
    if taken := [item for item in every if item in _TAKEN]:
        raise ArgumentError(
            f"item {taken[0]!r} has the name of a column", where="facets", value=taken[0]
        )
    return found


def _items(items: Any, facet: str) -> tuple[str, ...]:
    where = f"facets[{facet!r}]"
    if isinstance(items, str) or not isinstance(items, Sequence) or not items:
        raise ArgumentTypeError(
            "is no sequence of identifiers", where=where, value=type(items).__name__
        )
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise ArgumentTypeError(
                "holds an identifier that is no text", where=where, value=type(item).__name__
            )
    return tuple(items)


def read_answers(
    data: Frame, columns: Mapping[str, str] | None, items: Sequence[str]
) -> list[Respondent]:
    """Read a table of answers: one row an answer, or one row a respondent.

    Raises
    ------
    ColumnError, ArgumentError, ArgumentTypeError
        If a column or a cell is not what it must be; rows are named, and no respondent is.
    """
    optional = ("group", "item", "answer", *items)
    table = open_table(
        data, where="answers", required=("respondent",), optional=optional, columns=columns
    )
    if not len(table):
        raise ArgumentError("holds no answer", where="answers")
    people = words_in(table, "respondent")
    groups = words_in(table, "group") if "group" in table else [_EVERYBODY] * len(table)
    if "item" in table and "answer" in table:
        told = _long(table, people, items)
    else:
        told = _wide(table, people, items)
    return _respondents(people, groups, told)


def _long(
    table: Table, people: Sequence[str], items: Sequence[str]
) -> dict[tuple[str, str], int | None]:
    named = words_in(table, "item")
    for item in dict.fromkeys(named):
        read_name(item, items, "answers['item']", "item")
    return _once(zip(people, named, _answers(table, "answer"), strict=True))


def _wide(
    table: Table, people: Sequence[str], items: Sequence[str]
) -> dict[tuple[str, str], int | None]:
    absent = [item for item in items if item not in table]
    if absent:
        raise ColumnError(
            f"there is no column for {', '.join(map(repr, absent))}, nor item and answer",
            where="answers",
            advice="Map your names with columns=; an item that was not asked belongs to no facet",
        )
    cells = ((item, _answers(table, item)) for item in items)
    return _once((who, item, read[row]) for item, read in cells for row, who in enumerate(people))


def _answers(table: Table, name: str) -> list[int | None]:
    found = exact_cells(table, name, LOWEST, HIGHEST, advice=_STEPS)
    broken = [row for row, each in enumerate(found) if each is not None and each.denominator > 1]
    if broken:
        raise ArgumentError(
            f"is no whole step in {rows_named(broken)}",
            where=f"answers[{table.names[name]!r}]",
            advice=_STEPS,
        )
    return [None if each is None else int(each) for each in found]


def _once(
    told: Iterable[tuple[str, str, int | None]],
) -> dict[tuple[str, str], int | None]:
    """Answers by respondent and item, each once."""
    found: dict[tuple[str, str], int | None] = {}
    for who, item, answer in told:
        if (who, item) in found:
            raise ArgumentError(
                f"a respondent answers item {item!r} twice", where="answers", value=item
            )
        found[who, item] = answer
    return found


def _respondents(
    people: Sequence[str],
    groups: Sequence[str],
    told: Mapping[tuple[str, str], int | None],
) -> list[Respondent]:
    group_of: dict[str, str] = {}
    for row, (who, group) in enumerate(zip(people, groups, strict=True)):
        if group_of.setdefault(who, group) != group:
            raise ArgumentError(
                f"a respondent is in two groups, the second in row {row}", where="answers"
            )
    answers: dict[str, dict[str, int]] = {who: {} for who in group_of}
    for (who, item), answer in told.items():
        if answer is not None:
            answers[who][item] = answer
    return [Respondent(group_of[who], answers[who]) for who in group_of]
