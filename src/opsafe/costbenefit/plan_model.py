"""A cohort model of a plan's members off treatment, every number of it from an edition."""

# More than 300 lines: one call with the whole of its model told in its docstring, and its moves.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_args

from opsafe._arguments import read_number, read_whole, read_word
from opsafe.costbenefit import figures
from opsafe.costbenefit._oud_book import Book, Ranges, read_own
from opsafe.costbenefit._oud_numbers import (
    DEAD,
    MONTHS,
    OFF,
    STOPPED,
    WEEKS_FIRST,
    WEEKS_STOPPED,
    Asked,
    Deaths,
    Medication,
    Rows,
    Savings,
    SpendingId,
    Utilities,
    calendar,
    collaborative_care,
    costs_of,
    overdose_rates,
    retention,
    risks,
    utilities_of,
)
from opsafe.costbenefit.churn import OwnChurn, read_month
from opsafe.costbenefit.cohort_model import CohortModel, Strategy, WeibullDwell
from opsafe.costbenefit.conventions import Conventions
from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.oud_models import ReadyModel
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.uncertainty import Distribution

__all__ = ["plan_model"]


def plan_model(
    *,
    members_off_treatment: float,
    start: str,
    years: int,
    price_year: int,
    savings: Savings,
    defaults: str | figures.Defaults,
    medications: Sequence[Medication] = ("buprenorphine",),
    spending: SpendingId = "lynch-2014",
    deaths: Deaths = "cornish-2010",
    utilities: Utilities | None = None,
    churn: str | OwnChurn | figures.Churn | int | None = None,
    closed: bool = False,
    ranges: Ranges = "fixed",
    own: Mapping[str, float | Distribution] | None = None,
    conventions: Conventions | None = None,
) -> ReadyModel:
    """Build a weekly model of members with opioid use disorder who are off treatment today.

    Parameters
    ----------
    members_off_treatment : float
        Members with the disorder who are not on medication at the start.
    start : str
        First month, as ``"2026-01"``; it places December.
    years : int
        Years that are looked ahead, 1 to 5.
    price_year : int
        Year of the dollars; published ones are taken there by the index of the defaults.
    savings : {"total_cost", "events"}
        Whether costs are all-in totals of members on and off treatment, or the price of treatment
        and of overdoses. Never both.
    defaults : str or Defaults
        The set of defaults: price index, retention, utilities, churn.
    medications : sequence of str, optional
        ``"buprenorphine"``, ``"methadone"`` or both. All-in totals exist of buprenorphine only.
    spending : str, optional
        The edition of all-in totals.
    deaths : {"cornish-2010", "sordo-2017"}, optional
        The edition of deaths on and off treatment; first weeks are always of the former.
    utilities : {"wittenberg-2016", "nosyk-2013"}, optional
        Whose view of quality of life: the public's, or patients'. The set of the defaults where
        nothing is said.
    churn : str, OwnChurn, Churn or 0, optional
        How members leave; that of the defaults where nothing is said.
    closed : bool, optional
        Whether one cohort is followed. Otherwise each member who leaves is replaced by one with
        the disorder who is off treatment.
    ranges : {"fixed", "uniform", "triangular"}, optional
        What is drawn where a source prints a range without a distribution.
    own : mapping of str to float or Distribution, optional
        The plan's own numbers in place of published ones, by the names of ``inputs``.
    conventions : Conventions, optional
        Discounting and within-cycle rule, with a cycle of a week; nothing is discounted where
        nothing is said.

    Returns
    -------
    ReadyModel
        The model, the strategies Usual care and Collaborative care, and all numbers with source.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DocumentError
        If an argument is out of range, or no edition has what is asked for.
    EditionNotFoundError
        If an edition does not exist.

    Notes
    -----
    States: off treatment; on each medication, where time since the start is told by week; just
    stopped, for four weeks; dead. Risk of death stands in proportion to the third and later weeks
    on treatment: the first two weeks on, weeks 1 and 2 after a stop, weeks 3 and 4, and the rest
    of the time off have ratios of their own [1]_. Retention is the Weibull curve through the
    edition's points, its errors from the participants behind them; that of methadone has its
    cumulative hazard divided by the published ratio of stopping [2]_.

    Members leave at month's end. In a closed cohort leaving is a layer independent of health:
    costs count while enrolled, outcomes wherever people are insured. Collaborative care multiplies
    the rate of starting by log(1 - u1) / log(1 - u0), with u the shares in treatment at six months
    in the trial behind the published budget impact [3]_; its staff are paid by patient on
    treatment.

    Neither remission without treatment nor naltrexone is in the model: no curve of either with
    its form and gap rule was found.

    References
    ----------
    .. [1] Cornish R and others. BMJ 341 (2010), c5475, abstract.
    .. [2] Gomes T and others. Addiction (2022), abstract.
    .. [3] Lee CM and others. 2019, PMC6712140.

    Examples
    --------
    >>> from opsafe import costbenefit as cb
    >>> ready = cb.plan_model(
    ...     members_off_treatment=800,
    ...     start="2026-01",
    ...     years=3,
    ...     price_year=2025,
    ...     savings="total_cost",
    ...     defaults="2026-01",
    ... )
    >>> ready.model.states
    ('off treatment', 'on buprenorphine', 'just stopped', 'dead')
    >>> list(ready.strategies)
    ['Usual care', 'Collaborative care']
    """
    standard = resolve(defaults, figures.Defaults, "defaults")
    asked = _read(
        members_off_treatment, start, years, medications, savings, spending, deaths,
        utilities or standard.utilities, standard.churn if churn is None else churn,
        closed, conventions,
    )  # fmt: skip
    year = read_whole(price_year, "price_year", 1980, 2100)
    book = Book(
        read_own(own), year, standard.price_index, read_word(ranges, "ranges", get_args(Ranges))
    )
    book.use(standard)
    risks(asked, book)
    retention(asked, standard, book)
    calendar(asked, churn is None, book)
    costs = costs_of(asked, book)
    utility = utilities_of(asked, book)
    plus = collaborative_care(asked, book)
    model = CohortModel(
        states=(OFF, *asked.on.values(), STOPPED, DEAD),
        cycle="week",
        cycles=asked.weeks,
        people=asked.members,
        parameters=book.parameters,
        transitions=_transitions(asked),
        dwell={
            **{
                state: WeibullDwell(
                    scale_months=f"retention_months_{each}", shape="retention_shape"
                )
                for each, state in asked.on.items()
            },
            STOPPED: WEEKS_STOPPED,
        },
        costs=costs,
        utilities=utility,
        events=_events(asked),
        conventions=asked.conventions,
    )
    _warn(asked, book)
    book.close()
    strategies = MappingProxyType({"Usual care": Strategy(), "Collaborative care": plus})
    return ReadyModel(
        model, strategies, book.table(), tuple(book.cautions), tuple(book.editions.values())
    )


