"""The notebook of a leadership meeting: it runs, says what it said, and says what is invented."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from tests.unit.examples import notebooks

mpl.use("Agg")

NOTEBOOK = "leadership_meeting.ipynb"


def test_every_cell_gives_its_stored_output() -> None:
    compared, names = notebooks.check(NOTEBOOK)
    assert compared >= 14
    assert names["chosen"].cost_usd <= names["story"].budget_usd
    assert names["road"].status == "optimal"
    assert names["road"].quick_wins_in_first_quarter >= 2
    assert names["r"].order[0] == "naloxone co-prescribing"


@pytest.mark.parametrize(
    "word",
    ["people in this notebook are invented", "it decides nothing", "a blank is missing, and never"],
)
def test_the_notebook_says_what_is_invented_and_what_to_mind(word: str) -> None:
    assert word in notebooks.folded(notebooks.text_of(NOTEBOOK))
