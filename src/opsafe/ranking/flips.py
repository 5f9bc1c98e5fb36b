"""How little the weights must change before two initiatives swap, or one leaves the top."""

# More than 300 lines: half of them say what each argument and each part of a result is.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_whole
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError
from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.ranking._scored import Scored, read_pair, read_scored
from opsafe.ranking._values import exact_values

__all__ = [
    "FlipStatus",
    "TopChange",
    "WeightChange",
    "single_weight_changes",
    "smallest_change_to_top",
    "smallest_weight_change",
]

FlipStatus: TypeAlias = Literal["swap", "tie only", "tied already", "dominated"]
"""Beyond the change they swap; they can draw level at most; they are level; no weights do it."""

_ROUNDING: Final = 1e-12  # of the bounds that only order the search


@dataclass(frozen=True, slots=True, eq=False)
class WeightChange:
    """The smallest change of weights at which one initiative draws level with another."""

    better: str
    worse: str
    status: FlipStatus
    reason: str
    """The status in words."""
    size: float | None
    """Weight that moves from some criteria to others, 0 to 1; None where no change does it."""
    criteria: tuple[str, ...]
    weights: FloatArray
    """As they are; their sum is 1."""
    new_weights: FloatArray | None
    """Those at which the two are level."""
    table: Columns
    """By criterion: weight, new weight and change (NaN where no change does it)."""

    @property
    def is_possible(self) -> bool:
        """Whether some weights bring the two level."""
        return self.size is not None

    def __repr__(self) -> str:
        if self.size is None:
            return f"WeightChange: {self.reason}"
        return f"WeightChange: {self.reason}; {self.size:.4f} of the weight moves"


@dataclass(frozen=True, slots=True, eq=False)
class TopChange:
    """The smallest change of weights at which the set of the first k changes."""

    k: int
    members: tuple[str, ...]
    """The first k, by score; those of one score by name, where a tie reaches over the edge."""
    change: WeightChange | None
    """Who draws level with whom; None where no weights change the first k."""
    reason: str
    table: Columns
    """By member of the first k: the outsider that needs the least, the size and the status."""

    def __repr__(self) -> str:
        return f"TopChange: {self.reason}"


def smallest_weight_change(
    ranking: object, better: str, worse: str, *, weights: object = None
) -> WeightChange:
    """Find the smallest change of weights at which two initiatives have one score.

    Parameters
    ----------
    ranking : Ranking, or mapping of str to mapping of str to float
        A ranking; or values from 0 to 1 by initiative and criterion.
    better, worse : str
        The two initiatives; the first must not score below the second.
    weights : mapping of str to float, optional
        With values of one's own: weight by criterion, of any positive sum.

    Returns
    -------
    WeightChange
        The size (share of the weight that moves) and the new weights.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is unknown, the two stand the other way round, or a value is missing.

    Notes
    -----
    With d = values of the better less those of the worse, and weights w of sum 1::

        minimise    sum of |w'(j) - w(j)| / 2
        subject to  sum of w'(j) d(j) = 0,  sum of w'(j) = 1,  w'(j) >= 0

    Each weight moved from criterion a to b takes d(a) - d(b) off the margin. So the best receiver
    is the criterion of the smallest d, and the best givers are those of the largest, in turn. It
    is calculated in fractions of the values and weights.

    Examples
    --------
    >>> values = {"a": {"impact": 0.9, "ease": 0.3}, "b": {"impact": 0.5, "ease": 0.7}}
    >>> change = smallest_weight_change(values, "a", "b", weights={"impact": 60, "ease": 40})
    >>> change.status, round(change.size, 6), change.new_weights.tolist()
    ('swap', 0.1, [0.5, 0.5])
    """
    scored = read_scored(ranking, weights)
    return _change(scored, *read_pair(scored, better, worse))


