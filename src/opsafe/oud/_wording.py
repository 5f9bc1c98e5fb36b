"""The slot for licensed text: a host puts it beside our labels, opsafe ships none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = ["Worded", "put_wording"]


class Worded(BaseModel):
    """A criterion or an item: an identifier, and a slot that no JSON and no hash ever holds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    id: str
    wording: Annotated[str, Field(exclude=True, repr=False)] = ""


Part = TypeVar("Part", bound=Worded)


def put_wording(parts: tuple[Part, ...], wording: Mapping[str, str]) -> tuple[Part, ...]:
    """Return the parts of an edition with the host's text in their slots.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an identifier is not in the edition, or a text is no text.
    """
    if not isinstance(wording, Mapping):
        raise ArgumentTypeError("is not a mapping of identifiers to texts", where="wording")
    ids = [part.id for part in parts]
    for name, text in wording.items():
        if name not in ids:
            raise ArgumentError(
                f"{str(name)[:40]!r} is not in this edition", where="wording", allowed=ids
            )
        if not isinstance(text, str):
            raise ArgumentTypeError(f"{type(text).__name__} is no text", where=f"wording[{name!r}]")
    return tuple(
        part.model_copy(update={"wording": wording[part.id]}) if part.id in wording else part
        for part in parts
    )
