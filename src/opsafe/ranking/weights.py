"""Weights of criteria: given, by swings between the anchors, or from an order alone.

A weight says what the whole way from a criterion's worst to its best anchor is worth beside the
others; without anchors a weight means nothing. All weights are brought to counts of 1e-6 of their
sum, and every score uses these counts, so that ties are ties.
"""

# More than 300 lines: three ways to weights, each documented, and the one reading they share.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Final

import numpy as np

from opsafe._arguments import read_number
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._exact import ONE, as_written, half_up
from opsafe.ranking._names import items_of, listed, read_name
from opsafe.ranking.criteria import Criteria

__all__ = ["Weights", "rank_order_centroid", "read_weights", "share_counts", "swing_weights"]

_MOST: Final = 1e12
# A float that was scaled is off in its last digits: shares first meet on this finer grid, so that
# scaling all weights cannot move a count.
_FINE: Final = 10**12
# The largest whole that a ratio may have: counts in the very ratio then still come near a million.
_SMALL: Final = 1_000
_ADVICE: Final = "Weights are any numbers from 0 up; they are brought to a sum of 1"


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights of criteria that add up to 1."""

    names: tuple[str, ...]
    """Names of the criteria."""
    values: FloatArray
    """Weights by criterion, in sum 1."""
    counts: IntArray
    """Weights by criterion as counts of about 1e-6, which scores divide by their sum."""
    method: str
    """``"given"``, ``"swing"`` or ``"rank-order centroid"``."""
    given: tuple[tuple[str, float], ...]
    """What the caller said, by criterion or group."""

    def __repr__(self) -> str:
        told = (f"{name} {share:.6g}" for name, share in zip(self.names, self.values, strict=True))
        return f"Weights({', '.join(told)}; {self.method})"


def read_weights(
    weights: Mapping[str, float] | Weights,
    criteria: Criteria,
    within: Mapping[str, Mapping[str, float]] | None = None,
) -> Weights:
    """Read the weights of criteria, and split those of groups.

    Parameters
    ----------
    weights : mapping of str to float, or Weights
        Weight by criterion, or by group for the criteria of a group; any scale, in sum above 0.
    criteria : Criteria
        The criteria with their anchors.
    within : mapping of str to mapping of str to float, optional
        By group, how its weight is split among its criteria; evenly where not given.

    Returns
    -------
    Weights
        In sum 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a weight is missing, unknown, negative, no number or infinite, or all are zero.

    Notes
    -----
    w_i = given_i / sum, as counts over the sum of the counts. Weights in a ratio of whole numbers
    that add up to 1,000 at most have counts in that very ratio, so that 2 to 1 makes the ties that
    2 to 1 must make; others are counts of 1e-6 rounded half up. A criterion of a group has the
    group's weight times its share within the group, so that splitting a criterion keeps its weight.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.read_weights({"impact": 60, "ease": 40}, rk.IMPACT_EASE_1_5).values
    array([0.6, 0.4])
    """
    _check_criteria(criteria)
    if isinstance(weights, Weights):
        if weights.names != criteria.names:
            raise ArgumentError(
                f"are of {listed(weights.names)}", where="weights", allowed=criteria.names
            )
        return weights
    return _weights(_read(weights, "weights"), criteria, _read_within(within, criteria), "given")


def swing_weights(
    points: Mapping[str, float],
    criteria: Criteria,
    within: Mapping[str, Mapping[str, float]] | None = None,
) -> Weights:
    """Return weights from what the swing of each criterion from worst to best is worth.

    Parameters
    ----------
    points : mapping of str to float
        Ask: "everything stands at its worst anchor; which one would you first bring to its best?"
        That one has 100 points, and each of the others the points that its swing is worth beside
        it. Any scale from 0 up; the largest is shown as 100.
    criteria : Criteria
        The criteria with their anchors.
    within : mapping of str to mapping of str to float, optional
        As of :func:`read_weights`.

    Returns
    -------
    Weights
        Points over their sum.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As :func:`read_weights`.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.swing_weights({"impact": 100, "ease": 25}, rk.IMPACT_EASE_1_5).values
    array([0.8, 0.2])
    """
    _check_criteria(criteria)
    read = _read(points, "points")
    largest = max(read.values(), default=Fraction(0))
    shown = {name: 100 * each / largest if largest else each for name, each in read.items()}
    return _weights(shown, criteria, _read_within(within, criteria), "swing")


def rank_order_centroid(
    order: Sequence[str | Sequence[str]],
    criteria: Criteria,
    within: Mapping[str, Mapping[str, float]] | None = None,
) -> Weights:
    """Return weights from the order of the criteria alone: the mean of all weights in that order.

    Parameters
    ----------
    order : sequence of str, or of sequences of str
        Criteria or groups, the one whose swing is worth most first; equals stand together in a
        tuple and share the mean of their places.
    criteria : Criteria
        The criteria with their anchors.
    within : mapping of str to mapping of str to float, optional
        As of :func:`read_weights`.

    Returns
    -------
    Weights
        In sum 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a criterion is missing, unknown or named twice.

    Notes
    -----
    The i-th of n has (1/i + 1/(i+1) + ... + 1/n) / n: the centre of gravity of the weights with
    w_1 >= w_2 >= ... >= w_n.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.rank_order_centroid(["impact", "ease"], rk.IMPACT_EASE_1_5).values
    array([0.75, 0.25])
    """
    _check_criteria(criteria)
    given = items_of(order, "order", "names")
    places = [each if isinstance(each, tuple | list) else (each,) for each in given]
    number = sum(len(place) for place in places)
    centroid = [
        sum((Fraction(1, later) for later in range(at, number + 1)), Fraction(0)) / number
        for at in range(1, number + 1)
    ]
    found: dict[str, Fraction] = {}
    for place in places:
        mine = centroid[len(found) : len(found) + len(place)]
        for name in place:
            if not isinstance(name, str):
                raise ArgumentTypeError(
                    "holds something that is no name", where="order", value=type(name).__name__
                )
            if name in found or place.count(name) > 1:
                raise ArgumentError(f"names {name!r} twice", where="order", value=name)
        found |= dict.fromkeys(place, sum(mine, Fraction(0)) / max(len(mine), 1))
    split = _read_within(within, criteria)
    return _weights(found, criteria, split, "rank-order centroid", where="order")


def _check_criteria(criteria: object) -> None:
    if not isinstance(criteria, Criteria):
        raise ArgumentTypeError(
            "is no Criteria",
            where="criteria",
            value=type(criteria).__name__,
            advice="Weights mean nothing without a worst and a best anchor",
        )


def _read(given: object, where: str) -> dict[str, Fraction]:
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            "is no mapping of criterion to weight", where=where, value=type(given).__name__
        )
    found = {}
    for name, each in given.items():
        read_number(each, f"{where}[{name!r}]", 0, _MOST, advice=_ADVICE)
        found[name] = as_written(each)
    return found


def _read_within(within: object, criteria: Criteria) -> dict[str, dict[str, Fraction]]:
    """The share of each criterion within its group."""
    given: Mapping[Any, Any] = {}
    if isinstance(within, Mapping):
        given = within
    elif within is not None:
        raise ArgumentTypeError(
            "is no mapping of group to weights", where="within", value=type(within).__name__
        )
    groups = criteria.groups
    for group in given:
        read_name(group, groups, "within", "group")
    found = {}
    for group, members in groups.items():
        where = f"within[{group!r}]"
        read = _read(given.get(group, dict.fromkeys(members, 1)), where)
        _match(read, members, where)
        total = _sum(read, where)
        found[group] = {name: read[name] / total for name in members}
    return found


def _match(read: Mapping[str, Fraction], known: Sequence[str], where: str) -> None:
    """Check that every name has a weight and no other has."""
    for name in read:
        read_name(name, known, where, "criterion")
    missing = [name for name in known if name not in read]
    if missing:
        raise ArgumentError(
            f"has nothing for {listed(missing)}",
            where=where,
            advice="Write 0 where a criterion is to count for nothing",
        )


def _sum(read: Mapping[str, Fraction], where: str) -> Fraction:
    total = sum(read.values(), Fraction(0))
    if total == 0:
        raise ArgumentError("are all zero", where=where, advice="One at least must be above 0")
    return total


def _weights(
    read: Mapping[str, Fraction],
    criteria: Criteria,
    within: Mapping[str, Mapping[str, Fraction]],
    method: str,
    *,
    where: str = "weights",
) -> Weights:
    """Split the weights of groups, and bring all to counts."""
    # A group stands for its criteria, unless they are named themselves.
    named = {group for group, members in criteria.groups.items() if not set(members) & set(read)}
    top = dict.fromkeys(
        each.group if each.group in named else each.name for each in criteria.criteria
    )
    _match(read, [str(name) for name in top], where)
    total = _sum(read, where)
    exact = [
        read[each.group] * within[each.group][each.name] / total
        if each.group is not None and each.group in named
        else read[each.name] / total
        for each in criteria.criteria
    ]
    counts = np.array(share_counts(exact), np.int64)
    lost = [name for name, c, e in zip(criteria.names, counts, exact, strict=True) if e and not c]
    if lost:
        raise ArgumentError(
            f"of {listed(lost)} is too small to count beside the others",
            where=where,
            advice="Write 0, or at least a millionth of the sum",
        )
    values = counts / counts.sum()
    counts.flags.writeable = values.flags.writeable = False
    said = tuple((name, float(each)) for name, each in read.items())
    return Weights(criteria.names, values, counts, method, said)


def share_counts(shares: Sequence[Fraction]) -> list[int]:
    """Return shares as counts of about 1e-6: in their very ratio where its whole is small."""
    near = [share.limit_denominator(_SMALL) for share in shares]
    whole = lcm(*(each.denominator for each in near))
    are_near = all(abs(a - b) * _FINE < 1 for a, b in zip(shares, near, strict=True))
    if are_near and whole <= _SMALL and sum(near) == 1:
        return [int(each * whole) * (ONE // whole) for each in near]
    return [half_up(Fraction(half_up(_FINE * each), _FINE // ONE)) for each in shares]
