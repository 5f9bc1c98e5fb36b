"""The commands `opsafe ranking rank`, `ballot`, `example`, `schema` and `editions`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyarrow import csv, parquet

from opsafe import ranking as rk
from tests.unit.cli.conftest import Run

WEIGHTS = ("--weights", "impact=60", "--weights", "ease=40", "--draws", "200")


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    """The sample as a table of text; a rating that was not given is an empty field."""
    table = rk.example().ratings.to_arrow()
    path = tmp_path / "ratings.csv"
    csv.write_csv(table, path)
    return path


@pytest.fixture
def ranking() -> rk.Ranking:
    return rk.rank(
        rk.example().ratings,
        criteria=rk.IMPACT_EASE_1_5,
        weights={"impact": 60, "ease": 40},
        draws=200,
    )


def text_file(folder: Path, text: str, name: str = "own.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_order_is_printed_with_how_sure_it_is(
    run: Run, ratings: Path, ranking: rk.Ranking
) -> None:
    found = run("ranking", "rank", ratings, *WEIGHTS)
    assert found.exit_code == 0 and found.stderr == ""
    text = " ".join(found.stdout.split())
    places = [text.index(name) for name in ranking.order]
    assert places == sorted(places)
    assert "10 initiatives, 7 raters" in text and "impact 0.6, ease 0.4" in text
    for caution in ranking.cautions:
        assert " ".join(caution.split()) in text
    for edition in ranking.editions:
        assert edition.citation in found.stdout
    assert "weight_half_width" in text and "two camps" in text and "Written" not in text


def test_table_and_memo_are_written(
    run: Run, ratings: Path, tmp_path: Path, ranking: rk.Ranking
) -> None:
    out, memo = tmp_path / "table.csv", tmp_path / "memo.md"
    found = run("ranking", "rank", ratings, *WEIGHTS, "--out", out, "--memo", memo)
    assert found.exit_code == 0
    written = csv.read_csv(out)
    assert written.column_names == list(ranking.table.keys())
    assert written["score"].to_pylist() == ranking.table["score"].tolist()
    assert memo.read_text(encoding="utf-8") == ranking.memo()
    assert str(out) in found.stdout and str(memo) in found.stdout
    assert run("ranking", "rank", ratings, *WEIGHTS, "--out", tmp_path / "t.parquet").exit_code == 0
    assert parquet.read_table(tmp_path / "t.parquet").num_rows == 10


def test_json_is_the_whole_result_and_nothing_else(
    run: Run, ratings: Path, ranking: rk.Ranking
) -> None:
    found = run("ranking", "rank", ratings, *WEIGHTS, "--json")
    assert json.loads(found.stdout) == json.loads(ranking.to_json())


def test_parquet_gives_what_csv_gives(run: Run, ratings: Path, tmp_path: Path) -> None:
    path = tmp_path / "ratings.parquet"
    parquet.write_table(rk.example().ratings.to_arrow(), path)
    one, other = (run("ranking", "rank", each, *WEIGHTS, "--json") for each in (ratings, path))
    assert json.loads(one.stdout) == json.loads(other.stdout)


def test_a_blank_is_missing_and_long_tables_work(run: Run, tmp_path: Path) -> None:
    path = text_file(
        tmp_path,
        "Project,Who,criterion,score\nA,x,impact,5\nA,x,ease,4\nB,x,impact,\nB,x,ease, 2 \n",
    )
    names = ("--columns", "initiative=Project", "--columns", "rater=Who")
    found = run("ranking", "rank", path, *WEIGHTS, *names)
    assert found.exit_code == 0
    assert "not rated: impact" in found.stdout


def test_owners_do_not_rate_their_own(run: Run, ratings: Path) -> None:
    owner = "data dashboard=operations officer"
    found = run("ranking", "rank", ratings, *WEIGHTS, "--owners", owner, "--json")
    told = rk.rank(
        rk.example().ratings,
        criteria=rk.IMPACT_EASE_1_5,
        weights={"impact": 60, "ease": 40},
        owners={"data dashboard": ["operations officer"]},
        draws=200,
    )
    assert json.loads(found.stdout) == json.loads(told.to_json())


def test_criteria_of_your_own_are_a_file(run: Run, tmp_path: Path) -> None:
    criteria = rk.Criteria(
        id="own", title="Own", criteria=(rk.Criterion(name="months", worst=24, best=0),)
    )
    file = text_file(tmp_path, criteria.to_json(), "criteria.json")
    table = text_file(tmp_path, "initiative,months\nA,3\nB,12\n")
    found = run("ranking", "rank", table, "--criteria", file, "--weights", "months=1")
    assert found.exit_code == 0 and "0.875" in found.stdout


def test_what_cannot_be_done_is_said_in_a_sentence(run: Run, ratings: Path, tmp_path: Path) -> None:
    outside = text_file(tmp_path, "initiative,rater,impact,ease\nA,x,9,1\n", "outside.csv")
    words_ = text_file(tmp_path, "initiative,rater,impact,ease\nA,x,high,1\n", "words.csv")
    ragged = text_file(tmp_path, "initiative,rater,impact,ease\nA,x,1\n", "ragged.csv")
    twice = text_file(tmp_path, "initiative,initiative\nA,B\n", "twice.csv")
    empty = text_file(tmp_path, "", "empty.csv")
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00")
    no_parquet = text_file(tmp_path, "no", "no.parquet")
    for words, told in (
        (("nowhere.csv", *WEIGHTS), "there is no file"),
        ((tmp_path / "x.xls", *WEIGHTS), "ending"),
        ((outside, *WEIGHTS), "row 0"),
        ((words_, *WEIGHTS), "row 0"),
        ((ragged, *WEIGHTS), "row 0 of ragged.csv has 3 columns"),
        ((twice, *WEIGHTS), "there twice"),
        ((empty, *WEIGHTS), "is empty"),
        ((broken, *WEIGHTS), "cannot be read"),
        ((no_parquet, *WEIGHTS), "cannot be read"),
        ((ratings, "--weights", "impact"), "no pair"),
        ((ratings, "--weights", "impact=much"), "--weights"),
        ((ratings, "--weights", "impact=1", "--weights", "impact=2"), "given twice"),
        ((ratings, "--weights", "impact=1"), "--weights"),
        ((ratings, "--weights", "impact=-1", "--weights", "ease=1"), "lies outside 0 to"),
        ((ratings, *WEIGHTS, "--draws", "0"), "--draws"),
        ((ratings, *WEIGHTS, "--top", "0"), "--top"),
        ((ratings, *WEIGHTS, "--defaults", "1999"), "--defaults"),
        ((ratings, *WEIGHTS, "--out", tmp_path / "t.txt"), "ending"),
        ((ratings, *WEIGHTS, "--out", ratings), "write over"),
        ((ratings, *WEIGHTS, "--memo", tmp_path), "is a folder"),
        ((ratings, *WEIGHTS, "--memo", tmp_path / "no" / "m.md"), "there is no folder"),
        ((ratings, *WEIGHTS, "--criteria", ratings), "JSON"),
    ):
        found = run("ranking", "rank", *words)
        assert found.exit_code == 2 and told in found.stderr, (words, found.stderr)
        assert "Traceback" not in found.stderr


def test_a_ballot_comes_back_as_ratings(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "ballot.csv"
    names = ("naloxone", "dashboard", "--raters", "Ana", "--raters", "Ben")
    owned = ("--owners", "naloxone=Ben")
    found = run("ranking", "ballot", *names, *owned, "--format", "csv", "--out", out)
    assert found.exit_code == 0 and "2 initiatives" in found.stdout
    filled = out.read_text(encoding="utf-8").replace(",,,\n", ",4,3,\n")
    out.write_text(filled, encoding="utf-8")
    assert run("ranking", "rank", out, *WEIGHTS).exit_code == 0
    page = run("ranking", "ballot", *names, *owned).stdout
    assert "recused: owner" in page and "The same as doing nothing" in page
    assert run("ranking", "ballot", "a", "a").exit_code == 2
    assert run("ranking", "ballot", "a", "--owners", "b=Ben").exit_code == 2


def test_the_sample_says_that_it_is_invented_and_can_be_ranked(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sample"
    found = run("ranking", "example", "--out", out)
    assert found.exit_code == 0 and "Invented" in found.stdout
    assert (out / "NOTE.txt").read_text(encoding="utf-8").startswith("Invented")
    assert {each.name for each in out.iterdir()} == {
        "ratings.csv", "costs.csv", "work.csv", "assessments.csv", "NOTE.txt",
    }  # fmt: skip
    assert run("ranking", "rank", out / "ratings.csv", *WEIGHTS).exit_code == 0
    assert run("ranking", "example", "--out", out / "NOTE.txt").exit_code == 2


def test_the_schema_is_of_criteria(run: Run) -> None:
    found = json.loads(run("ranking", "schema").stdout)
    assert found["$schema"].endswith("2020-12/schema") and "criteria" in found["properties"]


def test_editions_are_listed_and_shown(run: Run) -> None:
    assert "2026-01" in run("ranking", "editions").stdout
    shown = run("ranking", "editions", "2026-01")
    assert shown.exit_code == 0 and "weight_half_width" in shown.stdout
    assert run("ranking", "editions", "nothing").exit_code == 2


def test_what_is_not_known_is_blank_and_no_number(run: Run, tmp_path: Path) -> None:
    file = text_file(tmp_path, "initiative,rater,impact,ease\nb,x,4,4\na,x,4,\n")
    found = run("ranking", "rank", file, *WEIGHTS)
    assert found.exit_code == 0 and "2 initiatives, 1 rater, from own.csv" in found.stdout
    order = found.stdout.partition("Planning values")[0]
    assert "nan" not in order and "on the line" not in order and "two camps" not in order


@pytest.mark.parametrize(
    "text, told",
    [
        ("initiative;rater;impact;ease\na;x;3;3\n", "stand apart by ';'"),
        ("initiative\trater\timpact\tease\na\tx\t3\t3\n", "stand apart by a tab"),
        ("Project,rater,impact,ease\na,x,3,3\n", "with --columns OURS=YOURS."),
        ("initiative,rater,impact,ease\na,x,five,3\n", "RATINGS['impact']: is no number"),
        ("initiative,rater,impact,ease\na,x,3,3,3\n", "in quotation marks; rows count from 0."),
    ],
    ids=["semicolons", "tabs", "names", "words", "ragged"],
)
def test_a_file_that_a_spreadsheet_saved_otherwise(
    run: Run, tmp_path: Path, text: str, told: str
) -> None:
    found = run("ranking", "rank", text_file(tmp_path, text), *WEIGHTS)
    assert found.exit_code == 2 and told in found.stderr


def test_empty_rows_that_a_spreadsheet_left_are_no_ratings(run: Run, tmp_path: Path) -> None:
    file = text_file(tmp_path, "initiative,rater,impact,ease\na,x,3,4\n,,,\n, ,,\n")
    found = run("ranking", "rank", file, *WEIGHTS)
    assert found.exit_code == 0 and "1 initiative, 1 rater" in found.stdout


def test_a_weight_that_is_none_names_the_option(run: Run, ratings: Path) -> None:
    found = run("ranking", "rank", ratings, "--weights", "impact=-1", "--weights", "ease=1")
    assert found.exit_code == 2 and "--weights['impact']: lies outside" in found.stderr


def test_a_ballot_with_a_formula_is_refused(run: Run) -> None:
    found = run("ranking", "ballot", "=1+1", "--format", "csv")
    assert found.exit_code == 2 and "runs as a formula" in found.stderr
