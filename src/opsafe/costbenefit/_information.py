"""What knowing something is worth by threshold, as a result and as one estimate for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy.typing as npt

from opsafe.columns import Columns
from opsafe.costbenefit._bootstrap import read_resamples, resampled
from opsafe.costbenefit._dominance import Dominance, icer, means
from opsafe.costbenefit._regression import Regression
from opsafe.costbenefit.outcomes import MOST_THRESHOLD, Outcomes, read_thresholds
from opsafe.quantity import FloatArray
from opsafe.uncertainty import read_seed

__all__ = ["InformationValue", "levels_of", "valued"]


@dataclass(frozen=True, slots=True, eq=False)
class InformationValue:
    """What knowing something is worth for one decision, by threshold."""

    known: tuple[str, ...]
    """The parameters that would be known; empty for all, or for a study."""
    thresholds_usd: FloatArray
    """USD for one unit of effect."""
    value_usd: FloatArray
    """Expected gain in net benefit, by threshold."""
    standard_error_usd: FloatArray
    """Standard error of the value that comes from the number of draws."""
    method: str
    """How it was estimated."""
    draws: int

    @property
    def table(self) -> Columns:
        """A row for each threshold."""
        return Columns(
            {
                "threshold_usd": self.thresholds_usd,
                "value_usd": self.value_usd,
                "standard_error_usd": self.standard_error_usd,
            }
        )

    def __repr__(self) -> str:
        of = ", ".join(self.known) or "all, or a study"
        return f"InformationValue(of {of}; {len(self.thresholds_usd)} thresholds; {self.method})"


def valued(
    run: Outcomes,
    names: tuple[str, ...],
    rows: FloatArray,
    thresholds: FloatArray,
    where: str,
    resamples: object,
    seed: object,
) -> InformationValue:
    """Estimate what it is worth to know some numbers a draw, by regression on them."""
    number, root = read_resamples(resamples), read_seed(seed)
    regression = Regression.of(rows, run.costs, run.effects, where)
    return InformationValue(
        known=names,
        thresholds_usd=thresholds,
        value_usd=regression.value(thresholds),
        standard_error_usd=regression.standard_error(
            thresholds, resampled(root, run.draws, number)
        ),
        method=f"{regression.method}; {number} resamples",
        draws=run.draws,
    )


def levels_of(run: Outcomes, thresholds: npt.ArrayLike | None) -> FloatArray:
    """Those asked for, or 0 and where the best strategy on average changes."""
    if thresholds is not None:
        return read_thresholds(thresholds)
    cost, effect = means(run.costs, run.effects)
    steps = pairwise(Dominance.of(cost, effect).chain)
    changes = [icer(cost, effect, *step) for step in steps]
    return read_thresholds([0.0, *(each for each in changes if each <= MOST_THRESHOLD)])
