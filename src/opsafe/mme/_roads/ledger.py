"""What a run of files knows of itself: which run it is, and which of its parts are finished.

``_manifest.json`` says which run a folder belongs to; each finished part has a record, written
after the part's files, with the size and the checksum of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from opsafe._disk import UNFINISHED, Seal, read_json, remove, seal_of, write_json, writing
from opsafe.errors import ArgumentError
from opsafe.mme._population.book import Book
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.part import Counts
from opsafe.mme._population.totals import Totals

__all__ = ["MANIFEST", "TABLES", "Folder", "Record", "add_up", "to_plain"]

MANIFEST: Final = "_manifest.json"
_RECORDS: Final = "_parts"
TABLES: Final = ("members", "segments", "contributions", "set_aside", "flags", "excluded")


@dataclass(frozen=True, slots=True)
class Record:
    """A finished part."""

    number: int
    rows: int
    stop: int
    """Where the rows of the next part begin, for rows in order of member."""
    files: Mapping[str, Seal]
    totals: Mapping[str, Any]


class Folder:
    """The folder of the results of one run.

    Parameters
    ----------
    path : Path
        The folder.
    run : mapping
        All that decides the results: opsafe, arguments, editions, tables, files.
    """

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        self.path = path
        self.run = run
        self.plan: dict[str, Any] = {}
        self._seals: dict[str, Seal] = {}

    def open(self) -> None:
        """Make the folder, or find in it what an earlier run of the same call left.

        Raises
        ------
        ArgumentError
            If the folder holds anything else.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ArgumentError(f"{self.path} is a file, not a folder", where="out")
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            there = [one for one in self.path.iterdir() if not one.name.endswith(UNFINISHED)]
        if not there:
            return
        manifest = read_json(self.path / MANIFEST)
        if manifest is None:
            raise ArgumentError(
                f"{self.path} is not empty, and holds no results of exposure_files",
                where="out",
                advice="Choose another folder",
            )
        different = sorted(_differences(manifest["run"], self.run))
        if different:
            raise ArgumentError(
                f"{self.path} holds another run: {', '.join(different)[:300]}",
                where="out",
                advice="Choose another folder, or remove this one",
            )
        self.plan = manifest["plan"]
        self._seals = {name: Seal(*seal) for name, seal in manifest.get("files", {}).items()}
        for left in self.path.rglob(f".*{UNFINISHED}"):
            remove(left)

    def choose(self, plan: Mapping[str, Any]) -> None:
        """Write down how the rows are cut into parts; parts that were cut otherwise go."""
        for name in (_RECORDS, "_spill", *TABLES):
            remove(self.path / name)
        # Last, so that no part of an earlier plan is ever taken for one of this.
        self.plan = dict(plan)
        write_json(self.path / MANIFEST, {"run": self.run, "plan": self.plan, "finished": False})

    def finished(self, number: int) -> Record | None:
        """Find a part that is whole; None if it must be made."""
        data = read_json(self._record(number))
        if data is None:
            return None
        files = {name: Seal(*seal) for name, seal in data["files"].items()}
        for name, seal in files.items():
            path = self.path / name
            if not path.is_file() or path.stat().st_size != seal.size or seal_of(path) != seal:
                return None
        return Record(number, data["rows"], data["stop"], files, data["totals"])

    def record(self, record: Record) -> None:
        """Write down that a part is finished."""
        data = {
            "rows": record.rows,
            "stop": record.stop,
            "files": {name: list(seal) for name, seal in record.files.items()},
            "totals": record.totals,
        }
        write_json(self._record(record.number), data)

    def keep(self, name: str, write: Callable[[Path], Seal]) -> Seal:
        """Write one of the files of the whole, unless it is there already."""
        path = self.path / name
        seal = self._seals.get(name)
        return seal if seal is not None and seal_of(path) == seal else write(path)

    def finish(self, files: Mapping[str, Seal]) -> None:
        """Write down that all is finished, with every file."""
        listed = {name: list(seal) for name, seal in sorted(files.items())}
        manifest = {"run": self.run, "plan": self.plan, "finished": True, "files": listed}
        if read_json(self.path / MANIFEST) != manifest:
            write_json(self.path / MANIFEST, manifest)
        remove(self.path / "_spill")

    def _record(self, number: int) -> Path:
        return self.path / _RECORDS / f"part-{number:05}.json"


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[str]:
    """Name what differs, one level deep."""
    for name in {**old, **new}:
        before, now = old.get(name), new.get(name)
        if before == now:
            continue
        if isinstance(before, dict) and isinstance(now, dict):
            yield from (
                f"{name} {key}" for key in {**before, **now} if before.get(key) != now.get(key)
            )
        else:
            yield name


# ------------------------------------------------------------------------------------- totals


def to_plain(totals: Totals, book: Book) -> dict[str, Any]:
    """Totals of a part as plain data; rows by drug line with what the line says, not its code."""
    counts = totals.counts
    lines = np.flatnonzero(counts.used_by_line + counts.not_opioid_by_line).tolist()
    return {
        "rows_in": counts.rows_in,
        "netted": counts.netted,
        "identical": counts.identical,
        "found": counts.found,
        "lines": [
            [
                *book.drugs.written[line],
                int(counts.used_by_line[line]),
                int(counts.not_opioid_by_line[line]),
            ]
            for line in lines
        ],
        "not_opioid": totals.not_opioid,
        "set_aside": totals.set_aside,
        "flags": totals.flags,
        "members": totals.members,
        "lower_bound": totals.lower_bound,
        "any_lower_bound": totals.any_lower_bound,
        "any_tier_reading": totals.any_tier_reading,
        "bounded": totals.bounded,
    }


def add_up(
    parts: Sequence[Mapping[str, Any]], columns: Iterable[str], status_says: bool
) -> tuple[Totals, Lexicon]:
    """Add the totals of parts up, and number their drug lines anew."""
    lines = sorted({tuple(line[:-2]) for part in parts for line in part["lines"]}, key=repr)
    lexicon = Lexicon.from_json(
        json.dumps(
            {
                "lines": lines,
                "words": [],
                "columns": list(columns),
                "status_says": status_says,
                "people": [],
            }
        )
    )
    code = {tuple(line): place for place, line in enumerate(lexicon.lines)}

    def totals(part: Mapping[str, Any]) -> Totals:
        used, other = np.zeros((2, len(code)), np.int64)
        for *line, uses, others in part["lines"]:
            used[code[tuple(line)]] += uses
            other[code[tuple(line)]] += others
        counts = Counts(
            part["rows_in"], part["netted"], part["identical"], used, other, dict(part["found"])
        )
        rest = {one.name: part[one.name] for one in fields(Totals) if one.name != "counts"}
        return Totals(counts, **rest)

    whole, *others = map(totals, parts)
    for one in others:
        whole += one
    return whole, lexicon
