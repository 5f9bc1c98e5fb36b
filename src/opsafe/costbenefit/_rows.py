"""One published number: exact, with its spread as stated, its unit, dollar year and population."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from opsafe._fields import Positive, exact
from opsafe.provenance import Document, Words
from opsafe.uncertainty import Beta, Distribution, Normal, from_interval

__all__ = [
    "NOT_STATED",
    "Amount",
    "DollarYear",
    "PlanningValue",
    "Row",
    "is_dollar_year",
    "last_year",
]

NOT_STATED: Final = "not stated"
_YEARS: Final = r"[12]\d{3}(-[12]\d{3})?"

Amount: TypeAlias = Annotated[
    Decimal, BeforeValidator(exact), Field(ge=Decimal("-1e12"), le=Decimal("1e12"))
]
DollarYear: TypeAlias = Annotated[str, StringConstraints(pattern=rf"^({_YEARS}|{NOT_STATED})$")]
"""A year, a range of years, or "not stated"."""
RowName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([_.][a-z0-9]+)*$")]


def is_dollar_year(text: str) -> bool:
    """Whether text is a year, a range of years, or "not stated"."""
    if re.fullmatch(_YEARS, text, re.ASCII) is None:
        return text == NOT_STATED
    return text[:4] <= text[-4:]  # a range does not end before it begins


def last_year(dollar_year: str) -> int | None:
    """Return the year that prices are taken to be of: the last of a range, None if unstated."""
    return None if dollar_year == NOT_STATED else int(dollar_year[-4:])


class PlanningValue(Document):
    """A number that no source prints, and why we plan with it."""

    value: Amount
    reason: Words


class Row(Document):
    """One number of a published table.

    Parameters
    ----------
    name : str
        Lower case words joined by ``_`` and ``.``, one of its kind in its edition.
    value : decimal.Decimal
        The number, in ``unit``.
    low, high : decimal.Decimal, optional
        The range that the source gives.
    interval : {"range", "confidence_95", "quartiles"}, optional
        What the range is.
    shape : {"beta", "lognormal", "normal"}, optional
        The distribution that the source states, or that follows from its confidence interval.
    sd : decimal.Decimal, optional
        Standard deviation of what is not known of the number (not between people).
    at_least, at_most : decimal.Decimal, optional
        Where a normal distribution is cut off.
    as_stated : str, optional
        What the source says of the spread.
    unit : str
        Such as ``"USD per member-year"``.
    dollar_year : str, optional
        Year of the prices as stated, a range, or "not stated"; needed where the unit is USD.
    population : str, optional
        Of whom, where that differs from the rest of the edition.
    """

    name: RowName
    value: Amount
    low: Amount | None = None
    high: Amount | None = None
    interval: Literal["range", "confidence_95", "quartiles"] | None = None
    shape: Literal["beta", "lognormal", "normal"] | None = None
    sd: Positive | None = None
    at_least: Amount | None = None
    at_most: Amount | None = None
    as_stated: str = ""
    unit: Words
    dollar_year: DollarYear | None = None
    population: Words | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        ends = (self.low, self.high, self.interval)
        if None in ends and ends != (None, None, None):
            raise ValueError("low, high and interval are given together, or not at all")
        if (
            self.low is not None
            and self.high is not None
            and not (self.low <= self.value <= self.high)
        ):
            raise ValueError(f"value {self.value} lies outside {self.low} to {self.high}")
        if self.unit.startswith("USD") and self.dollar_year is None:
            raise ValueError('dollar_year is missing for USD; where it is unknown: "not stated"')
        if self.shape is not None and self.sd is None and self.interval != "confidence_95":
            raise ValueError("shape needs sd, or low and high of a 95 % confidence interval")
        if self.shape == "lognormal" and (self.low is None or self.low <= 0 or self.sd is not None):
            raise ValueError("lognormal goes by low and high above 0, not by sd")
        if self.shape is None and self.sd is not None:
            raise ValueError("sd needs a shape")
        bounded = (self.at_least, self.at_most) != (None, None)
        if bounded and (self.shape != "normal" or self.sd is None):
            raise ValueError("at_least and at_most are of a normal distribution with sd")
        self.distribution  # noqa: B018  an impossible one is told at the door
        return self

    @property
    def price_year(self) -> int | None:
        """Year of the prices: the last of a range; None where unstated, or no money is meant."""
        return None if self.dollar_year is None else last_year(self.dollar_year)

    @property
    def distribution(self) -> Distribution | None:
        """What is not known of the number; None where the source does not say.

        Notes
        -----
        By its standard deviation where that is stated, else by its 95 % interval as
        :func:`opsafe.uncertainty.from_interval` reads it: the number is the median of a
        log-normal, and the mean of the others.
        """
        if self.shape is None:
            return None
        value = float(self.value)
        if self.sd is None:
            assert self.low is not None and self.high is not None
            return from_interval(self.shape, value, float(self.low), float(self.high))
        if self.shape == "beta":
            return Beta(mean=value, sd=float(self.sd))
        low, high = (None if end is None else float(end) for end in (self.at_least, self.at_most))
        return Normal(mean=value, sd=float(self.sd), low=low, high=high)
