"""How often each initiative takes each place: a bar an initiative, a segment a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.plot._frame import QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._ranking_words import by_place
from opsafe.plot._workforce_words import plain_words
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking import Acceptability, Ranking

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rank_acceptability"]

_MOST: Final = 60
_WRITTEN: Final = 0.08  # a narrower segment is not named
_COLOURS: Final = "cividis"  # even for every colour vision, and in grey
_KINDS: Final = {
    "raters": "resampled raters, weights as given",
    "weights": "weights drawn between their bounds",
    "both": "resampled raters and drawn weights",
}


def rank_acceptability(result: Ranking | Acceptability, *, ax: Axes | None = None) -> Axes:
    """Draw how likely each initiative takes each place.

    Parameters
    ----------
    result : Ranking or Acceptability
        What :func:`opsafe.ranking.rank` or :func:`opsafe.ranking.acceptability` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a bar an initiative, in the order of their places, or of their expected places
        where there is no ranking. From the left a segment for each place, the first one darkest;
        the number of the place stands in segments of at least 8%.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is neither, holds no acceptability, or has more than 60 initiatives.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Under the tie rule ``competition`` all who share a place stand on the first of it, so that
    columns need not sum to one; each bar always does.

    Examples
    --------
    >>> from opsafe import plot, ranking as rk
    >>> found = rk.acceptability([[1.0, 0.2], [0.4, 0.6]], ("naloxone", "dashboard"))
    >>> axes = plot.rank_acceptability(found)
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['naloxone', 'dashboard']
    """
    found = _found(result)
    order = _order(result, found)
    if len(order) > _MOST:
        raise ArgumentError(
            f"must have at most {_MOST} initiatives to be drawn", where="result", value=len(order)
        )
    names = [plain_words(found.initiatives[at]) for at in order]
    axes = open_axes(ax, height=1.6 + 0.3 * len(names))
    write_titles(axes, "How likely each initiative takes each place", _caption(result, found))
    _stack(axes, found.probabilities[order])
    axes.set_yticks(range(len(names)), names, fontsize="small", parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set_xlabel("share; the number in a segment is the place", color=QUIET)
    axes.tick_params(axis="y", length=0)
    quiet_frame(axes)
    return axes


def _found(result: object) -> Acceptability:
    if isinstance(result, Acceptability):
        return result
    if not isinstance(result, Ranking):
        raise ArgumentTypeError(
            f"a {type(result).__name__} is no ranking and no acceptability",
            where="result",
            advice="Draw what opsafe.ranking.rank or opsafe.ranking.acceptability returns",
        )
    if result.acceptability is None:
        raise ArgumentError(
            "nothing was drawn for this ranking",
            where="result",
            value=result.uncertainty,
            advice="Three raters or more are resampled; uncertainty='weights' works with fewer",
        )
    return result.acceptability


def _order(result: Ranking | Acceptability, found: Acceptability) -> IntArray:
    if isinstance(result, Ranking):
        known = {name: at for at, name in enumerate(found.initiatives)}
        ranked = [result.initiatives[at] for at in by_place(result)]
        return np.array([known[name] for name in ranked if name in known], np.int64)
    return np.argsort(found.expected_rank, kind="stable")


def _caption(result: Ranking | Acceptability, found: Acceptability) -> str:
    kind = _KINDS.get(result.uncertainty, "") if isinstance(result, Ranking) else "over weights"
    if found.draws is None:
        return "; ".join(filter(None, (kind, "exact")))
    error = 100 * float(np.max(found.standard_errors))
    drawn = f"{found.draws:,} draws, standard error of a share at most {error:.2g} points"
    return "; ".join(filter(None, (kind, drawn)))


def _stack(axes: Axes, probabilities: FloatArray) -> None:
    import matplotlib as mpl

    count = probabilities.shape[1]
    colours = mpl.colormaps[_COLOURS](np.linspace(0, 1, max(count, 2)))
    starts = np.cumsum(probabilities, axis=1) - probabilities
    rows = np.arange(len(probabilities))
    for place in range(count):
        axes.barh(
            rows, probabilities[:, place], left=starts[:, place], height=0.74,
            facecolor=colours[place], edgecolor="white", linewidth=0.6,
        )  # fmt: skip
        for row in np.flatnonzero(probabilities[:, place] >= _WRITTEN).tolist():
            axes.text(
                starts[row, place] + probabilities[row, place] / 2, row, str(place + 1),
                ha="center", va="center", fontsize="x-small",
                color="white" if place < count / 2 else "black",
            )  # fmt: skip
