"""Encoded fills as raw bytes, column after column, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from opsafe._identifiers import Identifiers
from opsafe.columns import AnyArray
from opsafe.mme._population.claims import Claims

__all__ = ["Layout", "from_bytes", "layout_of", "to_bytes"]


class Stretch(NamedTuple):
    """A column of numbers in the bytes of a chunk."""

    field: str
    part: str
    """Of identifiers, which of their arrays; else empty."""
    kind: str
    """Kind of identifiers; else empty."""
    dtype: str
    width: int
    """Numbers a row; 0 for a plain column."""


Layout = tuple[Stretch, ...]
_PARTS = ("key", "words", "missing")


def _arrays(claims: Claims) -> list[tuple[Stretch, AnyArray]]:
    found = []
    for one in fields(Claims):
        value = getattr(claims, one.name)
        if isinstance(value, Identifiers):
            for part in _PARTS:
                array = getattr(value, part)
                if array is not None:
                    found.append((_stretch(one.name, part, value.kind, array), array))
        elif value is not None:
            found.append((_stretch(one.name, "", "", value), value))
    return found


def _stretch(field: str, part: str, kind: str, array: AnyArray) -> Stretch:
    width = array.shape[1] if array.ndim > 1 else 0
    return Stretch(field, part, kind, array.dtype.str, width)


def layout_of(claims: Claims) -> Layout:
    """Say which columns stand in the bytes, in their order."""
    return tuple(stretch for stretch, _ in _arrays(claims))


def to_bytes(claims: Claims, rows: slice) -> list[memoryview]:
    """Return the bytes of some rows, each column filled up to whole words of eight bytes."""
    found = []
    for _, array in _arrays(claims):
        piece = np.ascontiguousarray(array[rows])
        found.append(piece.data.cast("B"))
        spare = -piece.nbytes % 8
        if spare:
            found.append(memoryview(bytes(spare)))
    return found


def size_of(layout: Layout, rows: int) -> int:
    """Bytes of some rows."""
    each = (np.dtype(one.dtype).itemsize * max(one.width, 1) * rows for one in layout)
    return sum(size + -size % 8 for size in each)


def from_bytes(data: AnyArray, chunks: Sequence[tuple[int, Layout]]) -> list[Claims]:
    """Read chunks of (rows, layout) that stand one after the other."""
    found, at = [], 0
    for rows, layout in chunks:
        size = size_of(layout, rows)
        found.append(_chunk(data[at : at + size], rows, layout))
        at += size
    return found


def _chunk(data: AnyArray, rows: int, layout: Layout) -> Claims:
    plain: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    at = 0
    for one in layout:
        size = np.dtype(one.dtype).itemsize * max(one.width, 1) * rows
        array: AnyArray = data[at : at + size].view(one.dtype)
        if one.width:
            array = array.reshape(rows, one.width)
        if one.part:
            parts.setdefault(one.field, {"kind": one.kind})[one.part] = array
        else:
            plain[one.field] = array
        at += size + -size % 8
    for field, given in parts.items():
        missing = given.get("missing")
        if missing is not None and not missing.any():
            missing = None
        plain[field] = Identifiers(given["kind"], given["key"], given.get("words"), missing)
    every = {one.name: None for one in fields(Claims)}
    return Claims(**(every | plain))
