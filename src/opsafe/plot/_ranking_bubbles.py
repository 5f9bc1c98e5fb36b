"""Initiatives by impact and ease, with whiskers over the raters and the lines of the quadrants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.plot._costbenefit_words import expect
from opsafe.plot._frame import ABOVE, BETWEEN, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._labels import label_marks
from opsafe.plot._ranking_words import by_place, read_sizes, share_words
from opsafe.plot._workforce_words import plain_words
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking import Criterion, Quadrants, Ranking
from opsafe.ranking.quadrants import Cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["impact_ease"]

# Colour and form of each quadrant: they differ without colour too.
_LOOKS: Final = {
    "quick_win": (ABOVE, "o"),
    "major_project": (BETWEEN, "s"),
    "fill_in": ("#e6a532", "^"),
    "thankless": ("#c8c8c8", "D"),
}
_USUAL_AREA: Final = 70.0  # points squared
_AREAS: Final = (30.0, 420.0)


def impact_ease(
    ranking: Ranking,
    *,
    cut: Cut = "midpoint",
    impact: str = "impact",
    ease: str = "ease",
    size: Mapping[str, float] | None = None,
    size_label: str = "size",
    ax: Axes | None = None,
) -> Axes:
    """Draw initiatives by ease and impact, with the quadrant of each and how sure it is.

    Parameters
    ----------
    ranking : Ranking
        What :func:`opsafe.ranking.rank` returned.
    cut : {"midpoint", "median"} or mapping of str to float, optional
        Where high begins, as :meth:`opsafe.ranking.Ranking.quadrants` takes it.
    impact, ease : str, optional
        The criteria that stand for the two.
    size : mapping of str to float, optional
        A number of 0 or more for every initiative, such as its cost: the area of its mark.
    size_label : str, optional
        What the sizes are, with their unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, in the units of the criteria, better to the right and above. A number names each
        mark; initiatives at one place share a mark's place. Whiskers reach from the 5th to the
        95th percentile of the resampled raters, where there are at least three.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If this is no ranking, a criterion or the cut is not known, or a size is missing or
        below 0.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    The percentage beside a name is the share of the draws in which the initiative lies in the
    quadrant shown.

    Examples
    --------
    >>> from opsafe import plot, ranking as rk
    >>> ratings = [
    ...     {"initiative": name, "rater": rater, "criterion": criterion, "score": score}
    ...     for name, scores in {"naloxone": (5, 4), "dashboard": (2, 4)}.items()
    ...     for rater in ("A", "B", "C")
    ...     for criterion, score in zip(("impact", "ease"), scores)
    ... ]
    >>> found = rk.rank(
    ...     ratings, criteria=rk.IMPACT_EASE_1_5, weights={"impact": 60, "ease": 40}
    ... )
    >>> axes = plot.impact_ease(found)
    >>> axes.get_xlabel(), [text.get_text() for text in axes.get_legend().get_texts()]
    ('Ease, points', ['1  naloxone: quick win, 100%', '2  dashboard: fill-in, 100%'])
    """
    expect(ranking, Ranking, "ranking", "opsafe.ranking.rank")
    placed = ranking.quadrants(cut, impact=impact, ease=ease)
    criteria = ranking.criteria.named(ease), ranking.criteria.named(impact)
    points = _points(ranking, placed, criteria, read_sizes(size, ranking.initiatives))
    axes = open_axes(ax, height=max(5.4, 1.2 + 0.21 * len(ranking.initiatives)))
    caption = _caption(points, ranking.aggregate, None if size is None else size_label)
    write_titles(axes, "Initiatives by impact and ease", caption)
    _frame(axes, points)
    _whiskers(axes, points)
    for at in np.argsort(-points.areas, kind="stable"):
        colour, form = _LOOKS[points.codes[at]]
        axes.scatter(
            points.ease[at], points.impact[at], s=points.areas[at], marker=form, facecolor=colour,
            edgecolor="black", linewidth=0.7, zorder=3, clip_on=False,
        )  # fmt: skip
    _key(axes, points)
    _number(axes, points)
    return axes


@dataclass(frozen=True, slots=True)
class _Points:
    """What is drawn, in the order of the places; positions in the criteria's own units."""

    codes: list[str]
    keys: list[str]
    ease: FloatArray
    impact: FloatArray
    areas: FloatArray
    reach: FloatArray | None  # low and high, initiative, ease and impact
    axes: tuple[Criterion, Criterion]
    quadrants: Quadrants
    absent: list[str]


def _points(
    ranking: Ranking,
    quadrants: Quadrants,
    criteria: tuple[Criterion, Criterion],
    sizes: FloatArray | None,
) -> _Points:
    both = [ranking.criteria.names.index(each.name) for each in criteria]
    shown = _shown(ranking, quadrants)
    values = _in_units(ranking.values[shown][:, both], criteria)
    areas = np.full(len(shown), _USUAL_AREA) if sizes is None else _areas(sizes)[shown]
    drawn, reach = ranking.drawn_values, None
    if drawn is not None:
        percentiles = np.percentile(drawn[:, shown][:, :, both], (5, 95), axis=0)
        reach = _in_units(percentiles, criteria)
        reach[:, np.isnan(quadrants.own_probability[shown])] = np.nan  # too few to resample
    codes = [str(quadrants.quadrant[at]) for at in shown]
    names = [plain_words(ranking.initiatives[at]) for at in shown]
    absent = sorted({*range(len(ranking.initiatives))} - {*shown.tolist()})
    return _Points(
        codes, list(_keys(names, quadrants, shown)), values[:, 0], values[:, 1], areas, reach,
        criteria, quadrants, [plain_words(ranking.initiatives[at]) for at in absent],
    )  # fmt: skip


