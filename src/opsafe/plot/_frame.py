"""What all pictures share: the axes, their titles, and colours that differ in grey too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.columns import Nullable, Text
from opsafe.errors import MissingExtraError
from opsafe.frames import Frame, open_table
from opsafe.mme import Exposure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "ABOVE",
    "BELOW",
    "BETWEEN",
    "LINE",
    "QUIET",
    "column_of",
    "open_axes",
    "provenance_line",
    "quiet_frame",
    "window_line",
    "write_titles",
]

BELOW: Final = "#a6cee3"
BETWEEN: Final = "#4393c3"
ABOVE: Final = "#08306b"
LINE: Final = "#08519c"
QUIET: Final = "#555555"


def open_axes(ax: Axes | None, height: float) -> Axes:
    """Take the axes given, or make a figure of their own."""
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        raise MissingExtraError(
            "pictures need matplotlib, which is not installed",
            where="opsafe.plot",
            advice="Run: pip install 'opsafe[plot]'",
        ) from None
    return plt.subplots(figsize=(9.0, height), layout="constrained")[1] if ax is None else ax


def write_titles(axes: Axes, title: str, caption: str) -> None:
    """Write the title, and below it, small, by what table and over which days."""
    axes.set_title(title, loc="left", pad=22)
    note = axes.annotate(
        caption, xy=(0, 1), xycoords="axes fraction", xytext=(0, 9), textcoords="offset points",
        fontsize="x-small", color=QUIET, va="bottom",
    )  # fmt: skip
    # It may be wider than the axes, which are not to shrink for that; the title keeps its height.
    note.set_in_layout(False)


def provenance_line(exposure: Exposure | None) -> str:
    """Say by which edition, over which days and with which overlap rule."""
    if exposure is None:
        return "MME by the edition of the segments"
    ids = ", ".join(edition.id for edition in exposure.provenance.editions)
    return f"Edition {ids}; {window_line(exposure)}"


def window_line(exposure: Exposure) -> str:
    """Say over which days and with which overlap rule."""
    arguments = exposure.provenance.arguments
    first, last = arguments["start"], arguments["end"]
    window = f"{first} to {last}"
    if "not given" in (first, last):
        window = "no window" if first == last else f"start {first}, end {last}"
    return f"{window}; overlapping fills: {arguments['overlap']}; for review"


def quiet_frame(axes: Axes, *, left: bool = True) -> None:
    """Leave out the lines of the frame that say nothing."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_visible(left)


def column_of(frame: Frame, name: str) -> Any:
    """Read a column of numbers of a result, whatever kind of table it is."""
    column = open_table(frame, where="table", required=(name,)).column(name)
    if isinstance(column, Text):  # a column without any value
        return np.full(len(column), np.nan)
    return column.array() if isinstance(column, Nullable) else column
