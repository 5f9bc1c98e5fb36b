"""What a plan puts into its business case: members, uptake, prices, events, churn, conventions."""

# More than 300 lines: one document after the other, each a list of documented fields.

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, Self, TypeAlias, get_args

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import BeforeValidator, model_validator

from opsafe.costbenefit.churn import MonthText, OwnChurn
from opsafe.costbenefit.discounting import Discounting
from opsafe.costbenefit.figures import Basis, Scope
from opsafe.costbenefit.money import amount, per_month, per_year
from opsafe.provenance import Document, Words
from opsafe.quantity import Share
from opsafe.survival import Retention
from opsafe.uncertainty import Distribution

__all__ = [
    "CATEGORIES",
    "EVENTS",
    "BaselineRate",
    "CareManagers",
    "Category",
    "Effect",
    "EventCosts",
    "LossRatioBase",
    "MedicationMix",
    "OutcomeEvent",
    "PlanInputs",
    "PlanPaid",
    "ProgrammeCosts",
    "TreatmentCosts",
]

OutcomeEvent: TypeAlias = Literal["death", "overdose", "ed_visit", "admission"]
"""What treatment can avert; overdoses include the fatal ones, deaths are of every cause."""
EVENTS: Final[tuple[OutcomeEvent, ...]] = get_args(OutcomeEvent)
Category: TypeAlias = Literal[
    "total_cost",
    "drug",
    "visits",
    "labs",
    "counselling",
    "other",
    "ed",
    "inpatient",
    "overdose",
    "starts",
    "programme_start",
    "programme_running",
    "care_managers",
    "risk_adjustment",
    "longer_survival",
]
"""A line of the plan's money."""
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
CLAIMS: Final[tuple[Category, ...]] = CATEGORIES[:8]
Medication: TypeAlias = Literal["buprenorphine", "methadone", "naltrexone"]
MEDICATIONS: Final[tuple[Medication, ...]] = get_args(Medication)
RatePer: TypeAlias = Literal[
    "1000 member-months", "1000 member-years", "100 member-years", "member-month", "member-year"
]

MOST_USD: Final = 1e9
_HOW_MANY: Final = {
    "1000 member-months": 1e3,
    "1000 member-years": 12e3,
    "100 member-years": 1.2e3,
    "member-month": 1.0,
    "member-year": 12.0,
}

Amount = Annotated[float, Ge(0), Le(MOST_USD)]
UncertainUsd: TypeAlias = Amount | Distribution
OnceUsd: TypeAlias = Annotated[UncertainUsd, BeforeValidator(amount)]
MonthlyUsd: TypeAlias = Annotated[UncertainUsd, BeforeValidator(per_month)]
YearlyUsd: TypeAlias = Annotated[UncertainUsd, BeforeValidator(per_year)]
UncertainShare: TypeAlias = Share | Distribution
Heads = Annotated[float, Ge(0), Le(1e9)]
Ratio = Annotated[float, Gt(0), Le(100)]


class MedicationMix(Document):
    """Shares of the treated members by medication; they sum to 1."""

    buprenorphine: Share = 0.0
    methadone: Share = 0.0
    naltrexone: Share = 0.0

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = self.buprenorphine + self.methadone + self.naltrexone
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of the mix sum to {total:.10g}, not to 1")
        return self

    def shares(self) -> dict[Medication, float]:
        """The medications that are taken, with their shares."""
        every = {name: float(getattr(self, name)) for name in MEDICATIONS}
        return {name: share for name, share in every.items() if share > 0}


class BaselineRate(Document):
    """How often something happens to the plan's own members with the disorder, untreated.

    Parameters
    ----------
    event : {"death", "overdose", "ed_visit", "admission"}
        What happens.
    events : float or Distribution
        How many, over the span of ``per``.
    per : str
        ``"1000 member-months"``, ``"1000 member-years"``, ``"100 member-years"``,
        ``"member-month"`` or ``"member-year"``; it has no default.
    """

    event: OutcomeEvent
    events: Annotated[float, Ge(0), Le(1e6)] | Distribution
    per: RatePer

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        check_ranges(self, (("events", 0, None),))
        return self

    @property
    def member_months(self) -> float:
        """Member-months that ``events`` are over."""
        return _HOW_MANY[self.per]


