"""The record that every result of a programme carries."""

from __future__ import annotations

import opsafe.ranking as rk

STORY = rk.example()


def ranking() -> rk.Ranking:
    return rk.rank(
        STORY.ratings, criteria=rk.IMPACT_EASE_1_5, weights=STORY.weights, uncertainty="none"
    )


def test_the_same_inputs_in_another_order_have_one_hash() -> None:
    found = ranking()
    one = rk.portfolio(found, cost_usd=STORY.costs_usd, budget_usd=600_000)
    turned = dict(reversed(STORY.costs_usd.items()))
    other = rk.portfolio(found, cost_usd=turned, budget_usd=600_000)
    assert one.audit == other.audit
    more = rk.portfolio(found, cost_usd=STORY.costs_usd, budget_usd=600_001)
    assert more.audit.inputs_hash != one.audit.inputs_hash


def test_every_result_says_what_it_is_and_survives_a_round_trip() -> None:
    found = ranking()
    records = [
        rk.portfolio(found, cost_usd=STORY.costs_usd, budget_usd=600_000).audit,
        rk.roadmap(found, work=STORY.work, capacity_fte=STORY.capacity_fte, quarters=4).audit,
        rk.readiness(STORY.assessments).audit,
    ]
    assert [each.result for each in records] == ["portfolio", "roadmap", "readiness"]
    assert all(rk.ResultRecord.from_json(each.to_json()) == each for each in records)
    assert len({each.inputs_hash for each in records}) == 3
    assert all(each.versions["opsafe"] for each in records)


def test_a_record_of_readiness_moves_with_an_assessment_and_names_nobody() -> None:
    rows = STORY.assessments
    one = rk.readiness(rows).audit
    changed = rk.readiness(rows, influence="equal").audit
    assert one.inputs_hash != changed.inputs_hash
    stakeholders = set(rows["stakeholder"].tolist())
    assert not any(name in one.to_json() for name in stakeholders)
