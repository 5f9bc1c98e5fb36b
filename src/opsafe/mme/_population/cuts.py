"""Rows that stand in order of member: whether they do, and where a slab of them ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from opsafe import _identifiers
from opsafe._identifiers import Identifiers
from opsafe.mme._population.deal import Mapped
from opsafe.mme._population.pieces import Piece, Pieces

__all__ = ["cuts_in_order", "in_order"]

_START: Final = 1 << 12


def in_order(pieces: Pieces, mapped: Mapped = map) -> bool:
    """Whether rows are in order of their member's id; those without one stand anywhere."""
    if not _is_sorted(_identifiers.take(pieces.pieces[0].known(), slice(0, _START))):
        return False  # as nearly always where they are not
    last: Identifiers | None = None
    for ends in mapped(_ends, pieces.pieces):
        if ends is None:
            return False
        if not len(ends):
            continue
        first, end = (_identifiers.take(ends, slice(i, i + 1)) for i in (0, 1))
        if last is not None and not _is_sorted(_identifiers.concatenate([last, first], "fills")):
            return False
        last = end
    return True


def _ends(piece: Piece) -> Identifiers | None:
    """The first and last member of a piece (of no rows, none); None where it is not in order."""
    member = piece.known()
    if not _is_sorted(member):
        return None
    ends = _identifiers.take(member, np.array([0, -1])[: 2 * len(member)])
    return replace(ends, key=ends.key.astype(np.int64) + piece.low["member"])


def _is_sorted(member: Identifiers) -> bool:
    if member.words is None:
        return bool((member.key[1:] >= member.key[:-1]).all())
    before, after = member.words[:-1], member.words[1:]
    rises = np.zeros(len(before), bool)
    equal = np.ones(len(before), bool)
    for one in range(member.words.shape[1]):
        if (equal & (after[:, one] < before[:, one])).any():
            return False
        rises |= equal & (after[:, one] > before[:, one])
        equal = ~rises
    return True


def cuts_in_order(pieces: Pieces, rows: int) -> list[int]:
    """Cut at the first change of member after each slab's rows; nothing is one empty slab."""
    cuts, size = [0], len(pieces)
    if not size:
        return [0, 0]
    while cuts[-1] < size:
        at = cuts[-1] + rows
        step = 64
        while at < size:
            near = pieces.between(at - 1, min(at + step, size)).member()
            # A row without a member is nobody's change: the cut goes before a row that has one.
            there = np.arange(len(near))
            if near.missing is not None:
                there = np.flatnonzero(~near.missing)
            change = np.flatnonzero(
                ~_identifiers.equal_neighbours(_identifiers.take(near, there))[1:]
            )
            if len(change):
                at += int(there[change[0] + 1]) - 1
                break
            at, step = at + step, 2 * step
        cuts.append(min(at, size))
    return cuts
