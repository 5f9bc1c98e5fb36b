"""RxNorm clinical drug names: ingredients, strengths, dose form, route.

A name is built by rule: hours, volume or a quality in front, then ingredients each with its
strength, parted by " / ", then the dose form, then the brand in brackets; packs in braces. This
reads the rule backwards. A name that does not follow it comes back with the reason, never as a
guess and never as an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Final

from opsafe.errors import ArgumentTypeError
from opsafe.mme import vocabulary
from opsafe.mme.drugs.products import Labelled, is_cough_cold, is_moud, label_flags
from opsafe.mme.reasons import Flag
from opsafe.mme.vocabulary import Kind

__all__ = ["Component", "DrugName", "parse_name"]

_LONGEST: Final = 4000
_LONGEST_DOSE_FORM: Final = 8  # words
_SEPARATOR: Final = re.compile(r"\s+/\s+")
_BRAND: Final = re.compile(r"\s*\[([^\[\]]*)\]\s*$")
_PACK: Final = re.compile(r"\{(.*)\}\s*Pack\s*", re.IGNORECASE | re.DOTALL)
_PACK_ITEM: Final = re.compile(r"\s*(\d{1,4})\s*\((.*)\)\s*", re.DOTALL)
_ITEM_SEPARATOR: Final = re.compile(r"(?<=\))\s*/\s*(?=\d{1,4}\s*\()")

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


@dataclass(frozen=True, slots=True)
class DrugName:
    """What an RxNorm name says of a product.

    Parameters
    ----------
    name : str
        The name as given.
    components : tuple of Component
        Every ingredient, in the order of the name.
    dose_form : str or None
        RxNorm's dose form as printed.
    form, route : str or None
        Canonical form and route of that dose form.
    wear_hours : int or None
        Hours that a patch is worn.
    extended_release : bool
        Whether it releases over many hours.
    brand : str or None
        The brand in brackets.
    pack_count : int or None
        How many pieces a pack holds.
    volume_ml : decimal.Decimal or None
        Volume of the container in mL, from the front of the name.
    actuations : int or None
        Actuations of the container, from the front of the name.
    cough_cold : bool
        An opioid with a partner for cough and cold.
    moud : bool
        Medication for opioid use disorder.
    warnings : tuple of Flag
        Where the label needs reading.
    reason : str or None
        Why the name could not be read in full; None when it could.
    """

    name: str
    components: tuple[Component, ...] = ()
    dose_form: str | None = None
    form: str | None = None
    route: str | None = None
    wear_hours: int | None = None
    extended_release: bool = False
    brand: str | None = None
    pack_count: int | None = None
    volume_ml: Decimal | None = None
    actuations: int | None = None
    cough_cold: bool = False
    moud: bool = False
    warnings: tuple[Flag, ...] = ()
    reason: str | None = None

    @property
    def opioids(self) -> tuple[Component, ...]:
        """The opioids, each once: two salts of one opioid add up where their units agree."""
        return _opioids(self.components)


@dataclass(slots=True)
class _Front:
    """What stands in front of the first ingredient."""

    hours: Decimal | None = None
    volume: Decimal | None = None
    actuations: Decimal | None = None
    rest: str = ""


@dataclass(slots=True)
class _Body:
    """A name without braces and brackets."""

    components: tuple[Component, ...] = ()
    dose_form: str | None = None
    front: _Front = field(default_factory=_Front)
    reason: str | None = None


def parse_name(text: str) -> DrugName:
    """Read an RxNorm clinical drug name.

    Parameters
    ----------
    text : str
        For example "72 HR Fentanyl 0.025 MG/HR Transdermal System".

    Returns
    -------
    DrugName
        Its parts; ``reason`` says why where it could not be read in full. Any text is answered.

    Raises
    ------
    ArgumentTypeError
        It is not text.

    Notes
    -----
    A product with one opioid in two salts has their sum as its strength: 2.25 mg of oxycodone
    hydrochloride and 0.19 mg of the terephthalate are 2.44 mg. Ingredients that are not known
    keep their text and have no kind.

    References
    ----------
    .. [1] US National Library of Medicine, RxNorm Technical Documentation, sections 10 and 11.4.

    Examples
    --------
    >>> name = parse_name(
    ...     "Acetaminophen 325 MG / Oxycodone Hydrochloride 10 MG Oral Tablet [Percocet]"
    ... )
    >>> [(drug.ingredient, drug.strength) for drug in name.opioids]
    [('oxycodone', '10 mg')]
    >>> name.route, name.form, name.brand
    ('oral', 'tablet', 'Percocet')
    >>> parse_name("Camila 28 Day Pack").reason
    'no strength'
    """
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"a drug name is text, not {type(text).__name__}",
            where="name",
            value=type(text).__name__,
        )
    if len(text) > _LONGEST:
        return DrugName(text, reason="too long for a drug name")
    plain, brand = _without_brand(" ".join(text.split()))
    if not plain:
        return DrugName(text, brand=brand, reason="empty")
    pack = _PACK.fullmatch(plain)
    if pack:
        return _read_pack(text, pack[1], brand)
    if "{" in plain or "}" in plain:
        return DrugName(text, brand=brand, reason="braces that are no pack")
    return _finished(text, _read_body(plain), brand, None)


def _without_brand(plain: str) -> tuple[str, str | None]:
    found = _BRAND.search(plain)
    return (plain[: found.start()], found[1].strip() or None) if found else (plain, None)


def _read_pack(text: str, inside: str, brand: str | None) -> DrugName:
    """Read a pack of one product; of several products only their ingredients have a meaning."""
    items = [_PACK_ITEM.fullmatch(item) for item in _ITEM_SEPARATOR.split(inside)]
    found = [item for item in items if item]
    if not found or len(found) < len(items):
        return DrugName(text, brand=brand, reason="a pack whose content cannot be read")
    bodies, brands = [], []
    for item in found:
        plain, inner_brand = _without_brand(item[2])
        bodies.append(_read_body(plain))
        brands.append(inner_brand)
    count = sum(int(item[1]) for item in found)
    brand = brands[0] or brand
    first = bodies[0]
    if all(
        (body.components, body.dose_form) == (first.components, first.dose_form) for body in bodies
    ):
        return _finished(text, first, brand, count)
    every = dict.fromkeys(part for body in bodies for part in body.components)
    if not any(part.kind == "opioid" for part in every):
        return _finished(text, _Body(tuple(every), None, first.front, first.reason), brand, count)
    # Which of the strengths a fill holds cannot be known, so none is given.
    bare = dict.fromkeys(Component(p.ingredient, p.kind, p.salt, None, None) for p in every)
    reason = "a pack of different products: no one strength"
    return _finished(text, _Body(tuple(bare), None, first.front, reason), brand, count)


def _read_body(plain: str) -> _Body:
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
        return _Body((), None, front, "no ingredient")
    if reason and all(part.kind is None and part.amount is None for part in parts):
        parts = []  # nothing in it is a known word: a brand's pack, say
    return _Body(tuple(parts), dose_form, front, reason)


def _read_front(plain: str) -> _Front:
    """Take hours, volume, actuations, application numbers and qualities off the front."""
    front = _Front(rest=plain)
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


def _opioids(components: tuple[Component, ...]) -> tuple[Component, ...]:
    joined: dict[str, list[Component]] = {}
    for part in components:
        if part.kind == "opioid":
            joined.setdefault(part.ingredient, []).append(part)
    return tuple(added for parts in joined.values() for added in _added(parts))


def _added(parts: list[Component]) -> list[Component]:
    first, *rest = parts
    amounts = [part.amount for part in parts if part.amount is not None]
    if not rest or len(amounts) < len(parts) or any(part.unit != first.unit for part in rest):
        return parts
    return [Component(first.ingredient, first.kind, None, sum(amounts, Decimal(0)), first.unit)]


def _finished(text: str, body: _Body, brand: str | None, pack_count: int | None) -> DrugName:
    """Add what follows from the parts: route and form, wear time, purpose, warnings."""
    names = [part.ingredient for part in body.components]
    opioids = _opioids(body.components)
    shape = vocabulary.dose_form(body.dose_form, names) if body.dose_form else None
    route, form = (shape.route, shape.form) if shape else (None, None)
    if form == "patch" and any(part.unit in ("mg/actuation", "mcg/actuation") for part in opioids):
        form = "iontophoretic system"  # a patch that doses at the push of a button
    hours = body.front.hours
    whole = hours is not None and hours == int(hours)
    patch = form == "patch"
    flags: list[Flag] = []
    moud = False
    for part in opioids:
        product = Labelled(part.ingredient, route, form, part.amount, part.unit)
        moud = moud or is_moud(product, names)
        flags += label_flags(product, pack_count)
    return DrugName(
        name=text,
        components=body.components,
        dose_form=body.dose_form,
        form=form,
        route=route,
        wear_hours=int(hours) if patch and whole and hours is not None else None,
        extended_release=not patch
        and ((shape is not None and shape.extended_release) or bool(hours)),
        brand=brand,
        pack_count=pack_count,
        volume_ml=body.front.volume,
        actuations=None if body.front.actuations is None else int(body.front.actuations),
        cough_cold=is_cough_cold(names),
        moud=moud,
        warnings=tuple(dict.fromkeys(flags)),
        reason=body.reason,
    )
