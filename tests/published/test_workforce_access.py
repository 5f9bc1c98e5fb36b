"""Published answers on access and on travel standards, row by row."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe.workforce.access import access, step_weights
from opsafe.workforce.reach import reach_standard

ROWS: Final[dict[str, dict[str, Any]]] = {
    row["id"]: {"inputs": json.loads(row["inputs"]), "expected": json.loads(row["expected"])}
    for row in csv.DictReader(
        Path(__file__).with_name("workforce_access.csv").read_text(encoding="utf-8").splitlines()
    )
}
TYPES: Final = {"specialist": "specialist", "primary_care": "primary care"}


def test_no_row_is_left_out() -> None:
    assert set(ROWS) == {"ACC-2SFCA-LARGE", "ACC-STEP", "RULE-MCAL-LA", "RULE-MCAL-PCP"}


@pytest.mark.parametrize("bands", [((60, 1),), ((20, 1), (40, 0.68), (60, 0.22))])
def test_where_everybody_sees_every_supply_access_is_the_plain_ratio(
    bands: tuple[tuple[float, float], ...],
) -> None:
    row = ROWS["ACC-2SFCA-LARGE"]
    given, expected = row["inputs"], row["expected"]
    areas, sites = given["demand_points"], given["supply_points"]
    found = access(
        np.full(areas, given["demand_each"]),
        np.full(sites, given["supply_each"]),
        np.full((areas, sites), 10.0),
        bands=bands,
    )
    wanted = expected["2sfca" if len(bands) == 1 else "e2sfca"]
    assert found.by_area["access_ratio"] == pytest.approx(np.full(areas, wanted), rel=1e-12)


def test_step_weights_of_the_enhanced_method() -> None:
    row = ROWS["ACC-STEP"]
    bands = [(float(edge), weight) for edge, weight in row["inputs"]["thresholds"].items()]
    costs = np.array(row["inputs"]["costs"], np.float64)
    assert step_weights(costs, bands).tolist() == row["expected"]["weights"]


@pytest.mark.parametrize("row_id", ["RULE-MCAL-LA", "RULE-MCAL-PCP"])
def test_travel_standards_of_medi_cal(row_id: str) -> None:
    given, expected = ROWS[row_id]["inputs"], ROWS[row_id]["expected"]
    county = None if given["county"] == "any" else given["county"]
    found = reach_standard("Medi-Cal managed care", TYPES[given["type"]], county=county)
    assert found.reach.model_dump() == expected
    assert found.source.address.startswith("https://leginfo.legislature.ca.gov/")
