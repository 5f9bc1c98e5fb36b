"""The numbers of the plan model: risks, retention, churn by week, costs, utilities, and care."""

# More than 300 lines: every number of one model, read in the order in which the model needs it.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe.costbenefit import figures
from opsafe.costbenefit._calibration_fits import Stays, fit_weibull
from opsafe.costbenefit._oud_book import Book
from opsafe.costbenefit.calibrate import lognormal
from opsafe.costbenefit.churn import (
    OwnChurn,
    enrolled_share,
    leaving_by_calendar_month,
    read_month,
)
from opsafe.costbenefit.cohort_model import Strategy
from opsafe.costbenefit.conventions import Conventions
from opsafe.costbenefit.editions import resolve
from opsafe.errors import ArgumentError
from opsafe.quantity import IntArray
from opsafe.retention import RetentionEdition

__all__ = [
    "DEAD",
    "MONTHS",
    "OFF",
    "STOPPED",
    "WEEKS_FIRST",
    "WEEKS_STOPPED",
    "Asked",
    "Deaths",
    "Medication",
    "Rows",
    "Savings",
    "SpendingId",
    "Utilities",
    "calendar",
    "collaborative_care",
    "costs_of",
    "overdose_rates",
    "retention",
    "risks",
    "utilities_of",
]

Medication = Literal["buprenorphine", "methadone"]
Savings = Literal["total_cost", "events"]
Deaths = Literal["cornish-2010", "sordo-2017"]
Utilities = Literal["wittenberg-2016", "nosyk-2013"]
SpendingId = Literal["lynch-2014", "ronquest-2018-commercial", "ronquest-2018-medicaid"]

OFF: Final = "off treatment"
STOPPED: Final = "just stopped"
DEAD: Final = "dead"
MONTHS: Final = 12
WEEKS_STOPPED: Final = 4  # for which Cornish 2010 prints ratios of their own
WEEKS_FIRST: Final = 2

