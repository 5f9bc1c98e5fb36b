"""The tables that a budget impact is told in: by year, line, category and treatment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from opsafe.columns import Column, Columns, Text
from opsafe.costbenefit._budget import Entry, LineYears
from opsafe.quantity import FloatArray

__all__ = ["grouped", "mixes", "per_head", "totals"]

_MONTHS: Final = 12
_NOBODY: Final = 1e-9


def totals(groups: list[tuple[str, list[LineYears]]], entries: list[Entry]) -> Columns:
    """Patients, members and money of groups of lines, a row for each year."""
    rows: list[dict[str, FloatArray]] = []
    for name, years in groups:
        count = len(years[0].population)
        mine = [entry for entry in entries if name in ("", entry.line)]
        members = sum(
            (np.full(count, np.nan) if each.members is None else each.members for each in years),
            np.zeros(count),
        )
        row = {
            "patients": sum((each.population for each in years), np.zeros(count)),
            "treated": sum((each.treated for each in years), np.zeros(count)),
            "members": members,
            "current_usd": sum((entry.current_usd for entry in mine), np.zeros(count)),
            "new_usd": sum((entry.new_usd for entry in mine), np.zeros(count)),
            "impact_usd": sum((e.new_usd - e.current_usd for e in mine), np.zeros(count)),
        }
        per = {"patient_year": "patients", "treated_year": "treated", "member_month": "members"}
        for name_of, whom in per.items():
            months = _MONTHS if whom == "members" else 1
            row[f"impact_usd_per_{name_of}"] = per_head(row["impact_usd"], row[whom] * months)
        rows.append(row)
    found: dict[str, Column] = {"year": _years(groups)}
    if groups[0][0]:
        names = Text.of(name for name, years in groups for _ in years[0].population)
        found = {"line": names, **found}
    found |= {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    return Columns(found)


def _years(groups: list[tuple[str, list[LineYears]]]) -> Any:
    return np.concatenate([np.arange(len(years[0].population)) + 1 for _, years in groups])


def per_head(amount: FloatArray, heads: FloatArray) -> FloatArray:
    """Divide by heads; missing where there is nobody, or less of anybody than a billionth."""
    some = heads > _NOBODY
    share: FloatArray = np.divide(amount, heads, out=np.full(len(amount), np.nan), where=some)
    return share


def grouped(entries: list[Entry], keys: tuple[str, ...]) -> Columns:
    """Sum entries that have the same words, a row for each year."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(tuple(getattr(entry, key) for key in keys), []).append(entry)
    count = len(entries[0].new_usd)
    found: dict[str, Column] = {
        key: Text.of(words[place] for words in groups for _ in range(count))
        for place, key in enumerate(keys)
    }
    found["year"] = np.tile(np.arange(count) + 1, len(groups))

    def summed(value: Callable[[Entry], FloatArray]) -> FloatArray:
        return np.concatenate(
            [sum(map(value, group), np.zeros(count)) for group in groups.values()]
        )

    found["current_usd"] = summed(lambda entry: entry.current_usd)
    found["new_usd"] = summed(lambda entry: entry.new_usd)
    found["impact_usd"] = summed(lambda entry: entry.new_usd - entry.current_usd)
    return Columns(found)


def mixes(years: list[LineYears]) -> Columns:
    def told(value: Callable[[LineYears], Any]) -> Any:
        return np.concatenate([np.ravel(value(each)) for each in years])

    def words(of: Callable[[LineYears, str], str]) -> Text:
        return Text.of(
            of(each, name) for each in years for name in each.treatments for _ in each.population
        )

    count = len(years[0].population)
    return Columns(
        {
            "line": words(lambda each, _: each.name),
            "treatment": words(lambda _, name: name),
            "year": np.tile(np.arange(count) + 1, sum(len(each.treatments) for each in years)),
            "share_current": told(lambda each: each.share_current),
            "share_new": told(lambda each: each.share_new),
            "patients_current": told(lambda each: each.share_current * each.population),
            "patients_new": told(lambda each: each.share_new * each.population),
            "limited": told(lambda each: each.limited),
        }
    )
