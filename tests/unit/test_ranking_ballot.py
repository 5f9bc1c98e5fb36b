"""Blank ballots: what stands on them, who is recused, and how they come back."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError

NAMES = ("naloxone", 'the "dashboard", phase | 1')
RATERS = ("ana", "ben")


def blank() -> rk.Ballot:
    return rk.ballot(rk.IMPACT_EASE_1_5, NAMES, RATERS, owners={"naloxone": ["ben", "zoe"]})


def test_the_table_has_a_row_for_each_rater_and_initiative() -> None:
    table = blank().table
    assert table.keys() == ("initiative", "rater", "impact", "ease", "note")
    assert table["rater"].tolist() == ["ana", "ana", "ben", "ben"]
    assert table["note"].tolist() == [None, None, "recused: owner", None]


def test_a_ballot_filled_in_a_spreadsheet_comes_back() -> None:
    filled = pd.read_csv(io.StringIO(blank().to_csv()))
    for name in ("impact", "ease"):
        filled[name] = filled[name].mask(filled["note"].isna(), 4)
    panel = rk.read_ratings(filled, criteria=rk.IMPACT_EASE_1_5)
    assert panel.initiatives == NAMES
    assert panel.raters == RATERS
    assert panel.set_aside["rater"].tolist() == ["ben", "ben"]
    assert panel.counts.tolist() == [[1, 1], [2, 2]]


def test_a_blank_ballot_comes_back_blank() -> None:
    panel = rk.read_ratings(blank().table, criteria=rk.IMPACT_EASE_1_5)
    assert not panel.rated.any()


def test_one_sheet_for_all_comes_back_as_one_rater() -> None:
    sheet = rk.ballot(rk.IMPACT_EASE_1_5, NAMES)
    assert "rater" not in sheet.table
    assert rk.read_ratings(sheet.table, criteria=rk.IMPACT_EASE_1_5).raters == ("panel",)
    assert "## Rater: ____" in sheet.to_markdown()


def test_the_page_explains_every_step_and_marks_what_is_not_to_be_rated() -> None:
    page = blank().to_markdown()
    for criterion in rk.IMPACT_EASE_1_5.criteria:
        assert criterion.label in page
        for step in criterion.steps:
            assert f"- {step.value:g}: {step.label}" in page
    assert page.count("recused: owner") == 2
    assert "phase \\| 1" in page
    assert page.count("## Rater:") == 2
    assert "blank is missing, not low" in page


def test_a_criterion_may_be_called_note() -> None:
    on = rk.Criteria(id="n", title="N", criteria=(rk.Criterion(name="note", worst=0, best=1),))
    assert rk.ballot(on, ["a"]).table.keys() == ("initiative", "note", "note of the ballot")


def test_a_ballot_shows_itself() -> None:
    assert repr(blank()) == "Ballot(2 initiatives, 2 raters)"
    assert "<table>" in blank()._repr_html_()


@pytest.mark.parametrize(
    "arguments, error, said",
    [
        pytest.param({"criteria": None}, ArgumentTypeError, "no Criteria", id="criteria"),
        pytest.param({"initiatives": []}, ArgumentError, "no name", id="nothing"),
        pytest.param({"initiatives": ["a", " "]}, ArgumentError, "blank", id="blank"),
        pytest.param({"initiatives": ["a", "a "]}, ArgumentError, "'a' twice", id="twice"),
        pytest.param({"initiatives": "naloxone"}, ArgumentTypeError, "no sequence", id="letters"),
        pytest.param({"initiatives": [1]}, ArgumentTypeError, "no text", id="number"),
        pytest.param({"raters": []}, ArgumentError, "no name", id="no rater"),
        pytest.param({"owners": {"x": "a"}}, ArgumentError, "'x'", id="unknown initiative"),
    ],
)
def test_what_is_no_ballot_is_refused(
    arguments: dict[str, Any], error: type[OpsafeError], said: str
) -> None:
    given: dict[str, Any] = {"criteria": rk.IMPACT_EASE_1_5, "initiatives": NAMES, **arguments}
    with pytest.raises(error, match=said):
        rk.ballot(**given)


@pytest.mark.parametrize("name", ["=1+1", "+naloxone", "-", "@home", "＝A1", " =A1"])
@pytest.mark.parametrize("place", ["initiative", "rater", "criterion"])
def test_a_name_that_a_spreadsheet_would_run_is_not_written(place: str, name: str) -> None:
    names = {"initiative": "a", "rater": "b", "criterion": "c", place: name}
    criteria = rk.Criteria(
        id="own",
        title="Own",
        criteria=(rk.Criterion(name=names["criterion"].strip(), worst=0, best=1),),
    )
    found = rk.ballot(criteria, [names["initiative"]], [names["rater"]])
    with pytest.raises(ArgumentError, match="runs as a formula"):
        found.to_csv()
    assert name.strip() in found.to_markdown()


def test_a_ballot_counts_what_is_on_it() -> None:
    assert repr(blank()) == "Ballot(2 initiatives, 2 raters)"
    assert repr(rk.ballot(rk.IMPACT_EASE_1_5, ["a"])) == "Ballot(1 initiative, one sheet for all)"
