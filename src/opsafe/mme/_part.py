"""One dose read, resolved and put on the grid: what daily and regimen share."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from opsafe.errors import ArgumentError, DimensionError, StrengthError
from opsafe.mme import _grid, vocabulary
from opsafe.mme._answers import DailyMme
from opsafe.mme._resolve import Line, Policy, Rule, Tiers, is_moud, mass_of, resolve
from opsafe.mme.chain import EditionChain
from opsafe.mme.dose import Dose
from opsafe.mme.factors import TieredFactor
from opsafe.mme.reasons import Reason
from opsafe.quantity import GridState, decimal_to_grid
from opsafe.units import Strength, parse_strength

__all__ = ["Part"]

_ROTATION: Final = "Not for converting one opioid into another: MME is a measure of exposure"
_BASE_STRENGTHS: Final = frozenset(
    {Fraction(9), Fraction(27, 2), Fraction(18), Fraction(27), Fraction(36)}
)
_NOMINAL: Final = frozenset({(Decimal(12), "mcg/h"), (Decimal("0.012"), "mg/h")})


class Part:
    """One dose read, resolved and put on the grid; the tier waits for the day's sum."""

    def __init__(self, dose: Dose, chain: EditionChain, policy: Policy) -> None:
        self.dose = dose
        self.chain = chain
        self.policy = policy
        self.assumptions: list[str] = []
        self.strength = parse_strength(dose.strength)
        self.line = self._line()
        self.resolved = resolve(self.line, chain, policy)
        if self.resolved is Reason.PARENTERAL:
            raise ArgumentError(
                "injected opioids have no place in these tables", where="route", value=dose.route
            )
        if self.resolved is Reason.UNIT_MISMATCH:
            raise DimensionError(
                f"{dose.strength!r} has the wrong dimension for {self.line.route} "
                f"{self.line.ingredient}",
                where="strength",
                advice="A patch has its strength per hour, everything else per piece or mL",
            )
        self.per_day = self._units_per_day()
        self.rate = self._rate() if isinstance(self.resolved, Rule) else 0

    @property
    def milligram_rate(self) -> int:
        """The day's mg of a tiered drug, as a count of 1e-9 mg; 0 for any other."""
        tiered = isinstance(self.resolved, Rule) and self.resolved.is_tiered
        return self.rate if tiered else 0

    def _line(self) -> Line:
        dose = self.dose
        ingredient = _opioid(dose.ingredient)
        form = vocabulary.form(dose.form) if dose.form is not None else None
        if dose.form is not None and form is None:
            raise _unknown("form", dose.form)
        return Line(
            ingredient,
            self._route(ingredient),
            form.name if form else None,
            self.strength.unit,
            wear_hours=form.wear_hours if form else None,
        )

    def _route(self, ingredient: str) -> str | None:
        if self.dose.route is not None:
            route = vocabulary.route(self.dose.route)
            if route is None:
                raise _unknown("route", self.dose.route)
            return route
        routes = self.chain.routes_of(ingredient)
        is_rate = self.strength.unit.endswith("/h") and "transdermal" in routes
        if ("oral" in routes and not is_rate) or not routes:
            if routes:
                self.assumptions.append("route: oral, since none was given")
            # A drug that no edition lists has no factor by any route.
            return "oral"
        if ingredient == "buprenorphine" and not self.policy.buprenorphine:
            return routes[0]
        raise ArgumentError(
            f"{ingredient} {self.dose.strength} has no oral factor in {', '.join(self.chain.ids)}",
            where="route",
            allowed=routes,
            advice="Name the route",
        )

    def _units_per_day(self) -> Fraction:
        """Units a day; for a patch, patches worn at once (the wear time joins the factor)."""
        dose, wear_days = self.dose, self._wear_days()
        if (dose.quantity is None) != (dose.days_supply is None):
            raise ArgumentError("quantity and days_supply go together", where="days_supply")
        stated = [v for v in (dose.per_day, dose.every_hours, dose.quantity) if v is not None]
        if len(stated) > 1:
            raise ArgumentError(
                "state the amount a day once",
                where="per_day",
                allowed=("per_day", "every_hours", "quantity with days_supply"),
            )
        if dose.quantity is not None and dose.days_supply is not None:
            return dose.quantity / dose.days_supply
        if wear_days:
            if dose.per_day is not None:
                raise ArgumentError(
                    "a patch is worn, not taken by the piece",
                    where="per_day",
                    advice="Leave per_day out for one patch at a time, or give quantity and "
                    "days_supply",
                )
            return Fraction(1, wear_days)
        if dose.every_hours is not None:
            return Fraction(24) / dose.every_hours
        if dose.per_day is not None:
            if self.strength.unit.endswith("/mL"):
                self.assumptions.append("per_day: mL a day, since the strength is per mL")
            return dose.per_day
        if isinstance(self.resolved, Rule):
            raise ArgumentError(
                "the amount a day is not stated",
                where="per_day",
                allowed=("per_day", "every_hours", "quantity with days_supply"),
            )
        return Fraction(0)

    def _wear_days(self) -> int:
        return self.resolved.wear_days if isinstance(self.resolved, Rule) else 0

    def _rate(self) -> int:
        """Rate as a count of 1e-9 MME (or mg where tiered) a day: multiplied, divided once."""
        assert isinstance(self.resolved, Rule)
        count, state = decimal_to_grid(f"{self.strength.amount:f}", 6)
        if state is not GridState.ON_GRID:
            raise StrengthError(
                "has more than 6 decimals or is too large",
                where="strength",
                value=self.dose.strength,
            )
        factor, denominator = _grid.factor_parts(self.resolved.factor)
        product = count * factor * 1000 * self.per_day.numerator
        if product > _grid.LARGEST_PRODUCT * 1000:
            raise ArgumentError("is too large to sum exactly", where="strength")
        divisor = 1000 * self.strength.volume * denominator * self.per_day.denominator
        return _grid.rate_of(product, divisor)

    def answer(self, milligrams: int) -> DailyMme:
        """Give the answer, a tiered drug at the tier of ``milligrams`` (1e-9 mg) a day."""
        answer = {
            "ingredient": self.line.ingredient,
            "strength": self.dose.strength,
            "route": self.line.route,
            "form": self.line.form,
            "editions": self.chain.ids,
            "assumptions": tuple(self.assumptions),
        }
        if isinstance(self.resolved, Reason):
            return DailyMme(**answer, reason=self.resolved, warnings=(_ROTATION,))  # type: ignore[arg-type]
        factor, rate = self._tiered(self.resolved, milligrams)
        return DailyMme(
            **answer,  # type: ignore[arg-type]
            mme_count=_grid.day_count(rate),
            rate=rate,
            units_per_day=self.per_day,
            factor=factor,
            factor_text=self._factor_text(self.resolved, factor),
            formula=self._formula(self.resolved),
            edition=self.resolved.edition,
            one_patch_count=self._one_patch(self.resolved),
            warnings=(_ROTATION, *self._warnings(self.resolved, milligrams)),
        )

    def _tiered(self, rule: Rule, milligrams: int) -> tuple[Fraction, int]:
        if not isinstance(rule.printed, TieredFactor):
            return rule.factor, self.rate
        thousandths = Tiers.of(rule.printed).value(_grid.day_count(milligrams))
        return Fraction(thousandths, 1000), _grid.rate_of(self.rate * thousandths, 1000)

    def _factor_text(self, rule: Rule, factor: Fraction) -> str:
        if isinstance(rule.printed, TieredFactor):
            return f"{float(factor):g} per mg of the whole daily dose"
        return rule.printed.text

    def _formula(self, rule: Rule) -> str:
        if rule.wear_days:
            return "rate (mcg/h) x factor a day x patches worn at once"
        if rule.is_tiered:
            return "whole daily dose (mg) x factor of its tier"
        return "strength x units a day x factor"

    def _one_patch(self, rule: Rule) -> int | None:
        if not rule.wear_days:
            return None
        one = Fraction(self.strength.amount) * rule.factor / rule.wear_days
        return _grid.day_count(_grid.rate_of(int(one * 10**12), 1000))

    def _warnings(self, rule: Rule, milligrams: int) -> list[str]:
        edition = next(one for one in self.chain.editions if one.id == rule.edition)
        told = []
        if not edition.for_one_patient:
            told.append(
                f"{edition.id} is meant for {', '.join(edition.intended_use)}, not for one patient"
            )
        told += self._patch_warnings(rule)
        if isinstance(rule.printed, TieredFactor) and rule.printed.is_our_reading(
            Fraction(_grid.day_count(milligrams), 10**6)
        ):
            told.append("Our reading of the printed bounds: the table leaves this dose to no tier")
        told += _label_warnings(self.line, self.strength)
        if is_moud(self.line):
            told.append("Medication for opioid use disorder, not pain treatment")
        return told

    def _patch_warnings(self, rule: Rule) -> list[str]:
        if not rule.wear_days:
            return []
        every, wear = self.dose.every_hours, 24 * rule.wear_days
        if every is not None and every != wear:
            return [f"Patch changed every {every} h, while the factor assumes {wear} h of wear"]
        worn = self.per_day * rule.wear_days
        if worn < Fraction(98, 100) or abs(worn - round(worn)) > Fraction(2, 100):
            number = f"{float(worn):.3g} patches worn at once is no whole number"
            return [f"{number}: see the result's one_patch_mme_per_day"]
        return []


