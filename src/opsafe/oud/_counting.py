"""Answers that were read to a count: bounds, codes, and what would settle the band."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from opsafe.oud._codes_open import settled_or_open
from opsafe.oud._outcomes import outcome
from opsafe.oud.bounds import Bounds
from opsafe.oud.codes import possible_codes
from opsafe.oud.count import CriteriaCount
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import ComorbidState, Severity

__all__ = ["Question", "count_answers"]


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a count of answers depends on beside the answers."""

    criteria: CriteriaEdition
    solely_supervised: bool | None
    impairment_or_distress: bool | None
    comorbid: tuple[ComorbidState, ...]
    on: date | None


def count_answers(
    met: list[bool | None],
    exempt: int,
    question: Question,
    motives: tuple[int, int] | None = None,
) -> CriteriaCount:
    """Count answers that were read.

    Parameters
    ----------
    met : list of bool or None
        A1 to A11.
    exempt : int
        Bits of the criteria that sole supervision exempts.
    question : Question
        Edition, supervision, impairment, states beside it.
    motives : tuple of int, optional
        Bits of the criteria whose only motive is pain, and of those whose motive is unknown.
    """
    yes = unknown = 0
    for position, answer in enumerate(met):
        if answer is None:
            unknown |= 1 << position
        elif answer:
            yes |= 1 << position
    criteria = question.criteria
    supervised, impaired = question.solely_supervised, question.impairment_or_distress
    found = outcome(
        criteria.thresholds,
        (yes & ~exempt).bit_count(),
        (unknown & ~exempt).bit_count(),
        (yes & exempt).bit_count(),
        (unknown & exempt).bit_count(),
        supervised,
        impaired,
    )
    unanswered = _unanswered(question, (yes | unknown) & exempt)
    candidates = settled_or_open(
        possible_codes(_between(*found.severity), (False,), question.comorbid, question.on),
        unanswered,
        CodeReason.ANSWERS_MISSING,
    )
    settling = (unknown & ~exempt if found.plain_settles else 0) | (
        unknown & exempt if found.exempt_settles else 0
    )
    adjusted = None
    if motives is not None:
        drop, unsure = motives
        adjusted = outcome(
            criteria.thresholds,
            (yes & ~exempt & ~drop & ~unsure).bit_count(),
            ((unknown & ~drop | yes & unsure) & ~exempt).bit_count(),
            (yes & exempt).bit_count(),
            (unknown & exempt).bit_count(),
            supervised,
            impaired,
        )
    return CriteriaCount(
        criteria,
        tuple(met),
        _counts(len(met), exempt, supervised),
        supervised,
        impaired,
        question.comorbid,
        Bounds(*found.criteria),
        Bounds(*found.severity),
        candidates.codes,
        candidates.reason,
        _named(criteria.ids, settling, found.supervision_settles, found.impairment_settles),
        None if adjusted is None else Bounds(*adjusted.criteria),
        None if adjusted is None else Bounds(*adjusted.severity),
    )


def _unanswered(question: Question, exempt_possible: int) -> CodeReason | None:
    """The question without whose answer no code is told, unless it changes nothing."""
    if question.impairment_or_distress is None:
        return CodeReason.IMPAIRMENT_UNANSWERED
    if question.solely_supervised is None and exempt_possible:
        return CodeReason.SUPERVISION_UNANSWERED
    return None


@lru_cache(maxsize=16)
def _between(lower: Severity, upper: Severity) -> tuple[Severity, ...]:
    return tuple(each for each in Severity if lower <= each <= upper)


@lru_cache(maxsize=512)
def _counts(criteria: int, exempt: int, supervised: bool | None) -> tuple[bool | None, ...]:
    of_exempt = None if supervised is None else not supervised
    return tuple(of_exempt if exempt >> each & 1 else True for each in range(criteria))


@lru_cache(maxsize=8192)
def _named(ids: tuple[str, ...], bits: int, supervision: bool, impairment: bool) -> tuple[str, ...]:
    named = [name for position, name in enumerate(ids) if bits >> position & 1]
    named += ["solely_supervised"] * supervision + ["impairment_or_distress"] * impairment
    return tuple(named)
