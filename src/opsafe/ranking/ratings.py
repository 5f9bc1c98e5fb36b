"""Ratings of several people as a panel: what is missing stays missing, what is wrong is an error.

A rating that is not there is never a zero. What is set aside (a blank, or the rating of an owner
of the initiative) is listed with its row.
"""

# More than 300 lines: the two shapes of a table, and the reading of one cell that they share.

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias

import numpy as np

from opsafe._display import counted
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError
from opsafe.frames import Frame, Table, open_table
from opsafe.quantity import BoolArray, FloatArray, IntArray, read_decimal
from opsafe.ranking._cells import cells, rows_named, words_in
from opsafe.ranking._names import items_of, listed, read_name
from opsafe.ranking.criteria import Criteria, Criterion

__all__ = ["Owners", "Panel", "read_owners", "read_ratings"]

Owners: TypeAlias = Mapping[str, str | Sequence[str]]
BLANK: Final = "blank"
RECUSED: Final = "recused_owner"
_ONE_RATER: Final = "panel"


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Ratings by initiative, rater and criterion, in each criterion's own unit."""

    initiatives: tuple[str, ...]
    """In order of first appearance."""
    raters: tuple[str, ...]
    criteria: Criteria
    scores: FloatArray
    """Shape (initiatives, raters, criteria); NaN is missing."""
    set_aside: Columns
    """``row`` (from 0), ``reason`` (``blank`` or ``recused_owner``), ``initiative``, ``rater``,
    ``criterion``."""
    cautions: tuple[str, ...] = ()

    @property
    def rated(self) -> BoolArray:
        """Whether there is a rating, shape (initiatives, raters, criteria)."""
        return ~np.isnan(self.scores)

    @property
    def counts(self) -> IntArray:
        """How many rated, shape (initiatives, criteria)."""
        return np.asarray(self.rated.sum(axis=1), np.int64)

    def __repr__(self) -> str:
        return (
            f"Panel({counted(len(self.initiatives), 'initiative')},"
            f" {counted(len(self.raters), 'rater')},"
            f" {counted(int(self.rated.sum()), 'rating')} on {', '.join(self.criteria.names)})"
        )


@dataclass(frozen=True, slots=True)
class _Rating:
    """One cell with where it stood."""

    row: int
    initiative: str
    rater: str
    criterion: Criterion
    score: float


def read_ratings(
    ratings: Frame,
    *,
    criteria: Criteria,
    columns: Mapping[str, str] | None = None,
    owners: Owners | None = None,
    numbers_as_text: bool = False,
) -> Panel:
    """Read a table of ratings.

    Parameters
    ----------
    ratings : frame, mapping of columns, or list of records
        Long, with columns ``initiative``, ``rater``, ``criterion`` and ``score``; or wide, with
        ``initiative``, ``rater`` and a column for each criterion. Without ``rater`` all are of one
        rater, called ``panel``. A rating is a number within the criterion's anchors; None, NaN and
        blank text are missing.
    criteria : Criteria
        What was rated.
    columns : mapping of str to str, optional
        Our column name to yours; for a wide table also each criterion's.
    owners : mapping of str to str or sequence of str, optional
        Who owns an initiative: their own ratings of it are set aside.
    numbers_as_text : bool, optional
        Whether text is read as a number, as tables from a text file need.

    Returns
    -------
    Panel
        Ratings, with what was set aside.

    Raises
    ------
    ColumnError
        If a column is missing or is there twice.
    ArgumentError, ArgumentTypeError
        If a rating is no number, infinite or outside its anchors, the same rating is there twice,
        a name is missing or unknown, or nothing is there at all; rows are named, counted from 0.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> panel = rk.read_ratings(
    ...     [
    ...         {"initiative": "naloxone", "rater": "a", "impact": 5, "ease": 4},
    ...         {"initiative": "naloxone", "rater": "b", "impact": 4, "ease": None},
    ...     ],
    ...     criteria=rk.IMPACT_EASE_1_5,
    ... )
    >>> panel.scores.tolist()
    [[[5.0, 4.0], [4.0, nan]]]
    >>> panel.set_aside["reason"].tolist(), panel.set_aside["criterion"].tolist()
    (['blank'], ['ease'])
    """
    if not isinstance(criteria, Criteria):
        raise ArgumentTypeError("is no Criteria", where="criteria", value=type(criteria).__name__)
    if not isinstance(numbers_as_text, bool | np.bool_):
        raise ArgumentTypeError(
            "is not True or False", where="numbers_as_text", value=type(numbers_as_text).__name__
        )
    read = _read(_open(ratings, criteria, columns), criteria, as_text=bool(numbers_as_text))
    initiatives = tuple(dict.fromkeys(cell.initiative for cell in read))
    raters = tuple(dict.fromkeys(cell.rater for cell in read))
    owned = read_owners(owners, initiatives)
    aside = [(cell, reason) for cell in read if (reason := _reason(cell, owned))]
    _refuse_twice([cell for cell in read if not math.isnan(cell.score)])
    place = {name: at for at, name in enumerate(initiatives)}
    column = {name: at for at, name in enumerate(raters)}
    scores = np.full((len(initiatives), len(raters), len(criteria.names)), np.nan)
    for cell in read:
        if _reason(cell, owned) is None:
            at = criteria.names.index(cell.criterion.name)
            scores[place[cell.initiative], column[cell.rater], at] = cell.score
    scores.flags.writeable = False
    cautions = (
        *_alike(initiatives, "initiatives"),
        *_alike(raters, "raters"),
        *_absent(owned, raters),
    )
    return Panel(initiatives, raters, criteria, scores, _table(aside), cautions)


