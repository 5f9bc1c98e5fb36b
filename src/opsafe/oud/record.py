"""The record of a count: enough to repeat it and to cite it."""

from __future__ import annotations

from typing import Literal

import opsafe
from opsafe.provenance import Document, Edition, EditionUsed

__all__ = ["CountProvenance", "record"]


class CountProvenance(Document):
    """How a count came about: version, editions with their hashes, arguments."""

    schema_version: Literal[1] = 1
    opsafe_version: str
    editions: tuple[EditionUsed, ...]
    arguments: dict[str, str]
    reproducible: bool = True


def record(editions: tuple[Edition, ...], **arguments: object) -> CountProvenance:
    """Write down the editions and the arguments; None is "not given"."""
    return CountProvenance(
        opsafe_version=opsafe.__version__,
        editions=tuple(map(EditionUsed.of, editions)),
        arguments={
            name: "not given" if value is None else str(value).lower()
            for name, value in arguments.items()
        },
    )
