"""Published answers on waiting: each row of `workforce_waiting.csv` as far as it may be asserted.

The file has a row for each answer with its source; `asserted` says how much of it is asserted, and
why not all. The sources count in minutes, so in these tests a minute stands for a business day.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from opsafe.workforce._erlang import blocking
from opsafe.workforce.staffing import StaffNeeded, staff_for
from opsafe.workforce.wait_standard import OwnWaitStandard, WaitStandard
from opsafe.workforce.waiting import read_standard, waiting

Figures: TypeAlias = dict[str, Any]

ROWS: Final = {
    row["id"]: row
    for row in csv.DictReader(
        Path(__file__).with_name("workforce_waiting.csv").read_text(encoding="utf-8").splitlines()
    )
}


def staffed(inputs: Figures) -> StaffNeeded:
    return staff_for(
        first_visits_requested_per_business_day=inputs["arrivals"] / inputs["interval_min"],
        first_visits_per_prescriber_per_business_day=1 / inputs["service_min"],
        standard=OwnWaitStandard(
            number=inputs["target_wait_min"], unit="business_days", share=inputs["service_level"]
        ),
        shrinkage=inputs["shrinkage"],
        max_utilisation=inputs.get("max_occupancy", 1.0),
    )


def servers_with_a_wait(inputs: Figures, expected: Figures) -> None:
    found = staffed(inputs)
    assert found.prescribers_whole == expected["raw_positions"]
    assert found.positions_whole == expected["positions"]
    whole = found.waiting_whole
    assert whole.share_seen_within_standard == pytest.approx(expected["service_level"], abs=5e-4)
    assert whole.utilisation == pytest.approx(expected["occupancy"], abs=5e-4)
    assert whole.share_that_waits == pytest.approx(expected["waiting_probability"], abs=5e-4)


def fractional_servers(inputs: Figures, expected: Figures) -> None:
    found = staffed(inputs)
    present = 1 - inputs["shrinkage"]
    assert 13 / present < found.positions < 14 / present < found.positions_whole + 1e-9
    assert found.waiting.share_seen_within_standard >= inputs["service_level"]
    assert set(expected) == {"fractional_positions_about", "service_level_about"}


def blocked(inputs: Figures, expected: Figures) -> None:
    assert blocking(inputs["erlangs"], inputs["servers"]) == pytest.approx(expected["blocking"])


def servers_without_a_wait(inputs: Figures, expected: Figures) -> None:
    load, servers = inputs["erlangs"], expected["raw_positions"]
    assert blocking(load, servers) <= inputs["max_blocking"] < blocking(load, servers - 1)
    assert math.ceil(servers / (1 - inputs["shrinkage"])) == expected["positions"]


def mean_wait(inputs: Figures, expected: Figures) -> None:
    found = waiting(
        first_visits_requested_per_business_day=inputs["arrival_rate_per_min"],
        prescribers=inputs["servers"],
        first_visits_per_prescriber_per_business_day=inputs["service_rate_per_min"],
        standard="wait-medicaid-2024",
    )
    assert found.share_that_waits == pytest.approx(expected["erlang_c"], abs=5e-7)
    assert found.mean_wait_business_days == pytest.approx(expected["mean_wait_min"], abs=5e-5)


def overload(inputs: Figures, expected: Figures) -> None:
    found = waiting(
        first_visits_requested_per_business_day=inputs["arrivals"],
        prescribers=10,
        first_visits_per_prescriber_per_business_day=60 / inputs["handle_s"],
        standard="wait-medicaid-2024",
    )
    assert "never a negative number" in expected["must"]
    assert found.is_unstable and found.mean_wait_business_days == math.inf
    assert found.share_seen_within_standard == 0


def wait_rule(inputs: Figures, expected: Figures) -> None:
    found = read_standard("wait-medicaid-2024")
    assert isinstance(found, WaitStandard) and found.programme == inputs["program"]
    assert (found.number, found.unit) == (expected["max_business_days"], "business_days")
    assert found.share is not None and found.share * 100 == expected["compliance_pct"]
    assert found.source.address == ROWS["RULE-WAIT"]["source_url"]


CHECKS: Final[dict[str, Callable[[Figures, Figures], None]]] = {
    "PW-C1": servers_with_a_wait,
    "PW-FRACTIONAL": fractional_servers,
    "PW-B1": blocked,
    "PW-B3": servers_without_a_wait,
    "CIW-MM3": mean_wait,
    "QUEUE-UNSTABLE": overload,
    "RULE-WAIT": wait_rule,
}


def test_every_row_has_its_check_and_its_source() -> None:
    assert set(ROWS) == set(CHECKS)
    assert all(
        row["source_url"].startswith("https://") and row["asserted"] for row in ROWS.values()
    )


@pytest.mark.parametrize("name", list(CHECKS))
def test_published_answers(name: str) -> None:
    row = ROWS[name]
    CHECKS[name](json.loads(row["inputs"]), json.loads(row["expected"]))
