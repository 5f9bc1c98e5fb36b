"""What a person should look at in the fills that count; nothing here changes a number."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from opsafe.mme import _grid
from opsafe.mme._kernel import day_counts, half_even
from opsafe.mme._population.rates import Rates
from opsafe.mme._population.rows import Rows
from opsafe.mme.reasons import Flag
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Flagged", "flag_fills"]

# Xtampza states oxycodone base: 9, 13.5, 18, 27 and 36 mg, in counts of 1e-6 mg.
_BASE_STRENGTHS: Final = np.array([9_000_000, 13_500_000, 18_000_000, 27_000_000, 36_000_000])
_LONGEST_DAYS: Final = 366  # planning value: a longer supply is flagged, and counts
_SPRAYS: Final = ("nasal spray", "oral spray")


class Flagged(NamedTuple):
    """One flag, its rows, and what stands beside (counts of 1e-6 MME a day)."""

    flag: Flag
    rows: BoolArray
    beside: IntArray | None = None


def flag_fills(rows: Rows, found: Rates, counts: BoolArray) -> list[Flagged]:
    """Find what deserves a look among the rows that count."""
    patch = counts & (found.wear_days > 0)
    oxycodone = rows.ingredient.where(lambda one: one.name == "oxycodone")
    fentanyl = rows.ingredient.where(lambda one: one.name == "fentanyl")
    spray = rows.form.where(lambda one: one.name in _SPRAYS)
    spray |= rows.unit.where(lambda one: one[0].endswith("/actuation"))
    spray &= ~rows.quantity_unit.where(lambda one: one == "BOTTLE")
    capsule = rows.form.where(lambda one: one.name == "capsule")
    base = oxycodone & capsule & np.isin(rows.strength, _BASE_STRENGTHS)
    most = max(found.tiers.thousandths) // 1000 if found.tiers else 0
    every = [
        Flagged(Flag.PATCH_DAYS_MISMATCH, patch & ~_whole_patches(rows, found), _one(rows, found)),
        Flagged(
            Flag.IMPLAUSIBLE_MME,
            counts & (found.rate + found.milligrams * most > _grid.IMPLAUSIBLE_RATE),
        ),
        Flagged(Flag.LONG_DAYS_SUPPLY, counts & (found.days > _LONGEST_DAYS)),
        Flagged(Flag.POSSIBLY_BOTTLES, counts & spray & (rows.quantity <= 2000)),
        Flagged(Flag.POSSIBLY_MOUD_PRODUCT, counts & _methadone_40(rows) & ~found.moud),
        Flagged(Flag.STRENGTH_IS_BASE, counts & base),
        Flagged(Flag.NOMINAL_STRENGTH, patch & fentanyl & (_micrograms(rows) == 12_000_000)),
        Flagged(Flag.COUGH_COLD_INCLUDED, counts & rows.cough_cold),
    ]
    return [one for one in every if one.rows.any()]


def _whole_patches(rows: Rows, found: Rates) -> BoolArray:
    """Whether patches worn at once are a whole number, within 0.02 and at least one."""
    worn = rows.quantity * found.wear_days
    one = np.maximum(1000 * found.days, 1)
    rest = worn % one
    near: BoolArray = 50 * np.minimum(rest, one - rest) <= one
    return near & (50 * worn >= 49 * one)


def _one(rows: Rows, found: Rates) -> IntArray:
    """MME a day of one patch at a time, in counts of 1e-6."""
    patch = found.wear_days > 0
    product = np.where(patch, rows.strength * found.per_patch, 0)
    divisor = np.where(patch, found.per_patch_divisor * found.wear_days, 1)
    return day_counts(half_even(product, divisor))


def _micrograms(rows: Rows) -> IntArray:
    """Strength in counts of 1e-6 mcg/h where the unit is a rate; 0 elsewhere."""
    in_mcg = rows.unit.where(lambda one: one[0] == "mcg/h")
    in_mg = rows.unit.where(lambda one: one[0] == "mg/h") & (rows.strength < 10**12)
    return np.where(in_mcg, rows.strength, np.where(in_mg, rows.strength * 1000, 0))


def _methadone_40(rows: Rows) -> BoolArray:
    methadone = rows.ingredient.where(lambda one: one.name == "methadone")
    in_mg = rows.unit.where(lambda one: one[0] == "mg")
    forty: BoolArray = rows.strength == 40_000_000
    return methadone & in_mg & forty & rows.form.missing
