"""The plan's own counts and means at the door of a calibration: tables in, checked arrays out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from opsafe._arguments import plain
from opsafe.columns import Nullable, Text
from opsafe.costbenefit._calibration_fits import Stays
from opsafe.errors import ArgumentError, ColumnError
from opsafe.frames import Table, open_table
from opsafe.quantity import FloatArray

__all__ = ["Costs", "Events", "read_costs", "read_events", "read_stays"]

_DAYS_PER_MONTH: Final = 365.25 / 12
_MOST: Final = 1e12
_ALL: Final = "all"
_OF_ALL_STARTS: Final = (
    "Give at_risk as those on treatment at the row before who could be followed to this one; "
    "counts of everybody who started go with starts instead of at_risk"
)


class Costs:
    """Mean cost of a month since the start, by group."""

    def __init__(self, table: Table) -> None:
        self.group = _words(table, "group")
        self.month = _numbers(table, "month", 1, 1200, whole=True)
        self.mean_usd = _numbers(table, "mean_usd", 1e-9, _MOST)
        self.sd_usd = _numbers(table, "sd_usd", 1e-9, _MOST)
        self.members = _numbers(table, "members", 2, _MOST, whole=True)
        twice = sorted(_twice(list(zip(self.group, self.month.tolist(), strict=True))))
        if twice:
            group, month = twice[0]
            raise ArgumentError(
                f"has month {month:g} of group {group!r} more than once", where=table.where
            )


class Events:
    """Overdoses and the person-months in which they were counted, by group."""

    def __init__(self, table: Table) -> None:
        self.group = _words(table, "group")
        self.overdoses = _numbers(table, "overdoses", 0, 1e9, whole=True)
        self.person_months = _numbers(table, "person_months", 1e-6, _MOST)


def read_costs(data: object) -> Costs:
    """Read costs: records, columns or a frame; or tuples of month, mean, deviation, members."""
    names = ("month", "mean_usd", "sd_usd", "members")
    return Costs(_open(data, "cost_per_month", names, required=names, optional=("group",)))


def read_events(data: object) -> Events:
    """Read overdoses: records, columns or a frame; or tuples of group, overdoses, person-months."""
    names = ("group", "overdoses", "person_months")
    return Events(_open(data, "overdoses", names, required=names))


def read_stays(data: object) -> Stays:
    """Read retention in one of its forms, as intervals."""
    where = "retention"
    forms = ("months", "days", "on_treatment", "stopped", "share", "at_risk", "starts")
    table = _open(data, where, ("months", "on_treatment", "at_risk"), required=(), optional=forms)
    time = _one_of(table, ("months", "days"))
    months = _numbers(table, time, 1e-3, 1200 * _DAYS_PER_MONTH)
    if time == "days":
        months = months / _DAYS_PER_MONTH
    if len(months) < 2:
        raise ArgumentError("needs two rows at least", where=where)
    if not bool((np.diff(months, prepend=0.0) > 0).all()) or months[-1] > 1200:
        raise ArgumentError(f"{time} must rise, up to 1200 months", where=where)
    base = _one_of(table, ("at_risk", "starts"))
    counted = _numbers(table, base, 1, _MOST, whole=True)
    staying = _staying(table, _one_of(table, ("on_treatment", "stopped", "share")), counted)
    stays = _of_starts(months, staying, counted) if base == "starts" else None
    stays = stays or _of_intervals(months, staying, counted)
    if not bool((stays.stopped > 0).any()):
        raise ArgumentError("nobody stopped, so there is no curve to fit", where=where)
    if not bool((stays.on_treatment > 0).any()):
        raise ArgumentError("nobody stayed, so there is no curve to fit", where=where)
    return stays


def _staying(table: Table, column: str, counted: FloatArray) -> FloatArray:
    """How many are still on treatment, of those counted."""
    if column == "share":
        return _numbers(table, "share", 0, 1) * counted
    found = _numbers(table, column, 0, _MOST, whole=True)
    above = np.flatnonzero(found > counted)
    if len(above):
        raise ArgumentError(
            f"{column} is {found[above[0]]:g} of {counted[above[0]]:g} in row {above[0]}",
            where=table.where,
        )
    return found if column == "on_treatment" else counted - found


def _of_intervals(months: FloatArray, staying: FloatArray, at_risk: FloatArray) -> Stays:
    above = np.flatnonzero(at_risk[1:] > staying[:-1])
    if len(above):
        row = int(above[0]) + 1
        raise ArgumentError(
            f"at_risk is {at_risk[row]:g} in row {row}, but {staying[row - 1]:g} were on treatment "
            "in the row before",
            where="retention",
            advice=_OF_ALL_STARTS,
        )
    return Stays(months, at_risk, staying)


def _of_starts(months: FloatArray, staying: FloatArray, starts: FloatArray) -> Stays:
    """Turn shares of all starts into intervals; exact where all rows have the same starts."""
    share = staying / starts
    before = np.concatenate([[1.0], share[:-1]])
    rising = np.flatnonzero(share > before)
    if len(rising):
        raise ArgumentError(
            f"the share on treatment rises to {share[rising[0]]:.6g} in row {rising[0]}",
            where="retention",
        )
    if bool((before == 0).any()):
        raise ArgumentError("goes on after nobody was left on treatment", where="retention")
    return Stays(months, starts * before, starts * share)


def _open(
    data: object,
    where: str,
    names: Sequence[str],
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
) -> Table:
    """Open a table; rows may also be tuples in the order of the names."""
    if isinstance(data, list | tuple) and data and all(isinstance(r, list | tuple) for r in data):
        wrong = [row for row, each in enumerate(data) if len(each) != len(names)]
        if wrong:
            raise ColumnError(
                f"row {wrong[0]} has {len(data[wrong[0]])} values, not {len(names)}",
                where=where,
                allowed=names,
            )
        data = {name: [row[at] for row in data] for at, name in enumerate(names)}
    table = open_table(data, where=where, required=required, optional=optional)
    if not len(table):
        raise ArgumentError("holds no row", where=where)
    return table


def _one_of(table: Table, names: Sequence[str]) -> str:
    found = [name for name in names if name in table]
    if len(found) != 1:
        raise ColumnError("needs exactly one of these columns", where=table.where, allowed=names)
    return found[0]


def _numbers(
    table: Table, name: str, low: float, high: float, *, whole: bool = False
) -> FloatArray:
    where = f"{table.where}[{name!r}]"
    found = _floats(table, name, where)
    wrong = ~((found >= low) & (found <= high))
    if whole:
        wrong |= found != np.rint(found)
    if bool(wrong.any()):
        row = int(np.argmax(wrong))
        kind = "a whole number" if whole else "a number"
        seen = "is missing" if np.isnan(found[row]) else f"is {found[row]:g}"
        raise ArgumentError(
            f"{seen} in row {row}", where=where, allowed=(f"{kind} from {low:g} to {high:g}",)
        )
    return found


def _floats(table: Table, name: str, where: str) -> FloatArray:
    """A column of numbers, whole and broken ones mixed; missing cells are NaN."""
    values = table.gather(name, np.arange(len(table)))
    if isinstance(values, Text | Nullable):
        values = values.array()
    cells = [
        plain(cell) for cell in (values.tolist() if hasattr(values, "tolist") else list(values))
    ]
    for cell in cells:
        if cell is not None and (
            isinstance(cell, bool) or not isinstance(cell, int | float | Decimal)
        ):
            raise ColumnError(f"holds {type(cell).__name__}, not numbers alone", where=where)
    return np.array([math.nan if cell is None else float(cell) for cell in cells])


def _words(table: Table, name: str) -> list[str]:
    if name not in table:
        return [_ALL] * len(table)
    column = table.column(name)
    where = f"{table.where}[{name!r}]"
    if not isinstance(column, Text) or column.kind != "text":
        raise ColumnError("holds something other than words", where=where)
    found = [word.strip() if word is not None else "" for word in column.array()]
    if not all(found):
        raise ArgumentError(f"is missing in row {found.index('')}", where=where)
    return found


def _twice(keys: list[tuple[str, float]]) -> set[tuple[str, float]]:
    return {key for key in keys if keys.count(key) > 1}
