"""One member: daily exposure as steps, and the fills that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe._readings import read_codes, read_dates, read_numbers, read_text
from opsafe.errors import ArgumentError
from opsafe.frames import Frame, Table, open_table
from opsafe.mme import Exposure, vocabulary
from opsafe.plot._frame import (
    BELOW,
    BETWEEN,
    LINE,
    QUIET,
    column_of,
    open_axes,
    provenance_line,
    quiet_frame,
    write_titles,
)
from opsafe.quantity import FloatArray, GridState, IntArray, read_decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["member_timeline"]

_SET_ASIDE: Final = "#777777"
_BENZODIAZEPINE: Final = "#d98200"


def member_timeline(
    exposure_or_segments: Exposure | Frame,
    member_id: object,
    *,
    fills: Frame | None = None,
    thresholds: Sequence[float] = (50, 90),
    columns: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one member's daily exposure, with the fills below as bars.

    Parameters
    ----------
    exposure_or_segments : Exposure or table
        A result with ``segments=True``, or its segments (MME a day).
    member_id : int or str
        The member, as the data name it. It is not written on the picture.
    fills : table, optional
        What was given to :func:`opsafe.mme.exposure`: opioids and benzodiazepines are drawn,
        from their own dates; rows that were set aside are outlined.
    thresholds : sequence of float, optional
        Reference points in MME a day.
    columns : mapping of str to str, optional
        Our column name to that of ``fills``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; with ``fills`` its lower part becomes axes of their own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the daily exposure, in MME a day by date.

    Raises
    ------
    ArgumentError
        If there are no segments, or none of this member.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from opsafe import mme, plot
    >>> fill = {
    ...     "member_id": 1,
    ...     "fill_date": "2025-01-01",
    ...     "ingredient": "oxycodone",
    ...     "route": "oral",
    ...     "strength": "10 mg",
    ...     "quantity": 180,
    ...     "days_supply": 30,
    ... }
    >>> found = mme.exposure([fill], edition="cdc-2022", segments=True)
    >>> plot.member_timeline(found, 1, fills=[fill]).get_ylabel()
    'MME a day'
    """
    exposure = exposure_or_segments if isinstance(exposure_or_segments, Exposure) else None
    steps = _steps(exposure.segments if exposure else exposure_or_segments, member_id)
    bars = [] if fills is None else _bars(fills, member_id, exposure, columns)
    axes = open_axes(ax, height=3.2 + 0.28 * len({bar.lane for bar in bars}))
    lower = _split(axes, len({bar.lane for bar in bars})) if bars else None
    edges, values = steps
    axes.stairs(values, edges, baseline=0, fill=True, color=BELOW)
    axes.stairs(values, edges, baseline=0, color=LINE, linewidth=1.4)
    axes.set_ylabel("MME a day")
    axes.set_ylim(0, 1.15 * max(float(np.max(values)), *thresholds, 1.0))
    _reference_points(axes, thresholds)
    write_titles(axes, "One member's daily opioid exposure", provenance_line(exposure))
    for each in [axes] if lower is None else [axes, lower]:
        quiet_frame(each)
    if lower is not None:
        axes.tick_params(labelbottom=False)
        _draw_bars(lower, bars)
    _date_axis(lower or axes, exposure)
    return axes


@dataclass(frozen=True, slots=True)
class _Bar:
    """One fill: its days, the product it belongs to, and how it is drawn."""

    first: int
    days: int
    product: str
    kind: str
    set_aside: bool
    lane: int


def _steps(segments: Frame | None, member_id: object) -> tuple[Any, FloatArray]:
    """Edges (days) and heights of a member's exposure, zero where there are gaps."""
    if segments is None:
        raise ArgumentError(
            "has no segments", where="exposure", advice="Ask for them: segments=True"
        )
    names = ("member_id", "first_day", "last_day", "mme_per_day")
    table = open_table(segments, where="segments", required=names)
    rows = _rows_of(table, member_id)
    if not len(rows):
        raise ArgumentError("this member has no day with exposure", where="member_id")
    first, _ = read_dates(table.column("first_day"), "segments['first_day']")
    last, _ = read_dates(table.column("last_day"), "segments['last_day']")
    value, _ = read_numbers(table.column("mme_per_day"), 6, "segments['mme_per_day']")
    rows = rows[np.argsort(first[rows])]
    edges: list[int] = []
    values: list[float] = []
    for start, stop, height in zip(first[rows], last[rows] + 1, value[rows] / 1e6, strict=True):
        if edges and edges[-1] != start:
            values.append(0.0)
        if not edges or edges[-1] != start:
            edges.append(int(start))
        edges.append(int(stop))
        values.append(float(height))
    return np.array(edges).astype("datetime64[D]"), np.array(values)


def _rows_of(table: Table, member_id: object) -> IntArray:
    codes = read_codes(table.column("member_id"), f"{table.where}['member_id']")
    ours = codes.values.index(member_id) if member_id in codes.values else -2
    return np.flatnonzero(codes.codes == ours)


