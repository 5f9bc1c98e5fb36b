"""The page of pitfalls: its table is measured again, and says what it was measured on."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.house import scripts


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return scripts.load("_make_ranking_pitfalls.py")


@pytest.fixture(scope="module")
def measured(maker: ModuleType) -> dict[str, float]:
    """Shares by the end of what was measured, as numbers."""
    lines = [line.split(" | ") for line in maker.table().splitlines()[2:]]
    return {what.strip("| "): float(ours.rstrip("%")) for what, ours, _ in lines}


def share(measured: dict[str, float], words: str) -> float:
    (found,) = [value for what, value in measured.items() if words in what]
    return found


def test_the_page_is_up_to_date(maker: ModuleType) -> None:
    written = maker.PAGE.read_text(encoding="utf-8")
    assert written == maker.page(), "run: python docs/_make_ranking_pitfalls.py"


@pytest.mark.parametrize(
    "words, study, apart",
    [
        ("smallest to largest value", 37, 5),
        ("share of the sum", 48, 5),
        ("TOPSIS", 56, 15),
        ("share of the largest", 1.3, 1),
        ("three normalisers disagree", 7.5, 3),
        ("two normalisers disagree", 97, 4),
        ("scores that collide", 15.5, 0.5),
        ("step 5 is counted as 8", 27, 5),
        ("quadrant differs", 59, 4),
        ("quick win by the midpoint", 90, 3),
        ("quick win by the median", 35, 4),
        ("under 80% bootstrap support", 79, 10),
        ("entered twice", 27, 3),
        ("divided by their sum", 0.5, 0.1),
    ],
)
def test_what_is_measured_is_near_the_study(
    measured: dict[str, float], words: str, study: float, apart: float
) -> None:
    assert abs(share(measured, words) - study) <= apart


def test_what_is_ours_holds_exactly(measured: dict[str, float]) -> None:
    assert share(measured, "fixed anchors") == 0
    assert share(measured, "share one weight") == 0
    assert share(measured, "1,000 combinations") == 120
    # The largest of ten uniform weights passes 0.3: 10 (0.7^9) - 45 (0.4^9) + 120 (0.1^9).
    exact = 100 * (10 * 0.7**9 - 45 * 0.4**9 + 120 * 0.1**9)
    assert abs(share(measured, "uniform on all weights") - exact) <= 1


def test_the_page_says_that_ratings_hold_no_signal(maker: ModuleType) -> None:
    text = " ".join(maker.PAGE.read_text(encoding="utf-8").split())
    assert "The shares below come from ratings without any signal" in text
