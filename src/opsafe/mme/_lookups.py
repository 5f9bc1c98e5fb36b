"""Look-ups of words, made once from the packaged documents: folded name to meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from opsafe.errors import ArgumentTypeError
from opsafe.mme._words import ListName, drug_list, vocabulary

__all__ = [
    "TABLES",
    "DoseForm",
    "Ingredient",
    "Kind",
    "dose_form_routes",
    "dose_forms",
    "fold",
    "form_qualifiers",
    "form_words",
    "ingredient_words",
    "ingredients",
    "named_form",
    "nearest_words",
    "routes",
    "salt_words",
]

Kind: TypeAlias = Literal["opioid", "benzodiazepine", "other"]

_READ_AT_MOST: Final = 200  # characters of a word: longer text is no name, and must stay cheap


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An ingredient by its canonical name, and what it counts as."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class DoseForm:
    """An RxNorm dose form: its name in lower case, its route and our form, where we have them."""

    name: str
    route: str | None
    form: str | None
    extended_release: bool


@cache
def ingredients() -> Mapping[str, Ingredient]:
    """Every known name, folded, with the ingredient it stands for."""
    table: dict[str, Ingredient] = {}
    sources: tuple[tuple[Kind, Iterable[str], Mapping[str, str]], ...] = (
        ("opioid", vocabulary().opioids.names, vocabulary().opioids.aliases),
        ("benzodiazepine", *_of_list("benzodiazepines")),
        ("other", *_of_list("other_drugs")),
        ("other", (), drug_list("cough_cold").aliases),
    )
    for kind, names, aliases in sources:
        for alias, name in (*((name, name) for name in names), *aliases.items()):
            table.setdefault(alias, Ingredient(name, kind))
    return table


def _of_list(name: ListName) -> tuple[tuple[str, ...], Mapping[str, str]]:
    drugs = drug_list(name)
    return drugs.ingredients(), drugs.aliases


@cache
def ingredient_words() -> Mapping[str, str]:
    """Every name of an ingredient with the canonical one."""
    return {alias: found.name for alias, found in ingredients().items()}


@cache
def salt_words() -> frozenset[str]:
    """Words that may follow an ingredient."""
    return frozenset((*vocabulary().salts.words, *vocabulary().salts.abbreviations))


@cache
def routes() -> Mapping[str, str]:
    """Every name of a route with the canonical one."""
    names = vocabulary().routes.names
    return {alias: name for name, aliases in names.items() for alias in (name, *aliases)}


@cache
def form_words() -> Mapping[str, str]:
    """Every name of a form, stated without a route, with the canonical one."""
    names = vocabulary().forms.names
    return {alias: name for name, aliases in names.items() for alias in (name, *aliases)}


@cache
def dose_forms() -> Mapping[str, DoseForm]:
    """RxNorm's dose forms by name."""
    return {
        name: DoseForm(
            name,
            None if way == "unstated" else way,
            None if shape == "none" else shape,
            "extended release" in name or "sustained release" in name,
        )
        for shape, way, name in _dose_form_rows()
    }


def _dose_form_rows() -> Iterator[tuple[str, str, str]]:
    for shape, by_route in vocabulary().dose_forms.items():
        for way, names in by_route.items():
            for name in names:
                yield shape, way, name


@cache
def dose_form_routes() -> Mapping[tuple[str, str], str]:
    """Routes of dose forms that have another one for some ingredient."""
    rows = vocabulary().dose_form_of
    return {(row.dose_form, row.ingredient): row.route for row in rows}


@cache
def form_qualifiers() -> Mapping[str, bool]:
    """Words that may stand beside a form, and whether they mean extended release."""
    qualifiers = vocabulary().forms.qualifiers
    return {
        **dict.fromkeys(qualifiers.other, False),
        **dict.fromkeys(qualifiers.extended, True),
    }


def named_form(folded: str) -> tuple[str, bool] | None:
    """Find a form and whether its release is extended: by name, else as a base with qualifiers."""
    found = dose_forms().get(folded)
    if found is not None:
        return (found.form, found.extended_release) if found.form else None
    words = form_words()
    if folded in words:
        return words[folded], False
    head, *rest = (part.strip() for part in folded.split(","))
    base = _qualified(head)
    known = form_qualifiers()
    if base is None or any(part not in known for part in rest):
        return None
    return base[0], base[1] or any(known[part] for part in rest)


def _qualified(text: str) -> tuple[str, bool] | None:
    """Read "extended release tablet" or "tab er": a form with one qualifier before or after it."""
    words, known = form_words(), form_qualifiers()
    if text in words:
        return words[text], False
    parts = text.split(" ")
    for cut in range(1, len(parts)):
        left, right = " ".join(parts[:cut]), " ".join(parts[cut:])
        if left in known and right in words:
            return words[right], known[left]
        if right in known and left in words:
            return words[left], known[right]
    return None


TABLES: Final[Mapping[str, Callable[[], Mapping[str, str]]]] = {
    "ingredient": ingredient_words,
    "route": routes,
    "form": form_words,
}
"""By kind of word: every name, folded, with the canonical word it stands for."""


@lru_cache(maxsize=4096)
def nearest_words(folded: str, kind: str) -> tuple[str, ...]:
    """Order words by likeness; pairs of letters choose who is compared, since ratios are slow."""
    table = TABLES[kind]()
    pairs = _pairs(folded)
    candidates = sorted(
        table, key=lambda word: (-_shared(pairs, _pairs(word)), abs(len(word) - len(folded)), word)
    )
    matcher = SequenceMatcher(b=folded, autojunk=False)
    scored = []
    for word in candidates[:24]:
        matcher.set_seq1(word)
        scored.append((-matcher.ratio(), word))
    ordered = dict.fromkeys(table[word] for _, word in sorted(scored))
    return tuple(ordered)[:10]


@lru_cache(maxsize=16384)
def _pairs(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[start : start + 2] for start in range(len(padded) - 1))


def _shared(left: frozenset[str], right: frozenset[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right))


def fold(text: object, where: str) -> str:
    """Fold case and white space, so that a word is compared as it is read."""
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"must be text, not {type(text).__name__}", where=where, value=type(text).__name__
        )
    if len(text) > _READ_AT_MOST:
        # A longer text cannot match; cutting it inside a word must not make it one that does.
        text = text[:_READ_AT_MOST] + "…"
    return " ".join(text.split()).casefold()
