"""How long a first visit takes with a number of prescribers, and who gives up before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

from opsafe._arguments import read_number
from opsafe.errors import ArgumentTypeError
from opsafe.workforce._erlang import Queue, queue
from opsafe.workforce.editions import resolve
from opsafe.workforce.wait_standard import (
    CONVERSION,
    OwnWaitStandard,
    WaitStandard,
    business_days,
)

__all__ = ["Clinic", "Waiting", "read_prescribers", "read_standard", "waiting"]

_CLINICAL: Final = (
    "A standard of ten business days is an administrative limit and no clinical target for opioid"
    " use disorder: read the same-day and 72-hour shares beside it."
)
_HOURS_BESIDE: Final = 72
_rate: Final = partial(read_number, advice="Check its unit: per business day")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The wait for a first visit in the long run, in business days.

    ``seen`` means seen by a prescriber: who leaves before that counts as not seen.
    """

    formula: Literal["erlang_c", "erlang_a"]
    """Erlang C where nobody leaves, Erlang A where some do."""
    is_unstable: bool
    """Whether requests are at or above capacity and nobody leaves, so that the wait has no end."""
    utilisation: float
    """Share of the first visits on offer that take place."""
    share_that_waits: float
    """Share of requests that find every prescriber busy."""
    mean_wait_business_days: float
    """Mean time until the visit, or until leaving; infinite where it is unstable."""
    share_leaving: float
    """Share of requests that end without a visit because the person left."""
    share_seen_within_standard: float
    """Share of all requests seen within the standard: what it is judged by."""
    share_offered_within_standard: float
    """Share of requests offered a visit within the standard, as a secret shopper finds it."""
    share_seen_same_day: float
    """Share of all requests seen by the end of the business day on which they came."""
    share_seen_within_72_hours: float
    """Share of all requests seen within 72 hours of the clock, which are 15/7 business days."""
    meets_standard: bool | None
    """None where the standard names no share."""
    standard: WaitStandard | OwnWaitStandard = field(repr=False)
    standard_business_days: float
    notes: tuple[str, ...] = field(default=(CONVERSION, _CLINICAL), repr=False)
    """The planning value behind the conversion of days, and what the standard does not say."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Requests and visits that have been checked; only the prescribers are open."""

    requests: float
    visits: float
    reneging: float
    standard: WaitStandard | OwnWaitStandard

    @classmethod
    def read(cls, requests: object, visits: object, reneging: object, standard: object) -> Clinic:
        """Check the arguments that :func:`waiting` and :func:`staff_for` share."""
        return cls(
            _rate(requests, "first_visits_requested_per_business_day", 1e-6, 1e5, or_zero=True),
            _rate(visits, "first_visits_per_prescriber_per_business_day", 0.01, 1e4),
            _rate(reneging, "reneging_per_business_day", 1e-9, 1e4, or_zero=True),
            read_standard(standard),
        )

    def queue(self, prescribers: float) -> Queue:
        """Solve it for a number of prescribers."""
        return queue(self.requests, self.visits, prescribers, self.reneging)

    @property
    def limit_business_days(self) -> float:
        """The standard in business days."""
        return business_days(self.standard.number, self.standard.unit)

    def waiting(self, prescribers: float) -> Waiting:
        """Tell it for a number of prescribers."""
        solved, limit = self.queue(prescribers), self.limit_business_days
        within, share = solved.seen(limit), self.standard.share
        return Waiting(
            formula="erlang_a" if self.reneging else "erlang_c",
            is_unstable=solved.unstable,
            utilisation=solved.utilisation,
            share_that_waits=solved.waits,
            mean_wait_business_days=solved.mean_wait,
            share_leaving=solved.leaves,
            share_seen_within_standard=within,
            share_offered_within_standard=solved.offered(limit),
            share_seen_same_day=solved.seen_same_day(),
            share_seen_within_72_hours=solved.seen(business_days(_HOURS_BESIDE, "hours")),
            meets_standard=None if share is None else within >= float(share),
            standard=self.standard,
            standard_business_days=limit,
        )


