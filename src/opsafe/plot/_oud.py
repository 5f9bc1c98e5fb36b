"""A picture of one count: the eleven answers by group, and the bands that they leave open."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from opsafe.errors import ArgumentTypeError
from opsafe.oud import CriteriaCount
from opsafe.oud.states import Severity
from opsafe.plot._frame import ABOVE, BELOW, BETWEEN, QUIET, open_axes, quiet_frame, write_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["criteria"]

_HEIGHT: Final = 4.6
_LEFT: Final = 0.35
# What became of an answer: colour, hatch, word. They differ without colour too.
_LOOKS: Final = {
    "counts": (ABOVE, "", "yes, counts"),
    "open": (BELOW, "///", "not answered"),
    "depends": (BETWEEN, "xxx", "yes, if not solely supervised"),
    "exempt": ("none", "...", "exempt under supervision"),
    "no": ("none", "", "no"),
}


def criteria(count: CriteriaCount, *, ax: Axes | None = None) -> Axes:
    """Draw the answers to the eleven criteria by group, with the bands that they leave open.

    Parameters
    ----------
    count : CriteriaCount
        What :func:`opsafe.oud.score` answered; of a history its ``lookback``.
    ax : matplotlib Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib Axes
        One row a criterion: counted, not answered, exempt or no; below, the range of the count
        over the bands.

    Raises
    ------
    ArgumentTypeError
        If the argument is no count of criteria.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from opsafe import oud, plot
    >>> count = oud.score({"A1": True, "A4": None}, edition="dsm-5-tr")
    >>> plot.criteria(count).get_title(loc="left")
    '1 to 11 of 11 criteria'
    """
    if not isinstance(count, CriteriaCount):
        raise ArgumentTypeError(
            f"a {type(count).__name__} is no count of criteria",
            where="count",
            advice="Score first; a history has its count in .lookback",
        )
    axes = open_axes(ax, _HEIGHT)
    parts = count.sentence.split("; ")
    write_titles(axes, parts[0], f"{'; '.join(parts[1:4])}. Edition {count.edition}; for review")
    _answers(axes, count)
    _groups(axes, count)
    _bands(axes, count)
    axes.set_xlim(-5.2, 12.5)
    axes.set_ylim(len(count.answers) + 1.9, -0.8)
    axes.set_xticks([])
    axes.set_yticks([])
    quiet_frame(axes, left=False)
    axes.spines["bottom"].set_visible(False)
    return axes


def _answers(axes: Axes, count: CriteriaCount) -> None:
    """Draw a row for each criterion: what was answered, and what became of it."""
    for row, (one, answer, counts) in enumerate(
        zip(count.criteria_edition.criteria, count.answers, count.counts, strict=True)
    ):
        colour, hatch, word = _LOOKS[_look(answer, counts)]
        axes.barh(
            row, 1, left=_LEFT, height=0.7, color=colour, hatch=hatch, edgecolor=QUIET, lw=0.6
        )
        if counts is False and answer:
            word = f"yes, {word}"
        if one.id in count.would_settle:
            word += ", can change the band"
        axes.text(_LEFT + 1.15, row, word, va="center", fontsize="small", color=QUIET)
        axes.text(
            _LEFT - 0.15, row, f"{one.id}  {one.label}", va="center", ha="right", fontsize="small"
        )


def _look(answer: bool | None, counts: bool | None) -> str:
    if counts is False:
        return "exempt"
    if answer is None:
        return "open"
    if not answer:
        return "no"
    return "counts" if counts else "depends"


def _groups(axes: Axes, count: CriteriaCount) -> None:
    """Write each group beside its rows."""
    groups = [one.group for one in count.criteria_edition.criteria]
    for group in dict.fromkeys(groups):
        first, number = groups.index(group), groups.count(group)
        axes.plot([8.6, 8.6], [first - 0.3, first + number - 0.7], color=QUIET, lw=1)
        axes.text(8.8, first + (number - 1) / 2, group, va="center", fontsize="small")


def _bands(axes: Axes, count: CriteriaCount) -> None:
    """Draw the range of the count over the bands, from 0 criteria on the left to all of them."""
    rows = len(count.answers)
    thresholds = (0, *count.criteria_edition.thresholds, rows + 1)
    base, shades = rows + 0.9, ("none", "#e8f1f8", "#cbdff0", "#a6cee3")
    for band, (low, high) in zip(Severity, pairwise(thresholds), strict=True):
        axes.barh(
            base, high - low, left=low, height=0.9, color=shades[band], edgecolor=QUIET, lw=0.4
        )
        word = "below mild" if band is Severity.NONE else band.word
        axes.text((low + high) / 2, base + 0.75, word, ha="center", fontsize="x-small", color=QUIET)
    met = count.criteria_met
    ends = (met.lower + 0.5, met.upper + 0.5)
    axes.plot(ends, (base, base), color=ABOVE, lw=3, marker="|", ms=12)
    axes.text(ends[1] + 0.15, base, str(met.upper), va="center", fontsize="small")
    if not met.is_certain:
        axes.text(ends[0] - 0.15, base, str(met.lower), ha="right", va="center", fontsize="small")
    axes.text(-0.15, base, "criteria met", ha="right", va="center", fontsize="small")
