"""Ties are an answer: places of equal scores under the rule that the caller chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from opsafe._arguments import read_word
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._reading import read_array

__all__ = ["Ranks", "TieRule", "rank_counts", "read_ties"]

TieRule: TypeAlias = Literal["group", "competition", "average"]
"""How tied initiatives are numbered.

``group`` says that a group of equals fills its places together, the first to the last (1 to 2, 1 to
2, 3), and shares the chance of each; ``competition`` gives each the first place (1, 1, 3);
``average`` the mean of the places (1.5, 1.5, 3).
"""


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Places of initiatives, 1 the best; the axis of each array is the initiative."""

    first: IntArray
    """First of the places that its group of equals fills."""
    last: IntArray
    """Last of these places; equal to the first where nothing is tied."""
    group: IntArray
    """Number of its group of equals: 1, 2, 3 without gaps."""
    shown: FloatArray
    """The number that the rule shows: the mean place under ``average``, else the first place."""
    rule: TieRule

    @property
    def tied(self) -> int:
        """How many initiatives share their score with another."""
        return int((self.first < self.last).sum())

    def __repr__(self) -> str:
        return f"Ranks({self.shown.tolist()}; {self.tied} tied, {self.rule})"


def read_ties(ties: object) -> TieRule:
    """Read a tie rule.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is none of the three.
    """
    rule: TieRule = read_word(ties, "ties", get_args(TieRule))
    return rule


def rank_counts(score_counts: IntArray, rule: TieRule = "group") -> Ranks:
    """Rank initiatives by integer scores, where more is better and equals are tied.

    Parameters
    ----------
    score_counts : array of int, shape (m,)
        Scores as counts of 1e-6.
    rule : {"group", "competition", "average"}, optional
        How tied initiatives are numbered.

    Returns
    -------
    Ranks
        First and last place, group, and the number that the rule shows.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the rule is not known, or scores are no whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from opsafe import ranking as rk
    >>> ranks = rk.rank_counts(np.array([700, 900, 900, 100]))
    >>> ranks.first.tolist(), ranks.last.tolist(), ranks.group.tolist()
    ([3, 1, 1, 4], [3, 2, 2, 4], [2, 1, 1, 3])
    """
    known = read_ties(rule)
    counts = _read_counts(score_counts)
    _, group, sizes = np.unique(-counts, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)[group]
    first = last - sizes[group] + 1
    shown = np.asarray((first + last) / 2 if known == "average" else first, np.float64)
    found = Ranks(first, last, group.astype(np.int64) + 1, shown, known)
    for array in (found.first, found.last, found.group, found.shown):
        array.flags.writeable = False
    return found


def _read_counts(given: object) -> IntArray:
    if isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind == "i":
        return given.astype(np.int64)
    read = read_array(given, "score_counts", shape=(None,), axes="row of scores", missing=False)
    if (read != np.rint(read)).any():
        raise ArgumentError(
            "holds a score that is no whole number",
            where="score_counts",
            advice="Round to counts first, such as of 1e-6: equals are tied, and near ones are not",
        )
    return read.astype(np.int64)
