"""The federal patient limit of a prescriber on a day, with the rule that set it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeVar

from opsafe._arguments import plain, read_number, read_whole
from opsafe._readings import read_date
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.workforce.editions import resolve
from opsafe.workforce.limit_rules import PRACTITIONERS, LimitRules, LimitStep, Practitioner

__all__ = ["PatientLimit", "patient_limit"]

_NEWEST: Final = "patient-limits-2022"
_DAYS_A_YEAR: Final = 365.25
_MOST: Final = 100_000  # patients: no rule or contract says more
_MOST_YEARS: Final = 100
_NOT_A_PANEL: Final = "A limit is never the expected panel: take that from a panel edition"

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class PatientLimit:
    """The most patients that a prescriber may treat at a time; never the expected panel."""

    limit: int | None
    """Patients at a time, the smaller of the federal and the own limit; None is no limit."""
    waiver_required: bool
    set_by: Literal["federal rule", "own limit", "no limit"]
    rule: str
    """The federal rule that holds, or why there can be no waiver (then the limit is 0)."""
    source: str
    """The address at which that rule was read."""
    federal_limit: int | None
    own_limit: int | None
    on: date
    practitioner: Practitioner
    edition: str
    """Id of the edition that holds the rules."""
    cautions: tuple[str, ...] = ()

    def __str__(self) -> str:
        many = "any number of" if self.limit is None else f"at most {self.limit}"
        own = "" if self.own_limit is None else f" The caller's own limit is {self.own_limit}."
        return (
            f"{self.practitioner} on {self.on}: {many} patients at a time ({self.set_by})."
            f" {self.rule}, {self.source}.{own}"
            f" Federal law only; a state may set its own rules. {_NOT_A_PANEL}."
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a step's conditions are held against."""

    years_since_notice: float
    years_at_100: float
    certified: bool
    qualified_practice: bool
    trained: bool


def patient_limit(
    on: date | str,
    practitioner: Practitioner,
    *,
    years_since_notice: float | None = None,
    years_at_100: float = 0.0,
    certified: bool = False,
    setting: Literal["qualified_practice"] | None = None,
    trained: bool = True,
    own_limit: int | None = None,
    edition: str | LimitRules = _NEWEST,
) -> PatientLimit:
    """Return the federal limit on patients treated with buprenorphine at a time, on a day.

    Parameters
    ----------
    on : datetime.date or str
        The day, from 2000-10-17 on.
    practitioner : str
        physician, nurse_practitioner, physician_assistant, np_or_pa, clinical_nurse_specialist,
        nurse_anesthetist, nurse_midwife, or any_dea_schedule_iii (anyone else registered with DEA
        for Schedule III).
    years_since_notice : float, optional
        Years since the first notice of intent; without it ``years_at_100``.
    years_at_100 : float, optional
        Years with the limit of 100, no longer than those since the notice.
    certified : bool, optional
        Whether board certified in addiction medicine or psychiatry; counts for physicians only.
    setting : {"qualified_practice"}, optional
        A qualified practice setting, as 42 CFR 8.615 defined it.
    trained : bool, optional
        Whether the training for the waiver was taken.
    own_limit : int, optional
        Most patients at a time under a state's rule or a contract. A contract that asks for at
        least so many patients (Alameda County: 5, then 10) sets a panel, not a limit.
    edition : str or LimitRules, optional
        The edition of the rules.

    Returns
    -------
    PatientLimit
        Patients at a time, the rule and its address, and whether a waiver is required. The limit
        is 0 for whom no waiver was open on that day, and None where there is no limit.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the day is before the first rule, a practitioner or a setting is not known, years are
        negative, or those at 100 exceed those since the notice.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    limit = min(own limit, largest limit among the steps in force whose conditions are met). Steps:
    30 for physicians (2000-10-17); 100 after one year (2006-12-29); nurse practitioners and
    physician assistants (2016-07-22); 275 after one year at 100, with certification or in a
    qualified setting (2016-08-08) [1]_; 100 in the first year with either, and clinical nurse
    specialists, nurse anesthetists and midwives (2018-10-24) [2]_; 30 without training
    (2021-04-28); no waiver and no limit (2022-12-29) [3]_. Notices count as given as soon as the
    law allowed. Years are the caller's word: where they reach back before the first possible
    waiver, a caution says so.

    References
    ----------
    .. [1] Medication assisted treatment for opioid use disorders. 81 FR 44712, 2016.
       http://federal.elaws.us/citation/81-FR-44736
    .. [2] The SUPPORT Act affords practitioners greater flexibility. 2019.
       https://cocnews.org/2019/09/the-support-act-affords-practitioners.html
    .. [3] Removal of the DATA-2000 waiver requirements. 88 FR 9221, 2023.
       http://federal.elaws.us/fr/2/13/2023/2023-03012

    Examples
    --------
    >>> from opsafe.workforce.patient_limit import patient_limit
    >>> patient_limit("2016-08-08", "physician", years_at_100=1.0, certified=True).limit
    275
    >>> today = patient_limit("2023-01-12", "physician", own_limit=100)
    >>> today.limit, today.waiver_required, today.set_by
    (100, False, 'own limit')
    """
    rules = resolve(edition, LimitRules, "edition")
    day = _day(on, rules)
    who = _word(practitioner, PRACTITIONERS, "practitioner")
    asked = _asked(years_since_notice, years_at_100, certified, setting, trained)
    own = None
    if plain(own_limit) is not None:
        own = read_whole(own_limit, "own_limit", 0, _MOST, advice="None is no limit")
    mine = [step for step in rules.steps if who in step.practitioners]
    in_force = [step for step in mine if step.holds_on(day)]
    met = [step for step in in_force if _is_met(step, asked)]
    if met:
        # Among equal limits the oldest rule is named: it is the one under which notice was given.
        chosen = max(met, key=_size)
        federal, rule = chosen.patients, chosen.rule
    elif in_force:
        chosen, federal = in_force[0], 0
        rule = f"No waiver: the conditions of {chosen.rule} are not met"
    else:
        chosen, federal = (mine or rules.steps)[0], 0
        rule = (
            f"No waiver was open to {who} on {day}; first rule: {chosen.rule}, {chosen.first_day}"
        )
    return PatientLimit(
        limit=federal if own is None else own if federal is None else min(own, federal),
        waiver_required=chosen.waiver_required or not met,
        set_by=_set_by(federal, own),
        rule=rule,
        source=chosen.address,
        federal_limit=federal,
        own_limit=own,
        on=day,
        practitioner=who,
        edition=rules.id,
        cautions=_cautions(asked, mine, day) if federal is not None else (),
    )


