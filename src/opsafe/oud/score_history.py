"""Dated answers to remission, severity and code as of one day: the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from opsafe._readings import read_date
from opsafe.errors import ArgumentError
from opsafe.oud._asked import Asked
from opsafe.oud._conclusion import conclude
from opsafe.oud._past import Past
from opsafe.oud.answers import read_answers, read_tristate
from opsafe.oud.bounds import Bounds
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.codes import Comorbid
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.editions import NEWEST_CODES
from opsafe.oud.history import CriteriaHistory
from opsafe.oud.states import MaintenanceTherapy, Severity, read_severity

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
    codes: str | CodeEdition = NEWEST_CODES,
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
    codes : str or CodeEdition, optional
        The edition of codes.

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
    whatever the lookback holds. Where all criteria ended before ``as_of``, but less than 3 months
    ago, the disorder is current at its band before. A criterion that is true on ``as_of`` leaves
    the lookback to decide; too few for a disorder after full criteria are neither.

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
    asked = Asked.read(
        edition=edition,
        codes=codes,
        solely_supervised=solely_supervised,
        impairment_or_distress=impairment_or_distress,
        comorbid=comorbid,
        as_of=read_date(as_of, "as_of"),
        on=on,
    )
    past = Past(
        given=tuple(read_answers(answers, asked.criteria)),
        asked=asked,
        full_criteria_before=read_tristate(full_criteria_before, "full_criteria_before"),
        prior_severity=_read_prior(prior_severity),
        last_criterion=_read_last(last_criterion, asked),
        due_to_agonist=read_tristate(due_to_prescribed_agonist, "due_to_prescribed_agonist"),
    )
    seen = past.seen()
    return CriteriaHistory(
        past=past,
        seen=seen,
        conclusion=conclude(past, seen),
        maintenance_therapy=_read_therapy(maintenance_therapy),
        controlled_environment=read_tristate(controlled_environment, "controlled_environment"),
    )


def _read_last(given: object, asked: Asked) -> date | None:
    if given is None:
        return None
    day = read_date(given, "last_criterion")
    if asked.as_of is not None and day > asked.as_of:
        raise ArgumentError(f"lies after the assessment on {asked.as_of}", where="last_criterion")
    return day


def _read_prior(given: Any) -> Bounds[Severity] | None:
    if given is None:
        return None
    bounds = given if isinstance(given, Bounds) else Bounds(given, given)
    lower, upper = (read_severity(each, "prior_severity") for each in (bounds.lower, bounds.upper))
    if upper < lower:
        raise ArgumentError("has its lower bound above its upper", where="prior_severity")
    if lower is Severity.NONE:
        raise ArgumentError(
            "is no band of a disorder",
            where="prior_severity",
            value=given,
            allowed=[each for each in Severity if each],
            advice="Where full criteria were never met, say full_criteria_before=False",
        )
    return Bounds(lower, upper)


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
