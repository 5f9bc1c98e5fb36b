"""The pages of rules are made from the specification tests and never behind them."""

from __future__ import annotations

import pytest

from tests.house import scripts


@pytest.mark.parametrize("name", ["rules", "oud-rules"])
def test_page_is_up_to_date(name: str) -> None:
    written = (scripts.DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")
    made = scripts.load("_make_spec.py")
    assert name in made.PAGES
    assert written == made.page(name), "run: python docs/_make_spec.py"
