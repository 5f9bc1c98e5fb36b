"""What instruments share: items with their allowed values, bands, and a total with bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from annotated_types import Ge
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from opsafe._arguments import plain
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.oud._wording import Worded, put_wording
from opsafe.oud.bounds import Bounds
from opsafe.oud.criteria import Label
from opsafe.provenance import Edition

__all__ = ["InstrumentEdition", "Item", "ScoreBand", "band_of", "read_items", "total"]

Points = Annotated[int, Ge(0)]


class Item(Worded):
    """One item: its name here, our label, and the only values that it allows."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$")]
    label: Label
    allowed: tuple[Points, ...]
    read: Literal["primary", "secondary"]

    @field_validator("allowed")
    @classmethod
    def _rising(cls, values: tuple[int, ...]) -> tuple[int, ...]:
        if len(values) < 2 or list(values) != sorted(set(values)):
            raise ValueError("must rise, and be two at least")
        return values


class ScoreBand(BaseModel):
    """A range of totals as its source names it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    label: Label
    at_least: Points


class InstrumentEdition(Edition):
    """What an instrument scores, without its wording.

    Parameters
    ----------
    items : tuple of Item
        In the order of the form.
    bands : tuple of ScoreBand
        From the lowest; below the first there is none.
    meaningful_improvement : decimal.Decimal, optional
        The share of improvement that its source calls meaningful.
    """

    items: tuple[Item, ...]
    bands: tuple[ScoreBand, ...] = ()
    meaningful_improvement: Decimal | None = None

    def with_wording(self, wording: Mapping[str, str]) -> Self:
        """Return the edition with the host's text beside some or all items, for its form.

        Parameters
        ----------
        wording : mapping of str to str
            The text by the name of the item. It is written nowhere.

        Returns
        -------
        InstrumentEdition
            A copy; its values and their hash are the same.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If an item is not of this instrument, or a text is no text.
        """
        return self.model_copy(update={"items": put_wording(self.items, wording)})

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the items."""
        return tuple(item.id for item in self.items)


def read_items(answers: object, edition: InstrumentEdition) -> dict[str, int | None]:
    """Read the value of each item; absent or None is missing.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an item is not known, or has a value that it does not allow.
    """
    if not isinstance(answers, Mapping):
        raise ArgumentTypeError("is not a mapping of items to values", where="items")
    unknown = [name for name in answers if name not in edition.ids]
    if unknown:
        near = get_close_matches(str(unknown[0])[:60], edition.ids, n=3, cutoff=0.5)
        raise ArgumentError(
            f"{str(unknown[0])[:60]!r} is no item of {edition.id}",
            where="items",
            allowed=near or edition.ids,
        )
    return {item.id: _read(answers.get(item.id), item) for item in edition.items}


def _read(value: object, item: Item) -> int | None:
    value = plain(value)
    if value is None:
        return None
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    found = next((each for each in item.allowed if each == value), None) if is_number else None
    if found is None:
        raise ArgumentError(
            f"{str(value)[:40]!r} is no value of this item",
            where=f"items[{item.id!r}]",
            value=value,
            allowed=item.allowed,
            advice="Leave it out where it was not rated",
        )
    return found


def total(values: Mapping[str, int | None], items: Sequence[Item]) -> Bounds[int]:
    """Sum the items; one that is missing counts from its least to its greatest value."""
    known = sum(value for item in items if (value := values[item.id]) is not None)
    open_items = [item for item in items if values[item.id] is None]
    return Bounds(
        known + sum(item.allowed[0] for item in open_items),
        known + sum(item.allowed[-1] for item in open_items),
    )


def band_of(points: Bounds[int], bands: Sequence[ScoreBand], below: str) -> Bounds[str]:
    """Name the band of each end of the bounds."""

    def named(value: int) -> str:
        reached = [band.label for band in bands if value >= band.at_least]
        return reached[-1] if reached else below

    return Bounds(named(points.lower), named(points.upper))
