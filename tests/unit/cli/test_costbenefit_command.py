"""The commands `opsafe costbenefit business-case`, `schema` and `editions`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyarrow import csv

from opsafe import costbenefit as cb
from opsafe.cli import _costbenefit
from tests.unit.cli.conftest import Run


def plan() -> cb.PlanInputs:
    return cb.PlanInputs(
        title="Our own case",
        start="2026-01",
        members=100_000,
        prevalence=0.0089,
        treated_share_now=0.10,
        treated_share_target=0.25,
        ramp_months=12,
        savings="total_cost",
        basis="paid",
        total_cost_treated_usd_per_member_month=1500.0,
        total_cost_untreated_usd_per_member_month=1900.0,
        horizon_months=36,
        price_year=2025,
    )


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    path = tmp_path / "ours.json"
    path.write_text(plan().to_json(), encoding="utf-8")
    return path


def test_a_case_prints_outcomes_before_money_and_what_it_rests_on(run: Run, ours: Path) -> None:
    found = run("costbenefit", "business-case", ours)
    assert found.exit_code == 0 and found.stderr == ""
    case = cb.business_case(plan(), defaults="2026-01")
    text = " ".join(found.stdout.split())
    assert text.startswith("Our own case, 36 months from 2026-01")
    assert text.index("deaths averted") < text.index("net saving, USD")
    assert f"{case.net_saving:,.0f}" in text
    for caution in case.cautions:
        assert caution in text
    for edition in case.editions:
        assert edition.citation in found.stdout
    assert "commercial-2006-18-group" in text and "Written" not in text


def test_tables_and_record_are_written(run: Run, ours: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = run("costbenefit", "business-case", ours, "--out", out, "--draws", "50", "--seed", "7")
    assert found.exit_code == 0
    record = json.loads((out / "business_case.json").read_text(encoding="utf-8"))
    case = cb.business_case(plan(), defaults="2026-01", draws=50, seed=7)
    assert record == json.loads(case.to_json())
    for name in _costbenefit._TABLES:
        assert csv.read_csv(out / f"{name}.csv").num_rows == len(getattr(case, name))
    assert record["arguments"]["draws"] == 50 and "Written" in found.stdout


def test_what_cannot_be_done_is_said_in_a_sentence(run: Run, ours: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(plan().to_json().replace('"paid"', '"cost"'), encoding="utf-8")
    for words, told in (
        (("nowhere.json",), "there is no file"),
        ((bad,), "basis"),
        ((ours, "--draws", "-1"), "--draws"),
        ((ours, "--level", "2"), "--level"),
        ((ours, "--defaults", "1999"), "--defaults"),
        ((ours, "--out", ours), "is not a folder"),
        ((ours, "--out", tmp_path / "no" / "where"), "there is no folder"),
    ):
        found = run("costbenefit", "business-case", *words)
        assert found.exit_code == 2 and told in found.stderr, words
    bad.write_bytes(b"\xff\xfe{")
    assert "no JSON in UTF-8" in run("costbenefit", "business-case", bad).stderr


def test_the_record_is_not_written_over_the_inputs(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "business_case.json"
    path.write_text(plan().to_json(), encoding="utf-8")
    found = run("costbenefit", "business-case", path, "--out", tmp_path)
    assert found.exit_code == 2 and "over the inputs" in found.stderr


def test_the_schema_is_of_the_inputs(run: Run) -> None:
    found = json.loads(run("costbenefit", "schema").stdout)
    assert found["$schema"].endswith("2020-12/schema") and "horizon_months" in found["properties"]


def test_editions_are_listed_and_shown(run: Run) -> None:
    listed = run("costbenefit", "editions")
    assert "wakeman-2020" in listed.stdout and "churn" in listed.stdout
    shown = run("costbenefit", "editions", "commercial-2006-18-group")
    assert "0.069" in shown.stdout and "Fang" in shown.stdout
    assert run("costbenefit", "editions", "nothing").exit_code == 2