class Effect(Document):
    """What treatment does to an event, from your own data.

    Parameters
    ----------
    event : {"death", "overdose", "ed_visit", "admission"}
        What happens less, or more.
    ratio : float or Distribution
        Rate with treatment over the rate without, above 0.
    scope : {"while_on_treatment", "after_start"}
        Whether it holds while treatment lasts, or from the start on whoever stays.
    design : str
        How it was found, such as ``"cohort"`` or ``"trial"``.
    medication : str, optional
        The medication it is of; without it, of all in the mix.
    population : str, optional
        Of whom it is.
    """

    event: OutcomeEvent
    ratio: Ratio | Distribution
    scope: Scope
    design: Words
    medication: Medication | None = None
    population: str = ""

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        check_ranges(self, (("ratio", 0, None),))
        return self


class EventCosts(Document):
    """What one event costs, USD; an event that has no cost here is counted and not priced.

    Parameters
    ----------
    usd_per_ed_visit, usd_per_admission : float or Distribution, optional
        Cost of one visit to an emergency department, and of one admission.
    usd_per_overdose : float or Distribution, optional
        Cost of one overdose beyond the visits and admissions that are counted already.
    """

    usd_per_ed_visit: OnceUsd | None = None
    usd_per_admission: OnceUsd | None = None
    usd_per_overdose: OnceUsd | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        check_ranges(self, ((name, 0, None) for name in type(self).model_fields))
        return self


class TreatmentCosts(Document):
    """What treatment costs by category, USD per treated member-month.

    Parameters
    ----------
    medication : str, optional
        The medication it is of; without it, of all in the mix.
    drug, visits, labs, counselling, other : float or Distribution, optional
        Fields ``drug_usd_per_treated_member_month`` and so on; 0 unless given.
    """

    medication: Medication | None = None
    drug_usd_per_treated_member_month: MonthlyUsd = 0.0
    visits_usd_per_treated_member_month: MonthlyUsd = 0.0
    labs_usd_per_treated_member_month: MonthlyUsd = 0.0
    counselling_usd_per_treated_member_month: MonthlyUsd = 0.0
    other_usd_per_treated_member_month: MonthlyUsd = 0.0

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        names = (name for name in type(self).model_fields if name != "medication")
        check_ranges(self, ((name, 0, None) for name in names))
        return self


class ProgrammeCosts(Document):
    """What the programme itself takes, USD; none of it is in the claims.

    Parameters
    ----------
    start_up_usd : float or Distribution, optional
        Spent once, at the beginning.
    running_usd_per_month, running_usd_per_year : float or Distribution, optional
        Spent every month; one of the two at most.
    usd_per_start : float or Distribution, optional
        Spent once for each member who starts because of the programme.
    """

    start_up_usd: OnceUsd = 0.0
    running_usd_per_month: MonthlyUsd | None = None
    running_usd_per_year: YearlyUsd | None = None
    usd_per_start: OnceUsd = 0.0

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if self.running_usd_per_month is not None and self.running_usd_per_year is not None:
            raise ValueError("running_usd_per_year: give it, or running_usd_per_month, not both")
        check_ranges(self, ((name, 0, None) for name in type(self).model_fields))
        return self


class CareManagers(Document):
    """Staff that grows in whole heads with the patients of the programme.

    Parameters
    ----------
    patients_per_care_manager : float
        Patients beyond those treated now that one of them looks after.
    usd_per_care_manager_year : float or Distribution
        Cost of one, with all that goes with it.
    most_care_managers : int, optional
        No more can be had; patients beyond wait.
    """

    patients_per_care_manager: Annotated[float, Ge(0.1), Le(1e6)]
    usd_per_care_manager_year: YearlyUsd
    most_care_managers: Annotated[int, Ge(0), Le(10**6)] | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        check_ranges(self, (("usd_per_care_manager_year", 0, None),))
        return self


class PlanPaid(Document):
    """The share of a category that this plan pays; the rest is carved out to others.

    Parameters
    ----------
    category : str
        A category of claims, such as ``"drug"`` or ``"total_cost"``.
    share : float or Distribution
        What the plan pays of it, 0 to 1.
    medication : str, optional
        Of this medication alone, for a category of treatment.
    """

    category: Literal[
        "total_cost",
        "drug",
        "visits",
        "labs",
        "counselling",
        "other",
        "ed",
        "inpatient",
        "overdose",
    ]
    share: UncertainShare
    medication: Medication | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        check_ranges(self, (("share", 0, 1),))
        if self.medication is not None and self.category not in CATEGORIES[1:6]:
            raise ValueError(f"medication: {self.category} is not told by medication")
        return self


