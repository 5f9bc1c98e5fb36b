"""States to ICD-10-CM codes: the code of one state, and the codes that several leave open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, TypeAlias

from opsafe._readings import read_date
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud.code_edition import ClaimCode
from opsafe.oud.editions import codes
from opsafe.oud.states import ComorbidState, Remission, Severity

__all__ = ["FIRST_DAY", "Comorbid", "code_for", "possible_codes", "read_comorbid"]

FIRST_DAY: Final = date(2015, 10, 1)
"""The first day of ICD-10-CM in claims of the United States."""

Comorbid: TypeAlias = ComorbidState | str | Sequence[ComorbidState | str] | None
"""What an argument ``comorbid=`` takes: no state, one, or several."""


def code_for(
    severity: Severity,
    *,
    remission: Remission = Remission.NONE,
    comorbid: ComorbidState | str | None = None,
    on: date | str | None = None,
) -> str | None:
    """Return the ICD-10-CM code of a state.

    Parameters
    ----------
    severity : Severity
        The band; in remission the band before it.
    remission : Remission, optional
        Early and sustained remission share a code.
    comorbid : ComorbidState or str, optional
        A state with a code of its own, which is then the only code.
    on : date or str, optional
        The day of the code; without it, the newest codes of the edition.

    Returns
    -------
    str or None
        The code; None where there is neither a disorder nor a state beside it.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the state is not known, or the day lies before ICD-10-CM.

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.code_for(oud.Severity.SEVERE, remission=oud.Remission.EARLY)
    'F11.21'
    >>> oud.code_for(oud.Severity.MILD, comorbid="withdrawal", on="2019-05-01")
    'F11.23'
    """
    if not isinstance(severity, Severity):
        raise ArgumentTypeError("is not a Severity", where="severity", allowed=Severity)
    states = read_comorbid(comorbid)
    if len(states) > 1:
        raise ArgumentError("is one state, since each has its own code", where="comorbid")
    return _code(severity, remission > 0, states[0] if states else None, read_code_day(on))


def read_code_day(on: object) -> date | None:
    """Read the day of a code; None is the newest."""
    if on is None:
        return None
    day = read_date(on, "on")
    if day < FIRST_DAY:
        raise ArgumentError(
            f"lies before ICD-10-CM, whose first day in claims was {FIRST_DAY}", where="on"
        )
    return day


def read_comorbid(states: Comorbid) -> tuple[ComorbidState, ...]:
    """Read the states beside the disorder, each once, in the order of their codes."""
    if states is None or states == () or states == []:
        return ()
    listed = (states,) if isinstance(states, str) else states
    if not isinstance(listed, Iterable):
        raise ArgumentTypeError("is not a state", where="comorbid", allowed=ComorbidState)
    read = {_state(state) for state in listed}
    return tuple(state for state in ComorbidState if state in read)


def _state(word: object) -> ComorbidState:
    try:
        return ComorbidState(str(word).strip().casefold())
    except ValueError:
        known = [each.value for each in ComorbidState]
        near = get_close_matches(str(word)[:60], known, n=3, cutoff=0.6)
        raise ArgumentError(
            "is not a state that has a code", where="comorbid", value=word, allowed=near or known
        ) from None


@lru_cache(maxsize=4096)
def possible_codes(
    severities: tuple[Severity, ...],
    remissions: tuple[bool, ...],
    comorbid: tuple[ComorbidState, ...],
    on: date | None,
) -> tuple[tuple[str, ...], ...]:
    """The distinct answers that these bands leave open; an answer is empty where nothing applies.

    An answer has one code, or one for each of several comorbid states.
    """
    answers: dict[tuple[str, ...], None] = {}
    for severity in severities:
        for remission in remissions:
            given = (_code(severity, remission, state, on) for state in comorbid or (None,))
            answers[tuple(code for code in given if code)] = None
    return tuple(answers)


def _code(
    severity: Severity, remission: bool, comorbid: ComorbidState | None, on: date | None
) -> str | None:
    if comorbid is None and severity is Severity.NONE:
        return None
    # A code of a comorbid state stands alone, in remission too.
    found = codes().assigned[severity, remission and comorbid is None, comorbid]
    return _on(found, on).code


def _on(code: ClaimCode, day: date | None) -> ClaimCode:
    """The code itself, or what was given for the same before its first day."""
    while day is not None and day < code.valid_from and code.before is not None:
        code = codes().by_code[code.before]
    return code
