"""Identifiers as fixed-width numbers, so that rows can be sorted, spilled and compared by them.

An integer identifier is its own key. Text gets a 64-bit hash as its key and, beside it, its exact
bytes in words of eight: the key finds candidates, only the words decide that two are one. Keys and
words depend on the identifier alone, never on the rows or the block that it came with.
"""

# More than 300 lines: one layout of identifiers, and all that rests on it.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from opsafe._packing import HASH, LONGEST, SLAB, Words, as_bytes, pack
from opsafe._readings import decimal_key, read_whole
from opsafe.columns import AnyArray, Column, Text
from opsafe.errors import ColumnError
from opsafe.quantity import BoolArray, IntArray

__all__ = [
    "HASH",
    "LONGEST",
    "Identifiers",
    "concatenate",
    "equal_neighbours",
    "from_bytes",
    "from_unsigned",
    "mixed",
    "order",
    "read_identifiers",
    "restore",
    "take",
    "unreadable",
    "widen",
]


@dataclass(frozen=True, slots=True, eq=False)
class Identifiers:
    """Identifiers of the rows of a block.

    ``wide`` identifiers are integers of which some do not fit 64 bits: those that fit are their
    own key, and all have the words of their digits.
    """

    kind: Literal["integer", "text", "wide"]
    key: IntArray
    """The integer itself, or the hash of the words; 0 where missing. Not to be written to."""
    words: Words | None
    """UTF-8 (or digits) in big-endian words of eight bytes, ended by 0x01 and padded with zeros;
    all zeros where missing. None of ``integer``."""
    missing: BoolArray | None
    """Which rows have no identifier; None when all have."""

    def __len__(self) -> int:
        return len(self.key)

    def __repr__(self) -> str:
        return f"Identifiers({len(self)} rows, {self.kind})"


def read_identifiers(column: Column, where: str) -> Identifiers:
    """Read identifiers: any integer, text or whole decimal, never through a float.

    Raises
    ------
    ColumnError
        If they are mixed, true or false, dates, too long, or floats that may have lost digits.

    Examples
    --------
    >>> found = read_identifiers(np.array([7, 3]), "fills['member_id']")
    >>> found.kind, found.key.tolist(), restore(take(found, order(found))).tolist()
    ('integer', [7, 3], [3, 7])
    """
    if isinstance(column, Text):
        return _of_text(column, where)
    values, valid = read_whole(column, where)
    missing = None if valid is None or bool(valid.all()) else ~valid
    key = values.astype(np.int64, copy=False)
    if missing is not None and key[missing].any():
        key = np.where(missing, 0, key)
    return Identifiers("integer", _read_only(key), None, missing)


def _read_only(key: AnyArray) -> IntArray:
    """A view: the integers may be the caller's own array."""
    view = key.view(np.int64)
    view.flags.writeable = False
    return view


def from_unsigned(values: npt.NDArray[np.uint64], missing: BoolArray | None) -> Identifiers:
    """Read unsigned integers, of which some may not fit int64."""
    beyond = values >= np.uint64(2**63)
    if not beyond.any():
        return Identifiers("integer", _read_only(values), None, missing)
    digits = _of_digits(values, missing)
    key = np.where(beyond, digits.key, values.view(np.int64))
    return Identifiers("wide", key, digits.words, missing)


def _of_text(column: Text, where: str) -> Identifiers:
    if column.kind == "mixed":
        raise mixed(where)
    if column.kind == "decimal":
        distinct = _of_integers([decimal_key(word, where) for word in column.words])
    else:
        distinct = _of_words([word.encode(errors="surrogatepass") for word in column.words], where)
    return take(_with_nobody(distinct), column.codes)


def _of_integers(values: list[int]) -> Identifiers:
    if all(-(2**63) <= value < 2**63 for value in values):
        return Identifiers("integer", np.array(values, np.int64), None, None)
    digits = _of_words([str(value).encode() for value in values], "")
    small = [-(2**63) <= value < 2**63 for value in values]
    own = np.array([value if fits else 0 for value, fits in zip(values, small, strict=True)])
    return Identifiers("wide", np.where(small, own, digits.key), digits.words, None)


