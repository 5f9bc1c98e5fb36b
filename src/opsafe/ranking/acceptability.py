"""How likely each initiative holds each place, when weights are known only in part.

With two criteria the answer is exact. With more, weights are drawn evenly from all that agree with
what is known, and every share comes with its standard error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from opsafe._arguments import read_word
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._acceptability_result import Acceptability
from opsafe.ranking._kernel import rank_shares, weighted_shares
from opsafe.ranking._reading import read_labels, read_matrix
from opsafe.ranking._simplex import Region, draw
from opsafe.ranking._two_criteria import exact_shares, switches
from opsafe.ranking._valued import Valued, Values, read_values
from opsafe.ranking.ties import TieRule, read_ties
from opsafe.ranking.weight_set import WeightSet, read_region
from opsafe.uncertainty import read_draws, read_seed

__all__ = ["Acceptability", "acceptability", "of_scores", "read_drawn_weights"]

Method: TypeAlias = Literal["auto", "exact", "sampled"]
_EXACT: Final = "all allowed weights, exactly"
_GIVEN: Final = "given draws"
_ROUNDING: Final = 1e-9


def acceptability(
    values: Values,
    names: Sequence[str] | None = None,
    *,
    criteria: Sequence[str] | None = None,
    weights: WeightSet | npt.ArrayLike | None = None,
    draws: int = 10_000,
    seed: int = 1,
    ties: TieRule = "group",
    method: Method = "auto",
) -> Acceptability:
    """Return how likely each initiative holds each place, over all weights that are allowed.

    Parameters
    ----------
    values : Ranking, or array_like of float, shape (m, n)
        Values on one common scale by initiative and criterion, more is better; such as 0 at the
        worst anchor and 1 at the best.
    names : sequence of str, optional
        Names of the initiatives; numbered without them.
    criteria : sequence of str, optional
        Names of the criteria, which a weight set needs; numbered without them.
    weights : WeightSet, or array_like of float, shape (draws, n), optional
        What is known about weights, or drawn weights that add up to 1 in each row. Without it
        all weights are allowed.
    draws : int, optional
        Number of draws, 1 to a million, where weights are drawn here.
    seed : int, optional
        Seed, 0 or more.
    ties : {"group", "competition", "average"}, optional
        ``"competition"`` puts tied initiatives all on the first of their places; the others share
        them equally.
    method : {"auto", "exact", "sampled"}, optional
        Exact is for two criteria, and the default there.

    Returns
    -------
    Acceptability
        Shares from 0 to 1 by initiative and place.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a value is missing or infinite, no weights are allowed, or exact is asked for with
        other than two criteria.

    Notes
    -----
    b_ir = volume of {w allowed : initiative i holds place r} / volume of {w allowed} [1]_. Scores
    within 2**-40 of the largest value are ties. With two criteria the score of an initiative is a
    line in the weight of the first, and places change at crossings only: nothing is drawn.

    References
    ----------
    .. [1] Lahdelma R, Salminen P. SMAA-2: stochastic multicriteria acceptability analysis for group
       decision making. Operations Research 2001;49(3):444-454.

    Examples
    --------
    Of two opposite initiatives each is first for half of all weights; one between them never is:

    >>> from opsafe import ranking as rk
    >>> found = rk.acceptability(
    ...     [[1, 0], [0, 1], [0.5, 0.4]], ["naloxone", "mentoring", "data"]
    ... )
    >>> found.method, found.probabilities[:, 0].round(6).tolist()
    ('exact', [0.5, 0.5, 0.0])
    """
    asked = read_values(values, names, criteria)
    rule = read_ties(ties)
    way = read_word(method, "method", get_args(Method))
    number, root = read_draws(draws), read_seed(seed)
    if weights is not None and not isinstance(weights, WeightSet):
        if way == "exact":
            raise ArgumentError("is not for drawn weights", where="method", value=way)
        return _sampled(asked, read_drawn_weights(weights, asked), _GIVEN, rule)
    region = read_region(weights, asked.criteria)
    if way == "exact" and len(asked.criteria) != 2:
        raise ArgumentError(
            f"exact is for two criteria, not {len(asked.criteria)}",
            where="method",
            advice="Leave method out, or see win_probability and expected_ranks, which are exact",
        )
    if way == "sampled" or len(asked.criteria) != 2:
        drawn, how = draw(region, number, root)
        return _sampled(asked, drawn, how, rule)
    return _exact(asked, region, rule)


def of_scores(
    initiatives: Sequence[str],
    scores: npt.ArrayLike,
    *,
    ties: TieRule = "group",
    drawn: str = _GIVEN,
) -> Acceptability:
    """Return how likely each initiative holds each place, from scores that were drawn.

    Parameters
    ----------
    initiatives : sequence of str
        Names.
    scores : array_like of float, shape (draws, m)
        Scores by draw and initiative, more is better.
    ties : {"group", "competition", "average"}, optional
        As in :func:`acceptability`.
    drawn : str, optional
        How they were drawn, in words.

    Returns
    -------
    Acceptability
        Shares from 0 to 1 by initiative and place.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a score is missing or infinite, or names do not fit.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.of_scores(["a", "b"], [[0.9, 0.1], [0.5, 0.5]]).probabilities.tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    table = read_matrix(scores, "scores", axes="draws by initiatives", missing=False)
    if not table.size:
        raise ArgumentError("holds no draw or no initiative", where="scores")
    rule = read_ties(ties)
    if not isinstance(drawn, str):
        raise ArgumentTypeError("is no text", where="drawn", value=type(drawn).__name__)
    names = read_labels(initiatives, table.shape[1], "initiatives", "initiative")
    shares = rank_shares(table, competition=rule == "competition") / len(table)
    return Acceptability(names, _frozen(shares), "sampled", len(table), rule, drawn)


