"""Acceptability: examples, edges and messages."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError
from opsafe.ranking import _kernel, _simplex
from opsafe.ranking._kernel import rank_shares, weighted_shares
from opsafe.ranking.weight_set import read_region

THREE = [[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.4, 0.4, 0.4]]
NAMES = ["naloxone", "mentoring", "data"]


def test_what_is_found_is_read_only_and_told() -> None:
    found = rk.acceptability(THREE, NAMES, draws=1000, seed=3)
    assert found.method == "sampled"
    assert (found.draws, found.drawn) == (1000, "even on a simplex")
    assert not found.probabilities.flags.writeable
    assert found.table.keys() == ("initiative", "place", "probability", "standard_error")
    assert len(found.table) == 9
    assert "1,000 draws" in repr(found)
    assert "naloxone" in found._repr_html_()
    assert float(found.standard_errors.max()) <= 0.5 / np.sqrt(1000)
    assert len(found) == 3


def test_same_seed_same_answer_and_another_seed_another() -> None:
    first, again, other = (
        rk.acceptability(THREE, draws=1000, seed=seed).probabilities for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first == pytest.approx(other, abs=0.02)


def test_many_initiatives_are_pictured_in_part() -> None:
    found = rk.acceptability(np.eye(15), draws=100)
    assert "15 initiatives" in found._repr_html_()


def test_all_equal_scores_share_every_place() -> None:
    found = rk.acceptability([[0.5, 0.5]] * 4)
    assert found.probabilities.tolist() == [[0.25] * 4] * 4
    assert found.expected_rank.tolist() == [2.5] * 4
    competition = rk.acceptability([[0.5, 0.5]] * 4, ties="competition")
    assert competition.probabilities[:, 0].tolist() == [1.0] * 4
    assert competition.probabilities[:, 1:].sum() == 0


def test_one_initiative_is_first() -> None:
    for values in ([[0.2]], [[0.2, 0.9]], [[0.2, 0.9, 0.0]]):
        found = rk.acceptability(values)
        assert found.probabilities.tolist() == [[1.0]]
        assert rk.expected_ranks(values).tolist() == [1.0]
        assert found.choice_entropy == 0.0


def test_one_criterion_is_an_order() -> None:
    found = rk.acceptability([[0.1], [0.9], [0.9]])
    assert found.probabilities.tolist() == [[0, 0, 1], [0.5, 0.5, 0], [0.5, 0.5, 0]]


def test_places_of_an_interval() -> None:
    scores = np.array([[2.0, 1.0]] * 19 + [[1.0, 2.0]])
    found = rk.of_scores(["a", "b"], scores)
    best, worst = found.interval()
    assert (best.tolist(), worst.tolist()) == ([1, 1], [1, 2])
    best, worst = found.interval(0, 1)
    assert (best.tolist(), worst.tolist()) == ([1, 1], [2, 2])
    assert found.top(1).tolist() == [0.95, 0.05]
    assert found.top(2).tolist() == [1.0, 1.0]


def test_holistic_is_one_for_the_best_of_all() -> None:
    found = rk.acceptability(np.repeat([[1.0], [0.5], [0.0]], 3, axis=1), draws=64)
    assert found.holistic == pytest.approx([1, (1 / 2 + 1 / 3) / (11 / 6), (1 / 3) / (11 / 6)])


def test_switch_weights_are_listed() -> None:
    found = rk.acceptability([[1.0, 0.0], [0.0, 0.5]], ["a", "b"])
    assert found.switches is not None
    assert found.switches["weight"] == pytest.approx([1 / 3])
    assert found.switches["better"].tolist() == ["a"]
    assert found.switches["worse"].tolist() == ["b"]
    assert found.probabilities[0, 0] == pytest.approx(2 / 3, rel=1e-12)


def test_given_weights_count_as_draws() -> None:
    found = rk.acceptability([[1.0, 0.0], [0.0, 0.5]], weights=[[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    assert (found.draws, found.drawn) == (3, "given draws")
    assert found.probabilities[0] == pytest.approx([2 / 3, 1 / 3])


def test_sampled_is_for_two_criteria_too() -> None:
    found = rk.acceptability([[1.0, 0.0], [0.0, 0.5]], method="sampled", draws=4096)
    assert found.method == "sampled"
    assert found.probabilities[0, 0] == pytest.approx(2 / 3, abs=1e-3)


@pytest.mark.parametrize(
    "given, message",
    [
        pytest.param({"values": [[1, None]]}, "row 0, column 1 is missing", id="missing"),
        pytest.param({"values": [[1, np.inf]]}, "is infinite", id="infinite"),
        pytest.param({"values": np.empty((0, 2))}, "holds no initiative", id="empty"),
        pytest.param({"values": [[1, 0]], "names": ["a", "b"]}, "holds 2 names", id="names"),
        pytest.param({"values": [[1, 0]], "ties": "dense"}, "Allowed: group", id="ties"),
        pytest.param({"values": [[1, 0]], "draws": 0}, "1 to 1,000,000", id="draws"),
        pytest.param({"values": [[1, 0]], "seed": -1}, "seed: lies outside", id="seed"),
        pytest.param({"values": [[1, 0, 1]], "method": "exact"}, "two criteria, not 3", id="exact"),
        pytest.param(
            {"values": [[1, 0]], "weights": [[0.5, 0.5]], "method": "exact"},
            "is not for drawn weights",
            id="exact of draws",
        ),
        pytest.param({"values": [[1, 0]], "weights": [[0.5, 0.6]]}, "does not add up", id="sum"),
        pytest.param({"values": [[1, 0]], "weights": [[1.5, -0.5]]}, "negative", id="negative"),
        pytest.param({"values": [[1, 0]], "weights": [[1.0]]}, "1 rows of 1 weights", id="shape"),
        pytest.param(
            {"values": [[1, 0]], "weights": rk.WeightSet(order=["impact"])},
            "is no criterion here",
            id="unknown criterion",
        ),
    ],
)
def test_bad_arguments(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        rk.acceptability(**given)


def test_bad_types() -> None:
    with pytest.raises(ArgumentTypeError, match="is neither a WeightSet nor drawn weights"):
        rk.acceptability([[1, 0]], weights={"impact": 1})  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="no number"):
        rk.acceptability([[1, "high"]])  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="is no WeightSet"):
        rk.win_probability([[1, 0]], {"impact": 1})  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="k: lies outside 1 to 1"):
        rk.acceptability([[1, 0]]).top(2)
    with pytest.raises(ArgumentError, match="high"):
        rk.acceptability([[1, 0]]).interval(0.9, 0.1)
    with pytest.raises(ArgumentError, match="is missing"):
        rk.of_scores(["a"], [[np.nan]])
    with pytest.raises(ArgumentError, match="holds no draw"):
        rk.of_scores(["a"], np.empty((0, 1)))


def test_a_long_run_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.array(THREE)
    weights = rk.WeightSet().sample(["a", "b", "c"], 500)
    whole = weighted_shares(values, weights)
    monkeypatch.setattr(_kernel, "_AT_ONCE", 30)
    monkeypatch.setattr(_kernel, "_KEPT", 100)
    assert np.array_equal(weighted_shares(values, weights), whole)


def test_large_and_negative_scores_keep_their_order() -> None:
    scores = np.array([[-1e9, 0.0, 1e9], [-3e-9, -1e-9, -2e-9]])
    assert rank_shares(scores[:1]).tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert rank_shares(scores[1:]).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def ranking(ease: float = 0.75) -> rk.Ranking:
    rated = {"naloxone": (1.0, 0.25), "mentoring": (0.5, ease)}
    return cast(
        "rk.Ranking",
        SimpleNamespace(
            initiatives=tuple(rated),
            criteria=rk.IMPACT_EASE_1_5,
            values=np.array(list(rated.values())),
        ),
    )


def test_a_ranking_brings_its_names() -> None:
    found = rk.acceptability(ranking(), weights=rk.WeightSet(order=["impact", "ease"]))
    assert found.initiatives == ("naloxone", "mentoring")
    assert found.probabilities.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert rk.expected_ranks(ranking()).tolist() == [1.5, 1.5]
    with pytest.raises(ArgumentError, match="names of its own"):
        rk.acceptability(ranking(), ["a", "b"])


def test_what_nobody_rated_is_named_and_no_zero() -> None:
    for call in (rk.acceptability, rk.win_probability, rk.expected_ranks, rk.smaa):
        with pytest.raises(ArgumentError, match=r"mentoring.* is not rated"):
            call(ranking(np.nan))


# Weight sets


def test_an_order_puts_weights_in_order() -> None:
    known = rk.WeightSet(order=["b", "a"])
    drawn = known.sample(["a", "b", "c"], 1000)
    assert (drawn[:, 1] >= drawn[:, 0]).all()
    assert drawn.mean(axis=0) == pytest.approx([1 / 6, 1 / 2, 1 / 3], abs=0.01)
    assert not drawn.flags.writeable


@pytest.mark.parametrize(
    "known, how",
    [
        pytest.param({}, _simplex.SIMPLEX, id="everything"),
        pytest.param({"order": ["a", "b", "c"]}, _simplex.SIMPLEX, id="order"),
        pytest.param({"at_least": {"a": 0.2, "b": 0.3}}, _simplex.SIMPLEX, id="lower bounds"),
        pytest.param({"at_most": {"a": 0.4}}, _simplex.REJECTION, id="upper bound"),
        pytest.param(
            {"around": {"a": 3, "b": 2, "c": 1}, "half_width": 0.15}, _simplex.REJECTION, id="range"
        ),
        pytest.param({"at_most": {"a": 0.2, "b": 0.3, "c": 0.5}}, _simplex.SIMPLEX, id="point"),
    ],
)
def test_how_weights_are_drawn(known: dict[str, Any], how: str) -> None:
    region = read_region(rk.WeightSet(**known), ["a", "b", "c"])
    drawn, said = _simplex.draw(region, 300, 1)
    assert said == how
    assert region.holds(drawn).all()


def test_a_walk_is_even_in_the_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    known = rk.WeightSet(order=["a", "b"], at_most={"a": 0.5}, at_least={"c": 0.1})
    region = read_region(known, ["a", "b", "c", "d"])
    kept, said = _simplex.draw(region, 5000, 1)
    assert said == _simplex.REJECTION
    monkeypatch.setattr(_simplex, "_LEAST_KEPT", 1.1)
    walked, said = _simplex.draw(region, 5000, 1)
    assert said == _simplex.WALK
    assert region.holds(walked).all()
    assert walked.sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert walked.mean(axis=0) == pytest.approx(kept.mean(axis=0), abs=0.01)
    assert np.cov(walked.T) == pytest.approx(np.cov(kept.T), abs=0.002)
    found = rk.acceptability(np.eye(4), criteria=["a", "b", "c", "d"], weights=known, draws=500)
    assert found.drawn == _simplex.WALK


def test_a_settled_weight_stays_while_others_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_simplex, "_LEAST_KEPT", 1.1)
    known = rk.WeightSet(at_least={"a": 0.25}, at_most={"a": 0.25, "b": 0.5})
    drawn = known.sample(["a", "b", "c", "d"], 300)
    assert drawn[:, 0] == pytest.approx(0.25, abs=1e-9)
    assert float(np.ptp(drawn[:, 1])) > 0.4


@pytest.mark.parametrize(
    "given, message",
    [
        pytest.param({"order": ["a", "a"]}, "names a criterion twice", id="order twice"),
        pytest.param({"order": "ab"}, "valid tuple", id="one text"),
        pytest.param({"at_least": {"a": 1.5}}, "less than or equal to 1", id="above one"),
        pytest.param({"at_least": [["a", 0.1], ["a", 0.2]]}, "twice", id="bound twice"),
        pytest.param({"at_least": {"a": float("nan")}}, "at_least", id="not a number"),
        pytest.param({"at_least": {"a": 0.5}, "at_most": {"a": 0.4}}, "above at_most", id="empty"),
        pytest.param({"around": {"a": 1.0}}, "together", id="no width"),
        pytest.param({"half_width": 0.1}, "together", id="nothing around"),
        pytest.param({"around": {"a": 0.0}, "half_width": 0.1}, "all zero", id="all zero"),
        pytest.param({"around": {"a": -1.0}, "half_width": 0.1}, "greater", id="negative"),
        pytest.param({"weights": {}}, "weights", id="unknown field"),
    ],
)
def test_bad_sets(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        rk.WeightSet(**given)


@pytest.mark.parametrize(
    "known, message",
    [
        pytest.param({"at_most": {"a": 0.4, "b": 0.4}}, "no weights agree", id="too little"),
        pytest.param({"at_least": {"a": 0.6, "b": 0.6}}, "no weights agree", id="too much"),
        pytest.param(
            {"order": ["a", "b"], "at_most": {"a": 0.4}}, "no weights agree", id="against the order"
        ),
        pytest.param({"order": ["impact"]}, "impact", id="unknown"),
        pytest.param({"around": {"a": 1}, "half_width": 0.1}, "no weight for some", id="one only"),
    ],
)
def test_sets_that_do_not_fit(known: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        rk.WeightSet(**known).sample(["a", "b"])


# Pairs


def test_pairs_of_a_set_that_is_no_simplex() -> None:
    known = rk.WeightSet(at_most={"a": 0.4})
    with pytest.raises(ArgumentError, match="Ask acceptability"):
        rk.expected_ranks(THREE, known, criteria=["a", "b", "c"])


def test_pairs_over_ordered_weights() -> None:
    known = rk.WeightSet(order=["a", "b", "c"])
    wins = rk.win_probability([[1, 0, 0], [0, 1, 0]], known, criteria=["a", "b", "c"])
    assert wins.tolist() == [[0.5, 1.0], [0.0, 0.5]]


def test_equal_rows_are_even_whatever_the_weights() -> None:
    values = [[0.1, 0.7, 0.3], [0.1, 0.7, 0.3], [0.2, 0.2, 0.2]]
    for known in (None, rk.WeightSet(order=["a", "b", "c"]), rk.WeightSet(at_least={"a": 0.3})):
        wins = rk.win_probability(values, known, criteria=["a", "b", "c"])
        assert wins[0, 1] == 0.5
        assert wins[0, 2] == pytest.approx(wins[1, 2], abs=0)


def test_many_pairs_go_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.Generator(np.random.PCG64(1)).random((12, 4))
    whole = rk.expected_ranks(values)
    monkeypatch.setattr("opsafe.ranking.pairwise._AT_ONCE", 5)
    assert rk.expected_ranks(values) == pytest.approx(whole, abs=1e-12)


# Values that may be off


def test_without_a_box_it_is_acceptability() -> None:
    found = rk.smaa(THREE, NAMES, draws=2000)
    same = rk.acceptability(THREE, NAMES, draws=2000)
    assert found.acceptability.probabilities == pytest.approx(same.probabilities, abs=1e-12)
    assert found.confidence[:2].tolist() == [1.0, 1.0]
    assert np.isnan(found.confidence[2])
    assert np.isnan(found.central_weights[2]).all()
    assert found.central_weights[:2].sum(axis=1) == pytest.approx(1)
    assert found.table.keys()[:4] == ("initiative", "first_probability", "holistic", "confidence")
    assert "Smaa(" in repr(found)


def test_a_box_has_one_two_or_no_axes() -> None:
    shares = [
        rk.smaa(THREE, draws=500, box=box).acceptability.probabilities
        for box in (0.1, [0.1] * 3, np.full((3, 3), 0.1))
    ]
    assert np.array_equal(shares[0], shares[1])
    assert np.array_equal(shares[0], shares[2])


def test_tied_initiatives_share_central_weights() -> None:
    found = rk.smaa([[0.5, 0.5], [0.5, 0.5]], draws=500)
    assert found.central_weights == pytest.approx(0.5, abs=0.01)
    assert found.confidence.tolist() == [1.0, 1.0]


def test_given_weights_with_a_box() -> None:
    found = rk.smaa([[1, 0], [0, 1]], weights=np.tile([0.5, 0.5], (2000, 1)), box=0.2)
    assert found.acceptability.probabilities == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    "box", [-0.1, [0.1, 0.2], np.nan, "wide"], ids=["negative", "two", "nan", "text"]
)
def test_bad_boxes(box: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match="box"):
        rk.smaa(THREE, box=box)


def test_scipy_is_not_needed() -> None:
    code = (
        "import sys; from opsafe import ranking as rk; rk.acceptability([[1, 0, 0], [0, 1, 0]]);"
        " rk.expected_ranks([[1, 0, 1], [0, 1, 0]]);"
        " sys.exit(any(name.partition('.')[0] == 'scipy' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
