"""The pictures of a ranking: what is drawn, what is written, and that nothing hides a label."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from opsafe import plot
from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

HOSTILE = "$\\frac{a}$\n<b>\x00\u202e x_1 " + "long " * 20
WEIGHTS = {"impact": 60, "ease": 40}


def ratings(scores: dict[str, tuple[Any, Any]], raters: int = 4) -> list[dict[str, Any]]:
    """The same rating of everybody, but for the first rater, who is one step lower."""
    return [
        {
            "initiative": name,
            "rater": f"rater {rater}",
            "impact": None if impact is None else max(1, impact - (rater == 0)),
            "ease": ease,
        }
        for name, (impact, ease) in scores.items()
        for rater in range(raters)
    ]


FOUR = {"naloxone": (5, 4), "mentoring": (4, 2), "dashboard": (2, 5), "lock-in": (2, 1)}


def ranked(scores: dict[str, tuple[Any, Any]] | None = None, **more: Any) -> rk.Ranking:
    raters = more.pop("raters", 4)
    rows = ratings(FOUR if scores is None else scores, raters)
    more = {"draws": 200, "seed": 1, **more}
    return rk.rank(rows, criteria=rk.IMPACT_EASE_1_5, weights=WEIGHTS, **more)


def random_ranking(number: int, seed: int) -> rk.Ranking:
    steps = np.random.default_rng(seed).integers(1, 6, (number, 5, 2))
    rows = [
        {"initiative": f"initiative {at}", "rater": f"rater {rater}", "impact": int(impact),
         "ease": int(ease)}
        for at, panel in enumerate(steps) for rater, (impact, ease) in enumerate(panel)
    ]  # fmt: skip
    return rk.rank(rows, criteria=rk.IMPACT_EASE_1_5, weights=WEIGHTS, draws=200, seed=1)


def words(axes: Axes) -> str:
    """Return every word on the figure, once it has been drawn."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return "\n".join(each.get_text() for each in figure.findobj(mpl.text.Text))


