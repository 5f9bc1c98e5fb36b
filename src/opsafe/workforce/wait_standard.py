"""How long a first visit may take: the published standards, and one of your own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias

from annotated_types import Ge, Gt, Le, Lt

from opsafe.provenance import Document, Edition, Words

__all__ = ["CONVERSION", "OwnWaitStandard", "WaitStandard", "WaitUnit", "business_days"]

WaitUnit: TypeAlias = Literal["business_days", "calendar_days", "hours"]
"""What a standard counts: days of work, days of the calendar, or hours round the clock."""

_BUSINESS_DAYS: Final[dict[WaitUnit, float]] = {
    "business_days": 1.0,
    "calendar_days": 5 / 7,
    "hours": 5 / 7 / 24,
}
CONVERSION: Final = (
    "Planning value: 7 calendar days are 5 business days, whatever the day of the request and"
    " without holidays; so 72 hours are 15/7 business days."
)
"""How hours and calendar days become business days, as results say it."""


def business_days(number: float, unit: WaitUnit) -> float:
    """Turn a wait into business days (see :data:`CONVERSION`)."""
    return float(number) * _BUSINESS_DAYS[unit]


class WaitStandard(Edition):
    """A published limit of the wait for a first visit.

    Parameters
    ----------
    number : int
        The longest wait, in ``unit``.
    unit : {"business_days", "calendar_days", "hours"}
        What it counts.
    share : decimal.Decimal, optional
        Share of requests, or of enrollees, that must be within it; None where the source has none.
    service : str
        The service it is for.
    programme : str
        Whose standard it is.
    """

    number: Annotated[int, Ge(1), Le(10_000)]
    unit: WaitUnit
    share: Annotated[Decimal, Gt(0), Lt(1)] | None = None
    service: Words
    programme: Words


class OwnWaitStandard(Document):
    """A limit of the wait of your own: a contract's, a state's, a target.

    Parameters
    ----------
    number : float
        The longest wait, in ``unit``; above 0.
    unit : {"business_days", "calendar_days", "hours"}
        What it counts.
    share : float
        Share of requests that must be seen within it; above 0 and below 1.

    Raises
    ------
    DocumentError
        A field is missing, of another type or out of range.

    Examples
    --------
    >>> OwnWaitStandard(number=10, unit="business_days", share=0.9).share
    0.9
    """

    number: Annotated[float, Gt(0), Le(10_000)]
    unit: WaitUnit
    share: Annotated[float, Gt(0), Lt(1)]
