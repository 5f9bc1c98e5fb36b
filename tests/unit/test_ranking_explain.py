"""Explanations, the memo and the audit record of a ranking."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from opsafe import ranking as rk
from opsafe.errors import ArgumentError, ArgumentTypeError, DocumentError
from tests.unit.test_ranking_rank import PAIR, RATERS, meeting, of, ranked, rated

PLAIN = rk.Criteria(
    id="plain",
    title="Without steps",
    criteria=(
        rk.Criterion(name="impact", worst=0, best=100),
        rk.Criterion(name="ease", worst=100, best=0, label="Effort"),
    ),
)


def test_contributions_add_up_to_the_score() -> None:
    r = ranked(rated({"a": (5, 3), "b": (3, 3)}))
    told = r.explain("a")
    assert (told.rank, told.score, told.quadrant) == ("1", 0.8, "quick_win")
    table = told.contributions
    assert table["value"].tolist() == [5, 3]
    assert table["points"].tolist() == pytest.approx([60, 20])
    assert table["raters"].tolist() == [7, 7] and table["sd"].tolist() == [0, 0]


def test_the_next_rivals_and_what_brings_them_level() -> None:
    r = ranked(rated({"a": (4.6, 2.2), "b": (3, 3.8), "c": (3, 3.8), "d": (1, 1)}))
    told = r.explain("b")
    assert told.tied_with == ("c",)
    above, below = told.above, told.below
    assert above is not None and below is not None
    assert (above.initiative, below.initiative) == ("a", "d")
    assert above.gap == pytest.approx(0.08)
    assert above.weight_change.status == "swap"
    assert above.weight_change.size == pytest.approx(0.1)
    # b needs 0.08 more: 0.08 / 0.6 of four points of impact, or 0.08 / 0.4 of ease.
    assert above.value_changes["change"].tolist() == pytest.approx([0.533333, 0.8], abs=1e-5)
    assert above.wins_raters == 0
    assert above.wins_weights == pytest.approx(0.5)
    assert below.wins_weights == 1
    assert told.rivals["rival"].tolist() == ["a", "d"]
    assert told.rivals["side"].tolist() == ["above", "below"]
    a = r.explain("a")
    assert a.above is None and a.below is not None and a.below.also == ("c",)
    assert "Next below: b (with c), 8.00 points away" in str(a)


def test_one_rating_that_swaps() -> None:
    rows = rated({"a": (3, 3), "b": (3, 3)}, "abc")
    rows[0] |= {"impact": 4}
    r = ranked(rows)
    change = r.explain("b").above.rating_change  # type: ignore[union-attr]
    assert change == rk.RatingChange("impact", 3, 4, passes=False)
    down = r.explain("a").below.rating_change  # type: ignore[union-attr]
    assert down == rk.RatingChange("impact", 4, 3, passes=False)


def test_one_rating_may_not_be_enough() -> None:
    r = ranked(rated({"a": (5, 5), "b": (1, 1)}))
    above = r.explain("b").above
    assert above is not None and above.rating_change is None
    assert np.isnan(above.value_changes["level_at"]).all()
    assert above.weight_change.status == "dominated"
    assert np.isnan(r.explain("b").rivals["weight_change"]).all()
    assert "no single rating tried does it" in str(r.explain("b"))


def test_a_rating_without_steps_is_tried_at_its_anchors() -> None:
    rows = rated({"a": (50, 50), "b": (40, 50)}, "abc")
    r = ranked(rows, criteria=PLAIN, weights={"impact": 1, "ease": 1})
    change = r.explain("b").above.rating_change  # type: ignore[union-attr]
    assert change == rk.RatingChange("ease", 50, 0, passes=True)
    ease = r.explain("b").above.value_changes  # type: ignore[union-attr]
    assert ease["level_at"].tolist() == pytest.approx([50, 40], abs=1e-3)


@pytest.mark.parametrize("how", ["median", "borda"])
def test_a_rating_is_tried_under_every_way_of_joining(how: Any) -> None:
    rows = rated({"a": (3, 3), "b": (3, 3)}, "abc")
    rows[0] |= {"impact": 4}
    rows[1] |= {"impact": 4}
    rows[3] |= {"impact": 4}
    change = ranked(rows, aggregate=how).explain("b").above.rating_change  # type: ignore[union-attr]
    assert change is not None and change.criterion == "impact" and change.to > change.rating


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    r = ranked(meeting())
    with pytest.raises(ArgumentError, match="The nearest: naloxone"):
        r.explain("nalokson")
    with pytest.raises(ArgumentTypeError, match="name"):
        r.explain(3)  # type: ignore[arg-type]


def test_how_an_explanation_looks() -> None:
    rows = [*meeting(), *rated({"<i>x</i>": (4, 3)})]
    told = ranked(rows).explain("<i>x</i>")
    assert "<i>x</i>" not in told._repr_html_()
    assert repr(told) == str(told)
    assert str(told).splitlines()[0].startswith("<i>x</i>: rank ")


def test_the_memo_is_one_page_and_decides_nothing() -> None:
    rows = [*meeting(), *rated({"new": (3, None)}), *rated({"late": (4, 4)}, "ab")]
    rows += [
        {"initiative": "split", "rater": rater, "impact": 1 if rater < "d" else 5, "ease": 3}
        for rater in RATERS
    ]
    r = ranked(rows, top=3)
    text = r.memo("Leadership, *round one*")
    assert text.startswith("# Leadership, \\*round one\\*\n")
    headings = re.findall("^## (.*)$", text, re.MULTILINE)
    assert headings == [
        "The first 3",
        "How sure this is",
        "Where people differ",
        "What would change the order",
        "What is left out",
        "What to mind",
        "What it rests on",
    ]
    assert len(text.splitlines()) < 70
    assert "new: not rated: ease; its score would lie between 0.30 and 0.70" in text
    assert "Two camps, worth talking over before a mean is used: " in text and ", split" in text
    assert "the first 3 change when" in text
    assert "weight\\_half\\_width 0.15" in text
    assert text.rstrip().endswith("the team weighs what no rating holds, and decides.")
    assert "must" not in text and "best practice" not in text
    with pytest.raises(ArgumentTypeError, match="title"):
        r.memo(" ")


def test_the_memo_writes_ties_as_groups() -> None:
    r = ranked(rated({"a": (5, 5), "b": (3, 3), "c": (3, 3), "d": (1, 1)}), top=2)
    assert "- 2-3: b: " in r.memo() and "- 2-3: c: " in r.memo()


@pytest.mark.parametrize("kind", ["weights", "both", "none"])
def test_the_memo_says_what_the_intervals_mean(kind: Any) -> None:
    text = ranked(meeting(), uncertainty=kind).memo()
    said = {
        "weights": "if the weights lay elsewhere within their bounds (all of them, exactly)",
        "both": "and the weights lay elsewhere (400 draws)",
        "none": "was not evaluated",
    }
    assert said[kind] in text


def test_the_record_repeats_the_result() -> None:
    r = ranked(meeting(), draws=100)
    record = r.audit
    assert rk.AuditRecord.from_json(record.to_json()) == record
    assert record.reproducible and record.draws == 100 and record.seed == 1
    assert record.settings["weight_set"] == "0.15 around those given"
    assert record.settings["rank_interval"] == "0.05 and 0.95"
    assert record.numpy_version == np.__version__
    assert record.cautions == r.cautions
    assert [each.id for each in record.editions] == ["2026-01"]
    assert len(record.inputs_hash) == 64
    with pytest.raises(DocumentError):
        rk.AuditRecord.from_json("{}")


def test_the_eight_steps_are_all_there() -> None:
    steps = ranked(meeting()).audit.steps
    assert [each.step for each in steps] == list(range(1, 9))
    filled = [each.filled == "filled" for each in steps]
    assert filled == [False, True, False, True, True, True, True, False]
    assert "5 best" in steps[1].says
    assert "impact 0.6000, ease 0.4000" in steps[4].says
    none = ranked(meeting(), uncertainty="none").audit.steps[6]
    assert none.says == "Not evaluated: it was not asked for."


@pytest.mark.parametrize(
    "choices",
    [
        {"weights": {"impact": 1, "ease": 1}},
        {"seed": 2},
        {"ties": "average"},
        {"draws": 401},
        {"aggregate": "median"},
        {"cut": "median"},
        {"weight_set": rk.WeightSet()},
    ],
    ids=["weights", "seed", "ties", "draws", "aggregate", "cut", "set"],
)
def test_the_hash_moves_with_every_choice(choices: dict[str, Any]) -> None:
    first, other = ranked(meeting()), ranked(meeting(), **choices)
    assert first.audit.inputs_hash != other.audit.inputs_hash


def test_the_hash_moves_with_a_rating() -> None:
    rows = meeting()
    other = [{**rows[0], "impact": 1}, *rows[1:]]
    assert ranked(rows).audit.inputs_hash != ranked(other).audit.inputs_hash
    assert of(ranked(rows), "naloxone", "score") != of(ranked(other), "naloxone", "score")
    assert PAIR.id == ranked(rows).audit.settings["criteria"]


@pytest.mark.parametrize(
    "ties, told",
    [
        pytest.param("group", "1-2", id="group"),
        pytest.param("competition", "1", id="competition"),
        pytest.param("average", "1.5", id="average"),
    ],
)
def test_every_text_numbers_ties_by_the_rule(ties: Any, told: str) -> None:
    r = ranked(rated({"a": (4, 3), "b": (4, 3), "c": (2, 1)}), ties=ties)
    assert r.explain("b").rank == told
    assert f"- {told}: b: score" in r.memo()
    assert f"  {told}  b" in str(r)
    assert f"<td>{told}</td><td>b</td>" in r._repr_html_()


def test_one_rating_says_nothing_of_other_raters() -> None:
    rows = rated({"a": (4, 3), "c": (2, 1)}) + rated({"b": (5, 5)}, "a")
    above = ranked(rows).explain("a").above
    assert above is not None and above.initiative == "b"
    assert np.isnan(above.wins_raters)
    assert not any("draws of raters" in line for line in ranked(rows).explain("b").lines())
