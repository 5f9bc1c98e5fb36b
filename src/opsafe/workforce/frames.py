"""Members and prescribers by area: a caller's table to the documents of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import numpy as np

from opsafe._arguments import plain
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ColumnError, DocumentError, Problem
from opsafe.frames import Frame, Table, open_table
from opsafe.provenance import Document
from opsafe.workforce.demand import Demand
from opsafe.workforce.figures import STAGES
from opsafe.workforce.scenario import Supply

__all__ = ["demands_from", "supply_from"]

_WORDS: Final = frozenset({"area", "line_of_business", "medication", "ages", "oud_base"})
_WHOLE: Final = frozenset({"members", "identified_members", "hires_per_month", *STAGES})
_DEMAND_KEY: Final = ("area", "line_of_business", "medication")
_SUPPLY_KEY: Final = ("area", "medication")

Kind = TypeVar("Kind", bound=Document)


def demands_from(table: Frame, *, columns: Mapping[str, str] | None = None) -> tuple[Demand, ...]:
    """Read the streams of demand from a table, one row an area, line of business and medication.

    Parameters
    ----------
    table : frame, mapping of columns, or list of records
        Columns are named as the fields of :class:`Demand`, with its units. ``members``, ``ages``,
        ``oud_base``, ``undercount`` and ``seeking`` must be there; a column that is not there, or
        a cell that is missing, leaves its field at its default. Other columns are not read.
    columns : mapping of str to str, optional
        Our column name to yours; a column that is named here must be there.

    Returns
    -------
    tuple of Demand
        One a row, in the order of the rows.

    Raises
    ------
    DocumentError
        If a cell is wrong or two rows are of the same stream; every problem is listed with its
        row, counted from 0, and its field.
    ColumnError
        If a column is missing, is there twice, or the lengths differ.
    ArgumentTypeError
        If ``table`` is no table.

    Notes
    -----
    Claims that cannot be used are set aside and counted. A row here is no claim: it is a part of
    the plan, and a scenario without it would be another plan. So one wrong cell refuses the table.

    A cell may hold whatever its field takes: a number, the id of an edition, and where the library
    of the table allows it, a distribution, a curve or a path (or the mapping that its JSON is).
    Text that reads as a number is refused, since text in such a field is the id of an edition.

    Examples
    --------
    >>> from opsafe.workforce.frames import demands_from
    >>> table = {
    ...     "area": ["north", "south"],
    ...     "members": [40_000, 60_000],
    ...     "ages": ["12+", "12+"],
    ...     "oud_base": ["survey", "survey"],
    ...     "prevalence": [0.012, 0.015],
    ...     "undercount": [1.0, 1.0],
    ...     "seeking": [0.4, 0.4],
    ... }
    >>> [(each.area, each.members, each.medication) for each in demands_from(table)]
    [('north', 40000, 'buprenorphine'), ('south', 60000, 'buprenorphine')]
    """
    return _documents(table, Demand, _DEMAND_KEY, columns)


def supply_from(table: Frame, *, columns: Mapping[str, str] | None = None) -> tuple[Supply, ...]:
    """Read who gives treatment from a table, one row an area and medication.

    Parameters
    ----------
    table : frame, mapping of columns, or list of records
        Columns are named as the fields of :class:`Supply`, with its units. A column that is not
        there, or a cell that is missing, leaves its field at its default. Other columns are not
        read.
    columns : mapping of str to str, optional
        Our column name to yours; a column that is named here must be there.

    Returns
    -------
    tuple of Supply
        One a row, in the order of the rows.

    Raises
    ------
    DocumentError
        If a cell is wrong or two rows are of one area and medication; every problem is listed
        with its row, counted from 0, and its field.
    ColumnError
        If no column of ours is there, one is there twice, or the lengths differ.
    ArgumentTypeError
        If ``table`` is no table.

    Notes
    -----
    As of :func:`demands_from`. ``hires_per_month`` may also hold lists, a number for each month.

    Examples
    --------
    >>> from opsafe.workforce.frames import supply_from
    >>> supply_from([{"area": "north", "open_to_plan": 12, "hires_per_month": 2}])[0].heads()
    (0, 0, 0, 0, 0, 0, 12)
    """
    return _documents(table, Supply, _SUPPLY_KEY, columns)


def _documents(
    data: Frame, kind: type[Kind], key: tuple[str, ...], columns: Mapping[str, str] | None
) -> tuple[Kind, ...]:
    """One document a row, or every problem of every row."""
    fields = kind.model_fields
    required = [name for name, field in fields.items() if field.is_required()]
    optional = [name for name in fields if name not in required]
    table = open_table(data, where="table", required=required, optional=optional, columns=columns)
    if len(table) and not table.names:
        raise ColumnError("holds no column of ours", where="table", allowed=fields)
    if not len(table):
        return ()
    cells = {name: _cells(data, table, name) for name in table.names}
    found: list[Kind] = []
    problems: list[Problem] = []
    rows: dict[tuple[object, ...], int] = {}
    for row in range(len(table)):
        given = {name: each[row] for name, each in cells.items() if each[row] is not None}
        wrong = list(_wrong_kinds(given))
        try:
            document = kind(**given)
        except DocumentError as error:
            wrong += _clearest(error.problems, {each.field for each in wrong})
        else:
            found.append(document)
            same = tuple(getattr(document, name) for name in key)
            if (first := rows.setdefault(same, row)) != row:
                wrong.append(Problem(", ".join(key), f"the same as in row {first}"))
        problems += [
            Problem(f"row {row}: {each.field}" if each.field else f"row {row}", each.message)
            for each in wrong
        ]
    if problems:
        raise DocumentError(problems, document=f"table of {kind.__name__}")
    return tuple(found)


def _cells(data: Frame, table: Table, name: str) -> list[Any]:
    """The cells of a column as the caller wrote them, None where missing.

    A column as engines read it would not do: in one of several kinds a number is text as well.
    """
    theirs = table.names[name]
    if table.is_frame:
        values = table.gather(name, np.arange(len(table))).to_list()
    elif isinstance(data, Columns | Mapping):
        if isinstance(data, Columns):
            column: Any = data.column(theirs)
        else:
            column = {str(key): each for key, each in data.items()}[theirs]
        if isinstance(column, Nullable):  # as floats its flags would be numbers
            flags = zip(column.values.tolist(), column.valid.tolist(), strict=True)
            column = [value if valid else None for value, valid in flags]
        elif isinstance(column, Text):
            column = column.array()
        values = column.tolist() if hasattr(column, "tolist") else list(column)
    else:
        values = [record.get(theirs) for record in data]
    return [_cell(name, plain(value)) for value in values]


def _cell(name: str, value: Any) -> Any:
    """A cell as its field takes it: libraries have their own ways with whole numbers and lists."""
    if isinstance(value, np.ndarray):
        value = value.tolist()  # one number, or None, for an array without an axis
    if isinstance(value, list):
        return tuple(_cell(name, plain(each)) for each in value)
    if isinstance(value, Decimal):
        value = float(value)
    # A column of whole numbers with one missing is a column of floats in pandas.
    if name in _WHOLE and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _wrong_kinds(given: Mapping[str, object]) -> Iterator[Problem]:
    """Numbers where text belongs, and the other way round, with what to do."""
    for name, value in given.items():
        if name in _WORDS and isinstance(value, int | float):
            yield Problem(name, "is a number: make the column one of text, with its leading zeros")
        elif name not in _WORDS and isinstance(value, str) and _is_number(value):
            yield Problem(name, f"is the text {value[:40]!r}: make the column one of numbers")


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").rstrip("% "))
    except ValueError:
        return False
    return True


def _clearest(problems: tuple[Problem, ...], told: set[str]) -> Iterator[Problem]:
    """One problem a field: of a union, the innermost, or that of its first member."""
    by_field: dict[str, list[Problem]] = {}
    for each in problems:
        by_field.setdefault(each.field.partition(".")[0].partition("[")[0], []).append(each)
    for field, listed in by_field.items():
        if not field:
            yield from listed
        elif field not in told:
            yield max(listed, key=lambda each: len(each.field))
