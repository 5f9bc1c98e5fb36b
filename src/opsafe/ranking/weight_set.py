"""What is known about weights that nobody fixed: an order, bounds, or a range around given ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeAlias

import numpy as np
from annotated_types import Ge, Gt, Le
from pydantic import field_validator, model_validator

from opsafe._arguments import plain
from opsafe._document import Document
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray, Share
from opsafe.ranking._names import read_name
from opsafe.ranking._reading import read_labels
from opsafe.ranking._simplex import Region, draw
from opsafe.uncertainty import read_draws, read_seed

__all__ = ["WeightSet", "read_region"]

_ROUNDS: Final = 100
_SLACK: Final = 1e-9
_ByName: TypeAlias = tuple[tuple[str, Share], ...]
_Amounts: TypeAlias = tuple[tuple[str, Annotated[float, Ge(0), Le(1e12)]], ...]


class WeightSet(Document):
    """All weights that agree with what is known; each of them counts alike.

    Parameters
    ----------
    order : sequence of str, optional
        Criteria whose weights never rise from the first named to the last; others may be left out.
    at_least, at_most : mapping of str to float, optional
        Bounds of weights by criterion, shares from 0 to 1.
    around : mapping of str to float, optional
        Weights of every criterion, on any scale, around which the set lies.
    half_width : float, optional
        How far each weight may lie from that of ``around``, above 0 and at most 1; needed with
        ``around``.

    Raises
    ------
    DocumentError
        If a criterion is named twice, a bound lies above its other bound, or ``around`` and
        ``half_width`` are not given together.

    Notes
    -----
    The set {w : sum w = 1, low <= w <= high, w_a >= w_b for a before b in the order}. Without any
    condition it is the whole simplex. With an order alone, with lower bounds alone, or with two
    criteria it is a simplex again, and exact results are at hand.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> known = rk.WeightSet(order=["impact", "ease"], at_most={"impact": 0.8})
    >>> known.corners(["impact", "ease"]).round(6).tolist()
    [[0.8, 0.2], [0.5, 0.5]]
    """

    order: tuple[str, ...] = ()
    at_least: _ByName = ()
    at_most: _ByName = ()
    around: _Amounts = ()
    half_width: Annotated[float, Gt(0), Le(1)] | None = None

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            *,
            order: Sequence[str] = (),
            at_least: Mapping[str, float] | _ByName = (),
            at_most: Mapping[str, float] | _ByName = (),
            around: Mapping[str, float] | _Amounts = (),
            half_width: float | None = None,
        ) -> None: ...

    @field_validator("order", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return tuple(given) if isinstance(given, list) else given

    @field_validator("at_least", "at_most", "around", mode="before")
    @classmethod
    def _paired(cls, given: Any) -> Any:
        pairs = given.items() if isinstance(given, Mapping) else given
        is_one = isinstance(pairs, str | bytes) or getattr(pairs, "ndim", 1) == 0
        if is_one or not isinstance(pairs, Iterable):
            return given
        rows = [tuple(pair) if isinstance(pair, list | tuple) else pair for pair in pairs]
        return tuple(
            (row[0], plain(row[1])) if isinstance(row, tuple) and len(row) == 2 else row
            for row in rows
        )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for field, names in (
            ("order", self.order),
            *((each, [name for name, _ in getattr(self, each)]) for each in _BY_NAME),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"{field} names a criterion twice")
        if bool(self.around) != (self.half_width is not None):
            raise ValueError("around and half_width are given together")
        if self.around and not sum(weight for _, weight in self.around):
            raise ValueError("the weights of around are all zero")
        most = dict(self.at_most)
        for name, least in self.at_least:
            if least > most.get(name, 1.0):
                raise ValueError(f"at_least of {name!r} lies above at_most")
        return self

    def corners(self, names: Sequence[str]) -> FloatArray | None:
        """Return the corners of the set where it is a simplex, else None.

        Parameters
        ----------
        names : sequence of str
            Names of all criteria, in order.

        Returns
        -------
        array of float, shape (n, n), or None
            A corner in each row.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If names are none, the set names another criterion, or no weights agree with it.
        """
        return read_region(self, read_labels(names, None, "names", "criterion")).corners

    def sample(self, names: Sequence[str], draws: int = 10_000, seed: int = 1) -> FloatArray:
        """Draw weights evenly from the set.

        Parameters
        ----------
        names : sequence of str
            Names of all criteria, in order.
        draws : int, optional
            How many, 1 to a million.
        seed : int, optional
            Seed, 0 or more.

        Returns
        -------
        array of float, shape (draws, n)
            Weights in sum 1; read-only.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If names are none, the set names another criterion, or no weights agree with it.

        Notes
        -----
        Sobol points with digits shifted at random, sorted; their spacings combine the corners of
        the set [1]_. A set that is no simplex is drawn by rejection from a simplex around it; where
        fewer than one in a hundred are kept, by a hit-and-run walk, which is even in the long run.

        References
        ----------
        .. [1] Tervonen T, Lahdelma R. Implementing stochastic multicriteria acceptability analysis.
           European Journal of Operational Research 2007;178(2):500-513.

        Examples
        --------
        >>> from opsafe import ranking as rk
        >>> drawn = rk.WeightSet(order=("impact", "ease")).sample(("impact", "ease"), draws=4)
        >>> bool((drawn[:, 0] >= drawn[:, 1]).all())
        True
        """
        region = read_region(self, read_labels(names, None, "names", "criterion"))
        found, _ = draw(region, read_draws(draws), read_seed(seed))
        found.flags.writeable = False
        return found


_BY_NAME: Final = ("at_least", "at_most", "around")


def read_region(known: WeightSet | None, names: Sequence[str]) -> Region:
    """Return the part of the simplex that a set leaves, its bounds as tight as they go.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the set names another criterion, or no weights agree with it.
    """
    if known is None:
        return Region(np.zeros(len(names)), np.ones(len(names)), ())
    if not isinstance(known, WeightSet):
        raise ArgumentTypeError(
            "is no WeightSet", where="weights", value=type(known).__name__,
            advice="Write WeightSet(order=[...]), or give drawn weights, (draws, criteria)",
        )  # fmt: skip
    at = {name: place for place, name in enumerate(names)}
    low, high = np.zeros(len(at)), np.ones(len(at))
    for name, least in known.at_least:
        low[at[read_name(name, at, "at_least", "criterion")]] = least
    for name, most in known.at_most:
        high[at[read_name(name, at, "at_most", "criterion")]] = most
    order = tuple(at[read_name(name, at, "order", "criterion")] for name in known.order)
    if known.around and known.half_width is not None:
        middle = _middle(known, at)
        low = np.maximum(low, middle - known.half_width)
        high = np.minimum(high, middle + known.half_width)
    return _tightened(low, high, order)


def _middle(known: WeightSet, at: Mapping[str, int]) -> FloatArray:
    given = {read_name(name, at, "around", "criterion"): weight for name, weight in known.around}
    missing = [name for name in at if name not in given]
    if missing:
        raise ArgumentError(
            "names no weight for some criteria", where="around", value=missing, allowed=at
        )
    middle = np.array([given[name] for name in at])
    return np.asarray(middle / middle.sum(), np.float64)


def _tightened(low: FloatArray, high: FloatArray, order: tuple[int, ...]) -> Region:
    """Carry bounds along the order and through the sum until nothing moves."""
    for place, at in enumerate(order, start=1):
        high[at] = min(high[at], 1 / place)  # so many weigh at least as much
    if len(order) == len(low):
        low[order[0]] = max(low[order[0]], 1 / len(low))
    for _ in range(_ROUNDS):
        before = low.copy(), high.copy()
        for first, second in pairwise(order):
            high[second] = min(high[second], high[first])
        for first, second in reversed(list(pairwise(order))):
            low[first] = max(low[first], low[second])
        if (low > high + _SLACK).any() or low.sum() > 1 + _SLACK or high.sum() < 1 - _SLACK:
            raise ArgumentError(
                "no weights agree with the order and the bounds",
                where="weights",
                advice="Lower at_least, raise at_most, or widen half_width",
            )
        low, high = (
            np.maximum(low, 1 - (high.sum() - high)),
            np.minimum(high, 1 - (low.sum() - low)),
        )
        high = np.maximum(high, low)
        if np.allclose(low, before[0], rtol=0, atol=1e-15) and np.allclose(
            high, before[1], rtol=0, atol=1e-15
        ):
            break
    return Region(low, high, order)
