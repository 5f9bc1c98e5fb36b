"""What an initiative is worth to a programme: its impact, from a ranking or from the caller."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast

import numpy as np

from opsafe._arguments import plain, read_number, read_word
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking._names import listed, read_names
from opsafe.ranking._resample import LEAST_RATERS

if TYPE_CHECKING:
    from opsafe.ranking._values import Aggregate
    from opsafe.ranking.criteria import Criteria
    from opsafe.ranking.quadrants import Quadrants
    from opsafe.ranking.ratings import Panel
    from opsafe.ranking.weights import Weights

__all__ = ["GRID", "Impacts", "Ranked", "Worth", "on_grid", "read_impacts"]

GRID: Final = 1_000_000
"""Counts in one: values meet on counts of 1e-6, so that ties are ties."""
_COMPOSITE: Final = "composite"
_COMPOSITE_COUNTS_TWICE: Final = (
    "value is the composite score: ease counts there, and again in cost and capacity;"
    " and its 0 is the worst of every criterion, not the same as doing nothing"
)
_BORDA_HAS_NO_NOTHING: Final = (
    "values are Borda points: 0 is the last place, not the same as doing nothing, and twice as many"
    " points are not twice the impact"
)


class Ranked(Protocol):
    """What is used of a ranking."""

    @property
    def initiatives(self) -> tuple[str, ...]:
        """Names in order."""

    @property
    def criteria(self) -> Criteria:
        """What was rated."""

    @property
    def weights(self) -> Weights:
        """Weights of the criteria."""

    @property
    def values(self) -> FloatArray:
        """Anchored values, initiatives by criteria; NaN where nobody rated."""

    @property
    def panel(self) -> Panel:
        """Ratings."""

    @property
    def aggregate(self) -> Aggregate:
        """How ratings became values."""

    @property
    def scores(self) -> FloatArray:
        """Scores from 0 to 1; NaN where an initiative cannot be ranked."""

    @property
    def drawn_values(self) -> FloatArray | None:
        """Anchored values by draw, initiative and criterion."""

    def quadrants(self) -> Quadrants:
        """Quadrants at the midpoint."""


Worth: TypeAlias = Ranked | Mapping[str, float]
"""A ranking, or a mapping of initiative to impact, where 0 is the same as doing nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Impacts:
    """Impact by initiative, on the scale where 0 is the same as doing nothing and 1 the best."""

    initiatives: tuple[str, ...]
    values: FloatArray
    """0 to 1, by initiative."""
    drawn: FloatArray | None
    """By draw and initiative, where the ranking has draws."""
    cautions: tuple[str, ...]
    quick_wins: frozenset[str] | None
    """Names of the quick wins; None where there are no quadrants."""
    what: str
    """The criterion that is added up, or ``"composite"``."""
    origin: str
    """Whether it comes from a ranking or was given."""
    scores: FloatArray
    """What the initiatives are ranked by: the scores of the ranking, or the impact itself."""
    left_out: tuple[str, ...] = ()
    few: tuple[str, ...] = ()
    """Those with too few ratings for draws to tell how far their value may move."""

    @property
    def counts(self) -> IntArray:
        """Values as counts of 1e-6."""
        return on_grid(self.values)

    @property
    def order(self) -> IntArray:
        """Positions of the initiatives by rank, those of one rank by name."""
        ranked = np.where(np.isnan(self.scores), -1, on_grid(np.nan_to_num(self.scores)))
        return np.lexsort((np.array(self.initiatives), -ranked)).astype(np.int64)


def on_grid(values: FloatArray) -> IntArray:
    """Return values as counts of 1e-6, rounded half up as those of a panel are."""
    return np.floor(values * GRID + 0.5).astype(np.int64)


