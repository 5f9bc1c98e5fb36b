"""A drug line as written to what it means: canonical words, counts, the first reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from opsafe.errors import StrengthError
from opsafe.mme import vocabulary
from opsafe.mme._population.lexicon import Lexicon, Raw, Written
from opsafe.mme._resolve import Line
from opsafe.mme.reasons import Reason
from opsafe.mme.vocabulary import Form, Ingredient
from opsafe.quantity import GridState, decimal_to_grid, read_decimal, to_grid
from opsafe.units import parse_strength, parse_unit

__all__ = ["PAID", "REJECTED", "REVERSED", "UNKNOWN", "LineReader", "Meaning"]

PAID, REVERSED, REJECTED, UNKNOWN = range(4)
_STATUS: Final = {
    **dict.fromkeys(("paid", "p", "final", "approved", "dispensed", "completed"), PAID),
    **dict.fromkeys(("reversed", "reversal", "void", "voided", "cancelled", "canceled"), REVERSED),
    **dict.fromkeys(("rejected", "denied", "not dispensed"), REJECTED),
}
_QUANTITY_UNITS: Final = {
    **dict.fromkeys(("ea", "each", "unit", "units", "un"), "EA"),
    **dict.fromkeys(("ml", "milliliter", "milliliters", "cc"), "ML"),
    **dict.fromkeys(("gm", "g", "gram", "grams"), "GM"),
    **dict.fromkeys(("bottle", "bottles"), "BOTTLE"),
}
_STRENGTHS: Final = {
    GridState.MISSING: Reason.STRENGTH_MISSING,
    GridState.INFINITE: Reason.STRENGTH_INFINITE,
    GridState.OFF_GRID: Reason.STRENGTH_OFF_GRID,
    GridState.TOO_LARGE: Reason.TOO_LARGE_TO_SUM,
    GridState.UNREADABLE: Reason.STRENGTH_UNREADABLE,
}
Unit = tuple[str, int]
"""A canonical unit, and the whole mL that the strength is in ("10 mg/15 mL"), else 1."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A drug line in canonical words."""

    ingredient: Ingredient | None
    unknown_word: str
    """The ingredient as written, where no vocabulary knows it."""
    route: str | None
    form: Form | None
    strength: int
    """Counts of 1e-6 of the unit."""
    unit: Unit | None
    quantity_unit: str | None
    cough_cold: bool | None
    moud: bool
    wear_hours: int
    status: int
    reason: Reason | None
    """The first thing that is wrong with an opioid's words or strength."""
    no_form: bool
    """Whether no form was written; an unknown one is another matter."""

    @property
    def kind(self) -> str:
        """Kind of ingredient: opioid, benzodiazepine, other; "" where not known."""
        return self.ingredient.kind if self.ingredient else ""

    @property
    def line(self) -> Line | None:
        """The opioid's line as editions are asked for it; None for any other drug."""
        if self.ingredient is None or self.kind != "opioid":
            return None
        return Line(
            self.ingredient.name,
            self.route,
            self.form.name if self.form else None,
            self.unit[0] if self.unit else "",
            self.wear_hours or None,
            bool(self.cough_cold),
            self.moud,
        )

    @property
    def drug(self) -> tuple[str, str]:
        """The ingredient, known or not: a reversal undoes a fill of an unknown drug too."""
        return (self.ingredient.name if self.ingredient else "", self.unknown_word)

    @property
    def undone(self) -> tuple[Any, ...]:
        """What a reversal must repeat of its fill; it may leave the form out."""
        return (*self.drug, self.strength, self.route or "", self.unit or ("", 0))

    @property
    def product(self) -> tuple[Any, ...]:
        """What makes two fills one product: also the form."""
        form = (
            (self.form.name, self.form.wear_hours or 0, self.form.release or "")
            if self.form
            else ()
        )
        return (*self.undone, form)

    @property
    def all(self) -> tuple[Any, ...]:
        """Everything, in an order that no order of rows can change."""
        return (
            *self.product,
            self.quantity_unit or "",
            bool(self.cough_cold),
            self.moud,
            self.wear_hours,
        )


