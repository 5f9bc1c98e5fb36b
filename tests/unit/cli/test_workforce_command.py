"""The commands `opsafe workforce project`, `schema` and `editions`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from pyarrow import csv

from opsafe import workforce as wf
from opsafe.cli import _workforce
from tests.unit.cli.conftest import Run

EXAMPLE: Final = Path(__file__).parents[3] / "examples" / "workforce-scenario.json"
MONTHS: Final = ("--start", "2026-01", "--months", "24")
DRAWN: Final = (*MONTHS, "--draws", "40", "--seed", "7")
HIRES: Final = ("--hires-for", "0.5", "--by-month", "24", "--confidence", "0.8")
TABLES: Final = ("by_month", "by_area", "by_line", "prescribers", "binding", "inputs")


def example() -> wf.Scenario:
    return wf.Scenario.from_json(EXAMPLE.read_text(encoding="utf-8"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Write a scenario of one area, whose only bound is prescribers, under a name of its own."""
    scenario = wf.Scenario(
        demand=(
            wf.Demand(
                members=100_000,
                ages="18+",
                oud_base="claims",
                prevalence=0.01,
                undercount=1.0,
                seeking=0.5,
            ),
        ),
        supply=(wf.Supply(open_to_plan=5),),
        capacity=wf.PanelCapacity(panel="thomas-2017-100", plan_share=1.0),
        leaving_first_year=0.2,
        leaving_later=0.1,
    )
    path = tmp_path / "ours.json"
    path.write_text(scenario.to_json(), encoding="utf-8")
    return path


def line_of(printed: str, beginning: str) -> list[str]:
    """Return the cells that follow a line's title."""
    (line,) = [line for line in printed.splitlines() if line.startswith(f"  {beginning}  ")]
    return line.removeprefix(f"  {beginning}").split()


def test_a_projection_prints_the_last_month_and_what_it_rests_on(run: Run) -> None:
    found = run("workforce", "project", EXAMPLE, *DRAWN)
    assert found.exit_code == 0 and found.stderr == ""
    plan = wf.project(example(), start="2026-01", months=24, draws=40, seed=7)
    assert "24 months from 2026-01, 40 draws, seed 7; low and high hold 80%" in found.stdout
    assert "At the end of 2027-12" in found.stdout
    ends = [plan.by_month[f"treated_{end}"][-1] for end in ("median", "low", "high")]
    assert line_of(found.stdout, "are treated") == [f"{value:,.0f}" for value in ends]
    share = plan.by_month["share_met_median"][-1]
    assert line_of(found.stdout, "share met")[0] == f"{share:.1%}"
    for caution in plan.cautions:
        assert caution in found.stdout
    for edition in plan.editions:
        assert edition.citation in found.stdout
    assert line_of(found.stdout, "ramp_months")[:3] == ["6", "planning", "value"]
    assert "Hires" not in found.stdout and "Written" not in found.stdout


def test_shares_of_bounds_and_those_not_evaluated_cover_every_area(run: Run) -> None:
    found = run("workforce", "project", EXAMPLE, *DRAWN)
    assert line_of(found.stdout, "buprenorphine  legal") == ["-", "-", "3", "of", "3"]
    bounds = ("time", "behaviour", "none")
    cells = [line_of(found.stdout, f"buprenorphine  {bound}") for bound in bounds]
    for column in (0, 1):
        # Three shares, each printed to a tenth of a point.
        assert sum(float(cell[column].rstrip("%")) for cell in cells) == pytest.approx(100, abs=0.2)


def test_without_draws_numbers_are_expected_ones(run: Run) -> None:
    found = run("workforce", "project", EXAMPLE, *MONTHS)
    assert "expected values" in found.stdout
    assert len(line_of(found.stdout, "seek treatment")) == 1
    assert "median" not in found.stdout
    asked = run("workforce", "project", EXAMPLE, *MONTHS, *HIRES)
    assert "a probability takes --draws and --seed" in " ".join(asked.stdout.split())
    assert "standard error" not in asked.stdout


