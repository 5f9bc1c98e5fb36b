"""The page of speed is made from the results of the benchmark and never behind them."""

from __future__ import annotations

from pathlib import Path

from tests.house import scripts

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "mme-speed.md"


def test_page_is_up_to_date() -> None:
    made = scripts.load("_make_speed.py").page()
    assert PAGE.read_text(encoding="utf-8") == made, "run: python docs/_make_speed.py"
