"""The sample claims: the same for the same seed, as real as they say, and no row is lost."""

from __future__ import annotations

import subprocess
import sys
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from opsafe import mme
from tests.tables import rows_of

SCRIPT = Path(__file__).parents[3] / "examples" / "sample_claims.py"


@pytest.fixture(scope="module")
def sample() -> Any:
    """Load the script as a module; it is no part of the package."""
    specification = util.spec_from_file_location("sample_claims", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = util.module_from_spec(specification)
    sys.modules["sample_claims"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def columns(sample: Any) -> dict[str, list[str | None]]:
    """The claims of 2,000 members, by column, empty text as missing."""
    table = list(sample.rows(2_000, 7))
    return {name: [row[at] or None for row in table] for at, name in enumerate(sample.HEADER)}


def test_the_same_seed_gives_the_same_bytes(sample: Any, tmp_path: Path) -> None:
    def made(seed: int, name: str) -> bytes:
        sample.main(["--members", "200", "--seed", str(seed), "--out", str(tmp_path / name)])
        return (tmp_path / name).read_bytes()

    assert made(7, "a.csv") == made(7, "b.csv")
    assert made(7, "c.csv") != made(8, "d.csv")


def test_the_script_runs_by_itself(tmp_path: Path) -> None:
    out = tmp_path / "deeper" / "claims.csv"
    words = [sys.executable, str(SCRIPT), "--members", "50", "--out", str(out)]
    answer = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "claims of 50 made-up members" in answer.stdout
    assert out.read_text(encoding="utf-8").startswith("member_id,fill_date,ingredient,")


def test_an_ending_that_says_nothing_is_refused(sample: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        sample.main(["--members", "5", "--out", str(tmp_path / "claims.xlsx")])


def test_parquet_holds_the_same_rows_with_types(sample: Any, tmp_path: Path) -> None:
    for name in ("claims.csv", "claims.parquet"):
        sample.main(["--members", "300", "--out", str(tmp_path / name)])
    table = parquet.read_table(tmp_path / "claims.parquet")
    kinds = {name: str(table.schema.field(name).type) for name in ("fill_date", "days_supply")}
    assert kinds == {"fill_date": "date32[day]", "days_supply": "int64"}
    text = (tmp_path / "claims.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == len(text) - 1
    names = text[0].split(",")
    records = [dict(zip(names, (cell or None for cell in line.split(",")), strict=True))
               for line in text[1:]]  # fmt: skip
    from_csv = mme.exposure(records, edition="cdc-2022")
    from_parquet = mme.exposure(table, edition="cdc-2022")
    assert rows_of(from_csv.members) == rows_of(from_parquet.members)
    assert from_csv.provenance.rows == from_parquet.provenance.rows


def test_a_member_has_the_same_claims_in_a_larger_plan(sample: Any) -> None:
    small, large = sample.claims(50, 7), sample.claims(80, 7)
    assert small == [claim for claim in large if claim.member < 50]


def test_the_counts_add_up(sample: Any) -> None:
    table = list(sample.rows(500, 7))
    records = [
        {name: cell or None for name, cell in zip(sample.HEADER, row, strict=True)} for row in table
    ]
    found = mme.exposure(records, edition="cdc-2022", start="2025-01-01", end="2025-12-31")
    rows = found.provenance.rows
    assert rows.rows_in == len(table)
    assert rows.rows_in == rows.used + rows.netted + rows.not_opioid + rows.set_aside
    assert len(found.set_aside) == rows.set_aside
    assert len(found.members) == 500


def test_the_plan_looks_like_one(columns: dict[str, list[str | None]]) -> None:
    found = mme.exposure(columns, edition="cdc-2022", start="2025-01-01", end="2025-12-31")
    rows = found.provenance.rows
    assert 0.4 < rows.not_opioid / rows.rows_in < 0.7
    assert rows.netted > 0
    members = found.members
    exposed = members["fills"] > 0
    largest = members["mme_maximum_day"][exposed]
    assert 0.05 < (largest >= 90).mean() < 0.12
    assert {50.0, 90.0} <= set(largest.tolist())
    assert (members["overlap_days_same_product"] > 0).sum() > 20
    assert (members["benzodiazepine_overlap_days"] > 0).sum() > 10
    assert 0.01 < members["mme_is_lower_bound"].mean() < 0.1


def test_what_goes_wrong_with_claims_is_in_it(columns: dict[str, list[str | None]]) -> None:
    found = mme.exposure(columns, edition="cdc-2022").provenance
    assert set(found.set_aside_by_reason) >= {
        *("REVERSED", "REVERSAL_UNMATCHED", "REJECTED", "DUPLICATE_FILL_ID", "STATUS_UNKNOWN"),
        *("DAYS_SUPPLY_NOT_POSITIVE", "STRENGTH_MISSING", "UNKNOWN_INGREDIENT"),
        *("DATE_OUT_OF_RANGE", "BUPRENORPHINE_EXCLUDED"),
    }
    drugs = set(columns["ingredient"])
    assert drugs >= {
        "methadone",
        "fentanyl",
        "tramadol",
        "buprenorphine",
        "alprazolam",
        "lisinopril",
    }
    assert {"patch", "liquid", "film"} <= set(columns["form"])
