"""A budget impact by year: what each line, treatment or category adds or takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import numpy as np

from opsafe.costbenefit import BudgetImpact
from opsafe.errors import ArgumentError
from opsafe.plot._costbenefit_words import (
    HATCHES,
    Money,
    expect,
    finite,
    legend_beside,
    money_of,
    scaled_axis,
)
from opsafe.plot._frame import ABOVE, BELOW, BETWEEN, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import plain_words
from opsafe.quantity import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["budget_impact"]

By: TypeAlias = Literal["line", "treatment", "category"]

_BY: Final[tuple[By, ...]] = get_args(By)
_MOST_PARTS: Final = 12
_SHADES: Final = ((BETWEEN, "white"), (BELOW, QUIET), ("white", QUIET), (ABOVE, "white"))
_WHOLE: Final = "all"


def budget_impact(found: BudgetImpact, *, by: By = "line", ax: Axes | None = None) -> Axes:
    """Draw what a change of treatments adds to a budget in each year, and what it takes from it.

    Parameters
    ----------
    found : BudgetImpact
        What :func:`opsafe.costbenefit.budget_impact` returned.
    by : {"line", "treatment", "category"}, optional
        What the bars are stacked by.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: USD, undiscounted, a bar a year; above 0 the plan spends more. A diamond stands
        at the sum of each year. At most 12 parts are drawn; one more is all others together.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the argument is no budget impact, there is no such way to stack, or an amount is not
        finite.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from opsafe import costbenefit as cb, plot
    >>> found = cb.budget_impact(
    ...     years=2,
    ...     population=1_000,
    ...     share_current={"none": 0.8, "buprenorphine": 0.2},
    ...     share_new={"none": 0.7, "buprenorphine": 0.3},
    ...     cost_usd_per_patient_year={"none": 0, "buprenorphine": 6_000},
    ... )
    >>> axes = plot.budget_impact(found)
    >>> axes.get_ylabel()
    'impact on the budget, thousand USD'
    """
    expect(found, BudgetImpact, "found", "opsafe.costbenefit.budget_impact")
    if by not in _BY:
        raise ArgumentError("is no way to stack", where="by", value=by, allowed=_BY)
    names, parts = _parts(found, by)
    years = len(found.impact_usd)
    axes = open_axes(ax, height=4.2)
    write_titles(axes, "Budget impact by year", _caption(found))
    places = np.arange(1.0, years + 1)
    up, down = np.zeros(years), np.zeros(years)
    for at, (name, amount) in enumerate(zip(names, parts, strict=True)):
        shade, edge = _SHADES[at % len(_SHADES)]
        axes.bar(
            places, amount, bottom=np.where(amount >= 0, up, down), width=0.6, facecolor=shade,
            edgecolor=edge, hatch=HATCHES[at % len(HATCHES)], linewidth=0.6, label=name,
        )  # fmt: skip
        up += np.maximum(amount, 0)
        down += np.minimum(amount, 0)
    money = money_of(up, down)
    _sums(axes, places, parts.sum(axis=0), money)
    axes.axhline(0, color="#000000", linewidth=0.9)
    low, high = float(down.min()), float(up.max())
    room = 0.1 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(0.4, years + 0.9)
    axes.set_xticks(places, _year_names(found, years))
    scaled_axis(axes, money, "impact on the budget", on="y")
    axes.tick_params(axis="x", length=0)
    legend_beside(axes)
    quiet_frame(axes)
    return axes


def _parts(found: BudgetImpact, by: By) -> tuple[list[str], FloatArray]:
    """Names and amounts of (parts, years), the largest parts alone and the others together."""
    table = {"line": found.by_line, "treatment": found.by_treatment, "category": found.by_category}
    chosen = table[by]
    words = [str(each) for each in chosen[by]]
    if by == "category":
        parts = [str(each) for each in chosen["part"]]
        words = [
            part if word == _WHOLE else f"{part}: {word}"
            for part, word in zip(parts, words, strict=True)
        ]
    names = list(dict.fromkeys(words))
    amounts = np.zeros((len(names), len(found.impact_usd)))
    for word, year, usd in zip(words, chosen["year"], chosen["impact_usd"], strict=True):
        amounts[names.index(word), int(year) - 1] += usd
    finite(amounts, "impact_usd")
    order = np.argsort(-np.abs(amounts).sum(axis=1), kind="stable")
    first, rest = np.sort(order[:_MOST_PARTS]), order[_MOST_PARTS:]
    shown = [plain_words(names[at]) for at in first]
    if not len(rest):
        return shown, amounts[first]
    together = f"{len(rest)} other{'s' * (len(rest) > 1)} together"
    return [*shown, together], np.vstack([amounts[first], amounts[rest].sum(axis=0)])


def _caption(found: BudgetImpact) -> str:
    total = money_of(np.array([found.total_usd]))
    said = f"{total.written(found.total_usd, signed=True)} {total.unit} in all, not discounted"
    if found.pmpm is not None:
        said += f"; {found.pmpm:+,.2f} USD per member per month"
    return f"{said}; above 0 the plan spends more"


def _year_names(found: BudgetImpact, years: int) -> list[str]:
    start = found.budget.start
    if start is None:
        return [f"year {year}" for year in range(1, years + 1)]
    first, month = start.split("-")
    return [f"year {year + 1}\nfrom {int(first) + year}-{month}" for year in range(years)]


def _sums(axes: Axes, places: FloatArray, sums: FloatArray, money: Money) -> None:
    axes.plot(places, sums, "D", color="#000000", markersize=6, label="sum", zorder=4)
    for place, value in zip(places.tolist(), sums.tolist(), strict=True):
        axes.annotate(
            money.written(value, signed=True),
            xy=(place + 0.3, value),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
