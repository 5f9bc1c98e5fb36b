"""What products contain, read from names, from a plan's own frame, or from the CDC layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np

from opsafe._readings import read_flags
from opsafe.columns import Column, Nullable, Text
from opsafe.errors import StrengthError
from opsafe.frames import Table
from opsafe.mme import vocabulary
from opsafe.mme.drugs.products import Labelled, is_cough_cold, is_moud
from opsafe.mme.drugs.rxnorm import DrugName, parse_name
from opsafe.quantity import read_decimal
from opsafe.units import parse_strength, parse_unit

__all__ = [
    "NO_STRENGTH",
    "PARTS",
    "Content",
    "Entry",
    "from_columns",
    "from_name",
    "known",
    "read_strength",
    "text_of",
    "values_of",
]

PARTS: Final = re.compile(r"\s*(?:/|;|\+|\s+and\s+|\s+with\s+)\s*", re.IGNORECASE)
_DIGITS: Final = 6  # of a volume in mL or of hours: more is no such number, and costly to write
NO_STRENGTH: Final = "not a number with a known unit"


@dataclass(frozen=True, slots=True)
class Content:
    """One ingredient of a product as a fill of it carries it; text that is not known is kept."""

    ingredient: str | None
    strength: float | None = None
    unit: str | None = None
    route: str | None = None
    form: str | None = None
    wear_hours: int | None = None
    cough_cold: bool | None = None
    moud: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A product under its code as written: its contents, and what could not be read."""

    code: object
    contents: tuple[Content, ...]
    problem: str | None = None
    field: str | None = None
    seen: str | None = None
    not_opioid: str | None = None


# ------------------------------------------------------------------------------- RxNorm names


def from_name(code: object, name: object) -> Entry:
    """Read a product from its RxNorm name: a content for each opioid, else one for the drug."""
    if not isinstance(name, str):
        return Entry(code, (Content(None),), "the name is not text", "name", type(name).__name__)
    read = parse_name(name)
    seen = name if read.reason else None
    return Entry(code, _contents(read), read.reason, "name" if read.reason else None, seen)


def _contents(read: DrugName) -> tuple[Content, ...]:
    parts = read.opioids
    if not parts and read.components:
        # An unknown ingredient comes first: nothing may pass for "not opioid" by its partner.
        order = (None, "benzodiazepine", "other")
        parts = (min(read.components, key=lambda part: order.index(part.kind)),)
    if not parts:
        return (Content(" ".join(read.name.split()).casefold() or None),)
    return tuple(
        Content(
            ingredient=part.ingredient,
            strength=None if part.amount is None else float(part.amount),
            unit=part.unit,
            route=read.route,
            form=read.form,
            wear_hours=read.wear_hours,
            cough_cold=read.cough_cold,
            moud=read.moud,
        )
        for part in parts
    )


# ------------------------------------------------------------------------------ a plan's frame


def from_columns(table: Table) -> Iterator[Entry]:
    """Read products from columns named as ours; each row is a product."""
    columns = {
        name: values_of(table.column(name)) if name in table else [None] * len(table)
        for name in ("code", *_FIELDS)
    }
    for name in ("cough_cold", "moud"):
        if name in table:
            read_flags(table.column(name), f"{table.where}[{name!r}]")  # refuses other kinds
    for row in zip(*columns.values(), strict=True):
        code, *values = row
        yield _from_values(code, dict(zip(_FIELDS, values, strict=True)))


_FIELDS: Final = (
    *("ingredient", "strength", "unit", "route", "form", "wear_hours", "cough_cold", "moud"),
)


