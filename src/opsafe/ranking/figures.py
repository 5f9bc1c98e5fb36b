"""Planning values of the engine, each with its reason; no source prints a standard for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from opsafe._fields import exact
from opsafe.provenance import Document, Edition, Words

__all__ = ["Defaults", "PlanningValue"]

NotNegative: TypeAlias = Annotated[
    Decimal, BeforeValidator(exact), Field(ge=0, le=Decimal(1_000_000))
]


class PlanningValue(Document):
    """A number that no source prints as a standard, and why we plan with it."""

    value: NotNegative
    reason: Words

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)


class Defaults(Edition):
    """What is used where the caller says nothing.

    Parameters
    ----------
    holds : {"defaults"}, optional
        What the file holds.
    weight_half_width : PlanningValue
        How far each weight may lie from the given one, as a share of the sum.
    delay_discount_per_quarter : PlanningValue
        Share of an initiative's value that is lost by each quarter of delay.
    two_camps_share, two_camps_low_step, two_camps_high_step : PlanningValue
        Raters are in two camps where such a share is at or below the low step and another at or
        above the high step, on a scale of 1 to 5.
    two_camps_least_raters : PlanningValue
        Raters that each camp has at least.
    readiness_least_raters, readiness_most_spread : PlanningValue
        A cell of the readiness table is averaged from so many stakeholders on, and up to such a
        standard deviation, in steps.
    rank_interval_low, rank_interval_high : PlanningValue
        Shares of the draws at which an interval of ranks begins and ends.
    least_raters_to_resample : PlanningValue
        Raters below whom nothing is said of other raters of their kind.
    double_count_correlation : PlanningValue
        From this correlation on, two criteria may be one thing that is counted twice.
    """

    kind: Literal["planning", "local"]
    holds: Literal["defaults"] = "defaults"
    weight_half_width: PlanningValue
    delay_discount_per_quarter: PlanningValue
    two_camps_share: PlanningValue
    two_camps_low_step: PlanningValue
    two_camps_high_step: PlanningValue
    two_camps_least_raters: PlanningValue
    readiness_least_raters: PlanningValue
    readiness_most_spread: PlanningValue
    rank_interval_low: PlanningValue
    rank_interval_high: PlanningValue
    least_raters_to_resample: PlanningValue
    double_count_correlation: PlanningValue

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        shares = (
            "weight_half_width",
            "delay_discount_per_quarter",
            "two_camps_share",
            "rank_interval_low",
            "rank_interval_high",
            "double_count_correlation",
        )
        for name in shares:
            if getattr(self, name).value > 1:
                raise ValueError(f"{name} is a share, 0 to 1")
        whole = ("two_camps_least_raters", "readiness_least_raters", "least_raters_to_resample")
        for name in whole:
            number = getattr(self, name).value
            if number != int(number) or number < 1:
                raise ValueError(f"{name} is a whole number, 1 or more")
        if self.two_camps_low_step.value >= self.two_camps_high_step.value:
            raise ValueError("two_camps_low_step must lie below two_camps_high_step")
        if self.rank_interval_low.value >= self.rank_interval_high.value:
            raise ValueError("rank_interval_low must lie below rank_interval_high")
        if self.least_raters_to_resample.value < 3:
            raise ValueError("least_raters_to_resample is 3 at least: (n - 2)/n must be above 0")
        return self
