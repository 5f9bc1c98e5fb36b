"""Round one against round two: paired by rater, and agreement is not called correctness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError

Ratings = dict[str, dict[str, tuple[float | None, float | None]]]

ONE: Ratings = {
    "naloxone": {"ana": (5, 4), "ben": (1, 4), "cyd": (3, 2)},
    "tapering": {"ana": (2, 2), "ben": (2, 3), "cyd": (None, 1)},
    "telehealth": {"ana": (4, 4), "ben": (4, 4), "cyd": (4, 5)},
}
TWO: Ratings = {
    "naloxone": {"ana": (4, 4), "ben": (3, 4), "dan": (1, 1)},
    "tapering": {"ana": (1, 2), "ben": (5, 3), "dan": (2, 2)},
    "dashboard": {"ana": (3, 3), "ben": (3, 3), "dan": (3, 3)},
}


def records(ratings: Ratings) -> list[dict[str, Any]]:
    return [
        {"initiative": name, "rater": rater, "impact": impact, "ease": ease}
        for name, by_rater in ratings.items()
        for rater, (impact, ease) in by_rater.items()
    ]


def panel(ratings: Ratings) -> rk.Panel:
    return rk.read_ratings(records(ratings), criteria=rk.IMPACT_EASE_1_5)


def ranking(ratings: Ratings, impact: float = 60, **arguments: Any) -> Any:
    weights = {"impact": impact, "ease": 100 - impact}
    return rk.rank(
        records(ratings), criteria=rk.IMPACT_EASE_1_5, weights=weights, draws=100, **arguments
    )


def test_spreads_are_compared_over_those_who_rated_twice() -> None:
    found = rk.compare_rounds(panel(ONE), panel(TWO))
    first = {name: found.cells[name][0] for name in found.cells.keys()}  # noqa: SIM118
    assert (first["initiative"], first["criterion"]) == ("naloxone", "impact")
    assert (first["compared"], first["moved"]) == (2, 2)
    assert (first["mean_one"], first["mean_two"], first["mean_change"]) == (3, 3.5, 0.5)
    assert first["spread_one"] == pytest.approx(np.std([5, 1], ddof=1))
    assert first["spread_two"] == pytest.approx(np.std([4, 3], ddof=1))
    assert first["largest_move"] == 2
    assert (first["only_one"], first["only_two"]) == (1, 1)


def test_who_converged_came_and_went() -> None:
    found = rk.compare_rounds(panel(ONE), panel(TWO))
    assert found.converged == ("naloxone",)
    assert found.new_initiatives == ("dashboard",)
    assert found.dropped_initiatives == ("telehealth",)
    assert (found.new_raters, found.dropped_raters) == (("dan",), ("cyd",))
    assert found.table["status"].tolist() == ["both", "both", "dropped", "new"]
    column = found.table.column("converged")
    assert column.valid.tolist() == [True, True, False, False]  # type: ignore[union-attr]
    assert found.table["moved"].tolist() == [2, 2, 0, 0]
    assert found.table["mean_move"][0] == pytest.approx((1 / 4 + 2 / 4 + 0 + 0) / 4)


def test_agreement_before_and_after_is_of_the_same_people_and_initiatives() -> None:
    found = rk.compare_rounds(panel(ONE), panel(TWO)).by_criterion
    both = np.array([[5, 2], [1, 2]]), np.array([[4, 1], [3, 5]])
    assert found["w_one"][0] == rk.kendall_w(both[0]).w
    assert found["w_two"][0] == rk.kendall_w(both[1]).w
    assert found["alpha_two"][0] == rk.krippendorff_alpha(both[1]).alpha
    assert found["only_one"].tolist() == [4, 5]


def test_convergence_is_not_called_correctness() -> None:
    found = rk.compare_rounds(panel(ONE), panel(TWO))
    assert any("agreement and not correctness" in each for each in found.cautions)
    assert any("cyd rated in round one alone" in each for each in found.cautions)
    assert repr(found) == "Rounds(4 of 8 ratings moved, 1 initiative converged)"
    assert "<table>" in found._repr_html_()


def test_rankings_also_compare_scores_and_ranks_of_what_both_have() -> None:
    found = rk.compare_rounds(ranking(ONE), ranking(TWO))
    assert found.table["rank_one"].tolist()[:2] == [1, 2]
    assert np.isnan(found.table["rank_one"][2:]).all()
    change = found.table["score_two"] - found.table["score_one"]
    assert np.array_equal(found.table["score_change"], change, equal_nan=True)
    assert not any("weights" in each for each in found.cautions)
    panels = rk.compare_rounds(panel(ONE), panel(TWO))
    assert panels.table.keys() == found.table.keys()
    assert np.isnan(panels.table["score_one"]).all()


def test_what_else_changed_between_rankings_is_told() -> None:
    found = rk.compare_rounds(ranking(ONE), ranking(TWO, 50, aggregate="borda"))
    assert any("weights differ" in each for each in found.cautions)
    assert any("two ways" in each for each in found.cautions)
    assert any("Borda" in each for each in found.cautions)


def test_nobody_in_both_rounds_is_an_answer_with_a_caution() -> None:
    other: Ratings = {name: {"zoe": (3, 3)} for name in ONE}
    found = rk.compare_rounds(panel(ONE), panel(other))
    assert any("no rater is in both" in each for each in found.cautions)
    assert found.converged == ()
    assert np.isnan(found.cells["mean_change"]).all()


def test_rounds_that_do_not_compare_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="round_one: is neither"):
        rk.compare_rounds(records(ONE), panel(TWO))  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="another kind"):
        rk.compare_rounds(panel(ONE), ranking(TWO))
    on = rk.Criteria(
        id="other",
        title="Other anchors",
        criteria=tuple(rk.Criterion(name=each, worst=0, best=10) for each in ("impact", "ease")),
    )
    other = rk.read_ratings(records(TWO), criteria=on)
    with pytest.raises(ArgumentError, match="other criteria"):
        rk.compare_rounds(panel(ONE), other)


@pytest.mark.parametrize(
    "ties, one, two",
    [
        pytest.param("group", [1, 1, 3], [3, 1, 1], id="group"),
        pytest.param("competition", [1, 1, 3], [3, 1, 1], id="competition"),
        pytest.param("average", [1.5, 1.5, 3], [3, 1.5, 1.5], id="average"),
    ],
)
def test_ranks_of_both_rounds_follow_the_tie_rule(
    ties: Any, one: list[float], two: list[float]
) -> None:
    first: Ratings = {"x": {"ana": (5, 3)}, "y": {"ana": (5, 3)}, "z": {"ana": (1, 3)}}
    second: Ratings = {"x": {"ana": (4, 3)}, "y": {"ana": (5, 3)}, "z": {"ana": (5, 3)}}
    found = rk.compare_rounds(ranking(first, ties=ties), ranking(second, ties=ties))
    assert found.table["rank_one"].tolist() == one
    assert found.table["rank_two"].tolist() == two


def test_two_tie_rules_are_told() -> None:
    found = rk.compare_rounds(ranking(ONE), ranking(TWO, ties="average"))
    assert any("two rules" in caution for caution in found.cautions)
