"""Support and resistance by level and theme: a heat map that hatches what cannot be averaged."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.errors import ArgumentError
from opsafe.plot._costbenefit_words import expect
from opsafe.plot._frame import QUIET, open_axes, write_titles
from opsafe.plot._workforce_words import plain_words
from opsafe.quantity import FloatArray
from opsafe.ranking import Readiness
from opsafe.ranking._support import SCALES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

__all__ = ["readiness_heat_map"]

_MOST: Final = 30
_COLOURS: Final = "PuOr"  # orange against purple: told apart with any colour vision
_LIGHT: Final = (0.299, 0.587, 0.114)  # what red, green and blue add to how bright a colour is
_DARK: Final = 0.5  # of the way from black to white


def readiness_heat_map(readiness: Readiness, *, ax: Axes | None = None) -> Axes:
    """Draw support by level and theme, with count and gap, and hatch what should not be averaged.

    Parameters
    ----------
    readiness : Readiness
        What :func:`opsafe.ranking.readiness` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a row a level, a column a theme. A cell holds the mean of support now, weighted by
        influence, and below it how many were asked and the gap to what is desired. Hatched cells
        say "too few" or "too split" in place of a mean.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If this is no readiness, it is empty, or has more than 30 levels or themes.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Orange is resistance, purple support; a hatched cell is a reason to talk to people and no
    middle.

    Examples
    --------
    >>> from opsafe import plot, ranking as rk
    >>> axes = plot.readiness_heat_map(rk.readiness(rk.example().assessments))
    >>> axes.texts[1].get_text().splitlines()
    ['+1.2', 'n 3, gap -0.2']
    """
    expect(readiness, Readiness, "readiness", "opsafe.ranking.readiness")
    grid = _grid(readiness)
    axes = open_axes(ax, height=1.5 + 0.55 * len(grid.levels))
    write_titles(axes, "Support by level and theme", _caption(grid))
    mesh = axes.imshow(
        np.ma.masked_invalid(grid.support), cmap=_COLOURS, vmin=grid.low, vmax=grid.high,
        aspect="auto",
    )  # fmt: skip
    _cells(axes, mesh, grid)
    axes.set_xticks(range(len(grid.themes)), [_folded(each) for each in grid.themes],
                    fontsize="small", parse_math=False)  # fmt: skip
    axes.set_yticks(range(len(grid.levels)), grid.levels, fontsize="small", parse_math=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = axes.figure.colorbar(mesh, ax=axes, shrink=0.9, pad=0.02)
    bar.set_label("support now", color=QUIET)
    bar.outline.set_visible(False)
    return axes


@dataclass(frozen=True, slots=True)
class _Grid:
    """The map by level and theme; NaN where there is no mean."""

    levels: list[str]
    themes: list[str]
    support: FloatArray
    gap: FloatArray
    count: FloatArray
    flags: list[list[str | None]]
    low: float
    high: float


def _grid(readiness: Readiness) -> _Grid:
    shape = (len(readiness.levels), len(readiness.themes))
    if min(shape) < 1 or max(shape) > _MOST:
        raise ArgumentError(
            f"must have 1 to {_MOST} levels and themes to be drawn",
            where="readiness",
            value=f"{shape[0]} by {shape[1]}",
        )
    flags = np.array(readiness.table["flag"].tolist(), object).reshape(shape)
    scale = SCALES[readiness.scale]
    return _Grid(
        [plain_words(each) for each in readiness.levels],
        [plain_words(each) for each in readiness.themes],
        readiness.matrix("support"), readiness.matrix("gap"), readiness.matrix("count"),
        flags.tolist(), scale.low, scale.high,
    )  # fmt: skip


def _caption(grid: _Grid) -> str:
    return (
        f"mean weighted by influence, from {grid.low:g} to {grid.high:g}; n asked; gap to what is "
        "desired; hatched: not averaged"
    )


def _cells(axes: Axes, mesh: AxesImage, grid: _Grid) -> None:
    """Write what each cell says; one that cannot be averaged is hatched and says why."""
    for row, column in np.argwhere(grid.count > 0).tolist():
        flag, support = grid.flags[row][column], float(grid.support[row, column])
        if flag is None:
            _write(axes, row, column, _told(grid, row, column), is_dark=_is_dark(mesh, support))
            continue
        axes.fill_between(
            (column - 0.5, column + 0.5), row - 0.5, row + 0.5, facecolor="white",
            edgecolor="#9a9a9a", hatch="///", linewidth=0,
        )  # fmt: skip
        told = f"{flag}\nn {grid.count[row, column]:g}"
        _write(
            axes, row, column, told, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        )


def _told(grid: _Grid, row: int, column: int) -> str:
    support, gap = grid.support[row, column], grid.gap[row, column]
    first = f"{support:+.1f}" if grid.low < 0 else f"{support:.1f}"
    wanted = "" if np.isnan(gap) else f", gap {gap:+.1f}"
    return f"{first}\nn {grid.count[row, column]:g}{wanted}"


def _is_dark(mesh: AxesImage, value: float) -> bool:
    colour = np.asarray(mesh.to_rgba(np.array([value])), np.float64)[0, :3]
    return float(colour @ _LIGHT) < _DARK


def _write(
    axes: Axes, row: int, column: int, words: str, *, is_dark: bool = False, **more: Any
) -> None:
    axes.text(
        column, row, words, ha="center", va="center", fontsize="small",
        color="white" if is_dark else "black", parse_math=False, **more,
    )  # fmt: skip


def _folded(name: str) -> str:
    """A name on lines of about 14 letters."""
    return "\n".join(wrap(name, 14))
