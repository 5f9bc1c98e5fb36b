"""Published knapsacks as portfolios: weights as costs, a second row as posts."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from opsafe import ranking as rk

_ROWS: Final = list(
    csv.DictReader(
        (Path(__file__).parent / "ranking_portfolio.csv").read_text(encoding="utf-8").splitlines()
    )
)
ROWS: Final[dict[str, tuple[Any, Any]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"])) for row in _ROWS
}


def solved(row: str) -> tuple[rk.Portfolio, int]:
    """The portfolio of a row: impacts lie in 0 to 1, so that values count in thousandths."""
    given, wanted = ROWS[row]
    names = [f"item {at:02}" for at in range(len(given["values"]))]
    posts: dict[str, Any] = {}
    if len(given["weights"]) > 1:
        posts = {
            "headcount_fte": dict(zip(names, given["weights"][1], strict=True)),
            "available_fte": given["capacities"][1],
        }
    found = rk.portfolio(
        {
            name: float(Decimal(value) / 1000)
            for name, value in zip(names, given["values"], strict=True)
        },
        cost_usd=dict(zip(names, given["weights"][0], strict=True)),
        budget_usd=given["capacities"][0],
        **posts,
    )
    return found, wanted["optimal_value"]


def test_knapsack_budget_and_count() -> None:
    found, wanted = solved("knapsack_budget_and_count")
    assert found.value == wanted / 1000
    assert found.status == "optimal"
    assert found.bound == found.value
    assert len(found.chosen) == 4


def test_knapsack_50_items() -> None:
    found, wanted = solved("knapsack_50_items")
    assert found.value == wanted / 1000
    assert found.status == "optimal"
    assert found.cost_usd <= 850
