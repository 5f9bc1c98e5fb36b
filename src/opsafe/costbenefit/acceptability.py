"""How likely each strategy is the best one, and what a wrong choice costs on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsafe.columns import Columns, Text
from opsafe.costbenefit._net_benefit import best_on_average, losses, mean_net_benefit, shares_best
from opsafe.costbenefit.outcomes import Simulated, read_outcomes, read_thresholds
from opsafe.quantity import FloatArray

__all__ = [
    "Acceptability",
    "AcceptabilityFrontier",
    "ExpectedLoss",
    "ceac",
    "ceaf",
    "expected_loss",
]


@dataclass(frozen=True, slots=True, eq=False)
class Acceptability:
    """How likely each strategy is the best, by threshold: acceptability curves."""

    strategies: tuple[str, ...]
    thresholds_usd: FloatArray
    """USD for one unit of effect."""
    probability: FloatArray
    """Share of draws in which a strategy is best, by threshold and strategy."""
    standard_error: FloatArray
    """sqrt(p (1 - p) / draws)."""

    @property
    def table(self) -> Columns:
        """A row for each threshold and strategy."""
        return Columns(
            {
                **_keys(self.thresholds_usd, self.strategies),
                "probability": self.probability.ravel(),
                "standard_error": self.standard_error.ravel(),
            }
        )

    def __repr__(self) -> str:
        return f"Acceptability({', '.join(self.strategies)}; {len(self.thresholds_usd)} thresholds)"


@dataclass(frozen=True, slots=True, eq=False)
class AcceptabilityFrontier:
    """The strategy to choose at each threshold, and how likely it is the best."""

    strategies: tuple[str, ...]
    """The one with the highest mean net benefit, by threshold."""
    thresholds_usd: FloatArray
    """USD for one unit of effect."""
    probability: FloatArray
    """Share of draws in which it is best, by threshold."""
    standard_error: FloatArray
    """sqrt(p (1 - p) / draws)."""

    @property
    def table(self) -> Columns:
        """A row for each threshold."""
        return Columns(
            {
                "threshold_usd": self.thresholds_usd,
                "strategy": Text.of(self.strategies),
                "probability": self.probability,
                "standard_error": self.standard_error,
            }
        )

    def __repr__(self) -> str:
        chosen = ", ".join(dict.fromkeys(self.strategies))
        return f"AcceptabilityFrontier({chosen}; {len(self.thresholds_usd)} thresholds)"


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedLoss:
    """What each strategy loses on average to the best of each draw."""

    strategies: tuple[str, ...]
    thresholds_usd: FloatArray
    """USD for one unit of effect."""
    loss_usd: FloatArray
    """Mean loss in net benefit, by threshold and strategy; the least is the EVPI."""

    @property
    def table(self) -> Columns:
        """A row for each threshold and strategy."""
        return Columns(
            {
                **_keys(self.thresholds_usd, self.strategies),
                "expected_loss_usd": self.loss_usd.ravel(),
            }
        )

    def __repr__(self) -> str:
        return f"ExpectedLoss({', '.join(self.strategies)}; {len(self.thresholds_usd)} thresholds)"


def ceac(run: Simulated, thresholds: npt.ArrayLike) -> Acceptability:
    """Return cost-effectiveness acceptability curves.

    Parameters
    ----------
    run : Run or Outcomes
        Costs and effects by strategy and draw.
    thresholds : array_like of float
        USD that one unit of effect is worth, 0 or more; one or several.

    Returns
    -------
    Acceptability
        Shares from 0 to 1 by threshold and strategy; those of a threshold add up to 1.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a threshold is negative or no number, or the run is none.

    Notes
    -----
    The share of draws in which threshold x effect - cost is the highest. Where k strategies tie
    (within 1e-9 of threshold x largest effect + largest cost in the draw), each gets 1 / k.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.Outcomes(
    ...     ("as it is", "treat more"), [[900, 1100], [1500, 1300]], [[0.5, 0.7], [0.8, 0.6]]
    ... )
    >>> cb.ceac(found, [0, 2000, 10_000]).probability.tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.5, 0.5]]
    """
    asked, levels = read_outcomes(run), read_thresholds(thresholds)
    share = shares_best(asked.costs, asked.effects, levels)
    return Acceptability(asked.strategies, levels, share, _error(share, asked.draws))


def ceaf(run: Simulated, thresholds: npt.ArrayLike) -> AcceptabilityFrontier:
    """Return the cost-effectiveness acceptability frontier: the choice, and how likely it is right.

    Parameters
    ----------
    run : Run or Outcomes
        Costs and effects by strategy and draw.
    thresholds : array_like of float
        USD that one unit of effect is worth, 0 or more; one or several.

    Returns
    -------
    AcceptabilityFrontier
        The strategy with the highest mean net benefit, of equals the first, and its probability.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a threshold is negative or no number, or the run is none.

    Notes
    -----
    The best on average need not be the one that is most often best.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.Outcomes(
    ...     ("as it is", "treat more"), [[900, 1100], [1500, 1300]], [[0.5, 0.7], [0.8, 0.6]]
    ... )
    >>> cb.ceaf(found, [0, 10_000]).strategies
    ('as it is', 'treat more')
    """
    asked, levels = read_outcomes(run), read_thresholds(thresholds)
    best = best_on_average(asked.costs, asked.effects, levels)
    share = shares_best(asked.costs, asked.effects, levels)[np.arange(len(levels)), best]
    chosen = tuple(asked.strategies[place] for place in best.tolist())
    return AcceptabilityFrontier(chosen, levels, share, _error(share, asked.draws))


def expected_loss(run: Simulated, thresholds: npt.ArrayLike) -> ExpectedLoss:
    """Return what each strategy loses on average because another would have been better.

    Parameters
    ----------
    run : Run or Outcomes
        Costs and effects by strategy and draw.
    thresholds : array_like of float
        USD that one unit of effect is worth, 0 or more; one or several.

    Returns
    -------
    ExpectedLoss
        USD of net benefit, by threshold and strategy.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a threshold is negative or no number, or the run is none.

    Notes
    -----
    Mean of (highest net benefit of the draw - net benefit of the strategy). Its least value is the
    expected value of perfect information.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> found = cb.Outcomes(
    ...     ("as it is", "treat more"), [[900, 1100], [1500, 1300]], [[0.5, 0.7], [0.8, 0.6]]
    ... )
    >>> cb.expected_loss(found, 10_000).loss_usd.round(6).tolist()
    [[1200.0, 600.0]]
    """
    asked, levels = read_outcomes(run), read_thresholds(thresholds)
    mean = mean_net_benefit(asked.costs, asked.effects, levels)
    least, _ = losses(asked.costs, asked.effects, levels)
    behind = mean.max(axis=1, keepdims=True) - mean
    return ExpectedLoss(asked.strategies, levels, least[:, None] + behind)


def _error(share: FloatArray, draws: int) -> FloatArray:
    return np.sqrt(np.maximum(share * (1 - share), 0) / draws)


def _keys(thresholds: FloatArray, strategies: tuple[str, ...]) -> dict[str, FloatArray | Text]:
    places = np.tile(np.arange(len(strategies)), len(thresholds))
    return {
        "threshold_usd": np.repeat(thresholds, len(strategies)),
        "strategy": Text(places, strategies),
    }
