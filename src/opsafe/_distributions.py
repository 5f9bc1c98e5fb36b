"""Named distributions of one number, each with the inverse of its distribution function."""

# More than 300 lines: a closed union, whose kinds are read side by side.

from __future__ import annotations

import math
from typing import Annotated, Literal, Self, TypeAlias

import numpy as np
from annotated_types import Ge, Gt, Le
from pydantic import Field, model_validator

from opsafe._arguments import read_number
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

    @classmethod
    def from_parameters(cls, meanlog: float, sdlog: float) -> Self:
        """Return the distribution whose logarithm has this mean and standard deviation."""
        centre = read_number(meanlog, "meanlog", -28, 28)
        spread = read_number(sdlog, "sdlog", 0, 10, above=True)
        mean = math.exp(centre + spread**2 / 2)
        return cls(mean=mean, sd=mean * math.sqrt(math.expm1(spread**2)))

    @property
    def sdlog(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(math.log1p((self.sd / self.mean) ** 2))

    @property
    def meanlog(self) -> float:
        """Mean of the logarithm: the logarithm of the median."""
        return math.log(self.mean) - self.sdlog**2 / 2

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, math.inf

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        from scipy.special import ndtri

        drawn: FloatArray = np.exp(self.meanlog + self.sdlog * ndtri(share))
        return drawn


class Gamma(Document):
    """A gamma distribution, by its mean and standard deviation."""

    kind: Literal["gamma"] = "gamma"
    mean: Positive
    sd: Positive

    @classmethod
    def from_parameters(cls, shape: float, scale: float) -> Self:
        """Return the distribution of this shape and scale."""
        form = read_number(shape, "shape", 1e-6, 1e12)
        unit = read_number(scale, "scale", 1e-12, 1e12)
        return cls(mean=form * unit, sd=math.sqrt(form) * unit)

    @property
    def shape(self) -> float:
        """Shape: (mean / sd) squared."""
        return (self.mean / self.sd) ** 2

    @property
    def scale(self) -> float:
        """Scale: variance / mean."""
        return self.sd**2 / self.mean

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, math.inf

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        from scipy.special import gammaincinv

        return np.asarray(gammaincinv(self.shape, share), float) * self.scale


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

    @classmethod
    def from_parameters(cls, alpha: float, beta: float) -> Self:
        """Return the distribution with these two weights."""
        first = read_number(alpha, "alpha", 1e-6, 1e12)
        second = read_number(beta, "beta", 1e-6, 1e12)
        total = first + second
        return cls(mean=first / total, sd=math.sqrt(first * second / (total + 1)) / total)

    @property
    def alpha(self) -> float:
        """First weight: mean x (mean (1 - mean) / variance - 1)."""
        return self.mean * self._weight

    @property
    def beta(self) -> float:
        """Second weight: (1 - mean) x (mean (1 - mean) / variance - 1)."""
        return (1 - self.mean) * self._weight

    @property
    def _weight(self) -> float:
        return self.mean * (1 - self.mean) / self.sd**2 - 1

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value."""
        return 0.0, 1.0

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the value below which a share of draws lies."""
        return _beta(self.alpha, self.beta, share)


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
