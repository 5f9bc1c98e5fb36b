"""Answers that were read to the columns of the result: look-ups, and a word for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from opsafe.columns import AnyArray, Column, Nullable, Text
from opsafe.oud._batch_columns import COMORBID
from opsafe.oud._codes_open import Candidates, settled_or_open
from opsafe.oud._kernel import NO, UNKNOWN, YES, Shape, Small, mask, tally
from opsafe.oud._tables_of_outcomes import OutcomeTable, outcome_table
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import Severity
from opsafe.quantity import IntArray

__all__ = ["Batch", "Found", "find"]

_BANDS: Final = tuple(each.word for each in Severity)
# What an unanswered or negative question does to the code; 0 is nothing.
_WITHOUT: Final = (
    None,
    CodeReason.IMPAIRMENT_UNANSWERED,
    CodeReason.SUPERVISION_UNANSWERED,
    CodeReason.NO_IMPAIRMENT,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows that could be read: an answer is 0 no, 1 yes, 2 unknown."""

    criteria: CriteriaEdition
    codes: CodeEdition
    answers: Sequence[Small]
    motives: Sequence[Small] | None
    """Of the criteria that always count: whether relief of pain is the only motive."""
    supervision: Small
    impairment: Small
    comorbid: IntArray
    on: date | None


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of the result, and how many rows have which bands open."""

    columns: dict[str, Column]
    severity: dict[tuple[Severity, Severity], int]


def find(batch: Batch) -> Found:
    """Look every row up."""
    criteria = batch.criteria
    exempt = [not one.counts_under_supervision for one in criteria.criteria]
    shape = Shape(len(exempt) - sum(exempt), sum(exempt))
    table = outcome_table(criteria.thresholds, shape)
    place = tally(batch.answers, exempt, batch.supervision, batch.impairment, shape)
    lower, upper = table.severity_lower[place], table.severity_upper[place]
    is_asked = ~np.array(exempt)[:, None] | (batch.supervision != YES)
    missing = sum(
        (answer == UNKNOWN) & asked for answer, asked in zip(batch.answers, is_asked, strict=True)
    )
    columns: dict[str, Column] = {
        "criteria_met_lower": table.criteria_lower[place].astype(np.int64),
        "criteria_met_upper": table.criteria_upper[place].astype(np.int64),
        "severity_lower": Text(lower.astype(np.int8), _BANDS),
        "severity_upper": Text(upper.astype(np.int8), _BANDS),
        "severity_is_certain": lower == upper,
        **_codes(batch, exempt, lower, upper, table.criteria_upper[place]),
        "answers_missing": np.asarray(missing, np.int64),
        "would_settle": _would_settle(batch, exempt, table.settles[place]),
        **_pain_adjusted(batch, exempt, shape, table),
    }
    pairs = np.bincount(lower.astype(np.intp) * 4 + upper, minlength=16)
    severity = {
        (Severity(pair // 4), Severity(pair % 4)): int(pairs[pair])
        for pair in np.flatnonzero(pairs).tolist()
    }
    return Found(columns, severity)


def _codes(
    batch: Batch, exempt: Sequence[bool], lower: Small, upper: Small, most: Small
) -> dict[str, Column]:
    """The candidate codes and why they are open: one look-up for each distinct situation."""
    may_be_exempt = np.zeros(len(lower), bool)
    for answer, is_exempt in zip(batch.answers, exempt, strict=True):
        if is_exempt:
            may_be_exempt |= answer > 0
    without = np.where((batch.supervision == UNKNOWN) & may_be_exempt, 2, 0)
    without[batch.impairment == UNKNOWN] = 1
    without[(batch.impairment == NO) & (most >= batch.criteria.bands.mild)] = 3
    axes = (4, 4, len(_WITHOUT), len(COMORBID))
    situation = lower.astype(np.intp)
    parts: tuple[AnyArray, ...] = (upper, without, batch.comorbid)
    for length, part in zip(axes[1:], parts, strict=True):
        situation *= length
        situation += part

    def told(where: int) -> Candidates:
        low, high, question, state = map(int, np.unravel_index(where, axes))
        beside = COMORBID[state]
        without = _WITHOUT[question] if question else None
        return settled_or_open(
            batch.codes.possible(
                Severity.between(Severity(low), Severity(high)),
                False,
                () if beside is None else (beside,),
                batch.on,
            ),
            unanswered=None if without is CodeReason.NO_IMPAIRMENT else without,
            missing=CodeReason.ANSWERS_MISSING,
            none=CodeReason.NO_IMPAIRMENT
            if without is CodeReason.NO_IMPAIRMENT
            else CodeReason.NO_DISORDER,
        )

    there = np.flatnonzero(np.bincount(situation, minlength=int(np.prod(axes)))).tolist()
    candidates = {where: told(where) for where in there}
    return {
        "candidate_icd10cm": _words(situation, candidates, lambda one: " | ".join(one.codes)),
        "code_reason": _words(situation, candidates, lambda one: one.reason or ""),
    }


def _words(places: npt.NDArray[np.intp], told: dict[int, Any], word: Callable[[Any], str]) -> Text:
    """Text of places by what is told of each; an empty word is missing."""
    number: dict[str, int] = {"": -1}
    codes = np.full(max(told, default=0) + 1, -1, np.int16)
    for place, one in told.items():
        codes[place] = number.setdefault(word(one), len(number) - 1)
    return Text(codes[places], tuple(number)[1:])


def _would_settle(batch: Batch, exempt: Sequence[bool], settles: Small) -> Text:
    """The questions that can still change the band, by identifier, a blank between two."""
    of_exempt = sum(1 << position for position, each in enumerate(exempt) if each)
    every = (1 << len(exempt)) - 1
    asked = np.where(settles & 1, every & ~of_exempt, 0) | np.where(settles & 2, of_exempt, 0)
    bits = mask(batch.answers) & asked.astype(np.uint16)
    bits |= (settles & 12).astype(np.uint16) >> 2 << len(exempt)
    names = (*batch.criteria.ids, "solely_supervised", "impairment_or_distress")
    there = np.flatnonzero(np.bincount(bits, minlength=1)).tolist()
    told = {each: [name for bit, name in enumerate(names) if each >> bit & 1] for each in there}
    return _words(bits.astype(np.intp), told, " ".join)


def _pain_adjusted(
    batch: Batch, exempt: Sequence[bool], shape: Shape, table: OutcomeTable
) -> dict[str, Column]:
    """The bounds without criteria whose only motive is pain; null where no motive is known."""
    rows = len(batch.supervision)
    if batch.motives is None:
        none = np.zeros(rows, bool)
        no_band = Text(np.full(rows, -1, np.int8), ())
        return {
            "pain_adjusted_lower": Nullable(np.zeros(rows, np.int64), none),
            "pain_adjusted_upper": Nullable(np.zeros(rows, np.int64), none),
            "pain_adjusted_severity_lower": no_band,
            "pain_adjusted_severity_upper": no_band,
        }
    adjusted, motives = [], iter(batch.motives)
    known = np.zeros(rows, bool)
    for answer, is_exempt in zip(batch.answers, exempt, strict=True):
        if is_exempt:
            adjusted.append(answer)
            continue
        motive = next(motives)
        known |= motive != UNKNOWN
        unsure = np.where((answer == YES) & (motive == UNKNOWN), UNKNOWN, answer)
        adjusted.append(np.where(motive == YES, 0, unsure).astype(np.uint8))
    place = tally(adjusted, exempt, batch.supervision, batch.impairment, shape)

    def banded(severity: Small) -> Text:
        return Text(np.where(known, severity[place], -1).astype(np.int8), _BANDS)

    return {
        "pain_adjusted_lower": Nullable(table.criteria_lower[place].astype(np.int64), known),
        "pain_adjusted_upper": Nullable(table.criteria_upper[place].astype(np.int64), known),
        "pain_adjusted_severity_lower": banded(table.severity_lower),
        "pain_adjusted_severity_upper": banded(table.severity_upper),
    }
