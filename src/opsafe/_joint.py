"""Numbers that are uncertain together: shares of a whole, and parameters that move together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

import numpy as np
from annotated_types import Ge, Gt, Le, MinLen
from pydantic import Field, model_validator

from opsafe._arguments import read_number
from opsafe._distributions import Beta
from opsafe._document import Document
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["Correlated", "Dirichlet", "Joint"]

Name = Annotated[str, MinLen(1)]
Weight = Annotated[float, Gt(0), Le(1e12)]
Correlation = Annotated[float, Ge(-1), Le(1)]

_WHOLE: Final = 1e-9  # how far shares of a whole may be from 1 in sum, as sums of floats are
_SMALLEST: Final = 1e-100  # below it a gamma's quantile is a power of the share to every digit


class Dirichlet(Document):
    """Shares of a whole, such as a row of transition probabilities: they always add up to one.

    Parameters
    ----------
    names : tuple of str
        Names of the shares, two or more; each is a parameter of its own.
    alpha : tuple of float
        Weight of each, above 0: as many cases as were seen to go that way.

    Raises
    ------
    DocumentError
        If the lengths differ, a name is doubled, or a weight is not above 0.

    Notes
    -----
    A draw is G / sum(G), where each G is a gamma number of shape alpha from the stream of its name.

    Examples
    --------
    >>> Dirichlet.from_counts({"stay": 20, "leave": 30, "die": 50}).alpha
    (20.0, 30.0, 50.0)
    """

    kind: Literal["dirichlet"] = "dirichlet"
    names: Annotated[tuple[Name, ...], MinLen(2)]
    alpha: Annotated[tuple[Weight, ...], MinLen(2)]

    @model_validator(mode="after")
    def _one_weight_a_name(self) -> Self:
        _check_names(self.names)
        if len(self.names) != len(self.alpha):
            raise ValueError(f"{len(self.names)} names have {len(self.alpha)} weights alpha")
        return self

    @classmethod
    def from_counts(cls, counts: Mapping[str, float]) -> Self:
        """Take the counts of what was seen as the weights.

        Parameters
        ----------
        counts : mapping of str to float
            Cases by share, each above 0.

        Returns
        -------
        Dirichlet
            With alpha = counts.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If a count is not above 0: a share that was never seen needs a weight from elsewhere.
        """
        advice = "A share that was never seen needs a weight from elsewhere, or is left out"
        return cls._of(
            {
                name: read_number(n, f"counts[{name!r}]", 0, 1e12, above=True, advice=advice)
                for name, n in _mapping(counts, "counts").items()
            }
        )

    @classmethod
    def from_mean_and_sd(cls, mean: Mapping[str, float], sd: Mapping[str, float]) -> Self:
        """Find the weights from the mean of each share and the standard deviation of one.

        Parameters
        ----------
        mean : mapping of str to float
            Mean of each share; they add up to one.
        sd : mapping of str to float
            Standard deviation of one share, or of several that say the same.

        Returns
        -------
        Dirichlet
            With alpha = mean x total, and total = mean (1 - mean) / sd**2 - 1.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If means do not add up to one, a standard deviation is too large for its mean, or two
            of them give different totals: a Dirichlet has one total.
        """
        means = {
            name: read_number(value, f"mean[{name!r}]", 0, 1, above=True, below=True)
            for name, value in _mapping(mean, "mean").items()
        }
        if abs(math.fsum(means.values()) - 1) > _WHOLE:
            raise ArgumentError(
                f"adds up to {math.fsum(means.values()):.12g}, not to 1",
                where="mean",
                advice="Nothing is scaled in silence: give shares of one whole",
            )
        totals = {name: _total(means, name, value) for name, value in _mapping(sd, "sd").items()}
        total = next(iter(totals.values()))
        if any(not math.isclose(each, total, rel_tol=1e-6) for each in totals.values()):
            said = ", ".join(f"{name} {each:.6g}" for name, each in totals.items())
            raise ArgumentError(
                f"gives different totals: {said}",
                where="sd",
                advice="Give the standard deviation of the share that matters most",
            )
        return cls._of({name: value * total for name, value in means.items()})

    @classmethod
    def _of(cls, weights: Mapping[str, float]) -> Self:
        return cls(names=tuple(weights), alpha=tuple(weights.values()))

    @property
    def mean(self) -> dict[str, float]:
        """Mean of each share."""
        total = math.fsum(self.alpha)
        return {name: each / total for name, each in zip(self.names, self.alpha, strict=True)}

    def marginal(self, name: str) -> Beta:
        """Return the distribution of one share alone.

        Raises
        ------
        ArgumentError
            If there is no share of that name.
        """
        if name not in self.names:
            raise ArgumentError("is no share", where="name", value=name, allowed=self.names)
        own = self.alpha[self.names.index(name)]
        return Beta.from_parameters(own, math.fsum(self.alpha) - own)

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the shares that uniform numbers give; the first axis is the name, both ways."""
        from scipy.special import gammaincinv, gammaln

        alpha = np.array(self.alpha)[:, None]
        number = np.asarray(gammaincinv(alpha, share), float)
        # Weights far below 1 give numbers that no float holds; their logarithms are kept instead.
        tiny = (np.log(share) + gammaln(alpha + 1)) / alpha
        log = np.where(number < _SMALLEST, tiny, np.log(np.maximum(number, _SMALLEST)))
        drawn = np.exp(log - log.max(axis=0))
        return np.asarray(drawn / drawn.sum(axis=0), float)


