"""The record of a run: enough to repeat it, to cite it and to know what to mind."""

from __future__ import annotations

from typing import Literal

from opsafe.provenance import Document, EditionUsed

__all__ = ["FactorUsed", "Provenance", "RowCounts"]


class FactorUsed(Document):
    """A factor as an edition gave it to a drug line, and how many rows rest on it."""

    ingredient: str
    route: str
    form: str
    factor: str
    edition: str
    rows: int


class RowCounts(Document):
    """What became of every row that came in: each has exactly one of the four fates."""

    rows_in: int
    used: int
    netted: int
    """Absorbed into a surviving fill of the same fill id."""
    not_opioid: int
    set_aside: int


class Provenance(Document):
    """How a result came about: enough to repeat it, and what to mind when reading it."""

    schema_version: Literal[1] = 1
    opsafe_version: str
    editions: tuple[EditionUsed, ...]
    arguments: dict[str, str]
    definitions: dict[str, str]
    factors: tuple[FactorUsed, ...]
    rows: RowCounts
    set_aside_by_reason: dict[str, int]
    flags_by_code: dict[str, int]
    identical_fills: int
    """Fills without an id that equal an earlier one in every column: all count."""
    cough_cold_not_checked: int
    """Rows that count and name only an ingredient."""
    members: int
    lower_bound_members: int
    cautions: tuple[str, ...]
    reproducible: bool = True
