"""A command line that answers, and small files of claims."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from typer.testing import CliRunner, Result

from opsafe.cli._app import app

Record: TypeAlias = Mapping[str, str]
Run: TypeAlias = Callable[..., Result]
Write: TypeAlias = Callable[..., Path]

HEADER = (
    *("member_id", "fill_date", "ingredient", "route", "strength", "unit", "quantity"),
    *("days_supply", "fill_id", "status"),
)


@pytest.fixture
def run() -> Run:
    """Run a command; what it prints is in `.stdout` and `.stderr`."""

    def invoke(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)

    return invoke


def fill(member: str, **changed: str) -> dict[str, str]:
    """Return a fill of 90 MME a day for 30 days."""
    usual = {
        "member_id": member,
        "fill_date": "2025-01-01",
        "ingredient": "oxycodone",
        "route": "oral",
        "strength": "10",
        "unit": "mg",
        "quantity": "180",
        "days_supply": "30",
        "fill_id": f"F{member}{changed.get('fill_date', '')}",
        "status": "paid",
    }
    return usual | changed


def population() -> list[dict[str, str]]:
    """Return 20 members at exactly 90, 30 at 30, 3 at 120, 15 without opioids and bad rows."""
    return [
        *(fill(f"0000010{n:02d}") for n in range(20)),
        *(fill(f"0000020{n:02d}", strength="5", quantity="120") for n in range(30)),
        *(fill(f"0000030{n:02d}", quantity="240") for n in range(3)),
        *(fill(f"0000040{n:02d}", ingredient="lisinopril") for n in range(15)),
        *(fill(f"0000050{n:02d}", strength="") for n in range(12)),
        *(fill(f"0000060{n:02d}", days_supply="0") for n in range(2)),
    ]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write claims as CSV into a folder of the test."""

    def csv_file(
        rows: Sequence[Record] | None = None, name: str = "claims.csv", **names: str
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer: Any = csv.writer(file, lineterminator="\n")
            writer.writerow([names.get(column, column) for column in HEADER])
            for row in population() if rows is None else rows:
                writer.writerow([row[column] for column in HEADER])
        return path

    return csv_file
