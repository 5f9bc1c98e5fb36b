"""An ICD-10-CM code of a claim to the set of states that it can mean."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud.claims import CodedOud, CodedState
from opsafe.oud.code_edition import ClaimCode, CodeEdition
from opsafe.oud.codes import read_code_day
from opsafe.oud.editions import NEWEST_CODES, resolve_codes
from opsafe.oud.states import ComorbidState, Remission, Severity

__all__ = ["from_icd10cm"]


def from_icd10cm(code: str, *, on: date | str, codes: str | CodeEdition = NEWEST_CODES) -> CodedOud:
    """Return the states that an ICD-10-CM code of opioid related disorders can mean.

    Parameters
    ----------
    code : str
        Of category F11, with or without its point, in any case.
    on : date or str
        The day of the claim: codes have first days.
    codes : str or CodeEdition, optional
        The edition of codes.

    Returns
    -------
    CodedOud
        The set of states; a header means what any code below it means.

    Raises
    ------
    ArgumentError
        If the code is malformed, is of another category, never existed (F11.0), or was not in
        use on the day.
    ArgumentTypeError
        If the code is no text or the day no date.

    Notes
    -----
    The states are the inverse of :func:`code_for`, with the code's predecessors before its first
    day, and "coded, criteria not met" for every code.

    Examples
    --------
    >>> from opsafe import oud
    >>> coded = oud.from_icd10cm("F1120", on="2025-03-01")
    >>> sorted(coded.severities)
    [Severity.NONE, Severity.MODERATE, Severity.SEVERE]
    """
    edition = resolve_codes(codes)
    day = read_code_day(on, edition)
    found = _find(code, edition)
    if not found.holds_on(day):
        raise ArgumentError(
            f"{found.code} was not in use on {day}: it holds from {found.valid_from}",
            where="code",
            value=found.code,
            allowed=(found.before,) if found.before else (),
        )
    return CodedOud(
        code=found.code,
        on=day,
        label=found.label,
        is_billable=found.billable,
        states=_states(found, day, edition),
        edition=edition.id,
    )


def _find(code: object, edition: CodeEdition) -> ClaimCode:
    if not isinstance(code, str):
        raise ArgumentTypeError("a code is text", where="code", value=type(code).__name__)
    written = code.strip().upper()
    folded = written.replace(".", "")
    if not re.fullmatch(r"[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?", written):
        raise ArgumentError(
            f"{code[:20]!r} is not written like an ICD-10-CM code",
            where="code",
            advice="Write it like F11.20",
        )
    if not folded.startswith("F11"):
        raise ArgumentError(
            f"{code[:20]!r} is no code of opioid related disorders",
            where="code",
            value=code,
            advice="They begin with F11",
        )
    pointed = f"F11.{folded[3:]}" if folded[3:] else "F11"
    found = edition.by_code.get(pointed)
    if found is None:
        known = tuple(edition.by_code)
        raise ArgumentError(
            f"{pointed} does not exist",
            where="code",
            value=pointed,
            allowed=get_close_matches(pointed, known, n=3, cutoff=0.6),
        )
    return found


def _states(code: ClaimCode, day: date, edition: CodeEdition) -> frozenset[CodedState]:
    if not code.billable:
        below = [
            each
            for each in edition.codes
            if each.billable and each.code.startswith(code.code) and each.holds_on(day)
        ]
        return frozenset(state for each in below for state in _states(each, day, edition))
    meanings = [code]
    # What had no code of its own yet was claimed with this one.
    meanings += [
        each for each in edition.codes if each.before == code.code and day < each.valid_from
    ]
    return frozenset(state for each in meanings for state in _own_states(each))


def _own_states(code: ClaimCode) -> set[CodedState]:
    remissions = (Remission.EARLY, Remission.SUSTAINED) if code.remission else (Remission.NONE,)
    comorbid = tuple(map(ComorbidState, code.comorbid)) or (None,)
    found = {
        CodedState(Severity[word.upper()], remission, state)
        for word in code.severities
        for remission in remissions
        for state in comorbid
    }
    return found | {CodedState(Severity.NONE, Remission.NONE, state) for state in comorbid}
