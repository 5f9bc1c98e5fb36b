"""Every edition of the engine: criteria, codes and instruments, by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, overload

from opsafe._edition_shelf import Shelf
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

_KINDS: Final[dict[str, type[Edition]]] = {
    "dsm": CriteriaEdition,
    "icd": CodeEdition,
}
NEWEST_CODES: Final = "icd-10-cm-f11-fy2023"
"""The edition of codes that is used unless another is named."""
_ADVICE: Final = "oud.editions() lists them; a file of your own loads with from_toml of its class"


def _kind(name: str, _table: Mapping[str, object]) -> type[Edition]:
    """Tell the class of a file by the first word of its name."""
    return _KINDS.get(name.partition("-")[0], InstrumentEdition)


_SHELF: Final = Shelf(("opsafe.oud.data.editions",), _kind, _ADVICE)


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
    return _SHELF.all()


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
    return _SHELF.get(edition_id)


def resolve(argument: str | CriteriaEdition) -> CriteriaEdition:
    """Turn the argument ``edition=`` of a count into an edition of criteria."""
    return _SHELF.resolve(argument, CriteriaEdition, "edition")


def resolve_codes(argument: str | CodeEdition) -> CodeEdition:
    """Turn the argument ``codes=`` into an edition of codes."""
    return _SHELF.resolve(argument, CodeEdition, "codes")


def resolve_instrument(argument: str | InstrumentEdition, *, like: str) -> InstrumentEdition:
    """Turn the argument ``edition=`` of an instrument into its edition.

    Raises
    ------
    ArgumentError
        If it is another instrument: its items are not those of ``like``.
    """
    found = _SHELF.resolve(argument, InstrumentEdition, "edition")
    if found.ids != _SHELF.resolve(like, InstrumentEdition, "edition").ids:
        raise ArgumentError(f"{found.id} is another instrument", where="edition", allowed=(like,))
    return found
