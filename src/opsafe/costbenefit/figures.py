"""Editions of published figures: prices, spending, evidence, churn, programmes, price indexes.

Every figure is exact, says of whom it holds and how it was found, and is read with the kind of
figure it is. The planning values that nobody publishes stand in :class:`Defaults`, each with its
reason.
"""

# More than 300 lines: one kind of figure after the other, each a list of documented fields.

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Final, Generic, Literal, TypeAlias, TypeVar

from pydantic import Field, StringConstraints, field_validator, model_validator

from opsafe._arguments import read_word
from opsafe._fields import Inside, Medication, Part, Positive
from opsafe.costbenefit._rows import PlanningValue, Row
from opsafe.provenance import Edition, EditionId, Words
from opsafe.uncertainty import Distribution, Fixed, from_interval

__all__ = [
    "Basis",
    "Churn",
    "Defaults",
    "Design",
    "Event",
    "Evidence",
    "EvidenceRow",
    "Figures",
    "PlanningValue",
    "PriceIndex",
    "PriceRow",
    "Prices",
    "Programme",
    "ProgrammeRow",
    "Row",
    "Scope",
    "Spending",
    "SpendingRow",
    "Study",
    "TargetRow",
    "Targets",
]

Basis: TypeAlias = Literal["charge", "allowed", "paid"]
"""What money is counted: what was charged, what the contract allows, what the plan paid."""
Design: TypeAlias = Literal[
    "trial",
    "meta_analysis",
    "cohort",
    "before_after",
    "claims",
    "survey",
    "micro_costing",
    "model",
    "regulation",
    "account",
]
"""How figures were found. ``claims`` counts without a comparison, ``account`` is somebody's word.

Only ``trial`` compares people whom chance set apart.
"""
Event: TypeAlias = Literal[
    "death",
    "opioid_death",
    "suicide_or_overdose_death",
    "overdose",
    "acute_care",
    "relapse",
    "discontinuation",
]
"""What is averted; ``acute_care`` is a visit to an emergency department or an admission."""
Scope: TypeAlias = Literal["while_on_treatment", "after_start"]
"""Whether an effect holds while treatment lasts, or from its start on whoever stays."""
Month: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[12]\d{3}-(0[1-9]|1[0-2])$")]
Year: TypeAlias = Annotated[int, Field(ge=1900, le=2100)]
AnyRow = TypeVar("AnyRow", bound=Row)
# A ratio that is further off is a slip of the pen, and its reciprocal might leave the floats.
_LEAST: Final = Decimal("0.000001")
_MOST: Final = Decimal(1_000_000)


class Figures(Edition, Generic[AnyRow]):
    """Rows of one published table.

    Parameters
    ----------
    population : str
        Of whom, where and when; a row may say otherwise.
    design : str
        How the figures were found.
    rows : tuple
        The figures, each with a name of its own.
    """

    population: Words
    design: Design
    rows: tuple[AnyRow, ...]

    @field_validator("rows")
    @classmethod
    def _named_once(cls, rows: tuple[AnyRow, ...]) -> tuple[AnyRow, ...]:
        names = [row.name for row in rows]
        if not names:
            raise ValueError("must be one at least")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"have a name twice: {', '.join(twice)}")
        return rows

    def row(self, name: str) -> AnyRow:
        """Return the row of a name.

        Raises
        ------
        ArgumentTypeError, ArgumentError
            If the name is no text, or no row has it; the message names the nearest.
        """
        rows = {row.name: row for row in self.rows}
        return rows[read_word(name, f"row of {self.id}", tuple(rows))]


class Study(Figures[Row]):
    """Parameters of one study that are of none of the other kinds."""

    holds: Literal["study"] = "study"


