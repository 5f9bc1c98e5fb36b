"""What the pictures of a plan share: its run in words, a month of it, and names that are safe."""

from __future__ import annotations

from datetime import date
from typing import Final

from opsafe._arguments import read_whole
from opsafe.errors import ArgumentTypeError
from opsafe.workforce import Plan

__all__ = ["count_words", "day_of", "plain_words", "read_plan", "run_words", "tick_words"]

_LONGEST_NAME: Final = 40


def read_plan(plan: object) -> Plan:
    """Refuse what is no plan."""
    if not isinstance(plan, Plan):
        raise ArgumentTypeError(
            f"a {type(plan).__name__} is no plan",
            where="plan",
            advice="Draw what opsafe.workforce.project returns",
        )
    return plan


def day_of(plan: Plan, month: object) -> date:
    """The first day of a month of the run; of the last without one."""
    number = plan.months
    if month is not None:
        number = read_whole(month, "month", 1, number, advice="Months of the run count from 1")
    return plan._question.day(number - 1)


def run_words(plan: Plan, *, band: str = "") -> str:
    """Say from when, over how many months, with which draws and what the band holds."""
    months = "1 month" if plan.months == 1 else f"{plan.months} months"
    run = f"Run from {plan.start:%Y-%m}, {months}"
    if plan.draws is None:
        return f"{run}; expected values, without draws"
    draws = "1 draw" if plan.draws == 1 else f"{plan.draws:,} draws"
    level = f"; {band}: the middle {100 * plan._question.level:g}% of the draws" if band else ""
    return f"{run}; {draws}, seed {plan.seed}{level}"


def plain_words(name: str) -> str:
    """A name as it may stand on a picture: one line, printable, not too long.

    Draw it with ``parse_math=False``, so that a dollar sign is one.
    """
    line = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 3].rstrip()}..."


def tick_words(value: float, _place: float = 0) -> str:
    """A number on an axis, with commas and no tail."""
    return f"{value:,.10g}"


def count_words(count: float) -> str:
    """A count to whole numbers; a small one to a tenth."""
    return f"{count:,.0f}" if count >= 10 or count == int(count) else f"{count:.1f}"
