"""What is asked of a plan's fills: the window, and the days that end, join or carry a stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from opsafe._arguments import read_whole
from opsafe._readings import read_date
from opsafe.errors import ArgumentError
from opsafe.quantity import IntArray
from opsafe.workforce._episodes import Window

__all__ = [
    "CARRY_FORWARD_DAYS",
    "EPOCH",
    "FIRST_DAY",
    "LAST_DAY",
    "LONGEST_SUPPLY_DAYS",
    "OPEN_MONTHS",
    "ObserveRules",
    "as_date",
    "read_day",
]

CARRY_FORWARD_DAYS: Final = 30
OPEN_MONTHS: Final = 3
# As much as a retention curve may have; longer gaps would hide a year's stops.
_LONGEST_GAP_DAYS: Final = 366
_LONGEST_WASHOUT_DAYS: Final = 3660
LONGEST_SUPPLY_DAYS: Final = 366
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class ObserveRules:
    """The arguments, checked; days are counts since 1970-01-01."""

    gap_days: int
    start: int | None
    end: int | None
    washout_days: int
    carry_forward_days: int
    open_months: int
    washout_is_ours: bool

    @classmethod
    def read(
        cls,
        *,
        gap_days: object,
        start: object,
        end: object,
        washout_days: object,
        carry_forward_days: object,
        open_months: object,
    ) -> ObserveRules:
        gap = read_whole(gap_days, "gap_days", 0, _LONGEST_GAP_DAYS)
        washout = gap if washout_days is None else washout_days
        first, last = read_day(start, "start"), read_day(end, "end")
        if first is not None and last is not None and last < first:
            raise ArgumentError("lies before start", where="end")
        return cls(
            gap_days=gap,
            start=first,
            end=last,
            washout_days=read_whole(
                washout,
                "washout_days",
                gap,
                _LONGEST_WASHOUT_DAYS,
                advice="It cannot be shorter than the gap",
            ),
            carry_forward_days=read_whole(
                carry_forward_days, "carry_forward_days", 0, LONGEST_SUPPLY_DAYS
            ),
            open_months=read_whole(open_months, "open_months", 1, 120),
            washout_is_ours=washout_days is None,
        )

    def window(self, days: IntArray) -> Window:
        """The window: what was asked for, or else the first and the last of the fills' days."""
        if not len(days) and (self.start is None or self.end is None):
            raise ArgumentError(
                "hold no row that can be used, so that no window can be told from them",
                where="fills",
                advice="Give start= and end= to see why rows were set aside",
            )
        first = int(days.min()) if self.start is None else self.start
        last = int(days.max()) if self.end is None else self.end
        if last < first:
            where, what = ("start", "last") if self.end is None else ("end", "first")
            beside = "after" if self.end is None else "before"
            raise ArgumentError(f"lies {beside} the {what} fill", where=where)
        return Window(first, last, self.gap_days, self.washout_days)

    def planning_values(self) -> tuple[str, ...]:
        """The arguments that stand at a value of ours."""
        ours = {
            f"washout_days={self.washout_days} (as gap_days)": self.washout_is_ours,
            f"carry_forward_days={CARRY_FORWARD_DAYS}": self.carry_forward_days
            == CARRY_FORWARD_DAYS,
            f"open_months={OPEN_MONTHS}": self.open_months == OPEN_MONTHS,
        }
        return tuple(name for name, is_ours in ours.items() if is_ours)


def read_day(value: object, where: str) -> int | None:
    if value is None:
        return None
    day = read_date(value, where)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ArgumentError(
            f"{day} is out of range", where=where, allowed=(f"{FIRST_DAY} to {LAST_DAY}",)
        )
    return day.toordinal() - EPOCH


def as_date(day: int) -> date:
    return date.fromordinal(day + EPOCH)
