"""A table of assessments as it was read: every answer, and the rows that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.columns import Columns
from opsafe.errors import ColumnError
from opsafe.frames import Frame, Table, open_table
from opsafe.oud._batch_columns import read_answer_column, read_comorbid_column
from opsafe.oud._kernel import UNKNOWN, UNREADABLE, Small
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.reasons import Reason
from opsafe.quantity import IntArray

__all__ = ["IMPAIRED", "SUPERVISED", "Form", "motive_of"]

SUPERVISED: Final = "solely_supervised"
IMPAIRED: Final = "impairment_or_distress"
_LONGEST_SEEN: Final = 40
_REASONS: Final = {
    SUPERVISED: Reason.SUPERVISION_UNREADABLE,
    IMPAIRED: Reason.IMPAIRMENT_UNREADABLE,
    "comorbid": Reason.COMORBID_UNKNOWN,
}


def motive_of(criterion: str) -> str:
    """The column that says whether pain is the only motive of a criterion."""
    return f"{criterion}_pain_is_sole_motive"


@dataclass(frozen=True, slots=True)
class Form:
    """The columns of a table of assessments, read once."""

    table: Table
    columns: Mapping[str, str]
    """Our field to its column, for those that are there."""
    answers: Mapping[str, Small]
    """Field to answers: criteria, supervision, impairment, motives; unknown where absent."""
    comorbid: IntArray
    judged: Mapping[str, tuple[Reason, IntArray]]
    """Rows that cannot be read by the first field that cannot, in the order of the form."""

    @classmethod
    def read(
        cls, assessments: Frame, criteria: CriteriaEdition, columns: Mapping[str, str] | None
    ) -> Form:
        """Find and read the columns.

        Raises
        ------
        ColumnError
            If no column holds answers, or two hold those of one criterion.
        """
        names = {one.id: (one.id, one.id.lower(), one.label) for one in criteria.criteria}
        motives = [motive_of(one.id) for one in criteria.criteria if one.counts_under_supervision]
        fields = {**names, **{name: (name,) for name in (SUPERVISED, IMPAIRED, *motives)}}
        table = open_table(
            assessments,
            where="assessments",
            required=(),
            optional=(
                *(name for each in fields.values() for name in each),
                "comorbid",
                "assessment_id",
            ),
            columns=columns,
        )
        there = _there(table, fields, criteria)
        unknown = np.full(len(table), UNKNOWN, np.uint8)
        answers = {
            field: read_answer_column(table.column(there[field])) if field in there else unknown
            for field in fields
        }
        comorbid = np.zeros(len(table), np.int64)
        if "comorbid" in table:
            comorbid = read_comorbid_column(table.column("comorbid"))
        return cls(table, there, answers, comorbid, _judge(answers, comorbid))

    @property
    def kept(self) -> IntArray:
        """The rows that could be read."""
        good = np.ones(len(self.table), bool)
        for _, rows in self.judged.values():
            good[rows] = False
        return np.flatnonzero(good)

    def build(self, rows: IntArray, columns: Columns) -> Frame:
        """Build a table of some rows in the caller's kind, led by their identifiers."""
        taken = {"assessment_id": rows} if "assessment_id" in self.table else {}
        return self.table.build(columns, taken)

    def set_aside(self) -> Frame:
        """The rows that could not be read, in order, with code, field, what was seen, advice."""
        rows = np.concatenate([np.zeros(0, np.int64), *(each for _, each in self.judged.values())])
        listed: dict[str, list[str | None]] = {"code": [], "field": [], "seen": [], "advice": []}
        for field, (reason, of_field) in self.judged.items():
            column = self.columns.get(field, field)
            listed["code"] += [reason.value] * len(of_field)
            listed["field"] += [field] * len(of_field)
            listed["seen"] += self.table.texts(column, of_field, _LONGEST_SEEN)
            listed["advice"] += [reason.advice] * len(of_field)
        order = np.argsort(rows, kind="stable")
        texts = {name: np.array(each, object)[order] for name, each in listed.items()}
        return self.build(rows[order], Columns({"row": rows[order], **texts}))


def _there(
    table: Table, fields: Mapping[str, tuple[str, ...]], criteria: CriteriaEdition
) -> dict[str, str]:
    """Each field that is there with its column: an identifier in any case, or our label."""
    there = {}
    for field, names in fields.items():
        found = [name for name in names if name in table]
        if len(found) > 1:
            raise ColumnError(f"{field} has two columns: {found}", where="assessments")
        if found:
            there[field] = found[0]
    if not set(criteria.ids) & set(there):
        raise ColumnError(
            "there is no column of answers",
            where="assessments",
            allowed=criteria.ids,
            advice='Map your names with columns={"A1": "your_name"}',
        )
    return there


def _judge(answers: Mapping[str, Small], comorbid: IntArray) -> dict[str, tuple[Reason, IntArray]]:
    unreadable = {field: column == UNREADABLE for field, column in answers.items()}
    unreadable["comorbid"] = comorbid < 0
    seen = np.zeros(len(comorbid), bool)
    judged = {}
    for field, bad in unreadable.items():
        if bad.any():
            rows = np.flatnonzero(bad & ~seen)
            seen |= bad
            judged[field] = (_REASONS.get(field, Reason.ANSWER_UNREADABLE), rows)
    return judged