class EvidenceRow(Row):
    """How often something happens with treatment and without.

    Parameters
    ----------
    event : str
        What happens.
    medication : str
        What is taken; ``agonist`` is buprenorphine or methadone, ``none`` is no medication.
    measure : str
        A rate of one group, or a comparison of two.
    ratio_is : {"treated_over_untreated", "untreated_over_treated"}, optional
        Which way round a comparison with no treatment is; None where it is another comparison.
    scope : {"while_on_treatment", "after_start"}
        For how long the effect holds.
    adjusted : bool, optional
        Whether differences between the groups were adjusted for.
    period : str, optional
        The stretch of time that is meant, where it is not all of it.
    within_months : decimal.Decimal, optional
        Follow-up from the start of treatment.
    """

    event: Event
    medication: Medication | Literal["agonist", "none"]
    measure: Literal["rate", "rate_ratio", "hazard_ratio", "relative_reduction", "mortality_ratio"]
    ratio_is: Literal["treated_over_untreated", "untreated_over_treated"] | None = None
    scope: Scope
    adjusted: bool = False
    period: Words | None = None
    within_months: Positive | None = None

    @model_validator(mode="after")
    def _is_a_measure(self) -> EvidenceRow:
        if self.measure == "relative_reduction":
            if not 0 < self.value < 1 or self.ratio_is != "treated_over_untreated":
                raise ValueError("a relative reduction lies inside 0 and 1, treated over untreated")
        elif not all(_LEAST <= end <= _MOST for end in self._printed):
            raise ValueError(f"a {self.measure} and its ends lie between {_LEAST} and {_MOST}")
        if self.measure in ("rate", "mortality_ratio") and self.ratio_is is not None:
            raise ValueError(f"ratio_is is not for a {self.measure}")
        if self.shape is not None and (
            self.shape != "lognormal" or self.measure == "relative_reduction"
        ):
            raise ValueError("shape of a ratio is lognormal; a relative reduction has none")
        if self.measure == "relative_reduction" and max(self._printed) >= 1:
            raise ValueError("a relative reduction and its ends lie below 1")
        self.ratio_distribution  # noqa: B018  an impossible one is told at the door
        return self

    @property
    def _printed(self) -> list[Decimal]:
        return [end for end in (self.low, self.value, self.high) if end is not None]

    @property
    def ratio(self) -> Fraction | None:
        """Rate with treatment over the rate without, exactly; None where it compares others."""
        if self.ratio_is is None:
            return None
        return self._turned(Fraction(self.value))

    @property
    def ratio_distribution(self) -> Distribution | None:
        """What is not known of the ratio: log-normal by its 95 % interval, else it is fixed."""
        if self.ratio is None:
            return None
        if self.interval != "confidence_95" or self.low is None or self.high is None:
            return Fixed(value=float(self.ratio))
        ends = (self._turned(Fraction(self.low)), self._turned(Fraction(self.high)))
        return from_interval("lognormal", float(self.ratio), float(min(ends)), float(max(ends)))

    def _turned(self, value: Fraction) -> Fraction:
        """A printed value as a rate with treatment over the rate without."""
        if self.measure == "relative_reduction":
            return 1 - value
        return value if self.ratio_is == "treated_over_untreated" else 1 / value


class Evidence(Figures[EvidenceRow]):
    """What treatment does to deaths, overdoses, acute care and relapse."""

    holds: Literal["evidence"] = "evidence"

    def comparisons(self, event: Event, medication: Medication) -> tuple[EvidenceRow, ...]:
        """Return the rows that compare a medication with no treatment.

        Parameters
        ----------
        event : str
            What is averted.
        medication : {"buprenorphine", "methadone", "naltrexone"}
            What is taken; where no row is of an agonist itself, those of both agonists.

        Returns
        -------
        tuple of EvidenceRow
            Each with a ``ratio``; several where there are several follow-ups, none where the
            edition does not tell.
        """
        rows = tuple(row for row in self.rows if row.event == event and row.ratio is not None)
        own = tuple(row for row in rows if row.medication == medication)
        if own or medication == "naltrexone":
            return own
        return tuple(row for row in rows if row.medication == "agonist")


class SpendingRow(Row):
    """What members of one group cost.

    Parameters
    ----------
    group : str
        Who, such as ``"buprenorphine and counselling"``.
    category : str, optional
        Which part of their cost.
    per : {"member_month", "member_year", "episode"}
        The span that the money is for.
    basis : {"charge", "allowed", "paid"}, optional
        What money is counted; None where the source does not say.
    """

    group: Words
    category: Literal[
        "total", "pharmacy", "outpatient", "inpatient", "emergency", "out_of_pocket"
    ] = "total"
    per: Literal["member_month", "member_year", "episode"]
    basis: Basis | None = None


class Spending(Figures[SpendingRow]):
    """What members with the disorder cost, by group."""

    holds: Literal["spending"] = "spending"


class PriceRow(Row):
    """What one service is paid.

    Parameters
    ----------
    service : str
        What is done.
    category : {"treatment", "visits", "counselling", "labs"}
        Which category of cost it belongs to; ``treatment`` is drug and services in one price.
    code : str, optional
        Procedure code.
    payer : str
        Who pays.
    per : {"service", "week", "month"}
        What the price is for.
    medication : str, optional
        The medication, where the price is of one.
    """

    service: Words
    category: Literal["treatment", "visits", "counselling", "labs"]
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]?\d{4,5}$")] | None = None
    payer: Words
    per: Literal["service", "week", "month"]
    medication: Medication | None = None


class Prices(Figures[PriceRow]):
    """Payments for services, by payer."""

    holds: Literal["prices"] = "prices"


class ProgrammeRow(Row):
    """One part of what a programme takes.

    Parameters
    ----------
    part : {"start_up", "running", "total", "staff", "size"}
        One-time cost, cost that goes on, both together, one member of staff, or how large it is.
    """

    part: Literal["start_up", "running", "total", "staff", "size"]


class Programme(Figures[ProgrammeRow]):
    """What it takes to start a treatment programme and to keep it going."""

    holds: Literal["programme"] = "programme"


