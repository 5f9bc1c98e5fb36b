"""The page of rules is made from the specification tests and never behind them."""

from __future__ import annotations

from tests.house import scripts


def test_page_is_up_to_date() -> None:
    written = (scripts.DOCS / "reference" / "rules.md").read_text(encoding="utf-8")
    assert written == scripts.load("_make_spec.py").page(), "run: python docs/_make_spec.py"
