"""Editions of published figures: panels, conversions, retention, demand, care models, the pool.

Every figure is exact, says of whom it holds, and is read with the kind of figure it is. The
planning values that nobody publishes stand in :class:`Defaults`, each with its reason.
"""

# More than 300 lines: one kind of figure after the other, each a list of documented fields.

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from opsafe._fields import (
    Count,
    CountFromZero,
    Hours,
    Inside,
    Part,
    Positive,
    partner,
)
from opsafe.provenance import Document, Edition, EditionId, Words

__all__ = [
    "STAGES",
    "CareModel",
    "Conversion",
    "Defaults",
    "DemandFigure",
    "Panel",
    "PanelBand",
    "PanelBands",
    "PanelMinimum",
    "PlanningValue",
    "PoolCurve",
    "Stage",
]


Stage: TypeAlias = Literal[
    "recruited",
    "trained",
    "registered",
    "ever_prescribed",
    "prescribing",
    "open",
    "open_to_plan",
]
"""How far a recruit has come: ``open`` accepts new patients, ``open_to_plan`` this plan's."""
STAGES: tuple[Stage, ...] = get_args(Stage)
"""The stages in order."""


def _is_rounded(printed: Decimal, exact: Fraction) -> bool:
    """Whether a printed number is the exact one, rounded to as many places as it has."""
    step = Fraction(10) ** int(printed.as_tuple().exponent)
    return abs(Fraction(printed) - exact) <= step / 2


class Panel(Edition):
    """Patients that one prescriber treats in a month, of all payers.

    Parameters
    ----------
    holds : {"panel"}, optional
        What the file holds.
    population : str
        Whose panels, where and when.
    per : str, optional
        What the mean is over.
    mean_patients : decimal.Decimal
        Mean number of patients of a prescriber.
    sd_patients : decimal.Decimal, optional
        Standard deviation between prescribers; it is not the uncertainty of the mean.
    respondents : int, optional
        Prescribers behind the mean.
    share_of_episodes : decimal.Decimal, optional
        Share of all episodes of treatment that these prescribers wrote.
    patient_limit, share_of_limit : optional
        The legal limit and the share of it in use, where the mean is their product.
    patients, prescribers : int, optional
        Counts, where the mean is their ratio.
    """

    holds: Literal["panel"] = "panel"
    population: Words
    per: Words = "prescriber and month"
    mean_patients: Positive
    sd_patients: Positive | None = None
    respondents: Count | None = None
    share_of_episodes: Part | None = None
    patient_limit: Count | None = None
    share_of_limit: Part | None = None
    patients: Count | None = None
    prescribers: Count | None = None

    @field_validator("share_of_limit")
    @classmethod
    def _mean_is_share_of_limit(cls, share: Decimal | None, info: ValidationInfo) -> Decimal | None:
        limit, mean = partner(info, "patient_limit", share), info.data.get("mean_patients")
        if share is not None and limit and mean and limit * share != mean:
            raise ValueError(f"times patient_limit is {limit * share}, not the mean, {mean}")
        return share

    @field_validator("prescribers")
    @classmethod
    def _mean_is_ratio(cls, heads: int | None, info: ValidationInfo) -> int | None:
        patients, mean = partner(info, "patients", heads), info.data.get("mean_patients")
        if heads and patients and mean and not _is_rounded(mean, Fraction(patients, heads)):
            raise ValueError(f"do not have {mean} of {patients} patients each")
        return heads


class PanelBand(Document):
    """The share of prescribers whose panel lies between two numbers of patients."""

    at_least_patients: CountFromZero
    up_to_patients: Count | None = None
    share: Part


class PanelBands(Edition):
    """How panels are spread over prescribers.

    Parameters
    ----------
    holds : {"panel_bands"}, optional
        What the file holds.
    population : str
        Whose panels, where and when.
    respondents : int
        Prescribers behind the shares.
    bands : tuple of PanelBand
        From the smallest panels; they follow on each other, and the last has no end.
    median_episode_days : decimal.Decimal, optional
        Median days of an episode of treatment.
    """

    holds: Literal["panel_bands"] = "panel_bands"
    population: Words
    respondents: Count
    bands: tuple[PanelBand, ...]
    median_episode_days: Positive | None = None

    @field_validator("bands")
    @classmethod
    def _follow_on_each_other(cls, bands: tuple[PanelBand, ...]) -> tuple[PanelBand, ...]:
        ends = [band.up_to_patients for band in bands]
        starts = [None if end is None else end + 1 for end in ends[:-1]]
        rising = [band.at_least_patients for band in bands]
        if not bands or ends[-1] is not None or rising[1:] != starts or rising != sorted(rising):
            raise ValueError("must follow on each other, and only the last has no end")
        if sum(band.share for band in bands) != 1:
            raise ValueError("must have shares that add up to 1")
        return bands


