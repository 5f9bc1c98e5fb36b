"""The packaged words: documents that hold them, and the functions that load them once."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, TypeAlias

from pydantic import Field

from opsafe._tables import read_toml
from opsafe.errors import ArgumentError
from opsafe.provenance import Document, Edition, Words

__all__ = ["DrugList", "Group", "ListName", "Vocabulary", "drug_list", "vocabulary"]

ListName: TypeAlias = Literal["benzodiazepines", "cough_cold", "other_drugs"]

_PACKAGE: Final = "opsafe.mme.data"
_LISTS: Final[tuple[ListName, ...]] = ("benzodiazepines", "cough_cold", "other_drugs")


class Group(Document):
    """Ingredients that stand together for a reader; the grouping decides nothing."""

    name: Words
    ingredients: tuple[Words, ...]


class DrugList(Edition):
    """A closed list of ingredients with its source.

    Parameters
    ----------
    groups : tuple of Group
        The ingredients by canonical name.
    aliases : dict of str to str, optional
        Other names of them.
    """

    groups: tuple[Group, ...]
    aliases: dict[str, Words] = Field(default_factory=dict)

    def ingredients(self) -> tuple[str, ...]:
        """Return every ingredient of the list, sorted.

        Returns
        -------
        tuple of str
            Canonical names.
        """
        return tuple(sorted(name for group in self.groups for name in group.ingredients))


class _Salts(Document):
    words: tuple[Words, ...]
    abbreviations: tuple[Words, ...]


class _Opioids(Document):
    names: tuple[Words, ...]
    aliases: dict[str, Words]


class _Routes(Document):
    names: dict[str, tuple[Words, ...]]


class _Qualifiers(Document):
    extended: tuple[Words, ...]
    other: tuple[Words, ...]


class _Forms(Document):
    names: dict[str, tuple[Words, ...]]
    qualifiers: _Qualifiers


class _DoseFormOf(Document):
    dose_form: Words
    ingredient: Words
    route: Words


class _NameQualifiers(Document):
    words: tuple[Words, ...]


class Vocabulary(Edition):
    """The words of the file ``vocabulary.toml``."""

    salts: _Salts
    opioids: _Opioids
    routes: _Routes
    forms: _Forms
    dose_forms: dict[str, dict[str, tuple[Words, ...]]]
    dose_form_of: tuple[_DoseFormOf, ...]
    qualifiers: _NameQualifiers


@cache
def vocabulary() -> Vocabulary:
    """Return the packaged vocabulary with its source."""
    name = "vocabulary.toml"
    return Vocabulary._from_table(read_toml(_PACKAGE, name), name)


@cache
def drug_list(name: ListName) -> DrugList:
    """Return a packaged list of drugs with its source.

    Parameters
    ----------
    name : {"benzodiazepines", "cough_cold", "other_drugs"}
        Which list.

    Returns
    -------
    DrugList
        The list; its ``id`` and ``citation()`` go into a report.

    Raises
    ------
    ArgumentError
        There is no such list.

    Examples
    --------
    >>> drug_list("benzodiazepines").id
    'benzodiazepines-2026'
    """
    if name not in _LISTS:
        raise ArgumentError(f"there is no list {name!r}", where="name", value=name, allowed=_LISTS)
    file = f"{name}.toml"
    return DrugList._from_table(read_toml(_PACKAGE, file), file)
