"""The daily rate of every fill, exactly.

Distinct drug lines are resolved against the edition once; then one multiplication and one
division a row, on integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from opsafe.errors import ArgumentError
from opsafe.mme import _grid
from opsafe.mme._population.codes import INDEX, LAST_DAY
from opsafe.mme._population.drugs import Drugs
from opsafe.mme._population.rows import Rows
from opsafe.mme._resolve import Line, Policy, Rule, Tiers, resolve
from opsafe.mme._rounding import half_even
from opsafe.mme.chain import EditionChain
from opsafe.mme.factors import TieredFactor
from opsafe.mme.reasons import Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Factors", "PatchDays", "Rates", "rates"]

PatchDays = Literal["fill", "edition"]
_TOO_LARGE: Final = 2**62


@dataclass(frozen=True, slots=True)
class Factors:
    """What an edition gives each drug line: columns by line code."""

    reason: npt.NDArray[np.int16]
    """Index of the reason why there is no factor, -1 where there is one."""
    factor: IntArray
    """Thousandths of MME (mg where tiered) per unit of strength."""
    denominator: IntArray
    """What else divides: the factor's own denominator and the mL of the strength."""
    wear_days: IntArray
    """Days that a patch is worn; 0 for anything else."""
    tiered: BoolArray
    tiers: Tiers | None
    printed: tuple[tuple[int, int], ...]
    """Bounds that the source prints for its tiers, as counts of 1e-6 mg; empty if gap-free."""
    rules: tuple[Rule | None, ...]

    @classmethod
    def of(cls, drugs: Drugs, chain: EditionChain, policy: Policy) -> Factors:
        """Resolve every line; lines alike are resolved once."""
        known: dict[tuple[Line, str | None], Rule | Reason] = {}
        resolved: list[Rule | Reason | None] = []
        for meaning in drugs.meanings:
            line = meaning.line
            if line is None:
                resolved.append(None)
                continue
            key = line, meaning.quantity_unit
            if key not in known:
                found = resolve(line, chain, policy)
                known[key] = _in_units(found, line, meaning.quantity_unit, chain)
            resolved.append(known[key])
        rules = tuple(one if isinstance(one, Rule) else None for one in resolved)
        parts = [_grid.factor_parts(rule.factor) if rule else (0, 1) for rule in rules]
        volumes = [meaning.unit[1] if meaning.unit else 1 for meaning in drugs.meanings]
        reasons = [INDEX[one] if isinstance(one, Reason) else -1 for one in resolved]
        below = [den * volume for (_, den), volume in zip(parts, volumes, strict=True)]
        return cls(
            reason=np.array(reasons, np.int16),
            factor=np.array([count for count, _ in parts], np.int64),
            denominator=np.array(below, np.int64),
            wear_days=np.array([rule.wear_days if rule else 0 for rule in rules], np.int64),
            tiered=np.array([rule.is_tiered if rule else False for rule in rules], bool),
            tiers=_tiers(rules),
            printed=_printed_bounds(chain),
            rules=rules,
        )


def _tiers(rules: Sequence[Rule | None]) -> Tiers | None:
    tiers = {Tiers.of(r.printed) for r in rules if r and isinstance(r.printed, TieredFactor)}
    tiered = {r.printed.ingredient for r in rules if r and r.is_tiered}
    if len(tiers) > 1 or len(tiered) > 1:
        raise ArgumentError(
            f"tiers of {', '.join(sorted(tiered))} differ: one tiered drug with one set of tiers "
            "can be summed in a run",
            where="edition",
        )
    return next(iter(tiers), None)


def _printed_bounds(chain: EditionChain) -> tuple[tuple[int, int], ...]:
    for edition in chain.editions:
        for factor in edition.factors:
            if isinstance(factor, TieredFactor) and factor.printed_bounds == "integers":
                pairs = [tier.printed_integers for tier in factor.tiers]
                return tuple((a * 10**6, b * 10**6) for a, b in (p for p in pairs if p))
    return ()


def _in_units(
    found: Rule | Reason, line: Line, counted: str | None, chain: EditionChain
) -> Rule | Reason:
    """Check that the quantity counts what the strength is per; turn bottles into sprays."""
    if not isinstance(found, Rule) or counted is None:
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