def _shown(ranking: Ranking, quadrants: Quadrants) -> IntArray:
    order = by_place(ranking)
    return order[[quadrants.quadrant[at] is not None for at in order]]


def _in_units(anchored: FloatArray, criteria: tuple[Criterion, ...]) -> FloatArray:
    columns = [each.in_unit(anchored[..., at]) for at, each in enumerate(criteria)]
    return np.stack(columns, axis=-1)


def _areas(sizes: FloatArray) -> FloatArray:
    least, most = _AREAS
    largest = float(sizes.max()) or 1.0
    return np.maximum(least, most * sizes / largest)


def _keys(names: list[str], quadrants: Quadrants, shown: IntArray) -> Iterator[str]:
    sure = quadrants.own_probability
    for number, (name, at) in enumerate(zip(names, shown.tolist(), strict=True), start=1):
        label = plain_words(quadrants.labels[str(quadrants.quadrant[at])])
        told = "" if np.isnan(sure[at]) else f", {share_words(float(sure[at]))}"
        line = ", on the line" if quadrants.on_the_line[at] else ""
        yield f"{number}  {name}: {label.lower()}{told}{line}"


def _caption(points: _Points, aggregate: str, size_label: str | None) -> str:
    relative = "lines at the medians, a relative view"
    parts = [relative if points.quadrants.relative else "high begins at the lines"]
    if aggregate == "borda":
        parts.append("Borda points, which go by order alone")
    if points.reach is not None:
        parts.append("whiskers and shares: resampled raters, 5th to 95th percentile")
    if size_label is not None:
        parts.append(f"area: {plain_words(size_label)}")
    return "; ".join(parts)


def _frame(axes: Axes, points: _Points) -> None:
    """Axes in the criteria's units, better to the right and above, and the lines of the cut."""
    for axis, criterion in zip("xy", points.axes, strict=True):
        span = abs(criterion.best - criterion.worst)
        toward = 1 if criterion.best > criterion.worst else -1
        ends = (criterion.worst - toward * span * 0.06, criterion.best + toward * span * 0.06)
        axes.set(**{f"{axis}lim": ends})
        words = f"{plain_words(criterion.label)}, {plain_words(criterion.unit)}"
        getattr(axes, f"{axis}axis").set_label_text(words, parse_math=False)
        line = axes.axvline if axis == "x" else axes.axhline
        line(points.quadrants.cuts[criterion.name], color=QUIET, linewidth=0.9, linestyle="--")
    quiet_frame(axes)


def _whiskers(axes: Axes, points: _Points) -> None:
    """Lines from low to high, where an initiative was resampled at all."""
    if points.reach is None:
        return
    low, high = points.reach
    colours = [_LOOKS[code][0] for code in points.codes]
    seen = ~np.isnan(low).any(axis=1) & ~np.isnan(high).any(axis=1)
    for at in np.flatnonzero(seen):
        looks: dict[str, Any] = {"color": colours[at], "linewidth": 1.1, "alpha": 0.8, "zorder": 2}
        axes.plot([low[at, 0], high[at, 0]], [points.impact[at]] * 2, **looks)
        axes.plot([points.ease[at]] * 2, [low[at, 1], high[at, 1]], **looks)


def _key(axes: Axes, points: _Points) -> None:
    """Names beside the axes, each with its number and quadrant."""
    from matplotlib.lines import Line2D

    handles = []
    for code, words in zip(points.codes, points.keys, strict=True):
        colour, form = _LOOKS[code]
        handles.append(
            Line2D([], [], linestyle="none", marker=form, markerfacecolor=colour,
                   markeredgecolor="black", markeredgewidth=0.7, label=words)
        )  # fmt: skip
    if points.absent:
        handles.append(Line2D([], [], linestyle="none", label="without a place on the grid:"))
        handles += [Line2D([], [], linestyle="none", label=f"   {name}") for name in points.absent]
    legend = axes.legend(
        handles=handles, fontsize="small", frameon=False, loc="upper left",
        bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2, handletextpad=0.3,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def _number(axes: Axes, points: _Points) -> None:
    """Write numbers beside the marks; those at one place share a label."""
    places = np.column_stack([points.ease, points.impact])
    if not len(places):
        return
    unique, group = np.unique(places, axis=0, return_inverse=True)
    group = group.reshape(-1)  # NumPy 2.0 gives it the shape of the rows
    texts = [
        ", ".join(str(each + 1) for each in np.flatnonzero(group == at))
        for at in range(len(unique))
    ]
    radii = np.array([np.sqrt(points.areas[group == at].max()) / 2 for at in range(len(unique))])
    label_marks(axes, unique, radii, texts)
