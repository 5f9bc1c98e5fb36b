"""The notebook from members to a hiring plan: it runs, and says what it said."""

from __future__ import annotations

import pytest

from tests.unit.examples import notebooks

NOTEBOOK = "members_to_hiring_plan.ipynb"


def test_every_cell_gives_its_stored_output() -> None:
    compared, names = notebooks.check(NOTEBOOK)
    assert compared >= 9
    assert names["answer"].status == "found"
    assert names["forward"].probability_met(0.75, 24) == names["answer"].probability


@pytest.mark.parametrize("word", ["made up", "nine physicians", "no measure"])
def test_the_notebook_says_what_is_made_up_and_what_it_is_not(word: str) -> None:
    assert word in notebooks.text_of(NOTEBOOK)