def _open(ratings: Frame, criteria: Criteria, columns: Mapping[str, str] | None) -> Table:
    """Open the table; a long one has a criterion and a score in each row."""
    optional = ("rater", "criterion", "score", *criteria.names)
    table = open_table(
        ratings, where="ratings", required=("initiative",), optional=optional, columns=columns
    )
    if not len(table):
        raise ArgumentError("holds no row", where="ratings")
    if "criterion" in table and "score" in table:
        return table
    missing = [name for name in criteria.names if name not in table]
    if missing:
        raise ColumnError(
            f"there is no column for {', '.join(map(repr, missing))}, nor criterion and score",
            where="ratings",
            allowed=("criterion and score", ", ".join(criteria.names)),
            advice="Map your names with columns=",
        )
    return table


def _read(table: Table, criteria: Criteria, *, as_text: bool) -> list[_Rating]:
    initiatives = words_in(table, "initiative")
    raters = words_in(table, "rater") if "rater" in table else [_ONE_RATER] * len(table)
    if "criterion" not in table or "score" not in table:
        by_name = {
            each.name: _numbers(table, each.name, [each] * len(table), as_text=as_text)
            for each in criteria.criteria
        }
        return [
            _Rating(row, initiatives[row], raters[row], each, by_name[each.name][row])
            for row in range(len(table))
            for each in criteria.criteria
        ]
    named = words_in(table, "criterion")
    known = {name: criteria.named(name) for name in dict.fromkeys(named)}
    rated = [known[name] for name in named]
    scores = _numbers(table, "score", rated, as_text=as_text)
    return [
        _Rating(row, initiatives[row], raters[row], rated[row], scores[row])
        for row in range(len(table))
    ]


def _numbers(table: Table, name: str, rated: Sequence[Criterion], *, as_text: bool) -> list[float]:
    """Ratings of a column; NaN where missing, an error for what is no rating of its criterion."""
    where = f"ratings[{table.names[name]!r}]"
    found = [_number(cell, as_text=as_text) for cell in cells(table, name)]
    _refuse(
        [row for row, each in enumerate(found) if each is None],
        "is no number",
        where,
        "A missing rating is None, NaN or blank"
        + ("" if as_text else "; for a text file say numbers_as_text=True"),
        ArgumentTypeError,
    )
    numbers = [math.nan if each is None else each for each in found]
    _refuse([row for row, each in enumerate(numbers) if math.isinf(each)], "is infinite", where)
    for each in dict.fromkeys(criterion.name for criterion in rated):
        mine = [row for row, criterion in enumerate(rated) if criterion.name == each]
        low, high = (rated[mine[0]].low, rated[mine[0]].high) if mine else (0.0, 0.0)
        _refuse(
            [row for row in mine if not (math.isnan(numbers[row]) or low <= numbers[row] <= high)],
            f"lies outside the anchors of {each!r}, {low:g} to {high:g}",
            where,
            "Ratings are in the criterion's own unit; another scale needs a Criterion of its own",
        )
    return numbers


