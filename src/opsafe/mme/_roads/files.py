"""Parquet files to exposure in bounded memory: whole members, a part at a time.

Rows in order of member are cut into consecutive stretches as they are read. Others are encoded
and dealt to partitions on disk first. Either way each part is solved by itself and written whole,
so that a run which was stopped goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from opsafe import _parquet
from opsafe._disk import write_text
from opsafe._parquet import Source
from opsafe.mme._population import tally
from opsafe.mme._population.report import provenance_of
from opsafe.mme._roads.job import Job
from opsafe.mme._roads.ledger import Record, add_up
from opsafe.mme._roads.partitions import run_spilled
from opsafe.mme._roads.stretches import NotInOrderError, run_sorted
from opsafe.mme.record import Provenance

__all__ = ["run_files"]

PART_ROWS: Final = 3 << 19
"""Rows of a part, about: it is held a few times over while it is solved."""


def run_files(job: Job) -> Provenance:
    """Make every part that is not finished, then the record of all."""
    folder = job.folder
    folder.open()
    if not folder.plan:
        folder.choose(_plan(job, "sorted" if job.source.is_in_order() else "spilled"))
    try:
        records = run_sorted(job) if folder.plan["road"] == "sorted" else run_spilled(job)
    except NotInOrderError:
        folder.choose(_plan(job, "spilled"))
        records = run_spilled(job)
    return _conclude(job, records)


def _plan(job: Job, road: str) -> dict[str, Any]:
    rows = job.source.rows
    parts = job.parts or max(-(-rows // PART_ROWS), 1)
    return {"road": road, "parts": parts, "rows": rows, "status_says": _status_says(job.source)}


def _status_says(source: Source) -> bool:
    """Whether any row of any file has a status."""
    return "status" in source.names and source.has_values("status")


def _conclude(job: Job, records: Sequence[Record]) -> Provenance:
    """Write the tables and the record that need all parts."""
    folder = job.folder
    totals, lexicon = add_up(
        [record.totals for record in records], job.source.names, folder.plan["status_says"]
    )
    [book] = job.books(lexicon)
    provenance = provenance_of(totals, book)
    others = tally.not_opioid(totals.counts.not_opioid_by_line, book.drugs)
    files = {name: seal for record in records for name, seal in record.files.items()}
    name = "not_opioid.parquet"
    frame = job.source.like.build(others)
    files[name] = folder.keep(name, lambda path: _parquet.write_table(frame, path))
    name = "provenance.json"
    text = provenance.to_json() + "\n"
    files[name] = folder.keep(name, lambda path: write_text(path, text))
    folder.finish(files)
    return provenance
