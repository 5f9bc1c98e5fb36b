"""Criteria, weights, ratings, ties and quadrants: examples, edges and messages."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from opsafe import ranking as rk
from opsafe.columns import Columns
from opsafe.errors import ArgumentError, ArgumentTypeError, ColumnError, DocumentError
from opsafe.ranking._resample import drawn_values, rater_weights
from opsafe.ranking._values import BORDA_CAUTION, read_aggregate, score_counts, value_counts

PAIR = rk.IMPACT_EASE_1_5
NAN = float("nan")
COST = rk.Criterion(name="cost", worst=500, best=100, unit="thousand USD", group="ease")
TREE = rk.Criteria(
    id="tree",
    title="Impact, and ease in two parts",
    criteria=(
        rk.Criterion(name="impact", worst=0, best=10),
        COST,
        rk.Criterion(name="staff", worst=1, best=5, group="ease"),
    ),
)


def one(**fields: Any) -> dict[str, Any]:
    return {"initiative": "naloxone", "rater": "a", "impact": 3, "ease": 3} | fields


def read(*records: dict[str, Any], **arguments: Any) -> rk.Panel:
    return rk.read_ratings(list(records), criteria=PAIR, **arguments)


# ---------------------------------------------------------------------------------- criteria


def test_anchors_may_count_downwards() -> None:
    assert (COST.low, COST.high, COST.midpoint) == (100, 500, 300)
    assert COST.anchored([500, 300, 100, NAN]).tolist()[:3] == [0, 0.5, 1]
    assert COST.anchored_exactly(400) == Fraction(1, 4)
    assert COST.in_unit([0, 0.5, 1]).tolist() == [500, 300, 100]


def test_the_ready_pair_has_a_label_for_each_step() -> None:
    for each in PAIR.criteria:
        assert [step.value for step in each.steps] == [1, 2, 3, 4, 5]
        assert (each.worst, each.best) == (1, 5)
    assert PAIR.named("impact").says(1) == "The same as doing nothing"
    assert PAIR.named("impact").says(1.5) is None
    assert PAIR.named("impact").label == "Impact"
    assert COST.label == "cost"


def test_criteria_come_back_from_json_and_have_a_schema() -> None:
    for each in (PAIR, TREE):
        assert rk.Criteria.from_json(each.to_json()) == each
    assert "criteria" in rk.Criteria.model_json_schema()["properties"]
    assert TREE.groups == {"ease": ("cost", "staff")}


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"worst": 1, "best": 1}, "nothing between"),
        ({"worst": 1, "best": float("inf")}, "best"),
        ({"worst": 1, "best": 5, "steps": (rk.Step(value=6, label="x"),)}, "outside 1 to 5"),
        ({"worst": 1, "best": 5, "steps": (rk.Step(value=2, label="x"),) * 2}, "twice"),
        ({"worst": 1, "best": 5, "name": "rater"}, "column of every table"),
        ({"worst": 1, "best": 5, "weight": 2}, "weight"),
        ({"worst": 1}, "best"),
    ],
    ids=["equal", "infinite", "step-outside", "step-twice", "name-taken", "unknown", "no-best"],
)
def test_a_criterion_that_cannot_be(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        rk.Criterion(**({"name": "x"} | fields))


def test_names_stand_for_one_thing() -> None:
    plain = rk.Criterion(name="x", worst=0, best=1)
    grouped = rk.Criterion(name="y", worst=0, best=1, group="x")
    for criteria in ((plain, plain), (plain, grouped), ()):
        with pytest.raises(DocumentError, match="criteria"):
            rk.Criteria(id="a", title="b", criteria=criteria)
    with pytest.raises(ArgumentError, match="impact"):
        PAIR.named("impct")
    wrong: Any = None
    with pytest.raises(ArgumentTypeError):
        PAIR.named(wrong)


# ----------------------------------------------------------------------------------- weights


def test_weights_of_groups_are_split() -> None:
    even = rk.read_weights({"impact": 1, "ease": 1}, TREE)
    assert even.values.tolist() == [0.5, 0.25, 0.25]
    split = rk.read_weights({"impact": 1, "ease": 1}, TREE, {"ease": {"cost": 3, "staff": 1}})
    assert split.values.tolist() == [0.5, 0.375, 0.125]
    flat = rk.read_weights({"impact": 2, "cost": 1, "staff": 1}, TREE)
    assert flat.values.tolist() == even.values.tolist()
    assert rk.read_weights(even, TREE) is even
    assert even.given == (("impact", 1.0), ("ease", 1.0))


def test_weights_read_numbers_of_any_library() -> None:
    for one_third in (Fraction(1, 3), Decimal("0.5"), np.float64(2), np.int64(7), 0.1):
        found = rk.read_weights({"impact": one_third, "ease": one_third}, PAIR)  # type: ignore[dict-item]
        assert found.values.tolist() == [0.5, 0.5]
    thirds = rk.swing_weights({"impact": 10, "cost": 10, "staff": 10}, TREE)
    assert len(set(thirds.counts.tolist())) == 1
    assert thirds.given[0] == ("impact", 100.0)
    assert not thirds.values.flags.writeable and not thirds.counts.flags.writeable


def test_order_alone_gives_centroids() -> None:
    found = rk.rank_order_centroid(["staff", "impact", "cost"], TREE)
    assert found.values == pytest.approx([5 / 18, 2 / 18, 11 / 18], abs=1e-6)
    tied = rk.rank_order_centroid(["impact", ("cost", "staff")], TREE)
    assert tied.values == pytest.approx([11 / 18, 7 / 36, 7 / 36], abs=1e-6)
    groups = rk.rank_order_centroid(["ease", "impact"], TREE, {"ease": {"cost": 2, "staff": 1}})
    assert groups.values.tolist() == [0.25, 0.5, 0.25]
    assert groups.method == "rank-order centroid"


@pytest.mark.parametrize(
    "weights, told",
    [
        ({"impact": -1, "ease": 2}, r"weights\['impact'\].*outside"),
        ({"impact": NAN, "ease": 2}, "NaN"),
        ({"impact": float("inf"), "ease": 2}, "outside"),
        ({"impact": 0, "ease": 0}, "all zero"),
        ({"impact": 1}, "nothing for ease"),
        ({"impact": 1, "ease": 1, "cost": 1}, "cost"),
        ({}, "nothing for impact, ease"),
        ({"impact": 1e12, "ease": 1e-9}, "too small to count"),
    ],
    ids=["negative", "nan", "infinite", "zero", "missing", "unknown", "empty", "too-small"],
)
def test_weights_that_cannot_be(weights: dict[str, float], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        rk.read_weights(weights, PAIR)


@pytest.mark.parametrize(
    "call",
    [
        lambda: rk.read_weights([1, 2], PAIR),  # type: ignore[arg-type]
        lambda: rk.read_weights({"impact": "60", "ease": 40}, PAIR),  # type: ignore[dict-item]
        lambda: rk.read_weights({"impact": True, "ease": 40}, PAIR),
        lambda: rk.read_weights({1: 1}, PAIR),  # type: ignore[dict-item]
        lambda: rk.read_weights({"impact": 1}, None),  # type: ignore[arg-type]
        lambda: rk.read_weights({"impact": 1, "ease": 1}, TREE, [1]),  # type: ignore[arg-type]
        lambda: rk.rank_order_centroid("impact", PAIR),
        lambda: rk.rank_order_centroid(["impact", 4], PAIR),  # type: ignore[list-item]
    ],
    ids=["list", "text", "truth", "name", "anchors", "within", "order", "order-number"],
)
def test_weights_of_a_wrong_kind(call: Any) -> None:
    with pytest.raises(ArgumentTypeError):
        call()


def test_weights_that_do_not_fit_their_criteria() -> None:
    with pytest.raises(ArgumentError, match="twice"):
        rk.rank_order_centroid(["impact", "ease", "impact"], PAIR)
    with pytest.raises(ArgumentError, match="nothing for ease"):
        rk.rank_order_centroid(["impact"], PAIR)
    with pytest.raises(ArgumentError, match="are of impact, ease"):
        rk.read_weights(rk.read_weights({"impact": 1, "ease": 1}, PAIR), TREE)
    with pytest.raises(ArgumentError, match="group"):
        rk.read_weights({"impact": 1, "ease": 1}, PAIR, {"ease": {"cost": 1}})
    with pytest.raises(ArgumentError, match=r"within\['ease'\]: are all zero"):
        rk.read_weights({"impact": 1, "ease": 1}, TREE, {"ease": {"cost": 0, "staff": 0}})
    with pytest.raises(ArgumentError, match="cost"):
        rk.read_weights({"impact": 1, "ease": 1, "cost": 1, "staff": 1}, TREE)


# ----------------------------------------------------------------------------------- ratings


def test_every_kind_of_table_gives_the_same_panel() -> None:
    records = [
        one(),
        one(rater="b", impact=5, ease=None),
        one(initiative="ED-Bridge", impact=None, ease=None),
    ]
    columns = {name: [record[name] for record in records] for name in records[0]}
    frame = pd.DataFrame(records)
    wanted = read(*records)
    assert wanted.initiatives == ("naloxone", "ED-Bridge") and wanted.raters == ("a", "b")
    assert wanted.counts.tolist() == [[2, 1], [0, 0]]
    assert wanted.set_aside["row"].tolist() == [1, 2, 2]
    assert not wanted.scores.flags.writeable
    tables = (columns, frame, pl.DataFrame(records), pl.DataFrame(records).to_arrow())
    for table in (*tables, frame.convert_dtypes()):
        found = rk.read_ratings(table, criteria=PAIR)
        assert np.array_equal(found.scores, wanted.scores, equal_nan=True)
        assert found.set_aside == wanted.set_aside


def test_columns_are_mapped_and_one_rater_needs_no_name() -> None:
    table = {"Project": ["x", "y"], "Benefit": [4, 2], "Effort": [1, 5]}
    names = {"initiative": "Project", "impact": "Benefit", "ease": "Effort"}
    panel = rk.read_ratings(table, criteria=PAIR, columns=names)
    assert panel.raters == ("panel",)
    assert panel.scores[:, 0].tolist() == [[4, 1], [2, 5]]
    long = {"what": ["x"], "criterion": ["ease"], "score": [Decimal("2.5")]}
    found = rk.read_ratings(long, criteria=PAIR, columns={"initiative": "what"})
    assert found.scores[0, 0, 1] == 2.5 and np.isnan(found.scores[0, 0, 0])


def test_blank_text_is_missing_and_text_is_read_only_where_asked() -> None:
    assert np.isnan(read(one(impact=" ")).scores[0, 0, 0])
    with pytest.raises(ArgumentTypeError, match=r"'impact'\]: is no number in row 0.*as_text"):
        read(one(impact="4"))
    text = read(one(impact="4", ease=""), numbers_as_text=True)
    assert text.scores[0, 0, 0] == 4 and np.isnan(text.scores[0, 0, 1])
    with pytest.raises(ArgumentTypeError, match="is no number"):
        read(one(impact="four"), numbers_as_text=True)


def test_owners_do_not_rate_their_own() -> None:
    panel = read(
        one(), one(rater="b"), one(initiative="y"), owners={"naloxone": "a", "y": ["b", "c"]}
    )
    assert panel.rated[:, :, 0].tolist() == [[False, True], [True, False]]
    aside = panel.set_aside
    assert aside["reason"].tolist() == ["recused_owner"] * 2
    assert aside["rater"].tolist() == ["a", "a"] and aside["criterion"].tolist()[1] == "ease"


@pytest.mark.parametrize(
    "fields, error, told",
    [
        ({"impact": 6}, ArgumentError, "outside the anchors of 'impact', 1 to 5 in row 1"),
        ({"impact": 0}, ArgumentError, "outside"),
        ({"impact": float("inf")}, ArgumentError, "infinite in row 1"),
        ({"impact": 10**400}, ArgumentError, "infinite in row 1"),
        ({"impact": True}, ArgumentTypeError, "no number in row 1"),
        ({"impact": [3]}, ArgumentTypeError, "no number in row 1"),
        ({"rater": "a"}, ArgumentError, "twice by one rater: rows 0, 1"),
        ({"rater": None}, ArgumentError, "'rater'\\]: is missing in row 1"),
        ({"initiative": " "}, ArgumentError, "'initiative'\\]: is missing in row 1"),
    ],
    ids=[
        "above",
        "below",
        "infinite",
        "huge",
        "truth",
        "list",
        "twice",
        "no-rater",
        "no-initiative",
    ],
)
def test_a_rating_that_cannot_be(fields: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        read(one(), one(**({"rater": "b"} | fields)))


def test_tables_that_cannot_be() -> None:
    with pytest.raises(ArgumentError, match="holds no row"):
        read()
    with pytest.raises(ColumnError, match="no column for 'ease'"):
        rk.read_ratings({"initiative": ["x"], "impact": [3]}, criteria=PAIR)
    with pytest.raises(ColumnError, match="initiative"):
        rk.read_ratings({"impact": [3], "ease": [3]}, criteria=PAIR)
    with pytest.raises(ArgumentError, match="'effort' is no criterion"):
        rk.read_ratings([{"initiative": "x", "criterion": "effort", "score": 3}], criteria=PAIR)
    with pytest.raises(ArgumentTypeError):
        rk.read_ratings([one()], criteria=["impact"])  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError):
        rk.read_ratings(5, criteria=PAIR)
    with pytest.raises(ArgumentError, match="naloxone"):
        read(one(), owners={"naloxon": "a"})
    for owners in ([1], {"naloxone": 5}, {"naloxone": [5]}):
        with pytest.raises(ArgumentTypeError):
            read(one(), owners=owners)


def test_names_that_differ_by_case_alone_are_told() -> None:
    panel = read(one(), one(initiative="Naloxone"), one(rater="b"))
    assert panel.initiatives == ("naloxone", "Naloxone")
    assert len(panel.cautions) == 1 and "'Naloxone'" in panel.cautions[0]


# ------------------------------------------------------------------------- values and scores


def test_values_are_exact_and_rounded_once() -> None:
    panel = read(one(impact=1), one(rater="b", impact=1), one(rater="c", impact=2, ease=None))
    for how, impact in (("mean", 83_333), ("median", 0)):
        counts, known = value_counts(panel, how)  # type: ignore[arg-type]
        assert counts.tolist() == [[impact, 500_000]] and known.all()
    points, known = value_counts(panel, "borda")
    assert not known.any() and points.tolist() == [[0, 0]]


def test_long_decimals_stay_exact() -> None:
    fine = rk.Criteria(
        id="fine", title="Fine", criteria=(rk.Criterion(name="x", worst=0.1, best=999_999.7),)
    )
    rows = [{"initiative": "i", "rater": at, "x": 0.123456789012345 + at / 7e9} for at in range(9)]
    counts, _ = value_counts(rk.read_ratings(rows, criteria=fine), "mean")
    exact = sum(Fraction(str(row["x"])) - Fraction("0.1") for row in rows) / 9
    assert counts.tolist() == [[round(exact / Fraction("999999.6") * 10**6)]]


def test_borda_counts_places() -> None:
    scores = {"a": (5, 4, 3), "b": (2, 2, 1), "c": (3, None, None)}
    panel = read(
        *(
            one(initiative=f"i{at}", rater=rater, impact=score, ease=None)
            for rater, given in scores.items()
            for at, score in enumerate(given)
        )
    )
    counts, known = value_counts(panel, "borda")
    # a: 1, 1/2, 0; b: 3/4, 3/4, 0; c rated one only.
    assert counts[:, 0].tolist() == [875_000, 625_000, 0]
    assert known.tolist() == [[True, False]] * 3
    assert "reorder" in BORDA_CAUTION


def test_thirds_tie_what_is_equal() -> None:
    weights = rk.read_weights({"impact": 1, "cost": 1, "staff": 1}, TREE)
    values = np.array([[700_000, 100_000, 0], [0, 700_000, 100_000], [100_000, 0, 700_000]])
    assert set(score_counts(values, weights).tolist()) == {266_667}
    assert score_counts(np.full((1, 3), 1_000_000), weights).tolist() == [1_000_000]


def test_aggregates_are_words() -> None:
    assert read_aggregate("median") == "median"
    with pytest.raises(ArgumentError, match="mean"):
        read_aggregate("meen")


# --------------------------------------------------------------------------------- resampling


def test_resampled_means_spread_as_a_standard_error() -> None:
    given = [1, 2, 2, 4, 5, 5, 5]
    panel = read(*(one(rater=f"r{at}", impact=score) for at, score in enumerate(given)))
    drawn = drawn_values(panel, rater_weights(panel.raters, 40_000, 3), "mean")[:, 0]
    anchored = (np.array(given) - 1) / 4
    assert drawn[:, 0].mean() == pytest.approx(anchored.mean(), abs=0.005)
    assert drawn[:, 0].std() == pytest.approx(anchored.std(ddof=1) / 7**0.5, rel=0.02)
    assert drawn[:, 1] == pytest.approx(np.full(40_000, 0.5))


def test_raters_keep_their_stream_and_two_are_too_few() -> None:
    names = ("a", "b", "c")
    first = rater_weights(names, 5, 1)
    assert (first == rater_weights(names, 5, 1)).all()
    assert (first != rater_weights(names, 5, 2)).any()
    assert rater_weights(names[::-1], 5, 1) == pytest.approx(first[:, ::-1])
    with pytest.raises(ArgumentError, match="2 raters are too few"):
        rater_weights(names[:2], 5, 1)


# --------------------------------------------------------------------- ties and quadrants


def test_one_rule_numbers_ties() -> None:
    counts = np.array([5, 7, 7, 1])
    shown = {rule: rk.rank_counts(counts, rule).shown.tolist() for rule in ("group", "average")}
    assert shown == {"group": [3, 1, 1, 4], "average": [3, 1.5, 1.5, 4]}
    assert rk.rank_counts(counts, "competition").shown.tolist() == [3, 1, 1, 4]
    assert rk.rank_counts(np.array([], np.int64)).first.tolist() == []
    with pytest.raises(ArgumentError, match="competition"):
        rk.rank_counts(counts, "dense")  # type: ignore[arg-type]


def test_cuts_and_labels_are_the_callers() -> None:
    values = np.array([[1.0, 0.0], [0.5, 0.75], [0.25, 0.25], [NAN, 1.0]])
    names = ["a", "b", "c", "d"]
    plain = rk.quadrants(names, values, PAIR)
    assert plain.quadrant == ("major_project", "quick_win", "thankless", None)
    assert plain.on_the_line.tolist() == [False, True, False, False]
    assert (plain.cut, plain.relative) == ("midpoint", False)
    assert np.isnan(plain.own_probability).all()
    median = rk.quadrants(names, values, PAIR, cut="median", labels={"quick_win": "Implement"})
    assert median.relative and median.cuts == {"impact": 3.0, "ease": 3.0}
    assert median.table["label"].tolist()[1] == "Implement"
    given = rk.quadrants(names, values, PAIR, cut={"impact": 4, "ease": 1})
    assert given.quadrant == ("quick_win", "fill_in", "fill_in", None)
    assert given.cut == "given" and isinstance(given.table, Columns)
    assert given.table.keys() == plain.table.keys()


def test_less_is_better_where_the_anchors_say_so() -> None:
    found = rk.quadrants(
        ["cheap", "dear"], np.array([[1, 0.9, 1], [1, 0.1, 1]]), TREE, axes=("impact", "cost")
    )
    assert found.quadrant == ("quick_win", "major_project")
    assert found.cuts == {"impact": 5.0, "cost": 300.0}


def test_quadrants_of_draws() -> None:
    values = np.array([[0.6, 0.6], [0.4, NAN]])
    drawn = np.array([values, values - 0.2, values, values])
    found = rk.quadrants(["a", "b"], values, PAIR, drawn=drawn)
    assert found.probability is not None
    assert found.probability[0].tolist() == [0.75, 0, 0, 0.25]
    assert np.isnan(found.probability[1]).all()
    assert found.own_probability[0] == 0.75
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize(
    "arguments, told",
    [
        ({"axes": ("impact", "effort")}, "effort"),
        ({"axes": ("impact", "impact")}, "names 'impact' twice"),
        ({"cut": "middle"}, "midpoint"),
        ({"cut": {"impact": 3}}, "ease"),
        ({"cut": {"impact": 3, "ease": 9}}, r"cut\['ease'\]"),
        ({"labels": {"winner": "x"}}, "quick_win"),
        ({"labels": {"quick_win": ""}}, "no text"),
        ({"labels": ["x"]}, "mapping"),
    ],
    ids=["axis", "axes", "cut", "cut-missing", "cut-outside", "label", "label-empty", "labels"],
)
def test_quadrants_that_cannot_be(arguments: Any, told: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=told):
        rk.quadrants(["a"], np.array([[0.5, 0.5]]), PAIR, **arguments)


def test_no_median_without_values() -> None:
    with pytest.raises(ArgumentError, match="median"):
        rk.quadrants(["a"], np.array([[NAN, 0.5]]), PAIR, cut="median")