def waiting(
    *,
    first_visits_requested_per_business_day: float,
    prescribers: float,
    first_visits_per_prescriber_per_business_day: float,
    reneging_per_business_day: float = 0.0,
    standard: str | WaitStandard | OwnWaitStandard,
) -> Waiting:
    """Tell how long a first visit takes with a number of prescribers.

    Parameters
    ----------
    first_visits_requested_per_business_day : float
        Requests for a first visit, per business day; 0, or 1e-6 to 100,000.
    prescribers : float
        Prescribers who accept new patients, full-time, whole or not; 0, or 1e-6 to 1e9.
    first_visits_per_prescriber_per_business_day : float
        First visits that one prescriber can give, per business day; 0.01 to 10,000.
    reneging_per_business_day : float, optional
        Rate at which a person who waits gives up, per business day: 1 / mean patience. 0 if
        nobody does, else 1e-9 to 10,000.
    standard : str, WaitStandard or OwnWaitStandard
        The standard to compare with: the id of an edition (``"wait-medicaid-2024"``), an edition,
        or your own.

    Returns
    -------
    Waiting
        Waits in business days and shares of all requests, from 0 to 1. Where requests are at or
        above capacity and nobody leaves, the mean wait is infinite and no one is within any limit.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range or no number, or the standard is of another type.
    EditionNotFoundError
        If no edition has this id.

    Notes
    -----
    Requests come at random with rate lambda, c prescribers each give mu first visits a day, of
    lengths that vary exponentially [1]_. With load a = lambda / mu and Erlang B in the form for
    fractional staff [2]_, B = a^c e^(-a) / Gamma(c + 1, a):

    Erlang C: P(W > 0) = C = B / (1 - (a / c) (1 - B)), P(W > t) = C e^(-(c mu - lambda) t),
    E[W] = C / (c mu - lambda).

    Erlang A [3]_, with reneging theta: x = c mu / theta, y = lambda / theta,
    A = x e^y y^(-x) gamma(x, y), P(W > 0) = A B / (1 + (A - 1) B). The wait V that is offered to
    a request has, above 0, a density in proportion to f(v) = e^(y (1 - e^(-theta v)) - c mu v).
    Offered within t: P(V <= t). Seen within t: 1 - P(W > 0) + P(W > 0) int_0^t f(v) e^(-theta v) dv
    / int_0^inf f(v) dv. E[W] is the mean of the shorter of V and the person's patience:
    P(leave) / theta.

    The standard is judged by the share seen, not by the share offered: else those who gave up,
    and so shortened the queue, would count in its favour. Without reneging both are the same.

    Time is counted in business days of work: nothing happens between them. Seven calendar days are
    five business days, which is our planning value. A request comes at any moment of its day, so
    a wait of w < 1 days ends on the same day with probability 1 - w.

    References
    ----------
    .. [1] A model of waiting for drug treatment, with equations. BMC Med Res Methodol 2010;10:60.
       https://bmcmedresmethodol.biomedcentral.com/articles/10.1186/1471-2288-10-60
    .. [2] A request of users for fractional staff.
       https://github.com/rodrigo-arenas/pyworkforce/issues/41
    .. [3] Knessl C, van Leeuwaarden JSH. Transient analysis of the Erlang A model. Math Meth Oper
       Res 2015;82:143-173. https://doi.org/10.1007/s00186-015-0498-9

    Examples
    --------
    The example of a queueing library, with a minute in place of a day
    (https://github.com/CiwPython/Ciw): its mean wait is 4.4444.

    >>> from opsafe.workforce.waiting import waiting
    >>> found = waiting(
    ...     first_visits_requested_per_business_day=0.2,
    ...     prescribers=3,
    ...     first_visits_per_prescriber_per_business_day=0.1,
    ...     standard="wait-medicaid-2024",
    ... )
    >>> round(found.mean_wait_business_days, 4), found.meets_standard
    (4.4444, False)
    """
    clinic = Clinic.read(
        first_visits_requested_per_business_day,
        first_visits_per_prescriber_per_business_day,
        reneging_per_business_day,
        standard,
    )
    return clinic.waiting(read_prescribers(prescribers))


def read_standard(argument: object) -> WaitStandard | OwnWaitStandard:
    """Turn the argument ``standard=`` into a standard."""
    if isinstance(argument, WaitStandard | OwnWaitStandard):
        return argument
    if not isinstance(argument, str):
        raise ArgumentTypeError(
            "is no standard of waiting",
            where="standard",
            value=type(argument).__name__,
            allowed=("the id of an edition", "WaitStandard", "OwnWaitStandard"),
            advice='Your own is OwnWaitStandard(number=10, unit="business_days", share=0.9)',
        )
    return resolve(argument, WaitStandard, "standard")


def read_prescribers(prescribers: object) -> float:
    """Read a number of prescribers, whole or not."""
    return read_number(prescribers, "prescribers", 1e-6, 1e9, or_zero=True)
