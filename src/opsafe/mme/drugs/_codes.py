"""Codes of drugs as keys: a National Drug Code in 12 digits, or any identifier as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.columns import Column, Nullable, Text
from opsafe.errors import ColumnError
from opsafe.mme.drugs.ndc import normalize_ndc

__all__ = ["CodeKind", "Key", "coded_column", "key_of", "key_of_value"]

CodeKind: TypeAlias = Literal["ndc", "text"]
IntArray: TypeAlias = npt.NDArray[np.int64]

_NUMBER_REASON: Final = "a number, not text: leading zeros are lost"


@dataclass(frozen=True, slots=True)
class Key:
    """What a code is looked up by, or why it cannot be."""

    key: str | None
    reason: str | None = None
    candidates: tuple[str, ...] = ()


def key_of_value(code: object, kind: CodeKind) -> Key:
    """Read a code of a table's own row."""
    if code is None or (isinstance(code, str) and not code.strip()):
        return Key(None, "missing")
    if isinstance(code, str):
        return key_of(code, kind, numeric=False)
    if isinstance(code, bool) or not isinstance(code, int | float | np.integer):
        return Key(None, f"{type(code).__name__}, not a code")
    if isinstance(code, float) and not code.is_integer():
        return Key(None, "a broken number, not a code")
    return key_of(str(int(code)), kind, numeric=True)


def key_of(word: str, kind: CodeKind, *, numeric: bool) -> Key:
    if kind == "text":
        return Key(word.strip() or None, None if word.strip() else "missing")
    if numeric:
        return Key(None, _NUMBER_REASON)
    found = normalize_ndc(word)
    return Key(found.code_12, found.reason, found.candidates)


def coded_column(column: Column, where: str) -> tuple[IntArray, tuple[str, ...], bool]:
    """Return a column of codes as positions in its distinct words; -1 is missing."""
    if isinstance(column, Text):
        words = column.words
        if column.kind != "text":
            # A column of mixed types: what was a number is written as one.
            words = tuple(word.removesuffix(".0") for word in words)
        return column.codes, words, column.kind == "decimal"
    values, valid = (
        (column.values, column.valid)
        if isinstance(column, Nullable)
        else (column, np.ones(len(column), bool))
    )
    if values.dtype.kind not in "if":
        raise ColumnError("codes are text or whole numbers", where=where)
    if values.dtype.kind == "f":
        valid = ~np.isnan(values)
    distinct, inverse = np.unique(values[valid], return_inverse=True)
    codes = np.full(len(values), -1, np.int64)
    codes[valid] = inverse
    return codes, tuple(map(_written, distinct.tolist())), True


def _written(number: float) -> str:
    """Write a whole number by its digits, so that 5.0 and "5" are one code."""
    return str(int(number)) if float(number).is_integer() else str(number)
