"""From a stream to the figures of a case: net, returns, payback, per member, by draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from opsafe.costbenefit._case_figures import Ready
from opsafe.costbenefit._case_money import Stream
from opsafe.costbenefit.discounting import discount_factors
from opsafe.costbenefit.finance import medical_loss_ratio
from opsafe.costbenefit.plan_inputs import CLAIMS, Category, LossRatioBase, OutcomeEvent, PlanInputs
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = ["Sums", "joined", "loss_ratio_points", "sums_of"]

Name = TypeVar("Name", bound=str)

_YEAR: Final = 12
_LARGEST: Final = 1e15
_DUST: Final = 1e-12
_CARE: Final[tuple[Category, ...]] = ("total_cost", "ed", "inpatient", "overdose")


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the horizon by draw, USD, and the monthly net."""

    by_category: dict[Category, FloatArray]
    discounted: dict[Category, FloatArray] | None
    """Present values; None without a rate."""
    net_by_month: FloatArray
    """By month and draw."""
    averted: dict[OutcomeEvent, FloatArray]
    added_months: FloatArray
    oud_months: FloatArray
    member_months: FloatArray
    claims_saved: FloatArray
    """All categories of claims together."""
    care_saved: FloatArray
    """What is compared between treated and untreated: the totals, or the events averted."""
    programme_spent: FloatArray

    @property
    def net(self) -> FloatArray:
        """What the plan gains."""
        return _summed(self.by_category.values(), self.net_by_month.shape[1])

    @property
    def beside_care(self) -> FloatArray:
        """Net of all that is not compared between treated and untreated, added up by itself."""
        rest = (each for name, each in self.by_category.items() if name not in _CARE)
        return _summed(rest, self.net_by_month.shape[1])

    @property
    def spending(self) -> FloatArray:
        """All spending that rises: categories whose sum is a cost."""
        rising = (np.maximum(-each, 0.0) for each in self.by_category.values())
        return _summed(rising, self.net_by_month.shape[1])

    @property
    def roi(self) -> FloatArray:
        """Net over spending that rises; NaN where none rises."""
        return ratio(self.net, self.spending)

    @property
    def npv(self) -> FloatArray | None:
        """Present value of the net."""
        if self.discounted is None:
            return None
        return _summed(self.discounted.values(), self.net_by_month.shape[1])

    @property
    def benefit_cost_ratio(self) -> FloatArray | None:
        """Present values: what falls over what rises."""
        if self.discounted is None:
            return None
        draws = self.net_by_month.shape[1]
        rising = _summed((np.maximum(-each, 0.0) for each in self.discounted.values()), draws)
        falling = _summed((np.maximum(each, 0.0) for each in self.discounted.values()), draws)
        return ratio(falling, rising)

    @property
    def payback_month(self) -> FloatArray:
        """First month whose cumulative net is at least 0 and stays so; NaN where there is none."""
        below = cumulative(self.net_by_month) < 0
        months = len(below)
        last = np.where(below.any(axis=0), months - np.argmax(below[::-1], axis=0), 0)
        return np.where(last < months, last + 1.0, np.nan)


def cumulative(net: FloatArray) -> FloatArray:
    """Cumulative net by month and draw, with what is rounding alone at 0."""
    sums = np.cumsum(net, axis=0)
    sums[np.abs(sums) <= _DUST * np.cumsum(np.abs(net), axis=0)] = 0.0
    return sums


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """A ratio, NaN where there is nothing below."""
    found: FloatArray = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=found, where=below > 1 / _LARGEST)
    return found