@dataclass(slots=True)
class Rates:
    """What the fills that count add a day; one entry a fill, ``at`` tells its row."""

    at: IntArray
    line: IntArray
    day: IntArray
    days: IntArray
    """Days of supply that the fill covers."""
    amount: IntArray
    """Counts of 1e-9 MME a day; of a tiered drug, of 1e-9 mg."""
    tiered: BoolArray | None
    """Which fills are of the tiered drug; None where none is."""

    def of(self, chosen: BoolArray) -> Rates:
        """Take some of the fills."""
        return Rates(
            self.at[chosen],
            self.line[chosen],
            self.day[chosen],
            self.days[chosen],
            self.amount[chosen],
            None if self.tiered is None else self.tiered[chosen],
        )

    @property
    def rate(self) -> IntArray:
        """Counts of 1e-9 MME a day; 0 for a tiered drug."""
        if self.tiered is None:
            return self.amount
        rate = self.amount.copy()
        rate[self.doses] = 0
        return rate

    @property
    def doses(self) -> IntArray:
        """Positions of the fills of the tiered drug."""
        return np.zeros(0, np.int64) if self.tiered is None else np.flatnonzero(self.tiered)


def rates(rows: Rows, factors: Factors, patch_days: PatchDays) -> Rates:
    """Compute the rate of every opioid fill that stands; set aside what has none.

    Notes
    -----
    rate = strength x factor x quantity / (1000 x days x denominator), in counts of 1e-6, 1e-3
    and 1e-3 over days: multiplied as integers, divided once, half to even.
    """
    rows.without_factor(factors.reason)
    at = np.flatnonzero(rows.stands & rows.opioid)
    line, day, days, quantity = (
        column.take(at) for column in (rows.line, rows.day, rows.days, rows.quantity)
    )
    wrong = np.zeros(len(at), bool)
    if patch_days == "edition" and factors.wear_days.any():
        wear = factors.wear_days[line]
        by_patches, rest = np.divmod(quantity * wear, 1000)
        patch = wear > 0
        broken = patch & (rest > 0)
        rows.set_aside(at[broken], Reason.DAYS_SUPPLY_NOT_WHOLE)
        days = np.where(patch & ~broken, by_patches, days)
        wrong |= broken
    end = day + days
    if len(end) and int(end.max()) > LAST_DAY:
        late = end > LAST_DAY
        rows.set_aside(at[late], Reason.DATE_OUT_OF_RANGE)
        wrong |= late
    fits = _fits(rows, factors, line, days, quantity)
    if fits is not None:
        rows.set_aside(at[~fits], Reason.TOO_LARGE_TO_SUM)
        wrong |= ~fits
    if wrong.any():
        at, line, day, days, quantity = (
            column[~wrong] for column in (at, line, day, days, quantity)
        )
    product = (rows.drugs.strength * factors.factor).take(line)
    product *= quantity
    divisor = (1000 * factors.denominator).take(line)
    divisor *= days
    tiered = factors.tiered.take(line) if factors.tiered.any() else None
    return Rates(
        at,
        line,
        day,
        days,
        half_even(product, divisor),
        tiered if tiered is not None and tiered.any() else None,
    )


def _fits(
    rows: Rows, factors: Factors, line: IntArray, days: IntArray, quantity: IntArray
) -> BoolArray | None:
    """Fills whose product stays within 9e18 (1e-12 MME); None where all plainly do."""
    if not len(line):
        return None
    each = rows.drugs.strength.astype(float) * factors.factor
    largest = float(np.abs(each).max()) * float(quantity.max())
    divisor = 1000.0 * float(factors.denominator.max()) * float(days.max())
    if largest < 8e18 and divisor < 8e17 and float(np.abs(each).max()) < 8e18:
        return None
    # A float tells the size well enough to see what would not fit before it is multiplied.
    fits: BoolArray = (each[line] * quantity < 9.1e18) & (
        1000.0 * days * factors.denominator[line] < 9e17
    )
    exact = np.where(fits, (rows.drugs.strength * factors.factor)[line], 0)
    fits &= exact * np.where(fits, quantity, 0) <= _grid.LARGEST_PRODUCT
    return fits
