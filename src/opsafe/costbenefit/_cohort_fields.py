"""Fields of a cohort model: names, and values: numbers, expressions or distributions."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Annotated, Final, TypeAlias

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import AfterValidator, BeforeValidator, Discriminator, StringConstraints, Tag

from opsafe._distributions import Distribution
from opsafe.costbenefit._expressions import FUNCTIONS, VARIABLES, parse
from opsafe.provenance import Document
from opsafe.survival import Retention

__all__ = [
    "REST",
    "Amounts",
    "AmountsAtCycles",
    "Cycles",
    "Dwell",
    "Number",
    "Parameter",
    "ParameterName",
    "States",
    "Value",
    "Values",
    "WeibullDwell",
    "as_tuple",
    "by_category",
]

REST: Final = "rest"
"""In a row: 1 minus all others."""
LONGEST_STAY: Final = 5_000  # cycles of a stay that are told apart


def as_tuple(value: object) -> object:
    """Take lists for tuples, at any depth, as JSON does."""
    if isinstance(value, list | tuple):
        return tuple(as_tuple(each) for each in value)
    if isinstance(value, dict):
        return {key: as_tuple(each) for key, each in value.items()}
    return value


def _expression(text: str) -> str:
    parse(text)
    return text


def _parameter_name(name: str) -> str:
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name):
        raise ValueError(f"{name[:60]!r} is no name: letters, digits and _, not first a digit")
    if name in VARIABLES or name in FUNCTIONS or name == REST:
        raise ValueError(f"{name!r} is taken: it means something in every expression")
    return name


def _state_name(name: str) -> str:
    if ">" in name:
        raise ValueError(f"{name!r} has a >, which stands between the states of a move")
    return name


def _from_key(value: object) -> object:
    """A cycle that is a key: JSON has text there."""
    is_key = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9
    return int(str(value)) if is_key else value


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "expression"
    if isinstance(value, int | float):
        return "number"
    return "table" if isinstance(value, tuple | list) else "distribution"


def _value_kind(value: object) -> str:
    return "expression" if isinstance(value, str) else "number"


def _dwell_kind(value: object) -> str:
    if isinstance(value, int | float):
        return "cycles"
    fields = value if isinstance(value, Mapping) else {}
    is_curve = isinstance(value, Retention) or "gap_days" in fields
    return "retention" if is_curve else "weibull"


Number: TypeAlias = Annotated[float, Ge(-1e12), Le(1e12)]
Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Cycles: TypeAlias = Annotated[int, Ge(1), Le(20_000)]
StateName: TypeAlias = Annotated[Text, MaxLen(80), AfterValidator(_state_name)]
States: TypeAlias = Annotated[
    tuple[StateName, ...], MinLen(1), MaxLen(500), BeforeValidator(as_tuple)
]
ParameterName: TypeAlias = Annotated[str, MaxLen(80), AfterValidator(_parameter_name)]
Expression: TypeAlias = Annotated[Text, AfterValidator(_expression)]
Value: TypeAlias = Annotated[
    Annotated[Number, Tag("number")] | Annotated[Expression, Tag("expression")],
    Discriminator(_value_kind),
]
"""A number, or an expression over parameters."""
Values: TypeAlias = dict[Text, Value]
Table: TypeAlias = Annotated[
    tuple[Number, ...], MinLen(1), MaxLen(20_000), BeforeValidator(as_tuple)
]
Parameter: TypeAlias = Annotated[
    Annotated[Number, Tag("number")]
    | Annotated[Expression, Tag("expression")]
    | Annotated[Table, Tag("table")]
    | Annotated[Distribution, Tag("distribution")],
    Discriminator(_kind),
]
"""A number, a distribution, an expression over other parameters, or a table of numbers."""


def by_category(value: object) -> object:
    """Take one mapping of states for the only category."""
    flat = isinstance(value, Mapping) and not any(isinstance(v, Mapping) for v in value.values())
    return {"costs": value} if flat and value else value


Amounts: TypeAlias = Annotated[dict[Text, Values], BeforeValidator(by_category)]
"""By category, and in it by state or move."""
CycleNumber: TypeAlias = Annotated[int, Ge(0), Le(20_000), BeforeValidator(_from_key)]
AmountsAtCycles: TypeAlias = dict[Text, dict[CycleNumber, Value]]
"""By category, and in it by cycle."""


class WeibullDwell(Document):
    """A stay whose length follows a Weibull distribution.

    Parameters
    ----------
    scale_months : float or str
        Scale in months, above 0: a number, or an expression over parameters.
    shape : float or str
        Shape, above 0: below 1 most leave early, at 1 the hazard is constant.
    cycles : int, optional
        Cycles of a stay that are told apart; beyond them the last one's values go on. Without it,
        all that the run can hold, which is exact.

    Raises
    ------
    DocumentError
        If a field is missing, out of range or no expression.

    Notes
    -----
    S(t) = exp(-(t / scale) ** shape). In the state's expressions ``dwell_ends`` is
    1 - S(t + 1) / S(t), with t the cycles spent there so far.
    """

    scale_months: Value
    shape: Value
    cycles: Annotated[int, Ge(1), Le(LONGEST_STAY)] | None = None


Dwell: TypeAlias = Annotated[
    Annotated[Annotated[int, Gt(0), Le(LONGEST_STAY)], Tag("cycles")]
    | Annotated[Retention, Tag("retention")]
    | Annotated[WeibullDwell, Tag("weibull")],
    Discriminator(_dwell_kind),
]
"""Cycles of a stay that are told apart, a retention curve, or a Weibull curve."""
