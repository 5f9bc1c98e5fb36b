"""Every edition of the engine: criteria, codes and instruments, by id."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, TypeVar, overload

from opsafe import _tables
from opsafe._edition_ids import known_id
from opsafe.errors import ArgumentError
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.instrument_edition import InstrumentEdition
from opsafe.provenance import Edition, EditionList

__all__ = [
    "NEWEST_CODES",
    "edition",
    "editions",
    "resolve",
    "resolve_codes",
    "resolve_instrument",
]

_FOLDER: Final = "opsafe.oud.data.editions"
_KINDS: Final[dict[str, type[Edition]]] = {
    "dsm": CriteriaEdition,
    "icd": CodeEdition,
}
NEWEST_CODES: Final = "icd-10-cm-f11-fy2023"
"""The edition of codes that is used unless another is named."""
_ADVICE: Final = "oud.editions() lists them; a file of your own loads with from_toml of its class"

Kind = TypeVar("Kind", bound=Edition)


@cache
def _shipped() -> dict[str, Edition]:
    found = []
    for name in _tables.names(_FOLDER):
        kind = _KINDS.get(name.partition("-")[0], InstrumentEdition)
        found.append(kind._from_table(_tables.read_toml(_FOLDER, name), name))
    return {one.id: one for one in sorted(found, key=lambda one: (one.effective_from, one.id))}


def editions() -> EditionList[Edition]:
    """Return every edition of this engine that ships with opsafe.

    Returns
    -------
    EditionList
        A tuple of :class:`~opsafe.provenance.Edition`: criteria, codes and instruments, by first
        day, then id.

    Examples
    --------
    >>> from opsafe import oud
    >>> [each.id for each in oud.editions() if each.id.startswith("dsm")]
    ['dsm-5', 'dsm-5-tr']
    """
    return EditionList(_shipped().values())


@overload
def edition(edition_id: Literal["dsm-5", "dsm-5-tr"]) -> CriteriaEdition: ...
@overload
def edition(edition_id: Literal["icd-10-cm-f11-fy2023"]) -> CodeEdition: ...
@overload
def edition(
    edition_id: Literal["cows-2003", "ort-oud-2019", "peg-2009"],
) -> InstrumentEdition: ...
@overload
def edition(edition_id: str) -> Edition: ...
def edition(edition_id: str) -> Edition:
    """Return the edition with this id.

    Parameters
    ----------
    edition_id : str
        An id of :func:`editions`.

    Returns
    -------
    Edition
        The edition.

    Raises
    ------
    EditionNotFoundError
        No edition has this id; the message names the nearest.

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.edition("dsm-5-tr").bands.severe
    6
    """
    return _shipped()[known_id(edition_id, _shipped(), where="edition", advice=_ADVICE)]


def resolve(argument: str | CriteriaEdition) -> CriteriaEdition:
    """Turn the argument ``edition=`` of a count into an edition of criteria."""
    return _of_kind(argument, CriteriaEdition, "edition")


def resolve_codes(argument: str | CodeEdition) -> CodeEdition:
    """Turn the argument ``codes=`` into an edition of codes."""
    return _of_kind(argument, CodeEdition, "codes")


def resolve_instrument(argument: str | InstrumentEdition, *, like: str) -> InstrumentEdition:
    """Turn the argument ``edition=`` of an instrument into its edition.

    Raises
    ------
    ArgumentError
        If it is another instrument: its items are not those of ``like``.
    """
    found = _of_kind(argument, InstrumentEdition, "edition")
    if found.ids != _of_kind(like, InstrumentEdition, "edition").ids:
        raise ArgumentError(f"{found.id} is another instrument", where="edition", allowed=(like,))
    return found


def _of_kind(argument: str | Kind, kind: type[Kind], where: str) -> Kind:
    if isinstance(argument, kind):
        return argument
    of_kind = {name: each for name, each in _shipped().items() if isinstance(each, kind)}
    return of_kind[known_id(argument, of_kind, where=where, advice=_ADVICE)]
