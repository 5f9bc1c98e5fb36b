"""A history in words, in HTML and as plain values."""

from __future__ import annotations

import html
from typing import Any

from opsafe.oud._concluded import Concluded
from opsafe.oud._telling import between
from opsafe.oud.reasons import CodeReason
from opsafe.oud.states import Remission

__all__ = ["as_html", "as_record", "sentence"]


def sentence(history: Concluded) -> str:
    """The state, the clock and the lookback, in one sentence."""
    parts = [_state(history), _clock(history), *_codes(history)]
    return (
        f"As of {history.as_of}: {'; '.join(parts)}. "
        f"In the 12 months before: {history.lookback.sentence}"
    )


def _state(history: Concluded) -> str:
    lower, upper = history.remission.lower, history.remission.upper
    if lower is not Remission.NONE:
        kinds = lower.word if lower is upper else f"{lower.word} or {upper.word}"
        said = ", ".join([f"{kinds} remission", *history.specifiers])
        return f"{said}, {between(history.prior_severity)} before"
    if upper is not Remission.NONE:
        return "remission is possible and not settled"
    if history.code_reason is CodeReason.ONE_CRITERION_LEFT:
        return CodeReason.ONE_CRITERION_LEFT.sentence
    if history.severity is None or history.severity.upper == 0:
        return "no remission, and the criteria threshold is not reached"
    if history.severity == history.lookback.severity:
        return "no remission; the state is that of the 12 months before"
    return f"no remission before 3 months; current at the band before, {between(history.severity)}"


def _clock(history: Concluded) -> str:
    months = history.months_without_criteria
    least, most = months.lower, months.upper
    longest = history.lookback.criteria_edition.sustained_remission_months
    words = f"{least}" if least == most else f"{least} to {most}"
    more = " or more" if most == longest else ""
    return f"{words}{more} whole months without criteria other than craving"


def _codes(history: Concluded) -> list[str]:
    if history.code_reason in (CodeReason.NO_DISORDER, CodeReason.ONE_CRITERION_LEFT):
        return []
    codes = " or ".join(history.candidate_icd10cm)
    why = f"code open: {history.code_reason.sentence}" if history.code_reason else ""
    return [" ".join(each for each in (f"candidate {codes}" if codes else "", why) if each)]


def as_record(history: Concluded) -> dict[str, Any]:
    """The history as plain values: bounds as pairs, states as words."""
    months, remission = history.months_without_criteria, history.remission
    severity = history.severity
    return {
        "as_of": str(history.as_of),
        "first_day": str(history.first_day),
        "remission": [remission.lower.word, remission.upper.word],
        "months_without_criteria": [months.lower, months.upper],
        "full_criteria_before": history.full_criteria_before,
        "prior_severity": [history.prior_severity.lower.word, history.prior_severity.upper.word],
        "severity": [severity.lower.word, severity.upper.word] if severity else None,
        "specifiers": list(history.specifiers),
        "candidate_icd10cm": list(history.candidate_icd10cm),
        "code_reason": history.code_reason.value if history.code_reason else None,
        "would_settle": list(history.would_settle),
        "sentence": sentence(history),
        "lookback": history.lookback.as_record(),
    }


def as_html(history: Concluded) -> str:
    """The history for a notebook, with the table of the lookback."""
    settle = ", ".join(history.would_settle) or "nothing"
    return (
        f"<p><b>{html.escape(sentence(history))}</b></p>"
        f"<p>Can still change the state: {html.escape(settle)}.</p>"
        f"{history.lookback._repr_html_()}"
    )
