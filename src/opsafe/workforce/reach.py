"""How far is near enough: limits of time and distance, and the published ones by programme."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Final, Literal, TypeAlias

from annotated_types import Ge, Le
from pydantic import BeforeValidator, ValidationInfo, field_validator

from opsafe import _tables
from opsafe._document import Document
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Edition, Words

__all__ = ["Logic", "Reach", "ReachStandard", "reach_standard"]

_FOLDER: Final = "opsafe.workforce.data.editions"

Logic: TypeAlias = Literal["either", "both"]
"""Whether one of two limits is enough, or both must hold."""
Threshold: TypeAlias = Annotated[
    float,
    # Files of editions bring exact decimals; a limit is compared with floats.
    BeforeValidator(lambda value: float(value) if isinstance(value, Decimal) else value),
    Ge(0),
    Le(1e6),
]


class Reach(Document):
    """A limit of travel: a site at or below it is in reach.

    Parameters
    ----------
    minutes : float, optional
        Travel time at most, minutes.
    miles : float, optional
        Travel distance at most, miles.
    logic : {"either", "both"}, optional
        With two limits: whether one is enough (Medi-Cal's "or") or both must hold (the "and" of
        Medicare Advantage).

    Raises
    ------
    DocumentError
        Neither limit is given, or one is no number from 0 to 1,000,000.

    Examples
    --------
    >>> str(Reach(minutes=30, miles=15))
    '30 minutes or 15 miles'
    >>> str(Reach(minutes=60, miles=40, logic="both"))
    '60 minutes and 40 miles'
    """

    minutes: Threshold | None = None
    miles: Threshold | None = None
    logic: Logic = "either"

    @field_validator("miles")
    @classmethod
    def _one_at_least(cls, miles: float | None, info: ValidationInfo) -> float | None:
        if miles is None and info.data.get("minutes", 0) is None:
            raise ValueError("neither minutes nor miles is given: one limit at least is needed")
        return miles

    def __str__(self) -> str:
        limits = [
            f"{limit:g} {unit}"
            for limit, unit in ((self.minutes, "minutes"), (self.miles, "miles"))
            if limit is not None
        ]
        return (" or " if self.logic == "either" else " and ").join(limits)


class ReachStandard(Edition):
    """One row of a programme's table of travel standards.

    Parameters
    ----------
    programme : str
        Whose standard it is.
    provider_type : str
        What must be in reach.
    county_group : str
        The counties it is for, as the source groups them.
    counties : tuple of str, optional
        Their names; none where it is for all of them, or where they were not read.
    minutes, miles : float, optional
        The limits.
    logic : {"either", "both"}
        Whether one is enough.
    """

    programme: Words
    provider_type: Words
    county_group: Words
    counties: tuple[Words, ...] = ()
    minutes: Threshold | None = None
    miles: Threshold | None = None
    logic: Logic

    @field_validator("logic")
    @classmethod
    def _limits(cls, logic: Logic, info: ValidationInfo) -> Logic:
        if info.data.get("minutes", 0) is None and info.data.get("miles", 0) is None:
            raise ValueError("joins two limits, and neither minutes nor miles is given")
        return logic

    @property
    def reach(self) -> Reach:
        """The limit itself."""
        return Reach(minutes=self.minutes, miles=self.miles, logic=self.logic)


@cache
def _shipped() -> tuple[ReachStandard, ...]:
    return tuple(
        ReachStandard._from_table(_tables.read_toml(_FOLDER, name), name)
        for name in _tables.names(_FOLDER)
        if name.startswith("reach-")
    )


def reach_standard(
    programme: str, provider_type: str, *, county: str | None = None
) -> ReachStandard:
    """Return the travel standard of a programme that ships with opsafe.

    Parameters
    ----------
    programme, provider_type : str
        As the editions write them, such as ``"Medi-Cal managed care"`` and ``"specialist"``.
    county : str, optional
        The county, where the standard differs between counties.

    Returns
    -------
    ReachStandard
        The edition; ``.reach`` is its limit.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is no such row, or an argument is no text. A standard of your own loads with
        ``ReachStandard.from_toml``, or is simply a :class:`Reach`.

    References
    ----------
    .. [1] California Welfare and Institutions Code, section 14197.
       https://leginfo.legislature.ca.gov/faces/billCompareClient.xhtml?bill_id=202120220SB1180&showamends=false

    Examples
    --------
    >>> found = reach_standard("Medi-Cal managed care", "specialist", county="Los Angeles")
    >>> found.id, str(found.reach)
    ('reach-medi-cal-specialist-15', '30 minutes or 15 miles')
    """
    rows = _chosen(_shipped(), "programme", programme)
    rows = _chosen(rows, "provider_type", provider_type)
    if county is not None and not isinstance(county, str):
        raise ArgumentTypeError("is not text", where="county", value=type(county).__name__)
    for_all = [row for row in rows if row.county_group == "all counties"]
    named = [row for row in rows if county in row.counties]
    if not (named or for_all):
        raise ArgumentError(
            "is needed: the standard differs between counties"
            if county is None
            else f"{county[:60]!r} is in no row whose counties are listed",
            where="county",
            value=county,
            allowed=[name for row in rows for name in row.counties],
            advice="Otherwise give the limit yourself, as a Reach",
        )
    return (named or for_all)[0]


def _chosen(
    rows: tuple[ReachStandard, ...], field: Literal["programme", "provider_type"], value: object
) -> tuple[ReachStandard, ...]:
    if not isinstance(value, str):
        raise ArgumentTypeError("is not text", where=field, value=type(value).__name__)
    chosen = tuple(row for row in rows if getattr(row, field) == value)
    if not chosen:
        raise ArgumentError(
            f"there is no standard for {value[:60]!r}",
            where=field,
            value=value,
            allowed=sorted({getattr(row, field) for row in rows}),
            advice="A standard of your own loads with ReachStandard.from_toml",
        )
    return chosen
