"""Rows in any order dealt to slabs of whole members, without a second copy of them all.

Members are told apart by bins of their key. A piece of the rows is small enough that putting its
rows in order of their slab is cheap; a slab is then read as a stretch of each piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.mme._population.pieces import Piece, Pieces, Stretch, joined
from opsafe.quantity import IntArray

__all__ = ["Dealt", "Mapped"]

_BIN_BITS: Final = 15
_SAMPLE: Final = 1 << 16

Bins: TypeAlias = npt.NDArray[np.uint16]
ToBins: TypeAlias = Callable[[IntArray], Bins]
Mapped: TypeAlias = Callable[..., Iterator[Any]]
"""What `map` is, in the order of the tasks."""


class Dealt:
    """Rows that have a member, piece by piece in order of their slab.

    Parameters
    ----------
    pieces : Pieces
        The rows, which are put in order where they are.
    rows : int
        Rows of a slab, about.
    mapped : callable
        A map, perhaps over threads.
    """

    def __init__(self, pieces: Pieces, rows: int, mapped: Mapped) -> None:
        self._pieces = pieces
        bins, counts = _bins(pieces, rows, mapped)
        cuts = _cuts(counts, rows)
        self.slabs = len(cuts) - 1
        slab_of = np.repeat(np.arange(self.slabs), np.diff(cuts)).astype(np.uint16)

        def deal(piece: Piece, bins: Bins) -> list[int]:
            slab: Bins = slab_of.take(bins)
            if piece.missing is not None:
                slab[piece.missing] = self.slabs  # behind all others, and left there
            sizes = np.bincount(slab, minlength=self.slabs + 1)[:-1]
            piece.put_in_order(slab.argsort(kind="stable")[: sizes.sum()])
            return [0, *np.cumsum(sizes).tolist()]

        self._ends = list(mapped(deal, pieces.pieces, bins))

    def slab(self, position: int) -> Piece:
        """The rows of a slab, in the order in which they came."""
        stretches = [
            Stretch(piece, ends[position], ends[position + 1])
            for piece, ends in zip(self._pieces.pieces, self._ends, strict=True)
        ]
        return joined(stretches, self._pieces.like)


# ------------------------------------------------------------------------------------ bins


def _bins(pieces: Pieces, rows: int, mapped: Mapped) -> tuple[list[Bins], IntArray]:
    """The bin of each row of each piece, and the rows of each bin."""
    ends = [one for one in mapped(_ends, pieces.pieces) if one is not None]
    low = min((low for low, _ in ends), default=0)
    high = max((high for _, high in ends), default=0)
    bins, counts = _binned(pieces, _evenly(low, high), mapped)
    if counts.max() > 4 * rows and high - low >= 1 << _BIN_BITS:
        # Some ids lie far from all others: bins between ids of a sample instead.
        every = max(len(pieces) // _SAMPLE, 1)
        sample = np.sort(np.concatenate([_sample(one, every) for one in pieces.pieces]))
        edges = np.unique(sample[:: (len(sample) >> _BIN_BITS) + 1])[1:]
        bins, counts = _binned(pieces, _between(edges), mapped)
    return bins, counts


def _ends(piece: Piece) -> tuple[int, int] | None:
    key, low = piece.known().key, piece.low["member"]
    return (int(key.min()) + low, int(key.max()) + low) if len(key) else None


def _sample(piece: Piece, every: int) -> IntArray:
    key: IntArray = piece.known().key[::every].astype(np.int64)
    return key + piece.low["member"]


def _evenly(low: int, high: int) -> ToBins:
    shift = np.uint64(max((high - low).bit_length() - _BIN_BITS, 0))
    # Modulo 2**64, where the difference of two keys is always right.
    first, last = np.uint64(low % 2**64), np.uint64((1 << _BIN_BITS) - 1)

    def to_bins(key: IntArray) -> Bins:
        # A row without a member may lie outside: it gets any bin.
        bins: Bins = np.minimum((key.view(np.uint64) - first) >> shift, last).astype(np.uint16)
        return bins

    return to_bins


def _between(edges: IntArray) -> ToBins:
    def to_bins(key: IntArray) -> Bins:
        bins: Bins = np.searchsorted(edges, key, side="right").astype(np.uint16)
        return bins

    return to_bins


def _binned(pieces: Pieces, to_bins: ToBins, mapped: Mapped) -> tuple[list[Bins], IntArray]:
    def binned(piece: Piece) -> tuple[Bins, IntArray]:
        bins = to_bins(piece.member().key)
        known = bins if piece.missing is None else bins.take(np.flatnonzero(~piece.missing))
        return bins, np.bincount(known, minlength=1 << _BIN_BITS)

    found = list(mapped(binned, pieces.pieces))
    counts: IntArray = np.sum([counts for _, counts in found], axis=0)
    return [bins for bins, _ in found], counts


def _cuts(counts: IntArray, rows: int) -> list[int]:
    """Cut between bins, so that no slab is much larger than asked unless one bin is."""
    ends = np.append(0, np.cumsum(counts))
    cuts = [0]
    while ends[cuts[-1]] < ends[-1]:
        here = ends[cuts[-1]]
        cut = int(np.searchsorted(ends, here + rows, side="right")) - 1
        if ends[cut] == here:  # the next bin with rows is too large: it is a slab alone
            cut += 1
        cuts.append(cut)
    return [*cuts[:-1], len(counts)] if len(cuts) > 1 else [0, len(counts)]