# Rows of spending: on treatment, off treatment.
_SPENDING: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "lynch-2014": ("annual_cost_bup_plus_counselling", "annual_cost_little_or_no_treatment"),
        "ronquest-2018-commercial": ("total_cost_pdc_ge80", "total_cost_pdc_lt20"),
        "ronquest-2018-medicaid": ("total_cost_pdc_ge80", "total_cost_pdc_lt20"),
    }
)
# Death rate off treatment: row, and what takes it to 1,000 person-years.
_DEATHS_OFF: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {
        "cornish-2010": ("mortality_off_treatment", 10.0),
        "sordo-2017": ("mortality_out_buprenorphine", 1.0),
    }
)
_STARTS: Final[Mapping[str, str]] = MappingProxyType(
    {"buprenorphine": "rate_start_buprenorphine", "methadone": "rate_start_methadone"}
)
_PRICES: Final[Mapping[str, str]] = MappingProxyType(
    {"buprenorphine": "cost_buprenorphine_week", "methadone": "cost_methadone_week"}
)
Rows: TypeAlias = dict[str, dict[str, float | str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Arguments that have been read."""

    months: int
    weeks: int
    members: float
    medications: tuple[Medication, ...]
    savings: Savings
    spending: SpendingId
    deaths: Deaths
    utilities: Utilities
    churn: str | OwnChurn | figures.Churn | int
    start: str
    closed: bool
    conventions: Conventions

    @property
    def on(self) -> dict[str, str]:
        """State of each medication."""
        return {each: f"on {each}" for each in self.medications}


def risks(asked: Asked, book: Book) -> None:
    """Rates of starting, of death and of overdose, by state."""
    per_year = asked.conventions.periods_per_year
    book.parameters |= {"weeks_per_year": per_year, "months_per_week": MONTHS / per_year}
    for each in asked.medications:
        name = f"starts_per_1000_person_months_{each}"
        book.take(name, "flam-ross-2023", _STARTS[each], "per 1,000 person-months")
    off, scale = _DEATHS_OFF[asked.deaths]
    unit = "per 1,000 person-years"
    book.take("deaths_per_1000_person_years_off", asked.deaths, off, unit, scale=scale)
    for name, row in (
        ("death_ratio_first_2_weeks_on", "rr_first_2_weeks_on"),
        ("death_ratio_weeks_1_2_after_stop", "rr_weeks_1_2_after_stop"),
        ("death_ratio_weeks_3_4_after_stop", "rr_weeks_3_4_after_stop"),
    ):
        book.take(name, "cornish-2010", row, "ratio to week 3 and later on treatment")
    unit = "per 1,000 person-months"
    book.take(
        "overdoses_per_1000_person_months_off", "flam-ross-2023", "overdose_rate_no_treatment", unit
    )
    for each in asked.medications:
        row = "rr_rest_off" if asked.deaths == "cornish-2010" else f"rr_out_vs_in_{each}"
        on_off = "ratio on to off treatment"
        book.take(f"death_ratio_on_{each}", asked.deaths, row, on_off, ratio=True)
        row = f"hr_overdose_{each}"
        book.take(f"overdose_ratio_on_{each}", "adams-2022", row, on_off, ratio=True)
    shares = " + ".join(f"starts_per_1000_person_months_{each}" for each in asked.medications)
    book.parameters |= {
        "start_ratio": 1.0,
        "starts_in_all": shares,
        "p_start": "1 - exp(-start_ratio * starts_in_all / 1000 * months_per_week)",
        "deaths_off": "deaths_per_1000_person_years_off / 1000 / weeks_per_year",
        "overdoses_off": "overdoses_per_1000_person_months_off / 1000 * months_per_week",
    }
    for each in asked.medications:
        book.parameters |= {
            f"share_{each}": f"starts_per_1000_person_months_{each} / starts_in_all",
            f"deaths_on_{each}": f"deaths_off * death_ratio_on_{each}",
            f"overdoses_on_{each}": f"overdoses_off * overdose_ratio_on_{each}",
        }
    book.parameters["deaths_on"] = " + ".join(
        f"share_{each} * deaths_on_{each}" for each in asked.medications
    )


def retention(asked: Asked, standard: figures.Defaults, book: Book) -> None:
    """The Weibull curve of the edition's points, with the errors of those behind it."""
    found = resolve(standard.retention, RetentionEdition, "defaults.retention")
    if found.participants is None or len(found.points) < 2:
        raise ArgumentError(
            "prints no participants behind its points", where="defaults.retention", value=found.id
        )
    months = np.array([float(month) for month, _ in found.points])
    left = float(found.participants) * np.array([float(share) for _, share in found.points])
    at_risk = np.concatenate([[float(found.participants)], left[:-1]])
    fitted = fit_weibull(Stays(months, at_risk, left))
    for name, value, error, unit in (
        ("retention_months", fitted.scale_months, fitted.log_scale_error, "months"),
        ("retention_shape", fitted.shape, fitted.log_shape_error, "none"),
    ):
        if name in book.own:
            book.give(name, unit)
        else:
            drawn = value if error is None else lognormal(value, error)
            book.set(name, drawn, found=found, unit=unit, shown=value)
    book.warn(f"Retention ({found.id}) counts a stay as over after {found.gap_days} days' gap")
    if "buprenorphine" in asked.medications:
        book.parameters["retention_months_buprenorphine"] = "retention_months"
    if "methadone" in asked.medications:
        book.take(
            "stop_ratio_buprenorphine_to_methadone",
            "gomes-2022",
            "hr_discontinuation_bup_vs_methadone",
            "hazard ratio",
        )
        book.parameters["retention_months_methadone"] = (
            "retention_months * stop_ratio_buprenorphine_to_methadone ** (1 / retention_shape)"
        )


def calendar(asked: Asked, churn_is_default: bool, book: Book) -> None:
    """Tables by week: who leaves at its end, and who is still enrolled in it."""
    if isinstance(asked.churn, str | figures.Churn):
        found = resolve(asked.churn, figures.Churn, "churn")
        book.use(found)
        if churn_is_default:
            book.warn(
                f"Churn is the default's ({found.id}); sources differ by a factor of two, so a"
                " plan's own churn should stand here"
            )
    month = _month_of_week(asked)
    if asked.closed:
        share = enrolled_share(asked.churn, start=asked.start, months=asked.months + 1)
        book.parameters["enrolled"] = tuple(share[month].tolist())
        return
    by_calendar = leaving_by_calendar_month(asked.churn)
    first = read_month(asked.start)[1] - 1
    leaving = np.where(np.diff(month, append=month[-1]) > 0, by_calendar[(first + month) % 12], 0.0)
    book.parameters["leaving"] = tuple(leaving.tolist())


def _month_of_week(asked: Asked) -> IntArray:
    """Month since the start in which each week begins, with one week more than the run has."""
    weeks = np.arange(asked.weeks + 1)
    per_month = asked.conventions.periods_per_year / MONTHS
    return np.minimum((weeks / per_month + 1e-9).astype(np.int64), asked.months)


def costs_of(asked: Asked, book: Book) -> Rows:
    enrolled = " * enrolled[cycle]" if asked.closed else ""
    book.parameters["programme_usd_per_patient_week"] = 0.0
    costs: Rows = {
        "programme": dict.fromkeys(asked.on.values(), f"programme_usd_per_patient_week{enrolled}")
    }
    if asked.savings == "total_cost":
        unit = f"USD of {book.price_year} a member-year"
        on, off = _SPENDING[asked.spending]
        book.take("total_cost_usd_per_member_year_on", asked.spending, on, unit)
        book.take("total_cost_usd_per_member_year_off", asked.spending, off, unit)
        total = "total_cost_usd_per_member_year_{} / weeks_per_year{}"
        costs["health care"] = {
            **dict.fromkeys((OFF, STOPPED), total.format("off", enrolled)),
            **dict.fromkeys(asked.on.values(), total.format("on", enrolled)),
        }
        return costs
    costs["treatment"] = {}
    for each, state in asked.on.items():
        name = f"treatment_usd_per_week_{each}"
        book.take(name, "nida-2016", _PRICES[each], f"USD of {book.price_year} a week")
        costs["treatment"][state] = f"{name}{enrolled}"
    unit = f"USD of {book.price_year} in 30 days"
    for group in ("overdose", "no_overdose"):
        book.take(f"cost_usd_30_days_{group}", "va-2018-overdose", f"cost_0_30d_{group}", unit)
    book.parameters["usd_per_overdose"] = "cost_usd_30_days_overdose - cost_usd_30_days_no_overdose"
    costs["overdoses"] = {
        state: f"{rate} * usd_per_overdose{enrolled}"
        for state, rate in overdose_rates(asked).items()
    }
    return costs


def utilities_of(asked: Asked, book: Book) -> dict[str, float | str]:
    if asked.utilities == "wittenberg-2016":
        book.take("utility_off", asked.utilities, "active_injection_misuse", "utility")
        book.take("utility_on", asked.utilities, "stabilised_buprenorphine", "utility")
        on = dict.fromkeys(asked.on.values(), "utility_on")
        book.warn(
            "Quality of life is the public's view of active injection and of being stable on"
            " buprenorphine (wittenberg-2016); gains that patients report (nosyk-2013) are far"
            " smaller"
        )
    else:
        book.take("utility_off", asked.utilities, "sf6d_baseline", "utility")
        on = {}
        for each, state in asked.on.items():
            name = f"utility_gain_{each}"
            book.take(name, asked.utilities, f"gain_on_{each}", "utility")
            on[state] = f"utility_off + {name}"
        book.warn(
            "Quality of life is what patients in a trial reported (nosyk-2013); the public's view"
            " (wittenberg-2016) has far larger gains"
        )
    return {OFF: "utility_off", STOPPED: "utility_off", **on}


def collaborative_care(asked: Asked, book: Book) -> Strategy:
    unit = "share in treatment at 6 months"
    book.take("use_collaborative_care", "lee-2019-population", "treatment_use_with_cocm", unit)
    book.take("use_usual_care", "lee-2019-population", "treatment_use_usual", unit)
    unit = f"USD of {book.price_year} a year"
    book.take("care_manager_usd_per_year", "lee-2019", "rn_care_manager_fte", unit)
    book.take("psychiatrist_usd_per_year", "lee-2019", "psychiatric_consultant_0_1fte", unit)
    book.take("registry_usd_per_year", "lee-2019", "registry", unit)
    book.take("patients_per_care_manager", "lee-2019", "panel_size", "patients")
    first_weeks = np.arange(asked.months // MONTHS) * asked.conventions.periods_per_year
    return Strategy(
        parameters={
            "start_ratio": "log(1 - use_collaborative_care) / log(1 - use_usual_care)",
            "programme_usd_per_patient_week": (
                "(care_manager_usd_per_year + psychiatrist_usd_per_year)"
                " / patients_per_care_manager / weeks_per_year"
            ),
        },
        one_time_costs={
            "programme": {round(float(week)): "registry_usd_per_year" for week in first_weeks}
        },
    )


def overdose_rates(asked: Asked) -> dict[str, float | str]:
    on: dict[str, float | str] = {state: f"overdoses_on_{each}" for each, state in asked.on.items()}
    return {OFF: "overdoses_off", STOPPED: "overdoses_off"} | on
