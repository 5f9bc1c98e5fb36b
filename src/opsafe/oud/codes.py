"""States to ICD-10-CM codes, and how days of codes and comorbid states are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import TypeAlias

from opsafe._readings import read_date
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.editions import NEWEST_CODES, resolve_codes
from opsafe.oud.states import (
    ComorbidState,
    Remission,
    Severity,
    read_remission,
    read_severity,
)

__all__ = ["Comorbid", "code_for", "read_code_day", "read_comorbid"]

Comorbid: TypeAlias = ComorbidState | str | Sequence[ComorbidState | str] | None
"""What an argument ``comorbid=`` takes: no state, one, or several."""


def code_for(
    severity: Severity | str,
    *,
    remission: Remission | str = Remission.NONE,
    comorbid: ComorbidState | str | None = None,
    on: date | str | None = None,
    codes: str | CodeEdition = NEWEST_CODES,
) -> str | None:
    """Return the ICD-10-CM code of a state.

    Parameters
    ----------
    severity : Severity or str
        The band; in remission the band before it.
    remission : Remission or str, optional
        Early and sustained remission share a code.
    comorbid : ComorbidState or str, optional
        A state with a code of its own, which is then the only code.
    on : date or str, optional
        The day of the code; without it, the newest codes of the edition.
    codes : str or CodeEdition, optional
        The edition of codes.

    Returns
    -------
    str or None
        The code; None where there is neither a disorder nor a state beside it.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the state is not known, or the day lies before ICD-10-CM.
    EditionNotFoundError
        If there is no such edition.

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.code_for("severe", remission="early")
    'F11.21'
    >>> oud.code_for("mild", comorbid="withdrawal", on="2019-05-01")
    'F11.23'
    """
    edition = resolve_codes(codes)
    states = read_comorbid(comorbid)
    if len(states) > 1:
        raise ArgumentError("is one state, since each has its own code", where="comorbid")
    return edition.code_of(
        read_severity(severity, "severity"),
        read_remission(remission, "remission") is not Remission.NONE,
        states[0] if states else None,
        None if on is None else read_code_day(on, edition),
    )


def read_code_day(on: object, edition: CodeEdition) -> date:
    """Read the day of a code.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no date, or lies before the first code of the edition.
    """
    day = read_date(on, "on")
    if day < edition.first_day:
        raise ArgumentError(
            f"lies before ICD-10-CM, whose first day in claims was {edition.first_day}", where="on"
        )
    return day


def read_comorbid(states: object) -> tuple[ComorbidState, ...]:
    """Read the states beside the disorder, each once, in the order of their codes."""
    if states is None:
        return ()
    listed = (states,) if isinstance(states, str) else states
    if not isinstance(listed, Iterable):
        raise ArgumentTypeError("is not a state", where="comorbid", allowed=ComorbidState)
    read = {_state(state) for state in listed}
    return tuple(state for state in ComorbidState if state in read)


def _state(word: object) -> ComorbidState | None:
    folded = str(word).strip().casefold()
    if folded in ("", "none"):
        return None
    try:
        return ComorbidState(folded)
    except ValueError:
        known = [each.value for each in ComorbidState]
        near = get_close_matches(folded[:60], known, n=3, cutoff=0.6)
        raise ArgumentError(
            "is not a state that has a code", where="comorbid", value=word, allowed=near or known
        ) from None
