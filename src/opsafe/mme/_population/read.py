"""The door of exposure: every column of the fills read once, and what cannot be read named.

Every row is judged in the order of the columns below; the first reason that holds stays. Words
are matched once per distinct value, so a year of claims costs some hundred look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from opsafe._readings import Codes, read_codes, read_dates, read_flags, read_numbers, read_text
from opsafe.columns import Text
from opsafe.errors import ColumnError, StrengthError
from opsafe.frames import Table
from opsafe.mme import vocabulary
from opsafe.mme._population.rows import (
    EPOCH,
    LAST_DAY,
    LAST_FILL,
    PAID,
    REJECTED,
    REVERSED,
    UNKNOWN,
    Rows,
    Words,
)
from opsafe.mme.reasons import Reason
from opsafe.quantity import BoolArray, GridState, IntArray, decimal_to_grid, read_decimal
from opsafe.units import parse_strength, parse_unit

__all__ = ["OPTIONAL", "REQUIRED", "read_rows"]

REQUIRED: Final = (
    *("member_id", "fill_date", "ingredient", "route", "strength", "quantity", "days_supply"),
)
OPTIONAL: Final = (
    *("unit", "form", "quantity_unit", "fill_id", "status", "prescriber_id", "pharmacy_id"),
    *("cough_cold", "moud", "wear_hours", "source_row"),
)
_STATUS: Final = {
    **dict.fromkeys(("paid", "p", "final", "approved", "dispensed", "completed"), PAID),
    **dict.fromkeys(("reversed", "reversal", "void", "voided", "cancelled", "canceled"), REVERSED),
    **dict.fromkeys(("rejected", "denied", "not dispensed"), REJECTED),
}
_QUANTITY_UNITS: Final = {
    **dict.fromkeys(("ea", "each", "unit", "units", "un"), "EA"),
    **dict.fromkeys(("ml", "milliliter", "milliliters", "cc"), "ML"),
    **dict.fromkeys(("gm", "g", "gram", "grams"), "GM"),
    **dict.fromkeys(("bottle", "bottles"), "BOTTLE"),
}
Meaning = TypeVar("Meaning")


def match(text: Text, meaning: Callable[[str], Meaning | None]) -> Words[Meaning]:
    """Match each distinct word once; words of one meaning get one code.

    Codes follow the meanings and not the rows, so that an order by code is nobody's accident.
    """
    found = [meaning(word) if word.strip() else None for word in text.words]
    distinct = {one: code for code, one in enumerate(sorted({f for f in found if f}, key=repr))}
    lookup = np.array([*(-1 if f is None else distinct[f] for f in found), -1], np.int64)
    blank = np.array([*(not word.strip() for word in text.words), True])
    return Words(lookup[text.codes], tuple(distinct), blank[text.codes])


def read_rows(table: Table, not_opioid: Sequence[str]) -> Rows:
    """Read every column of the fills once, and name what cannot be read."""
    where = f"{table.where}[{{!r}}]".format
    member = read_codes(table.column("member_id"), where("member_id"))
    rows = Rows(member, np.full(len(table), -1, np.int16))
    rows.set_aside(member.codes < 0, Reason.MEMBER_MISSING)
    _read_ingredients(table, rows, not_opioid)
    _read_dates(table, rows, where("fill_date"))
    _read_status(table, rows)
    _read_amounts(table, rows, where)
    _read_words(table, rows)
    _read_strength(table, rows, where("strength"))
    rows.fill_id = _identifiers(table, "fill_id")
    rows.prescriber = _identifiers(table, "prescriber_id")
    rows.pharmacy = _identifiers(table, "pharmacy_id")
    rows.source = _identifiers(table, "source_row")
    rows.cough_cold, rows.cough_cold_missing = _flags(table, "cough_cold")
    rows.moud, _ = _flags(table, "moud")
    return rows


def _identifiers(table: Table, name: str) -> Codes | None:
    if name not in table:
        return None
    return read_codes(table.column(name), f"{table.where}[{name!r}]")


def _flags(table: Table, name: str) -> tuple[BoolArray, BoolArray]:
    """Flags and which are missing: all of them where there is no such column."""
    if name not in table:
        return np.zeros(len(table), bool), np.ones(len(table), bool)
    return read_flags(table.column(name), f"{table.where}[{name!r}]")


def _read_ingredients(table: Table, rows: Rows, not_opioid: Sequence[str]) -> None:
    text = read_text(table.column("ingredient"))
    extra = {word.strip().casefold() for word in not_opioid}

    def meaning(word: str) -> vocabulary.Ingredient | None:
        folded = word.strip().casefold()
        return (
            vocabulary.Ingredient(folded, "other")
            if folded in extra
            else vocabulary.ingredient(word)
        )

    rows.ingredient = match(text, meaning)
    order = sorted(range(len(text.words)), key=text.words.__getitem__)
    rank = np.argsort(np.array([*order, len(order)], np.int64))
    unknown = len(rows.ingredient.meanings) + rank[text.codes]
    rows.drug = np.where(rows.ingredient.unknown, unknown, rows.ingredient.codes)
    rows.of_any += [
        (rows.ingredient.missing, Reason.INGREDIENT_MISSING),
        (rows.ingredient.unknown, Reason.UNKNOWN_INGREDIENT),
    ]


def _read_dates(table: Table, rows: Rows, where: str) -> None:
    days, states = read_dates(table.column("fill_date"), where)
    rows.day = days - EPOCH
    read = states == GridState.ON_GRID
    beyond = read & ((rows.day < 0) | (rows.day > LAST_FILL))
    rows.undated = beyond | ~read
    rows.day[rows.undated] = 0
    rows.of_any += [
        (states == GridState.MISSING, Reason.DATE_MISSING),
        (states == GridState.UNREADABLE, Reason.DATE_UNREADABLE),
        (beyond, Reason.DATE_OUT_OF_RANGE),
    ]


def _read_status(table: Table, rows: Rows) -> None:
    rows.status = np.full(len(rows), PAID, np.int64)
    if "status" in table:
        text = read_text(table.column("status"))
        meaning = [_STATUS.get(" ".join(word.casefold().split()), UNKNOWN) for word in text.words]
        if text.words:  # a column without any value says as little as none
            rows.status = np.array([*meaning, UNKNOWN], np.int64)[text.codes]
    rows.set_aside(rows.status == UNKNOWN, Reason.STATUS_UNKNOWN)
    rows.set_aside(rows.status == REJECTED, Reason.REJECTED)


_LARGEST_QUANTITY: Final = 2**53
_DAYS_REASONS: Final = {
    GridState.MISSING: Reason.DAYS_SUPPLY_MISSING,
    GridState.INFINITE: Reason.DAYS_SUPPLY_UNREADABLE,
    GridState.OFF_GRID: Reason.DAYS_SUPPLY_NOT_WHOLE,
    GridState.TOO_LARGE: Reason.DATE_OUT_OF_RANGE,
    GridState.UNREADABLE: Reason.DAYS_SUPPLY_UNREADABLE,
}
_QUANTITY_REASONS: Final = {
    GridState.MISSING: Reason.QUANTITY_MISSING,
    GridState.INFINITE: Reason.QUANTITY_INFINITE,
    GridState.OFF_GRID: Reason.QUANTITY_OFF_GRID,
    GridState.TOO_LARGE: Reason.TOO_LARGE_TO_SUM,
    GridState.UNREADABLE: Reason.QUANTITY_UNREADABLE,
}
_STRENGTH_REASONS: Final = {
    GridState.MISSING: Reason.STRENGTH_MISSING,
    GridState.INFINITE: Reason.STRENGTH_INFINITE,
    GridState.OFF_GRID: Reason.STRENGTH_OFF_GRID,
    GridState.TOO_LARGE: Reason.TOO_LARGE_TO_SUM,
    GridState.UNREADABLE: Reason.STRENGTH_UNREADABLE,
}


def _read_amounts(table: Table, rows: Rows, where: Callable[[str], str]) -> None:
    """Read days supply and quantity with their sign: reversals are told by it later."""
    rows.days, states = read_numbers(table.column("days_supply"), 0, where("days_supply"))
    states[np.abs(rows.days) > LAST_DAY - LAST_FILL] = GridState.TOO_LARGE
    rows.of_any += [(states == state, reason) for state, reason in _DAYS_REASONS.items()]
    rows.days[states != GridState.ON_GRID] = 0
    rows.unstated = states != GridState.ON_GRID
    rows.quantity, states = read_numbers(table.column("quantity"), 3, where("quantity"))
    # Reversals are summed before anything is multiplied: leave that sum room.
    states[np.abs(rows.quantity) > _LARGEST_QUANTITY] = GridState.TOO_LARGE
    rows.of_any += [(states == state, reason) for state, reason in _QUANTITY_REASONS.items()]
    rows.unstated |= states != GridState.ON_GRID


def _read_words(table: Table, rows: Rows) -> None:
    rows.route = match(read_text(table.column("route")), vocabulary.route)
    rows.of_opioids.append((rows.route.missing, Reason.ROUTE_MISSING))
    rows.of_opioids.append((rows.route.unknown, Reason.UNKNOWN_ROUTE))
    rows.form = _optional(table, "form", vocabulary.form)
    rows.of_opioids.append((rows.form.unknown, Reason.UNKNOWN_FORM))
    rows.quantity_unit = _optional(
        table, "quantity_unit", lambda word: _QUANTITY_UNITS.get(word.strip().casefold())
    )
    rows.of_opioids.append((rows.quantity_unit.unknown, Reason.QUANTITY_UNIT_UNKNOWN))
    rows.wear_hours = np.zeros(len(rows), np.int64)
    if "wear_hours" in table:
        rows.wear_hours, _ = read_numbers(table.column("wear_hours"), 0, "wear_hours")
    by_form = np.array([*((form.wear_hours or 0) for form in rows.form.meanings), 0], np.int64)
    rows.wear_hours = np.where(rows.wear_hours > 0, rows.wear_hours, by_form[rows.form.codes])


def _optional(table: Table, name: str, meaning: Callable[[str], Meaning | None]) -> Words[Meaning]:
    if name in table:
        return match(read_text(table.column(name)), meaning)
    return Words(np.full(len(table), -1, np.int64), (), np.ones(len(table), bool))


def _read_strength(table: Table, rows: Rows, where: str) -> None:
    """Read the strength with its unit, from two columns or from one text that holds both."""
    column = table.column("strength")
    if not isinstance(column, Text) and "unit" not in table:
        raise ColumnError(
            "holds bare numbers, and there is no column unit",
            where=where,
            advice='Add the column unit, or write the strength as text: "10 mg"',
        )
    rows.unit = _optional(table, "unit", _unit)
    if isinstance(column, Text):
        counts, states, own = _strength_words(column)
        rows.strength = counts
        _join_units(rows, own)
    else:
        rows.strength, states = read_numbers(column, 6, where)
    for state, reason in _STRENGTH_REASONS.items():
        rows.of_opioids.append((states == state, reason))
    rows.of_opioids.append((rows.strength <= 0, Reason.STRENGTH_NOT_POSITIVE))
    rows.of_opioids.append((rows.unit.missing, Reason.UNIT_MISSING))
    rows.of_opioids.append((rows.unit.unknown, Reason.UNKNOWN_UNIT))


def _unit(word: str) -> tuple[str, int] | None:
    parsed = parse_unit(word)
    if parsed is None or parsed[1] != int(parsed[1]) or parsed[1] > 10**6:
        return None
    return parsed[0], int(parsed[1])


def _strength_words(
    column: Text,
) -> tuple[IntArray, npt.NDArray[np.int8], Words[tuple[str, int]]]:
    """Read each distinct strength text: a bare number, or one with its unit."""
    counts, states, units = [], [], []
    for word in column.words:
        text, unit = word, None
        if read_decimal(word) is None and word.strip():
            try:
                strength = parse_strength(word)
                text, unit = f"{strength.amount:f}", (strength.unit, strength.volume)
            except StrengthError:
                text = "?"
        count, state = decimal_to_grid(text, 6)
        if abs(count) >= 2**62 or (unit is not None and unit[1] > 10**6):
            count, state = 0, GridState.TOO_LARGE
        counts.append(count)
        states.append(state)
        units.append(unit)
    distinct = {unit: code for code, unit in enumerate(sorted({u for u in units if u}))}
    codes = np.array([*(-1 if u is None else distinct[u] for u in units), -1], np.int64)
    own = codes[column.codes]
    return (
        np.array([*counts, 0], np.int64)[column.codes],
        np.array([*states, GridState.MISSING], np.int8)[column.codes],
        Words(own, tuple(distinct), own < 0),
    )


def _join_units(rows: Rows, own: Words[tuple[str, int]]) -> None:
    """Prefer the unit inside the strength; a unit column that says another one is a mismatch."""
    together = tuple(sorted({*own.meanings, *rows.unit.meanings}))
    position = {unit: code for code, unit in enumerate(together)}
    mine = np.array([*(position[unit] for unit in own.meanings), -1], np.int64)[own.codes]
    theirs = np.array([*(position[u] for u in rows.unit.meanings), -1], np.int64)[rows.unit.codes]
    first_of_name = {unit[0]: position[unit] for unit in reversed(together)}
    same_name = np.array([*(first_of_name[unit[0]] for unit in together), -1], np.int64)
    differ = (mine >= 0) & (theirs >= 0) & (same_name[mine] != same_name[theirs])
    rows.of_opioids.append((differ, Reason.UNIT_MISMATCH))
    codes = np.where(mine >= 0, mine, theirs)
    rows.unit = Words(codes, together, rows.unit.missing & (mine < 0))
