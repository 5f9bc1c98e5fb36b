"""One assessment to a count of criteria: the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._asked import Asked
from opsafe.oud._counting import count_answers
from opsafe.oud._window import Window, motives
from opsafe.oud.answers import Answer, Given, read_answers
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.codes import Comorbid
from opsafe.oud.count import CriteriaCount
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.editions import NEWEST_CODES

__all__ = ["score"]


def score(
    answers: Mapping[str, object],
    *,
    edition: str | CriteriaEdition,
    solely_supervised: bool | str | None = None,
    impairment_or_distress: bool | str | None = None,
    comorbid: Comorbid = None,
    as_of: date | str | None = None,
    on: date | str | None = None,
    codes: str | CodeEdition = NEWEST_CODES,
) -> CriteriaCount:
    """Count the criteria of opioid use disorder that a person's answers meet, with bounds.

    Parameters
    ----------
    answers : mapping of str to bool, text, None, date or Answer
        By identifier (A1 to A11) or by our label. What is absent, None or "unknown" is unknown,
        never no. A date, or an :class:`Answer` with one, says when it was last true.
    edition : str or CriteriaEdition
        The manual whose counts and thresholds are meant.
    solely_supervised : bool, text or None
        Whether opioids are taken solely under appropriate medical supervision: the clinician's
        judgement, never inferred. Then A10 and A11 do not count.
    impairment_or_distress : bool, text or None
        Whether there is clinically significant impairment or distress.
    comorbid : ComorbidState, str or sequence of them, optional
        States that have a code of their own, which is given alone.
    as_of : date or str, optional
        The day of the assessment, for answers with dates: those before its window do not count.
    on : date or str, optional
        The day of the codes; without it ``as_of``, or the newest codes of their edition.
    codes : str or CodeEdition, optional
        The edition of codes.

    Returns
    -------
    CriteriaCount
        Criteria met (count) and band as bounds, candidate codes, and what would settle them.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a criterion or an answer is not known, is given twice, or is dated without ``as_of``.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    With y yes and u unknown answers among the criteria that count, the criteria met lie between
    y and y + u. A band begins at 2 (mild), 4 (moderate) and 6 (severe) criteria [1]_. Without
    impairment or distress there is no band; while that is not answered, none is among the bounds.

    References
    ----------
    .. [1] Centers for Disease Control and Prevention. Opioid use disorder: diagnosis.
       https://cdc.gov/overdose-prevention/hcp/clinical-care/opioid-use-disorder-diagnosis.html

    Examples
    --------
    >>> from opsafe import oud
    >>> count = oud.score(
    ...     {"A1": True, "A4": True, "A10": True, "A11": True},
    ...     edition="dsm-5-tr",
    ...     solely_supervised=False,
    ...     impairment_or_distress=True,
    ... )
    >>> count.criteria_met
    Bounds(lower=4, upper=11)
    >>> count.severity, count.candidate_icd10cm
    (Bounds(lower=Severity.MODERATE, upper=Severity.SEVERE), ('F11.20',))
    """
    asked = Asked.read(
        edition=edition,
        codes=codes,
        solely_supervised=solely_supervised,
        impairment_or_distress=impairment_or_distress,
        comorbid=comorbid,
        as_of=as_of,
        on=on,
    )
    given = read_answers(answers, asked.criteria)
    plain = [each for each in given if not isinstance(each, Answer)]
    if len(plain) == len(given):
        return count_answers(Window(plain, asked.criteria.exempt_mask), asked)
    if asked.as_of is None:
        _refuse_dates(given, asked.criteria)
    return count_answers(Window.of(given, asked, undated_counts=True), asked, motives(given))


def _refuse_dates(given: Sequence[Given], criteria: CriteriaEdition) -> None:
    dated = [
        name
        for name, each in zip(criteria.ids, given, strict=True)
        if isinstance(each, Answer) and (each.last_true or each.last_true_outside_supervision)
    ]
    if dated:
        raise ArgumentError(
            f"{', '.join(dated)} came with dates, which mean nothing without the day of the"
            " assessment",
            where="answers",
            advice="Give as_of=, or use oud.score_history for remission",
        )
