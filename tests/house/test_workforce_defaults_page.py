"""The page of defaults is made from the edition files and never behind them."""

from __future__ import annotations

from pathlib import Path

from tests.house import scripts

PAGE = Path(__file__).parents[2] / "docs" / "workforce-defaults.md"


def test_page_is_up_to_date() -> None:
    maker = scripts.load("_make_workforce_defaults.py")
    written = PAGE.read_text(encoding="utf-8")
    assert written == maker.page(), "run: python docs/_make_workforce_defaults.py"