class Correlated(Document):
    """Parameters that move together, each keeping the distribution it has alone.

    Parameters
    ----------
    names : tuple of str
        Names of the parameters, two or more.
    correlation : tuple of tuple of float
        Their correlation matrix, -1 to 1: symmetric, ones on its diagonal, positive definite.
    measure : {"rank", "normal"}, optional
        Whether these are rank correlations of the parameters (Spearman's), or correlations of the
        normal numbers behind them.

    Raises
    ------
    DocumentError
        If the matrix is none of a correlation. It is never repaired in silence.

    Notes
    -----
    A Gaussian copula: u' = Phi(L Phi^-1(u)), with u uniform from the stream of each name and L L' =
    R. A rank correlation r becomes R = 2 sin(pi r / 6), which is exact under the normal. The first
    name's draws, and those of every parameter outside the group, are as without it.

    Examples
    --------
    >>> group = Correlated(names=("drug", "visits"), correlation=((1, 0.5), (0.5, 1)))
    >>> round(float(group.normal_correlation[0, 1]), 4)
    0.5176
    """

    kind: Literal["correlated"] = "correlated"
    names: Annotated[tuple[Name, ...], MinLen(2)]
    correlation: tuple[tuple[Correlation, ...], ...]
    measure: Literal["rank", "normal"] = "rank"

    @model_validator(mode="after")
    def _is_a_correlation(self) -> Self:
        _check_names(self.names)
        size = len(self.names)
        if len(self.correlation) != size or any(len(row) != size for row in self.correlation):
            raise ValueError(f"correlation must have {size} rows of {size} numbers, as names has")
        for i, name in enumerate(self.names):
            if self.correlation[i][i] != 1:
                raise ValueError(f"correlation of {name!r} with itself must be 1")
            for j in range(i):
                if self.correlation[i][j] != self.correlation[j][i]:
                    raise ValueError(f"correlation of {name!r} and {self.names[j]!r} stands twice")
        least = float(np.linalg.eigvalsh(self.normal_correlation)[0])
        if least < 1e-10:
            raise ValueError(
                f"correlation is not positive definite: its least eigenvalue is {least:.3g}, so no"
                " parameters can be correlated like this"
            )
        return self

    @property
    def normal_correlation(self) -> FloatArray:
        """Correlation matrix of the normal numbers behind the parameters."""
        given = np.array(self.correlation, float)
        return given if self.measure == "normal" else _of_normals(given)

    @cached_property
    def _root(self) -> FloatArray:
        root: FloatArray = np.linalg.cholesky(self.normal_correlation).astype(np.float64)
        root.flags.writeable = False
        return root

    def correlate(self, share: FloatArray) -> FloatArray:
        """Return uniform numbers that move together; the first axis is the name."""
        from scipy.special import ndtr, ndtri

        together: FloatArray = np.clip(ndtr(self._root @ ndtri(share)), 2.0**-53, 1 - 2.0**-53)
        together[0] = share[0]  # to the last bit, which the way there and back might change
        return together


Joint: TypeAlias = Annotated[Dirichlet | Correlated, Field(discriminator="kind")]
"""Either of them; in JSON `kind` says which."""


def _of_normals(rank: FloatArray) -> FloatArray:
    normal: FloatArray = np.sin(rank * (math.pi / 6)) * 2.0
    np.fill_diagonal(normal, 1.0)  # which rounding might miss
    return normal


def _check_names(names: tuple[str, ...]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"names: {', '.join(doubled)} stands twice")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ArgumentTypeError(
            "is not a mapping of names to numbers", where=where, value=type(value).__name__
        )
    if not value:
        raise ArgumentError("is empty", where=where)
    return dict(value)


def _total(means: Mapping[str, float], name: str, sd: object) -> float:
    if name not in means:
        raise ArgumentError("is no share", where=f"sd[{name!r}]", value=name, allowed=means)
    variance = means[name] * (1 - means[name])
    spread = read_number(sd, f"sd[{name!r}]", 0, 1, above=True)
    if spread**2 >= variance:
        raise ArgumentError(
            f"must be below the square root of mean x (1 - mean), which is {variance**0.5:.6g}",
            where=f"sd[{name!r}]",
            value=sd,
        )
    return variance / spread**2 - 1
