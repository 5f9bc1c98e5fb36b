"""Dated answers to remission, severity and code as of one day: the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from opsafe._readings import read_date
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud._calendar import months_before
from opsafe.oud._clock import read_clock
from opsafe.oud._counting import Question, count_answers
from opsafe.oud._history_codes import Known, conclude
from opsafe.oud._outcomes import band
from opsafe.oud._telling import between
from opsafe.oud._window import Window
from opsafe.oud.answers import read_answers, read_tristate
from opsafe.oud.bounds import Bounds
from opsafe.oud.codes import Comorbid, read_code_day, read_comorbid
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.editions import resolve
from opsafe.oud.history import CriteriaHistory
from opsafe.oud.score import motives
from opsafe.oud.states import MaintenanceTherapy, Severity

__all__ = ["score_history"]


def score_history(
    answers: Mapping[str, object],
    *,
    as_of: date | str,
    edition: str | CriteriaEdition,
    solely_supervised: bool | str | None = None,
    impairment_or_distress: bool | str | None = None,
    full_criteria_before: bool | str | None = None,
    prior_severity: Severity | str | Bounds[Severity] | None = None,
    last_criterion: date | str | None = None,
    due_to_prescribed_agonist: bool | str | None = None,
    maintenance_therapy: MaintenanceTherapy | str | None = None,
    controlled_environment: bool | str | None = None,
    comorbid: Comorbid = None,
    on: date | str | None = None,
) -> CriteriaHistory:
    """Tell current disorder from remission by the days on which criteria were last true.

    Parameters
    ----------
    answers : mapping of str to date, Answer, bool, text or None
        By identifier (A1 to A11) or by our label: the last day on which each was true. No means
        not within the 12 months; a yes without a date counts from 0 to 1.
    as_of : date or str
        The day of the assessment.
    edition : str or CriteriaEdition
        The manual whose counts and thresholds are meant.
    solely_supervised, impairment_or_distress : bool, text or None
        As of :func:`score`.
    full_criteria_before : bool, text or None
        Whether full criteria were ever met; without that there is no remission.
    prior_severity : Severity, str, or Bounds of Severity, optional
        The band before remission, which decides its code.
    last_criterion : date or str, optional
        The last day on which any criterion but craving was met, where that is stated as such.
    due_to_prescribed_agonist : bool, text or None
        Whether tolerance and withdrawal are due to methadone or buprenorphine as prescribed; then
        remission does not wait for their end.
    maintenance_therapy : {"agonist", "partial_agonist", "antagonist"}, optional
        A specifier of remission.
    controlled_environment : bool, text or None
        A specifier of remission: access to opioids is restricted.
    comorbid : ComorbidState, str or sequence of them, optional
        States that have a code of their own, which is given alone.
    on : date or str, optional
        The day of the codes; without it ``as_of``.

    Returns
    -------
    CriteriaHistory
        Remission as bounds, months without criteria, the count of the lookback, the codes.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an argument is not known, or two of them contradict each other.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    Criteria count that were true in (``as_of`` - 12 months, ``as_of``]. Remission needs full
    criteria before, and 3 months without any criterion but craving (early) or 12 (sustained); a
    boundary belongs to the later state [1]_. Months are calendar months back from ``as_of``,
    ending on the last day of a shorter month: that reading is ours. Remission decides the code,
    whatever the lookback holds. Before 3 months, a stated ``last_criterion`` leaves the disorder
    current at its prior severity; one criterion left after full criteria is neither.

    References
    ----------
    .. [1] DSM-5-TR criteria as reproduced by the British Columbia Centre on Substance Use.
       https://bccsu.helpjuice.com/clinical-guidance-appendices/appendix-2-dsm-5-tr-criteria

    Examples
    --------
    >>> from opsafe import oud
    >>> six = dict.fromkeys(["A1", "A2", "A3", "A5", "A8", "A9"], "2026-01-15")
    >>> now = oud.score_history(
    ...     {**dict.fromkeys(["A4", "A6", "A7", "A10", "A11"], False), **six},
    ...     as_of="2026-04-15",
    ...     edition="dsm-5-tr",
    ...     solely_supervised=False,
    ...     impairment_or_distress=True,
    ...     due_to_prescribed_agonist=False,
    ... )
    >>> now.lookback.criteria_met.lower, now.remission.lower, now.candidate_icd10cm
    (6, Remission.EARLY, ('F11.21',))
    """
    criteria = resolve(edition)
    day = read_date(as_of, "as_of")
    given = read_answers(answers, criteria)
    question = Question(
        criteria,
        read_tristate(solely_supervised, "solely_supervised"),
        read_tristate(impairment_or_distress, "impairment_or_distress"),
        read_comorbid(comorbid),
        read_code_day(day if on is None else on),
    )
    window = Window.of(given, criteria, day, undated_counts=False)
    stated = None if last_criterion is None else read_date(last_criterion, "last_criterion")
    if stated is not None and stated > day:
        raise ArgumentError(f"lies after the assessment on {day}", where="last_criterion")
    due_to_agonist = read_tristate(due_to_prescribed_agonist, "due_to_prescribed_agonist")
    clock = read_clock(
        window,
        criteria,
        day,
        supervised=question.solely_supervised,
        due_to_agonist=due_to_agonist,
        last_criterion=stated,
    )
    first = months_before(day, criteria.window_months) + timedelta(days=1)
    met = _not_after(window, criteria, stated, first)
    lookback = count_answers(met, window.exempt, question, motives(given))
    known = Known(
        lookback=lookback,
        clock=clock,
        is_stated=stated is not None,
        met_before=read_tristate(full_criteria_before, "full_criteria_before"),
        prior=_read_prior(prior_severity),
        at_onset=_at_onset(window, question, clock.latest),
        due_to_agonist=due_to_agonist,
        on=question.on,
    )
    found = conclude(known)
    therapy = _read_therapy(maintenance_therapy)
    controlled = read_tristate(controlled_environment, "controlled_environment")
    return CriteriaHistory(
        as_of=day,
        first_day=first,
        lookback=lookback,
        months_without_criteria=clock.months,
        full_criteria_before=found.met_before,
        remission=found.remission,
        prior_severity=found.prior,
        severity=found.severity,
        maintenance_therapy=therapy,
        controlled_environment=controlled,
        candidate_icd10cm=found.codes,
        code_reason=found.reason,
        would_settle=found.would_settle,
        arguments=tuple(
            {
                "as_of": day,
                "solely_supervised": question.solely_supervised,
                "impairment_or_distress": question.impairment_or_distress,
                "full_criteria_before": known.met_before,
                "prior_severity": None if known.prior is None else between(known.prior),
                "last_criterion": stated,
                "due_to_prescribed_agonist": due_to_agonist,
                "maintenance_therapy": therapy,
                "controlled_environment": controlled,
                "comorbid": ", ".join(question.comorbid) or None,
                "on": question.on,
            }.items()
        ),
    )


def _not_after(
    window: Window, criteria: CriteriaEdition, stated: date | None, first: date
) -> list[bool | None]:
    """What a stated last day says of criteria without a date: none of them lies in the window."""
    if stated is None or stated >= first:
        return window.met
    return [
        False if met is None and one.counts_for_remission and one.counts_under_supervision else met
        for met, one in zip(window.met, criteria.criteria, strict=True)
    ]


def _at_onset(window: Window, question: Question, onset: date | None) -> Severity:
    """The least band at the last criterion: of what is dated in the 12 months up to that day."""
    if onset is None or question.impairment_or_distress is not True:
        return Severity.NONE
    start = months_before(onset, question.criteria.window_months)
    counted = sum(
        last is not None
        and start < last <= onset
        and (question.solely_supervised is False or not window.exempt >> position & 1)
        for position, last in enumerate(window.dates)
    )
    return band(counted, question.criteria.thresholds)


def _read_prior(given: Any) -> Bounds[Severity] | None:
    if given is None:
        return None
    bounds = given if isinstance(given, Bounds) else Bounds(given, given)
    lower, upper = (_read_severity(each) for each in (bounds.lower, bounds.upper))
    if upper < lower:
        raise ArgumentError("has its lower bound above its upper", where="prior_severity")
    return Bounds(lower, upper)


def _read_severity(given: object) -> Severity:
    bands = [each for each in Severity if each > Severity.NONE]
    if isinstance(given, str):
        found = next((each for each in bands if each.word == given.strip().casefold()), None)
        if found is not None:
            return found
    elif isinstance(given, Severity) and given in bands:
        return given
    elif not isinstance(given, Severity):
        raise ArgumentTypeError(
            f"{type(given).__name__} is no band", where="prior_severity", allowed=bands
        )
    raise ArgumentError(
        "is no band of a disorder",
        where="prior_severity",
        value=given,
        allowed=[each.word for each in bands],
        advice="Where full criteria were never met, say full_criteria_before=False",
    )


def _read_therapy(given: object) -> MaintenanceTherapy | None:
    if given is None:
        return None
    try:
        return MaintenanceTherapy(str(given).strip().casefold().replace(" ", "_"))
    except ValueError:
        raise ArgumentError(
            "is no kind of maintenance therapy",
            where="maintenance_therapy",
            value=given,
            allowed=MaintenanceTherapy,
        ) from None
