"""The notebook from a form to a draft: it runs, and its stored outputs are what it says today."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from tests.unit.examples import notebooks

mpl.use("Agg")

NOTEBOOK = "oud_form_to_draft.ipynb"


def test_every_cell_gives_its_stored_output() -> None:
    compared, names = notebooks.check(NOTEBOOK)
    assert compared >= 8
    assert names["draft"]["status"] == "preliminary"
    assert names["condition"]["verificationStatus"]["coding"][0]["code"] == "unconfirmed"


@pytest.mark.parametrize("word", ["unsigned", "42 CFR Part 2", "no diagnosis"])
def test_the_notebook_says_what_it_is_not(word: str) -> None:
    assert word in notebooks.text_of(NOTEBOOK)
