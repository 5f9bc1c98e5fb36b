"""One distinct drug line against an edition: its factor, or the reason why it has none.

A batch has millions of rows and some hundred distinct lines, so this runs once a line and may
read like the rules do. Order matters: the first reason that holds is the one reported.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from opsafe.mme.chain import EditionChain
from opsafe.mme.factors import LinearFactor, NoFactor, PatchFactor, TieredFactor
from opsafe.mme.reasons import Reason

__all__ = ["Line", "Policy", "Rule", "Tiers", "is_moud", "mass_of", "resolve"]

_IN_MG: Final = {"mg": Fraction(1), "mcg": Fraction(1, 1000), "g": Fraction(1000)}


@dataclass(frozen=True, slots=True)
class Line:
    """What tells one drug line from another, in canonical words; None is not known."""

    ingredient: str
    route: str | None
    form: str | None
    unit: str
    """Canonical unit of the strength, for example mg, mg/mL, mcg/h; "" when not known."""
    wear_hours: int | None = None
    cough_cold: bool = False
    moud: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The caller's choices that decide what counts."""

    buprenorphine: bool = False
    """Whether buprenorphine is included (beside, never in the thresholds)."""
    moud_products: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """How one line becomes MME: strength x quantity x ``factor`` / days supply.

    ``factor`` is MME per ``unit`` of the strength as written (for a patch: per patch, so x wear
    days; for a tiered drug: mg per unit, the tier comes with the day's sum).
    """

    edition: str
    unit: str
    factor: Fraction
    printed: LinearFactor | PatchFactor | TieredFactor

    @property
    def wear_days(self) -> int:
        """Days that one patch is worn; 0 for anything else."""
        return self.printed.wear_days if isinstance(self.printed, PatchFactor) else 0

    @property
    def is_tiered(self) -> bool:
        """Whether the factor depends on the day's summed dose."""
        return isinstance(self.printed, TieredFactor)


@dataclass(frozen=True, slots=True)
class Tiers:
    """A tiered factor on the grid: bounds in counts of 1e-6 mg, values in thousandths."""

    up_to: tuple[int, ...]
    """Upper bounds, inclusive, of every tier but the last."""
    thousandths: tuple[int, ...]

    @classmethod
    def of(cls, factor: TieredFactor) -> Tiers:
        """Put the printed tiers on the grid."""
        bounds = [tier.up_to for tier in factor.tiers if tier.up_to is not None]
        return cls(
            tuple(int(bound * 10**6) for bound in bounds),
            tuple(int(tier.value * 1000) for tier in factor.tiers),
        )

    def value(self, milligram_count: int) -> int:
        """Return the factor, in thousandths, of a daily dose in counts of 1e-6 mg."""
        return self.thousandths[bisect_left(self.up_to, milligram_count)]


def is_moud(line: Line) -> bool:
    """Whether the product is medication for opioid use disorder by its route and form."""
    if line.moud:
        return True
    if line.ingredient != "buprenorphine":
        return False
    return (
        line.route in ("sublingual", "implant")
        or line.form == "implant"
        or (line.route == "oral" and line.form == "film")
    )


def resolve(line: Line, chain: EditionChain, policy: Policy) -> Rule | Reason:
    """Find the factor of a drug line in a chain of editions.

    Parameters
    ----------
    line : Line
        The drug line in canonical words.
    chain : EditionChain
        Editions in the order in which they answer.
    policy : Policy
        What the caller includes.

    Returns
    -------
    Rule or Reason
        The factor with its edition, or why the line does not count.
    """
    refused = _left_out(line, policy)
    if refused is not None:
        return refused
    form = line.form or _form_of_unit(line) or _only_form(line, chain)
    found = chain.lookup(line.ingredient, line.route, form)
    if found is None:
        known = form is not None or not chain.forms_of(line.ingredient, line.route or "")
        return Reason.NO_FACTOR if known else Reason.FORM_REQUIRED
    edition, factor = found
    if line.cough_cold and edition.cough_and_cold == "excluded":
        return Reason.COUGH_COLD
    if isinstance(factor, NoFactor):
        return Reason.NO_FACTOR
    return _rule(line, edition.id, factor)


def _left_out(line: Line, policy: Policy) -> Reason | None:
    """Name what every edition leaves out, whatever it prints."""
    if line.route is None:
        return Reason.ROUTE_MISSING
    if line.ingredient == "buprenorphine" and not policy.buprenorphine:
        return Reason.BUPRENORPHINE_EXCLUDED
    if line.route == "parenteral" or line.form in ("injection", "iontophoretic system"):
        return Reason.PARENTERAL
    if line.ingredient == "methadone" and line.moud and not policy.moud_products:
        return Reason.MOUD_PRODUCT
    if line.ingredient == "opium" and line.route == "oral":
        return Reason.OPIUM_LIQUID
    if line.form == "powder":
        # Powders are weighed out, so no table has a factor for a piece of one.
        return Reason.NO_FACTOR
    return None


def _form_of_unit(line: Line) -> str | None:
    """A strength per actuation is a spray, whichever way its form was left out."""
    if not line.unit.endswith("/actuation"):
        return None
    return "nasal spray" if line.route == "nasal" else "oral spray"


def _only_form(line: Line, chain: EditionChain) -> str | None:
    """Without a form, a route that has one row has one answer; fentanyl always needs its form."""
    if line.ingredient == "fentanyl" and line.route != "transdermal":
        return None
    forms = chain.forms_of(line.ingredient, line.route or "")
    found = (chain.lookup(line.ingredient, line.route, form) for form in forms)
    rows = {id(answer.factor) for answer in found if answer is not None}
    return forms[0] if len(rows) == 1 else None


def _rule(
    line: Line, edition: str, factor: LinearFactor | PatchFactor | TieredFactor
) -> Rule | Reason:
    mass, _, per = line.unit.partition("/")
    if isinstance(factor, PatchFactor):
        if line.wear_hours is not None and line.wear_hours != 24 * factor.wear_days:
            return Reason.WEAR_TIME_MISMATCH
        if per != "h" and line.unit:
            return Reason.UNIT_MISMATCH
        printed = "mcg"
        value = factor.per_patch
    else:
        if per == "h":
            return Reason.UNIT_MISMATCH
        printed = factor.unit
        value = Fraction(1) if isinstance(factor, TieredFactor) else Fraction(factor.value)
    scale = mass_of(mass or printed) / mass_of(printed)
    return Rule(edition, line.unit, value * scale, factor)


def mass_of(unit: str) -> Fraction:
    """Milligrams in one of a mass unit."""
    return _IN_MG[unit.partition("/")[0]]
