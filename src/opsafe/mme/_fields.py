"""The fields of a conversion factor: exact values on a grid, words of the vocabulary."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from opsafe._fields import exact
from opsafe.mme import vocabulary

__all__ = [
    "Amount",
    "Forms",
    "Ingredient",
    "OptionalRoutes",
    "PrintedBounds",
    "Routes",
    "Value",
    "at_least_one",
]

Item = TypeVar("Item")

_GRID = Decimal("0.001")
_LARGEST = Decimal(100_000)  # more than any factor ever printed, in any unit


def _on_grid(value: Decimal) -> Decimal:
    if value % _GRID:
        raise ValueError(f"must be a whole number of thousandths, not {value}")
    return value


def _known_ingredient(word: str) -> str:
    return _check_word("ingredient", word, vocabulary.opioids())


def _known_route(word: str) -> str:
    return _check_word("route", word, vocabulary.routes())


def _known_form(word: str) -> str:
    return _check_word("form", word, vocabulary.forms())


def _check_word(what: str, word: str, known: frozenset[str]) -> str:
    """Refuse a word that is not the canonical one of the vocabulary."""
    if word in known:
        return word
    near = ", ".join(get_close_matches(word.casefold(), sorted(known), n=3, cutoff=0))
    raise ValueError(f"{word!r} is not a known {what}; the nearest: {near}")


def at_least_one(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Refuse an empty tuple (a length in the schema would also complain of items that fail)."""
    if not items:
        raise ValueError("needs at least one")
    return items


def _each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(words)) < len(words):
        raise ValueError(f"names one of its words twice: {', '.join(words)}")
    return words


Value: TypeAlias = Annotated[
    Decimal, BeforeValidator(exact), Field(gt=0, le=_LARGEST), AfterValidator(_on_grid)
]
Amount: TypeAlias = Annotated[
    Decimal, BeforeValidator(exact), Field(ge=0), AfterValidator(_on_grid)
]
Ingredient: TypeAlias = Annotated[str, AfterValidator(_known_ingredient)]
Route: TypeAlias = Annotated[str, AfterValidator(_known_route)]
Form: TypeAlias = Annotated[str, AfterValidator(_known_form)]
OptionalRoutes: TypeAlias = Annotated[tuple[Route, ...], AfterValidator(_each_once)]
Routes: TypeAlias = Annotated[OptionalRoutes, AfterValidator(at_least_one)]
Forms: TypeAlias = Annotated[tuple[Form, ...], AfterValidator(_each_once)]
PrintedBounds: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(\d+-\d+|>\d+|>\d+-\d+)$")]