class LineReader:
    """Reads written lines; every distinct word is looked up once."""

    def __init__(self, lexicon: Lexicon, not_opioid: Iterable[str]) -> None:
        self.extra = {word.strip().casefold() for word in not_opioid}
        self.status_says = lexicon.status_says
        self.has_status = "status" in lexicon.columns
        self.known: dict[tuple[str, Raw], Any] = {}

    def __call__(self, line: Written) -> Meaning:
        ingredient = self._word("ingredient", line.ingredient, self._ingredient)
        route = self._word("route", line.route, vocabulary.route)
        form = self._word("form", line.form, vocabulary.form)
        unit = self._word("unit", line.unit, _unit)
        quantity_unit = self._word("quantity_unit", line.quantity_unit, _quantity_unit)
        strength, state, own = self._once("strength", line.strength, _strength)
        wrong = [
            (not _given(line.route), Reason.ROUTE_MISSING),
            (route is None, Reason.UNKNOWN_ROUTE),
            (form is None and _given(line.form), Reason.UNKNOWN_FORM),
            (
                quantity_unit is None and _given(line.quantity_unit),
                Reason.QUANTITY_UNIT_UNKNOWN,
            ),
            (own is not None and unit is not None and own[0] != unit[0], Reason.UNIT_MISMATCH),
            (state in _STRENGTHS, _STRENGTHS.get(state, Reason.STRENGTH_MISSING)),
            (strength <= 0, Reason.STRENGTH_NOT_POSITIVE),
            (own is None and not _given(line.unit), Reason.UNIT_MISSING),
            (own is None and unit is None, Reason.UNKNOWN_UNIT),
        ]
        unit = own or unit
        forty = ingredient is not None and ingredient.name == "methadone" and strength == 40_000_000
        forty = forty and unit is not None and unit[0] == "mg"
        tablet = forty and form is not None and form.name == "tablet"
        return Meaning(
            ingredient=ingredient,
            unknown_word=str(line.ingredient) if _given(line.ingredient) and not ingredient else "",
            route=route,
            form=form,
            strength=strength,
            unit=unit,
            quantity_unit=quantity_unit,
            cough_cold=None if line.cough_cold is None else bool(line.cough_cold),
            moud=tablet or bool(line.moud),
            wear_hours=self._wear_hours(line.wear_hours, form),
            status=self._status(line.status),
            reason=next((reason for holds, reason in wrong if holds), None),
            no_form=not _given(line.form),
        )

    def _once(self, name: str, raw: Raw, find: Callable[[Raw], Found]) -> Found:
        key = (name, raw)
        if key not in self.known:
            self.known[key] = find(raw)
        found: Found = self.known[key]
        return found

    def _word(self, name: str, raw: Raw, find: Callable[[str], Found | None]) -> Found | None:
        return self._once(name, raw, lambda raw: find(str(raw)) if _given(raw) else None)

    def _ingredient(self, word: str) -> Ingredient | None:
        folded = word.strip().casefold()
        return Ingredient(folded, "other") if folded in self.extra else vocabulary.ingredient(word)

    def _wear_hours(self, raw: Raw, form: Form | None) -> int:
        hours, _ = _count(raw, 0)
        return hours if hours > 0 else (form.wear_hours or 0) if form else 0

    def _status(self, raw: Raw) -> int:
        if not self.has_status or not self.status_says:
            return PAID  # a column without any value says as little as none
        return _STATUS.get(" ".join(str(raw).casefold().split()), UNKNOWN) if raw else UNKNOWN


def _given(raw: Raw) -> bool:
    return raw is not None and bool(str(raw).strip())


def _quantity_unit(word: str) -> str | None:
    return _QUANTITY_UNITS.get(word.strip().casefold())


def _unit(word: str) -> Unit | None:
    parsed = parse_unit(word)
    if parsed is None or parsed[1] != int(parsed[1]) or parsed[1] > 10**6:
        return None
    return parsed[0], int(parsed[1])


def _count(raw: Raw, decimals: int) -> tuple[int, GridState]:
    """Read one value onto its grid, as a column of them is read."""
    if raw is None:
        return 0, GridState.MISSING
    if isinstance(raw, float):
        counts, states = to_grid(np.array([raw]), decimals)
        return int(counts[0]), GridState(int(states[0]))
    count, state = decimal_to_grid(str(raw), decimals)
    if abs(count) >= 2**62:
        return 0, GridState.TOO_LARGE
    return (count if state == GridState.ON_GRID else 0), state


def _strength(raw: Raw) -> tuple[int, GridState, Unit | None]:
    """Read a strength: a number, a text that is one, or one with its unit."""
    if not isinstance(raw, str):
        return *_count(raw, 6), None
    text, unit = raw, None
    if read_decimal(raw) is None and raw.strip():
        try:
            strength = parse_strength(raw)
            text, unit = f"{strength.amount:f}", (strength.unit, int(strength.volume))
        except StrengthError:
            text = "?"
    if unit is not None and unit[1] > 10**6:
        return 0, GridState.TOO_LARGE, unit
    return *_count(text, 6), unit
