"""The pictures of a plan, of swings and of waits: what is drawn, what is written, what is not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from opsafe import plot
from opsafe import workforce as wf
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError
from opsafe.uncertainty import Swing, Uniform
from opsafe.workforce.wait_standard import OwnWaitStandard

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

HOSTILE = "$\\frac{a}$\n<b>\x00\u202e x_1 " + "long " * 20
QUEUE: dict[str, Any] = {
    "first_visits_requested_per_business_day": 5,
    "first_visits_per_prescriber_per_business_day": 0.4,
    "standard": "wait-medicaid-2024",
}
SWINGS = (Swing("panel", 20, 40, 10.0, 16.0), Swing("leaving", 0.1, 0.4, 30.0, 12.0))


def stream(**changes: Any) -> wf.Demand:
    fields: dict[str, Any] = {
        "members": 100_000,
        "ages": "18+",
        "oud_base": "claims",
        "prevalence": 0.01,
        "undercount": 1.0,
        "seeking": 0.5,
        "retention": wf.Retention(gap_days=30, scale_months=10, shape=1),
    }
    return wf.Demand(**{**fields, **changes})


def plan(months: int = 6, *, draws: int | None = None, level: float = 0.8, **more: Any) -> wf.Plan:
    fields: dict[str, Any] = {
        "demand": (stream(),),
        "supply": (wf.Supply(open_to_plan=10),),
        "capacity": wf.PanelCapacity(panel="thomas-2017-100", plan_share=0.5),
        "leaving_first_year": 0.0,
        "leaving_later": 0.0,
        "ramp_months": 0.0,
        "ramp_stages": 1,
    }
    seed = None if draws is None else 1
    return wf.project(
        wf.Scenario(**{**fields, **more}),
        start="2026-01",
        months=months,
        draws=draws,
        seed=seed,
        level=level,
    )


def uncertain(months: int = 6, **more: Any) -> wf.Plan:
    return plan(
        months,
        draws=60,
        demand=(stream(prevalence=Uniform(low=0.005, high=0.015)),),
        supply=(wf.Supply(open=4, open_to_plan=10, hires_per_month=2),),
        leaving_first_year=0.3,
        **more,
    )


def areas(number: int, medications: tuple[str, ...] = ("buprenorphine",)) -> wf.Plan:
    """Areas of 2,000, 1,950, ... members of whom nobody is treated in the first month."""
    demand = tuple(
        stream(area=f"area {at:03d}", medication=name, members=200_000 - 5_000 * at,
               medication_share=1 / len(medications))
        for at in range(number) for name in medications
    )  # fmt: skip
    return plan(1, demand=demand, supply=())


def words(axes: Axes) -> str:
    """Return every word on the figure, once it has been drawn."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return "\n".join(each.get_text() for each in figure.findobj(mpl.text.Text))


