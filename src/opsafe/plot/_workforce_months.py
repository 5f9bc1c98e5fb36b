"""A plan by month: who seeks treatment, who has it, who waits, and the places that there are."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe.plot._frame import ABOVE, BETWEEN, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import count_words, read_plan, run_words, tick_words
from opsafe.quantity import FloatArray
from opsafe.workforce import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["demand_and_capacity"]

# Colour, style and width of each line. They differ without colour too, and each has its name.
_LOOKS: Final = {
    "seekers": ("#000000", "--", 1.3),
    "treated": (ABOVE, "-", 2.2),
    "waiting": ("#d98200", ":", 2.0),
    "capacity": (BETWEEN, "-.", 1.5),
}
_STEPS: Final = (1, 2, 3, 6, 12, 24, 36, 60)
_TALLEST: Final = 2.5  # capacity may go this far above the rest, and then out of the picture


def demand_and_capacity(plan: Plan, *, ax: Axes | None = None) -> Axes:
    """Draw the seekers, the treated, the waiting and the capacity of a plan by month.

    Parameters
    ----------
    plan : Plan
        What :func:`opsafe.workforce.project` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: members by month, medians as lines with their values in the last month, and
        the range between the low and the high of the draws as bands.

    Raises
    ------
    ArgumentTypeError
        If the argument is no plan.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Capacity is in members who can be treated at once. Where it is far above the rest it goes out
    of the picture, so that the rest can be seen; its value stands beside.

    Examples
    --------
    >>> from opsafe import plot, workforce as wf
    >>> scenario = wf.example_scenario()
    >>> plan = wf.project(scenario, start="2026-01", months=24)
    >>> [text.get_text() for text in plot.demand_and_capacity(plan).texts][1]
    'seekers 1,200'
    """
    read_plan(plan)
    axes = open_axes(ax, height=4.4)
    table = plan.by_month
    top = _top(plan)
    write_titles(axes, "Demand, treatment and capacity by month", run_words(plan, band="bands"))
    for name, (colour, style, width) in _LOOKS.items():
        low, median, high = (table[f"{name}_{end}"] for end in ("low", "median", "high"))
        if plan.draws is not None:
            axes.fill_between(table["month"], low, high, color=colour, alpha=0.16, linewidth=0)
        axes.plot(
            table["month"], median, color=colour, linestyle=style, linewidth=width, label=name
        )
        if plan.months == 1:  # a line of one point is none
            axes.plot(table["month"], median, "o", color=colour)
            axes.vlines(table["month"], low, high, color=colour, linestyle=style)
    axes.set_ylim(0, top)
    axes.set_ylabel("members")
    axes.yaxis.set_major_formatter(tick_words)
    axes.set_xlabel("month; at the end of each line its median in the last month", color=QUIET)
    _month_axis(axes, plan)
    _names(axes, plan, top)
    quiet_frame(axes)
    return axes


def _top(plan: Plan) -> float:
    highest = {name: float(plan.by_month[f"{name}_high"].max()) for name in _LOOKS}
    rest = max(high for name, high in highest.items() if name != "capacity")
    capacity = highest["capacity"]
    return 1.08 * (max(rest, min(capacity, _TALLEST * rest)) or capacity or 1.0)


def _month_axis(axes: Axes, plan: Plan) -> None:
    """Name as many months as fit, and leave room for words to the right of the last."""
    from matplotlib.dates import date2num

    days = plan.by_month["month"]
    most = min(max(int(axes.bbox.width * 72 / axes.figure.dpi / 60), 1), 8)
    step = next((step for step in _STEPS if plan.months <= most * step), plan.months)
    axes.set_xticks(days[::step], [str(day)[:7] for day in days[::step]])
    first, last = date2num(days[[0, -1]])  # type: ignore[no-untyped-call]
    axes.set_xlim(first - 0.03 * _span(plan), last + 0.34 * _span(plan))


def _span(plan: Plan) -> int:
    """Days from the first month to the last; of one month, as if there were two."""
    days = plan.by_month["month"]
    return max(int((days[-1] - days[0]).astype(int)), 30)


def _names(axes: Axes, plan: Plan, top: float) -> None:
    """Name each line at its end, apart from each other."""
    names = list(_LOOKS)
    ends = np.array([float(plan.by_month[f"{name}_median"][-1]) for name in names])
    points = axes.bbox.height * 72 / axes.figure.dpi
    places = _apart(np.minimum(ends, top), 14 / max(points, 60) * top, top)
    last, right = plan.by_month["month"][-1], axes.get_xlim()[1]
    for name, end, place in zip(names, ends, places.tolist(), strict=True):
        axes.annotate(
            f"{name} {count_words(end)}{', above' if end > top else ''}",
            xy=(last, min(end, top)),
            xytext=(right - 0.3 * _span(plan), place),
            va="center",
            fontsize="small",
            color=_LOOKS[name][0],
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.5, "shrinkB": 0},
        )


def _apart(values: FloatArray, gap: float, top: float) -> FloatArray:
    """Move values upwards until they are a gap apart, and down again from the top."""
    order = np.argsort(values, kind="stable")
    placed = values.copy()
    placed[order[0]] = max(placed[order[0]], gap / 2)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    placed[order[-1]] = min(placed[order[-1]], top - gap / 2)
    for above, below in pairwise(order[::-1]):
        placed[below] = min(placed[below], placed[above] - gap)
    return placed
