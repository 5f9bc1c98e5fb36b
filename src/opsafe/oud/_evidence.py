"""Three kinds of evidence that are never mixed: criteria counted, a code claimed, a treatment."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NoReturn

from opsafe.errors import ArgumentTypeError

__all__ = ["Evidence"]


class Evidence:
    """Base of one kind of evidence of opioid use disorder: equal only to its own kind.

    A claim code is not a count of criteria and neither is a treatment: comparing two kinds, or
    asking whether one "is true", is the mistake that this class refuses.
    """

    __slots__ = ()

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evidence):
            return NotImplemented
        if type(self) is not type(other):
            raise ArgumentTypeError(
                f"{type(self).__name__} and {type(other).__name__} are different kinds of evidence",
                where="comparison",
                advice="Compare severities, codes or dates of each by name",
            )
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._values()))

    def __bool__(self) -> NoReturn:
        raise ArgumentTypeError(
            f"a {type(self).__name__} is neither true nor false",
            where="truth value",
            advice="Ask its severity, its codes or its dates by name",
        )
