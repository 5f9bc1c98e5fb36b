"""Parts put together: members in order of id, rows in order of where they stood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opsafe import _identifiers
from opsafe.columns import Column, Columns, Nullable, Text
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.codes import INDEX
from opsafe.mme._population.part import Counts, Part, Told
from opsafe.mme._population.stack import Stack
from opsafe.mme.reasons import Reason
from opsafe.quantity import IntArray

__all__ = ["join", "without_member"]


def without_member(claims: Claims, part: Part) -> Part:
    """Add rows that have no member to a part."""
    if not len(claims):
        return part
    assert claims.row is not None
    code = np.full(len(claims), INDEX[Reason.MEMBER_MISSING], np.int64)
    nobody = Told(claims.row, code, claims, np.full(len(claims), np.nan))
    part.set_aside = _join_told([part.set_aside, nobody])
    part.counts.rows_in += len(claims)
    return part


def join(parts: Sequence[Part], members: Stack | None = None) -> Part:
    """Join parts into one, members in order of id and rows in order of where they stood.

    Parameters
    ----------
    parts : sequence of Part
        At least one.
    members : Stack, optional
        The members of the parts, where they were taken out as the parts came.
    """
    member = _identifiers.concatenate([part.member for part in parts], "fills['member_id']")
    offsets = np.cumsum([0, *(len(part.member) for part in parts)])

    def stacked(name: str) -> tuple[IntArray, Columns] | None:
        tables = [getattr(part, name) for part in parts]
        if tables[0] is None:
            return None
        numbers = [number + offset for (number, _), offset in zip(tables, offsets, strict=False)]
        return np.concatenate(numbers), _stacked([table for _, table in tables]).table()

    whole = Part(
        member=member,
        first_row=np.concatenate([part.first_row for part in parts]),
        members=(members or _stacked([part.members for part in parts])).table(),
        set_aside=_join_told([part.set_aside for part in parts]),
        flags=_join_told([part.flags for part in parts]),
        counts=_total([part.counts for part in parts]),
        segments=stacked("segments"),
        contributions=stacked("contributions"),
        excluded=stacked("excluded") or parts[0].excluded,
    )
    return _in_order(whole)


def _stacked(tables: Sequence[Columns]) -> Stack:
    stack = Stack(len(tables))
    for table in tables:
        stack.add(table)
    return stack


def _total(counts: Sequence[Counts]) -> Counts:
    total = counts[0]
    for one in counts[1:]:
        total += one
    return total


def _in_order(part: Part) -> Part:
    part.set_aside = part.set_aside.take(np.lexsort((part.set_aside.code, part.set_aside.row)))
    part.flags = part.flags.take(np.lexsort((part.flags.code, part.flags.row)))
    if part.member.kind == "integer":
        return part  # in order of key, which is the id
    order = _identifiers.order(part.member)
    if bool((order[1:] > order[:-1]).all()):
        return part
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    part.member = _identifiers.take(part.member, order)
    part.first_row = part.first_row[order]
    part.members = _take_columns(part.members, order)

    def moved(table: tuple[IntArray, Columns]) -> tuple[IntArray, Columns]:
        number = place[table[0]]
        rows = np.argsort(number, kind="stable")
        return number[rows], _take_columns(table[1], rows)

    part.segments = part.segments and moved(part.segments)
    part.contributions = part.contributions and moved(part.contributions)
    part.excluded = moved(part.excluded)
    return part


def _join_told(told: Sequence[Told]) -> Told:
    return Told(
        np.concatenate([one.row for one in told]),
        np.concatenate([one.code for one in told]),
        Claims.concatenate([one.claims for one in told]),
        np.concatenate([one.beside for one in told]),
    )


def _take_columns(table: Columns, rows: IntArray) -> Columns:
    def taken(column: Column) -> Column:
        if isinstance(column, Text):
            return Text(column.codes[rows], column.words, column.kind)
        if isinstance(column, Nullable):
            return Nullable(column.values[rows], column.valid[rows])
        return column[rows]

    return Columns({name: taken(table.column(name)) for name in table.keys()})  # noqa: SIM118
