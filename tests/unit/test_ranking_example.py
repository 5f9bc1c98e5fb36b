"""The invented portfolio: it says that it is invented, and its parts fit together."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from opsafe import ranking as rk

FILE = Path(rk.__file__).parent / "data" / "example.toml"
PORTFOLIO = rk.example()


def test_everything_says_that_it_is_invented() -> None:
    assert PORTFOLIO.note.startswith("Invented")
    assert "is invented" in FILE.read_text(encoding="utf-8").splitlines()[0]
    assert "invented" in (rk.example.__doc__ or "").splitlines()[0]


def test_ratings_are_a_partial_panel_of_seven() -> None:
    panel = rk.read_ratings(PORTFOLIO.ratings, criteria=PORTFOLIO.criteria)
    assert panel.initiatives == PORTFOLIO.initiatives
    assert (len(panel.initiatives), len(panel.raters)) == (10, 7)
    assert int((~panel.rated).sum()) == 7 == len(panel.set_aside)
    assert panel.counts.min() == 5
    assert panel.cautions == ()


def test_one_initiative_stands_between_two_camps() -> None:
    panel = rk.read_ratings(PORTFOLIO.ratings, criteria=PORTFOLIO.criteria)
    impact = panel.scores[:, :, 0]
    answered = panel.rated[:, :, 0].sum(axis=1)
    low, high = ((impact <= 2).sum(axis=1), (impact >= 4).sum(axis=1))
    split = (np.minimum(low, high) >= 2) & (np.minimum(low, high) >= 0.25 * answered)
    named = [name for name, is_split in zip(panel.initiatives, split, strict=True) if is_split]
    assert named == ["prior authorisation with exemptions"]


def test_names_and_teams_are_known_everywhere() -> None:
    names = set(PORTFOLIO.initiatives)
    assert {each.initiative for each in PORTFOLIO.work} == names == set(PORTFOLIO.owners)
    assert {each.team for each in PORTFOLIO.work} == set(PORTFOLIO.capacity_fte)
    assert set(PORTFOLIO.must_do) <= names
    assert {name for pair in PORTFOLIO.after for name in pair} <= names
    assert set(PORTFOLIO.owners.values()) <= set(PORTFOLIO.ratings["rater"].tolist())
    assert set(PORTFOLIO.assessments["theme"].tolist()) <= names
    assert {each.chapter for each in PORTFOLIO.work} == set(rk.CHAPTERS)
    assert 0 < PORTFOLIO.budget_usd < sum(PORTFOLIO.costs_usd.values())
    assert all(each.fte <= PORTFOLIO.capacity_fte[each.team] for each in PORTFOLIO.work)


def test_owners_can_be_recused() -> None:
    panel = rk.read_ratings(PORTFOLIO.ratings, criteria=PORTFOLIO.criteria, owners=PORTFOLIO.owners)
    reasons = panel.set_aside["reason"].tolist()
    assert reasons.count("blank") == 7
    assert 0 < reasons.count("recused_owner") <= 2 * len(panel.initiatives)
    assert panel.counts.min() >= 4


def test_assessments_cover_three_levels() -> None:
    table = PORTFOLIO.assessments
    assert set(table["level"].tolist()) == {"board", "executive", "department"}
    assert set(table["influence"].tolist()) == {1, 3, 9}
    known = table["current"][~np.isnan(table["current"])]
    assert known.min() == -2 and known.max() == 2 and len(known) == len(table) - 1


def test_each_call_gives_tables_of_its_own() -> None:
    first, again = rk.example(), rk.example()
    first.costs_usd["ED-Bridge"] = 0
    assert again.costs_usd["ED-Bridge"] == 420_000
    assert again.ratings == first.ratings and again.assessments == first.assessments
