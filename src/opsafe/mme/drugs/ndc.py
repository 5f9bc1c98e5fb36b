"""National Drug Codes of 10, 11 and 12 digits as one text, without guessing.

A code of 10 digits has three layouts (4-4-2, 5-3-2, 5-4-1). Claims pad the short segment with a
zero to 11 digits (5-4-2), so 10 digits without dashes stand for up to three products: all of them
are given, none is picked. From 7 March 2033 codes have 12 digits (6-4-2), and older ones get a
zero in front. Codes are text: a number has lost its leading zeros.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from opsafe.columns import Column, Columns, Nullable, Text
from opsafe.errors import ArgumentTypeError

__all__ = ["Layout", "Ndc", "normalize_ndc", "normalize_ndcs"]

Layout: TypeAlias = Literal["4-4-2", "5-3-2", "5-4-1", "5-4-2", "6-4-2", "10", "11", "12"]

_DASHED: Final = re.compile(r"([0-9]{4,6})-([0-9]{3,4})-([0-9]{1,2})")
_LAYOUTS: Final[frozenset[str]] = frozenset(("4-4-2", "5-3-2", "5-4-1", "5-4-2", "6-4-2"))
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
_PREFIX: Final = re.compile(r"(?i)ndc[ :#]*")
_LONGEST: Final = 40
_SEEN_AT_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Ndc:
    """A drug code as it was written and what it stands for.

    ``code`` is the code of 11 digits; ``code_12`` the one of 12 digits, which exists for every
    code that is understood; both are None where ``reason`` says why. ``candidates`` are the codes
    of 11 digits it can stand for: one when understood, several when it is ambiguous.
    """

    text: str
    code: str | None
    code_12: str | None
    candidates: tuple[str, ...]
    layout: Layout | None
    reason: str | None


def normalize_ndc(text: str) -> Ndc:
    """Read one drug code.

    Parameters
    ----------
    text : str
        A National Drug Code with or without dashes.

    Returns
    -------
    Ndc
        The code in 11 and in 12 digits, or every code it can stand for and the reason.

    Raises
    ------
    ArgumentTypeError
        It is a number or anything else but text.

    Notes
    -----
    10 digits with dashes: the short segment gets a leading zero (5-4-2). 10 digits without: each
    of the three layouts gives a candidate; those that coincide count once. 12 digits whose first
    is 0 are 11 digits with a zero in front; other codes of 12 digits have no form of 11.

    References
    ----------
    .. [1] US Food and Drug Administration, "Revising the National Drug Code Format and Drug Label
       Barcode Requirements", Federal Register 91(43), 5 March 2026, pages 10749-10771.

    Examples
    --------
    >>> normalize_ndc("0002-3227-30").code
    '00002322730'
    >>> normalize_ndc("0002322730").candidates
    ('00002322730', '00023022730', '00023227300')
    >>> normalize_ndc("000002322730").code
    '00002322730'
    """
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"a drug code is text, not {type(text).__name__}: numbers lose their leading zeros",
            where="ndc",
            value=type(text).__name__,
            advice="Read the column as text",
        )
    return _read(text)


def normalize_ndcs(column: object) -> Columns:
    """Read a column of drug codes; a bad one never stops the others.

    Parameters
    ----------
    column : sequence, array, or series of pandas, polars or pyarrow
        Codes as text, shape (n,).

    Returns
    -------
    Columns
        ``code`` (11 digits), ``code_12``, ``candidates`` (codes of 11 digits, joined by a blank)
        and ``reason``, each of shape (n,), None where there is none.

    Raises
    ------
    ArgumentTypeError
        It is not a column.

    Examples
    --------
    >>> read = normalize_ndcs(["0002-3227-30", "0002322730", None, 2322730])
    >>> read["code"].tolist()
    ['00002322730', None, None, None]
    >>> read["reason"].tolist()[2:]
    ['missing', 'a number, not text: leading zeros are lost']
    """
    codes, distinct = _distinct(column)
    read = [_read_any(value) for value in distinct]
    picked: tuple[tuple[str, Callable[[Ndc], str | None]], ...] = (
        ("code", lambda found: found.code),
        ("code_12", lambda found: found.code_12),
        ("candidates", lambda found: " ".join(found.candidates) or None),
        ("reason", lambda found: found.reason),
    )
    return Columns({name: _text([pick(found) for found in read], codes) for name, pick in picked})


def _read(text: str) -> Ndc:
    if len(text) > _LONGEST:
        return _not_understood(f"{text[:_SEEN_AT_MOST]}…", "too long for a drug code")
    folded = _PREFIX.sub("", text.strip().translate(_DASHES), count=1).strip()
    if not folded:
        return _not_understood(text, "missing")
    if "-" in folded:
        return _read_dashed(text, folded)
    if not (folded.isascii() and folded.isdigit()):
        return _not_understood(text, "holds something other than digits and dashes")
    if len(folded) == 10:
        return _read_ten(text, folded)
    if len(folded) == 11:
        return _understood(text, folded, "11")
    if len(folded) == 12:
        return _read_twelve(text, folded, "12")
    return _not_understood(
        text, f"{len(folded)} digits: a drug code has 10, 11 or 12; were leading zeros lost?"
    )


def _read_dashed(text: str, folded: str) -> Ndc:
    parts = _DASHED.fullmatch(folded)
    shape = "-".join(str(len(part)) for part in folded.split("-"))
    if parts is None or shape not in _LAYOUTS:
        if re.fullmatch(r"[0-9]{4,6}-[0-9]{3,4}", folded):
            return _not_understood(
                text, "a product without its package: the last segment is missing"
            )
        return _not_understood(text, f"no layout of a drug code: {shape}")
    labeler, product, package = parts.groups()
    layout: Layout = shape  # type: ignore[assignment]  # one of _LAYOUTS, tested above
    if layout == "6-4-2":
        return _read_twelve(text, labeler + product + package, layout)
    return _understood(text, labeler.zfill(5) + product.zfill(4) + package.zfill(2), layout)


def _read_ten(text: str, digits: str) -> Ndc:
    padded = (f"0{digits}", f"{digits[:5]}0{digits[5:]}", f"{digits[:9]}0{digits[9:]}")
    candidates = tuple(dict.fromkeys(padded))
    if len(candidates) == 1:
        return _understood(text, candidates[0], "10")
    reason = f"10 digits without dashes stand for {len(candidates)} codes"
    return Ndc(text, None, None, candidates, "10", reason)


def _read_twelve(text: str, digits: str, layout: Layout) -> Ndc:
    if digits.startswith("0"):
        return _understood(text, digits[1:], layout)
    return Ndc(text, None, digits, (), layout, None)


def _understood(text: str, code: str, layout: Layout) -> Ndc:
    return Ndc(text, code, f"0{code}", (code,), layout, None)


def _not_understood(text: str, reason: str) -> Ndc:
    return Ndc(text, None, None, (), None, reason)


def _read_any(value: object) -> Ndc:
    if isinstance(value, str):
        return _read(value)
    if value is None:
        return _not_understood("", "missing")
    if isinstance(value, bool | int | float | np.number):
        return _not_understood("", "a number, not text: leading zeros are lost")
    return _not_understood("", f"{type(value).__name__}, not text")


def _distinct(column: object) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[object]]:
    """Return a code for each row and the distinct values the codes stand for."""
    known: dict[object, int] = {}
    distinct: list[object] = []
    codes: list[int] = []
    for value in _values(column):
        plain = _plain(value)
        key = plain if plain is None or isinstance(plain, str) else type(plain)
        if key not in known:
            known[key] = len(distinct)
            distinct.append(plain)
        codes.append(known[key])
    return np.array(codes, np.int64), distinct


def _values(column: object) -> Iterable[object]:
    if isinstance(column, Text | Nullable):
        return column.array().tolist()  # type: ignore[no-any-return]
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, method):
            values = getattr(column, method)()
            if isinstance(values, list):
                return values
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise ArgumentTypeError(
            "must be a column of drug codes", where="column", value=type(column).__name__
        )
    return column


def _plain(value: object) -> object:
    """Fold every spelling of missing to None."""
    if isinstance(value, float) and value != value:  # NaN differs from itself
        return None
    return None if type(value).__name__ in ("NAType", "NaTType") else value


def _text(words: list[str | None], codes: np.ndarray[Any, np.dtype[np.int64]]) -> Column:
    present = list(dict.fromkeys(word for word in words if word is not None))
    position = {word: place for place, word in enumerate(present)}
    lookup = np.array([-1 if word is None else position[word] for word in words], np.int64)
    return Text(lookup[codes] if len(words) else codes, tuple(present))
