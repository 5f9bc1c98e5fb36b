"""The page of editions is made from the edition files and never behind them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from opsafe import costbenefit, oud, ranking, workforce
from opsafe.mme.editions import editions
from tests.house import scripts

DOCS = Path(__file__).parents[2] / "docs"


def maker() -> ModuleType:
    return scripts.load("_make_editions.py")


def test_page_is_up_to_date() -> None:
    written = (DOCS / "editions.md").read_text(encoding="utf-8")
    assert written == maker().page(), "run: python docs/_make_editions.py"


def test_every_edition_has_its_line_its_column_and_its_citation() -> None:
    written = (DOCS / "editions.md").read_text(encoding="utf-8")
    others = (oud, workforce, costbenefit, ranking)
    for each in (*editions(), *(one for engine in others for one in engine.editions())):
        assert f"\n| `{each.id}` |" in written
        assert each.citation() in written
    head = next(line for line in written.splitlines() if line.startswith("| Ingredient"))
    assert [f"`{each.id}`" for each in editions()] == [
        cell.strip() for cell in head.strip("|").split("|")[4:]
    ]
