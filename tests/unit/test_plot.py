"""The pictures: what is drawn, what is written, and that the axes given come back."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest

from opsafe import mme, plot
from opsafe.errors import ArgumentError, ArgumentTypeError, MissingExtraError

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle, StepPatch

WINDOW = {"start": "2025-01-01", "end": "2025-03-31"}


def fill(member: Any, day: str, **changed: Any) -> dict[str, Any]:
    """Return a fill of 90 MME a day for 30 days."""
    usual = {
        "member_id": member,
        "fill_date": day,
        "ingredient": "oxycodone",
        "route": "oral",
        "strength": "10.000",
        "unit": "mg",
        "quantity": 180,
        "days_supply": 30,
    }
    return usual | changed


FILLS = [
    fill("A", "2025-01-01"),
    fill("A", "2025-01-29"),
    fill("A", "2025-03-10", ingredient="alprazolam", strength="0.5", days_supply=10),
    fill("A", "2025-03-15", ingredient="lisinopril"),
    fill("A", "2025-03-20", strength=None, days_supply=5),
    fill("B", "2025-01-01", quantity=60),
]


def population() -> list[dict[str, Any]]:
    """Return 40 members at 30, 25 at exactly 90 and 12 at 120."""
    quantities = [60] * 40 + [180] * 25 + [240] * 12
    return [fill(number, "2025-01-05", quantity=q) for number, q in enumerate(quantities)]


def exposed(fills: Any, **options: Any) -> mme.Exposure:
    """Run exposure over the first quarter."""
    arguments: dict[str, Any] = {"edition": "cdc-2022", **WINDOW, **options}
    return mme.exposure(fills, **arguments)


def written(axes: Axes) -> str:
    """Return every word on a figure."""
    figure = axes.get_figure()
    assert figure is not None
    figure.canvas.draw()
    texts = [text for text in figure.findobj(mpl.text.Text) if text.get_text()]
    return "\n".join(text.get_text() for text in texts)


def bars_of(axes: Axes) -> list[Rectangle]:
    """Return the bars of some axes."""
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def steps_of(axes: Axes) -> tuple[list[str], list[float]]:
    """Return edges (days) and heights of the steps."""
    patch = next(patch for patch in axes.patches if isinstance(patch, StepPatch))
    data: Any = patch.get_data()
    days = np.asarray(data.edges, "datetime64[D]").astype(str).tolist()
    return days, np.asarray(data.values).tolist()


# ------------------------------------------------------------------------------ one member


def test_the_steps_are_the_member_s_days() -> None:
    axes = plot.member_timeline(exposed(FILLS, segments=True), "A")
    # The second fill is two days early: 180 on two days.
    assert steps_of(axes) == (
        ["2025-01-01", "2025-01-29", "2025-01-31", "2025-02-28"],
        [90.0, 180.0, 90.0],
    )
    assert axes.get_ylabel() == "MME a day"


def test_a_gap_is_drawn_as_zero() -> None:
    fills = [fill("A", "2025-01-01", days_supply=10), fill("A", "2025-01-21", days_supply=10)]
    days, values = steps_of(plot.member_timeline(exposed(fills, segments=True), "A"))
    assert days == ["2025-01-01", "2025-01-11", "2025-01-21", "2025-01-31"]
    assert values == [270.0, 0.0, 270.0]


def test_fills_lie_below_one_lane_a_product_and_more_where_they_overlap() -> None:
    axes = plot.member_timeline(exposed(FILLS, segments=True), "A", fills=FILLS)
    figure = axes.get_figure()
    assert figure is not None
    lower = figure.axes[-1]
    assert lower is not axes
    # Two oxycodone fills that overlap and one benzodiazepine; one row set aside has no strength.
    assert len(bars_of(lower)) == 4
    assert len({bar.get_y() for bar in bars_of(lower)}) == 4
    text = written(axes)
    assert "oxycodone 10 mg" in text
    assert "alprazolam 0.5 mg" in text
    assert "lisinopril" not in text
    assert "dashed: set aside" in text
    dashed = [bar for bar in bars_of(lower) if bar.get_linestyle() == "--"]
    assert [bar.get_width() for bar in dashed] == [5.0]
    assert not dashed[0].get_fill() or mpl.colors.to_rgba(dashed[0].get_facecolor())[3] == 0


def test_reference_points_are_named_as_such_and_as_nothing_else() -> None:
    axes = plot.member_timeline(exposed(FILLS, segments=True), "A", thresholds=(50, 90, 200))
    text = written(axes)
    for value in (50, 90, 200):
        assert f"reference point {value}" in text
    assert axes.get_ylim()[1] > 200
    assert "limit" not in text


def test_the_picture_names_its_edition_and_not_the_member() -> None:
    fills = [fill("member-77", "2025-01-01")]
    text = written(plot.member_timeline(exposed(fills, segments=True), "member-77", fills=fills))
    assert "Edition cdc-2022; 2025-01-01 to 2025-03-31; overlapping fills: sum" in text
    assert "77" not in text


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_the_axes_given_come_back(layout: Any) -> None:
    found = exposed(FILLS, segments=True)
    figure, (left, right) = plt.subplots(1, 2, layout=layout)
    assert plot.member_timeline(found, "A", fills=FILLS, ax=left) is left
    assert plot.member_timeline(found, "B", ax=right) is right
    figure.canvas.draw()
    assert len(figure.axes) == 3


def test_axes_outside_a_grid_are_split_too() -> None:
    figure = plt.figure()
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    assert plot.member_timeline(exposed(FILLS, segments=True), "A", fills=FILLS, ax=axes) is axes
    upper, lower = (each.get_position() for each in figure.axes)
    assert lower.y0 == pytest.approx(0.1)
    assert lower.y1 < upper.y0
    assert upper.y1 == pytest.approx(0.9)


def test_segments_alone_in_any_frame_and_ids_of_any_kind() -> None:
    for member, fills in (("A", FILLS), (7, [fill(7, "2025-01-01")])):
        found = exposed(pl.DataFrame(fills, strict=False), segments=True)
        assert steps_of(plot.member_timeline(found.segments, member))[1][0] == 90.0
        text = written(plot.member_timeline(found.segments, member))
        assert "cdc" not in text


def test_names_of_the_caller_are_mapped() -> None:
    fills = [{("who" if k == "member_id" else k): v for k, v in one.items()} for one in FILLS]
    columns = {"member_id": "who"}
    found = exposed(fills, columns=columns, segments=True)
    axes = plot.member_timeline(found, "A", fills=fills, columns=columns)
    assert "oxycodone 10 mg" in written(axes)


def test_without_segments_the_error_says_how_to_get_them() -> None:
    with pytest.raises(ArgumentError, match="segments=True"):
        plot.member_timeline(exposed(FILLS), "A")


def test_a_member_without_exposure_is_refused_and_not_named() -> None:
    with pytest.raises(ArgumentError, match="no day with exposure") as raised:
        plot.member_timeline(exposed(FILLS, segments=True), "nobody")
    assert "nobody" not in str(raised.value)


# ------------------------------------------------------------------------------ populations


def test_four_rows_with_their_shares() -> None:
    axes = plot.definitions(exposed(population()))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == 4
    assert [label.split()[0] for label in labels] == ["D1", "D2", "D3", "D4"]
    for row in (0, 1, 3):
        assert "77 members, median 30.0" in labels[row]
        # 25 at exactly 90 and 12 above: at or above counts both.
        assert "at or above 90: 48.1% (37)" in labels[row]
    assert "MME a day, logarithmic scale" in axes.get_xlabel()
    assert "Edition cdc-2022" in written(axes)


def test_bars_hold_every_member_and_none_straddles_a_threshold() -> None:
    axes = plot.definitions(exposed(population()))
    edges = np.array([[bar.get_x(), bar.get_x() + bar.get_width()] for bar in bars_of(axes)])
    for threshold in (50.0, 90.0):
        inside = (edges[:, 0] < threshold * (1 - 1e-9)) & (edges[:, 1] > threshold * (1 + 1e-9))
        assert not inside.any()
    assert min(axes.get_xticks().tolist()) > 0
    assert {50.0, 90.0} <= set(axes.get_xticks().tolist())
    # In the row of D4 (the lowest), bars at 30, 90 and 120 are 40, 25 and 12 members high.
    lowest = [bar for bar in bars_of(axes) if bar.get_y() == 0 and bar.get_height() > 0]
    heights = [bar.get_height() for bar in sorted(lowest, key=lambda bar: bar.get_x())]
    assert heights == pytest.approx([0.8, 0.8 * 25 / 40, 0.8 * 12 / 40])
    assert [bar.get_x() for bar in lowest].count(90.0) == 1


def test_bars_and_shares_of_few_members_are_left_out_unless_asked_for() -> None:
    fills = [*population(), *(fill(f"few{n}", "2025-01-05", quantity=600) for n in range(3))]
    few = [{**one, "member_id": str(one["member_id"])} for one in fills]
    hidden = plot.definitions(exposed(few, at_least=(200,)))
    shown = plot.definitions(exposed(few, at_least=(200,)), suppress=False)
    assert "at or above 200: hidden" in written(hidden)
    assert "at or above 200: 3.8% (3)" in written(shown)

    def tall(axes: Axes) -> int:
        return sum(bar.get_height() > 0 and bar.get_y() == 0 for bar in bars_of(axes))

    assert tall(shown) == tall(hidden) + 1
    assert "bars under 11 members left out" in hidden.get_xlabel()
    assert "left out" not in shown.get_xlabel()


def test_without_a_window_the_third_row_is_empty() -> None:
    axes = plot.definitions(exposed(population(), start=None, end=None))
    label = axes.get_yticklabels()[2].get_text()
    assert "0 members" in label
    assert "at or above 90: -" in label
    assert "no window" in written(axes)


def test_a_population_without_opioids_makes_an_empty_picture() -> None:
    axes = plot.definitions(exposed([fill("A", "2025-01-01", ingredient="lisinopril")]))
    assert "0 members" in axes.get_yticklabels()[0].get_text()
    written(axes)


def test_signs_of_thresholds_are_said() -> None:
    axes = plot.definitions(exposed(population(), at_least=(90,), more_than=(90,)))
    label = axes.get_yticklabels()[3].get_text()
    assert "at or above 90: 48.1% (37)" in label
    assert "\nabove 90: 15.6% (12)" in label


def test_one_row_an_edition() -> None:
    fills = [fill(n, "2025-01-05", ingredient="hydromorphone", strength="4") for n in range(12)]
    found = {name: exposed(fills, edition=name) for name in ("cdc-2016", "cdc-2022")}
    axes = plot.editions(found)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert "cdc-2016\n12 members, median 96.0" in labels[0]
    assert "cdc-2022\n12 members, median 120.0" in labels[1]
    assert axes.get_title(loc="left") == "MME on the largest day: one population, 2 editions"


def test_editions_under_other_names_are_named_in_the_caption() -> None:
    found = {"before": exposed(population(), edition="cdc-2016"), "after": exposed(population())}
    assert "Editions cdc-2016, cdc-2022; " in written(plot.editions(found))


def test_editions_by_another_definition() -> None:
    axes = plot.editions({"cdc-2022": exposed(population())}, definition="mme_per_covered_day")
    assert axes.get_title(loc="left").startswith("MME per covered day")


def test_what_cannot_be_compared_is_refused() -> None:
    one = exposed(population())
    with pytest.raises(ArgumentError, match="differ in more than the edition"):
        plot.editions({"a": one, "b": exposed(population(), end="2025-02-28")})
    with pytest.raises(ArgumentError, match="is no definition") as raised:
        plot.editions({"a": one}, definition="D4")
    assert "mme_maximum_day" in raised.value.allowed
    nothing: dict[str, mme.Exposure] = {}
    with pytest.raises(ArgumentTypeError):
        plot.editions(nothing)


def test_population_pictures_return_the_axes_given_and_change_no_style() -> None:
    before = dict(mpl.rcParams)
    found = exposed(population())
    figure, (left, right) = plt.subplots(1, 2)
    assert plot.definitions(found, ax=left) is left
    assert plot.editions({"cdc-2022": found}, ax=right) is right
    figure.canvas.draw()
    assert len(figure.axes) == 2
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("picture", ["member", "definitions", "editions"])
def test_no_words_lie_on_each_other(picture: str) -> None:
    others = [{**one, "member_id": str(one["member_id"])} for one in population()]
    found = exposed([*FILLS, *others], segments=True)
    axes = {
        "member": lambda: plot.member_timeline(found, "A", fills=FILLS),
        "definitions": lambda: plot.definitions(found),
        "editions": lambda: plot.editions({"cdc-2022": found, "again": found}),
    }[picture]()
    figure = axes.get_figure()
    assert figure is not None
    figure.canvas.draw()
    texts = [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip() and t.get_visible()]
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    inside = [(text, box) for text, box in boxes if box.width > 0]
    for at, (text, box) in enumerate(inside):
        for other, other_box in inside[at + 1 :]:
            if text != other:
                assert not box.overlaps(other_box), (text, other)


def test_a_missing_matplotlib_is_named_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'opsafe\[plot\]'"):
        plot.definitions(exposed(population()))


def test_importing_the_pictures_loads_no_matplotlib() -> None:
    program = "import sys, opsafe.plot; print('matplotlib' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