def _number(cell: Any, *, as_text: bool) -> float | None:
    """A cell as a number, NaN where it is missing; None for what is neither."""
    if cell is None:
        return math.nan
    if isinstance(cell, str):
        read = read_decimal(cell) if as_text else None
        return None if read is None else float(read)
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | Fraction):
        return None
    try:
        return float(cell)
    except OverflowError:
        return math.inf


def _refuse(
    rows: Sequence[int],
    what: str,
    where: str,
    advice: str | None = None,
    error: Callable[..., ArgumentError | ArgumentTypeError] = ArgumentError,
) -> None:
    """Raise where there are such rows, naming the first of them."""
    if rows:
        raise error(
            f"{what} in {rows_named(rows)}",
            where=where,
            value=rows[0],
            advice=advice,
        )


def _refuse_twice(cells: Iterable[_Rating]) -> None:
    first: dict[tuple[str, str, str], int] = {}
    for cell in cells:
        key = cell.initiative, cell.rater, cell.criterion.name
        if key in first:
            raise ArgumentError(
                f"rate {cell.criterion.name!r} of {cell.initiative!r} twice by one rater:"
                f" {rows_named([first[key], cell.row])}",
                where="ratings",
                value=cell.row,
                advice="Keep one; two rounds are two tables",
            )
        first[key] = cell.row


def read_owners(owners: object, initiatives: Collection[str]) -> dict[str, frozenset[str]]:
    """Read who owns an initiative, by initiative.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no mapping to names, or an initiative is unknown.
    """
    if owners is None:
        return {}
    if not isinstance(owners, Mapping):
        raise ArgumentTypeError(
            "is no mapping of initiative to owner", where="owners", value=type(owners).__name__
        )
    found: dict[str, frozenset[str]] = {}
    for initiative, named in owners.items():
        name = read_name(initiative, initiatives, "owners")
        where = f"owners[{name!r}]"
        several = items_of((named,) if isinstance(named, str) else named, where, "names")
        if not all(isinstance(each, str) for each in several):
            raise ArgumentTypeError("holds a name that is no text", where=where)
        found[name] = frozenset(each.strip() for each in several)
    return found


def _reason(cell: _Rating, owned: Mapping[str, frozenset[str]]) -> str | None:
    """Why a cell is set aside; None where it counts."""
    if math.isnan(cell.score):
        return BLANK
    return RECUSED if cell.rater in owned.get(cell.initiative, ()) else None


def _table(aside: Sequence[tuple[_Rating, str]]) -> Columns:
    return Columns(
        {
            "row": np.array([cell.row for cell, _ in aside], np.int64),
            "reason": Text.of(reason for _, reason in aside),
            "initiative": Text.of(cell.initiative for cell, _ in aside),
            "rater": Text.of(cell.rater for cell, _ in aside),
            "criterion": Text.of(cell.criterion.name for cell, _ in aside),
        }
    )


def _alike(names: Sequence[str], what: str) -> tuple[str, ...]:
    """Say so where names differ by case or spaces alone: they may be slips."""
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(" ".join(name.casefold().split()), []).append(name)
    return tuple(
        f"{what} {' and '.join(map(repr, each))} differ by case or spaces alone, and are taken for"
        " different ones"
        for each in folded.values()
        if len(each) > 1
    )


def _absent(owned: Mapping[str, frozenset[str]], raters: Sequence[str]) -> tuple[str, ...]:
    """Say so where an owner is no rater: right if he did not rate, wrong if his name is a slip.

    Initiatives are named and owners are not: what is made of the ratings goes further than they.
    """
    found = [name for name, owners in owned.items() if not owners <= set(raters)]
    if not found:
        return ()
    return (f"an owner is no rater, so that nothing of theirs is set aside: {listed(found)}",)
