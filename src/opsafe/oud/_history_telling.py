"""A history in words, in HTML and as plain values."""

from __future__ import annotations

import html
from typing import Any

from opsafe.oud._concluded import Concluded
from opsafe.oud._telling import band_words, between, count_sentence, count_table, pair
from opsafe.oud._telling import count_record as record_of_count
from opsafe.oud.answers import Answer, Given
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import Remission

__all__ = ["as_html", "as_record", "sentence"]


def sentence(history: Concluded) -> str:
    """The state, the clock and the lookback, in one sentence."""
    parts = [_state(history), _clock(history), *_codes(history)]
    months = history.past.asked.criteria.window_months
    return (
        f"As of {history.as_of}: {'; '.join(parts)}. "
        f"In the {months} months before: {count_sentence(history.lookback)}"
    )


def _state(history: Concluded) -> str:
    lower, upper = history.remission.lower, history.remission.upper
    if lower is not Remission.NONE:
        kinds = lower.word if lower is upper else f"{lower.word} or {upper.word}"
        said = ", ".join([f"{kinds} remission", *history.specifiers])
        return f"{said}, {between(history.prior_severity)} before"
    if upper is not Remission.NONE:
        return "remission is possible and not settled"
    if history.severity is None:
        return f"no remission; {CodeReason.ONE_CRITERION_LEFT.advice}"
    words = band_words(history.severity)
    neither = ", or neither remission nor a band" if history.conclusion.may_be_left else ""
    if history.seen.clock.may_be_present or history.full_criteria_before is not True:
        return f"no remission; current: {words}{neither}"
    early = history.past.asked.criteria.early_remission_months
    return f"no remission before {early} months; current at the band before: {words}"


def _clock(history: Concluded) -> str:
    months = history.months_without_criteria
    longest = history.past.asked.criteria.sustained_remission_months
    words = between(months)
    more = " or more" if months.upper == longest else ""
    return f"{words}{more} whole months without criteria other than craving"


def _codes(history: Concluded) -> list[str]:
    reason, codes = history.code_reason, history.candidate_icd10cm
    if reason is None:
        return [f"candidate {' and '.join(codes)}"]
    if reason.is_settled or reason is CodeReason.ONE_CRITERION_LEFT:
        return []
    candidates = [f"candidates {' or '.join(codes)}"] if codes else []
    return [*candidates, f"code open: {reason.advice}"]


def as_record(history: Concluded) -> dict[str, Any]:
    """The history as plain values: bounds as pairs, states as words, answers with their dates."""
    return {
        "as_of": str(history.as_of),
        "first_day": str(history.first_day),
        "answers": {
            name: _answer(answer)
            for name, answer in zip(
                history.past.asked.criteria.ids, history.past.given, strict=True
            )
        },
        "remission": pair(history.remission),
        "months_without_criteria": pair(history.months_without_criteria),
        "full_criteria_before": history.full_criteria_before,
        "prior_severity": pair(history.prior_severity),
        "severity": pair(history.severity),
        "maintenance_therapy": history.maintenance_therapy,
        "controlled_environment": history.controlled_environment,
        "specifiers": list(history.specifiers),
        "candidate_icd10cm": list(history.candidate_icd10cm),
        "code_reason": history.code_reason,
        "would_settle": list(history.would_settle),
        "sentence": sentence(history),
        "lookback": record_of_count(history.lookback),
    }


def _answer(answer: Given) -> dict[str, Any]:
    read = answer if isinstance(answer, Answer) else Answer(answer)
    outside = read.last_true_outside_supervision
    return {
        "met": read.met,
        "last_true": read.last_true and str(read.last_true),
        "last_true_outside_supervision": outside and str(outside),
        "pain_is_sole_motive": read.pain_is_sole_motive,
    }


def as_html(history: Concluded) -> str:
    """The history for a notebook, with the table of the lookback and the sources."""
    settle = ", ".join(history.would_settle) or "nothing"
    asked = history.past.asked
    return (
        f"<p><b>{html.escape(sentence(history))}</b></p>"
        f"<p>Can still change the state or the code: {html.escape(settle)}.</p>"
        f"{count_table(history.lookback)}"
        f"<p>{html.escape(asked.criteria.citation())}<br>{html.escape(asked.codes.citation())}</p>"
    )
