"""The cost-effectiveness plane: what strategies cost more and bring more than a comparator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe._arguments import read_number
from opsafe.costbenefit.outcomes import Simulated, read_outcomes
from opsafe.errors import ArgumentError
from opsafe.plot._costbenefit_words import (
    LOOKS,
    draws_words,
    legend_beside,
    money_of,
    read_effect,
    scaled_axis,
)
from opsafe.plot._frame import QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import plain_words, tick_words
from opsafe.quantity import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cost_effectiveness_plane"]

_MOST_POINTS: Final = 2_000  # for each strategy; more hide each other
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")


def cost_effectiveness_plane(
    run: Simulated,
    *,
    comparator: str | None = None,
    usd_per_effect: float | None = None,
    effect: str = "QALY",
    ax: Axes | None = None,
) -> Axes:
    """Draw each strategy's extra cost against its extra effect, one point a draw.

    Parameters
    ----------
    run : Outcomes or Run
        Costs and effects by strategy and draw.
    comparator : str, optional
        The strategy that the others are compared with; without it the first.
    usd_per_effect : float, optional
        A threshold, in USD for each unit of effect; its line is drawn, and the share of the
        draws below it is in the legend.
    effect : str, optional
        What the effect is, with its unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: extra effect to the right, extra cost in USD upwards; a large marker at the mean
        of each strategy. Of more than 2,000 draws every second, third, ... is drawn.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is nothing to compare, the comparator is none of the strategies, or the threshold
        is out of range.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from opsafe import costbenefit as cb, plot
    >>> run = cb.Outcomes(
    ...     ("as now", "programme"), [[100, 120], [150, 160]], [[1.0, 1.1], [1.3, 1.2]]
    ... )
    >>> axes = plot.cost_effectiveness_plane(run, usd_per_effect=200)
    >>> axes.get_legend().get_texts()[0].get_text()
    'programme (50% below the line)'
    """
    found = read_outcomes(run)
    at = _comparator(found.strategies, comparator)
    threshold = None
    if usd_per_effect is not None:
        threshold = read_number(usd_per_effect, "usd_per_effect", 0, 1e12)
    named = read_effect(effect)
    more_cost, more_effect = found.costs - found.costs[at], found.effects - found.effects[at]
    axes = open_axes(ax, height=4.6)
    draws = found.draws
    step = -(-draws // _MOST_POINTS)
    others = [other for other in range(len(found.strategies)) if other != at]
    for place, other in enumerate(others):
        name = plain_words(found.strategies[other])
        if threshold is not None:
            below = float(np.mean(threshold * more_effect[other] > more_cost[other]))
            name += f" ({below:.0%} below the line)"
        _points(axes, place, name, more_effect[other], more_cost[other], step)
    axes.axhline(0, color="#000000", linewidth=0.7)
    axes.axvline(0, color="#000000", linewidth=0.7)
    _room(axes, more_effect[others], more_cost[others])
    if threshold is not None:
        _line(axes, threshold)
    caption = f"Against {plain_words(found.strategies[at])}; {draws_words(draws)}"
    if step > 1:
        caption += f", one of {step} drawn"
    if threshold is not None:
        caption += f"; line: {threshold:,.10g} USD per {named}"
    write_titles(axes, "Extra cost and extra effect", caption)
    scaled_axis(axes, money_of(more_cost), "extra cost", on="y")
    axes.set_xlabel(f"extra effect, {named}", parse_math=False)
    axes.xaxis.set_major_formatter(tick_words)
    legend_beside(axes)
    quiet_frame(axes)
    return axes


def _comparator(strategies: tuple[str, ...], name: object) -> int:
    if len(strategies) < 2:
        raise ArgumentError("holds one strategy; a comparison needs two", where="run")
    if name is None:
        return 0
    if name not in strategies:
        raise ArgumentError(
            "is none of the strategies", where="comparator", value=name, allowed=strategies
        )
    return strategies.index(str(name))


def _points(
    axes: Axes, place: int, name: str, effect: FloatArray, cost: FloatArray, step: int
) -> None:
    colour, _ = LOOKS[place % len(LOOKS)]
    marker = _MARKERS[place % len(_MARKERS)]
    axes.scatter(
        effect[::step], cost[::step], s=14, marker=marker, facecolor="none", edgecolor=colour,
        alpha=0.45, linewidth=0.7,
    )  # fmt: skip
    axes.scatter(
        effect.mean(), cost.mean(), s=90, marker=marker, facecolor=colour, edgecolor="white",
        linewidth=1.0, zorder=4, label=name,
    )  # fmt: skip


def _room(axes: Axes, effects: FloatArray, costs: FloatArray) -> None:
    """Limits that hold every point and the origin, so that the line of the threshold moves none."""
    for values, limit in ((effects, axes.set_xlim), (costs, axes.set_ylim)):
        low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
        room = 0.07 * (high - low) or 1.0
        limit(low - room, high + room)


def _line(axes: Axes, threshold: float) -> None:
    """The threshold through the origin, as far as the axes reach."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    axes.plot([left, right], [threshold * left, threshold * right], color=QUIET, linestyle="--")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
