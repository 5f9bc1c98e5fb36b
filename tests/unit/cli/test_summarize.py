"""The command `opsafe mme summarize`: the summary, the files, and what it refuses."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from opsafe import mme
from tests.tables import rows_of
from tests.unit.cli.conftest import Run, Write, fill

WINDOW = ("--edition", "cdc-2022", "--start", "2025-01-01", "--end", "2025-01-30")


def read(path: Path) -> Any:
    """Read a CSV that was written, every column as text."""
    names = path.read_text(encoding="utf-8").partition("\n")[0].replace('"', "").split(",")
    kinds = dict.fromkeys(names, pa.string())
    options = csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    return csv.read_csv(path, convert_options=options)


def test_the_summary_has_shares_by_all_four_definitions(run: Run, write: Write) -> None:
    answer = run("mme", "summarize", write(), *WINDOW)
    assert answer.exit_code == 0
    for definition in ("D1 day of supply", "D2 covered day", "D3 day of window", "D4 largest day"):
        (line,) = [one for one in answer.stdout.splitlines() if definition in one]
        # Of 53 members with a value 3 stand at 120 and 20 at exactly 90; the 30 others at 30.
        assert line.split() == [
            *definition.split(),
            "53",
            "57.7",
            "30.0",
            *("43.4%", "(23)") * 2,
            "0",
        ]
    assert "82 in = 53 used + 0 netted + 15 not opioid + 14 set aside" in answer.stdout
    assert re.search(r"STRENGTH_MISSING +12 +Give the strength", answer.stdout)
    assert "cdc-2022 (in force from 2022-11-04" in answer.stdout


def test_exactly_90_is_at_least_90_and_not_more_than_90(run: Run, write: Write) -> None:
    signs = ("--at-least", "90", "--more-than", "90", "--no-suppress")
    answer = run("mme", "summarize", write(), *WINDOW, *signs)
    (line,) = [one for one in answer.stdout.splitlines() if "D4" in one]
    assert "43.4% (23)" in line
    assert "5.7% (3)" in line
    assert "at least 50" not in answer.stdout


def test_cells_under_11_are_hidden_until_asked_for(run: Run, write: Write) -> None:
    arguments = ("mme", "summarize", write(), *WINDOW, "--more-than", "90")
    hidden, shown = run(*arguments).stdout, run(*arguments, "--no-suppress").stdout
    assert "hidden" in hidden
    assert re.search(r"DAYS_SUPPLY_NOT_POSITIVE +under 11", hidden)
    assert "--no-suppress shows them" in hidden
    assert re.search(r"DAYS_SUPPLY_NOT_POSITIVE +2 ", shown)
    assert "(3)" not in hidden
    assert "(3)" in shown
    assert "under 11" not in shown


def test_lower_bounds_stand_beside_every_share(run: Run, write: Write) -> None:
    rows = [fill(f"A{n}") for n in range(12)]
    rows += [fill(f"A{n}", fill_date="2025-01-05", strength="") for n in range(11)]
    answer = run("mme", "summarize", write(rows), *WINDOW)
    lines = [line for line in answer.stdout.splitlines() if re.match(r"  D\d ", line)]
    assert [line.split()[-1] for line in lines] == ["11"] * 4


def test_the_members_file_keeps_leading_zeros_and_every_member(
    run: Run, write: Write, tmp_path: Path
) -> None:
    out = tmp_path / "members.csv"
    answer = run("mme", "summarize", write(), *WINDOW, "--out", out)
    assert answer.exit_code == 0
    assert "82 members, with their ids" in answer.stdout
    members = read(out)
    assert len(members) == 82
    ids = members["member_id"].to_pylist()
    assert ids[0] == "000001000"
    assert ids == sorted(ids)
    assert members["mme_maximum_day"].to_pylist()[:20] == ["90"] * 20
    assert members["mme_maximum_day"].null_count == 29


def test_ids_of_17_digits_stay_apart(run: Run, write: Write, tmp_path: Path) -> None:
    rows = [fill("90071992547409931"), fill("90071992547409932")]
    run("mme", "summarize", write(rows), *WINDOW, "--out", tmp_path / "members.csv")
    assert read(tmp_path / "members.csv")["member_id"].to_pylist() == [
        "90071992547409931", "90071992547409932",
    ]  # fmt: skip


def test_numbers_do_not_pass_through_floats(run: Run, write: Write, tmp_path: Path) -> None:
    # 2.675 is no float; a third of a day's supply times it must come out as on paper.
    rows = [fill("A", strength="2.675", quantity="1.001", days_supply="1")]
    run("mme", "summarize", write(rows), *WINDOW, "--out", tmp_path / "members.csv")
    # 2.675 x 1.001 x 1.5 = 4.0165125 exactly, rounded half up in the sixth decimal.
    assert read(tmp_path / "members.csv")["total_mme"].to_pylist() == ["4.016513"]


def test_parquet_in_and_out_gives_the_same_members(run: Run, write: Write, tmp_path: Path) -> None:
    as_csv, as_parquet = write(), tmp_path / "claims.parquet"
    table = csv.read_csv(
        as_csv,
        convert_options=csv.ConvertOptions(
            column_types={"member_id": pa.string(), "strength": pa.decimal128(9, 3)},
            strings_can_be_null=True,
        ),
    )
    parquet.write_table(table, as_parquet)
    for source, out in ((as_csv, "a.parquet"), (as_parquet, "b.parquet")):
        assert run("mme", "summarize", source, *WINDOW, "--out", tmp_path / out).exit_code == 0
    first, second = (parquet.read_table(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert rows_of(first) == rows_of(second)
    assert pa.null() not in first.schema.types


def test_the_members_file_is_what_the_library_answers(
    run: Run, write: Write, tmp_path: Path
) -> None:
    claims = write()
    run("mme", "summarize", claims, *WINDOW, "--out", tmp_path / "m.parquet")
    expected = mme.exposure(read(claims), edition="cdc-2022", start="2025-01-01", end="2025-01-30")
    assert rows_of(parquet.read_table(tmp_path / "m.parquet")) == rows_of(expected.members)


def test_rows_set_aside_and_provenance_are_written(run: Run, write: Write, tmp_path: Path) -> None:
    aside, provenance = tmp_path / "aside.csv", tmp_path / "provenance.json"
    files = ("--set-aside", aside, "--provenance", provenance)
    answer = run("mme", "summarize", write(), *WINDOW, *files)
    assert answer.exit_code == 0
    assert (
        read(aside)["code"].to_pylist()
        == ["STRENGTH_MISSING"] * 12 + ["DAYS_SUPPLY_NOT_POSITIVE"] * 2
    )
    found = mme.Provenance.from_json(provenance.read_text(encoding="utf-8"))
    assert found.rows.set_aside == 14
    assert found.arguments["start"] == "2025-01-01"


def test_names_of_the_caller_are_mapped(run: Run, write: Write) -> None:
    claims = write(member_id="BENE_ID", fill_date="SRVC_DT")
    names = ("--columns", "member_id=BENE_ID", "--columns", "fill_date=SRVC_DT")
    assert run("mme", "summarize", claims, *WINDOW, *names).exit_code == 0
    refused = run("mme", "summarize", claims, *WINDOW)
    assert refused.exit_code == 2
    assert "there is no column 'member_id', 'fill_date'" in refused.stderr
    assert "--columns member_id=YOUR_NAME" in refused.stderr


def test_a_chain_and_an_edition_of_ones_own(run: Run, write: Write, tmp_path: Path) -> None:
    rows = [fill("A", ingredient="levorphanol", strength="2", quantity="30")]
    chain = ("--edition", "cdc-2022", "--edition", "cdc-file-2018")
    answer = run("mme", "summarize", write(rows), *chain, "--no-suppress")
    assert "by cdc-2022, cdc-file-2018" in answer.stdout
    assert "1 used" in answer.stdout
    source = Path(mme.__file__).with_name("data") / "editions" / "cdc-2022.toml"
    text = source.read_text(encoding="utf-8").replace('"cdc-2022"', '"our-plan"')
    text = text.replace('kind = "published"', 'kind = "local"')
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    assert "by our-plan" in run("mme", "summarize", write(), "--edition", own).stdout


def test_early_refills_can_be_shifted(run: Run, write: Write) -> None:
    early = [fill("A", quantity="120"), fill("A", fill_date="2025-01-28", quantity="120")]
    arguments = ("mme", "summarize", write(early), "--edition", "cdc-2022", "--no-suppress")
    assert re.search(r"D4 largest day +1 +120\.0", run(*arguments).stdout)
    shifted = run(*arguments, "--overlap", "shift_same_product").stdout
    assert re.search(r"D4 largest day +1 +60\.0", shifted)


def test_nothing_on_screen_names_a_member(run: Run, write: Write, tmp_path: Path) -> None:
    claims = write()
    for more in ((), ("--no-suppress",), ("--out", tmp_path / "m.csv"), ("--end", "never")):
        answer = run("mme", "summarize", claims, *WINDOW, *more)
        assert not re.search(r"00000[1-6]0\d\d", answer.stdout + answer.stderr)


def test_output_for_a_log_is_plain_and_wide_enough(run: Run, write: Write) -> None:
    answer = run("mme", "summarize", write(), *WINDOW, "--more-than", "50", "--more-than", "90")
    assert "\x1b" not in answer.stdout + answer.stderr
    assert "\N{HORIZONTAL ELLIPSIS}" not in answer.stdout
    assert answer.stderr == ""


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--edition", "cdc-2023"), "no edition is called 'cdc-2023'"),
        ((*WINDOW, "--end", "2024-12-31"), "end: lies before start"),
        ((*WINDOW, "--at-least", "much"), "'much' is not a number"),
        ((*WINDOW, "--columns", "member_id"), "does not map a name"),
        ((*WINDOW, "--columns", "member=X"), "is not a column of ours"),
        ((*WINDOW, "--columns", "route=a", "--columns", "route=b"), "mapped twice"),
        ((*WINDOW, "--out", "members.xlsx"), "Allowed: .csv, .parquet"),
        ((*WINDOW, "--out", "nowhere/members.csv"), "there is no folder nowhere"),
        (("--edition", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    run: Run, write: Write, arguments: tuple[str, ...], message: str
) -> None:
    answer = run("mme", "summarize", write(), *arguments)
    assert answer.exit_code == 2
    assert message in answer.stderr
    assert answer.stderr.startswith("Error: ")
    assert "Traceback" not in answer.stderr


def test_a_rule_of_overlap_that_does_not_exist_is_refused(run: Run, write: Write) -> None:
    assert run("mme", "summarize", write(), *WINDOW, "--overlap", "both").exit_code == 2


def test_files_that_are_no_claims_are_refused(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 but not really")
    other = tmp_path / "claims.xlsx"
    other.touch()
    twice = tmp_path / "twice.csv"
    twice.write_text("member_id,route,route\n1,oral,oral\n", encoding="utf-8")
    for path, message in (
        (tmp_path / "absent.csv", "there is no file"),
        (empty, "empty.csv is empty"),
        (broken, "broken.parquet cannot be read"),
        (other, "Allowed: .csv, .csv.gz, .parquet"),
        (twice, "column 'route' is there twice"),
    ):
        answer = run("mme", "summarize", path, *WINDOW)
        assert answer.exit_code == 2
        assert message in answer.stderr


def test_a_row_that_is_cut_short_is_not_repeated_in_the_message(run: Run, write: Write) -> None:
    claims = write()
    with claims.open("a", encoding="utf-8") as file:
        file.write("000007777,2025-01-01,oxycodone\n")
    answer = run("mme", "summarize", claims, *WINDOW)
    assert answer.exit_code == 2
    assert "has 3 columns, where the header has 10" in answer.stderr
    assert "000007777" not in answer.stdout + answer.stderr


def test_text_that_is_not_utf_8_is_not_repeated_in_the_message(run: Run, write: Write) -> None:
    claims = write()
    with claims.open("ab") as file:
        file.write(b"000007777,2025-01-01,oxycodon\xe9,oral,10,mg,180,30,F7,paid\n")
    answer = run("mme", "summarize", claims, *WINDOW)
    assert answer.exit_code == 2
    assert "UTF-8" in answer.stderr
    assert "000007777" not in answer.stdout + answer.stderr


def test_a_compressed_file_with_a_byte_order_mark_is_read(
    run: Run, write: Write, tmp_path: Path
) -> None:
    packed = tmp_path / "claims.csv.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + write().read_bytes()))
    answer = run("mme", "summarize", packed, *WINDOW)
    assert answer.exit_code == 0
    assert "82 in = 53 used" in answer.stdout


def test_marks_of_cough_and_cold_are_read_in_words(run: Run, write: Write) -> None:
    claims = write([fill("A")])
    lines = claims.read_text(encoding="utf-8").splitlines()
    marked = [lines[0] + ",cough_cold", *(line + ",yes" for line in lines[1:])]
    claims.write_text("\n".join(marked) + "\n", encoding="utf-8")
    edition = ("--edition", "cdc-file-2018", "--no-suppress")
    answer = run("mme", "summarize", claims, *edition)
    assert re.search(r"COUGH_COLD +1 ", answer.stdout)


def test_the_claims_are_not_written_over(run: Run, write: Write) -> None:
    claims = write()
    before = claims.read_bytes()
    answer = run("mme", "summarize", claims, *WINDOW, "--out", claims)
    assert answer.exit_code == 2
    assert "is the file of the claims itself" in answer.stderr
    assert claims.read_bytes() == before


def test_two_results_do_not_go_into_one_file(run: Run, write: Write, tmp_path: Path) -> None:
    same = ("--out", tmp_path / "a.csv", "--set-aside", tmp_path / "a.csv")
    answer = run("mme", "summarize", write(), *WINDOW, *same)
    assert answer.exit_code == 2
    assert "two results cannot go into one file" in answer.stderr


def test_a_write_that_fails_leaves_the_old_file_whole(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims, out = write(), tmp_path / "members.csv"
    out.write_text("last month\n", encoding="utf-8")

    def full(_table: object, path: Path, _options: object) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(csv, "write_csv", full)
    answer = run("mme", "summarize", claims, *WINDOW, "--out", out)
    assert answer.exit_code == 2
    assert "No space left on device" in answer.stderr
    assert out.read_text(encoding="utf-8") == "last month\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.csv", "members.csv"]
