"""Fields by year: one number for all years, a row with one for each, or a distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeAlias

import numpy as np
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag
from pydantic.types import StringConstraints

from opsafe._arguments import plain
from opsafe.costbenefit.money import per_year
from opsafe.quantity import Share
from opsafe.uncertainty import Distribution

__all__ = [
    "MOST_YEARS",
    "ByYear",
    "CostsField",
    "HeadsByYear",
    "MixShare",
    "Name",
    "Names",
    "ShareByYear",
    "UsdByYear",
]

MOST_YEARS: Final = 5

ByYear: TypeAlias = float | tuple[float, ...] | Distribution
"""One number for all years, one for each, or a distribution of the one number."""


def _form(value: object) -> str:
    """Which of its forms an input has, so that only this one is complained about."""
    if isinstance(value, Mapping):
        return "distribution" if isinstance(value.get("kind"), str) else "by_category"
    if hasattr(value, "quantile"):
        return "distribution"
    return "by_year" if isinstance(value, tuple | list) else "number"


def _rows(read: Callable[[object], object]) -> BeforeValidator:
    """Take lists and arrays for years, and read each amount."""

    def reader(value: object) -> object:
        listed = value.tolist() if isinstance(value, np.ndarray) else value
        if isinstance(listed, list | tuple):
            return tuple(read(plain(each)) for each in listed)
        return read(plain(listed))

    return BeforeValidator(reader)


def _inside(low: float, high: float) -> AfterValidator:
    """Refuse a distribution that could leave the range of its field."""

    def check(value: Any) -> Any:
        support = getattr(value, "support", (low, high))
        if support[0] < low or (support[1] > high and high <= 1):
            told = f"outside {low:g} to {high:g}" if high <= 1 else f"below {low:g}"
            raise ValueError(f"the distribution reaches {told}")
        return value

    return AfterValidator(check)


def _same(value: object) -> object:
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Names: TypeAlias = Annotated[tuple[Name, ...], _rows(_same)]
_Heads = Annotated[float, Ge(0), Le(1e9)]
_Usd = Annotated[float, Ge(0), Le(1e12)]
_Years = (MinLen(1), MaxLen(MOST_YEARS))
_Spread = Annotated[Distribution, Tag("distribution")]
HeadsByYear: TypeAlias = Annotated[
    Annotated[_Heads, Tag("number")]
    | Annotated[tuple[_Heads, ...], *_Years, Tag("by_year")]
    | _Spread,
    Discriminator(_form),
    _rows(_same),
    _inside(0, 1e9),
]
ShareByYear: TypeAlias = Annotated[
    Annotated[Share, Tag("number")]
    | Annotated[tuple[Share, ...], *_Years, Tag("by_year")]
    | _Spread,
    Discriminator(_form),
    _rows(_same),
    _inside(0, 1),
]
UsdByYear: TypeAlias = Annotated[
    Annotated[_Usd, Tag("number")] | Annotated[tuple[_Usd, ...], *_Years, Tag("by_year")] | _Spread,
    Discriminator(_form),
    _rows(per_year),
    _inside(0, 1e12),
]
MixShare: TypeAlias = Annotated[
    Annotated[Share, Tag("number")] | Annotated[tuple[Share, ...], *_Years, Tag("by_year")],
    Discriminator(_form),
    _rows(_same),
]
CostsField: TypeAlias = Annotated[
    Annotated[_Usd, Tag("number")]
    | Annotated[tuple[_Usd, ...], *_Years, Tag("by_year")]
    | _Spread
    | Annotated[dict[Name, UsdByYear], MinLen(1), Tag("by_category")],
    Discriminator(_form),
    _rows(per_year),
    _inside(0, 1e12),
]