class LossRatioBase(Document):
    """What the medical loss ratio was without the programme, USD per year.

    Parameters
    ----------
    premium_usd_per_year, incurred_claims_usd_per_year : float
        Premium revenue and incurred claims.
    quality_usd_per_year, fraud_usd_per_year, taxes_and_fees_usd_per_year : float, optional
        Quality improvement and fraud prevention in the numerator; what the denominator is less.
    programme_is_quality : bool
        Whether what the programme takes counts as quality improvement; it has no default.
    """

    premium_usd_per_year: Annotated[float, Gt(0), Le(1e13)]
    incurred_claims_usd_per_year: Annotated[float, Ge(0), Le(1e13)]
    quality_usd_per_year: Annotated[float, Ge(0), Le(1e13)] = 0.0
    fraud_usd_per_year: Annotated[float, Ge(0), Le(1e13)] = 0.0
    taxes_and_fees_usd_per_year: Annotated[float, Ge(0), Le(1e13)] = 0.0
    programme_is_quality: bool

    @model_validator(mode="after")
    def _leaves_premium(self) -> Self:
        if self.taxes_and_fees_usd_per_year >= self.premium_usd_per_year:
            raise ValueError("taxes_and_fees_usd_per_year: leave nothing of the premium")
        return self


class PlanInputs(Document):
    """What :func:`business_case` works on. A number may be a distribution wherever it says so.

    Parameters
    ----------
    start : str
        First month, as ``"2026-01"``; it places December and the fiscal years.
    members : int
        Members of the plan.
    prevalence : float or Distribution, optional
        Share of them with opioid use disorder, 0 to 1; or ``members_with_oud``.
    members_with_oud : float or Distribution, optional
        Members with the disorder, counted.
    undercount : float or Distribution, optional
        What a prevalence is multiplied by for those it does not see.
    treated_share_now : float or Distribution
        Share of members with the disorder on medication now, 0 to 1; it stays so without the
        programme.
    treated_share_target : float or Distribution, optional
        Share on medication at the end of the ramp, at least that of now.
    starts_share_per_year : float or Distribution, optional
        Instead: members who start because of the programme within a year, as a share of all with
        the disorder. They stay as ``retention`` says.
    treated_by_month : tuple of float, optional
        Instead: members on medication at the end of each month, those of now included, such as
        ``treated_by_month`` of a workforce projection.
    ramp_months : int, optional
        Months in which uptake grows evenly; required with a target and with starts, 0 for at once.
    medication_mix : MedicationMix, optional
        Shares of the medications.
    retention : str or Retention, optional
        The id of an edition, or a curve with its gap rule; required with starts. With a target
        it says how many must start again to hold the target.
    savings : {"total_cost", "events"}
        From two all-in totals, or from events averted and what treatment costs.
    basis : {"charge", "allowed", "paid"}
        What all money of the claims is; it is never mixed.
    total_cost_treated_usd_per_member_month, total_cost_untreated_usd_per_member_month : optional
        float or Distribution; all-in totals of a treated and of an untreated member-month.
    event_costs : EventCosts, optional
        What an event costs.
    treatment_costs : tuple of TreatmentCosts, optional
        One for all, or one for each medication of the mix.
    baseline : tuple of BaselineRate, optional
        How often events happen to untreated members of this plan.
    evidence : tuple of (str or Effect), optional
        Ids of editions, or effects of your own; each event is read from the first that has it.
    evidence_within_months : int, optional
        Follow-up to be read, where an edition has several.
    programme : ProgrammeCosts, optional
        What the programme takes.
    care_managers : CareManagers, optional
        Staff in whole heads.
    capacity_patients : float, optional
        Members who can be treated at once, those of now included; others wait.
    plan_paid_share : tuple of PlanPaid, optional
        What the plan pays of a category.
    drug_rebate_share : float or Distribution, optional
        Share of the drug cost that makers give back.
    cost_sharing_share : float or Distribution, optional
        Share of allowed amounts that members pay; only with ``basis="allowed"``.
    risk_adjustment_usd_per_treated_member_month : float or Distribution, optional
        Revenue for a treated member, since the diagnosis is coded.
    survival_spending_usd_per_member_month : float or Distribution, optional
        What the plan spends on a member whose death is averted, as long as enrolled.
    loss_ratio : LossRatioBase, optional
        What the medical loss ratio stands at.
    churn : str, OwnChurn or 0, optional
        The id of an edition, churn of your own, or none at all.
    closed : bool, optional
        Follow today's members only; otherwise those who leave are replaced by untreated members.
    horizon_months : int
        1 to 120.
    discount_rate : float, optional
        Annual, 0 to 1; without it there is no net present value.
    discounting : {"effective", "nominal", "continuous"}, optional
        How the rate is applied within a year.
    fiscal_year_start : int, optional
        First month of the fiscal year, 1 to 12.
    price_year : int
        The year that all money is in prices of.
    line_of_business, title : str, optional
        Whose members; what the case is called.

    Raises
    ------
    DocumentError
        If a number is out of range, or fields do not go together.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> inputs = cb.PlanInputs(
    ...     start="2026-01",
    ...     members=100_000,
    ...     prevalence=0.0089,
    ...     treated_share_now=0.10,
    ...     treated_share_target=0.25,
    ...     ramp_months=12,
    ...     savings="total_cost",
    ...     basis="paid",
    ...     total_cost_treated_usd_per_member_month=1500.0,
    ...     total_cost_untreated_usd_per_member_month=1900.0,
    ...     horizon_months=36,
    ...     churn="commercial-2006-18",
    ...     price_year=2025,
    ... )
    >>> inputs == cb.PlanInputs.from_json(inputs.to_json())
    True
    """

    start: MonthText
    members: Annotated[int, Ge(1), Le(10**9)]
    prevalence: UncertainShare | None = None
    members_with_oud: Heads | Distribution | None = None
    undercount: Annotated[float, Gt(0), Le(100)] | Distribution = 1.0
    treated_share_now: UncertainShare
    treated_share_target: UncertainShare | None = None
    starts_share_per_year: UncertainShare | None = None
    treated_by_month: Annotated[tuple[Heads, ...], MinLen(1)] | None = None
    ramp_months: Annotated[int, Ge(0), Le(120)] | None = None
    medication_mix: MedicationMix | None = None
    retention: Words | Retention | None = None
    savings: Literal["total_cost", "events"]
    basis: Basis
    total_cost_treated_usd_per_member_month: MonthlyUsd | None = None
    total_cost_untreated_usd_per_member_month: MonthlyUsd | None = None
    event_costs: EventCosts | None = None
    treatment_costs: tuple[TreatmentCosts, ...] = ()
    baseline: tuple[BaselineRate, ...] = ()
    evidence: tuple[Words | Effect, ...] | None = None
    evidence_within_months: Annotated[int, Ge(1), Le(120)] | None = None
    programme: ProgrammeCosts | None = None
    care_managers: CareManagers | None = None
    capacity_patients: Heads | None = None
    plan_paid_share: tuple[PlanPaid, ...] = ()
    drug_rebate_share: UncertainShare | None = None
    cost_sharing_share: UncertainShare | None = None
    risk_adjustment_usd_per_treated_member_month: MonthlyUsd | None = None
    survival_spending_usd_per_member_month: MonthlyUsd | None = None
    loss_ratio: LossRatioBase | None = None
    churn: Words | OwnChurn | Annotated[int, Ge(0), Le(0)] | None = None
    closed: bool = False
    horizon_months: Annotated[int, Ge(1), Le(120)]
    discount_rate: Share | None = None
    discounting: Discounting = "effective"
    fiscal_year_start: Annotated[int, Ge(1), Le(12)] | None = None
    price_year: Annotated[int, Ge(1980), Le(2100)]
    line_of_business: Words = "all"
    title: str = ""

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        self._check_members()
        self._check_uptake()
        self._check_savings()
        self._check_lists()
        check_ranges(self, _RANGES)
        return self

    def _check_members(self) -> None:
        if (self.prevalence is None) == (self.members_with_oud is None):
            raise ValueError("prevalence: give it, or members_with_oud, and not both")
        if self.members_with_oud is not None and self.undercount != 1:
            raise ValueError("undercount: is for a prevalence; members_with_oud are counted")

    def _check_uptake(self) -> None:
        forms = {
            name: getattr(self, name) is not None
            for name in ("treated_share_target", "starts_share_per_year", "treated_by_month")
        }
        if sum(forms.values()) != 1:
            raise ValueError(f"treated_share_target: give exactly one of {', '.join(forms)}")
        if (self.ramp_months is None) != forms["treated_by_month"]:
            raise ValueError(
                "ramp_months: is required with a target and with starts, and a path has its own"
            )
        if forms["starts_share_per_year"] and self.retention is None:
            raise ValueError("retention: is required with starts_share_per_year")
        path = self.treated_by_month
        if path is not None and self.closed:
            raise ValueError("treated_by_month: is of all members, and closed follows today's only")
        if path is not None and len(path) < self.horizon_months:
            raise ValueError(
                f"treated_by_month: has {len(path)} months, the horizon {self.horizon_months}"
            )

    def _check_savings(self) -> None:
        totals = ("total_cost_treated_usd_per_member_month",
                  "total_cost_untreated_usd_per_member_month")  # fmt: skip
        missing = [name for name in totals if getattr(self, name) is None]
        if self.savings == "total_cost":
            if missing:
                raise ValueError(f'{missing[0]}: is required with savings="total_cost"')
            if self.event_costs is not None or self.treatment_costs:
                raise ValueError(
                    'event_costs: with savings="total_cost" the totals hold events and treatment'
                    " already; costs of both forms would count twice"
                )
        elif len(missing) < len(totals):
            given = next(name for name in totals if name not in missing)
            raise ValueError(
                f'{given}: savings="events" counts events and treatment one by one; a total'
                " would count them twice"
            )
        elif self.event_costs is None:
            raise ValueError('event_costs: are required with savings="events"')
        if self.cost_sharing_share is not None and self.basis != "allowed":
            raise ValueError(
                f'cost_sharing_share: is of allowed amounts, and the basis is "{self.basis}"'
            )

    def _check_lists(self) -> None:
        once("baseline", (each.event for each in self.baseline))
        once("treatment_costs", (each.medication for each in self.treatment_costs))
        once("plan_paid_share", ((each.category, each.medication) for each in self.plan_paid_share))
        for number, cost in enumerate(self.treatment_costs):
            if cost.medication is None and len(self.treatment_costs) > 1:
                raise ValueError(
                    f"treatment_costs[{number}]: is of all medications beside others of one"
                )
        own = (each for each in self.evidence or () if isinstance(each, Effect))
        once("evidence", ((each.event, each.medication) for each in own))
        ids = (each for each in self.evidence or () if isinstance(each, str))
        once("evidence", ids)


