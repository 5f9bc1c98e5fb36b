"""Names of initiatives as a caller writes them, held against those that are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from opsafe._arguments import plain
from opsafe._document import Document
from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = ["items_of", "listed", "read_by_name", "read_name", "read_names"]


def read_name(value: object, known: Collection[str], where: str, kind: str = "initiative") -> str:
    """Read one name of those that are known.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is another, or no text; the nearest names are told.
    """
    if not isinstance(value, str):
        raise ArgumentTypeError(
            f"is no name of an {kind}" if kind[0] in "aeiou" else f"is no name of a {kind}",
            where=where,
            value=type(value).__name__,
        )
    if value in known:
        return value
    folded = {name.casefold(): name for name in known}
    near = [folded[each] for each in get_close_matches(value.casefold(), folded, n=3, cutoff=0.4)]
    raise ArgumentError(
        f"{value[:60]!r} is no {kind} here",
        where=where,
        value=value,
        advice=f"The nearest: {', '.join(near)}" if near else f"There are: {listed(known)}",
    )


def read_names(
    value: object, known: Collection[str], where: str, kind: str = "initiative"
) -> tuple[str, ...]:
    """Read names of those that are known, each once; a single text is not taken for its letters.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no sequence of names, or one is unknown or named twice.
    """
    given = items_of(value, where, "names", advice='Write ["the name"] for one')
    names = tuple(read_name(each, known, where, kind) for each in given)
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise ArgumentError(f"names {twice!r} twice", where=where, value=twice)
    return names


def items_of(value: object, where: str, what: str, *, advice: str | None = None) -> list[Any]:
    """Return the items of a sequence, a set or whatever else can be gone through once.

    Raises
    ------
    ArgumentTypeError
        If it is none: a text is not taken for its letters, nor a mapping for its keys.
    """
    is_one = isinstance(value, str | bytes | Mapping | Document)
    if is_one or getattr(value, "ndim", 1) == 0 or not isinstance(value, Iterable):
        raise ArgumentTypeError(
            f"is no sequence of {what}", where=where, value=type(value).__name__, advice=advice
        )
    return list(value)


def read_by_name(
    value: object,
    names: Sequence[str],
    where: str,
    *,
    kind: str = "initiative",
    missing: Any = None,
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Read a mapping with a value for each name, in the order of the names.

    Without ``missing`` every name must be there; None and NaN count as not there. Names in
    ``also`` may be there, and are passed over.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no mapping, a name is unknown, or one is missing.
    """
    if not isinstance(value, Mapping):
        raise ArgumentTypeError(
            "is no mapping of name to value", where=where, value=type(value).__name__
        )
    known = (*names, *also)
    given = {read_name(name, known, where, kind): plain(each) for name, each in value.items()}
    absent = [name for name in names if given.get(name) is None]
    if absent and missing is None:
        raise ArgumentError(
            f"has no value for {listed(absent)}",
            where=where,
            advice="Write 0 where there is none; leave_out= drops an initiative",
        )
    return {name: missing if given.get(name) is None else given[name] for name in names}


def listed(names: Collection[str]) -> str:
    """Write names one after the other, the first ten."""
    shown = ", ".join(list(names)[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
