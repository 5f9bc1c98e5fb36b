"""`mme.exposure_files` goes on where it was stopped, and nothing is ever written half."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opsafe import _parquet, mme
from opsafe.errors import ArgumentError, FileError
from opsafe.mme._roads import spill
from tests import strategies, tables

YEAR: Final[dict[str, Any]] = {"edition": "cdc-2022", "start": "2025-01-01", "end": "2025-12-31"}
PARTS: Final = 3
TABLES: Final = ("members", "segments", "set_aside", "flags")
Marks = dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def claims() -> pa.Table:
    return tables.to_arrow(strategies.population(4, 60)).sort_by([("member_id", "ascending")])


@pytest.fixture(params=["sorted", "mixed"])
def fills(request: pytest.FixtureRequest, claims: pa.Table, tmp_path: Path) -> Path:
    table = claims
    if request.param == "mixed":
        table = claims.take(np.random.default_rng(1).permutation(len(claims)))
    path = tmp_path / f"{request.param}.parquet"
    pq.write_table(table, path, row_group_size=150)
    return path


def run(fills: Path, out: Path, **changes: Any) -> mme.ExposureFiles:
    asked = YEAR | {"parts": PARTS, "segments": True} | changes
    return mme.exposure_files(fills, out, **asked)


def answer(found: mme.ExposureFiles) -> dict[str, pa.Table]:
    return {name: found.to_arrow(name) for name in TABLES}


@pytest.fixture
def expected(fills: Path, tmp_path: Path) -> dict[str, pa.Table]:
    return answer(run(fills, tmp_path / "expected"))


def marks(out: Path) -> Marks:
    """What changes when a file is written again."""
    files = [path for path in out.rglob("*") if path.is_file()]
    return {
        path.relative_to(out).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in files
    }


def assert_finished(out: Path, parts: int = PARTS) -> None:
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    tables = {f"{name}/part-{part:05}.parquet" for name in TABLES for part in range(parts)}
    records = {f"_parts/part-{part:05}.json" for part in range(parts)}
    beside = {"not_opioid.parquet", "provenance.json", "_manifest.json"}
    assert there == tables | records | beside
    assert json.loads((out / "_manifest.json").read_text())["finished"] is True


def test_a_finished_run_is_left_as_it_is(
    fills: Path, tmp_path: Path, expected: dict[str, pa.Table]
) -> None:
    out = tmp_path / "out"
    first = run(fills, out)
    before = marks(out)
    again = run(fills, out, threads=1)
    assert marks(out) == before
    assert again.provenance == first.provenance
    assert answer(again) == expected
    assert_finished(out)


@pytest.mark.parametrize("damage", ["removed", "cut", "changed"])
def test_a_part_that_is_gone_or_damaged_is_made_again_and_no_other(
    fills: Path, tmp_path: Path, expected: dict[str, pa.Table], damage: str
) -> None:
    out = tmp_path / "out"
    run(fills, out)
    before = marks(out)
    file = out / "members" / "part-00001.parquet"
    data = file.read_bytes()
    if damage == "removed":
        file.unlink()
    else:
        file.write_bytes(data[:-1] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
    found = run(fills, out)
    assert answer(found) == expected
    after = marks(out)
    changed = {name for name in before if before[name] != after[name]}
    assert all("part-00001" in name or name == "_manifest.json" for name in changed)
    assert_finished(out)


def run_or_none(fills: Path, out: Path) -> mme.ExposureFiles | None:
    """Run until the disk is full, which is said."""
    told = []
    try:
        return run(fills, out, threads=1)
    except FileError as error:
        told.append(str(error))
    assert "cannot be written: No space left on device" in told[0]
    assert "run the same again" in told[0]
    return None


def test_a_disk_that_is_full_at_any_moment(
    fills: Path, tmp_path: Path, expected: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    replace = os.replace
    kept: Marks = {}
    for turn in range(100):
        left = [turn]

        def full(source: Any, target: Any, left: list[int] = left) -> None:
            if not left[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            left[0] -= 1
            replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", full)
            found = run_or_none(fills, out)
        if found is not None:
            break
        now = marks(out)
        assert not [name for name in now if name.endswith(".unfinished")]
        assert {name: now.get(name) for name in kept} == kept
        records = out / "_parts"
        parts = [path.stem for path in records.glob("*.json")] if records.exists() else []
        kept = {name: mark for name, mark in now.items()
                if Path(name).stem in parts and not name.startswith("_")}  # fmt: skip
    assert turn > 3
    assert found is not None
    assert answer(found) == expected
    assert_finished(out)


def test_a_disk_that_is_full_while_rows_are_dealt(
    claims: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fills, out = tmp_path / "mixed.parquet", tmp_path / "out"
    pq.write_table(claims.take(np.random.default_rng(1).permutation(len(claims))), fills)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(spill, "_write", full)
        with pytest.raises(FileError, match=r"claims: cannot be written: No space left on device"):
            run(fills, out)
    assert answer(run(fills, out)) == answer(run(fills, tmp_path / "expected"))
    assert_finished(out)


KILLED = """
import os, signal, sys
from opsafe import mme

def stop(done, total):
    if done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

mme.exposure_files(sys.argv[1], sys.argv[2], edition="cdc-2022", start="2025-01-01",
                   end="2025-12-31", parts=3, segments=True, threads=1, progress=stop)
