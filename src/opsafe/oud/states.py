"""The states that a person or a claim can be in: severity, remission, what comes beside it."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = ["ComorbidState", "MaintenanceTherapy", "Remission", "Severity"]


class Severity(IntEnum):
    """Bands of the number of criteria met, in order."""

    NONE = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3

    def __repr__(self) -> str:
        return f"Severity.{self.name}"

    @property
    def word(self) -> str:
        """The band in lower case."""
        return self.name.lower()


class Remission(IntEnum):
    """Remission after full criteria were met, in order of its length."""

    NONE = 0
    EARLY = 1
    SUSTAINED = 2

    def __repr__(self) -> str:
        return f"Remission.{self.name}"

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