def test_the_tables_are_written_as_they_are(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    found = run("workforce", "project", EXAMPLE, *DRAWN, "--level", "0.5", "--out", out)
    assert found.exit_code == 0
    assert f"{out / 'plan.json'}: what was asked" in found.stdout
    assert {path.name for path in out.iterdir()} == {f"{name}.csv" for name in TABLES} | {
        "plan.json"
    }
    plan = wf.project(example(), start="2026-01", months=24, draws=40, seed=7, level=0.5)
    for name in TABLES:
        read = csv.read_csv(
            out / f"{name}.csv", parse_options=csv.ParseOptions(newlines_in_values=True)
        )
        expected = getattr(plan, name).to_arrow()
        assert read.column_names == expected.column_names
        if name != "inputs":  # a column of text that looks like numbers comes back as numbers
            assert read.cast(expected.schema).equals(expected)


def test_the_record_says_what_was_asked_and_is_the_same_again(run: Run, tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        assert run("workforce", "project", EXAMPLE, *DRAWN, "--out", tmp_path / name).exit_code == 0
        texts.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert texts[0] == texts[1]
    record = json.loads(texts[0]["plan.json"])
    plan = wf.project(example(), start="2026-01", months=24, draws=40, seed=7)
    assert record["schema_version"] == 1
    assert record["arguments"] == {
        "start": "2026-01",
        "months": 24,
        "draws": 40,
        "seed": 7,
        "defaults": "2026-01",
        "level": 0.8,
        "hires_for": None,
        "by_month": None,
        "confidence": None,
        "medication": None,
    }
    hashes = {each["id"]: each["values_hash"] for each in record["editions"]}
    assert hashes == {each.id: each.values_hash for each in plan.editions}
    assert record["cautions"] == list(plan.cautions)
    assert wf.Scenario.from_json(json.dumps(record["scenario"])) == example()
    assert record["hires"] is None


def test_hires_are_answered_and_their_scenario_meets_the_target(run: Run, tmp_path: Path) -> None:
    found = run("workforce", "project", EXAMPLE, *DRAWN, *HIRES, "--out", tmp_path)
    assert found.exit_code == 0
    assert "Hires: 50.0% of the seekers treated at the end of month 24 (2027-12)" in found.stdout
    answer = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["hires"]
    assert answer["status"] == "found" and answer["probability"] >= 0.8
    assert sum(answer["by_area"].values()) == answer["hires_per_month"]
    assert f"{answer['hires_per_month']:,} prescribers of buprenorphine a month" in found.stdout
    for area, count in answer["by_area"].items():
        assert line_of(found.stdout, area) == [str(count)]
    changed = wf.Scenario.from_json((tmp_path / "scenario_with_hires.json").read_bytes())
    again = wf.project(changed, start="2026-01", months=24, draws=40, seed=7)
    assert again.probability_met(0.5, 24).value == answer["probability"]


def test_a_target_out_of_reach_is_an_answer_too(run: Run, tmp_path: Path) -> None:
    # Places of methadone programmes stay as they are, so that not all can be treated.
    beyond = ("--hires-for", "1", "--by-month", "24", "--confidence", "0.9")
    found = run("workforce", "project", EXAMPLE, *DRAWN, *beyond, "--out", tmp_path)
    assert found.exit_code == 0
    assert "not reached with places for everybody" in found.stdout
    answer = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["hires"]
    assert answer["status"] == "unreachable"
    assert not (tmp_path / "scenario_with_hires.json").exists()


def test_no_old_record_stands_beside_tables_that_were_not_written(
    run: Run, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "plan"
    assert run("workforce", "project", small, *MONTHS, "--out", out).exit_code == 0

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "by_month.csv")

    monkeypatch.setattr(_workforce, "write_table", full)
    found = run("workforce", "project", small, *MONTHS, "--out", out)
    assert found.exit_code == 2
    assert found.stderr == "Error: by_month.csv: No space left on device\n"
    assert not (out / "plan.json").exists()


def test_defaults_of_ones_own_are_read_and_named(run: Run, small: Path, tmp_path: Path) -> None:
    shipped = Path(wf.__file__).parent / "data" / "editions" / "2026-01.toml"
    text = shipped.read_text(encoding="utf-8").replace('id = "2026-01"', 'id = "ours"')
    own = tmp_path / "ours.toml"
    own.write_text(text.replace('kind = "planning"', 'kind = "local"'), encoding="utf-8")
    out = tmp_path / "plan"
    found = run("workforce", "project", small, *MONTHS, "--defaults", own, "--out", out)
    assert found.exit_code == 0, found.stderr
    assert "defaults ours" in found.stdout
    record = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert record["arguments"]["defaults"] == "ours"


@pytest.mark.parametrize(
    "words, told",
    [
        (("--months", "0"), "--months: lies outside 1 to 240"),
        (("--start", "soon"), "--start: is not a month. Allowed: YYYY-MM"),
        (("--draws", "5"), "--seed: draws need a seed"),
        (("--seed", "5"), "--seed: there are no draws to seed"),
        (("--draws", "0", "--seed", "5"), "--draws: lies outside 1"),
        (("--level", "1"), "--level: must lie between 0 and 1"),
        (("--defaults", "2026-O1"), "--defaults: "),
        (("--defaults", "nowhere.toml"), "nowhere.toml"),
        (("--by-month", "3"), "--hires-for: is missing"),
        (("--hires-for", "0.5", "--by-month", "3"), "--confidence: is missing"),
        (("--hires-for", "1.5", *HIRES[2:]), "--hires-for: lies outside 0 to 1"),
        ((*HIRES[:2], "--by-month", "25", *HIRES[4:]), "--by-month: lies outside 1 to 24"),
        ((*HIRES[:4], "--confidence", "1"), "--confidence: must lie between 0 and 1"),
        ((*HIRES, "--medication", "methadone"), "--medication: nobody can be hired for it"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(
    run: Run, small: Path, words: tuple[str, ...], told: str
) -> None:
    found = run("workforce", "project", small, *MONTHS, *words)
    assert found.exit_code == 2
    assert found.stderr.startswith("Error: ") and told in found.stderr
    assert found.stdout == "" and "Traceback" not in found.stderr


def test_a_scenario_that_is_none_is_told_by_file_and_field(run: Run, small: Path) -> None:
    wrong: dict[str, Any] = json.loads(small.read_text(encoding="utf-8"))
    wrong["demand"][0] |= {"members": -1, "seekers": 3}
    small.write_text(json.dumps(wrong), encoding="utf-8")
    found = run("workforce", "project", small, *MONTHS)
    assert found.exit_code == 2
    assert f"Error: {small}: Scenario is not valid: " in found.stderr
    assert "demand[0].members: should be greater than or equal to 0, not -1" in found.stderr
    assert "demand[0].seekers: is not a field of this document" in found.stderr


@pytest.mark.parametrize(
    "content, told",
    [
        (b"not JSON", "ours.json: Scenario is not valid: not JSON"),
        (b'{"title": "\xff"}', "SCENARIO: ours.json is no JSON in UTF-8"),
        (b'{"title": 1' + b"0" * 5000 + b"}", "ours.json"),
    ],
    ids=["words", "Latin-1", "a number of 5,000 digits"],
)
def test_a_file_that_cannot_be_read_is_named(
    run: Run, small: Path, content: bytes, told: str
) -> None:
    small.write_bytes(content)
    found = run("workforce", "project", small, *MONTHS)
    assert found.exit_code == 2 and told in found.stderr


def test_a_file_with_a_byte_order_mark_is_read(run: Run, small: Path) -> None:
    small.write_bytes(b"\xef\xbb\xbf" + small.read_bytes())
    assert run("workforce", "project", small, *MONTHS).exit_code == 0


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    found = run("workforce", "project", tmp_path / "none.json", *MONTHS)
    assert found.exit_code == 2
    assert f"SCENARIO: there is no file {tmp_path / 'none.json'}" in found.stderr


def test_a_folder_that_cannot_be_written_is_named_before_the_work(run: Run, small: Path) -> None:
    for out, told in (
        (small, "is not a folder"),
        (small.parent / "not" / "there", "there is no folder"),
    ):
        found = run("workforce", "project", small, *MONTHS, "--out", out)
        assert found.exit_code == 2 and f"--out: {told}" in found.stderr.replace(f"{small} ", "")


@pytest.mark.parametrize("name", ["plan.json", "scenario_with_hires.json"])
def test_the_scenario_is_not_written_over(run: Run, small: Path, name: str) -> None:
    theirs = small.rename(small.with_name(name))
    before = theirs.read_bytes()
    found = run("workforce", "project", theirs, *MONTHS, "--out", theirs.parent)
    assert found.exit_code == 2
    assert "--out: would write over the scenario itself" in found.stderr
    assert theirs.read_bytes() == before


def test_a_scenario_without_a_title_goes_by_its_file(run: Run, small: Path) -> None:
    assert run("workforce", "project", small, *MONTHS).stdout.startswith("ours.json\n")


def test_the_schema_is_json_and_that_of_the_document(run: Run) -> None:
    found = run("workforce", "schema")
    assert found.exit_code == 0
    schema = json.loads(found.stdout)
    assert schema.pop("$schema").endswith("2020-12/schema")
    assert schema == wf.Scenario.model_json_schema()


def test_every_edition_of_the_engine_is_listed(run: Run) -> None:
    found = run("workforce", "editions")
    assert found.exit_code == 0
    listed = {line.split()[0] for line in found.stdout.splitlines() if line.startswith("  ")}
    assert {each.id for each in wf.editions()} <= listed


@pytest.mark.parametrize("edition", wf.editions(), ids=lambda edition: edition.id)
def test_an_edition_of_the_engine_is_shown_with_its_citation(run: Run, edition: Any) -> None:
    found = run("workforce", "editions", edition.id)
    assert found.exit_code == 0
    assert found.stdout.startswith(f"{edition.id}  {edition.title}\n")
    assert edition.citation() in found.stdout


def test_an_edition_says_its_figures(run: Run) -> None:
    found = run("workforce", "editions", "thomas-2017-100")
    assert "  mean_patients: 42.9\n" in found.stdout
    assert "published, panel, in force from 2017-12-01" in found.stdout


def test_steps_of_rules_are_listed_one_by_one(run: Run) -> None:
    found = run("workforce", "editions", "patient-limits-2022")
    steps = [line for line in found.stdout.splitlines() if line.startswith("  - first_day ")]
    assert len(steps) == len(wf.edition("patient-limits-2022").model_dump()["steps"])


def test_an_unknown_edition_of_the_engine_is_answered_with_the_nearest(run: Run) -> None:
    found = run("workforce", "editions", "thomas-2017-10")
    assert found.exit_code == 2 and "thomas-2017-100" in found.stderr


def test_the_example_holds_three_areas_two_lines_and_two_medications() -> None:
    keys = {each.key for each in example().demand}
    assert [len(set(part)) for part in zip(*keys, strict=True)] == [3, 2, 2]
    assert len(keys) == 12
