"""Intraclass correlation: how much of the spread of ratings lies between the things rated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_number
from opsafe._display import as_html, counted
from opsafe.columns import Columns, Text
from opsafe.quantity import FloatArray
from opsafe.ranking._reading import WithHoles, read_matrix

__all__ = ["ICCForm", "IntraclassCorrelation", "IntraclassForm", "intraclass_correlation"]

ICCForm: TypeAlias = Literal["1", "A,1", "C,1", "1,k", "A,k", "C,k"]
"""One-way, absolute agreement and consistency; of one rater, and of the mean of all."""

_DUST: Final = 1e-12  # of the whole sum of squares: below it a sum of squares is rounding


@dataclass(frozen=True, slots=True)
class IntraclassForm:
    """One form of the coefficient."""

    value: float | None
    """At most 1, and below 0 where raters agree less than chance; None where not defined."""
    low: float | None
    high: float | None
    """Ends of the confidence interval; None where raters leave no error to judge it by."""
    f: float | None
    """F statistic of the form's test against 0; None where there is no error."""
    degrees_of_freedom: tuple[int, int]
    p: float | None


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation:
    """The six forms of the intraclass correlation of one table of ratings."""

    forms: Mapping[ICCForm, IntraclassForm]
    """By name: 1, A,1 and C,1 are of one rater; 1,k, A,k and C,k of the mean of the raters."""
    subjects: int
    """Subjects that every rater has rated: all forms rest on them alone."""
    subjects_given: int
    """Subjects in all."""
    raters: int
    level: float
    """Level of the confidence intervals."""
    not_defined: str | None
    """Why no form has a value, or None."""

    @property
    def table(self) -> Columns:
        """A row for each form."""
        rows = list(self.forms.values())

        def column(values: list[float | None]) -> FloatArray:
            return np.array([np.nan if each is None else each for each in values])

        return Columns(
            {
                "form": Text.of(self.forms),
                "value": column([row.value for row in rows]),
                "low": column([row.low for row in rows]),
                "high": column([row.high for row in rows]),
                "f": column([row.f for row in rows]),
                "p": column([row.p for row in rows]),
            }
        )

    def __repr__(self) -> str:
        rated = f"{self.subjects} of {counted(self.subjects_given, 'subject')}"
        if self.not_defined is not None:
            return f"IntraclassCorrelation(not defined: {self.not_defined}; {rated})"
        told = (
            f"{name} {'not defined' if each.value is None else f'{each.value:.2f}'}"
            for name, each in self.forms.items()
        )
        return f"IntraclassCorrelation({'; '.join(told)}; {rated}, {counted(self.raters, 'rater')})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table)


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares of a two-way table, and its shape."""

    between: float
    within: float
    raters: float
    error: float
    n: int
    k: int
    dust: float
    """A mean square at or below it is rounding."""


def intraclass_correlation(ratings: WithHoles, *, level: float = 0.95) -> IntraclassCorrelation:
    """Return the six forms of the intraclass correlation, with confidence intervals.

    Parameters
    ----------
    ratings : array_like, shape (subjects, raters)
        What each rater gave each subject. None and NaN are missing: a subject that not every
        rater has rated is left out.
    level : float, optional
        Level of the confidence intervals, between 0 and 1.

    Returns
    -------
    IntraclassCorrelation
        Form A,1 says how far one rater's scores can stand for another's; A,k how far the mean of
        these raters can stand for that of others; C forms forgive raters who are strict or mild
        throughout; 1 forms do not know who rated what. Read A and C together: far apart, raters
        use the scale differently.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no table of numbers, or holds an infinite one.

    Notes
    -----
    With mean squares between subjects B, within subjects W, between raters J and of error E, n
    subjects and k raters [1]_:

    - 1: (B - W) / (B + (k - 1) W); 1,k: (B - W) / B.
    - A,1: (B - E) / (B + (k - 1) E + k (J - E) / n); A,k: (B - E) / (B + (J - E) / n).
    - C,1: (B - E) / (B + (k - 1) E); C,k: (B - E) / B.

    They are ICC1, ICC2, ICC3, ICC1k, ICC2k and ICC3k of others. A form whose denominator is not
    positive is not defined. Intervals of forms 1 and C are exact under normal errors; those of
    forms A are Satterthwaite's approximation, and left out where it misses its own coefficient.

    References
    ----------
    .. [1] McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients.
       Psychol Methods 1996;1:30-46. Checked with the wine data of pingouin,
       https://github.com/raphaelvallat/pingouin/blob/main/src/pingouin/reliability.py

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> found = rk.intraclass_correlation([[1, 2, 2], [4, 4, 5], [3, 2, 3], [5, 4, 5]])
    >>> round(found.forms["A,1"].value, 3), round(found.forms["A,k"].value, 3)
    (0.852, 0.945)
    """
    given = read_matrix(ratings, "ratings", axes="subjects by raters", missing=True)
    share = read_number(level, "level", 0, 1, above=True, below=True)
    complete = given[~np.isnan(given).any(axis=1) & (given.shape[1] > 0)]
    subjects, raters = complete.shape
    reason = None
    if raters < 2:
        reason = "there are fewer than two raters"
    elif subjects < 2:
        reason = "fewer than two subjects are rated by every rater"
    elif bool((complete == complete[0, 0]).all()):
        reason = "all ratings are equal"
    forms: Mapping[ICCForm, IntraclassForm] = {}
    if reason is None:
        forms = _forms(_mean_squares(complete), share)
    return IntraclassCorrelation(
        MappingProxyType(dict(forms)), subjects, len(given), raters, share, reason
    )


def _mean_squares(ratings: FloatArray) -> _Squares:
    n, k = ratings.shape
    apart = ratings - ratings[0, 0]  # so that large numbers close together keep their digits
    apart = apart - apart.mean()
    rows = apart.mean(axis=1, keepdims=True)
    columns = apart.mean(axis=0, keepdims=True)
    whole = float((apart**2).sum())

    def mean_square(parts: FloatArray, degrees: int) -> float:
        total = float((parts**2).sum())
        return total / degrees if total > _DUST * whole else 0.0

    return _Squares(
        between=mean_square(np.repeat(rows, k, axis=1), n - 1),
        within=mean_square(apart - rows, n * (k - 1)),
        raters=mean_square(np.repeat(columns, n, axis=0), k - 1),
        error=mean_square(apart - rows - columns, (n - 1) * (k - 1)),
        n=n,
        k=k,
        dust=_DUST * whole,
    )


def _forms(squares: _Squares, level: float) -> dict[ICCForm, IntraclassForm]:
    one_way = _relative(squares, squares.within, squares.n * (squares.k - 1), level)
    consistency = _relative(squares, squares.error, (squares.n - 1) * (squares.k - 1), level)
    agreement = _absolute(squares, level, consistency[0])
    return {
        "1": one_way[0],
        "A,1": agreement[0],
        "C,1": consistency[0],
        "1,k": one_way[1],
        "A,k": agreement[1],
        "C,k": consistency[1],
    }


def _ratio(part: float, whole: float, dust: float) -> float | None:
    return part / whole if whole > dust else None


def _relative(
    squares: _Squares, error: float, degrees: int, level: float
) -> tuple[IntraclassForm, IntraclassForm]:
    """Forms 1 and C: subjects against an error; of one rater, and of the mean of all."""
    between, k, dust = squares.between, squares.k, squares.dust
    one = _ratio(between - error, between + (k - 1) * error, dust)
    mean = _ratio(between - error, between, dust)
    free = (squares.n - 1, degrees)
    if error == 0:
        return (
            IntraclassForm(one, None, None, None, free, None),
            IntraclassForm(mean, None, None, None, free, None),
        )
    from scipy.special import fdtrc, fdtri

    f, tail = between / error, (1 + level) / 2
    p = float(fdtrc(*free, f))
    low = f / float(fdtri(*free, tail))
    high = f * float(fdtri(free[1], free[0], tail))
    single = ((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))
    least, most = (1 - 1 / low, 1 - 1 / high) if between > 0 else (None, None)
    return (
        IntraclassForm(one, *single, f, free, p),
        IntraclassForm(mean, least, most, f, free, p),
    )


def _absolute(
    squares: _Squares, level: float, consistency: IntraclassForm
) -> tuple[IntraclassForm, IntraclassForm]:
    """Forms A: strict and mild raters count as disagreement."""
    b, j, e = squares.between, squares.raters, squares.error
    n, k = squares.n, squares.k
    one = _ratio(b - e, b + (k - 1) * e + k * (j - e) / n, squares.dust)
    mean = _ratio(b - e, b + (j - e) / n, squares.dust)
    low, high = _interval(squares, one, level) if one is not None and e > 0 else (None, None)
    return (
        replace(consistency, value=one, low=low, high=high),
        replace(consistency, value=mean, low=_stepped_up(low, k), high=_stepped_up(high, k)),
    )


def _interval(
    squares: _Squares, one: float, level: float
) -> tuple[float, float] | tuple[None, None]:
    """Interval of form A,1, with Satterthwaite's degrees of freedom for the error."""
    from scipy.special import fdtri

    b, j, e = squares.between, squares.raters, squares.error
    n, k = squares.n, squares.k
    a = k * one / (n * (1 - one))  # with an error, form A,1 is below 1
    c = 1 + (n - 1) * a
    mixed, rest = a * j + c * e, k * j + (k * n - k - n) * e
    if mixed <= squares.dust or rest + b <= squares.dust:
        return None, None  # the mix of errors leaves no degrees of freedom to judge by
    free = mixed**2 / ((a * j) ** 2 / (k - 1) + (c * e) ** 2 / ((n - 1) * (k - 1)))
    tail = (1 + level) / 2
    above, below = float(fdtri(n - 1, free, tail)), float(fdtri(free, n - 1, tail))
    if not math.isfinite(above) or not math.isfinite(below):
        return None, None
    low = n * (b - above * e) / (above * rest + n * b)
    high = n * (below * b - e) / (rest + n * below * b)
    # An approximation: of few subjects that hardly differ it can miss the coefficient itself.
    return (low, high) if low <= one <= high else (None, None)


def _stepped_up(one: float | None, k: int) -> float | None:
    """The coefficient of the mean of k raters, from that of one (Spearman-Brown)."""
    if one is None or 1 + (k - 1) * one <= 0:
        return None
    return k * one / (1 + (k - 1) * one)
