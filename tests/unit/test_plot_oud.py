"""The picture of a count: what each row says, and where the range of the count lies."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from opsafe import oud, plot
from opsafe.errors import ArgumentTypeError

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

ANSWERS = {"A1": True, "A2": False, "A3": True, "A4": True, "A6": True, "A8": False}


def count(**more: Any) -> oud.CriteriaCount:
    asked: dict[str, Any] = {"edition": "dsm-5-tr", "impairment_or_distress": True}
    return oud.score({**ANSWERS, "A10": True, "A11": True}, **(asked | more))


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_each_answer_says_what_became_of_it() -> None:
    said = words(plot.criteria(count(solely_supervised=None)))
    assert said.count("yes, counts") == 4 and said.count("no") == 2
    assert said.count("not answered, can change the band") == 3
    assert said.count("yes, if not solely supervised") == 2
    assert "A5  role failure" in said and "risky use" in said
    assert {"4", "9"} <= set(said)


def test_exempt_criteria_are_shown_as_such() -> None:
    axes = plot.criteria(count(solely_supervised=True))
    assert words(axes).count("yes, exempt under supervision") == 2
    assert axes.get_title(loc="left") == "4 to 7 of 9 criteria"


def test_the_range_lies_over_the_bands() -> None:
    axes = plot.criteria(count(solely_supervised=False))
    line = axes.lines[-1]
    assert np.asarray(line.get_xdata()).tolist() == [6.5, 9.5]
    bars = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    assert [bar.get_x() for bar in bars if bar.get_y() > 11] == [0, 2, 4, 6]
    assert "Edition dsm-5-tr; for review" in " ".join(words(axes))


def test_the_axes_given_come_back_and_a_certain_count_has_one_number() -> None:
    given = plt.subplots()[1]
    answers = {f"A{number}": number < 4 for number in range(1, 12)}
    certain = oud.score(answers, edition="dsm-5", solely_supervised=False)
    assert plot.criteria(certain, ax=given) is given
    assert words(given).count("3") == 1


def test_other_evidence_is_refused() -> None:
    coded: Any = oud.from_icd10cm("F11.20", on="2026-01-01")
    with pytest.raises(ArgumentTypeError, match="CodedOud is no count"):
        plot.criteria(coded)
