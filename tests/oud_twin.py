"""A slow, exact twin of the OUD count: it answers every question by answering it every way.

It knows no formula. A table of all 2^11 complete answers is filled one by one; the three-valued
tables follow by taking, for an unknown answer, the least or greatest of its two completions.
Answers are 0 no, 1 yes, 2 unknown, A1 first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

CRITERIA: Final = 11
SUPERVISION: Final = (0, 1, 2)
IMPAIRMENT: Final = (0, 1, 2)
CODES: Final = (None, "F11.10", "F11.20", "F11.20")

Table = npt.NDArray[Any]


@cache
def counts(supervised: int) -> Table:
    """How many criteria count, of every complete set of answers."""
    table = np.zeros((2,) * CRITERIA, np.int64)
    for answers in product((0, 1), repeat=CRITERIA):
        counted = answers[:9] if supervised else answers
        table[answers] = sum(counted)
    return table


def band_of(count: int) -> int:
    """None 0, mild 1, moderate 2, severe 3."""
    return 0 if count < 2 else 1 if count < 4 else 2 if count < 6 else 3


@cache
def bands(supervised: int, impaired: int) -> Table:
    """The band of every complete set of answers, supervision and impairment known."""
    found = np.vectorize(band_of)(counts(supervised))
    return found if impaired else np.zeros_like(found)


def completed(table: Table, join: Callable[[Table, Table], Table]) -> Table:
    """From two values an axis to three: the third joins both."""
    for axis in range(table.ndim):
        no, yes = np.take(table, 0, axis), np.take(table, 1, axis)
        table = np.stack([no, yes, join(no, yes)], axis)
    return table


def every(impaired: int, supervised: int) -> list[tuple[int, int]]:
    """Every way of answering supervision and impairment."""
    return [
        (s, i)
        for s in ((0, 1) if supervised == 2 else (supervised,))
        for i in ((0, 1) if impaired == 2 else (impaired,))
    ]


def over_all(supervised: int, impaired: int, join: Callable[[Table, Table], Table]) -> Table:
    """The three-valued table of bands, joined over what is unknown."""
    ways = [completed(bands(s, i), join) for s, i in every(impaired, supervised)]
    found = ways[0]
    for way in ways[1:]:
        found = join(found, way)
    return found


def count_bounds(supervised: int) -> tuple[Table, Table]:
    """Fewest and most criteria that count."""
    ways = [counts(s) for s in ((0, 1) if supervised == 2 else (supervised,))]
    lower = [completed(way, np.minimum) for way in ways]
    upper = [completed(way, np.maximum) for way in ways]
    return np.minimum.reduce(lower), np.maximum.reduce(upper)


def settles(supervised: int, impaired: int) -> dict[str, Table]:
    """Whether some way of answering the rest lets the band hang on this one unknown answer."""
    found: dict[str, Table] = {}
    ways = every(impaired, supervised)
    for axis in range(CRITERIA):
        differs = np.zeros((3,) * CRITERIA, bool)
        for s, i in ways:
            table = bands(s, i)
            moves = np.take(table, 0, axis) != np.take(table, 1, axis)
            rest = completed(moves, np.logical_or)
            unknown: list[Any] = [slice(None)] * CRITERIA
            unknown[axis] = 2
            differs[tuple(unknown)] |= rest
        found[f"A{axis + 1}"] = differs
    nothing = np.zeros((3,) * CRITERIA, bool)
    found["solely_supervised"] = nothing
    if supervised == 2:
        moves = [
            completed(bands(0, i) != bands(1, i), np.logical_or)
            for i in ((0, 1) if impaired == 2 else (impaired,))
        ]
        found["solely_supervised"] = np.logical_or.reduce(moves)
    found["impairment_or_distress"] = nothing
    if impaired == 2:
        moves = [
            completed(bands(s, 0) != bands(s, 1), np.logical_or)
            for s in ((0, 1) if supervised == 2 else (supervised,))
        ]
        found["impairment_or_distress"] = np.logical_or.reduce(moves)
    return found


def possible_bands(supervised: int, impaired: int) -> Table:
    """Bits of every band that some way of answering reaches."""
    ways = [completed(1 << bands(s, i), np.bitwise_or) for s, i in every(impaired, supervised)]
    found: Table = np.bitwise_or.reduce(ways)
    return found


def candidates(
    reached: int, answers: tuple[int, ...], supervised: int, impaired: int
) -> tuple[str, ...]:
    """The codes to tell, by the rule: settled, or several; none while a question blocks it."""
    possible = list(dict.fromkeys(CODES[band] for band in range(4) if reached >> band & 1))
    if len(possible) == 1:
        return () if possible[0] is None else (possible[0],)
    if impaired == 2 or (supervised == 2 and any(answers[9:])):
        return ()
    codes = tuple(code for code in possible if code)
    return codes if len(codes) > 1 else ()


def months_back(day: date, months: int) -> date:
    """Walk back day by day, one month after the other, and end on the last day of a short one."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    found = day
    while (found.year, found.month) != (year, month):
        found -= timedelta(days=1)
    # The last day of that month, from here back to the same day of the month.
    while found.day > day.day:
        found -= timedelta(days=1)
    return found


Outcome = tuple[int, int | None, str | None]
"""Remission 0 to 2, the band of a current disorder (None: there is none to tell), the code."""

EXEMPT: Final = ("A10", "A11")
REMISSION_CODES: Final = (None, "F11.11", "F11.21", "F11.21")


def outcomes(
    last_true: dict[str, tuple[date | None, date | None]],
    as_of: date,
    *,
    supervised: bool,
    impaired: bool,
    met_before: bool,
    prior: int | None,
    due: bool,
) -> set[Outcome]:
    """Every answer to a history of which everything is known, but perhaps the band before.

    `last_true` has, for each criterion that was ever true, its last day, and its last day outside
    supervision. Days without a criterion are counted one by one.
    """
    counted, waited_for = {}, {}
    for name, (last, outside) in last_true.items():
        if name in EXEMPT:
            counts = outside if supervised else last
            waits = outside if supervised or due else last
        else:
            counts = waits = last
        if counts is not None:
            counted[name] = counts
        if waits is not None and name != "A4":
            waited_for[name] = waits
    within = sum(day > months_back(as_of, 12) for day in counted.values())
    now = band_of(within) if impaired else 0
    if not met_before:
        return {(0, now, CODES[now])}
    last_day = max(waited_for.values(), default=date.min)
    if last_day <= months_back(as_of, 3):
        remission = 2 if last_day <= months_back(as_of, 12) else 1
        start = months_back(last_day, 12) if last_day > date(1900, 1, 1) else last_day
        shown = sum(start < day <= last_day for day in counted.values())
        least = max(1, band_of(shown) if impaired else 0)
        befores = range(least, 4) if prior is None else (prior,)
        return {(remission, None, REMISSION_CODES[before]) for before in befores}
    if last_day == as_of:
        return {(0, now, CODES[now])} if now else {(0, None, None)}
    if prior is not None:
        return {(0, max(prior, now), CODES[max(prior, now)])}
    return {(0, band, CODES[band]) for band in ((now,) if now else (1, 2, 3))}
