"""One regimen: the MME a day of one drug, or of all drugs that one person takes on a day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from opsafe.errors import ArgumentError, ArgumentTypeError, DimensionError, StrengthError
from opsafe.mme import _grid, vocabulary
from opsafe.mme._answers import DailyMme, RegimenMme
from opsafe.mme._resolve import Line, Policy, Rule, Tiers, is_moud, resolve
from opsafe.mme.dose import Dose
from opsafe.mme.editions import ConversionEdition, EditionChain, resolve_editions
from opsafe.mme.factors import TieredFactor
from opsafe.mme.reasons import Reason
from opsafe.quantity import GridState, decimal_to_grid
from opsafe.units import Strength, parse_strength

__all__ = ["daily", "regimen"]

EditionArgument = str | ConversionEdition | Sequence[str | ConversionEdition]
Choice = Literal["exclude", "include"]

_ROTATION: Final = "Not for converting one opioid into another: MME is a measure of exposure"
_BASE_STRENGTHS: Final = frozenset({Decimal(9), Decimal("13.5"), Decimal(18), Decimal(27), Decimal(36)})


def daily(
    ingredient: str,
    strength: object,
    *,
    edition: EditionArgument,
    per_day: int | Decimal | Fraction | None = None,
    every_hours: int | Decimal | Fraction | None = None,
    quantity: int | Decimal | Fraction | float | None = None,
    days_supply: int | None = None,
    route: str | None = None,
    form: str | None = None,
    buprenorphine: Choice = "exclude",
) -> DailyMme:
    """Compute the morphine milligram equivalents a day of one drug.

    Parameters
    ----------
    ingredient : str
        The opioid, for example "oxycodone"; salts are understood.
    strength : str or pint.Quantity
        Strength of one unit with its unit of measure: "10 mg", "10 mg/5 mL", "25 mcg/h".
    edition : str, ConversionEdition, or sequence of them
        The table of factors; a sequence is a chain, of which a later one answers only for
        drugs that no earlier one lists.
    per_day : int, Decimal or Fraction, optional
        Units (tablets, mL, actuations) a day; not for patches.
    every_hours : int, Decimal or Fraction, optional
        Hours from one unit to the next, instead of ``per_day``.
    quantity : int, Decimal, Fraction or float, optional
        Units dispensed (mL where the strength is per mL), with ``days_supply``.
    days_supply : int, optional
        Days that ``quantity`` lasts.
    route, form : str, optional
        Route and dose form. Oral is assumed where the edition has an oral row.
    buprenorphine : {"exclude", "include"}, optional
        Every edition leaves buprenorphine out unless it is included on purpose.

    Returns
    -------
    DailyMme
        ``mme_per_day`` in MME a day, or None with a ``reason``.

    Raises
    ------
    ArgumentError
        If the drug is no opioid or unknown, is parenteral, or the amount a day is not stated.
    DimensionError
        If a patch rate meets a tablet formula, or the reverse.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    MME a day = strength x units a day x factor. A patch: rate x factor a day x patches worn at
    once, which is quantity x wear days / days supply, or one. Tiered methadone: the factor of
    the tier in which the whole daily dose lies, times that dose [1]_.

    References
    ----------
    .. [1] Dowell D, Haegerich TM, Chou R. CDC guideline for prescribing opioids for chronic
       pain, United States, 2016. MMWR Recomm Rep 2016;65(RR-1), Table 2.

    Examples
    --------
    >>> from opsafe import mme
    >>> mme.daily("oxycodone", "10 mg", per_day=4, edition="cdc-2022").mme_per_day
    60.0
    """
    dose = Dose(
        ingredient,
        strength,
        per_day=per_day,
        every_hours=every_hours,
        quantity=quantity,
        days_supply=days_supply,
        route=route,
        form=form,
    )
    chain = resolve_editions(edition)
    part = _Part(dose, chain, _policy(buprenorphine))
    return part.answer(part.milligram_rate)


def regimen(
    doses: Sequence[Dose], *, edition: EditionArgument, buprenorphine: Choice = "exclude"
) -> RegimenMme:
    """Compute the MME of all that one person takes on one day.

    Parameters
    ----------
    doses : sequence of Dose
        Every drug of the day.
    edition : str, ConversionEdition, or sequence of them
        The table of factors, as in :func:`daily`.
    buprenorphine : {"exclude", "include"}, optional
        With "include" the sum with buprenorphine stands beside the one without.

    Returns
    -------
    RegimenMme
        The sum in MME a day, its parts, and whether it is only a lower bound.

    Raises
    ------
    ArgumentTypeError
        If ``doses`` is not a sequence of doses.
    ArgumentError
        If a dose cannot be computed, as in :func:`daily`.

    Notes
    -----
    Sum of the parts; a tiered factor is that of the summed dose of the drug. A part without a
    factor is not zero: the sum is then a lower bound, and None when no part has one.

    Examples
    --------
    >>> from opsafe import mme
    >>> day = [mme.Dose("methadone", "10 mg", per_day=3), mme.Dose("oxycodone", "5 mg", per_day=2)]
    >>> mme.regimen(day, edition="cdc-2016").mme_per_day
    255.0
    """
    if isinstance(doses, Dose) or not all(isinstance(dose, Dose) for dose in doses):
        raise ArgumentTypeError("is not a sequence of Dose", where="doses")
    chain = resolve_editions(edition)
    policy = _policy(buprenorphine)
    parts = [_Part(dose, chain, policy) for dose in doses]
    milligrams = sum(part.milligram_rate for part in parts)
    return RegimenMme.of(
        tuple(part.answer(milligrams) for part in parts), chain.ids, included=policy.buprenorphine
    )


def _policy(buprenorphine: str) -> Policy:
    if buprenorphine not in ("exclude", "include"):
        raise ArgumentError(
            "is not a choice",
            where="buprenorphine",
            value=buprenorphine,
            allowed=("exclude", "include"),
        )
    return Policy(buprenorphine=buprenorphine == "include", moud_products=True)


class _Part:
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
            return [
                f"{float(worn):.3g} patches worn at once is no whole number: quantity x "
                f"{rule.wear_days} days of wear does not fit the days supply; see one_patch"
            ]
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
    if line.ingredient == "oxycodone" and line.form == "capsule" and strength.unit == "mg":
        if strength.amount in _BASE_STRENGTHS:
            told.append("This capsule states oxycodone base; factors are for the salt")
    if line.ingredient == "fentanyl" and line.route == "transdermal":
        if Fraction(strength.amount) * (1000 if strength.unit == "mg/h" else 1) == 12:
            told.append("A 12 mcg/h fentanyl patch is nominally 12.5 mcg/h")
    if line.ingredient == "methadone" and strength.unit == "mg" and strength.amount == 40:
        told.append("Methadone 40 mg tablets are for opioid use disorder")
    return told