"""


@pytest.mark.parametrize("share", [0.1, 1.6])
def test_kill_9(
    fills: Path, tmp_path: Path, expected: dict[str, pa.Table], claims: pa.Table, share: float
) -> None:
    ways = 1 if fills.stem == "sorted" else 2
    if ways == 1 and share > 1:
        share /= 2
    out = tmp_path / "out"
    at = str(int(share * len(claims)))
    program = [sys.executable, "-c", KILLED, str(fills), str(out), at]
    assert subprocess.run(program, check=False).returncode == -signal.SIGKILL
    before = marks(out)
    whole = {path.stem for path in (out / "_parts").glob("*.json")}
    found = run(fills, out)
    after = marks(out)
    for name in before:
        if Path(name).stem in whole and not name.startswith("_"):
            assert after[name] == before[name]
    assert answer(found) == expected
    assert_finished(out)


def test_spilled_rows_are_used_when_whole_and_else_spilled_again(
    claims: pa.Table, tmp_path: Path
) -> None:
    fills, out = tmp_path / "mixed.parquet", tmp_path / "out"
    pq.write_table(claims.take(np.random.default_rng(1).permutation(len(claims))), fills)
    told: list[int] = []

    def stop_when(limit: float) -> Any:
        def progress(done: int, _total: int) -> None:
            told.append(done)
            if done > limit:
                raise KeyboardInterrupt

        return progress

    size = len(claims)
    with pytest.raises(KeyboardInterrupt):
        run(fills, out, threads=1, progress=stop_when(size))
    assert (out / "_spill" / "index.json").exists()
    told.clear()
    with pytest.raises(KeyboardInterrupt):  # it goes on behind what is spilled
        run(fills, out, threads=1, progress=stop_when(1.6 * size))
    assert told[0] == 0 and told[1] > size
    file = out / "_spill" / "00000.claims"
    file.write_bytes(file.read_bytes() + b"x")
    (out / "_parts" / "part-00000.json").unlink(missing_ok=True)
    told.clear()
    found = run(fills, out, progress=stop_when(3 * size))
    assert 0 < told[1] <= size  # from the beginning
    assert answer(found) == answer(run(fills, tmp_path / "expected"))
    assert_finished(out)


# ------------------------------------------------------------------------------- another run


def test_another_call_on_the_same_folder_says_what_differs(
    claims: pa.Table, tmp_path: Path
) -> None:
    fills, out = tmp_path / "fills.parquet", tmp_path / "out"
    pq.write_table(claims, fills)
    run(fills, out)
    before = marks(out)
    windows = [{"member_id": "member 00001", "first_day": "2025-02-01", "last_day": None}]
    for changes, named in (
        ({"start": "2025-02-01"}, "argument start"),
        ({"at_least": (50,)}, "argument at_least"),
        ({"edition": "cdc-file-2018"}, "edition cdc-2022, edition cdc-file-2018, editions"),
        ({"windows": windows}, "table windows"),
        ({"parts": 4}, "parts"),
        ({"segments": False}, "argument segments"),
    ):
        with pytest.raises(ArgumentError, match=f"holds another run: {named}") as raised:
            run(fills, out, **changes)
        assert "Choose another folder" in str(raised.value)
    pq.write_table(claims.slice(1), fills)
    with pytest.raises(ArgumentError, match=r"another run: file fills\.parquet"):
        run(fills, out)
    assert marks(out) == before


def test_a_folder_of_somebody_else_is_left_alone(claims: pa.Table, tmp_path: Path) -> None:
    fills, out = tmp_path / "fills.parquet", tmp_path / "out"
    pq.write_table(claims, fills)
    out.mkdir()
    (out / "letter.txt").write_text("dear")
    with pytest.raises(ArgumentError, match="holds no results of exposure_files"):
        run(fills, out)
    assert [path.name for path in out.iterdir()] == ["letter.txt"]


# -------------------------------------------------------------------------------- bad files


def test_a_file_that_is_not_parquet(claims: pa.Table, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(claims, folder / "a.parquet")
    (folder / "b.parquet").write_text("member_id,fill_date")
    with pytest.raises(FileError, match=r"b\.parquet: cannot be read \(ArrowInvalid\)") as raised:
        run(folder, tmp_path / "out")
    assert isinstance(raised.value, OSError)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_damaged_inside_leaves_finished_parts(
    fills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parquet, "BLOCK_ROWS", 50)
    metadata = pq.ParquetFile(fills).metadata
    chunk = metadata.row_group(metadata.num_row_groups - 1).column(0)
    data = bytearray(fills.read_bytes())
    at = chunk.dictionary_page_offset or chunk.data_page_offset
    data[at : at + 40] = b"\xff" * 40
    fills.write_bytes(data)
    out = tmp_path / "out"
    with pytest.raises(FileError, match=f"{fills.name}: cannot be read") as raised:
        run(fills, out)
    assert "member 0" not in str(raised.value)
    if fills.stem == "sorted":
        assert (out / "_parts" / "part-00000.json").exists()
        assert pq.read_table(out / "members" / "part-00000.parquet").num_rows
    with pytest.raises(FileError, match="cannot be read"):
        run(fills, out)