def sums_of(ready: Ready, stream: Stream, draws: int) -> Sums:
    """Add a stream up."""
    inputs, months, treated = ready.inputs, ready.months, stream.treated
    full = {name: np.broadcast_to(each, (months, draws)) for name, each in stream.money.items()}
    for name, each in full.items():
        if bool((np.abs(each) > _LARGEST).any()):
            raise ArgumentError(
                f"of {name} come to more than {_LARGEST:g} USD a month", where="amounts"
            )
    net = sum(full.values(), np.zeros((months, draws)))
    programme = ("programme_start", "programme_running", "care_managers", "starts")
    by_category = {name: each.sum(axis=0) for name, each in full.items()}
    saved = (by_category[name] for name in (*CLAIMS, "longer_survival") if name in by_category)
    care = (by_category[name] for name in _CARE if name in by_category)
    spent = (-by_category[name] for name in programme if name in by_category)
    shape = (months, draws)
    return Sums(
        by_category=by_category,
        discounted=_discounted(inputs, full),
        net_by_month=net,
        averted={
            event: np.broadcast_to(each, shape).sum(axis=0)
            for event, each in stream.averted.items()
        },
        added_months=np.broadcast_to(treated.added, shape).sum(axis=0),
        oud_months=np.broadcast_to(treated.with_oud, shape).sum(axis=0),
        member_months=inputs.members * np.broadcast_to(treated.enrolled, shape).sum(axis=0),
        claims_saved=_summed(saved, draws),
        care_saved=_summed(care, draws),
        programme_spent=_summed(spent, draws),
    )


def joined(parts: list[Sums]) -> Sums:
    """Put sums of one draw after the other together."""
    first = parts[0]

    def rows(of: Iterable[FloatArray]) -> FloatArray:
        return np.concatenate(list(of), axis=-1)

    def tables(of: list[dict[Name, FloatArray]]) -> dict[Name, FloatArray]:
        return {name: rows(each[name] for each in of) for name in of[0]}

    present = [part.discounted for part in parts if part.discounted is not None]
    return Sums(
        tables([part.by_category for part in parts]),
        tables(present) if present else None,
        rows(part.net_by_month for part in parts),
        tables([part.averted for part in parts]) if first.averted else {},
        rows(part.added_months for part in parts),
        rows(part.oud_months for part in parts),
        rows(part.member_months for part in parts),
        rows(part.claims_saved for part in parts),
        rows(part.care_saved for part in parts),
        rows(part.programme_spent for part in parts),
    )


def loss_ratio_points(base: LossRatioBase, sums: Sums, months: int) -> float:
    """Percentage points by which the loss ratio moves, on the mean of the horizon."""
    years = months / _YEAR
    before = {
        "incurred_claims_usd": base.incurred_claims_usd_per_year,
        "quality_improvement_usd": base.quality_usd_per_year,
    }
    claims = before["incurred_claims_usd"] - float(sums.claims_saved[0]) / years
    if claims < 0:
        raise ArgumentError(
            "are less than what the programme saves of them",
            where="loss_ratio.incurred_claims_usd_per_year",
            value=base.incurred_claims_usd_per_year,
        )
    quality = before["quality_improvement_usd"]
    if base.programme_is_quality:
        quality += float(sums.programme_spent[0]) / years
    fixed = {
        "premium_usd": base.premium_usd_per_year,
        "fraud_prevention_usd": base.fraud_usd_per_year,
        "taxes_and_fees_usd": base.taxes_and_fees_usd_per_year,
    }
    after = {"incurred_claims_usd": claims, "quality_improvement_usd": quality}
    return 100 * (medical_loss_ratio(**after, **fixed) - medical_loss_ratio(**before, **fixed))


def moments(months: int) -> FloatArray:
    """Years from the beginning at which the amounts of each month fall."""
    at: FloatArray = (np.arange(months) + 0.5) / _YEAR
    return at


def _discounted(
    inputs: PlanInputs, money: Mapping[Category, FloatArray]
) -> dict[Category, FloatArray] | None:
    if inputs.discount_rate is None:
        return None
    rate = inputs.discount_rate
    factors = discount_factors(rate, moments(inputs.horizon_months), inputs.discounting)
    # What is spent once, at the beginning, is not spread over its month.
    return {
        name: each.sum(axis=0) if name == "programme_start" else factors @ each
        for name, each in money.items()
    }


def _summed(parts: Iterable[FloatArray], draws: int) -> FloatArray:
    return sum(parts, np.zeros(draws))
