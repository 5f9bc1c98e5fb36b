"""Every result says in a line or two what it is, and shows itself in a notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe._display import counted

STORY = rk.example()
RANKED = rk.rank(STORY.ratings, criteria=STORY.criteria, weights=STORY.weights, draws=50)
COSTS: dict[str, Any] = {"cost_usd": STORY.costs_usd, "budget_usd": 1_000_000}
RATINGS = np.array([[1, 2, 3, 4.0], [2, 1, 3, 4], [1, 3, 2, 4]])
ONE = rk.read_ratings([{"initiative": "<b>", "impact": 3, "ease": None}], criteria=STORY.criteria)


def road(**more: Any) -> rk.Roadmap:
    return rk.roadmap(
        RANKED, work=STORY.work, capacity_fte=STORY.capacity_fte, quarters=8, node_limit=50, **more
    )


def test_how_many_there_are() -> None:
    told = [counted(each, "rater") for each in (0, 1, 2_000)]
    assert told == ["0 raters", "1 rater", "2,000 raters"]
    assert counted(2, "criterion", "criteria") == "2 criteria"


@pytest.mark.parametrize(
    "result, said",
    [
        (STORY, "Example(10 initiatives; Invented:"),
        (RANKED.panel, "Panel(10 initiatives, 7 raters, 133 ratings on impact, ease)"),
        (ONE, "Panel(1 initiative, 1 rater, 1 rating on impact, ease)"),
        (RANKED.weights, "Weights(impact 0.6, ease 0.4; given)"),
        (rk.rank_counts(np.array([3, 1, 3])), "Ranks([1.0, 3.0, 1.0]; 2 tied, group)"),
        (RANKED.quadrants(), "Quadrants("),
        (
            rk.quadrants(["<b>"], np.array([[0.9, np.nan]]), STORY.criteria),
            "Quadrants(0 quick win, 0 major project, 0 fill-in, 0 thankless, 1 not rated;",
        ),
        (RANKED.quadrants(cut="median"), "Quadrants("),
        (rk.rice(1, 1, 1, 1), "AdaptedScores(RICE = reach x impact x confidence / effort; 1 item)"),
        (rk.intraclass_correlation(RATINGS.T), "IntraclassCorrelation(1 0."),
        (rk.intraclass_correlation([[1, 1]]), "IntraclassCorrelation(not defined: "),
        (rk.smaa([[1.0, 0]], draws=10), "Smaa(Acceptability(1 initiative; 10 draws, "),
        (rk.portfolio(RANKED, **COSTS), "Portfolio: 7 of 10 initiatives, "),
        (rk.robust_portfolio(RANKED, **COSTS, draws=1), "RobustPortfolio: "),
        (road(), "Roadmap: 10 of 10 initiatives in 8 quarters, value "),
        (road(quick_wins_first=9), "Roadmap: infeasible; "),
        (rk.pareto_layers([[1.0]]), "ParetoLayers(1 layer; front: initiative 1)"),
        (rk.compare_rounds(ONE, ONE), "Rounds(0 of 1 rating moved, 0 initiatives converged)"),
    ],
    ids=range(18),
)
def test_a_result_says_what_it_is(result: Any, said: str) -> None:
    assert repr(result).startswith(said)
    assert len(repr(result)) < 400 and "array(" not in repr(result)
    if hasattr(result, "table"):
        shown = result._repr_html_()
        assert "<table>" in shown and "<b><b>" not in shown.replace("<p><b>", "")
