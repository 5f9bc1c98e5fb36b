"""The arguments of exposure, checked once and kept as what the kernel compares with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np

from opsafe._arguments import read_whole
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.mme import _grid
from opsafe.mme._population.spans import read_day
from opsafe.mme._resolve import Policy
from opsafe.quantity import read_decimal

__all__ = ["Buprenorphine", "Exclude", "MoudProducts", "Options", "Overlap", "PatchDays"]

Overlap = Literal["sum", "shift_same_product"]
PatchDays = Literal["fill", "edition"]
Buprenorphine = Literal["exclude", "include"]
MoudProducts = Literal["set_aside", "include"]
Exclude = Literal["days", "members"]
_CHOICES: dict[str, Any] = {
    "overlap": Overlap,
    "patch_days": PatchDays,
    "buprenorphine": Buprenorphine,
    "moud_products": MoudProducts,
    "exclude": Exclude,
}
_DEFAULTS: dict[str, Any] = {
    "overlap": "sum",
    "patch_days": "fill",
    "buprenorphine": "exclude",
    "moud_products": "set_aside",
    "exclude": "days",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Checked arguments; days are the kernel's, thresholds counts of 1e-6 MME a day."""

    start: int | None
    end: int | None
    at_least: dict[str, int]
    more_than: dict[str, int]
    overlap: Overlap
    max_shift_days: int
    patch_days: PatchDays
    buprenorphine: Buprenorphine
    moud_products: MoudProducts
    exclude: Exclude
    not_opioid: tuple[str, ...]
    segments: bool
    contributions: bool

    @classmethod
    def check(
        cls,
        *,
        start: object = None,
        end: object = None,
        at_least: object = (50, 90),
        more_than: object = (),
        max_shift_days: int = 30,
        not_opioid: object = (),
        segments: bool = False,
        contributions: bool = False,
        **choices: Any,
    ) -> Options:
        """Check every argument; the first wrong one is named."""
        choices = _DEFAULTS | choices
        for name, value in choices.items():
            allowed = get_args(_CHOICES[name])
            if value not in allowed:
                raise ArgumentError("is not a choice", where=name, value=value, allowed=allowed)
        first, last = read_day(start, "start"), read_day(end, "end")
        if first is not None and last is not None and last < first:
            raise ArgumentError("lies before start", where="end")
        if (
            isinstance(not_opioid, str)
            or not isinstance(not_opioid, Iterable)
            or not all(isinstance(one, str) for one in not_opioid)
        ):
            raise ArgumentTypeError("is not a sequence of ingredient names", where="not_opioid")
        return cls(
            start=first,
            end=last,
            at_least=_thresholds(at_least, "at_least"),
            more_than=_thresholds(more_than, "more_than"),
            max_shift_days=read_whole(max_shift_days, "max_shift_days", 0, 366),
            not_opioid=tuple(not_opioid),
            segments=bool(segments),
            contributions=bool(contributions),
            **choices,
        )

    @property
    def policy(self) -> Policy:
        """What the resolution of a drug line depends on."""
        return Policy(
            buprenorphine=self.buprenorphine == "include",
            moud_products=self.moud_products == "include",
        )


def _thresholds(values: object, where: str) -> dict[str, int]:
    """Read thresholds as counts of 1e-6, by the text that names their columns."""
    if isinstance(values, str | int | float | Decimal | Fraction):
        values = (values,)
    if not isinstance(values, Iterable):
        raise ArgumentTypeError("is not a sequence of numbers", where=where)
    found: dict[str, int] = {}
    for value in values:
        count = _count(value.item() if isinstance(value, np.generic) else value, where)
        # Named from the count: 90, 90.0 and Decimal("90.00") are one threshold.
        found[_grid.written(count)] = count
    return found


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise ArgumentTypeError(f"{type(value).__name__} is no number", where=where)
    text = str(value)
    written = read_decimal(text) if not isinstance(value, Fraction) else None
    if isinstance(value, Fraction):
        count = value * 10**6
    elif written is None or not written.is_finite() or abs(written.adjusted()) > 20:
        raise ArgumentError(f"{text[:40]} is not finite, or of no sensible size", where=where)
    else:
        count = Fraction(written) * 10**6
    if count.denominator != 1 or not 0 < count <= 9 * 10**12:
        raise ArgumentError(
            f"{text[:40]} is not a positive number with at most 6 decimals", where=where
        )
    return int(count)