def _from_values(code: object, given: Mapping[str, Any]) -> Entry:
    names = _ingredients(given["ingredient"])
    opioid, partners = _chosen(names)
    amount, unit = read_strength(given["strength"], given["unit"])
    shape = known(vocabulary.form, given["form"])
    way = known(vocabulary.route, given["route"])
    route = way or text_of(given["route"])
    form = shape.name if shape else text_of(given["form"])
    product = Labelled(opioid or "", route, form, amount, unit)
    moud, cough_cold = _flag(given["moud"]), _flag(given["cough_cold"])
    if moud is None and opioid in vocabulary.opioids():
        moud = is_moud(product, partners)
    if cough_cold is None and len(names) > 1:
        cough_cold = is_cough_cold(names)
    content = Content(
        ingredient=opioid,
        strength=None if amount is None else float(amount),
        unit=unit or text_of(given["unit"]),
        route=route,
        form=form,
        wear_hours=_whole(given["wear_hours"]) or (shape.wear_hours if shape else None),
        cough_cold=cough_cold,
        moud=moud,
    )
    unread = amount is None and text_of(given["strength"]) is not None
    if unread:
        seen = text_of(given["strength"])
        return Entry(code, (content,), NO_STRENGTH, "strength", seen)
    return Entry(code, (content,))


def _ingredients(text: object) -> tuple[str, ...]:
    """Name the ingredients of "oxycodone hcl/acetaminophen"; a text that is not known is kept."""
    written = text_of(text)
    return () if written is None else _split_ingredients(written)


@lru_cache(maxsize=4096)
def _split_ingredients(written: str) -> tuple[str, ...]:
    found = vocabulary.ingredient(written)
    if found:
        return (found.name,)
    parts = [vocabulary.ingredient(part) for part in PARTS.split(written)]
    if len(parts) > 1 and all(parts):
        return tuple(dict.fromkeys(part.name for part in parts if part))
    return (" ".join(written.split()).casefold(),)


def _chosen(names: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Choose the opioid of a product, else its benzodiazepine, else what stands first."""
    for among in (vocabulary.opioids(), vocabulary.benzodiazepines(), frozenset(names)):
        chosen = [name for name in names if name in among]
        if len(chosen) > 1 and among is vocabulary.opioids():
            # Two opioids and one strength: nobody can say which of them it is.
            return " / ".join(names), names
        if chosen:
            return chosen[0], tuple(name for name in names if name != chosen[0])
    return None, ()


# ------------------------------------------------------------------------------------- values


def read_strength(strength: object, unit: object) -> tuple[Decimal | None, str | None]:
    """Read an exact amount and its unit from two values, or from one text that holds both."""
    written, stated = text_of(strength), text_of(unit)
    if written is None:
        return None, _unit(stated)
    amount = read_decimal(written)
    if amount is not None and amount.is_finite():
        return (amount, _unit(stated)) if stated is not None else (amount, None)
    try:
        parsed = parse_strength(written)
    except StrengthError:
        return None, _unit(stated)
    if parsed.volume == 1:
        return parsed.amount, parsed.unit
    return parsed.amount, f"{parsed.unit.partition('/')[0]}/{parsed.volume} mL"


def _unit(stated: str | None) -> str | None:
    parsed = parse_unit(stated) if stated is not None else None
    if parsed is None or parsed[1].adjusted() > _DIGITS:
        return None
    unit, volume = parsed
    return unit if volume == 1 else f"{unit.partition('/')[0]}/{volume:f} mL"


def values_of(column: Column) -> list[Any]:
    """Return a column as Python values, None where missing."""
    if isinstance(column, Text):
        return column.array().tolist()  # type: ignore[no-any-return]
    if isinstance(column, Nullable):
        pairs = zip(column.values.tolist(), column.valid.tolist(), strict=True)
        return [value if valid else None for value, valid in pairs]
    if column.dtype.kind == "f":
        # Through its own shortest text, so that a float32 of 0.1 is 0.1.
        return [None if np.isnan(value) else float(str(value)) for value in column]
    return column.tolist()  # type: ignore[no-any-return]


def text_of(value: object) -> str | None:
    """Write a value as text; numbers without a tail of zeros, so that 10.0 is "10"."""
    if value is None:
        return None
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value).strip() or None


def known(read: Callable[[str], Any], value: object) -> Any:
    written = text_of(value)
    return None if written is None else read(written)


def _whole(value: object) -> int | None:
    written = text_of(value)
    number = read_decimal(written) if written is not None else None
    if number is None or not number.is_finite() or not 0 < number.adjusted() + 1 <= _DIGITS:
        return None
    return int(number) if number == int(number) and number > 0 else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