class TargetRow(Row):
    """One published result.

    Parameters
    ----------
    strategy : str
        Of which strategy.
    against : str, optional
        Against which one, where it is a difference or a ratio.
    """

    strategy: Words
    against: Words | None = None


class Targets(Figures[TargetRow]):
    """Results of published studies and models: to compare direction and size, never an input."""

    holds: Literal["targets"] = "targets"


class Churn(Edition):
    """How members leave a plan and come back.

    Parameters
    ----------
    holds : {"churn"}, optional
        What the file holds.
    population, design : str
        Of whom, where and when, and how it was found.
    monthly_mean : decimal.Decimal
        Mean share that leaves in a month, December included.
    december : decimal.Decimal, optional
        Share that leaves in December; None where the source prints none.
    annual : decimal.Decimal, optional
        Share that leaves within a year.
    returned_within_1_year, returned_within_5_years, returned_within_10_years : optional
        Shares of those who left that have come back.
    """

    holds: Literal["churn"] = "churn"
    population: Words
    design: Design
    monthly_mean: Inside
    december: Inside | None = None
    annual: Inside | None = None
    returned_within_1_year: Part | None = None
    returned_within_5_years: Part | None = None
    returned_within_10_years: Part | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Churn:
        if self.december is not None and 12 * self.monthly_mean < self.december:
            raise ValueError(f"december, {self.december}, is more than twelve monthly means")
        found = (
            self.returned_within_1_year,
            self.returned_within_5_years,
            self.returned_within_10_years,
        )
        given = [share for share in found if share is not None]
        if any(later < earlier for earlier, later in pairwise(given)):
            raise ValueError("those who came back must not become fewer with time")
        return self

    @property
    def rows(self) -> tuple[Row, ...]:
        """The figures, as other editions have them."""
        units = {
            "monthly_mean": "probability per month",
            "december": "probability in December",
            "annual": "probability per year",
            "returned_within_1_year": "share of those who left",
            "returned_within_5_years": "share of those who left",
            "returned_within_10_years": "share of those who left",
        }
        found = ((name, getattr(self, name), unit) for name, unit in units.items())
        return tuple(Row(name=n, value=value, unit=u) for n, value, u in found if value is not None)


class PriceIndex(Edition):
    """Annual averages of a price index.

    Parameters
    ----------
    holds : {"price_index"}, optional
        What the file holds.
    series : str
        Id of the series at its publisher.
    covers : str
        Which prices, and where.
    base : str
        The time at which the index is 100.
    values : tuple of (year, value)
        Annual averages; years follow on each other.
    months_missing : tuple of str, optional
        Months for which nothing was published, "YYYY-MM"; the year's average is of the others.
    """

    holds: Literal["price_index"] = "price_index"
    series: Words
    covers: Words
    base: Words
    values: tuple[tuple[Year, Positive], ...]
    months_missing: tuple[Month, ...] = ()

    @field_validator("values")
    @classmethod
    def _years_follow(cls, values: tuple[tuple[int, Decimal], ...]) -> object:
        years = [year for year, _ in values]
        if not years or years != list(range(years[0], years[0] + len(years))):
            raise ValueError("must have years that follow on each other")
        return values

    @property
    def years(self) -> tuple[int, int]:
        """First and last year."""
        return self.values[0][0], self.values[-1][0]


class Defaults(Edition):
    """What is used where the caller says nothing: editions by id, and planning values.

    Parameters
    ----------
    holds : {"defaults"}, optional
        What the file holds.
    churn, retention, price_index, utilities, programme : str
        Ids of editions.
    evidence : tuple of str
        Ids of editions; each event is read from the first that has it.
    buprenorphine_share, methadone_share, naltrexone_share : PlanningValue
        The mix of medications, which adds up to 1.
    plan_paid_share, rebate_share, cost_sharing_share : PlanningValue
        What of a cost the plan pays, gets back from makers, and leaves to the member.
    risk_adjustment_usd_per_member_month, start_usd_per_patient : PlanningValue
        Revenue for a treated member; one-time cost of each start.
    fiscal_year_start_month : PlanningValue
        First month of the plan's year.
    """

    kind: Literal["planning", "local"]
    holds: Literal["defaults"] = "defaults"
    churn: EditionId
    retention: EditionId
    price_index: EditionId
    utilities: EditionId
    programme: EditionId
    evidence: tuple[EditionId, ...]
    buprenorphine_share: PlanningValue
    methadone_share: PlanningValue
    naltrexone_share: PlanningValue
    plan_paid_share: PlanningValue
    rebate_share: PlanningValue
    cost_sharing_share: PlanningValue
    risk_adjustment_usd_per_member_month: PlanningValue
    start_usd_per_patient: PlanningValue
    fiscal_year_start_month: PlanningValue

    @model_validator(mode="after")
    def _mix_adds_up(self) -> Defaults:
        mix = (self.buprenorphine_share, self.methadone_share, self.naltrexone_share)
        if sum(each.value for each in mix) != 1:
            raise ValueError("shares of the three medications must add up to 1")
        return self
