"""The daily rate of every fill, exactly.

Distinct drug lines are resolved against the edition once; then one multiplication and one
division a row, on integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from opsafe.columns import AnyArray
from opsafe.errors import ArgumentError
from opsafe.mme import _grid
from opsafe.mme._kernel import half_even
from opsafe.mme._population.numbering import number_values
from opsafe.mme._population.rows import LAST_DAY, REASONS, Rows
from opsafe.mme._resolve import Line, Policy, Rule, Tiers, is_moud, resolve
from opsafe.mme.chain import EditionChain
from opsafe.mme.factors import TieredFactor
from opsafe.mme.reasons import Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["PatchDays", "Rates", "rates"]

PatchDays = Literal["fill", "edition"]


@dataclass(slots=True)
class Rates:
    """What each row adds a day."""

    rate: IntArray
    """Counts of 1e-9 MME a day; 0 for a tiered drug."""
    milligrams: IntArray
    """Counts of 1e-9 mg a day of the tiered drug."""
    days: IntArray
    """Days of supply that the fill covers."""
    buprenorphine: BoolArray
    moud: BoolArray
    tiers: Tiers | None
    wear_days: IntArray
    """Days that a patch is worn; 0 for anything else."""
    per_patch: IntArray
    per_patch_divisor: IntArray
    """Factor as thousandths and what else divides it, as they were multiplied."""
    line: IntArray
    rules: tuple[tuple[Line, Rule] | None, ...]
    """Each row's drug line, and the factor that the edition gave it."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Distinct drug lines of the batch: a code a row, and columns by code."""

    code: IntArray
    reason: AnyArray
    factor: IntArray
    denominator: IntArray
    wear_days: IntArray
    tiered: BoolArray
    moud: BoolArray
    tiers: Tiers | None
    rules: tuple[tuple[Line, Rule] | None, ...]


def rates(rows: Rows, chain: EditionChain, policy: Policy, patch_days: PatchDays) -> Rates:
    """Resolve, set aside what has no factor, and compute the rate of the rest."""
    opioid = rows.opioid
    forty = rows.ingredient.where(lambda one: one.name == "methadone")
    forty &= rows.unit.where(lambda one: one[0] == "mg") & (rows.strength == 40_000_000)
    tablet = forty & rows.form.where(lambda one: one.name == "tablet")
    moud = tablet | rows.moud
    lines = _lines(rows, moud, chain, policy)
    for index, reason in enumerate(REASONS):
        if (lines.reason == index).any():
            rows.set_aside(opioid & (lines.reason[lines.code] == index), reason)
    wear = lines.wear_days[lines.code]
    days = rows.days.copy()
    patch = (wear > 0) & rows.stands & opioid
    if patch_days == "edition":
        by_patches, rest = np.divmod(rows.quantity * wear, 1000)
        rows.set_aside(patch & (rest > 0), Reason.DAYS_SUPPLY_NOT_WHOLE)
        days = np.where(patch & (rest == 0), by_patches, days)
    rows.set_aside(opioid & (rows.day + days > LAST_DAY), Reason.DATE_OUT_OF_RANGE)
    amount = _amount(rows, lines, days, opioid)
    tiered = lines.tiered[lines.code]
    return Rates(
        rate=np.where(tiered, 0, amount),
        milligrams=np.where(tiered, amount, 0),
        days=days,
        buprenorphine=rows.ingredient.where(lambda one: one.name == "buprenorphine"),
        moud=lines.moud[lines.code] & opioid,
        tiers=lines.tiers,
        wear_days=wear,
        per_patch=lines.factor[lines.code],
        per_patch_divisor=lines.denominator[lines.code],
        line=lines.code,
        rules=lines.rules,
    )


def _lines(rows: Rows, moud: BoolArray, chain: EditionChain, policy: Policy) -> _Lines:
    wear_hours, wear = number_values(rows.wear_hours)
    parts = (
        rows.ingredient.codes + 1,
        rows.route.codes + 1,
        rows.form.codes + 1,
        rows.unit.codes + 1,
        rows.quantity_unit.codes + 1,
        rows.cough_cold.astype(np.int64),
        moud.astype(np.int64),
        wear,
    )
    code, distinct = _combine(parts)
    lines: list[Line | None] = []
    resolved: list[Rule | Reason | None] = []
    for ingredient, route, form, unit, quantity_unit, is_cough, is_mat, hours in distinct:
        known = rows.ingredient.meanings[ingredient - 1] if ingredient else None
        line = None
        if known is not None and known.kind == "opioid":
            line = Line(
                known.name,
                rows.route.meanings[route - 1] if route else None,
                rows.form.meanings[form - 1].name if form else None,
                rows.unit.meanings[unit - 1][0] if unit else "",
                int(wear_hours[hours]) or None,
                bool(is_cough),
                bool(is_mat),
            )
        lines.append(line)
        found = resolve(line, chain, policy) if line else None
        counted = rows.quantity_unit.meanings[quantity_unit - 1] if quantity_unit else None
        resolved.append(_in_units(found, line, counted, chain) if line and counted else found)
    volumes = [rows.unit.meanings[key[3] - 1][1] if key[3] else 1 for key in distinct]
    return _columns(code, lines, resolved, volumes)