def key(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


# ------------------------------------------------------------------------------ bubbles


def test_marks_stand_at_the_panel_values_in_the_order_of_places() -> None:
    found = ranked()
    axes = plot.impact_ease(found)
    marks = {tuple(np.asarray(each.get_offsets())[0].round(6)) for each in axes.collections}
    expected = {
        (round(float(ease), 6), round(float(impact), 6)) for impact, ease in 1 + 4 * found.values
    }
    assert marks == expected
    assert [line.partition(":")[0] for line in key(axes)] == [
        f"{place}  {name}" for place, name in enumerate(found.order, 1)
    ]
    assert axes.get_xlabel().startswith("Ease") and axes.get_ylabel().startswith("Impact")


def test_each_quadrant_has_its_words_colour_and_form() -> None:
    axes = plot.impact_ease(ranked())
    told = " ".join(key(axes))
    for label in rk.QUADRANTS.values():
        assert label.lower() in told
    looks = {
        (str(np.asarray(each.get_facecolor())[0]), len(np.asarray(each.get_paths()[0].vertices)))
        for each in axes.collections
    }
    assert len({colour for colour, _ in looks}) == 4 == len(looks)


def test_whiskers_are_percentiles_of_the_draws() -> None:
    found = ranked()
    axes = plot.impact_ease(found)
    drawn = found.drawn_values
    assert drawn is not None
    at = found.initiatives.index("naloxone")
    low, high = 1 + 4 * np.percentile(drawn[:, at, 0], (5, 95))
    spans = [tuple(np.round(np.asarray(line.get_ydata(), float), 9)) for line in axes.lines]
    assert (round(low, 9), round(high, 9)) in spans and low < high
    assert "5th to 95th percentile" in words(axes)


def test_two_raters_have_no_whiskers_and_no_share() -> None:
    axes = plot.impact_ease(ranked(raters=2))
    assert len(axes.lines) == 2 and "percentile" not in words(axes)
    assert all("%" not in line for line in key(axes))


def test_lines_stand_at_the_cut_and_the_median_is_called_relative() -> None:
    found = ranked()
    middle = plot.impact_ease(found)
    assert {float(np.asarray(line.get_xdata())[0]) for line in middle.lines[:2]} == {0.0, 3.0}
    relative = plot.impact_ease(found, cut="median")
    assert "relative" in words(relative) and "relative" not in words(middle)
    given = plot.impact_ease(found, cut={"impact": 4.5, "ease": 3.5})
    assert float(np.asarray(given.lines[0].get_xdata())[0]) == 3.5
    assert float(np.asarray(given.lines[1].get_ydata())[0]) == 4.5


def test_points_that_are_no_ratings_are_called_so() -> None:
    assert "Borda points" in words(plot.impact_ease(ranked(aggregate="borda")))
    assert "Borda points" not in words(plot.impact_ease(ranked(aggregate="median")))


def test_on_the_line_is_said() -> None:
    axes = plot.impact_ease(ranked({"a": (5, 3), "b": (2, 2)}))
    assert "on the line" in key(axes)[0] and "on the line" not in key(axes)[1]


def test_less_is_better_points_to_the_left_of_the_scale() -> None:
    criteria = rk.Criteria(
        id="own",
        title="Own",
        criteria=(
            rk.Criterion(name="impact", worst=1, best=5),
            rk.Criterion(name="months", worst=24, best=0, unit="months"),
        ),
    )
    rows = [{"initiative": name, "impact": impact, "months": months}
            for name, impact, months in (("a", 4, 3), ("b", 2, 20))]  # fmt: skip
    found = rk.rank(rows, criteria=criteria, weights={"impact": 1, "months": 1})
    axes = plot.impact_ease(found, ease="months")
    left, right = axes.get_xlim()
    assert left > 24 and right < 0 and axes.get_xlabel() == "months, months"


def test_sizes_are_areas() -> None:
    sizes = {"naloxone": 100, "mentoring": 50, "dashboard": 25, "lock-in": 0}
    axes = plot.impact_ease(ranked(), size=sizes, size_label="cost, USD")
    marks = [each for each in axes.collections if isinstance(each, PathCollection)]
    areas = sorted(float(each.get_sizes()[0]) for each in marks)
    assert areas[-1] == 2 * areas[-2] == 4 * areas[-3] and areas[0] > 0
    assert "area: cost, USD" in words(axes)


@pytest.mark.parametrize(
    "sizes", [{"naloxone": 1}, dict.fromkeys(FOUR, -1), dict.fromkeys(FOUR, float("nan"))]
)
def test_sizes_that_say_too_little_or_nonsense_are_refused(sizes: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match="size"):
        plot.impact_ease(ranked(), size=sizes)


def test_what_nobody_rated_is_named_beside_the_grid() -> None:
    axes = plot.impact_ease(ranked({**FOUR, "telehealth": (None, 4)}))
    assert len(axes.collections) == 4
    assert "without a place on the grid:" in key(axes) and "   telehealth" in key(axes)


def test_equal_places_share_a_label() -> None:
    axes = plot.impact_ease(ranked({"a": (4, 4), "b": (4, 4), "c": (2, 2)}))
    assert "1, 2" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("number, seed", [(10, 1), (20, 2), (20, 3)])
def test_no_label_hides_another_or_a_mark(number: int, seed: int) -> None:
    axes = plot.impact_ease(random_ranking(number, seed))
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [
        text.get_window_extent(renderer)
        for text in axes.texts
        if text.get_text().replace(", ", "").isdigit()
    ]
    assert boxes
    for one, other in combinations(boxes, 2):
        assert not one.padded(-1).overlaps(other.padded(-1))
    frame = axes.get_window_extent(renderer).padded(12)
    assert all(frame.fully_containsx(box.x0) and frame.fully_containsx(box.x1) for box in boxes)


def test_hostile_names_are_drawn_as_they_are() -> None:
    scores = {HOSTILE: (5, 5), "b": (1, 1)}
    found = ranked(scores)
    for axes in (plot.impact_ease(found), plot.rank_acceptability(found)):
        assert "$\\frac{a}$ <b>" in words(axes)


# ------------------------------------------------------------------------------ places


def test_segments_are_the_probabilities_and_fill_each_bar() -> None:
    found = ranked()
    axes = plot.rank_acceptability(found)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(found.order)
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert found.acceptability is not None
    expected = found.acceptability.probabilities[np.argsort(-found.score_counts, kind="stable")]
    widths = np.array([bar.get_width() for bar in bars]).reshape(4, 4).T
    assert np.allclose(widths, expected, atol=1e-12)
    assert np.allclose(widths.sum(axis=1), 1)
    assert len({bar.get_facecolor() for bar in bars}) == 4


def test_the_caption_says_what_varied_and_how_exact_it_is() -> None:
    assert "resampled raters" in words(plot.rank_acceptability(ranked()))
    by_weights = words(plot.rank_acceptability(ranked(uncertainty="weights")))
    assert "weights" in by_weights and "exact" in by_weights
    alone = rk.acceptability([[1.0, 0.0], [0.0, 1.0]], ("a", "b"))
    assert "exact" in words(plot.rank_acceptability(alone))


def test_a_ranking_without_draws_has_no_bars() -> None:
    with pytest.raises(ArgumentError, match="nothing was drawn"):
        plot.rank_acceptability(ranked(uncertainty="none"))


# ------------------------------------------------------------------------------ readiness


def assessments() -> list[dict[str, Any]]:
    cells = {
        ("board", "naloxone"): (2, 2, 1, 1),
        ("board", "telehealth"): (-2, -2, 2, 2),
        ("department", "naloxone"): (-1, -1, 0, -1),
        ("department", "telehealth"): (1, 1),
    }
    return [
        {"level": level, "stakeholder": f"{level} {at}", "theme": theme, "current": current,
         "desired": 1, "influence": 3}
        for (level, theme), given in cells.items() for at, current in enumerate(given)
    ]  # fmt: skip


def test_cells_say_support_count_and_gap_or_why_not() -> None:
    axes = plot.readiness_heat_map(rk.readiness(assessments()))
    cells = [text.get_text() for text in axes.texts]
    assert "+1.5\nn 4, gap -0.5" in cells and "-0.8\nn 4, gap +1.8" in cells
    assert "too split\nn 4" in cells and "too few\nn 2" in cells
    hatched = [each for each in axes.collections if each.get_hatch()]
    assert len(hatched) == 2
    assert [label.get_text() for label in axes.get_yticklabels()] == ["board", "department"]


def test_nobody_asked_is_an_empty_cell() -> None:
    rows = [row for row in assessments() if (row["level"], row["theme"]) != ("board", "naloxone")]
    axes = plot.readiness_heat_map(rk.readiness(rows))
    assert sum(bool(text.get_text().startswith(("+", "-", "too"))) for text in axes.texts) == 3


def test_stakeholders_are_not_named() -> None:
    assert "board 0" not in words(plot.readiness_heat_map(rk.readiness(assessments())))


# ------------------------------------------------------------------------------ gantt


def road(**more: Any) -> rk.Roadmap:
    fields: dict[str, Any] = {
        "work": [
            rk.Work("naloxone", team="pharmacy", quarters=1, fte=0.5),
            rk.Work("training", team="clinic", quarters=2, fte=1.0),
            rk.Work("telehealth", team="clinic", quarters=2, fte=1.0),
        ],
        "capacity_fte": {"pharmacy": 1, "clinic": 1},
        "quarters": 4,
        "after": [("telehealth", "training")],
        "quick_wins": ["naloxone"],
    }
    impact = {"naloxone": 0.75, "training": 0.5, "telehealth": 1.0}
    return rk.roadmap(impact, **{**fields, **more})


def test_bars_reach_from_first_to_last_quarter() -> None:
    found = road()
    axes = plot.gantt(found)
    bars = [each for each in axes.patches if isinstance(each, Rectangle)]
    spans = [(bar.get_x() + 0.5, bar.get_x() + bar.get_width() - 0.5) for bar in bars]
    table = found.table
    expected = zip(table["start_quarter"], table["finish_quarter"], strict=True)
    assert spans == [(float(start), float(finish)) for start, finish in expected]
    labels = [each.get_text() for each in axes.get_yticklabels()]
    assert labels == table["initiative"].tolist()
    assert len({bar.get_facecolor() for bar in bars}) == 2
    critical = [bar.get_linewidth() > 1 for bar in bars]
    assert critical == [slack <= 0 for slack in table["slack_quarters"]]


def test_an_arrow_leads_from_what_comes_before() -> None:
    def arrows(axes: Axes) -> int:
        return sum(getattr(text, "arrow_patch", None) is not None for text in axes.texts)

    assert arrows(plot.gantt(road())) == 1
    assert arrows(plot.gantt(road(after=[]))) == 0


def test_months_stand_below_quarters_where_the_start_is_known() -> None:
    dated = plot.gantt(road(start="2026-10"))
    assert [each.get_text() for each in dated.get_xticklabels()][:2] == [
        "Q1\n2026-10",
        "Q2\n2027-01",
    ]
    assert plot.gantt(road()).get_xticklabels()[0].get_text() == "Q1"


def test_what_is_left_out_is_counted() -> None:
    assert "1 left out" in words(plot.gantt(road(leave_out=["naloxone"], quick_wins=[])))


def test_a_programme_that_cannot_be_has_no_picture() -> None:
    with pytest.raises(ArgumentError, match="1 to 60"):
        plot.gantt(road(quick_wins_first=2))


# ------------------------------------------------------------------------------ all


@pytest.mark.parametrize(
    "name", ["impact_ease", "rank_acceptability", "readiness_heat_map", "gantt"]
)
def test_other_objects_are_refused(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"opsafe\.ranking"):
        getattr(plot, name)({"a": 1})


def test_the_axes_given_are_used() -> None:
    figure, rooms = plt.subplots(2, 2)
    found = ranked()
    assert plot.impact_ease(found, ax=rooms[0, 0]) is rooms[0, 0]
    assert plot.rank_acceptability(found, ax=rooms[0, 1]) is rooms[0, 1]
    assert plot.gantt(road(), ax=rooms[1, 0]) is rooms[1, 0]
    assert plot.readiness_heat_map(rk.readiness(assessments()), ax=rooms[1, 1]) is rooms[1, 1]
    assert len(figure.axes) == 5  # and the colour bar
