"""Which unanswered questions can still change what a history concludes: each is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from opsafe.errors import ArgumentError
from opsafe.oud._calendar import months_before
from opsafe.oud._clock import Clock
from opsafe.oud._conclusion import Conclusion, conclude
from opsafe.oud._past import Past, Seen
from opsafe.oud.answers import Answer, Given
from opsafe.oud.bounds import Bounds
from opsafe.oud.states import Severity

__all__ = ["settling"]


def settling(past: Past, seen: Seen, found: Conclusion) -> tuple[str, ...]:
    """Name the questions of which some answer changes the state or the code.

    Answers of an undated criterion are tried at the boundaries: today, yesterday, at 3 months, and
    on the first day of the window.
    """
    told = _told(found)
    listed: dict[str, None] = {}
    for name, other in _others(past, seen.clock):
        if name in listed:
            continue
        try:
            answered = conclude(other, other.seen())
        except ArgumentError:
            continue  # this answer contradicts what is known: it cannot be given
        if _told(answered) != told:
            listed[name] = None
    return tuple(listed)


def _told(found: Conclusion) -> tuple[object, ...]:
    return (found.remission, found.severity, found.may_be_left, found.candidates.codes)


def _others(past: Past, clock: Clock) -> Iterator[tuple[str, Past]]:
    """Every unanswered question with the past as it would be after one of its answers."""
    asked = past.asked
    for position, answer in enumerate(past.given):
        for other in _answers(past, position, answer):
            given = (*past.given[:position], other, *past.given[position + 1 :])
            yield asked.criteria.ids[position], replace(past, given=given)
    for yes in (False, True):
        if asked.solely_supervised is None:
            yield "solely_supervised", replace(past, asked=replace(asked, solely_supervised=yes))
        if asked.impairment_or_distress is None:
            answered = replace(asked, impairment_or_distress=yes)
            yield "impairment_or_distress", replace(past, asked=answered)
    for yes in (False, True):
        if past.full_criteria_before is None and past.prior_severity is None:
            yield "full_criteria_before", replace(past, full_criteria_before=yes)
    if past.last_criterion is None and clock.earliest != clock.latest:
        for day in _days(past):
            yield "last_criterion", replace(past, last_criterion=day)
    for yes in (False, True):
        if past.due_to_agonist is None:
            yield "due_to_prescribed_agonist", replace(past, due_to_agonist=yes)
    prior = past.prior_severity or Bounds(Severity.MILD, Severity.SEVERE)
    if past.full_criteria_before is not False and not prior.is_certain:
        for severity in Severity.between(prior.lower, prior.upper):
            yield "prior_severity", replace(past, prior_severity=Bounds(severity, severity))


def _answers(past: Past, position: int, answer: Given) -> Iterator[Given]:
    """The answers that a criterion without a date could still have."""
    read = answer if isinstance(answer, Answer) else Answer(answer)
    one = past.asked.criteria.criteria[position]
    if read.met is False or read.last_true or read.last_true_outside_supervision:
        return
    if past.asked.solely_supervised and not one.counts_under_supervision:
        return
    motive = read.pain_is_sole_motive
    if read.met is None:
        yield Answer(False, pain_is_sole_motive=motive)
    for day in _days(past):
        yield Answer(True, day, pain_is_sole_motive=motive)


def _days(past: Past) -> tuple[date, ...]:
    as_of, criteria = past.asked.as_of, past.asked.criteria
    assert as_of is not None
    first = months_before(as_of, criteria.window_months) + timedelta(days=1)
    return (
        as_of,
        as_of - timedelta(days=1),
        months_before(as_of, criteria.early_remission_months),
        first,
        first - timedelta(days=1),
    )
