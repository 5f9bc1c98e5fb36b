"""A table of assessments to counts of criteria: the door for batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import opsafe
from opsafe.columns import Columns
from opsafe.frames import Frame
from opsafe.oud._batch import Batch, Found, find
from opsafe.oud._batch_form import IMPAIRED, SUPERVISED, Form, motive_of
from opsafe.oud._telling import between
from opsafe.oud.bounds import Bounds
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.codes import read_code_day
from opsafe.oud.counts import BatchProvenance, CriteriaCounts, RowsOfBatch
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.editions import NEWEST_CODES, resolve, resolve_codes
from opsafe.provenance import EditionUsed

__all__ = ["score_many"]


def score_many(
    assessments: Frame,
    *,
    edition: str | CriteriaEdition,
    columns: Mapping[str, str] | None = None,
    on: date | str | None = None,
    codes: str | CodeEdition = NEWEST_CODES,
) -> CriteriaCounts:
    """Count the criteria of many assessments at once; each as :func:`score` would.

    Parameters
    ----------
    assessments : frame, mapping of columns, or list of records
        One row an assessment: A1 to A11 or our labels (at least one of them), and optional
        solely_supervised, impairment_or_distress, comorbid, assessment_id and, for the
        pain-adjusted count, A1_pain_is_sole_motive and its like. Answers are true or false, 1 or
        0, yes or no; missing, or "unknown", is unknown.
    edition : str or CriteriaEdition
        The manual whose counts and thresholds are meant.
    columns : mapping of str to str, optional
        Our column name to yours.
    on : date or str, optional
        The day of the codes; without it the newest of their edition.
    codes : str or CodeEdition, optional
        The edition of codes.

    Returns
    -------
    CriteriaCounts
        A table with a row for each assessment that could be read (bounds of criteria met and of
        the band, candidate codes, what would settle the band), the rows set aside, provenance.

    Raises
    ------
    ColumnError
        If no column holds answers, or one is there twice.
    ArgumentError, ArgumentTypeError
        If an argument cannot be used.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    The number of yes and of unknown answers, of the criteria that always count and of those that
    supervision exempts, decides everything: each row is looked up in a table of these numbers.

    Examples
    --------
    >>> from opsafe import oud
    >>> form = {"A1": "yes", "A2": "no", "A4": "yes", "solely_supervised": "no"}
    >>> found = oud.score_many([form], edition="dsm-5-tr")
    >>> table = found.assessments
    >>> int(table["criteria_met_lower"][0]), int(table["criteria_met_upper"][0])
    (2, 10)
    """
    criteria = resolve(edition)
    code_edition = resolve_codes(codes)
    day = None if on is None else read_code_day(on, code_edition)
    form = Form.read(assessments, criteria, columns)
    kept = form.kept
    motives = [motive_of(one.id) for one in criteria.criteria if one.counts_under_supervision]
    batch = Batch(
        criteria=criteria,
        codes=code_edition,
        answers=[form.answers[name][kept] for name in criteria.ids],
        motives=[form.answers[name][kept] for name in motives]
        if set(motives) & set(form.columns)
        else None,
        supervision=form.answers[SUPERVISED][kept],
        impairment=form.answers[IMPAIRED][kept],
        comorbid=form.comorbid[kept],
        on=day,
    )
    found = find(batch)
    return CriteriaCounts(
        assessments=form.build(kept, Columns({"row": kept, **found.columns})),
        set_aside=form.set_aside(),
        provenance=_provenance(form, batch, found),
    )


def _provenance(form: Form, batch: Batch, found: Found) -> BatchProvenance:
    by_reason: dict[str, int] = {}
    for reason, rows in form.judged.values():
        by_reason[reason.value] = by_reason.get(reason.value, 0) + len(rows)
    asked = (*batch.criteria.ids, SUPERVISED, IMPAIRED)
    absent = [field for field in asked if field not in form.columns]
    cautions = ["A count of criteria is no diagnosis: that is the clinician's"]
    if absent:
        cautions.append(f"No column {', '.join(absent)}: unknown in every row")
    rows_in, set_aside = len(form.table), sum(by_reason.values())
    return BatchProvenance(
        opsafe_version=opsafe.__version__,
        editions=tuple(map(EditionUsed.of, (batch.criteria, batch.codes))),
        arguments={"on": "not given" if batch.on is None else str(batch.on)},
        rows=RowsOfBatch(rows_in=rows_in, used=rows_in - set_aside, set_aside=set_aside),
        set_aside_by_reason=by_reason,
        severity={between(Bounds(*pair)): rows for pair, rows in sorted(found.severity.items())},
        cautions=tuple(cautions),
    )
