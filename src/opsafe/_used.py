"""What a result rests on: each input with where it came from, and what a reader must know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from opsafe.columns import Columns, Text
from opsafe.provenance import Edition, EditionUsed

__all__ = ["Origin", "Used", "UsedInputs"]

Origin = Literal["given", "edition", "default edition", "planning value"]


@dataclass(frozen=True, slots=True)
class Used:
    """One input of a run."""

    name: str
    value: str
    origin: Origin
    """Whether the caller gave it, named an edition for it, or left it to a default."""
    source: str
    """Citation of the edition, the reason of a planning value, or empty."""


@dataclass(slots=True)
class UsedInputs:
    """Inputs as they are read; each value of an input once, for streams may differ."""

    inputs: dict[tuple[str, str], Used] = field(default_factory=dict)
    editions: dict[str, EditionUsed] = field(default_factory=dict)
    cautions: dict[str, None] = field(default_factory=dict)

    def note(self, name: str, value: object, origin: Origin, source: Edition | str = "") -> None:
        """Note down an input; an edition is kept with its hash."""
        if isinstance(source, Edition):
            known = self.editions.get(source.id)
            if known is None or known.values_hash != source.values_hash():
                self.editions[source.id] = EditionUsed.of(source)
            source = source.citation()
        self.inputs[name, str(value)] = Used(name, str(value), origin, source)

    def warn(self, caution: str) -> None:
        """Note down what a reader must know, once."""
        self.cautions[caution] = None

    def table(self) -> Columns:
        """All inputs as a table."""
        rows = list(self.inputs.values())
        return Columns(
            {
                "input": Text.of(row.name for row in rows),
                "value": Text.of(row.value for row in rows),
                "origin": Text.of(row.origin for row in rows),
                "source": Text.of(row.source for row in rows),
            }
        )
