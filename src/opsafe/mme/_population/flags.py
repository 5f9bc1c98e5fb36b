"""What a person should look at in the fills that count; nothing here changes a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from opsafe.mme import _grid
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.meaning import Meaning
from opsafe.mme._population.rates import Factors, Rates
from opsafe.mme._population.rows import Rows
from opsafe.mme._rounding import day_counts, half_even
from opsafe.mme.reasons import Flag
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Flagged", "LineFlags", "flag_fills"]

# Xtampza states oxycodone base: 9, 13.5, 18, 27 and 36 mg, in counts of 1e-6 mg.
_BASE_STRENGTHS: Final = frozenset({9_000_000, 13_500_000, 18_000_000, 27_000_000, 36_000_000})
_LONGEST_DAYS: Final = 366  # planning value: a longer supply is flagged, and counts
_SPRAYS: Final = ("nasal spray", "oral spray")


class Flagged(NamedTuple):
    """One flag, its fills (positions among the rates), and what stands beside (1e-6 MME)."""

    flag: Flag
    fills: IntArray
    beside: IntArray | None = None


class LineFlags:
    """What can be told from the drug line alone: columns by line code."""

    def __init__(self, drugs: Drugs, factors: Factors) -> None:
        patch = factors.wear_days > 0
        self.patch = patch
        self.spray = drugs.where(_is_spray)
        self.always: tuple[tuple[Flag, BoolArray], ...] = (
            (Flag.POSSIBLY_MOUD_PRODUCT, drugs.where(_is_methadone_40) & ~drugs.moud),
            (Flag.STRENGTH_IS_BASE, drugs.where(_is_base)),
            (Flag.NOMINAL_STRENGTH, patch & drugs.where(_is_nominal)),
            (Flag.COUGH_COLD_INCLUDED, drugs.cough_cold),
        )
        self.any = patch | self.spray
        for _, lines in self.always:
            self.any = self.any | lines


def _is_spray(one: Meaning) -> bool:
    if one.quantity_unit == "BOTTLE":
        return False
    by_form = one.form is not None and one.form.name in _SPRAYS
    return by_form or (one.unit is not None and one.unit[0].endswith("/actuation"))


def _is_base(one: Meaning) -> bool:
    capsule = one.form is not None and one.form.name == "capsule"
    return one.drug[0] == "oxycodone" and capsule and one.strength in _BASE_STRENGTHS


def _is_methadone_40(one: Meaning) -> bool:
    in_mg = one.unit is not None and one.unit[0] == "mg"
    return one.drug[0] == "methadone" and in_mg and one.strength == 40_000_000 and one.no_form


def _is_nominal(one: Meaning) -> bool:
    """Fentanyl 12 mcg/h, whichever way its mass is written."""
    per_hour = {"mcg/h": 12_000_000, "mg/h": 12_000}
    named = one.unit is not None and per_hour.get(one.unit[0]) == one.strength
    return one.drug[0] == "fentanyl" and named


def flag_fills(rows: Rows, found: Rates, factors: Factors, lines: LineFlags) -> Iterator[Flagged]:
    """Find what deserves a look among the fills that count."""
    most = max(max(factors.tiers.thousandths) // 1000, 1) if factors.tiers else 1
    every: list[Flagged] = []
    at = np.flatnonzero(found.amount > _grid.IMPLAUSIBLE_RATE // most)
    if len(at):
        size = found.amount[at]
        if found.tiered is not None:
            size = size * np.where(found.tiered[at], most, 1)
        every.append(Flagged(Flag.IMPLAUSIBLE_MME, at[size > _grid.IMPLAUSIBLE_RATE]))
    if int(found.days.max(initial=0)) > _LONGEST_DAYS:
        every.append(Flagged(Flag.LONG_DAYS_SUPPLY, np.flatnonzero(found.days > _LONGEST_DAYS)))
    if lines.any.any():
        at = np.flatnonzero(lines.any[found.line])
        line, quantity = found.line[at], rows.quantity[found.at[at]]
        patch, spray = lines.patch[line], lines.spray[line]
        patches = at[patch]
        odd = ~_whole_patches(quantity[patch], found.days[patches], factors, line[patch])
        beside = _one(rows, factors, line[patch][odd])
        every.append(Flagged(Flag.PATCH_DAYS_MISMATCH, patches[odd], beside))
        every.append(Flagged(Flag.POSSIBLY_BOTTLES, at[spray & (quantity <= 2000)]))
        every += [Flagged(flag, at[wanted[line]]) for flag, wanted in lines.always]
    return (one for one in every if len(one.fills))


def _whole_patches(
    quantity: IntArray, days: IntArray, factors: Factors, line: IntArray
) -> BoolArray:
    """Whether patches worn at once are a whole number, within 0.02 and at least one."""
    worn = quantity * factors.wear_days[line]
    one = np.maximum(1000 * days, 1)
    rest = worn % one
    near: BoolArray = 50 * np.minimum(rest, one - rest) <= one
    return near & (50 * worn >= 49 * one)


def _one(rows: Rows, factors: Factors, line: IntArray) -> IntArray:
    """MME a day of one patch at a time, in counts of 1e-6."""
    product = rows.drugs.strength[line] * factors.factor[line]
    return day_counts(half_even(product, factors.denominator[line] * factors.wear_days[line]))
