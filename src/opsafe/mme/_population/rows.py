"""The fills as integer columns, each row with the reason why it does not count, if any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from opsafe._readings import Codes
from opsafe.mme.reasons import Reason
from opsafe.mme.vocabulary import Form, Ingredient
from opsafe.quantity import BoolArray, DateArray, IntArray

__all__ = [
    "EPOCH",
    "LAST_DAY",
    "LAST_FILL",
    "PAID",
    "REASONS",
    "REVERSED",
    "Rows",
    "Words",
    "to_dates",
]

REASONS: Final = tuple(Reason)
_INDEX: Final = {reason: index for index, reason in enumerate(REASONS)}

_UNIX: Final = date(1970, 1, 1).toordinal()
EPOCH: Final = date(1900, 1, 1).toordinal() - _UNIX
"""Day 0 of the kernel, in days since 1970-01-01."""
LAST_FILL: Final = date(2199, 12, 31).toordinal() - _UNIX - EPOCH
LAST_DAY: Final = date(9999, 1, 1).toordinal() - _UNIX - EPOCH

PAID, REVERSED, REJECTED, UNKNOWN = range(4)

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Words(Generic[Meaning]):
    """A column of words by what they mean: codes into distinct meanings, -1 for none."""

    codes: IntArray
    meanings: tuple[Meaning, ...]
    missing: BoolArray

    @property
    def unknown(self) -> BoolArray:
        """Rows whose word has no meaning here."""
        return (self.codes < 0) & ~self.missing

    def where(self, holds: Callable[[Meaning], bool]) -> BoolArray:
        """Rows whose meaning is such; asked once per distinct meaning."""
        answers = np.array([*map(holds, self.meanings), False], bool)
        return answers[self.codes]


@dataclass(slots=True)
class Rows:
    """Row by row: what a fill is, in integers; -1 or 0 where not known, with a reason."""

    member: Codes
    reason: npt.NDArray[np.int16]
    """Index into REASONS, -1 while the row stands."""
    absorbed: BoolArray = field(init=False)
    """Rows that a surviving fill of the same id has taken up; nothing more befalls them."""
    day: IntArray = field(init=False)
    """Days since 1900-01-01."""
    undated: BoolArray = field(init=False)
    """Rows without a day that can be used; a fill id still nets them."""
    unstated: BoolArray = field(init=False)
    """Rows whose quantity or days cannot be read: there is nothing to net."""
    days: IntArray = field(init=False)
    quantity: IntArray = field(init=False)
    """Counts of 1e-3."""
    strength: IntArray = field(init=False)
    """Counts of 1e-6."""
    ingredient: Words[Ingredient] = field(init=False)
    drug: IntArray = field(init=False)
    """Code of the ingredient, known or not: a reversal undoes a fill of an unknown drug too."""
    route: Words[str] = field(init=False)
    form: Words[Form] = field(init=False)
    unit: Words[tuple[str, int]] = field(init=False)
    quantity_unit: Words[str] = field(init=False)
    status: IntArray = field(init=False)
    fill_id: Codes | None = field(init=False)
    prescriber: Codes | None = field(init=False)
    pharmacy: Codes | None = field(init=False)
    cough_cold: BoolArray = field(init=False)
    cough_cold_missing: BoolArray = field(init=False)
    moud: BoolArray = field(init=False)
    source: Codes | None = field(init=False)
    """The dispensing that a row was made from: a product of two opioids is two rows."""
    wear_hours: IntArray = field(init=False)
    of_any: list[tuple[BoolArray, Reason]] = field(default_factory=list)
    of_opioids: list[tuple[BoolArray, Reason]] = field(default_factory=list)
    """What speaks against a row once reversals are netted: a reversed fill needs no strength."""

    def __post_init__(self) -> None:
        self.absorbed = np.zeros(len(self.reason), bool)

    def __len__(self) -> int:
        return len(self.reason)

    @property
    def stands(self) -> BoolArray:
        """Rows that count so far: without a reason, and not absorbed."""
        return (self.reason < 0) & ~self.absorbed

    def set_aside(self, rows: BoolArray, reason: Reason) -> None:
        """Give rows a reason, unless they have one."""
        self.reason[rows & self.stands] = _INDEX[reason]

    def settle(self) -> None:
        """Judge what is left after netting: in the order in which the columns were read."""
        for rows, reason in self.of_any:
            self.set_aside(rows, reason)
        self.set_aside(self.days <= 0, Reason.DAYS_SUPPLY_NOT_POSITIVE)
        self.set_aside(self.quantity <= 0, Reason.QUANTITY_NOT_POSITIVE)
        opioid = self.opioid
        for rows, reason in self.of_opioids:
            self.set_aside(rows & opioid, reason)
        self.of_any.clear()
        self.of_opioids.clear()

    @property
    def opioid(self) -> BoolArray:
        """Rows whose ingredient is an opioid."""
        return self.of_kind("opioid")

    def of_kind(self, kind: str) -> BoolArray:
        """Rows whose ingredient is of a kind: opioid, benzodiazepine or other."""
        return self.ingredient.where(lambda one: one.kind == kind)

    def has(self, *reasons: Reason) -> BoolArray:
        """Rows set aside for one of the reasons."""
        return np.isin(self.reason, [_INDEX[reason] for reason in reasons])


def to_dates(days: IntArray) -> DateArray:
    """Kernel days as dates; NaT for -1."""
    dates = (days + EPOCH).astype("datetime64[D]")
    dates[days < 0] = np.datetime64("NaT")
    return dates
