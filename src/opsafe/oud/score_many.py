"""A table of assessments to counts of criteria: the door for batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np

import opsafe
from opsafe.columns import Columns
from opsafe.errors import ColumnError
from opsafe.frames import Frame, Table, open_table
from opsafe.oud._batch import Batch, Found, find
from opsafe.oud._batch_columns import read_answer_column, read_comorbid_column
from opsafe.oud._kernel import UNKNOWN, UNREADABLE, Small
from opsafe.oud._telling import between
from opsafe.oud.bounds import Bounds
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.codes import read_code_day
from opsafe.oud.counts import BatchProvenance, CriteriaCounts, RowsOfBatch
from opsafe.oud.criteria import CriteriaEdition, Criterion
from opsafe.oud.editions import NEWEST_CODES, resolve, resolve_codes
from opsafe.oud.reasons import Reason
from opsafe.provenance import EditionUsed
from opsafe.quantity import IntArray

__all__ = ["score_many"]

_SUPERVISED: Final = "solely_supervised"
_IMPAIRED: Final = "impairment_or_distress"
_MOTIVE: Final = "_pain_is_sole_motive"
_LONGEST_SEEN: Final = 40


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
    table = _open(assessments, criteria, columns)
    found_of = {one.id: _read_criterion(table, one) for one in criteria.criteria}
    unknown = np.full(len(table), UNKNOWN, np.uint8)
    answers = {
        **{name: unknown if each is None else each for name, each in found_of.items()},
        _SUPERVISED: _read(table, _SUPERVISED),
        _IMPAIRED: _read(table, _IMPAIRED),
    }
    absent = [name for name, each in found_of.items() if each is None]
    absent += [name for name in (_SUPERVISED, _IMPAIRED) if name not in table]
    motives = [
        _read(table, name + _MOTIVE)
        for name, one in zip(criteria.ids, criteria.criteria, strict=True)
        if one.counts_under_supervision
    ]
    comorbid = (
        read_comorbid_column(table.column("comorbid"))
        if "comorbid" in table
        else np.zeros(len(table), np.int64)
    )
    judged = _judge(answers, motives, comorbid, criteria)
    good = np.ones(len(table), bool)
    for _, rows in judged.values():
        good[rows] = False
    kept = np.flatnonzero(good)
    has_motives = any(name.endswith(_MOTIVE) for name in table.names)
    batch = Batch(
        criteria=criteria,
        codes=code_edition,
        answers=[answers[name][kept] for name in criteria.ids],
        motives=[each[kept] for each in motives] if has_motives else None,
        supervision=answers[_SUPERVISED][kept],
        impairment=answers[_IMPAIRED][kept],
        comorbid=comorbid[kept],
        on=day,
    )
    found = find(batch)
    taken = {"assessment_id": kept} if "assessment_id" in table else {}
    return CriteriaCounts(
        assessments=table.build(Columns({"row": kept, **found.columns}), taken),
        set_aside=_set_aside(table, judged, criteria),
        provenance=_provenance(len(table), absent, batch, found, judged),
    )


def _open(
    assessments: Frame, criteria: CriteriaEdition, columns: Mapping[str, str] | None
) -> Table:
    motives = (one.id + _MOTIVE for one in criteria.criteria if one.counts_under_supervision)
    answers = [name for one in criteria.criteria for name in _names(one)]
    table = open_table(
        assessments,
        where="assessments",
        required=(),
        optional=(*answers, *motives, _SUPERVISED, _IMPAIRED, "comorbid", "assessment_id"),
        columns=columns,
    )
    if not any(name in table for name in answers):
        raise ColumnError(
            "there is no column of answers",
            where="assessments",
            allowed=criteria.ids,
            advice='Map your names with columns={"A1": "your_name"}',
        )
    return table


def _names(one: Criterion) -> tuple[str, str, str]:
    """The names that a column of a criterion may have: its identifier, or our label."""
    return one.id, one.id.lower(), one.label


def _read_criterion(table: Table, one: Criterion) -> Small | None:
    there = [name for name in _names(one) if name in table]
    if len(there) > 1:
        raise ColumnError(f"{one.id} has two columns, {there}", where="assessments")
    return read_answer_column(table.column(there[0])) if there else None


def _read(table: Table, name: str) -> Small:
    if name in table:
        return read_answer_column(table.column(name))
    return np.full(len(table), UNKNOWN, np.uint8)


def _judge(
    answers: Mapping[str, Small],
    motives: list[Small],
    comorbid: IntArray,
    criteria: CriteriaEdition,
) -> dict[str, tuple[Reason, IntArray]]:
    """The rows that cannot be read, by the first field that cannot, in the order of the form."""
    reasons = {
        _SUPERVISED: Reason.SUPERVISION_UNREADABLE,
        _IMPAIRED: Reason.IMPAIRMENT_UNREADABLE,
    }
    counted = [one.id for one in criteria.criteria if one.counts_under_supervision]
    unreadable = {name: column == UNREADABLE for name, column in answers.items()}
    unreadable |= {
        name + _MOTIVE: column == UNREADABLE for name, column in zip(counted, motives, strict=True)
    }
    unreadable["comorbid"] = comorbid < 0
    reasons["comorbid"] = Reason.COMORBID_UNKNOWN
    seen = np.zeros(len(comorbid), bool)
    judged = {}
    for name, bad in unreadable.items():
        if bad.any():
            rows = np.flatnonzero(bad & ~seen)
            seen |= bad
            judged[name] = (reasons.get(name, Reason.ANSWER_UNREADABLE), rows)
    return judged


def _set_aside(
    table: Table, judged: Mapping[str, tuple[Reason, IntArray]], criteria: CriteriaEdition
) -> Frame:
    rows = np.concatenate([np.zeros(0, np.int64), *(rows for _, rows in judged.values())])
    names, codes_, advice, seen = [], [], [], []
    for name, (reason, of_field) in judged.items():
        names += [name] * len(of_field)
        codes_ += [reason.value] * len(of_field)
        advice += [reason.advice] * len(of_field)
        seen += table.texts(_column_of(table, name, criteria), of_field, _LONGEST_SEEN)
    order = np.argsort(rows, kind="stable")
    listed = {"code": codes_, "field": names, "seen": seen, "advice": advice}
    texts = {name: np.array(column, object)[order] for name, column in listed.items()}
    taken = {"assessment_id": rows[order]} if "assessment_id" in table else {}
    return table.build(Columns({"row": rows[order], **texts}), taken)


def _column_of(table: Table, field: str, criteria: CriteriaEdition) -> str:
    """The name under which a field stands in the table."""
    if field not in criteria.ids:
        return field
    return next(
        name for name in _names(criteria.criteria[criteria.ids.index(field)]) if name in table
    )


def _provenance(
    rows_in: int,
    absent: list[str],
    batch: Batch,
    found: Found,
    judged: Mapping[str, tuple[Reason, IntArray]],
) -> BatchProvenance:
    by_reason: dict[str, int] = {}
    for reason, rows in judged.values():
        by_reason[reason.value] = by_reason.get(reason.value, 0) + len(rows)
    cautions = ["A count of criteria is no diagnosis: that is the clinician's"]
    if absent:
        cautions.append(f"No column {', '.join(absent)}: unknown in every row")
    set_aside = sum(by_reason.values())
    return BatchProvenance(
        opsafe_version=opsafe.__version__,
        editions=tuple(map(EditionUsed.of, (batch.criteria, batch.codes))),
        arguments={"on": "not given" if batch.on is None else str(batch.on)},
        rows=RowsOfBatch(rows_in=rows_in, used=rows_in - set_aside, set_aside=set_aside),
        set_aside_by_reason=by_reason,
        severity={between(Bounds(*pair)): rows for pair, rows in sorted(found.severity.items())},
        cautions=tuple(cautions),
    )
