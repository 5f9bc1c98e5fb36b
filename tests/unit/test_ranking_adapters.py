"""Scores of other houses: what is refused, and that each says what it hides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError


def test_decimals_are_exact_and_one_number_stands_for_all() -> None:
    found = rk.rice(np.array([10, 20]), Decimal("0.1"), 1, 3)
    assert found.scores.tolist() == [1 / 3, 2 / 3]
    assert found.table["impact"].tolist() == [0.1, 0.1]
    assert not found.scores.flags.writeable


@pytest.mark.parametrize(
    "found, said",
    [
        pytest.param(rk.rice(1, 1, 1, 1), "guesses", id="rice"),
        pytest.param(rk.wsjf(1, 1, 1, 1), "no money", id="wsjf"),
        pytest.param(rk.risk_priority_number(1, 1, 1), "120 values", id="risk priority number"),
    ],
)
def test_every_score_has_its_caution(found: rk.AdaptedScores, said: str) -> None:
    assert any(said in each for each in found.cautions)
    assert any("not anchored" in each for each in found.cautions)


@pytest.mark.parametrize(
    "numbers, error, said",
    [
        pytest.param((1, 1, 80, 1), ArgumentError, "Write 80 % as 0.8", id="per cent"),
        pytest.param((1, 1, 1, 0), ArgumentError, "effort: lies outside", id="no effort"),
        pytest.param((-1, 1, 1, 1), ArgumentError, "reach: lies outside", id="negative"),
        pytest.param((1, None, 1, 1), ArgumentTypeError, "impact: is not", id="missing"),
        pytest.param(([1, np.nan], 1, 1, 1), ArgumentError, r"reach\[1\]: .*NaN", id="nan"),
        pytest.param((1, "3", 1, 1), ArgumentTypeError, "impact: is not", id="text"),
        pytest.param(([1, 2], [1, 2, 3], 1, 1), ArgumentError, "lengths differ", id="lengths"),
        pytest.param((np.ones((2, 2)), 1, 1, 1), ArgumentTypeError, "no row", id="table"),
    ],
)
def test_rice_refuses_what_is_no_number(
    numbers: tuple[Any, ...], error: type[OpsafeError], said: str
) -> None:
    with pytest.raises(error, match=said):
        rk.rice(*numbers)


def test_steps_of_a_risk_priority_number_are_whole() -> None:
    with pytest.raises(ArgumentError, match="occurrence: is no whole step at place 1"):
        rk.risk_priority_number(1, [1, 1.5], 1)
    with pytest.raises(ArgumentError, match="detection: lies outside 1 to 10"):
        rk.risk_priority_number(1, 1, 11)


def test_pick_has_a_word_for_every_quadrant() -> None:
    assert set(rk.PICK_LABELS) == set(rk.QUADRANTS)
