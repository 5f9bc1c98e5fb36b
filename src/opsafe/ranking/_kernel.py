"""Places counted over many draws of scores: arrays in, arrays out.

A score becomes a whole number of steps, 2**40 of them over the range of the scores, and the place
of the initiative in the array goes into the low bits, so that one sort of plain integers, in place,
gives the order. Draws without a tie are counted place by place; the few with one go a longer way.
Everything was checked at the door.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray

__all__ = ["STEPS", "on_steps", "rank_shares", "weighted_shares"]

STEPS: Final = 40
"""Scores meet on 2**40 steps over their range; closer ones are ties."""
_AT_ONCE: Final = 30_000  # scores in a chunk: they stay in the cache, and BLAS in one thread
_KEPT: Final = 5_000_000  # orders kept before they are counted, two bytes each
_Scores: TypeAlias = Callable[[slice], FloatArray]


def rank_shares(scores: FloatArray, *, competition: bool = False) -> FloatArray:
    """Sum, over draws, the share of each place that each initiative takes.

    Parameters
    ----------
    scores : array of float, shape (draws, m)
        Higher is better.
    competition : bool, optional
        Whether tied initiatives all stand on the first place of their group; else each takes an
        equal share of every place of it.

    Returns
    -------
    array of float, shape (m, m)
        By initiative and place, in draws: rows add up to the draws, columns too where places are
        shared.
    """
    low, high = float(scores.min()), float(scores.max())
    scale = _scale(high - low)

    def part(rows: slice) -> FloatArray:
        return (scores[rows] - low) * scale

    single = np.ones(scores.shape[1], np.int64)
    return _count(part, len(scores), single, competition=competition)


def weighted_shares(
    values: FloatArray, weights: FloatArray, *, competition: bool = False
) -> FloatArray:
    """Return :func:`rank_shares` of ``weights @ values.T`` without holding all scores.

    Parameters
    ----------
    values : array of float, shape (m, n)
        Values by initiative and criterion. Equal rows tie in every draw, by rule.
    weights : array of float, shape (draws, n)
        Each row adds up to one.
    competition : bool, optional
        As in :func:`rank_shares`.

    Returns
    -------
    array of float, shape (m, m)
        By initiative and place, in draws.
    """
    steps = on_steps(values)
    rows, own, copies = np.unique(steps, axis=0, return_inverse=True, return_counts=True)
    across = np.ascontiguousarray(rows.T.astype(np.float64))
    across -= across.min()
    across *= _scale(float(across.max()))

    def part(taken: slice) -> FloatArray:
        product: FloatArray = weights[taken] @ across
        return product

    shares = _count(part, len(weights), copies.astype(np.int64), competition=competition)
    # Each takes the shares of its row; without copies that only restores the order.
    return shares[own.reshape(-1)]


def on_steps(values: FloatArray) -> IntArray:
    """Return values as whole steps of 2**-40 of the largest, rounded up to a power of two."""
    return np.rint(values * _scale(float(np.abs(values).max()))).astype(np.int64)


def _scale(span: float) -> float:
    """Steps in one unit, where scores span so much."""
    if span == 0:
        return 1.0
    mantissa, exponent = math.frexp(span)
    return math.ldexp(1.0, STEPS - exponent + (mantissa == 0.5))


def _count(part: _Scores, draws: int, copies: IntArray, *, competition: bool) -> FloatArray:
    """Count places of initiatives of which some stand for several equal ones."""
    size, places = len(copies), int(copies.sum())
    bits = max(1, (size - 1).bit_length())
    chunk = max(1, _AT_ONCE // size)
    most = max(chunk, min(draws, _KEPT // size))
    kept = np.empty((size, most), np.int16 if size < 2**15 else np.int32)
    filled, plain = 0, bool((copies == 1).all())
    untied = np.zeros((size, size), np.int64)  # by place and initiative
    tied = _Tied(size, places)
    index = np.arange(size)
    for start in range(0, draws, chunk):
        keys = _sorted_keys(part(slice(start, min(start + chunk, draws))), bits, index)
        if plain:
            together = _ties(keys, bits)
            if together.any():
                tied.add(keys[together], bits, copies, competition=competition)
                keys = keys[~together]
            if filled + len(keys) > most:
                _add_places(untied, kept[:, :filled])
                filled = 0
            keys &= (1 << bits) - 1
            kept[:, filled : filled + len(keys)] = keys[:, ::-1].T
            filled += len(keys)
        else:
            tied.add(keys, bits, copies, competition=competition)
    _add_places(untied, kept[:, :filled])
    found = tied.total()
    if plain:
        found += untied.T
    return found


def _sorted_keys(scores: FloatArray, bits: int, index: IntArray) -> IntArray:
    np.rint(scores, out=scores)
    keys = scores.astype(np.int64)
    keys <<= bits
    keys |= index
    keys.sort(axis=1)
    return keys


def _ties(keys: IntArray, bits: int) -> BoolArray:
    """Draws in which two neighbours have the same score; keys are never negative."""
    if keys.shape[1] == 1:
        return np.zeros(len(keys), bool)
    apart = keys[:, 1:] ^ keys[:, :-1]
    if int(apart.min()) >> bits:
        return np.zeros(len(keys), bool)
    found: BoolArray = apart.min(axis=1) < (1 << bits)
    return found


def _add_places(untied: IntArray, kept: IntArray) -> None:
    for place, row in enumerate(kept):
        untied[place] += np.bincount(row, minlength=len(untied))


class _Tied:
    """Places of draws with ties: those alone as whole counts, the others as shares of a range."""

    __slots__ = ("_alone", "_places", "_size", "_spread", "_touched")

    def __init__(self, size: int, places: int) -> None:
        self._size, self._places = size, places
        self._alone: IntArray | None = None
        self._spread: FloatArray | None = None
        self._touched: IntArray | None = None

    def add(self, keys: IntArray, bits: int, copies: IntArray, *, competition: bool) -> None:
        """Count draws whose keys are sorted, the best last."""
        who = keys[:, ::-1] & ((1 << bits) - 1)
        score = keys[:, ::-1] >> bits
        own = copies[who]
        end = np.cumsum(own, axis=1)
        fresh = np.ones(who.shape, bool)
        fresh[:, 1:] = score[:, 1:] != score[:, :-1]
        first = np.maximum.accumulate(np.where(fresh, end - own, 0), axis=1)
        closing = np.ones(who.shape, bool)
        closing[:, :-1] = fresh[:, 1:]
        ends = np.where(closing, end, self._places)[:, ::-1]
        last = np.minimum.accumulate(ends, axis=1)[:, ::-1]
        cell = who * (self._places + 1)
        width = last - first
        alone = np.ones_like(fresh) if competition else width == 1
        counted = self._bincount((cell + first)[alone])
        self._alone = counted if self._alone is None else self._alone + counted
        if not competition:
            shared = ~alone
            self._share(cell[shared], first[shared], last[shared], 1 / width[shared])

    def _share(self, cell: IntArray, first: IntArray, last: IntArray, each: FloatArray) -> None:
        """Add at the first place and take away after the last: sums along places do the rest."""
        if self._spread is None or self._touched is None:
            self._spread = np.zeros((self._size, self._places + 1))
            self._touched = np.zeros((self._size, self._places + 1), np.int64)
        self._spread += self._bincount(cell + first, each)
        self._spread -= self._bincount(cell + last, each)
        self._touched += self._bincount(cell + first)
        self._touched -= self._bincount(cell + last)

    def _bincount(self, cells: IntArray, weights: FloatArray | None = None) -> IntArray:
        length = self._size * (self._places + 1)
        found: IntArray = np.bincount(cells, weights, length).reshape(self._size, -1)
        return found

    def total(self) -> FloatArray:
        """Return the sums by initiative and place."""
        found = np.zeros((self._size, self._places))
        if self._alone is not None:
            found += self._alone[:, :-1]
        if self._spread is not None and self._touched is not None:
            shared = np.cumsum(self._spread[:, :-1], axis=1)
            # Where no group was, the sum of shares is zero but for rounding.
            shared[np.cumsum(self._touched[:, :-1], axis=1) == 0] = 0.0
            found += shared
        return found
