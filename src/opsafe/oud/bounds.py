"""A lower and an upper value where answers are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Bounds"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Bounds(Generic[Value]):
    """The least and the greatest value that the missing answers leave possible.

    Parameters
    ----------
    lower, upper : Value
        Both can be reached by some way of answering; equal where nothing missing matters.

    Examples
    --------
    >>> from opsafe import oud
    >>> count = oud.Bounds(4, 11)
    >>> count.is_certain, 7 in count
    (False, True)
    """

    lower: Value
    upper: Value

    @property
    def is_certain(self) -> bool:
        """Whether one value is left."""
        return self.lower == self.upper

    def __contains__(self, value: object) -> bool:
        return bool(self.lower <= value <= self.upper)  # type: ignore[operator]
