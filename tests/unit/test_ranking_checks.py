"""Dominance, who can be best, and the checks of a ranking."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, OpsafeError

# Initiative: ratings of three raters on impact and ease; None is missing.
RATINGS: dict[str, list[tuple[float | None, float | None]]] = {
    "naloxone": [(5, 4), (4, 5), (5, 4)],
    "telehealth": [(5, 2), (5, 3), (4, 2)],
    "dashboard": [(3, 4), (3, 3), (3, 4)],
    "mentoring": [(3, 3), (None, 3), (3, 4)],
    "tapering": [(1, 1), (2, 2), (1, 1)],
}


def records(ratings: Any = None) -> list[dict[str, Any]]:
    return [
        {"initiative": name, "rater": f"rater {at}", "impact": impact, "ease": ease}
        for name, rows in (ratings or RATINGS).items()
        for at, (impact, ease) in enumerate(rows)
    ]


def ranking(ratings: Any = None, **asked: Any) -> rk.Ranking:
    asked = {"weights": {"impact": 60, "ease": 40}, "draws": 200, "top": 2, **asked}
    return rk.rank(records(ratings), criteria=rk.IMPACT_EASE_1_5, **asked)


def anything(value: Any) -> Any:
    return value


UNRATED = {**RATINGS, "guideline": [(4, None), (5, None), (4, None)]}


# -------------------------------------------------------------------------------------- dominance


def test_layers_of_a_ranking() -> None:
    found = rk.pareto_layers(ranking())
    assert found.front == ("naloxone",)
    assert found.layer.tolist() == [1, 2, 2, 3, 4]
    assert found.beaten_by[4] == ("naloxone", "telehealth", "dashboard", "mentoring")
    assert found.table["on_front"].tolist() == [True, False, False, False, False]
    assert repr(found) == "ParetoLayers(4 layers; front: naloxone)"


def test_what_is_not_rated_is_in_no_layer() -> None:
    found = rk.pareto_layers(ranking(UNRATED))
    assert found.layer.tolist() == [1, 2, 2, 3, 4, 0]
    assert found.beaten_by[5] == ()
    assert "guideline" in found.cautions[0]
    best = rk.can_be_best(ranking(UNRATED))
    # telehealth has the same impact as naloxone: at a weight of 1 on it both are first
    others = ("a knife edge", *("no weights",) * 3)
    assert best.best_for == ("some weights", *others, None)
    assert np.isnan(best.margin[5])
    assert best.table["best_for"][5] is None
    assert best.cautions == found.cautions


def test_equal_values_stand_beside_each_other() -> None:
    rows = [[1, 2], [1, 2], [0, 3]]
    assert rk.pareto_layers(rows).layer.tolist() == [1, 1, 1]
    assert rk.pareto_layers(rows, duplicates="first").layer.tolist() == [1, 2, 1]
    assert rk.can_be_best(rows).best_for == ("some weights",) * 3
    assert rk.can_be_best([[1, 2], [1, 2]]).margin.tolist() == [1, 1]


def test_less_is_better_where_it_is_said() -> None:
    found = rk.pareto_layers([[1, 9], [2, 3]], directions=[-1, 1], names=["a", "b"])
    assert found.front == ("a",)
    assert rk.can_be_best([[1, 9], [2, 3]], directions=[1, -1]).best_for == (
        "no weights",
        "some weights",
    )


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: rk.pareto_layers([[1, math.nan]]), "row 0, column 1 is missing"),
        (lambda: rk.can_be_best([[1, math.nan]]), "row 0, column 1 is missing"),
        (lambda: rk.pareto_layers([[]]), "is empty"),
        (lambda: rk.pareto_layers([[1, 1e10]]), "beyond 1e"),
        (lambda: rk.pareto_layers([[1, 2]], directions=[1]), "each of 2 criteria"),
        (lambda: rk.pareto_layers([[1, 2]], directions=[1, 0]), "each of 2 criteria"),
        (lambda: rk.pareto_layers([[1, 2]], directions=anything(3)), "each of 2 criteria"),
        (lambda: rk.pareto_layers([[1, 2]], strict=anything(1)), "neither True nor False"),
        (lambda: rk.pareto_layers([[1, 2]], duplicates=anything("last")), "'last' is not known"),
        (lambda: rk.pareto_layers([[1, 2]], names=["a", "b"]), "1 are needed"),
        (lambda: rk.pareto_layers(ranking(), names=["a"]), "a ranking has its own"),
        (lambda: rk.can_be_best(ranking(), directions=[1, 1]), "a ranking has its own"),
    ],
    ids=range(12),
)
def test_bad_values_are_refused(call: Any, said: str) -> None:
    with pytest.raises(OpsafeError, match=said):
        call()


# ------------------------------------------------------------------------------------------ checks


@pytest.mark.parametrize("aggregate", ["mean", "median"])
def test_fixed_anchors_are_free_of_reversal(aggregate: Any) -> None:
    found = rk.rank_reversal_check(ranking(UNRATED, aggregate=aggregate))
    assert found.table["pairs_changed"].tolist() == [0] * 6
    assert not found.table["first_changed"].any()
    assert (found.share_changed, found.free_by_construction, found.pairs) == (0, True, 6)


def test_borda_can_reverse_and_the_check_shows_it() -> None:
    # a leads b by points as long as c stands between them for the last rater
    rows = {
        "a": [(5, 3), (5, 3), (1, 3)],
        "b": [(4, 3), (4, 3), (5, 3)],
        "c": [(1, 3), (1, 3), (4, 3)],
    }
    found = rk.rank_reversal_check(
        ranking(rows, aggregate="borda", weights={"impact": 1, "ease": 0})
    )
    assert not found.free_by_construction
    assert found.table["dropped"].tolist() == ["a", "b", "c"]
    assert found.table["pairs_changed"].tolist() == [0, 0, 1]
    assert found.table["first_changed"].tolist() == [False, False, True]
    assert repr(found) == "RankReversal(33% of 3 drops)"


def test_one_initiative_has_no_order_to_change() -> None:
    found = rk.rank_reversal_check(ranking({"only": [(3, 3), (4, 4), (5, 5)]}))
    assert (found.pairs, found.share_changed) == (0, 0)


def test_scores_of_another_kind_are_refused() -> None:
    with pytest.raises(ArgumentError, match="no finite score for each of 2"):
        rk.rank_reversals([[1, 2], [3, 4]], lambda found: found)
    with pytest.raises(ArgumentTypeError, match="cannot be called"):
        rk.rank_reversals([[1, 2], [3, 4]], 3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="is empty"):
        rk.rank_reversals([[]], lambda found: found.sum(axis=1))
    with pytest.raises(ArgumentTypeError, match="is no Ranking"):
        rk.rank_reversal_check([[1, 2]])  # type: ignore[arg-type]


def test_a_median_cut_moves_quadrants() -> None:
    found = rk.cut_sensitivity(ranking(UNRATED))
    assert found.table["initiative"].tolist() == [*RATINGS, "guideline"]
    assert found.table["at_midpoint"].tolist()[:2] == ["quick_win", "major_project"]
    assert found.table["at_midpoint"][5] is None
    assert found.share_moved == found.moved.sum() / 5
    assert found.median.relative
    assert not found.midpoint.relative
    with pytest.raises(ArgumentError, match="'cost' is no criterion"):
        rk.cut_sensitivity(ranking(), impact="cost")


def test_a_dominating_winner_survives_every_recoding() -> None:
    found = rk.ordinal_recode_check(ranking(UNRATED), recodes=300)
    assert found.winner_survives.value == 1
    assert found.acceptability.initiatives == tuple(RATINGS)
    assert found.table["first_share"].tolist() == [1, 0, 0, 0, 0]
    assert found.table["rank_low"].tolist()[4] == 5
    assert found.recoded == ("impact", "ease")
    assert found.top == 2
    assert 0 < found.top_survives.value < 1


def test_a_close_winner_may_not_survive() -> None:
    rows = {"steady": [(3, 3)] * 3, "split": [(5, 3), (3, 3), (1, 3)], "low": [(1, 1)] * 3}
    found = rk.ordinal_recode_check(ranking(rows, weights={"impact": 1, "ease": 0}), top=1)
    # steady has u(3), split (1 + u(3) + 0) / 3: one wins where the middle step is above a half
    assert found.winner_survives.value == 1  # both are first at the point estimate
    assert found.table["first_share"][0] == pytest.approx(0.5, abs=0.08)
    assert found.top_survives.value == 0
    again = rk.ordinal_recode_check(ranking(rows, weights={"impact": 1, "ease": 0}), top=1)
    assert again.table == found.table


def test_medians_are_recoded_too() -> None:
    found = rk.ordinal_recode_check(ranking(aggregate="median"), recodes=200)
    assert found.winner_survives.value == 1


def test_what_has_no_steps_is_not_recoded() -> None:
    cost = rk.Criterion(name="cost", worst=100, best=0, unit="thousand USD")
    impact = rk.IMPACT_EASE_1_5.named("impact")
    both = rk.Criteria(id="both", title="Impact and cost", criteria=(impact, cost))
    rows = [
        {"initiative": name, "impact": at + 1, "cost": 20 * at}
        for at, name in enumerate(["a", "b", "c"])
    ]
    found = rk.ordinal_recode_check(rk.rank(rows, criteria=both, weights={"impact": 1, "cost": 1}))
    assert found.recoded == ("impact",)
    assert "cost has no steps" in found.cautions[0]
    only = rk.Criteria(id="cost", title="Cost", criteria=(cost,))
    alone = rk.rank(
        [{"initiative": row["initiative"], "cost": row["cost"]} for row in rows],
        criteria=only,
        weights={"cost": 1},
    )
    with pytest.raises(ArgumentError, match="no criterion with steps"):
        rk.ordinal_recode_check(alone)


def test_recodings_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(ArgumentError, match="Borda"):
        rk.ordinal_recode_check(ranking(aggregate="borda"))
    with pytest.raises(ArgumentTypeError, match="is no Ranking"):
        rk.ordinal_recode_check(RATINGS)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="top"):
        rk.ordinal_recode_check(ranking(), top=0)
    with pytest.raises(ArgumentError, match="draws"):
        rk.ordinal_recode_check(ranking(), recodes=0)


# ------------------------------------------------------------------------------------- correlation


def test_criteria_that_are_one_count_twice() -> None:
    same = {"a": [(5, 5), (4, 4)], "b": [(3, 3), (3, 3)], "c": [(1, 1), (2, 2)]}
    for given in (ranking(same), rk.read_ratings(records(same), criteria=rk.IMPACT_EASE_1_5)):
        found = rk.criterion_correlation(given)
        assert found.pearson[0, 1] == pytest.approx(1)
        assert found.spearman[0, 1] == pytest.approx(1)
        assert found.effective_number == pytest.approx(1)
        assert found.table["same_rater"][0] == pytest.approx(1)
        assert "counts twice" in found.cautions[0]
        assert "double_count_correlation" in found.inputs["input"].tolist()


def test_criteria_that_go_apart() -> None:
    apart = {"a": [(5, 1)], "b": [(4, 4)], "c": [(2, 5)], "d": [(None, 5)]}
    found = rk.criterion_correlation(rk.read_ratings(records(apart), criteria=rk.IMPACT_EASE_1_5))
    wanted = np.corrcoef([5, 4, 2], [1, 4, 5])[0, 1]
    assert found.pearson[0, 1] == pytest.approx(wanted)
    assert found.spearman[0, 1] == pytest.approx(-1)
    assert found.effective_number == pytest.approx(2 / (1 + wanted**2))
    assert found.table["initiatives"].tolist() == [3]
    assert np.isnan(found.table["same_rater"]).all()
    assert found.cautions == ()


@pytest.mark.parametrize(
    "ratings",
    [{"a": [(5, 1)], "b": [(4, 4)]}, {"a": [(5, 3)], "b": [(4, 3)], "c": [(2, 3)]}],
    ids=["two initiatives", "all alike"],
)
def test_a_correlation_that_is_not_defined(ratings: Any) -> None:
    panel = rk.read_ratings(records(ratings), criteria=rk.IMPACT_EASE_1_5)
    found = rk.criterion_correlation(panel)
    assert found.effective_number is None
    assert np.isnan(found.pearson[0, 1])
    assert found.table["may_count_twice"].tolist() == [False]
    assert repr(found) == "CriterionCorrelation(2 criteria, effective number not defined)"


def test_correlations_are_of_panels_and_rankings() -> None:
    with pytest.raises(ArgumentTypeError, match="neither a Panel nor a Ranking"):
        rk.criterion_correlation([[1, 2]])  # type: ignore[arg-type]


# ------------------------------------------------------------------------- weights that are known


def test_an_order_of_weights_settles_who_can_be_best() -> None:
    values: Any = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.4, 0.4, 0.4]]
    asked: Any = {"criteria": ["impact", "ease", "reach"]}
    assert rk.can_be_best(values, **asked).best_for == ("some weights",) * 4
    order = rk.WeightSet(order=["impact", "ease", "reach"])
    found = rk.can_be_best(values, **asked, weights=order)
    # ease and reach never weigh more than impact: at best they tie
    assert found.best_for == ("some weights", "a knife edge", "no weights", "some weights")
    assert found.weights[0].tolist() == pytest.approx([1, 0, 0])
    bound = rk.WeightSet(at_most={"impact": 0.3})
    assert rk.can_be_best(values, **asked, weights=bound).best_for[0] == "no weights"


def test_weights_of_a_ranking_are_named_by_its_criteria() -> None:
    much = rk.WeightSet(at_least={"impact": 0.5})
    found = rk.can_be_best(ranking(), weights=much)
    assert found.best_for == ("some weights", "a knife edge", *("no weights",) * 3)
    assert found.weights[4, 0] >= 0.5
    with pytest.raises(OpsafeError, match="'cost' is no criterion"):
        rk.can_be_best(ranking(), weights=rk.WeightSet(at_least={"cost": 0.5}))
    with pytest.raises(ArgumentTypeError, match="a ranking has its own"):
        rk.can_be_best(ranking(), criteria=["impact", "ease"])
    with pytest.raises(ArgumentTypeError, match="is no WeightSet"):
        rk.can_be_best([[1, 2]], weights=anything([1, 2]))


def test_results_show_themselves_in_a_notebook() -> None:
    found = ranking()
    results: list[Any] = [
        found.agreement,
        rk.group_order(found),
        rk.pareto_layers(found),
        rk.can_be_best(found),
        rk.rank_reversal_check(found),
        rk.cut_sensitivity(found),
        rk.ordinal_recode_check(found, recodes=50),
        rk.criterion_correlation(found),
    ]
    for each in results:
        assert each._repr_html_().startswith(f"<p><b>{type(each).__name__}(")
        assert "<table>" in each._repr_html_()
    named = rk.pareto_layers([[1, 2], [2, 1]], names=["<b>x</b>", "y"])
    assert "<b>x" not in named._repr_html_()


def test_a_tie_of_thirds_stays_a_tie_under_every_recoding() -> None:
    ratings = {
        "a": [(1, 1), (1, 1), (5, 5)],
        "b": [(1, 1), (5, 1), (5, 1)],
        "c": [(1, 1), (1, 1), (1, 2)],
    }
    tied = ranking(ratings, weights={"impact": 1, "ease": 1}, top=1)
    assert tied.ranks.first.tolist() == [1, 1, 3]
    found = rk.ordinal_recode_check(tied)
    assert found.top_survives.value == 1
    assert found.acceptability.probabilities[:2, 0].tolist() == [0.5, 0.5]


def test_the_interval_of_recodings_names_its_planning_values() -> None:
    found = rk.ordinal_recode_check(ranking(), recodes=10).inputs
    named = dict(zip(found["input"].tolist(), found["origin"].tolist(), strict=True))
    assert named["rank_interval_low"] == named["rank_interval_high"] == "planning value"
