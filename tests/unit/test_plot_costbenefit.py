"""The pictures of costs and benefits: what is drawn, what is written, what is not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from opsafe import costbenefit as cb
from opsafe import plot
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

HOSTILE = ("$\\frac{a}$ <b>\x00\u202e x_1 " + "long " * 12).strip()
NOW, MORE, CLINIC = "as now", "treat more", "clinic"


def words(axes: Axes) -> str:
    """Return every word on the figure, once it has been drawn."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return "\n".join(each.get_text() for each in figure.findobj(mpl.text.Text))


def bars_of(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [each.get_text() for each in legend.get_texts()]


def outcomes(draws: int = 4) -> cb.Outcomes:
    """Three strategies whose extra costs are 100 and 300, and extra effects 0.1 and 0.2."""
    noise = np.linspace(-1, 1, draws) if draws > 1 else np.zeros(1)
    costs = np.array([900 + 9 * noise, 1000 + 9 * noise, 1200 + 9 * noise])
    effects = np.array([5 + noise, 5.1 + noise, 5.2 + noise])
    return cb.Outcomes((NOW, MORE, CLINIC), costs, effects)


def case(**changes: Any) -> cb.BusinessCase:
    """890 members with the disorder, 133.5 more of them treated at once, 400 saved each a month."""
    fields: dict[str, Any] = {
        "start": "2026-01",
        "members": 100_000,
        "prevalence": 0.0089,
        "treated_share_now": 0.10,
        "treated_share_target": 0.25,
        "ramp_months": 0,
        "savings": "total_cost",
        "basis": "paid",
        "total_cost_treated_usd_per_member_month": 1500.0,
        "total_cost_untreated_usd_per_member_month": 1900.0,
        "programme": cb.ProgrammeCosts(start_up_usd=100_000.0, running_usd_per_month=10_000.0),
        "horizon_months": 12,
        "churn": 0,
        "price_year": 2025,
    }
    return cb.business_case(cb.PlanInputs(**{**fields, **changes}), defaults="2026-01")


# ------------------------------------------------------------------------------ net by month


def test_a_bar_a_month_and_a_line_for_their_sum() -> None:
    found = case()
    axes = plot.cumulative_net(found)
    heights = sorted(bar.get_height() for bar in bars_of(axes))
    assert heights == pytest.approx(sorted(found.by_month["net_saving_usd"]))
    drawn = next(each for each in axes.lines if each.get_label() == "sum so far")
    so_far = found.by_month["cumulative_net_saving_usd"]
    assert np.asarray(drawn.get_ydata(), float).tolist() == so_far.tolist()
    # 133.5 x 400 - 10,000 = 43,400 a month against 100,000 at once.
    assert so_far[-1] == pytest.approx(12 * 43_400 - 100_000)
    loss = next(bar for bar in bars_of(axes) if bar.get_height() < 0)
    gain = next(bar for bar in bars_of(axes) if bar.get_height() > 0)
    assert loss.get_hatch() and not gain.get_hatch()


def test_the_month_of_payback_is_marked_and_named() -> None:
    found = case()
    axes = plot.cumulative_net(found)
    assert found.payback_month == 3
    mark = next(each for each in axes.lines if each.get_label() == "pays back")
    assert np.asarray(mark.get_xdata()).tolist() == [3, 3]
    said = words(axes)
    assert "12 months from 2026-01, not discounted; it pays back in month 3, 2026-03" in said


def test_what_does_not_pay_back_says_so() -> None:
    axes = plot.cumulative_net(case(horizon_months=2))
    assert "pays back" not in legend_of(axes)
    assert "it does not pay back within them" in words(axes)


@pytest.mark.parametrize("months", [1, 9, 120])
def test_months_are_named_as_many_as_fit(months: int) -> None:
    axes = plot.cumulative_net(case(horizon_months=months))
    named = [label.get_text() for label in axes.get_xticklabels()]
    assert named[0] == "2026-01" and 1 <= len(named) <= 8
    words(axes)


# ------------------------------------------------------------------------------ categories


def test_the_waterfall_goes_from_zero_over_spending_and_saving_to_the_net() -> None:
    found = case()
    axes = plot.cost_categories(found)
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert named == ["programme, each month", "programme, at once", "total cost of care",
                     "net saving"]  # fmt: skip
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars_of(axes)]
    saved = 12 * 133.5 * 400
    for drawn, wanted in zip(
        ends, [(-120e3, 0), (-220e3, -120e3), (-220e3, saved - 220e3), (0, saved - 220e3)],
        strict=True,
    ):  # fmt: skip
        assert drawn == pytest.approx(wanted)
    assert [bool(bar.get_hatch()) for bar in bars_of(axes)] == [True, True, False, False]
    assert {"-120", "-100", "+641", "+421"} <= {each.get_text() for each in axes.texts}
    assert axes.get_xlabel() == "net saving over the horizon, thousand USD"


