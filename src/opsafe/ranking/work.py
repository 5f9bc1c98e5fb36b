"""The work of an initiative: which team, how many quarters, how much staff."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from opsafe._document import Document

__all__ = ["CHAPTERS", "Work"]

CHAPTERS: Final = ("urgency", "coalition", "case", "obstacles", "quick wins")
"""The five chapters of a change programme after the toolkit on opioid safety, in our own words."""

Label = Annotated[str, Field(min_length=1, max_length=200)]
Fte = Annotated[float, Field(ge=0, le=100_000)]
Quarters = Annotated[int, Field(ge=1, le=400)]
Offset = Annotated[int, Field(ge=0, le=399)]


class Work(Document):
    """What one team does for an initiative, without interruption.

    An initiative has one or several of these. They begin together, unless ``starts_after`` says
    otherwise, each lasts its own quarters, and the initiative is done with the last of them.

    Parameters
    ----------
    initiative : str
        Name of the initiative; it may be given without its keyword.
    team : str
        Who does it.
    quarters : int
        Quarters that it takes, 1 or more.
    fte : float
        Full-time equivalents of the team in each of these quarters, 0 or more.
    starts_after : int, optional
        Quarters from the start of the initiative to the start of this work.
    owner : str, optional
        Who answers for it.
    chapter : str, optional
        Chapter of the work plan: one of :data:`CHAPTERS`, or your own.

    Raises
    ------
    DocumentError
        If a field is missing, unknown, of another type or out of range.

    Notes
    -----
    Staff meets capacity on whole counts of 1e-6 of a full-time equivalent.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rk.Work("naloxone", team="pharmacy", quarters=1, fte=0.5).finishes_after
    1
    """

    initiative: Label
    team: Label
    quarters: Quarters
    fte: Fte
    starts_after: Offset = 0
    owner: Label | None = None
    chapter: Label | None = None

    def __init__(self, initiative: str | None = None, /, **fields: Any) -> None:
        given = {} if initiative is None else {"initiative": initiative}
        super().__init__(**given, **fields)

    # As in Document: keeps validation of JSON inside pydantic, with its paths.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def finishes_after(self) -> int:
        """Quarters from the start of the initiative to the end of this work."""
        return self.starts_after + self.quarters
