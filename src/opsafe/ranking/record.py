"""The record of a programme or a readiness table: enough to see that two rest on the same input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Final, Literal

from opsafe import __version__
from opsafe.columns import Columns
from opsafe.provenance import Document, EditionUsed

__all__ = ["ResultRecord", "record_of"]

_LIBRARIES: Final = ("numpy", "scipy")


class ResultRecord(Document):
    """How a result came about; the eight steps of a ranking stand in its own record.

    Parameters
    ----------
    schema_version : int
        Version of this form.
    result : str
        What it is a record of.
    versions : dict of str to str
        What calculated.
    inputs_hash : str
        SHA-256 of all inputs; their order does not matter.
    editions : tuple of EditionUsed
        The editions that answered.
    cautions : tuple of str
        What a reader must know.
    reproducible : bool
        Whether the same inputs give the same answer; not where the clock ended a search.
    """

    schema_version: Literal[1] = 1
    result: str
    versions: dict[str, str]
    inputs_hash: str
    editions: tuple[EditionUsed, ...]
    cautions: tuple[str, ...]
    reproducible: bool


def record_of(
    result: str,
    inputs: Columns,
    cautions: Iterable[str],
    *,
    editions: Iterable[EditionUsed] = (),
    rows: Iterable[object] = (),
    reproducible: bool = True,
) -> ResultRecord:
    """Write the record of a result from its table of inputs, and rows that the table leaves out."""
    put_in = [*zip(inputs["input"], inputs["value"], strict=True), *(("row", row) for row in rows)]
    text = json.dumps([result, sorted([name, str(value)] for name, value in put_in)])
    return ResultRecord(
        result=result,
        versions={"opsafe": __version__, **{name: version(name) for name in _LIBRARIES}},
        inputs_hash=hashlib.sha256(text.encode("ascii")).hexdigest(),
        editions=tuple(editions),
        cautions=tuple(cautions),
        reproducible=reproducible,
    )
