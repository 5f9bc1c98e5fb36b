"""Text packed into words of eight bytes, and the hash of those words.

The words of a text are its UTF-8, big-endian, ended by 0x01 and padded with zeros: two texts are
equal where their words are, whatever the width. The hash depends on the words alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.quantity import BoolArray, IntArray

__all__ = ["HASH", "LONGEST", "SLAB", "SPACES", "Words", "as_bytes", "pack"]

HASH: Final = "opsafe-words-1"
"""Name and version of the hash; what was written under another name cannot be joined by key."""
LONGEST: Final = 1000
"""Most bytes of one identifier: every row of a block is as wide as its longest."""

Words: TypeAlias = npt.NDArray[np.uint64]
_Bytes: TypeAlias = npt.NDArray[np.uint8]

SLAB: Final = 1 << 14  # rows whose words stay in the cache while they are made and hashed
_END: Final = 0x01  # ends the bytes of an identifier, so that zeros after it say nothing
_MULTIPLIERS: Final = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)  # of MurmurHash3's 64-bit finish
_GOLDEN: Final = 0x9E3779B97F4A7C15
SPACES: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def pack(data: _Bytes, starts: IntArray, lengths: IntArray) -> tuple[Words, IntArray, BoolArray]:
    """Pack texts into words.

    Parameters
    ----------
    data : array of uint8
        UTF-8 of all rows.
    starts, lengths : array of int64, shape (n,)
        Where each row begins (never before the row above) and how many bytes it has.

    Returns
    -------
    words : array of uint64, shape (n, k)
        The words, as many as the longest needs.
    key : array of int64, shape (n,)
        The hash of each row of words.
    blank : array of bool, shape (n,)
        Rows of white space and nothing else, or nothing.
    """
    rows, width = len(starts), int(lengths.max(initial=0)) // 8 + 1
    words = np.empty((rows, width), np.uint64)
    key = np.empty(rows, np.int64)
    blank = np.zeros(rows, bool)
    # A word of eight bytes must not be read beyond the end: the last rows get bytes with room.
    inside = int(np.searchsorted(starts, len(data) - 8 * width, side="right"))
    end = np.zeros(0, np.uint8)
    if inside < rows:
        end = np.concatenate([data[starts[inside] :], np.zeros(8 * width, np.uint8)])
    for first in range(0, rows, SLAB):
        last = min(first + SLAB, rows)
        for low, high, source, offset in (
            (first, min(last, inside), data, 0),
            (max(first, inside), last, end, int(starts[inside]) if inside < rows else 0),
        ):
            if low < high:
                at = slice(low, high)
                _fill(source, starts[at] - offset, lengths[at], words[at])
                key[at] = _hash(words[at])
                blank[at] = _blank(words[at], lengths[at])
    return words, key, blank


def _fill(source: _Bytes, starts: IntArray, lengths: IntArray, words: Words) -> None:
    """Read the words of some rows; eight bytes at any place are one unaligned number."""
    eight: Words = np.ndarray((len(source) - 7,), np.uint64, source, strides=(1,))
    shortest, longest = int(lengths.min()), int(lengths.max())
    for place in range(words.shape[1]):
        if 8 * place > longest:
            words[:, place] = 0
            continue
        word = eight[starts + 8 * place]
        if np.little_endian:
            word.byteswap(inplace=True)
        left = lengths - 8 * place
        if shortest == longest:
            word &= _KEPT[min(int(left[0]), 8)]
            word |= _ENDS[min(int(left[0]), 8)]
        else:
            np.clip(left, -1, 8, out=left)
            word &= _KEPT[left]
            word |= _ENDS[left]
        words[:, place] = word


def _at_each_length(kept: Sequence[int], ends: Sequence[int]) -> tuple[Words, Words]:
    """Masks for 0 to 8 bytes left in a word, and last (at -1) for a word after the end."""
    return np.array([*kept, 0], np.uint64), np.array([*ends, 0], np.uint64)


_KEPT, _ENDS = _at_each_length(
    [(1 << 64) - (1 << 8 * (8 - left)) for left in range(9)],
    [_END << 8 * (7 - left) for left in range(8)] + [0],
)


def _hash(words: Words) -> IntArray:
    """Hash rows of words; a word of zeros adds nothing, so the width does not matter.

    Each word is multiplied by an odd number of its place and stirred, which never maps two words
    to one; the sum of the places is stirred again, so that every bit of it moves the high ones.
    """
    total = np.zeros(len(words), np.uint64)
    for place in range(words.shape[1]):
        word = words[:, place] * _odd(place)
        word ^= word >> np.uint64(32)
        word *= np.uint64(_MULTIPLIERS[0])
        word ^= word >> np.uint64(29)
        total += word
    for multiplier in _MULTIPLIERS:
        total ^= total >> np.uint64(33)
        total *= np.uint64(multiplier)
    total ^= total >> np.uint64(33)
    return total.view(np.int64)


def _odd(place: int) -> np.uint64:
    return np.uint64((_GOLDEN * (2 * place + 1)) % 2**64 | 1)


_SPACE_BYTES: Final = np.zeros(256, bool)
_SPACE_BYTES[list(SPACES.encode())] = True
_FIRST_BYTES: Final = np.zeros(256, bool)
_FIRST_BYTES[[space.encode()[0] for space in SPACES]] = True


def _blank(words: Words, lengths: IntArray) -> BoolArray:
    """Which rows are white space and nothing else, or nothing."""
    first = (words[:, 0] >> np.uint64(56)).astype(np.uint8)
    blank: BoolArray = (lengths == 0) | _FIRST_BYTES[first]
    rows = np.flatnonzero(blank)
    if len(rows):
        letters = as_bytes(words[rows])
        beyond = np.arange(letters.shape[1]) >= lengths[rows, None]
        blank[rows] = (_SPACE_BYTES[letters] | beyond).all(axis=1)
        # What is left has bytes of white space alone; beyond ASCII they may spell other letters.
        rows = np.flatnonzero(blank)
        letters = as_bytes(words[rows])
        for row in rows[(letters >= 0x80).any(axis=1)].tolist():
            text = as_bytes(words[row : row + 1]).tobytes()[: int(lengths[row])]
            blank[row] = text.decode(errors="replace").isspace()
    return blank


def as_bytes(words: Words) -> _Bytes:
    return words.astype(">u8").view(np.uint8).reshape(len(words), 8 * words.shape[1])
