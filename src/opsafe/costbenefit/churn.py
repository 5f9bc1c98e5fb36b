"""Churn: who is still a member in each month, with the December peak and with those who return.

Enrolment is a layer of its own, independent of health: nobody published churn by opioid use
disorder. Members who leave at the end of a month are away from the next month on, so leaving acts
from the second month.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Self, TypeAlias

import numpy as np
from annotated_types import Ge, Le
from pydantic import StringConstraints, model_validator

from opsafe._arguments import read_whole
from opsafe.costbenefit import figures
from opsafe.costbenefit.editions import resolve
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Document
from opsafe.quantity import FloatArray, Share
from opsafe.uncertainty import Distribution

__all__ = ["MonthText", "OwnChurn", "enrolled_share", "leaving_by_calendar_month"]

MonthText: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")
]
"""A month as ``"2026-01"``."""

DECEMBER: Final = 12
_OTHERS: Final = 11
_RETURN_MONTHS: Final = (12, 60, 120)
MOST_MONTHS: Final = 120

MonthlyShare = Annotated[float, Ge(0), Le(1)]


class OwnChurn(Document):
    """Churn of your own members.

    Parameters
    ----------
    monthly_mean : float or Distribution
        Mean share of members who leave in a month, December included, 0 to 1.
    december : float, optional
        Share who leave in December; without it all months are alike.
    returned_within_1_year, returned_within_5_years, returned_within_10_years : float, optional
        Share of those who left who are back; without any nobody returns.

    Raises
    ------
    DocumentError
        If December alone would be more than twelve mean months, or returns fall.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> churn = cb.OwnChurn(monthly_mean=0.021)
    >>> share = cb.enrolled_share(churn, start="2026-01", months=60)
    >>> round(float(share.sum()), 1)
    34.3
    """

    monthly_mean: Share | Distribution
    december: MonthlyShare | None = None
    returned_within_1_year: Share | None = None
    returned_within_5_years: Share | None = None
    returned_within_10_years: Share | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        mean = self.monthly_mean
        low, high = (mean, mean) if isinstance(mean, int | float) else mean.support
        if not 0 <= low <= high <= 1:
            raise ValueError("monthly_mean: the distribution reaches outside 0 to 1")
        if self.december is not None:
            _check_december(low, self.december)
            _check_december(high, self.december)
        shares = [share for _, share in _returned(self)]
        if shares != sorted(shares):
            raise ValueError("returned_within_5_years: the share who are back cannot fall")
        return self


@dataclass(frozen=True, slots=True)
class Leaving:
    """Churn in numbers: shares who leave by calendar month, and who are back by months away."""

    monthly_mean: float | Distribution
    december: float | None
    returned: tuple[tuple[int, float], ...] = ()
    """Months since leaving, and the share who are back by then."""

    def by_month(self, mean: FloatArray) -> FloatArray:
        """Share who leave at the end of each calendar month, by month and draw."""
        if self.december is None:
            return np.broadcast_to(mean, (DECEMBER, *mean.shape))
        other = (DECEMBER * mean - self.december) / _OTHERS
        leaving = np.broadcast_to(other, (DECEMBER, *mean.shape)).copy()
        leaving[-1] = self.december
        return leaving

    def back_in(self, months: int) -> FloatArray:
        """Share of leavers who are back after so many months away, and not before."""
        known = ((0, 0.0), *self.returned)
        edges = np.arange(months + 1.0)
        return np.diff(np.interp(edges, [at for at, _ in known], [share for _, share in known]))


def leaving_of(churn: object, where: str = "churn") -> Leaving:
    """Read churn: an edition's, the caller's own, or none."""
    if isinstance(churn, OwnChurn):
        return Leaving(churn.monthly_mean, churn.december, _returned(churn))
    if isinstance(churn, int | float) and not isinstance(churn, bool):
        if churn != 0:
            raise ArgumentError(
                "is a bare number: per month or per year?",
                where=where,
                value=churn,
                advice="Give OwnChurn(monthly_mean=...), the id of an edition, or 0 for none",
            )
        return Leaving(0.0, None)
    if not isinstance(churn, str | figures.Churn):
        raise ArgumentTypeError(
            "is neither an edition, nor an OwnChurn, nor 0", where=where, value=type(churn).__name__
        )
    found = resolve(churn, figures.Churn, where)
    december = None if found.december is None else float(found.december)
    return Leaving(float(found.monthly_mean), december, _returned(found))


def leaving_by_calendar_month(churn: str | OwnChurn | figures.Churn | int) -> FloatArray:
    """Return the share of members who leave at the end of each calendar month.

    Parameters
    ----------
    churn : str, OwnChurn, figures.Churn or 0
        The id of an edition, or churn of your own; a distribution stands at its mean.

    Returns
    -------
    array of float, shape (12,)
        Shares from 0 to 1, January first.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is another number than 0, or nothing of these.
    EditionNotFoundError
        If no edition of churn has this id.

    Notes
    -----
    A published monthly mean includes December, so another month has (12 mean - December) / 11.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> group = cb.OwnChurn(monthly_mean=0.021, december=0.069)
    >>> [round(float(share), 5) for share in cb.leaving_by_calendar_month(group)[[0, 11]]]
    [0.01664, 0.069]
    """
    found = leaving_of(churn)
    return found.by_month(np.array([_mean(found)]))[:, 0]


def enrolled_share(
    churn: str | OwnChurn | figures.Churn | int, *, start: str, months: int
) -> FloatArray:
    """Return the share of today's members who are enrolled in each month.

    Parameters
    ----------
    churn : str, OwnChurn, figures.Churn or 0
        The id of an edition, or churn of your own; a distribution stands at its mean.
    start : str
        First month, as ``"2026-01"``; it places December.
    months : int
        How many, 1 to 120.

    Returns
    -------
    array of float, shape (months,)
        Shares from 0 to 1; the first is 1. Their sum is the mean of months enrolled.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is out of range, or no month.
    EditionNotFoundError
        If no edition of churn has this id.

    Notes
    -----
    E(1) = 1 and E(k + 1) = E(k) (1 - h(k)) + those back, where h(k) is the share who leave at the
    end of month k. Of the leavers of a month the shares that are known are back within 1, 5 and 10
    years, evenly between; who is back can leave again.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> share = cb.enrolled_share(cb.OwnChurn(monthly_mean=0.034), start="2026-01", months=36)
    >>> round(300 * float(share.sum()) - 3185)
    3099
    """
    span = read_whole(months, "months", 1, MOST_MONTHS)
    found = leaving_of(churn)
    leaving = found.by_month(np.array([_mean(found)]))
    return enrolled(leaving, found.back_in(span), read_month(start)[1], span)[:, 0]


def enrolled(leaving: FloatArray, back: FloatArray, first: int, months: int) -> FloatArray:
    """Share enrolled by month and draw, from shares who leave by calendar month and draw."""
    share = np.ones((months, leaving.shape[1]))
    left = np.zeros_like(share)
    returns = bool(back.any())
    for month in range(1, months):
        left[month] = share[month - 1] * leaving[(first - 1 + month - 1) % DECEMBER]
        share[month] = share[month - 1] - left[month]
        if returns:
            share[month] += back[month - 1 :: -1] @ left[:month] if month > 1 else 0.0
    return share


def read_month(start: object, where: str = "start") -> tuple[int, int]:
    """Read a month such as 2026-01 as year and month."""
    if isinstance(start, str) and len(start) == 7 and start[4] == "-":
        year, month = start[:4], start[5:]
        if (year + month).isascii() and (year + month).isdigit() and 1 <= int(month) <= DECEMBER:
            return int(year), int(month)
    kind = ArgumentError if isinstance(start, str) else ArgumentTypeError
    raise kind("is not a month", where=where, value=start, allowed=("YYYY-MM",))


def _mean(found: Leaving) -> float:
    mean = found.monthly_mean
    return float(mean) if isinstance(mean, int | float) else float(mean.mean)


def _check_december(mean: float, december: float) -> None:
    other = (DECEMBER * mean - december) / _OTHERS
    if not 0 <= other <= 1:
        raise ValueError(
            f"december: {december:g} with a monthly mean of {mean:g} leaves {other:.4f} for the"
            " other months, and that is no share"
        )


def _returned(churn: OwnChurn | figures.Churn) -> tuple[tuple[int, float], ...]:
    back = (
        churn.returned_within_1_year,
        churn.returned_within_5_years,
        churn.returned_within_10_years,
    )
    return tuple(
        (at, float(share)) for at, share in zip(_RETURN_MONTHS, back, strict=True)
        if share is not None
    )  # fmt: skip
