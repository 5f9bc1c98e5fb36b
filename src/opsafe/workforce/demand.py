"""Demand: members who would seek treatment, those on it, and the gap; one stream at a time."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import model_validator

from opsafe.provenance import Document, Words
from opsafe.quantity import Share
from opsafe.survival import Retention
from opsafe.uncertainty import Distribution
from opsafe.workforce.starts import Path

__all__ = ["Demand", "OudBase", "mean_of"]

OudBase: TypeAlias = Literal["survey", "claims", "capture_recapture"]
"""Where a prevalence is from: a household survey, claims with a code, or linked records."""

Members = Annotated[int, Ge(0), Le(10**9)]
Patients = Annotated[float, Ge(0), Le(1e9)]
Tenure = Annotated[float, Ge(0), Le(1200)]
Multiplier = Annotated[float, Gt(0), Le(100)]
UncertainShare: TypeAlias = Share | Distribution
UncertainMultiplier: TypeAlias = Multiplier | Distribution


class Demand(Document):
    """One stream of demand: members of an area and a line of business, for one medication.

    Parameters
    ----------
    members : int
        Members of the ages that the prevalence is about.
    ages : str
        Those ages, such as ``"12+"`` or ``"18+"``.
    oud_base : {"survey", "claims", "capture_recapture"}
        Where the prevalence is from.
    prevalence : float, Distribution or str, optional
        Share of the members with opioid use disorder, 0 to 1; or the id of an edition of it.
    identified_members : int, optional
        Instead of a prevalence: members whom claims identify.
    undercount : float, Distribution or str
        What the base is multiplied by for those it does not see; 1 for none.
    seeking : float, Distribution or str
        Share of those with the disorder who would take treatment if it were there, 0 to 1.
    medication_share : float, Distribution, optional
        Share of the seekers that this medication is for.
    on_treatment : float, optional
        Members on the medication now.
    tenure_months : tuple of (float, float), optional
        How long they have been on it: months, and the share of them; shares sum to 1. Without it
        they are taken to have started evenly for long.
    waiting : float, optional
        Members who have asked and wait now.
    retention : str or Retention, optional
        The id of an edition, or a curve of your own with its gap rule.
    starts : Path, optional
        Members who ask to start, by month; without it as many as hold all seekers on treatment.
    returns_after_months, returning_share : float, optional
        A second stream: the share of those who stop who ask again, and after how long on average.
        Only where ``starts`` counts first starts of a life; claims episodes hold returns already.
    reneging_per_month : float, optional
        Share of those waiting who give up within a month.
    area, line_of_business, medication : str, optional
        What the stream is of.

    Raises
    ------
    DocumentError
        If a number is out of range, or base and prevalence do not go together.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> demand = wf.Demand(
    ...     members=250_000,
    ...     ages="12+",
    ...     oud_base="survey",
    ...     prevalence=0.012,
    ...     undercount=1.0,
    ...     seeking=0.4,
    ...     on_treatment=900,
    ... )
    >>> demand.medication
    'buprenorphine'
    """

    members: Members
    ages: Words
    oud_base: OudBase
    prevalence: UncertainShare | Words | None = None
    identified_members: Members | None = None
    undercount: UncertainMultiplier | Words
    seeking: UncertainShare | Words
    medication_share: UncertainShare = 1.0
    on_treatment: Patients = 0.0
    tenure_months: Annotated[tuple[tuple[Tenure, Share], ...], MinLen(1)] | None = None
    waiting: Patients = 0.0
    retention: Words | Retention | None = None
    starts: Path | None = None
    returning_share: Share = 0.0
    returns_after_months: Annotated[float, Ge(1), Le(120)] = 6.0
    reneging_per_month: Share = 0.0
    area: Words = "all"
    line_of_business: Words = "all"
    medication: Words = "buprenorphine"

    @model_validator(mode="after")
    def _tenure_is_of_all(self) -> Self:
        if self.tenure_months is not None:
            total = sum(share for _, share in self.tenure_months)
            if abs(total - 1) > 1e-9:
                raise ValueError(f"tenure_months: the shares sum to {total:.10g}, not to 1")
        return self

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if (self.prevalence is None) == (self.identified_members is None):
            raise ValueError("prevalence: give it, or identified_members, and not both")
        if self.identified_members is not None:
            if self.oud_base != "claims":
                raise ValueError('oud_base: identified_members are of base "claims"')
            if self.identified_members > self.members:
                raise ValueError("identified_members: are more than members")
        for name, high in (
            ("prevalence", 1),
            ("seeking", 1),
            ("medication_share", 1),
            ("undercount", 100),
        ):
            _check_support(name, getattr(self, name), high)
        return self

    @property
    def key(self) -> tuple[str, str, str]:
        """Area, line of business and medication."""
        return self.area, self.line_of_business, self.medication


def _check_support(name: str, value: object, high: float) -> None:
    """Refuse a distribution that could leave the range of its input."""
    support = getattr(value, "support", None)
    if support is not None and not 0 <= support[0] <= support[1] <= high:
        raise ValueError(f"{name}: the distribution reaches outside 0 to {high}")


def mean_of(value: float | Distribution) -> float:
    """The number itself, or the mean of its distribution."""
    return float(value) if isinstance(value, float | int) else value.mean
