"""The page of defaults of the cost-benefit engine is made from its files and never behind them."""

from __future__ import annotations

from pathlib import Path

from tests.house import scripts

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "costbenefit-defaults.md"


def test_page_is_up_to_date() -> None:
    maker = scripts.load("_make_costbenefit_defaults.py")
    written = PAGE.read_text(encoding="utf-8")
    assert written == maker.page(), "run: python docs/_make_costbenefit_defaults.py"