def test_a_net_loss_goes_to_the_left() -> None:
    axes = plot.cost_categories(case(horizon_months=1))
    total = bars_of(axes)[-1]
    assert total.get_x() < 0 and total.get_x() + total.get_width() == pytest.approx(0)


def test_a_case_without_any_money_is_drawn() -> None:
    same = case(total_cost_untreated_usd_per_member_month=1500.0, programme=cb.ProgrammeCosts())
    for picture in (plot.cost_categories, plot.cumulative_net):
        words(axes := picture(same))
        assert axes.get_xlim()[0] < axes.get_xlim()[1]
    assert [each.get_text() for each in plot.cost_categories(same).get_yticklabels()] == [
        "net saving"
    ]


@pytest.mark.parametrize("picture", ["cumulative_net", "cost_categories"])
@pytest.mark.parametrize("found", [{}, None, 5], ids=["dict", "none", "number"])
def test_what_is_no_case_is_refused(picture: str, found: Any) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        getattr(plot, picture)(found)
    assert refused.value.where == "case" and refused.value.advice
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------------ the plane


def points_of(axes: Axes) -> list[PathCollection]:
    return [each for each in axes.collections if isinstance(each, PathCollection)]


def test_every_draw_is_a_point_and_every_mean_a_large_one() -> None:
    axes = plot.cost_effectiveness_plane(outcomes())
    drawn = [np.asarray(each.get_offsets()) for each in points_of(axes)]
    assert [len(each) for each in drawn] == [4, 1, 4, 1]
    assert drawn[0] == pytest.approx(np.array([[0.1, 100.0]] * 4))
    assert drawn[3] == pytest.approx(np.array([[0.2, 300.0]]))
    assert legend_of(axes) == [MORE, CLINIC]
    assert "Against as now; 4 draws" in words(axes)


def test_a_threshold_is_a_line_through_the_origin_with_the_share_below_it() -> None:
    # At 1,200 a unit the first gains 0.1 x 1,200 = 120 > 100, the second 240 < 300.
    axes = plot.cost_effectiveness_plane(outcomes(), usd_per_effect=1_200, effect="life year")
    assert legend_of(axes) == [f"{MORE} (100% below the line)", f"{CLINIC} (0% below the line)"]
    line = next(each for each in axes.lines if each.get_linestyle() == "--")
    x, y = (np.asarray(each, float) for each in (line.get_xdata(), line.get_ydata()))
    assert y == pytest.approx(1_200 * x)
    assert "line: 1,200 USD per life year" in words(axes)


def test_another_comparator_takes_the_place_of_the_first() -> None:
    axes = plot.cost_effectiveness_plane(outcomes(), comparator=CLINIC)
    assert legend_of(axes) == [NOW, MORE]
    mean = np.asarray(points_of(axes)[1].get_offsets())
    assert mean == pytest.approx(np.array([[-0.2, -300.0]]))


def test_of_many_draws_some_are_drawn_and_that_is_said() -> None:
    axes = plot.cost_effectiveness_plane(outcomes(5_000))
    assert len(np.asarray(points_of(axes)[0].get_offsets())) == 1_667
    assert "5,000 draws, one of 3 drawn" in words(axes)


def test_the_origin_and_every_point_are_in_the_picture() -> None:
    axes = plot.cost_effectiveness_plane(outcomes(), usd_per_effect=1e12)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert left < 0 < 0.2 < right and bottom < 0 < 300 < top


@pytest.mark.parametrize(
    "run, changes, where",
    [
        (cb.Outcomes((NOW,), np.ones((1, 2)), np.ones((1, 2))), {}, "run"),
        ({}, {}, "run"),
        (None, {}, "run"),
        (outcomes(), {"comparator": "nobody"}, "comparator"),
        (outcomes(), {"comparator": ["clinic"]}, "comparator"),
        (outcomes(), {"usd_per_effect": -1}, "usd_per_effect"),
        (outcomes(), {"usd_per_effect": float("nan")}, "usd_per_effect"),
        (outcomes(), {"effect": " "}, "effect"),
        (outcomes(), {"effect": 5}, "effect"),
    ],
    ids=str,
)
def test_what_cannot_be_put_on_a_plane_is_refused(run: Any, changes: Any, where: str) -> None:
    with pytest.raises(OpsafeError) as refused:
        plot.cost_effectiveness_plane(run, **changes)
    assert isinstance(refused.value, ArgumentError | ArgumentTypeError)
    assert refused.value.where == where
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------------ acceptability


