"""Where a plan's members go without treatment in one month, by area and medication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe.plot._frame import ABOVE, BELOW, BETWEEN, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import (
    count_words,
    day_of,
    plain_words,
    read_plan,
    run_words,
    tick_words,
)
from opsafe.quantity import FloatArray
from opsafe.workforce import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["gap_by_area"]

_MOST_AREAS: Final = 30
# Four shades and five hatches come together anew up to the twentieth medication.
_SHADES: Final = ((BETWEEN, "white"), (BELOW, QUIET), ("white", QUIET), (ABOVE, "white"))
_HATCHES: Final = ("", "///", "...", "xx", "---")


def gap_by_area(plan: Plan, month: int | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how many members who seek treatment go without it in each area, the most first.

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
        The axes: members, a bar an area, stacked by medication with a hatch for each. At most
        30 areas have a bar of their own; one more is all others together.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the argument is no plan, or the month is not one of the run.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Gap = max(0, seekers - treated) for each area, line of business and medication; its mean over
    the draws is drawn. One area's surplus does not make another's gap smaller. A bar of all
    others that is far longer than the largest goes out of the picture; its value stands on it.
    """
    day = np.datetime64(day_of(read_plan(plan), month))
    bars = _bars(plan, day)
    axes = open_axes(ax, height=1.6 + 0.27 * len(bars.names))
    title = f"Members who seek treatment and go without, {day.astype('datetime64[M]')}"
    means = "" if plan.draws is None else "; means of the draws"
    write_titles(axes, title, run_words(plan) + means)
    _stack(axes, bars)
    end = _values(axes, bars)
    axes.set_yticks(range(len(bars.names)), bars.names, fontsize="small", parse_math=False)
    axes.set_ylim(len(bars.names) - 0.4, -0.6)
    axes.set_xlim(0, end)
    axes.xaxis.set_major_formatter(tick_words)
    alone = bars.medications[0] if len(bars.medications) == 1 else "the number is the sum of a bar"
    axes.set_xlabel(f"members; {alone}", color=QUIET, parse_math=False)
    axes.tick_params(axis="y", length=0)
    quiet_frame(axes)
    if len(bars.medications) > 1:
        legend = axes.legend(title="medication", fontsize="small", frameon=False, loc="best")
        for text in legend.get_texts():
            text.set_parse_math(False)
    return axes


@dataclass(frozen=True, slots=True)
class _Bars:
    """Gaps by bar and medication; the last bar may be all other areas."""

    names: list[str]
    medications: list[str]
    gaps: FloatArray
    others: bool


def _bars(plan: Plan, day: np.datetime64) -> _Bars:
    table = plan.by_area
    rows = np.flatnonzero(table["month"] == day)
    areas, area = np.unique(table["area"][rows], return_inverse=True)
    medications, medication = np.unique(table["medication"][rows], return_inverse=True)
    gaps = np.zeros((len(areas), len(medications)))
    gaps[area, medication] = table["gap_mean"][rows]
    order = np.argsort(-gaps.sum(axis=1), kind="stable")
    first, rest = order[:_MOST_AREAS], order[_MOST_AREAS:]
    names = [plain_words(str(each)) for each in areas[first]]
    shown = gaps[first]
    if len(rest):
        names.append(f"{len(rest):,} other area{'s' if len(rest) > 1 else ''} together")
        shown = np.vstack([shown, gaps[rest].sum(axis=0)])
    return _Bars(names, [plain_words(str(each)) for each in medications], shown, len(rest) > 0)


def _stack(axes: Axes, bars: _Bars) -> None:
    starts = np.cumsum(bars.gaps, axis=1) - bars.gaps
    for at, name in enumerate(bars.medications):
        shade, edge = _SHADES[at % len(_SHADES)]
        axes.barh(
            np.arange(len(bars.names)),
            bars.gaps[:, at],
            left=starts[:, at],
            height=0.7,
            facecolor=shade,
            edgecolor=edge,
            hatch=_HATCHES[at % len(_HATCHES)],
            linewidth=0.6,
            label=name,
        )


def _values(axes: Axes, bars: _Bars) -> float:
    """Write the sum of each bar, and return where the axis ends."""
    sums = bars.gaps.sum(axis=1)
    largest = float(sums[0]) if bars.others else float(sums.max())
    end = 1.15 * (max(largest, min(float(sums[-1]), 2 * largest)) or 1.0)
    for place, value in enumerate(sums.tolist()):
        outside = value > end
        axes.annotate(
            f"{count_words(value)}, goes on" if outside else count_words(value),
            xy=(end if outside else value, place),
            xytext=(-6 if outside else 5, 0),
            textcoords="offset points",
            ha="right" if outside else "left",
            va="center",
            fontsize="small",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0} if outside else None,
        )
    return end