def _of_words(encoded: list[bytes], where: str) -> Identifiers:
    lengths = np.array([len(one) for one in encoded], np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return from_bytes(data, np.cumsum(lengths) - lengths, lengths, None, where)


def unreadable(where: str) -> ColumnError:
    """Make the error for bytes that are no text."""
    return ColumnError("holds text that is not valid Unicode", where=where)


def mixed(where: str) -> ColumnError:
    """Make the error for text beside integers."""
    return ColumnError(
        "identifiers are of mixed types",
        where=where,
        advice="Make them all text or all integers",
    )


def _with_nobody(distinct: Identifiers) -> Identifiers:
    """Add a last row that is missing, for code -1 to find."""
    missing = np.zeros(len(distinct) + 1, bool)
    if distinct.missing is not None:
        missing[:-1] = distinct.missing
    missing[-1] = True
    words = distinct.words
    if words is not None:
        words = np.concatenate([words, np.zeros((1, words.shape[1]), np.uint64)])
    return Identifiers(distinct.kind, np.append(distinct.key, 0), words, missing)


# ------------------------------------------------------------------------------ bytes to words


def from_bytes(
    data: npt.NDArray[np.uint8],
    starts: IntArray,
    lengths: IntArray,
    missing: BoolArray | None,
    where: str,
) -> Identifiers:
    """Read text identifiers from the bytes that a library keeps them in.

    Parameters
    ----------
    data : array of uint8
        UTF-8 of all rows.
    starts, lengths : array of int64, shape (n,)
        Where each row begins (never before the row above) and how many bytes it has.
    missing : array of bool, shape (n,), optional
        Rows that are null; blank ones are found here.
    where : str
        The column, for messages.
    """
    if missing is not None:
        lengths = np.where(missing, 0, lengths)
    if int(lengths.max(initial=0)) > LONGEST:
        raise ColumnError(f"holds an identifier of more than {LONGEST} bytes", where=where)
    words, key, blank = pack(data, starts, lengths)
    if blank.any():
        words[blank] = 0
        key[blank] = 0
        return Identifiers("text", key, words, blank)
    return Identifiers("text", key, words, None)


# -------------------------------------------------------------------------- rows, and back again


def take(identifiers: Identifiers, rows: AnyArray | slice) -> Identifiers:
    """Take some rows: positions, a mask or a slice."""
    missing = identifiers.missing
    if missing is not None:
        missing = missing[rows]
        missing = missing if bool(missing.any()) else None
    words = None if identifiers.words is None else identifiers.words[rows]
    return Identifiers(identifiers.kind, identifiers.key[rows], words, missing)


def concatenate(parts: Sequence[Identifiers], where: str) -> Identifiers:
    """Join blocks in their order; integers beside wide ones become wide.

    Raises
    ------
    ColumnError
        If some are text and some are integers.
    """
    if len(parts) == 1:
        return parts[0]
    telling = [part for part in parts if not _says_nothing(part)]
    kinds = {part.kind for part in telling or parts}
    if telling and "text" in kinds and len(kinds) > 1:
        raise mixed(where)
    kind: Literal["integer", "text", "wide"] = (
        "text" if "text" in kinds else "wide" if "wide" in kinds else "integer"
    )
    key = np.concatenate([np.zeros(0, np.int64), *(part.key for part in parts)])
    missing = None
    if any(part.missing is not None for part in parts):
        missing = np.concatenate(
            [np.zeros(len(p), bool) if p.missing is None else p.missing for p in parts]
        )
    if kind == "integer":
        return Identifiers(kind, key, None, missing)
    every = [widen(part).words for part in parts]
    width = max(words.shape[1] for words in every if words is not None)
    padded = np.zeros((len(key), width), np.uint64)
    first = 0
    for words in every:
        if words is not None:
            padded[first : first + len(words), : words.shape[1]] = words
            first += len(words)
    return Identifiers(kind, key, padded, missing)


def _says_nothing(identifiers: Identifiers) -> bool:
    missing = identifiers.missing
    return not len(identifiers) or (missing is not None and bool(missing.all()))


def widen(identifiers: Identifiers) -> Identifiers:
    """Give integers the words of their digits; their keys stay the same."""
    if identifiers.kind != "integer":
        return identifiers
    spelled = _of_digits(identifiers.key, identifiers.missing)
    return Identifiers("wide", identifiers.key, spelled.words, identifiers.missing)


def _of_digits(values: AnyArray, missing: BoolArray | None) -> Identifiers:
    digits = values.astype("S20")
    lengths = np.char.str_len(digits).astype(np.int64)
    starts = np.arange(len(digits), dtype=np.int64) * 20
    return from_bytes(digits.view(np.uint8), starts, lengths, missing, "")


def restore(identifiers: Identifiers) -> AnyArray:
    """Return the identifiers themselves: integers, or objects with None where missing.

    ``integer`` gives int64 (0 where missing), ``wide`` Python's integers, ``text`` its words.
    """
    if identifiers.words is None:
        return identifiers.key
    restored = np.empty(len(identifiers), object)
    width = 8 * identifiers.words.shape[1]
    # NumPy drops the zeros after the end; the end itself is one byte more than the text.
    ended = identifiers.words.astype(">u8").view(f"S{width}")[:, 0].tolist()
    texts = [one[:-1].decode(errors="surrogatepass") for one in ended]
    if identifiers.kind == "wide":
        restored[:] = [int(text) if text else None for text in texts]
    else:
        restored[:] = [text or None for text in texts]
    return restored


def order(identifiers: Identifiers) -> IntArray:
    """Return the rows in the order of their values: integers by size, text by code point.

    No identifier may be missing.
    """
    words = identifiers.words
    if words is None:
        return np.argsort(identifiers.key, kind="stable")
    if identifiers.kind == "wide":
        values = restore(identifiers).tolist()
        return np.array(sorted(range(len(values)), key=values.__getitem__), np.int64)
    keys = list(words.T[::-1])
    if any(_has_zero(words[at : at + SLAB]) for at in range(0, len(words), SLAB)):
        # The end would sort above a NUL that another text goes on with: leave it out, and let
        # the length decide between texts that are alike but for NULs at their end.
        bare = as_bytes(words)
        lengths = bare.shape[1] - 1 - np.argmax(bare[:, ::-1] != 0, axis=1)
        bare[np.arange(len(bare)), lengths] = 0
        keys = [lengths, *bare.view(">u8").astype(np.uint64).T[::-1]]
    return np.lexsort(keys).astype(np.int64, copy=False)


def _has_zero(words: Words) -> bool:
    """Whether a NUL stands inside one of the texts: before a byte that is not zero."""
    letters = as_bytes(words) != 0
    return bool((letters[:, 1:] & ~letters[:, :-1]).any())


def equal_neighbours(identifiers: Identifiers) -> BoolArray:
    """Say of each row whether its identifier is that of the row before it; a missing one never."""
    equal = np.zeros(len(identifiers), bool)
    np.equal(identifiers.key[1:], identifiers.key[:-1], out=equal[1:])
    if identifiers.words is not None:
        rows = np.flatnonzero(equal)
        equal[rows] = (identifiers.words[rows] == identifiers.words[rows - 1]).all(axis=1)
    if identifiers.missing is not None:
        equal &= ~identifiers.missing
        equal[1:] &= ~identifiers.missing[:-1]
    return equal
