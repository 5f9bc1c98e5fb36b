"""What the raters of each initiative gave: middle, spread, and whether they are split in two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from opsafe._used import UsedInputs
from opsafe.quantity import FloatArray
from opsafe.ranking._exact import as_written
from opsafe.ranking.criteria import Criterion
from opsafe.ranking.figures import Defaults
from opsafe.ranking.ratings import Panel

__all__ = ["Camps", "Spread", "camps_of", "spreads"]

_NOBODY: Final = (math.nan,) * 7


@dataclass(frozen=True, slots=True)
class Camps:
    """When raters are split in two."""

    low: Fraction
    """At or below this share of the way from worst to best."""
    high: Fraction
    share: Fraction
    least: int
    """Raters at each end, at least."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What the raters of one initiative gave on one criterion."""

    raters: int
    mean: float
    median: float
    sd: float
    least: float
    most: float
    share_low: float
    share_high: float
    two_camps: bool


def camps_of(defaults: Defaults, used: UsedInputs) -> Camps:
    """Planning values of what two camps are."""
    used.note("defaults", defaults.id, "given", defaults)
    low, high = defaults.two_camps_low_step, defaults.two_camps_high_step
    share, least = defaults.two_camps_share, defaults.two_camps_least_raters
    for name, each in (
        ("two_camps_low_step", low),
        ("two_camps_high_step", high),
        ("two_camps_share", share),
        ("two_camps_least_raters", least),
    ):
        used.note(name, each.value, "planning value", each.reason)
    return Camps(
        low=(Fraction(low.value) - 1) / 4,  # the steps are of a scale from 1 to 5
        high=(Fraction(high.value) - 1) / 4,
        share=Fraction(share.value),
        least=int(least),
    )


def spreads(panel: Panel, camps: Camps) -> list[list[Spread]]:
    """By initiative and criterion."""
    by_criterion = [
        _of_criterion(criterion, panel.scores[:, :, at], camps)
        for at, criterion in enumerate(panel.criteria.criteria)
    ]
    return [list(row) for row in zip(*by_criterion, strict=True)]


def _of_criterion(criterion: Criterion, scores: FloatArray, camps: Camps) -> list[Spread]:
    """Ratings as whole multiples of one unit, so that equal ones spread by exactly 0."""
    distinct = np.unique(scores[~np.isnan(scores)]).tolist()
    exact = {score: as_written(score) for score in distinct}
    unit = math.lcm(*(each.denominator for each in exact.values()))
    whole = {score: int(each * unit) for score, each in exact.items()}
    way = {score: criterion.anchored_exactly(score) for score in distinct}
    low = {score for score, each in way.items() if each <= camps.low}
    high = {score for score, each in way.items() if each >= camps.high}
    found = []
    for row in scores:
        given = row[~np.isnan(row)].tolist()
        ends = sum(each in low for each in given), sum(each in high for each in given)
        found.append(_spread(sorted(whole[each] for each in given), unit, ends, camps))
    return found


def _spread(values: list[int], unit: int, ends: tuple[int, int], camps: Camps) -> Spread:
    """What ratings in order, each over the unit, come to."""
    count = len(values)
    if not count:
        return Spread(0, *_NOBODY, False)
    total = sum(values)
    squares = count * sum(each * each for each in values) - total * total
    smaller = min(ends)
    return Spread(
        raters=count,
        mean=total / (count * unit),
        median=(values[(count - 1) // 2] + values[count // 2]) / (2 * unit),
        sd=math.sqrt(squares / (count * (count - 1) * unit**2)) if count > 1 else math.nan,
        least=values[0] / unit,
        most=values[-1] / unit,
        share_low=ends[0] / count,
        share_high=ends[1] / count,
        two_camps=smaller >= camps.least and smaller >= camps.share * count,
    )
