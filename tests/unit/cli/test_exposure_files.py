"""The command `opsafe mme files`: the same summary, a folder of results, and what it refuses."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pytest
from pyarrow import parquet
from rich.console import Console

from opsafe import mme
from opsafe.cli import _progress
from tests.tables import rows_of
from tests.unit.cli.conftest import Record, Run, Write, population

WINDOW = ("--edition", "cdc-2022", "--start", "2025-01-01", "--end", "2025-01-30")
Claims: TypeAlias = Callable[..., Path]


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    """Write claims as two Parquet files into a folder of the test."""

    def folder(rows: Sequence[Record] | None = None, **names: str) -> Path:
        path = tmp_path / "claims"
        path.mkdir(exist_ok=True)
        written: list[dict[str, Any]] = [
            {names.get(name, name): value for name, value in row.items()}
            for row in (population() if rows is None else rows)
        ]
        half = len(written) // 2
        parquet.write_table(pa.Table.from_pylist(written[:half]), path / "a.parquet")
        parquet.write_table(pa.Table.from_pylist(written[half:]), path / "b.parquet")
        return path

    return folder


def test_the_summary_is_that_of_summarize(
    run: Run, claims: Claims, write: Write, tmp_path: Path
) -> None:
    source, out = claims(), tmp_path / "out"
    for more in ((), ("--no-suppress",)):
        answer = run("mme", "files", source, "--out", out, *WINDOW, *more)
        assert answer.exit_code == 0
        assert answer.stderr == ""
        one = run("mme", "summarize", write(), *WINDOW, *more)
        told, written = (answer.stdout.partition("\nWritten\n")[at] for at in (0, 2))
        assert told.splitlines()[0] == f"Opioid exposure in {source}, by cdc-2022"
        assert told.splitlines()[1:] == one.stdout.splitlines()[1:]
        assert ("under 11" in told) is not bool(more)
        assert f"{out / 'members'}: 82 members, with their ids" in written.replace("\n    ", " ")
        assert not re.search(r"00000[1-6]0\d\d", answer.stdout)


def test_the_folder_is_what_the_library_writes(run: Run, claims: Claims, tmp_path: Path) -> None:
    source = claims(member_id="BENE_ID")
    options = ("--columns", "member_id=BENE_ID", "--segments", "--parts", "2", "--threads", "1")
    answer = run("mme", "files", source, "--out", tmp_path / "a", *WINDOW, *options)
    assert answer.exit_code == 0
    assert "runs of constant exposure" in answer.stdout
    arguments: dict[str, Any] = {
        "edition": "cdc-2022",
        "start": "2025-01-01",
        "end": "2025-01-30",
        "columns": {"member_id": "BENE_ID"},
        "segments": True,
        "parts": 2,
    }
    # What the command left is what this call would make: it is taken, not refused.
    taken = mme.exposure_files(source, tmp_path / "a", **arguments)
    made = mme.exposure_files(source, tmp_path / "b", **arguments)
    assert taken.parts == 2
    for table in ("members", "segments", "set_aside"):
        assert rows_of(taken.to_arrow(table)) == rows_of(made.to_arrow(table))


def test_paths_patterns_and_chains_are_taken(run: Run, claims: Claims, tmp_path: Path) -> None:
    source = claims()
    chain = ("--edition", "cdc-2022", "--edition", "cdc-file-2018")
    both = (source / "a.parquet", source / "b.parquet")
    answer = run("mme", "files", *both, "--out", tmp_path / "a", *chain)
    assert "Opioid exposure in 2 paths, by cdc-2022, cdc-file-2018" in answer.stdout
    pattern = run("mme", "files", source / "*.parquet", "--out", tmp_path / "b", *chain)
    for told in (answer, pattern):
        assert "82 in = 53 used + 0 netted + 15 not opioid + 14 set aside" in told.stdout


def test_the_same_call_goes_on_and_another_is_refused(
    run: Run, claims: Claims, tmp_path: Path
) -> None:
    call = ("mme", "files", claims(), "--out", tmp_path / "out", *WINDOW)
    first = run(*call)
    (tmp_path / "out" / "members" / "part-00000.parquet").unlink()
    assert run(*call).stdout == first.stdout
    other = run(*call, "--segments")
    assert other.exit_code == 2
    assert "holds another run" in other.stderr


def test_a_terminal_is_shown_the_rows_and_the_time_left(
    run: Run, claims: Claims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.StringIO()
    terminal = Console(file=shown, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    monkeypatch.setattr(_progress, "errors", lambda: terminal)
    answer = run("mme", "files", claims(), "--out", tmp_path / "out", *WINDOW)
    assert answer.exit_code == 0
    assert re.search(r"82 of 82 rows|164 of 164 rows", shown.getvalue())
    assert "time left" in shown.getvalue()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--edition", "cdc-2023"), "no edition is called 'cdc-2023'"),
        ((*WINDOW, "--end", "2024-12-31"), "end: lies before start"),
        ((*WINDOW, "--at-least", "much"), "'much' is not a number"),
        ((*WINDOW, "--columns", "member_id"), "does not map a name"),
        ((*WINDOW, "--columns", "member_id=ID"), "--columns member_id=YOURS"),
        ((*WINDOW, "--parts", "0"), "parts: lies outside"),
        ((*WINDOW, "--threads", "0"), "threads: lies outside"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    run: Run, claims: Claims, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    answer = run("mme", "files", claims(), "--out", tmp_path / "out", *arguments)
    assert answer.exit_code == 2
    assert message in answer.stderr
    assert answer.stderr.startswith("Error: ")
    assert not (tmp_path / "out").exists()


def test_files_that_are_no_claims_are_refused(run: Run, write: Write, tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 but not really")
    for path, message in (
        (tmp_path / "absent", "there are no Parquet files"),
        (broken, "broken.parquet"),
        (write(), "claims.csv"),
    ):
        answer = run("mme", "files", path, "--out", tmp_path / "out", *WINDOW)
        assert answer.exit_code == 2
        assert message in answer.stderr
        assert answer.stderr.startswith("Error: ")
