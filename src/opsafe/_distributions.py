"""Named distributions of one number, each with the inverse of its distribution function."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self, TypeAlias

import numpy as np
from annotated_types import Ge, Gt, Le
from pydantic import Field, model_validator

from opsafe._document import Document
from opsafe.quantity import FloatArray

__all__ = [
    "Beta",
    "Distribution",
    "Fixed",
    "Gamma",
    "LogNormal",
    "Normal",
    "Proportion",
    "Triangular",
    "Uniform",
]

Number = Annotated[float, Ge(-1e12), Le(1e12)]
Positive = Annotated[float, Gt(0), Le(1e12)]


class Fixed(Document):
    """A number that is taken as known."""

    kind: Literal["fixed"] = "fixed"
    value: Number

    @property
    def mean(self) -> float:
        """The number."""
        return self.value

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return self.value, self.value

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        return np.full(np.shape(share), self.value)


class Uniform(Document):
    """Every value between two bounds alike."""

    kind: Literal["uniform"] = "uniform"
    low: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_rising(low=self.low, high=self.high)
        return self

    @property
    def mean(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return self.low, self.high

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        return self.low + (self.high - self.low) * share


class Triangular(Document):
    """A least, a most likely and a largest value, as experts give them."""

    kind: Literal["triangular"] = "triangular"
    low: Number
    mode: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low == self.high:
            raise ValueError("low must lie below high")
        _check_rising(low=self.low, mode=self.mode, high=self.high)
        return self

    @property
    def mean(self) -> float:
        """The mean of the three."""
        return (self.low + self.mode + self.high) / 3

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return self.low, self.high

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        width, left = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(share * width * left)
        falling = self.high - np.sqrt((1 - share) * width * (self.high - self.mode))
        return np.where(share * width < left, rising, falling)


class Normal(Document):
    """A normal distribution, perhaps cut off at bounds; mean and sd are those of the uncut one."""

    kind: Literal["normal"] = "normal"
    mean: Number
    sd: Positive
    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="after")
    def _mean_inside(self) -> Self:
        low, high = self.support
        if not low < self.mean < high:
            raise ValueError("mean must lie between low and high")
        return self

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value, infinite where there is no bound."""
        return (
            -math.inf if self.low is None else self.low,
            math.inf if self.high is None else self.high,
        )

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        from scipy.special import ndtr, ndtri

        below, above = (float(ndtr((end - self.mean) / self.sd)) for end in self.support)
        drawn = self.mean + self.sd * ndtri(below + (above - below) * share)
        return np.clip(drawn, *self.support)


class LogNormal(Document):
    """A log-normal distribution, by the mean and standard deviation of the values themselves."""

    kind: Literal["lognormal"] = "lognormal"
    mean: Positive
    sd: Positive

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, math.inf

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        from scipy.special import ndtri

        variance = math.log1p((self.sd / self.mean) ** 2)
        drawn: FloatArray = np.exp(
            math.log(self.mean) - variance / 2 + math.sqrt(variance) * ndtri(share)
        )
        return drawn


class Gamma(Document):
    """A gamma distribution, by its mean and standard deviation."""

    kind: Literal["gamma"] = "gamma"
    mean: Positive
    sd: Positive

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, math.inf

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        from scipy.special import gammaincinv

        drawn = np.asarray(gammaincinv((self.mean / self.sd) ** 2, share), float)
        return drawn * (self.sd**2 / self.mean)


class Beta(Document):
    """A beta distribution of a share, by its mean and standard deviation."""

    kind: Literal["beta"] = "beta"
    mean: Annotated[float, Gt(0), Le(1)]
    sd: Positive

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.sd**2 >= self.mean * (1 - self.mean):
            raise ValueError("sd must be below the square root of mean x (1 - mean)")
        return self

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, 1.0

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        weight = self.mean * (1 - self.mean) / self.sd**2 - 1
        return _beta(weight * self.mean, weight * (1 - self.mean), share)


class Proportion(Document):
    """A share that was counted: the beta distribution with the counts as its weights.

    Its mean is the share that was seen. Where none or all were seen it has no spread, so counts
    must lie strictly between.
    """

    kind: Literal["proportion"] = "proportion"
    successes: Annotated[int, Gt(0)]
    trials: Annotated[int, Gt(0), Le(10**12)]

    @model_validator(mode="after")
    def _some_and_not_all(self) -> Self:
        if self.successes >= self.trials:
            raise ValueError("successes must be below trials")
        return self

    @property
    def mean(self) -> float:
        """The share that was seen."""
        return self.successes / self.trials

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, 1.0

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        return _beta(self.successes, self.trials - self.successes, share)


Distribution: TypeAlias = Annotated[
    Fixed | Uniform | Triangular | Normal | LogNormal | Gamma | Beta | Proportion,
    Field(discriminator="kind"),
]
"""Any of them; in JSON `kind` says which."""


def _check_rising(**values: float) -> None:
    (first, low), *rest = values.items()
    for name, value in rest:
        if value < low:
            raise ValueError(f"{name} must not lie below {first}")
        first, low = name, value


def _beta(successes: float, failures: float, share: FloatArray) -> FloatArray:
    from scipy.special import betaincinv

    drawn: FloatArray = betaincinv(successes, failures, share)
    return drawn
