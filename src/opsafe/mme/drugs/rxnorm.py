"""RxNorm clinical drug names: ingredients, strengths, dose form, route.

A name is built by rule: hours, volume or a quality in front, then ingredients each with its
strength, parted by " / ", then the dose form, then the brand in brackets; packs in braces. This
reads the rule backwards. A name that does not follow it comes back with the reason, never as a
guess and never as an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from opsafe.errors import ArgumentTypeError
from opsafe.mme import vocabulary
from opsafe.mme.drugs._grammar import Body, Component, read_body
from opsafe.mme.drugs.products import Labelled, is_cough_cold, is_moud, label_flags
from opsafe.mme.reasons import Flag

__all__ = ["Component", "DrugName", "parse_name"]

_LONGEST: Final = 4000
_BRAND: Final = re.compile(r"\s*\[([^\[\]]*)\]\s*$")
_PACK: Final = re.compile(r"\{(.*)\}\s*Pack\s*", re.IGNORECASE | re.DOTALL)
_PACK_ITEM: Final = re.compile(r"\s*(\d{1,4})\s*\((.*)\)\s*", re.DOTALL)
_ITEM_SEPARATOR: Final = re.compile(r"(?<=\))\s*/\s*(?=\d{1,4}\s*\()")


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
    return _finished(text, read_body(plain), brand, None)


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
        bodies.append(read_body(plain))
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
        return _finished(text, Body(tuple(every), None, first.front, first.reason), brand, count)
    # Which of the strengths a fill holds cannot be known, so none is given.
    bare = dict.fromkeys(Component(p.ingredient, p.kind, p.salt, None, None) for p in every)
    reason = "a pack of different products: no one strength"
    return _finished(text, Body(tuple(bare), None, first.front, reason), brand, count)


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


def _finished(text: str, body: Body, brand: str | None, pack_count: int | None) -> DrugName:
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
