"""What can be said without weights: who is beaten whatever they are, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_word
from opsafe._display import as_html, counted
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._compared_values import values_of

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["ParetoLayers", "pareto_layers"]

_DUPLICATES: Final = ("keep", "first")


@dataclass(frozen=True, slots=True, eq=False)
class ParetoLayers:
    """Initiatives by layer: those that none beats, then those that only these beat, and so on."""

    initiatives: tuple[str, ...]
    layer: IntArray
    """By initiative: 1 where none beats it; 0 where a value is missing."""
    front: tuple[str, ...]
    """Those of layer 1, in input order."""
    beaten_by: tuple[tuple[str, ...], ...]
    """By initiative, all that beat it."""
    cautions: tuple[str, ...]

    @property
    def table(self) -> Columns:
        """A row for each initiative."""
        return Columns(
            {
                "initiative": Text.of(self.initiatives),
                "layer": self.layer,
                "on_front": self.layer == 1,
                "beaten_by": np.array([len(each) for each in self.beaten_by], np.int64),
            }
        )

    def __repr__(self) -> str:
        layers = counted(int(self.layer.max(initial=0)), "layer")
        return f"ParetoLayers({layers}; front: {', '.join(self.front)})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def pareto_layers(
    values: npt.ArrayLike | Ranking,
    *,
    names: Sequence[str] | None = None,
    directions: Sequence[int] | None = None,
    strict: bool = False,
    duplicates: Literal["keep", "first"] = "keep",
) -> ParetoLayers:
    """Sort initiatives into layers by dominance alone.

    Parameters
    ----------
    values : array_like of shape (initiatives, criteria), or Ranking
        Values in any units; those of a ranking lie between its anchors, more being better, and
        its initiatives without a value on some criterion stay out and are named.
    names : sequence of str, optional
        Names of the initiatives, for an array.
    directions : sequence of int, optional
        By criterion, 1 where more is better and -1 where less is, for an array; all 1 without.
    strict : bool, optional
        Whether only being worse on every criterion counts as beaten. Without, one is beaten by
        another that is nowhere worse and somewhere better.
    duplicates : {"keep", "first"}, optional
        Whether initiatives with equal values stay beside each other, or the first of them beats
        the others.

    Returns
    -------
    ParetoLayers
        Layer 1 is the Pareto front. Whatever the weights, one that is beaten never has a higher
        score than the one that beats it.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If values are no table of finite numbers, or another argument does not go with them.

    Notes
    -----
    The layer of an initiative is 1 more than the largest layer among those that beat it.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> found = rk.pareto_layers([[5, 2], [3, 4], [2, 4]], names=["naloxone", "PA", "EHR"])
    >>> found.front, found.layer.tolist(), found.beaten_by[2]
    (('naloxone', 'PA'), [1, 1, 2], ('PA',))
    """
    matrix, labels, known, cautions = values_of(values, names, directions)
    if not isinstance(strict, bool):
        raise ArgumentTypeError("is neither True nor False", where="strict", value=strict)
    keep = read_word(duplicates, "duplicates", _DUPLICATES) == "keep"
    beats = _beats(matrix, strict=strict, keep=keep)
    layer = np.zeros(len(labels), np.int64)
    layer[known] = _layers(beats)
    places = np.flatnonzero(known).tolist()
    beaten_by: list[tuple[str, ...]] = [()] * len(labels)
    for column, place in enumerate(places):
        beaten_by[place] = tuple(labels[places[row]] for row in np.flatnonzero(beats[:, column]))
    layer.flags.writeable = False
    return ParetoLayers(
        initiatives=labels,
        layer=layer,
        front=tuple(name for name, each in zip(labels, layer, strict=True) if each == 1),
        beaten_by=tuple(beaten_by),
        cautions=cautions,
    )


def _beats(matrix: FloatArray, *, strict: bool, keep: bool) -> BoolArray:
    """Whether the row's initiative beats the column's."""
    count = len(matrix)
    better = np.ones((count, count), bool)  # somewhere, or everywhere if strict
    no_worse = np.ones((count, count), bool)
    if not strict:
        better[:] = False
    for values in matrix.T:
        more = values[:, None] > values
        better = better & more if strict else better | more
        no_worse &= values[:, None] >= values
    beats = better & no_worse
    if not keep:
        same = no_worse & no_worse.T
        beats |= np.triu(same, 1)
    return beats


def _layers(beats: BoolArray) -> IntArray:
    layer = np.zeros(len(beats), np.int64)
    number = 0
    while (left := layer == 0).any():
        number += 1
        layer[left & ~beats[left].any(axis=0)] = number
    return layer
