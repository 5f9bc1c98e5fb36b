"""Prescribers of a plan in one month: how many have reached each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opsafe.plot._frame import BELOW, LINE, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import count_words, day_of, read_plan, run_words, tick_words
from opsafe.workforce import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["prescriber_funnel"]


def prescriber_funnel(plan: Plan, month: int | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how many prescribers have reached each stage in a month of a plan.

    Parameters
    ----------
    plan : Plan
        What :func:`opsafe.workforce.project` returned.
    month : int, optional
        Month of the run, the first is 1; without it the last.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: heads, a bar a stage with the median of the draws, and whiskers from their low
        to their high.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the argument is no plan, or the month is not one of the run.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    A stage counts everybody who has reached it and has not left, so each holds the next. Those
    who are open to the plan are what capacity is made of, once their panels are full.
    """
    day = np.datetime64(day_of(read_plan(plan), month))
    table = plan.prescribers
    rows = np.flatnonzero(table["month"] == day)
    stages = [str(stage).replace("_", " ") for stage in table["stage"][rows]]
    low, median, high = (table[f"heads_{end}"][rows] for end in ("low", "median", "high"))
    caption = run_words(plan, band="bars: medians; whiskers and brackets")
    axes = open_axes(ax, height=1.5 + 0.42 * len(rows))
    write_titles(axes, f"Prescribers by stage, {day.astype('datetime64[M]')}", caption)
    places = np.arange(len(rows))
    axes.barh(places, median, height=0.62, color=BELOW, edgecolor=LINE, linewidth=0.8)
    if plan.draws is not None:
        # A median lies between the two but for rounding.
        reach = np.maximum([median - low, high - median], 0)
        axes.errorbar(median, places, xerr=reach, fmt="none", ecolor=QUIET, capsize=4)
    for place, (least, middle, most) in enumerate(zip(low, median, high, strict=True)):
        words = count_words(middle)
        if plan.draws is not None:
            words += f" ({count_words(least)} to {count_words(most)})"
        axes.annotate(
            words, xy=(most, place), xytext=(7, 0), textcoords="offset points",
            va="center", fontsize="small",
        )  # fmt: skip
    axes.set_yticks(places, stages)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.28 * max(float(high.max()), 1.0))
    axes.xaxis.set_major_formatter(tick_words)
    axes.set_xlabel("heads who have reached the stage and have not left", color=QUIET)
    axes.tick_params(axis="y", length=0)
    quiet_frame(axes)
    return axes
