"""Drug lines as written, numbered: claims repeat some hundred of them in millions of rows.

Everything a row says in words (and its strength) is one :class:`Written` line with an int32 code.
What a line means is worked out once for each, in plain Python, when all fills have been read.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.columns import AnyArray, Column, Nullable, SignedArray, Text
from opsafe.mme._population.numbering import number_values
from opsafe.quantity import IntArray

__all__ = ["LINE_COLUMNS", "Lexicon", "Raw", "Written", "reader"]

Raw: TypeAlias = str | int | float | bool | None
Reader: TypeAlias = Callable[[slice], tuple[IntArray, Sequence[Raw]]]


class Written(NamedTuple):
    """What a row says of its drug and of itself, as it was written; None is not given."""

    ingredient: Raw
    route: Raw
    strength: Raw
    unit: Raw
    form: Raw
    quantity_unit: Raw
    cough_cold: Raw
    moud: Raw
    wear_hours: Raw
    status: Raw


LINE_COLUMNS: Final = Written._fields


class Lexicon:
    """Gives every distinct drug line, and every odd word, one code for all blocks of a run."""

    def __init__(self) -> None:
        self.lines: list[Written] = []
        self.words: list[str] = []
        self.columns: frozenset[str] = frozenset()
        """Names of the columns that the fills have."""
        self.status_says = False
        """Whether any row has a status: a column without any value says as little as none."""
        self.people: set[str] = set()
        """Columns of people (prescriber, pharmacy) that came as text and so have codes."""
        self._line_codes: dict[Written, int] = {}
        self._word_codes: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def words_of(self, words: Iterable[Any]) -> IntArray:
        """Number some words: values that could not be read, or names of people."""
        with self._lock:
            return np.array([self._word(str(word)) for word in words], np.int64)

    def _word(self, word: str) -> int:
        code = self._word_codes.setdefault(word, len(self.words))
        if code == len(self.words):
            self.words.append(word)
        return code

    def line_codes(self, readers: Sequence[Reader | None], rows: slice) -> npt.NDArray[np.int32]:
        """Number the drug lines of some rows, column by column of ``LINE_COLUMNS``."""
        read = [reader(rows) if reader else None for reader in readers]
        size = rows.stop - rows.start
        local, first = _combinations([codes for codes, _ in filter(None, read)], size)
        columns = [_at(*one, first) if one is not None else [None] * len(first) for one in read]
        with self._lock:
            found = [self._line(Written(*line)) for line in zip(*columns, strict=True)]
        return np.array(found, np.int32).take(local)

    def _line(self, line: Written) -> int:
        code = self._line_codes.setdefault(line, len(self.lines))
        if code == len(self.lines):
            self.lines.append(line)
            self.status_says |= line.status is not None
        return code

    def to_json(self) -> str:
        """Write the lexicon down, so that a run can go on after a stop."""
        return json.dumps(
            {
                "lines": self.lines,
                "words": self.words,
                "columns": sorted(self.columns),
                "status_says": self.status_says,
                "people": sorted(self.people),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Lexicon:
        """Read what ``to_json`` wrote."""
        data = json.loads(text)
        found = cls()
        for line in data["lines"]:
            found._line(Written(*line))
        for word in data["words"]:
            found._word(word)
        found.columns = frozenset(data["columns"])
        found.status_says = data["status_says"]
        found.people = set(data["people"])
        return found


def _at(codes: AnyArray, distinct: Sequence[Raw], rows: IntArray) -> list[Raw]:
    return [distinct[code] if code >= 0 else None for code in codes[rows].tolist()]


def _combinations(columns: Sequence[AnyArray], size: int) -> tuple[IntArray, IntArray]:
    """Number the combinations of codes that occur; a row where each stands."""
    packed: SignedArray = np.zeros(size, np.int32)
    room = 1
    for codes in columns:
        values = int(codes.max(initial=-1)) + 2
        if room * values >= 2**62:
            found, packed = number_values(packed)
            room = len(found)
        if room * values >= 2**31:
            packed = packed.astype(np.int64, copy=False)
        if room > 1:
            packed *= values
        packed += codes
        room *= values
    found, local = number_values(packed)
    first = np.zeros(len(found), np.int64)
    first[local] = np.arange(size)
    return local, first


def reader(column: Column) -> Reader:
    """Make a reader of a column: for some rows, codes (-1 is missing) into distinct values."""
    if isinstance(column, Text):
        return lambda rows: (column.codes[rows], column.words)
    if isinstance(column, Nullable):
        values, valid = column.values, column.valid
        if values.dtype == bool:
            return lambda rows: (np.where(valid[rows], values[rows], -1), (False, True))
        return lambda rows: _integers(values[rows], valid[rows])
    if column.dtype.kind in "iu":
        return lambda rows: _integers(column[rows], None)
    if column.dtype == np.float32:
        return lambda rows: _floats(_written(column[rows]))
    return lambda rows: _floats(column[rows])


def _integers(values: AnyArray, valid: AnyArray | None) -> tuple[IntArray, Sequence[Raw]]:
    found, code = number_values(values.astype(np.int64))
    return (code if valid is None else np.where(valid, code, -1)), found.tolist()


def _written(values: AnyArray) -> AnyArray:
    """Read a float32 through its shortest text: 0.1 is meant, not 0.10000000149."""
    distinct, inverse = np.unique(values, return_inverse=True)
    return np.array([float(str(value)) for value in distinct], np.float64)[inverse]


def _floats(values: AnyArray) -> tuple[IntArray, Sequence[Raw]]:
    """Number floats by their bits."""
    found, code = number_values(np.ascontiguousarray(values).view(np.int64))
    distinct: list[Raw] = found.view(np.float64).tolist()
    missing = np.isnan(found.view(np.float64))
    if missing.any():
        code = np.where(missing, -1, np.arange(len(found)))[code]
    return code, distinct