def _read(
    members: object,
    start: str,
    years: object,
    medications: object,
    savings: object,
    spending: object,
    deaths: object,
    utilities: object,
    churn: Any,
    closed: object,
    conventions: object,
) -> Asked:
    if conventions is None:
        conventions = Conventions(cycle="week")
    if not isinstance(conventions, Conventions):
        raise ArgumentTypeError("is no Conventions", where="conventions")
    if conventions.cycle != "week":
        raise ArgumentError(
            "must have a cycle of a week", where="conventions", value=conventions.cycle
        )
    if not isinstance(closed, bool):
        raise ArgumentTypeError("is not true or false", where="closed")
    if isinstance(medications, str) or not isinstance(medications, Sequence) or not medications:
        raise ArgumentTypeError("is no list of medications", where="medications")
    named = tuple(read_word(each, "medications", get_args(Medication)) for each in medications)
    if len(set(named)) < len(named):
        raise ArgumentError("names one twice", where="medications", value=named)
    read_month(start)
    horizon = read_whole(years, "years", 1, 5)
    how: Savings = read_word(savings, "savings", get_args(Savings))
    if how == "total_cost" and "methadone" in named:
        raise ArgumentError(
            "of members on methadone were not found",
            where="total costs",
            advice="Take savings='events', or medications=('buprenorphine',)",
        )
    return Asked(
        months=MONTHS * horizon,
        weeks=round(horizon * conventions.periods_per_year),
        members=read_number(members, "members_off_treatment", 1e-6, 1e9),
        medications=named,
        savings=how,
        spending=read_word(spending, "spending", get_args(SpendingId)),
        deaths=read_word(deaths, "deaths", get_args(Deaths)),
        utilities=read_word(utilities, "utilities", get_args(Utilities)),
        churn=churn,
        start=start,
        closed=closed,
        conventions=conventions,
    )


def _transitions(asked: Asked) -> Rows:
    """Who does not die may leave, and who does neither may start or stop."""
    leaving = "" if asked.closed else " * (1 - leaving[cycle])"
    going = "0" if asked.closed else "leaving[cycle]"
    alive = {
        OFF: "exp(-deaths_off)",
        STOPPED: (
            "exp(-deaths_on * where(time_in_state < 2, death_ratio_weeks_1_2_after_stop,"
            " death_ratio_weeks_3_4_after_stop))"
        ),
        **{
            state: (
                f"exp(-deaths_on_{each} * where(time_in_state < {WEEKS_FIRST},"
                " death_ratio_first_2_weeks_on, 1))"
            )
            for each, state in asked.on.items()
        },
    }
    rows: Rows = {state: {DEAD: f"1 - {lives}"} for state, lives in alive.items()}
    for state in (OFF, STOPPED):
        for each, on in asked.on.items():
            rows[state][on] = f"{alive[state]}{leaving} * p_start * share_{each}"
    rows[OFF][OFF] = "rest"
    rows[STOPPED][STOPPED] = (
        f"where(time_in_state < {WEEKS_STOPPED - 1}, {alive[STOPPED]}{leaving} * (1 - p_start), 0)"
    )
    rows[STOPPED][OFF] = "rest"
    for state in asked.on.values():
        rows[state][STOPPED] = f"{alive[state]}{leaving} * dwell_ends"
        rows[state][OFF] = f"{alive[state]} * {going}"
        rows[state][state] = "rest"
    return rows


def _events(asked: Asked) -> Rows:
    living = (OFF, STOPPED, *asked.on.values())
    starts: dict[str, float | str] = {
        f"{state}>{on}": 1.0 for state in (OFF, STOPPED) for on in asked.on.values()
    }
    return {
        "deaths": {f"{state}>{DEAD}": 1.0 for state in living},
        "overdoses": overdose_rates(asked),
        "starts": starts,
        "weeks on treatment": dict.fromkeys(asked.on.values(), 1.0),
    }


def _warn(asked: Asked, book: Book) -> None:
    absolute = [
        name
        for name in ("deaths_per_1000_person_years_off", "overdoses_per_1000_person_months_off")
        if name not in book.own
    ]
    if absolute:
        book.warn(
            f"{' and '.join(absolute)}: another population's rate stands in for the plan's own;"
            " ratios should act on the plan's own rates (own=...)"
        )
    if asked.savings == "total_cost":
        book.warn(
            "Total costs on and off treatment are observational: who stays differs from who does"
            " not, and that inflates the saving"
        )
    book.warn(
        "The first two weeks on treatment and the four weeks after it raise deaths, not overdoses;"
        " where stays are short they can outweigh what treatment averts, so deaths should be read"
        " beside retention"
    )