def _opioid(text: str) -> str:
    known = vocabulary.ingredient(text)
    if known is None:
        raise _unknown("ingredient", text)
    if known.kind != "opioid":
        raise ArgumentError(f"{known.name} is not an opioid", where="ingredient", value=text)
    return known.name


def _unknown(what: Literal["ingredient", "route", "form"], text: str) -> ArgumentError:
    return ArgumentError(
        f"{text!r} is not a known {what}",
        where=what,
        value=text,
        advice=f"Nearest: {', '.join(vocabulary.nearest(text, what))}",
    )


def _label_warnings(line: Line, strength: Strength) -> list[str]:
    told = []
    mass = "/" not in strength.unit
    milligrams = Fraction(strength.amount) * mass_of(strength.unit) if mass else None
    if line.ingredient == "oxycodone" and line.form == "capsule" and milligrams in _BASE_STRENGTHS:
        told.append("This capsule states oxycodone base; factors are for the salt")
    if line.ingredient == "fentanyl" and (strength.amount, strength.unit) in _NOMINAL:
        told.append("A 12 mcg/h fentanyl patch is nominally 12.5 mcg/h")
    if line.ingredient == "methadone" and line.form in (None, "tablet") and milligrams == 40:
        told.append("Methadone 40 mg tablets are for opioid use disorder")
    return told