def _is_met(step: LimitStep, asked: _Asked) -> bool:
    if not step.waiver_required:
        return True
    certified = asked.certified
    one_of = {"certified": certified, "qualified_practice": asked.qualified_practice}
    trained = asked.trained or (certified and step.training == "or_certified")
    return (
        asked.years_since_notice >= step.least_years_since_notice
        and asked.years_at_100 >= step.least_years_at_100
        and (not step.needs_one_of or any(one_of[name] for name in step.needs_one_of))
        and (trained or step.training == "none")
    )


def _size(step: LimitStep) -> float:
    return float("inf") if step.patients is None else step.patients


def _set_by(
    federal: int | None, own: int | None
) -> Literal["federal rule", "own limit", "no limit"]:
    if own is not None and (federal is None or own < federal):
        return "own limit"
    return "no limit" if federal is None else "federal rule"


def _cautions(asked: _Asked, mine: list[LimitStep], day: date) -> tuple[str, ...]:
    """Say what was asked that the law does not know."""
    found = []
    first = mine[0].first_day if mine else day
    if first < day and asked.years_since_notice * _DAYS_A_YEAR > (day - first).days + 1:
        found.append(f"the notice would lie before {first}, when no waiver was open to them")
    counts = any("certified" in step.needs_one_of for step in mine)
    if asked.certified and not counts:
        found.append("certified counts for physicians only: the law names their boards")
    return tuple(found)


def _asked(
    years_since_notice: object,
    years_at_100: object,
    certified: object,
    setting: object,
    trained: object,
) -> _Asked:
    at_100 = read_number(years_at_100, "years_at_100", 0, _MOST_YEARS)
    since = at_100
    if plain(years_since_notice) is not None:
        since = read_number(years_since_notice, "years_since_notice", 0, _MOST_YEARS)
    if at_100 > since:
        raise ArgumentError(
            f"{at_100:g} years at 100 are more than the {since:g} since the notice",
            where="years_at_100",
            value=at_100,
            advice="Count both from the notice to the day that is asked for",
        )
    if setting is not None:
        _word(setting, ("qualified_practice",), "setting")
    return _Asked(
        since, at_100, _flag(certified, "certified"), setting is not None, _flag(trained, "trained")
    )


def _day(on: object, rules: LimitRules) -> date:
    day = read_date(on, "on")
    first = rules.steps[0]
    if day < first.first_day:
        raise ArgumentError(
            f"{day} is before the first rule, {first.rule}",
            where="on",
            value=day,
            allowed=(f"{first.first_day} and later",),
            advice="Before it, no waiver let anyone prescribe outside a treatment program",
        )
    return day


def _word(value: object, known: tuple[Word, ...], where: str) -> Word:
    if not isinstance(value, str):
        raise ArgumentTypeError("is not text", where=where, value=type(value).__name__)
    for name in known:
        if value == name:
            return name
    raise ArgumentError(f"{value[:40]!r} is not known", where=where, value=value, allowed=known)


def _flag(value: object, where: str) -> bool:
    found = plain(value)
    if not isinstance(found, bool):
        raise ArgumentTypeError(
            "is neither true nor false", where=where, value=type(value).__name__
        )
    return found
