"""Columns of a batch as answers: 0 no, 1 yes, 2 unknown, 3 unreadable."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from opsafe.columns import Column, Nullable, Text
from opsafe.errors import ArgumentError
from opsafe.oud._kernel import NO, UNKNOWN, UNREADABLE, YES, Small
from opsafe.oud.answers import read_tristate
from opsafe.oud.states import ComorbidState

__all__ = ["COMORBID", "read_answer_column", "read_comorbid_column"]

COMORBID: Final = (None, *ComorbidState)
"""The states beside the disorder; the first is none."""

_CODES: Final = {True: YES, False: NO, None: UNKNOWN}


def read_answer_column(column: Column) -> Small:
    """Read yes, no and unknown as :func:`~opsafe.oud.answers.read_tristate` does, by column."""
    if isinstance(column, Text):
        known = [_word(word, column.kind) for word in column.words]
        return np.array([*known, UNKNOWN], np.uint8)[column.codes]
    values = column.values if isinstance(column, Nullable) else column
    if values.dtype.kind == "b":
        read = values.view(np.uint8).copy()
    elif values.dtype.kind in "iuf":
        read = np.full(len(values), UNREADABLE, np.uint8)
        read[values == 0] = NO
        read[values == 1] = YES
        read[values != values] = UNKNOWN
    else:
        read = np.full(len(values), UNREADABLE, np.uint8)
        if values.dtype.kind == "M":
            read[np.isnat(values)] = UNKNOWN
    if isinstance(column, Nullable):
        read[~column.valid] = UNKNOWN
    return read


def _word(word: str, kind: str) -> int:
    """A word as an answer; true and false of a mixed column come in angle brackets."""
    told = word.strip("<>") if kind == "mixed" and word in ("<True>", "<False>") else word
    try:
        return _CODES[read_tristate(told, "assessments")]
    except ArgumentError:
        return UNREADABLE


def read_comorbid_column(column: Column) -> npt.NDArray[np.int64]:
    """Read states as positions in :data:`COMORBID`; -1 where the word is none."""
    if not isinstance(column, Text):
        missing = ~column.valid if isinstance(column, Nullable) else column != column
        return np.where(missing, 0, -1)
    words = {str(state): position for position, state in enumerate(COMORBID) if state}
    words[""] = words["none"] = 0
    known = [words.get(word.strip().casefold(), -1) for word in column.words]
    return np.array([*known, 0], np.int64)[column.codes]
