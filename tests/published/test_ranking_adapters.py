"""Published scores of other houses: RICE, WSJF, the risk priority number, the PICK chart."""

from __future__ import annotations

import csv
import json
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe import ranking as rk

ROWS: Final[dict[str, dict[str, Any]]] = {
    row["id"]: {"inputs": json.loads(row["inputs"]), "expected": json.loads(row["expected"])}
    for row in csv.DictReader(
        Path(__file__).with_name("ranking_adapters.csv").read_text(encoding="utf-8").splitlines()
    )
}


def test_no_row_is_left_out() -> None:
    assert set(ROWS) == {
        "rice_cadenly",
        "rice_beginpm",
        "rice_negative_oracle_published_slip",
        "wsjf_cost_of_delay_sum",
        "rpn_product_of_ordinals_distinct_values",
        "pick_quadrants",
    }


@pytest.mark.parametrize("row_id", ["rice_cadenly", "rice_beginpm"])
def test_rice_of_printed_examples(row_id: str) -> None:
    row = ROWS[row_id]
    _, *numbers = zip(*row["inputs"]["items"], strict=True)
    found = rk.rice(*numbers)
    assert found.scores == pytest.approx(row["expected"]["rice"], rel=1e-7)
    if "printed" in row["expected"]:
        assert found.scores.round().tolist() == row["expected"]["printed"]


def test_rice_of_a_printed_slip_is_not_what_was_printed() -> None:
    row = ROWS["rice_negative_oracle_published_slip"]
    (score,) = rk.rice(*row["inputs"]["item"]).scores.tolist()
    assert score == pytest.approx(row["expected"]["rice"], rel=1e-9)
    assert round(score) != row["expected"]["published_but_wrong"]


def test_cost_of_delay_is_a_sum() -> None:
    row = ROWS["wsjf_cost_of_delay_sum"]
    value, urgency, risk = row["inputs"].values()
    found = rk.wsjf(value, urgency, risk, job_size=2)
    assert found.table["cost_of_delay"].tolist() == [row["expected"]["cost_of_delay"]]
    assert found.scores.tolist() == [4.5]


def test_risk_priority_numbers_have_few_values_for_many_combinations() -> None:
    row = ROWS["rpn_product_of_ordinals_distinct_values"]
    scales = [range(low, high + 1) for low, high in row["inputs"]["scales"]]
    severity, occurrence, detection = zip(*product(*scales), strict=True)
    found = Counter(rk.risk_priority_number(severity, occurrence, detection).scores.tolist())
    assert found.total() == row["expected"]["combinations"]
    assert len(found) == row["expected"]["distinct_products"]
    assert max(found.values()) == row["expected"]["largest_class"]


def test_quadrants_carry_the_words_of_the_pick_chart() -> None:
    row = ROWS["pick_quadrants"]
    words = {"low payoff": 1, "high payoff": 5, "easy": 5, "hard": 1}
    rated = [
        {"initiative": f"case {at}", "rater": "panel", "impact": words[pay], "ease": words[ease]}
        for at, (pay, ease) in enumerate(row["inputs"]["cases"])
    ]
    panel = rk.read_ratings(rated, criteria=rk.IMPACT_EASE_1_5)
    found = rk.quadrants(
        panel.initiatives, (panel.scores[:, 0] - 1) / 4, panel.criteria, labels=rk.PICK_LABELS
    )
    assert [found.labels[code or ""] for code in found.quadrant] == row["expected"]["labels"]
