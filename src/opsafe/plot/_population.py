"""A population: how daily MME is distributed, by definition or by edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.mme import Exposure
from opsafe.mme.summary import SMALLEST_CELL, DefinitionSummary, Summary
from opsafe.plot._frame import (
    ABOVE,
    BELOW,
    BETWEEN,
    QUIET,
    column_of,
    open_axes,
    provenance_line,
    quiet_frame,
    window_line,
    write_titles,
)
from opsafe.quantity import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["definitions", "editions"]

_LOWEST: Final = 0.1  # MME a day: whatever is below lies in the first bar
_DEFINITIONS: Final = {
    "mme_per_supply_day": "D1  MME per day of supply",
    "mme_per_covered_day": "D2  MME per covered day",
    "mme_per_window_day": "D3  MME per day of the window",
    "mme_maximum_day": "D4  MME on the largest day",
}


def definitions(exposure: Exposure, *, suppress: bool = True, ax: Axes | None = None) -> Axes:
    """Draw how a population's daily MME is distributed under the four definitions.

    Parameters
    ----------
    exposure : Exposure
        The result of :func:`opsafe.mme.exposure`.
    suppress : bool, optional
        Leave out bars and shares of fewer than 11 members.
    ax : matplotlib.axes.Axes, optional
        Where to draw; beside other pictures in a figure with ``layout="constrained"``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: MME a day on a logarithmic scale, one row a definition, and beside each row
        the share of members at or above the thresholds.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Each row has a scale of its own: its tallest bar is its most common range of MME. The bars
    change shade at the thresholds, so what is darker is what the shares count.
    """
    summary = exposure.summary(suppress=suppress)
    rows = [
        _Row(_DEFINITIONS[one.column], _values(exposure, one.column), one, summary)
        for one in summary.groups[0].definitions
    ]
    axes = open_axes(ax, height=5.4)
    _distributions(axes, rows)
    write_titles(axes, "Daily MME of one population by four definitions", provenance_line(exposure))
    return axes


def editions(
    exposures: Mapping[str, Exposure],
    *,
    definition: str = "mme_maximum_day",
    suppress: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the same population under several editions of conversion factors.

    Parameters
    ----------
    exposures : mapping of str to Exposure
        Results for the same fills, by the name to print: ``{"cdc-2016": ..., "cdc-2022": ...}``.
    definition : str, optional
        A column of ``members``: mme_per_supply_day, mme_per_covered_day, mme_per_window_day or
        mme_maximum_day.
    suppress : bool, optional
        Leave out bars and shares of fewer than 11 members.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: as in :func:`definitions`, one row an edition.

    Raises
    ------
    ArgumentError
        If there are none, the definition is not one of the four, or they differ in more than
        the edition.
    MissingExtraError
        If matplotlib is not installed.
    """
    if definition not in _DEFINITIONS:
        raise ArgumentError(
            "is no definition of daily MME",
            where="definition",
            value=definition,
            allowed=_DEFINITIONS,
        )
    found = _alike(exposures)
    rows = []
    for name, exposure in exposures.items():
        summary = exposure.summary(suppress=suppress)
        (one,) = (d for d in summary.groups[0].definitions if d.column == definition)
        rows.append(_Row(str(name), _values(exposure, definition), one, summary))
    axes = open_axes(ax, height=1.4 + 0.95 * len(rows))
    _distributions(axes, rows)
    what = _DEFINITIONS[definition].partition("  ")[2]
    ids = [one.id for each in exposures.values() for one in each.provenance.editions]
    unsaid = [one for one in dict.fromkeys(ids) if one not in exposures]
    caption = f"Editions {', '.join(unsaid)}; " if unsaid else ""
    write_titles(
        axes, f"{what}: one population, {len(rows)} editions", caption + window_line(found)
    )
    return axes


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a picture of distributions."""

    label: str
    values: FloatArray
    definition: DefinitionSummary
    summary: Summary


def _distributions(axes: Axes, rows: Sequence[_Row]) -> None:
    """Draw a histogram a row on one logarithmic scale, and the shares beside it."""
    marks = sorted({_threshold(name)[1] for name in rows[0].summary.thresholds})
    edges = _bins([row.values for row in rows], marks)
    suppress = rows[0].summary.suppress
    for at, row in enumerate(rows):
        base = len(rows) - 1 - at
        counts = np.histogram(np.maximum(row.values, edges[0]), edges)[0]
        if suppress:
            counts = np.where(counts < SMALLEST_CELL, 0, counts)
        heights = 0.8 * counts / max(int(counts.max()), 1)
        _draw_row(axes, edges, heights, base, marks)
        _median(axes, row, base)
    for mark in marks:
        axes.axvline(mark, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.5)
    _value_axis(axes, edges, marks)
    middles = [len(rows) - 1 - at + 0.3 for at in range(len(rows))]
    axes.set_yticks(middles, [_label(row) for row in rows], fontsize="small")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.1, len(rows) - 0.1)
    quiet_frame(axes, left=False)
    axes.set_xlabel(_legend(rows, edges, suppress=suppress), fontsize="small", color=QUIET)


def _draw_row(
    axes: Axes, edges: FloatArray, heights: FloatArray, base: int, marks: Sequence[float]
) -> None:
    for lower, upper, colour in _shades(marks):
        inside = (edges[:-1] >= lower) & (edges[:-1] < upper)
        axes.bar(
            edges[:-1][inside],
            heights[inside],
            width=np.diff(edges)[inside],
            bottom=base,
            align="edge",
            color=colour,
            edgecolor="white",
            linewidth=0.4,
        )
    axes.axhline(base, color=QUIET, linewidth=0.6)


def _label(row: _Row) -> str:
    """Say what the row shows, of how many, and the shares: beside the bars, never over them."""
    one, summary = row.definition, row.summary
    median = "" if _hides_middle(row) else f", median {one.median:,.1f}"
    lines = [row.label, f"{summary.shown(one.members)} members{median}"]
    for name in summary.thresholds:
        sign, value = _threshold(name)
        said = "at or above" if sign == "at_least" else "above"
        lines.append(f"{said} {value:g}: {summary.shown_share(one, name)}")
    return "\n".join(lines)


def _hides_middle(row: _Row) -> bool:
    """Whether a median would speak of nobody or of a few people."""
    return row.definition.median is None or row.summary.hidden(row.definition.members)


def _median(axes: Axes, row: _Row, base: int) -> None:
    median = row.definition.median
    if not _hides_middle(row) and median:
        axes.plot([median, median], [base, base + 0.5], color="white", linewidth=2.4)
        axes.plot([median, median], [base, base + 0.5], color="black", linewidth=1.0)


def _legend(rows: Sequence[_Row], edges: FloatArray, *, suppress: bool) -> str:
    parts = ["MME a day, logarithmic scale", "bars: members", "line: median"]
    if any((row.values < edges[0]).any() for row in rows):
        parts.append(f"first bar: {edges[0]:.2g} and below")
    if suppress:
        parts.append(f"bars under {SMALLEST_CELL} members left out")
    return "; ".join(parts)


def _bins(values: Sequence[FloatArray], marks: Sequence[float]) -> FloatArray:
    """Edges at equal ratios of which the thresholds are some, so that no bar straddles one."""
    every = np.concatenate(values)
    lowest = max(float(every.min()), _LOWEST) if len(every) else 1.0
    highest = 1.001 * max(float(every.max()) if len(every) else 0, *(4 * mark for mark in marks), 2)
    anchors = [min(lowest, *marks, highest / 2) * 0.999, *marks, highest]
    parts = [
        np.geomspace(low, high, max(2, round(np.log(high / low) / 0.14) + 1))
        for low, high in pairwise(anchors)
    ]
    # Inner ends once more, as they were given: geomspace may be off by the last bit.
    return np.unique(np.concatenate([*(part[1:-1] for part in parts), anchors]))


def _shades(marks: Sequence[float]) -> list[tuple[float, float, Any]]:
    """A shade for each range between thresholds, darker to the right."""
    from matplotlib.colors import LinearSegmentedColormap

    bounds = [0.0, *marks, np.inf]
    blues = LinearSegmentedColormap.from_list("exposure", [BELOW, BETWEEN, ABOVE])
    last = max(len(bounds) - 2, 1)
    return [(bounds[at], bounds[at + 1], blues(at / last)) for at in range(len(bounds) - 1)]


def _value_axis(axes: Axes, edges: FloatArray, marks: Sequence[float]) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    usual = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000]
    near = [t for t in usual if all(abs(np.log(t / mark)) > 0.25 or t == mark for mark in marks)]
    ticks = sorted({*marks, *near})
    ticks = [tick for tick in ticks if edges[0] <= tick <= edges[-1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())


def _threshold(name: str) -> tuple[str, float]:
    """Read "at_least_50" as its sign and number."""
    sign, _, number = name.rpartition("_")
    return sign, float(number)


def _values(exposure: Exposure, column: str) -> FloatArray:
    values = np.asarray(column_of(exposure.members, column), np.float64)
    return values[~np.isnan(values)]


def _alike(exposures: Mapping[str, Exposure]) -> Exposure:
    """Return one of the results, if they differ in nothing but the edition."""
    alike: list[Any] = list(exposures.values())
    if not alike or not all(isinstance(each, Exposure) for each in alike):
        raise ArgumentTypeError(
            "is not a mapping of names to results of mme.exposure", where="exposures"
        )
    for each in alike[1:]:
        one, other = alike[0].provenance, each.provenance
        if (one.arguments, one.rows.rows_in, one.members) != (
            other.arguments, other.rows.rows_in, other.members,
        ):  # fmt: skip
            raise ArgumentError(
                "differ in more than the edition",
                where="exposures",
                advice="Run mme.exposure on the same fills with the same arguments",
            )
    first: Exposure = alike[0]
    return first