def uncertain(draws: int = 200) -> cb.Outcomes:
    """Treating more costs 300 more and gains 0.1, give or take 0.05."""
    gain = 0.1 + 0.05 * np.linspace(-1, 1, draws)
    costs = np.array([np.full(draws, 900.0), np.full(draws, 1200.0)])
    return cb.Outcomes((NOW, MORE), costs, np.array([np.full(draws, 5.0), 5 + gain]))


def test_the_curves_are_the_shares_of_draws() -> None:
    levels = np.linspace(0, 8_000, 41)
    axes = plot.acceptability(uncertain(), levels)
    found = cb.ceac(uncertain(), levels)
    for place, name in enumerate((NOW, MORE)):
        drawn = next(each for each in axes.lines if each.get_label() == name)
        assert np.asarray(drawn.get_ydata(), float).tolist() == found.probability[:, place].tolist()
    assert len({each.get_linestyle() for each in axes.lines[:2]}) == 2
    assert legend_of(axes) == [NOW, MORE]


def test_circles_stand_on_the_one_to_choose_and_a_line_where_it_changes() -> None:
    # On average 0.1 for 300: from 3,000 a unit on. 0 to 8,000 in steps of 400.
    axes = plot.acceptability(uncertain(), np.arange(0, 8_001, 400), effect="life year")
    (circles,) = points_of(axes)
    at, share = np.asarray(circles.get_offsets()).T
    assert at.tolist() == np.arange(0, 8_001, 400).tolist()
    assert share[0] == share[-1] == 1 and share.min() > 0.4
    assert [float(np.asarray(each.get_xdata())[0]) for each in axes.lines[2:]] == [3_200]
    assert axes.get_xlabel() == "what one life year is worth, USD"


@pytest.mark.parametrize(
    "run, thresholds, where",
    [
        (uncertain(), [1], "thresholds"),
        (uncertain(), [1, 1], "thresholds"),
        (uncertain(), [2, 1], "thresholds"),
        (uncertain(), [-1, 1], "thresholds"),
        (uncertain(), [0, float("nan")], "thresholds"),
        (uncertain(), "50000", "thresholds"),
        (uncertain(), np.arange(10_001), "thresholds"),
        ({}, [0, 1], "run"),
    ],
    ids=["one", "equal", "falling", "negative", "missing", "text", "many", "no run"],
)
def test_what_has_no_curve_is_refused(run: Any, thresholds: Any, where: str) -> None:
    with pytest.raises(OpsafeError) as refused:
        plot.acceptability(run, thresholds)
    assert isinstance(refused.value, ArgumentError | ArgumentTypeError)
    assert refused.value.where == where
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------------ budgets


def line(**changes: Any) -> cb.BudgetLine:
    fields: dict[str, Any] = {
        "members": 10_000,
        "prevalence": 0.01,
        "share_current": {"none": 0.8, "buprenorphine": 0.2},
        "share_new": {"none": (0.7, 0.6), "buprenorphine": (0.3, 0.4)},
        "cost_usd_per_patient_year": {"none": 0, "buprenorphine": {"drug": 4_000, "visits": 1_000}},
        "condition_usd_per_patient_year": {"none": 9_000, "buprenorphine": 6_000},
        "programme_usd_per_year": {"start-up": (20_000, 0)},
    }
    return cb.BudgetLine(**{**fields, **changes})


def budget(*names: str, start: str | None = None, **changes: Any) -> cb.BudgetImpact:
    lines = {name: line(**changes) for name in names or ("all",)}
    return cb.budget_impact(cb.BudgetInputs(lines=lines, start=start))


def test_a_years_bars_add_up_to_its_impact() -> None:
    found = budget("Medicaid", "commercial")
    for by in ("line", "treatment", "category"):
        axes = plot.budget_impact(found, by=by)
        heights = np.array([bar.get_height() for bar in bars_of(axes)]).reshape(-1, 2)
        assert heights.sum(axis=0) == pytest.approx(found.impact_usd)
        sums = next(each for each in axes.lines if each.get_label() == "sum")
        assert np.asarray(sums.get_ydata(), float) == pytest.approx(found.impact_usd)