def bars_of(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def line(axes: Axes, label: str) -> Line2D:
    return next(each for each in axes.lines if each.get_label() == label)


def heights(drawn: Line2D) -> list[float]:
    values: list[float] = np.asarray(drawn.get_ydata(), float).tolist()
    return values


def lower_of(axes: Axes) -> Axes:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure.axes[-1]


# ------------------------------------------------------------------------------ months


def test_the_lines_are_the_medians_by_month() -> None:
    found = uncertain()
    axes = plot.demand_and_capacity(found)
    for name in ("seekers", "treated", "waiting", "capacity"):
        drawn = line(axes, name)
        assert heights(drawn) == found.by_month[f"{name}_median"].tolist()
        assert np.array_equal(np.asarray(drawn.get_xdata()), found.by_month["month"])
    assert len({line(axes, name).get_linestyle() for name in ("seekers", "treated")}) == 2
    assert len({each.get_linestyle() for each in axes.lines}) == 4


def test_the_bands_reach_from_low_to_high_and_are_explained() -> None:
    found = uncertain(level=0.5)
    axes = plot.demand_and_capacity(found)
    bands = [each for each in axes.collections if isinstance(each, PolyCollection)]
    assert len(bands) == 4
    edges = bands[0].get_paths()[0].vertices
    assert np.asarray(edges)[:, 1].min() == found.by_month["seekers_low"].min()
    assert np.asarray(edges)[:, 1].max() == found.by_month["seekers_high"].max()
    said = words(axes)
    assert (
        "Run from 2026-01, 6 months; 60 draws, seed 1; bands: the middle 50% of the draws" in said
    )


def test_without_draws_there_is_no_band() -> None:
    axes = plot.demand_and_capacity(plan())
    assert len(axes.collections) == 0
    assert "expected values, without draws" in words(axes)
    # 10 heads x 42.9 x 0.5 = 214.5, of 100,000 x 1% x 50% = 500 who seek treatment.
    assert {"seekers 500", "capacity 214"} <= {each.get_text() for each in axes.texts}


def test_one_month_is_a_point_with_its_range() -> None:
    axes = plot.demand_and_capacity(uncertain(1))
    assert len([each for each in axes.lines if each.get_marker() == "o"]) == 4
    assert len([each for each in axes.collections if isinstance(each, LineCollection)]) == 4
    left, right = axes.get_xlim()
    assert left < axes.get_xticks()[0] < right


def test_a_capacity_far_above_the_rest_does_not_flatten_it() -> None:
    axes = plot.demand_and_capacity(plan(supply=(wf.Supply(places=1e6),)))
    assert axes.get_ylim()[1] == pytest.approx(1.08 * 2.5 * 500)
    assert "capacity 1,000,000, above" in words(axes)


@pytest.mark.parametrize("months", [1, 8, 9, 100, 240])
def test_months_are_named_as_many_as_fit(months: int) -> None:
    axes = plot.demand_and_capacity(plan(months))
    named = [label.get_text() for label in axes.get_xticklabels()]
    assert named[0] == "2026-01" and 1 <= len(named) <= 8
    small = plt.figure(figsize=(1.5, 1.5)).subplots()
    assert len(plot.demand_and_capacity(plan(months), ax=small).get_xticks()) <= 2


def test_no_name_lies_on_another() -> None:
    axes = plot.demand_and_capacity(plan(supply=(wf.Supply(places=0.0),)))
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    boxes = [each.get_window_extent() for each in axes.texts if each.get_text()[0].islower()]
    assert len(boxes) == 4
    # The box of an annotation holds its leader too, so the words alone are compared.
    tops = sorted(mpl.text.Text.get_window_extent(each).y0 for each in axes.texts[1:])
    assert all(b - a > 8 for a, b in pairwise(tops))


# ------------------------------------------------------------------------------ stages


def test_the_bars_are_the_heads_of_the_month_that_was_asked_for() -> None:
    found = uncertain()
    for month, at in ((None, 5), (1, 0), (6, 5)):
        axes = plot.prescriber_funnel(found, month)
        of_month = found.prescribers["month"] == found.by_month["month"][at]
        drawn = [bar.get_width() for bar in bars_of(axes)]
        assert drawn == found.prescribers["heads_median"][of_month].tolist()
        assert axes.get_title(loc="left") == f"Prescribers by stage, 2026-0{at + 1}"


def test_stages_are_named_in_order_with_their_whiskers() -> None:
    found = uncertain()
    axes = plot.prescriber_funnel(found)
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert named[0] == "recruited" and named[-1] == "open to plan"
    assert axes.yaxis_inverted()
    (whiskers,) = (each for each in axes.collections if isinstance(each, LineCollection))
    last = np.asarray(whiskers.get_segments()[-1])[:, 0].tolist()
    ends = [found.prescribers[f"heads_{end}"][-1] for end in ("low", "high")]
    assert last == pytest.approx(ends)
    assert "whiskers and brackets: the middle 80% of the draws" in words(axes)


def test_a_run_of_expected_values_has_no_whisker() -> None:
    axes = plot.prescriber_funnel(plan())
    assert len(axes.collections) == 0
    assert " to " not in "".join(each.get_text() for each in axes.texts)


# ------------------------------------------------------------------------------ areas


def test_the_largest_gap_comes_first_and_the_bars_add_up() -> None:
    found = areas(3, ("buprenorphine", "methadone"))
    axes = plot.gap_by_area(found)
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert named == ["area 000", "area 001", "area 002"]
    widths = np.array([bar.get_width() for bar in bars_of(axes)]).reshape(2, 3)
    # Nobody is treated, so the gaps are the seekers: members x 1% x 50%, half for each medication.
    assert widths.tolist() == [[500, 487.5, 475]] * 2
    assert [bar.get_x() for bar in bars_of(axes)[3:]] == [500, 487.5, 475]
    assert {"1,000", "975", "950"} <= {each.get_text() for each in axes.texts}
    assert len({(bar.get_facecolor(), bar.get_hatch()) for bar in bars_of(axes)}) == 2
    legend = axes.get_legend()
    assert legend is not None
    assert [each.get_text() for each in legend.get_texts()] == ["buprenorphine", "methadone"]


def test_more_than_thirty_areas_end_in_one_bar_of_all_others() -> None:
    axes = plot.gap_by_area(areas(32))
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert len(named) == 31 and named[-1] == "2 other areas together"
    # Areas 30 and 31: (50,000 + 45,000) x 1% x 50%.
    assert bars_of(axes)[-1].get_width() == pytest.approx(475)
    assert plot.gap_by_area(areas(31)).get_yticklabels()[-1].get_text() == "1 other area together"
    assert len(plot.gap_by_area(areas(30)).get_yticklabels()) == 30


def test_a_long_bar_of_all_others_goes_out_of_the_picture_and_says_so() -> None:
    demand = tuple(stream(area=f"area {at:03d}") for at in range(100))
    axes = plot.gap_by_area(plan(1, demand=demand, supply=()))
    assert axes.get_xlim()[1] == pytest.approx(1.15 * 2 * 500)
    assert axes.texts[-1].get_text() == "35,000, goes on"


def test_one_medication_is_named_below_and_needs_no_legend() -> None:
    axes = plot.gap_by_area(areas(2), 1)
    assert axes.get_xlabel() == "members; buprenorphine" and axes.get_legend() is None


def test_no_gap_makes_an_empty_picture() -> None:
    words(axes := plot.gap_by_area(plan(1, demand=(stream(seeking=0.0),))))
    assert axes.get_xlim()[0] == 0 < axes.get_xlim()[1]


def test_names_on_a_picture_are_one_plain_line() -> None:
    demand = tuple(
        stream(area=HOSTILE, medication=name, medication_share=0.5) for name in ("a $x$", "$\\bad{")
    )
    axes = plot.gap_by_area(plan(1, demand=demand, supply=()))
    said = words(axes)
    (label,) = (each.get_text() for each in axes.get_yticklabels())
    assert label.startswith("$\\frac{a}$ <b> x_1 long") and len(label) <= 40
    assert label.isprintable() and "a $x$" in said and "$\\bad{" in said


# ------------------------------------------------------------------------------ swings


def test_the_widest_swing_comes_first_between_its_two_results() -> None:
    axes = plot.tornado(SWINGS, result="patients of the plan")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["leaving", "panel"]
    assert [(bar.get_x(), bar.get_width()) for bar in bars_of(axes)] == [(12, 18), (10, 6)]
    assert "patients of the plan" in axes.get_xlabel()
    left, right = axes.get_xlim()
    assert left < 10 and right > 30


def test_the_input_stands_at_the_result_that_it_gives() -> None:
    axes = plot.tornado(SWINGS)
    said = {each.get_text(): each for each in axes.texts[1:]}
    # More leaving, fewer patients: its low value stands to the right.
    assert said["0.1"].get_horizontalalignment() == "left"
    assert said["0.4"].get_horizontalalignment() == "right"
    assert said["20"].get_horizontalalignment() == "right"
    assert said["40"].get_horizontalalignment() == "left"
    faces = [str(each.get_markerfacecolor()) for each in axes.lines]
    assert faces[0] == faces[2] == "white" != faces[1]
    assert "open circle low, filled circle high" in axes.get_xlabel()


def test_at_most_thirty_inputs_are_drawn_and_the_rest_is_counted() -> None:
    many = [Swing(f"{at}", 0, 1, 0.0, float(at)) for at in range(33)]
    axes = plot.tornado(many)
    assert len(bars_of(axes)) == 30
    assert "3 inputs that do less are not drawn" in words(axes)


def test_swings_without_width_and_with_hostile_names_are_drawn() -> None:
    for value in (0.0, -5.0, 1e100, 1e-300):
        words(plot.tornado([Swing(HOSTILE, 1, 2, value, value)], result="$\\frac{"))
    words(plot.tornado([Swing("a", -1e100, 1e100, -1e100, 1e100)]))


@pytest.mark.parametrize(
    "swings, result, where",
    [
        ((), "result", "swings"),
        (None, "result", "swings"),
        ("ab", "result", "swings"),
        ((1, 2), "result", "swings"),
        ((Swing("a", 0, 1, 0.0, float("nan")),), "result", "swings"),
        ((Swing("a", 0, float("inf"), 0.0, 1.0),), "result", "swings"),
        (SWINGS, None, "result"),
        (SWINGS, " \n", "result"),
    ],
)
def test_what_is_no_swing_is_refused(swings: Any, result: Any, where: str) -> None:
    with pytest.raises(OpsafeError) as refused:
        plot.tornado(swings, result=result)
    assert isinstance(refused.value, ArgumentError | ArgumentTypeError)
    assert refused.value.where == where


# ------------------------------------------------------------------------------ waits


def test_the_waits_are_those_of_the_formula() -> None:
    axes = plot.wait_by_prescribers(
        first_visits_requested_per_business_day=0.2,
        prescribers=[4, 3, 3],
        first_visits_per_prescriber_per_business_day=0.1,
        standard=OwnWaitStandard(number=10, unit="business_days", share=0.9),
    )
    drawn = axes.lines[0]
    assert np.asarray(drawn.get_xdata()).tolist() == [3, 4]
    # The mean wait that a queueing library prints for its example: 4.4444.
    assert heights(drawn)[0] == pytest.approx(4.4444, abs=5e-5)


def test_an_overloaded_range_is_shaded_and_has_no_wait() -> None:
    axes = plot.wait_by_prescribers(prescribers=range(5, 26), **QUEUE)
    # 5 / 0.4 = 12.5 prescribers are busy all the time.
    assert np.asarray(axes.lines[0].get_xdata()).tolist() == list(range(13, 26))
    for each in (axes, lower_of(axes)):
        (shade,) = bars_of(each)
        assert shade.get_x() + shade.get_width() == pytest.approx(12.5)
        assert shade.get_hatch()
    said = words(axes)
    assert "overloaded\n" in said
    assert "hatched: overloaded, up to 12.5 prescribers the wait has no end" in said
    assert "dotted: 14 is the least drawn that meets the standard" in said


def test_the_shares_stand_beside_the_standard() -> None:
    lower = lower_of(plot.wait_by_prescribers(prescribers=range(5, 26), **QUEUE))
    within = heights(line(lower, "within 10 business days"))
    hours = heights(line(lower, "within 72 hours"))
    same_day = heights(line(lower, "on the same day"))
    # 5 to 12 prescribers, and 12.5, where the overload ends.
    assert within[:9] == [0] * 9 and within[9] > 0 and 0.99 < within[-1] <= 1
    assert all(a >= b >= c for a, b, c in zip(within, hours, same_day, strict=True))
    assert len({each.get_linestyle() for each in lower.lines[:3]}) == 3


def test_the_caption_says_what_was_asked() -> None:
    said = words(plot.wait_by_prescribers(prescribers=[14], **QUEUE))
    assert "Standard wait-medicaid-2024: 90% within 10 business days" in said
    assert "a business day: 5 requests, 0.4 first visits a prescriber, nobody leaves" in said


def test_where_people_leave_no_range_is_overloaded() -> None:
    axes = plot.wait_by_prescribers(prescribers=range(26), reneging_per_business_day=0.05, **QUEUE)
    assert bars_of(axes) == [] and len(heights(axes.lines[0])) == 26
    said = words(axes)
    assert "leaving at a rate of 0.05" in said
    assert "a wait ends with the visit, or with leaving" in said


def test_all_overloaded_draws_no_wait() -> None:
    axes = plot.wait_by_prescribers(prescribers=[1, 2], **QUEUE)
    assert heights(axes.lines[0]) == []
    assert "least drawn" not in words(axes)


def test_waits_far_above_the_standard_are_cut_off_and_counted_as_such() -> None:
    axes = plot.wait_by_prescribers(prescribers=[12.5001, 13, 14], **QUEUE)
    assert axes.get_ylim()[1] == pytest.approx(1.08 * 4 * 10)
    assert "waits above 43.2 are not drawn" in words(axes)
    longest = plot.wait_by_prescribers(prescribers=[12.5001], **QUEUE)
    assert longest.get_ylim()[1] > heights(longest.lines[0])[0] > 43.2


@pytest.mark.parametrize(
    "changes",
    [
        {"first_visits_requested_per_business_day": 0, "prescribers": [0, 0.5, 3]},
        {"prescribers": [1e9]},
        {"prescribers": [1e-6, 1e9]},
        {"prescribers": np.arange(1, 20)},
        {"prescribers": iter([13.5])},
        {"standard": "wait-california-urgent"},
        {"standard": OwnWaitStandard(number=1e-9, unit="hours", share=0.5)},
    ],
)
def test_edges_are_drawn(changes: dict[str, Any]) -> None:
    words(plot.wait_by_prescribers(**{**QUEUE, "prescribers": range(10, 20), **changes}))


@pytest.mark.parametrize(
    "changes, where",
    [
        ({"prescribers": []}, "prescribers"),
        ({"prescribers": range(1001)}, "prescribers"),
        ({"prescribers": 5}, "prescribers"),
        ({"prescribers": "12"}, "prescribers"),
        ({"prescribers": [1, None]}, "prescribers"),
        ({"prescribers": [-1]}, "prescribers"),
        ({"prescribers": [float("nan")]}, "prescribers"),
        ({"standard": 10}, "standard"),
        (
            {"first_visits_requested_per_business_day": -1},
            "first_visits_requested_per_business_day",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(OpsafeError) as refused:
        plot.wait_by_prescribers(**{**QUEUE, "prescribers": range(3), **changes})
    assert isinstance(refused.value, ArgumentError | ArgumentTypeError)
    assert refused.value.where == where
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------------ all of them

PICTURES: dict[str, Callable[..., Axes]] = {
    "months": lambda **ax: plot.demand_and_capacity(uncertain(), **ax),
    "stages": lambda **ax: plot.prescriber_funnel(uncertain(), **ax),
    "areas": lambda **ax: plot.gap_by_area(areas(3, ("buprenorphine", "methadone")), **ax),
    "swings": lambda **ax: plot.tornado(SWINGS, **ax),
    "waits": lambda **ax: plot.wait_by_prescribers(prescribers=range(5, 26), **QUEUE, **ax),
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
    # The box of an annotation holds its leader too, so the words alone are compared.
    boxes = [(t.get_text(), mpl.text.Text.get_window_extent(t)) for t in texts]
    shown = [(text, box) for text, box in boxes if box.width > 0]
    for (text, box), (other, other_box) in combinations(shown, 2):
        assert text == other or not box.overlaps(other_box), (text, other)


@pytest.mark.parametrize("picture", ["demand_and_capacity", "prescriber_funnel", "gap_by_area"])
def test_what_is_no_plan_is_refused(picture: str) -> None:
    with pytest.raises(ArgumentTypeError, match="a dict is no plan") as refused:
        getattr(plot, picture)({})
    assert refused.value.where == "plan" and refused.value.advice


@pytest.mark.parametrize("picture", ["prescriber_funnel", "gap_by_area"])
@pytest.mark.parametrize(
    "month, error",
    [
        (0, ArgumentError),
        (7, ArgumentError),
        (-1, ArgumentError),
        (True, ArgumentTypeError),
        (1.0, ArgumentTypeError),
        ("2026-01", ArgumentTypeError),
    ],
)
def test_a_month_outside_the_run_is_refused(
    picture: str, month: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        getattr(plot, picture)(plan(), month)
    assert isinstance(refused.value, OpsafeError) and refused.value.where == "month"
    assert plt.get_fignums() == []