def read_drawn_weights(weights: npt.ArrayLike, asked: Valued) -> FloatArray:
    """Read drawn weights, whose rows add up to 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If they are none.
    """
    if hasattr(weights, "keys"):
        raise ArgumentTypeError(
            "is neither a WeightSet nor drawn weights",
            where="weights",
            value=type(weights).__name__,
            advice="Write WeightSet(around={...}, half_width=...)",
        )
    table = read_matrix(weights, "weights", axes="draws by criteria", missing=False)
    if not len(table) or table.shape[1] != len(asked.criteria):
        raise ArgumentError(
            f"holds {table.shape[0]} rows of {table.shape[1]} weights,"
            f" for {len(asked.criteria)} criteria",
            where="weights",
        )
    if (table < 0).any() or (np.abs(table.sum(axis=1) - 1) > _ROUNDING).any():
        raise ArgumentError(
            "a row is negative somewhere, or does not add up to 1",
            where="weights",
            advice="Divide each row by its sum; uniform numbers divided so are not spread evenly",
        )
    return table


def _sampled(asked: Valued, drawn: FloatArray, how: str, ties: TieRule) -> Acceptability:
    shares = weighted_shares(asked.values, drawn, competition=ties == "competition")
    shares /= len(drawn)
    return Acceptability(asked.initiatives, _frozen(shares), "sampled", len(drawn), ties, how)


def _exact(asked: Valued, region: Region, ties: TieRule) -> Acceptability:
    low, high = float(region.low[0]), float(region.high[0])
    shares = exact_shares(asked.values, low, high, competition=ties == "competition")
    found = switches(asked.values, low, high)
    table = Columns(
        {
            "weight": found.weight,
            "better": Text(found.better, asked.initiatives),
            "worse": Text(found.worse, asked.initiatives),
        }
    )
    return Acceptability(asked.initiatives, _frozen(shares), "exact", None, ties, _EXACT, table)


def _frozen(shares: FloatArray) -> FloatArray:
    shares.flags.writeable = False
    return shares
