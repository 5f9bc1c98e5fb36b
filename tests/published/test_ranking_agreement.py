"""Published rows on agreement of raters, orders of groups, and dominance.

A row of `ranking_agreement.csv` has its inputs, the printed answer and its address; what is asked
of each stands in `asserted`.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from scipy.stats import kendalltau

from opsafe import ranking as rk

ROWS: Final[dict[str, tuple[Any, Any]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"]))
    for row in csv.DictReader(
        Path(__file__).with_name("ranking_agreement.csv").read_text(encoding="utf-8").splitlines()
    )
}


def test_kendall_w_anxiety_ties() -> None:
    given, wanted = ROWS["kendall_w_anxiety_ties"]
    found = rk.kendall_w(given["raters_by_subjects"])
    assert found.w == pytest.approx(wanted["W"], abs=wanted["tol"])
    # printed in the row's note, by R's friedman.test
    assert found.chi2 == pytest.approx(30.76044, abs=5e-6)
    assert found.p == pytest.approx(0.04288347, abs=5e-9)


def test_kendall_w_siegel_castellan() -> None:
    given, wanted = ROWS["kendall_w_siegel_castellan"]
    found = rk.kendall_w(given["raters_by_subjects"])
    assert found.w == pytest.approx(wanted["W"], abs=5e-8)
    assert found.chi2 == pytest.approx(wanted["chi2"], abs=5e-6)
    assert found.p == pytest.approx(wanted["p"], abs=5e-9)


def test_icc_wine() -> None:
    given, wanted = ROWS["icc_wine"]
    found = rk.intraclass_correlation(given["subjects_by_raters"]).forms
    ours = {
        "ICC1": found["1"].value,
        "ICC2": found["A,1"].value,
        "ICC3": found["C,1"].value,
        "ICC1k": found["1,k"].value,
        "ICC2k": found["A,k"].value,
        "ICC3k": found["C,k"].value,
    }
    tolerance = wanted.pop("tol")
    assert ours == pytest.approx(wanted, abs=tolerance)


def test_krippendorff_alpha_wikipedia() -> None:
    given, wanted = ROWS["krippendorff_alpha_wikipedia"]
    for level in ("nominal", "interval"):
        found = rk.krippendorff_alpha(given["coders_by_units"], level)
        assert found.alpha == pytest.approx(wanted[level], abs=wanted["tol"])


def test_kendall_tau_b_ties_through_scipy() -> None:
    given, wanted = ROWS["kendall_tau_b_ties"]
    found = kendalltau(given["x"], given["y"])
    assert found.statistic == pytest.approx(wanted["tau_b"], rel=1e-12)
    assert found.pvalue == pytest.approx(wanted["p"], rel=1e-12)


def test_kemeny_distance_with_ties() -> None:
    given, wanted = ROWS["kemeny_distance_with_ties"]
    assert [rk.kemeny_distance(given["a"], b) for b in given["b"]] == wanted["distance"]


def test_borda_methods_by_alternatives() -> None:
    given, wanted = ROWS["borda_methods_by_alternatives"]
    places = np.array(given["rankings_alternatives_by_methods"]).T
    found = rk.group_order(places, "borda")
    assert found.first_place.tolist() == found.last_place.tolist() == wanted["compromise_rank"]


def test_pareto_front_stock_selection() -> None:
    given, wanted = ROWS["pareto_front_stock_selection"]
    asked = {"names": given["names"], "directions": given["types"]}
    assert list(rk.pareto_layers(given["matrix"], **asked).front) == wanted["non_dominated"]
    strictly = rk.pareto_layers(given["matrix"], strict=True, **asked)
    assert list(strictly.front) == wanted["non_dominated_when_only_strict_dominance_counts"]


@pytest.mark.parametrize(
    "duplicates, mask", [("first", "mask_distinct"), ("keep", "mask_keep_duplicates")]
)
def test_pareto_front_by_group_and_duplicates(duplicates: Any, mask: str) -> None:
    given, wanted = ROWS["pareto_front_by_group_and_duplicates"]
    assert given["sense"] == ["diff", "diff", "min", "max"]
    rows = given["rows"]
    on_front = np.zeros(len(rows), int)
    for group in {tuple(row[:2]) for row in rows}:
        places = [at for at, row in enumerate(rows) if tuple(row[:2]) == group]
        found = rk.pareto_layers(
            [rows[at][2:] for at in places], directions=[-1, 1], duplicates=duplicates
        )
        on_front[places] = found.layer == 1
    assert on_front.tolist() == wanted[mask]


def test_knife_edge_is_efficient_and_best_without_breadth() -> None:
    given, wanted = ROWS["smaa_exact_knife_edge"]
    assert wanted["third_is_efficient"]
    found = rk.can_be_best(given["value_matrix"])
    assert found.best_for == ("some weights", "some weights", "a knife edge")
    assert rk.pareto_layers(given["value_matrix"]).layer.tolist() == [1, 1, 1]
