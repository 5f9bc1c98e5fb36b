"""Laws of readiness, questionnaires, ballots and rounds, against slow exact twins."""

from __future__ import annotations

import csv
import random
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import ranking as rk
from opsafe.errors import OpsafeError
from tests import strategies as own

Rows = list[dict[str, Any]]
ITEMS = {"change_commitment": ("c1", "c2", "c3"), "change_efficacy": ("e1", "e2")}
ORDER = st.randoms(use_true_random=False)


def by_key(found: rk.Readiness) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Cells by level and theme; None for NaN."""
    names = found.table.keys()
    cells = [found.table[name].tolist() for name in names]
    plain = [
        tuple(None if value != value else value for value in row)
        for row in zip(*cells, strict=True)
    ]
    return {(str(row[0]), str(row[1])): row[2:] for row in plain}


def twin_cell(rows: Rows) -> dict[str, Any]:
    """A cell head by head: a person is a hundred heads. Support counts in halves, as drawn."""
    heads = [
        (row["stakeholder"], row["influence"], int(2 * row["current"]), row["desired"])
        for row in rows
        if row["current"] is not None
        for _ in range(100 if row["share"] is None else row["share"])
    ]
    n, mass = len({who for who, *_ in heads}), sum(weight for _, weight, _, _ in heads)
    found: dict[str, Any] = {"count": n, "support_mean": None, "variance": None, "gap_mean": None}
    if not heads:
        return {**found, "flag": "too few"}
    found["support_mean"] = Fraction(sum(weight * at for _, weight, at, _ in heads), 2 * mass)
    told = [(w, int(2 * aim) - at) for _, w, at, aim in heads if aim is not None]
    if told:
        found["gap_mean"] = Fraction(sum(w * gap for w, gap in told), 2 * sum(w for w, _ in told))
    if n > 1:
        total, squares = sum(at for *_, at, _ in heads), sum(at**2 for *_, at, _ in heads)
        found["variance"] = Fraction(100 * n * squares - total**2, 40_000 * n * (n - 1))
    low = [who for who, _, at, _ in heads if at <= -2]
    high = [who for who, _, at, _ in heads if at >= 2]
    camps = all(len(set(side)) >= 2 and 4 * len(side) >= 100 * n for side in (low, high))
    wide = n > 1 and found["variance"] > Fraction(144, 100)
    found["flag"] = "too few" if n < 3 else "too split" if camps or wide else None
    return found


@given(own.stakeholder_assessments())
def test_cells_are_those_of_the_twin(rows: Rows) -> None:
    found = rk.readiness(rows)
    measured = dict(zip(found.table.keys(), range(99), strict=False))
    for (level, theme), cell in by_key(found).items():
        here = [row for row in rows if (row["level"], row["theme"]) == (level, theme)]
        wanted = twin_cell(here)
        seen = {name: cell[at - 2] for name, at in measured.items() if at > 1}
        assert seen["count"] == wanted["count"]
        assert seen["flag"] == wanted["flag"]
        assert seen["missing"] == sum(row["current"] is None for row in here)
        for name in ("support_mean", "gap_mean"):
            assert seen[name] == (None if wanted[name] is None else float(wanted[name]))
        shown = None if wanted["flag"] else seen["support_mean"]
        assert seen["support"] == shown
        if wanted["variance"] is None:
            assert seen["spread"] is None
        else:
            assert seen["spread"] ** 2 == pytest.approx(float(wanted["variance"]), abs=1e-12)


@given(own.stakeholder_assessments(), st.integers(1, 1000))
def test_only_proportions_of_influence_matter(rows: Rows, times: int) -> None:
    more = [{**row, "influence": row["influence"] * times} for row in rows]
    assert by_key(rk.readiness(rows)) == by_key(rk.readiness(more, influence="shares"))


@given(own.stakeholder_assessments(), ORDER)
def test_the_order_of_rows_and_the_names_of_people_change_nothing(
    rows: Rows, chance: random.Random
) -> None:
    mixed = [{**row, "stakeholder": f"someone else, {row['stakeholder']}"} for row in rows]
    chance.shuffle(mixed)
    assert by_key(rk.readiness(rows)) == by_key(rk.readiness(mixed))


@given(own.stakeholder_assessments())
def test_both_scales_say_the_same(rows: Rows) -> None:
    raised = [dict(row) for row in rows]
    for row, name in product(raised, ("current", "desired")):
        row[name] = None if row[name] is None else row[name] + 3
    low, high = rk.readiness(rows), rk.readiness(raised, scale="1..5")
    for name in ("count", "missing", "spread", "gap", "gap_mean", "resisting", "supporting"):
        assert np.array_equal(low.table[name], high.table[name], equal_nan=True)
    assert low.table["flag"].tolist() == high.table["flag"].tolist()
    assert low.table["support"] + 3 == pytest.approx(high.table["support"], nan_ok=True)
    assert low.not_ready["theme"].tolist() == high.not_ready["theme"].tolist()


@given(own.stakeholder_assessments())
def test_a_missing_answer_is_counted_and_says_nothing(rows: Rows) -> None:
    told = [row for row in rows if row["current"] is not None]
    if not told:
        assert np.isnan(rk.readiness(rows).table["support_mean"]).all()
        return
    whole, part = by_key(rk.readiness(rows)), by_key(rk.readiness(told))
    missing_at = rk.readiness(rows).table.keys().index("missing") - 2
    for key, cell in part.items():
        seen = list(whole[key])
        seen[missing_at] = 0
        assert tuple(seen) == cell


@given(own.stakeholder_assessments(), st.integers(1, 99))
def test_a_row_cut_in_two_is_the_same_row(rows: Rows, first: int) -> None:
    cut = []
    for row in rows:
        is_whole = row["share"] is None and row["current"] is not None
        shares = (first, 100 - first) if is_whole else (row["share"],)
        cut += [{**row, "share": share} for share in shares]
    assert by_key(rk.readiness(rows)) == by_key(rk.readiness(cut))


def answers() -> st.SearchStrategy[Rows]:
    """Wide tables of answers, some missing."""
    items = [item for each in ITEMS.values() for item in each]
    row = st.fixed_dictionaries(
        {
            "group": st.sampled_from(["a", "b"]),
            **{item: st.none() | st.integers(1, 5) for item in items},
        }
    )
    return st.lists(row, min_size=1, max_size=8).map(
        lambda rows: [{"respondent": f"r{at}", **each} for at, each in enumerate(rows)]
    )


@given(answers())
def test_bounds_hold_whatever_the_missing_answers_are(rows: Rows) -> None:
    found = rk.oric(rows, facets=ITEMS).by_respondent
    for at in range(len(found)):
        row = rows[int(found["respondent"][at])]
        items = ITEMS[str(found["facet"][at])]
        open_items = [item for item in items if row[item] is None]
        means = [
            sum(({**row, **dict(zip(open_items, filled, strict=True))})[item] for item in items)
            / len(items)
            for filled in product((1, 3, 5), repeat=len(open_items))
        ]
        assert found["low"][at] == pytest.approx(min(means))
        assert found["high"][at] == pytest.approx(max(means))
        assert bool(np.isnan(found["score"][at])) == bool(open_items)


@given(answers(), ORDER)
def test_long_and_wide_answers_in_any_order_score_alike(rows: Rows, chance: random.Random) -> None:
    long = [
        {"respondent": row["respondent"], "group": row["group"], "item": item, "answer": row[item]}
        for row in rows
        for each in ITEMS.values()
        for item in each
    ]
    wide = rk.oric(rows, facets=ITEMS).table
    assert rk.oric(long, facets=ITEMS).table == wide
    chance.shuffle(long)
    mixed = rk.oric(long, facets=ITEMS).table
    keys = ("group", "facet", "complete", "score_mean", "low", "high", "agreement", "flag")

    def lines(table: Any) -> set[str]:
        return set(map(repr, zip(*(table[key].tolist() for key in keys), strict=True)))

    assert lines(mixed) == lines(wide)
    agreement = wide["agreement"]
    assert (agreement[~np.isnan(agreement)] <= 1).all()


@given(own.criteria(), st.data())
def test_a_filled_ballot_is_the_panel_that_filled_it(on: rk.Criteria, data: st.DataObject) -> None:
    table = data.draw(own.rating_tables(on))
    wanted = rk.read_ratings(table, criteria=on)
    owners = {wanted.initiatives[0]: data.draw(st.sampled_from([*wanted.raters, "nobody here"]))}
    blank = rk.ballot(on, wanted.initiatives, wanted.raters, owners=owners)
    given_scores = {
        (row["initiative"], row["rater"], row["criterion"]): row["score"] for row in table
    }
    rows = list(csv.DictReader(blank.to_csv().splitlines()))
    for row in rows:
        for name in on.names:
            assert row[name] == ""
            score = given_scores[row["initiative"], row["rater"], name]
            row[name] = "" if score is None or row["note"] else str(score)
    found = rk.read_ratings(rows, criteria=on, numbers_as_text=True)
    recused = rk.read_ratings(table, criteria=on, owners=owners)
    assert found.initiatives == wanted.initiatives
    assert found.raters == wanted.raters
    assert np.array_equal(found.scores, recused.scores, equal_nan=True)


@given(own.criteria(), st.data())
def test_a_round_against_itself_moved_nothing_and_back_is_the_opposite(
    on: rk.Criteria, data: st.DataObject
) -> None:
    one, two = (rk.read_ratings(data.draw(own.rating_tables(on)), criteria=on) for _ in range(2))
    same = rk.compare_rounds(one, one)
    assert same.table["moved"].sum() == 0
    assert same.converged == ()
    assert same.table["status"].tolist() == ["both"] * len(one.initiatives)
    there, back = rk.compare_rounds(one, two), rk.compare_rounds(two, one)
    assert there.new_raters == back.dropped_raters
    assert there.new_initiatives == back.dropped_initiatives
    assert there.table["moved"].sum() == back.table["moved"].sum()
    for name in ("w", "alpha"):
        before, after = there.by_criterion[f"{name}_one"], back.by_criterion[f"{name}_two"]
        assert before == pytest.approx(after, nan_ok=True)
    keys = zip(*(back.cells[name].tolist() for name in ("initiative", "criterion")), strict=True)
    cells = dict(zip(keys, back.cells["mean_change"].tolist(), strict=True))
    for at in range(len(there.cells)):
        key = str(there.cells["initiative"][at]), str(there.cells["criterion"][at])
        assert there.cells["mean_change"][at] == pytest.approx(-cells[key], nan_ok=True)
    assert not set(there.converged) & set(back.converged)


@given(st.lists(st.tuples(*[st.integers(1, 10_000)] * 4), min_size=1, max_size=6))
def test_rice_is_the_exact_quotient_rounded_once(items: list[tuple[int, ...]]) -> None:
    rows = [(r, i / 100, c / 10_000, e / 10) for r, i, c, e in items]
    found = rk.rice(*zip(*rows, strict=True)).scores.tolist()
    assert found == [
        float(Fraction(r) * Fraction(i, 100) * Fraction(c, 10_000) / Fraction(e, 10))
        for r, i, c, e in items
    ]


ODD = st.sampled_from(
    [None, np.nan, np.inf, "", "x", "3", True, 2.5, -1, 9, 10**400, 1e-320, b"x", [], {},
     Decimal("sNaN"), Fraction(1, 3), date(2026, 1, 1), np.float32(0.1), np.array([1]), 1j]
)  # fmt: skip


@given(own.stakeholder_assessments(), st.data())
def test_an_odd_cell_is_refused_by_name_or_answered(rows: Rows, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(ODD)
    said = ""
    try:
        found = rk.readiness(rows)
        assert found.table["count"].sum() <= len(rows)
        said = found._repr_html_()
    except OpsafeError as refused:
        said = str(refused)
    assert not re.search(r"stakeholder \d", said)  # as the strategy names them


@given(answers(), st.data())
def test_an_odd_answer_is_refused_by_name_or_counted(rows: Rows, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(ODD)
    with suppress(OpsafeError):
        assert rk.oric(rows, facets=ITEMS).table["respondents"].sum() == 2 * len(rows)
