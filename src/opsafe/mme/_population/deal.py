"""Rows in any order dealt to slabs of whole members, without a second copy of them all.

Members are told apart by bins of their key. A piece of the rows is small enough that putting its
rows in order of their slab is cheap; a slab is then read as a stretch of each piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.mme._population.pieces import Piece, Pieces, Stretch, joined
from opsafe.mme._population.threads import Mapped
from opsafe.quantity import IntArray

__all__ = ["Dealt"]

_BIN_BITS: Final = 15
_SAMPLE: Final = 1 << 16

Bins: TypeAlias = npt.NDArray[np.uint16]
ToBins: TypeAlias = Callable[[IntArray], Bins]


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
        to_bins, counts = _bins(pieces, rows, mapped)
        cuts = _cuts(counts, rows)
        self.slabs = len(cuts) - 1
        slab_of = np.repeat(np.arange(self.slabs), np.diff(cuts)).astype(np.uint16)

        def deal(piece: Piece) -> list[int]:
            member = piece.member()
            slab: Bins = slab_of[to_bins(member.key)]
            if member.missing is not None:
                slab[member.missing] = self.slabs  # behind all others, and left there
            sizes = np.bincount(slab, minlength=self.slabs + 1)[:-1]
            piece.put_in_order(slab.argsort(kind="stable")[: sizes.sum()])
            return [0, *np.cumsum(sizes).tolist()]

        self._ends = list(mapped(deal, pieces.pieces))

    def slab(self, position: int) -> Piece:
        """The rows of a slab, in the order in which they came."""
        stretches = [
            Stretch(piece, ends[position], ends[position + 1])
            for piece, ends in zip(self._pieces.pieces, self._ends, strict=True)
        ]
        return joined(stretches, self._pieces.like)


# ------------------------------------------------------------------------------------ bins


def _bins(pieces: Pieces, rows: int, mapped: Mapped) -> tuple[ToBins, IntArray]:
    """How a key is put into a bin, and the rows of each bin."""
    ends = [one for one in mapped(_ends, pieces.pieces) if one is not None]
    low = min((low for low, _ in ends), default=0)
    high = max((high for _, high in ends), default=0)
    to_bins = _evenly(low, high)
    counts = _counts(pieces, to_bins, mapped)
    if counts.max() > 4 * rows and high - low >= 1 << _BIN_BITS:
        # Some ids lie far from all others: bins between ids of a sample instead.
        every = max(len(pieces) // _SAMPLE, 1)
        sample = np.sort(np.concatenate([_known(one)[::every] for one in pieces.pieces]))
        to_bins = _between(np.unique(sample[:: (len(sample) >> _BIN_BITS) + 1])[1:])
        counts = _counts(pieces, to_bins, mapped)
    return to_bins, counts


def _known(piece: Piece) -> IntArray:
    """Keys of the rows that have a member: those without one hold a 0."""
    member = piece.member()
    return member.key if member.missing is None else member.key[~member.missing]


def _ends(piece: Piece) -> tuple[int, int] | None:
    key = _known(piece)
    return (int(key.min()), int(key.max())) if len(key) else None


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


def _counts(pieces: Pieces, to_bins: ToBins, mapped: Mapped) -> IntArray:
    bins = 1 << _BIN_BITS

    def count(piece: Piece) -> IntArray:
        return np.bincount(to_bins(_known(piece)), minlength=bins)

    counts: IntArray = np.sum(list(mapped(count, pieces.pieces)), axis=0)
    return counts


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
