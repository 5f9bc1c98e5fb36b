"""Fields that editions share: exact decimals in their ranges, and fields that belong together."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, ValidationInfo

__all__ = [
    "Count",
    "CountFromZero",
    "Hours",
    "Inside",
    "Medication",
    "Months",
    "Part",
    "Positive",
    "exact",
    "partner",
]


def exact(value: object, info: ValidationInfo) -> object:
    """Take whole numbers for decimals, and text in JSON; never a float."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and info.mode == "json":
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError(f"must be a decimal, not {value!r}") from None
    if not isinstance(value, Decimal):
        hint = ' (in JSON decimals are text: "0.15")' if info.mode == "json" else ""
        raise ValueError(f"must be an exact decimal, not {value!r}{hint}")
    return value


# Bounds keep a float of the figure away from zero and from infinity.
Positive: TypeAlias = Annotated[
    Decimal, BeforeValidator(exact), Field(ge=Decimal("1e-9"), le=Decimal("1e9"))
]
Months: TypeAlias = Annotated[Positive, Field(le=1200)]
Hours: TypeAlias = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, le=Decimal(8_784))]
Part: TypeAlias = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, le=1)]
Inside: TypeAlias = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, lt=1)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000_000)]
CountFromZero: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000_000)]
Medication: TypeAlias = Literal["buprenorphine", "methadone", "naltrexone"]


def partner(info: ValidationInfo, name: str, value: object) -> Any:
    """Return the field that goes with this one; the two are given together, or not at all.

    Both names stand in the message, since a field that was left out has no path.
    """
    if name not in info.data:  # it is wrong itself, and has its own complaint
        return None
    if (info.data[name] is None) != (value is None):
        raise ValueError(f"{name} and {info.field_name} are given together, or not at all")
    return info.data[name]
