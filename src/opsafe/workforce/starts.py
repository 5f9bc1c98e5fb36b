"""Paths of a number over months: how many members ask to start treatment each month."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
from annotated_types import Ge, Le, MinLen
from pydantic import Field

from opsafe._arguments import read_whole
from opsafe.errors import ArgumentError
from opsafe.provenance import Document
from opsafe.quantity import FloatArray

__all__ = ["Constant", "Linear", "Logistic", "Path", "Series", "Step"]

PerMonth = Annotated[float, Ge(0), Le(1e9)]
Month = Annotated[float, Ge(0), Le(1200)]
_MOST_MONTHS: Final = 12_000


class Constant(Document):
    """The same number every month."""

    kind: Literal["constant"] = "constant"
    per_month: PerMonth

    def monthly(self, months: int) -> FloatArray:
        """Return the number of each month."""
        return np.full(_read(months), self.per_month, float)


class Step(Document):
    """One number before a month, and another from it on."""

    kind: Literal["step"] = "step"
    before: PerMonth
    after: PerMonth
    from_month: Annotated[int, Ge(0), Le(1200)]

    def monthly(self, months: int) -> FloatArray:
        """Return the number of each month."""
        return np.where(np.arange(_read(months)) < self.from_month, self.before, self.after).astype(
            float
        )


class Linear(Document):
    """From one number in the first month to another in a later one, and the same from there on."""

    kind: Literal["linear"] = "linear"
    first: PerMonth
    last: PerMonth
    last_month: Annotated[int, Ge(1), Le(1200)]

    def monthly(self, months: int) -> FloatArray:
        """Return the number of each month."""
        part = np.minimum(np.arange(_read(months)) / self.last_month, 1)
        return self.first + (self.last - self.first) * part


class Logistic(Document):
    """From one number towards another, halfway there at a month.

    ``first + (last - first) / (1 + exp(-(t - halfway_month) / spread_months))``.
    """

    kind: Literal["logistic"] = "logistic"
    first: PerMonth
    last: PerMonth
    halfway_month: Month
    spread_months: Annotated[float, Ge(0.01), Le(1200)]

    def monthly(self, months: int) -> FloatArray:
        """Return the number of each month."""
        far = (np.arange(_read(months)) - self.halfway_month) / self.spread_months
        part: FloatArray = 1 / (1 + np.exp(-np.clip(far, -700, 700)))
        return self.first + (self.last - self.first) * part


class Series(Document):
    """A number for each month; a run may be shorter, and not longer."""

    kind: Literal["series"] = "series"
    values: Annotated[tuple[PerMonth, ...], MinLen(1)]

    def monthly(self, months: int) -> FloatArray:
        """Return the number of each month.

        Raises
        ------
        ArgumentError
            If there are fewer values than months.
        """
        months = _read(months)
        if len(self.values) < months:
            raise ArgumentError(
                f"has {len(self.values)} values for {months} months",
                where="starts.values",
                advice="Give a value for each month, or another kind of path",
            )
        return np.array(self.values[:months], float)


Path: TypeAlias = Annotated[
    Constant | Step | Linear | Logistic | Series, Field(discriminator="kind")
]
"""Any of them; in JSON `kind` says which."""


def _read(months: object) -> int:
    return read_whole(months, "months", 1, _MOST_MONTHS)
