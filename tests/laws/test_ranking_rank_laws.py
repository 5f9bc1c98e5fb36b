"""Laws of a ranking: order of rows, scale of weights and dropped initiatives change nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe import ranking as rk
from tests.strategies import Record, criteria, rating_tables, top_weights

DRAWS = 64
COLUMNS = (
    "initiative score score_low score_high rank rank_last rank_group quadrant quadrant_probability"
    " on_the_line rank_low rank_high top_k_probability expected_rank disagreement two_camps raters"
    " status"
)


def ranked(rows: Sequence[Record], on: rk.Criteria, weights: Any, **choices: Any) -> rk.Ranking:
    return rk.rank(rows, criteria=on, weights=weights, **({"draws": DRAWS} | choices))


def by_name(table: Any) -> dict[str, list[Any]]:
    columns = [table[name].tolist() for name in table.keys()]  # noqa: SIM118
    rows = zip(*columns, strict=True)
    return {row[0]: list(row[1:]) for row in rows}


def same(left: dict[str, list[Any]], right: dict[str, list[Any]]) -> bool:
    return left.keys() == right.keys() and all(
        a == pytest.approx(b, rel=1e-9, abs=1e-9, nan_ok=True) if isinstance(a, float) else a == b
        for name in left
        for a, b in zip(left[name], right[name], strict=True)
    )


def in_fractions(rows: Sequence[Record], on: rk.Criteria, weights: rk.Weights) -> dict[str, Any]:
    """Scores without rounding, by the definition; None where a criterion that counts is unknown."""
    found: dict[str, Any] = {}
    total = sum(weights.counts.tolist())
    for name in dict.fromkeys(row["initiative"] for row in rows):
        score: Fraction | None = Fraction(0)
        for each, weight in zip(on.criteria, weights.counts.tolist(), strict=True):
            told = [
                (Fraction(str(row["score"])) - Fraction(str(each.worst)))
                / (Fraction(str(each.best)) - Fraction(str(each.worst)))
                for row in rows
                if row["initiative"] == name
                and row["criterion"] == each.name
                and row["score"] is not None
            ]
            if weight and not told:
                score = None
            elif weight and score is not None:
                score += Fraction(weight, total) * sum(told) / len(told)
        found[name] = score
    return found


@given(data=st.data())
def test_every_panel_has_an_answer_of_the_same_form(data: st.DataObject) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    r = ranked(
        rows,
        on,
        data.draw(top_weights(on)),
        aggregate=data.draw(st.sampled_from(["mean", "median", "borda"])),
        ties=data.draw(st.sampled_from(["group", "competition", "average"])),
        uncertainty=data.draw(st.sampled_from(["raters", "weights", "both", "none"])),
    )
    assert r.table.keys() == tuple(COLUMNS.split())
    known = r.score_counts >= 0
    assert np.isnan(r.scores[~known]).all() and not np.isnan(r.scores[known]).any()
    assert (r.table["score_low"] <= r.table["score_high"]).all()
    assert sorted(r.order) == sorted(np.array(r.initiatives, object)[known].tolist())
    for found in r.acceptability_by_kind.values():
        assert found is None or found.probabilities.sum(axis=1) == pytest.approx(1)
    told = json.loads(r.to_json())
    assert [row["initiative"] for row in told["table"]] == list(r.initiatives)
    assert rk.AuditRecord.from_json(r.audit.to_json()) == r.audit
    name = data.draw(st.sampled_from(r.initiatives))
    assert r.explain(name).initiative == name
    assert r.memo() and repr(r) and r._repr_html_()


@given(data=st.data())
def test_scores_are_those_of_fractions(data: st.DataObject) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    r = ranked(rows, on, data.draw(top_weights(on)), uncertainty="none")
    twin = in_fractions(rows, on, r.weights)
    for name, score in zip(r.initiatives, r.scores.tolist(), strict=True):
        if twin[name] is None:
            assert np.isnan(score)
        else:
            assert abs(float(twin[name]) - score) <= 1.000001e-6  # two roundings of half a count


@given(data=st.data())
def test_order_of_rows_changes_nothing(data: st.DataObject) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    weights = data.draw(top_weights(on))
    first = ranked(rows, on, weights)
    again = ranked(data.draw(st.permutations(rows)), on, weights)
    assert same(by_name(first.table), by_name(again.table))
    assert first.audit.inputs_hash == again.audit.inputs_hash


@given(data=st.data(), scale=st.integers(2, 1000))
def test_scale_of_the_weights_changes_nothing(data: st.DataObject, scale: int) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    weights = data.draw(top_weights(on))
    first = ranked(rows, on, weights)
    again = ranked(rows, on, {name: scale * value for name, value in weights.items()})
    assert first.table == again.table
    assert first.by_uncertainty == again.by_uncertainty
    assert first.audit.inputs_hash == again.audit.inputs_hash


@given(data=st.data())
def test_the_same_call_gives_the_same_text(data: st.DataObject) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    weights = data.draw(top_weights(on))
    first, again = ranked(rows, on, weights), ranked(rows, on, weights)
    assert first.to_json() == again.to_json()
    assert first.memo() == again.memo()


@given(data=st.data())
def test_which_kind_is_shown_changes_no_kind(data: st.DataObject) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    weights = data.draw(top_weights(on))
    first = ranked(rows, on, weights, uncertainty="raters")
    for kind in ("weights", "both"):
        other = ranked(rows, on, weights, uncertainty=kind)
        assert other.by_uncertainty == first.by_uncertainty
        shown = np.array(other.table["expected_rank"])
        assert np.array_equal(shown, other.by_uncertainty[f"expected_rank_{kind}"], equal_nan=True)


@given(data=st.data(), how=st.sampled_from(["mean", "median"]))
def test_a_dropped_initiative_never_reorders_the_rest(data: st.DataObject, how: str) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    names = list(dict.fromkeys(row["initiative"] for row in rows))
    assume(len(names) > 1)
    weights = data.draw(top_weights(on))
    dropped = data.draw(st.sampled_from(names))
    whole = ranked(rows, on, weights, aggregate=how, uncertainty="none")
    rest = [row for row in rows if row["initiative"] != dropped]
    left = ranked(rest, on, weights, aggregate=how, uncertainty="none")
    assert left.order == tuple(name for name in whole.order if name != dropped)


@given(data=st.data(), how=st.sampled_from(["mean", "median"]))
def test_a_dominated_initiative_never_outranks_its_dominator(data: st.DataObject, how: str) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    r = ranked(rows, on, data.draw(top_weights(on)), aggregate=how)
    for a in range(len(r.initiatives)):
        for b in range(len(r.initiatives)):
            if (r.values[a] >= r.values[b]).all():  # false where one is not rated
                assert r.score_counts[a] >= r.score_counts[b]
                assert r.ranks.shown[a] <= r.ranks.shown[b]
                weights = r.acceptability_by_kind["weights"]
                if weights is not None:
                    place = dict(zip(weights.initiatives, weights.expected_rank, strict=True))
                    assert place[r.initiatives[a]] <= place[r.initiatives[b]] + 1e-9


@given(data=st.data())
def test_points_add_up_and_changes_do_what_they_say(data: st.DataObject) -> None:
    on = data.draw(criteria())
    rows = data.draw(rating_tables(on))
    weights = data.draw(top_weights(on))
    r = ranked(rows, on, weights)
    assume(len(r.order) > 1)
    name = data.draw(st.sampled_from(r.order))
    at = r.initiatives.index(name)
    told = r.explain(name)
    assert told.contributions["points"].sum() == pytest.approx(100 * told.score, abs=1e-4)
    for rival in (told.above, told.below):
        if rival is None:
            continue
        other = r.initiatives.index(rival.initiative)
        assert (r.score_counts[other] > r.score_counts[at]) == rival.above
        for place, level in enumerate(rival.value_changes["level_at"].tolist()):
            criterion = on.named(rival.value_changes["criterion"][place])
            if not np.isnan(level):
                values = np.nan_to_num(r.values[at])
                values[on.names.index(criterion.name)] = criterion.anchored(level)
                lead = (values - np.nan_to_num(r.values[other])) @ r.weights.values
                assert lead == pytest.approx(0, abs=1e-9)
        _check_rating_change(rows, on, weights, name, rival)


def _check_rating_change(
    rows: list[Record], on: rk.Criteria, weights: Any, name: str, rival: rk.Rival
) -> None:
    """Put the change into one row that holds the rating, and rank again."""
    change = rival.rating_change
    if change is None:
        return
    at = next(
        place
        for place, row in enumerate(rows)
        if (row["initiative"], row["criterion"]) == (name, change.criterion)
        and row["score"] == change.rating
    )
    moved = [*rows[:at], {**rows[at], "score": change.to}, *rows[at + 1 :]]
    again = ranked(moved, on, weights, uncertainty="none")
    scores = dict(zip(again.initiatives, again.score_counts.tolist(), strict=True))
    lead = scores[name] - scores[rival.initiative]
    assert lead >= 0 if rival.above else lead <= 0
    assert change.passes == (lead != 0)
