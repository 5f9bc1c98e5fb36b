"""A plan's fills as they came to fills that can be used, with a reason for each that cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe._readings import States, read_codes, read_dates, read_numbers
from opsafe.columns import AnyArray, Columns, Nullable, Text
from opsafe.errors import ColumnError
from opsafe.frames import Table
from opsafe.quantity import BoolArray, GridState, IntArray
from opsafe.workforce._episodes import Fills, Window, number
from opsafe.workforce._observe_rules import (
    EPOCH,
    FIRST_DAY,
    LAST_DAY,
    LONGEST_SUPPLY_DAYS,
    ObserveRules,
)
from opsafe.workforce.observed import FillReason, fold

__all__ = ["REASONS", "ClaimsRead"]

_LONGEST_SEEN: Final = 40
# Each medication is a stream with months, panels and curves of its own.
_MOST_MEDICATIONS: Final = 1000
REASONS: Final = tuple(FillReason)


@dataclass(frozen=True, slots=True)
class ClaimsRead:
    """The rows that can be used, as numbers, and why others cannot."""

    table: Table
    window: Window
    member: IntArray
    fills: Fills
    """Rows in the order of the table; a stream is member * medications + medication."""
    prescribers: tuple[int, ...] | tuple[str, ...]
    medications: tuple[str, ...]
    """Empty where there is no such column: then all are one."""
    lines: Text
    """Line of business of each group."""
    areas: Text
    """Area of each group."""
    reason: IntArray
    """Of every row: 0, or one more than the position of its reason."""

    @classmethod
    def read(cls, table: Table, rules: ObserveRules) -> ClaimsRead:
        where = {name: f"fills[{theirs!r}]" for name, theirs in table.names.items()}
        member = read_codes(table.column("member_id"), where["member_id"])
        prescriber = read_codes(table.column("prescriber_id"), where["prescriber_id"])
        day, dated = read_dates(table.column("fill_date"), where["fill_date"])
        days, counted = read_numbers(table.column("days_supply"), 0, where["days_supply"])
        medication, medications = _words_of(table, "medication", fold)
        reason = _judge(
            {
                FillReason.MEMBER_MISSING: member.codes < 0,
                **_wrong_dates(day, dated),
                **_wrong_supplies(days, counted),
                FillReason.MEDICATION_MISSING: medication < 0,
            },
            np.zeros(len(table), np.int64),
        )
        window = rules.window(day[reason == 0])
        reason = _judge(
            {FillReason.BEFORE_START: day < window.start, FillReason.AFTER_END: day > window.end},
            reason,
        )
        used = np.flatnonzero(reason == 0)
        medication, medications = _used(medication[used], medications, where.get("medication"))
        group, lines, areas = _groups(table, used)
        return cls(
            table=table,
            window=window,
            member=member.codes[used],
            fills=Fills(
                stream=member.codes[used] * max(len(medications), 1) + medication,
                day=day[used],
                days=days[used],
                prescriber=prescriber.codes[used],
                group=group,
            ),
            prescribers=prescriber.values,
            medications=medications if "medication" in table else (),
            lines=lines,
            areas=areas,
            reason=reason,
        )

    def set_aside(self) -> Columns:
        """The rows that cannot be used, in order."""
        rows = np.flatnonzero(self.reason)
        which = self.reason[rows] - 1
        field = np.array([reason.field for reason in REASONS], object)[which]
        seen = np.full(len(rows), None, object)
        # Whatever stands in a column of identifiers stays with the caller.
        for name in dict.fromkeys(field.tolist()):
            if name != "member_id":
                of_field = np.flatnonzero(field == name)
                seen[of_field] = self.table.texts(name, rows[of_field], _LONGEST_SEEN)
        return Columns(
            {
                "row": rows,
                "code": Text(which, tuple(reason.value for reason in REASONS)),
                "field": field,
                "seen": seen,
                "advice": Text(which, tuple(reason.advice for reason in REASONS)),
            }
        )


def _wrong_dates(day: IntArray, dated: States) -> dict[FillReason, BoolArray]:
    return {
        FillReason.DATE_MISSING: dated == GridState.MISSING,
        FillReason.DATE_UNREADABLE: dated == GridState.UNREADABLE,
        FillReason.DATE_OUT_OF_RANGE: (day < FIRST_DAY.toordinal() - EPOCH)
        | (day > LAST_DAY.toordinal() - EPOCH),
    }


def _wrong_supplies(days: IntArray, counted: States) -> dict[FillReason, BoolArray]:
    return {
        FillReason.DAYS_SUPPLY_MISSING: counted == GridState.MISSING,
        FillReason.DAYS_SUPPLY_UNREADABLE: (counted == GridState.UNREADABLE)
        | (counted == GridState.INFINITE),
        FillReason.DAYS_SUPPLY_NOT_WHOLE: counted == GridState.OFF_GRID,
        FillReason.DAYS_SUPPLY_TOO_LONG: (counted == GridState.TOO_LARGE)
        | (days > LONGEST_SUPPLY_DAYS),
        FillReason.DAYS_SUPPLY_NOT_POSITIVE: days < 1,
    }


def _groups(table: Table, used: IntArray) -> tuple[IntArray, Text, Text]:
    """Number the pairs of line of business and area that occur; of each, its line and its area."""
    line, lines = _words_of(table, "line_of_business", str.strip, absent=-1)
    area, areas = _words_of(table, "area", str.strip, absent=-1)
    width = len(areas) + 1
    pair, group = number(
        (line[used] + 1) * width + area[used] + 1,
        (len(lines) + 1) * width,
    )
    return group, Text(pair // width - 1, lines), Text(pair % width - 1, areas)


def _judge(found: Mapping[FillReason, BoolArray], reason: IntArray) -> IntArray:
    """Give each row its first reason, unless it has one."""
    judged = reason.copy()
    for each, is_so in found.items():
        judged[is_so & (judged == 0)] = REASONS.index(each) + 1
    return judged


def _words_of(
    table: Table, name: str, folded: Callable[[str], str], absent: int = 0
) -> tuple[IntArray, tuple[str, ...]]:
    """Read a column of words as codes in their order, -1 where missing."""
    if name not in table:
        return np.full(len(table), absent, np.int64), ()
    column = table.column(name)
    if not isinstance(column, Text):
        column = _as_words(column)
    words = [folded(word) for word in column.words]
    ordered = tuple(sorted({word for word in words if word}))
    rank = {word: position for position, word in enumerate(ordered)}
    codes = np.array([*(rank.get(word, -1) for word in words), -1], np.int64)
    return codes[column.codes], ordered


def _as_words(column: AnyArray | Nullable) -> Text:
    """Numbers and dates as words; a whole float, as libraries make of integers, without its .0."""
    if isinstance(column, Nullable):
        values, valid = column.values, column.valid
    else:
        values, valid = column, column == column
    distinct, inverse = np.unique(values[valid], return_inverse=True)
    codes = np.full(len(values), -1, np.int64)
    codes[valid] = inverse
    written = (int(v) if isinstance(v, float) and v.is_integer() else v for v in distinct.tolist())
    return Text(codes, tuple(map(str, written)))


def _used(
    codes: IntArray, words: Sequence[str], where: str | None
) -> tuple[IntArray, tuple[str, ...]]:
    """Number only the medications that occur; each is a stream."""
    if not words:
        return codes, ()
    there, place = number(codes, len(words))
    if len(there) > _MOST_MEDICATIONS:
        raise ColumnError(
            f"holds {len(there):,} distinct medications, each a stream of its own",
            where=where,
            advice="Give the ingredient, not a number of the product or the fill",
        )
    return place, tuple(words[code] for code in there.tolist())
