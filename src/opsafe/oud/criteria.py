"""Editions of the criteria: identifiers, groups, counts and thresholds, and labels of our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final, Literal, Self, TypeAlias

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from opsafe.oud._wording import Worded, put_wording
from opsafe.provenance import Edition

__all__ = ["Bands", "CriteriaEdition", "Criterion", "Label"]

_IDS: Final = tuple(f"A{number}" for number in range(1, 12))

Label: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\S+( \S+){0,5}$")
]
"""At most six words: an identifier for a person, never the wording of a source."""
Months: TypeAlias = Annotated[int, Ge(1), Le(120)]
Least: TypeAlias = Annotated[int, Ge(1), Le(11)]


class Criterion(Worded):
    """One criterion: what it is called here, and where it counts.

    Parameters
    ----------
    id : str
        A1 to A11.
    label : str
        Our own words, at most six; the wording is licensed, and the host's to bring.
    group : str
        Impaired control, social, risky use or pharmacological.
    counts_under_supervision : bool
        Whether it counts when opioids are used solely under medical supervision.
    counts_for_remission : bool
        Whether remission waits for its end.
    wording : str, optional
        The licensed wording, where the host supplies it: never shipped, never written out.
    """

    id: Annotated[str, StringConstraints(pattern=r"^A([1-9]|1[01])$")]
    label: Label
    group: Literal["impaired control", "social", "risky use", "pharmacological"]
    counts_under_supervision: bool
    counts_for_remission: bool


class Bands(BaseModel):
    """The least number of criteria of each band."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    mild: Least
    moderate: Least
    severe: Least


class CriteriaEdition(Edition):
    """What one manual says of the criteria, without its words.

    Parameters
    ----------
    criteria : tuple of Criterion
        A1 to A11, in order.
    bands : Bands
        The least number of criteria of each band.
    window_months : int
        Months that the criteria are looked for in.
    early_remission_months, sustained_remission_months : int
        Months without criteria from which remission is early, and sustained.
    """

    criteria: tuple[Criterion, ...]
    bands: Bands
    window_months: Months
    early_remission_months: Months
    sustained_remission_months: Months

    @field_validator("criteria")
    @classmethod
    def _all_eleven(cls, criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
        if tuple(one.id for one in criteria) != _IDS:
            raise ValueError("must be A1 to A11, in order")
        if len({one.label.casefold() for one in criteria}) < len(criteria):
            raise ValueError("two criteria have one label")
        return criteria

    @field_validator("bands")
    @classmethod
    def _bands_rise(cls, bands: Bands) -> Bands:
        if not bands.mild < bands.moderate < bands.severe:
            raise ValueError("must rise from mild to severe")
        return bands

    def with_wording(self, wording: Mapping[str, str]) -> Self:
        """Return the edition with the host's licensed wording beside some or all criteria.

        Parameters
        ----------
        wording : mapping of str to str
            The text by identifier, such as ``"A1"``. It is shown where a count is shown, and
            written nowhere.

        Returns
        -------
        CriteriaEdition
            A copy; its values and their hash are the same.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If an identifier is none of A1 to A11, or a text is no text.

        Examples
        --------
        >>> from opsafe import oud
        >>> edition = oud.edition("dsm-5-tr").with_wording({"A4": "(the host's licensed text)"})
        >>> edition.criteria[3].wording
        "(the host's licensed text)"
        """
        return self.model_copy(update={"criteria": put_wording(self.criteria, wording)})

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """A1 to A11."""
        return tuple(one.id for one in self.criteria)

    @cached_property
    def thresholds(self) -> tuple[int, int, int]:
        """The least number of criteria of mild, moderate and severe."""
        return self.bands.mild, self.bands.moderate, self.bands.severe

    @cached_property
    def positions(self) -> dict[str, int]:
        """Each identifier and label, folded, with the position of its criterion."""
        return {
            word.casefold(): position
            for position, one in enumerate(self.criteria)
            for word in (one.id, one.label)
        }

    @cached_property
    def exempt_mask(self) -> int:
        """Bits of the criteria that do not count under sole supervision; A1 is bit 0."""
        return sum(
            1 << i for i, one in enumerate(self.criteria) if not one.counts_under_supervision
        )
