"""Answers that were read to a count: bounds, codes, and what would settle the band."""

from __future__ import annotations

from functools import lru_cache

from opsafe.oud._asked import Asked
from opsafe.oud._codes_open import Candidates, settled_or_open
from opsafe.oud._outcomes import Outcome, outcome
from opsafe.oud._window import Window
from opsafe.oud.bounds import Bounds
from opsafe.oud.count import CriteriaCount
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import Severity

__all__ = ["count_answers"]


def count_answers(
    window: Window, asked: Asked, motives: tuple[int, int] | None = None
) -> CriteriaCount:
    """Count answers that were read.

    Parameters
    ----------
    window : Window
        A1 to A11 as they count on the day.
    asked : Asked
        Editions, supervision, impairment, states beside it.
    motives : tuple of int, optional
        Bits of the criteria whose only motive is pain, and of those whose motive is unknown.
    """
    yes = unknown = 0
    for position, answer in enumerate(window.met):
        if answer is None:
            unknown |= 1 << position
        elif answer:
            yes |= 1 << position
    exempt = window.exempt
    found = _outcome(yes, unknown, exempt, asked)
    candidates = _candidates(found, asked, bool((yes | unknown) & exempt))
    settling = (unknown & ~exempt if found.plain_settles else 0) | (
        unknown & exempt if found.exempt_settles else 0
    )
    adjusted = None
    if motives is not None:
        drop, unsure = (each & ~asked.criteria.exempt_mask for each in motives)
        adjusted = _outcome(yes & ~drop & ~unsure, (unknown | yes & unsure) & ~drop, exempt, asked)
    return CriteriaCount(
        asked,
        tuple(window.met),
        _counts(len(window.met), exempt, asked.solely_supervised),
        Bounds(*found.criteria),
        Bounds(*found.severity),
        candidates.codes,
        candidates.reason,
        _named(asked.criteria.ids, settling, found.supervision_settles, found.impairment_settles),
        None if adjusted is None else Bounds(*adjusted.criteria),
        None if adjusted is None else Bounds(*adjusted.severity),
    )


def _outcome(yes: int, unknown: int, exempt: int, asked: Asked) -> Outcome:
    return outcome(
        asked.criteria.thresholds,
        (yes & ~exempt).bit_count(),
        (unknown & ~exempt).bit_count(),
        (yes & exempt).bit_count(),
        (unknown & exempt).bit_count(),
        asked.solely_supervised,
        asked.impairment_or_distress,
    )


def _candidates(found: Outcome, asked: Asked, may_be_exempt: bool) -> Candidates:
    """The codes, unless the day has none; blocked by a question that could change them."""
    if asked.on is not None and asked.on < asked.codes.first_day:
        return Candidates((), CodeReason.BEFORE_ICD10CM)
    unanswered = None
    if asked.impairment_or_distress is None:
        unanswered = CodeReason.IMPAIRMENT_UNANSWERED
    elif asked.solely_supervised is None and may_be_exempt:
        unanswered = CodeReason.SUPERVISION_UNANSWERED
    reached = found.criteria[1] >= asked.criteria.thresholds[0]
    without = asked.impairment_or_distress is False and reached
    return settled_or_open(
        asked.codes.possible(Severity.between(*found.severity), False, asked.comorbid, asked.on),
        unanswered=unanswered,
        missing=CodeReason.ANSWERS_MISSING,
        none=CodeReason.NO_IMPAIRMENT if without else CodeReason.NO_DISORDER,
    )


@lru_cache(maxsize=512)
def _counts(criteria: int, exempt: int, supervised: bool | None) -> tuple[bool | None, ...]:
    of_exempt = None if supervised is None else not supervised
    return tuple(of_exempt if exempt >> each & 1 else True for each in range(criteria))


@lru_cache(maxsize=8192)
def _named(ids: tuple[str, ...], bits: int, supervision: bool, impairment: bool) -> tuple[str, ...]:
    named = [name for position, name in enumerate(ids) if bits >> position & 1]
    named += ["solely_supervised"] * supervision + ["impairment_or_distress"] * impairment
    return tuple(named)