_RANGES: Final[tuple[tuple[str, float, float | None], ...]] = (
    ("prevalence", 0, 1),
    ("members_with_oud", 0, None),
    ("undercount", 0, None),
    ("treated_share_now", 0, 1),
    ("treated_share_target", 0, 1),
    ("starts_share_per_year", 0, 1),
    ("total_cost_treated_usd_per_member_month", 0, None),
    ("total_cost_untreated_usd_per_member_month", 0, None),
    ("drug_rebate_share", 0, 1),
    ("cost_sharing_share", 0, 1),
    ("risk_adjustment_usd_per_treated_member_month", 0, None),
    ("survival_spending_usd_per_member_month", 0, None),
)


def check_ranges(document: Document, ranges: Iterable[tuple[str, float, float | None]]) -> None:
    """Refuse a distribution that could leave the range of its field."""
    for name, low, high in ranges:
        support: Any = getattr(getattr(document, name), "support", None)
        if support is None:
            continue
        if support[0] < low or (high is not None and support[1] > high):
            told = f"below {low:g}" if high is None else f"outside {low:g} to {high:g}"
            raise ValueError(f"{name}: the distribution reaches {told}")


def once(where: str, keys: Iterable[object]) -> None:
    """Refuse what is named twice."""
    twice = [key for key, number in Counter(keys).items() if number > 1]
    if twice:
        told = twice[0] if isinstance(twice[0], str) else "one of its kind"
        raise ValueError(f"{where}: {told} is there more than once")
