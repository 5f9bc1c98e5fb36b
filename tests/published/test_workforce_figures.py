"""Published figures: what the editions hold is what each row prints.

A row of `workforce_figures.csv` has its inputs and answers as JSON, with its address. `asserted`
lists the keys that are held against our editions, to the digits that the row prints;
`not_asserted_because` says why the others are not.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe.workforce.editions import resolve
from opsafe.workforce.figures import Conversion, DemandFigure, Panel, PanelBands

ROWS: Final = list(
    csv.DictReader(
        Path(__file__).with_name("workforce_figures.csv").read_text(encoding="utf-8").splitlines()
    )
)
ASSERTED: Final = [row for row in ROWS if row["asserted"]]
Found = dict[str, Any]
Row = dict[str, Any]


def panel(name: str) -> Panel:
    return resolve(name, Panel, "panel")


def conversion(name: str) -> Conversion:
    return resolve(name, Conversion, "conversion")


def figure(name: str) -> DemandFigure:
    return resolve(name, DemandFigure, "figure")


def per_cent(share: Decimal | Fraction | None) -> Fraction:
    assert share is not None
    return 100 * Fraction(share)


def census(_row: Row) -> Found:
    tiers = {"limit_100": "100", "limit_30": "30", "no_waiver_match": "no-match"}
    panels = {tier: panel(f"thomas-2017-{name}") for tier, name in tiers.items()}
    return {
        "adjusted_mean_monthly_census": {t: one.mean_patients for t, one in panels.items()},
        "share_of_episodes_pct": {
            tier: per_cent(one.share_of_episodes) for tier, one in panels.items()
        },
    }


def newly_waivered(_row: Row) -> Found:
    new, ever = panel("jones-2018-new"), conversion("jones-2018-ever")
    assert new.respondents == ever.respondents
    return {
        "respondents_survey": new.respondents,
        "ever_prescribed_pct": per_cent(ever.share),
        "mean_patients_past_month": new.mean_patients,
        "sd": new.sd_patients,
    }


def in_bands(_row: Row) -> Found:
    found = resolve("stein-2016-bands", PanelBands, "bands")
    names = ("le_3", "4_30", "31_75", "gt_75")
    assert [band.up_to_patients for band in found.bands] == [3, 30, 75, None]
    shares = [per_cent(band.share) for band in found.bands]
    return {
        "prescribers": found.respondents,
        "pct_by_monthly_census": dict(zip(names, shares, strict=True)),
        "sum": sum(shares),
        "median_episode_days": found.median_episode_days,
    }


def share_of_limit(row: Row) -> Found:
    found = panel(f"duncan-2020-{row['patient_limit']}")
    return {
        "patient_limit": found.patient_limit,
        "utilisation_pct": per_cent(found.share_of_limit),
        "mean_monthly_patients": found.mean_patients,
    }


def wrote_any(_row: Row) -> Found:
    found = conversion("duncan-2020-active")
    assert found.within_months == 22 and found.respondents is not None
    return {
        "waivered_clinicians_approx": found.respondents,
        "wrote_any_in_22_months_pct": per_cent(found.share),
        "active_clinicians_approx": found.respondents * found.converted_share,
    }


def status(_row: Row) -> Found:
    ever, now, still_open = (
        conversion(f"annfammed-2017-{step}") for step in ("ever", "prescribing", "open")
    )
    total = ever.of or 0
    have, are, take = (one.converted or 0 for one in (ever, now, still_open))
    assert (now.of, still_open.of) == (have, are)
    return {
        "total": total,
        "current_open": take,
        "never_pct": per_cent(Fraction(total - have, total)),
        "former_pct": per_cent(Fraction(have - are, total)),
        "current_closed_pct": per_cent(Fraction(are - take, total)),
        "current_open_pct": per_cent(Fraction(take, total)),
    }


def new_jersey(_row: Row) -> Found:
    registered, active = (
        conversion(f"new-jersey-2024-{step}") for step in ("registered", "prescribing")
    )
    assert registered.converted == active.of
    return {
        "trained_eligible": registered.of,
        "trained_and_registered": registered.converted,
        "active": active.converted,
        "registered_pct": per_cent(registered.converted_share),
        "active_pct": per_cent(registered.converted_share * active.converted_share),
        "active_given_registered_pct": per_cent(active.converted_share),
    }


def audit(_row: Row) -> Found:
    offered = {"medicaid": "beetham-2019-medicaid", "self_pay": "beetham-2019-self-pay"}
    return {"offered_pct": {who: per_cent(conversion(name).share) for who, name in offered.items()}}


def medicaid(year: int) -> Callable[[Row], Found]:
    def found(_row: Row) -> Found:
        treated = figure(f"modrn-{year}-treated")
        return {"oud": treated.whole, "moud": treated.part, "moud_pct": per_cent(treated.value)}

    return found


def corrected_gap(row: Row) -> Found:
    survey, multiplier = figure("nsduh-2019-12plus").value, figure("keyes-2022-undercount").value
    adjusted = 100_000 * Fraction(survey * multiplier)
    return {
        "nsduh_rate_per_100k": 100_000 * survey,
        "multiplier": multiplier,
        "adjusted_rate_per_100k": adjusted,
        "gap_pct": 100 * (1 - Fraction(row["moud_rate_per_100k"]) / adjusted),
    }


def cascade(_row: Row) -> Found:
    need, treated = figure("nsduh-2022-need").value, figure("nsduh-2022-treated").value
    return {
        "adults_needing_oud_treatment_pct": per_cent(need),
        "received_moud_pct_of_need": per_cent(treated),
        "moud_pct_of_all_adults": per_cent(need * treated),
    }


def seeking(row: Row) -> Found:
    share = figure("urban-2018-seeking-20").value
    return {"seeking_share": share, "demand": row["people_with_oud"] * share}


def need_of_2012(_row: Row) -> Found:
    return {"oud_rate_per_100k": 100_000 * figure("jones-2012-12plus").value}


def pilot(_row: Row) -> Found:
    found = panel("iehp-pilot")
    counts = {"members_treated": found.patients, "physicians": found.prescribers}
    return {**counts, "panel": found.mean_patients}


def observed_panel(row: Row) -> Found:
    mean = panel("thomas-2017-30").mean_patients
    return {
        "patients_per_prescriber": mean,
        "prescribers": [ceil(members / mean) for members in row["members"]],
    }


FINDERS: Final[dict[str, Callable[[Row], Found]]] = {
    "THO-CENSUS": census,
    "JMK-2018": newly_waivered,
    "STE-DIST": in_bands,
    "DUN-30": share_of_limit,
    "DUN-100": share_of_limit,
    "DUN-275": share_of_limit,
    "DUN-ACTIVE": wrote_any,
    "AFM-STATUS": status,
    "NJ-FUNNEL": new_jersey,
    "BEE-ACCESS": audit,
    "MODRN-2014": medicaid(2014),
    "MODRN-2018": medicaid(2018),
    "KRA-2019-RATE": corrected_gap,
    "NSDUH-2022": cascade,
    "URB-2017-SEEK": seeking,
    "JON-2012-GAP": need_of_2012,
    "IEHP-NOW": pilot,
    "IEHP-P13.6": observed_panel,
}


def agree(found: Any, printed: Any, tolerance: Fraction) -> bool:
    """Whether a value is the printed one, to its digits or within its own relative tolerance."""
    if isinstance(printed, dict):
        return set(found) == set(printed) and all(
            agree(found[key], printed[key], tolerance) for key in printed
        )
    if isinstance(printed, list):
        return all(agree(*pair, tolerance) for pair in zip(found, printed, strict=True))
    exact = Fraction(printed)
    step = Fraction(10) ** int(Decimal(printed).as_tuple().exponent)
    return abs(Fraction(found) - exact) <= max(step / 2, tolerance * exact)


def test_every_row_is_asserted_or_says_why_not() -> None:
    assert {row["id"] for row in ASSERTED} == set(FINDERS)
    for row in ROWS:
        answers = set(json.loads(row["expected"])) - {"rel_tol"}
        left = answers - set(row["asserted"].split())
        assert bool(left) == bool(row["not_asserted_because"])


@pytest.mark.parametrize("row", ASSERTED, ids=[row["id"] for row in ASSERTED])
def test_published_figure_is_what_the_editions_hold(row: dict[str, str]) -> None:
    inputs, expected = (
        json.loads(row[column], parse_float=Decimal) for column in ("inputs", "expected")
    )
    printed = inputs | expected
    found = FINDERS[row["id"]](inputs)
    assert set(found) == set(row["asserted"].split())
    for name, value in found.items():
        tolerance = Fraction(expected.get("rel_tol", 0)) if name in expected else Fraction(0)
        assert agree(value, printed[name], tolerance), name