def test_spending_goes_up_and_what_is_saved_goes_down() -> None:
    # A hundred patients, 10 and 20 more on medication: 5,000 each, 3,000 less for the condition.
    axes = plot.budget_impact(budget(), by="category")
    drawn = dict(zip(legend_of(axes)[1:], bars_of(axes)[::2], strict=True))
    assert {name: round(bar.get_height()) for name, bar in drawn.items()} == {
        "treatment": 0,
        "treatment: drug": 40_000,
        "treatment: visits": 10_000,
        "condition": -30_000,
        "programme: start-up": 20_000,
    }
    assert drawn["treatment: visits"].get_y() == pytest.approx(40_000)
    assert drawn["condition"].get_y() == 0
    assert len({(bar.get_facecolor(), bar.get_hatch()) for bar in drawn.values()}) == 5


def test_years_are_named_by_their_first_month_where_it_is_known() -> None:
    named = [each.get_text() for each in plot.budget_impact(budget()).get_xticklabels()]
    assert named == ["year 1", "year 2"]
    dated = plot.budget_impact(budget(start="2026-07")).get_xticklabels()
    assert [each.get_text() for each in dated] == ["year 1\nfrom 2026-07", "year 2\nfrom 2027-07"]


def test_the_caption_says_the_sum_and_that_nothing_is_discounted() -> None:
    said = words(plot.budget_impact(budget()))
    # 40,000 and 40,000 over 240,000 member-months.
    assert "+80 thousand USD in all, not discounted; +0.33 USD per member per month" in said
    assert "+40\n+40" in said
    without = budget(members=None, prevalence=None, population=100)
    assert "per member" not in words(plot.budget_impact(without))


def test_more_than_twelve_parts_end_in_one_of_all_others() -> None:
    axes = plot.budget_impact(budget(*(f"line {at}" for at in range(14))))
    assert legend_of(axes)[-1] == "2 others together"
    assert len(bars_of(axes)) == 2 * 13


@pytest.mark.parametrize(
    "found, by, where",
    [
        ({}, "line", "found"),
        (None, "line", "found"),
        (budget(), "year", "by"),
        (budget(), [], "by"),
    ],
    ids=["dict", "none", "another way", "list"],
)
def test_what_is_no_budget_is_refused(found: Any, by: Any, where: str) -> None:
    with pytest.raises(OpsafeError) as refused:
        plot.budget_impact(found, by=by)
    assert isinstance(refused.value, ArgumentError | ArgumentTypeError)
    assert refused.value.where == where
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------------ all of them

PICTURES: dict[str, Callable[..., Axes]] = {
    "months": lambda **ax: plot.cumulative_net(case(), **ax),
    "categories": lambda **ax: plot.cost_categories(case(), **ax),
    "plane": lambda **ax: plot.cost_effectiveness_plane(outcomes(), usd_per_effect=2_000, **ax),
    "curves": lambda **ax: plot.acceptability(uncertain(), np.linspace(0, 9e4, 41), **ax),
    "budget": lambda **ax: plot.budget_impact(budget("Medicaid", HOSTILE), **ax),
}


@pytest.mark.parametrize("picture", list(PICTURES))
def test_the_axes_given_come_back_in_any_layout_and_no_style_changes(picture: str) -> None:
    before = dict(mpl.rcParams)
    for layout in (None, "constrained", "tight"):
        kind: Any = layout
        given = plt.figure(layout=kind).subplots(1, 2)[1]
        assert PICTURES[picture](ax=given) is given
        words(given)
    free = plt.figure().add_axes((0.1, 0.1, 0.8, 0.8))
    assert PICTURES[picture](ax=free) is free
    words(free)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("picture", list(PICTURES))
def test_no_words_lie_on_each_other(picture: str) -> None:
    axes = PICTURES[picture]()
    words(axes)
    figure = axes.get_figure(root=True)
    assert figure is not None
    texts = [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip() and t.get_visible()]
    boxes = [(t.get_text(), mpl.text.Text.get_window_extent(t)) for t in texts]
    shown = [(text, box) for text, box in boxes if box.width > 0]
    for (text, box), (other, other_box) in combinations(shown, 2):
        assert text == other or not box.overlaps(other_box), (text, other)
