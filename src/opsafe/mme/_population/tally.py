"""The tables beside the members: rows set aside, flags, other drugs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from opsafe import _identifiers
from opsafe.columns import Columns, Text
from opsafe.mme._population.claims import FILL_ID, ODD_DAYS, ODD_QUANTITY, UNDATED
from opsafe.mme._population.codes import EPOCH, REASONS
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.lexicon import LINE_COLUMNS, Raw
from opsafe.mme._population.part import FLAGS, Told
from opsafe.quantity import IntArray

__all__ = ["flags", "not_opioid", "set_aside"]

_LONGEST: Final = 60
"""Characters of what was seen: enough to find it, too few to tell a story."""


def set_aside(told: Told, drugs: Drugs) -> Columns:
    """Rows that do not count, each with its reason, what was seen and what to do."""
    return Columns(
        {
            "row": told.row,
            "fill_id": _fill_ids(told),
            "code": Text(told.code, tuple(map(str, REASONS))),
            "field": Text(told.code, tuple(reason.field for reason in REASONS)),
            "seen": _seen(told, [reason.field for reason in REASONS], drugs),
            "advice": Text(told.code, tuple(reason.advice for reason in REASONS)),
        }
    )


def flags(told: Told, drugs: Drugs) -> Columns:
    """Rows that count and that a person should look at."""
    return Columns(
        {
            "row": told.row,
            "fill_id": _fill_ids(told),
            "code": Text(told.code, tuple(map(str, FLAGS))),
            "seen": _seen(told, [flag.field for flag in FLAGS], drugs),
            "advice": Text(told.code, tuple(flag.advice for flag in FLAGS)),
            "beside": told.beside,
        }
    )


def not_opioid(by_line: IntArray, drugs: Drugs) -> Columns:
    """Other drugs, counted by ingredient."""
    total: Counter[tuple[str, str]] = Counter()
    for code in np.flatnonzero(by_line).tolist():
        one = drugs.meanings[code]
        total[one.drug[0], one.kind] += int(by_line[code])
    listed = sorted(total.items())
    every = np.arange(len(listed))
    return Columns(
        {
            "ingredient": Text(every, tuple(name for (name, _), _ in listed)),
            "kind": Text(every, tuple(kind for (_, kind), _ in listed)),
            "rows": np.array([number for _, number in listed], np.int64),
        }
    )


def _fill_ids(told: Told) -> Text:
    """Echo the fill ids as text."""
    fills = told.claims.fill_id
    codes = np.full(len(told.row), -1, np.int64)
    if fills is None:
        return Text(codes, ())
    at = np.flatnonzero((told.claims.marks & FILL_ID) == 0)
    words = tuple(str(one)[:_LONGEST] for one in _identifiers.restore(_identifiers.take(fills, at)))
    codes[at] = np.arange(len(at))
    return Text(codes, words)


def _seen(told: Told, fields: Sequence[str], drugs: Drugs) -> Text:
    """What stood in the field of each row; never a member id, and never a long text."""
    words: list[str] = []
    codes = np.full(len(told.row), -1, np.int64)
    for field in sorted(set(fields)):
        at = np.flatnonzero(np.array([one == field for one in fields], bool)[told.code])
        if len(at):
            found = _of_field(told.take(at), field, drugs)
            codes[at] = np.where(found.codes < 0, -1, found.codes + len(words))
            words += found.words
    return Text(codes, tuple(words))


def _of_field(told: Told, field: str, drugs: Drugs) -> Text:
    claims = told.claims
    if field == "fill_id":
        return _fill_ids(told)
    if field in LINE_COLUMNS:
        raw = [getattr(line, field) for line in drugs.written]
        given = np.array([one is not None for one in raw], bool)
        return Text(np.where(given[claims.line], claims.line, -1), tuple(map(_short, raw)))
    if field == "fill_date":
        dates = [str(np.datetime64(day + EPOCH, "D")) for day in np.unique(claims.day).tolist()]
        return _value(claims.day.astype(np.int64), claims.marks & UNDATED, dates, drugs)
    if field not in ("days_supply", "quantity"):
        return Text(np.full(len(told.row), -1, np.int64), ())
    if field == "days_supply":
        counts, scale, odd = claims.days.astype(np.int64), 0, ODD_DAYS
    else:
        counts, scale, odd = claims.quantity, -3, ODD_QUANTITY
    numbers = [_number(count, scale) for count in np.unique(counts).tolist()]
    return _value(counts, claims.marks & odd, numbers, drugs)


def _value(counts: IntArray, odd: IntArray, written: Sequence[str], drugs: Drugs) -> Text:
    """Values that were read, as they are written; of odd ones, the word that stood there."""
    _, code = np.unique(counts, return_inverse=True)
    wrong = odd > 0
    own = np.where(counts < 0, -1, counts + len(written))
    return Text(np.where(wrong, own, code), (*written, *(_short(word) for word in drugs.words)))


def _number(count: int, scale: int) -> str:
    text = f"{Decimal(count).scaleb(scale):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short(raw: Raw) -> str:
    return str(raw)[:_LONGEST]
