"""The ranking: examples, edges and messages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError

PAIR = rk.IMPACT_EASE_1_5
SIXTY = {"impact": 60, "ease": 40}
RATERS = "abcdefg"
TREE = rk.Criteria(
    id="three",
    title="Value, and effort in two parts",
    criteria=(
        rk.Criterion(name="value", worst=0, best=10),
        rk.Criterion(name="cost", worst=500, best=100, unit="thousand USD", group="effort"),
        rk.Criterion(name="staff", worst=5, best=1, group="effort"),
    ),
)


def rated(scores: dict[str, tuple[Any, Any]], raters: str = RATERS) -> list[dict[str, Any]]:
    """The same ratings by everybody."""
    return [
        {"initiative": name, "rater": rater, "impact": impact, "ease": ease}
        for name, (impact, ease) in scores.items()
        for rater in raters
    ]


def meeting() -> list[dict[str, Any]]:
    """Seven raters who differ a little."""
    base = {"naloxone": (5, 4), "tapering": (4, 2), "dashboard": (3, 5), "mentoring": (4, 3)}
    return [
        {
            "initiative": name,
            "rater": rater,
            "impact": max(1, impact - (at + row) % 3),
            "ease": max(1, ease - (at * row) % 2),
        }
        for row, (name, (impact, ease)) in enumerate(base.items())
        for at, rater in enumerate(RATERS)
    ]


def ranked(rows: Any, **choices: Any) -> rk.Ranking:
    asked: dict[str, Any] = {"criteria": PAIR, "weights": SIXTY, "draws": 400}
    return rk.rank(rows, **(asked | choices))


def of(ranking: rk.Ranking, name: str, column: str) -> Any:
    return ranking.table[column][ranking.initiatives.index(name)]


def test_the_call_of_the_readme() -> None:
    r = rk.rank(meeting(), criteria=PAIR, weights=SIXTY, uncertainty="raters", seed=1)
    assert r.order[0] == "naloxone"
    assert (r.draws, r.seed, r.top, r.uncertainty) == (10_000, 1, 5, "raters")
    assert r.acceptability is r.acceptability_by_kind["raters"]
    assert r.drawn_values is not None and r.drawn_values.shape == (10_000, 4, 2)
    assert not r.drawn_values.flags.writeable and not r.values.flags.writeable
    assert of(r, "naloxone", "status") == "ranked"
    with pytest.raises(AttributeError):
        r.seed = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    "kind", [pd.DataFrame, pl.DataFrame, list], ids=["pandas", "polars", "records"]
)
def test_any_frame_gives_the_same(kind: Any) -> None:
    assert ranked(kind(meeting())).table == ranked(meeting()).table


def test_columns_and_a_panel_go_the_same_way() -> None:
    rows = [{"what": r["initiative"], "who": r["rater"], "impact": r["impact"], "ease": r["ease"]}
            for r in meeting()]  # fmt: skip
    renamed = ranked(rows, columns={"initiative": "what", "rater": "who"})
    panel = rk.read_ratings(meeting(), criteria=PAIR)
    assert renamed.table == ranked(panel).table == ranked(meeting()).table
    with pytest.raises(ArgumentError, match="owners: is for tables"):
        ranked(panel, owners={"naloxone": "a"})
    with pytest.raises(ArgumentError, match="not those of the panel"):
        ranked(panel, criteria=TREE, weights={"value": 1, "effort": 1})


def test_weights_of_two_criteria_are_exact() -> None:
    r = ranked(rated({"a": (4.6, 2.2), "b": (3, 3.8)}), uncertainty="weights")
    found = r.acceptability
    assert found is not None and found.method == "exact"
    # They cross at 0.5, a sixth of the way from 0.45 to 0.75.
    assert found.probabilities[:, 0] == pytest.approx([5 / 6, 1 / 6])
    assert r.by_uncertainty["top_k_standard_error_weights"].tolist() == [0, 0]
    narrow = ranked(rated({"a": (4.6, 2.2), "b": (3, 3.8)}), weight_half_width=0.05)
    assert narrow.by_uncertainty["expected_rank_weights"].tolist() == [1, 2]
    fixed = ranked(rated({"a": (4.6, 2.2), "b": (3, 3.8)}), weight_half_width=0)
    assert fixed.by_uncertainty["expected_rank_both"].tolist() == [1, 2]


def test_a_weight_set_of_ones_own() -> None:
    rows = rated({"a": (4.6, 2.2), "b": (3, 3.8)})
    r = ranked(rows, uncertainty="weights", weight_set=rk.WeightSet())
    assert r.acceptability is not None
    assert r.acceptability.probabilities[:, 0] == pytest.approx([0.5, 0.5])
    with pytest.raises(ArgumentError, match="weight_half_width: stands beside weight_set"):
        ranked(rows, weight_set=rk.WeightSet(), weight_half_width=0.1)
    with pytest.raises(ArgumentTypeError, match="weight_set: is no WeightSet"):
        ranked(rows, weight_set={"impact": 1})


def test_both_kinds_differ_and_stand_side_by_side() -> None:
    r = ranked(meeting())
    for kind in ("raters", "weights", "both"):
        table = r.by_uncertainty
        expected = table[f"expected_rank_{kind}"]
        assert expected.sum() == pytest.approx(10)
        low, high = table[f"rank_low_{kind}"], table[f"rank_high_{kind}"]
        assert (low <= high).all() and (low >= 1).all() and (high <= 4).all()
    assert r.table["rank_low"].tolist() == r.by_uncertainty["rank_low_raters"].tolist()


def test_both_is_each_draw_of_raters_with_its_draw_of_weights() -> None:
    r = ranked(meeting())
    known = rk.WeightSet(around=(("impact", 0.6), ("ease", 0.4)), half_width=0.15)
    drawn = known.sample(PAIR.names, 400, 1)
    assert r.drawn_values is not None
    scores = (r.drawn_values * drawn[:, None, :]).sum(axis=2)
    places = 1 + (scores[:, None, :] > scores[:, :, None] + 1e-12).sum(axis=2)
    expected = r.by_uncertainty["expected_rank_both"]
    assert places.mean(axis=0) == pytest.approx(expected, abs=0.02)
    alone = 1 + (
        (r.drawn_values @ [0.6, 0.4])[:, None, :] > (r.drawn_values @ [0.6, 0.4])[:, :, None]
    ).sum(axis=2)
    first = r.acceptability_by_kind["raters"]
    assert first is not None
    assert (alone == 1).mean(axis=0) == pytest.approx(first.probabilities[:, 0], abs=0.02)


def test_uncertainty_none_keeps_the_columns() -> None:
    r = ranked(meeting(), uncertainty="none")
    assert r.table.keys() == ranked(meeting()).table.keys()
    assert r.by_uncertainty.keys() == ranked(meeting()).by_uncertainty.keys()
    assert r.acceptability is None and r.drawn_values is None
    assert np.isnan(r.table["expected_rank"]).all()
    assert np.isnan(r.table["quadrant_probability"]).all()
    assert "How sure the order is was not asked for" in r.cautions
    assert r.quadrants().probability is None


def test_ties_are_an_answer() -> None:
    rows = rated({"a": (5, 3), "b": (3, 3), "c": (3, 3), "d": (1, 1)})
    shown = {
        rule: ranked(rows, ties=rule).table["rank"].tolist()
        for rule in ("group", "competition", "average")
    }
    assert shown["group"] == [1, 2, 2, 4]
    assert shown["competition"] == [1, 2, 2, 4]
    assert shown["average"] == [1, 2.5, 2.5, 4]
    r = ranked(rows)
    assert r.table["rank_last"].tolist() == [1, 3, 3, 4]
    assert r.table["expected_rank"].tolist() == [1, 2.5, 2.5, 4]
    assert "2-3  b" in repr(r)
    assert "2 initiatives share their score with another" in r.cautions
    assert r.explain("b").tied_with == ("c",)


def test_all_equal_is_one_tie() -> None:
    r = ranked(rated({"a": (3, 3), "b": (3, 3), "c": (3, 3)}))
    assert r.table["rank_group"].tolist() == [1, 1, 1]
    assert r.table["rank_last"].tolist() == [3, 3, 3]
    assert r.table["expected_rank"].tolist() == [2, 2, 2]
    assert "All scores are equal: there is one tie, and no order" in r.cautions
    assert r.agreement.kendall["impact"].w is None
    told = r.explain("a")
    assert told.above is None and told.below is None and told.tied_with == ("b", "c")
    assert len(told.rivals) == 0
    assert "not defined" in r.memo()


@pytest.mark.parametrize("raters", ["a", "ab"], ids=["one", "two"])
def test_too_few_raters_is_a_labelled_answer(raters: str) -> None:
    r = ranked(rated({"a": (5, 3), "b": (3, 3)}, raters))
    assert r.order == ("a", "b")
    assert set(r.table["status"]) == {"too few raters"}
    assert r.acceptability is None and r.drawn_values is None
    assert np.isnan(r.table["rank_low"]).all() and np.isnan(r.table["top_k_probability"]).all()
    assert not np.isnan(r.by_uncertainty["rank_low_weights"]).any()
    assert np.isnan(r.by_uncertainty["rank_low_both"]).all()
    assert any(f"too few raters: {len(raters)}, 3 are needed" in each for each in r.cautions)
    assert np.isnan(r.table["quadrant_probability"]).all()
    assert set(ranked(rated({"a": (5, 3)}, raters), uncertainty="weights").table["status"]) == {
        "ranked"
    }


def test_raters_who_rated_nothing_are_not_resampled() -> None:
    rows = rated({"a": (5, 3), "b": (3, 3)}, "ab")
    blank = [row | {"rater": "c", "impact": None, "ease": None} for row in rows[:1]]
    assert ranked(rows + blank).acceptability is None


def test_too_few_ratings_of_one_initiative() -> None:
    rows = [*meeting(), *rated({"late": (4, 4)}, "ab")]
    r = ranked(rows)
    assert of(r, "late", "status") == "too few ratings"
    assert of(r, "late", "raters") == 2
    assert np.isnan(of(r, "late", "rank_low")) and np.isnan(of(r, "late", "quadrant_probability"))
    assert of(r, "late", "rank") > 0
    assert of(r, "naloxone", "rank_low") >= 1
    at = r.initiatives.index("late")
    assert not np.isnan(r.by_uncertainty["rank_low_weights"][at])
    assert any("fewer than 3 rated a criterion that counts: late" in each for each in r.cautions)


def test_what_nobody_rated_has_bounds_and_no_rank() -> None:
    rows = [*rated({"a": (5, 3), "b": (3, 3)}), *rated({"new": (3, None)})]
    r = ranked(rows)
    assert r.order == ("a", "b")
    assert np.isnan(of(r, "new", "score")) and np.isnan(of(r, "new", "rank"))
    assert (of(r, "new", "score_low"), of(r, "new", "score_high")) == (0.3, 0.7)
    assert of(r, "new", "status") == "not rated: ease"
    assert of(r, "new", "quadrant") is None
    assert of(r, "a", "rank_last") == 1 and r.ranks.first.tolist() == [1, 2, 0]
    assert r.acceptability is not None and r.acceptability.initiatives == ("a", "b")
    told = r.explain("new")
    assert told.rank == "none" and told.above is None
    assert "between 0.300 and 0.700" in str(told)
    assert r.audit.counts.not_ranked == 1


def test_nothing_ranked_at_all() -> None:
    r = ranked(rated({"a": (None, 3), "b": (3, None)}))
    assert r.order == () and r.acceptability is None
    assert r.by_uncertainty.keys() == ranked(meeting()).by_uncertainty.keys()
    assert "No initiative is ranked" in r.memo()
    assert json.loads(r.to_json())["table"][0]["score"] is None


def test_a_criterion_without_weight_may_be_unrated() -> None:
    rows = rated({"a": (5, None), "b": (3, None)})
    r = ranked(rows, weights={"impact": 1, "ease": 0})
    assert r.scores.tolist() == [1, 0.5]
    assert r.table["expected_rank"].tolist() == [1, 2]
    assert r.by_uncertainty["expected_rank_weights"].tolist() == [1, 2]
    told = r.explain("b").above
    assert told is not None and told.weight_change.size is None
    own = ranked(rows, weights={"impact": 1, "ease": 0}, weight_set=rk.WeightSet())
    assert np.isnan(own.by_uncertainty["rank_low_weights"]).all()
    assert any("not rated" in each for each in own.cautions)


def test_recused_owners_do_not_count() -> None:
    rows = rated({"a": (4, 4), "b": (4, 4)})
    rows[0] |= {"impact": 1}
    assert ranked(rows).order == ("b", "a")
    r = ranked(rows, owners={"a": "a"})
    assert r.table["rank_group"].tolist() == [1, 1]
    assert r.audit.counts.set_aside == {"recused_owner": 2}
    assert "2 ratings of owners of the initiative are set aside" in r.cautions


def test_quadrants_with_their_cuts_and_labels() -> None:
    r = ranked(meeting())
    assert r.quadrants().quadrant == tuple(r.table["quadrant"])
    assert r.quadrants().own_probability.tolist() == r.table["quadrant_probability"].tolist()
    assert r.quadrants("median").relative
    own = r.quadrants({"impact": 4.5, "ease": 1}, {"quick_win": "Do now"})
    assert own.cut == "given" and own.labels["quick_win"] == "Do now"
    given = ranked(meeting(), cut={"impact": 4.5, "ease": 1})
    assert tuple(given.table["quadrant"]) == own.quadrant
    assert given.audit.settings["cut"] == "ease 1, impact 4.5"
    with pytest.raises(ArgumentError, match="cut"):
        ranked(meeting(), cut="mean")


def test_other_criteria_choose_their_axes() -> None:
    rows = [
        {"initiative": name, "rater": rater, "value": value, "cost": cost, "staff": staff}
        for name, (value, cost, staff) in {"a": (8, 150, 2), "b": (3, 450, 5)}.items()
        for rater in RATERS
    ]
    r = ranked(rows, criteria=TREE, weights={"value": 50, "effort": 50})
    assert r.weights.values.tolist() == [0.5, 0.25, 0.25]
    assert r.table["quadrant"].tolist() == [None, None]
    assert any("quadrants(impact=..., ease=...)" in each for each in r.cautions)
    assert r.quadrants(impact="value", ease="cost").quadrant == ("quick_win", "thankless")
    with pytest.raises(ArgumentError, match="no criterion"):
        r.quadrants()
    assert r.acceptability_by_kind["weights"].method == "sampled"  # type: ignore[union-attr]
    assert r.order == ("a", "b")


def test_one_criterion_alone() -> None:
    only = rk.Criteria(id="one", title="One", criteria=(PAIR.named("impact"),))
    rows = [
        {"initiative": n, "rater": x, "impact": v} for n, v in (("a", 4), ("b", 2)) for x in "abc"
    ]
    r = ranked(rows, criteria=only, weights={"impact": 1})
    assert r.by_uncertainty["expected_rank_weights"].tolist() == [1, 2]
    assert r.explain("b").above.wins_weights == 0  # type: ignore[union-attr]


def test_borda_says_what_it_gives_up() -> None:
    r = ranked(meeting(), aggregate="borda")
    assert any("Borda points count places" in each for each in r.cautions)
    assert any("quadrants are relative" in each for each in r.cautions)
    assert r.explain("naloxone").contributions["unit"].tolist() == ["Borda points"] * 2
    above = r.explain(r.order[1]).above
    assert above is not None and len(above.value_changes) == 0


def test_no_result_names_a_rater() -> None:
    rows = [row | {"rater": f"Dr. Zebra {row['rater']}"} for row in meeting()]
    rows += [{"initiative": "late", "rater": "dr. zebra a", "impact": 3, "ease": 3}]
    r = ranked(rows, owners={"tapering": "Dr. Zebra b"})
    told = [r.to_json(), r.memo(), repr(r), r._repr_html_(), str(r.explain("naloxone"))]
    assert any("Names of raters differ" in each for each in r.cautions)
    assert not any("zebra" in text.lower() for text in told)


def test_seed_and_draws_move_only_what_is_drawn() -> None:
    first, other = ranked(meeting()), ranked(meeting(), seed=2)
    assert first.table["score"].tolist() == other.table["score"].tolist()
    assert first.by_uncertainty["expected_rank_raters"].tolist() != (
        other.by_uncertainty["expected_rank_raters"].tolist()
    )
    assert first.audit.inputs_hash != other.audit.inputs_hash
    assert first.by_uncertainty["expected_rank_weights"].tolist() == (
        other.by_uncertainty["expected_rank_weights"].tolist()
    )


def test_planning_values_and_editions_are_named() -> None:
    r = ranked(meeting())
    table = r.inputs
    planned = {
        name
        for name, origin in zip(table["input"], table["origin"], strict=True)
        if origin == "planning value"
    }
    assert {"weight_half_width", "rank_interval_low", "least_raters_to_resample"} <= planned
    assert [each.id for each in r.editions] == ["2026-01"]
    given = ranked(meeting(), weight_half_width=0.1).inputs
    row = given["input"].tolist().index("weight_half_width")
    assert (given["value"][row], given["origin"][row]) == ("0.1", "given")


@pytest.mark.parametrize(
    "choices, error, words",
    [
        ({"weights": {"impact": -1, "ease": 1}}, ArgumentError, "weights"),
        ({"weights": {"impact": 0, "ease": 0}}, ArgumentError, "all zero"),
        ({"weights": {"impact": 1}}, ArgumentError, "ease"),
        ({"aggregate": "mode"}, ArgumentError, "aggregate"),
        ({"ties": "none"}, ArgumentError, "ties"),
        ({"uncertainty": "rater"}, ArgumentError, "Did you mean 'raters'"),
        ({"uncertainty": None}, ArgumentTypeError, "uncertainty"),
        ({"top": 0}, ArgumentError, "top"),
        ({"draws": 0}, ArgumentError, "draws"),
        ({"draws": 1.5}, ArgumentTypeError, "draws"),
        ({"seed": -1}, ArgumentError, "seed"),
        ({"weight_half_width": float("nan")}, ArgumentError, "weight_half_width"),
        ({"weight_half_width": 2}, ArgumentError, "weight_half_width"),
        ({"defaults": "1999"}, EditionNotFoundError, "1999"),
        ({"criteria": "impact"}, ArgumentTypeError, "criteria"),
        ({"owners": {"nalokson": "a"}}, ArgumentError, "naloxone"),
        ({"columns": {"initiative": "what"}}, ValueError, "what"),
        ({"cut": {"impact": 9, "ease": 3}}, ArgumentError, "cut"),
    ],
    ids=range(18),
)
def test_what_cannot_be_used_is_named(
    choices: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ranked(meeting(), **choices)


def test_more_draws_than_memory_is_refused() -> None:
    names = {f"initiative {at}": (3, 3) for at in range(60)}
    with pytest.raises(ArgumentError, match="draws: so many draws"):
        ranked(rated(names, "abc"), draws=1_000_000)


def test_json_and_html() -> None:
    r = ranked([*meeting(), *rated({"<b>new</b>": (3, None)})])
    told = json.loads(r.to_json())
    assert told["schema_version"] == 1
    assert len(told["table"]) == len(told["values"]) == 5
    assert told["table"][4]["score"] is None and told["values"][4]["ease"] is None
    assert told["audit"]["inputs_hash"] == r.audit.inputs_hash
    assert "<b>new</b>" not in r._repr_html_()
    assert "rater" not in json.dumps(told["table"][0]["initiative"])


def test_the_picture_of_many_is_short() -> None:
    r = ranked(rated({f"initiative {at:02}": (3, 1 + at / 10) for at in range(20)}, "abc"))
    assert "and 8 more" in repr(r)
    assert r._repr_html_().count("<tr>") == 21


def test_tables_go_to_every_library() -> None:
    rows = [
        {"initiative": name, "rater": rater, "value": 5, "cost": cost, "staff": 3}
        for name, cost in (("a", 150), ("b", None))
        for rater in "ab"
    ]
    r = ranked(rows, criteria=TREE, weights={"value": 50, "effort": 50})
    for table in (r.table, r.by_uncertainty, r.inputs, r.explain("a").rivals):
        frames = table.to_pandas(), table.to_polars(), table.to_arrow()
        assert {len(frame) for frame in frames} == {len(table)}
        assert frames[2].column_names == list(table.keys())
    assert r.table.to_polars()["rank_low"].to_list() == [None, None]
    assert r.table.to_arrow()["quadrant"].to_pylist() == [None, None]
    assert r.table.to_pandas()["rank_last"].isna().tolist() == [False, True]
