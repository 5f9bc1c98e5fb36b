"""Acceptability curves: how likely each strategy is the best one, by what an effect is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from opsafe.costbenefit import ceac, ceaf
from opsafe.costbenefit.outcomes import Simulated, read_outcomes, read_thresholds
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
from opsafe.plot._workforce_words import plain_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["acceptability"]

_MOST_THRESHOLDS: Final = 10_000


def acceptability(
    run: Simulated,
    thresholds: npt.ArrayLike,
    *,
    effect: str = "QALY",
    ax: Axes | None = None,
) -> Axes:
    """Draw how likely each strategy is the best, and which one to choose, by threshold.

    Parameters
    ----------
    run : Run or Outcomes
        Costs and effects by strategy and draw.
    thresholds : array_like of float
        USD that one unit of effect is worth, 0 or more; two or more, rising.
    effect : str, optional
        What the effect is, with its unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: share of the draws by threshold, a line a strategy. Circles stand on the line of
        the strategy with the highest mean net benefit, the one to choose; where it changes, a
        thin line.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If thresholds do not rise, or the run is none.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    The strategy to choose need not be the one that is most often best.

    Examples
    --------
    >>> from opsafe import costbenefit as cb, plot
    >>> run = cb.Outcomes(
    ...     ("as now", "programme"), [[100, 120], [150, 160]], [[1.0, 1.1], [1.3, 1.2]]
    ... )
    >>> axes = plot.acceptability(run, [0, 250, 500])
    >>> [float(share) for share in axes.lines[1].get_ydata()]
    [0.0, 0.5, 1.0]
    """
    found, levels = read_outcomes(run), read_thresholds(thresholds)
    if not 2 <= len(levels) <= _MOST_THRESHOLDS or bool((np.diff(levels) <= 0).any()):
        raise ArgumentError(
            f"must be 2 to {_MOST_THRESHOLDS:,} numbers that rise", where="thresholds"
        )
    named = read_effect(effect)
    curves, chosen = ceac(found, levels), ceaf(found, levels)
    axes = open_axes(ax, height=4.4)
    caption = f"{draws_words(found.draws)}; circles: the one to choose, by mean net benefit"
    write_titles(axes, "How likely each strategy is the best", caption)
    for place, name in enumerate(found.strategies):
        colour, style = LOOKS[place % len(LOOKS)]
        axes.plot(
            levels, curves.probability[:, place], color=colour, linestyle=style, linewidth=1.8,
            label=plain_words(name),
        )  # fmt: skip
    best = [found.strategies.index(name) for name in chosen.strategies]
    shown = slice(None, None, max(1, len(levels) // 20))
    axes.scatter(
        levels[shown], chosen.probability[shown], s=34, facecolor="white", zorder=4, clip_on=False,
        linewidth=1.2, edgecolor=[LOOKS[place % len(LOOKS)][0] for place in best[shown]],
    )  # fmt: skip
    for level in levels[1:][np.diff(best) != 0]:
        axes.axvline(level, color=QUIET, linewidth=0.7)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlim(levels[0], levels[-1])
    axes.set_ylabel("share of the draws in which it is best")
    axes.yaxis.set_major_formatter(_percent)
    scaled_axis(axes, money_of(levels), f"what one {named} is worth", on="x")
    legend_beside(axes)
    quiet_frame(axes)
    return axes


def _percent(share: float, _place: float = 0) -> str:
    return f"{share:.0%}"