def _bars(
    fills: Frame, member_id: object, exposure: Exposure | None, columns: Mapping[str, str] | None
) -> list[_Bar]:
    names = ("member_id", "fill_date", "ingredient", "strength", "quantity", "days_supply")
    known = None if columns is None else {k: v for k, v in columns.items() if k in (*names, "unit")}
    table = open_table(fills, where="fills", required=names, optional=("unit",), columns=known)
    rows = _rows_of(table, member_id)
    first, dated = read_dates(table.column("fill_date"), "fills['fill_date']")
    days, counted = read_numbers(table.column("days_supply"), 0, "fills['days_supply']")
    quantity, _ = read_numbers(table.column("quantity"), 3, "fills['quantity']")
    stands = (dated == GridState.ON_GRID) & (counted == GridState.ON_GRID) & (days > 0)
    rows = rows[(stands & (quantity > 0))[rows]]
    aside = set() if exposure is None else set(column_of(exposure.set_aside, "row").tolist())
    ingredients = read_text(table.column("ingredient")).array()
    strengths = _strengths(table)
    listed = []
    for row in rows[np.argsort(first[rows], kind="stable")].tolist():
        drug = vocabulary.ingredient(ingredients[row] or "")
        if drug is not None and drug.kind != "other":
            product = f"{drug.name} {strengths[row]}".strip()
            listed.append((int(first[row]), int(days[row]), product, drug.kind, row in aside))
    return _in_lanes(listed)


def _strengths(table: Table) -> list[str]:
    """The strength of each row with its unit; 10.000 as 10."""
    strength = read_text(table.column("strength")).array().tolist()
    unit = read_text(table.column("unit")).array().tolist() if "unit" in table else [""]
    units = unit if "unit" in table else unit * len(table)
    return [f"{_short(s)} {u or ''}".strip() for s, u in zip(strength, units, strict=True)]


def _short(text: str | None) -> str:
    exact = read_decimal(text or "")
    plain = exact is not None and exact.is_finite() and abs(exact.adjusted()) < 12
    return f"{exact.normalize():f}" if plain and exact is not None else (text or "")


def _in_lanes(listed: Sequence[tuple[int, int, str, str, bool]]) -> list[_Bar]:
    """Give each fill a lane of its product; fills of a product that overlap lie in two."""
    bars: list[_Bar] = []
    lanes = 0
    for product in dict.fromkeys(
        sorted((kind != "opioid", name) for _, _, name, kind, _ in listed)
    ):
        free: list[int] = []
        for first, days, name, kind, aside in listed:
            if (kind != "opioid", name) != product:
                continue
            lane = next((at for at, until in enumerate(free) if until <= first), len(free))
            free[lane : lane + 1] = [first + days]
            bars.append(_Bar(first, days, name, kind, aside, lanes + lane))
        lanes += len(free)
    return bars


def _draw_bars(axes: Axes, bars: Sequence[_Bar]) -> None:
    for bar in bars:
        colour = BETWEEN if bar.kind == "opioid" else _BENZODIAZEPINE
        axes.barh(
            bar.lane,
            width=np.timedelta64(bar.days, "D"),
            left=np.datetime64(bar.first, "D"),
            height=0.72,
            facecolor="none" if bar.set_aside else colour,
            edgecolor=_SET_ASIDE if bar.set_aside else "white",
            linestyle="--" if bar.set_aside else "-",
            linewidth=0.8,
        )
    products: dict[str, list[int]] = {}
    for bar in bars:
        products.setdefault(bar.product, []).append(bar.lane)
    axes.set_yticks([(min(at) + max(at)) / 2 for at in products.values()], list(products))
    axes.tick_params(axis="y", length=0, labelsize="small")
    axes.set_ylim(max(bar.lane for bar in bars) + 0.6, -0.6)
    kinds = {bar.kind for bar in bars if not bar.set_aside}
    notes = ["fills from their own dates"]
    if "benzodiazepine" in kinds:
        notes.append("orange: benzodiazepines")
    if any(bar.set_aside for bar in bars):
        notes.append("dashed: set aside")
    axes.set_xlabel("; ".join(notes), fontsize="small", color=QUIET)


def _split(axes: Axes, lanes: int) -> Axes:
    """Give the lower part of some axes to the fills, in any layout."""
    figure = axes.get_figure()
    assert figure is not None
    share = [3.0, min(0.35 + 0.3 * lanes, 3.0)]
    place = axes.get_subplotspec()
    if place is not None:
        inner = place.subgridspec(2, 1, height_ratios=share, hspace=0.08)
        axes.set_subplotspec(inner[0])
        return figure.add_subplot(inner[1], sharex=axes)
    box = axes.get_position()
    below = box.height * share[1] / sum(share)
    axes.set_position((box.x0, box.y0 + below, box.width, box.height - below))
    return figure.add_axes((box.x0, box.y0, box.width, 0.94 * below), sharex=axes)


def _reference_points(axes: Axes, thresholds: Sequence[float]) -> None:
    for threshold in thresholds:
        axes.axhline(threshold, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(
            f"reference point {threshold:g}",
            xy=(1, threshold),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize="x-small",
            color=QUIET,
            # Legible over the steps, without hiding that they are there.
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
        )


def _date_axis(axes: Axes, exposure: Exposure | None) -> None:
    """Show the whole window where there is one: no exposure is something to see too."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

    locator = AutoDateLocator(minticks=3, maxticks=10)  # type: ignore[no-untyped-call]
    given = exposure.provenance.arguments if exposure else {}
    if "not given" not in (given.get("start", "not given"), given.get("end", "not given")):
        days = np.array([given["start"], given["end"]], "datetime64[D]")
        first, last = date2num(days)  # type: ignore[no-untyped-call]
        axes.set_xlim(first, last + 1)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
