"""The states that a person or a claim can be in: severity, remission, what comes beside it."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TypeVar

from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = [
    "ComorbidState",
    "MaintenanceTherapy",
    "Remission",
    "Severity",
    "read_remission",
    "read_severity",
]


class Severity(IntEnum):
    """Bands of the number of criteria met, in order."""

    NONE = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3

    def __repr__(self) -> str:
        return f"Severity.{self.name}"

    def __str__(self) -> str:
        return self.word

    @property
    def word(self) -> str:
        """The band in lower case."""
        return self.name.lower()

    @classmethod
    def between(cls, lower: Severity, upper: Severity) -> tuple[Severity, ...]:
        """Every band from a lower to an upper one, both included."""
        return _BANDS[lower : upper + 1]


_BANDS = tuple(Severity)


class Remission(IntEnum):
    """Remission after full criteria were met, in order of its length."""

    NONE = 0
    EARLY = 1
    SUSTAINED = 2

    def __repr__(self) -> str:
        return f"Remission.{self.name}"

    def __str__(self) -> str:
        return self.word

    @property
    def word(self) -> str:
        """The state in lower case."""
        return self.name.lower()


class ComorbidState(StrEnum):
    """A state with a code of its own, given in place of the code of the use disorder."""

    INTOXICATION = "intoxication_without_perceptual"
    INTOXICATION_WITH_PERCEPTUAL_DISTURBANCE = "intoxication_with_perceptual"
    INTOXICATION_DELIRIUM = "intoxication_delirium"
    WITHDRAWAL = "withdrawal"
    WITHDRAWAL_DELIRIUM = "withdrawal_delirium"
    INDUCED_DEPRESSIVE = "induced_depressive"
    INDUCED_PSYCHOTIC_DELUSIONS = "induced_psychotic_delusions"
    INDUCED_PSYCHOTIC_HALLUCINATIONS = "induced_psychotic_hallucinations"
    INDUCED_PSYCHOTIC = "induced_psychotic"
    INDUCED_ANXIETY = "induced_anxiety"
    INDUCED_SLEEP = "induced_sleep"
    INDUCED_SEXUAL_DYSFUNCTION = "induced_sexual_dysfunction"
    INDUCED_UNSPECIFIED = "induced_unspecified"


class MaintenanceTherapy(StrEnum):
    """Medication for opioid use disorder as a specifier of remission."""

    AGONIST = "agonist"
    PARTIAL_AGONIST = "partial_agonist"
    ANTAGONIST = "antagonist"


State = TypeVar("State", Severity, Remission)


def read_severity(given: object, where: str) -> Severity:
    """Read a band, or its word in any case."""
    return _read(given, where, Severity)


def read_remission(given: object, where: str) -> Remission:
    """Read a remission, or its word in any case."""
    return _read(given, where, Remission)


def _read(given: object, where: str, kind: type[State]) -> State:
    if isinstance(given, kind):
        return given
    if isinstance(given, str):
        for state in kind:
            if state.word == given.strip().casefold():
                return state
        raise ArgumentError(f"{given[:40]!r} is none", where=where, value=given, allowed=kind)
    raise ArgumentTypeError(f"{type(given).__name__} is none", where=where, allowed=kind)
