"""Words for drugs: ingredients, routes and dose forms, from what sources write to what we use.

Whole words are matched, case and white space folded, through alias files that carry their
source; nothing is ever matched by part of a word ("codeine" is in "dihydrocodeine"). Salts may
follow an ingredient. Brand names are not ingredients. Data load on first use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from opsafe.errors import ArgumentError
from opsafe.mme import _lookups
from opsafe.mme._lookups import DoseForm, Ingredient, Kind
from opsafe.mme._words import DrugList, drug_list, vocabulary

__all__ = [
    "DoseForm",
    "DrugList",
    "Form",
    "Ingredient",
    "Kind",
    "benzodiazepines",
    "cough_cold_partners",
    "dose_form",
    "drug_list",
    "form",
    "forms",
    "ingredient",
    "ingredient_and_salt",
    "nearest",
    "opioids",
    "other_drugs",
    "route",
    "routes",
    "vocabulary",
]

_HOURS: Final = re.compile(r"(?<![\w.])(\d{1,3}) ?(?:hr|hrs|hour|hours)\b")
_SEPARATORS: Final = re.compile(r"[;,/]")


@dataclass(frozen=True, slots=True)
class Form:
    """A dose form by its canonical name, the hours a patch is worn, and how it releases."""

    name: str
    wear_hours: int | None = None
    release: Literal["extended"] | None = None


@cache
def opioids() -> frozenset[str]:
    """Return the canonical names of every opioid that is known here, with a factor or without."""
    return frozenset(vocabulary().opioids.names)


@cache
def benzodiazepines() -> frozenset[str]:
    """Return the canonical names of the benzodiazepines that count for overlap."""
    return frozenset(drug_list("benzodiazepines").ingredients())


@cache
def other_drugs() -> frozenset[str]:
    """Return the canonical names of the other drugs that claims hold."""
    return frozenset(drug_list("other_drugs").ingredients())


@cache
def cough_cold_partners() -> frozenset[str]:
    """Return the ingredients that make an opioid product one for cough and cold."""
    return frozenset(drug_list("cough_cold").ingredients())


@cache
def routes() -> frozenset[str]:
    """Return the canonical routes."""
    return frozenset(vocabulary().routes.names)


@cache
def forms() -> frozenset[str]:
    """Return the canonical dose forms."""
    return frozenset(vocabulary().forms.names)


def ingredient(text: str) -> Ingredient | None:
    """Find the ingredient that a text names, with or without its salt.

    Parameters
    ----------
    text : str
        A name such as "Oxycodone Hydrochloride".

    Returns
    -------
    Ingredient or None
        None where the name is not known; see :func:`nearest`.

    Raises
    ------
    ArgumentTypeError
        It is not text.

    Examples
    --------
    >>> ingredient("Oxycodone  HYDROCHLORIDE")
    Ingredient(name='oxycodone', kind='opioid')
    >>> ingredient("Percocet") is None
    True
    """
    found = ingredient_and_salt(text)
    return found[0] if found else None


def ingredient_and_salt(text: str) -> tuple[Ingredient, str | None] | None:
    """Find an ingredient and, beside it, the salt that the text names.

    Parameters
    ----------
    text : str
        A name such as "codeine phosphate".

    Returns
    -------
    tuple of Ingredient and (str or None), or None
        The salt in lower case, None where none is stated; None where the name is not known.
    """
    folded = _lookups.fold(text, "ingredient")
    known = _lookups.ingredients()
    if folded in known:
        return known[folded], None
    words = folded.split(" ")
    salts = _lookups.salt_words()
    for end in range(len(words) - 1, 0, -1):
        if words[end] not in salts:
            return None
        base = known.get(" ".join(words[:end]))
        if base is not None:
            return base, " ".join(words[end:])
    return None


def route(text: str) -> str | None:
    """Find the canonical route that a text names.

    Parameters
    ----------
    text : str
        A route such as "PO", or several that are one of ours: "INTRAVENOUS; SUBCUTANEOUS".

    Returns
    -------
    str or None
        None where the route is not known, or where several differ.

    Raises
    ------
    ArgumentTypeError
        It is not text.

    Examples
    --------
    >>> route("by mouth"), route("Intravenous; Intramuscular"), route("oral; nasal")
    ('oral', 'parenteral', None)
    """
    folded = _lookups.fold(text, "route")
    known = _lookups.routes()
    if folded in known:
        return known[folded]
    parts = {known.get(part.strip()) for part in _SEPARATORS.split(folded)}
    return parts.pop() if len(parts) == 1 else None


def form(text: str) -> Form | None:
    """Find the canonical dose form that a text names.

    Parameters
    ----------
    text : str
        An RxNorm dose form ("72 HR Transdermal System"), a form as the FDA's directory prints it
        ("TABLET, FILM COATED, EXTENDED RELEASE") or as a pharmacy does ("TAB ER").

    Returns
    -------
    Form or None
        None where the form is not known, or where it is none that opioids come in.

    Raises
    ------
    ArgumentTypeError
        It is not text.

    Examples
    --------
    >>> form("72 HR Transdermal System")
    Form(name='patch', wear_hours=72, release=None)
    >>> form("Extended Release Oral Tablet")
    Form(name='tablet', wear_hours=None, release='extended')
    """
    folded = _lookups.fold(text, "form")
    hours = _HOURS.search(folded)
    plain = " ".join(_HOURS.sub(" ", folded).split()).strip(", ") if hours else folded
    found = _lookups.named_form(plain)
    if found is None:
        return None
    name, extended = found
    if name == "patch":
        return Form(name, int(hours[1]) if hours else None)
    return Form(name, None, "extended" if extended or hours else None)


def dose_form(text: str, ingredients: Iterable[str] = ()) -> DoseForm | None:
    """Find an RxNorm dose form, with the route that it has for these ingredients.

    Parameters
    ----------
    text : str
        The dose form, without hours in front.
    ingredients : iterable of str, optional
        Canonical ingredients of the product: an "Oral Strip" of buprenorphine is sublingual.

    Returns
    -------
    DoseForm or None
        None where RxNorm has no such dose form, as far as is known here.

    Raises
    ------
    ArgumentTypeError
        It is not text.

    Examples
    --------
    >>> dose_form("Oral Strip", ["buprenorphine"]).route
    'sublingual'
    """
    found = _lookups.dose_forms().get(_lookups.fold(text, "dose_form"))
    if found is None:
        return None
    for name in ingredients:
        route_of = _lookups.dose_form_routes().get((found.name, name))
        if route_of:
            return DoseForm(found.name, route_of, found.form, found.extended_release)
    return found


def nearest(text: str, kind: str = "ingredient", n: int = 3) -> tuple[str, ...]:
    """Return the canonical words that look most like an unknown one.

    Parameters
    ----------
    text : str
        The unknown word.
    kind : {"ingredient", "route", "form"}, optional
        Among which words to look.
    n : int, optional
        How many.

    Returns
    -------
    tuple of str
        At most ``n`` canonical words, the nearest first.

    Raises
    ------
    ArgumentError
        The kind is not one of the three.
    ArgumentTypeError
        It is not text.

    Examples
    --------
    >>> nearest("oxycodon")[0]
    'oxycodone'
    """
    if kind not in _lookups.TABLES:
        raise ArgumentError(
            f"there is no kind {kind!r}", where="kind", value=kind, allowed=_lookups.TABLES
        )
    return _lookups.nearest_words(_lookups.fold(text, "text"), kind)[: max(n, 0)]
