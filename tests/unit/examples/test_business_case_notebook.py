"""The notebook of a business case: it runs, says what it said, and says what is invented."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from tests.unit.examples import notebooks

mpl.use("Agg")

NOTEBOOK = "business_case_for_treatment.ipynb"


def test_every_cell_gives_its_stored_output() -> None:
    compared, names = notebooks.check(NOTEBOOK)
    assert compared >= 7
    case = names["case"]
    assert case.payback_month is not None
    assert names["perfect"].value_usd[0] > 0
    assert names["filed"].money["value"][0] == case.net_saving


@pytest.mark.parametrize(
    "word", ["The plan is invented", "flatters treatment", "a death is never a saving"]
)
def test_the_notebook_says_what_is_invented_and_what_to_mind(word: str) -> None:
    assert word in notebooks.text_of(NOTEBOOK)
