"""Names in a model: which parameters an expression rests on, and in which order they are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Final

from opsafe.costbenefit._expressions import VARIABLES, parse, unknown_name

__all__ = ["BY_CYCLE", "BY_STAY", "needs_of", "needs_of_parameters", "split_move", "unknown"]

BY_CYCLE: Final = frozenset({"cycle", "year", "age"})
"""Variables that move from cycle to cycle."""
_LONGEST_CHAIN: Final = 60

BY_STAY: Final = frozenset({"time_in_state", "dwell_ends"})
"""Variables that exist in a state with a dwell only."""


def needs_of_parameters(
    parameters: Mapping[str, object], tables: Collection[str]
) -> dict[str, frozenset[str]]:
    """Return the variables that each parameter rests on, itself or through others.

    Raises
    ------
    ValueError
        If a name is not known, a table is misused, or parameters rest on each other in a circle.
    """
    found: dict[str, frozenset[str]] = {}
    for name in parameters:
        _visit(name, parameters, tables, found, ())
    return found


def needs_of(
    value: object, known: Mapping[str, frozenset[str]], tables: Collection[str]
) -> frozenset[str]:
    """Return the variables that a number or expression rests on.

    Raises
    ------
    ValueError
        If it has a name that is not known.
    """
    if not isinstance(value, str):
        return frozenset()
    return frozenset().union(*(known.get(name, {name}) for name in _names(value, known, tables)))


def _visit(
    name: str,
    parameters: Mapping[str, object],
    tables: Collection[str],
    found: dict[str, frozenset[str]],
    path: tuple[str, ...],
) -> frozenset[str]:
    if name in found:
        return found[name]
    if name in path:
        circle = " -> ".join((*path[path.index(name) :], name))
        raise ValueError(f"parameters.{path[-1]}: parameters rest on each other: {circle}")
    if len(path) > _LONGEST_CHAIN:
        raise ValueError(f"parameters.{path[0]}: rests on a chain of over {_LONGEST_CHAIN} others")
    value = parameters[name]
    needs: set[str] = set()
    if isinstance(value, str):
        try:
            used = _names(value, parameters, tables)
        except ValueError as error:
            raise ValueError(f"parameters.{name}: {error}") from None
        for each in used:
            if each in parameters:
                needs |= _visit(each, parameters, tables, found, (*path, name))
            else:
                needs.add(each)
    found[name] = frozenset(needs)
    return found[name]


def _names(text: str, known: Collection[str], tables: Collection[str]) -> tuple[str, ...]:
    """Names of an expression, each of them known and rightly used."""
    expression = parse(text)
    for name, at in {**expression.names, **expression.tables}.items():
        if name not in known and name not in VARIABLES:
            raise ValueError(unknown_name(text, name, at, known))
    for name, at in expression.names.items():
        if name in tables:
            raise ValueError(
                f"{text!r}: {name} at character {at} is a table: write {name}[cycle], or another"
                " index from 0 on"
            )
    for name, at in expression.tables.items():
        if name not in tables:
            raise ValueError(f"{text!r}: {name} at character {at} is one number, not a table")
    return (*expression.names, *expression.tables)


def split_move(move: str) -> tuple[str, str] | None:
    """The two states of ``"A>B"``; None if it is no move."""
    first, sign, second = move.partition(">")
    return (first.strip(), second.strip()) if sign else None


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that a state or another thing is not known, and which ones are near."""
    near = get_close_matches(name, known, n=3)
    shown = [*known][:8]
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"there are {', '.join(shown)}{', ...' if len(known) > len(shown) else ''}"
    )
    return f"{name!r} is no {kind}; {hint}"
