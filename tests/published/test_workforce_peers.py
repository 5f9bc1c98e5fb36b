"""Answers of other people's libraries, computed once and kept: PySAL's access, and pyworkforce.

`peers_of_workforce.csv` names the library and its version beside each case. Roads are not the
same both ways in the cases on access, and every area reaches some site.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe import workforce as wf

ROWS: Final = list(
    csv.DictReader(
        Path(__file__).with_name("peers_of_workforce.csv").read_text(encoding="utf-8").splitlines()
    )
)


def rows(peer: str) -> list[Any]:
    return [
        pytest.param(json.loads(row["inputs"]), json.loads(row["expected"]), id=row["id"])
        for row in ROWS
        if row["peer"].startswith(peer)
    ]


@pytest.mark.parametrize("inputs, expected", rows("access"))
def test_access_is_that_of_pysal(inputs: dict[str, Any], expected: list[float]) -> None:
    found = wf.access(
        inputs["members"],
        inputs["heads"],
        inputs["minutes"],
        bands=tuple(tuple(band) for band in inputs["bands"]),
    )
    assert found.by_area["access_ratio"].tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("inputs, expected", rows("pyworkforce"))
def test_waiting_is_that_of_pyworkforce(inputs: dict[str, Any], expected: dict[str, float]) -> None:
    # Their interval is our day, and their handling time the day's share that a visit takes.
    found = wf.waiting(
        first_visits_requested_per_business_day=inputs["transactions"],
        prescribers=inputs["positions"],
        first_visits_per_prescriber_per_business_day=inputs["interval"] / inputs["aht"],
        standard=wf.OwnWaitStandard(
            number=inputs["asa"] / inputs["interval"], unit="business_days", share=0.8
        ),
    )
    assert found.share_that_waits == pytest.approx(expected["waits"], rel=1e-9)
    assert found.share_seen_within_standard == pytest.approx(expected["within"], rel=1e-9)
