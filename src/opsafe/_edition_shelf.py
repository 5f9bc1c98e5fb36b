"""The editions that ship with an engine, by id: one file each, loaded on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from opsafe import _tables
from opsafe._edition_ids import known_id
from opsafe.provenance import Edition, EditionList

__all__ = ["KindOf", "Shelf"]

KindOf: TypeAlias = Callable[[str, Mapping[str, Any]], type[Edition]]
"""From a file's name and table to the class of what it holds."""
Kind = TypeVar("Kind", bound=Edition)


class Shelf:
    """Editions of some folders of packaged files.

    Parameters
    ----------
    folders : sequence of str
        The packages whose TOML files they are.
    kind_of : callable
        Tells the class of a file.
    advice : str
        What to do where an id is not known.
    """

    def __init__(self, folders: Sequence[str], kind_of: KindOf, advice: str) -> None:
        self._folders, self._kind_of, self._advice = folders, kind_of, advice

    @cached_property
    def _by_id(self) -> dict[str, Edition]:
        found = []
        for folder in self._folders:
            for name in _tables.names(folder):
                table = _tables.read_toml(folder, name)
                found.append(self._kind_of(name, table)._from_table(table, name))
        return {one.id: one for one in sorted(found, key=lambda one: (one.effective_from, one.id))}

    def all(self) -> EditionList[Edition]:
        """Return all of them, by first day, then id."""
        return EditionList(self._by_id.values())

    def get(self, edition_id: str) -> Edition:
        """Return the edition with an id; an unknown one raises EditionNotFoundError."""
        return self._by_id[known_id(edition_id, self._by_id, where="edition", advice=self._advice)]

    def resolve(self, argument: str | Kind, kind: type[Kind], where: str) -> Kind:
        """Turn an argument into an edition of one kind: its id, or the edition itself.

        Raises
        ------
        ArgumentTypeError, EditionNotFoundError
            If it is neither text nor an edition of this kind, or no edition of it has this id.
        """
        if isinstance(argument, kind):
            return argument
        of_kind = {name: each for name, each in self._by_id.items() if isinstance(each, kind)}
        return of_kind[known_id(argument, of_kind, where=where, advice=self._advice)]