def smallest_change_to_top(ranking: object, k: int = 5, *, weights: object = None) -> TopChange:
    """Find the smallest change of weights at which the set of the first k changes.

    Parameters
    ----------
    ranking : Ranking, or mapping of str to mapping of str to float
        A ranking; or values from 0 to 1 by initiative and criterion.
    k : int, optional
        How many initiatives are the top, from 1 to one less than there are.
    weights : mapping of str to float, optional
        With values of one's own: weight by criterion, of any positive sum.

    Returns
    -------
    TopChange
        The pair that draws level first, and for each member its nearest outsider.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If k leaves nobody in or out, or the ranking cannot be used.

    Notes
    -----
    The least of the k (m - k) changes of a pair, one in and one out. Before it no outsider has
    passed a member; at it, the member that is reached is the last of the top. A criterion without
    weight on which one of them is not rated can be given none, and is not in the answer.

    Examples
    --------
    >>> values = {
    ...     "a": {"impact": 0.9, "ease": 0.3},
    ...     "b": {"impact": 0.5, "ease": 0.7},
    ...     "c": {"impact": 0.2, "ease": 0.9},
    ... }
    >>> found = smallest_change_to_top(values, 1, weights={"impact": 60, "ease": 40})
    >>> found.change.worse, round(found.change.size, 6)
    ('b', 0.1)
    """
    scored = read_scored(ranking, weights)
    rankable = np.flatnonzero(scored.known)
    if len(rankable) < 2:
        raise ArgumentError("has fewer than two initiatives with a score", where="ranking")
    scored = _rated(scored, rankable)
    rankable = rankable[np.argsort(np.array(scored.initiatives)[rankable])]
    places = read_whole(k, "k", 1, len(rankable) - 1)
    scores = scored.scores[rankable]
    order = rankable[np.lexsort((np.arange(len(rankable)), -scores))]
    top, rest = order[:places], order[places:]
    changes = [_nearest(scored, int(member), rest) for member in top]
    sizes = [np.inf if each.size is None else each.size for each in changes]
    first = changes[int(np.argmin(sizes))]
    members = tuple(scored.initiatives[at] for at in top)
    return TopChange(
        k=places,
        members=members,
        change=first if first.is_possible else None,
        reason=(
            f"the first {places} change when {first.worse} draws level with {first.better}:"
            f" {first.size:.4f} of the weight moves"
            if first.size is not None
            else f"no weights change the first {places}: each is better on every criterion"
        ),
        table=Columns(
            {
                "initiative": Text.of(members),
                "nearest_outsider": Text.of(each.worse for each in changes),
                "size": np.array([np.nan if s == np.inf else s for s in sizes], np.float64),
                "status": Text.of(each.status for each in changes),
            }
        ),
    )


def single_weight_changes(
    ranking: object, better: str, worse: str, *, weights: object = None
) -> Columns:
    """Find for each criterion how far its weight alone must go until two initiatives are level.

    Parameters
    ----------
    ranking : Ranking, or mapping of str to mapping of str to float
        A ranking; or values from 0 to 1 by initiative and criterion.
    better, worse : str
        The two initiatives; the first must not score below the second.
    weights : mapping of str to float, optional
        With values of one's own: weight by criterion, of any positive sum.

    Returns
    -------
    Columns
        By criterion: weight, new weight, change, size, and the status (as of a
        :class:`WeightChange`; ``"dominated"`` says that this weight alone cannot do it).

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a name is unknown, the two stand the other way round, or a value is missing.

    Notes
    -----
    The other weights keep their proportions. With d(j) the difference on the criterion and r the
    weighted difference over the others, the two are level at w'(j) = r / (r - d(j)).

    Examples
    --------
    >>> values = {"a": {"impact": 0.9, "ease": 0.3}, "b": {"impact": 0.5, "ease": 0.7}}
    >>> found = single_weight_changes(values, "a", "b", weights={"impact": 60, "ease": 40})
    >>> found["criterion"].tolist(), found["new_weight"].tolist()
    (['impact', 'ease'], [0.5, 0.5])
    """
    scored = read_scored(ranking, weights)
    upper, lower = read_pair(scored, better, worse)
    differences, counts, total = _pair(scored, upper, lower)
    margin = sum(w * d for w, d in zip(counts, differences, strict=True))
    is_tied = scored.are_tied(upper, lower)
    found: list[tuple[Fraction | None, FlipStatus]] = [
        (Fraction(w, total), "tied already") if is_tied else _alone(d, w, total, margin)
        for d, w in zip(differences, counts, strict=True)
    ]
    before = np.array([w / total for w in counts], np.float64)
    after = np.array([np.nan if at is None else float(at) for at, _ in found])
    return Columns(
        {
            "criterion": Text.of(scored.criteria),
            "weight": before,
            "new_weight": after,
            "change": after - before,
            "size": np.abs(after - before),
            "status": Text.of(status for _, status in found),
        }
    )


def _alone(d: int, w: int, total: int, margin: int) -> tuple[Fraction | None, FlipStatus]:
    """The weight of one criterion at which a pair is level, the others in proportion."""
    if w == total:  # the others have no proportions to keep
        return None, "dominated"
    rest = Fraction(margin - w * d, total - w)
    if d > 0 and rest > 0:
        return None, "dominated"
    at = rest / (rest - d)
    return at, "swap" if 0 < at < 1 else "tie only"


