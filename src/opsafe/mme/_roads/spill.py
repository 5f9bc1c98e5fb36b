"""Encoded fills on disk, dealt to partitions of whole members.

A member's partition depends on the member's key alone. Chunks stand in a partition's file in any
order; the list of them is written last, and without it nothing that was spilled is believed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from opsafe._disk import read_json, remove, write_json, writing
from opsafe.mme._population.claims import Claims
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._roads.raw import Layout, Stretch, from_bytes, layout_of, to_bytes
from opsafe.quantity import IntArray

__all__ = ["MIXING", "MOST_PARTITIONS", "Spill", "partition_of"]

MIXING: Final = "splitmix64-finish-1"
"""Name of the way from a key to a partition; another name would deal members otherwise."""
MOST_PARTITIONS: Final = 1 << 16
_INDEX: Final = "index.json"


def partition_of(key: IntArray, partitions: int) -> IntArray:
    """Deal keys to partitions evenly, whatever their pattern."""
    mixed = key.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    mixed >>= np.uint64(32)
    mixed *= np.uint64(partitions)
    mixed >>= np.uint64(32)
    return mixed.astype(np.uint16)  # few bits, for which sorting is by digits


class Spill:
    """A folder of partitions.

    Parameters
    ----------
    folder : Path
        Where they are.
    partitions : int
        Number of partitions.
    wanted : iterable of int
        Those that are needed; rows of others are passed by.
    """

    def __init__(self, folder: Path, partitions: int, wanted: Iterable[int]) -> None:
        self.folder = folder
        self.partitions = partitions
        self.wanted = sorted(wanted)
        self._chunks: dict[int, list[tuple[int, int]]] = {one: [] for one in self.wanted}
        self._layouts: dict[Layout, int] = {}
        self._locks = {one: threading.Lock() for one in self.wanted}
        self._numbering = threading.Lock()

    def start(self) -> None:
        """Begin anew in an empty folder."""
        remove(self.folder)
        with writing(self.folder):
            self.folder.mkdir(parents=True)
        self._chunks = {one: [] for one in self.wanted}

    def add(self, claims: Claims) -> None:
        """Append fills to their partitions; any number of threads may do so."""
        dealt = partition_of(_owner(claims), self.partitions)
        order = dealt.argsort(kind="stable")
        ends = np.cumsum(np.bincount(dealt, minlength=self.partitions))
        claims = claims.take(order)
        with self._numbering:
            layout = self._layouts.setdefault(layout_of(claims), len(self._layouts))
        for one in self.wanted:
            start, stop = int(ends[one - 1]) if one else 0, int(ends[one])
            if start == stop:
                continue
            path = self._path(one)
            with self._locks[one], writing(path), path.open("ab", buffering=0) as file:
                for piece in to_bytes(claims, slice(start, stop)):
                    _write(file, piece)
                self._chunks[one].append((stop - start, layout))

    def finish(self, lexicon: Lexicon, template: Claims) -> None:
        """Write down what is there: from now on it is believed."""
        empty = self._layouts.setdefault(layout_of(template), len(self._layouts))
        for one in self.wanted:
            if not self._chunks[one]:
                self._path(one).touch()
                self._chunks[one].append((0, empty))
        index = {
            "mixing": MIXING,
            "partitions": self.partitions,
            "layouts": list(self._layouts),
            "chunks": self._chunks,
            "sizes": {one: self._path(one).stat().st_size for one in self.wanted},
            "lexicon": lexicon.to_json(),
        }
        write_json(self.folder / _INDEX, index)

    def resume(self) -> Lexicon | None:
        """Find what an earlier run spilled; None if it is not whole, or not what is wanted."""
        index = read_json(self.folder / _INDEX)
        if index is None or (index["mixing"], index["partitions"]) != (MIXING, self.partitions):
            return None
        sizes = {int(one): size for one, size in index["sizes"].items()}
        for one in self.wanted:
            path = self._path(one)
            if one not in sizes or not path.is_file() or path.stat().st_size != sizes[one]:
                return None
        layouts = [tuple(Stretch(*one) for one in layout) for layout in index["layouts"]]
        self._layouts = {layout: place for place, layout in enumerate(layouts)}
        self._chunks = {
            int(one): [(rows, layout) for rows, layout in chunks]
            for one, chunks in index["chunks"].items()
        }
        return Lexicon.from_json(index["lexicon"])

    def read(self, partition: int) -> Claims:
        """Read the fills of a partition in their order, whoever of the threads came first."""
        layouts = list(self._layouts)
        data = np.fromfile(self._path(partition), np.uint8)
        chunks = [(rows, layouts[layout]) for rows, layout in self._chunks[partition]]
        found = from_bytes(data, chunks)
        return Claims.concatenate(sorted(found, key=_first_row))

    def _path(self, partition: int) -> Path:
        return self.folder / f"{partition:05}.claims"


def _owner(claims: Claims) -> IntArray:
    """The member of each row, or for rows without one the row: many of them fill no one part."""
    member = claims.member
    if member.missing is None or claims.row is None:
        return member.key
    return np.where(member.missing, claims.row, member.key)


def _first_row(claims: Claims) -> int:
    return int(claims.row[0]) if claims.row is not None and len(claims) else -1


def _write(file: Any, piece: memoryview) -> None:
    while len(piece):
        piece = piece[file.write(piece) :]
