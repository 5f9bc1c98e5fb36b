"""A roadmap as a Gantt chart: a bar an initiative, quarters along, what waits for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.errors import ArgumentError
from opsafe.plot._costbenefit_words import expect
from opsafe.plot._frame import ABOVE, BELOW, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import plain_words
from opsafe.ranking import Roadmap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["gantt"]

_MOST: Final = 60
_LATE: Final = "#d98200"
_HALF: Final = 0.31  # of a bar's height
_INSIDE: Final = 0.08  # quarters


def gantt(roadmap: Roadmap, *, ax: Axes | None = None) -> Axes:
    """Draw a roadmap by quarter: what starts when, what waits for what, and what is critical.

    Parameters
    ----------
    roadmap : Roadmap
        What :func:`opsafe.ranking.roadmap` returned, with something in it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a bar an initiative, the earliest start first. Dark bars are quick wins, an edge
        in orange is critical; an arrow leads from what must come before.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If this is no roadmap, or it holds nothing or more than 60 initiatives.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    The line below the title says the value, the gap to its bound, what ended the search, and
    what was left out.

    Examples
    --------
    >>> from opsafe import plot, ranking as rk
    >>> road = rk.roadmap(
    ...     {"naloxone": 0.8, "dashboard": 0.5},
    ...     work=[
    ...         rk.Work("naloxone", team="pharmacy", quarters=1, fte=0.5),
    ...         rk.Work("dashboard", team="pharmacy", quarters=2, fte=1),
    ...     ],
    ...     capacity_fte={"pharmacy": 1},
    ...     quarters=4,
    ... )
    >>> axes = plot.gantt(road)
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['naloxone', 'dashboard']
    """
    expect(roadmap, Roadmap, "roadmap", "opsafe.ranking.roadmap")
    bars = _bars(roadmap)
    last = max(bar.finish for bar in bars)
    axes = open_axes(ax, height=1.8 + 0.32 * len(bars))
    write_titles(axes, "Roadmap by quarter", _caption(roadmap))
    _draw(axes, bars)
    _arrows(axes, bars)
    axes.set_yticks(range(len(bars)), [bar.name for bar in bars], fontsize="small",
                    parse_math=False)  # fmt: skip
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0.5, last + 0.5)
    axes.set_xticks(range(1, last + 1), _quarters(roadmap, last), fontsize="small")
    axes.set_xticks(np.arange(last + 1) + 0.5, minor=True)
    axes.grid(axis="x", which="minor", color="#e4e4e4", linewidth=0.6)
    axes.tick_params(axis="x", which="minor", length=0)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    quiet_frame(axes)
    _key(axes, bars)
    return axes


@dataclass(frozen=True, slots=True)
class _Bar:
    """An initiative from its first quarter to its last."""

    initiative: str
    name: str
    start: int
    finish: int
    quick_win: bool
    must_do: bool
    critical: bool
    after: tuple[str, ...]


def _bars(roadmap: Roadmap) -> list[_Bar]:
    after = _predecessors(roadmap)
    names = (
        *("initiative", "start_quarter", "finish_quarter"),
        *("quick_win", "must_do", "slack_quarters"),
    )
    rows = zip(*(roadmap.table[each].tolist() for each in names), strict=True)
    found = [
        _Bar(name, plain_words(name), start, finish, quick, must, slack <= 0, after[name])
        for name, start, finish, quick, must, slack in rows
    ]
    if not 1 <= len(found) <= _MOST:
        raise ArgumentError(
            f"must hold 1 to {_MOST} initiatives to be drawn",
            where="roadmap",
            value=len(found),
            advice=roadmap.reason,
        )
    return found


def _predecessors(roadmap: Roadmap) -> dict[str, tuple[str, ...]]:
    """What each initiative waits for: the work plan names rows, a picture initiatives."""
    plan = roadmap.work_plan()
    initiative = dict(zip(plan["id"].tolist(), plan["initiative"].tolist(), strict=True))
    waits = zip(plan["initiative"].tolist(), plan["predecessor"].tolist(), strict=True)
    return {
        name: tuple(dict.fromkeys(initiative[row] for row in (rows or "").split(", ") if row))
        for name, rows in waits
    }


def _caption(roadmap: Roadmap) -> str:
    told = f"value {roadmap.value:.2f}, {roadmap.status}"
    if roadmap.gap > 0 and roadmap.status != "optimal":
        told += f": at most {roadmap.gap:.1%} below the best, ended by the {roadmap.stopped_by}"
    left = len(roadmap.left_out)
    return f"{told}; {left} left out" if left else told


def _draw(axes: Axes, bars: Sequence[_Bar]) -> None:
    for row, bar in enumerate(bars):
        axes.barh(
            row, bar.finish - bar.start + 1, left=bar.start - 0.5, height=2 * _HALF,
            facecolor=ABOVE if bar.quick_win else BELOW, linewidth=2.0 if bar.critical else 0.6,
            edgecolor=_LATE if bar.critical else QUIET, zorder=2,
        )  # fmt: skip
        if bar.must_do:
            axes.text(bar.start - 0.44, row, "must", ha="left", va="center", fontsize="x-small",
                      color="white" if bar.quick_win else "black", zorder=4)  # fmt: skip


def _arrows(axes: Axes, bars: Sequence[_Bar]) -> None:
    """From the end of what comes before down to the start of what waits for it."""
    rows = {bar.initiative: row for row, bar in enumerate(bars)}
    looks = {
        "arrowstyle": "-|>", "color": QUIET, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0,
        "connectionstyle": "angle,angleA=0,angleB=90,rad=0",
    }  # fmt: skip
    for row, bar in enumerate(bars):
        for before in (rows[name] for name in bar.after if name in rows):
            # Bars lie above the arrows, so that none crosses what it does not concern.
            axes.annotate(
                "", xy=(bar.start - 0.5 + _INSIDE, row - _HALF),
                xytext=(bars[before].finish + 0.5, before), arrowprops=looks, zorder=1.5,
            )  # fmt: skip


def _key(axes: Axes, bars: Sequence[_Bar]) -> None:
    from matplotlib.patches import Patch

    looks: list[tuple[bool, str, dict[str, Any]]] = [
        (any(bar.quick_win for bar in bars), "quick win", {"facecolor": ABOVE}),
        (any(not bar.quick_win for bar in bars), "other", {"facecolor": BELOW}),
        (any(bar.critical for bar in bars), "critical",
         {"facecolor": "white", "edgecolor": _LATE, "linewidth": 2.0}),
    ]  # fmt: skip
    axes.legend(
        handles=[Patch(label=label, **look) for there, label, look in looks if there],
        fontsize="small", frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0),
    )  # fmt: skip


def _quarters(roadmap: Roadmap, last: int) -> list[str]:
    """Numbers of the quarters, and their first months where these are known."""
    named = [f"Q{each}" for each in range(1, last + 1)]
    if roadmap.start is None:
        return named
    first = np.datetime64(roadmap.start, "M")
    return [f"{name}\n{first + 3 * at}" for at, name in enumerate(named)]