class PanelMinimum(Edition):
    """The least panel that a contract asks of each prescriber: a duty, not a limit.

    Parameters
    ----------
    holds : {"panel_minimum"}, optional
        What the file holds.
    scope : str
        Whose contract, and with whom.
    at_least_patients : int
        Patients that each prescriber must treat.
    earlier_at_least_patients : int, optional
        What the contract asked for before.
    """

    holds: Literal["panel_minimum"] = "panel_minimum"
    scope: Words
    at_least_patients: Count
    earlier_at_least_patients: Count | None = None


class Conversion(Edition):
    """The share of those at one stage who reach a later one.

    Parameters
    ----------
    holds : {"conversion"}, optional
        What the file holds.
    population : str
        Of whom, where and when.
    from_stage, to_stage : str
        Two of :data:`STAGES`, the later one last. Conversions chain where the stage that one
        ends at is the stage that the next begins at.
    within_months : int, optional
        Months in which they had to reach it.
    converted, of : int, optional
        Who reached it, and of how many: the uncertainty follows from these counts.
    share : decimal.Decimal, optional
        The share, where no counts are published.
    respondents : int, optional
        How many the share is of, where that is known.
    """

    holds: Literal["conversion"] = "conversion"
    population: Words
    from_stage: Stage
    to_stage: Stage
    within_months: Count | None = None
    converted: CountFromZero | None = None
    of: Count | None = None
    share: Part | None = None
    respondents: Count | None = None

    @field_validator("to_stage")
    @classmethod
    def _is_later(cls, to_stage: Stage, info: ValidationInfo) -> Stage:
        from_stage = info.data.get("from_stage")
        if from_stage is not None and STAGES.index(to_stage) <= STAGES.index(from_stage):
            raise ValueError(f"must be a later stage than {from_stage}")
        return to_stage

    @field_validator("of")
    @classmethod
    def _of_whom(cls, of: int | None, info: ValidationInfo) -> int | None:
        converted = partner(info, "converted", of)
        if of is not None and converted is not None and of < converted:
            raise ValueError(f"is less than converted, {converted}")
        return of

    @field_validator("share")
    @classmethod
    def _counts_or_a_share(cls, share: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if "converted" in info.data and (share is None) == (info.data["converted"] is None):
            raise ValueError("needs counts (converted, of) or a share, and not both")
        return share

    @property
    def converted_share(self) -> Fraction:
        """The share that reaches the later stage, exactly."""
        if self.converted is not None and self.of is not None:
            return Fraction(self.converted, self.of)
        return Fraction(self.share or 0)


class DemandFigure(Edition):
    """One published figure on how many need, seek or get treatment.

    Parameters
    ----------
    holds : {"demand_figure"}, optional
        What the file holds.
    quantity : {"prevalence", "undercount", "seeking", "treated"}
        Share of people with the disorder; multiplier on a survey's share; share of them who seek
        treatment; share of them who get medication.
    value : decimal.Decimal
        From 0 to 1; of an undercount 1 or more.
    low, high : decimal.Decimal, optional
        The range that the source gives.
    part, whole : int, optional
        The counts behind the value, which is then their ratio, rounded.
    ages : str
        Such as ``"12+"`` or ``"12-64"``.
    base : {"survey", "claims", "capture_recapture"}
        How people with the disorder were counted.
    line_of_business : str, optional
        Whose members; "all" is the whole population.
    population, years : str
        Of whom and where, and in which years.
    """

    holds: Literal["demand_figure"] = "demand_figure"
    quantity: Literal["prevalence", "undercount", "seeking", "treated"]
    value: Positive
    low: Positive | None = None
    high: Positive | None = None
    part: Count | None = None
    whole: Count | None = None
    ages: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(\+|-\d{1,2})$")]
    base: Literal["survey", "claims", "capture_recapture"]
    line_of_business: Words = "all"
    population: Words
    years: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{4})?$")]

    @field_validator("value")
    @classmethod
    def _in_its_range(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        quantity = info.data.get("quantity")
        if quantity == "undercount" and value < 1:
            raise ValueError(f"of an undercount is 1 or more, not {value}")
        if quantity not in (None, "undercount") and value > 1:
            raise ValueError(f"of {quantity} is a share from 0 to 1, not {value}")
        return value

    @field_validator("low", "high")
    @classmethod
    def _around_the_value(cls, bound: Decimal | None, info: ValidationInfo) -> Decimal | None:
        value = info.data.get("value")
        if bound is None or value is None:
            return bound
        if bound > value if info.field_name == "low" else bound < value:
            raise ValueError(f"{bound} lies on the wrong side of the value, {value}")
        return bound

    @field_validator("whole")
    @classmethod
    def _value_is_ratio(cls, whole: int | None, info: ValidationInfo) -> int | None:
        part, value = partner(info, "part", whole), info.data.get("value")
        if whole and part and value and not _is_rounded(value, Fraction(part, whole)):
            raise ValueError(f"does not give {value} with a part of {part}")
        return whole


class CareModel(Edition):
    """Hours of staff that one patient takes in a year under one way of giving care.

    Parameters
    ----------
    holds : {"care_model"}, optional
        What the file holds.
    basis : {"model_input", "measured"}
        Whether the hours were put into a model, or measured.
    physician_hours, nurse_hours, behaviorist_hours : decimal.Decimal
        Mean hours per patient and year of each role.
    spread_share : decimal.Decimal
        Standard deviation of a normal distribution, as a share of the mean.
    """

    holds: Literal["care_model"] = "care_model"
    basis: Literal["model_input", "measured"]
    physician_hours: Hours
    nurse_hours: Hours
    behaviorist_hours: Hours
    spread_share: Part


class PoolCurve(Edition):
    """Capacity of all eligible prescribers together, with diminishing returns.

    Parameters
    ----------
    holds : {"pool_curve"}, optional
        What the file holds.
    base_patients : decimal.Decimal
        Patients that the first prescriber can treat.
    decay_per_provider : decimal.Decimal
        The share by which each further one adds less.
    last_day : datetime.date
        The last day it may be used for as it stands; later a plan fits its own.
    ramp_first_year, ramp_order, ramp_mean_years : int, int and decimal.Decimal
        The delay with which legal limits were lifted: to reproduce the source, never a recruit's.
    intake_delay_years : decimal.Decimal
        Years in which free capacity is filled.
    otp_utilisation, naltrexone_utilisation : decimal.Decimal
        Share of the capacity in use.
    buprenorphine_years, methadone_years, naltrexone_years : decimal.Decimal
        Mean length of an episode of treatment, years.
    seekers_lost_share : decimal.Decimal
        Share of seekers lost to cost and other barriers before capacity is applied.

    Notes
    -----
    capacity(N) = base (1 - exp(-decay N)) / decay, below :attr:`ceiling_patients`.
    """

    holds: Literal["pool_curve"] = "pool_curve"
    base_patients: Positive
    decay_per_provider: Positive
    last_day: date
    ramp_first_year: Annotated[int, Field(ge=1900, le=2100)]
    ramp_order: Annotated[int, Field(ge=1, le=20)]
    ramp_mean_years: Positive
    intake_delay_years: Positive
    otp_utilisation: Inside
    naltrexone_utilisation: Inside
    buprenorphine_years: Positive
    methadone_years: Positive
    naltrexone_years: Positive
    seekers_lost_share: Part

    @field_validator("last_day")
    @classmethod
    def _after_the_first(cls, last_day: date, info: ValidationInfo) -> date:
        first = info.data.get("effective_from")
        if first is not None and last_day < first:
            raise ValueError(f"is before the first day, {first}")
        return last_day

    @property
    def ceiling_patients(self) -> float:
        """Patients that no number of prescribers passes."""
        return float(self.base_patients / self.decay_per_provider)


class PlanningValue(Document):
    """A number that no source prints, and why we plan with it."""

    value: Positive
    reason: Words


class Defaults(Edition):
    """What is used where the caller says nothing: editions by id, and planning values.

    Parameters
    ----------
    holds : {"defaults"}, optional
        What the file holds.
    panel, retention, care_model, wait_standard, pool_curve : str
        Ids of editions.
    prevalence, undercount, seeking_low, seeking_high : str
        Ids of editions that the short form takes where no members at risk are given.
    conversions : tuple of str
        Ids of editions that chain, from recruited to open to the plan.
    ramp_up_order, ramp_up_mean_months : PlanningValue
        Erlang delay with which a recruit fills a panel.
    business_days_per_month, weeks_per_year : PlanningValue
        Between rates of different spans.
    """

    kind: Literal["planning", "local"]
    holds: Literal["defaults"] = "defaults"
    panel: EditionId
    conversions: tuple[EditionId, ...]
    retention: EditionId
    care_model: EditionId
    wait_standard: EditionId
    pool_curve: EditionId
    prevalence: EditionId
    undercount: EditionId
    seeking_low: EditionId
    seeking_high: EditionId
    ramp_up_order: PlanningValue
    ramp_up_mean_months: PlanningValue
    business_days_per_month: PlanningValue
    weeks_per_year: PlanningValue
