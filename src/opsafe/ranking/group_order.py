"""One order of several raters' orders: Borda, Copeland and Kemeny."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np

from opsafe._arguments import read_word
from opsafe._display import as_html
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._kemeny import search
from opsafe.ranking._orders import borda, compared, copeland, doubled_orders, places_of
from opsafe.ranking._reading import RowWithHoles, WithHoles, read_matrix
from opsafe.ranking.ratings import Panel
from opsafe.ranking.ties import rank_counts

if TYPE_CHECKING:
    from opsafe.ranking.result import Ranking

__all__ = ["GroupMethod", "GroupOrder", "group_order", "kemeny_distance"]

GroupMethod: TypeAlias = Literal["borda", "copeland", "kemeny"]
"""How orders become one: mean points, pairs won, or the fewest disagreements."""

_METHODS: Final[tuple[GroupMethod, ...]] = get_args(GroupMethod)


@dataclass(frozen=True, slots=True, eq=False)
class GroupOrder:
    """The order of a group, from the orders of its raters."""

    method: GroupMethod
    initiatives: tuple[str, ...]
    """In input order."""
    order: tuple[str, ...]
    """The best first; of equals the first in input order."""
    first_place: IntArray
    last_place: IntArray
    """By initiative, the places that it may have: those of its group of equals; with Kemeny those
    over all best orders, or in ``order`` alone where these were not counted."""
    points: FloatArray
    """By initiative: mean points (Borda), pairs won and half of those drawn (Copeland); NaN with
    Kemeny, which gives none."""
    preferred: IntArray
    """How many raters put the initiative of the row strictly before that of the column."""
    disagreements: float
    """Pairs of a rater and two initiatives that ``order`` has the other way; a tie of the rater
    counts one half, and a pair that he did not rate nothing."""
    bound: float | None
    """No order has fewer disagreements; only with Kemeny."""
    gap: float | None
    """(disagreements - bound) / disagreements; only with Kemeny."""
    status: Literal["optimal", "not proved"] | None
    """Whether no order has fewer disagreements; only with Kemeny."""
    orders: int | None
    """How many orders have as few; with Kemeny, and None where they were not counted."""
    cautions: tuple[str, ...]
    """What a reader must know."""

    @property
    def table(self) -> Columns:
        """A row for each initiative, in the order of the group."""
        rows = [self.initiatives.index(name) for name in self.order]
        return Columns(
            {
                "initiative": Text.of(self.order),
                "first_place": self.first_place[rows],
                "last_place": self.last_place[rows],
                "points": self.points[rows],
            }
        )

    def __repr__(self) -> str:
        return f"GroupOrder({self.method}: {' > '.join(self.order)})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table, self.cautions)


def group_order(
    rankings: WithHoles | Panel | Ranking,
    method: GroupMethod = "kemeny",
    *,
    names: Sequence[str] | None = None,
    criterion: str | None = None,
) -> GroupOrder:
    """Return one order from the orders of several raters.

    Parameters
    ----------
    rankings : array_like of shape (raters, initiatives), Panel or Ranking
        Places that each rater gave, 1 the best, equal ones for a tie; None and NaN are missing.
        A panel's raters are ordered by their ratings on ``criterion``; those of a ranking by their
        own weighted scores, or by ``criterion`` where it is given.
    method : {"kemeny", "borda", "copeland"}, optional
        How orders become one.
    names : sequence of str, optional
        Names of the initiatives, for an array; "initiative 1" and so on without.
    criterion : str, optional
        Name of a criterion; a panel needs one.

    Returns
    -------
    GroupOrder
        The order, the places that each initiative may have in it, and for Kemeny what was proved.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument cannot be used, there are no initiatives, or none is rated.

    Notes
    -----
    Borda: of the n initiatives that a rater ordered, one at place p has (n - p) / (n - 1) points;
    the mean over raters counts. Copeland: a pair is won by the one that more raters put first.
    Kemeny: the order with the fewest disagreements. It is exact where no more than 12 initiatives
    beat or tie each other in circles; beyond that the order is the best one found, and ``bound``
    says how far it may be from the best.

    None of the three keeps anchors: an initiative that is dropped may reorder the rest.

    References
    ----------
    .. [1] Kemeny JG. Mathematics without numbers. Daedalus 1959;88:577-591.
    .. [2] Truchon M. An extension of the Condorcet criterion and Kemeny orders. 1998.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> places = [[1, 2, 3], [1, 3, 2], [2, 1, 3]]
    >>> found = rk.group_order(places, names=["naloxone", "telehealth", "mentoring"])
    >>> found.order, found.disagreements, found.status
    (('naloxone', 'telehealth', 'mentoring'), 2.0, 'optimal')
    """
    how = read_word(method, "method", _METHODS)
    places, labels = places_of(rankings, names, criterion)
    doubled = doubled_orders(places)
    preferred, costs = compared(places)
    cautions = _cautions(costs)
    if how == "kemeny":
        return _kemeny(labels, preferred, costs, cautions)
    points = borda(doubled) if how == "borda" else copeland(preferred)
    if any(each is None for each in points):
        unknown = [name for name, each in zip(labels, points, strict=True) if each is None]
        raise ArgumentError(
            f"nobody compared {unknown[0]!r} with another", where="rankings", value=unknown[0]
        )
    known = [each for each in points if each is not None]
    levels = sorted(set(known))
    ranks = rank_counts(np.array([levels.index(each) for each in known], np.int64))
    order = np.argsort(ranks.first, kind="stable").tolist()
    return GroupOrder(
        method=how,
        initiatives=labels,
        order=tuple(labels[place] for place in order),
        first_place=ranks.first,
        last_place=ranks.last,
        points=_frozen(np.array([float(each) for each in known])),
        preferred=preferred,
        disagreements=float(np.triu(costs[np.ix_(order, order)], 1).sum()) / 2,
        bound=None,
        gap=None,
        status=None,
        orders=None,
        cautions=cautions,
    )


def kemeny_distance(a: RowWithHoles, b: RowWithHoles) -> float:
    """Return Kemeny's distance of two rankings, in which ties may stand.

    Parameters
    ----------
    a, b : array_like of float, shape (items,)
        Place of each item, equal ones for a tie; None and NaN are missing.

    Returns
    -------
    float
        Number of pairs that the rankings order differently, times 2; a pair that only one of them
        ties counts 1, and a pair that one of them has not at all nothing.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If they are no rows of finite numbers of one length.

    Notes
    -----
    Sum over pairs of ``|sign(a_i - a_j) - sign(b_i - b_j)|`` [1]_.

    References
    ----------
    .. [1] Kemeny JG. Mathematics without numbers. Daedalus 1959;88:577-591.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.kemeny_distance([1, 2, 3], [3, 2, 1]), rk.kemeny_distance([1, 2, 3], [2, 2, 2])
    (6.0, 3.0)
    """
    one, other = (
        read_matrix([each], where, axes="places", missing=True)[0]
        for where, each in (("a", a), ("b", b))
    )
    if len(one) != len(other):
        raise ArgumentError(f"has {len(other)} places, and a has {len(one)}", where="b")
    apart = np.sign(one[:, None] - one) - np.sign(other[:, None] - other)
    return float(np.nansum(np.abs(apart))) / 2


def _cautions(costs: IntArray) -> tuple[str, ...]:
    pairs = np.triu(costs + costs.T == 0, 1).sum()
    if not pairs:
        return ()
    told = (
        f"No rater compared {pairs} of the {len(costs) * (len(costs) - 1) // 2} pairs of"
        " initiatives: nothing here says which of the two comes first."
    )
    return (told,)


def _kemeny(
    labels: tuple[str, ...], preferred: IntArray, costs: IntArray, cautions: tuple[str, ...]
) -> GroupOrder:
    found = search(costs)
    if found.orders is not None and found.orders > 1:
        told = (
            f"{found.orders:,} orders have as few disagreements: this one keeps the input order"
            " among them. The places show how far an initiative moves over all of them."
        )
        cautions = (*cautions, told)
    return GroupOrder(
        method="kemeny",
        initiatives=labels,
        order=tuple(labels[place] for place in found.order),
        first_place=_frozen(found.first),
        last_place=_frozen(found.last),
        points=_frozen(np.full(len(labels), np.nan)),
        preferred=preferred,
        disagreements=found.cost / 2,
        bound=found.bound / 2,
        gap=(found.cost - found.bound) / found.cost if found.cost else 0.0,
        status="optimal" if found.cost == found.bound else "not proved",
        orders=found.orders,
        cautions=cautions,
    )


def _frozen(array: Any) -> Any:
    array.flags.writeable = False
    return array
