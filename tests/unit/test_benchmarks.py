"""The benchmark in its short form on a few fills: every engine gives one answer."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BENCHMARKS: Final = Path(__file__).parents[2] / "benchmarks"
PACKAGES: Final = ("claims", "harness", "mme", "oud", "peers")
ROWS: Final = 3000


@pytest.fixture(scope="module", autouse=True)
def on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))
    for name in list(sys.modules):
        if name.partition(".")[0] in PACKAGES:
            del sys.modules[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fills")


def fills(folder: Path, order: str, rows: int = ROWS, seed: int = 7) -> Path:
    path: Path = import_module("claims.files").write_fills(folder, rows, order, seed)
    return path


def by_all_columns(table: Any) -> pl.DataFrame:
    frame = pl.DataFrame(table)
    return frame.sort(frame.columns)


def answer(module: str, path: Path) -> Any:
    harness = import_module("harness.answers")
    kept = path.with_suffix(".npz")
    harness.save(import_module(f"peers.{module}").members(path), kept, hashes=False)
    return harness.load(kept)


@pytest.mark.parametrize("order", ["shuffled", "sorted"])
@pytest.mark.parametrize("peer", ["polars_plan", "duckdb_sql", "pandas_days"])
def test_a_peer_gives_our_answer(folder: Path, order: str, peer: str) -> None:
    path = fills(folder, order)
    ours, theirs = answer("ours", path), answer(peer, path)
    assert ours["member_id"].size > ROWS / 20
    assert ours["days_at_least_90"].sum() > 0
    assert ours["benzodiazepine_overlap_days"].sum() > 0
    assert list(import_module("harness.answers").differences(ours, theirs)) == []


def test_a_difference_is_seen(folder: Path) -> None:
    differences = import_module("harness.answers").differences
    ours = answer("polars_plan", fills(folder, "sorted"))
    counts = dict(ours) | {"covered_days": ours["covered_days"] + 1}
    amounts = dict(ours) | {"total_mme": ours["total_mme"] * (1 + 1e-4)}
    fewer = {name: column[1:] for name, column in ours.items()}
    (found,) = differences(ours, counts)
    assert found.startswith("covered_days")
    (found,) = differences(ours, amounts)
    assert found.startswith("total_mme")
    (found,) = differences(ours, fewer)
    assert found.startswith("members")
    (found,) = differences(ours, counts, bits=True)
    assert found == "covered_days"


def written(path: Path) -> pa.Schema:
    """Read the schema as it was written: older releases read codes of a dictionary wider."""
    arrow = pq.read_metadata(path).metadata[b"ARROW:schema"]
    return pa.ipc.read_schema(pa.py_buffer(b64decode(arrow)))


def test_mixed_rows_are_the_same_rows(folder: Path) -> None:
    mixed, in_order = (pq.read_table(fills(folder, each)) for each in ("shuffled", "sorted"))
    for each in ("shuffled", "sorted"):
        assert written(fills(folder, each)).equals(import_module("claims.schema").SCHEMA)
    assert mixed.num_rows == in_order.num_rows == ROWS
    assert by_all_columns(mixed).equals(by_all_columns(in_order))
    members = in_order["member_id"].drop_null().to_numpy()
    assert (np.diff(members) >= 0).all()
    assert not (np.diff(mixed["member_id"].drop_null().to_numpy()) >= 0).all()


def test_a_seed_gives_the_same_fills(folder: Path, tmp_path: Path) -> None:
    again = pq.read_table(fills(tmp_path, "shuffled"))
    other = pq.read_table(fills(tmp_path, "shuffled", seed=8))
    assert again.equals(pq.read_table(fills(folder, "shuffled")))
    assert not again.equals(other)


def test_mixing_through_several_buckets_loses_no_row(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = import_module("claims.files")
    monkeypatch.setattr(files, "BUCKET", 700)
    monkeypatch.setattr(files, "ROW_GROUP", 400)
    mixed = pq.read_table(fills(tmp_path, "shuffled"))
    assert by_all_columns(mixed).equals(by_all_columns(pq.read_table(fills(folder, "sorted"))))
    assert pq.ParquetFile(fills(tmp_path, "shuffled")).num_row_groups == 8
    assert [path.suffix for path in tmp_path.iterdir()] == [".parquet"]


def test_floats_are_judged_by_the_days_of_the_exact_answer(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fills(folder, "shuffled")
    exact, methods = import_module("peers.floats").misjudged(path)
    members = answer("polars_plan", path)
    assert exact == {at: members[f"days_at_least_{at}"].sum() for at in (50, 90)}
    rounded = methods[-1]
    assert "rounded" in rounded.method
    assert rounded.days == {50: 0, 90: 0}
    kept = import_module("mme").judged(path)
    assert kept["exact"] == {str(at): days for at, days in exact.items()}
    printed = capsys.readouterr().out
    assert all(method.method in printed for method in methods)


def test_the_short_form_prints_and_keeps_its_results(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    words = ["--rows", str(ROWS), "--rounds", "1", "--data", str(folder), "--json", str(results)]
    import_module("mme").main([*words, "--engines", "opsafe", "polars"])
    printed = capsys.readouterr().out
    assert "answers of Polars, plain plan and of opsafe[fast], mme.exposure: equal" in printed
    kept = json.loads(results.read_text(encoding="utf-8"))
    assert [run["engine"] for run in kept["runs"]] == ["opsafe", "polars"]
    assert kept["runs"][1]["agrees"]


def test_how_busy_the_machine_was_is_told_from_two_rounds_on() -> None:
    run = import_module("harness.rounds").Run("opsafe", 10**7, "shuffled")
    run.load, run.pace = [0.5, 1.0, 0.7], [0.10, 0.12, 0.15]
    told = import_module("harness.tables").load_sentence
    assert "took 1.20 times its least (median), 1.50 at most" in told([run])
    run.pace = run.pace[:1]
    assert "times its least" not in told([run])


def test_the_short_form_of_oud_compares_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = import_module("oud")
    monkeypatch.setattr(script, "ROWS", 300)
    monkeypatch.setattr(script, "CALLS", 5)
    monkeypatch.setattr(script, "SAMPLE", 300)
    monkeypatch.setattr(sys, "argv", ["oud.py"])
    assert script.main() == 0
    assert "score_many equals score on 300 rows: yes" in capsys.readouterr().out
