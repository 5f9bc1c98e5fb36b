"""Answers of many assessments to numbers of answers, and those to a row of a table of outcomes.

An answer is 0 (no), 1 (yes) or 2 (unknown); so is supervision, and so is impairment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["NO", "UNKNOWN", "UNREADABLE", "YES", "Shape", "Small", "mask", "tally"]

NO: Final = 0
YES: Final = 1
UNKNOWN: Final = 2
UNREADABLE: Final = 3

Small = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shape:
    """How many criteria always count and how many supervision exempts: the table's axes."""

    plain: int
    exempt: int

    @property
    def axes(self) -> tuple[int, int, int, int, int, int]:
        """Lengths of: yes, unknown, exempt yes, exempt unknown, supervision, impairment."""
        return self.plain + 1, self.plain + 1, self.exempt + 1, self.exempt + 1, 3, 3


def tally(
    answers: Sequence[Small],
    exempt: Sequence[bool],
    supervision: Small,
    impairment: Small,
    shape: Shape,
) -> npt.NDArray[np.intp]:
    """Count the answers of each row and give its place in a table of the shape's axes.

    Parameters
    ----------
    answers : sequence of array of uint8, shape (n,)
        One for each criterion.
    exempt : sequence of bool
        Whether supervision exempts the criterion.
    supervision, impairment : array of uint8, shape (n,)
        The answers to both.
    shape : Shape
        The axes of the table.

    Returns
    -------
    array of intp, shape (n,)
        Places in the table as if it had one axis.
    """
    rows = len(supervision)
    counts = [np.zeros(rows, np.uint8) for _ in range(4)]
    for column, is_exempt in zip(answers, exempt, strict=True):
        counts[2 * is_exempt] += column == YES
        counts[2 * is_exempt + 1] += column == UNKNOWN
    place = np.zeros(rows, np.intp)
    for length, part in zip(shape.axes, (*counts, supervision, impairment), strict=True):
        place *= length
        place += part
    return place


def mask(answers: Sequence[Small]) -> npt.NDArray[np.uint16]:
    """Bits of the unknown answers of each row; the first answer is bit 0."""
    bits = np.zeros(len(answers[0]), np.uint16)
    for position, column in enumerate(answers):
        bits |= (column == UNKNOWN).astype(np.uint16) << position
    return bits