def _in_units(
    found: Rule | Reason | None, line: Line, counted: str, chain: EditionChain
) -> Rule | Reason | None:
    """Check that the quantity counts what the strength is per; turn bottles into sprays."""
    if not isinstance(found, Rule):
        return found
    per = line.unit.partition("/")[2]
    if counted == "BOTTLE" and per in ("", "actuation"):
        edition = next(one for one in chain.editions if one.id == found.edition)
        sprays = edition.sprays_per_bottle
        number = getattr(sprays, line.ingredient, None) if sprays else None
        if number and line.route == "nasal":
            return Rule(found.edition, found.unit, found.factor * number, found.printed)
    wanted = "ML" if per == "mL" else "EA"
    return found if counted == wanted else Reason.QUANTITY_UNIT_MISMATCH


def _columns(
    code: IntArray,
    lines: Sequence[Line | None],
    resolved: Sequence[Rule | Reason | None],
    volumes: Sequence[int],
) -> _Lines:
    rules = [one if isinstance(one, Rule) else None for one in resolved]
    parts = [_grid.factor_parts(rule.factor) if rule else (0, 1) for rule in rules]
    tiers = {Tiers.of(r.printed) for r in rules if r and isinstance(r.printed, TieredFactor)}
    tiered = {r.printed.ingredient for r in rules if r and r.is_tiered}
    if len(tiers) > 1 or len(tiered) > 1:
        raise ArgumentError(
            f"tiers of {', '.join(sorted(tiered))} differ: one tiered drug with one set of tiers "
            "can be summed in a run",
            where="edition",
        )
    return _Lines(
        code=code,
        reason=np.array(
            [REASONS.index(one) if isinstance(one, Reason) else -1 for one in resolved], np.int16
        ),
        factor=np.array([count for count, _ in parts], np.int64),
        denominator=np.array(
            [below * volume for (_, below), volume in zip(parts, volumes, strict=True)], np.int64
        ),
        wear_days=np.array([rule.wear_days if rule else 0 for rule in rules], np.int64),
        tiered=np.array([rule.is_tiered if rule else False for rule in rules], bool),
        moud=np.array([line is not None and is_moud(line) for line in lines], bool),
        tiers=next(iter(tiers), None),
        rules=tuple(
            (line, rule) if line and rule else None for line, rule in zip(lines, rules, strict=True)
        ),
    )


def _combine(parts: Sequence[IntArray]) -> tuple[IntArray, list[tuple[int, ...]]]:
    """Number the combinations of small codes that occur, in order."""
    sizes = [int(part.max()) + 1 if len(part) else 1 for part in parts]
    packed = np.zeros(len(parts[0]), np.int64)
    for part, size in zip(parts, sizes, strict=True):
        packed = packed * size + part
    values, code = number_values(packed)
    distinct = []
    for value in values.tolist():
        key = []
        for size in reversed(sizes):
            value, part = divmod(value, size)  # noqa: PLW2901
            key.append(part)
        distinct.append(tuple(reversed(key)))
    return code, distinct


def _amount(rows: Rows, lines: _Lines, days: IntArray, opioid: BoolArray) -> IntArray:
    """MME (or mg) a day in counts of 1e-9: multiplied as integers, divided once."""
    factor = lines.factor[lines.code]
    denominator = lines.denominator[lines.code]
    stands = rows.stands & opioid
    # A float tells the size well enough to see what would not fit before it is multiplied.
    size = rows.strength.astype(float) * factor * rows.quantity
    divisor_size = 1000.0 * days * denominator
    fits = (size < 9.1e18) & (divisor_size < 9e17)
    rows.set_aside(stands & ~fits, Reason.TOO_LARGE_TO_SUM)
    safe = stands & fits
    product = np.where(safe, rows.strength, 0) * np.where(safe, factor, 0)
    product *= np.where(safe, rows.quantity, 0)
    over = product > _grid.LARGEST_PRODUCT
    rows.set_aside(over & stands, Reason.TOO_LARGE_TO_SUM)
    divisor = 1000 * np.where(safe, days, 1) * np.where(safe, denominator, 1)
    return np.where(over, 0, half_even(product, divisor))
