"""The door of exposure: every column of a block read once, every value to an integer.

What cannot be read keeps its place with a reason and the word that stood there. Words of drugs
are not judged here: they are numbered, and judged once for each distinct line.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from opsafe import _identifiers
from opsafe._identifiers import Identifiers, read_identifiers
from opsafe._readings import read_flags, read_numbers, read_text
from opsafe.columns import AnyArray, Column, Nullable, Text
from opsafe.errors import ColumnError
from opsafe.frames import Table
from opsafe.mme._population.claims import (
    FILL_ID,
    ODD_DAYS,
    ODD_QUANTITY,
    PHARMACY,
    PRESCRIBER,
    SOURCE,
    UNDATED,
    Claims,
)
from opsafe.mme._population.codes import INDEX, LAST_DAY, LAST_FILL
from opsafe.mme._population.fields import Numbers, numbers, within
from opsafe.mme._population.fields import dates as dates_of
from opsafe.mme._population.lexicon import LINE_COLUMNS, Lexicon, Reader, reader
from opsafe.mme.reasons import Reason
from opsafe.quantity import GridState, IntArray

__all__ = ["OPTIONAL", "REQUIRED", "Encoder", "encode"]

REQUIRED: Final = (
    *("member_id", "fill_date", "ingredient", "route", "strength", "quantity", "days_supply"),
)
OPTIONAL: Final = (
    *("unit", "form", "quantity_unit", "fill_id", "status", "prescriber_id", "pharmacy_id"),
    *("cough_cold", "moud", "wear_hours", "source_row"),
)

# Rows that are encoded together: few enough to stay in cache, enough to forget the calls.
_CHUNK: Final = 1 << 17
_LONGEST: Final = LAST_DAY - LAST_FILL
_WORDS: Final = ("ingredient", "route", "unit", "form", "quantity_unit", "status")
_FLAGS: Final = ("cough_cold", "moud")

_DATES: Final = {
    GridState.MISSING: Reason.DATE_MISSING,
    GridState.UNREADABLE: Reason.DATE_UNREADABLE,
    GridState.TOO_LARGE: Reason.DATE_OUT_OF_RANGE,
}
_DAYS: Final = {
    GridState.MISSING: Reason.DAYS_SUPPLY_MISSING,
    GridState.INFINITE: Reason.DAYS_SUPPLY_UNREADABLE,
    GridState.OFF_GRID: Reason.DAYS_SUPPLY_NOT_WHOLE,
    GridState.TOO_LARGE: Reason.DATE_OUT_OF_RANGE,
    GridState.UNREADABLE: Reason.DAYS_SUPPLY_UNREADABLE,
}
_QUANTITY: Final = {
    GridState.MISSING: Reason.QUANTITY_MISSING,
    GridState.INFINITE: Reason.QUANTITY_INFINITE,
    GridState.OFF_GRID: Reason.QUANTITY_OFF_GRID,
    GridState.TOO_LARGE: Reason.TOO_LARGE_TO_SUM,
    GridState.UNREADABLE: Reason.QUANTITY_UNREADABLE,
}


def _codes(reasons: dict[GridState, Reason]) -> npt.NDArray[np.uint8]:
    """Look a state up as a reason: its index and 1, 0 for none."""
    found = np.zeros(len(GridState), np.uint8)
    for state, reason in reasons.items():
        found[state] = INDEX[reason] + 1
    return found


_DATE_CODES, _DAYS_CODES, _QUANTITY_CODES = map(_codes, (_DATES, _DAYS, _QUANTITY))


def encode(table: Table, lexicon: Lexicon, *, first_row: int) -> Claims:
    """Encode a block of fills.

    Parameters
    ----------
    table : Table
        The block.
    lexicon : Lexicon
        Where drug lines and odd words get their codes.
    first_row : int
        Position of the block's first row in the input.

    Raises
    ------
    ColumnError
        If a column is of a kind that cannot be read.
    """
    claims = Encoder(table, lexicon).claims(slice(0, len(table)))
    claims.row = np.arange(first_row, first_row + len(table))
    return claims


class Encoder:
    """The columns of a block, read and ready to be encoded.

    Parameters
    ----------
    table : Table
        The block.
    lexicon : Lexicon
        Where drug lines and odd words get their codes.

    Raises
    ------
    ColumnError
        If a column is of a kind that cannot be read.
    """

    def __init__(self, table: Table, lexicon: Lexicon) -> None:
        lexicon.columns = frozenset(name for name in (*REQUIRED, *OPTIONAL) if name in table)
        self._member = table.identifiers("member_id")
        self._fill_id = table.identifiers("fill_id") if "fill_id" in table else None
        self._people = {
            mark: _people(table, lexicon, name)
            for name, mark in (
                ("prescriber_id", PRESCRIBER),
                ("pharmacy_id", PHARMACY),
                ("source_row", SOURCE),
            )
        }
        self._columns = _Columns(table, lexicon)

    def claims(self, rows: slice) -> Claims:
        """Encode some rows, from first to last."""
        size = rows.stop - rows.start
        prescriber, pharmacy, source = (
            None if person is None else person.key[rows] for person in self._people.values()
        )
        claims = Claims(
            member=_identifiers.take(self._member, rows),
            row=None,
            day=np.empty(size, np.int32),
            days=np.empty(size, np.int32),
            quantity=np.empty(size, np.int64),
            line=np.empty(size, np.int32),
            own=np.zeros(size, np.uint8),
            marks=np.zeros(size, np.uint8),
            prescriber=prescriber,
            pharmacy=pharmacy,
            fill_id=None if self._fill_id is None else _identifiers.take(self._fill_id, rows),
            source=source,
        )
        if claims.member.missing is not None:
            claims.own[claims.member.missing] = INDEX[Reason.MEMBER_MISSING] + 1
        for mark, found in (*self._people.items(), (FILL_ID, claims.fill_id)):
            if found is not None and found.missing is not None:
                missing = found.missing if found is claims.fill_id else found.missing[rows]
                claims.marks[missing] |= mark
        for start in range(0, size, _CHUNK):
            self._columns.encode(rows.start, slice(start, min(start + _CHUNK, size)), claims)
        return claims


def _people(table: Table, lexicon: Lexicon, name: str) -> Identifiers | None:
    """Numbers of people, or codes of their words; source rows likewise."""
    if name not in table:
        return None
    column = table.column(name)
    if not (isinstance(column, Text) and column.kind == "text"):
        return read_identifiers(column, f"{table.where}[{name!r}]")
    lexicon.people.add(name.removesuffix("_id"))
    codes = np.append(lexicon.words_of(column.words), -1)
    codes[:-1][[not word.strip() for word in column.words]] = -1
    key = codes[column.codes]
    missing = key < 0
    return Identifiers("text", key, None, missing if missing.any() else None)


class _Field(NamedTuple):
    """A column of numbers or dates: where its counts go, and what it means when one is odd."""

    column: Column
    target: str
    read: Numbers
    reasons: npt.NDArray[np.uint8]
    mark: int


class _Columns:
    """Readers of the columns of one block."""

    def __init__(self, table: Table, lexicon: Lexicon) -> None:
        def where(name: str) -> str:
            return f"{table.where}[{name!r}]"

        self.lexicon = lexicon
        self.lines = [_line_reader(table, name, where(name)) for name in LINE_COLUMNS]
        dates, days, quantity = map(table.column, ("fill_date", "days_supply", "quantity"))
        read_days = numbers(days, 0, where("days_supply"))
        read_quantity = numbers(quantity, 3, where("quantity"))
        self.fields = (
            _Field(
                dates,
                "day",
                within(dates_of(dates, where("fill_date")), 0, LAST_FILL),
                _DATE_CODES,
                UNDATED,
            ),
            _Field(days, "days", within(read_days, -_LONGEST, _LONGEST), _DAYS_CODES, ODD_DAYS),
            # Reversals are summed before anything is multiplied: leave that sum room.
            _Field(
                quantity,
                "quantity",
                within(read_quantity, -(2**53), 2**53),
                _QUANTITY_CODES,
                ODD_QUANTITY,
            ),
        )

    def encode(self, first: int, place: slice, claims: Claims) -> None:
        """Encode some rows into a place of claims that begin with a row of this block."""
        rows = slice(first + place.start, first + place.stop)
        claims.line[place] = self.lexicon.line_codes(self.lines, rows)
        own, marks = claims.own[place], claims.marks[place]
        for field in self.fields:
            counts, odd, states = field.read(rows)
            if len(odd):
                counts[odd] = self._words(field.column, rows.start + odd)
                marks[odd] |= field.mark
                first = own[odd] == 0
                own[odd[first]] = field.reasons[states[first]]
            getattr(claims, field.target)[place] = counts

    def _words(self, column: Column, rows: IntArray) -> IntArray:
        """Codes of what stood in some rows, -1 where nothing did."""
        found = np.full(len(rows), -1, np.int64)
        if isinstance(column, Text):
            codes = column.codes[rows]
            given = codes >= 0
            words = [column.words[code] for code in codes[given].tolist()]
            found[given] = self.lexicon.words_of(words)
            return found
        if isinstance(column, Nullable):
            values, given = column.values[rows], column.valid[rows]
        else:
            values = column[rows]
            given = values == values
        found[given] = self.lexicon.words_of(values[given].tolist())
        return found


def _line_reader(table: Table, name: str, where: str) -> Reader | None:
    if name not in table:
        if name == "unit" and not isinstance(table.column("strength"), Text):
            raise ColumnError(
                "holds bare numbers, and there is no column unit",
                where=f"{table.where}['strength']",
                advice='Add the column unit, or write the strength as text: "10 mg"',
            )
        return None
    column = table.column(name)
    if name in _WORDS:
        return reader(read_text(column))
    if name in _FLAGS:
        flags, missing = read_flags(column, where)
        return reader(Nullable(flags, ~missing))
    if not isinstance(column, Text):
        _check_number(column, where)
    return reader(column)


def _check_number(column: AnyArray | Nullable, where: str) -> None:
    """Refuse true or false and dates, as the reading of numbers does."""
    sample = Nullable(column.values[:1], column.valid[:1]) if isinstance(column, Nullable) else None
    if sample is None or bool(column.valid.any()):  # type: ignore[union-attr]
        read_numbers(column[:1] if sample is None else sample, 0, where)  # type: ignore[index]
