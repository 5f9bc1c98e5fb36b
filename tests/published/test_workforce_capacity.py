"""Published rows on capacity: the pool of FDA's SOURCE model, its ramp, and programmes' places.

Rows that no function of ours answers say why in `not_asserted_because`.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from opsafe import workforce as wf
from opsafe.workforce import figures
from opsafe.workforce._kernel import erlang_ramp

HERE: Final = Path(__file__).parent
ROWS: Final = list(
    csv.DictReader((HERE / "workforce_capacity.csv").read_text(encoding="utf-8").splitlines())
)


def rows(kind: str) -> list[Any]:
    return [
        pytest.param(json.loads(row["inputs"]), json.loads(row["expected"]), id=row["id"])
        for row in ROWS
        if row["id"].startswith(kind)
    ]


def source() -> figures.PoolCurve:
    found = wf.edition("source-2022")
    assert isinstance(found, figures.PoolCurve)
    return found


def test_every_row_is_asserted_or_says_why_not() -> None:
    asserted = [row["id"] for row in ROWS if not row["not_asserted_because"]]
    assert all(each.startswith(("SRC-CAP", "SRC-EFF", "SRC-RAMP", "SRC-OTP")) for each in asserted)
    # With the rows on waiting, access, rules and figures these are all of the oracle.
    ids = [
        row["id"]
        for path in sorted(HERE.glob("workforce_*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    ]
    assert len(ids) == len(set(ids)) == 90


@pytest.mark.parametrize("inputs, expected", rows("SRC-CAP"))
def test_mean_capacity_to_five_digits(inputs: dict[str, float], expected: dict[str, float]) -> None:
    curve = wf.capacity_curve("source-2022")
    assert (curve.base_patients, curve.decay_per_head) == (
        inputs["base_patients_first_provider"],
        inputs["decay_per_provider"],
    )
    mean = float(curve.capacity(inputs["providers"])[0]) / inputs["providers"]
    assert mean == pytest.approx(expected["mean_capacity_per_provider"], rel=1e-5)


@pytest.mark.parametrize("inputs, expected", rows("SRC-EFF"))
def test_effective_capacity_with_the_printed_ramp(
    inputs: dict[str, float], expected: dict[str, float]
) -> None:
    capacity = float(wf.capacity_curve("source-2022").capacity(inputs["providers"])[0])
    ramp = inputs["rampup_fraction"]
    assert capacity * ramp == pytest.approx(expected["effective_capacity_patients"], rel=2e-5)


@pytest.mark.parametrize("inputs, expected", rows("SRC-RAMP"))
def test_the_ramp_of_the_lifted_limits(inputs: dict[str, Any], expected: dict[str, float]) -> None:
    curve = source()
    assert (curve.ramp_first_year, float(curve.ramp_mean_years), curve.ramp_order) == (
        inputs["start_year"],
        inputs["mean_delay_years"],
        inputs["order"],
    )
    months = 12 * (inputs["year"] - inputs["start_year"])
    ramp = erlang_ramp(months, 12 * inputs["mean_delay_years"], inputs["order"])[months]
    assert ramp == pytest.approx(expected["rampup_fraction"], rel=expected["rel_tol"])


@pytest.mark.parametrize("inputs, expected", rows("SRC-OTP"))
def test_places_of_programmes_follow_from_patients_and_their_use(
    inputs: dict[str, float], expected: dict[str, float]
) -> None:
    used = float(source().otp_utilisation)
    assert used == inputs["utilisation"]
    places = inputs["otp_methadone_patients"] / used
    assert places == pytest.approx(expected["otp_capacity"], rel=1e-5)


def test_the_ceiling_of_the_pool() -> None:
    curve = wf.capacity_curve("source-2022")
    assert round(curve.ceiling_patients) == 943_820
    assert float(curve.capacity(np.array([1e8]))[0]) == pytest.approx(943_820, abs=0.5)


# The IEHP pilot: nine physicians, about 500 members, then 1,000. Prescribers at the legal limits
# and at panels that were seen; source: the toolkit's page on provider networks,
# https://www.chcf.org/resource/opioid-safety-toolkit/provider-network/
@pytest.mark.parametrize(
    "panel, heads",
    [
        (30.0, (17, 34)),
        (100.0, (5, 10)),
        (275.0, (2, 4)),
        (13.6, (37, 74)),
        (42.9, (12, 24)),
        (500 / 9, (9, 18)),
    ],
)
def test_the_iehp_pilot_at_each_panel(panel: float, heads: tuple[int, int]) -> None:
    needed = [
        wf.prescribers_needed(
            patients=patients,
            panel=wf.OwnPanel(mean_patients=panel),
            plan_share=1.0,
            current_heads=0,
            current_patients=0,
        ).total
        for patients in (500, 1_000)
    ]
    assert tuple(needed) == heads
