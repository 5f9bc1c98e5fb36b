"""What treatment does to events: each read from the first evidence that has it, and told whose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opsafe._used import Origin
from opsafe.costbenefit import figures
from opsafe.costbenefit._case_figures import Ready
from opsafe.costbenefit.editions import resolve
from opsafe.costbenefit.plan_inputs import EVENTS, Category, Effect, Medication, OutcomeEvent
from opsafe.errors import ArgumentError

__all__ = ["PRICED", "ratio_name", "read_events"]

_EVIDENCE_OF: Final[dict[OutcomeEvent, figures.Event]] = {
    "death": "death",
    "overdose": "overdose",
    "ed_visit": "acute_care",
    "admission": "acute_care",
}
PRICED: Final[tuple[tuple[OutcomeEvent, str, Category], ...]] = (
    ("ed_visit", "usd_per_ed_visit", "ed"),
    ("admission", "usd_per_admission", "inpatient"),
    ("overdose", "usd_per_overdose", "overdose"),
)
"""Events, the field of their cost, and their category."""
_SEVERAL: Final = "Give evidence_within_months to choose between follow-ups"

Piece = Effect | figures.Evidence


def read_events(ready: Ready) -> None:
    """Read rates, ratios and costs of events; an event that cannot be counted says why."""
    inputs, book = ready.inputs, ready.book
    baseline = {rate.event: rate for rate in inputs.baseline}
    pieces, origin = _pieces(ready)
    for event in EVENTS:
        if event not in baseline:
            ready.why_not[event] = "no baseline rate of the plan's untreated members is given"
            continue
        rate = baseline[event]
        told = f"{_told(rate.events)} per {rate.per}"
        book.add(f"baseline.{event}", rate.events, told=told)
        found = {medication: _piece(ready, pieces, event, medication, origin)
                 for medication in ready.mix}  # fmt: skip
        missing = [medication for medication, piece in found.items() if piece is None]
        if missing:
            ready.why_not[event] = _why_none(pieces, event, missing[0])
            continue
        ready.ratios[event] = {
            medication: _add_ratio(ready, piece, event, medication, origin)
            for medication, piece in found.items()
            if piece is not None
        }
    _read_costs(ready)
    _warn_of_designs(ready)


def ratio_name(event: str, medication: str) -> str:
    """The name of the ratio of an event on a medication."""
    return f"ratio.{event}.{medication}"


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else value.model_dump_json()  # type: ignore[attr-defined]


def _pieces(ready: Ready) -> tuple[list[Piece], Origin]:
    given = ready.inputs.evidence
    if given is not None:
        pieces: list[Piece] = [
            each if isinstance(each, Effect) else resolve(each, figures.Evidence, "evidence")
            for each in given
        ]
        return pieces, "edition"
    if not ready.inputs.baseline:
        return [], "default edition"
    ids = ready.defaults.evidence
    return [resolve(each, figures.Evidence, "defaults.evidence") for each in ids], "default edition"


def _piece(
    ready: Ready, pieces: Sequence[Piece], event: OutcomeEvent, medication: Medication,
    origin: Origin,
) -> Piece | None:  # fmt: skip
    """The first piece that has the event for the medication."""
    for each in pieces:
        if isinstance(each, Effect):
            if each.event != event or each.medication not in (None, medication):
                continue
            if _fits(ready, each.scope, event, "given"):
                return each
        elif each.comparisons(_EVIDENCE_OF[event], medication):
            row = _row(ready, each, event, medication)
            if _fits(ready, row.scope, event, origin):
                return each
    return None


def _why_none(pieces: Sequence[Piece], event: OutcomeEvent, medication: Medication) -> str:
    """Why no piece fits: none has the event, or what has it would be discounted twice."""
    for each in pieces:
        if isinstance(each, figures.Evidence) and each.comparisons(_EVIDENCE_OF[event], medication):
            return (
                f"the default evidence, {each.id}, counts from the start, whoever stays, and"
                " retention would discount it a second time"
            )
    return f"no evidence that is picked has it for {medication}"


def _fits(ready: Ready, scope: figures.Scope, event: str, origin: Origin) -> bool:
    """An effect after the start holds whether members stay or not: no curve may act on it."""
    if scope == "while_on_treatment" or ready.inputs.retention is None:
        return True
    if origin == "default edition":
        return False
    raise ArgumentError(
        f"the effect on {event} counts from the start, whoever stays, and retention would"
        " discount it a second time",
        where="evidence",
        value=scope,
        allowed=("while_on_treatment",),
        advice="Leave retention out, or pick evidence of time on treatment",
    )


def _row(
    ready: Ready, found: figures.Evidence, event: OutcomeEvent, medication: Medication
) -> figures.EvidenceRow:
    """The row to use; of several follow-ups the one that is asked for, or the longest."""
    rows = found.comparisons(_EVIDENCE_OF[event], medication)
    asked = ready.inputs.evidence_within_months
    if len(rows) == 1:
        return rows[0]
    if asked is not None:
        rows = tuple(row for row in rows if row.within_months == asked)
    else:
        longest = max((row.within_months for row in rows if row.within_months), default=None)
        if longest is not None:
            rows = tuple(row for row in rows if row.within_months == longest)
            ready.used.warn(f"{found.id} has several follow-ups; that of {longest} months is used."
                            f" {_SEVERAL}")  # fmt: skip
    if len(rows) != 1:
        raise ArgumentError(
            f"{found.id} has {len(rows)} figures for {event} on {medication}"
            + ("" if asked is None else f" within {asked} months"),
            where="evidence" if asked is None else "evidence_within_months",
            value=asked,
            advice="Give an Effect of your own, or another edition",
        )
    return rows[0]


def _add_ratio(
    ready: Ready, piece: Piece, event: OutcomeEvent, medication: Medication, origin: Origin
) -> str:
    if isinstance(piece, Effect):
        # One effect of all medications is one unknown, not several.
        name = ratio_name(event, piece.medication or "all")
        ready.book.add(name, piece.ratio, source=piece.population)
        ready.designs[f"{event}, your own ({piece.design})"] = None
        if piece.population:
            ready.populations[piece.population] = None
        scope = piece.scope
    else:
        row = _row(ready, piece, event, medication)
        name = f"ratio.{piece.id}.{row.name}"
        ratio, spread = row.ratio, row.ratio_distribution
        assert ratio is not None and spread is not None
        told = f"{piece.id}, {row.name}: {float(ratio):.6g}"
        ready.book.add(name, spread, origin=origin, source=piece, told=told, base=float(ratio))
        ready.designs[f"{event}, {piece.id} ({piece.design.replace('_', ' ')})"] = None
        ready.populations[row.population or piece.population] = None
        scope = row.scope
        if row.event == "acute_care":
            ready.used.warn(
                f"{piece.id} counts visits and admissions together as acute care; its ratio is"
                " used for each"
            )
    if scope == "after_start":
        ready.used.warn(
            f"The effect on {event} counts from the start, whoever stays: the share treated is"
            " then the share who have started"
        )
    return name


def _read_costs(ready: Ready) -> None:
    """Add what events cost; one that is priced must be counted."""
    costs = ready.inputs.event_costs
    if costs is None:
        return
    priced = []
    for event, name, _ in PRICED:
        value = getattr(costs, name)
        if value is None:
            continue
        if event in ready.why_not:
            raise ArgumentError(
                f"is given, but {ready.why_not[event]}",
                where=f"event_costs.{name}",
                advice=f"Give a baseline and evidence of {event}, or leave its cost out",
            )
        ready.book.add(f"event_costs.{name}", value)
        priced.append(event)
    if not priced:
        raise ArgumentError("holds no cost of an event", where="event_costs")
    if "overdose" in priced and len(priced) > 1:
        ready.used.warn(
            "The cost of an overdose must be what comes on top of its visits and admissions, which"
            " are counted on their own"
        )


def _warn_of_designs(ready: Ready) -> None:
    if ready.designs:
        ready.used.warn(f"Evidence and its design: {'; '.join(ready.designs)}")
    if "death" in ready.ratios and ready.inputs.survival_spending_usd_per_member_month is None:
        ready.used.warn(
            "Spending from longer survival is not counted: give"
            " survival_spending_usd_per_member_month"
        )
