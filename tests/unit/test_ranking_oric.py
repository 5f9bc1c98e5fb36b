"""Questionnaires of readiness: scores, bounds for what is missing, and agreement."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, OpsafeError

COMMITMENT: Final = [f"c{at}" for at in range(5)]
EFFICACY: Final = [f"e{at}" for at in range(7)]
FACETS: Final = {"change_commitment": COMMITMENT, "change_efficacy": EFFICACY}


def row(
    who: str, commitment: int | None, efficacy: int | None, group: str = "ED"
) -> dict[str, Any]:
    return {
        "respondent": who,
        "group": group,
        **dict.fromkeys(COMMITMENT, commitment),
        **dict.fromkeys(EFFICACY, efficacy),
    }


def test_facets_are_scored_apart_and_missing_items_give_bounds() -> None:
    given = [row("a", 4, 2), row("b", 5, 3), row("c", 4, 2)]
    given[0]["e0"] = None
    found = rk.oric(given, facets=FACETS)
    commitment, efficacy = found.table["score"].tolist()
    assert commitment == pytest.approx(13 / 3)
    assert np.isnan(efficacy)
    assert found.table["flag"].tolist() == [None, "too few"]
    assert found.table["score_mean"][1] == 2.5
    assert found.table["low"][1] == pytest.approx((13 / 7 + 3 + 2) / 3)
    assert found.table["high"][1] == pytest.approx((17 / 7 + 3 + 2) / 3)
    assert found.table["complete"].tolist() == [3, 2]
    assert found.by_respondent["missing"].tolist() == [0, 1, 0, 0, 0, 0]
    assert any("1 of 6 facets" in each for each in found.cautions)
    assert not any("items" in each for each in found.cautions)


def test_agreement_is_one_less_the_variance_over_that_of_chance() -> None:
    facets = {"change_commitment": ["x", "y"], "change_efficacy": ["z"]}
    given = [
        {"respondent": at, "x": x, "y": y, "z": z}
        for at, (x, y, z) in enumerate([(1, 3, 4), (5, 3, 4), (3, 3, 4)])
    ]
    found = rk.oric(given, facets=facets)
    assert found.groups == ("all",)
    # variances 4 and 0, mean 2, over 2: as by chance; and no variance at all
    assert found.table["agreement"].tolist() == [0.0, 1.0]
    assert any("12 items, this one 3" in each for each in found.cautions)


def test_camps_among_respondents_are_not_averaged() -> None:
    given = [row(str(at), score, 3) for at, score in enumerate([1, 1, 5, 5])]
    found = rk.oric(given, facets=FACETS)
    assert found.table["flag"].tolist() == ["too split", None]
    assert found.table["score_mean"].tolist() == [3.0, 3.0]


def test_groups_are_scored_apart_and_nobody_is_named() -> None:
    given = [row(f"Dr {at}", 4, 4, group) for at, group in enumerate(["ED", "ED", "lab"])]
    found = rk.oric(given, facets=FACETS)
    assert found.groups == ("ED", "lab")
    assert found.table["respondents"].tolist() == [2, 2, 1, 1]
    assert np.isnan(found.table["agreement"][2])
    told = repr(found) + found._repr_html_() + found.by_respondent._repr_html_()
    assert "Dr " not in told


def test_nobody_who_answered_everything_is_no_score() -> None:
    given = [{**row("a", 4, 4), "c0": None, "e0": None}]
    found = rk.oric(given, facets=FACETS)
    assert np.isnan(found.table["score_mean"]).all()
    assert found.table["complete"].tolist() == [0, 0]


LONG: Final = [{"respondent": "a", "item": "c0", "answer": 3}]


@pytest.mark.parametrize(
    "given, error, said",
    [
        pytest.param([], (ArgumentError, ColumnError), "holds no answer|no column", id="nothing"),
        pytest.param([row("a", 6, 1)], ArgumentError, "row 0: lies outside 1 to 5", id="outside"),
        pytest.param([{**row("a", 1, 1), "c0": 1.5}], ArgumentError, "no whole step", id="half"),
        pytest.param([{**row("a", 1, 1), "c0": "3"}], ArgumentTypeError, "not a number", id="text"),
        pytest.param([row("a", 1, 1)] * 2, ArgumentError, "'c0' twice", id="twice"),
        pytest.param(
            [row("a", 1, 1), row("a", 1, 1, "lab")], ArgumentError, "twice|two groups", id="groups"
        ),
        pytest.param(
            [{**LONG[0], "group": "x"}, {**LONG[0], "item": "c1", "group": "y"}],
            ArgumentError,
            "two groups, the second in row 1",
            id="groups of a long table",
        ),
        pytest.param([{"respondent": "a", "c0": 1}], ColumnError, "column for 'c1'", id="column"),
        pytest.param(
            [{**LONG[0], "item": "c9"}], ArgumentError, "'c9' is no item", id="unknown item"
        ),
        pytest.param([{"item": "c0", "answer": 3}], ColumnError, "'respondent'", id="nobody"),
    ],
)
def test_what_cannot_be_used_is_named(
    given: list[dict[str, Any]], error: type[OpsafeError], said: str
) -> None:
    with pytest.raises(error, match=said):
        rk.oric(given, facets=FACETS)


@pytest.mark.parametrize(
    "facets, error, said",
    [
        pytest.param(None, ArgumentTypeError, "two facets", id="none"),
        pytest.param({"change_commitment": ["a"]}, ArgumentTypeError, "two facets", id="one"),
        pytest.param(
            {**FACETS, "change_efficacy": "abc"}, ArgumentTypeError, "sequence", id="text"
        ),
        pytest.param({**FACETS, "change_efficacy": [3]}, ArgumentTypeError, "no text", id="number"),
        pytest.param({**FACETS, "change_efficacy": ["c0"]}, ArgumentError, "twice", id="twice"),
        pytest.param({**FACETS, "change_efficacy": ["item"]}, ArgumentError, "column", id="taken"),
    ],
)
def test_the_host_says_which_item_belongs_to_which_facet(
    facets: Any, error: type[OpsafeError], said: str
) -> None:
    with pytest.raises(error, match=said):
        rk.oric(LONG, facets=facets)
