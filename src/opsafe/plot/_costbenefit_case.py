"""A business case in pictures: its net by month with the break-even, and by category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe.costbenefit import BusinessCase
from opsafe.plot._costbenefit_words import Money, expect, money_of, numbers, scaled_axis
from opsafe.plot._frame import ABOVE, BELOW, LINE, QUIET, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import plain_words
from opsafe.quantity import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cost_categories", "cumulative_net"]

_TURN: Final = "#d98200"
_MOST_BARS: Final = 30
# Categories whose name in code says too little on a picture.
_CALLED: Final = {
    "total_cost": "total cost of care",
    "ed": "ED visits",
    "inpatient": "admissions",
    "overdose": "overdoses",
    "starts": "members who start",
    "programme_start": "programme, at once",
    "programme_running": "programme, each month",
}
_STEPS: Final = (1, 2, 3, 6, 12, 24, 36, 60)


def cumulative_net(case: BusinessCase, *, ax: Axes | None = None) -> Axes:
    """Draw what a plan gains or loses each month, the sum so far, and when it pays back.

    Parameters
    ----------
    case : BusinessCase
        What :func:`opsafe.costbenefit.business_case` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: USD, undiscounted, a bar a month and a line for their sum; a dotted line in the
        month from which the sum stays at 0 or above.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the argument is no business case, or an amount is not finite.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Above 0 the plan gains. The sum is not discounted, as payback is not.

    Examples
    --------
    >>> from opsafe import costbenefit as cb, plot
    >>> inputs = cb.PlanInputs(
    ...     start="2026-01",
    ...     members=100_000,
    ...     prevalence=0.0089,
    ...     treated_share_now=0.10,
    ...     treated_share_target=0.25,
    ...     ramp_months=12,
    ...     savings="total_cost",
    ...     basis="paid",
    ...     total_cost_treated_usd_per_member_month=1500.0,
    ...     total_cost_untreated_usd_per_member_month=1900.0,
    ...     programme=cb.ProgrammeCosts(start_up_usd=100_000.0),
    ...     horizon_months=24,
    ...     churn=0,
    ...     price_year=2025,
    ... )
    >>> case = cb.business_case(inputs, defaults="2026-01")
    >>> axes = plot.cumulative_net(case)
    >>> case.payback_month, axes.get_ylabel()
    (7, 'net saving, thousand USD')
    """
    expect(case, BusinessCase, "case", "opsafe.costbenefit.business_case")
    net = numbers(case.by_month, "net_saving_usd")
    so_far = numbers(case.by_month, "cumulative_net_saving_usd")
    months = [str(each)[:7] for each in case.by_month["month"]]
    axes = open_axes(ax, height=4.2)
    write_titles(axes, "Net saving of the plan, month by month", _pays_back(case, months))
    money = money_of(net, so_far)
    places = np.arange(1, len(net) + 1)
    for rows, colour, hatch, label in (
        (net >= 0, BELOW, "", "a month's gain"),
        (net < 0, "white", "////", "a month's loss"),
    ):
        if bool(rows.any()):
            axes.bar(
                places[rows], net[rows], width=0.8, facecolor=colour, edgecolor=QUIET,
                hatch=hatch, linewidth=0.4, label=label,
            )  # fmt: skip
    point = "o" if len(net) == 1 else None  # a line of one point is none
    axes.plot(places, so_far, color=ABOVE, linewidth=2.2, marker=point, label="sum so far")
    axes.axhline(0, color="#000000", linewidth=0.9)
    if case.payback_month is not None:
        axes.axvline(
            case.payback_month, color=_TURN, linestyle=":", linewidth=1.8, label="pays back"
        )
    scaled_axis(axes, money, "net saving", on="y")
    _month_ticks(axes, months)
    _room(axes, np.append(np.concatenate([net, so_far]), 0.0))
    axes.legend(fontsize="small", frameon=False, loc="best")
    quiet_frame(axes)
    return axes


def _pays_back(case: BusinessCase, months: list[str]) -> str:
    run = f"{len(months)} month{'s' * (len(months) > 1)} from {months[0]}, not discounted"
    if case.payback_month is None:
        return f"{run}; it does not pay back within them"
    return f"{run}; it pays back in month {case.payback_month}, {months[case.payback_month - 1]}"


def _month_ticks(axes: Axes, months: list[str]) -> None:
    """Name as many months as fit."""
    most = min(max(int(axes.bbox.width * 72 / axes.figure.dpi / 60), 1), 8)
    step = next((step for step in _STEPS if len(months) <= most * step), len(months))
    places = np.arange(1, len(months) + 1)
    axes.set_xticks(places[::step], months[::step])
    axes.set_xlim(0.2, len(months) + 0.8)


def _room(axes: Axes, values: FloatArray) -> None:
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)


@dataclass(frozen=True, slots=True)
class _Step:
    """One bar of a waterfall: from where to where, and what it says."""

    name: str
    start: float
    end: float
    total: bool = False


def cost_categories(case: BusinessCase, *, ax: Axes | None = None) -> Axes:
    """Draw from zero to the net saving of a plan, one category of money after the other.

    Parameters
    ----------
    case : BusinessCase
        What :func:`opsafe.costbenefit.business_case` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: USD over the horizon, undiscounted; what rises goes to the left (hatched), what
        is saved to the right, and the last bar is the net saving. At most 30 categories have a
        bar; one more is all others together.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the argument is no business case, or an amount is not finite.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from opsafe import costbenefit as cb, plot
    >>> inputs = cb.PlanInputs(
    ...     start="2026-01",
    ...     members=100_000,
    ...     prevalence=0.0089,
    ...     treated_share_now=0.10,
    ...     treated_share_target=0.25,
    ...     ramp_months=12,
    ...     savings="total_cost",
    ...     basis="paid",
    ...     total_cost_treated_usd_per_member_month=1500.0,
    ...     total_cost_untreated_usd_per_member_month=1900.0,
    ...     programme=cb.ProgrammeCosts(start_up_usd=100_000.0),
    ...     horizon_months=24,
    ...     churn=0,
    ...     price_year=2025,
    ... )
    >>> case = cb.business_case(inputs, defaults="2026-01")
    >>> axes = plot.cost_categories(case)
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['programme, at once', 'total cost of care', 'net saving']
    """
    expect(case, BusinessCase, "case", "opsafe.costbenefit.business_case")
    table = case.categories
    net = numbers(table, "net_saving_usd")
    steps = _steps([_called(str(each)) for each in table["category"]], net)
    axes = open_axes(ax, height=1.6 + 0.34 * len(steps))
    months = len(case.by_month)
    caption = f"{months} month{'s' * (months > 1)}, not discounted; to the right the plan gains"
    write_titles(axes, "From spending and savings to the net", caption)
    ends = np.array([(step.start, step.end) for step in steps])
    money = money_of(ends)
    for place, step in enumerate(steps):
        _draw(axes, place, step, money, last=place == len(steps) - 1)
    axes.axvline(0, color="#000000", linewidth=0.9)
    axes.set_yticks(range(len(steps)), [step.name for step in steps], parse_math=False)
    axes.set_ylim(len(steps) - 0.4, -0.6)
    low, high = float(ends.min()), float(ends.max())
    room = 0.22 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    scaled_axis(axes, money, "net saving over the horizon", on="x")
    axes.tick_params(axis="y", length=0)
    quiet_frame(axes)
    return axes


def _called(category: str) -> str:
    return _CALLED.get(category, category.replace("_", " "))


def _steps(names: list[str], net: FloatArray) -> list[_Step]:
    """Spending first, the largest first, then savings; what is zero is left out."""
    moved = [at for at in np.argsort(net, kind="stable").tolist() if net[at] != 0]
    order = [at for at in moved if net[at] < 0] + [at for at in moved[::-1] if net[at] > 0]
    rest = sorted(order, key=lambda at: -abs(net[at]))[_MOST_BARS:]
    order = [at for at in order if at not in rest]
    steps: list[_Step] = []
    reached = 0.0
    for name, amount in [(plain_words(names[at]), float(net[at])) for at in order] + (
        [(f"{len(rest)} others together", float(net[rest].sum()))] if rest else []
    ):
        steps.append(_Step(name, reached, reached + amount))
        reached += amount
    return [*steps, _Step("net saving", 0.0, float(net.sum()), total=True)]


def _draw(axes: Axes, place: int, step: _Step, money: Money, *, last: bool) -> None:
    amount = step.end - step.start
    spends = amount < 0
    axes.barh(
        place,
        abs(amount),
        left=min(step.start, step.end),
        height=0.62,
        facecolor=LINE if step.total else "white" if spends else BELOW,
        edgecolor=QUIET,
        hatch="////" if spends and not step.total else "",
        linewidth=0.6,
    )
    if not last:
        axes.plot([step.end, step.end], [place, place + 1], color=QUIET, linewidth=0.6)
    axes.annotate(
        money.written(amount, signed=True),
        xy=(step.end, place),
        xytext=(-5 if spends else 5, 0),
        textcoords="offset points",
        ha="right" if spends else "left",
        va="center",
        fontsize="small",
    )
