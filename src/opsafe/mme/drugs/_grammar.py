"""How an RxNorm name is built, read backwards: what stands in front, ingredients, dose form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Final

from opsafe.mme import vocabulary
from opsafe.mme.vocabulary import Kind

__all__ = ["Body", "Component", "Front", "read_body"]

_LONGEST_DOSE_FORM: Final = 8  # words
_SEPARATOR: Final = re.compile(r"\s+/\s+")
_MASSES: Final = "MG|MCG|UG|NG|GM|G"
_OTHER_AMOUNTS: Final = (
    "UNT|UNITS?|IU|MEQ|MMOL|ML|L|MCI|UCI|BAU|AU|PNU|CELLS|AMB|IR|PFU|CCID|TCID|LF|KU|MU|%"
)
# The number must stand alone: "0.12/0.015 MG" is no strength of one ingredient.
_STRENGTH: Final = re.compile(
    rf"(?<=\s)(\d+(?:\.\d+)?|\.\d+)\s?((?:{_MASSES}|{_OTHER_AMOUNTS})"
    r"(?:/(?:\d+(?:\.\d+)?\s?)?[A-Z]+)?)(?=$|[\s\]])",
    re.IGNORECASE,
)
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s(HR|ML|ACTUAT)\s", re.IGNORECASE)
_APPLICATION: Final = re.compile(r"(?:NDA|ANDA|BLA)\d{4,8}\s", re.IGNORECASE)
_UNITS: Final = {
    "mg": "mg", "mcg": "mcg", "ug": "mcg", "g": "g", "gm": "g",
    "mg/ml": "mg/mL", "mcg/ml": "mcg/mL", "ug/ml": "mcg/mL", "g/ml": "g/mL", "gm/ml": "g/mL",
    "mg/hr": "mg/h", "mcg/hr": "mcg/h", "ug/hr": "mcg/h", "mg/h": "mg/h", "mcg/h": "mcg/h",
    "mg/actuat": "mg/actuation", "mcg/actuat": "mcg/actuation", "ug/actuat": "mcg/actuation",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Component:
    """One ingredient of a product with its strength.

    ``ingredient`` is the canonical name, or the folded text where ``kind`` is None because the
    name is not known. ``amount`` of ``unit`` is its strength; both are None where none is stated.
    Units of MME tables are spelled as in :mod:`opsafe.units`, others as the name prints them.
    """

    ingredient: str
    kind: Kind | None
    salt: str | None
    amount: Decimal | None
    unit: str | None

    @property
    def strength(self) -> str | None:
        """The strength as text with its unit, such as "10 mg"."""
        return None if self.amount is None else f"{self.amount:f} {self.unit}"


@dataclass(slots=True)
class Front:
    """What stands in front of the first ingredient."""

    hours: Decimal | None = None
    volume: Decimal | None = None
    actuations: Decimal | None = None
    rest: str = ""


@dataclass(slots=True)
class Body:
    """A name without braces and brackets."""

    components: tuple[Component, ...] = ()
    dose_form: str | None = None
    front: Front = field(default_factory=Front)
    reason: str | None = None


def read_body(plain: str) -> Body:
    front = _read_front(plain)
    texts = _SEPARATOR.split(front.rest)
    parts: list[Component] = []
    dose_form: str | None = None
    reason: str | None = None
    for position, part in enumerate(texts):
        last = position == len(texts) - 1
        component, rest = _read_component(part, last=last)
        if component.amount is None or (rest and not last):
            reason = reason or (
                "no strength" if component.amount is None else "text after a strength"
            )
        if last:
            dose_form = rest
        parts.append(component)
    if any(not part.ingredient for part in parts):
        return Body((), None, front, "no ingredient")
    if reason and all(part.kind is None and part.amount is None for part in parts):
        parts = []  # nothing in it is a known word: a brand's pack, say
    return Body(tuple(parts), dose_form, front, reason)


def _read_front(plain: str) -> Front:
    """Take hours, volume, actuations, application numbers and qualities off the front."""
    front = Front(rest=plain)
    while True:
        quantity = _QUANTITY.match(front.rest)
        if quantity:
            number = Decimal(quantity[1])
            match quantity[2].upper():
                case "HR":
                    front.hours = number
                case "ML":
                    front.volume = number
                case _:
                    front.actuations = number
        found = quantity or _APPLICATION.match(front.rest) or _qualities().match(front.rest)
        if not found:
            return front
        front.rest = front.rest[found.end() :]


@cache
def _qualities() -> re.Pattern[str]:
    words = sorted(vocabulary.vocabulary().qualifiers.words, key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, words))})\s", re.IGNORECASE)


def _read_component(text: str, *, last: bool) -> tuple[Component, str | None]:
    """Read one ingredient with its strength, and what follows (the dose form, after the last)."""
    found = _STRENGTH.search(text)
    if found is None:
        return _without_strength(text, last=last)
    words = text[: found.start()].strip()
    return _component(words, Decimal(found[1]), found[2]), text[found.end() :].strip() or None


def _without_strength(text: str, *, last: bool) -> tuple[Component, str | None]:
    """Read "Oxycodone Oral Tablet": the ingredient is known although its strength is not."""
    words = text.split(" ")
    if last:
        for cut in range(max(1, len(words) - _LONGEST_DOSE_FORM), len(words)):
            tail = " ".join(words[cut:])
            if vocabulary.dose_form(tail):
                return _component(" ".join(words[:cut]), None, None), tail
    return _component(text, None, None), None


def _component(words: str, amount: Decimal | None, unit: str | None) -> Component:
    known = vocabulary.ingredient_and_salt(words)
    spelled = None if unit is None else _UNITS.get(unit.casefold().replace(" ", ""), unit)
    if known is None:
        return Component(" ".join(words.split()).casefold(), None, None, amount, spelled)
    found, salt = known
    return Component(found.name, found.kind, salt, amount, spelled)