def _pair(scored: Scored, upper: str, lower: str) -> tuple[list[int], list[int], int]:
    """Differences by criterion, weights and their sum, as whole numbers of Python."""
    (one, other), _ = scored.exact_pair(upper, lower)
    differences = [a - b for a, b in zip(one, other, strict=True)]
    counts = scored.weights.tolist()
    return differences, counts, sum(counts)


def _change(scored: Scored, upper: str, lower: str) -> WeightChange:
    differences, counts, total = _pair(scored, upper, lower)
    is_tied = scored.are_tied(upper, lower)
    found = [Fraction(w) for w in counts] if is_tied else _moved(differences, counts)
    size = new = None
    if found is not None:
        moved = sum(max(w - n, Fraction(0)) for w, n in zip(counts, found, strict=True))
        size = float(moved / total)
        new = _read_only([float(each / total) for each in found])
    status: FlipStatus = "swap" if min(differences) < 0 else "tie only"
    if found is None or is_tied:
        status = "tied already" if is_tied else "dominated"
    before = _read_only([w / total for w in counts])
    after = np.full(len(counts), np.nan) if new is None else new
    return WeightChange(
        better=upper,
        worse=lower,
        status=status,
        reason=_said(status, upper, lower),
        size=size,
        criteria=scored.criteria,
        weights=before,
        new_weights=new,
        table=Columns(
            {
                "criterion": Text.of(scored.criteria),
                "weight": before,
                "new_weight": after,
                "change": after - before,
            }
        ),
    )


def _moved(differences: Sequence[int], counts: Sequence[int]) -> list[Fraction] | None:
    """Weights at which the margin is none, as little moved as can be; None if there are none."""
    least = min(differences)
    if least > 0:
        return None
    weights = [Fraction(each) for each in counts]
    need = sum(w * d for w, d in zip(weights, differences, strict=True))
    receiver = max(
        (at for at, d in enumerate(differences) if d == least), key=lambda at: counts[at]
    )
    for giver in sorted(range(len(counts)), key=lambda at: -differences[at]):
        gain = differences[giver] - least
        if need <= 0 or gain <= 0:
            break
        taken = min(weights[giver], Fraction(need) / gain)
        weights[giver] -= taken
        weights[receiver] += taken
        need -= taken * gain
    return weights


def _said(status: FlipStatus, upper: str, lower: str) -> str:
    return {
        "swap": f"{lower} draws level with {upper}, and passes it beyond",
        "tie only": f"{lower} can draw level with {upper}, and pass it with no weights: it is"
        " better on no criterion",
        "tied already": f"{upper} and {lower} have one score",
        "dominated": f"no weights bring {lower} level: {upper} is better on every criterion",
    }[status]


def _rated(scored: Scored, rankable: IntArray) -> Scored:
    """The same with only the criteria on which all that have a score are rated."""
    kept: BoolArray = np.asarray((scored.values[rankable] >= 0).all(axis=0))
    return replace(
        scored,
        criteria=tuple(name for name, here in zip(scored.criteria, kept, strict=True) if here),
        values=scored.values[:, kept],
        weights=scored.weights[kept],
    )


def _nearest(scored: Scored, member: int, rest: IntArray) -> WeightChange:
    """The outsider that needs the least; a lower bound passes over those that need more."""
    whole, _ = exact_values(scored.values[[member, *rest]])
    differences = (whole[0] - whole[1:]).astype(np.float64)
    margin = differences @ scored.weights
    is_tied = scored.scores[member] == scored.scores[rest]
    spread = differences.max(axis=1) - differences.min(axis=1)
    total = int(scored.weights.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = np.where(is_tied, 0.0, margin / (spread * float(total)))
    bound[(differences.min(axis=1) > 0) & ~is_tied] = np.inf
    upper = scored.initiatives[member]
    first, *others = np.lexsort((np.arange(len(rest)), bound)).tolist()
    best = _change(scored, upper, scored.initiatives[rest[first]])
    for at in others:
        least = np.inf if best.size is None else best.size
        if bound[at] * (1 - _ROUNDING) > least:
            break
        change = _change(scored, upper, scored.initiatives[rest[at]])
        if change.size is not None and change.size < least:
            best = change
    return best


def _read_only(values: Sequence[float]) -> FloatArray:
    array = np.array(values, np.float64)
    array.flags.writeable = False
    return array
