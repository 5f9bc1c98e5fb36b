"""Editions of retention curves: published shares still on treatment, with their gap rule."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from opsafe._fields import Count, Inside, Medication, Months, Positive, partner
from opsafe.provenance import Edition, Words
from opsafe.survival import Retention

__all__ = ["RetentionEdition"]

FOLDER = "opsafe.data.retention"
"""The package that holds their files, which engines share."""


class RetentionEdition(Edition):
    """The share of starts still on treatment, by months since the start.

    Parameters
    ----------
    holds : {"retention"}, optional
        What the file holds.
    population : str
        Of whom, where and when.
    medication : {"buprenorphine", "methadone", "naltrexone"}
        What is taken.
    gap_days : int
        Treatment has ended when more than so many days are without supply.
    participants : int, optional
        Starts behind the curve.
    weibull_scale_months, weibull_shape : decimal.Decimal, optional
        S(t) = exp(-(t / scale) ** shape), with t in months; or points.
    points : tuple of (months, share), optional
        Months rise, shares lie inside 0 and 1 and never rise, and the last two fall.
    """

    holds: Literal["retention"] = "retention"
    population: Words
    medication: Medication
    gap_days: Annotated[int, Field(ge=0, le=366)]
    participants: Count | None = None
    weibull_scale_months: Months | None = None
    weibull_shape: Annotated[Positive, Field(ge=Decimal("0.05"), le=20)] | None = None
    points: tuple[tuple[Months, Inside], ...] = ()

    @field_validator("weibull_shape")
    @classmethod
    def _shape_with_scale(cls, shape: Decimal | None, info: ValidationInfo) -> Decimal | None:
        partner(info, "weibull_scale_months", shape)
        return shape

    @field_validator("points")
    @classmethod
    def _is_a_curve(
        cls, points: tuple[tuple[Decimal, Decimal], ...], info: ValidationInfo
    ) -> tuple[tuple[Decimal, Decimal], ...]:
        shape = info.data.get("weibull_shape")
        if "weibull_shape" in info.data and bool(points) == (shape is not None):
            raise ValueError("needs points or a Weibull curve, and not both")
        if not points:
            return points
        if len(points) < 2:
            raise ValueError("must be two at least")
        if any(earlier >= later for (earlier, _), (later, _) in pairwise(points)):
            raise ValueError("must have months that rise")
        if any(before < after for (_, before), (_, after) in pairwise(points)):
            raise ValueError("must have shares that never rise")
        if points[-2][1] == points[-1][1]:
            raise ValueError("must fall between the last two: the curve goes on from there")
        return points

    @cached_property
    def curve(self) -> Retention:
        """The curve itself, with its gap rule."""
        scale, shape = self.weibull_scale_months, self.weibull_shape
        return Retention(
            gap_days=self.gap_days,
            points=tuple((float(month), float(share)) for month, share in self.points) or None,
            scale_months=None if scale is None else float(scale),
            shape=None if shape is None else float(shape),
        )