def read_impacts(given: object, value: str = "impact", leave_out: object = ()) -> Impacts:
    """Read what each initiative is worth.

    Parameters
    ----------
    given : Ranking, or mapping of str to float
        A ranking, or impact by initiative from 0 (the same as doing nothing) to 1.
    value : str, optional
        The criterion of a ranking that is the impact; or ``"composite"``, with a caution.
    leave_out : sequence of str, optional
        Initiatives that take no part, such as those whose impact nobody rated.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is neither, an impact is unknown or outside 0 to 1, or nothing is left.
    """
    impacts = _of_mapping(given, value) if isinstance(given, Mapping) else _of_ranking(given, value)
    left_out = read_names(leave_out, impacts.initiatives, "leave_out")
    kept = [at for at, name in enumerate(impacts.initiatives) if name not in left_out]
    unknown = [impacts.initiatives[at] for at in kept if np.isnan(impacts.values[at])]
    if unknown:
        raise ArgumentError(
            f"{impacts.what} of {listed(unknown)} is not known",
            where="value" if impacts.origin == "ranking" else "impact",
            advice="Have it rated, or name it in leave_out=",
        )
    if not kept:
        raise ArgumentError("holds no initiative", where="impact")
    names = tuple(impacts.initiatives[at] for at in kept)
    cautions = impacts.cautions
    if left_out:
        cautions += (f"left out by the caller: {listed(left_out)}",)
    return Impacts(
        initiatives=names,
        values=_frozen(impacts.values[kept]),
        drawn=None if impacts.drawn is None else _frozen(impacts.drawn[:, kept]),
        cautions=cautions,
        quick_wins=None if impacts.quick_wins is None else impacts.quick_wins & frozenset(names),
        what=impacts.what,
        origin=impacts.origin,
        scores=_frozen(impacts.scores[kept]),
        left_out=left_out,
        few=tuple(name for name in impacts.few if name in names),
    )


def _of_mapping(given: Mapping[Any, Any], value: str) -> Impacts:
    for name in given:
        if not isinstance(name, str):
            raise ArgumentTypeError(
                "holds a name that is no text", where="impact", value=type(name).__name__
            )
    read = [
        math.nan if plain(each) is None else read_number(each, f"impact[{name!r}]", 0, 1)
        for name, each in given.items()
    ]
    values = np.array(read, np.float64)
    return Impacts(tuple(given), values, None, (), None, value, "given", values)


def _of_ranking(given: object, given_value: object) -> Impacts:
    if not hasattr(given, "initiatives") or not hasattr(given, "drawn_values"):
        raise ArgumentTypeError(
            "is neither a ranking nor a mapping of initiative to impact",
            where="ranking",
            value=type(given).__name__,
        )
    ranking = cast("Ranked", given)
    drawn = ranking.drawn_values
    cautions: tuple[str, ...] = ()
    value = read_word(given_value, "value", (*ranking.criteria.names, _COMPOSITE))
    if value == _COMPOSITE:
        values = ranking.scores
        weights = ranking.weights.values
        of = np.flatnonzero(weights > 0)  # what has no weight may be unknown
        drawn = None if drawn is None else drawn[:, :, of] @ weights[of]
        cautions = (_COMPOSITE_COUNTS_TWICE,)
    else:
        names: Sequence[str] = ranking.criteria.names
        at = list(names).index(value)
        of = np.array([at])
        values = ranking.values[:, at]
        drawn = None if drawn is None else drawn[:, :, at]
    if ranking.aggregate == "borda":
        cautions += (_BORDA_HAS_NO_NOTHING,)
    least = ranking.panel.counts[:, of].min(axis=1)
    return Impacts(
        initiatives=ranking.initiatives,
        values=values,
        drawn=drawn,
        cautions=cautions,
        quick_wins=_quick_wins(ranking),
        what=value,
        origin="ranking",
        scores=ranking.scores,
        few=tuple(
            name
            for name, number in zip(ranking.initiatives, least.tolist(), strict=True)
            if 0 < number < LEAST_RATERS
        ),
    )


def _quick_wins(ranking: Ranked) -> frozenset[str] | None:
    try:
        found = ranking.quadrants()
    except ArgumentError:  # a ranking on other criteria has no quadrants
        return None
    return frozenset(
        name
        for name, quadrant in zip(found.initiatives, found.quadrant, strict=True)
        if quadrant == "quick_win"
    )


def _frozen(values: FloatArray) -> FloatArray:
    values = np.array(values, np.float64)
    values.flags.writeable = False
    return values
